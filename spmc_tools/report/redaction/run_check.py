"""The leak check of one redacted run: over every file of its folder, and over its manifest before that is written."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from spmc_tools.report.redaction.edition import Redaction
from spmc_tools.report.redaction.leak_check import (
    Leak,
    LeakError,
    RawNames,
    check_folder,
    check_text,
    raw_names,
    texts_of,
)
from spmc_tools.report.redaction.own_words import own_text
from spmc_tools.report.redaction.text_check import Needed, TextCheck
from spmc_tools.report.words import notebook_file
from spmc_tools.report.words.wording import Wording
from spmc_tools.signing.manifest import MANIFEST, files_below

if TYPE_CHECKING:
    from pathlib import Path

    from spmc_tools.case.store.case import Case

__all__ = ["RunCheck"]


class RunCheck:
    """What is looked for in one run, and in whose words it may stand.

    Parameters
    ----------
    case : Case
        Whose names must not leave.
    folder : pathlib.Path
        Of the run.
    notebook : pathlib.Path or None
        Where it comes with the package: its code is ours.
    *languages : {"en", "hi"}
        Of the pages, at least one.
    """

    def __init__(self, case: Case, folder: Path, notebook: Path | None, *languages: str) -> None:
        self.case = case
        self.folder = folder
        self.languages = languages
        self.needed = Needed()
        self._notebook = None if notebook is None else notebook_file.read(notebook)

    @cached_property
    def names(self) -> RawNames:
        """Every raw name of the case."""
        return raw_names(self.case)

    @cached_property
    def own(self) -> set[str]:
        """The raw names that are words of ours as well."""
        return {hit.raw for hit in self.names.find(self._own_text)}

    @cached_property
    def _own_text(self) -> str:
        return "\n".join(own_text(self._notebook, language) for language in self.languages)

    def _of_the_office(self) -> list[str]:
        """Return what the office itself wrote: its settings, the claims it registered and what it answered."""
        settings = self.case.settings
        texts = [settings.title, settings.purpose, settings.legal_basis, *(entry.reason for entry in settings.context)]
        for row in self.case.table("claims", ["text", "official_version"]).to_pylist():
            texts += row.values()
        return [text for text in texts if text]

    @cached_property
    def told(self) -> dict[str, Any]:
        """What was looked for and where; ``own_words`` lists the raw names that are also words of ours.

        ``texts_looked_for, texts_too_short``: texts of accounts that are in no finding, as
        :class:`spmc_tools.report.redaction.text_check.TextCheck` counts them.

        Raises
        ------
        LeakError
            Where a file, or the name of one, holds another raw name, or words of such an account.
        """
        files = files_below(self.folder)
        texts = TextCheck()
        leaks = check_folder(self.names, self.own, self.folder, files, also=texts.see)
        found = texts.found(self.case, self.needed, [self._own_text, *self._of_the_office()])
        leaks += [Leak(place, "text", words) for words, place in found.items()]
        if leaks:
            raise LeakError(leaks)
        return {
            "looked_for": self.names.n,
            "not_looked_for": self.names.skipped,
            "files": len(files) + 1,
            "own_words": sorted(self.own)[:1000],
            "texts_looked_for": texts.looked_for,
            "texts_too_short": texts.too_short,
        }

    def manifest(self, text: str) -> None:
        """Raise where the manifest to be written holds a raw name."""
        leaks = [
            leak
            for part in texts_of(text.encode(), MANIFEST)
            for leak in check_text(self.names, self.own, part, MANIFEST)
        ]
        if leaks:
            raise LeakError(leaks)

    def redaction(self, language: str | None = None) -> Redaction:
        """Return what masks the run in one of its languages, the first by default.

        It notes in ``needed`` what the findings need.
        """
        return Redaction(self.case, self.names, self.own, Wording(language or self.languages[0]), self.needed)
