"""How a section becomes HTML: the exporter with our templates, in which every value is escaped.

Text from the data goes through :func:`shown`; there is no other way for it onto a page.
"""

from __future__ import annotations

import unicodedata
from functools import cached_property
from typing import TYPE_CHECKING, Any

from jinja2 import FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from nbconvert.exporters import TemplateExporter

from spmc_tools.report import pictures
from spmc_tools.report.wording import Wording, catalogue, glossary
from spmc_tools.resources import resource

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jinja2 import Environment

__all__ = ["ReportExporter", "fragment", "shown"]

_CTL = Markup('<span class="ctl">{}</span>')
_KEPT = frozenset("\n\t\u200c\u200d")


def shown(value: object, limit: int | None = None) -> Markup:
    """Return text from the data, escaped, with characters that are invisible or change direction made visible.

    Zero-width joiner and non-joiner stay: Hindi and Urdu need them. A line end is a line end.

    Parameters
    ----------
    limit : int, optional
        Cut after this many characters, with "…".
    """
    text = str(value).replace("\r\n", "\n")
    if limit is not None and len(text) > limit:
        text = text[:limit] + "…"
    pieces: list[Markup] = []
    plain = ""
    for char in text:
        if char not in _KEPT and unicodedata.category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp"}:
            pieces += [escape(plain), _CTL.format(f"U+{ord(char):04X}")]
            plain = ""
        else:
            plain += char
    return Markup("").join([*pieces, escape(plain)])


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

    def _create_environment(self) -> Environment:
        environment: Environment = super()._create_environment()  # type: ignore[no-untyped-call]
        environment.autoescape = True
        environment.undefined = StrictUndefined
        environment.trim_blocks = environment.lstrip_blocks = True
        environment.filters.update(_filters(self.wording))
        environment.globals.update(_globals(self.wording))
        return environment

    @cached_property
    def pages(self) -> Environment:
        """The environment, for templates beside the notebook's."""
        environment: Environment = self.environment
        return environment


def _filters(words: Wording) -> dict[str, Any]:
    return {
        "shown": shown,
        "num": words.number,
        "lakh": words.lakh,
        "share": words.share,
        "tiny": words.tiny,
        "exact": words.exact,
        "day": words.day,
        "clock": words.clock,
        "moment": words.moment,
        "lasting": words.lasting,
        "title": words.title,
        "term": lambda term: words.each(lambda one: term[one]),
    }


def _globals(words: Wording) -> dict[str, Any]:
    known = {message.id if isinstance(message.id, str) else message.id[0] for message in catalogue("en")}
    return {
        "t": words.say,
        "has": known.__contains__,
        "sentences": words.sentences,
        "days": lambda n: words.say("days", n=n),
        "said": lambda values: _said(words, values),
        "glossary": glossary(),
        "chart_volume": lambda values, times: pictures.volume(words, values, times),
        "chart_pairs": pictures.pairs,
        "chart_network": pictures.network,
    }


def _said(words: Wording, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the numbers of a message in the form their name asks for: ``share``, ``seconds``, else plain."""
    forms = {"share": words.share, "seconds": words.lasting}
    return {name: forms[name](value) if name in forms else value for name, value in values.items()}


def fragment(payload: dict[str, Any], language: str = "en") -> str:
    """Return one section as HTML, as JupyterLab shows it."""
    template = ReportExporter(Wording(language)).pages.get_template("fragment.html.j2")
    return template.render(s=payload, v=payload["values"])
