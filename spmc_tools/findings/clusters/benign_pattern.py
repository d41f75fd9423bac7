r"""The newsroom pattern: a benign cause of printing the same texts, measured from the records of a cluster alone.

Newsrooms that print one wire, or put headlines out on second 0 with one tool, do act together. What tells them from a
campaign is the rest of what they do: own originals on many subjects, day after day, that lead to one site of their own.
For an account *i* of a cluster:

* **shared**: its records that have something in common with another member in a trace that the pattern explains: a copy
  of a text, an address, a row of tags, a picture;
* **own originals**: posts (no replies, quotes, reposts) with a text of at least thirty characters that nobody in the
  collection posted before, in any copy, and without an address that another member linked to; each text once.
  :math:`n_i` of them, and their share of all records of *i*;
* **site**: the registrable domain that most of its records with a link lead to; the share of these records that lead
  there; the share of its own originals that do, and of what it shares (a newsroom prints the wire on its own pages);
  and, of the records of the whole cluster that lead there, its own share (*sole*). Platforms, free hosts and short
  links are nobody's site;
* **topics**: the effective number of topics of its own originals,

  .. math:: D_i = \frac{n_i^2}{\sum_{a,b} Z_{ab}}, \qquad Z_{ab} = \frac{|W_a \cap W_b|}{\sqrt{|W_a|\,|W_b|}}

  over all ordered pairs of texts, each with itself too; :math:`W` are the different words of at least four characters
  of the match key. :math:`D = n` where no two texts share a word, 1 where all are alike. Words in more than half of
  the account's texts that no other member uses are its name, and left out;
* **days**: 24-hour blocks, from the first record of the cluster to its last, with an own original.

An account **has the pattern** where all of it is strong: the limits are the constants of this module. The pattern
**decides** where accounts with it, and those that an officer registered, are at least two thirds of the cluster, and
what the cluster shares is on many topics too (*D* over the texts that at least two members wrote; the words of such a
text are those in at least half of its copies, which leaves rubrics out). Then the accounts with the pattern, and no
others of the cluster, have no tier for texts, links, tags and pictures in common. Reposting or replying together is
nothing that a newsroom's work explains, and keeps its tier.

The limits: ``MIN_OWN`` own originals and ``MIN_OWN_SHARE`` of all records of the account; ``MIN_SITE_SHARE`` of the
records with a link, of the own originals and of the shared ones lead to the account's site, and of the records of the
cluster that lead there it has ``MIN_SOLE``; ``MIN_TOPICS`` effective topics of the own originals, and of the texts that
the cluster shares; an own original on ``MIN_DAYS`` days, and on ``MIN_DAY_SHARE`` of the days of the cluster.
``MAJORITY`` is the share of the cluster that has the pattern or is registered. ``EXPLAINED`` are the traces that the
work of a newsroom explains: a new one is not explained until it is named here. ``NOBODYS_SITE`` are platforms and hosts
where a page costs nothing.

Notes
-----
Assumptions: the collection holds what the accounts ordinarily post, not only what matched a search; links are expanded.
Words are compared, never read: no list of words, no opinion, no language. Nothing here depends on accounts outside the
cluster, except that their texts can come first, and the number of readers, which is shown and decides nothing.

Known errors. A campaign *can* buy the pattern: one domain for each account, at least ten own originals on many subjects
that lead there on half of the days, and what it shares put on these domains too, in texts with few words in common.
Then it has no tier, and its numbers stand beside it. Newsrooms that link to the wire's pages, to platforms only or
through short links, that write little of their own or on one beat, or of whom fewer than two thirds have all of this,
are not cleared: an officer registers them. The limits were set looking at one real set of campaigns: accounts of the
one with a single subject have :math:`D = 5` (median), those of one that passed for local newsrooms 15. There the site
is all that tells the latter from newsrooms; and texts that the former shares have :math:`D = 8.8`, so that the
condition on shared texts stops a slogan, not a campaign that varies its words.

References
----------
Leinster and Cobbold (2012), Measuring diversity: the importance of species similarity, Ecology 93, 477–489 (order 2);
Simpson (1949), Measurement of diversity, Nature 163, 688; Ochiai (1957) for :math:`Z`. The rule is this project's own.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from spmc_tools.coaction.traces.objects import SHORT_LINK
from spmc_tools.coaction.traces.trace import lacking
from spmc_tools.coaction.traces.trace_catalogue import TRACES, actions_of
from spmc_tools.text.match_key import match_key
from spmc_tools.text.text_cache import remembered

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

__all__ = [
    "EXPLAINED", "Material", "Patterns", "Reading", "benign_patterns", "effective_topics", "material", "reading",
]  # fmt: skip

MIN_OWN, MIN_OWN_SHARE = 10, 0.2
MIN_SITE_SHARE, MIN_SOLE, MIN_TOPICS = 0.5, 0.9, 6.0
MIN_DAYS, MIN_DAY_SHARE = 3, 0.5
MAJORITY = 2 / 3
EXPLAINED = frozenset({"copypasta", "co_url", "co_domain", "co_hashtag_sequence", "co_media"})
NOBODYS_SITE = frozenset(
    {
        "blogspot.com", "facebook.com", "fb.com", "github.io", "google.com", "instagram.com", "kooapp.com",
        "linkedin.com", "linktr.ee", "medium.com", "pinterest.com", "reddit.com", "sharechat.com", "substack.com",
        "t.me", "telegra.ph", "telegram.me", "threads.net", "tiktok.com", "tumblr.com", "twitter.com", "wa.me",
        "weebly.com", "whatsapp.com", "wixsite.com", "wordpress.com", "x.com", "youtu.be", "youtube.com",
    }
)  # fmt: skip
_OWN_KINDS = ("post", "message")
_SHORTEST_WORD, _DAY_S = 4, 86_400


@dataclass(frozen=True, slots=True)
class Material:
    """What is read from the records of some accounts.

    Attributes
    ----------
    records : pandas.DataFrame
        ``account_id, record_id, t`` (seconds) of every record of theirs.
    texts : pandas.DataFrame
        ``account_id, record_id, object_id`` (leader of the copies), ``own`` and ``words`` (frozenset) of what they
        wrote and is long enough.
    links : pandas.DataFrame
        ``account_id, record_id, object_id`` (the address), ``site``; null where the address is nobody's site.
    others : pandas.DataFrame
        ``account_id, record_id, object_id`` of the other traces that were run and that the pattern explains.
    readers : mapping of account -> frozenset
        Who reposted, quoted or answered it.
    missing : tuple of str
        Columns without which nothing is measured; then the tables are empty.
    """

    records: pd.DataFrame
    texts: pd.DataFrame
    links: pd.DataFrame
    others: pd.DataFrame
    readers: Mapping[str, frozenset[str]]
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """The pattern in one cluster.

    ``cluster``: its numbers, columns of the table ``cluster_patterns``. ``accounts``: account -> numbers, columns of
    ``account_patterns``; empty where nothing could be measured.
    """

    cluster: dict[str, Any]
    accounts: dict[str, dict[str, Any]]

    @property
    def cleared(self) -> frozenset[str]:
        """Accounts whose tier the pattern decides."""
        return frozenset(account for account, numbers in self.accounts.items() if numbers["decides"])


@dataclass(frozen=True, slots=True)
class Patterns:
    """The pattern in some clusters.

    Attributes
    ----------
    accounts : dict
        Account -> numbers, columns of ``account_patterns``.
    clusters : tuple of dict
        Numbers of each cluster in the order of the clusters, columns of ``cluster_patterns``; empty where no trace was
        run that the pattern explains.
    notes : dict
        ``n_measured`` accounts, ``n_pattern`` of them have the pattern, of ``n_decided`` it decides the tier, in
        ``n_clusters`` clusters; ``missing``: columns for want of which nothing was measured; ``looked``: whether a
        trace was run that it explains.
    """

    accounts: dict[str, dict[str, Any]]
    clusters: tuple[dict[str, Any], ...]
    notes: dict[str, Any]


def benign_patterns(
    records: pa.Table,
    clusters: Sequence[Sequence[str]],
    context: Mapping[str, str],
    actions: Mapping[str, pa.Table] | None = None,
) -> Patterns:
    """Return the pattern of each cluster and of each of its members, and what is to be said of it.

    Parameters
    ----------
    records : pyarrow.Table
        The whole collection.
    clusters : sequence of sequences of str
        The accounts of each. Of an account in several, that of the first speaks, unless it decides in all of them.
    context : mapping of account -> kind
        Registered accounts.
    actions : mapping of trace -> pyarrow.Table, optional
        Actions that were read from the same records already, of the traces that were run. Where none of them is one
        that the pattern explains, nothing is measured.
    """
    if actions is not None and EXPLAINED.isdisjoint(actions):
        counts: dict[str, Any] = dict.fromkeys(("n_measured", "n_pattern", "n_decided", "n_clusters"), 0)
        return Patterns({}, (), counts | {"missing": [], "looked": False})
    found = material(records, [account for accounts in clusters for account in accounts], actions)
    readings = [reading(found, accounts, context) for accounts in clusters]
    patterns: dict[str, dict[str, Any]] = {}
    for cluster_reading in readings:
        for account, numbers in cluster_reading.accounts.items():
            before = patterns.setdefault(account, numbers)
            if before is not numbers and not numbers["decides"]:
                patterns[account] = {**before, "decides": False}
    notes = {
        "n_measured": len(patterns),
        "n_pattern": sum(measured["pattern"] for measured in patterns.values()),
        "n_decided": sum(measured["decides"] for measured in patterns.values()),
        "n_clusters": sum(cluster_reading.cluster["decides"] for cluster_reading in readings),
        "missing": list(found.missing),
        "looked": True,
    }
    return Patterns(patterns, tuple(cluster_reading.cluster for cluster_reading in readings), notes)


def material(records: pa.Table, accounts: Collection[str], actions: Mapping[str, pa.Table] | None = None) -> Material:
    """Return what is read from the records of some accounts, for :func:`reading`.

    Parameters
    ----------
    records : pyarrow.Table
        The whole collection: others' texts can come first.
    accounts : collection of str
        Members of clusters.
    actions : mapping of trace -> pyarrow.Table, optional
        Actions that were read from the same records already.
    """
    known = actions or {}
    missing = tuple(dict.fromkeys(need for name in ("copypasta", "co_url") for need in lacking(records, TRACES[name])))
    members = pa.array(sorted(set(accounts)), type=pa.string())
    if missing or not len(members):
        nothing = _empty("object_id", "own", "words"), _empty("object_id", "site"), _empty("object_id")
        return Material(_records(records, members), *nothing, {}, missing)
    copies = known.get("copypasta", None)
    copies = actions_of(records, "copypasta") if copies is None else copies
    mine = records.filter(pc.is_in(records["account_id"], value_set=members))
    addresses = known.get("co_url", None)
    addresses = actions_of(mine, "co_url") if addresses is None else addresses
    others = {name: known[name] for name in sorted(EXPLAINED.intersection(known) - {"copypasta", "co_url"})}
    return Material(
        _records(records, members),
        _texts(copies, mine),
        _links(addresses, members),
        _others(others, members),
        _readers(mine, records),
    )


def reading(found: Material, members: Sequence[str], registered: Collection[str] = ()) -> Reading:
    """Return the pattern in one cluster, whatever it was found by, from the records of its members.

    Parameters
    ----------
    found : Material
        Of at least these accounts.
    members : sequence of str
        The cluster.
    registered : collection of str
        Accounts that an officer registered.
    """
    inside = frozenset(members)
    listed = sorted(inside.intersection(registered))
    if found.missing:
        whole = _whole(len(inside), 0, 0, len(listed), (0, 0.0))
        return Reading({**whole, "decides": False, "missing": list(found.missing)}, {})
    records, texts, links = (_of(table, inside) for table in (found.records, found.texts, found.links))
    shared = _shared(texts)
    topics = effective_topics(shared.values())
    facts = _Facts(records, texts, links, _in_common(texts, links, _of(found.others, inside)))
    readers = {account: found.readers.get(account, frozenset()) - inside for account in inside}
    measured = {account: facts.of(account, len(readers[account])) for account in sorted(inside)}
    benign = {account for account, numbers in measured.items() if numbers["pattern"]}
    decides = bool(benign) and len(benign.union(listed)) >= MAJORITY * len(inside) and topics >= MIN_TOPICS
    for account, numbers in measured.items():
        numbers["decides"] = decides and account in benign
    whole = _whole(len(inside), len(inside), len(benign), len(listed), (len(shared), topics))
    return Reading({**whole, "decides": decides, "missing": []}, measured)


def effective_topics(texts: Iterable[Collection[str]]) -> float:
    r"""Return :math:`n^2 / \sum_{ab} Z_{ab}` of some texts, between 1 and their number; 0 without a text.

    Parameters
    ----------
    texts : iterable of collections of str
        The different words of each text; one without a word is left out.

    Notes
    -----
    :math:`\sum_{ab} Z_{ab} = \sum_w (\sum_a [w \in W_a] / \sqrt{|W_a|})^2`, so that time is linear in the words.

    References
    ----------
    Leinster and Cobbold (2012), Ecology 93, 477–489, order 2.
    """
    weight: dict[str, float] = {}
    count = 0
    for words in texts:
        if words:
            count += 1
            each = len(words) ** -0.5
            for word in sorted(words):
                weight[word] = weight.get(word, 0.0) + each
    return count * count / sum(weight[word] ** 2 for word in sorted(weight)) if count else 0.0


# -- what is read ---------------------------------------------------------------------------------------------------


def _empty(*names: str) -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series(dtype=object) for name in ("account_id", "record_id", *names)})


def _of(table: pd.DataFrame, accounts: frozenset[str]) -> pd.DataFrame:
    return table[table["account_id"].isin(accounts)]


def _records(records: pa.Table, members: pa.Array) -> pd.DataFrame:
    mine = records.filter(pc.is_in(records["account_id"], value_set=members)).select(
        ["account_id", "record_id", "created_at"]
    )
    frame: pd.DataFrame = mine.to_pandas()
    seconds = mine["created_at"].cast(pa.int64()).to_numpy() / 1e6
    return frame.drop(columns="created_at").assign(t=seconds)


def _texts(copies: pa.Table, mine: pa.Table) -> pd.DataFrame:
    """Return what the accounts wrote; ``own``: a post of theirs, strictly before anybody else's copy."""
    members = mine["account_id"].unique()
    wanted = copies["object_id"].filter(pc.is_in(copies["account_id"], value_set=members)).unique()
    used: pd.DataFrame = (
        copies.filter(pc.is_in(copies["object_id"], value_set=wanted))
        .select(["account_id", "record_id", "object_id", "t"])
        .to_pandas()
    )
    first = used.groupby(["object_id", "account_id"], sort=True)["t"].min().reset_index()
    earliest = first.groupby("object_id")["t"].transform("min")
    first = first[first["t"] == earliest]
    alone = first[~first["object_id"].duplicated(keep=False)].set_index("object_id")["account_id"]
    written = mine.filter(pc.is_in(mine["record_id"], value_set=copies["record_id"].unique()))
    texts = written["text"].to_pylist()
    each = list(dict.fromkeys(text for text in texts if text))
    key_of = dict(zip(each, remembered("match_key", each, match_key), strict=True))
    keys = pd.Series([key_of.get(text, "") for text in texts], index=written["record_id"].to_pylist(), dtype=object)
    posts = written["record_id"].filter(pc.is_in(written["kind"], value_set=pa.array(_OWN_KINDS)))
    used = used[used["record_id"].isin(keys.index)].drop(columns="t").reset_index(drop=True)
    is_own = (used["object_id"].map(alone) == used["account_id"]) & used["record_id"].isin(posts.to_pylist())
    return used.assign(own=is_own, words=used["record_id"].map(keys).map(_words))


def _links(addresses: pa.Table, members: pa.Array) -> pd.DataFrame:
    mine = addresses.filter(pc.is_in(addresses["account_id"], value_set=members))
    frame: pd.DataFrame = mine.select(["account_id", "record_id", "object_id", "source_id"]).to_pandas()
    site = {source: _site(source) for source in frame["source_id"].dropna().unique()}
    sites = pd.Series([site.get(source) for source in frame["source_id"]], index=frame.index, dtype=object)
    return frame.drop(columns="source_id").assign(site=sites)


def _others(actions: Mapping[str, pa.Table], members: pa.Array) -> pd.DataFrame:
    parts = [_empty("object_id")]
    for name, table in actions.items():
        mine = table.filter(pc.is_in(table["account_id"], value_set=members))
        frame: pd.DataFrame = mine.select(["account_id", "record_id", "object_id"]).to_pandas()
        parts.append(frame.assign(object_id=[f"{name} {value}" for value in frame["object_id"]]))
    return pd.concat([part for part in parts if len(part)] or parts, ignore_index=True)


def _site(source: str) -> str | None:
    """Return the registrable domain where it can be somebody's own; None for platforms, free hosts, short links."""
    from ural import is_shortened_url

    if "/" in source or source == SHORT_LINK or source in NOBODYS_SITE or is_shortened_url(f"https://{source}/a"):
        return None
    return source


def _readers(mine: pa.Table, records: pa.Table) -> dict[str, frozenset[str]]:
    """Return who refers to the records of the accounts, themselves left out."""
    if "ref_record_id" not in records.column_names:
        return {}
    author = dict(zip(mine["record_id"].to_pylist(), mine["account_id"].to_pylist(), strict=True))
    about = records.filter(pc.is_in(records["ref_record_id"], value_set=mine["record_id"].combine_chunks()))
    found: dict[str, set[str]] = {}
    for reader, ref in zip(about["account_id"].to_pylist(), about["ref_record_id"].to_pylist(), strict=True):
        if reader != author[ref]:
            found.setdefault(author[ref], set()).add(reader)
    return {account: frozenset(who) for account, who in found.items()}


# -- what is measured -----------------------------------------------------------------------------------------------


def _words(key: str) -> frozenset[str]:
    return frozenset(word for word in key.split() if len(word) >= _SHORTEST_WORD)


def _shared(texts: pd.DataFrame) -> dict[str, frozenset[str]]:
    """Return the texts that at least two accounts wrote, with the words in at least half of their copies."""
    copies = texts.drop_duplicates(["account_id", "object_id"])
    found = {}
    for text, words in copies.groupby("object_id", sort=True)["words"]:
        if len(words) > 1:
            uses = Counter(word for word_set in words for word in word_set)
            found[str(text)] = frozenset(word for word, n in uses.items() if 2 * n >= len(words))
    return found


def _in_common(*tables: pd.DataFrame) -> frozenset[str]:
    """Return the records with an object of any of the tables that two accounts or more have there."""
    found: set[str] = set()
    for table in tables:
        users = table.groupby("object_id")["account_id"].nunique()
        found.update(table["record_id"][table["object_id"].isin(users.index[users > 1])])
    return frozenset(found)


def _whole(size: int, n_measured: int, n_pattern: int, n_registered: int, shared: tuple[int, float]) -> dict[str, Any]:
    return {
        "n_members": size,
        "n_measured": n_measured,
        "n_pattern": n_pattern,
        "n_registered": n_registered,
        "n_shared_texts": shared[0],
        "shared_topics": shared[1],
    }


_SITE_SHARES = ("site_share", "own_linked", "shared_linked", "sole_share")


class _Facts:
    """The records of one cluster, asked for one member at a time."""

    def __init__(
        self, records: pd.DataFrame, texts: pd.DataFrame, links: pd.DataFrame, in_common: frozenset[str]
    ) -> None:
        self.begin = float(records["t"].min()) if len(records) else 0.0
        self.days = int((records["t"].max() - self.begin) // _DAY_S) + 1 if len(records) else 0
        self.records = dict(list(records.assign(shared=records["record_id"].isin(in_common)).groupby("account_id")))
        is_own = texts["own"].astype(bool) & ~texts["record_id"].isin(_in_common(links))
        texts = (
            texts.assign(own=is_own).merge(records[["record_id", "t"]], on="record_id").sort_values(["t", "record_id"])
        )
        self.texts = dict(list(texts.groupby("account_id")))
        self.links = dict(list(links.groupby("account_id")))
        pages = links.dropna(subset="site").drop_duplicates(["record_id", "site"])
        self.of_site = pages.groupby("site")["record_id"].nunique()
        self.users = Counter[str]()
        for written in self.texts.values():
            self.users.update(frozenset[str]().union(*written["words"]))

    def of(self, account: str, n_readers: int) -> dict[str, Any]:
        """Return the numbers of one member and whether it has the pattern."""
        records = self.records.get(account, _empty("t", "shared"))
        texts = self.texts.get(account, _empty("object_id", "own", "words", "t"))
        owned = texts[texts["own"].astype(bool)].drop_duplicates("object_id")
        shared = records[records["shared"].astype(bool)]
        days = {int((t - self.begin) // _DAY_S) for t in owned["t"]}
        busy = {int(t // 3600) for t in shared["t"]}
        numbers = {
            "n_own": len(owned),
            "own_share": len(owned) / len(records) if len(records) else 0.0,
            **self._site(account, set(owned["record_id"]), set(shared["record_id"])),
            "topics": self._topics(list(owned["words"])),
            "n_days": len(days),
            "day_share": len(days) / self.days if self.days else 0.0,
            "n_shared": len(shared),
            "outside_share": sum(int(t // 3600) not in busy for t in owned["t"]) / len(owned) if len(owned) else 0.0,
            "n_readers": n_readers,
        }
        return {"pattern": _strong(numbers), **numbers}

    def _site(self, account: str, own_ids: set[str], shared: set[str]) -> dict[str, Any]:
        """Return the site of an account: its links, how many lead there, and who else's do."""
        links = self.links.get(account, _empty("site"))
        n_links = int(links["record_id"].nunique())
        counts = links.dropna(subset="site").groupby("site")["record_id"].nunique()
        if not len(counts):
            return {"site": None, "n_links": n_links} | dict.fromkeys(_SITE_SHARES, 0.0)
        site = min(counts.index, key=lambda name: (-counts[name], name))
        there = set(links.loc[links["site"] == site, "record_id"])
        return {
            "site": str(site),
            "n_links": n_links,
            "site_share": len(there) / n_links,
            "own_linked": len(there & own_ids) / len(own_ids) if own_ids else 0.0,
            "shared_linked": len(there & shared) / len(shared) if shared else 1.0,
            "sole_share": len(there) / int(self.of_site[site]),
        }

    def _topics(self, words: list[frozenset[str]]) -> float:
        uses = Counter(word for text in words for word in text)
        name = {word for word, n in uses.items() if 2 * n > len(words) and self.users[word] <= 1}
        return effective_topics(text - name for text in words)


def _strong(numbers: Mapping[str, Any]) -> bool:
    return bool(
        numbers["n_own"] >= MIN_OWN
        and numbers["own_share"] >= MIN_OWN_SHARE
        and min(numbers["site_share"], numbers["own_linked"], numbers["shared_linked"]) >= MIN_SITE_SHARE
        and numbers["sole_share"] >= MIN_SOLE
        and numbers["topics"] >= MIN_TOPICS
        and numbers["n_days"] >= MIN_DAYS
        and numbers["day_share"] >= MIN_DAY_SHARE
    )
