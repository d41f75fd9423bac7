"""The intake form: look at a file's first rows, correct the mapping that is proposed, see the result, import."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import ipywidgets as widgets

from spmc_tools.case.files.lock_wait import waiting
from spmc_tools.errors import BusyError, SpmcError, quote
from spmc_tools.show.pages.mapping_fields import MappingFields
from spmc_tools.show.widgets.safe_tables import table_html, text_html
from spmc_tools.show.widgets.sentences import sentence_of, waiting_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from spmc_tools.case.store.case import Case
    from spmc_tools.importers.engine.importer import Options
    from spmc_tools.importers.fields.rows import Record
    from spmc_tools.importers.import_files import FileResult
    from spmc_tools.importers.mapping.propose import Proposal

    Say = Callable[..., object]

__all__ = ["IntakeForm", "intake_form"]

_ORDERS = ("dmy", "mdy", "ymd")
_ROWS_SHOWN = 10
_SHOWN = ("record_id", "account_id", "created_at", "kind", "text")
_KNOWN_ERRORS = {"CaseError", "FormatError", "IntegrityError", "MappingError", "ParameterError"}
_ASKED = (("--tz", "intake.ask.zone"), ("--date-order", "intake.ask.order"))


class IntakeForm:
    """The form and what it knows; ``widget`` is what a notebook shows.

    Attributes
    ----------
    widget : ipywidgets.VBox
        File, how it was obtained, zone, order of dates, the buttons, the mapping, and what they said.
    fields : MappingFields or None
        The dropdowns, where the file is a table whose columns must be named.
    confirmed : bool
        Whether the outcome was shown for exactly what the form holds now; only then *import* works.
    """

    def __init__(self, case: Case, path: str | None, say: Say) -> None:
        from spmc_tools.case.acts.provenance import OBTAINED

        self._case = case
        self._say = say
        self.confirmed = False
        self.fields: MappingFields | None = None
        self._proposal: Proposal | None = None
        wide, style = widgets.Layout(width="40em"), {"description_width": "16em"}
        self.file = widgets.Text(value=path or "", description=self._words("intake.file"), layout=wide, style=style)
        ways: list[tuple[str, str | None]] = [(self._words("intake.obtained.unsaid"), None)]
        ways += [(self._words(f"intake.obtained.{way}"), way) for way in OBTAINED]
        self.obtained = widgets.Dropdown(
            options=ways, description=self._words("intake.obtained"), layout=wide, style=style
        )
        self.source = widgets.Text(value="", description=self._words("intake.from"), layout=wide, style=style)
        self.media = widgets.Text(value="", description=self._words("intake.media"), layout=wide, style=style)
        self.zone = widgets.Text(value="", description=self._words("intake.zone"), layout=wide, style=style)
        orders: list[tuple[str, str | None]] = [(self._words("intake.order.by_column"), None)]
        orders += [(self._words(f"intake.order.{order}"), order) for order in _ORDERS]
        self.order = widgets.Dropdown(options=orders, description=self._words("intake.order"), layout=wide, style=style)
        self.look = widgets.Button(description=self._words("intake.look"))
        self.preview = widgets.Button(description=self._words("intake.preview"), disabled=True)
        self.keep = widgets.Button(description=self._words("intake.import"), disabled=True)
        self.rows, self.result, self.said = widgets.HTML(), widgets.HTML(), widgets.HTML()
        self.mapping = widgets.VBox([])
        self.look.on_click(lambda _button: self.look_at_file())
        self.preview.on_click(lambda _button: self.show_outcome())
        self.keep.on_click(lambda _button: self.import_file())
        self.file.observe(lambda _change: self._other_file(), names="value")
        for field in (self.zone, self.order, self.media):
            field.observe(lambda _change: self._changed(), names="value")
        asked = [self.file, self.obtained, self.source, self.media, self.zone, self.order]
        buttons = widgets.HBox([self.look, self.preview, self.keep])
        self.widget = widgets.VBox([*asked, buttons, self.rows, self.mapping, self.result, self.said])

    def _words(self, key: str, **values: object) -> str:
        return str(self._say(key, **values))

    def _changed(self) -> None:
        self.confirmed = False
        self.keep.disabled = True

    def _other_file(self) -> None:
        self._changed()
        self.fields = self._proposal = None
        self.mapping.children = ()
        self.preview.disabled = True

    def _refused(self, error: SpmcError) -> None:
        """Say what is wrong: what kind of thing and what to do in the language of the form, then the details."""
        from spmc_tools.importers.files.other_files import OtherFileError

        kind = next((c.__name__ for c in type(error).__mro__ if c.__name__ in _KNOWN_ERRORS), "other")
        asked = [self._words(key) for option, key in _ASKED if option in str(error)]
        self.result.value = ""
        if isinstance(error, BusyError):
            self.said.value = text_html(sentence_of(error, self._say))
            return
        if isinstance(error, OtherFileError):
            self.said.value = text_html(self._words(f"intake.other_file.{error.what}", **error.values))
            return
        if asked and kind == "MappingError":
            self.said.value = text_html("\n".join(asked))
            return
        self.said.value = text_html("\n".join([*asked, self._words(f"intake.error.{kind}"), "", str(error)]))

    def _differences(self, result: FileResult) -> list[str]:
        """Return how many duplicates name another account, and how many hold another text."""
        found = {"data.other_account": result.other_account, "data.other_text": result.other_text}
        return [self._words(key, n=n) for key, n in found.items() if n]

    def _details(self, result: FileResult) -> list[str]:
        """Return what the import remarks, under a heading that says in which language."""
        return ["", self._words("intake.details"), result.note] if result.note else []

    def _group(self, result: FileResult) -> str:
        """Return the events of a group by kind, and by month who came and who went; "" where there is none."""
        if not result.group_events:
            return ""
        rows = [[self._words(f"group_event.{kind}"), count] for kind, count in result.group_events.items()]
        shown = text_html("\n".join(["", self._words("intake.group.head"), self._words("intake.group.only")]))
        shown += table_html([self._words("intake.group.event"), self._words("intake.group.count")], rows)
        if not result.growth:
            return shown
        heads = [self._words(f"intake.group.{name}") for name in ("month", "came", "went", "members")]
        months: list[list[object]] = []
        change = 0
        for month, came, went in result.growth:
            change += came - went
            months.append([month, came, went, f"{change:+,}"])
        return shown + table_html(heads, months)

    def _folder(self) -> Path:
        from spmc_tools.importers.mapping.propose import SAVED

        return self._case.path.parent / SAVED

    def _path(self) -> Path:
        return Path(self.file.value.strip())

    def _options(self, mapping: Path | None) -> Options:
        from spmc_tools.importers.engine.importer import Options

        return Options(mapping, self.zone.value.strip() or None, self.order.value, saved=self._folder())

    def look_at_file(self) -> None:
        """Show the first rows and, for a table of no known format, the mapping that is proposed; nothing is changed."""
        from spmc_tools.importers.preview import first_rows

        self._other_file()
        try:
            self.rows.value = table_html(*first_rows(self._path()))
            self._propose()
        except SpmcError as error:
            self._refused(error)
            return
        self.preview.disabled = False
        self.show_outcome()

    def _propose(self) -> None:
        """Make the dropdowns, where no importer knows the file by itself."""
        from spmc_tools.importers.preview import proposed_mapping

        self._proposal = proposed_mapping(self._path(), self._options(None))
        if self._proposal is None:
            return
        self.fields = MappingFields(self._proposal, self._say, self._changed)
        key = "intake.mapping.saved" if self._proposal.saved else "intake.mapping.proposed"
        said = [self._words(key)]
        if self._proposal.saved is None:
            said.append(self._words(f"intake.table.{self._proposal.kind}"))
        if self._proposal.unused:
            said.append(
                self._words("intake.unused", names=", ".join(quote(name, 40) for name in self._proposal.unused))
            )
        if self._proposal.renamed:
            said.append(self._words("intake.mapping.same_names", names=", ".join(self._proposal.renamed)))
        self.mapping.children = (widgets.HTML(text_html("\n".join(said))), self.fields.widget)

    def _mapping_text(self) -> str:
        from spmc_tools.importers.mapping.mapping import to_toml

        if self.fields is None:
            return ""
        return to_toml(self.fields.mapping(self.zone.value.strip() or None, self.order.value))

    def _read(self, dry_run: bool, mapping: Path | None) -> FileResult:
        from spmc_tools.importers.import_files import import_files

        with waiting(waiting_in(self.said, self._words)):
            (result,) = import_files(
                self._case,
                [self._path()],
                mapping=mapping,
                tz=None if mapping else self.zone.value.strip() or None,
                date_order=None if mapping else self.order.value,
                dry_run=dry_run,
                obtained=self.obtained.value,
                received_from=self.source.value.strip() or None,
                media=self.media.value.strip() or None,
            )
        return result

    def show_outcome(self) -> None:
        """Show the first posts as they would be kept, and the counts of the whole file; nothing is changed."""
        self._changed()
        from spmc_tools.importers.preview import first_records

        if self.fields is not None and (lacking := self.fields.lacking()):
            self.result.value = ""
            self.said.value = text_html(self._words("intake.lacking", names=", ".join(lacking)))
            return
        try:
            with tempfile.TemporaryDirectory(prefix="spmc-mapping-") as folder:
                mapping = None
                if self.fields is not None:
                    mapping = Path(folder) / "mapping.toml"
                    mapping.write_text(self._mapping_text(), encoding="utf-8", newline="\n")
                _, records = first_records(self._path(), self._options(mapping), _ROWS_SHOWN)
                result = self._read(dry_run=True, mapping=mapping)
        except SpmcError as error:
            self._refused(error)
            return
        heads = [self._words("intake.kind" if name == "kind" else f"intake.field.{name}") for name in _SHOWN]
        self.result.value = table_html(heads, [_row(record, self._words) for record in records]) + self._group(result)
        counts = self._words(
            "intake.would",
            format=result.format,
            read=result.read,
            kept=result.kept,
            duplicates=result.duplicates,
            refused=result.refused,
        )
        open_doubts = self.fields.open_doubts() if self.fields is not None else ()
        closed = [self._words("intake.doubt.open")] if open_doubts else []
        self.said.value = text_html("\n".join([counts, *closed, *self._differences(result), *self._details(result)]))
        self.confirmed = not open_doubts
        self.keep.disabled = not self.confirmed

    def import_file(self) -> None:
        """Import the file with the mapping that was shown, and save the mapping for the next table of this kind."""
        from spmc_tools.importers.mapping.propose import save_mapping

        if not self.confirmed:
            self.said.value = text_html(self._words("intake.first"))
            return
        if self.obtained.value is None:
            self.said.value = text_html(self._words("intake.obtained.first"))
            return
        try:
            mapping = None
            if self.fields is not None and self._proposal is not None:
                chosen = self.fields.mapping(self.zone.value.strip() or None, self.order.value)
                mapping = save_mapping(self._folder(), self._proposal.header, chosen)
            result = self._read(dry_run=False, mapping=mapping)
        except SpmcError as error:
            self._refused(error)
            return
        self._changed()
        counts = self._words(
            "intake.done", read=result.read, kept=result.kept, duplicates=result.duplicates, refused=result.refused
        )
        self.result.value = self._group(result) or self.result.value
        kept = [self._words("intake.mapping.kept", path=mapping)] if mapping is not None else []
        self.said.value = text_html("\n".join([counts, *self._differences(result), *kept, *self._details(result)]))


def _row(record: Record, say: Say) -> list[object]:
    from datetime import UTC, datetime
    from zoneinfo import ZoneInfo

    at = datetime.fromtimestamp(record.created_at / 1_000_000, UTC).astimezone(ZoneInfo("Asia/Kolkata"))
    kind = say(f"intake.kind.{record.kind}")
    return [record.record_id, record.account_id, f"{at:%Y-%m-%d %H:%M:%S} IST", kind, record.text]


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
