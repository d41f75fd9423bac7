"""Would common minutes, whoever else acts in them, lift the score? What they add, and what of it is a shadow.

    python -m benchmarks.accuracy.studies.times_alone [--opponents]

An account meets everybody who acts in the same bin of time (two seconds, or a minute where clocks go by it), each pair
once a bin. In cells of one hour or three, chance expects of it the others' bins there, evenly over the cell; its
evidence is -log10 of the Poisson tail, at most 30, and is added to the score as it is. Accounts may tell themselves
apart by the hours in which everybody acts, a trace of how a table was collected: so the same is measured with accounts
dealt anew within each hour, where nobody acts together any more. What is left there is that shadow. Nothing of it is
part of the program; ``docs/measured/accuracy.md`` says why.
"""

from __future__ import annotations

import argparse

import numpy as np
import pandas as pd
from scipy.stats import poisson

from benchmarks.accuracy.ablation.scores import WHOLE, columns_of
from benchmarks.accuracy.ablation.steps import steps_of
from benchmarks.accuracy.measurement.scoring import average_precision, matched_average_precision
from benchmarks.accuracy.opponents import OPPONENTS, made
from benchmarks.accuracy.real_sets.real_tables import RealTable, real_folder, real_tables
from benchmarks.accuracy.real_sets.resampled_accounts import interval_of, resampled
from benchmarks.accuracy.small_worlds.world_roles import left_out_roles, member_roles

__all__ = ["common_bins", "dealt_anew"]

_CELLS_S = (3_600, 10_800)
_CAP, _DEALS, _DRAWS = 30.0, 5, 200


def common_bins(account: np.ndarray, second: np.ndarray, width_s: int, cell_s: int, n: int) -> np.ndarray:
    """Return the evidence of each account that it acts in the bins of others.

    Parameters
    ----------
    account, second : int arrays of shape (n_records,)
        Account code and time of each record; several records of an account in a bin count once.
    width_s, cell_s : int
        Of a bin, and of the cell within which chance spreads the others' bins evenly.
    n : int
        Accounts.
    """
    acts = pd.DataFrame({"account": account, "bin": second // width_s, "cell": second // cell_s}).drop_duplicates()
    others = acts.groupby("bin")["account"].transform("size") - 1
    in_cell = acts.groupby("cell")["account"].transform("size")
    own = acts.groupby(["account", "cell"])["account"].transform("size")
    expected = (in_cell - own) * width_s / cell_s
    sums = pd.DataFrame({"seen": others, "expected": expected}).groupby(acts["account"]).sum()
    tail = -poisson.logsf(sums["seen"] - 1, sums["expected"].clip(lower=1e-9)) / np.log(10)
    evidence = np.zeros(n)
    evidence[sums.index] = np.minimum(np.nan_to_num(tail, posinf=_CAP), _CAP)
    return evidence


def dealt_anew(account: np.ndarray, second: np.ndarray, seed: int) -> np.ndarray:
    """Return the account of each record, dealt anew among the records of its hour."""
    rng = np.random.default_rng(seed)
    order, drawn = np.argsort(second // 3_600, kind="stable"), np.lexsort((rng.random(second.size), second // 3_600))
    dealt = np.empty_like(account)
    dealt[order] = account[drawn]
    return dealt


def _of_table(table: RealTable) -> None:
    codes = table.labelled.index.get_indexer(pd.Index(table.records["account_id"]))
    second = table.records["created_at"].astype("datetime64[us, UTC]").astype("int64").to_numpy() // 1_000_000
    right, n_posts, n = table.labelled.to_numpy(bool), table.n_posts.to_numpy("int64"), len(table.labelled)
    score = columns_of(steps_of(table.records))[WHOLE].reindex(table.labelled.index).fillna(0.0).to_numpy(float)
    print(f"{table.name}: score {matched_average_precision(score, right, n_posts):.3f}", flush=True)
    for cell_s in _CELLS_S:
        evidence = common_bins(codes, second, table.bin_s, cell_s, n)
        columns = np.column_stack([score, evidence, score + evidence])
        drawn = resampled(columns, right, n_posts, _DRAWS)
        shadow = [
            matched_average_precision(
                common_bins(dealt_anew(codes, second, seed), second, table.bin_s, cell_s, n), right, n_posts
            )
            for seed in range(_DEALS)
        ]
        alone, both = (matched_average_precision(column, right, n_posts) for column in columns.T[1:])
        ends, gain = interval_of(drawn[:, 1]), interval_of(drawn[:, 2] - drawn[:, 0])
        print(
            f"  cells of {cell_s} s: alone {alone:.3f} [{ends.low:.3f}, {ends.high:.3f}], with the score {both:.3f}, "
            f"gain [{gain.low:+.3f}, {gain.high:+.3f}]; dealt anew within the hour, alone "
            f"{np.mean(shadow):.3f} ({min(shadow):.3f}-{max(shadow):.3f})",
            flush=True,
        )


def _of_opponents() -> None:
    for declaration in OPPONENTS.values():
        world = made(declaration, 1)
        accounts = pd.Index(sorted(set(world.records["account_id"])))
        score = columns_of(steps_of(world.records))[WHOLE].reindex(accounts).fillna(0.0).to_numpy(float)
        second = world.records["created_at"].astype("datetime64[us, UTC]").astype("int64").to_numpy() // 1_000_000
        evidence = common_bins(
            accounts.get_indexer(pd.Index(world.records["account_id"])), second, 2, 3_600, accounts.size
        )
        role = pd.Series(world.roles).reindex(accounts)
        judged = ~role.isin(left_out_roles(declaration)).to_numpy()
        right = role.isin(member_roles(declaration)).to_numpy()[judged]
        before, after = (average_precision(column[judged], right) for column in (score, score + evidence))
        print(f"{declaration.name}: {before:.3f} -> {after:.3f}", flush=True)


def main() -> None:
    """Print what common bins add on real tables, and on the opponents where asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--opponents", action="store_true", help="their seed 1, instead of real tables")
    if parser.parse_args().opponents:
        _of_opponents()
        return
    for table in real_tables(real_folder()):
        if table.labelled.any():
            _of_table(table)


if __name__ == "__main__":
    main()
