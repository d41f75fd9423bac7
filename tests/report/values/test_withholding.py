"""What the redacted edition holds empty, and the texts that it needs, of values with the two usual bases."""

from __future__ import annotations

import pytest

from spmc_tools.report.redaction.by_class import needed_in, redacted
from spmc_tools.report.values.privacy import Code, Count, Quoted
from spmc_tools.report.values.section_values import section_values, to_json
from spmc_tools.report.values.withholding import ReadByText, Withholding
from tests.marked_masks import Marks


@section_values
class Part(Withholding, ReadByText):
    n: Count
    text: Quoted | None
    note: Quoted | None
    rows: tuple[Count, ...]
    withheld = ("note", "rows")


@section_values
class Whole:
    parts: tuple[Part, ...]
    by_name: dict[Code, Part]


def test_fields_that_are_withheld_are_empty_at_any_depth_and_the_others_are_masked() -> None:
    part = Part(n=3, text="Ravi said", note="Ravi noted", rows=(1, 2))
    left = Part(n=3, text="… said", note=None, rows=())
    assert redacted(part, Marks()) == left
    assert redacted(Whole(parts=(part,), by_name={"a": part}), Marks()) == Whole(parts=(left,), by_name={"a": left})
    assert part.rows == (1, 2), "the values of the full edition stay"
    assert redacted(Part(n=1, text=None, note=None, rows=()), Marks()) == Part(n=1, text=None, note=None, rows=())


def test_what_is_withheld_is_no_field() -> None:
    assert to_json(Part(n=1, text=None, note="a", rows=())) == {"n": 1, "text": None, "note": "a", "rows": []}


def test_a_name_that_is_no_field_stops_the_redaction() -> None:
    @section_values
    class Misspelt(Withholding):
        note: Quoted | None
        withheld = ("notes",)

    with pytest.raises(AttributeError, match="notes"):
        redacted(Misspelt(note="Ravi"), Marks())


def test_texts_that_are_needed_are_those_there_are() -> None:
    parts = tuple(Part(n=1, text=text, note="x", rows=()) for text in ("a", None, "", "b"))
    assert list(needed_in(Whole(parts=parts, by_name={}))) == ["a", "b"]
