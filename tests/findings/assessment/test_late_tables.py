"""Late strikes in an assessment: listed, ranked, named by nothing."""

from __future__ import annotations

import numpy as np
import pandas as pd

import spmc_tools as spmc
from spmc_tools.findings.assessment.assessment_context import in_context

HOUR = 3600
DAY = 24 * HOUR


def week(striking=True):
    """Six hundred readers of sixty authors; twelve accounts that come to six old posts of one of these together."""
    rng = np.random.default_rng(4)
    rows = [
        (f"u{rng.integers(600)}", f"o{o}", f"s{o % 60}", int(t + rng.exponential(4 * HOUR)))
        for o, t in enumerate(rng.integers(0, 6 * DAY, 900))
        for _ in range(6)
    ]
    if striking:
        for k in range(6):
            at = DAY + k * 20 * HOUR
            rows.append((f"u{k}", f"old{k}", "s7", at - 9 * HOUR))
            rows += [
                (f"c{i}", f"old{k}", "s7", at + int(rng.integers(0, 60))) for i in range(12) if rng.random() < 0.95
            ]
    return pd.DataFrame(rows, columns=["account_id", "object_id", "source_id", "t"]).assign(t=lambda x: x["t"] + 10**9)


def test_a_group_on_old_posts_is_listed_and_not_named():
    found = spmc.assess(week())
    (row,) = found.late.to_dict("records")
    assert row["source_id"] == "s7"
    assert row["accounts"] == sorted(f"c{i}" for i in range(12))
    assert (row["size"], row["n_strikes"], row["n_found"], row["n_context"]) == (12, 6, 12, 0)
    assert [one["object_id"] for one in row["strikes"]] == [f"old{k}" for k in range(6)]
    assert all(one["age_s"] >= 9 * HOUR for one in row["strikes"])
    assert sum(one["n_members"] for one in row["strikes"]) == sum(one["n_strikes"] for one in row["members"])
    accounts = found.accounts.set_index("account_id")
    assert (accounts.loc[row["accounts"], "kind"] == "late").all()
    assert (accounts.loc[row["accounts"], "basis"] == "one").all()
    assert set(found.accounts["account_id"][:12]) == set(row["accounts"])
    assert not found.accounts["named"].any()
    assert found.notes["n_late_groups"] == 1


def test_without_strikes_the_table_is_empty_with_the_same_columns():
    found, other = spmc.assess(week(striking=False)), spmc.assess(week())
    assert found.late.empty
    assert list(found.late.columns) == list(other.late.columns)
    assert not (found.accounts["kind"] == "late").any()


def test_registered_members_are_counted():
    context = {f"c{i}": "fan club" for i in range(6)}
    found = spmc.assess(week(), context=context)
    pd.testing.assert_frame_equal(in_context(spmc.assess(week()), context).late, found.late)
    (row,) = found.late.to_dict("records")
    assert (row["n_context"], row["kind"]) == (6, "fan club")
