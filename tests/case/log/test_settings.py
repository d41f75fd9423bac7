"""``case.toml``: what may stand in it, and that it comes back as it was written."""

from __future__ import annotations

import tomllib
import unicodedata
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spmc_tools.case.log.settings import CONTEXT_KINDS, CaseSettings, make_settings, parse_settings, settings_toml
from spmc_tools.errors import CaseError
from spmc_tools.schema import SCHEMA_VERSION

GOOD = {
    "title": "T",
    "purpose": "P",
    "legal_basis": "L",
    "date_from": "2025-10-06",
    "date_to": date(2025, 11, 16),
}


def allowed(text: str) -> bool:
    return bool(text.strip()) and not any(unicodedata.category(c) in {"Cc", "Cf", "Cs"} for c in text)


lines = st.text(min_size=1, max_size=40).filter(allowed)
days = st.dates(date(2000, 1, 1), date(2090, 1, 1))


@st.composite
def settings(draw: st.DrawFn) -> CaseSettings:
    first = draw(days)
    last = first + timedelta(days=draw(st.integers(0, 90)))
    entry = st.fixed_dictionaries(
        {
            "account_id": lines,
            "kind": st.sampled_from(CONTEXT_KINDS),
            "reason": st.one_of(lines, lines.map(lambda t: f'{t}\n"""\t\\ {t}')),
            "by": lines,
            "at": days.map(lambda day: datetime(day.year, day.month, day.day, 5, 30, 59, tzinfo=UTC)),
        }
    )
    return make_settings(
        {
            "title": draw(lines),
            "purpose": draw(st.one_of(lines, lines.map(lambda t: f'{t}\nsecond line with "quotes" and \\'))),
            "legal_basis": draw(lines),
            "event": draw(st.none() | lines),
            "date_from": first,
            "date_to": last,
            "platforms": draw(st.lists(lines, max_size=3)),
            "language": draw(st.sampled_from(["en", "hi"])),
            "officer": draw(st.none() | lines),
            "expires": draw(st.none() | st.just(last + timedelta(days=30))),
            "memory_limit": draw(st.none() | st.just("8GB")),
            "threads": draw(st.none() | st.integers(1, 64)),
            "temp_directory": draw(st.none() | lines),
            "context": draw(st.lists(entry, max_size=3)),
        },
        "here",
    )


@given(settings())
def test_settings_come_back(made: CaseSettings) -> None:
    content = settings_toml(made)
    assert parse_settings(content) == made
    assert tomllib.loads(content.decode())["schema_version"] == SCHEMA_VERSION


def refused_settings(change: dict, sentence: str) -> None:
    with pytest.raises(CaseError) as caught:
        make_settings(GOOD | change, "here")
    assert str(caught.value).startswith(sentence)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"purpose": "  "}, "here: purpose is empty; say it in a few words."),
        ({"legal_basis": ""}, "here: legal_basis is empty; say it in a few words."),
        ({"date_to": "2025-10-05"}, "here: the period ends on 2025-10-05 before it begins on 2025-10-06."),
        ({"expires": "2025-11-01"}, "here: the case expires on 2025-11-01 before its period ends on 2025-11-16."),
        ({"language": "ur"}, "here: language is \"ur\", wanted 'en' or 'hi'."),
        ({"caste": "x"}, 'here: unknown key "caste"; known keys: title, purpose, '),
        ({"title": "a\u202eb"}, "here: title holds the invisible character U+202E."),
        ({"title": "a\nb"}, "here: title must stand on one line."),
        ({"title": "x" * 301}, "here: title is longer than 300 characters."),
        ({"title": 5}, 'here: title is "5", which does not fit: '),
        ({"platforms": "x"}, 'here: platforms is "x", which does not fit: '),
    ],
)
def test_what_does_not_fit_is_one_sentence(change: dict, sentence: str) -> None:
    refused_settings(change, sentence)


@pytest.mark.parametrize("key", ["date_from", "date_to", "expires"])
@pytest.mark.parametrize(
    "value",
    ["06/10/2025", "0", 0, "2025-10-06T00:00:00", datetime(2025, 10, 6, tzinfo=UTC), 4102444800, "2025-02-30"],
    ids=str,
)
def test_what_is_no_date_is_one_sentence(key: str, value: object) -> None:
    refused_settings({key: value}, f'here: {key} is "{value}", wanted a date as 2025-11-06.')


def test_missing_key_is_named() -> None:
    with pytest.raises(CaseError, match=r"here: purpose is missing\."):
        make_settings({k: v for k, v in GOOD.items() if k != "purpose"}, "here")


def test_hindi_joiners_are_allowed() -> None:
    assert make_settings(GOOD | {"title": "क्\u200dष"}, "here").title == "क्\u200dष"


def version(text: str) -> bytes:
    good = settings_toml(make_settings(GOOD, "here")).decode()
    return good.replace(f"schema_version = {SCHEMA_VERSION}\n", text).encode()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (version(f"schema_version = {SCHEMA_VERSION + 1}\n"), "newer version of the program"),
        (version('schema_version = "1"\n'), 'schema_version is "1", wanted a number'),
        (version("schema_version = true\n"), "schema_version is"),
        (version(""), "schema_version is"),
        (b"title = ", "cannot be read"),
        (b"\xff\xfe", "cannot be read"),
        (b"a = " + b"[" * 5000, "cannot be read"),
        (b"a = " + b"9" * 5000, "cannot be read"),
    ],
)
def test_files_that_cannot_be_used(content: bytes, words: str) -> None:
    with pytest.raises(CaseError, match=words) as caught:
        parse_settings(content)
    assert "\n" not in str(caught.value)
