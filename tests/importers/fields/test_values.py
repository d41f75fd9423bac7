"""Single values of JSON, read or not at all."""

from __future__ import annotations

import pytest

from spmc_tools.importers.fields.values import flag_of, text_of


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (("a",), "a"),
        (("",), None),
        ((1,), None),
        (("a", "b"), "a"),
        ((None, "b", "c"), "b"),
        (("", 0, ["d"], "c"), "c"),
        ((None, "", {}), None),
    ],
)
def test_a_text_is_the_first_that_is_one(values, expected):
    assert text_of(*values) == expected


@pytest.mark.parametrize(("value", "expected"), [(True, True), (False, False), (1, None), ("true", None), (None, None)])
def test_a_flag_is_true_or_false_and_nothing_like_it(value, expected):
    assert flag_of(value) is expected
