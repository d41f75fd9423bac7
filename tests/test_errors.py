"""The error tree: drawn in the docstring, told apart by exit code, quoting what comes from outside."""

from __future__ import annotations

import inspect
import re
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from spmc_tools import errors


def test_tree_in_the_docstring_is_the_tree() -> None:
    classes = {n for n, c in inspect.getmembers(errors, inspect.isclass) if issubclass(c, errors.SpmcError)}
    drawn = set(re.findall(r"\b\w+Error\b", (errors.__doc__ or "").split("A message")[0]))
    assert drawn == classes
    assert classes | {"quote"} == set(errors.__all__)


def test_exit_codes() -> None:
    for name in errors.__all__:
        thing = getattr(errors, name)
        if inspect.isclass(thing):
            assert thing.exit_code == (2 if issubclass(thing, errors.InputError) else 1)


def test_quote_shows_what_would_act() -> None:
    assert errors.quote("a\x1b[31m\u202eb\n") == '"a\\u001b[31m\\u202eb\\u000a"'
    assert errors.quote("ab", limit=1) == '"a…"'
    assert errors.quote("क्‍ष") == '"क्‍ष"'


@given(st.text())
def test_quoted_text_is_one_harmless_line(text: str) -> None:
    shown = errors.quote(text)
    assert "\n" not in shown
    assert all(unicodedata.category(c) not in {"Cc", "Cs", "Zl", "Zp"} for c in shown)
