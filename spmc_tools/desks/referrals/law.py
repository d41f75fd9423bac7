"""Provisions and categories that a referral may name: data with sources; the centre edits, a law officer checks them.

Section 66A of the IT Act was struck down and cannot be chosen. Criticism of the government or the police is no
category, and a file that makes it one is refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from spmc_tools.errors import InputError, quote
from spmc_tools.resources import resource

if TYPE_CHECKING:
    from pathlib import Path

__all__ = [
    "CHECKLIST",
    "Provision",
    "categories",
    "provision",
    "provisions",
    "read_categories",
    "read_provisions",
    "require_category",
]

CHECKLIST = (
    "threshold",
    "ingredients",
    "innocent_explanation",
    "protected_speech",
    "authority_rank",
    "prosecutor",
    "synthetic_media",
    "preservation",
)
"""What is asked before a referral is sent: each needs an answer in words; the questions lie in the catalogues."""

_CRITICISM = re.compile(
    r"critic|dissent|anti.?(?:government|police|national|state)|against.{0,12}(?:government|police|minister)|आलोचना|विरोध|निंदा",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Provision:
    """A provision; ``checked_on`` None: no law officer has checked the line. ``reason``: why it cannot be chosen.

    ``checked_by``: the law officer who did, empty where that is not written.

    ``title_hi``, ``ingredients_hi`` and ``reason_hi`` are the same in Hindi, empty where the file does not have them.
    """

    key: str
    act: str
    section: str
    title: str
    ingredients: tuple[str, ...]
    source: str
    checked_on: str | None
    selectable: bool = True
    reason: str = ""
    title_hi: str = ""
    ingredients_hi: tuple[str, ...] = ()
    reason_hi: str = ""
    checked_by: str = ""

    def title_in(self, language: str) -> str:
        """Return the title in a language; in English where there is no other."""
        return self.title_hi if language == "hi" and self.title_hi else self.title

    def ingredients_in(self, language: str) -> tuple[str, ...]:
        """Return the ingredients in a language; in English where there are no others."""
        return self.ingredients_hi if language == "hi" and self.ingredients_hi else self.ingredients


def _read(path: Path) -> dict[str, Any]:
    import yaml

    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise InputError(f"{path.name} cannot be read: {quote(error, 120)}.") from None
    if not isinstance(found, dict):
        raise InputError(f"{path.name} holds no table; see the file that comes with the package.")
    return found


def read_provisions(path: Path) -> dict[str, Provision]:
    """Return the provisions of a file by key.

    Raises
    ------
    InputError
        Where a line lacks something, names an unknown source, has another ``checked_on`` than a day, or makes section
        66A of the IT Act selectable.
    """
    written = _read(path)
    sources, found = dict(written.get("sources") or {}), {}
    for number, line in enumerate(written.get("provisions") or [], start=1):
        where = f"{path.name}, provision {number}"
        try:
            provision = Provision(
                str(line["key"]), str(line["act"]), str(line["section"]), str(line["title"]),
                tuple(map(str, line["ingredients"])), str(sources[line["source"]]),
                None if line["checked_on"] is None else str(line["checked_on"]),
                bool(line.get("selectable", True)), str(line.get("reason", "")), str(line.get("title_hi", "")),
                tuple(map(str, line.get("ingredients_hi") or ())), str(line.get("reason_hi", "")),
                str(line.get("checked_by") or ""),
            )  # fmt: skip
        except (KeyError, TypeError) as error:
            raise InputError(f"{where}: {quote(error)} is missing or unknown.") from None
        if provision.checked_on is not None and not _is_day(provision.checked_on):
            raise InputError(f"{where}: checked_on is {quote(provision.checked_on)}; wanted a day as 2026-12-01.")
        if provision.ingredients_hi and len(provision.ingredients_hi) != len(provision.ingredients):
            raise InputError(f"{where}: ingredients_hi has another length than ingredients; one for each is wanted.")
        if provision.selectable and re.sub(r"\W", "", provision.section).casefold() == "66a":
            raise InputError(f"{where}: section 66A of the IT Act was struck down and cannot be selectable.")
        found[provision.key] = provision
    return found


def _is_day(text: str) -> bool:
    try:
        return bool(date.fromisoformat(text))
    except ValueError:
        return False


def read_categories(path: Path) -> dict[str, dict[str, str]]:
    """Return the categories of a file: key to title by language.

    Raises
    ------
    InputError
        Where a line lacks a title, or is criticism of the government or the police.
    """
    found: dict[str, dict[str, str]] = {}
    for number, line in enumerate(_read(path).get("categories") or [], start=1):
        where = f"{path.name}, category {number}"
        if not isinstance(line, dict) or set(line.get("title") or {}) != {"en", "hi"} or not line.get("key"):
            raise InputError(f"{where}: wanted key and title with en and hi.")
        if any(_CRITICISM.search(str(text)) for text in (line["key"], *line["title"].values())):
            raise InputError(
                f"{where}: criticism of the government or the police is no category and cannot be made one."
            )
        found[str(line["key"])] = {name: str(text) for name, text in line["title"].items()}
    return found


@lru_cache(maxsize=1)
def provisions() -> dict[str, Provision]:
    """Return the provisions of ``data/law/provisions.yaml``."""
    return read_provisions(resource("data", "law", "provisions.yaml"))


@lru_cache(maxsize=1)
def categories() -> dict[str, dict[str, str]]:
    """Return the categories of ``data/law/categories.yaml``."""
    return read_categories(resource("data", "law", "categories.yaml"))


def provision(key: str) -> Provision:
    """Return a provision that may be chosen.

    Raises
    ------
    InputError
        Where it is unknown or cannot be chosen, with the reason.
    """
    found = provisions().get(key)
    if found is None:
        known = ", ".join(name for name, entry in provisions().items() if entry.selectable)
        raise InputError(f"provision {quote(key)} is not in data/law/provisions.yaml; known: {known}.")
    if not found.selectable:
        raise InputError(f"{found.act} s. {found.section} cannot be chosen: {found.reason}.")
    return found


def require_category(key: str) -> None:
    """Raise an InputError where a category is not of the list; it says so where it is criticism."""
    if _CRITICISM.search(key):
        raise InputError("Criticism of the government or the police is no category: such a post is not referred.")
    if key not in categories():
        raise InputError(f"category {quote(key)} is not in data/law/categories.yaml; known: {', '.join(categories())}.")
