"""The freed chance models against loops over all pairs that share no code with them."""

from __future__ import annotations

import itertools
import math
from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from spmc_tools.chance.pairs.listed_pairs import pair_sources
from spmc_tools.chance.pairs.occasions import GAP_US, count_pairs, first_actions, timeline
from spmc_tools.chance.pairs.retained import Retained, quiet
from spmc_tools.chance.pairs.weak_edges import freed_models
from spmc_tools.findings.assessment import weak_edge_groups as groups

SECOND = 1_000_000
N, S = 9, 5


@st.composite
def lines(draw):
    """A small timeline of nine accounts and five sources, often a few minutes apart on one object."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n = int(rng.integers(2, 160))
    objects, accounts = rng.integers(0, 30, n).astype(np.int32), rng.integers(0, N, n).astype(np.int32)
    times = rng.integers(0, 3 * 86_400, 30)[objects] * SECOND + rng.integers(0, 900, n) * SECOND
    rows = first_actions(accounts, objects, times)
    source_of = rng.integers(0, S, 30).astype(np.int32)
    return timeline(accounts[rows], objects[rows], source_of[objects[rows]], times[rows], N, S)


def occasions(coactions):
    seen, last = set(), None
    for t, source in sorted(coactions):
        if source not in seen and (last is None or t - last >= GAP_US):
            seen.add(source)
            last = t
    return len(seen)


def slow_freed(line, window_s, stratum):
    """{(i, j): λ°} for all pairs, by the definition."""
    acts = list(zip(line.account.tolist(), line.object.tolist(), line.source.tolist(), line.t_us.tolist(), strict=True))
    near = min(window_s, 180) * SECOND
    slow = [not any(b[0] != a[0] and b[1] == a[1] and abs(b[3] - a[3]) <= near for b in acts) for a in acts]
    step = defaultdict(list)
    own = defaultdict(lambda: [[0] * S, [0] * S])  # out-of-step actions of both inside their own coactions
    for x, y in itertools.combinations(range(len(acts)), 2):
        a, b = sorted((x, y), key=lambda k: acts[k][0])
        if acts[a][1] == acts[b][1] and abs(acts[a][3] - acts[b][3]) <= window_s * SECOND:
            pair = acts[a][0], acts[b][0]
            step[pair].append((min(acts[a][3], acts[b][3]), acts[a][2]))
            own[pair][0][acts[a][2]] += slow[a]
            own[pair][1][acts[b][2]] += slow[b]
    once = {pair: c for pair, c in step.items() if occasions(c) < 2}
    k = [sum(i in pair for pair in once) for i in range(N)]
    number = [sum(a[0] == i for a in acts) for i in range(N)]
    d = [
        [sum(s and a[0] == i and a[2] == x for a, s in zip(acts, slow, strict=True)) for x in range(S)]
        for i in range(N)
    ]
    q = {}
    for c in set(stratum):
        whole = [sum(d[i][x] for i in range(N) if stratum[i] == c) for x in range(S)]
        q[c] = [w / sum(whole) if sum(whole) else 0.0 for w in whole]

    def mu(i, x, less=(0,) * S):
        return number[i] * (d[i][x] - less[x] + 5 * q[stratum[i]][x]) / (sum(d[i]) - sum(less) + 5)

    rho = []
    for x in range(S):
        joint = sum(mu(i, x) * mu(j, x) for i, j in itertools.combinations(range(N), 2))
        rho.append(sum(any(s == x for _, s in c) for c in once.values()) / joint if joint > 1e-12 else 0.0)
    met = [sum(rho[x] * mu(i, x) * mu(j, x) for j in range(N) if j != i for x in range(S)) for i in range(N)]
    phi = [min(max((k[i] + 5) / (met[i] + 5), 1), 4) for i in range(N)]
    found = {}
    for i, j in itertools.combinations(range(N), 2):
        less = own[i, j] if (i, j) in step else ((0,) * S, (0,) * S)
        interest = phi[i] * phi[j] * sum(rho[x] * mu(i, x, less[0]) * mu(j, x, less[1]) for x in range(S))
        degree = -math.log(1 - min((k[i] + 1) * (k[j] + 1) / (2 * max(len(once), 1)), 0.95))
        found[i, j] = max(degree, interest)
    return found


@settings(max_examples=150, deadline=None)
@given(line=lines(), window_s=st.sampled_from([60, 600]), split=st.integers(1, 3))
def test_the_freed_expectation_of_every_pair_equals_a_plain_loop(line, window_s, split):
    stratum = (np.arange(N) % split).astype(np.int32)
    counts = count_pairs(line, window_s)
    cells = pair_sources(line, np.zeros(30, np.int64), counts.a, counts.b, window_s)
    model = freed_models(line, window_s, stratum, counts, (cells.pair, cells.source))
    a, b = (x.astype(np.int32) for x in np.triu_indices(N, 1))
    expected = slow_freed(line, window_s, stratum.tolist())
    assert model.expected(a, b) == pytest.approx(
        [expected[pair] for pair in zip(a.tolist(), b.tolist(), strict=True)], rel=1e-7
    )


def test_what_two_do_together_is_not_what_they_read():
    """Two accounts five minutes apart on ten objects of ten sources: out of step each, and yet all of it their own."""
    objects = np.repeat(np.arange(10, dtype=np.int32), 2)
    accounts = np.tile(np.arange(2, dtype=np.int32), 10)
    times = (objects.astype(np.int64) * 86_400 + accounts * 300) * SECOND
    line = timeline(accounts, objects, objects, times, 2, 10)
    counts = count_pairs(line, 600)
    assert counts.n_occasions.tolist() == [10]
    cells = pair_sources(line, np.zeros(10, np.int64), counts.a, counts.b, 600)
    model = freed_models(line, 600, np.zeros(2, np.int32), counts, (cells.pair, cells.source))
    assert model.partners.tolist() == [0, 0]
    assert model.n_in_step == 0
    assert not model.interest.rate.any()
    assert model.expected(counts.a, counts.b).tolist() == pytest.approx([-math.log(0.5)])


@settings(max_examples=60, deadline=None)
@given(line=lines(), window_s=st.sampled_from([60, 600, 2400]), most=st.integers(1, 5))
def test_quiet_actions_have_few_around_them(line, window_s, most):
    rows = list(zip(*(x.tolist() for x in (line.account, line.object, line.source, line.t_us)), strict=True))
    expected = [a for a in rows if sum(a[1] == b[1] and abs(a[3] - b[3]) <= window_s * SECOND for b in rows) <= most]
    found = quiet(line, window_s, most)
    assert list(zip(*(x.tolist() for x in (found.account, found.object, found.source, found.t_us)), strict=True)) == (
        expected
    )
    assert (found.n_accounts, found.n_sources) == (line.n_accounts, line.n_sources)


@settings(max_examples=60, deadline=None)
@given(line=lines(), split=st.integers(1, 2), most=st.sampled_from([3, 40]))
def test_quiet_pairs_have_the_probability_of_a_plain_loop(line, split, most):
    stratum = (np.arange(N) % split).astype(np.int32)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(groups, "QUIET", most)
        kept = Retained(line, None, np.zeros(30, np.int64), line.t_us.size)
        a, b, p = groups.quiet_pairs(kept, stratum)
    seen = quiet(line, 2400, most)
    expected, acts = slow_freed(seen, 2400, stratum.tolist()), list(range(seen.t_us.size))
    step = defaultdict(list)
    for x, y in itertools.combinations(acts, 2):
        if seen.object[x] == seen.object[y] and abs(seen.t_us[x] - seen.t_us[y]) <= 2400 * SECOND:
            pair = tuple(sorted((int(seen.account[x]), int(seen.account[y]))))
            step[pair].append((int(min(seen.t_us[x], seen.t_us[y])), int(seen.source[x])))
    number = {pair: occasions(c) for pair, c in sorted(step.items()) if occasions(c) >= 2}
    assert list(zip(a.tolist(), b.tolist(), strict=True)) == list(number)
    assert p == pytest.approx([stats.poisson.sf(n - 1, expected[pair]) for pair, n in number.items()], rel=1e-6)
