"""What each part of the evidence adds in one small world or on one real table, kept so that a run can be continued."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from benchmarks.accuracy.ablation.names import tiers_of
from benchmarks.accuracy.ablation.scores import columns_of
from benchmarks.accuracy.ablation.steps import steps_of
from benchmarks.accuracy.measurement.kept_files import KeptFiles, measuring_digest
from benchmarks.accuracy.measurement.results import code_digest
from benchmarks.accuracy.measurement.scoring import matched_average_precision
from benchmarks.accuracy.opponents import made
from benchmarks.accuracy.real_sets.resampled_accounts import resampled
from benchmarks.accuracy.small_worlds.outcome import Tally, ranking_of, tally
from benchmarks.accuracy.small_worlds.world_roles import left_out_roles, member_roles

if TYPE_CHECKING:
    from benchmarks.accuracy.ablation.steps import Steps
    from benchmarks.accuracy.opponents.parts import Declaration
    from benchmarks.accuracy.real_sets.real_tables import RealTable

__all__ = ["DRAWS", "Ablation", "KeptAblations", "of_table", "of_world"]

DRAWS = 200


@dataclass(frozen=True, slots=True)
class Ablation:
    """What each set of rules names, and what each part of the score is worth.

    Attributes
    ----------
    kind : str
        "opponents", "structures" or "real".
    name, seed : str, int
        Of the world; a real table has seed 0.
    members, others : dict of str -> Tally
        By set of rules (:data:`~benchmarks.accuracy.ablation.names.RULES`).
    ap : dict of str -> list of float
        By column (:func:`~benchmarks.accuracy.ablation.scores.columns_of`): the average precision of all accounts of an
        opponent's world, within bins of post count on a real table, then that of each draw of accounts. Empty where
        nothing is ranked.
    """

    kind: str
    name: str
    seed: int
    members: dict[str, Tally]
    others: dict[str, Tally]
    ap: dict[str, list[float]]


def of_world(kind: str, declaration: Declaration, seed: int) -> Ablation:
    """Return the ablation of one small world; opponents are ranked too."""
    world = made(declaration, seed)
    steps = steps_of(world.records)
    role = pd.Series(world.roles).reindex(sorted(set(world.records["account_id"])))
    is_member = role.isin(member_roles(declaration))
    ap: dict[str, list[float]] = {}
    if kind == "opponents":
        judged = [account for account in role.index if role[account] not in left_out_roles(declaration)]
        right = is_member[judged].to_numpy(bool)
        for name, column in columns_of(steps).items():
            ranking = ranking_of(column.reindex(judged).fillna(0.0).to_numpy(float), right, DRAWS)
            ap[str(name)] = [ranking.ap, *ranking.drawn]
    return Ablation(kind, declaration.name, seed, *_tallies(steps, is_member), ap)


def of_table(table: RealTable) -> Ablation:
    """Return the ablation of one real table; a crowd is not ranked."""
    steps = steps_of(table.records)
    ap: dict[str, list[float]] = {}
    if table.labelled.any():
        columns = columns_of(steps).reindex(table.labelled.index).fillna(0.0)
        right, n_posts = table.labelled.to_numpy(bool), table.n_posts.to_numpy("int64")
        drawn = resampled(columns.to_numpy(float), right, n_posts, DRAWS)
        for k, name in enumerate(columns.columns):
            whole = matched_average_precision(columns[name].to_numpy(float), right, n_posts)
            ap[str(name)] = [whole, *np.round(drawn[:, k], 6).tolist()]
    return Ablation("real", table.name, 0, *_tallies(steps, table.labelled), ap)


def _tallies(steps: Steps, is_member: pd.Series) -> tuple[dict[str, Tally], dict[str, Tally]]:
    tiers = {name: found.reindex(is_member.index) for name, found in tiers_of(steps).items()}
    right = is_member.to_numpy(bool)
    return (
        {name: tally(found[right]) for name, found in tiers.items()},
        {name: tally(found[~right]) for name, found in tiers.items()},
    )


class KeptAblations(KeptFiles):
    """The folder of outcomes, a JSON file each. One counts only for the code that it was measured with."""

    def all(self) -> list[Ablation]:
        """Return those that the present code gave, by kind, name and seed."""
        found = []
        for kept in self.read("*.json"):
            if kept["code"] == self._code():
                told = kept["outcome"]
                for kind in ("members", "others"):
                    told[kind] = {name: Tally(**counts) for name, counts in told[kind].items()}
                found.append(Ablation(**told))
        return sorted(found, key=lambda one: (one.kind, one.name, one.seed))

    def add(self, outcome: Ablation) -> None:
        """Keep one outcome, in the place of an earlier one of the same name and seed."""
        self.write(f"{outcome.kind} {outcome.name}", outcome.seed, {"code": self._code(), "outcome": asdict(outcome)})

    @staticmethod
    def _code() -> list[str]:
        return [code_digest(True), measuring_digest(__name__)]
