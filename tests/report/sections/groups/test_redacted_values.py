"""What the sections about groups hold in the edition that leaves: pseudonyms, hours, no way to a post."""

from __future__ import annotations

import json
from datetime import datetime

import pandas as pd
import pytest

from spmc_tools.desks.base.calendar import IST
from spmc_tools.report.page.render import collect
from spmc_tools.report.page.sections import section
from spmc_tools.report.redaction.run_check import RunCheck
from spmc_tools.report.scope.scope import in_period
from spmc_tools.schema import RESULTS
from tests.report_fixtures import results

CLIENT = "Poster of handle_3"
NAMES = ("summary", "findings", "accounts")


@pytest.fixture
def editions(small_case, make_findings, as_notebook, tmp_path):
    """The sections as they are, as they leave, and the check that masked them."""
    scope = in_period(small_case)
    found = make_findings(scope.records, [f"acct{n}" for n in range(1, 6)])
    found.notes["context"] = {"registered": 1, "not_in_records": ["acct2"]}
    measured = dict.fromkeys(RESULTS["account_patterns"].names, 0) | {
        "account_id": "acct1",
        "decides": True,
        "pattern": True,
    }
    found.account_patterns = results("account_patterns", [measured | {"site": "gaya-news.example", "n_own": 41}])
    moment = pd.Timestamp("2025-11-03T04:47:12Z")
    found.events = pd.DataFrame(
        [{"cluster_id": 1, "event_id": 1, "trace": "copypasta", "n_accounts": 5, "n_records": 9, "p": 0.001, "q": 0.01,
          "first_t": moment, "last_t": moment, "signature": ["client", "burst"], "burst_seen": 5, "burst_of": 5,
          "burst_t": moment, "client": CLIENT, "client_seen": 5, "client_of": 5, "client_share": 0.1, "n_once": 5,
          "n_twice": 4, "expected_once": 0.2, "expected_twice": 0.1}]
    )  # fmt: skip
    given = {"case": small_case, "scope": scope, "found": found}
    whole = as_notebook([section(name, **given) for name in NAMES], list(NAMES))
    left = as_notebook([section(name, **given) for name in NAMES], list(NAMES))
    checked = RunCheck(small_case, tmp_path, None, "en")
    masked = checked.redaction().notebook(left)
    return collect(whole).sections, collect(masked).sections, checked


def values(sections) -> tuple:
    return tuple(sections[name]["values"] for name in NAMES)


def test_no_account_handle_or_post_is_left(editions, small_case) -> None:
    from spmc_tools.report.values.section_values import to_json

    whole, masked, _ = editions
    before, after = (json.dumps([to_json(one) for one in values(sections)]) for sections in (whole, masked))
    raw = [f"{name}{n}" for name in ("acct", "handle_") for n in range(1, 6)]
    assert all(name in before for name in raw) and not any(name in after for name in raw)
    assert "gaya-news.example" in before and "gaya-news.example" not in after
    assert "received.jsonl" in before and "received.jsonl" not in after
    pseudonyms = {n: small_case.pseudonym(f"acct{n}") for n in range(1, 6)}
    summary, findings, accounts = values(masked)
    assert {row.n: (row.id, row.name, row.pseudonym) for row in accounts.rows} == {
        n: (name, None, name) for n, name in pseudonyms.items()
    }
    [card] = findings.cards
    assert {member.n: member.name for member in card.members} == pseudonyms
    posts = [post for block in card.posts for post in block.posts]
    assert posts and all(post.record is None and post.name == pseudonyms[post.n] for post in posts)
    assert {post.file for post in posts} == {one.file for one in card.files} and len(card.files) == 1
    assert summary.unmatched == (pseudonyms[2],)


def test_times_of_posts_are_rounded_and_those_of_the_calendar_are_not(editions) -> None:
    whole, masked, _ = editions
    (first_page, cards, _), (left_page, left_cards, _) = values(whole), values(masked)
    [card], [left] = cards.cards, left_cards.cards
    posts, events = ([post for block in one.posts for post in block.posts] for one in (card, left)), left.grounds.events
    times = [(before.at, after.at) for before, after in zip(*posts, strict=True)]
    times += [(card.first, left.first), (card.last, left.last)]
    times += zip(first_page.finding_times, left_page.finding_times, strict=True)
    for before, after in times:
        local = before.astimezone(IST)
        assert after == datetime(local.year, local.month, local.day, local.hour, tzinfo=IST)
    assert any(before != after for before, after in times)
    # 04:47:12 UTC is 10:17:12 in India
    ten = datetime(2025, 11, 3, 10, tzinfo=IST)
    [event] = events.rows
    assert (event.first, event.last, event.marks[0].at) == (ten, ten, ten)
    assert left.course == card.course and {band.what for band in left.course.bands} >= {"silence", "poll"}


def test_the_name_of_a_program_loses_a_handle_and_the_texts_that_a_card_needs_are_noted(editions) -> None:
    whole, masked, checked = editions
    [card], [left] = whole["findings"]["values"].cards, masked["findings"]["values"].cards
    assert card.grounds.events.rows[0].marks[1].client == CLIENT
    assert "handle_3" not in left.grounds.events.rows[0].marks[1].client.casefold()
    assert left.grounds.events.rows[0].marks[1].client.startswith("Poster of ")
    shown = {"".join(text for text, _ in post.parts) for block in card.posts for post in block.posts}
    marked = {thing.text for thing in card.picture.things}
    assert checked.needed.texts == shown | marked and len(shown) == 2 and len(marked) == 6
    assert card.story.label.kind == "none"  # there are no other posts, so no word or tag tells the group apart
    assert checked.needed.accounts == {f"acct{n}" for n in range(1, 6)}
