"""The tables of the ablation: what each part adds to the ranking, and what each rule adds to the names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from benchmarks.accuracy.ablation.names import AS_IT_IS, NAMES
from benchmarks.accuracy.ablation.scores import SCORE_PARTS, WHOLE
from benchmarks.accuracy.measurement.results import code_digest
from benchmarks.accuracy.page.printed import number
from benchmarks.accuracy.real_sets.real_tables import LABELLED
from benchmarks.accuracy.real_sets.resampled_accounts import interval_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.accuracy.ablation.outcomes import Ablation

__all__ = ["page_lines"]

_SCORE_HEAD = (
    "part of the score",
    *(f"`{name}`" for name in LABELLED),
    "opponents, mean",
    "opponent that it matters to most",
)
_NAMES_HEAD = (
    "rules", "opponents: members named, shown", "others", "structures: members named, shown", "others",
    "real: labelled named, shown", "others", "rows that change",
)  # fmt: skip


def page_lines(found: Sequence[Ablation]) -> list[str]:
    """Return what stands between the markers: what was measured, then both tables."""
    if not found:
        return ["Nothing of this was measured with the present code."]
    kinds = {kind: [one for one in found if one.kind == kind] for kind in ("real", "opponents", "structures")}
    worlds = {kind: len({one.name for one in of_kind}) for kind, of_kind in kinds.items()}
    seeds = sorted({one.seed for kind in ("opponents", "structures") for one in kinds[kind]})
    return [
        f"Code {code_digest(True)}; {worlds['real']} real tables, {worlds['opponents']} opponents and "
        f"{worlds['structures']} structures (each size and tempo is one), seeds {', '.join(map(str, seeds))}: "
        f"{len(found)} tables in all.",
        "",
        *_table(_SCORE_HEAD, _score_rows(kinds)),
        "",
        *_table(_NAMES_HEAD, [_names_row(name, kinds) for name in NAMES]),
    ]


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    return [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}", *(f"| {' | '.join(row)} |" for row in rows)]


def _score_rows(kinds: dict[str, list[Ablation]]) -> list[list[str]]:
    names = [WHOLE, *(f"without {part}" for part in SCORE_PARTS), *(f"{part} alone" for part in SCORE_PARTS)]
    real = {one.name: one for one in kinds["real"]}
    opponents = [one for one in kinds["opponents"] if one.ap]
    return [
        [
            name,
            *(_value(name, [real[table]]) if table in real else "–" for table in LABELLED),
            _value(name, opponents) if opponents else "–",
            _most(name, opponents),
        ]
        for name in names
    ]


def _value(name: str, found: Sequence[Ablation]) -> str:
    """Return the mean over tables and its interval; of the score without a part, the change and that one's."""
    mine = np.mean([one.ap[name] for one in found], axis=0)
    if not name.startswith("without "):
        return f"{number(mine[0])} {_interval(mine[1:])}"
    change = mine - np.mean([one.ap[WHOLE] for one in found], axis=0)
    if not np.any(change):
        return "±0"
    return f"{_signed(change[0])} {_interval(change[1:], signed=True)}"


def _interval(drawn: np.ndarray, *, signed: bool = False) -> str:
    ends = interval_of(drawn)
    low, high = (_signed(x) if signed else number(x) for x in (ends.low, ends.high))
    return f"[{low}, {high}]"


def _signed(value: float) -> str:
    return format(round(value, 3) + 0.0, "+.3f").replace("-", "−")


def _most(name: str, opponents: Sequence[Ablation]) -> str:
    """Return the opponent whose value falls most without a part, and the one that it helps most."""
    if not name.startswith("without ") or not opponents:
        return ""
    by_name: dict[str, list[float]] = {}
    for one in opponents:
        by_name.setdefault(one.name, []).append(one.ap[name][0] - one.ap[WHOLE][0])
    change = {world: float(np.mean(values)) for world, values in by_name.items()}
    ends = dict.fromkeys((min(change, key=lambda w: change[w]), max(change, key=lambda w: change[w])))
    told = [f"{world} {_signed(change[world])}" for world in ends if abs(change[world]) >= 0.0005]
    return ", ".join(told) or "none"


def _names_row(name: str, kinds: dict[str, list[Ablation]]) -> list[str]:
    cells = [name]
    for kind in ("opponents", "structures", "real"):
        for side in ("members", "others"):
            tallies = [getattr(one, side)[name] for one in kinds[kind]]
            cells.append(f"{sum(one.named for one in tallies):,}, {sum(one.shown for one in tallies):,}")
    return [*cells, _changed(name, kinds)]


def _changed(name: str, kinds: dict[str, list[Ablation]]) -> str:
    """Return the tables in which somebody else is named or shown, those of most accounts first, at most three."""
    if name == AS_IT_IS:
        return ""
    change: dict[str, int] = {}
    for one in (one for of_kind in kinds.values() for one in of_kind):
        for side in (one.members, one.others):
            differ = abs(side[name].named - side[AS_IT_IS].named) + abs(side[name].shown - side[AS_IT_IS].shown)
            change[one.name] = change.get(one.name, 0) + differ
    rows = sorted((world for world, n in change.items() if n), key=lambda world: -change[world])
    more = f" and {len(rows) - 3} more" if len(rows) > 3 else ""
    return ", ".join(rows[:3]) + more if rows else "none"
