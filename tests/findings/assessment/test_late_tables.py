"""Late strikes in an assessment: listed, ranked, named by nothing."""

from __future__ import annotations

import numpy as np
import pandas as pd

import spmc_tools as spmc
from spmc_tools.findings.assessment.assessment_context import in_context
from spmc_tools.findings.pipeline.stage_values import packed, unpacked
from tests.findings.assessment.test_weak_edge_groups import week as week_of_a_slow_campaign
from tests.findings.plain_cells import nested

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
    assert row["late_id"] == 1 and set(found.late_strikes["late_id"]) == {1} == set(found.late_members["late_id"])
    assert found.late_strikes["object_id"].tolist() == [f"old{k}" for k in range(6)]
    assert (found.late_strikes["age_s"] >= 9 * HOUR).all()
    assert found.late_members["account_id"].tolist() == row["accounts"]
    assert found.late_strikes["n_members"].sum() == found.late_members["n_strikes"].sum()
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
    for name in ("late_members", "late_strikes"):
        assert getattr(found, name).empty
        assert getattr(found, name).dtypes.equals(getattr(other, name).dtypes)
    assert not (found.accounts["kind"] == "late").any()


def test_registered_members_are_counted():
    context = {f"c{i}": "fan club" for i in range(6)}
    found = spmc.assess(week(), context=context)
    pd.testing.assert_frame_equal(in_context(spmc.assess(week()), context).late, found.late)
    (row,) = found.late.to_dict("records")
    assert (row["n_context"], row["kind"]) == (6, "fan club")


def test_two_late_groups_are_numbered_from_the_largest_and_their_rows_with_them():
    """The second group is week()'s own without three of its accounts, by other names, on another author's old posts."""
    strikes = week()
    strikes = strikes[strikes["object_id"].str.startswith("old")]
    other = strikes[~strikes["account_id"].isin(["c9", "c10", "c11"])]
    other = other.assign(object_id="x" + other["object_id"], source_id="s5", t=other["t"] + 3 * HOUR)
    other["account_id"] = other["account_id"].str.replace("c", "b")
    actions = pd.concat([week(), other])
    found = spmc.assess(actions)
    assert found.late[["late_id", "source_id", "size"]].to_numpy().tolist() == [[1, "s7", 12], [2, "s5", 9]]
    first = actions[actions["account_id"].str.match("[bc]")].drop_duplicates(["account_id", "object_id"])
    by_member, by_object = first.groupby("account_id")["t"], first.groupby("object_id")["t"]
    for row in found.late.itertuples():
        members = found.late_members[found.late_members["late_id"] == row.late_id]
        struck = found.late_strikes[found.late_strikes["late_id"] == row.late_id]
        assert members["account_id"].tolist() == row.accounts
        assert members["n_strikes"].tolist() == by_member.size()[row.accounts].tolist()
        assert set(struck["object_id"]) == set(first.loc[first["source_id"] == row.source_id, "object_id"])
        assert struck["start"].tolist() == by_object.min()[struck["object_id"]].tolist()
        assert struck["n_members"].tolist() == by_object.size()[struck["object_id"]].tolist()


def test_no_cell_of_a_table_of_an_assessment_is_a_dictionary_and_each_table_comes_back_from_a_kept_stage():
    slow, _ = week_of_a_slow_campaign(1, slow=20)
    names = slow.astype(dict.fromkeys(("account_id", "object_id", "source_id"), str))
    found = spmc.assess(pd.concat([names, week()]))
    assert len(found.groups) and len(found.late) and len(found.clusters)
    assert nested(found) == []
    again = unpacked(packed(found))
    for name in ("groups", "group_members", "broad_occasions", "late", "late_members", "late_strikes", "clusters"):
        assert len(getattr(found, name))
        pd.testing.assert_frame_equal(getattr(again, name), getattr(found, name))
    assert nested(again) == []
