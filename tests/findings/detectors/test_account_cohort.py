"""What accounts have in common by hand: how many it takes, how long a description, which days around."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from scipy import stats

from spmc_tools.findings.detectors.account_cohort import account_cohort, lacks
from spmc_tools.schema import ACCOUNTS

T = datetime(2025, 1, 1, 12, tzinfo=UTC)
TEXT = "for village and nation every day, all of us"


def accounts(*rows):
    return ACCOUNTS.from_rows(
        [
            {"account_id": f"a{n:03d}", "platform": "x", "source_sha256": "0" * 64, "source_row": 1, **row}
            for n, row in enumerate(rows)
        ]
    )


@pytest.mark.parametrize(
    ("n", "length", "edited", "found"),
    [(3, 42, True, 3), (3, 31, True, 3), (3, 26, True, 0), (3, 26, False, 3), (2, 42, False, 0), (4, 42, True, 4)],
)
def test_three_descriptions_are_a_cohort_edited_ones_from_thirty_letters_on(n, length, edited, found):
    texts = [TEXT[:length] + ("klmn"[k] if edited else "") for k in range(n)]
    table = account_cohort(accounts(*({"description": text} for text in [*texts, "something else " * 4])))
    assert len(table) == found
    assert set(table["measure"]) <= {"description"} and (table["value"] == texts[0]).all()
    assert (table["n_seen"] == n).all() and (table["n_partners"] == n - 1).all()


@pytest.mark.parametrize(
    ("handles", "found"),
    [
        ([f"ramkumar{n}" for n in range(5)], 5),
        ([f"ramkumar{n}" for n in range(4)], 0),
        ([f"ram{n}" for n in range(5)], 0),  # a stem has four letters
        ([f"@Rama__{n}" for n in range(5)], 5),
    ],
)
def test_five_handles_of_one_form_are_a_cohort(handles, found):
    table = account_cohort(accounts(*({"handle": handle} for handle in handles)))
    assert (table["measure"] == "form_of_handle").sum() == len(table) == found


@pytest.mark.parametrize("day", [0, 5, 30, 55, 60])
def test_accounts_made_on_one_day_beside_two_weeks_around_it(day):
    """One account is made on each of 61 days, and nineteen more on one of them; days outside the 61 do not count."""
    made = [T + timedelta(days=d) for d in range(61)] + [T + timedelta(days=day)] * 19
    table = account_cohort(accounts(*({"created_at": at} for at in made)))
    assert len(table) == 20 and set(table["value"]) == {(T + timedelta(days=day)).date().isoformat()}
    assert (table["expected"] == 1.0).all()
    assert table["p"].to_numpy() == pytest.approx(stats.poisson.sf(19, 1.0))
    assert table["q"].to_numpy() == pytest.approx(61 * stats.poisson.sf(19, 1.0))


def test_at_least_half_an_account_is_expected_and_four_on_a_day_are_none():
    far = [T, T + timedelta(days=100)]
    five = account_cohort(accounts(*({"created_at": at} for at in [*far, *[T + timedelta(days=50)] * 5])))
    assert len(five) == 5 and (five["expected"] == 0.5).all()
    assert account_cohort(accounts(*({"created_at": at} for at in [*far, *[T + timedelta(days=50)] * 4]))).empty


def test_one_account_is_too_few():
    assert lacks(accounts({}, {})) is None
    assert "describes 1 accounts" in str(lacks(accounts({})))
