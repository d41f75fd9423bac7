"""Groups within hours: one evening of 15 strikes by 12 accounts, said with its numbers; nobody is named by it."""

from __future__ import annotations

import hashlib
import html
import json
import random
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

import spmc_tools as spmc
from spmc_tools.report.page.drawing import fragment
from spmc_tools.report.page.sections import section, typed_payload
from spmc_tools.report.redaction.run_check import RunCheck
from spmc_tools.report.scope.scope import in_period
from spmc_tools.report.sections.groups.together import MOST_GROUPS, _near
from spmc_tools.schema import ACCOUNTS, RECORDS

EVENING = datetime(2025, 11, 5, 13, 0, tzinfo=UTC)  # 18:30 IST
STRIKES, MEMBERS = 15, [f"70000000{n:03d}" for n in range(12)]
CROWD = [f"80000000{n:03d}" for n in range(80)]
LEADERS = [f"90000000{n:03d}" for n in range(STRIKES)]
OTHERS = 200
HANDLES = {account: f"runner_{account[-3:]}" for account in MEMBERS}


def evening() -> list[dict[str, Any]]:
    """One post of each of 15 authors, ten minutes apart; 12 accounts repost each within 33 seconds.

    Meanwhile 80 others repost 200 other posts at any time.
    """
    drawn = random.Random(5)
    rows = []

    def add(record_id: str, account: str, at: datetime, kind: str, ref: str | None, text: str) -> None:
        author = None if ref is None else LEADERS[int(ref[4:])] if ref[:4] == "post" else f"60000000{ref[5:]:>03}"
        rows.append(
            {"record_id": record_id, "account_id": account, "created_at": at, "kind": kind, "ref_record_id": ref,
             "ref_account_id": author, "text": text, "platform": "x", "lang": "hi", "time_precision_s": 1.0,
             "source_row": len(rows) + 1}
        )  # fmt: skip

    for n, leader in enumerate(LEADERS):
        posted = EVENING + timedelta(minutes=10 * n)
        add(f"post{n}", leader, posted - timedelta(hours=1), "post", None, f"सभा {n} में आइए")
        for k, member in enumerate(MEMBERS):
            add(f"m{n}-{k}", member, posted + timedelta(seconds=3 * k), "repost", f"post{n}", f"RT सभा {n} में आइए")
    for n in range(900):
        at = EVENING + timedelta(seconds=drawn.randrange(9000))
        add(f"c{n}", drawn.choice(CROWD), at, "repost", f"other{drawn.randrange(OTHERS)}", "RT कुछ और")
    return rows


@pytest.fixture(scope="module")
def evening_case(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The case of that evening, and what an investigation finds in it."""
    folder = tmp_path_factory.mktemp("evening")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPMC_CASES", str(folder / "cases"))
        patch.setenv("SPMC_KEYS", str(folder / "keys"))
        case = spmc.create_case(
            "evening", title="T", purpose="P", legal_basis="L", officer="O", date_from="2025-11-01",
            date_to="2025-11-12", event="bihar-assembly-2025",
        )  # fmt: skip
        source = folder / "received.jsonl"
        source.write_text("made up\n", encoding="utf-8")
        sha256 = hashlib.sha256(source.read_bytes()).hexdigest()
        records = [row | {"source_sha256": sha256} for row in evening()]
        accounts = [
            {"account_id": account, "platform": "x", "handle": handle, "source_sha256": sha256, "source_row": n}
            for n, (account, handle) in enumerate(HANDLES.items(), start=1)
        ]
        with case.new_batch(source, sha256) as batch:
            batch.write(
                records=pa.Table.from_pylist(records, schema=RECORDS.schema),
                accounts=pa.Table.from_pylist(accounts, schema=ACCOUNTS.schema),
            )
            batch.commit(format="made_up", read=len(records), duplicates=0)
        yield case, spmc.investigate(case, traces=["co_repost"])


@pytest.fixture(scope="module")
def made(evening_case: Any) -> Any:
    case, found = evening_case
    return section("sessions", case=case, scope=in_period(case), found=found)


def words_of(page: str) -> str:
    page = re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def test_the_evening_is_a_group_with_its_numbers(made: Any, evening_case: Any) -> None:
    case, found = evening_case
    reposts = [group for group in made.values.rows if group.trace == "co_repost"]
    assert len(reposts) == 1
    (group,) = reposts
    assert (group.size, group.objects, group.stretches, group.registered, group.kind) == (12, 15, 1, 0, None)
    assert (group.first, group.last) == (EVENING, EVENING + timedelta(minutes=140, seconds=33))
    assert group.met == 15 * 12 * 11 // 2 and 0 < group.expected < 0.1 * group.met
    pseudonyms = case.pseudonyms(found.accounts["account_id"])
    assert group.labels == tuple(sorted(pseudonyms[account] for account in MEMBERS))
    first = [(shared.accounts, shared.first, shared.text, shared.file) for shared in group.shared]
    assert first == [(12, EVENING + timedelta(minutes=10 * n), f"RT सभा {n} में आइए", "received.jsonl") for n in range(3)]
    rows = {row["record_id"]: row["source_row"] for row in evening()}
    assert [shared.row for shared in group.shared] == [rows[f"m{n}-0"] for n in range(3)]
    strokes = {(action.line, action.at) for action in group.actions}
    assert strokes == {(k, EVENING + timedelta(minutes=10 * n, seconds=3 * k)) for n in range(15) for k in range(12)}
    assert {band.what for band in made.values.bands} >= {"silence"}  # 4 Nov 18:00 to 6 Nov 18:00


@pytest.mark.usefixtures("made")
@pytest.mark.parametrize(
    ("having", "asked", "wanted"),
    [
        (6, 0, "followers of the same pages"),
        (5, 6, "none of those measured fits"),
        (5, 5, "not measured: hardly anything here would name"),
    ],
)
def test_beside_chance_stands_the_ordinary_pattern(evening_case: Any, having: int, asked: int, wanted: str) -> None:
    """Half of twelve is enough for a pattern; where fewer than half could be named, none was measured."""
    case, found = evening_case
    told = found.sessions[found.sessions["trace"] == "co_repost"]
    rows = [
        {"account_id": account, "trace": "co_repost", "pattern": "followers", "share": 0.9, "of_group": True}
        for account in MEMBERS[:having]
    ]
    speaking = pd.DataFrame({"account_id": MEMBERS[:asked], "basis": ["several"] * asked})
    changed = replace(found, sessions=told, ordinary_patterns=pd.DataFrame(rows), account_traces=speaking)
    made = section("sessions", case=case, scope=in_period(case), found=changed)
    page = words_of(fragment(typed_payload(made.payload()), "en"))
    assert "Two of them in step (by chance)" in page and "Ordinary pattern" in page
    said = [one for one in ("followers of the same", "none of those", "not measured: hardly") if one in page]
    assert said == [wanted[: len(said[0])]]


def test_by_time_alone_the_moments_are_said_and_no_post(evening_case: Any) -> None:
    """In bins of six seconds the first two members (seconds 0 and 3) meet, and the third (second 6) is in the next."""
    case, found = evening_case
    moments = [(EVENING + timedelta(minutes=10 * n)).isoformat() for n in (2, 4)]
    row = found.sessions[found.sessions["trace"] == "co_repost"].assign(
        trace="moment", window_s=6.0, accounts=[MEMBERS[:3]], size=3, objects=[moments], n_objects=2
    )
    made = section("sessions", case=case, scope=in_period(case), found=replace(found, sessions=row))
    (group,) = made.values.rows
    assert [(shared.accounts, shared.first) for shared in group.shared] == [
        (2, EVENING + timedelta(minutes=20)), (2, EVENING + timedelta(minutes=40))
    ]  # fmt: skip
    assert all(shared.text is shared.file is shared.row is None for shared in group.shared)
    assert {(action.line, action.at.second) for action in group.actions} == {(0, 0), (1, 3)}
    text = words_of(fragment(typed_payload(made.payload()), "en"))
    assert "activity at the same moments" in text and "5 Nov 18:50:00 (2 accounts), 5 Nov 19:10:00 (2" in text
    assert "RT सभा" not in text  # two letters alone may stand in a pseudonym


@pytest.mark.parametrize(
    ("language", "said", "none"),
    [
        ("en", ["texts alike but reworded, again and again", "though many words differ",
                "agency report in their own words", "one origin"], "not measured: hardly"),
        ("hi", ["बार-बार शब्द बदलकर लिखे मिलते-जुलते पाठ", "यद्यपि कई शब्द भिन्न हैं", "अपने शब्दों में लिखते हैं", "एक ही मूल"],
         "नहीं मापा गया"),
    ],
)  # fmt: skip
def test_of_rewritten_texts_the_posts_of_one_time_stand_side_by_side(
    evening_case: Any, language: str, said: list[str], none: str
) -> None:
    """Two times: of three members and of four. The posts of the larger one are told, each with its own file and row."""
    case, found = evening_case
    times = [json.dumps([f"m{n}-{k}" for k in range(size)]) for n, size in ((2, 3), (5, 4))]
    row = found.sessions[found.sessions["trace"] == "co_repost"].assign(
        trace="rewritten", window_s=600.0, objects=[times], n_objects=2, patterns=[["one_origin"]]
    )
    made = section("sessions", case=case, scope=in_period(case), found=replace(found, sessions=row))
    (group,) = made.values.rows
    at = EVENING + timedelta(minutes=50)
    assert [(one.accounts, one.first) for one in group.shared] == [(1, at + timedelta(seconds=3 * k)) for k in range(3)]
    rows = {row["record_id"]: row["source_row"] for row in evening()}
    assert [one.row for one in group.shared] == [rows[f"m5-{k}"] for k in range(3)]
    assert (group.patterns, group.asked) == (("one_origin",), 12)
    text = words_of(fragment(typed_payload(made.payload()), language))
    assert [words for words in said if words not in text] == [] and none not in text
    assert text.count("RT सभा 5 में आइए") == 3 and not any(name in text for name in [*MEMBERS, *HANDLES.values()])


@pytest.mark.usefixtures("made")
@pytest.mark.parametrize("language", ["en", "hi"])
@pytest.mark.parametrize(("n_ties", "p", "told"), [(0, 1e-12, True), (0, None, False), (3, 1e-12, False)])
def test_where_no_pair_speaks_the_page_says_that_their_number_does(
    evening_case: Any, language: str, n_ties: int, p: float | None, told: bool
) -> None:
    case, found = evening_case
    row = found.sessions[found.sessions["trace"] == "co_repost"].assign(n_ties=n_ties, p=p)
    made = section("sessions", case=case, scope=in_period(case), found=replace(found, sessions=row))
    assert made.values.rows[0].by_size is told
    said = {"en": "their number does", "hi": "उनकी संख्या अलग दिखती है"}[language]
    assert (said in words_of(fragment(typed_payload(made.payload()), language))) is told


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ["Together within hours", "12 accounts", "reposts of the same posts", "one session",
                "5 November 2025 18:30 – 20:50", "nobody is named by it"]),
        ("hi", ["कुछ घंटों के भीतर एक साथ", "12 खाते", "एक ही पोस्ट के रीपोस्ट", "एक ही सत्र",
                "5 नवंबर 2025 18:30 – 20:50", "किसी का नाम नहीं लिया जाता"]),
    ],
)  # fmt: skip
def test_the_page_says_it_in_both_languages(made: Any, language: str, said: list[str]) -> None:
    page = fragment(typed_payload(made.payload()), language)
    text = words_of(page)
    assert [words for words in said if words not in text] == []
    group = next(group for group in made.values.rows if group.trace == "co_repost")
    assert "RT सभा 0 में आइए" in text and "received.jsonl" in text
    assert page.count("<svg") == sum(bool(group.actions) for group in made.values.rows)
    assert re.search(rf" 15 990 \({group.expected:.2g} ?\)", text)
    assert not any(name in page for name in [*MEMBERS, *HANDLES.values()])


def test_the_redacted_edition_says_no_name_and_passes_the_check(
    made: Any, evening_case: Any, as_notebook: Any, a_run: Any, tmp_path: Any
) -> None:
    from spmc_tools.report.page.render import page

    case, _ = evening_case
    folder = tmp_path / "20251113T034000Z-election_watch-0000"
    folder.mkdir()
    checked, drawn = RunCheck(case, folder, None, "en", "hi"), ""
    for language, name in (("en", "report.html"), ("hi", "report.hi.html")):
        node = checked.redaction(language).notebook(as_notebook([made], ["sessions"]))
        text = page(node, replace(a_run, edition="redacted"), language)
        (folder / name).write_text(text, encoding="utf-8")
        drawn += text
    assert checked.told["looked_for"] > 10
    text = words_of(drawn)
    assert "12 accounts" in text and "एक ही सत्र" in text and "18:00" in text and "18:30" not in text
    assert not any(name in drawn for name in [*MEMBERS, *HANDLES.values(), "received.jsonl"])
    assert 'class="drawn' not in drawn and "12 खाते" in text  # no picture: its times are closer than the hour


def test_a_registered_kind_is_said_and_its_accounts_are_not(evening_case: Any) -> None:
    case, found = evening_case
    kinds = found.sessions.assign(kind="newsroom", n_context=found.sessions["size"])
    values = section("sessions", case=case, scope=in_period(case), found=replace(found, sessions=kinds)).values
    assert {(group.kind, group.labels, group.shared, group.actions) for group in values.rows} == {
        ("newsroom", (), (), ())
    }
    text = words_of(fragment(typed_payload(
        section("sessions", case=case, scope=in_period(case), found=replace(found, sessions=kinds)).payload()
    ), "en"))  # fmt: skip
    assert "known accounts: newsroom" in text and "RT" not in text


def test_more_groups_than_the_page_holds_are_counted(evening_case: Any) -> None:
    case, found = evening_case
    many = pd.concat([found.sessions[:1]] * 13, ignore_index=True)
    many = many.assign(session_id=range(1, 14), size=[*range(3, 16)])
    made = section("sessions", case=case, scope=in_period(case), found=replace(found, sessions=many))
    assert [group.session for group in made.values.rows] == list(range(13, 3, -1)) and MOST_GROUPS == 10
    assert "3 more groups stand in the sheet “sessions”" in words_of(fragment(typed_payload(made.payload()), "en"))


def test_without_a_group_one_line_says_so(evening_case: Any) -> None:
    case, found = evening_case
    none = section("sessions", case=case, scope=in_period(case), found=replace(found, sessions=found.sessions[:0]))
    text = words_of(fragment(typed_payload(none.payload()), "en"))
    assert text == "Together within hours No accounts acted together within hours more often than chance expects."


def test_in_step_by_brute_force() -> None:
    drawn = random.Random(2)
    start = pd.Timestamp("2025-11-05", tz="UTC")
    acts = pd.DataFrame(
        [(f"a{drawn.randrange(6)}", f"o{drawn.randrange(9)}", start + pd.Timedelta(seconds=drawn.randrange(900)))
         for _ in range(150)],
        columns=["account_id", "object_id", "t"],
    )  # fmt: skip
    first: dict[tuple[str, str], Any] = {}
    for account, thing, moment in acts.itertuples(index=False):
        first[account, thing] = min(moment, first.get((account, thing), moment))
    wanted = {
        (account, thing, moment)
        for (account, thing), moment in first.items()
        if any(b != account and o == thing and abs((t - moment).total_seconds()) <= 60 for (b, o), t in first.items())
    }
    assert 0 < len(wanted) < len(first)
    assert set(_near(acts, 60.0)[["account_id", "object_id", "t"]].itertuples(index=False, name=None)) == wanted


def test_the_dossier_says_the_groups_within_hours(evening_case: Any) -> None:
    case, found = evening_case
    scope = in_period(case)
    in_group = section("dossier", case=case, scope=scope, found=found, account=MEMBERS[3])
    outside = section("dossier", case=case, scope=scope, found=found, account=CROWD[0])
    said = "1 group that acted together within hours; this ranks it (tier C) and names nobody"
    assert in_group.values.sessions == 1 and said in words_of(fragment(typed_payload(in_group.payload()), "en"))
    assert outside.values.sessions == 0 and "within hours" not in fragment(typed_payload(outside.payload()), "en")
