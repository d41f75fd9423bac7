"""How a section becomes HTML: the exporter with our templates, in which every value is escaped.

Text from the data goes through :func:`shown`; there is no other way for it onto a page.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, cached_property, partial
from typing import TYPE_CHECKING, Any

from jinja2 import BytecodeCache, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from nbconvert.exporters import TemplateExporter

from spmc_tools.desks.base.places import district_of, state_of
from spmc_tools.report.figures import check_pictures, desk_pictures, measure_pictures, pictures
from spmc_tools.report.figures.frames import Frames
from spmc_tools.report.figures.table_cells import Table, Tables
from spmc_tools.report.sections.groups import cards, course
from spmc_tools.report.words.fonts import in_urdu
from spmc_tools.report.words.wording import Said, Wording, catalogue, glossary
from spmc_tools.resources import resource
from spmc_tools.show.charts import calendar_marks
from spmc_tools.show.charts.picture_colours import colour_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from jinja2 import Environment
    from jinja2.bccache import Bucket

    from spmc_tools.report.scope.received_values import RefusedRows, WhyRefused
    from spmc_tools.report.sections.groups.card_values import Card
    from spmc_tools.report.sections.groups.grounds import ChanceRange

__all__ = ["ReportExporter", "fragment", "section_template", "shown"]

_CTL = Markup('<span class="ctl">{}</span>')
MOST_CARDS = 3
"""Groups with a page of their own in the body; of the others a row, and their card in the annex."""

_OF_CASE = frozenset({"claim", "complaint", "finding", "term"})
"""Reasons for which a post is looked at that are the case's own; others are those of its figures."""

_KEPT = frozenset("\n\t\u200c\u200d")
_PICTURES = 0x2600


def shown(value: object, limit: int | None = None, hidden: str = "") -> Markup:
    """Return text from the data, escaped, with characters that are invisible or change direction made visible.

    Zero-width joiner and non-joiner stay: Hindi and Urdu need them. A line end is a line end. A picture character, for
    which a page on paper has no letter, is written as its Unicode name.

    Parameters
    ----------
    limit : int, optional
        Cut after this many characters, with "…".
    hidden : str
        Words that stand before the number of an invisible character.
    """
    text = str(value).replace("\r\n", "\n")
    if limit is not None and len(text) > limit:
        text = text[:limit] + "…"
    pieces: list[Markup] = []
    plain = ""
    for char in text:
        instead = _instead(char, hidden)
        if instead is None:
            plain += char
        else:
            pieces += [escape(plain), _CTL.format(instead)]
            plain = ""
    return Markup("").join([*pieces, escape(plain)])


def _instead(char: str, hidden: str) -> str | None:
    """Return what is shown in place of a character; None: itself."""
    if char in _KEPT:
        return None
    kind = unicodedata.category(char)
    if kind in {"Cc", "Cf", "Cs", "Zl", "Zp"}:
        return f"{hidden} U+{ord(char):04X}".strip()
    if kind == "So" and ord(char) >= _PICTURES:
        return f"[{unicodedata.name(char, f'U+{ord(char):04X}').lower()}]"
    return None


def _tongue(text: object, said: object = None) -> Markup:
    """Return the attribute that tells the language of a text from the data: as said there, or Urdu by its letters."""
    lang = said or ("ur" if isinstance(text, str) and in_urdu(text) else None)
    return Markup(' lang="{}"').format(lang) if lang else Markup("")


def _within(text: str) -> Markup:
    """Return a document as it stands between single quotes in an attribute of a page.

    Its double quotes stay as they are, and so does ``>``: a document of 500 accounts is a fifth shorter. No tag of it
    is to be seen in the page's own text.
    """
    inner = text.replace("&", "&amp;").replace("'", "&#39;").replace("<", "&lt;")
    return Markup(inner)  # noqa: S704 -- nothing in it ends the attribute


def _exactly(value: float) -> str:
    """Return a figure as it is sorted and saved by, with six digits that count."""
    return f"{value:.6g}" if isinstance(value, float) and not value.is_integer() else f"{value:.0f}"


@cache
def section_template(name: str) -> str:
    """Return where the template of a section lies below ``templates/``; a missing one is left to the loader to tell."""
    templates = resource("templates")
    found = sorted(templates.glob(f"sections/*/{name}.html.j2"))
    return found[0].relative_to(templates).as_posix() if found else f"sections/{name}.html.j2"


class _Compiled(BytecodeCache):
    """Templates that this process compiled already, by their source."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        known = self._known.get((bucket.key, bucket.checksum))
        if known is not None:
            bucket.bytecode_from_string(known)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._known[bucket.key, bucket.checksum] = bucket.bytecode_to_string()


_COMPILED = _Compiled()


class ReportExporter(TemplateExporter):
    """nbconvert with our template: every value is escaped, an undefined one is an error."""

    def __init__(self, wording: Wording) -> None:
        self.wording = wording
        templates = resource("templates")
        super().__init__(  # type: ignore[no-untyped-call]
            template_name="report",
            template_file="index.html.j2",
            extra_template_basedirs=[str(templates)],
            extra_loaders=[FileSystemLoader(templates)],
        )

    @cached_property
    def frames(self) -> Frames:
        """The frames of the page that is drawn."""
        return Frames(self.pages, self.wording)

    @cached_property
    def tables(self) -> Tables:
        """The tables of the page that is drawn."""
        return Tables(self.wording)

    def _open_table(self, columns: Any, kind: str = "stack", head_class: str = "") -> Table:
        return self.tables.open(columns, kind, head_class)

    def _frame_tables(self, **values: Any) -> str:
        return self.frames.tables(**values)

    def _frame_network(self, cards: Sequence[Card], run: Any) -> str | None:
        return self.frames.network(cards, run)

    def _create_environment(self) -> Environment:
        environment: Environment = super()._create_environment()  # type: ignore[no-untyped-call]
        environment.autoescape = True
        environment.undefined = StrictUndefined
        environment.trim_blocks = environment.lstrip_blocks = True
        environment.filters.update(_filters(self.wording))
        environment.tests["meets"] = lambda reasons: not _OF_CASE.isdisjoint(reasons)
        environment.globals.update(_globals(self.wording))
        environment.globals["open_table"] = self._open_table
        environment.globals["frame_tables"] = self._frame_tables
        environment.globals["frame_network"] = self._frame_network
        environment.bytecode_cache = _COMPILED
        # names stay readable in the page's source, where the leak check looks for them
        environment.policies["json.dumps_kwargs"] = {
            "ensure_ascii": False, "sort_keys": True, "separators": (",", ":"),
        }  # fmt: skip
        return environment

    @cached_property
    def pages(self) -> Environment:
        """The environment, for templates beside the notebook's."""
        environment: Environment = self.environment
        return environment


def _filters(words: Wording) -> dict[str, Any]:
    return {
        "shown": partial(shown, hidden=words.say("post.hidden").plain()),
        "about": words.about,
        "within": _within,
        "tongue": _tongue,
        "exactly": _exactly,
        "num": words.number,
        "lakh": words.lakh,
        "share": words.share,
        "tiny": words.tiny,
        "limit": words.limit,
        "exact": words.exact,
        "day": words.day,
        "dated": words.day_numeric,
        "day_short": words.day_short,
        "clock": words.clock,
        "hour": words.hour,
        "moment": words.moment,
        "lasting": words.lasting,
        "title": words.title,
        "state": lambda name, limit=60: _place(words, state_of(str(name)), name, limit),
        "district": lambda name, limit=60: _place(words, district_of(str(name)), name, limit),
        "term": lambda term: words.each(lambda language: term[language]),
    }


def _globals(words: Wording) -> dict[str, Any]:
    known = {message.id if isinstance(message.id, str) else message.id[0] for message in catalogue("en")}
    return {
        "t": words.say,
        "page_language": words.language,
        "has": known.__contains__,
        "section_template": section_template,
        "sentences": words.sentences,
        "days": lambda n: words.say("days", n=n),
        "said": lambda values: _said(words, values),
        "glossary": [term for term in glossary() if "means" in term],
        "columns": partial(_columns, words, known),
        "own_sources": lambda traces: all(name in cards.OWN_SOURCES for name in traces),
        "kind": lambda name: words.say(f"kind.{name}") if f"kind.{name}" in known else shown(name),
        "metric": lambda name: words.say(f"metric.{name}") if f"metric.{name}" in known else shown(name, 40),
        "platform": lambda name: words.say(f"platform.{name}") if f"platform.{name}" in known else shown(name),
        "chance": lambda pair: _chance(words, pair),
        "refused": partial(_refused, words),
        "chart_volume": lambda values, times: pictures.volume(words, values, times),
        "chart_barcode": partial(pictures.barcode, words),
        "colour_of": colour_of,
        "most_cards": MOST_CARDS,
        "telling": pictures.telling,
        "chart_session": partial(pictures.session, words),
        "stretches": course.stretches,
        "calendar_label": partial(calendar_marks.label, words),
        "calendar_last": calendar_marks.last_day,
        "calendar_said": partial(calendar_marks.told, words),
        "calendar_most": calendar_marks.MOST,
        "chart_network": pictures.network,
        "chart_frontier": partial(check_pictures.frontier, words),
        "chart_quantiles": partial(check_pictures.quantiles, words),
        "chart_shares": partial(check_pictures.shares, words),
        "chart_curve": pictures.curve,
        "chart_spread": partial(pictures.spread, words),
        "chart_hours": partial(desk_pictures.hours, words),
        "chart_flow": partial(desk_pictures.flow, words),
        "chart_strip": partial(desk_pictures.strip, words),
        "chart_ranks": partial(measure_pictures.ranks, words),
        "chart_timeline": partial(measure_pictures.timeline, words),
        "chart_break": partial(measure_pictures.break_series, words),
        "chart_beside": partial(measure_pictures.beside, words),
    }


def _columns(words: Wording, known: set[str], names: Sequence[str]) -> Said:
    """Return what columns hold, in words; "urls or text" is satisfied by either."""

    def one(name: str) -> Said:
        return words.say(f"column.{name}") if f"column.{name}" in known else words.each(lambda _: shown(name, 40))

    phrases = []
    for name in names:
        first, *more = (one(part) for part in name.replace("|", " or ").split(" or "))
        for other in more:
            first = words.say("column.or", one=first, other=other)
        phrases.append(first)
    return words.each(lambda _: Markup(", ").join(part.form for part in phrases))


def _chance(words: Wording, pair: ChanceRange) -> Said:
    """Return what chance expects of one pair: one occasion in so many such pairs, or a number of occasions."""
    if pair.one_in:
        return words.say("pair.one_in", n=pair.one_in)
    return words.say("pair.about", expected=words.about(pair.expected))


def _refused(words: Wording, rows: RefusedRows | WhyRefused) -> Said:
    """Return why rows were refused, by their kind: a value that is a reason itself is said by its own kind."""
    values: dict[str, Any] = {
        name: shown(value) if isinstance(value, str) else _refused(words, value) for name, value in rows.values.items()
    }
    return words.say(f"refusal.{rows.kind}", **values)


def _place(words: Wording, known: dict[str, Any] | None, name: object, limit: int) -> Said | Markup:
    """Return a state or district that is known in the languages of the page; anything else as the sheet has it."""
    return words.title(known) if known else shown(name, limit)


def _said(words: Wording, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the numbers of a message in the form their name asks for: ``share``, ``seconds``, else plain."""
    forms = {"share": words.share, "seconds": words.lasting}
    return {name: forms[name](value) if name in forms else value for name, value in values.items()}


def fragment(payload: dict[str, Any], language: str = "en") -> str:
    """Return one section as HTML, as JupyterLab shows it: under the style sheet of the report."""
    exporter = ReportExporter(Wording(language))
    template = exporter.pages.get_template("fragment.html.j2")
    shown_section = template.render(s=payload, v=payload["values"], brief=payload.get("brief") is True)
    return f"<style>{_lab_style(exporter)}</style>\n{shown_section}"


def _lab_style(exporter: ReportExporter) -> str:
    """Return the style sheet of the report for one section in a page of somebody else's: all of it inside the section.

    What is for the whole page falls away (fonts, page size, print); what the sheet says of the page itself is said of
    the section.
    """
    labels = [(place, Markup(re.sub(r"[\"\\\n<>]", "", label))) for place, label in exporter.tables.labels.items()]  # noqa: S704
    sheet = exporter.pages.get_template("report.css.j2").render(
        faces=[], labels=labels, running="", running_mark="", running_run=""
    )
    rules = sheet.split("@page{")[0]
    rules = re.sub(r"(?m)^(?::root|body)(?=[.{])", "&", re.sub(r"(?m)^html\{[^}]*\}$", "", rules))
    return f".spmc-section{{{rules.strip()}\n&{{background:#fff;padding:4px 16px}}}}"
