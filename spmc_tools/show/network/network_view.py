"""The network and its timeline in JupyterLab: positions from Python, drawn by a bundle that is built from ``js/``.

Where the bundle was not built the same graph is a still picture, and a sentence says how to build it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import anywidget
import traitlets

from spmc_tools.errors import SpmcError, quote
from spmc_tools.resources import resource

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    import pandas as pd

__all__ = ["MOST", "NetworkView", "bins", "bundle", "columns"]

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


def columns(
    pairs: pd.DataFrame,
    facts: Mapping[str, Mapping[str, Any]],
    places: Mapping[str, tuple[int, int]],
    says: Callable[[Any], str],
    most: int | None = MOST,
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

    Returns
    -------
    dict
        Nodes ``id, label, alias, note, x, y, cluster, tier, mark, listed, trace``, edges ``a, b`` (places among the
        nodes), ``n, first, last`` (whole seconds since 1970), ``says``; ``left_out``: accounts that are not among them.
    """
    strength: dict[str, int] = {}
    rows: list[Any] = list(pairs.itertuples(index=False))
    for row in rows:
        for account in (str(row.account_a), str(row.account_b)):
            strength[account] = strength.get(account, 0) + int(row.n_occasions)
    order = sorted(strength, key=lambda account: (not facts.get(account, {}).get("tier"), -strength[account], account))
    kept = sorted(order if most is None else order[:most])
    number = {account: place for place, account in enumerate(kept)}
    node_facts = [facts.get(account, {}) for account in kept]
    shown = [row for row in rows if row.account_a in number and row.account_b in number]
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
        "a": [number[str(row.account_a)] for row in shown],
        "b": [number[str(row.account_b)] for row in shown],
        "n": [int(row.n_occasions) for row in shown],
        "first": [_seconds(row.first_t) for row in shown],
        "last": [_seconds(row.last_t) for row in shown],
        "says": [says(row) for row in shown],
        "left_out": len(order) - len(kept),
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
