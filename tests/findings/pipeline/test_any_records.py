"""Whatever records a table holds, ``investigate`` returns findings or says in a sentence why it cannot."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import spmc_tools as spmc
from spmc_tools.errors import SpmcError
from spmc_tools.findings import stored_results as stored
from spmc_tools.schema import KINDS, RECORDS

START = pd.Timestamp("2025-11-01", tz="UTC")
WORDS = (
    "आज", "सुबह", "मतदान", "केंद्र", "पर", "लंबी", "कतार", "वोट", "rally", "bridge", "closed", "tomorrow", "share", "फिर",
    "🙏", "https://example.org/a",
)  # fmt: skip
REQUIRED = ("record_id", "account_id", "created_at")
OPTIONAL = tuple(name for name in RECORDS.names if name not in REQUIRED)
ONE_OF = {
    "kind": KINDS,
    "platform": ("x", "telegram"),
    "lang": ("hi", "en"),
    "client": ("web", "app"),
    "time_precision_s": (1e-6, 1.0, 60.0, 86_400.0),
}
LISTS = {"urls": "https://example.org/{}", "hashtags": "tag{}", "mentions": "a{}"}


def column(name: str, drawn: list[int], many: int) -> list[Any]:
    """Return the values of one optional column that stand for numbers below ``many``."""
    if name in ONE_OF:
        return [ONE_OF[name][x % len(ONE_OF[name])] for x in drawn]
    if name == "text":
        return [" ".join(np.random.default_rng(x).choice(WORDS, 1 + x % 12)) for x in drawn]
    if name in LISTS:
        return [[LISTS[name].format((x + y) % many) for y in range(x % 4)] for x in drawn]
    if name == "media":
        return [[{"url": f"u{x}", "sha256": f"{x:064x}", "phash": f"{x:016x}"}] * (x % 3) for x in drawn]
    if name == "metrics":
        return [{"likes": x, "reposts": x, "replies": None, "views": 0} for x in drawn]
    if name.endswith("_at"):
        return [START + pd.Timedelta(seconds=x) for x in drawn]
    return [x + 1 for x in drawn] if name == "source_row" else [f"{name[:3]}{x}" for x in drawn]


@st.composite
def tables(draw: st.DrawFn) -> pd.DataFrame:
    """Draw 1 to 200 records with some, all or none of the optional columns, each of one, some or many values.

    Where some act together, as many rows in a row are alike but for the account and a second or two.
    """
    n, together = draw(st.integers(1, 200)), draw(st.sampled_from([1, 4, 10]))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))

    def numbers(many: int) -> list[int]:
        """Return n numbers below ``many``, equal where rows act together."""
        return np.repeat(rng.integers(many, size=n), together)[:n].tolist()

    accounts = draw(st.sampled_from([1, 2, 10, 20, n]))
    ids = range(n) if draw(st.booleans()) else rng.integers(n, size=n)
    seconds = np.array(numbers(draw(st.sampled_from([1, 30, 86_400, 30 * 86_400])))) + np.arange(n) % together
    frame = {
        "record_id": [f"r{x}" for x in ids],
        "account_id": [f"a{x % accounts}" for x in (np.arange(n) if together > 1 else rng.integers(accounts, size=n))],
        "created_at": START + pd.to_timedelta(seconds, unit="s"),
    }
    share, n_values = draw(st.sampled_from([0.0, 0.6, 1.0])), draw(st.sampled_from([None, 1, 20, 10_000]))
    for name in (name for name in OPTIONAL if rng.random() < share):
        many = n_values or int(rng.choice([1, 3, 20, 10_000]))
        values = column(name, numbers(many), many)
        nulls = rng.random(n) < rng.choice([0.0, 0.0, 0.0, 0.3, 1.0])
        frame[name] = [None if null else value for value, null in zip(values, nulls, strict=True)]
    return pd.DataFrame(frame)


@settings(max_examples=30, deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow])
@given(tables())
def test_any_table_of_records_is_looked_at_or_refused_in_a_sentence(records: pd.DataFrame) -> None:
    try:
        found = spmc.investigate(records)
    except SpmcError as refusal:
        assert str(refusal).endswith((".", "…)"))
        return
    left_out = found.notes["records"].get("duplicate_records_left_out", 0)
    kept = records.drop_duplicates([name for name in ("platform", "record_id") if name in records])
    assert (left_out, found.accounts["n_records"].sum()) == (len(records) - len(kept), len(kept))
    if not left_out:
        assert set(found.accounts["account_id"].str.split(":").str[-1]) == set(records["account_id"])
    for name, schema in stored.SCHEMAS.items():
        assert list(getattr(found, name).columns) == schema.names
    assert all(len(row["reason"]) > 10 for row in found.not_run)


@pytest.mark.parametrize("name", REQUIRED)
def test_a_null_where_none_may_be_is_refused(name: str) -> None:
    records = pd.DataFrame({"record_id": ["r1", "r2"], "account_id": ["a", "b"], "created_at": [START, START]})
    records.loc[1, name] = None
    with pytest.raises(SpmcError, match=rf"records\.{name}: row 1 is null"):
        spmc.investigate(records)
