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
from spmc_tools.report.cards import _closest
from spmc_tools.report.copies import marked_copies
from spmc_tools.report.scope import in_period
from spmc_tools.report.sections import MIME, SECTIONS, Section, section
from spmc_tools.resources import resource


def test_every_section_has_its_template() -> None:
    names = {path.name.removesuffix(".html.j2") for path in resource("templates", "sections").glob("*.j2")}
    assert names == set(SECTIONS)


def test_sections_are_json_and_hold_no_words_of_ours(small_case, all_sections) -> None:
    for one in all_sections(small_case):
        text = json.dumps(one.payload(), allow_nan=False)
        assert json.loads(text)["values"] == one.values
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
    monkeypatch.setenv("SPMC_RUN", "x")
    assert "text/html" not in one._repr_mimebundle_()


def test_odd_values_become_plain() -> None:
    from spmc_tools.report.sections import _plain

    odd = {"a": np.float64("nan"), "b": np.int32(3), "c": pd.NaT, "d": pd.NA, "e": pd.Timestamp("2025-11-06", tz="UTC"),
           "f": np.array([1.5, np.inf]), "g": (True, None)}  # fmt: skip
    assert _plain(odd) == {
        "a": None, "b": 3, "c": None, "d": None, "e": "2025-11-06T00:00:00+00:00", "f": [1.5, None], "g": [True, None],
    }  # fmt: skip
    with pytest.raises(TypeError):
        _plain(object())


def test_first_page_counts(small_case, all_sections) -> None:
    values = {one.name: one.values for one in all_sections(small_case)}
    first = values["summary"]
    # six texts, 13 hours apart from 3 Nov 09:30 IST: 3, 3, 4, 5, 5, 6 Nov; silence from 4 Nov 18:00 to 6 Nov 18:00
    assert (first["groups"], first["accounts"], first["evidence"], first["days"]) == (1, 5, 30, 4)
    assert first["silence"] == 15
    assert (first["most"], first["expected"], first["trace"]) == (6, 0.25, "copypasta")
    data = values["data"]
    assert data["totals"] == {"read": 31, "kept": 30, "duplicates": 0, "refused": 1}
    assert data["reasons"] == [{"reason": "no time", "n": 1}]
    assert data["precision"] == [{"step_s": 1.0, "n": 30}]
    assert [gap["seconds"] for gap in data["gaps"]] == [13 * 3600 - 32.0] * 5


def test_volume_counts_every_record_once(small_case, all_sections) -> None:
    volume = next(one.values for one in all_sections(small_case) if one.name == "volume")
    assert sum(volume["counts"]) == 30 == sum(day["n"] for day in volume["days"])
    assert volume["start"] == "2025-11-03T03:30:00+00:00"  # 09:00 IST
    assert [n for n, count in enumerate(volume["counts"]) if count] == [0, 13, 26, 39, 52, 65]
    assert {band["what"] for band in volume["bands"]} == {"silence", "poll"}


def test_card_holds_what_can_be_recomputed(small_case, all_sections) -> None:
    card = next(one.values for one in all_sections(small_case) if one.name == "findings")["cards"][0]
    assert [member["name"] for member in card["members"]] == [f"handle_{n}" for n in range(1, 6)]
    pair = card["pairs"][0]
    assert (pair["a"], pair["b"], pair["n"]) == (1, 2, 6)
    assert poisson.sf(pair["n"] - 1, pair["expected"]) == pytest.approx(pair["p"], rel=0.05)
    assert (pair["low"], pair["high"]) == (0, 2)
    assert len(card["posts"]) == 3 and all(len(block["posts"]) == 4 for block in card["posts"])
    post = card["posts"][0]["posts"][1]
    assert post["after_s"] == 8.0 and len(post["sha256"]) == 64 and post["row"] == 2
    assert card["network"]["nodes"][0]["n"] == 1 and len(card["network"]["lines"]) == 10


def test_a_case_without_findings_says_so_in_numbers(small_case, all_sections) -> None:
    values = {one.name: one.values for one in all_sections(small_case, tier="C")}
    assert values["summary"]["groups"] == 0 == values["summary"]["accounts"]
    assert values["findings"]["cards"] == [] and values["accounts"]["rows"] == []
    assert values["accounts"]["tiers"]["C"] == 5
    assert values["aside"]["groups"][0]["basis"]["few"] == 5
    names = json.dumps(values["aside"])
    assert "acc1" not in names and "handle_1" not in names


def test_period_is_inclusive_in_ist_and_counted(small_case) -> None:
    scope = in_period(small_case, "2025-11-03", "2025-11-03")
    assert len(scope.records) == 10 and scope.left_out == 20
    assert scope.source is scope.records and scope.context == {}
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


@given(st.lists(st.integers(0, 3000), min_size=1, max_size=12))
def test_closest_four_are_closest(seconds: list[int]) -> None:
    start = datetime(2025, 11, 3, tzinfo=UTC)
    times = sorted(start + timedelta(seconds=s) for s in seconds)
    own = pd.DataFrame(
        {"account_id": [f"a{n}" for n in range(len(times))], "created_at": pd.to_datetime(times, utc=True)}
    )
    chosen = list(_closest(own)["created_at"])
    if len(times) <= 4:
        assert chosen == list(own["created_at"])
    else:
        best = min(times[n + 3] - times[n] for n in range(len(times) - 3))
        assert len(chosen) == 4 and chosen[-1] - chosen[0] == best


def test_section_repr_is_short() -> None:
    assert len(repr(Section("data", {"files": ["x" * 10_000]}))) < 80
