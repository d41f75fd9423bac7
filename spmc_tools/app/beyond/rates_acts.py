"""What reviews said of groups over all cases of this machine: numbers as tables, and the same as a page to take."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from spmc_tools.app.acts.act_form import Act, Done, Ground, ShownTable, command_line
from spmc_tools.case.files.durable import os_errors, write_file
from spmc_tools.errors import SpmcError
from spmc_tools.report.rates.own_rates import own_rates

if TYPE_CHECKING:
    from spmc_tools.report.rates.rate_values import Rate, RateRow

__all__ = ["RATES_ACTS", "rates_tables"]

_NUMBERS = ("shown", "named", "upheld", "not_upheld", "needs_more")


def _page(ground: Ground, _values: dict[str, Any]) -> Done:
    from spmc_tools.report.page.rates_page import rates_page

    path = ground.beside / f"rates-{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}.html"
    with os_errors("The rates cannot be written"):
        ground.beside.mkdir(parents=True, exist_ok=True, mode=0o700)
        content = rates_page(own_rates(ground.cases), ground.words.language)
        write_file(path, content.encode("utf-8", "backslashreplace"))
    return Done((ground.say("app.rates_done"),), (path.name,), of_all=True)


def _called(ground: Ground, name: str, *keys: str) -> str:
    """Return what something is called on the page; a name that no catalogue has is shown as it is."""
    for key in keys:
        with suppress(SpmcError):
            return ground.say(key)
    return name


def _share(ground: Ground, rate: Rate) -> str:
    if not rate.n:
        return "–"
    if rate.few:
        return ground.say("own_rates.few", k=rate.k, all=rate.n)
    low, high = ground.words.share(rate.low), ground.words.share(rate.high)
    return ground.say("own_rates.share", k=rate.k, all=rate.n, low=low, high=high)


def _kind(ground: Ground, row: RateRow) -> str:
    if not row.trace:
        return ground.say("own_rates.all")
    if row.rests == "pattern":
        return _called(ground, row.trace, f"first.pattern.{row.trace}")
    rests = _called(ground, row.rests, f"own_rates.rests.{row.rests}")
    return f"{_called(ground, row.trace, f'trace.{row.trace}')} · {rests}"


def _row(ground: Ground, row: RateRow) -> tuple[str, ...]:
    reasons = "; ".join(
        f"{_called(ground, reason, f'line_up.reason.{reason}')} {ground.words.number(n)}"
        for reason, n in row.reasons.items()
    )
    numbers = (str(ground.words.number(getattr(row, name))) for name in _NUMBERS)
    return _kind(ground, row), *numbers, _share(ground, row.overturned), reasons or "–", _share(ground, row.fillers)


def rates_tables(ground: Ground) -> list[ShownTable]:
    """Return the kinds of groups and the ordinary patterns with what reviews said of them, as tables; numbers alone."""
    say, found = ground.say, own_rates(ground.cases)
    numbers = (
        say("own_rates.shown"), say("own_rates.named"), say("own_rates.upheld"), say("own_rates.not_upheld"),
        say("own_rates.needs_more"), say("own_rates.overturned"), say("own_rates.reasons"), say("own_rates.fillers"),
    )  # fmt: skip
    kinds = [_row(ground, row) for row in (found.whole, *found.kinds)] if found.kinds else []
    note = [say("own_rates.reports", n=found.reports)]
    note += [say("own_rates.older", n=found.older)] if found.older else []
    note += [say("own_rates.unread", n=found.unread)] if found.unread else []
    tables = [
        ShownTable(
            "kinds", say("own_rates.kinds"), (say("own_rates.kind"), *numbers), kinds, note=" ".join(note)
        )
    ]  # fmt: skip
    if found.patterns:
        rows = [_row(ground, row) for row in found.patterns]
        tables.append(ShownTable("patterns", say("own_rates.patterns"), (say("own_rates.pattern"), *numbers), rows))
    return tables


RATES_ACTS = (
    Act(
        "rates", (), _page,
        lambda _case, _values: command_line("spmc", "rates", "--out", "FILE.html"),
        caseless=True,
    ),
)  # fmt: skip
