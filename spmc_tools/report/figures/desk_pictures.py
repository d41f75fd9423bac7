"""Pictures of the desks that answer, refer and watch, in the words of their page."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from spmc_tools.report.figures.pictures import charts_width, inside

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from markupsafe import Markup

    from spmc_tools.report.sections.desks.board_values import CalendarDay, WatchBoard
    from spmc_tools.report.sections.desks.referral_values import ReferralRegister
    from spmc_tools.report.sections.desks.response_values import Response
    from spmc_tools.report.words.wording import Wording

__all__ = ["flow", "hours", "strip"]

BEFORE_DAYS, MOST_ROWS = 7, 14


def _drawn(draw: Callable[[float], str]) -> dict[str, Markup]:
    return inside(draw(charts_width(wide=True)), draw(charts_width(wide=False)))


def hours(words: Wording, values: Response) -> dict[str, Markup]:
    """Return when complaints came, by weekday and hour."""
    from spmc_tools.show.charts import desk_charts

    days = [words.say(f"weekday.{n}").plain() for n in range(7)]
    title = words.say("response.hours_of_day").plain()
    return _drawn(lambda width: desk_charts.hours_of_week(values.week, days, title, width))


def flow(words: Wording, values: ReferralRegister) -> dict[str, Markup]:
    """Return how referrals went from state to state, and where they stand."""
    from spmc_tools.show.charts import desk_charts

    names = {one.state: words.say(f"referral.state.{one.state}").plain().split(":")[0] for one in values.states}
    stand = {one.state: one.n for one in values.states}
    moves = [(move.start, move.end, move.n) for move in values.moves]
    standing = {one.state: words.say("referral.standing", count=one.n).plain() for one in values.states}
    return _drawn(lambda width: desk_charts.state_flow(values.reached, moves, stand, names, standing, width))


def strip(words: Wording, values: WatchBoard) -> dict[str, Markup]:
    """Return the days of the calendar and of the cases around the board's day."""
    from spmc_tools.show.charts import desk_charts

    ends = (values.today - timedelta(days=BEFORE_DAYS), values.today + timedelta(days=values.ahead))
    rows = [(day.what, _named(words, day), day.first, day.last) for day in values.coming[:MOST_ROWS]]
    cases = [case for case in values.cases if case.date_to >= ends[0] and case.date_from <= ends[1]]
    room = max(0, MOST_ROWS - len(rows))
    rows += [("case", case.case, case.date_from, case.date_to) for case in cases[:room]]

    def tick(day: date) -> str:
        return words.day_short(day).plain()

    now = words.say("board.today").plain()
    return _drawn(lambda width: desk_charts.calendar_strip(rows, values.today, ends, tick, now, width))


def _named(words: Wording, day: CalendarDay) -> str:
    title = words.title(day.title).plain()
    if day.what == "festival":
        return title
    kind = words.say(f"board.kind.{day.what}").plain()
    return f"{kind} {day.phase}: {title}" if day.phase else f"{kind}: {title}"
