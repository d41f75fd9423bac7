"""What an investigation was asked for, checked: one clear sentence for what cannot be used."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from spmc_tools.coaction.catalogue import TRACES, named
from spmc_tools.errors import ParameterError, quote

if TYPE_CHECKING:
    from collections.abc import Sequence

    from spmc_tools.coaction.declare import Trace

__all__ = ["LONGEST_WINDOW_S", "context", "seed", "traces", "windows"]

LONGEST_WINDOW_S = 30 * 86_400.0
"""No window is longer."""


def traces(asked: str | Sequence[str]) -> list[Trace]:
    """Return the traces of the catalogue that are asked for, in its order; "all" gives all."""
    if isinstance(asked, str) and asked == "all":
        return list(TRACES.values())
    names = [asked] if isinstance(asked, str) else asked
    if not isinstance(names, (list, tuple, set, frozenset)) or not names:
        raise ParameterError(f'traces is {quote(asked)}, wanted "all" or a list of: {", ".join(TRACES)}.')
    chosen = {named(str(name)).name for name in names}
    return [trace for name, trace in TRACES.items() if name in chosen]


def windows(windows_s: Any) -> list[float] | None:
    """Return windows in seconds, ascending, each once; None where each trace's own are meant."""
    if windows_s is None:
        return None
    given = [windows_s] if isinstance(windows_s, (int, float)) else windows_s
    if isinstance(given, str) or not hasattr(given, "__iter__"):
        raise ParameterError(f"windows_s is {quote(windows_s)}, wanted seconds, as (60, 600).")
    values = list(given)
    for value in values:
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if not number or not math.isfinite(value) or not 0 < value <= LONGEST_WINDOW_S:
            raise ParameterError(
                f"windows_s holds {quote(value)}, wanted seconds above 0 and at most {LONGEST_WINDOW_S:,.0f}."
            )
    if not values:
        raise ParameterError("windows_s is empty, wanted at least one window in seconds, as (60, 600).")
    return sorted({float(value) for value in values})


def context(kinds: Any) -> dict[str, str]:
    """Return registered accounts with their kinds, by id."""
    if not hasattr(kinds, "items"):
        raise ParameterError(f"context is {quote(kinds)}, wanted account ids with their kind.")
    for account, kind in kinds.items():
        if not isinstance(account, str) or not isinstance(kind, str) or not kind.strip():
            raise ParameterError(
                f"context: account {quote(account)} has kind {quote(kind)}; wanted text for both, as newsroom."
            )
    return {str(account): str(kind) for account, kind in sorted(kinds.items())}


def seed(given: Any) -> int:
    """Return the seed as a whole number."""
    if isinstance(given, bool) or not hasattr(given, "__index__") or not 0 <= int(given) < 2**31:
        raise ParameterError(f"seed is {quote(given)}, wanted a whole number from 0 to 2,147,483,647.")
    return int(given)
