"""A period to choose by keyboard: a slider over moments, with the period in full beside it."""

from __future__ import annotations

from typing import Any

import ipywidgets as widgets

from spmc_tools.show.tables import text_html

__all__ = ["moment", "period_of", "period_slider"]


def moment(seconds: int) -> Any:
    """Return a moment in UTC from seconds since 1970."""
    import pandas as pd

    return pd.Timestamp(seconds, unit="s", tz="UTC")


def period_of(seconds: tuple[int, int]) -> tuple[Any, Any]:
    """Return two moments in UTC."""
    return moment(seconds[0]), moment(seconds[1])


def period_slider(
    options: list[tuple[str, int]], description: str, nothing: str = ""
) -> tuple[widgets.SelectionRangeSlider, widgets.HTML]:
    """Return a slider over moments, and a line that says the period in full: the slider's own readout is cut off.

    Parameters
    ----------
    options : list of (str, int)
        Each moment in words and in seconds.
    description : str
        Stands before it.
    nothing : str
        Said in place of both where there is no time to choose from; empty: there is.
    """
    slider = widgets.SelectionRangeSlider(
        options=options,
        index=(0, len(options) - 1),
        description=description,
        continuous_update=False,
        readout=False,
        layout=widgets.Layout(width="98%"),
        style={"description_width": "initial"},
    )
    names, line = {value: label for label, value in options}, widgets.HTML()

    if nothing:
        slider.layout.display, line.value = "none", text_html(nothing)
        return slider, line

    def say(_change: Any = None) -> None:
        line.value = text_html(" – ".join(names[one] for one in slider.value))

    slider.observe(say, names="value")
    say()
    return slider, line
