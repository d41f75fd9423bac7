"""Values of the finding cards: who, how often against what chance expects, the posts themselves, other explanations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from spmc_tools.desks.calendar import IST, bands
from spmc_tools.report.copies import marked_copies
from spmc_tools.report.groups import Group, groups, handles, named_accounts, numbers
from spmc_tools.report.received import span

if TYPE_CHECKING:
    import pandas as pd

    from spmc_tools.case.store import Case
    from spmc_tools.report.scope import Scope

__all__ = ["accounts", "carried", "findings", "in_bands"]

PAIRS = 8
OBJECTS = 3
POSTS = 4
MAX_CARDS = 40
TEXT = 1200
LEVEL = 0.05
FRESH_S = 300
RANGE = 0.99
"""Share of the chance distribution that the grey range of a chart holds."""


def findings(case: Case, scope: Scope, found: Any) -> dict[str, Any]:
    """Return one card per group with an account in tier A or B, at most 40, strongest first."""
    shown = groups(found)
    number = numbers(found)
    names = handles(case)
    posted = scope.records["created_at"].set_axis(scope.records["record_id"])
    cards = [_card(group, scope, found, number, names, posted) for group in shown[:MAX_CARDS]]
    return {"cards": cards, "more": max(0, len(shown) - MAX_CARDS)}


def carried(found: Any, group: Group) -> pd.DataFrame:
    """Return the records that carry the significant edges of a group, by time."""
    evidence: pd.DataFrame = found.evidence(group.cluster_id)
    return evidence[evidence["significant"].astype(bool)].reset_index(drop=True)


def _card(  # noqa: PLR0913, PLR0917 -- a card draws on everything that is known of its group
    group: Group,
    scope: Scope,
    found: Any,
    number: dict[str, int],
    names: dict[str, str],
    posted: pd.Series[Any],
) -> dict[str, Any]:
    evidence = carried(found, group)
    local = evidence["created_at"].dt.tz_convert(IST)
    tiers = dict(zip(found.accounts["account_id"], found.accounts["tier"], strict=True))
    return {
        "cluster": group.cluster_id,
        "size": len(group.members),
        "named": len(group.named),
        "others": len(group.others),
        "tier": min(tiers[account] for account in group.named),
        "traces": list(group.row["traces"]),
        "main_trace": _main_trace(evidence, group),
        "stability": group.row.get("stability"),
        "records": len(evidence),
        "sources": group.row.get("n_sources"),
        "objects": group.row.get("n_objects"),
        "days": int(local.dt.date.nunique()),
        "first": group.row["first_t"],
        "last": group.row["last_t"],
        "silence": in_bands(evidence, scope, "silence"),
        "members": [{"n": number[a], "name": names.get(a, a)} for a in group.named],
        "pairs": _pairs(group, found, number),
        "posts": _posts(evidence, number, names),
        "network": _network(found, group, number, evidence),
        "explanations": _explanations(group, evidence, scope, posted),
    }


def _main_trace(evidence: pd.DataFrame, group: Group) -> str:
    if not len(evidence):
        return str(group.row["traces"][0])
    counts = evidence["trace"].value_counts()
    return str(min(counts.index, key=lambda name: (-counts[name], name)))


def in_bands(records: pd.DataFrame, scope: Scope, what: str) -> int:
    """Return how many records fall into the calendar's bands of this kind, each counted once."""
    first, last = span(records)
    if first is None or last is None:
        return 0
    times = records["created_at"]
    inside = times.isna() & False
    for band in bands(first, last.replace(microsecond=999_999), scope.event):
        if band.what == what:
            inside |= (times >= band.start) & (times < band.end)
    return int(inside.sum())


def _pairs(group: Group, found: Any, number: dict[str, int]) -> list[dict[str, Any]]:
    """Return the pairs of the group's named accounts that chance explains least, one row each."""
    from scipy.stats import poisson

    edges = found.edges
    inside = set(group.named)
    own = edges[edges["account_a"].isin(inside) & edges["account_b"].isin(inside) & (edges["q"] < LEVEL)]
    own = own.sort_values(["p", "account_a", "account_b", "window_s"], kind="stable")
    own = own.drop_duplicates(["account_a", "account_b"])[:PAIRS]
    rows = []
    for edge in own.to_dict("records"):
        a, b = sorted((number[edge["account_a"]], number[edge["account_b"]]))
        tail = (1 - RANGE) / 2
        rows.append(
            {
                "a": a,
                "b": b,
                "n": int(edge["n_occasions"]),
                "expected": float(edge["expected"]),
                "low": int(poisson.ppf(tail, edge["expected"])),
                "high": int(poisson.ppf(1 - tail, edge["expected"])),
                "p": float(edge["p"]),
                "q": float(edge["q"]),
                "sources": int(edge["n_sources"]),
                "window_s": edge["window_s"],
                "trace": edge["trace"],
            }
        )
    return rows


def _posts(evidence: pd.DataFrame, number: dict[str, int], names: dict[str, str]) -> list[dict[str, Any]]:
    """Return the posts on the objects that most accounts share: at most 3 objects, 4 posts each, by time."""
    by_object = evidence.groupby(["trace", "object_id"], sort=True)["account_id"].nunique()
    chosen = by_object.sort_values(ascending=False, kind="stable")[:OBJECTS]
    blocks = []
    for trace, thing in chosen.index:
        own = evidence[(evidence["trace"] == trace) & (evidence["object_id"] == thing)]
        own = own.sort_values(["created_at", "record_id"], kind="stable")
        burst = _closest(own)
        texts = [None if text != text or text is None else str(text)[:TEXT] for text in burst["text"]]  # noqa: PLR0124
        copies = marked_copies(texts)
        start = burst["created_at"].iloc[0]
        rows = [
            {
                "n": number.get(row["account_id"]),
                "name": names.get(row["account_id"], row["account_id"]) if row["account_id"] in number else None,
                "at": row["created_at"],
                "after_s": (row["created_at"] - start).total_seconds(),
                "parts": copies[place],
                "lang": _language(row.get("lang")),
                "record": row["record_id"],
                "sha256": row.get("source_sha256"),
                "row": row.get("source_row"),
            }
            for place, row in enumerate(burst.to_dict("records"))
        ]
        blocks.append(
            {
                "trace": trace,
                "posts": rows,
                "same": len(rows) > 1 and len(set(texts)) == 1,
                "accounts": int(own["account_id"].nunique()),
            }
        )
    return sorted(blocks, key=lambda block: block["posts"][0]["at"])


def _closest(own: pd.DataFrame) -> pd.DataFrame:
    """Return the posts of one object, one per account, at most 4, from where they lie closest together."""
    own = own.drop_duplicates("account_id").reset_index(drop=True)
    if len(own) <= POSTS:
        return own
    width = own["created_at"].diff(POSTS - 1)
    end = int(width.dt.total_seconds().to_numpy()[POSTS - 1 :].argmin()) + POSTS - 1
    return own.iloc[end - POSTS + 1 : end + 1]


def _language(lang: object) -> str | None:
    """Return a language tag that HTML may carry; None where the data gives none that looks like one."""
    text = lang if isinstance(lang, str) else ""
    return text if 2 <= len(text) <= 8 and text.isascii() and text.replace("-", "").isalpha() else None


def _network(found: Any, group: Group, number: dict[str, int], evidence: pd.DataFrame) -> dict[str, Any]:
    """Return positions (0 to 1) and lines of the group; ``first`` is the account that was earliest most often."""
    from spmc_tools.network.layout import SIDE, layout

    graph = found.network(group.cluster_id)
    place = layout(graph, seed=int(found.parameters.get("seed") or 0))
    shown = [account for account in group.members if account in place]
    index = {account: n for n, account in enumerate(shown)}
    first = evidence.sort_values("created_at", kind="stable").drop_duplicates(["trace", "object_id"])["account_id"]
    early = first.value_counts()
    return {
        "nodes": [{"x": place[a][0] / SIDE, "y": place[a][1] / SIDE, "n": number.get(a)} for a in shown],
        "lines": sorted(sorted((index[a], index[b])) for a, b in graph.edges()),
        "first": number.get(str(early.index[0])) if len(early) else None,
        "first_times": int(early.iloc[0]) if len(early) else 0,
        "objects": int(early.sum()) if len(early) else 0,
    }


def _listed(value: Any) -> list[str]:
    return list(value) if value is not None and not isinstance(value, (str, float)) else []


def _explanations(group: Group, evidence: pd.DataFrame, scope: Scope, posted: pd.Series[Any]) -> list[dict[str, Any]]:
    """Return what speaks for and against an innocent reading: each a key of the wording, with its numbers."""
    total = max(1, len(evidence))
    records = scope.records
    own = int(records["account_id"].isin(group.members).sum())
    rest = max(0.0, 1 - len(evidence) / own) if own else None
    sources = int(group.row.get("n_sources") or 0)
    days = int(evidence["created_at"].dt.tz_convert(IST).dt.date.nunique())
    tags = sum(bool(_listed(value)) for value in evidence.get("hashtags", [])) / total
    sites = {urlsplit(url).netloc for value in evidence.get("urls", []) for url in _listed(value) if _is_url(url)}
    links = sum(bool(_listed(value)) for value in evidence.get("urls", [])) / total
    told: list[tuple[str, str, dict[str, Any]]] = []
    if "copypasta" in group.row["traces"]:
        told.append(("for", "ready_text", {}))
    if tags >= 0.5:
        told.append(("for", "hashtags", {"share": tags}))
    if links >= 0.5 and sites:
        told.append(("for", "links", {"share": links, "n": len(sites)}))
    if rest is not None:
        told.append(
            ("for" if rest >= 0.5 else "against", "other_life" if rest >= 0.5 else "little_else", {"share": rest})
        )
    told.append(("against" if days >= 3 else "for", "many_days" if days >= 3 else "few_days", {"n": days}))
    told.append(
        ("against" if sources >= 4 else "for", "many_sources" if sources >= 4 else "few_sources", {"n": sources})
    )
    told += _delay(evidence, posted)
    festival = in_bands(evidence, scope, "festival") / total
    if festival >= 0.5:
        told.append(("for", "festival", {"share": festival}))
    return [{"side": side, "what": what, "values": values} for side, what, values in told]


def _is_url(url: object) -> bool:
    try:
        return isinstance(url, str) and bool(urlsplit(url).netloc)
    except ValueError:
        return False


def _delay(evidence: pd.DataFrame, posted: pd.Series[Any]) -> list[tuple[str, str, dict[str, Any]]]:
    """Return what the time between original and repost says, where the originals are in the data."""
    if "kind" not in evidence or "ref_record_id" not in evidence:
        return []
    reposts = evidence[(evidence["kind"] == "repost") & evidence["ref_record_id"].isin(posted.index)]
    if len(reposts) < 5:
        return []
    originals = posted[~posted.index.duplicated()].reindex(reposts["ref_record_id"]).reset_index(drop=True)
    seconds = float(round((reposts["created_at"].reset_index(drop=True) - originals).dt.total_seconds().median()))
    return [
        ("for", "fresh", {"seconds": seconds}) if seconds <= FRESH_S else ("against", "stale", {"seconds": seconds})
    ]


def accounts(case: Case, scope: Scope, found: Any) -> dict[str, Any]:
    """Return the accounts in tier A or B by their number, and how many stand in which tier and on which basis."""
    number = numbers(found)
    names = handles(case)
    group_of = {a: place for place, group in enumerate(groups(found), start=1) for a in group.named}
    table = named_accounts(found)
    rows = [
        {
            "n": number[row["account_id"]],
            "name": names.get(row["account_id"]),
            "id": row["account_id"],
            "group": group_of.get(row["account_id"]),
            "tier": row["tier"],
            "traces": _listed(row["traces"]),
            "q": row["q"],
            "records": row["n_records"],
            "first": row["first_seen"],
            "last": row["last_seen"],
        }
        for row in table.to_dict("records")
    ]
    tiers = found.accounts["tier"].astype(object)
    return {
        "rows": sorted(rows, key=lambda row: row["n"]),
        "seen": len(found.accounts),
        "tiers": {name: int((tiers == name).sum()) for name in ("A", "B", "C")},
    }
