"""Sessions by time alone: which accounts act at the same moments, whatever they post."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from spmc_tools.chance.pairs.retained import first_acts
from spmc_tools.chance.pairs.strata import one_stratum
from spmc_tools.chance.sessions.session_groups import session_tests
from spmc_tools.coaction.traces.actions import encode
from spmc_tools.findings.assessment.assessment_tables import ids_of
from spmc_tools.findings.assessment.session_table import session_table
from spmc_tools.findings.events.events import exact_times

if TYPE_CHECKING:
    from spmc_tools.schema.arrays import Flags

__all__ = ["MOMENT", "Moments", "moments_of"]

MOMENT = "moment"
"""Trace of a group that time alone shows."""

_SECONDS, _MINUTE, _SOURCE = 2, 60, 600
_TIE = 0.05


@dataclass(frozen=True, slots=True)
class Moments:
    """What time alone shows.

    ``groups``: columns of ``Assessment.sessions``, the objects being the moments as ISO times. ``scores``: account ->
    what it adds to the score. ``bin_s``: length of a moment; None where no clock is fine enough.
    """

    groups: pd.DataFrame
    scores: dict[str, float] = field(default_factory=dict)
    bin_s: int | None = None


def moments_of(records: pa.Table) -> Moments:
    r"""Return which accounts act at the same moments, ten minutes apart or more, against acts dealt anew.

    Parameters
    ----------
    records : pyarrow.Table
        All records, of any kind.

    Notes
    -----
    A moment is a bin of two seconds; of a minute where at least half of the clocks go by the minute. Each ten minutes
    are one source: within them two accounts meet once. Records whose clock is coarser than a minute have no moment.
    Accounts that post on the full minute meet there: a group by time alone is a list to look at, and names nobody.

    The score is the strength within these sessions
    (:class:`~spmc_tools.chance.sessions.session_groups.SessionTests`), and .05 times the decimal logarithm of one and
    the accounts that an account ever shared a moment with, which orders those without repetition.
    """
    t_us = records["created_at"].cast(pa.int64()).to_numpy()
    exact = exact_times(records)
    by_second = 2 * int(exact.sum()) > exact.size
    bin_s = _SECONDS if by_second else _MINUTE
    use = exact if by_second else _within_a_minute(records)
    if not use.any() or pc.count_distinct(records["account_id"].filter(pa.array(use))).as_py() < 2:
        return Moments(_none())
    at = t_us[use] // 1_000_000
    table = pa.table(
        {
            "account_id": records["account_id"].filter(pa.array(use)),
            "object_id": at // bin_s,
            "source_id": at // _SOURCE,
            "t": pa.array(at // bin_s * bin_s * 1_000_000).cast(pa.timestamp("us", tz="UTC")),
        }
    )
    actions = encode(table)
    ids = ids_of(actions.accounts, np.arange(len(actions.accounts)))
    bins = ids_of(actions.objects, np.arange(len(actions.objects))).to_numpy(np.int64)
    periods = np.unique(bins * bin_s // _SOURCE, return_inverse=True)[1].astype(np.int32)
    line = first_acts(actions, periods)
    tests = session_tests(line, (0.0,), one_stratum(len(ids)), rare=False)
    score = tests.strength + _TIE * np.log10(1 + tests.partners)
    told = {str(account): float(value) for account, value in zip(ids, score, strict=True) if value > 0}
    groups = session_table(actions, line, ids, tests.groups, {})
    groups["objects"] = [[_iso(moment * bin_s) for moment in moments] for moments in groups["objects"]]
    groups["window_s"] = float(bin_s)
    return Moments(groups, told, bin_s)


def _within_a_minute(records: pa.Table) -> Flags:
    """Return which records have a clock that is no coarser than a minute, as far as the source tells."""
    if "time_precision_s" not in records.column_names:
        return np.ones(len(records), bool)
    step = records["time_precision_s"].to_numpy()
    fine: Flags = np.isnan(step) | (step <= _MINUTE)
    return fine


def _none() -> pd.DataFrame:
    empty = encode(pa.table({"account_id": pa.array([], pa.string()), "object_id": pa.array([], pa.string()),
                             "t": pa.array([], pa.timestamp("us", tz="UTC"))}))  # fmt: skip
    return session_table(empty, first_acts(empty, np.empty(0, np.int32)), pd.Series([], dtype="str"), (), {})


def _iso(second: int) -> str:
    return pd.Timestamp(second, unit="s", tz="UTC").isoformat()
