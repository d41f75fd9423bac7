"""The tables of small worlds: on the screen, and as the second and third table of ``docs/measured/accuracy.md``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.accuracy.measurement.results import code_digest
from benchmarks.accuracy.measurement.scoring import clopper_pearson
from benchmarks.accuracy.opponents import OPPONENTS, STRUCTURES
from benchmarks.accuracy.page.printed import number
from benchmarks.accuracy.real_sets.resampled_accounts import interval_of
from benchmarks.accuracy.small_worlds.aims import LEAST_AP, MOST_NAMED
from benchmarks.accuracy.small_worlds.outcome import COUNT, SCORE, Tally

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from benchmarks.accuracy.small_worlds.outcome import Outcome

__all__ = ["VARIANTS", "filled", "page_lines", "variant", "write"]

VARIANTS = ("", ", half", ", double", ", slow", ", half, slow", ", double, slow")
"""Sizes and tempos of a structure, as their names end; the first is the structure as declared."""

_OPPONENT_HEAD = (
    "opponent",
    "seeds",
    "members",
    "named",
    "shown",
    "others named, shown",
    "AP of `score`",
    "AP of pairs in step",
    "`score` − pairs",
    "aim: AP",
)
_STRUCTURE_HEAD = (
    "structure",
    "variants, worlds",
    "members",
    "named",
    "share named",
    "shown",
    "share shown",
    "most named in one world",
    "others named, shown",
    "aim: named",
)


def variant(name: str) -> str:
    """Return how the name of a structure ends, one of :data:`VARIANTS`."""
    return max((ending for ending in VARIANTS if name.endswith(ending)), key=len)


def page_lines(kind: str, outcomes: Sequence[Outcome], seeds: int) -> list[str]:
    """Return what stands between the markers: the code, a table with a row for each opponent or structure, what lacks.

    Parameters
    ----------
    kind : str
        "opponents" or "structures".
    outcomes : sequence of Outcome
        All that were measured with the present code.
    seeds : int
        Wanted of each world.
    """
    by_row: dict[str, list[Outcome]] = {name: [] for name in (OPPONENTS if kind == "opponents" else STRUCTURES)}
    for outcome in outcomes:
        by_row[outcome.world].append(outcome)
    lacking = _lacking(by_row, seeds)
    if kind == "structures":
        by_row = _by_base(by_row)
    head, cells = (_OPPONENT_HEAD, _opponent) if kind == "opponents" else (_STRUCTURE_HEAD, _structure)
    rows = [cells(name, found) for name, found in by_row.items() if found]
    return [
        f"Code {code_digest(True)}, {len(outcomes)} worlds.",
        "",
        f"| {' | '.join(head)} |",
        f"|{'---|' * len(head)}",
        *(f"| {' | '.join(row)} |" for row in rows),
        "",
        lacking,
    ]


def _by_base(by_world: dict[str, list[Outcome]]) -> dict[str, list[Outcome]]:
    """Return the outcomes of all sizes and tempos of a structure under its plain name."""
    by_base: dict[str, list[Outcome]] = {}
    for name, found in by_world.items():
        by_base.setdefault(name.removesuffix(variant(name)), []).extend(found)
    return by_base


def _lacking(by_world: dict[str, list[Outcome]], seeds: int) -> str:
    """Return the sentence that names what was not measured: every world and seed of those wanted.

    Structures are named under their size and tempo; "all" where no seed of any of them was measured.
    """
    wanted = f"{len(by_world)} worlds with {'seed 1' if seeds == 1 else f'seeds 1 to {seeds}'}"
    left: dict[str, list[str]] = {}
    untouched: dict[str, bool] = {}
    for name, found in by_world.items():
        missing = sorted(set(range(1, seeds + 1)) - {outcome.seed for outcome in found})
        ending = variant(name)
        untouched[ending] = untouched.get(ending, True) and len(missing) == seeds
        if missing:
            left.setdefault(ending, []).append(f"{name.removesuffix(ending)} (seed {', '.join(map(str, missing))})")
    if not left:
        return f"Nothing is left to measure of {wanted}."
    named = {ending: ["all"] if untouched[ending] else names for ending, names in left.items()}
    if set(by_world) == set(OPPONENTS):
        return f"Not measured yet, of {wanted}: {'; '.join(named[''])}."
    parts = [f"{ending.strip(', ') or 'as declared'}: {'; '.join(names)}" for ending, names in named.items()]
    return f"Not measured yet, of {wanted}. {'. '.join(part[0].upper() + part[1:] for part in parts)}."


def _together(tallies: Sequence[Tally]) -> Tally:
    return Tally(*(sum(getattr(tally, part) for tally in tallies) for part in ("accounts", "named", "shown")))


def _opponent(name: str, found: Sequence[Outcome]) -> list[str]:
    members, others = (_together([getattr(outcome, kind) for outcome in found]) for kind in ("members", "others"))
    score, count = (_mean_ap(found, ranking) for ranking in (SCORE, COUNT))
    drawn = {ranking: _drawn(found, ranking) for ranking in (SCORE, COUNT)}
    return [
        name,
        _seeds(found),
        f"{members.accounts:,}",
        str(members.named),
        str(members.shown),
        f"{others.named}, {others.shown}",
        _with_interval(score, drawn[SCORE]),
        _with_interval(count, drawn[COUNT]),
        _with_interval(score - count, drawn[SCORE] - drawn[COUNT], signed=True),
        _ap_verdict(LEAST_AP.get(name), score),
    ]


def _mean_ap(found: Sequence[Outcome], ranking: str) -> float:
    return float(np.mean([outcome.rankings[ranking].ap for outcome in found]))


def _drawn(found: Sequence[Outcome], ranking: str) -> np.ndarray:
    """Return the mean over worlds in each draw; accounts are drawn in each world for itself."""
    drawn: np.ndarray = np.mean([outcome.rankings[ranking].drawn for outcome in found], axis=0)
    return drawn


def _with_interval(value: float, drawn: np.ndarray, *, signed: bool = False) -> str:
    interval = interval_of(drawn)
    printed = [_signed(x) if signed else number(x) for x in (value, interval.low, interval.high)]
    return "{} [{}, {}]".format(*printed)


def _signed(value: float) -> str:
    return format(value, "+.3f").replace("-", "−")


def _ap_verdict(least: float | None, score: float) -> str:
    if least is None:
        return "–"
    return f"≥ {least:g}: {'reached' if score >= least else '**not reached**'}"


def _structure(name: str, found: Sequence[Outcome]) -> list[str]:
    members, others = (_together([getattr(outcome, kind) for outcome in found]) for kind in ("members", "others"))
    worst = max(found, key=lambda outcome: outcome.members.named / max(outcome.members.accounts, 1)).members
    n_variants = len({outcome.world for outcome in found})
    return [
        name,
        f"{n_variants} of {len(VARIANTS)}, {len(found)}",
        f"{members.accounts:,}",
        str(members.named),
        _share(members.named, members.accounts),
        str(members.shown),
        _share(members.shown, members.accounts),
        f"{worst.named} of {worst.accounts}",
        f"{others.named}, {others.shown}",
        _named_verdict(members, whole=n_variants == len(VARIANTS)),
    ]


def _named_verdict(members: Tally, *, whole: bool) -> str:
    so_far = "" if whole else " so far"
    reached = members.named <= MOST_NAMED * members.accounts
    return f"≤ {MOST_NAMED:.0%}: {'reached' if reached else '**not reached**'}{so_far}"


def _share(hits: int, accounts: int) -> str:
    low, high = clopper_pearson(hits, accounts)
    return f"{hits / max(accounts, 1):.3f} [{low:.3f}, {high:.3f}]"


def _seeds(found: Sequence[Outcome]) -> str:
    """Return the seeds, runs of neighbours as "1–5"."""
    runs: list[list[int]] = []
    for seed in sorted(outcome.seed for outcome in found):
        if runs and seed == runs[-1][-1] + 1:
            runs[-1].append(seed)
        else:
            runs.append([seed])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in runs)


def filled(text: str, kind: str, lines: Sequence[str]) -> str:
    """Return the document with the part between the markers of this kind written anew.

    Raises
    ------
    ValueError
        Where the document does not hold the two markers once each, in order.
    """
    start, end = f"<!-- small worlds: {kind} -->", f"<!-- end: small worlds: {kind} -->"
    if text.count(start) != 1 or text.count(end) != 1 or text.index(end) < text.index(start):
        raise ValueError(
            f"The document holds {start} {text.count(start)} times and {end} {text.count(end)} times; wanted is each "
            "once, in this order. Put them back where the table belongs."
        )
    inner = re.compile(re.escape(start) + ".*?" + re.escape(end), re.DOTALL)
    body = "\n".join([start, *lines, end])
    return inner.sub(lambda _found: body, text)


def write(path: Path, kind: str, lines: Sequence[str]) -> None:
    """Fill the part of this kind; the rest of the document stays."""
    path.write_text(filled(path.read_text(encoding="utf-8"), kind, lines), encoding="utf-8")
