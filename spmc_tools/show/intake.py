"""The intake form: look at a file's first rows and the mapping that is proposed, confirm it, import."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import ipywidgets as widgets

from spmc_tools.errors import MappingError, SpmcError
from spmc_tools.show.tables import first_rows, table_html, text_html

if TYPE_CHECKING:
    from collections.abc import Callable

    from spmc_tools.case.store import Case
    from spmc_tools.importers.intake import FileResult

    Say = Callable[..., object]

__all__ = ["IntakeForm", "intake_form"]


class IntakeForm:
    """The form and what it knows; ``widget`` is what a notebook shows.

    Attributes
    ----------
    widget : ipywidgets.VBox
        File, zone, the buttons *look* and *import*, and what they said.
    confirmed : bool
        Whether the file shown was looked at as it is named now; only then *import* works.
    """

    def __init__(self, case: Case, path: str | None, say: Say) -> None:
        self._case = case
        self._say = say
        self.confirmed = False
        wide = widgets.Layout(width="36em")
        style = {"description_width": "12em"}
        self.file = widgets.Text(value=path or "", description=self._words("intake.file"), layout=wide, style=style)
        self.zone = widgets.Text(value="", description=self._words("intake.zone"), layout=wide, style=style)
        self.look = widgets.Button(description=self._words("intake.look"))
        self.keep = widgets.Button(description=self._words("intake.import"), disabled=True)
        self.rows = widgets.HTML()
        self.said = widgets.HTML()
        self.look.on_click(lambda _button: self.look_at_file())
        self.keep.on_click(lambda _button: self.import_file())
        for field in (self.file, self.zone):
            field.observe(lambda _change: self._changed(), names="value")
        buttons = widgets.HBox([self.look, self.keep])
        self.widget = widgets.VBox([self.file, self.zone, buttons, self.rows, self.said])

    def _words(self, key: str, **values: object) -> str:
        return str(self._say(key, **values))

    def _changed(self) -> None:
        self.confirmed = False
        self.keep.disabled = True

    def _read(self, dry_run: bool, accept_guess: bool) -> FileResult:
        from spmc_tools.importers.intake import import_files

        path, tz = Path(self.file.value.strip()), self.zone.value.strip() or None
        (one,) = import_files(self._case, [path], tz=tz, dry_run=dry_run, accept_guess=accept_guess)
        return one

    def look_at_file(self) -> None:
        """Show the first rows, and how they would be read; the case is not changed."""
        self._changed()
        path = Path(self.file.value.strip())
        try:
            self.rows.value = table_html(*first_rows(path))
            self.said.value = text_html(self._proposal())
        except SpmcError as error:
            self.said.value = text_html(str(error))
            return
        self.confirmed = True
        self.keep.disabled = False

    def _proposal(self) -> str:
        """Return what would be kept; for a table without a mapping, the mapping that is proposed, too."""
        proposed = ""
        try:
            one = self._read(dry_run=True, accept_guess=False)
        except MappingError as error:
            one = self._read(dry_run=True, accept_guess=True)
            proposed = f"{error}\n\n"
        counts = self._words(
            "intake.would",
            format=one.format,
            read=one.read,
            kept=one.kept,
            duplicates=one.duplicates,
            refused=one.refused,
        )
        return f"{proposed}{counts}\n{one.note}".strip()

    def import_file(self) -> None:
        """Import the file that was looked at, with the mapping that was shown."""
        if not self.confirmed:
            self.said.value = text_html(self._words("intake.first"))
            return
        try:
            one = self._read(dry_run=False, accept_guess=True)
        except SpmcError as error:
            self.said.value = text_html(str(error))
            return
        self._changed()
        counts = self._words(
            "intake.done", read=one.read, kept=one.kept, duplicates=one.duplicates, refused=one.refused
        )
        self.said.value = text_html(f"{counts}\n{one.note}".strip())


def intake_form(case: Case, path: str | None, say: Say) -> widgets.VBox:
    """Return the form as a widget.

    Parameters
    ----------
    case : Case
        Where the file goes.
    path : str or None
        The file to begin with; None: it is typed into the form.
    say : callable
        Key of the wording catalogue and its values -> words, as ``Wording(language).say``.
    """
    return IntakeForm(case, path, say).widget
