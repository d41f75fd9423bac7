"""Likenesses that come again: numbers worked out by hand, and what makes none."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import poisson

from spmc_tools.chance.sessions.recurring_likeness import Texts, alike_tests
from spmc_tools.text.loose_likeness import words_of

HOUR = 3_600
MEMBERS = range(5)


def table(posts: list[tuple[int, int, str]], n_accounts: int) -> Texts:
    """Return texts of (second, account, key), each a copy of nothing but itself."""
    posts = sorted(posts)
    keys = [key for _, _, key in posts]
    copies = {key: n for n, key in enumerate(dict.fromkeys(keys))}
    return Texts(
        np.array([account for _, account, _ in posts], np.int32),
        np.array([copies[key] for key in keys], np.int32),
        np.array([second for second, _, _ in posts], np.int64),
        words_of(keys),
        n_accounts,
    )


def crowd(n: int = 400) -> list[tuple[int, int, str]]:
    """Return two posts each of many accounts, about nothing that anybody else writes, over four days."""
    rng = np.random.default_rng(3)
    at = rng.integers(0, 96 * HOUR, 2 * n)
    return [(int(t), 5 + k // 2, " ".join(f"c{k}x{i}" for i in range(8))) for k, t in enumerate(at)]


def rewriting(hours: list[float], members: range = MEMBERS) -> list[tuple[int, int, str]]:
    """Return a text of five common words and three own ones by each member, a minute apart, at each of these hours."""
    return [
        (
            round(hour * HOUR) + 60 * member,
            member,
            " ".join([*(f"s{hour}w{i}" for i in range(5)), *(f"m{member}h{hour}v{i}" for i in range(3))]),
        )
        for hour in hours
        for member in members
    ]


def test_texts_alike_on_eight_occasions_are_one_group_with_its_numbers() -> None:
    """All likenesses come again, so chance has the least rate: one in a million for each pair of accounts."""
    hours = [7.0 * n for n in range(8)]
    tests = alike_tests(table([*crowd(), *rewriting(hours)], 405))
    (group,) = tests.groups
    assert group.members.tolist() == list(MEMBERS)
    assert (group.n_ties, group.n_met, tests.n_alike, tests.n_left_out) == (10, 80, 80, 0)
    assert group.expected == pytest.approx(10 * 1e-6)
    third = -np.log10(poisson.sf(7, 1e-6))
    assert tests.strength[:5] == pytest.approx([4 * 30.0] * 5)  # four partners, each beyond the cap
    assert group.p == pytest.approx(405 * 10.0**-third, rel=1e-6)
    assert [texts.size for texts in group.texts] == [5] * 8
    assert not tests.strength[5:].any() and tests.p[5:].tolist() == [1.0] * 400


def test_the_five_strongest_partners_order_accounts() -> None:
    """Seven members, six partners each, of whom five count: four occasions with each."""
    tests = alike_tests(table([*crowd(), *rewriting([7.0 * n for n in range(4)], range(7))], 405))
    evidence = -np.log10(poisson.sf(3, 1e-6))
    assert evidence < 30
    assert tests.strength[:7] == pytest.approx([5 * evidence] * 7)


@pytest.mark.parametrize(
    ("hours", "members", "why"),
    [
        ([0.0, 7.0], MEMBERS, "two occasions"),
        ([0.0, 5.0, 10.0, 15.0], MEMBERS, "occasions five hours apart: two count"),
        ([7.0 * n for n in range(8)], range(3), "three accounts: nobody has three partners"),
    ],
)
def test_fewer_occasions_or_partners_are_no_group(hours: list[float], members: range, why: str) -> None:
    tests = alike_tests(table([*crowd(), *rewriting(hours, members)], 405))
    assert tests.groups == (), why
    assert not tests.strength.any()


def test_six_hours_apart_counts_and_a_second_less_does_not() -> None:
    for gap, found in ((6.0, 1), (6.0 - 1 / 3_600, 0)):
        hours = [gap * n for n in range(3)]
        assert len(alike_tests(table([*crowd(), *rewriting(hours)], 405)).groups) == found


def test_accounts_alike_at_any_time_expect_to_be_alike_within_minutes() -> None:
    """The same form every time: they are alike at different times as well, so that nothing is left to explain."""
    hours = [7.0 * n for n in range(6)]  # thirty texts: a word in more is not rare
    form = [
        (round(hour * HOUR) + 60 * member, member, " ".join([*(f"s{i}" for i in range(5)), f"m{member}h{hour}"]))
        for hour in hours
        for member in MEMBERS
    ]
    tests = alike_tests(table([*crowd(), *form], 405))
    assert tests.n_alike == 60 and tests.groups == ()


def test_likenesses_of_everybody_in_these_hours_make_them_ordinary() -> None:
    """A crowd that is alike once in each of the same six hours, every two of them, raises what chance expects."""
    hours = [7.0 * n for n in range(8)]
    others = [
        (
            round(hours[(k // 2) % 8] * HOUR) + 60 * (k % 2) + k // 16,
            5 + k,
            " ".join([*(f"p{k // 2}w{i}" for i in range(5)), f"own{k}"]),
        )
        for k in range(400)
    ]
    quiet = alike_tests(table([*crowd(), *rewriting(hours)], 405))
    loud = alike_tests(table([*others, *rewriting(hours)], 405))
    assert quiet.groups[0].expected < 1e-4 < loud.groups[0].expected
    (group,) = loud.groups
    # block n holds 25 pairs that are alike once; every text there stands within ten minutes of every other
    near = 55 * 54 // 2
    assert group.expected == pytest.approx(10 * 8 * 25 / near)


def test_no_text_and_one_account_say_nothing() -> None:
    for posts in ([], [(0, 0, "one two three four five"), (60, 0, "one two three four six")]):
        tests = alike_tests(table(posts, 1))
        assert tests.groups == () and tests.n_alike == 0
