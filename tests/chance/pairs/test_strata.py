"""Strata: planted circles are found, none is small, and what is given is used as given."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from spmc_tools.chance.pairs import strata
from spmc_tools.chance.pairs.strata import MIN_STRATUM, given_strata, learned_strata, one_stratum
from spmc_tools.errors import ParameterError


def circles(seed, n=1500, k=3, own=0.9, actions=12):
    """Accounts of k circles that mostly read their own hundred sources."""
    rng = np.random.default_rng(seed)
    circle = rng.integers(0, k, n)
    who = np.repeat(np.arange(n), rng.poisson(actions, n))
    at = np.where(rng.random(who.size) < own, circle[who], rng.integers(0, k, who.size))
    source = at * 100 + np.minimum(rng.geometric(0.05, who.size), 100) - 1
    matrix = sparse.csr_array(sparse.coo_array((np.ones(who.size), (who, source)), shape=(n, 100 * k)))
    return matrix, circle


def nothing_like(matrix):
    return sparse.csr_array(matrix.shape)


@pytest.mark.parametrize("seed", range(3))
def test_accounts_of_one_stratum_read_alike(seed):
    slow, circle = circles(seed)
    stratum = learned_strata(slow, nothing_like(slow), seed)
    pure = sum(np.bincount(circle[stratum == s]).max() for s in np.unique(stratum))
    assert pure / circle.size > 0.95
    assert np.bincount(stratum).min() >= MIN_STRATUM
    assert stratum.max() + 1 == np.unique(stratum).size


def test_a_circle_of_fifty_does_not_become_a_stratum():
    slow, _ = circles(0)
    odd = sparse.csr_array(sparse.coo_array((np.full(500, 3.0), (np.arange(500) % 50, 300 + np.arange(500) // 50))))
    odd.resize((50, 400))
    slow.resize((1500, 400))
    stacked = sparse.csr_array(sparse.vstack([slow, odd]))
    stratum = learned_strata(stacked, nothing_like(stacked), 0)
    for s in np.unique(stratum[1500:]):
        assert (stratum == s).sum() >= MIN_STRATUM


def test_what_is_done_in_step_speaks_for_those_who_do_nothing_else():
    slow, circle = circles(1)
    quiet = np.arange(1500) % 5 == 0
    rest = sparse.diags_array((~quiet).astype(float)) @ slow
    in_step = sparse.csr_array(sparse.diags_array(quiet.astype(float)) @ slow)
    stratum = learned_strata(sparse.csr_array(rest), in_step, 0)
    majority = {s: np.bincount(circle[(stratum == s) & ~quiet]).argmax() for s in np.unique(stratum)}
    assert np.mean([majority[s] == c for s, c in zip(stratum[quiet], circle[quiet], strict=True)]) > 0.9


def test_the_same_seed_gives_the_same_strata():
    slow, _ = circles(2)
    first, second = (learned_strata(slow, nothing_like(slow), 7) for _ in range(2))
    assert first.tolist() == second.tolist()


@pytest.mark.parametrize("seed", range(4))
def test_other_names_give_the_same_strata(seed):
    """Codes are the order of names: with other names accounts and sources come in another order."""
    rng = np.random.default_rng(seed)
    slow, _ = circles(seed, own=0.5)
    in_step = circles(seed + 9)[0]
    in_step.resize(slow.shape)
    rows, columns = rng.permutation(slow.shape[0]), rng.permutation(slow.shape[1])
    first = learned_strata(slow, in_step, 3)
    other = learned_strata(*(sparse.csr_array(one[rows][:, columns]) for one in (slow, in_step)), 3)
    assert first.max() > 1 and other.tolist() == first[rows].tolist()


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("n", [0, 1, 499, 2000])
def test_too_few_accounts_or_no_action_out_of_step_are_one_stratum(n):
    empty = sparse.csr_array((n, 3))
    assert learned_strata(empty, empty, 0).tolist() == one_stratum(n).tolist() == [0] * n


@pytest.mark.filterwarnings("error")
def test_everybody_reading_one_source_is_one_stratum():
    slow = sparse.csr_array(np.ones((1000, 1)))
    assert set(learned_strata(slow, nothing_like(slow), 0)) == {0}


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("in_step", [False, True])
def test_sources_with_one_reader_each_are_one_stratum(in_step):
    """Actions are out of step, and in step too, but nobody reads what another account reads."""
    alone, nobody = sparse.eye_array(600, format="csr"), sparse.csr_array((600, 600))
    assert learned_strata(alone, alone if in_step else nobody, 0).tolist() == [0] * 600


def test_what_an_account_reads_is_topped_up_below_five_actions_and_a_source_has_two_readers():
    """Sources a to d; the first account acts five times out of step, the second four times, the third never."""
    slow = sparse.csr_array([[3.0, 2.0, 0.0, 0.0], [1.0, 3.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0]])
    in_step = sparse.csr_array([[0.0, 0.0, 4.0, 0.0], [4.0, 0.0, 8.0, 2.0], [0.0, 0.0, 4.0, 0.0]])
    found = strata._reading(slow, in_step)
    assert found.shape == (3, 3), "only the second account reads d"
    assert found.toarray().tolist() == [[3.0, 2.0, 0.0], [2.0, 3.0, 2.0], [0.0, 0.0, 1.0]]


def test_hashes_are_those_of_splitmix64():
    """The first three numbers of the generator with seed 0, as its authors give them; each seed is a step further."""
    step = np.uint64(0x9E3779B97F4A7C15)
    seeds = np.arange(3, dtype=np.uint64) * step
    assert strata._hashed(seeds).tolist() == [0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F]


def test_two_readers_of_one_source_are_enough_to_learn_from():
    shared = sparse.coo_array(([1.0, 1.0], ([0, 1], [0, 0])), shape=(600, 1))
    slow = sparse.csr_array(sparse.hstack([sparse.eye_array(600), shared]))
    stratum = learned_strata(slow, nothing_like(slow), 0)
    assert stratum.shape == (600,) and np.bincount(stratum).min() >= MIN_STRATUM


def test_given_strata_are_used_and_the_rest_is_one_of_its_own():
    found = given_strata(["a", "b", "c", "d", "e"], {"a": "x", "c": "x", "b": "y", "e": float("nan"), "z": "w"})
    assert found.tolist() == [0, 1, 0, 2, 2]


def test_strata_that_name_nobody_are_refused():
    with pytest.raises(ParameterError, match="none of the 2 accounts"):
        given_strata([1, 2], {"1": "x"})


@pytest.mark.parametrize("near_of", [2, 3, 8])
def test_an_account_goes_to_the_best_of_its_nearest_open_strata(monkeypatch, near_of):
    """Against the multinomial likelihood written out."""
    monkeypatch.setattr(strata, "MIN_STRATUM", 40)
    slow, _ = circles(4, n=400, k=4)
    rng = np.random.default_rng(near_of)
    label = rng.choice(8, slow.shape[0], p=[0.3, 0.2, 0.2, 0.1, 0.1, 0.04, 0.03, 0.03]).astype(np.int32)
    near = np.sort(np.array([rng.permutation(8)[:near_of] for _ in label], np.int32), axis=1)
    dense = slow.toarray()
    prior = 50 * dense.sum(axis=0) / dense.sum()
    found = strata._best(slow, label, near, prior)
    is_open = [c for c in range(8) if (label == c).sum() >= 40]
    assert 0 < len(is_open) < 8
    with np.errstate(divide="ignore", invalid="ignore"):
        log_q = {c: np.log((dense[label == c].sum(axis=0) + prior) / (dense[label == c].sum() + 50)) for c in is_open}
    seen = dense.sum(axis=0) > 0
    for i in range(slow.shape[0]):
        asked = [c for c in near[i].tolist() if c in log_q] or is_open
        score = {c: (dense[i][seen] * log_q[c][seen]).sum() for c in asked}
        assert score[int(found[i])] == pytest.approx(max(score.values()), abs=1e-9)
        assert int(found[i]) in asked


@pytest.mark.parametrize("n", [1, 40, 900])
def test_gains_of_a_source_go_to_the_strata_that_are_asked_for(n):
    rng = np.random.default_rng(n)
    held = np.sort(rng.permutation(2_000)[:n]).astype(np.int32)
    gain = rng.random(n)
    asked = np.sort(rng.permutation(2_000)[:32]).astype(np.int32)
    score = np.ones(32)
    strata._add_gains(score, asked, 2.0, 0, n, held, gain)
    of = dict(zip(held.tolist(), gain.tolist(), strict=True))
    assert score == pytest.approx([1 + 2 * of.get(c, 0.0) for c in asked.tolist()])


def test_the_nearest_centres_are_the_nearest():
    rng = np.random.default_rng(0)
    points, centres = rng.standard_normal((50, 5)), rng.standard_normal((90, 5))
    found = strata._nearest(points, centres)
    for row, point in zip(found.tolist(), points, strict=True):
        away = ((centres - point) ** 2).sum(axis=1)
        assert row == sorted(np.argsort(away)[:32].tolist())
    assert strata._nearest(points, centres[:3]).tolist() == [[0, 1, 2]] * 50


def test_every_point_of_a_few_thousand_moves_its_centre():
    """Two clumps far apart: each centre is the mean of its clump, not of a part of it."""
    rng = np.random.default_rng(4)
    clump = np.repeat([0, 1], 500)
    points = rng.standard_normal((1_000, 3)) + 50.0 * clump[:, None]
    label, centres = strata._k_means(points, 2, np.random.default_rng(0))
    assert all(np.unique(label[clump == c]).size == 1 for c in (0, 1)) and np.unique(label).size == 2
    for c in (0, 1):
        assert centres[label[clump == c][0]] == pytest.approx(points[clump == c].mean(axis=0))
