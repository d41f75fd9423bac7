"""The first page: choose a case or make one, then go on to its notebooks; a report at the push of a button."""

from __future__ import annotations

import json
import os
import re
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

from spmc_tools.case.files.durable import write_file
from spmc_tools.case.files.lock_wait import waiting
from spmc_tools.case.store.case import create_case, open_case
from spmc_tools.case.store.case_folder import cases_dir
from spmc_tools.errors import CaseError, SpmcError
from spmc_tools.show.widgets.safe_tables import text_html
from spmc_tools.show.widgets.sentences import sentence_of, waiting_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

__all__ = ["StartPage", "chosen_before", "start_here"]

_FIELDS = ("id", "title", "purpose", "legal_basis", "date_from", "date_to", "officer")
_AS = {"id": "bihar-2025", "date_from": "2025-11-03", "date_to": "2025-11-12"}
"""How a field is filled in, shown where nothing is typed yet."""

_LINE = r'^{name} = (?:"[^"\n]*"|\'[^\'\n]*\')'
_LANGUAGES = (("English", "en"), ("हिन्दी", "hi"))
_WHOLE = {"description_width": "20em"}
"""Labels of the form for a new case stand whole."""

LAB = "SPMC_LAB"
"""Environment variable: the work folder of ``spmc lab``; only notebooks in it are changed."""

OWN = "00_start_here.ipynb"
"""The notebook of this page: it is open while the button is pressed, so it is not changed under JupyterLab's eyes."""

REMEMBERED = ".spmc-chosen.json"
"""What was chosen on this page last, in the work folder: what the first cell said then, and what was chosen."""


class StartPage:
    """The page and what it knows; ``widget`` is what a notebook shows.

    Attributes
    ----------
    case : str
        The case that is chosen.
    """

    def __init__(
        self, case: str, words: Any, make_report: Callable[..., Any] | None, from_cell: tuple[str, str] | None = None
    ) -> None:
        self._spoken, self._make_report = words, make_report
        self.case, self.given = case, from_cell
        style, wide = {"description_width": "11em"}, widgets.Layout(width="40em")
        self.cases = widgets.Dropdown(
            options=self._known(), description=self._words("start.case"), style=style, layout=wide
        )
        self.cases.value = case if case in self.cases.options else None
        self.language = widgets.Dropdown(
            options=_LANGUAGES, value=words.language, description=self._words("explore.language"), style=style
        )
        self.use = widgets.Button(description=self._words("start.use"), layout=widgets.Layout(width="auto"))
        self.fields = {
            name: widgets.Text(
                description=self._words(f"start.field.{name}"), placeholder=_AS.get(name, ""), style=_WHOLE, layout=wide
            )
            for name in _FIELDS
        }
        self.new = widgets.Button(description=self._words("start.make"), layout=widgets.Layout(width="auto"))
        self.report = widgets.Button(description=self._words("start.report"), layout=widgets.Layout(width="auto"))
        self.open = widgets.Button(
            description=self._words("start.open"), layout=widgets.Layout(width="auto", display="none")
        )
        self.written: Path | None = None
        self.said = widgets.HTML()
        self.use.on_click(lambda _button: self.use_case())
        self.new.on_click(lambda _button: self.make_case())
        self.report.on_click(lambda _button: self.write_report())
        self.open.on_click(lambda _button: self.open_report())
        made = widgets.Accordion(
            [widgets.VBox([*self.fields.values(), self.new])], titles=[self._words("start.new")], selected_index=None
        )
        rows = [self.cases, widgets.HBox([self.language, self.use]), made]
        self.widget = widgets.VBox([*rows, *([self.report] if make_report is not None else []), self.said, self.open])

    def _repr_mimebundle_(self, **options: Any) -> Any:
        return self.widget._repr_mimebundle_(**options)

    def _words(self, key: str, **values: Any) -> str:
        return str(self._spoken.say(key, **values))

    def _known(self) -> list[str]:
        return sorted(path.parent.name for path in cases_dir().glob("*/case.toml"))

    @contextmanager
    def _said(self, stopped: str | None = None) -> Iterator[None]:
        """Say below the buttons that another program is waited for, and what went wrong in the block."""
        try:
            with waiting(waiting_in(self.said, self._words)):
                yield
        except KeyboardInterrupt:
            self.said.value = text_html(stopped or self._words("stopped"))
        except SpmcError as error:
            field = error.facts.get("field")
            label = {"field": self._spoken.say(f"start.field.{field}")} if field in self.fields else {}
            self.said.value = text_html(sentence_of(error, self._spoken.say, **label))

    def use_case(self) -> None:
        """Let the notebooks of the work folder be about the chosen case, and say how many records it holds."""
        if self.cases.value is None:
            self.said.value = text_html(self._words("start.choose"))
            return
        with self._said():
            opened = open_case(self.cases.value)
            if opened.id != self.case:  # the report below is of another case
                self.written, self.open.layout.display = None, "none"
            self.case = opened.id
            n = sum(batch.kept for batch in opened.batches())
            changed = _set_parameters({"case": self.case, "language": self.language.value})
            _remember(self.given, (self.case, self.language.value))
            lines = [self._words("start.using", case=self.case, count=n, notebooks=len(changed))]
            lines.append(self._words("start.next_network") if n else self._words("start.next_intake"))
            self.said.value = text_html("\n".join(lines))

    def make_case(self) -> None:
        """Make the case that the form tells of, and choose it."""
        entered = {name: field.value.strip() for name, field in self.fields.items()}
        name = entered.pop("id")
        officer = entered.pop("officer") or None
        with self._said():
            made = create_case(name, **entered, officer=officer, language=self._spoken.language)
            self.cases.options = self._known()
            self.cases.value = made.id
            self.use_case()

    def write_report(self) -> None:
        """Write the report of the chosen case, and say where it lies."""
        if self._make_report is None:
            return
        self.said.value = text_html(self._words("start.working"))

        def tell(stage: str, done: int, total: int) -> None:
            if done < total:
                step = self._spoken.say(f"start.step.{stage}")
                self.said.value = text_html(self._words("start.step", done=done + 1, total=total, step=step))

        with self._said(self._words("start.stopped")):
            done = self._make_report(
                open_case(self.case), "election_watch", {}, language=self.language.value, progress=tell
            )
            status = self._spoken.say(f"index.status.{done.status}")
            self.said.value = text_html(self._words("start.reported", status=status, path=str(done.report.resolve())))
            self.written, self.open.layout.display = done.report.resolve(), ""

    def open_report(self) -> None:
        """Open the report that was written last in the browser of this machine; where there is none, say so."""
        import webbrowser

        if self.written is None or not webbrowser.open(self.written.as_uri()):
            self.said.value = text_html(self._words("start.not_opened", path=str(self.written)))


def _set_parameters(values: Mapping[str, str]) -> list[str]:
    """Write texts into the parameters cell of each notebook of the work folder; return the names of those changed."""
    folder = os.environ.get(LAB)
    if not folder or not Path(folder).is_dir():
        return []
    changed = []
    try:
        for path in sorted(Path(folder).glob("*.ipynb")):
            if path.name == OWN:
                continue
            node = json.loads(path.read_bytes())
            for cell in node.get("cells", []):
                if "parameters" not in cell.get("metadata", {}).get("tags", []):
                    continue
                source = new = "".join(cell["source"])
                for name, value in values.items():
                    line = f"{name} = {json.dumps(value, ensure_ascii=False)}"
                    new = re.sub(_LINE.format(name=name), lambda _found, line=line: line, new, count=1, flags=re.M)  # type: ignore[misc]
                if new != source:
                    cell["source"] = new
                    write_file(path, (json.dumps(node, ensure_ascii=False, indent=1) + "\n").encode())
                    changed.append(path.name)
    except (OSError, ValueError) as error:
        raise CaseError(f"The notebooks in {folder} cannot be changed: {error}.") from None
    return changed


def _remember(from_cell: tuple[str, str] | None, chosen: tuple[str, str]) -> None:
    """Keep what was chosen, beside what the first cell said when it was."""
    folder = os.environ.get(LAB)
    if from_cell is None or not folder or not Path(folder).is_dir():
        return
    try:
        write_file(Path(folder) / REMEMBERED, json.dumps({"given": from_cell, "chosen": chosen}).encode())
    except OSError as error:
        raise CaseError(f"What was chosen cannot be kept in {folder}: {error}.") from None


def chosen_before(case: str, language: str) -> tuple[str, str]:
    """Return the case and language that were chosen on the first page last, in this work folder.

    Parameters
    ----------
    case, language : str
        As the first cell of the notebook says. They hold outside of ``spmc lab``, in a run, where somebody changed
        them since the choice, and where the case that was chosen is gone.
    """
    folder = os.environ.get(LAB)
    if not folder or os.environ.get("SPMC_RUN"):
        return case, language
    try:
        remembered = json.loads((Path(folder) / REMEMBERED).read_bytes())
        from_cell, (chosen, spoken) = remembered["given"], remembered["chosen"]
    except (OSError, ValueError, KeyError, TypeError):
        return case, language
    known = {value for _name, value in _LANGUAGES}
    if from_cell != [case, language] or spoken not in known or not (cases_dir() / str(chosen) / "case.toml").is_file():
        return case, language
    return str(chosen), str(spoken)


def start_here(
    case: str,
    words: Any,
    make_report: Callable[..., Any] | None = None,
    given: tuple[str, str] | None = None,
) -> StartPage:
    """Return the first page.

    Parameters
    ----------
    case : str
        The case to begin with.
    words : Wording
        As :class:`spmc_tools.report.words.wording.Wording` makes them.
    make_report : callable, optional
        As :func:`spmc_tools.report.running.run.run_notebook`; None: no button for it.
    given : (str, str), optional
        Case and language as the notebook's first cell says; the choice is remembered for as long as it says the same.
        None: nothing is remembered.
    """
    return StartPage(case, words, make_report, given)
