"""Rates by script and language, counted by hand."""

from __future__ import annotations

import pandas as pd
import pytest
from scipy.stats import binomtest

from spmc_tools.findings.robustness.flag_rates import flag_rates

HINDI, ENGLISH = "आज मतदान है", "polls are today"


def posts(rows: list[tuple[str, str | None, str | None]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["account_id", "text", "lang"])


def tiers(n: int, named: int) -> pd.DataFrame:
    return pd.DataFrame(
        {"account_id": [f"a{k}" for k in range(n)], "tier": ["B"] * named + ["C"] + [None] * (n - named - 1)}
    )


def test_by_hand() -> None:
    """Sixty accounts: forty write Hindi, thirty English, ten of them both; five of those in Hindi alone are named."""
    rows = [(f"a{k}", HINDI, "hi") for k in range(40)] + [(f"a{k}", ENGLISH, "en") for k in range(30, 60)]
    rows += [("a0", HINDI, "hi"), ("a59", None, None)]
    made = flag_rates(posts(rows), tiers(60, 5))
    assert (made["all"]["accounts"], made["all"]["named"]) == (60, 5)
    scripts = {row["value"]: row for row in made["scripts"]}
    assert (scripts["devanagari"]["posts"], scripts["devanagari"]["accounts"], scripts["devanagari"]["named"]) == (
        41,
        40,
        5,
    )
    assert (scripts["latin"]["accounts"], scripts["latin"]["named"], scripts["none"]["accounts"]) == (30, 0, 1)
    exact = binomtest(5, 40).proportion_ci(0.95, "exact")
    assert (scripts["devanagari"]["low"], scripts["devanagari"]["high"]) == pytest.approx((exact.low, exact.high))
    assert scripts["devanagari"]["differs"] is None and scripts["none"]["differs"] == "few"
    assert [row["value"] for row in made["languages"]] == ["hi", "en"]


def test_it_is_symmetric() -> None:
    """The same with the languages exchanged: the rates change places, and nothing else."""
    rows = [(f"a{k}", HINDI if k < 100 else ENGLISH, "hi" if k < 100 else "en") for k in range(200)]
    turned = [(a, ENGLISH if text == HINDI else HINDI, "en" if lang == "hi" else "hi") for a, text, lang in rows]
    first, second = flag_rates(posts(rows), tiers(200, 60)), flag_rates(posts(turned), tiers(200, 60))
    for key, one, other in (("scripts", "devanagari", "latin"), ("languages", "hi", "en")):
        a = next(row for row in first[key] if row["value"] == one)
        b = next(row for row in second[key] if row["value"] == other)
        assert {k: v for k, v in a.items() if k != "value"} == {k: v for k, v in b.items() if k != "value"}
        assert a["differs"] == "higher" and a["named"] == 60
        assert next(row for row in first[key] if row["value"] == other)["differs"] == "lower"


def test_without_text_or_language() -> None:
    bare = pd.DataFrame({"account_id": ["a0", "a1"]})
    assert flag_rates(bare, tiers(2, 1)) | {"all": None} == {
        "all": None, "scripts": [], "languages": None, "other_languages": 0,
    }  # fmt: skip
    empty = flag_rates(bare[:0], tiers(2, 1)[:0])
    assert empty["all"] == {"accounts": 0, "named": 0, "share": None, "low": 0.0, "high": 1.0}
    many = posts([(f"a{k}", HINDI, f"l{k}") for k in range(25)])
    assert len(flag_rates(many, tiers(25, 1))["languages"]) == 20
    assert flag_rates(many, tiers(25, 1))["other_languages"] == 5
