"""What sessions add to the accounts of an assessment, and the table that shows their groups."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spmc_tools.chance.pairs.occasions import GAP_US, micros
from spmc_tools.findings.assessment.assessment_tables import ids_of, kind_of, times_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from spmc_tools.chance.pairs.occasions import Timeline
    from spmc_tools.chance.sessions.session_groups import SessionGroup, SessionTests
    from spmc_tools.coaction.traces.actions import EncodedActions
    from spmc_tools.findings.assessment.account_tests import AccountTests

__all__ = ["SESSION_COLUMNS", "SESSION_WINDOW_S", "session_table", "session_windows", "with_sessions"]

SESSION_WINDOW_S = 3_600.0
"""Sessions are looked at with the windows of the trace and with this one."""

SESSION_COLUMNS = (
    "session_id", "accounts", "size", "n_ties", "n_met", "expected_met", "n_sources", "window_s", "objects",
    "n_objects", "n_stretches", "first_t", "last_t", "p", "n_context", "kind",
)  # fmt: skip

_MOST_SHOWN = 50
_WHOLE = ("session_id", "size", "n_ties", "n_met", "n_sources", "n_objects", "n_stretches", "n_context")


def session_windows(windows_s: tuple[float, ...]) -> tuple[float, ...]:
    """Return the windows of sessions, ascending: those of the trace and an hour."""
    return tuple(sorted({*windows_s, SESSION_WINDOW_S}))


def with_sessions(tests: AccountTests, sessions: SessionTests) -> AccountTests:
    """Return the same, where the strength within sessions adds to the score; basis, p and q stay as they are."""
    return replace(tests, score=tests.score + sessions.strength, session=sessions.strength)


def session_table(
    actions: EncodedActions,
    line: Timeline,
    ids: pd.Series[Any],
    groups: tuple[SessionGroup, ...],
    kinds: Mapping[Any, str],
) -> pd.DataFrame:
    """Return the groups within sessions, largest first; ``Assessment`` explains the columns.

    Parameters
    ----------
    actions : EncodedActions
        All actions, for the ids of objects and the kind of times.
    line : Timeline
        As :func:`~spmc_tools.chance.pairs.retained.first_acts` gives it.
    ids : pandas.Series
        Account ids in order of their codes.
    groups : tuple of SessionGroup
        The groups found.
    kinds : mapping
        Account id -> registered kind.
    """
    rows = []
    for number, group in enumerate(groups, start=1):
        accounts = ids.iloc[group.members].tolist()
        registered = [kinds[account] for account in accounts if account in kinds]
        objects, in_step_us = _in_step(line, group)
        rows.append(
            {
                "session_id": number,
                "accounts": accounts,
                "size": len(accounts),
                "n_ties": group.n_ties,
                "n_met": group.met.n,
                "expected_met": group.met.expected,
                "n_sources": group.met.n_sources,
                "window_s": group.window_s,
                "objects": ids_of(actions.objects, objects[:_MOST_SHOWN]).tolist(),
                "n_objects": objects.size,
                "n_stretches": int((np.diff(in_step_us) >= GAP_US).sum()) + 1,
                "first_t": in_step_us[0],
                "last_t": in_step_us[-1],
                "p": group.p,
                "n_context": len(registered),
                "kind": kind_of(registered, len(accounts)),
            }
        )
    table = pd.DataFrame(rows, columns=list(SESSION_COLUMNS))
    for name in ("first_t", "last_t"):
        table[name] = times_of(table[name].to_numpy(np.int64), actions.time_kind)
    whole = dict.fromkeys(_WHOLE, "int64")
    return table.astype(whole | dict.fromkeys(("expected_met", "window_s", "p"), "float64") | {"kind": "str"})


def _in_step(line: Timeline, group: SessionGroup) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Return the objects on which members were in step, those of most members first, and the times of these acts."""
    place = np.concatenate([line.pos[line.ptr[i] : line.ptr[i + 1]] for i in group.members])
    place = np.sort(place if group.acts is None else np.intersect1d(place, group.acts))  # by object, then time
    object_, t_us = line.object[place], line.t_us[place]
    close = (np.diff(object_) == 0) & (np.diff(t_us) <= micros(group.window_s))
    near = np.zeros(place.size, bool)
    near[1:] |= close
    near[:-1] |= close
    objects, n_members = np.unique(object_[near], return_counts=True)
    return objects[np.lexsort((objects, -n_members))], np.sort(t_us[near])
