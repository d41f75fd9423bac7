"""The network and its timeline in JupyterLab: positions from Python, drawn by a bundle that is built from ``js/``.

Where the bundle was not built the same graph is a still picture, and a sentence says how to build it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import anywidget
import traitlets

from spmc_tools.errors import SpmcError, quote
from spmc_tools.resources import resource

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    import pandas as pd

__all__ = ["MOST", "NetworkView", "Stars", "bins", "bundle", "columns"]

MOST = 3000
"""Accounts in the default view; the strongest."""

_BARS = 120
_STEPS = (60, 300, 900, 3600, 3 * 3600, 6 * 3600, 12 * 3600, 86400, 7 * 86400, 30 * 86400)


def bundle() -> Path | None:
    """Return the built JavaScript; None where it was not built."""
    try:
        return resource("js", "dist", "network_view.js")
    except SpmcError:
        return None


class NetworkView(anywidget.AnyWidget):
    """The widget; every trait that is sent holds text and whole numbers.

    Attributes
    ----------
    graph : dict
        As :func:`columns` makes it.
    bins : dict
        As :func:`bins` makes it.
    period : list of int
        ``[from, to]`` in seconds since 1970, UTC; empty: all. Chosen in the timeline.
    selected : list of str
        Ids of the chosen accounts.
    edge : list of str
        The two ids of the chosen edge; empty: none.
    folded : list of int
        Numbers of the groups that are drawn as one dot.
    color_by : {"cluster", "trace", "tier", "first"}
        What colours say; first: time of the first action in step with somebody.
    words : dict
        Every word that the view shows.
    facts : dict
        Texts that a saved picture carries inside.
    names : bool
        Whether names may stand in a saved picture; else pseudonyms do.
    language : {"en", "hi"}
        Of times.
    theme : {"auto", "light", "dark"}
        auto: as JupyterLab's.
    small : bool
        The picture alone, without tools and timeline: for two side by side.
    """

    _esm = traitlets.Unicode().tag(sync=True)
    graph = traitlets.Dict().tag(sync=True)
    bins = traitlets.Dict().tag(sync=True)
    period = traitlets.List(traitlets.Int()).tag(sync=True)
    selected = traitlets.List(traitlets.Unicode()).tag(sync=True)
    edge = traitlets.List(traitlets.Unicode()).tag(sync=True)
    folded = traitlets.List(traitlets.Int()).tag(sync=True)
    color_by = traitlets.Enum(["cluster", "trace", "tier", "first"], "cluster").tag(sync=True)
    words = traitlets.Dict().tag(sync=True)
    facts = traitlets.Dict().tag(sync=True)
    names = traitlets.Bool(False).tag(sync=True)
    language = traitlets.Enum(["en", "hi"], "en").tag(sync=True)
    theme = traitlets.Enum(["auto", "light", "dark"], "auto").tag(sync=True)
    small = traitlets.Bool(False).tag(sync=True)

    @traitlets.default("_esm")
    def _built(self) -> str:
        path = bundle()
        if path is None:
            raise SpmcError("The network view is not built; type: python js/build.py")
        return path.read_text(encoding="utf-8")


@dataclass(frozen=True)
class Stars:
    """What a network holds besides pairs of accounts.

    Attributes
    ----------
    links : pandas.DataFrame or None
        One row per account and thing that it touched: ``account_id, thing, n_records, first_t, last_t``.
    facts : mapping
        thing -> ``label, alias, note, cluster``.
    says : callable
        A row of ``links`` -> what the list of links says of it.
    alone : sequence of str
        Accounts that are drawn without any link.
    """

    links: pd.DataFrame | None = None
    facts: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    says: Callable[[Any], str] = str
    alone: Sequence[str] = ()


def columns(  # noqa: PLR0913, PLR0917 -- what is drawn, each part by its name
    pairs: pd.DataFrame,
    facts: Mapping[str, Mapping[str, Any]],
    places: Mapping[str, tuple[int, int]],
    says: Callable[[Any], str],
    most: int | None = MOST,
    stars: Stars | None = None,
) -> dict[str, Any]:
    """Return a graph in columns, ready to be sent.

    Parameters
    ----------
    pairs : pandas.DataFrame
        One row per edge: ``account_a, account_b, n_occasions, first_t, last_t``.
    facts : mapping
        account -> ``label, alias, note, cluster, tier, mark, listed, trace``; an account without is shown by its id.
    places : mapping
        account -> (x, y), as :func:`spmc_tools.network.layout.layout` gives them.
    says : callable
        A row of ``pairs`` -> what the list of edges says of it.
    most : int or None
        At most so many accounts: those with a tier first, then the strongest. None: all.
    stars : Stars, optional
        What is drawn besides the pairs.

    Returns
    -------
    dict
        Nodes ``id, label, alias, note, x, y, cluster, tier, mark, listed, trace, thing`` (1: what accounts touched;
        these come last), edges ``a, b`` (places among the nodes), ``n, first, last`` (whole seconds since 1970),
        ``says``; ``left_out``: accounts that are not among them.
    """
    stars = Stars() if stars is None else stars
    rows: list[Any] = list(pairs.itertuples(index=False))
    spokes: list[Any] = [] if stars.links is None else list(stars.links.itertuples(index=False))
    strength = dict.fromkeys(stars.alone, 0)
    ends = [(str(end), int(row.n_occasions)) for row in rows for end in (row.account_a, row.account_b)]
    for account, count in [*ends, *((str(row.account_id), int(row.n_records)) for row in spokes)]:
        strength[account] = strength.get(account, 0) + count
    order = sorted(strength, key=lambda account: (not facts.get(account, {}).get("tier"), -strength[account], account))
    accounts = sorted(order if most is None else order[:most])
    drawn = set(accounts)
    spokes = [row for row in spokes if row.account_id in drawn]
    kept = [*accounts, *sorted({str(row.thing) for row in spokes})]
    number = {node: place for place, node in enumerate(kept)}
    node_facts = [facts.get(one, {}) for one in accounts] + [stars.facts[one] for one in kept[len(accounts) :]]
    shown = [
        (row.account_a, row.account_b, row.n_occasions, row.first_t, row.last_t, says(row))
        for row in rows
        if row.account_a in drawn and row.account_b in drawn
    ]
    shown += [(row.account_id, row.thing, row.n_records, row.first_t, row.last_t, stars.says(row)) for row in spokes]
    return {
        "id": kept,
        "label": [_plain(node.get("label") or account) for account, node in zip(kept, node_facts, strict=True)],
        "alias": [_plain(node.get("alias") or f"#{place}") for place, node in enumerate(node_facts, start=1)],
        "note": [str(node.get("note", "")) for node in node_facts],
        "x": [places[account][0] for account in kept],
        "y": [places[account][1] for account in kept],
        "cluster": [int(node.get("cluster") or 0) for node in node_facts],
        "tier": [str(node.get("tier") or "") for node in node_facts],
        "mark": [str(node.get("mark") or "") for node in node_facts],
        "listed": [int(bool(node.get("listed"))) for node in node_facts],
        "trace": [int(node.get("trace") or 0) for node in node_facts],
        "thing": [int(place >= len(accounts)) for place in range(len(kept))],
        "a": [number[str(row[0])] for row in shown],
        "b": [number[str(row[1])] for row in shown],
        "n": [int(row[2]) for row in shown],
        "first": [_seconds(row[3]) for row in shown],
        "last": [_seconds(row[4]) for row in shown],
        "says": [str(row[5]) for row in shown],
        "left_out": len(order) - len(accounts),
    }


def _plain(value: object) -> str:
    """Return a name of the data with what is invisible in it shown, at most 60 characters."""
    return quote(value, 60)[1:-1]


def _seconds(moment: Any) -> int:
    return int(moment.timestamp())


def bins(times: pd.Series[Any]) -> dict[str, Any]:
    """Return counts over time: ``start`` (seconds since 1970), ``step`` (seconds) and ``counts``, at most 120 bars.

    Without a time it is empty.
    """
    import numpy as np

    known = times.dropna()
    if not len(known):
        return {}
    seconds = np.array([_seconds(moment) for moment in known.tolist()], dtype=np.int64)
    span = int(seconds.max() - seconds.min()) + 1
    step = next((width for width in _STEPS if span / width <= _BARS - 1), -(-span // (_BARS - 1)))
    start = int(seconds.min()) // step * step
    counts = np.bincount((seconds - start) // step)
    return {"start": start, "step": int(step), "counts": [int(count) for count in counts]}
