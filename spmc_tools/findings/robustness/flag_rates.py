"""The symmetric check: the share of accounts that are named, by script and language of their posts.

For every script and every language of the posts: accounts that posted in it, those among them in tier A or B, and the
exact interval of the share. An account with posts in two scripts counts in both. Script is a property of the text's
letters in Unicode; language is what the data itself says of a post, never guessed. Nothing here knows, or asks, who a
person is.

Notes
-----
Assumption of the interval: accounts are independent. Members of one group are not: a single group that writes one
language moves the rate of that language far beyond its interval. So a difference is a question (which group is it, and
is the finding right?), never an answer about those who write a language. Accounts whose posts have no text (a bare
repost) stand under "none".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spmc_tools.chance.statistics.share_interval import share_interval
from spmc_tools.findings.robustness.looked_at import NAMED
from spmc_tools.text.scripts import SCRIPTS, script_of

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

__all__ = ["FEWEST", "flag_rates"]

FEWEST = 20
"""With fewer accounts nothing is said of a script or language."""

MOST_LANGUAGES = 20


def flag_rates(records: pa.Table | pd.DataFrame, accounts: pd.DataFrame) -> dict[str, Any]:
    """Return the share of named accounts by script and language of their posts.

    Parameters
    ----------
    records : pyarrow.Table or pandas.DataFrame
        ``account_id`` and, where there are any, ``text`` and ``lang``.
    accounts : pandas.DataFrame
        ``account_id`` and ``tier`` of every account.

    Returns
    -------
    dict
        ``all``: ``accounts, named, share, low, high``. ``scripts`` and ``languages``, by accounts: the same with
        ``value``, ``posts`` and ``differs`` ("higher", "lower", None where the interval holds the share of all, or
        "few" below 20 accounts). ``languages`` is None where the data tells none; ``other_languages`` counts those
        beyond the first twenty.
    """
    import pyarrow as pa

    table = records if isinstance(records, pa.Table) else pa.Table.from_pandas(records, preserve_index=False)
    columns = [name for name in ("account_id", "text", "lang") if name in table.column_names]
    posts = table.select(columns).to_pandas()
    named = set(accounts.loc[accounts["tier"].isin(NAMED), "account_id"])
    whole = _rate(len(accounts), int(accounts["account_id"].isin(named).sum()))
    scripts: list[dict[str, Any]] = []
    if "text" in posts:
        of_text = {text: script_of(text) for text in posts["text"].dropna().unique()}
        posts["script"] = posts["text"].map(of_text).fillna("none")
        scripts = _by(posts, "script", named, whole["share"])
        scripts.sort(key=lambda row: (-row["accounts"], SCRIPTS.index(row["value"])))
    languages = None
    if "lang" in posts and posts["lang"].notna().any():
        languages = _by(posts[posts["lang"].notna()], "lang", named, whole["share"])
        languages.sort(key=lambda row: (-row["accounts"], row["value"]))
    return {
        "all": whole,
        "scripts": scripts,
        "languages": None if languages is None else languages[:MOST_LANGUAGES],
        "other_languages": max(0, len(languages or ()) - MOST_LANGUAGES),
    }


def _rate(accounts: int, named: int) -> dict[str, Any]:
    low, high = share_interval(named, accounts)
    share = named / accounts if accounts else None
    return {"accounts": accounts, "named": named, "share": share, "low": low, "high": high}


def _by(posts: pd.DataFrame, name: str, named: set[str], share: float | None) -> list[dict[str, Any]]:
    rows = []
    counts = posts.groupby(name, sort=True).size()
    for value, part in posts.drop_duplicates([name, "account_id"]).groupby(name, sort=True):
        rate = _rate(len(part), int(part["account_id"].isin(named).sum()))
        rows.append({"value": str(value), "posts": int(counts[value]), **rate, "differs": _differs(rate, share)})
    return rows


def _differs(rate: dict[str, Any], share: float | None) -> str | None:
    if rate["accounts"] < FEWEST or share is None:
        return "few"
    return "higher" if rate["low"] > share else "lower" if rate["high"] < share else None
