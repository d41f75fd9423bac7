"""Rewritten texts: accounts whose texts are loosely alike within ten minutes, on one occasion after the other.

Groups of this family (trace :data:`REWRITTEN`) stand among the groups within hours. They rank and show (tier C): nobody
is named by one, and none is a second mark of another finding.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from spmc_tools.chance.pairs.occasions import GAP_US
from spmc_tools.chance.sessions.recurring_likeness import WITHIN_S, Texts, alike_tests
from spmc_tools.findings.assessment.session_table import SESSION_COLUMNS
from spmc_tools.text.loose_likeness import words_of
from spmc_tools.text.match_key import match_key
from spmc_tools.text.text_cache import remembered

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from spmc_tools.chance.sessions.recurring_likeness import AlikeGroup

__all__ = ["COPIES", "REWRITTEN", "Rewritten", "records_of", "rewritten_actions", "rewritten_texts"]

REWRITTEN = "rewritten"
"""Trace of a group whose texts are loosely alike again and again."""

COPIES = "copypasta"
"""The trace that tells which texts are copies of each other: those are no rewriting."""

_MOST_SHOWN = 50
_UTC = pa.timestamp("us", tz="UTC")


@dataclass(frozen=True, slots=True)
class Rewritten:
    """What rewritten texts show.

    ``groups``: columns of ``Assessment.sessions``, each object being the ids of the records that are alike at one time,
    as JSON. ``scores``: account -> what it adds to the score. ``notes``: how many texts were looked at and were alike,
    and pairs that were left out.
    """

    groups: pd.DataFrame
    scores: dict[str, float] = field(default_factory=dict)
    notes: dict[str, int] = field(default_factory=dict)


def rewritten_texts(records: pa.Table, actions: Mapping[str, pa.Table]) -> Rewritten:
    """Return whose texts are loosely alike again and again.

    Parameters
    ----------
    records : pyarrow.Table
        All records.
    actions : mapping of trace -> pyarrow.Table
        Those of :data:`COPIES` say which texts are long enough, and which are copies; without them nothing is looked
        for. Records whose clock is coarser than half of ten minutes are left out.

    Notes
    -----
    A score is the evidence with the five strongest partners
    (:class:`~spmc_tools.chance.sessions.recurring_likeness.AlikeTests`).
    """
    if COPIES not in actions:
        return Rewritten(_groups_table([], np.empty(0, object), np.empty(0, object), np.empty(0, np.int64)))
    own = _in_order(records, actions[COPIES])
    account = own["account_id"].combine_chunks().dictionary_encode()
    copy = own["object_id"].combine_chunks().dictionary_encode()
    t_us = own["t"].cast(pa.int64()).to_numpy()
    names = account.dictionary.to_pylist()
    texts = Texts(
        account.indices.to_numpy(zero_copy_only=False).astype(np.int32),
        copy.indices.to_numpy(zero_copy_only=False).astype(np.int32),
        t_us // 1_000_000,
        words_of(_keys(own["text"])),
        len(names),
    )
    tests = alike_tests(texts)
    scores = {str(names[i]): float(tests.strength[i]) for i in np.flatnonzero(tests.strength)}
    notes = {"n_texts": len(own), "n_alike": tests.n_alike, "n_pairs_left_out": tests.n_left_out}
    id_of = own["record_id"].to_pylist() if tests.groups else []
    return Rewritten(_groups_table(tests.groups, np.array(names, object), np.array(id_of, object), t_us), scores, notes)


def rewritten_actions(sessions: pd.DataFrame, records: pa.Table) -> pa.Table:
    """Return the texts behind the groups of this family as actions, the object being what was alike at one time.

    Parameters
    ----------
    sessions : pandas.DataFrame
        As in the findings.
    records : pyarrow.Table
        All records, under the ids of the findings.
    """
    rows = sessions[sessions["trace"] == REWRITTEN]
    things = list(dict.fromkeys(thing for objects in rows["objects"] for thing in objects))
    touched = [(record, thing) for thing in things for record in records_of(thing)]
    of = pa.table(
        {
            "record_id": pa.array([record for record, _ in touched], pa.string()),
            "object_id": pa.array([thing for _, thing in touched], pa.string()),
        }
    )
    place = pc.index_in(of["record_id"], value_set=records["record_id"].combine_chunks())
    of = of.filter(pc.is_valid(place))
    place = place.drop_null()
    return pa.table(
        {
            "account_id": records["account_id"].take(place),
            "object_id": of["object_id"],
            "source_id": of["object_id"],
            "t": records["created_at"].take(place).cast(_UTC),
            "record_id": of["record_id"],
        }
    )


def records_of(thing: str) -> list[str]:
    """Return the ids of the records that are alike at one time, from an object of this family."""
    ids: list[str] = json.loads(thing)
    return ids


def _in_order(records: pa.Table, copies: pa.Table) -> pa.Table:
    """Return ``account_id, object_id, t, record_id, text`` of the texts that are looked at, by time."""
    place = pc.index_in(copies["record_id"], value_set=records["record_id"].combine_chunks())
    own = copies.select(["account_id", "object_id", "t", "record_id"])
    own = own.append_column("text", records["text"].take(place))
    if "time_precision_s" in records.column_names:
        step = pc.fill_null(records["time_precision_s"].take(place), 0.0)
        own = own.filter(pc.less_equal(pc.fill_null(step, 0.0), WITHIN_S / 2))
    second = pc.divide(own["t"].cast(_UTC).cast(pa.int64()), 1_000_000)
    order = pc.sort_indices(
        own.append_column("second", second),
        sort_keys=[(name, "ascending") for name in ("second", "account_id", "record_id")],
    )
    return own.take(order)


def _keys(column: pa.ChunkedArray) -> list[str]:
    coded = column.combine_chunks().dictionary_encode()
    keys = remembered("match_key", coded.dictionary.to_pylist(), match_key)
    return [keys[place] or "" for place in coded.indices.to_pylist()]


def _groups_table(
    groups: Sequence[AlikeGroup], names: NDArray[np.object_], record: NDArray[np.object_], t_us: NDArray[np.int64]
) -> pd.DataFrame:
    """Return the groups as a table; registered kinds are not known yet."""
    rows: list[dict[str, Any]] = []
    for number, group in enumerate(groups, start=1):
        at = np.sort(np.concatenate([t_us[texts] for texts in group.texts]))
        rows.append(
            {
                "session_id": number,
                "accounts": sorted(names[group.members].tolist()),
                "size": group.members.size,
                "n_ties": group.n_ties,
                "n_met": group.n_met,
                "expected_met": group.expected,
                "n_sources": len(group.texts),
                "window_s": float(WITHIN_S),
                "objects": [json.dumps(record[texts].tolist()) for texts in group.texts[:_MOST_SHOWN]],
                "n_objects": len(group.texts),
                "n_stretches": int((np.diff(at) >= GAP_US).sum()) + 1,
                "first_t": pd.Timestamp(at[0], unit="us", tz="UTC"),
                "last_t": pd.Timestamp(at[-1], unit="us", tz="UTC"),
                "p": group.p,
                "n_context": 0,
                "kind": None,
            }
        )
    return pd.DataFrame(rows, columns=list(SESSION_COLUMNS))
