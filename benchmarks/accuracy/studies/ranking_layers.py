"""Count who is listed by what only ranks, in simulated weeks: untimed texts, fast objects, the clock.

Run ``python -m benchmarks.accuracy.studies.ranking_layers --worlds 10``. Each world is simulated twice from one seed,
without and with its two campaigns. Nobody registers the newsroom. Intervals of the listed share of ordinary accounts
(all but campaigns, newsroom and wire) are exact (Clopper and Pearson 1934) and treat accounts as independent draws.
"""

from __future__ import annotations

import argparse
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa

from benchmarks.accuracy.studies.naming_check import clopper_pearson
from benchmarks.sample_case.election_week import actions
from benchmarks.sample_case.election_week.week import simulate
from benchmarks.sample_case.election_week.world import CAMPAIGNS, Settings
from spmc_tools.findings.assessment.untimed_pairs import untimed_layer
from spmc_tools.findings.detectors.clock_lockstep import clock_lockstep
from spmc_tools.findings.detectors.compressed_repertoire import compressed_repertoire
from spmc_tools.schema import ACTIONS

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["as_actions", "listed", "main"]

LAYERS = ("untimed", "fast objects", "clock")
_LEVEL = 0.05


def as_actions(frame: pd.DataFrame, trace: str) -> pa.Table:
    """Return a table of a simulated world in the schema of actions."""
    own = pd.DataFrame({name: frame[name].astype(str) for name in ("account_id", "object_id", "source_id")})
    when = pd.to_datetime((frame["t"] * 1e6).astype("int64"), unit="us", utc=True)
    own = own.assign(trace=trace, t=when, record_id=[str(row) for row in range(len(frame))])
    return pa.Table.from_pandas(own, schema=ACTIONS.schema, preserve_index=False)


def listed(settings: Settings) -> tuple[pd.Series, dict[str, Counter[str]]]:
    """Return the role of every account of a world, and the roles of those that each layer lists."""
    world = simulate(settings)
    roles = actions.truth(world)
    reposts, written = as_actions(actions.reposts(world), "co_repost"), actions.written_text(world, near=True)
    texts = as_actions(written, "copypasta")
    both = pa.concat_tables([table.select(["account_id", "t"]) for table in (reposts, texts)])
    fast = compressed_repertoire({"co_repost": reposts, "copypasta": texts})
    clock = clock_lockstep(both.rename_columns(["account_id", "created_at"]).combine_chunks())
    found = {
        "untimed": set(untimed_layer(texts, "copypasta").scored),
        "fast objects": set(fast.loc[fast["q"] < _LEVEL, "account_id"]),
        "clock": set(clock.loc[clock["q"] < _LEVEL, "account_id"]),
    }
    return roles, {layer: Counter(roles[sorted(accounts)]) for layer, accounts in found.items()}


def main(arguments: Sequence[str] | None = None) -> None:
    """Print one line per kind of world and layer."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worlds", type=int, default=10)
    parser.add_argument("--accounts", type=int, default=2_400)
    asked = parser.parse_args(arguments)
    mixed = Settings(n_accounts=asked.accounts)
    for kind, settings in (("organic", replace(mixed, copy=0, amplify=0)), ("mixed", mixed)):
        total: dict[str, Counter[str]] = {layer: Counter() for layer in LAYERS}
        sizes: Counter[str] = Counter()
        for seed in range(asked.worlds):
            roles, found = listed(replace(settings, seed=seed))
            sizes.update(roles)
            for layer, counts in found.items():
                total[layer].update(counts)
        apart = {*CAMPAIGNS, "newsroom", "wire"}
        ordinary = sum(n for role, n in sizes.items() if role not in apart)
        for layer, counts in total.items():
            hits = sum(n for role, n in counts.items() if role not in apart)
            low, high = clopper_pearson(hits, ordinary)
            told = ", ".join(f"{role} {counts[role]} of {sizes[role]}" for role in sorted(apart) if sizes[role])
            print(f"{kind:8}{layer:14}ordinary {hits} of {ordinary} ({low:.5f}-{high:.5f}); {told}")


if __name__ == "__main__":
    main()
