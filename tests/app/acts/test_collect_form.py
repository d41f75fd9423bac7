"""Posts asked for by a form, from a server on this machine: bounded, within the period, each request in the log."""

from __future__ import annotations

import shlex

import pytest

from spmc_tools.app.job_process import _WORK as WORK
from spmc_tools.app.job_process import COLLECT
from spmc_tools.case.store.case import create_case, open_case
from spmc_tools.cli import main
from tests.collect.conftest import BASIS, platform, servers_of_tests  # noqa: F401 -- fixtures
from tests.plain_cases import plain_case
from tests.written_tables import cells


def allowed(name: str):
    """A case under whose legal basis is collected."""
    return create_case(
        name, title="Exercise", purpose="to exercise the collection", legal_basis=BASIS, date_from="2025-11-06",
        date_to="2025-11-16", officer="S. I. Kumari",
    )  # fmt: skip


def asked(case) -> int:
    return sum(entry["kind"] == "collect_request" for entry in case.ledger.entries())


def test_all_that_is_wrong_is_said_and_nothing_is_asked(forms, platform) -> None:  # noqa: F811
    case = allowed("gaya")
    forms.post("/language", {"language": "hi", "back": "collect"})
    forms.post("/case", {"act": "choose", "id": "gaya"})
    told = {"source": "telegram", "wanted": "@exercise", "host": platform.url, "legal_basis": BASIS}
    answer = forms.act("collect")
    assert answer.wrong() == {"source", "wanted", "legal_basis"}
    answer = forms.act("collect", **told | {"legal_basis": "x", "posts": "0", "requests": "5001", "per_minute": "२"})
    assert answer.wrong() == {"legal_basis", "posts", "requests", "per_minute"}
    assert BASIS in answer.plain and "1 से 5,000 तक" in answer.plain
    assert forms.act("collect", **told | {"wanted": "a b"}).wrong() == {"wanted"}
    assert forms.act("collect", **told | {"host": "ftp://x", "posts": "x"}).wrong() == {"host", "posts"}
    answer = forms.act("collect", **told | {"source": "mastodon", "host": ""})
    assert answer.wrong() == {"wanted"} and "@name@server" in answer.plain
    assert forms.act("collect", **told | {"source": "x"}).wrong() == {"source"}
    assert platform.asked == [] and asked(case) == 0
    plain_case("old", legal_basis="none")
    forms.post("/case", {"act": "choose", "id": "old"})
    answer = forms.act("collect", **told | {"legal_basis": "none"})
    assert answer.wrong() == {"source"} and "कोई विधिक आधार नहीं है" in answer.plain


def test_what_the_form_asks_is_what_the_command_asks(forms, platform, tmp_path, capfd, monkeypatch) -> None:  # noqa: F811
    """The queue's process is called here, and the command that the page shows on a twin: the same posts come."""
    from spmc_tools.app.work_queue import WorkQueue

    began: list[dict] = []

    def add(_queue, kind, case, _secret="", **told) -> None:
        began.append({"kind": kind, "case": case} | told)

    monkeypatch.setattr(WorkQueue, "add", add)
    allowed("gaya"), allowed("twin")
    forms.post("/case", {"act": "choose", "id": "gaya"})
    answer = forms.act(
        "collect", source="telegram", wanted="@exercise", host=platform.url, legal_basis=BASIS, posts="20",
        requests="7", per_minute="60",
    )  # fmt: skip
    assert "put into the queue" in answer.done()
    [told] = began
    made = WORK[COLLECT](told, lambda *_: None)
    [line] = [one.strip() for one in answer.done().splitlines() if "spmc collect" in one]
    with pytest.raises(SystemExit) as left:
        main(shlex.split(line[line.index("spmc collect") :].replace(" gaya ", " twin ", 1))[1:])
    assert not left.value.code
    capfd.readouterr()
    ours, theirs = open_case("gaya"), open_case("twin")
    ids = [sorted(one.table("records")["record_id"].to_pylist()) for one in (ours, theirs)]
    assert ids[0] == ids[1] and len(ids[0]) == made["kept"] >= 20 and made["ended"] == "posts"
    [end] = [entry["payload"] for entry in theirs.ledger.entries() if entry["kind"] == "collected"]
    assert (made["received"], made["requests"]) == (end["posts"], end["requests"])
    assert asked(ours) == asked(theirs) == made["requests"] == len(platform.asked) // 2
    row = cells(forms.get("/collect").text, "Collections of this case")[0]
    assert row[2:6] == ["@exercise", platform.url, str(made["received"]), str(made["requests"])]


@pytest.mark.browser
@pytest.mark.slow
def test_a_channel_is_collected_in_a_browser(forms, walked, platform) -> None:  # noqa: F811
    for page, language, say in walked():
        case = allowed(f"case-{language}")
        forms.post("/case", {"act": "choose", "id": case.id})
        page.get_by_role("link", name=say("app.collect"), exact=True).click()
        form = page.locator("#act-collect form")
        form.locator("[name=source]").select_option("telegram")
        form.locator("[name=wanted]").fill("@exercise")
        form.locator("[name=host]").fill(platform.url)
        form.locator("[name=posts]").fill("20")
        form.locator("[name=per_minute]").fill("60")
        form.locator("button.first").click()
        page.locator("#wrong-collect-legal_basis").wait_for()
        form.locator("[name=legal_basis]").fill(BASIS)
        form.locator("button.first").click()
        page.locator("#jobs li[data-state=done]").wait_for(timeout=120_000)
        row = page.locator("section", has_text=say("app.table.collections")).locator("tbody tr")
        assert "@exercise" in row.inner_text()
        n = open_case(case.id).table("records").num_rows
        assert n >= 20 and f": {n}" in page.locator("#jobs li").inner_text()
        walked.seen(page, f"collect-{language}")
