"""What posts of a festival are about: processions, routes, crowds, water, harmony, by words that the centre lists.

A post is about a subject where its match key holds one of the subject's words as whole words; it can be about several.
Known errors: a word that is used in another sense counts, and a post that says it in other words is missed.
"""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

from spmc_tools.errors import InputError, quote
from spmc_tools.resources import resource
from spmc_tools.text.match_key import match_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

__all__ = ["SUBJECTS", "about", "read_subjects"]

SUBJECTS = ("processions", "routes", "crowds", "water", "harmony")
"""The subjects that have words on the page, in their order there."""


def read_subjects(path: Path | None = None) -> dict[str, tuple[str, ...]]:
    """Return the match keys of the words of each subject, in the order of :data:`SUBJECTS`.

    Parameters
    ----------
    path : Path, optional
        None: ``templates/festival_subjects.toml``.

    Raises
    ------
    InputError
        Where the file cannot be read, names an unknown subject, or a subject has no word of three signs and more.
    """
    path = resource("templates", "festival_subjects.toml") if path is None else path
    try:
        rows = tomllib.loads(path.read_text(encoding="utf-8"))["subject"]
        found = {str(row["name"]): tuple(match_key(str(word)) for word in row["words"]) for row in rows}
    except (OSError, ValueError, RecursionError, KeyError, TypeError) as error:
        raise InputError(
            f"{path.name} is no list of subjects: {quote(error, 120)}; wanted [[subject]] with name and words."
        ) from None
    for name, words in found.items():
        if name not in SUBJECTS:
            raise InputError(f"{path.name}: subject {quote(name)} is not known; known: {', '.join(SUBJECTS)}.")
        if not words or min(map(len, words)) < 2:
            raise InputError(f"{path.name}: subject {quote(name)} wants words of two letters and more.")
    return {name: found[name] for name in SUBJECTS if name in found}


def about(keys: Iterable[str], subjects: Mapping[str, tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Return for each match key the subjects that it is about, in the order of ``subjects``."""
    wanted = {name: [f" {word} " for word in words] for name, words in subjects.items()}
    known: dict[str, tuple[str, ...]] = {}
    found = []
    for key in keys:
        if key not in known:
            padded = f" {key} "
            known[key] = tuple(name for name, words in wanted.items() if any(word in padded for word in words))
        found.append(known[key])
    return found
