"""The rates of a machine as a page, and as lines for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from spmc_tools.report.rates.rate_values import Rate, RateRow, Rates

__all__ = ["rate_lines", "rates_page"]


def rates_page(rates: Rates, language: str) -> str:
    """Return the rates as one HTML file that asks the network for nothing."""
    from spmc_tools.findings.clusters.ordinary_patterns import PATTERNS
    from spmc_tools.report.page.render import bare_page, made_now

    values = {"case": "SPMC", "title": "", "v": rates, "made": made_now(), "known": PATTERNS}
    return bare_page("own_rates.html.j2", values, language, heading="own_rates.title")


def rate_lines(rates: Rates) -> list[str]:
    """Return what a terminal prints: all groups, then a line for each kind and each ordinary pattern."""
    lines = [f"{rates.cases:,} cases, {rates.reports:,} reports: {_line(rates.whole)}"]
    lines += [f"{row.trace}, {row.rests}: {_line(row)}" for row in (*rates.kinds, *rates.patterns)]
    if rates.unread or rates.older:
        lines.append(f"Not counted: {rates.unread:,} cases that cannot be read, {rates.older:,} reports without kinds.")
    lines.append(f"Line-ups skipped {rates.skipped:,}, not possible {rates.impossible:,}.")
    return lines


def _line(row: RateRow) -> str:
    reasons = ", ".join(f"{name} {n}" for name, n in row.reasons.items()) or "none said"
    return (
        f"shown {row.shown:,}, named {row.named:,}, upheld {row.upheld:,}, not upheld {row.not_upheld:,} "
        f"({_share(row.overturned)}), needs more {row.needs_more:,}; ordinary reasons: {reasons}; "
        f"line-ups in which ordinary accounts were chosen: {_share(row.fillers)}"
    )


def _share(rate: Rate) -> str:
    if not rate.n:
        return "none yet"
    return f"{rate.k:,} of {rate.n:,}, " + ("too few yet" if rate.few else f"{rate.low:.1%} to {rate.high:.1%}")
