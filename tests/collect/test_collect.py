"""Collections from a server on this machine: all posts once, each request logged, bounded, resumable, under a basis."""

from __future__ import annotations

import importlib.util
import json
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from spmc_tools.case.store.case import Case, create_case, open_case
from spmc_tools.collect import gate as gate_module
from spmc_tools.collect.collection import Collected, collect, target_of
from spmc_tools.collect.spool import FOLDER
from spmc_tools.collect.target import Limits
from spmc_tools.custody.review.verify import verify
from spmc_tools.errors import CaseError, ParameterError, SpmcError

if TYPE_CHECKING:
    from pathlib import Path


BASIS = "order 12/2025 of the district magistrate (exercise)"
"""As in the case of conftest.py."""


def installed(module: str) -> bool:
    return importlib.util.find_spec(module) is not None


needs = {
    "bluesky": pytest.mark.skipif(not installed("atproto_client"), reason="the extra `collect` (atproto) is absent"),
    "mastodon": pytest.mark.skipif(not installed("mastodon"), reason="the extra `collect` (Mastodon.py) is absent"),
}
SOURCES = [
    pytest.param("telegram", "@exercise", "exercise/{}", id="telegram"),
    pytest.param(
        "bluesky", "@exercise.example.org", "at://did:plc:exercise/app.bsky.feed.post/{:04}", id="bluesky",
        marks=needs["bluesky"],
    ),
    pytest.param(
        "bluesky", "#सूचना", "at://did:plc:exercise/app.bsky.feed.post/{:04}", id="bluesky-tag", marks=needs["bluesky"]
    ),
    pytest.param("mastodon", "@exercise", "{}", id="mastodon", marks=needs["mastodon"]),
    pytest.param("mastodon", "#सूचना", "{}", id="mastodon-tag", marks=needs["mastodon"]),
]  # fmt: skip


def run(case: Case, platform: Any, clock: Any, source: str, name: str, **options: object) -> Collected:
    target = target_of(source, name, platform.url)
    limits = Limits(**options.pop("limits", {}))
    return collect(case, target, legal_basis=BASIS, limits=limits, clock=clock, sleep=clock.sleep, **options)  # type: ignore[arg-type]


def logged(case: Case, kind: str) -> list[dict]:
    return [entry["payload"] for entry in case.ledger.entries() if entry["kind"] == kind]


@pytest.mark.parametrize(("source", "name", "ids"), SOURCES)
def test_every_post_comes_in_once_and_every_request_is_logged(
    case: Case, platform: Any, clock: Any, source: str, name: str, ids: str
) -> None:
    done = run(case, platform, clock, source, name)
    assert (done.posts, done.ended, done.more, done.resumed) == (50, "complete", False, False)
    found = case.records(["record_id", "created_at", "text", "account_id"]).set_index("record_id")
    assert set(found.index) == {ids.format(n) for n in range(1, 51)}
    post = found.loc[ids.format(7)]
    assert post["created_at"].to_pydatetime() == platform.at(7)
    assert post["text"].startswith("सूचना 7")
    asked = logged(case, "collect_request")
    assert [one["url"].removeprefix(platform.url).replace("https://t.me", "") for one in asked] == platform.asked
    answers = logged(case, "collect_answer")
    assert [one["request"] for one in answers] == [one["request"] for one in asked] == list(range(1, len(asked) + 1))
    assert all(one["status"] == 200 and len(one["sha256"]) == 64 for one in answers)
    (begun,), (ended,) = logged(case, "collect"), logged(case, "collected")
    assert begun["legal_basis"] == BASIS
    assert (ended["posts"], ended["requests"], ended["next"]) == (50, len(asked), None)
    (batch,) = case.batches()
    assert batch.source_sha256 == ended["sha256"]
    assert batch.details["obtained"] in {"public_api", "open_tool"}
    assert platform.url in batch.details["received_from"]
    assert verify(case.path, log=False).ok
    assert not any((case.path / FOLDER).glob("*/*"))
    assert set(platform.agents) == {gate_module.USER_AGENT}


@pytest.mark.parametrize(("source", "name", "ids"), SOURCES)
def test_a_limit_stops_it_and_the_same_call_goes_on(
    case: Case, platform: Any, clock: Any, source: str, name: str, ids: str
) -> None:
    first = run(case, platform, clock, source, name, limits={"posts": 15})
    assert first.ended == "posts"
    assert first.more
    assert 15 <= first.posts < 50
    again = run(case, platform, clock, source, name)
    assert again.resumed
    assert (again.ended, first.posts + again.posts) == ("complete", 50)
    assert set(case.records(["record_id"])["record_id"]) == {ids.format(n) for n in range(1, 51)}
    assert sum(batch.duplicates for batch in case.batches()) == 0


@pytest.mark.parametrize(("source", "name", "ids"), SOURCES)
def test_requests_are_bounded(case: Case, platform: Any, clock: Any, source: str, name: str, ids: str) -> None:
    for turn in range(1, 9):
        done = run(case, platform, clock, source, name, limits={"requests": 3})
        assert len(platform.asked) <= 3 * turn
        if done.ended == "complete":
            break
        assert done.ended == "requests"
        assert done.more
    assert set(case.records(["record_id"])["record_id"]) == {ids.format(n) for n in range(1, 51)}


def test_accounts_are_described(case: Case, platform: Any, clock: Any) -> None:
    run(case, platform, clock, "telegram", "exercise")
    rows = case.table("accounts").to_pylist()
    assert [(r["account_id"], r["display_name"], r["followers"]) for r in rows] == [("exercise", "Exercise", 12345)]


@needs["bluesky"]
def test_the_profile_of_bluesky_is_an_account_row(case: Case, platform: Any, clock: Any) -> None:
    run(case, platform, clock, "bluesky", "exercise.example.org")
    assert 77 in {row["followers"] for row in case.table("accounts").to_pylist()}


def test_requests_are_evenly_spaced(case: Case, platform: Any, clock: Any) -> None:
    run(case, platform, clock, "telegram", "exercise", limits={"per_minute": 6})
    assert len(platform.asked) == 4
    assert clock.slept == [10.0] * 3


@pytest.mark.parametrize(("headers", "waits"), [({"Retry-After": "30"}, 30.0), ({}, 5.0)])
def test_a_server_that_wants_patience_gets_it(
    case: Case, platform: Any, clock: Any, headers: dict, waits: float
) -> None:
    platform.trouble = [(429, headers, b"slow down")]
    done = run(case, platform, clock, "telegram", "exercise", limits={"per_minute": 60})
    assert done.posts == 50
    assert clock.slept[0] == waits
    assert [one.get("status") for one in logged(case, "collect_answer")][:2] == [429, 200]


def test_a_server_that_wants_an_hour_is_left_alone(case: Case, platform: Any, clock: Any) -> None:
    platform.trouble = [(503, {"Retry-After": "3600"}, b"")]
    with pytest.raises(SpmcError, match=r"no request for 60 minutes; type the same command then"):
        run(case, platform, clock, "telegram", "exercise")
    assert len(platform.asked) == 1


@pytest.mark.parametrize(("source", "name", "ids"), SOURCES)
def test_a_failure_keeps_what_came_before(
    case: Case, platform: Any, clock: Any, source: str, name: str, ids: str
) -> None:
    """The server fails at its third answer and after; later the same call goes on from the page before."""
    platform.before_answer = lambda _: (
        platform.trouble.append((500, {}, b"<h1>broken</h1>")) if len(platform.asked) >= 3 else None
    )
    with pytest.raises(SpmcError, match=r"refuses|does not answer"):
        run(case, platform, clock, source, name, limits={"per_minute": 60})
    assert len(platform.asked) == 2 + 4, "asked again three times"
    assert not case.batches()
    asked, platform.before_answer, platform.trouble = len(platform.asked), lambda _: None, []
    done = run(case, platform, clock, source, name)
    assert done.resumed
    assert set(case.records(["record_id"])["record_id"]) == {ids.format(n) for n in range(1, 51)}
    assert len(platform.asked) - asked < 4, "the first page was not asked for again"


def test_a_killed_collection_goes_on(case: Case, platform: Any, clock: Any, tmp_path: Path) -> None:
    """SIGKILL while the third page is asked for: two pages are kept, the chain holds, nothing is doubled."""
    code = f"""
from spmc_tools.case.store.case import open_case
from spmc_tools.collect.target import Limits
from spmc_tools.collect.collection import collect, target_of
collect(open_case("one"), target_of("telegram", "exercise", {platform.url!r}), legal_basis={BASIS!r},
        limits=Limits(per_minute=60), sleep=lambda s: None)
"""
    worker: list[subprocess.Popen] = []

    def kill(path: str) -> None:
        if "before=11" in path:
            platform.before_answer = lambda _: None
            os.kill(worker[0].pid, signal.SIGKILL)

    platform.before_answer = kill
    worker.append(subprocess.Popen([sys.executable, "-c", code]))
    assert worker[0].wait(60) == -signal.SIGKILL
    opened = open_case(case.id)
    assert opened.chain_problem is None
    assert not opened.batches()
    assert verify(opened.path, log=False).ok
    before = len(platform.asked)
    done = run(opened, platform, clock, "telegram", "exercise")
    assert (done.posts, done.resumed) == (50, True)
    assert len(platform.asked) - before == 1, "only the page that was under way is asked for again"
    assert len(set(opened.records(["record_id"])["record_id"])) == 50
    assert open_case(case.id).chain_problem is None


def test_pages_outside_the_period_are_not_kept(platform: Any, clock: Any) -> None:
    """All posts are of 6 November: a case of October keeps none of them, and says so."""
    platform.posts = 60
    early = create_case(
        "early", title="t", purpose="p", legal_basis=BASIS, date_from="2025-10-01", date_to="2025-10-09"
    )
    done = run(early, platform, clock, "telegram", "exercise")
    assert (done.posts, done.file, done.ended) == (0, None, "complete")
    assert logged(early, "collected")[0]["pages_outside_the_period"] == 3
    assert len(early.records(["record_id"])) == 0


def test_it_stops_where_the_period_begins(platform: Any, clock: Any) -> None:
    """The period begins 510 minutes after post 0 (IST): the page from 501 to 520 is the last that is asked for."""
    platform.posts = 560
    made = create_case("last", title="t", purpose="p", legal_basis=BASIS, date_from="2025-11-07", date_to="2025-11-16")
    done = run(made, platform, clock, "telegram", "exercise")
    assert (done.ended, done.posts, done.more) == ("period", 60, False)
    assert min(made.records(["created_at"])["created_at"]).to_pydatetime() == platform.at(501)


def test_collecting_again_keeps_the_newer_figures_as_observations(case: Case, platform: Any, clock: Any) -> None:
    run(case, platform, clock, "telegram", "exercise")
    platform.posts = 55
    done = run(case, platform, clock, "telegram", "exercise")
    assert not done.resumed
    assert done.file is not None
    assert (done.file.kept, done.file.duplicates) == (6, 50)  # five posts and the channel, described again
    assert len(case.records(["record_id"])) == 55


# -- what is refused -------------------------------------------------------------------------------------------------


def test_the_legal_basis_is_typed_again(case: Case, platform: Any) -> None:
    target = target_of("telegram", "exercise", platform.url)
    for typed in (None, "", "some other order"):
        with pytest.raises(CaseError, match='type --legal-basis "order 12/2025'):
            collect(case, target, legal_basis=typed)
    nothing = create_case(
        "none", title="t", purpose="p", legal_basis="None", date_from="2025-11-06", date_to="2025-11-06"
    )
    with pytest.raises(CaseError, match="names no legal basis"):
        collect(nothing, target, legal_basis="None")
    assert not platform.asked
    assert not logged(case, "collect")


def test_a_case_of_other_platforms_or_past_its_date(platform: Any) -> None:
    target = target_of("telegram", "exercise", platform.url)
    facts = {"title": "t", "purpose": "p", "legal_basis": BASIS, "date_from": "2020-11-06", "date_to": "2020-11-06"}
    with pytest.raises(CaseError, match="is about x; telegram is not collected"):
        collect(create_case("other", **facts, platforms=["x"]), target, legal_basis=BASIS)
    with pytest.raises(CaseError, match=r"expired on 2020-12-01.* spmc extend past --to"):
        collect(create_case("past", **facts, expires="2020-12-01"), target, legal_basis=BASIS)
    assert not platform.asked


@pytest.mark.parametrize("name", ["x", "Twitter", "facebook", "instagram", "reddit", "youtube", "tiktok", "whatsapp"])
def test_other_platforms_name_the_lawful_route(name: str) -> None:
    with pytest.raises(ParameterError, match=r"is not collected.*lawful routes: .*spmc import"):
        target_of(name, "@somebody")


def test_an_unknown_platform() -> None:
    with pytest.raises(ParameterError, match=r'from "orkut"; known: telegram, bluesky, mastodon'):
        target_of("orkut", "@somebody")


NO_NAMES = {
    ("telegram", "wanted the name of a public channel"): ("#tag", "../etc/passwd", "+AbCdEf123"),
    ("bluesky", "wanted an account as"): ("@nobody",),
    ("mastodon", "names no server"): ("#tag",),
    ("mastodon", "wanted an account as"): ("@a/b@example.org",),
    ("mastodon", "wanted https and a host"): ("@a@example.org/../x", "@a@http://example.org", "@a@169.254.169.254"),
}


@pytest.mark.parametrize(
    ("source", "name", "says"), [(source, name, says) for (source, says), names in NO_NAMES.items() for name in names]
)
def test_names_that_are_none(source: str, name: str, says: str) -> None:
    with pytest.raises(ParameterError, match=says):
        target_of(source, name)


@pytest.mark.parametrize("module", ["mastodon", "atproto_client"])
def test_without_the_extra(case: Case, module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    source, name = ("mastodon", "@a@example.org") if module == "mastodon" else ("bluesky", "@a.example.org")
    with pytest.raises(ParameterError, match=r"not installed; type pip install 'spmc-notebook\[collect\]'"):
        collect(case, target_of(source, name), legal_basis=BASIS)


def test_a_channel_without_a_public_page(case: Case, platform: Any, clock: Any) -> None:
    with pytest.raises(SpmcError, match=r"has no public page of posts.*Telegram Desktop"):
        run(case, platform, clock, "telegram", "closed_channel")


def test_a_page_that_snscrape_cannot_read(case: Case, platform: Any, clock: Any) -> None:
    broken = b'<div class="tgme_channel_info"></div><div class="tgme_widget_message" data-post="a/1">?</div>'
    platform.trouble = [(200, {"Content-Type": "text/html"}, broken)]
    with pytest.raises(SpmcError, match=r"snscrape cannot read this page \(AttributeError\)"):
        run(case, platform, clock, "telegram", "exercise")


def test_it_is_not_led_elsewhere(case: Case, platform: Any, clock: Any) -> None:
    platform.trouble = [(302, {"Location": "http://169.254.169.254/latest/meta-data"}, b"")]
    with pytest.raises(SpmcError, match=r'leads to "169.254.169.254", which is not part of this collection'):
        run(case, platform, clock, "telegram", "exercise")
    assert len(logged(case, "collect_request")) == 1


@pytest.mark.parametrize(("source", "name", "ids"), SOURCES)
def test_an_answer_too_long_is_given_up(
    case: Case, platform: Any, clock: Any, monkeypatch: pytest.MonkeyPatch, source: str, name: str, ids: str
) -> None:
    monkeypatch.setattr(gate_module, "ANSWER_LIMIT", 100)
    with pytest.raises(SpmcError, match="is longer than"):
        run(case, platform, clock, source, name)
    assert len(platform.asked) == 1


@pytest.mark.parametrize(("source", "name", "ids"), SOURCES)
@pytest.mark.parametrize("body", [b"", b"<html>sorry</html>", b"[1, 2]", b'{"feed": 3, "posts": 3}', b'{"id": null}'])
def test_an_answer_that_is_none(
    case: Case, platform: Any, clock: Any, source: str, name: str, ids: str, body: bytes
) -> None:
    kind = "text/html" if body.startswith(b"<") else "application/json"
    platform.trouble = [(200, {"Content-Type": kind}, body)] * 3
    with pytest.raises(SpmcError) as error:
        run(case, platform, clock, source, name)
    assert "exercise" in str(error.value) or "सूचना" in str(error.value)
    assert not case.batches()
    assert open_case(case.id).chain_problem is None


@needs["mastodon"]
def test_an_account_that_is_not_there(case: Case, platform: Any, clock: Any) -> None:
    with pytest.raises(SpmcError, match=r"the server refuses .*Record not found"):
        run(case, platform, clock, "mastodon", "nobody")


@needs["bluesky"]
def test_a_server_that_wants_a_log_in(case: Case, platform: Any, clock: Any) -> None:
    platform.trouble = [(403, {"Content-Type": "application/json"}, b'{"error": "Forbidden"}')]
    with pytest.raises(SpmcError, match="wants a log-in, which this program does not do"):
        run(case, platform, clock, "bluesky", "#सूचना")


def test_two_at_once(case: Case, platform: Any, clock: Any) -> None:
    said: list[str] = []

    def second(_: str) -> None:
        platform.before_answer = lambda _: None
        try:
            run(open_case(case.id), platform, type(clock)(), "telegram", "exercise")
        except CaseError as error:
            said.append(str(error))

    platform.before_answer = second
    assert run(case, platform, clock, "telegram", "exercise").posts == 50
    assert said == ["telegram @exercise is being collected into case one by another program."]


@pytest.mark.parametrize("option", [{"posts": 0}, {"posts": 50_001}, {"requests": 0}, {"per_minute": 61}])
def test_limits_have_limits(option: dict) -> None:
    name = next(iter(option)).replace("_", "-")
    with pytest.raises(ParameterError, match=f"--{name}: found"):
        Limits(**option)


def test_the_command(case: Case, platform: Any) -> None:
    command = [sys.executable, "-m", "spmc_tools", "collect", "one", "telegram", "@exercise", "--server", platform.url]
    refused = subprocess.run(command, capture_output=True, text=True, check=False)
    assert refused.returncode == 2
    assert f'type --legal-basis "{BASIS}" to take it.' in refused.stderr
    done = subprocess.run(
        [*command, "--legal-basis", BASIS, "--per-minute", "60", "--posts", "5", "--json"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    found = json.loads(done.stdout)
    assert (found["posts"], found["ended"], found["more"], found["file"]["kept"]) == (20, "posts", True, 21)
