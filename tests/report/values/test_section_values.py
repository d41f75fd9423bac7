"""Values of sections are typed: every field says what it holds, JSON keeps them, redaction goes by class alone."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spmc_tools.errors import TableError
from spmc_tools.report.page.sections import SECTIONS
from spmc_tools.report.redaction.by_class import needed_in, redacted
from spmc_tools.report.values import privacy
from spmc_tools.report.values.listed import Listed
from spmc_tools.report.values.section_values import UndeclaredPrivacyError, from_json, hints_of, section_values, to_json
from tests.marked_masks import Marks


@section_values
class Post:
    n: privacy.Count | None
    name: privacy.Handle | None
    shown_as: privacy.DisplayName | None
    at: privacy.Time
    parts: privacy.Parts | None
    record: privacy.RecordId | None
    sha256: privacy.Code | None
    file: privacy.FileName | None


@section_values
class Everything:
    account: privacy.AccountId
    posts: tuple[Post, ...]
    others: tuple[privacy.AccountId, ...]
    said: privacy.Quoted
    address: privacy.WebAddress
    site: privacy.Site
    thing: privacy.Thing
    district: privacy.Place
    bin_start: privacy.Bin
    bin_s: privacy.Number
    official_at: privacy.Clock
    day: privacy.Day
    trace: privacy.Code
    share: privacy.Number | None
    seen: privacy.Flag
    title: privacy.Wording
    by_kind: dict[privacy.Code, tuple[privacy.Count, ...]]

    def needed_texts(self) -> tuple[str, ...]:
        return (self.said,)


MOMENT = datetime(2025, 11, 3, 4, 47, 12, 345, tzinfo=UTC)
POST = Post(
    n=3, name="ravi_k", shown_as="Ravi Kumar", at=MOMENT, parts=(("Ravi ", False), ("says", True)), record="1986",
    sha256="ab" * 32, file="ravi.jsonl",
)  # fmt: skip
BESIDE = Post(n=None, name="x", shown_as=None, at=MOMENT, parts=None, record=None, sha256=None, file="b.csv")
VALUES = Everything(
    account="17", posts=(POST, BESIDE), others=("18", "19"), said="Ravi says", address="https://a.example/Ravi",
    site="a.example", thing="t1", district="Gaya", bin_start=MOMENT, bin_s=300, official_at=MOMENT,
    day=date(2025, 11, 3), trace="co_repost", share=None, seen=True, title="Ravi's case", by_kind={"office": (1, 2)},
)  # fmt: skip


def test_each_leaf_goes_by_its_class_and_not_by_its_name() -> None:
    made = redacted(VALUES, Marks())
    hour = datetime(2025, 11, 3, 4, 30, tzinfo=UTC)  # ten o'clock in India
    assert made.posts[0] == Post(
        n=3, name="N(3)", shown_as=None, at=hour, parts=(("… says", False),), record=None, sha256="ab" * 32,
        file=f"file of {'ab' * 32}",
    )  # fmt: skip
    assert made.posts[1].name == "A(x)" and made.posts[1].file == "file of b.csv" and made.posts[1].parts is None
    assert (made.account, made.others) == ("A(17)", ("A(18)", "A(19)"))
    assert (made.said, made.address, made.title) == ("… says", "https://a.example/…", "…'s case")
    assert (made.site, made.thing) == ("site of a.example", "thing of t1")
    assert (made.bin_start, made.official_at, made.day) == (hour, MOMENT, date(2025, 11, 3))
    assert (made.trace, made.share, made.seen, made.by_kind) == ("co_repost", None, True, {"office": (1, 2)})
    assert list(needed_in(VALUES)) == ["Ravi says"]


@pytest.mark.parametrize("length", [3599, 3600, 86_400])
def test_the_start_of_a_block_of_an_hour_or_more_stays(length: int) -> None:
    @section_values
    class Block:
        bin_start: privacy.Bin
        bin_s: privacy.Number

    made = redacted(Block(bin_start=MOMENT, bin_s=length), Marks())
    assert (made.bin_start == MOMENT) is (length >= 3600)


def test_posts_are_compared_anew_once_their_texts_are_masked() -> None:
    """Two texts that differ in a name alone are the same text once the name is masked."""

    @section_values
    class Block:
        posts: tuple[Post, ...]

    first = (("Ravi ", True), ("votes today", False))
    second = (("votes today", False),)
    texts = [first, second, second]
    rows = tuple(
        Post(n=None, name=None, shown_as=None, at=MOMENT, parts=one, record=None, sha256=None, file=None)
        for one in texts
    )
    made = redacted(Block(posts=rows), Marks())
    assert made.posts[0].parts == (("… ", True), ("votes today", False))
    assert made.posts[1].parts == made.posts[2].parts == (("votes today", False),)


def test_a_list_that_is_cut_says_how_long_it_is_and_its_rows_go_by_their_classes() -> None:
    @section_values
    class Two:
        posts: Listed[Post]
        names: Listed[privacy.DisplayName | None]

    values = Two(posts=Listed(rows=(POST, BESIDE), all=7), names=Listed(rows=("Ravi",), all=1))
    assert (list(values.posts), len(values.posts), values.posts[1]) == ([POST, BESIDE], 2, BESIDE)
    assert (values.posts.more, values.names.more) == (5, 0) and not Listed(rows=(), all=3)
    made = redacted(values, Marks())
    assert [post.name for post in made.posts] == ["N(3)", "A(x)"] and made.posts.all == 7
    assert made.names == Listed(rows=(None,), all=1)
    written = json.loads(json.dumps(to_json(values)))
    assert written["names"] == {"rows": ["Ravi"], "all": 1} and from_json(Two, written) == values
    with pytest.raises(TableError, match="run the report again"):  # as it was written before there was this class
        from_json(Two, {**written, "posts": written["posts"]["rows"]})
    with pytest.raises(TableError, match="run the report again"):
        from_json(Two, {**written, "posts": {"rows": [{}], "all": 1}})


def test_json_gives_the_same_values_back() -> None:
    written = json.loads(json.dumps(to_json(VALUES)))
    assert written["posts"][0]["at"] == "2025-11-03T04:47:12.000345+00:00" and written["by_kind"] == {"office": [1, 2]}
    assert from_json(Everything, written) == VALUES


@given(st.floats() | st.integers() | st.none())
def test_numbers_pass_json_as_they_are_and_what_is_not_finite_as_none(number: float | None) -> None:
    @section_values
    class One:
        number: privacy.Number | None

    back = from_json(One, json.loads(json.dumps(to_json(One(number=number))))).number
    assert back == (number if number is not None and abs(number) < float("inf") else None)
    assert type(back) is type(number) or back is None


def test_numbers_of_numpy_and_what_is_missing_in_pandas() -> None:
    given_ = {"a": np.int64(3), "b": np.float64("nan"), "c": pd.NaT, "d": pd.NA, "e": np.array([1, 2]), "f": (None,)}
    assert to_json(given_) == {"a": 3, "b": None, "c": None, "d": None, "e": [1, 2], "f": [None]}
    with pytest.raises(TypeError, match="Path has no place"):
        to_json({"a": Path()})


@pytest.mark.parametrize(
    "hint",
    [str, int, "str | None", "tuple[str, ...]", "dict[str, int]", Any, "dict[Code, Any]", "Annotated[str, 'text']",
     "list[Count]", "Annotated[str, Privacy.TEXT, Privacy.CODE]", "DisplayName", "RecordId", "Plain", "Listed",
     "Listed[str]", "Listed[DisplayName]", "Listed[Plain]"],
)  # fmt: skip
def test_a_field_that_does_not_say_what_it_holds_is_refused_when_it_is_declared(hint: Any) -> None:
    names = {"Annotated": Annotated, "Any": Any, "Plain": Plain, "Listed": Listed, **vars(privacy)}
    resolved = eval(hint, names) if isinstance(hint, str) else hint
    with pytest.raises(UndeclaredPrivacyError, match=r"Hidden\.field"):
        section_values(type("Hidden", (), {"__annotations__": {"field": resolved}}))


@dataclass
class Plain:
    n: int


@pytest.mark.parametrize(
    "change",
    [{"more": 1}, {"seen": "no way"}, {"posts": [{}]}, {"said": None}, {"day": "soon"}, {"others": "17"}],
)
def test_values_that_somebody_changed_are_refused_with_their_place(change: dict[str, Any]) -> None:
    with pytest.raises(TableError, match=rf'"{next(iter(change))}.*run the report again'):
        from_json(Everything, {**to_json(VALUES), **change})
    with pytest.raises(TableError, match="run the report again"):
        from_json(Everything, [])


def test_every_section_is_of_a_class_whose_fields_say_what_they_hold() -> None:
    undeclared = [name for name, declared in SECTIONS.items() if not hints_of(declared.shape)]
    assert undeclared == ["signoff"] or undeclared == []
