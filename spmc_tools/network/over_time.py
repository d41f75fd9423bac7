r"""A cluster over time: when it formed, when it turned to other sources, when it fell silent.

The period is cut into windows of :math:`2s` seconds that begin every *s* seconds, so that each action lies in two of
them. In a window, two members are linked where they are in step on one object or more; the largest connected part
(ties: the smallest id) is the cluster as it was then. Parts of two windows are the same where they share at
least half of the smaller one; else the cluster *changed*. A window is compared with the last active one that does not
overlap it. With sources as topics, the windows' distributions over sources are compared: Jensen-Shannon distance
(base 2, from 0 to 1).

Events: ``formed`` (the first window with three members or more), ``switched`` (distance to the last active window at
least .7, on at least three objects in each), ``changed`` (less than half of the smaller part stayed), ``silent`` (no
action in step for two steps or more), ``resumed``.

Notes
-----
**Known false positives**: a network that follows the news switches with it; holidays and gaps of the collection look
like silence (``gaps`` of the data are shown in the report). The step is a choice: two windows of one event are not
independent.

References
----------
Greene, Doyle, Cunningham (2010), Tracking the evolution of communities in dynamic social networks, ASONAM 10.
Tardelli et al. (2024), Temporal dynamics of coordinated online behavior, PNAS 121(20). Lin (1991), IEEE Trans. Inf.
Theory 37(1).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

__all__ = ["COLUMNS", "distance", "over_time", "step_of"]

COLUMNS = (
    "start", "end", "n_actions", "n_objects", "n_accounts", "n_linked", "stayed", "distance", "top_source", "event",
)  # fmt: skip

FORMED = 3
SWITCHED = 0.7
FEWEST_OBJECTS = 3
STAYED = 0.5

_MOST_WINDOWS = 60
_STEPS_S = (3600, 3 * 3600, 6 * 3600, 12 * 3600, 86_400, 2 * 86_400, 7 * 86_400, 30 * 86_400, 365 * 86_400)


def step_of(t: pd.Series[Any]) -> int:
    """Return the shortest of some usual steps, in seconds, that cuts the period into at most 60 windows."""
    span = (t.max() - t.min()).total_seconds() if len(t) else 0.0
    return next((step for step in _STEPS_S if span / step <= _MOST_WINDOWS), _STEPS_S[-1])


def over_time(acts: pd.DataFrame, step_s: int | None = None) -> pd.DataFrame:
    """Return one row per window, in order, from the first action to the last.

    Parameters
    ----------
    acts : pandas.DataFrame
        ``object_id, source_id, account_id, t`` (UTC): actions of members in step with other members.
    step_s : int, optional
        Windows begin every so many seconds and are twice as long; None: :func:`step_of`.

    Returns
    -------
    pandas.DataFrame
        :data:`COLUMNS`: ``start`` inclusive, ``end`` exclusive; ``n_accounts`` acting, ``n_linked`` in the largest
        part; ``stayed``: share of the smaller part of this and the last active window that is in both; ``distance``
        between the sources of the two; ``event`` or null. Null where there is nothing to compare with.
    """
    if not len(acts):
        return pd.DataFrame({name: [] for name in COLUMNS})
    step = pd.Timedelta(seconds=step_s or step_of(acts["t"]))
    origin = acts["t"].min().floor("h")
    n = int((acts["t"].max() - origin) // step) + 1
    slot = ((acts["t"] - origin) // step).astype(np.int64)
    source = acts["source_id"].fillna(acts["object_id"])
    slotted = acts.assign(source_id=source, slot=slot)
    rows: list[dict[str, Any]] = []
    active: list[tuple[int, _Window]] = []
    silent, formed, before = 0, False, None
    for number in range(n):
        here = slotted[(slotted["slot"] == number) | (slotted["slot"] == number + 1)]
        window = _Window(here)
        row: dict[str, Any] = {"start": origin + number * step, "end": origin + (number + 2) * step, **window.numbers()}
        event = None
        if not len(here):
            silent += 1
            event = "silent" if silent == 1 and formed else None
        else:
            last = next((past for place, past in reversed(active) if place <= number - 2), None)
            if last is not None:
                row["stayed"], row["distance"] = window.stayed(last), distance(window.sources, last.sources)
            event = _event(window, last, row, (formed, silent))
            formed, silent = formed or event == "formed", 0
            active.append((number, window))
        event, before = (None if event == before else event), event
        rows.append({**dict.fromkeys(COLUMNS), **row, "event": event})
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    return table.astype({"stayed": "float64", "distance": "float64", "top_source": "str", "event": "str"})


class _Window:
    """What a cluster did in one window."""

    def __init__(self, acts: pd.DataFrame) -> None:
        self.n_actions = len(acts)
        self.accounts = set(acts["account_id"])
        per_object = acts.drop_duplicates(["object_id", "account_id"])
        self.n_objects = int(acts["object_id"].nunique())
        counts = per_object["source_id"].value_counts()
        self.sources: dict[str, int] = {str(name): int(n) for name, n in counts.items()}
        self.part = _largest_part(per_object)

    def numbers(self) -> dict[str, Any]:
        """Return its counts, as a row holds them."""
        top = min(self.sources, key=lambda name: (-self.sources[name], name)) if self.sources else None
        return {
            "n_actions": self.n_actions,
            "n_objects": self.n_objects,
            "n_accounts": len(self.accounts),
            "n_linked": len(self.part),
            "top_source": top,
        }

    def stayed(self, other: _Window) -> float:
        """Return the share of the smaller part that is in both."""
        smaller = min(len(self.part), len(other.part))
        return len(self.part & other.part) / smaller if smaller else 0.0


def _event(window: _Window, last: _Window | None, row: dict[str, Any], state: tuple[bool, int]) -> str | None:
    formed, silent = state
    if not formed:
        return "formed" if len(window.part) >= FORMED else None
    if silent:
        return "resumed"
    if last is not None and min(window.n_objects, last.n_objects) >= FEWEST_OBJECTS and row["distance"] >= SWITCHED:
        return "switched"
    return "changed" if row.get("stayed") is not None and row["stayed"] < STAYED else None


def _largest_part(acts: pd.DataFrame) -> frozenset[str]:
    """Return the largest connected part of the accounts that share an object; ties go to the smallest id."""
    import networkx as nx

    graph: nx.Graph[Any] = nx.Graph()
    for _, sharing in acts.groupby("object_id", sort=True)["account_id"]:
        accounts = sorted(sharing)
        nx.add_path(graph, accounts) if len(accounts) > 1 else None
    parts = sorted((sorted(part) for part in nx.connected_components(graph)), key=lambda part: (-len(part), part[0]))
    return frozenset(parts[0]) if parts else frozenset()


def distance(first_counts: dict[str, int], other: dict[str, int]) -> float:
    """Return the Jensen-Shannon distance of two counts: 0 where they are alike, 1 where they share nothing."""
    names = sorted({*first_counts, *other})
    p, q = (np.array([counts.get(name, 0) for name in names], dtype=np.float64) for counts in (first_counts, other))
    if not p.sum() or not q.sum():
        return float(bool(p.sum()) != bool(q.sum()))
    p, q = p / p.sum(), q / q.sum()
    middle = (p + q) / 2
    terms = [np.sum(x[x > 0] * np.log2(x[x > 0] / middle[x > 0])) for x in (p, q)]
    return float(np.sqrt(np.clip(sum(terms) / 2, 0.0, 1.0)))
