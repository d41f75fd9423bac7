"""A period to choose by keyboard: from one moment to another."""

from __future__ import annotations

from typing import Any

import ipywidgets as widgets
import traitlets

from spmc_tools.show.widgets.safe_tables import text_html

__all__ = ["PeriodChoice", "moment", "period_of"]


def moment(seconds: int) -> Any:
    """Return a moment in UTC from seconds since 1970."""
    import pandas as pd

    return pd.Timestamp(seconds, unit="s", tz="UTC")


def period_of(seconds: tuple[int, int]) -> tuple[Any, Any]:
    """Return two moments in UTC."""
    return moment(seconds[0]), moment(seconds[1])


class PeriodChoice(widgets.HBox):  # type: ignore[misc]
    """Two lists of moments, from and to; each has a name for who does not see them, which a slider's handles lack.

    Parameters
    ----------
    options : list of (str, int)
        Each moment in words and in seconds, in order.
    names : (str, str)
        What stands before the two.
    nothing : str
        Said in place of both where there is no time to choose from; empty: there is.

    Attributes
    ----------
    value : tuple of int
        From and to, in seconds.
    """

    value = traitlets.Tuple()

    def __init__(self, options: list[tuple[str, int]], names: tuple[str, str], nothing: str = "") -> None:
        whole = (options[0][1], options[-1][1])
        self.ends = [
            widgets.Dropdown(options=options, value=value, description=name, style={"description_width": "initial"})
            for value, name in zip(whole, names, strict=True)
        ]
        self._moments, self._setting = [seconds for _, seconds in options], False
        shown = [widgets.HTML(text_html(nothing))] if nothing else self.ends
        super().__init__(shown, layout=widgets.Layout(flex_flow="row wrap"))
        self.value = whole
        for dropdown in self.ends:
            dropdown.observe(self._moved, names="value")

    def _moved(self, change: Any) -> None:
        """Take what was chosen; an end that reaches the other pushes it one step on, so that a period is left."""
        if self._setting:
            return
        low, high = (dropdown.value for dropdown in self.ends)
        if low >= high and len(self._moments) > 1:
            at = self._moments.index(change["new"])
            first = at if change["owner"] is self.ends[0] else at - 1
            first = min(max(first, 0), len(self._moments) - 2)
            low, high = self._moments[first : first + 2]
        self.value = (low, high)

    @traitlets.observe("value")
    def _shown(self, change: Any) -> None:
        self._setting = True
        for dropdown, value in zip(self.ends, change["new"], strict=True):
            dropdown.value = value
        self._setting = False
