"""The stops of the tour for visitors: which part of the page, for how long, and the command that makes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spmc_tools.errors import ParameterError, quote

if TYPE_CHECKING:
    from spmc_tools.report.scope import Scope

__all__ = ["FIRST_S", "SPEED", "STOPS", "tour"]

SAMPLE = "sample"

SPEED = 184
"""Words a minute at which the tour is read: the mean of seventeen languages (Trauzettel-Klosinski and Dietz 2012,
Investigative Ophthalmology & Visual Science 53, 5452-5461; Hindi is none of them). A word holds a letter; figures in
tables and charts are looked at, and the page says so."""

FIRST_S = 105
"""Seconds for what stands above the first stop."""

STOPS = (
    ("watch_board", 60, "spmc report CASE watch_board"),
    ("data", 60, "spmc import CASE FILE"),
    ("response", 75, "spmc report CASE response_desk"),
    ("rumour", 120, "spmc report CASE rumour_desk"),
    ("volume", 45, "spmc report CASE election_watch"),
    ("summary", 180, "spmc investigate CASE"),
    ("limits", 45, "spmc report CASE method_check"),
    ("referral", 60, "spmc report CASE referral_register"),
    ("standing", 60, "spmc report CASE page_standing"),
    ("awareness", 60, "spmc report CASE awareness_reach"),
    ("signoff", 30, "spmc review CASE RUN --as NAME"),
)
"""Sections of the tour in order, the seconds that reading them takes (fifteen minutes with the first) and a command."""


def tour(scope: Scope) -> dict[str, Any]:
    """Return the stops, how many posts the tour is about, and the moments of the first and the last.

    Raises
    ------
    ParameterError
        Where the case is not the synthetic sample: the page says that all in it is made up, and is shown to visitors.
    """
    if scope.case.id != SAMPLE:
        raise ParameterError(f"case is {quote(scope.case.id)}; the tour is shown to visitors and takes only {SAMPLE}.")
    stops = [
        {"n": n, "name": name, "seconds": seconds, "command": command}
        for n, (name, seconds, command) in enumerate(STOPS, start=1)
    ]
    times = scope.records["created_at"]
    return {
        "stops": stops,
        "speed": SPEED,
        "first_s": FIRST_S,
        "records": len(times),
        "first": times.min(),
        "last": times.max(),
    }
