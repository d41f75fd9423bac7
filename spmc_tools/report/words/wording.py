"""Words, numbers, dates and times as a reader of English or Hindi sees them.

No sentence stands in this package: they lie in ``templates/wording/{en,hi}.po`` under the same keys, so that one run
gives every language. The words of a part that was added (a trace, a section) may lie in one file of their own for all
languages, ``templates/wording/parts/NAME.yaml``.

What a template puts on a page is a :class:`Said`: a thing in the language of the page. A page is in one language; a run
that wants both has two pages (:mod:`spmc_tools.signing.twin_reports`).
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from markupsafe import Markup, escape

from spmc_tools.chance.statistics.false_discovery import in_far_tail
from spmc_tools.errors import ParameterError, SpmcError, quote
from spmc_tools.report.values.privacy import Hour
from spmc_tools.resources import resource

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from babel.messages.catalog import Catalog
    from babel.support import Translations

__all__ = ["LANGUAGES", "Said", "Wording", "catalogue", "glossary"]

LANGUAGES = ("en", "hi")
"""Languages of a page."""

LOCALES = {"en": "en_IN", "hi": "hi_IN"}
IST = ZoneInfo("Asia/Kolkata")
LAKH, CRORE = 100_000, 10_000_000
SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True, slots=True)
class Said:
    """One thing in the language of the page; ``form`` is escaped."""

    form: Markup

    def __html__(self) -> Markup:
        return self.form

    def plain(self) -> str:
        """Return it as unescaped text: for charts, titles and alternative texts."""
        return str(self.form.unescape())

    def __str__(self) -> str:
        return self.plain()


@lru_cache(maxsize=4)
def catalogue(language: str) -> Catalog:
    """Return the catalogue of one language as Babel reads it, with keys, plural forms and comments."""
    from babel.messages.pofile import read_po

    with resource("templates", "wording", f"{language}.po").open("rb") as file:
        found = read_po(file, locale=language, abort_invalid=True)
    for path in sorted(resource("templates", "wording", "parts").glob("*.yaml")):
        for key, forms in _words_of_part(path).items():
            if key in found:
                raise SpmcError(f"The words of {quote(key)} stand in {path.name} and in another file; keep one.")
            said = forms[language]
            found.add((key, key) if isinstance(said, list) else key, tuple(said) if isinstance(said, list) else said)
    return found


def _words_of_part(path: Path) -> dict[str, dict[str, str | list[str]]]:
    """Return the messages of one file of ``wording/parts/``: key -> language -> words, or singular and plural.

    Raises
    ------
    SpmcError
        Where a message is not said in every language, or with plural forms in one alone.
    """
    import yaml

    words = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    for key, forms in words.items():
        plural = {isinstance(said, list) and len(said) == 2 for said in forms.values()}
        if set(forms) != set(LOCALES) or len(plural) != 1:
            raise SpmcError(
                f"{path.name}: {quote(key)} wants words for each of {', '.join(LOCALES)}, all of them one text or all "
                "a list of the singular and the plural."
            )
    return words


@lru_cache(maxsize=4)
def _translations(language: str) -> Translations:
    from babel.messages.mofile import write_mo
    from babel.support import Translations

    compiled = io.BytesIO()
    write_mo(compiled, catalogue(language))
    compiled.seek(0)
    return Translations(compiled)


@lru_cache(maxsize=1)
def glossary() -> tuple[dict[str, Any], ...]:
    """Return the terms a report explains: ``term``, ``en``, ``hi`` (how each says it) and ``means`` by language."""
    import yaml

    return tuple(yaml.safe_load(resource("templates", "wording", "glossary.yaml").read_text(encoding="utf-8")))


class Wording:
    """The words of one page; ``language`` is ``en`` or ``hi``.

    Raises
    ------
    ParameterError
        Where the language is none of these.
    """

    def __init__(self, language: str) -> None:
        if language not in LANGUAGES:
            more = "; spmc report --lang both writes two files, one in each" if language == "both" else ""
            raise ParameterError(
                f"language: {quote(language)} is no language of a page; wanted one of {', '.join(LANGUAGES)}{more}."
            )
        self.language = language

    def each(self, form: Callable[[str], object]) -> Said:
        """Return ``form(language)`` for the language of the page, escaped."""
        return Said(escape(form(self.language)))

    def say(self, key: str, n: int | None = None, **values: object) -> Said:
        """Return the message of a key with its values filled in.

        Parameters
        ----------
        key : str
            As in the catalogues.
        n : int, optional
            Chooses singular or plural, and is the value ``{n}``: given for messages with plural forms, and only there.
        values : str, int, float or Said
            Numbers are written in the reader's form; text from the data is escaped.

        Raises
        ------
        SpmcError
            Where a catalogue lacks the key or a value that it names; where a message with plural forms is asked for
            without ``n``, or one without them with it.
        """
        if n is not None:
            values["n"] = n
        return self.each(lambda language: self._fill(language, key, n, values))

    def _fill(self, language: str, key: str, n: int | None, values: dict[str, object]) -> Markup:
        words, known = _translations(language), catalogue(language).get(key)
        if known is None or not known.string:
            raise SpmcError(f"The wording catalogue {language}.po has no words for {quote(key)}; add them.")
        if known.pluralizable != (n is not None):
            raise SpmcError(
                f"{language}.po, {quote(key)}: it has no plural forms for n to choose from; add msgid_plural, or give "
                "the number under another name."
                if n is not None
                else f"{language}.po, {quote(key)}: it has plural forms, and no n chooses one; give the number as n."
            )
        message = words.gettext(key) if n is None else words.ngettext(key, key, n)
        ready = {name: self._value(language, value) for name, value in values.items()}
        try:
            return Markup(escape(message)).format(**ready)  # noqa: S704 -- the message itself is escaped
        except (KeyError, IndexError, ValueError) as error:
            raise SpmcError(f"{language}.po, {quote(key)}: the value {quote(error)} is not given.") from None

    def _value(self, language: str, value: object) -> object:
        if isinstance(value, Said):
            return value.form
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return number_in(language, value)
        return value

    def number(self, value: float | None, digits: int | None = None) -> Said:
        """Return a number with Indian grouping, 1,23,456; ``digits`` fixes the decimals; None is "–"."""
        return self.each(lambda language: number_in(language, value, digits))

    def lakh(self, value: float | None) -> Said:
        """Return a number in lakh or crore where it is that large, as 6.65 lakh; below, as :meth:`number`."""

        def form(language: str) -> object:
            if value is None or abs(value) < LAKH:
                return number_in(language, value)
            unit, key = (CRORE, "number.crore") if abs(value) >= CRORE else (LAKH, "number.lakh")
            return self._fill(language, key, None, {"n": number_in(language, value / unit, 2)})

        return self.each(form)

    def share(self, value: float | None) -> Said:
        """Return a share of one in per cent without decimals; below one per cent with one."""

        def form(language: str) -> str:
            if value is None:
                return "–"
            percent = 100 * value
            return f"{number_in(language, percent, 1 if 0 < percent < 1 else 0)} %"

        return self.each(form)

    def exact(self, value: float | None) -> Said:
        """Return a number with six digits that count, so that a sum can be done again with it."""
        return self.each(lambda lang: "–" if value is None else number_in(lang, float(f"{value:.6g}"), None, 12))

    def about(self, value: float | None) -> Said:
        """Return a number with one digit that counts below one, with two above: 0.05, 1.3; 0.96 is not made 1."""
        return self.each(lambda language: "–" if value is None else number_in(language, _rounded(value), None, 6))

    def tiny(self, value: float | None) -> Said:
        """Return a probability so that its size can be read: 0.013, or 3 · 10⁻⁹; below that, only that it is below."""
        if in_far_tail(value):
            return self.say("number.far_tail")
        return self.limit(value)

    def limit(self, value: float | None) -> Said:
        """Return a limit that probabilities are held against, in the form of :meth:`tiny`, however small."""
        return self.each(lambda language: _power_of_ten(language, value))

    def day(self, value: str | date | None) -> Said:
        """Return a day as 6 November 2025; text is ISO, and a moment is taken in IST."""
        return self.each(lambda language: _moment(value, "d MMMM y", language))

    def day_short(self, value: str | date | None) -> Said:
        """Return a day as 6 Nov; in Hindi as 6 नवंबर."""
        return self.each(lambda language: _moment(value, "d MMM" if language == "en" else "d MMMM", language))

    def day_numeric(self, value: str | date | None) -> Said:
        """Return a day as 06-11-2025, alike in every language; a moment is taken in IST."""
        return self.each(lambda language: _moment(value, "dd-MM-y", language))

    def clock(self, value: str | datetime | None) -> Said:
        """Return a moment as 6 Nov 19:02:11, in IST."""
        return self.each(lambda lang: _moment(value, "d MMM HH:mm:ss" if lang == "en" else "d MMMM HH:mm:ss", lang))

    def moment(self, value: str | datetime | None) -> Said:
        """Return a moment as 6 November 2025 19:02, in IST; where its hour alone is known, as 19:00–20:00."""
        return self.each(lambda language: _moment(value, "d MMMM y HH:mm", language))

    def hour(self, value: str | datetime | None) -> Said:
        """Return the time of day of a moment as 19:02, in IST."""
        return self.each(lambda language: _moment(value, "HH:mm", language))

    def lasting(self, seconds: float | None) -> Said:
        """Return a length of time in its natural unit: 60 seconds, 10 minutes, 2 days; from five of it on, in whole."""

        def form(language: str) -> object:
            if seconds is None:
                return "–"
            for unit, size in (("day", 86400), ("hour", 3600), ("minute", 60)):
                if seconds >= 2 * size or (seconds >= size and seconds % size == 0 and size > 60):
                    n = round(seconds / size, 1 if seconds < 5 * size else None)
                    n = int(n) if n == int(n) else n
                    return self._fill(language, f"time.{unit}", 1 if n == 1 else 2, {"n": n})
            n = int(seconds) if seconds == int(seconds) else round(seconds, 3)
            return self._fill(language, "time.second", 1 if n == 1 else 2, {"n": n})

        return self.each(form)

    def title(self, value: dict[str, str]) -> Said:
        """Return a title that the data carries in both languages, as the calendar's."""
        return self.each(lambda language: value.get(language) or value["en"])

    def sentences(self, parts: list[Said | None]) -> Said:
        """Return several sentences as one paragraph; None is left out."""
        return Said(Markup(" ").join(part.form for part in parts if part is not None))


def number_in(language: str, value: float | None, digits: int | None = None, most: int | None = None) -> str:
    """Return a number in one language's form: grouping 1,23,456, at most two decimals (three below 0.1) or ``most``."""
    from babel.numbers import format_decimal

    if value is None:
        return "–"
    if isinstance(value, int) and digits is None:
        return str(format_decimal(value, locale=LOCALES[language]))
    places = digits
    if places is None:
        places = most or (2 if abs(value) >= 0.1 else 3)
    decimals = "0" * places if digits is not None else "#" * places
    pattern = f"#,##,##0.{decimals}" if places else "#,##,##0"
    return str(format_decimal(round(value, places), format=pattern, locale=LOCALES[language]))


def _power_of_ten(language: str, value: float | None) -> str:
    """Return a positive number with two digits that count, in powers of ten below a thousandth; None is "–"."""
    if value is None:
        return "–"
    if value >= 0.001:
        return number_in(language, value, 3)
    mantissa, exponent = f"{value:.1e}".split("e")
    return f"{mantissa.removesuffix('.0')}\u00a0·\u00a010{str(int(exponent)).translate(SUPERSCRIPT)}"


def _rounded(value: float) -> float:
    """Return a number to the digits that count; what lies below one stays below it, up to six digits."""
    digits = (float(f"{value:.{n}g}") for n in range(1 + (value >= 1), 7))
    found = next(digits)
    return found if value >= 1 or found < 1 else next((rounded for rounded in digits if rounded < 1), found)


def _moment(value: str | date | None, pattern: str, language: str) -> str:
    from babel.dates import format_date, format_datetime

    if value is None:
        return "–"
    parsed = value
    if isinstance(value, str):
        parsed = datetime.fromisoformat(value) if "T" in value else date.fromisoformat(value)
    if isinstance(parsed, Hour):
        pattern = re.sub("HH:mm(:ss)?", f"HH:00–{parsed.astimezone(IST).hour + 1:02d}:00", pattern)
    if isinstance(parsed, datetime):
        return str(format_datetime(parsed.astimezone(IST), format=pattern, locale=LOCALES[language]))
    assert isinstance(parsed, date)  # noqa: S101 -- text was parsed above
    return str(format_date(parsed, format=pattern, locale=LOCALES[language]))
