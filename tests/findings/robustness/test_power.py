"""Power: the search against a scan, what is large is shown, what is small is not, and what cannot be said."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest

from spmc_tools.chance.sessions.session_groups import session_tests
from spmc_tools.errors import ParameterError
from spmc_tools.findings.assessment.assess import assess, strata_of
from spmc_tools.findings.robustness import power as module
from spmc_tools.findings.robustness.planting import Campaign, planted, soil
from spmc_tools.findings.robustness.power import COLUMNS, Effort, power

DAY = 86_400


def everyday(seed: int = 0, days: int = 7, accounts: int = 300) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    n = 12 * accounts
    post = rng.integers(0, 600, n)
    return pd.DataFrame(
        {
            "account_id": [f"a{k:04d}" for k in rng.integers(0, accounts, n)],
            "object_id": [f"p{k}" for k in post],
            "source_id": [f"author{k % 60}" for k in post],
            "t": pd.to_datetime(1_762_108_200 + rng.integers(0, days * DAY, n), unit="s", utc=True),
        }
    )


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setitem(module.EFFORTS, "quick", Effort((12,), 3, every_window=False, most_traces=2))


def test_a_large_campaign_is_shown_and_a_small_one_is_not(small) -> None:
    found = power(everyday(), effort="quick")
    (row,) = found.table.to_dict("records")
    assert tuple(found.table.columns) == COLUMNS
    assert row["state"] == "shown" and 3 < row["n_objects"] <= 12 and row["hits"] >= 3 == row["draws"]
    assert found.smallest["n_accounts"] == 12 and found.smallest["n_objects"] == row["n_objects"]
    assert found.notes["n_assessments"] == found.tried["draws"].sum()
    # a second route: plant and assess by hand, far above and far below
    ground = soil(everyday())
    for n_objects, shown in ((16, True), (3, False)):
        actions, members = planted(ground, Campaign(12, n_objects, 600), np.random.default_rng(7))
        accounts = assess(actions).accounts
        named = set(accounts.loc[accounts["named"], "account_id"])
        share = np.isin(members, list(named)).mean()
        assert share >= 0.8 if shown else share < 0.2


def test_a_group_of_one_evening_is_tried_and_shown_and_never_named(small) -> None:
    """By hand, far above and far below: all strikes lie within three hours, and what shows them is no basis to name."""
    busy = everyday(accounts=1500, days=2)
    found = power(busy, effort="quick")
    (row,) = found.sessions.to_dict("records")
    assert row["state"] == "shown" and 5 < row["n_objects"] <= 16 and row["hits"] == row["draws"] == 3
    assert found.smallest_session == {**found.sessions.iloc[0]}
    ground = soil(busy)
    for n_objects, shown in ((20, True), (3, False)):
        actions, members = planted(ground, Campaign(12, n_objects, 600, session=True), np.random.default_rng(7))
        new = actions.to_pandas()
        strikes = new[(new["object_id"] >= ground.n_objects) & new["account_id"].isin(members)]
        assert (strikes["t"].max() - strikes["t"].min()).total_seconds() <= 3 * 3600 + 600
        made = assess(actions)
        in_groups = {account for accounts in made.sessions["accounts"] for account in accounts}
        share = np.isin(members, list(in_groups)).mean()
        assert share >= 0.8 if shown else share < 0.2
        assert not made.accounts["named"].any()


def test_what_one_evening_cannot_show_is_not_said_to_be_shown(small, monkeypatch) -> None:
    """Where no group within hours comes out of an assessment none of the sizes is shown, and the table says so."""

    def no_groups(*given):
        return replace(session_tests(*given), groups=())

    monkeypatch.setattr("spmc_tools.findings.assessment.assess.session_tests", no_groups)
    found = power(everyday(), effort="quick")
    assert found.sessions["state"].tolist() == ["not_shown"] and found.smallest_session is None
    assert found.smallest is not None


def test_same_seed_same_table_whatever_the_order(small) -> None:
    actions = everyday()
    first, again = power(actions, effort="quick", seed=3), power(actions[::-1], effort="quick", seed=3)
    pd.testing.assert_frame_equal(first.table, again.table)
    pd.testing.assert_frame_equal(first.tried, again.tried)


STEPS = (3, 4, 5, 6, 7, 8, 10, 12, 16, 20)


@pytest.mark.parametrize("needed", [*STEPS, 9, 99])
def test_the_search_finds_what_a_scan_finds(needed: int, monkeypatch, small) -> None:
    """Draws that hold from so many objects on: the first step of the ladder from there, or none."""

    def draws(_ground, _plan, campaign, made, *, stop):
        return (3, 3) if campaign.n_objects >= needed else (0, 1)

    monkeypatch.setattr(module, "_draws", draws)
    (row,) = power(everyday(), effort="quick").table.to_dict("records")
    scanned = next((n for n in STEPS if n >= needed), None)
    assert (row["state"], row["n_objects"]) == (("shown", scanned) if scanned else ("not_shown", 20))
    assert row["share"] == (1.0 if scanned else 0.0)


def test_a_step_is_left_when_it_is_decided(monkeypatch) -> None:
    """Ten draws, eight needed: three failures or eight hits decide; the step that holds is drawn to the end."""
    seen = []

    def shown(_rule, _actions, _session):
        seen.append(1)
        return set()

    monkeypatch.setitem(module.EFFORTS, "quick", Effort((12,), 10, every_window=False))
    monkeypatch.setattr(module._Rule, "shown", shown)
    found = power(everyday(), effort="quick")
    assert found.table["state"].tolist() == ["not_shown"] and found.smallest is None
    for session in (False, True):
        tried = found.tried[found.tried["session"] == session]
        assert tried["draws"].tolist() == [3] * (len(tried) - 1) + [10]
    assert len(seen) == found.notes["n_assessments"]


@pytest.mark.parametrize(("size", "needed"), [(10, 8), (5, 4), (6, 5), (4, 4)])
def test_a_draw_shows_a_campaign_where_four_fifths_of_its_members_are_named(monkeypatch, size, needed) -> None:
    members = np.arange(100, 100 + size)
    monkeypatch.setattr(module, "planted", lambda *_: (None, members))
    for n_named in range(size + 1):
        rule = SimpleNamespace(seed=0, shown=lambda *_, n=n_named: {1, 2, *members[:n].tolist()})
        plan = SimpleNamespace(effort=Effort((size,), 2, every_window=False), rule=rule, trace="co_repost")
        found = module._draws(None, plan, Campaign(size, 6, 60.0, "new"), (0, 0), stop=False)
        assert found == (2 if n_named >= needed else 0, 2)


def test_what_cannot_be_tried_is_said(small, monkeypatch) -> None:
    assert power(everyday(accounts=60), effort="quick").table["state"].tolist() == ["insufficient"]
    short = everyday()
    short["t"] = short["t"].min() + (short["t"] - short["t"].min()) / 20  # eight hours
    found = power(short, effort="quick")
    assert found.table["state"].tolist() == ["too_short"] and found.smallest is None
    assert found.table["n_objects"].isna().all() and found.tried["session"].all()
    assert found.sessions["state"].isin(["shown", "not_shown"]).all()  # one session fits into eight hours
    monkeypatch.setitem(module.EFFORTS, "quick", Effort((12,), 3, every_window=False, most_actions=100))
    assert power(everyday(), effort="quick").table["state"].tolist() == ["too_large"]
    assert power(everyday()[:0], effort="quick").table["state"].tolist() == ["insufficient"]
    found = power(everyday().assign(t=everyday()["t"].min()), effort="quick")
    assert found.table["state"].tolist() == found.sessions["state"].tolist() == ["too_short"]
    assert power(everyday(), effort="quick", sessions=False).sessions.empty


def test_what_is_not_known_is_refused() -> None:
    with pytest.raises(ParameterError, match=r"effort is .*, wanted one of quick, usual, thorough"):
        power(everyday(), effort="all night")
    with pytest.raises(ParameterError, match=r"members is .*, wanted own or new"):
        power(everyday(), members="bought")


def test_findings_say_it_per_trace_and_plant_no_named_account(found, members, small, monkeypatch) -> None:
    planted_in = []
    real = module.planted

    def watched(ground, campaign, rng):
        planted_in.append(set(ground.eligible.tolist()) & {ground.of_account.get(m, -1) for m in members})
        return real(ground, campaign, rng)

    monkeypatch.setattr(module, "planted", watched)
    seen = []
    made = found.power("quick", progress=lambda trace, done, total: seen.append((trace, done, total)))
    assert made.table["trace"].tolist() == ["co_repost", "copypasta"] and made.table["delay_s"].tolist() == [600, 600]
    assert planted_in and not set().union(*planted_in)
    assert ("copypasta", 2, 2) in seen and made.sessions["trace"].tolist() == ["co_repost", "copypasta"]
    assert found.power("none") is None


def two_circles(seed: int = 1, accounts: int = 700) -> pd.DataFrame:
    """Two halves that read other authors, so that there are strata to learn."""
    rng = np.random.default_rng(seed)
    n = 14 * accounts
    who = rng.integers(0, accounts, n)
    post = rng.integers(0, 900, n) + 900 * (who % 2)
    return pd.DataFrame(
        {
            "account_id": [f"a{k:04d}" for k in who],
            "object_id": [f"p{k}" for k in post],
            "source_id": [f"author{k % 90}-{k >= 900}" for k in post],
            "t": pd.to_datetime(1_762_108_200 + rng.integers(0, 7 * DAY, n), unit="s", utc=True),
        }
    )


def test_strata_handed_back_give_the_same_numbers() -> None:
    actions = two_circles()
    strata = strata_of(actions, seed=5)
    assert len(set(strata.values())) == 2 and len(strata) == actions["account_id"].nunique()
    anew, again = assess(actions, seed=5), assess(actions, strata=strata, seed=5)
    pd.testing.assert_frame_equal(anew.edges, again.edges)
    pd.testing.assert_frame_equal(anew.accounts, again.accounts)
    assert set(strata_of(everyday(), seed=5).values()) == {0}


def test_strata_learned_once_show_as_much_as_strata_learned_with_each_campaign() -> None:
    """The same campaigns both ways: who is named differs by chance alone, and hardly at all."""
    ground = soil(two_circles())
    ways = [
        module._Rule((60.0, 600.0), strata, {}, 0) for strata in ("learn", strata_of(ground.table(), (60.0, 600.0), 0))
    ]
    shares = []
    for draw in range(8):
        actions, members = planted(ground, Campaign(12, 6, 600.0), np.random.default_rng([3, draw]))
        named = [way.shown(actions, False) for way in ways]
        shares.append([sum(member in one for member in members.tolist()) / members.size for one in named])
    anew, once = np.array(shares).T
    assert 0.1 < anew.mean() < 0.95  # neither hopeless nor certain, else nothing is compared
    assert abs(anew - once).mean() < 0.1
    more, fewer = int((once > anew).sum()), int((once < anew).sum())
    assert binomtest(more, more + fewer).pvalue > 0.01 if more + fewer else True


def test_strata_are_learned_once_for_accounts_of_the_collection_alone(small, monkeypatch) -> None:
    learned, seen = [], []
    monkeypatch.setattr(module, "strata_of", lambda *given: learned.append(given) or {0: 0})
    monkeypatch.setattr(module._Rule, "shown", lambda rule, *_: seen.append(rule.strata) or set())
    power(everyday(), effort="quick")
    assert len(learned) == 1 and all(one == {0: 0} for one in seen)
    seen.clear()
    power(everyday(), effort="quick", members="new")
    assert len(learned) == 1 and seen and set(seen) == {"learn"}


def test_given_strata_are_taken_for_the_accounts_that_are_there() -> None:
    ground = SimpleNamespace(of_account={"a": 0, "b": 1})
    assert module._numbered({"b": "x", "gone": "y"}, ground) == {1: "x"}
    assert module._numbered("learn", ground) == "learn"
