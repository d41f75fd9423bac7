"""From an executed notebook to one HTML file that asks the network for nothing.

nbconvert renders in process with our own template. What a cell shows is taken as values and drawn here, in each
language, through autoescaping templates; everything else that a cell left behind is shown as text. The page itself runs
nothing; its first tag is a Content-Security-Policy that allows, by their hashes, the scripts of its sandboxed frames.
"""

from __future__ import annotations

import copy
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from spmc_tools.report.figures.frames import hash_of, table_script
from spmc_tools.report.page.drawing import ReportExporter
from spmc_tools.report.page.sections import MIME, SECTIONS, is_section, require_drawable, typed_payload
from spmc_tools.report.words.fonts import faces
from spmc_tools.report.words.wording import Wording

if TYPE_CHECKING:
    from nbformat import NotebookNode

    from spmc_tools.signing.twin_reports import Twin

__all__ = ["Collected", "Run", "collect", "held", "made_now", "page", "redact", "status_of", "without_undrawable"]

STRAY, STRAY_CHARS = 50, 20_000
WIDGET = "application/vnd.jupyter.widget-view+json"
"""Controls have no meaning on a page that runs nothing."""

_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_FRAME = re.compile(r"(?<= srcdoc=')[^']*")
_PATH = re.compile(r"(?<![\w./])(?:[A-Za-z]:)?[\\/](?:[^\s\\/:\"'<>|]+[\\/])+")


@dataclass(frozen=True, slots=True)
class Run:
    """What a page says about its run: ``made`` is ISO in UTC, ``status`` complete, partial or failed.

    ``reviews`` are those that stand for its results, as :func:`spmc_tools.signing.citations.cited` gives them; ``key``
    is the public key that it is signed with; ``holds`` is what of people stands on the page, as :func:`held` says;
    ``twin`` is the other report of the run, in another language, where there are two. ``log``: number and hash of the
    first and of the last entry of the custody log when the page was drawn; they are printed on every report.
    """

    id: str
    case: str
    notebook: str
    made: str
    status: str
    edition: str
    n_missing: int = 0
    known_notebook: bool = False
    reviews: tuple[dict[str, Any], ...] = ()
    key: dict[str, str] | None = None
    holds: str = "names"
    twin: Twin | None = None
    log: tuple[tuple[int, str], ...] = ()

    @property
    def upheld(self) -> bool:
        """Whether an officer proved by a key upheld these results, and nobody's last word is another one.

        A name that was only typed proves nobody: such a review is shown, and upholds nothing.
        """
        said = [review["verdict"] == "upheld" for review in self.reviews]
        return all(said) and any(review["fingerprint"] for review in self.reviews)

    @property
    def mark(self) -> str:
        """Which words stand at the head of every printed page."""
        if self.edition == "redacted":
            return "page.running.redacted"
        if self.holds != "names":
            return f"page.running.{self.holds}"
        return "page.running.reviewed" if self.upheld else "page.running"

    @property
    def label(self) -> str:
        """Which words say, at the top, what kind of edition this is."""
        return f"page.edition.{self.edition}" if self.edition != "full" else f"page.edition.full.{self.holds}"


@dataclass(frozen=True, slots=True)
class Collected:
    """What the cells of a notebook left behind.

    ``order``: names of the sections that the page should hold; ``sections``: their payloads by name; ``errors``:
    cell, name and text of what was raised, paths redacted; ``stray``: any other output, as text.
    """

    order: list[str]
    sections: dict[str, dict[str, Any]]
    errors: list[dict[str, Any]]
    stray: list[str]

    @property
    def missing(self) -> list[str]:
        """Sections that were not computed."""
        return [name for name in self.order if name not in self.sections or self.sections[name]["missing"]]


def collect(notebook: NotebookNode) -> Collected:
    """Return the sections, errors and other outputs of an executed notebook.

    The page holds the sections that ``metadata.spmc.sections`` names, in that order; a notebook that names none
    shows those it made, in the order of its cells.
    """
    sections: dict[str, dict[str, Any]] = {}
    errors: list[dict[str, Any]] = []
    stray: list[str] = []
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for number, cell in enumerate(code, start=1):
        for output in cell.get("outputs", []):
            payload = output.get("data", {}).get(MIME)
            if is_section(payload):
                sections[payload["name"]] = typed_payload(payload)
            elif output.get("output_type") == "error":
                trace = "\n".join(output.get("traceback", []))[-STRAY_CHARS:]
                errors.append({"cell": number, "name": output.get("ename", ""), "text": redact(trace)})
            elif WIDGET not in output.get("data", {}):
                stray += _as_text(output)
    named = notebook.metadata.get("spmc", {}).get("sections") or list(sections)
    order = [name for name in named if name in SECTIONS] + [name for name in sections if name not in named]
    return Collected(order, sections, errors, stray[:STRAY])


def _payloads(notebook: NotebookNode) -> list[dict[str, Any]]:
    """Return the sections that the cells of a notebook left behind, as JSON."""
    outputs = (output for cell in notebook.cells for output in cell.get("outputs", []))
    payloads = (output.get("data", {}).get(MIME) for output in outputs)
    return [payload for payload in payloads if is_section(payload)]


def _as_text(output: NotebookNode) -> list[str]:
    text = output.get("text") or output.get("data", {}).get("text/plain") or ""
    joined = "".join(text) if isinstance(text, list) else str(text)
    return [redact(joined[:STRAY_CHARS])] if joined.strip() else []


def redact(text: str) -> str:
    """Return text without terminal colours, and with the folders of absolute paths left out."""
    return _PATH.sub("…/", _ANSI.sub("", text))


def page(notebook: NotebookNode, run: Run, language: str) -> str:
    """Return a report as one HTML file.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        As executed, whole or up to the cell that failed.
    run : Run
        What the page says about its run.
    language : {"en", "hi"}
        Of everything but the data.

    Returns
    -------
    str
        HTML whose only sources are inside it: fonts and pictures are data URIs, the style sheet is allowed by its
        hash, and so are the scripts and style sheets of its frames.
    """
    words = Wording(language)
    exporter = ReportExporter(words)
    for payload in _payloads(notebook):
        require_drawable(payload)
    found = collect(notebook)
    run = replace(run, holds=held(found, run.known_notebook))
    resources = {
        "spmc": {
            "run": run,
            "sections": found.sections,
            "order": found.order,
            "errors": found.errors,
            "stray": found.stray,
            "in_twin": None if run.twin is None else Wording(run.twin.language).say("twin.read"),
        }
    }
    body, _ = exporter.from_notebook_node(notebook, resources)
    notebook_name = words.say(f"notebook.{run.notebook}").plain() if run.known_notebook else run.notebook
    title = " · ".join([run.case, words.say("page.title").plain(), notebook_name, words.day(run.made).plain()])
    running = {
        "running": _css_text(f"{run.case} · {words.day_numeric(run.made).plain()}"),
        "running_mark": _css_text(words.say(run.mark).plain()),
        "running_run": _css_text(run.id),
    }
    return _whole(exporter, words, title, body, running)


def bare_page(  # noqa: PLR0913 -- every choice is asked for by its name
    template: str,
    values: dict[str, Any],
    language: str,
    heading: str = "index.title",
    mark: str = "",
    *,
    sortable: bool = False,
) -> str:
    """Return a page of its own, that no notebook made, as one HTML file under the same policy as a report.

    Parameters
    ----------
    template : str
        Its name in ``templates/``.
    values : dict
        ``case`` and ``title``, and what else the template shows.
    language : {"en", "hi"}
        Of everything but the data.
    heading : str
        Key of the words of its title.
    mark : str
        Stands at the head of every printed page.
    sortable : bool
        Whether its tables of class ``sortable`` can be sorted and filtered: the page then runs our one script for
        that, allowed by its hash.
    """
    words = Wording(language)
    exporter = ReportExporter(words)
    body = exporter.pages.get_template(template).render(**values)
    title = f"{values['case']} · {words.say(heading).plain()}"
    running = {"running": _css_text(str(values["case"])), "running_mark": _css_text(mark), "running_run": ""}
    return _whole(exporter, words, title, body, running, table_script() if sortable else "")


def _whole(  # noqa: PLR0913, PLR0917 -- the parts of a page
    exporter: ReportExporter, words: Wording, title: str, body: str, running: dict[str, str], script: str = ""
) -> str:
    """Return head and body: fonts with the letters that are needed, the style sheet, the policy that allows it."""
    labels = exporter.tables.labels
    css = exporter.pages.get_template("report.css.j2").render(
        faces=faces(_FRAME.sub("", re.sub(r"base64,[A-Za-z0-9+/=]+", "", body)) + title + "".join(labels.values())),
        labels=[(place, Markup(_css_text(label))) for place, label in labels.items()],  # noqa: S704 -- no sign ends it
        **running,
    )
    frames = exporter.frames
    scripts = [*frames.scripts, *([hash_of(script)] if script else [])]
    allowed = f"script-src {_quoted(scripts)}; " if scripts else ""
    policy = (
        f"default-src 'none'; {allowed}img-src data:; font-src data:; "
        f"style-src {_quoted([hash_of(css), *frames.styles])}; base-uri 'none'; form-action 'none'"
    )
    return exporter.pages.get_template("page.html.j2").render(
        lang=words.language,
        policy=policy,
        title=title,
        css=Markup(css),  # noqa: S704 -- our own style sheet; nothing of the data is in it
        body=Markup(body),  # noqa: S704 -- rendered by autoescaping templates
        script=Markup(script),  # noqa: S704 -- our own script, a file of the tree
    )


def _quoted(hashes: list[str]) -> str:
    return " ".join(f"'{digest}'" for digest in dict.fromkeys(hashes))


def _css_text(text: str) -> str:
    return re.sub(r"[\"\\\n<>]", "", text)


def status_of(notebook: NotebookNode, raised: bool) -> tuple[str, int]:
    """Return the status of a run and how many sections it lacks: failed, partial (a section is missing) or complete."""
    missing = len(collect(notebook).missing)
    return ("failed" if raised else "partial" if missing else "complete"), missing


_NAMING = {"findings": "cards", "accounts": "rows", "dossier": "name"}
_QUOTING = frozenset({"watch", "rumour", "response_alike", "days"})


def held(found: Collected, known: bool) -> str:
    """Return what of people a page holds: ``names`` of accounts, words of ``posts``, or neither (``office``).

    A notebook of somebody else's, or one that left something beside its sections, is taken to hold names.
    """
    there = {name: section["values"] for name, section in found.sections.items() if not section["missing"]}
    if not known or found.stray or found.errors:
        return "names"
    if any(getattr(there.get(name), field, None) for name, field in _NAMING.items()):
        return "names"
    wordless = {"watch", "days"} if "watch" in there and not there["watch"].texts else set()
    return "posts" if (_QUOTING & set(there)) - wordless else "office"


def without_undrawable(notebook: NotebookNode, language: str) -> tuple[NotebookNode, int]:
    """Return a copy of an executed notebook without the values that a template cannot draw, and how many sections lost.

    Such a section says on the page that it could not be drawn.
    """
    pages = ReportExporter(Wording(language)).pages
    rest, lost = copy.deepcopy(notebook), 0
    for cell in rest.cells:
        for output in cell.get("outputs", []):
            payload = output.get("data", {}).get(MIME)
            if not is_section(payload) or payload["missing"]:
                continue
            try:
                require_drawable(payload)
                made = typed_payload(payload)
                pages.get_template("fragment.html.j2").render(s=made, v=made["values"])
            except Exception:
                payload["values"], payload["missing"] = {}, ["not_drawn"]
                lost += 1
    return rest, lost


def made_now() -> str:
    """Return this moment as ISO in UTC, to the second."""
    return datetime.now(UTC).replace(microsecond=0).isoformat()
