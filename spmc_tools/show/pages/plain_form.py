"""Widgets as fields of a plain page: drawn without a kernel, changed by what a browser sends back.

A page of the lab and a page of the app are the same widgets. Here they are drawn as HTML, each under a number; what
comes back is the number of a widget and its new value, or the number of a button that was pressed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ipywidgets as widgets
from markupsafe import Markup

from spmc_tools.errors import ParameterError
from spmc_tools.show.widgets.safe_tables import rendered

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import pandas as pd

__all__ = ["ROWS", "PlainForm"]

ROWS = 300
"""Rows of a table at most; the page says where there are more."""

_LINES = (widgets.Text, widgets.Combobox)
_LONGEST = 20_000
"""Letters of one field at most; a form refuses more than that in words of its own."""


class PlainForm:
    """Some widgets as one page shows them.

    Parameters
    ----------
    shown : sequence of Widget
        From above.
    rows_of : callable, optional
        A table whose rows choose something -> these rows.
    without : sequence of Widget
        What of them is not shown, as the page has its own.

    Attributes
    ----------
    revision : int
        Counts how often the fields were drawn: their numbers hold until they are drawn again.
    """

    def __init__(
        self,
        shown: Sequence[Any],
        rows_of: Callable[[Any], pd.DataFrame] | None = None,
        without: Sequence[Any] = (),
    ) -> None:
        self._shown, self._without = list(shown), list(without)
        self._rows_of = rows_of
        self._held: list[Any] = []
        self.revision = 0

    def html(self) -> Markup:
        """Return the fields, drawn anew."""
        self._held = []
        self.revision += 1
        return Markup("").join(self._drawn(widget) for widget in self._shown)

    def _number(self, widget: Any) -> int:
        self._held.append(widget)
        return len(self._held) - 1

    def _drawn(self, widget: Any) -> Markup:
        if any(widget is one for one in self._without) or getattr(widget.layout, "display", None) == "none":
            return Markup()
        facts: dict[str, Any] = {"kind": type(widget).__name__.lower(), "inside": []}
        if isinstance(widget, widgets.HTML):
            # such a widget holds HTML whose every value was escaped where it was made
            return Markup('<div class="said">{}</div>').format(Markup(widget.value)) if widget.value else Markup()  # noqa: S704
        if isinstance(widget, (widgets.Accordion, widgets.Tab)):
            titles = [widget.get_title(place) for place in range(len(widget.children))]
            parts = [self._drawn(child) for child in widget.children]
            facts |= {"inside": list(zip(titles, parts, strict=True)), "kind": "folded"}
            facts["open"] = widget.selected_index
        elif isinstance(widget, widgets.Box):
            facts |= {"inside": [("", self._drawn(child)) for child in widget.children], "kind": "box"}
            facts["row"] = isinstance(widget, widgets.HBox)
        elif isinstance(widget, widgets.Button):
            facts |= {"number": self._number(widget), "label": widget.description, "closed": widget.disabled}
        elif isinstance(widget, widgets.Dropdown):
            labels = [label for label, _value in widget._options_full]
            facts |= {"number": self._number(widget), "label": widget.description, "labels": labels}
            facts["chosen"] = widget.index
        elif isinstance(widget, widgets.Checkbox):
            facts |= {"number": self._number(widget), "label": widget.description, "value": widget.value}
        elif isinstance(widget, (widgets.Textarea, *_LINES)):
            facts |= {"number": self._number(widget), "label": widget.description, "value": widget.value}
            facts["hint"] = widget.placeholder or ""
        elif hasattr(widget, "selected_rows"):
            facts |= {"number": self._number(widget), "kind": "grid", **self._grid(widget)}
        else:
            return Markup()  # a picture that the page draws by its own means
        return Markup(rendered("field.html.j2", **facts))  # noqa: S704 -- a template that escapes

    def change(self, values: Mapping[int, str]) -> None:
        """Set the widgets of some numbers as a browser sent them.

        Raises
        ------
        ParameterError
            Where a number or value is none of the page's.
        """
        for number, value in values.items():
            widget = self._of(number)
            if isinstance(widget, widgets.Dropdown):
                widget.index = _place(value, len(widget._options_full))
            elif isinstance(widget, widgets.Checkbox):
                widget.value = value == "on"
            elif isinstance(widget, (widgets.Textarea, *_LINES)):
                widget.value = value[:_LONGEST]
            elif hasattr(widget, "selected_rows"):
                widget.selected_rows = [_place(value, len(self._rows(widget)))]

    def press(self, number: int) -> None:
        """Press a button; one that is closed is not pressed.

        Raises
        ------
        ParameterError
            Where there is no such button.
        """
        button = self._of(number)
        if not isinstance(button, widgets.Button):
            raise ParameterError(f"{number} is no button of this page; load the page again.")
        if not button.disabled:
            button.click()

    def number_of(self, widget: Any) -> int:
        """Return the number under which a widget was drawn."""
        return next(number for number, held in enumerate(self._held) if held is widget)

    def _rows(self, widget: Any) -> pd.DataFrame:
        if self._rows_of is None:
            raise ParameterError("The page has no table; load the page again.")
        return self._rows_of(widget)

    def _grid(self, widget: Any) -> dict[str, Any]:
        frame = self._rows(widget)
        shown = frame[:ROWS].astype(str).to_numpy().tolist()
        return {"header": list(frame.columns), "rows": shown, "chosen": list(widget.selected_rows)}

    def _of(self, number: int) -> Any:
        if not 0 <= number < len(self._held):
            raise ParameterError(f"The page has no field {number}; load the page again.")
        return self._held[number]


def _place(value: str, most: int) -> int:
    if not value.isascii() or not value.isdigit() or int(value) >= most:
        raise ParameterError("A choice came that the page does not offer; load the page again.")
    return int(value)
