"""The stops of the tour for visitors: which part of the page, for how long, and the command that makes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spmc_tools.errors import ParameterError, quote
from spmc_tools.report.values.declaration import Declaration
from spmc_tools.report.values.privacy import Clock, Code, Count, Number
from spmc_tools.report.values.section_values import section_values

if TYPE_CHECKING:
    from spmc_tools.report.scope.scope import Scope

__all__ = ["FIRST", "SECTIONS", "SPEED", "STOPS", "Stop", "Tour", "tour"]

SAMPLE = "sample"

SPEED = 184
"""Words a minute at which the tour is read: the mean of seventeen languages (Trauzettel-Klosinski and Dietz 2012,
Investigative Ophthalmology & Visual Science 53, 5452-5461; Hindi is none of them). A word holds a letter; figures in
tables and charts are looked at, and the page says so."""

FIRST = 1.5
"""Minutes for what stands above the first stop."""

STOPS = (
    ("watch_board", 1.05, "spmc report CASE watch_board"),
    ("data", 0.95, "spmc import CASE FILE"),
    ("response", 1.15, "spmc report CASE response_desk"),
    ("rumour", 1.75, "spmc report CASE rumour_desk"),
    ("volume", 1.2, "spmc report CASE election_watch"),
    ("summary", 2.45, "spmc investigate CASE"),
    ("limits", 1.55, "spmc report CASE method_check"),
    ("referral", 1.1, "spmc report CASE referral_register"),
    ("standing", 0.9, "spmc report CASE page_standing"),
    ("awareness", 0.95, "spmc report CASE awareness_reach"),
    ("signoff", 0.45, "spmc review CASE RUN --as NAME"),
)
"""Sections of the tour in order, the minutes that reading them takes (fifteen with the first) and a command."""


@section_values
class Stop:
    """One stop: its number, the section that is looked at, minutes, and the command that makes its page."""

    n: Count
    name: Code
    minutes: Number
    command: Code


@section_values
class Tour:
    """The stops, how fast they are read, and what the tour is about; all of it is of the synthetic sample."""

    stops: tuple[Stop, ...]
    speed: Number
    first_minutes: Number
    records: Count
    first: Clock
    last: Clock


def tour(scope: Scope) -> Tour:
    """Return the stops, how many posts the tour is about, and the moments of the first and the last.

    Raises
    ------
    ParameterError
        Where the case is not the synthetic sample: the page says that all in it is made up, and is shown to visitors.
    """
    if scope.case.id != SAMPLE:
        raise ParameterError(f"case is {quote(scope.case.id)}; the tour is shown to visitors and takes only {SAMPLE}.")
    stops = tuple(
        Stop(n=n, name=name, minutes=minutes, command=command)
        for n, (name, minutes, command) in enumerate(STOPS, start=1)
    )
    times = scope.records["created_at"]
    return Tour(stops=stops, speed=SPEED, first_minutes=FIRST, records=len(times), first=times.min(), last=times.max())


SECTIONS = (Declaration("tour", ("scope",), tour, Tour),)
"""The sections that stand in this module."""
