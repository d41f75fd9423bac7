"""Any table that fits the schema: records for ``investigate`` and actions for ``assess``, drawn, and what must hold.

``make test`` draws a hundred of each, ``soak/findings/any_tables.py`` thousands.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

import spmc_tools as spmc
from spmc_tools.errors import SpmcError
from spmc_tools.findings import stored_results as stored
from spmc_tools.schema import KINDS, RECORDS

if TYPE_CHECKING:
    from collections.abc import Callable

A_HUNDRED = settings(
    max_examples=100, deadline=None, derandomize=True, database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)  # fmt: skip
"""A hundred tables, the same in every run."""

REQUIRED = ("record_id", "account_id", "created_at")
_OPTIONAL = tuple(name for name in RECORDS.names if name not in REQUIRED)
_LISTS = ("urls", "hashtags", "mentions", "media")
_START_US = 1_761_955_200_000_000  # 1 November 2025
_DAY_S = 86_400
_YEARS_US = 31_556_952_000_000
_WORDS = (
    "आज", "सुबह", "मतदान", "केंद्र", "पर", "लंबी", "कतार", "वोट", "rally", "bridge", "closed", "tomorrow", "share", "फिर",
    "🙏", "https://example.org/a", "#एक", "#दो", "#तीन", "@x", "کل", "\u200d", "é", "e\u0301", "\x00",
)  # fmt: skip
_ODD = (
    "", " ", "\x00", "\u200b", "\ufeffa", "é", "e\u0301", "\U0010ffff", "nan", "None", "null", "NaT", "-0", "1e5",
    "x:1", "1", "01", "001", "\u202eabc", "٣", "३", "\n", "a\tb", '"', "'; drop table records; --",
    "(not known)", "\x1f",
)  # fmt: skip
ID_STYLES: dict[str, Callable[[int], str]] = {
    "plain": lambda n: f"a{n}",
    "numbers as text": lambda n: str(n * 7 + 3),
    "leading zeros": lambda n: str(n // 2) if n % 2 else f"{n // 2:07d}",
    "mixed scripts": lambda n: f"{('राम', 'علی', 'Ω', 'z', '😀', 'İ')[n % 6]}{n // 6}",
    "odd": lambda n: _ODD[n] if n < len(_ODD) else f"{_ODD[n % len(_ODD)]}\u2028{n}",
    "very long": lambda n: "z" * 5000 + str(n),
    "with a platform": lambda n: f"{('x', 'telegram')[n % 2]}:{n // 2}",
}
"""Ways of writing an id, as the text of a number: different numbers, different ids."""

_URLS: dict[str, Callable[[int], str | None]] = {
    "sites": lambda n: f"https://site{n}.example/{n}",
    "one shortener": lambda n: f"https://t.co/aB{n}",
    "one site": lambda n: f"https://example.org/{n}",
    "odd": lambda n: (None, "", "http://", "http://[::1", "javascript:alert(1)", "www.", "https://例え.jp/a",
                      "x" * 5000, "//", "http://a.b:99999/", "https://bit.ly", "https://1.2.3.4/x",
                      "https://xn--zz.ws/a")[n % 13],
}  # fmt: skip
_HASHES = ("", "0f" * 8, "0" * 16, "g" * 16, "ff", "ABCDEF0123456789", "１" * 16)


@dataclass(frozen=True, slots=True)
class AnyTable:
    """A table that was drawn. ``as_frame``: it is given as a DataFrame, else as an Arrow table.

    Hypothesis shows the Arrow table: a DataFrame with times after the year 9999 cannot be printed.
    """

    table: pa.Table
    as_frame: bool

    @property
    def frame(self) -> pd.DataFrame:
        """The table as a DataFrame."""
        found: pd.DataFrame = self.table.to_pandas()
        return found

    @property
    def given(self) -> pd.DataFrame | pa.Table:
        """The table in the form in which it is given."""
        return self.frame if self.as_frame else self.table


class _Draw:
    """Random numbers of one table: equal from row to row where rows act together."""

    def __init__(self, rng: np.random.Generator, n: int, together: int) -> None:
        self.rng, self.n, self.together = rng, n, together

    def numbers(self, many: int) -> list[int]:
        """Return n numbers below ``many``."""
        return np.repeat(self.rng.integers(many, size=self.n), self.together)[: self.n].tolist()

    def one(self, values: Any) -> Any:
        """Return one of some values, each as likely."""
        return list(values)[self.rng.integers(len(values))]


def _text(x: int) -> str:
    if x % 50 == 49:
        return ("", "🙏" * 60, "अ" * 12_000, "\x00" * 40, "#एक " * 400)[x // 50 % 5]
    return " ".join(np.random.default_rng(x).choice(_WORDS, 1 + x % 12))


def _media(x: int) -> list[dict[str, str | None] | None]:
    item = {"url": f"u{x}", "sha256": f"{x:064x}", "phash": f"{x * 0x9E3779B97F4A7C15 % 2**64:016x}"}
    odd = {"url": None, "sha256": None, "phash": _HASHES[x % len(_HASHES)]}
    return ([], [item], [item, item], [odd, None], [None], [item, odd])[x % 6]


def _column(name: str, x: list[int], draw: _Draw, style: Callable[[int], str]) -> list[Any]:
    """Return the values of one optional column that stand for some numbers."""
    chosen: dict[str, tuple[Any, ...]] = {
        "kind": draw.one([KINDS, KINDS, ("post",), ("repost",), ("repost", "reply"), ("story", "post", "")]),
        "platform": draw.one([("x",), ("x", "telegram"), ("", "x", "X")]),
        "lang": ("hi", "en", ""),
        "client": ("web", "app", ""),
        "time_precision_s": draw.one([(1.0,), (1e-6, 1.0, 60.0, 86_400.0), (0.0, 1e9), (60.0,)]),
    }
    if name in chosen:
        return [chosen[name][v % len(chosen[name])] for v in x]
    if name == "text":
        return [_text(v) for v in x]
    if name == "urls":
        url = draw.one(_URLS.values())
        return [[url(v + y) for y in range(v % 4)] for v in x]
    if name in {"hashtags", "mentions"}:
        return [[None if v % 23 == 22 else style(v + y) for y in range(v % 5)] for v in x]
    if name == "media":
        return [_media(v) for v in x]
    if name == "metrics":
        return [{"likes": v, "reposts": v, "replies": None, "views": 0} for v in x]
    if name.endswith("_at"):
        return [_START_US + 1_000_000 * v for v in x]
    return [v + 1 for v in x] if name == "source_row" else [style(v) for v in x]


def _times(draw: _Draw) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Return n times in microseconds: all equal, close together or far apart, of one precision or of several."""
    spread = draw.one([1, 30, _DAY_S, _DAY_S, 30 * _DAY_S])
    at = np.array(draw.numbers(spread), np.int64) + np.arange(draw.n) % draw.together
    t_us = _START_US + 1_000_000 * at
    how = draw.one(["seconds", "seconds", "equal", "minutes", "mixed", "far", "beyond"])
    if how == "equal":
        return np.full(draw.n, t_us[0])
    if how == "minutes":
        return t_us // 60_000_000 * 60_000_000
    if how == "mixed":
        step = draw.rng.choice([1, 1_000_000, 60_000_000, _DAY_S * 1_000_000], draw.n)
        return (t_us + draw.rng.integers(1_000_000, size=draw.n)) // step * step
    if how == "far":  # years 1 to 9999
        return t_us + draw.rng.integers(-2024, 7974, draw.n) * _YEARS_US
    if how == "beyond" and draw.rng.random() < 0.3:
        return t_us + draw.rng.integers(-200_000, 200_000, draw.n) * _YEARS_US
    return t_us


def _together_for_a_month(draw: _Draw) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Return n times in microseconds of which each ten lie within ten seconds."""
    at = np.array(draw.numbers(30 * _DAY_S), np.int64) + np.arange(draw.n) % draw.together
    return _START_US + 1_000_000 * at


@st.composite
def records(draw: st.DrawFn) -> AnyTable:
    """Draw 1 to 400 records, small tables more often, with some, all or none of the optional columns.

    Each column holds one, some or many values, or a different one in each row. Where some act together, as many rows in
    a row are alike but for the account and a second or two; in one table of eight ten accounts do nothing else for a
    month, so that they are named. It is a DataFrame, or an Arrow table of the schema.
    """
    campaign = draw(st.integers(0, 7)) == 7
    n = draw(
        st.integers(300, 400) if campaign else st.one_of(st.integers(1, 12), st.integers(1, 60), st.integers(1, 400))
    )
    together = 10 if campaign else draw(st.sampled_from([1, 4, 10]))
    d = _Draw(np.random.default_rng(draw(st.integers(0, 2**32 - 1))), n, together)
    style = ID_STYLES[draw(st.sampled_from(sorted(ID_STYLES)))]
    accounts = 10 if campaign else draw(st.sampled_from([1, 2, 10, 20, n]))
    number = d.rng.permutation(n) if campaign or draw(st.booleans()) else d.rng.integers(n, size=n)
    who = np.arange(n) if d.together > 1 else d.rng.integers(accounts, size=n)
    values: dict[str, Any] = {
        "record_id": [style(int(x)) for x in number],
        "account_id": [style(int(x) % accounts) for x in who],
        "created_at": _together_for_a_month(d) if campaign else _times(d),
    }
    share, n_values = draw(st.sampled_from([0.0, 0.6, 1.0])), draw(st.sampled_from([None, 1, 20, 10_000, -1]))
    if campaign:
        share, n_values = 1.0, 10_000
    for name in (name for name in _OPTIONAL if d.rng.random() < share):
        many = n_values or int(d.rng.choice([1, 3, 20, 10_000]))
        found = _column(name, list(range(n)) if many < 0 else d.numbers(many), d, style)
        nulls = d.rng.random(n) < d.rng.choice([0.0, 0.0, 0.0, 0.0 if campaign else 0.3, 1.0])
        values[name] = [None if null else value for value, null in zip(found, nulls, strict=True)]
    schema = pa.schema([field for field in RECORDS.schema if field.name in values])
    columns = {field.name: pa.array(values[field.name], field.type) for field in schema}
    return AnyTable(pa.table(columns, schema=schema), draw(st.booleans()))


def _unless_refused(asked: Callable[[Any], Any], given: Any) -> Any:
    """Return what is found in a table; None where a whole sentence says why nothing can be."""
    try:
        return asked(given)
    except SpmcError as refusal:
        check_sentence(refusal)
        return None


def check_records(drawn: AnyTable) -> str:
    """Investigate some records: it says in a sentence why it cannot, or every record and account is in the result.

    Returns
    -------
    str
        What came of it: ``"refused"``, ``"looked at"`` or ``"named"``.
    """
    found = _unless_refused(spmc.investigate, drawn.given)
    if found is None:
        return "refused"
    frame = drawn.frame
    left_out = found.notes["records"].get("duplicate_records_left_out", 0)
    keys = [name for name in ("platform", "record_id") if name in frame]
    kept = frame[keys].astype(object).where(frame[keys].notna(), None).apply(tuple, axis=1).nunique()
    assert (left_out, int(found.accounts["n_records"].sum())) == (len(frame) - kept, kept)
    if not left_out and "account_ids_on_several_platforms" not in found.notes["records"]:
        assert sorted(found.accounts["account_id"]) == sorted(frame["account_id"].unique())
    for name, schema in stored.SCHEMAS.items():
        assert list(getattr(found, name).columns) == schema.names
    assert all(len(row["reason"]) > 10 for row in found.not_run)
    tiers = found.accounts["tier"]
    named = found.accounts.loc[tiers.isin(["A", "B"]), "account_id"].tolist()
    assert all(account in set(found.evidence(account)["account_id"]) for account in named[:1])
    return "named" if named else "looked at"


def check_sentence(refusal: SpmcError) -> None:
    """See that a refusal is one sentence for people: it begins and ends as one, on one line, and is no dump."""
    said = str(refusal)
    assert said.endswith((".", "…)")) and said[:1].isalpha()
    assert "\n" not in said and len(said) < 600 and "Traceback" not in said


@st.composite
def actions(draw: st.DrawFn) -> AnyTable:
    """Draw 1 to 400 actions: ids as text or whole numbers, with and without sources, times as times or as seconds.

    In one table of eight ten accounts do nothing but act together for a month.
    """
    campaign = draw(st.integers(0, 7)) == 7
    n = draw(
        st.integers(300, 400) if campaign else st.one_of(st.integers(1, 12), st.integers(1, 60), st.integers(1, 400))
    )
    together = 10 if campaign else draw(st.sampled_from([1, 4, 10]))
    d = _Draw(np.random.default_rng(draw(st.integers(0, 2**32 - 1))), n, together)
    styles = [None, *ID_STYLES.values()]

    def ids(x: list[int]) -> list[Any]:
        style = d.one(styles)
        return [style(v) for v in x] if style else [v * 2**50 if v % 11 == 10 else v - 5 for v in x]

    accounts = 10 if campaign else draw(st.sampled_from([1, 2, 10, n]))
    objects = n if campaign else draw(st.sampled_from([1, 3, 20, n, -1]))
    who = np.arange(n) if d.together > 1 else d.rng.integers(n, size=n)
    frame = pd.DataFrame(
        {
            "account_id": ids((who % accounts).tolist()),
            "object_id": ids(list(range(n)) if objects < 0 else d.numbers(objects)),
        }
    )
    t_us = _together_for_a_month(d) if campaign else _times(d)
    how = draw(st.sampled_from(["times", "times", "whole", "parts", "negative", "odd"]))
    if how == "times":
        frame["t"] = pa.array(t_us, pa.timestamp("us", tz="UTC")).to_pandas()
    elif how == "whole":
        frame["t"] = t_us // 1_000_000
    else:
        frame["t"] = t_us / 1e6 if how == "parts" else -(t_us - _START_US) / 1e6
    if how == "odd" and draw(st.booleans()):
        frame.loc[n // 2, "t"] = draw(st.sampled_from([np.inf, -np.inf, np.nan, 1e300, 1e13]))
    if draw(st.booleans()):
        sources = ids(d.numbers(draw(st.sampled_from([1, 3, 20]))))
        nulls = d.rng.random(n) < draw(st.sampled_from([0.0, 0.0, 0.3, 1.0]))
        number = isinstance(sources[0], int)
        values = pd.Series(sources, dtype="Int64" if number else object)
        frame["source_id"] = values.mask(nulls, None if not number else pd.NA)
    if draw(st.booleans()):
        frame["record_id"] = [f"r{x}" for x in range(n)]
    return AnyTable(pa.Table.from_pandas(frame, preserve_index=False), draw(st.booleans()))


def check_actions(drawn: AnyTable) -> str:
    """Assess some actions: it says in a sentence why it cannot, or every account is in the result.

    Returns
    -------
    str
        As :func:`check_records`.
    """
    found = _unless_refused(spmc.assess, drawn.given)
    if found is None:
        return "refused"
    frame = drawn.frame
    assert sorted(found.accounts["account_id"]) == sorted(frame["account_id"].unique())
    notes = found.notes
    assert notes["n_actions"] == len(frame)
    counted = ("n_actions_repeated", "n_actions_hot", "n_actions_retained")
    assert sum(notes[name] for name in counted) == len(frame)
    assert notes["n_actions_repeated"] == int(frame.duplicated(["account_id", "object_id"]).sum())
    for column in ("p", "q"):
        assert found.accounts[column].between(0, 1).all() and found.edges[column].between(0, 1).all()
    assert np.isfinite(found.accounts["score"]).all()
    return "named" if found.accounts["named"].any() else "looked at"
