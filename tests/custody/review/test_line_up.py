"""The line-up before a review, from the results of a report to the page that cites it; nothing tells the finding."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from spmc_tools.case.acts.line_up_entries import committed, line_ups_of
from spmc_tools.case.store.case import Case, create_case
from spmc_tools.custody.review.line_up import answer, page_of, show
from spmc_tools.custody.review.review import report_of, review
from spmc_tools.custody.review.verify import verify
from spmc_tools.errors import CaseError, IntegrityError, ParameterError
from spmc_tools.report.page.render import Run, page
from spmc_tools.schema import ACCOUNTS, RECORDS
from spmc_tools.signing.citations import citations
from spmc_tools.signing.manifest import write_manifest
from tests.report_fixtures import START

if TYPE_CHECKING:
    from pathlib import Path

RUN = "20251113T034000Z-election_watch-ab12"
PLACE = f"derived/{'0' * 32}/investigate"
MEMBERS = [f"grp{n}" for n in range(4)]
ORDINARY = {"A": "no_reason", "B": "fan_club", "C": "occasion"}


def records(ordinary: int, sha256: str) -> list[dict[str, Any]]:
    """Four accounts that post the same six things within seconds, and others that post six things of their own."""
    made = []
    for account in [*MEMBERS, *(f"ord{n}" for n in range(ordinary))]:
        own = account.startswith("ord")
        note = f"note {int(account[3:])}" if own else "says @grp0_handle"
        for n in range(6):
            at = START + timedelta(hours=13 * n, minutes=7 * int(account[3:]) if own else 0, seconds=len(made))
            made.append(
                {
                    "record_id": f"r{len(made)}", "platform": "x", "account_id": account, "created_at": at,
                    "kind": "post", "text": f"{note} on day {n}" if own else f"booth {n} is shut, {note}",
                    "source_sha256": sha256, "source_row": len(made) + 1,
                }
            )  # fmt: skip
    return made


def with_report(folder: Path, ordinary: int = 16) -> Case:
    case = create_case(
        "small", title="Small", purpose="Test", legal_basis="None", date_from="2025-11-03", date_to="2025-11-12",
        officer="Officer One",
    )  # fmt: skip
    source = folder / "received.jsonl"
    source.write_text("made up\n", encoding="utf-8")
    sha256 = hashlib.sha256(source.read_bytes()).hexdigest()
    rows = records(ordinary, sha256)
    accounts = [
        {"account_id": a, "platform": "x", "handle": f"{a}_handle", "display_name": f"Name of {a}",
         "source_sha256": sha256, "source_row": n}
        for n, a in enumerate(dict.fromkeys(row["account_id"] for row in rows), start=1)
    ]  # fmt: skip
    with case.new_batch(source, sha256) as batch:
        batch.write(
            records=pa.Table.from_pylist(rows, schema=RECORDS.schema),
            accounts=pa.Table.from_pylist(accounts, schema=ACCOUNTS.schema),
        )
        batch.commit(format="made_up", read=len(rows), duplicates=0)
    times = [row["created_at"] for row in rows if row["account_id"] in MEMBERS]
    place = case.path / PLACE
    place.mkdir(parents=True)
    tables = {
        "clusters": [{"cluster_id": 1, "size": 4, "accounts": MEMBERS, "traces": ["copypasta"], "first_t": min(times),
                      "last_t": max(times)}],
        "accounts": [{"account_id": row["account_id"], "tier": "B" if row["account_id"] in MEMBERS else None}
                     for row in accounts],
    }  # fmt: skip
    from spmc_tools.findings.stored_results import table_of

    hashes = {}
    for name, content in tables.items():
        pq.write_table(table_of(content, name), place / f"{name}.parquet")
        hashes[f"{name}.parquet"] = hashlib.sha256((place / f"{name}.parquet").read_bytes()).hexdigest()
    case.log("investigate", {"run": RUN, "derived": PLACE, "results": hashes, "parameters": {}})
    run = case.run_dir(RUN)
    (run / "report.html").write_text("<!doctype html><title>x</title>")
    write_manifest(case, run, notebook="election_watch", edition="full", outcome={"groups": 1})
    return case


@pytest.fixture
def case(tmp_path: Path) -> Case:
    return with_report(tmp_path)


def shown_to(case: Case, officer: str) -> tuple[Any, str]:
    (lined,) = show(report_of(case, RUN), officer)
    return lined, page_of(case, RUN, [lined], "en")


def finding_by_posts(lined: Any) -> str:
    """The panel whose posts are about booths: the second route to where the finding stands."""
    (name,) = [panel.name for panel in lined.panels if any("booth" in str(post.text) for post in panel.posts)]
    return name


def test_shown_answered_reviewed_and_cited(case: Case) -> None:
    with pytest.raises(ParameterError, match="The line-up comes before the verdict"):
        review(case, RUN, reviewer="R. Devi", verdict="upheld", counter_case="Seen.")
    lined, _ = shown_to(case, "R. Devi")
    chose = finding_by_posts(lined)
    made = answer(report_of(case, RUN), 1, officer="R. DEVI", chose=chose, ordinary=ORDINARY)
    assert made.chose == "finding"
    with pytest.raises(ParameterError, match="has no line-up of run"):
        shown_to(case, "R. Devi")
    review(
        case, RUN, reviewer="R. Devi", verdict="upheld", counter_case="Seen.", of_groups={1: ("upheld", "no_reason")}
    )
    assert verify(case.path, log=False).ok
    kinds = [entry["kind"] for entry in case.ledger.entries()][-3:]
    assert kinds == ["line_up", "line_up_answer", "review"]
    said = case.ledger.entries()[-1]["payload"]
    assert said["line_up"] == {"done": {"1": len(case.ledger.entries()) - 1}, "skipped": None}
    assert said["groups"] == {"1": {"verdict": "upheld", "ordinary": "no_reason"}}
    (cited,) = citations_after(case)
    assert cited["line_up"] == {"n": 1, "right": 1, "none": 0, "skipped": None}
    assert "A line-up of 1 group came first; the group was chosen in 1." in drawn(cited)


def citations_after(case: Case) -> list[dict[str, Any]]:
    entry = next(e["payload"] for e in case.ledger.entries() if e["kind"] == "investigate")
    case.log("investigate", {**entry, "run": "next"})
    return citations(case, "next")


def drawn(cited: dict[str, Any]) -> str:
    from nbformat.v4 import new_notebook

    run = Run("x", "small", "election_watch", "2025-11-13T00:00:00+00:00", "complete", "full", 0, True, (cited,))
    return re.sub(r"<[^>]+>", "", page(new_notebook(), run, "en"))


def test_a_filler_can_be_chosen_and_stays_chosen(case: Case) -> None:
    lined, _ = shown_to(case, "R. Devi")
    wrong = next(name for name in "ABC" if name != finding_by_posts(lined))
    report = report_of(case, RUN)
    assert answer(report, 1, officer="R. Devi", chose=wrong, ordinary=ORDINARY).chose == "filler"
    with pytest.raises(ParameterError, match="answered already"):
        answer(report, 1, officer="R. Devi", chose=finding_by_posts(lined), ordinary=ORDINARY)


def test_skipped_with_a_reason_which_the_report_shows(case: Case) -> None:
    with pytest.raises(ParameterError, match="comes before the verdict"):
        review(case, RUN, reviewer="R. Devi", verdict="upheld", counter_case="Seen.", skip_line_up="  ")
    review(case, RUN, reviewer="R. Devi", verdict="upheld", counter_case="Seen.", skip_line_up="Poll in an hour.")
    assert verify(case.path, log=False).ok
    (cited,) = citations_after(case)
    assert "The line-up was skipped. Reason: Poll in an hour." in drawn(cited)
    with pytest.raises(ParameterError, match=r"reviewed run .* already and knows its groups"):
        shown_to(case, "R. Devi")


def test_the_page_tells_nothing(case: Case) -> None:
    before = len(case.ledger.entries())
    lined, html = shown_to(case, "R. Devi")
    seed_hash = case.ledger.entries()[before]["payload"]["commitment"]
    text = re.sub(r"<style>.*?</style>", "", html, flags=re.S)
    for name in (r"grp\d", "_handle", "Name of", r"ord\d", r"\br\d+\b", "copypasta", r"\btier\b", seed_hash):
        assert not re.search(name, text), name
    figures = re.findall(r'<figure class="barcode">.*?</figure>', text, re.S)
    assert len(figures) == 3
    for pattern in (r'aria-label="[^"]*"', r'viewBox="[^"]*"', r"<figcaption>.*?</figcaption>", r'class="[^"]*"'):
        assert len({tuple(re.findall(pattern, figure)) for figure in figures}) == 1, pattern
    assert {len(panel.posts) for panel in lined.panels} == {12}
    seeds = [entry["payload"] for entry in case.ledger.entries() if entry["kind"] == "line_up"]
    assert "seed" not in seeds[0] and "finding" not in seeds[0]  # while it is open the log does not tell


def test_the_order_is_by_lot_and_the_same_officer_sees_it_again(case: Case) -> None:
    first, html = shown_to(case, "R. Devi")
    again, html_again = shown_to(case, "r.  DEVI")
    assert first.panels == again.panels and html == html_again
    assert len(line_ups_of(case.ledger.entries(), RUN)) == 1  # shown twice, logged once
    places = Counter(finding_by_posts(shown_to(case, f"Officer {n}")[0]) for n in "abcdefghijklmnopqrstuvwxyz")
    assert set(places) == {"A", "B", "C"} and max(places.values()) < 18


def test_the_seed_of_the_answer_is_the_one_that_was_drawn_with(case: Case) -> None:
    lined, _ = shown_to(case, "R. Devi")
    answer(report_of(case, RUN), 1, officer="R. Devi", chose="A", ordinary=ORDINARY)
    shown, said = (entry["payload"] for entry in case.ledger.entries()[-2:])
    assert hashlib.sha256(f"line-up seed {said['seed']}".encode()).hexdigest() == shown["commitment"]
    assert said["finding"] == finding_by_posts(lined) and committed(said["seed"]) == shown["commitment"]


def test_too_few_ordinary_accounts_are_told_and_the_review_goes_on(tmp_path: Path) -> None:
    case = with_report(tmp_path, ordinary=3)
    lined, html = shown_to(case, "R. Devi")
    assert lined.why == "few" and lined.panels == () and "Group 1: no line-up. Too few ordinary accounts" in html
    with pytest.raises(ParameterError, match="is answered already"):
        answer(report_of(case, RUN), 1, officer="R. Devi", chose="A", ordinary=ORDINARY)
    review(case, RUN, reviewer="R. Devi", verdict="upheld", counter_case="Seen.")
    (cited,) = citations_after(case)
    assert cited["line_up"] == {"n": 0, "right": 0, "none": 1, "skipped": None} and verify(case.path, log=False).ok


def test_registered_and_marked_accounts_are_no_fillers(case: Case, tmp_path: Path) -> None:
    case.add_context([f"ord{n}" for n in range(14)], "newsroom", "known to the desk")
    assert shown_to(case, "R. Devi")[0].why == "few"  # two are left


def test_what_does_not_fit_is_one_sentence(case: Case) -> None:
    report = report_of(case, RUN)
    with pytest.raises(ParameterError, match="was not shown a line-up of group 1"):
        answer(report, 1, officer="R. Devi", chose="A", ordinary=ORDINARY)
    with pytest.raises(ParameterError, match="prepared this report"):
        show(report, "one OFFICER")
    shown_to(case, "R. Devi")
    for chose, ordinary, words in (
        ("D", ORDINARY, "The choice"), ("A", {"A": "no_reason"}, "for each panel"),
        ("A", {**ORDINARY, "A": "bots"}, 'The ordinary reason "bots" is not known'),
    ):  # fmt: skip
        with pytest.raises(ParameterError, match=words):
            answer(report, 1, officer="R. Devi", chose=chose, ordinary=ordinary)
    with pytest.raises(ParameterError, match="has no group 7"):
        review(case, RUN, reviewer="R. Devi", verdict="upheld", counter_case="x", of_groups={7: ("upheld", "other")})


def test_results_that_are_gone_or_changed_are_told(case: Case) -> None:
    report, file = report_of(case, RUN), case.path / PLACE / "clusters.parquet"
    content = file.read_bytes()
    file.write_bytes(content + b"x")
    with pytest.raises(IntegrityError, match="is not what run"):
        show(report, "R. Devi")
    file.unlink()
    with pytest.raises(CaseError, match="are not there any more"):
        show(report, "R. Devi")
