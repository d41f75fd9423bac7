"""Charts of pages, each drawn once: two thirds of the work of drawing a page, and most pages of tests hold the same.

A chart is kept by what it is drawn from: its function, the language of the page and every value. The first time that
one of a function is asked for again it is drawn again, and must come out alike to the byte.
"""

from __future__ import annotations

import pickle
from functools import wraps
from typing import TYPE_CHECKING, Any

from spmc_tools.report.words.wording import Wording, catalogue

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

DRAWN = {
    "pictures": ("volume", "barcode", "session", "network", "curve", "spread"),
    "check_pictures": ("frontier", "quantiles", "shares"),
    "desk_pictures": ("hours", "flow", "strip"),
    "measure_pictures": ("ranks", "timeline", "break_series", "beside"),
}
"""The charts that ``spmc_tools.report.page.drawing`` draws, by the module that it calls."""


def kept(draw: Callable[..., dict[str, str]], drawn: dict[Any, dict[str, str]]) -> Callable[..., dict[str, str]]:
    """Return the function with what it drew kept in ``drawn``."""
    drawn_again = False

    @wraps(draw)
    def look(*given: Any, **named: Any) -> dict[str, str]:
        nonlocal drawn_again
        plain = [one.language if isinstance(one, Wording) else one for one in given]
        words = [catalogue(one.language) for one in given if isinstance(one, Wording)]
        try:
            key = draw.__module__, draw.__name__, tuple(map(id, words)), pickle.dumps((plain, sorted(named.items())))
        except (pickle.PicklingError, TypeError, AttributeError):
            return draw(*given, **named)
        if key not in drawn:
            drawn[key] = draw(*given, **named)
        elif not drawn_again:
            drawn_again = True
            assert draw(*given, **named) == drawn[key], f"{draw.__name__} draws the same values in two ways"
        return dict(drawn[key])

    return look


class Charts:
    """A module of charts in which some functions keep what they drew."""

    def __init__(self, module: ModuleType, names: tuple[str, ...], drawn: dict[Any, dict[str, str]]) -> None:
        self._module = module
        self._kept = {name: kept(getattr(module, name), drawn) for name in names}

    def __getattr__(self, name: str) -> Any:
        return self._kept.get(name) or getattr(self._module, name)


def charts_drawn_once(drawing: Any) -> None:
    """Let the module that draws pages draw each chart once."""
    drawn: dict[Any, dict[str, str]] = {}
    for module, names in DRAWN.items():
        setattr(drawing, module, Charts(getattr(drawing, module), names, drawn))
