"""Names of the states of India and of the districts of Bihar in English and Hindi, whichever way a sheet wrote them."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Any

from spmc_tools.errors import InputError, quote
from spmc_tools.resources import resource

__all__ = ["district_of", "districts", "english", "state_of", "states"]


def _key(name: str) -> str:
    """Return a name without case, blanks, punctuation and nukta, "&" as "and"."""
    plain = unicodedata.normalize("NFD", name.replace("&", " and ")).casefold()
    return "".join(one for one in plain if one.isalnum() or (unicodedata.category(one) in {"Mc", "Mn"} and one != "़"))


@lru_cache(maxsize=1)
def states() -> tuple[dict[str, Any], ...]:
    """Return every state and union territory: ``code``, ``en``, ``hi``, and where there are any ``cldr``, ``also``."""
    import yaml

    return tuple(yaml.safe_load(resource("templates", "wording", "states.yaml").read_text(encoding="utf-8")))


@lru_cache(maxsize=1)
def _by_key() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for one in states():
        names = (one["code"], one["en"], one["hi"], one.get("cldr", one["hi"]), *one.get("also", ()))
        for name in names:
            if found.setdefault(_key(name), one) is not one:
                raise InputError(f"states.yaml: {quote(name)} stands for {found[_key(name)]['en']} and {one['en']}.")
    return found


def state_of(name: str) -> dict[str, Any] | None:
    """Return the state that a name, code or former name stands for; None where it is none that is known.

    ``&``, case, blanks and punctuation do not count, so that "Jammu & Kashmir" is found as "jammu and kashmir" is.
    """
    return _by_key().get(_key(name))


def english(name: str) -> str:
    """Return the English name of a state, so that every way of writing it is one; any other text as it is."""
    known = state_of(name)
    return str(known["en"]) if known else name


@lru_cache(maxsize=1)
def districts() -> tuple[dict[str, Any], ...]:
    """Return the districts that pages know in both languages: ``en``, ``hi``, maybe ``also``; ``seat`` marks a town."""
    import yaml

    return tuple(yaml.safe_load(resource("templates", "wording", "districts.yaml").read_text(encoding="utf-8")))


@lru_cache(maxsize=1)
def _districts_by_key() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for one in districts():
        for name in (one["en"], one["hi"], *one.get("also", ())):
            if found.setdefault(_key(name), one) is not one:
                raise InputError(f"districts.yaml: {quote(name)} stands for {found[_key(name)]['en']} and {one['en']}.")
    return found


def district_of(name: str) -> dict[str, Any] | None:
    """Return the district (or its seat, as such) that a name stands for; None where it is none that is known."""
    return _districts_by_key().get(_key(name))
