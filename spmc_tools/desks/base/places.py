"""Names of the states of India and of the districts of Bihar in English and Hindi, whichever way a sheet wrote them."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Any

from spmc_tools.errors import InputError, quote
from spmc_tools.resources import resource

__all__ = ["district_of", "districts", "english_district", "english_state", "state_of", "states"]


def states() -> tuple[dict[str, Any], ...]:
    """Return every state and union territory: ``code``, ``en``, ``hi``, and where there are any ``cldr``, ``also``."""
    return _listed("states.yaml")


def districts() -> tuple[dict[str, Any], ...]:
    """Return the districts that pages know in both languages: ``en``, ``hi``, maybe ``also``; ``seat`` marks a town."""
    return _listed("districts.yaml")


def state_of(name: str) -> dict[str, Any] | None:
    """Return the state that a name, code or former name stands for; None where it is none that is known.

    ``&``, case, blanks and punctuation do not count, so that "Jammu & Kashmir" is found as "jammu and kashmir" is.
    """
    return _by_key("states.yaml").get(_key(name))


def district_of(name: str) -> dict[str, Any] | None:
    """Return the district (or its seat, as such) that a name stands for; None where it is none that is known."""
    return _by_key("districts.yaml").get(_key(name))


def english_state(name: str) -> str:
    """Return the English name of a state, so that every way of writing it is one; any other text as it is."""
    known = state_of(name)
    return str(known["en"]) if known else name


def english_district(name: str) -> str:
    """Return the English name of a district, so that every way of writing it is one; any other text as it is."""
    known = district_of(name)
    return str(known["en"]) if known else name


@lru_cache
def _listed(file: str) -> tuple[dict[str, Any], ...]:
    import yaml

    return tuple(yaml.safe_load(resource("templates", "wording", file).read_text(encoding="utf-8")))


@lru_cache
def _by_key(file: str) -> dict[str, dict[str, Any]]:
    """Return the places of a file by every name that they have, none of which two places share."""
    found: dict[str, dict[str, Any]] = {}
    for place in _listed(file):
        names = (
            place["en"],
            place["hi"],
            *(place[part] for part in ("code", "cldr") if part in place),
            *place.get("also", ()),
        )
        for name in names:
            if found.setdefault(_key(name), place) is not place:
                raise InputError(f"{file}: {quote(name)} stands for {found[_key(name)]['en']} and {place['en']}.")
    return found


def _key(name: str) -> str:
    """Return a name without case, blanks, punctuation and nukta, "&" as "and"."""
    plain = unicodedata.normalize("NFD", name.replace("&", " and ")).casefold()
    return "".join(
        char for char in plain if char.isalnum() or (unicodedata.category(char) in {"Mc", "Mn"} and char != "़")
    )
