"""Detectors of accounts and tags: what they see on made-up data, by a second route, and what they say they cannot."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from scipy import stats

import spmc_tools as spmc
from spmc_tools.errors import ParameterError
from spmc_tools.findings import request as asked
from spmc_tools.findings.detectors.account_cohort import account_cohort
from spmc_tools.findings.detectors.clock_lockstep import clock_lockstep
from spmc_tools.findings.detectors.clock_lockstep import lacks as lacks_clock
from spmc_tools.findings.detectors.compressed_repertoire import compressed_repertoire, lacks
from spmc_tools.findings.detectors.detector import COLUMNS
from spmc_tools.findings.detectors.detector_catalogue import DETECTORS
from spmc_tools.findings.detectors.hashtag_surge import gini, hashtag_surge
from spmc_tools.findings.detectors.run_detectors import detected
from spmc_tools.schema import ACCOUNTS, ACTIONS, RECORDS, TAG_SURGES

T = datetime(2025, 11, 3, tzinfo=UTC)


def record(number: int, second: float, **values: Any) -> dict[str, Any]:
    made = {
        "record_id": f"r{number}", "platform": "x", "account_id": "a", "created_at": T + timedelta(seconds=second),
        "kind": "post", "source_sha256": "0" * 64, "source_row": number + 1,
    }  # fmt: skip
    return {**made, **values}


def account(name: str, **values: Any) -> dict[str, Any]:
    return {"account_id": name, "platform": "x", "source_sha256": "0" * 64, "source_row": 1, **values}


@pytest.mark.parametrize("detector", DETECTORS.values(), ids=DETECTORS)
def test_declared_and_documented(detector: Any) -> None:
    assert detector.question.endswith("?") and detector.reference
    assert {name for need in detector.needs for name in need.split("|")} <= set(RECORDS.names)
    assert {name for need in detector.needs_accounts for name in need.split("|")} <= set(ACCOUNTS.names)
    page = (Path(__file__).parents[3] / "docs" / "method" / "traces.md").read_text(encoding="utf-8")
    own = " ".join(page.split(f"## `{detector.name}`\n")[1].split("\n## ")[0].split())
    assert "nown false positives" in own and "Literature" in own and (("Rank." in own) == (detector.use == "rank"))


def test_all_includes_them_and_names_are_known() -> None:
    assert [d.name for d in asked.detectors("all")] == list(DETECTORS)
    assert asked.detectors(["co_url"]) == [] and asked.traces(["clock_lockstep"]) == []
    with pytest.raises(ParameterError, match="clock_lockstep"):
        asked.detectors(["clock"])


# -- clock ----------------------------------------------------------------------------------------------------------


def in_step_by_the_clock(members: int = 3) -> pa.Table:
    rng = np.random.default_rng(0)
    times = [(f"a{n:02d}", day * 86_400 + s) for n in range(40) for day in range(9) for s in rng.uniform(0, 86_400, 5)]
    common = [day * 86_400 + s for day in range(9) for s in rng.uniform(0, 86_400, 6)]
    times += [(f"m{n}", s // 60 * 60 + 10 * n) for s in common for n in range(members)]
    return RECORDS.from_rows([record(n, s, account_id=a) for n, (a, s) in enumerate(times)])


def test_clock() -> None:
    found = clock_lockstep(in_step_by_the_clock())
    assert tuple(found.columns) == COLUMNS
    best = found.sort_values("p").head(3)
    assert set(best["account_id"]) == {"m0", "m1", "m2"} and (best["q"] < 0.05).all()
    assert (best["n_seen"] >= 50).all()
    assert (found.loc[~found["account_id"].isin(best["account_id"]), "q"] >= 0.05).all()
    coarse = in_step_by_the_clock().to_pandas().assign(time_precision_s=3600.0)
    assert len(clock_lockstep(pa.Table.from_pandas(coarse, schema=RECORDS.schema))) == 0
    said = detected(DETECTORS["clock_lockstep"], in_step_by_the_clock().slice(0, 45), None, {})
    assert said.not_run is not None and said.not_run["code"] == "too_little"


@pytest.mark.parametrize(
    ("posts", "days", "reason"),
    [
        # 29 posts of each account are one too few; the days are those of all records, not of accounts with enough
        (29, 4, "Times are known to the minute on 4 days of the records; it takes 5 such days."),
        (40, 4, "Times are known to the minute on 4 days of the records; it takes 5 such days."),
        (29, 6, "Fewer than two accounts have 30 records with times known to the minute."),
        (30, 5, None),
    ],
)
def test_the_clock_counts_the_days_of_all_records(posts: int, days: int, reason: str | None) -> None:
    rows = [(account, n % days * 86_400 + 60 * n) for account in "xyz" for n in range(posts)]
    table = RECORDS.from_rows([record(n, second, account_id=account) for n, (account, second) in enumerate(rows)])
    assert lacks_clock(table) == reason
    coarse = pa.Table.from_pandas(table.to_pandas().assign(time_precision_s=3600.0), schema=RECORDS.schema)
    assert lacks_clock(coarse) == "Times are known to the minute on 0 days of the records; it takes 5 such days."


@pytest.mark.parametrize(
    ("moments", "reason"),
    [
        # four days in India, 3 to 6 November, and five of UTC, 2 to 6
        (
            ["03 00:10", "04 02:00", "05 04:00", "06 03:00", "06 09:00"],
            "Times are known to the minute on 4 days of the records; it takes 5 such days.",
        ),
        # five days in India, 3 to 7 November, and three of UTC: 3, 5 and 6
        (
            ["03 23:00", "04 01:00", "05 23:59", "06 05:29", "07 00:00"],
            "Fewer than two accounts have 30 records with times known to the minute.",
        ),
    ],
)
def test_days_of_the_clock_begin_at_midnight_in_india(moments: list[str], reason: str) -> None:
    times = [datetime.fromisoformat(f"2025-11-{moment}:00+05:30") for moment in moments]
    assert lacks_clock(RECORDS.from_rows([record(n, 0, created_at=time) for n, time in enumerate(times)])) == reason


def test_the_clock_meets_on_days_of_india() -> None:
    """Two that meet on five days of India and four of UTC are a pair; two on four of India and five of UTC are none."""
    five = ["03 23:00", "04 01:00", "05 23:59", "06 05:29", "07 00:00"]
    four = ["03 00:10", "04 02:00", "05 04:00", "06 03:00", "06 09:00"]
    for moments, found in ((five, {"x", "y"}), (four, set())):
        rows = [(name, datetime.fromisoformat(f"2025-11-{at}:00+05:30")) for name in "xy" for at in moments]
        # thirty records and more each, at minutes of their own
        rows += [
            (name, T + timedelta(days=n % 6, minutes=10 * n + odd)) for odd, name in enumerate("xy") for n in range(30)
        ]
        seen = clock_lockstep(
            RECORDS.from_rows([record(n, 0, account_id=a, created_at=t) for n, (a, t) in enumerate(rows)])
        )
        assert set(seen["account_id"]) == found


def test_the_clock_needs_days_of_accounts_with_enough_records() -> None:
    rows = [(account, n % 3 * 86_400 + 60 * n) for account in "xy" for n in range(30)]
    rows += [("z", day * 86_400) for day in range(8)]  # on eight days, and too few to be compared
    table = RECORDS.from_rows([record(n, second, account_id=account) for n, (account, second) in enumerate(rows)])
    assert lacks_clock(table) == (
        "The accounts with 30 records or more with times known to the minute have them on 3 days; it takes 5 days."
    )


# -- compressed repertoire ------------------------------------------------------------------------------------------


def test_repertoire_of_actions() -> None:
    rng = np.random.default_rng(0)
    rows = [
        (f"a{a}", f"o{o}", rng.uniform(0, 86_400) + o % 6 * 86_400)
        for o in range(600)
        for a in rng.permutation(150)[:10]
    ]
    rows += [(f"m{m}", f"x{k}", k * 60_000 + m) for k in range(9) for m in range(10)]
    actions = ACTIONS.from_rows(
        [
            {"trace": "co_repost", "account_id": a, "object_id": o, "source_id": None, "t": T + timedelta(seconds=s),
             "record_id": str(n)}
            for n, (a, o, s) in enumerate(rows)
        ]
    )  # fmt: skip
    found = compressed_repertoire({"co_repost": actions})
    strong = found[found["q"] < 0.05]
    assert set(strong["account_id"]) == {f"m{m}" for m in range(10)}
    assert (strong["n_seen"] == 9).all() and set(strong["value"]) == {"co_repost"}
    twice = compressed_repertoire({"co_repost": actions, "copypasta": actions.slice(0, 0)})
    assert np.allclose(twice["q"], np.minimum(2 * found["q"], 1))
    said = detected(DETECTORS["compressed_repertoire"], RECORDS.from_rows([record(0, 0, text="x")]), None, {})
    assert said.not_run is not None and "20" in said.not_run["reason"]


def test_twenty_objects_of_one_trace_are_enough() -> None:
    def table(n: int) -> pa.Table:
        return pa.table({"object_id": pa.array([f"o{k // 2}" for k in range(2 * n)], pa.string())})

    assert lacks({"co_repost": table(20), "copypasta": table(0)}) is None
    said = lacks({"co_repost": table(19), "copypasta": table(3)})
    assert said is not None and said.startswith("There are 19 shared objects at most; it takes 20 ")
    assert "There are 0 shared objects" in str(lacks({}))


# -- cohort ---------------------------------------------------------------------------------------------------------


def test_cohort() -> None:
    rng = np.random.default_rng(0)
    rows = [account(f"a{n:03d}", created_at=T - timedelta(days=int(d)), handle=f"{chr(97 + n % 26)}x{n}")
            for n, d in enumerate(rng.integers(0, 400, 200))]  # fmt: skip
    bio = "राष्ट्र की सेवा में सदैव तत्पर, जनता के साथ, जनता के लिए"
    rows += [
        account(
            f"m{n}",
            created_at=T - timedelta(days=50, hours=-n),
            handle=f"Ramkumar_{8000 + n}",
            description=f"{bio} {'🙏' * n}",
        )
        for n in range(8)
    ]
    rows += [
        account("p", handle="leader", observed_at=T),
        account("q", handle="@Leader", observed_at=T + timedelta(days=3)),
    ]
    table = ACCOUNTS.from_rows(rows)
    found = account_cohort(table)
    by = dict(iter(found.groupby("measure")))
    members = {f"m{n}" for n in range(8)}
    assert set(by) == {"made_on_one_day", "form_of_handle", "description", "handle"}
    assert set(by["form_of_handle"]["account_id"]) == set(by["description"]["account_id"]) == members
    assert set(by["handle"]["account_id"]) == {"p", "q"} and by["handle"]["p"].isna().all()
    day = by["made_on_one_day"]
    assert len(day) and (day["q"] < 0.05).all()
    made = pd.Series([r["created_at"].date() for r in rows if r.get("created_at")])
    for row in day.itertuples():
        date = pd.Timestamp(row.value).date()
        around = [(date + timedelta(days=k)) for k in range(-14, 15) if k]
        inside = [d for d in around if made.min() <= d <= made.max()]
        expected = max(made.isin(around).sum() / len(inside), 0.5)
        assert row.expected == pytest.approx(expected)
        assert row.p == pytest.approx(stats.poisson.sf((made == date).sum() - 1, expected))
    assert account_cohort(table.slice(0, 0)).empty
    pd.testing.assert_frame_equal(account_cohort(table.take(pa.array(rng.permutation(len(table))))), found)


# -- tags -----------------------------------------------------------------------------------------------------------


def tagged(push: int = 40) -> pa.Table:
    rng = np.random.default_rng(0)
    day = 86_400
    rows = [
        ("everyday", f"a{int(a)}", s)
        for a, s in zip(rng.integers(0, 80, 1500), rng.uniform(0, 3 * day, 1500), strict=True)
    ]
    rows += [
        ("pushed", f"a{int(a)}", s) for a, s in zip(rng.integers(0, 80, 60), rng.uniform(0, 3 * day, 60), strict=True)
    ]
    rows += [("pushed", f"n{n % 10}", 2 * day + 100 + 5 * n) for n in range(push)]
    made = []
    for n, (tag, a, s) in enumerate(rows):
        same = f"मतदान के दिन सब लोग समय पर पहुँचें और साथ चलें #{tag}"
        text = same if a[0] == "n" else f"संदेश {n} {a * 9} कुछ अलग बात {n * 7919}"
        gone = T + timedelta(days=9) if a == "n0" else None
        made.append(record(n, s, account_id=a, hashtags=[tag], text=text, deleted_seen_at=gone))
    return RECORDS.from_rows(made)


def test_surge() -> None:
    made = ACCOUNTS.from_rows([account(f"n{n}", created_at=T - timedelta(days=5)) for n in range(10)]
                              + [account(f"a{n}", created_at=T - timedelta(days=900)) for n in range(80)])  # fmt: skip
    found = hashtag_surge(tagged(), made)
    assert list(found.columns) == list(TAG_SURGES.names)
    assert list(found["tag"]) == ["#pushed"]
    row = found.iloc[0]
    assert row["first_t"] == pd.Timestamp(T + timedelta(days=2)) and row["n_records"] == pytest.approx(40, abs=2)
    assert row["q"] < 0.01 and row["expected"] < 5
    assert row["new_account_share"] > 0.8 and row["near_duplicate_share"] > 0.9 and 0 < row["deleted_share"] < 0.3
    without = hashtag_surge(tagged().drop_columns(["deleted_seen_at", "text"]))
    assert without[["new_account_share", "near_duplicate_share", "deleted_share"]].isna().all(axis=None)
    assert hashtag_surge(tagged(0)).empty


def test_no_past_no_surge() -> None:
    table = tagged()
    short = RECORDS.from_rows([{**row, "created_at": T + (row["created_at"] - T) / 20} for row in table.to_pylist()])
    said = detected(DETECTORS["hashtag_surge"], short, None, {})
    assert said.not_run is not None and "six hours" in said.not_run["reason"]
    still = RECORDS.from_rows([{**row, "created_at": T} for row in table.to_pylist()])
    assert hashtag_surge(still).empty


def test_far_times_cost_nothing() -> None:
    rows = [*tagged().to_pylist(), record(99_999, 0, created_at=datetime(1971, 1, 1, tzinfo=UTC), hashtags=["pushed"])]
    assert "#pushed" in set(hashtag_surge(RECORDS.from_rows(rows))["tag"])


def test_gini_by_its_definition() -> None:
    rng = np.random.default_rng(0)
    for _ in range(20):
        x = rng.integers(1, 9, size=int(rng.integers(1, 12))).astype(float)
        wanted = np.abs(x[:, None] - x[None, :]).mean() / (2 * x.mean()) if x.size > 1 else 0.0
        assert gini(x) == pytest.approx(wanted)
    assert gini(np.zeros(3)) == 0.0


# -- in an investigation --------------------------------------------------------------------------------------------


def test_what_they_list_is_tier_c_without_basis() -> None:
    kept = spmc.investigate(in_step_by_the_clock(), traces=["clock_lockstep"])
    rows = kept.accounts.set_index("account_id")
    assert set(rows.index[rows["tier"] == "C"]) == {"m0", "m1", "m2"} and rows["tier"].isin(["A", "B"]).sum() == 0
    assert rows["basis"].isna().all() and (rows["q"] == 1).all()
    assert (rows["score"] < 0.05).all()  # a moment shared once or twice orders, and a detector adds nothing
    kinds = kept.account_traces.set_index("account_id")["kind"]
    assert rows.loc["m0", "traces"] == ["clock_lockstep"] and kinds["m0"] == "detector"
    assert set(kept.signals["detector"]) == {"clock_lockstep"} and set(kept.signals["use"]) == {"rank"}
    shielded = spmc.investigate(in_step_by_the_clock(), traces=["clock_lockstep"], context={"m0": "office"})
    assert shielded.accounts.set_index("account_id")["tier"].eq("C").sum() == 2
    mixed = in_step_by_the_clock().to_pandas().sample(frac=1, random_state=2)
    pd.testing.assert_frame_equal(spmc.investigate(mixed, traces=["clock_lockstep"]).signals, kept.signals)


def test_handles_on_a_case(tmp_path: Path) -> None:
    from spmc_tools.case.files.durable import sha256_file

    made = spmc.create_case(
        "handles", title="T", purpose="P", legal_basis="L", date_from="2025-11-01", date_to="2025-11-29", officer="O"
    )
    source = tmp_path / "made.jsonl"
    source.write_text("made up", encoding="utf-8")
    digest = sha256_file(source)
    had = [
        (a, h, T + timedelta(days=4 * k + d)) for k, h in enumerate(("leader", "Helper")) for d, a in enumerate("pq")
    ]
    had += [(f"a{n}", f"h{n}", T) for n in range(30)] + [("p", "shop", T), ("r", "shop", T + timedelta(days=1))]
    accounts = [account(a, handle=h, observed_at=t) for a, h, t in had]
    rows = [record(n, n, account_id=a, text="नमस्ते") for n, a in enumerate([*"pqr", *(f"a{n}" for n in range(30))])]
    with made.new_batch(source, digest) as batch:
        batch.write(
            records=RECORDS.from_rows([{**row, "source_sha256": digest} for row in rows]),
            accounts=ACCOUNTS.from_rows(
                [{**a, "source_sha256": digest, "source_row": n} for n, a in enumerate(accounts, 1)]
            ),
        )
        batch.commit(format="made-up", read=len(rows), duplicates=0)
    kept = spmc.investigate(made, traces=["co_handle", "account_cohort"])
    edge = kept.edges.iloc[0]
    assert len(kept.edges) == 1 and (edge["account_a"], edge["account_b"], edge["n_occasions"]) == ("p", "q", 2)
    shown = kept.evidence(("p", "q"))
    assert list(zip(shown["account_id"], shown["text"], strict=True)) == [
        ("p", "leader"), ("q", "leader"), ("p", "Helper"), ("q", "Helper"),
    ]  # fmt: skip
    assert set(shown["source_sha256"]) == {digest} and shown["source_row"].tolist() == [1, 2, 3, 4]
    handles = kept.signals[kept.signals["measure"] == "handle"]
    assert sorted(set(handles["account_id"])) == ["p", "q", "r"] and set(handles["use"]) == {"context"}
    assert kept.accounts["tier"].isna().all()
    again = spmc.investigate(spmc.open_case("handles"), traces=["co_handle", "account_cohort"])
    assert len(again.evidence(("p", "q"))) == 4
    pd.testing.assert_frame_equal(again.signals, kept.signals)
