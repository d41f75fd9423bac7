"""From marks to an event: Fisher's rule by drawing, p of an event by hand, carriers by enumeration."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2

from spmc_tools.chance.events.event_features import SOLE_USER, Posted, on_objects
from spmc_tools.chance.events.event_signature import carried, expected_carriers, fisher_two, marks

S = 1_000_000


def test_fisher_is_the_chi_square_rule() -> None:
    p = np.array([1.0, 0.5, 0.05, 1e-3, 1e-12])
    for one, two in product(p, p):
        wanted = chi2.sf(-2 * (math.log(one) + math.log(two)), 4)
        assert math.exp(fisher_two(np.array([math.log(one)]), np.array([math.log(two)])).item()) == pytest.approx(
            wanted
        )
    far = fisher_two(np.array([-900.0]), np.array([-900.0])).item()
    assert far == pytest.approx(-1800 + math.log(1801))


def test_fisher_by_simulation() -> None:
    rng = np.random.default_rng(1)
    u = rng.random(200_000) * rng.random(200_000)
    for limit in (0.2, 0.05, 0.01):
        wanted = math.exp(fisher_two(np.array([math.log(limit)]), np.zeros(1)).item())
        assert (u <= limit).mean() == pytest.approx(wanted, abs=5e-3)


@pytest.mark.parametrize("tries", [[1], [2, 3], [1, 4, 2]])
def test_carriers_by_enumeration(tries: list[int]) -> None:
    """Every way in which clients and times can fall, with its probability."""
    share_client, share_time = 0.3, 0.2
    once = twice = 0.0
    for n in tries:
        for has_client, *hits in product([0, 1], repeat=n + 1):
            chance = share_client if has_client else 1 - share_client
            chance *= math.prod(share_time if hit else 1 - share_time for hit in hits)
            once += chance * (has_client and sum(hits) >= 1)
            twice += chance * (has_client and sum(hits) >= 2)
    assert expected_carriers(np.array(tries), share_client, share_time) == pytest.approx((once, twice))


def small(*, with_client: bool = True, exact: bool = True) -> Posted:
    """A crowd on everyday objects; 20 accounts post object 0 every four minutes on second 7 with one client."""
    rng = np.random.default_rng(3)
    rows = [
        (int(rng.integers(20, 400)), int(rng.integers(1, 40)), int(rng.integers(20_000) * S), int(rng.integers(3)))
        for _ in range(2_000)
    ]
    rows += [(k % 20, 0, (240 * k + 7) * S, 3) for k in range(60)]
    rows += [(int(rng.integers(20, 400)), 0, int(rng.integers(20_000) * S), int(rng.integers(3))) for _ in range(15)]
    rows += [(390, 5, 50 * S, 3), (391, 6, 50 * S, 3)]
    a, o, t, c = (np.array(column, np.int64) for column in zip(*sorted(rows, key=lambda row: row[2]), strict=True))
    clients = ("Android", "iPhone", "Web", "Planner") if with_client else ()
    return Posted(a, o, c if with_client else c * 0 - 1, t, np.full(a.size, exact), 400, 40, clients)


def test_p_of_an_event_by_hand() -> None:
    posted = small()
    objects = on_objects(posted)
    found = marks(posted, objects)
    o = objects.code.tolist().index(0)
    time = min(1.0, 2 * math.exp(min(found.clock.ln_p[o], found.burst.ln_p[o])))
    alone = [time, math.exp(found.client.ln_p[o]), math.exp(found.repeat.ln_p[o])]
    pairs = [(a, b) for i, a in enumerate(alone) for b in alone[i + 1 :] if a < 0.05 and b < 0.05]
    wanted = 3 * min(a * b * (1 - math.log(a * b)) for a, b in pairs)
    assert math.exp(found.ln_p[o]) == pytest.approx(wanted)
    assert wanted < 1e-6
    others = np.delete(found.ln_p, o)
    assert (others > math.log(1e-4)).all()


@pytest.mark.parametrize(
    ("with_client", "exact", "signature"),
    [
        (True, True, ("clock", "client", "repeat")),
        (False, True, ("clock", "repeat")),
        (True, False, ("client", "repeat")),
    ],
)
def test_who_carries_the_signature(with_client: bool, exact: bool, signature: tuple[str, ...]) -> None:
    posted = small(with_client=with_client, exact=exact)
    objects = on_objects(posted)
    found = marks(posted, objects)
    o = objects.code.tolist().index(0)
    who = carried(posted, objects, found, o)
    assert who.signature == signature
    assert set(range(20)) <= set(who.accounts.tolist())
    assert who.n_signed.sum() == who.rows.size
    for row in who.rows:
        assert posted.object[row] == 0
        assert not with_client or posted.client[row] == 3
        assert not exact or posted.t_us[row] // S % 60 in {6, 7, 8}
    assert who.fdp[0] == pytest.approx(who.expected[0] / who.accounts.size)
    assert who.fdp[1] == pytest.approx(who.expected[1] / (who.n_signed >= 2).sum())


def test_with_neither_client_nor_second_there_is_no_event() -> None:
    posted = small(with_client=False, exact=False)
    found = marks(posted, on_objects(posted))
    assert (found.ln_p == 0).all()


def test_expected_carriers_by_hand() -> None:
    posted = small()
    objects = on_objects(posted)
    found = marks(posted, objects)
    o = objects.code.tolist().index(0)
    who = carried(posted, objects, found, o)
    of = {a: int((posted.account[objects.of(o)] == a).sum()) for a in set(posted.account[objects.of(o)].tolist())}
    pc, pt = found.client.share[o], found.clock.share[o]
    e1 = sum(pc * (1 - (1 - pt) ** r) for r in of.values())
    e2 = sum(pc * (1 - (1 - pt) ** r - r * pt * (1 - pt) ** (r - 1)) for r in of.values())
    assert who.expected == pytest.approx((e1, e2))


def test_expected_carriers_without_a_client_are_those_of_the_clock_alone() -> None:
    posted = small(with_client=False)
    objects = on_objects(posted)
    found = marks(posted, objects)
    o = objects.code.tolist().index(0)
    who = carried(posted, objects, found, o)
    records = np.unique(posted.account[objects.of(o)], return_counts=True)[1].tolist()
    pt = found.clock.share[o]
    e1 = sum(1 - (1 - pt) ** r for r in records)
    e2 = sum(1 - (1 - pt) ** r - r * pt * (1 - pt) ** (r - 1) for r in records)
    assert who.expected == pytest.approx((e1, e2))


@pytest.mark.parametrize(("p", "counts"), [(0.05, False), (math.nextafter(0.05, 0), True)])
def test_a_mark_counts_where_its_p_is_below_a_twentieth(p: float, counts: bool) -> None:
    posted = small()
    objects = on_objects(posted)
    found = marks(posted, objects)
    o = objects.code.tolist().index(0)
    for ln_p, name in ((found.ln_time, "clock"), (found.client.ln_p, "client"), (found.repeat.ln_p, "repeat")):
        before = ln_p[o]
        ln_p[o] = np.log(p)
        assert (name in carried(posted, objects, found, o).signature) is counts
        ln_p[o] = before


ROWS = st.lists(
    st.tuples(st.integers(0, 11), st.integers(0, 2), st.integers(0, 500), st.integers(-1, 2), st.booleans()),
    max_size=80,
)


@settings(max_examples=80, deadline=None)
@given(ROWS)
def test_never_nan_and_never_by_one_mark(rows: list[tuple[int, int, int, int, bool]]) -> None:
    columns = zip(*sorted(rows, key=lambda row: row[2]), strict=True) if rows else ([],) * 5
    a, o, t, c, e = (np.array(column, np.int64) for column in columns)
    posted = Posted(a, o, c, t * S, e.astype(bool), 12, 3, ("x", "y", SOLE_USER))
    objects = on_objects(posted)
    found = marks(posted, objects)
    assert not np.isnan(found.ln_p).any()
    for i in range(objects.code.size):
        alone = sum(x[i] < math.log(0.05) for x in (found.ln_time, found.client.ln_p, found.repeat.ln_p))
        assert (found.ln_p[i] == 0) or alone >= 2
        who = carried(posted, objects, found, i)
        assert all(0 <= share <= 1 for share in who.fdp)
        assert who.expected[1] <= who.expected[0] + 1e-12
