"""The second route to every edge: a loop over all pairs of rows, as slow as it is plain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

Rows = list[tuple[Any, Any, int]]


def _every_edge(rows: Rows, window_us: int, min_objects: int) -> list[tuple[Any, ...]]:
    pairs: dict[tuple[Any, Any], list[tuple[int, int]]] = {}
    for x, (a, object_a, t_a) in enumerate(rows):
        for y, (b, object_b, t_b) in enumerate(rows):
            if a < b and object_a == object_b and abs(t_a - t_b) <= window_us:
                pairs.setdefault((a, b), []).append((x, y))
    edges = []
    for (a, b), both in sorted(pairs.items()):
        objects = {rows[x][1] for x, _ in both}
        times = [(rows[x][2], rows[y][2]) for x, y in both]
        if len(objects) < min_objects:
            continue
        lag = sum(abs(t_a - t_b) for t_a, t_b in times)
        edges.append((
            a, b, len(objects), len(both), len({x for x, _ in both}), len({y for _, y in both}),
            min(map(min, times)), max(map(max, times)), lag / len(both) / 1e6, sum(t_a < t_b for t_a, t_b in times),
        ))  # fmt: skip
    return edges


@pytest.fixture(scope="session")
def every_edge() -> Callable[[Rows, int, int], list[tuple[Any, ...]]]:
    """Rows (account, object, µs), window in µs, fewest objects -> edges as tuples in the order of the Contract."""
    return _every_edge
