"""Single cells and values: ids exact or none, counts, lists."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spmc_tools.importers.fields.times import UtcMicros
from spmc_tools.importers.fields.values import count_of, exact_id, is_lost_id
from spmc_tools.importers.files.cells import (
    LongIds,
    cell_count,
    cell_flag,
    cell_id,
    cell_text,
    is_rounded,
    items_reader,
    not_utf8,
    why_no_id,
)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("0012", "0012"), (" 7 ", "7"), ("8.29E+17", None), ("8,29E+17", None), ("1e+05", None),
        ("1e234567", "1e234567"), ("8.29E17", None), ("8.29E-17", "8.29E-17"), ("5E10", "5E10"),
        ("12.0", "12"), ("9007199254740993.0", None), ("a.0", "a.0"), ("", None), (5, "5"), (2**70, str(2**70)),
        (5.0, "5"), (2.0**53, None), (5.5, None), (float("nan"), None), (True, None), (None, None), ("नाम", "नाम"),
        ("-1001234", "-1001234"), ("a+b", "a+b"), ("#REF!", None), (" #N/A ", None), ("null", None), ("NaN", None),
        ("None", None), ("nullity", "nullity"), ("#hash", "#hash"),
        (Decimal("1234567890123456789"), "1234567890123456789"), (Decimal("5.00"), "5"), (Decimal("1E+3"), "1000"),
        (Decimal("5.5"), None), (Decimal("NaN"), None), (b"ab12", "ab12"), (b"null", None), (UtcMicros(5), None),
        (date(2021, 4, 8), None), ([1, 2], None),
    ],
)  # fmt: skip
def test_ids(cell, expected):
    assert cell_id(cell) == expected


def _rounded_to_15(number: int) -> int:
    return int(f"{Decimal(number):.14e}".split("e")[0].replace(".", "")) * 10 ** (len(str(number)) - 15)


@given(st.lists(st.integers(min_value=10**16, max_value=10**19 - 1), min_size=3, max_size=20, unique=True))
def test_a_column_that_a_spreadsheet_rounded_is_told(numbers):
    rounded = [_rounded_to_15(number) for number in numbers]
    survey, exact = LongIds(), LongIds()
    survey.add([str(number) for number in rounded])
    assert all(is_rounded(number) for number in rounded)
    assert survey.rounded == (sum(len(str(number)) - 15 for number in set(rounded)) >= 6)
    exact.add([*map(str, rounded), "829123456789012345"])
    assert not exact.rounded


@pytest.mark.parametrize("cell", ["829123456789000", "1746080000123000", "a29123456789012000", "", None, 5, 5.0, True])
def test_short_ids_and_names_do_not_tell_of_rounding(cell):
    survey = LongIds()
    survey.add([cell] * 50)
    assert is_rounded(cell) is None and not survey.rounded


def test_two_rounded_ids_are_not_enough_and_one_many_times_neither():
    survey = LongIds()
    survey.add(["82912345678901200", "82912345678901300"] + ["82912345678901200"] * 50)
    assert not survey.rounded


@given(st.integers(min_value=0, max_value=2**80))
def test_a_whole_number_is_an_exact_id(number):
    assert exact_id(number) == cell_id(number) == cell_id(str(number)) == str(number)


@given(st.floats(min_value=0, allow_infinity=False))
def test_a_float_is_an_id_only_where_it_is_exact(number):
    found = exact_id(number)
    assert found is None or (float(found) == number and number < 2**53)
    assert is_lost_id(f"{number:.2E}") == (len(f"{number:.2E}".split("+")) == 2)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("1", 1), ("1,234", 1234), ("1,23,456", 123456), ("12.0", 12), ("1.2K", None), ("-1", None), ("", None),
        ("²", None), ("९", 9), ("9" * 30, None), (3, 3), (3.0, 3), (3.5, None), (float("inf"), None), (True, None),
        (None, None), ("1,2", None),
    ],
)  # fmt: skip
def test_counts(cell, expected):
    assert cell_count(cell) == expected


def test_a_count_fits_its_column():
    assert count_of(2**63 - 1) == 2**63 - 1
    assert count_of(2**63) is None and count_of(-1) is None and count_of(1.0) is None


@pytest.mark.parametrize(
    ("cell", "name", "separator", "expected"),
    [
        ("['a', 'b c']", "urls", None, ["a", "b c"]),
        ('["a", "b\\"c"]', "urls", None, ["a", 'b"c']),
        ("[https://example.org/a, https://example.org/b]", "urls", None, ["https://example.org/a", "https://example.org/b"]),
        ("[]", "urls", None, None),
        ("https://example.org/?a=1,2 https://b|c", "urls", None, ["https://example.org/?a=1,2", "https://b", "c"]),
        ("#चुनाव, #b;c", "hashtags", None, ["चुनाव", "b", "c"]),
        ("@a @b", "mentions", None, ["a", "b"]),
        ("a b, c", "hashtags", ",", ["a b", "c"]),
        (["a", None, "b"], "urls", None, ["a", "b"]),
        ("  ", "urls", None, None),
    ],
)  # fmt: skip
def test_lists(cell, name, separator, expected):
    assert items_reader(name, separator)(cell) == expected


@given(st.text(max_size=60), st.sampled_from(["urls", "hashtags"]), st.sampled_from([None, ",", "["]))
def test_any_text_is_a_list_or_none(text, name, separator):
    found = items_reader(name, separator)(text)
    assert found is None or (found and all(isinstance(item, str) and item for item in found))


def test_flags_and_texts():
    assert [cell_flag(c) for c in ("TRUE", "0", True, "x", None)] == [True, False, True, None, None]
    assert [cell_text(c) for c in (b"a\xff", 5, "", None)] == ["a\udcff", "5", None, None]


def test_rows_that_are_not_utf8_are_found():
    columns = [["a", "\udcff", None, "d", 5], [["x"], None, ["\ud800"], [{"url": "u"}], [{"url": "\udc80"}]]]
    assert not_utf8(columns) == {1, 2, 4}


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("#REF!", "a spreadsheet shows"), ("NaN", 'a word for "nothing here"'), ("8.29E+17", "last digits"),
        ("  ", "blank"), (2.0**60, "last digits"), (True, "true or false"), (date(2021, 4, 8), "a time"),
        (UtcMicros(1), "a time"), ([1], "a list"), (Decimal("1.5"), "a fraction"), (1.5, "a fraction"),
        (object(), "of a type"),
    ],
)  # fmt: skip
def test_every_cell_that_is_no_id_has_its_own_reason(cell, words):
    assert cell_id(cell) is None and words in why_no_id(cell)
    assert ("last digits" in why_no_id(cell)) == (words == "last digits")
