"""The short form of the accuracy benchmark: a few weeks, and a failure where an error rate leaves its interval.

The seeds are fixed, so a run does not fail by chance; the bounds are set so that a rule *at* its target would fail with
less than one chance in ten thousand on fresh seeds, accounts (or weeks) taken as independent draws. The same checks
over as many weeks as wanted: ``python -m soak.findings.error_rates``.
"""

from __future__ import annotations

import pytest
from scipy.stats import binom

from benchmarks.accuracy.measurement.measure import measured
from benchmarks.accuracy.measurement.summary import Share, Summary
from benchmarks.accuracy.worlds.catalogue import WORLDS

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

CHANCE = 1e-4


def most(draws: int, rate: float) -> int:
    """Return the largest count that a rate at its target still gives with a chance of ``CHANCE`` or more."""
    return int(binom.isf(CHANCE, draws, rate))


def least(draws: int, rate: float) -> int:
    """Return the smallest count that a rate at its target still gives with a chance of ``CHANCE`` or more."""
    return int(binom.ppf(CHANCE, draws, rate))


@pytest.fixture(scope="module")
def organic() -> Summary:
    return Summary([measured(WORLDS["organic-20k"], seed) for seed in (101, 102)])


@pytest.fixture(scope="module")
def mixed() -> Summary:
    weeks = [("mixed-h80", 101), ("mixed-h95", 102)]
    return Summary([measured(WORLDS[name], seed, peers_too=False) for name, seed in weeks])


def test_bounds_by_summing_the_binomial() -> None:
    def tail(k: int, n: int, p: float) -> float:
        return sum(float(binom.pmf(i, n, p)) for i in range(k + 1, n + 1))

    for n, p in ((4, 0.05), (80, 0.02)):
        k = most(n, p)
        assert tail(k, n, p) <= CHANCE < tail(k - 1, n, p)
    n, p = 80, 0.98
    k = least(n, p)
    assert (
        sum(float(binom.pmf(i, n, p)) for i in range(k))
        < CHANCE
        <= sum(float(binom.pmf(i, n, p)) for i in range(k + 1))
    )


def test_hardly_anybody_is_falsely_named_in_organic_weeks(organic: Summary) -> None:
    assert organic.false.draws > 18_750 * len(organic.weeks)
    assert organic.false.hits <= most(organic.false.draws, 0.5e-4), organic.false_roles
    assert organic.spoiled.hits <= most(organic.spoiled.draws, 0.05), organic.false_roles


def test_false_discoveries_stay_few_beside_campaigns(mixed: Summary) -> None:
    assert mixed.discovery.hits <= most(mixed.discovery.draws, 0.03), mixed.false_roles
    assert mixed.spoiled.hits <= most(mixed.spoiled.draws, 0.2), mixed.false_roles


FOUND = {"ten sources": 0.98, "copied texts": 0.93, "slow": 0.8}


@pytest.mark.parametrize(("kind", "target"), FOUND.items())
def test_campaigns_are_found(mixed: Summary, kind: str, target: float) -> None:
    found: Share = mixed.found(kind)
    assert found.hits >= least(found.draws, target), found


def test_campaigns_on_few_sources_are_not_named(mixed: Summary) -> None:
    assert mixed.found("one source").hits == 0
    assert mixed.found("three sources").hits <= most(mixed.found("three sources").draws, 0.03)


def test_campaigns_lead_the_ranking(mixed: Summary) -> None:
    assert mixed.mean("auc") > 0.99
    assert mixed.mean("ap") > 0.9


def test_pairs_are_no_more_unlikely_than_chance_allows(organic: Summary) -> None:
    """Down to 10⁻⁶ and among tags, where no crowd repeats: at most as many pairs as tests × p."""
    tests = sum(week["tails"]["tag"]["tests"] for week in organic.weeks)
    for place, power in ((1, 4), (2, 5), (3, 6)):
        seen = sum(week["tails"]["tag"]["crowd"][place] for week in organic.weeks)
        assert seen <= most(tests, 10.0**-power), power
