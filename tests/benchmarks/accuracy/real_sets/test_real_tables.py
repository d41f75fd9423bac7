"""Tables, shadows and rankings of made-up records, and what is said where the real ones are absent."""

from __future__ import annotations

import duckdb
import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array

from benchmarks.accuracy import __main__ as command
from benchmarks.accuracy.real_sets.acts import acts_of
from benchmarks.accuracy.real_sets.common_bins import bin_rankings
from benchmarks.accuracy.real_sets.rankings import OURS, peer_rankings, program, shadow_rankings
from benchmarks.accuracy.real_sets.real_tables import CROWDS, LABELLED, RealDataMissing, real_tables, table_of

TEXT = "the demo committee asks all members to read the notice of the week"


def rows(*given: tuple[str, str, str], **columns: object) -> pd.DataFrame:
    """Records of (account, time, kind), and further columns."""
    frame = pd.DataFrame(given, columns=["account_id", "created_at", "kind"])
    frame["created_at"] = pd.to_datetime(frame["created_at"], utc=True).astype("datetime64[us, UTC]")
    frame["record_id"] = [f"r{n}" for n in range(len(frame))]
    return frame.assign(**({"platform": "x", "time_precision_s": 1.0} | columns))


def days(label: dict[str, list[int]]) -> pd.DataFrame:
    """Records of one account per label, so many on each of the first days of a month."""
    every = [
        (who, f"2020-01-{day:02d}", "post")
        for who, own in label.items()
        for day, n in enumerate(own, 1)
        for _ in range(n)
    ]
    return rows(*every).assign(label=lambda x: (x["account_id"] == "bot").astype(int))


def test_a_label_is_of_the_account_and_no_column() -> None:
    table = table_of("demo", rows(("b", "2020-01-01", "post"), ("a", "2020-01-01", "post"), label=[1, 0]))
    assert table.labelled.to_dict() == {"a": False, "b": True}
    assert "label" not in table.records.columns
    assert not table_of("demo", table.records).labelled.any()


def test_common_days_have_one_record_in_a_hundred_of_each_kind() -> None:
    table = table_of("demo", days({"bot": [1, 99, 0, 0], "person": [50, 0, 149, 1]}))
    assert [day.day for day in table.common_days()] == [1]
    part = table.on_days(table.common_days())
    assert part.n_posts.to_dict() == {"bot": 1, "person": 50}
    fewer = table_of("demo", days({"bot": [1, 100], "person": [50, 50]}))
    assert [day.day for day in fewer.common_days()] == [2]


def test_accounts_without_a_record_on_common_days_are_no_part_of_them() -> None:
    every = days({"bot": [5, 0], "person": [5, 0], "other": [0, 5]})
    table = table_of("demo", every)
    assert list(table.on_days(table.common_days()).labelled.index) == ["bot", "person"]


def test_shadows_by_hand() -> None:
    records = rows(
        ("a", "2020-01-01 10:00", "post"), ("a", "2020-01-02 10:59", "post"), ("b", "2020-01-01 10:30", "post"),
        ("c", "2020-01-01 11:00", "post"),
        text=["", "demo", "demo", "demo"], hashtags=[[], None, ["x"], ["x"]], urls=[["u"]] * 4, client=[None] * 4,
        mentions=[np.array([]), np.array(["m"]), np.array([]), np.array([])],
    )  # fmt: skip
    shadows = shadow_rankings(table_of("demo", records))
    assert shadows.loc["a"].to_dict() == {
        "number of posts": 2, "active days": 2, "records of everybody in its hours": 1.5,
        "share with text empty": 0.5, "share with text filled": 0.5,
        "share with hashtags empty": 1.0, "share with hashtags filled": 0.0,
        "share with mentions empty": 0.5, "share with mentions filled": 0.5,
    }  # fmt: skip
    assert shadows.loc["b"].tolist() == [1, 1, 2, 0, 1, 0, 1, 1, 0]
    assert shadows.loc["c"].tolist() == [1, 1, 1, 0, 1, 0, 1, 1, 0]


def test_acts_of_two_traces_are_never_one_thing() -> None:
    records = rows(
        ("a", "2020-01-01 10:00:00", "repost"), ("b", "2020-01-01 10:00:01", "repost"),
        ("b", "2020-01-01 10:00:02", "reply"), ("a", "2020-01-01 10:00:03", "post"),
        ("c", "2020-01-01 10:00:04", "post"),
        text=[None, None, "no", TEXT, TEXT], ref_record_id=["p1", "p1", "p1", None, None],
    )  # fmt: skip
    acts = acts_of(table_of("demo", records))
    found = {(name, tuple(own["account"])) for (name, _), own in acts.groupby(["trace", "thing"])}
    assert found == {("co_repost", (0, 1)), ("co_reply", (1,)), ("copypasta", (0, 2))}
    assert (acts.groupby("thing")["trace"].nunique() == 1).all()
    assert acts.loc[acts["trace"] == "co_reply", "t_us"].item() == 1_577_872_802 * 1_000_000


def test_records_without_any_object_have_peers_by_time_alone() -> None:
    times = {"a": "2020-01-01 10:00:00", "b": "2020-01-01 10:00:01", "c": "2020-01-02 10:00:00"}
    records = rows(*((account, time, "post") for account, time in times.items()))
    peers = peer_rankings(table_of("demo", records))
    assert peers["common 2 s bins, best partner"].to_dict() == {"a": 1, "b": 1, "c": 0}
    assert (peers.filter(like="in step") == 0).all(axis=None)
    assert not [name for name in peers.columns if "cosine" in name]


def test_times_to_the_minute_have_bins_of_a_minute() -> None:
    records = rows(("a", "2020-01-01 10:00", "post"), ("b", "2020-01-01 10:00", "post"), time_precision_s=60.0)
    table = table_of("demo", records)
    assert table.bin_s == 60
    assert peer_rankings(table)["partners in common 60 s bins"].tolist() == [1, 1]


def test_copies_have_a_cosine_of_one() -> None:
    other = "a wholly different remark on weather and harvest in the hills"
    who = [("a", TEXT), ("b", TEXT), ("c", other)]
    records = rows(*((name, f"2020-01-0{k + 1}", "post") for k, (name, _) in enumerate(who)), text=[x for _, x in who])
    peers = peer_rankings(table_of("demo", records))
    assert peers["TF-IDF cosine, at least 1 acts"].to_dict() == pytest.approx({"a": 1, "b": 1, "c": 0})


def test_the_program_is_asked_with_every_setting_as_it_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    class Found:
        accounts = pd.DataFrame(
            {"account_id": list("dcba"), "score": [4.0, 3.0, 2.0, None], "tier": ["A", "C", "B", None]}
        )

    asked = []
    monkeypatch.setattr("spmc_tools.investigate", lambda records: asked.append(records) or Found)
    every = rows(*((name, "2020-01-01", "post") for name in "abcde"), label=[0, 1, 1, 0, 0])
    score, tiers = program(table_of("demo", every))
    assert score[OURS].to_dict() == {"a": 0, "b": 2, "c": 3, "d": 4, "e": 0}
    assert (tiers.named_right, tiers.named_others, tiers.listed_right, tiers.listed_others) == (1, 1, 1, 0)
    assert "label" not in asked[0].columns


def test_absent_tables_are_named_and_nothing_is_read(tmp_path, monkeypatch, capsys) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / f"{LABELLED[0]}.parquet").write_text("no table")
    with pytest.raises(RealDataMissing, match="4 of 5 files") as raised:
        real_tables(tmp_path / "real")
    assert all(name in str(raised.value) for name in (*LABELLED[1:], *CROWDS)) and LABELLED[0] not in str(raised.value)
    monkeypatch.setenv("SPMC_SHARED_DATA", str(tmp_path))
    with pytest.raises(SystemExit) as left:
        command.main(["--real", "--write"])
    assert left.value.code == 2
    printed = capsys.readouterr()
    assert printed.out == "" and str(tmp_path / "real") in printed.err and "SPMC_SHARED_DATA" in printed.err


@pytest.mark.parametrize("name", LABELLED)
def test_the_real_tables_by_sql_and_by_a_product_of_matrices(name: str, shared_data) -> None:
    path = shared_data / "real" / f"{name}.parquet"
    if not path.is_file():
        pytest.skip(f"the real table {name} is not on this machine (SPMC_SHARED_DATA)")
    table = table_of(name, pd.read_parquet(path))
    found = shadow_rankings(table)
    expected = duckdb.execute(
        "SELECT max(label) AS label, count(*) AS posts, count(DISTINCT epoch_us(created_at) // 86400000000) AS days "
        "FROM read_parquet($path) GROUP BY account_id ORDER BY account_id", {"path": str(path)}
    ).df()  # fmt: skip
    assert found["number of posts"].tolist() == expected["posts"].tolist()
    assert found["active days"].tolist() == expected["days"].tolist()
    assert table.labelled.tolist() == (expected["label"] == 1).tolist()
    seconds = (table.records["created_at"] - pd.Timestamp(0, tz="UTC")) // pd.Timedelta(seconds=1)
    account, moment = pd.factorize(table.records["account_id"], sort=True)[0], pd.factorize(seconds // table.bin_s)[0]
    held = csr_array((np.ones(len(moment)), (account, moment))).astype(bool).astype(float)
    common = csr_array(held @ held.T)
    common.setdiag(0)
    bins = bin_rankings(account, seconds.to_numpy() * 1_000_000, table.bin_s, len(table.labelled))
    best, _, partners = bins.values()
    assert best.tolist() == common.max(axis=1).toarray().ravel().tolist()
    assert partners.tolist() == (common > 0).sum(axis=1).tolist()
