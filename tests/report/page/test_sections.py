"""Sections: values that JSON holds, no words, and a plain statement where something was not computed."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import poisson

from spmc_tools.errors import ParameterError
from spmc_tools.report.page.sections import MIME, SECTIONS, Section, section, typed_payload
from spmc_tools.report.scope.scope import in_period
from spmc_tools.report.sections.groups.card_values import Unnamed
from spmc_tools.report.sections.groups.cards import _closest
from spmc_tools.report.sections.groups.course import over_time, parts, stretches
from spmc_tools.report.sections.groups.shown_groups import groups
from spmc_tools.report.values.section_values import to_json
from spmc_tools.report.words.text_differences import marked_copies
from spmc_tools.resources import resource


def test_every_section_has_its_template() -> None:
    names = {path.name.removesuffix(".html.j2") for path in resource("templates", "sections").rglob("*.j2")}
    assert names == set(SECTIONS)


def test_sections_are_json_and_hold_no_words_of_ours(small_case, all_sections) -> None:
    for one in all_sections(small_case):
        text = json.dumps(one.payload(), allow_nan=False)
        assert typed_payload(json.loads(text))["values"] == one.values
        assert not re.search(r"\b(accounts acted|in step|chance expects)\b", text), one.name


def test_what_was_not_computed_is_said(small_case) -> None:
    one = section("findings", case=small_case, scope=in_period(small_case), found=None)
    assert one.missing == ("found",) and one.values == {}


def test_unknown_names_are_refused(small_case) -> None:
    with pytest.raises(ParameterError, match="sections: summary"):
        section("verdict")
    with pytest.raises(ParameterError, match="takes no"):
        section("data", case=small_case, colour="blue")


def test_it_shows_itself_in_the_lab_but_not_in_a_run(small_case, monkeypatch) -> None:
    one = section("purpose", case=small_case, scope=in_period(small_case), language="hi")
    bundle = one._repr_mimebundle_()
    assert "उद्देश्य" in bundle["text/html"] and bundle[MIME]["name"] == "purpose"
    # what is said of the legal basis stands below what the officer wrote, who may have ended without a full stop
    basis = re.search(r"<dt>विधिक आधार</dt><dd[^>]*>(.*?)</dd>", bundle["text/html"])[1]
    assert re.fullmatch(r"[^<]+<br><span class=\"meta\">प्रकरण बनाने वाले अधिकारी के शब्दों में; .*</span>", basis)
    monkeypatch.setenv("SPMC_RUN", "x")
    assert "text/html" not in one._repr_mimebundle_()


def test_odd_values_become_plain() -> None:
    odd = {"a": np.float64("nan"), "b": np.int32(3), "c": pd.NaT, "d": pd.NA, "e": pd.Timestamp("2025-11-06", tz="UTC"),
           "f": np.array([1.5, np.inf]), "g": (True, None)}  # fmt: skip
    assert to_json(odd) == {
        "a": None, "b": 3, "c": None, "d": None, "e": "2025-11-06T00:00:00+00:00", "f": [1.5, None], "g": [True, None],
    }  # fmt: skip
    with pytest.raises(TypeError):
        to_json(object())


def test_first_page_counts(small_case, all_sections) -> None:
    values = {one.name: one.values for one in all_sections(small_case)}
    first = values["summary"]
    # six texts, 13 hours apart from 3 Nov 09:30 IST: 3, 3, 4, 5, 5, 6 Nov; silence from 4 Nov 18:00 to 6 Nov 18:00
    assert (first.groups, first.accounts, first.evidence, first.days) == (1, 5, 30, 4)
    silence = first.silence
    assert (silence.n, silence.of, silence.elsewhere, silence.share, silence.unconfirmed) == (15, 30, 0, 0.5, True)
    assert silence.time == 48 / 96  # the one file holds the 3rd to the 6th: 48 of its 96 hours lie in silence
    assert first.trace == "copypasta" and first.others == 0
    data = values["data"]
    assert to_json(data.totals) == {
        "read": 31, "kept": 30, "duplicates": 0, "refused": 1, "other_account": 0, "other_text": 0,
    }  # fmt: skip
    assert to_json(data.reasons) == [{"reason": "no time", "kind": None, "values": {}, "n": 1, "others": 0}]
    assert to_json(data.precision) == [{"step_s": 1.0, "n": 30}]
    assert [gap.seconds for gap in data.gaps] == [13 * 3600 - 32.0] * 5


def test_volume_counts_every_record_once(small_case, all_sections) -> None:
    volume = next(one.values for one in all_sections(small_case) if one.name == "volume")
    assert sum(volume.counts) == 30 == sum(day.n for day in volume.days)
    assert volume.start == datetime(2025, 11, 3, 3, 30, tzinfo=UTC)  # 09:00 IST
    assert [n for n, count in enumerate(volume.counts) if count] == [0, 13, 26, 39, 52, 65]
    assert {band.what for band in volume.bands} == {"silence", "poll"}


def test_card_holds_what_can_be_recomputed(small_case, all_sections) -> None:
    card = next(one.values for one in all_sections(small_case) if one.name == "findings").cards[0]
    assert [member.name for member in card.members] == [f"handle_{n}" for n in range(1, 6)]
    pair = card.pairs[0]
    assert (pair.a, pair.b, pair.seen) == (1, 2, 6)
    assert poisson.sf(pair.seen - 1, pair.expected) == pytest.approx(pair.p, rel=0.05)
    assert (pair.low, pair.high) == (0, 2)
    assert len(card.posts) == 2 and all(len(block.posts) == 3 for block in card.posts)
    post = card.posts[0].posts[1]
    assert post.after_s == 8.0 and len(post.sha256) == 64 and post.row == 2
    assert post.file == "received.jsonl" and card.platforms == ("x",) and card.window_s == 60.0
    assert card.network.nodes[0].n == 1 and not hasattr(card.network, "first") and len(card.network.lines) == 10


def test_course_counts_every_post_of_the_group_once(small_case, all_sections) -> None:
    course = next(one.values for one in all_sections(small_case) if one.name == "findings").cards[0].course
    # six texts by five accounts, 13 hours apart from 3 Nov 09:30 IST: 3, 3, 4, 5, 5, 6 Nov 02:30
    assert (course.step, course.start) == ("day", datetime(2025, 11, 2, 18, 30, tzinfo=UTC))
    assert course.counts == (10, 5, 10, 5) and course.makers == (5, 5, 5, 5)
    # silence from 4 Nov 18:00 to 6 Nov 18:00: 4 Nov 11:30 lies before it
    assert course.silence == (0, 0, 10, 5)
    told = stretches(course)
    assert [row.posts for row in told] == [10, 5, 10, 5] and told[1].at == datetime(2025, 11, 3, 18, 30, tzinfo=UTC)


@pytest.mark.parametrize(("hours", "step"), [(47, "hour"), (49, "day"), (24 * 121, "week")])
def test_stretches_of_a_course_suit_its_length(small_case, hours, step) -> None:
    scope = in_period(small_case)
    two = scope.records.head(2).copy()
    two["created_at"] = [two["created_at"].iloc[0], two["created_at"].iloc[0] + timedelta(hours=hours)]
    course = over_time(two, scope)
    assert course.step == step and sum(course.counts) == 2
    begin = pd.Timestamp(course.start) + timedelta(seconds=course.step_s) * (len(course.counts) - 1)
    assert begin <= two["created_at"].max() < begin + timedelta(seconds=course.step_s)
    empty = over_time(two.head(0), scope)
    assert empty.start is None and stretches(empty) == ()


def test_what_the_accounts_did_is_counted_and_ranks_nobody(small_case, all_sections) -> None:
    rows = next(one.values for one in all_sections(small_case) if one.name == "findings").cards[0].parts
    assert [row.n for row in rows] == [1, 2, 3, 4, 5]
    # the first account is eight seconds ahead on each of six texts with five accounts: 6 times 1 / 5 by a chance order
    assert [(row.things, row.first) for row in rows] == [(6, 6)] + 4 * [(6, 0)]
    assert all(row.expected == pytest.approx(1.2) for row in rows)
    assert [row.what for row in rows] == ["early", None, None, None, None]


def test_a_group_that_rests_on_one_event_has_no_parts(small_case, make_findings) -> None:
    found = make_findings(in_period(small_case).records, [f"acct{n}" for n in range(1, 6)])
    (group,) = groups(found)
    number = {f"acct{n}": n for n in range(1, 6)}
    assert len(parts(found, group, number)) == 5
    found.edges = found.edges.head(0)
    assert parts(found, group, number) == ()


def built(case, found):
    given = {"case": case, "scope": in_period(case), "found": found}
    able = {
        name: one
        for name, one in SECTIONS.items()
        if set(one.needs) <= set(given) and name not in {"tour", "referral_limits"}
    }
    return {name: section(name, **{k: given[k] for k in one.needs}).values for name, one in able.items()}


def test_first_page_cards_and_accounts_count_the_same(small_case, make_findings) -> None:
    """One of five is not named: its posts are counted nowhere; counts come from the records by hand."""
    records = in_period(small_case).records
    found = make_findings(records, [f"acct{n}" for n in range(1, 6)])
    found.accounts.loc[found.accounts["account_id"] == "acct3", ["tier", "q"]] = [None, 0.27]
    found.edges.loc[found.edges["account_b"] == "acct2", ["n_occasions", "expected", "p"]] = [4, 0.004, 1e-11]
    values = built(small_case, found)
    named = records[records["account_id"].isin(["acct1", "acct2", "acct4", "acct5"])]
    first, (card,), table = values["summary"], values["findings"].cards, values["accounts"].rows
    assert first.evidence == card.records == sum(row.in_step for row in table) == len(named) == 24
    assert first.accounts == card.named == len(table) == 4
    assert (
        card.others == Unnamed(n=1, known=0, newsroom=0, pattern=0, event=0, above=1, q=0.27, few=0)
        and first.others == 1
    )
    assert sum(day.n for day in values["volume"].days) == len(records)
    assert sum(first.finding_days.values()) == 24
    # four named accounts, all linked: three links each, six pairs
    assert [row.links for row in table] == [3, 3, 3, 3] and card.linked_pairs == 6
    assert all(block.accounts == 4 and block.others == 1 for block in card.posts)
    # the first pair of the card is one row of the edges
    first_pair = card.pairs[0]
    name = {row.n: row.id for row in table}
    edge = found.edges[
        (found.edges["account_a"] == name[first_pair.a]) & (found.edges["account_b"] == name[first_pair.b])
    ].iloc[0]
    assert (first_pair.seen, first_pair.expected) == (edge["n_occasions"], edge["expected"]) == (4, 0.004)
    assert first_pair.one_in == 250


def test_numbers_rank_nobody(small_case, make_findings) -> None:
    found = make_findings(in_period(small_case).records, [f"acct{n}" for n in range(5, 0, -1)])
    table = built(small_case, found)["accounts"].rows
    assert [row.id for row in table] == [f"acct{n}" for n in range(1, 6)] and not hasattr(table[0], "q")


def test_accounts_on_little_are_marked(small_case, make_findings) -> None:
    found = make_findings(in_period(small_case).records, [f"acct{n}" for n in range(1, 6)])
    found.accounts["q"] = [0.0009, 0.044, 1e-9, 1e-9, 1e-9]
    found.edges.loc[(found.edges["account_b"] == "acct5") & (found.edges["account_a"] > "acct2"), "q"] = 0.2
    table = built(small_case, found)["accounts"].rows
    assert [row.weak for row in table] == [False, True, False, False, True]


def test_a_group_beside_known_accounts_says_how_many_are_not_known(small_case, make_findings) -> None:
    found = make_findings(in_period(small_case).records, [f"acct{n}" for n in range(1, 6)], None)
    found.clusters["context"], found.clusters["n_context"] = "newsroom", 3
    found.notes["context"] = {"registered": 4, "not_in_records": ["acct77"]}
    values = built(small_case, found)
    (group,) = values["aside"].groups
    assert (group.size, group.registered, group.not_registered) == (5, 3, 2)
    first = values["summary"]
    assert (first.aside_known, first.aside_registered, first.aside_not_registered) == (1, 3, 2)
    assert list(first.unmatched) == list(values["aside"].unmatched) == ["acct77"]


@pytest.mark.parametrize("language", ["en", "hi"])
def test_the_report_says_how_many_accounts_were_cleared(small_case, make_findings, monkeypatch, language) -> None:
    monkeypatch.delenv("SPMC_RUN", raising=False)
    found = make_findings(in_period(small_case).records, [f"acct{n}" for n in range(1, 6)])
    shown = {}
    for name, told in (("none", [[], []]), ("some", [["acct1"], ["acct2", "acct3"]])):
        found.notes["cleared"] = dict(zip(("set_aside", "again"), told, strict=True))
        one = section("aside", found=found, language=language)
        shown[name] = one._repr_mimebundle_()["text/html"]
    assert 'id="cleared"' not in shown["none"]
    said = re.search(r'<p id="cleared">(.*?)</p>', shown["some"], re.DOTALL)[1]
    words = {"en": ("1 account that", "2 accounts were marked"), "hi": ("1 खाता", "2 खाते")}[language]
    assert all(word in said for word in words) and "acct1" not in said


@pytest.mark.parametrize(("tier", "language"), [("B", "en"), ("C", "hi"), ("C", "en"), (None, "hi"), (None, "en")])
def test_no_all_clear_where_memory_was_too_small(small_case, make_findings, monkeypatch, tier, language) -> None:
    """With groups on the page, with groups that are not named, and with none."""
    monkeypatch.delenv("SPMC_RUN", raising=False)
    scope = in_period(small_case)
    found = make_findings(scope.records, [f"acct{n}" for n in range(1, 6)], tier)
    if tier is None:
        found.clusters = found.clusters[:0]
    found.notes["traces"] = {"copypasta": {"evidence": "sufficient"}}
    asked, shown = {}, {}
    small = {"trace": "co_repost", "window_s": None, "reason": "7 actions need 9 MB", "code": "too_large"}
    for name, not_run in (("whole", []), ("small", [small])):
        found.not_run = not_run
        one = section("summary", case=small_case, scope=scope, found=found, language=language)
        asked[name], shown[name] = one.values.no_room, one._repr_mimebundle_()["text/html"]
    words = {
        "en": ("memory", "No group of accounts needs a decision."),
        "hi": ("मेमोरी", "खातों के किसी समूह पर निर्णय लेना आवश्यक नहीं है।"),
    }[language]
    assert asked == {"whole": 0, "small": 1}
    assert (words[0] in shown["whole"], words[0] in shown["small"]) == (False, True)
    assert (words[1] in shown["whole"], words[1] in shown["small"]) == (tier is None, False)


def test_a_case_without_findings_says_so_in_numbers(small_case, all_sections) -> None:
    values = {one.name: one.values for one in all_sections(small_case, tier="C")}
    assert values["summary"].groups == 0 == values["summary"].accounts
    assert values["findings"].cards == () and values["accounts"].rows == ()
    assert values["accounts"].tiers["C"] == 5
    assert values["aside"].groups[0].basis["few"] == 5
    names = json.dumps(to_json(values["aside"]))
    assert "acct1" not in names and "handle_1" not in names


def test_period_is_inclusive_in_ist_and_counted(small_case) -> None:
    scope = in_period(small_case, "2025-11-03", "2025-11-03")
    assert len(scope.records) == 10 and scope.left_out == 20
    assert scope.source.equals(scope.records) and scope.context == {}
    assert scope.source.attrs["accounts"].equals(small_case.table("accounts"))
    assert in_period(small_case).source is small_case
    with pytest.raises(ParameterError, match="before date_from"):
        in_period(small_case, "2025-11-04", "2025-11-03")
    with pytest.raises(ParameterError, match="wanted a day"):
        in_period(small_case, "soon")


@given(st.lists(st.one_of(st.none(), st.text(max_size=60)), min_size=1, max_size=5))
def test_marked_copies_give_the_texts_back(texts: list[str | None]) -> None:
    for text, pieces in zip(texts, marked_copies(texts), strict=True):
        assert (text is None) == (pieces is None)
        if pieces is not None:
            assert "".join(piece for piece, _ in pieces) == text


def test_marked_copies_mark_the_booth() -> None:
    first, second = marked_copies(["booth 14 is closed", "booth 22 is closed"])
    assert first == [("booth 14 is closed", False)]
    assert [piece for piece, differs in second if differs] == ["22"]


def test_the_odd_one_is_marked_even_if_it_is_the_first() -> None:
    copies = marked_copies(["booth ११२ is closed", "booth 112 is closed", "BOOTH 112 IS CLOSED", "booth 112 is closed"])
    assert [[piece for piece, differs in one if differs] for one in copies] == [["११२"], [], [], []]


@given(st.lists(st.integers(0, 3000), min_size=1, max_size=12))
def test_closest_three_are_closest(seconds: list[int]) -> None:
    start = datetime(2025, 11, 3, tzinfo=UTC)
    times = sorted(start + timedelta(seconds=s) for s in seconds)
    own = pd.DataFrame(
        {"account_id": [f"a{n}" for n in range(len(times))], "created_at": pd.to_datetime(times, utc=True)}
    )
    chosen = list(_closest(own)["created_at"])
    if len(times) <= 3:
        assert chosen == list(own["created_at"])
    else:
        best = min(times[n + 2] - times[n] for n in range(len(times) - 2))
        assert len(chosen) == 3 and chosen[-1] - chosen[0] == best


def test_section_repr_is_short() -> None:
    assert len(repr(Section("data", {"files": ["x" * 10_000]}))) < 80
