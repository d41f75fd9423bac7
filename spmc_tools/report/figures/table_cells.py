"""Tables of a page: cells that know their column, whose name a telephone shows before each figure.

On a telephone a row stands by itself, each figure after the name of its column. These names stand in the style sheet
once for each kind of table (:attr:`Tables.labels`), not in every row: in a page of 500 accounts they would be a third
of everything. Templates make tables through the macro ``table`` of ``templates/tables.html.j2`` alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from spmc_tools.report.words.wording import Said, Wording

__all__ = ["Column", "Row", "Table", "Tables"]

STYLES = frozenset(
    {"head", "kind", "long", "mono", "no", "nowrap", "num", "what", "when", "where", "who", "words"}
)  # fmt: skip
"""Classes of cells that the style sheet knows; ``head``: what a row is about, without a name before it."""

_BETWEEN = re.compile(r"\s+<td")
_LAST_BLANKS = re.compile(r"\s+\Z")
_OF_HEADINGS = frozenset({"num", "nowrap"})


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name in the words of the page and a sign behind it, and the classes of its cells."""

    label: Said | Markup
    style: tuple[str, ...]
    sign: str = ""

    @property
    def is_head(self) -> bool:
        """Whether it says what the row is about; a telephone shows no name before it."""
        return "head" in self.style

    @property
    def plain(self) -> str:
        """The name as plain text."""
        return (self.label.unescape() if isinstance(self.label, Markup) else self.label.plain()) + self.sign

    @property
    def heading(self) -> Markup:
        """The cell above the column."""
        return _tag("th", " ".join(css_class for css_class in self.style if css_class in _OF_HEADINGS)).format(
            Markup("{}{}").format(self.label, self.sign)
        )


def _tag(name: str, classes: str) -> Markup:
    """Return an element that takes its content."""
    opened = Markup('<{} class="{}">').format(name, classes) if classes else Markup("<{}>").format(name)
    return opened + Markup("{}") + Markup("</{}>").format(name)


class Row:
    """The cells of one row, in the order of the columns.

    Called with the content of a cell, or as ``{% call td() %}…{% endcall %}``, it gives the cell.
    """

    def __init__(self, columns: Sequence[Column], *, stacked: bool = True, figures: bool = False) -> None:
        self._columns = columns
        self._stacked = stacked
        self._figures = figures  # the style sheet sets the cells of such a table itself
        self._place = 0
        self._class = ""

    def __call__(
        self,
        content: object = "",
        *,
        span: int = 1,
        lang: str = "",
        value: str = "",
        caller: Callable[[], str] | None = None,
    ) -> Markup:
        """Return the next cell; its end tag is left out, as HTML allows.

        Parameters
        ----------
        content : object
            What stands in it; escaped where it is no markup.
        span : int
            How many columns it covers.
        lang : str
            Language of what stands in it, where that is not the page's.
        value : str
            What it is sorted by, where that is not what stands in it.
        caller : callable, optional
            Gives the content instead.

        Raises
        ------
        ValueError
            Where the row has more cells than the table has columns.
        """
        if self._place + span > len(self._columns):
            raise ValueError(f"a row has more than the {len(self._columns)} cells of its table")
        column = self._columns[self._place]
        self._place += span
        inside = _kept(content) if caller is None else Markup(caller())  # noqa: S704 -- a template escaped it
        style = [name for name in column.style if not self._figures or name not in _OF_HEADINGS]
        attributes = [("class", " ".join(style) if span == 1 else ""), ("lang", lang), ("data-v", value)]
        attributes.append(("colspan", str(span) if span > 1 else ""))
        opened = Markup("").join(Markup(' {}="{}"').format(name, text) for name, text in attributes if text)
        if span > 1 or column.is_head or not self._stacked:
            return Markup("<td{}>{}").format(opened, inside)
        return Markup("<td{}><span>{}</span>").format(opened, inside)

    def empty(self, n: int) -> Markup:
        """Return this many cells in which nothing stands."""
        return Markup("").join(self() for _ in range(n))

    def row_class(self, name: str) -> str:
        """Note the class of the row itself; return nothing."""
        self._class = name
        return ""

    def whole(self, cells: str) -> Markup:
        """Return the row of these cells.

        Raises
        ------
        ValueError
            Where it has fewer cells than the table has columns.
        """
        if self._place != len(self._columns):
            raise ValueError(f"a row has {self._place} cells, its table has {len(self._columns)} columns")
        joined = Markup(_BETWEEN.sub("<td", str(cells)).strip())  # noqa: S704 -- cells of ours; data in them is escaped
        return _tag("tr", self._class).format(joined)


def _kept(content: object) -> Markup:
    """Return data escaped, blanks at its end as references: a template's own blanks after a cell are taken away."""
    inside = escape(content)
    if hasattr(content, "__html__"):
        return inside
    return Markup(_LAST_BLANKS.sub(lambda blanks: "".join(f"&#{ord(one)};" for one in blanks[0]), str(inside)))  # noqa: S704


class Table:
    """One table: its beginning with the headings, a maker of cells for each row, its end."""

    def __init__(self, columns: Sequence[Column], kind: str, number: int, head_class: str) -> None:
        self._columns = columns
        self._kind = kind
        self._number = number
        self._head_class = head_class

    @property
    def begin(self) -> Markup:
        """The table up to its first row."""
        named = Markup(" data-t=t{}").format(self._number) if "stack" in self._kind.split() else ""
        opened = Markup('<table class="{}"{}>').format(self._kind, named) if self._kind else Markup("<table>")
        headings = Markup("").join(column.heading for column in self._columns)
        return opened + _tag("thead", self._head_class).format(_tag("tr", "").format(headings)) + Markup("<tbody>")

    @property
    def end(self) -> Markup:
        """What closes the table."""
        return Markup("</tbody></table>")

    def row(self) -> Row:
        """Return the maker of the cells of one row."""
        kinds = self._kind.split()
        figures = "figures" in kinds
        return Row(self._columns, stacked="stack" in kinds and not figures, figures=figures)


class Tables:
    """The tables of one page.

    Parameters
    ----------
    words : Wording
        Of the page.
    """

    def __init__(self, words: Wording) -> None:
        self._words = words
        self._kinds: dict[tuple[tuple[int, str], ...], int] = {}

    def open(
        self, columns: Mapping[str, str] | Iterable[tuple[Any, str]], kind: str = "stack", head_class: str = ""
    ) -> Table:
        """Return a table with these columns.

        Parameters
        ----------
        columns : mapping or pairs
            Name of each column -> classes of its cells, as ``"num"`` or ``"head"``. A name is a key of the wording
            (``"pairs.seen"``), one with a sign behind it (``"pairs.seen| n"``), a sign alone (``"=q"``), or words that
            were said already.
        kind : str
            Classes of the table; ``stack``: on a telephone each row stands by itself.
        head_class : str
            Classes of the row of headings.

        Raises
        ------
        ValueError
            Where a class is none of :data:`STYLES`.
        """
        pairs = columns.items() if isinstance(columns, Mapping) else columns
        made = [self._column(label, style) for label, style in pairs]
        names = tuple((place, column.plain) for place, column in enumerate(made, start=1) if not column.is_head)
        number = self._kinds.setdefault(names, len(self._kinds)) if "stack" in kind.split() else 0
        return Table(made, kind, number, head_class)

    def _column(self, label: Any, style: str) -> Column:
        classes = tuple(style.split())
        if not STYLES.issuperset(classes):
            raise ValueError(f"{style!r} is no style of a cell; known: {', '.join(sorted(STYLES))}")
        if type(label) is not str:
            return Column(label, classes)
        if label.startswith("="):
            return Column(escape(label[1:]), classes)
        key, _, sign = label.partition("|")
        return Column(self._words.say(key), classes, sign)

    @property
    def labels(self) -> dict[str, str]:
        """What selects the cells of a column on a telephone, to be set behind ``.stack``; the name of the column."""
        return {
            f"[data-t=t{kind}] td:nth-child({place})": label
            for columns, kind in self._kinds.items()
            for place, label in columns
        }
