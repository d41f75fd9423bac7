"""Values of the finding cards: who, how often against what chance expects, the posts themselves, other explanations."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from spmc_tools.case.acts.marks import marks_of
from spmc_tools.coaction.traces.trace_catalogue import TRACES
from spmc_tools.desks.base.calendar import IST, bands
from spmc_tools.findings.clusters.ordinary_patterns import fitting
from spmc_tools.findings.tiers.exculpatory import SharedActivity, exculpatory_points
from spmc_tools.report.scope.received import inside, span
from spmc_tools.report.scope.same_files import files_beside
from spmc_tools.report.sections.groups.account_values import AccountTable, NamedAccount, PairOfGroup, PairTable
from spmc_tools.report.sections.groups.base_rates import cited_rates, like_this
from spmc_tools.report.sections.groups.benign import decided, pattern_rows
from spmc_tools.report.sections.groups.card_values import (
    Card,
    Cards,
    Explanation,
    LinkedPair,
    Member,
    NetworkNode,
    NetworkPicture,
    PostBlock,
    ReceivedFile,
    ShownPost,
    SilenceShare,
    Unnamed,
)
from spmc_tools.report.sections.groups.course import over_time, parts
from spmc_tools.report.sections.groups.grounds import below_in_one_kind, chance_range, grounds, of_accounts
from spmc_tools.report.sections.groups.shown_groups import Group, groups, handles, named_accounts, numbers
from spmc_tools.report.sections.groups.told import Told
from spmc_tools.report.sections.story.post_figures import PostExtras, key_of
from spmc_tools.report.values.declaration import Declaration
from spmc_tools.report.values.section_values import values_from
from spmc_tools.report.words.text_differences import commonest, marked_copies

if TYPE_CHECKING:
    import pandas as pd

    from spmc_tools.case.store.case import Case
    from spmc_tools.findings.result.findings import Findings
    from spmc_tools.findings.tiers.exculpatory import Point
    from spmc_tools.report.scope.same_files import FilesBesideBands
    from spmc_tools.report.scope.scope import Scope

__all__ = [
    "SECTIONS",
    "accounts",
    "carried",
    "explanations",
    "files_of",
    "findings",
    "in_bands",
    "of_named",
    "pairs_of",
    "posted_at",
    "silence_of",
]

PAIRS, ALL_PAIRS = 8, 200
OBJECTS = 2
POSTS = 3
MAX_CARDS = 40
TEXT = 1200
LEVEL = 0.05
OWN_SOURCES = frozenset(name for name, trace in TRACES.items() if trace.source == "itself")
"""Traces whose objects have no source beside themselves: a copied text is counted as its own."""

CLEAR_Q, FEW_LINKS = 0.001, 2
"""From this figure after adjustment, or up to so many links, an account is marked as resting on little."""


def findings(case: Case, scope: Scope, found: Findings) -> Cards:
    """Return one card per group with an account in tier A or B, at most 40, strongest first."""
    shown = groups(found)
    number = numbers(found)
    told = Told(case, scope, found, number)
    beside, extras = files_beside(scope), PostExtras(case)
    known = _Known(scope, found, number, handles(case), posted_at(scope), files_of(case), beside, told, extras)
    cards = tuple(_card(group, known) for group in shown[:MAX_CARDS])
    return Cards(cards=cards, more=max(0, len(shown) - MAX_CARDS))


def with_rates(case: Case, scope: Scope, found: Findings) -> Cards:
    """Return the cards with what reviews of this machine said of groups like each, as it was when they were made."""
    made = findings(case, scope, found)
    return replace(made, rates=cited_rates(case, [(card.main_trace, card.story.rests) for card in made.cards]))


@dataclass(frozen=True)
class _Known:
    """What every card draws on: numbers and names of the accounts, times of all posts by id, file names by hash."""

    scope: Scope
    found: Findings
    number: dict[str, int]
    names: dict[str, str]
    posted: pd.Series[Any]
    files: dict[str, str]
    silence: FilesBesideBands
    told: Told
    extras: PostExtras


def files_of(case: Case) -> dict[str, str]:
    """Return the name under which each file was received, by its SHA-256."""
    return {batch.source_sha256: batch.source_name for batch in case.batches()}


def carried(found: Findings, group: Group) -> pd.DataFrame:
    """Return the records of the edges that carry a group, by time, those of its unnamed accounts too."""
    evidence: pd.DataFrame = found.evidence(group.cluster_id)
    return evidence[evidence["significant"].astype(bool)].reset_index(drop=True)


def of_named(evidence: pd.DataFrame, group: Group) -> pd.DataFrame:
    """Return the records of the accounts that may be named."""
    return evidence[evidence["account_id"].isin(group.named)].reset_index(drop=True)


def _card(group: Group, known: _Known) -> Card:
    everyone = carried(known.found, group)
    evidence = of_named(everyone, group)
    times = evidence["created_at"]
    links = pairs_of(known.found, group)
    like = like_this(known.found, group)
    blocks = _posts(everyone, group, known)
    return Card(
        cluster=group.cluster_id,
        size=len(group.members),
        named=len(group.named),
        others=_not_named(group, known.found),
        traces=tuple(group.row["traces"]),
        main_trace=_main_trace(evidence, group),
        platforms=_platforms(evidence),
        window_s=_window(known.found, group),
        records=len(evidence),
        shown=sum(len(block.posts) for block in blocks),
        sources=group.row.get("n_sources"),
        days=int(times.dt.tz_convert(IST).dt.date.nunique()),
        first=times.min() if len(times) else group.row["first_t"],
        last=times.max() if len(times) else group.row["last_t"],
        silence=silence_of(evidence, known.silence),
        members=tuple(Member(n=known.number[a], name=known.names.get(a, a)) for a in group.named),
        pairs=_pairs(links[:PAIRS], known.number),
        linked_pairs=len(links),
        newsrooms=pattern_rows(known.found, group.members),
        grounds=grounds(known.found, group, known.number),
        posts=blocks,
        files=_files(blocks),
        course=over_time(evidence, known.scope),
        parts=parts(known.found, group, known.number),
        network=_network(known.found, group, known.number),
        like=like,
        explanations=explanations(group, evidence, known.scope, known.posted),
        story=known.told.story(group, evidence, links, like),
        picture=known.told.picture(group, evidence),
    )


def _not_named(group: Group, found: Findings) -> Unnamed:
    """Return how many members are not named, by the reason."""
    unnamed = found.accounts[found.accounts["account_id"].isin(group.others)]
    kinds = unnamed["context"].notna() if "context" in unnamed else unnamed["account_id"].isna()
    newsroom = unnamed["account_id"].isin(decided(found)) & ~kinds
    pattern = unnamed["account_id"].isin(found.ordinary_patterns["account_id"]) & ~kinds & ~newsroom
    rest = ~kinds & ~newsroom & ~pattern
    in_one = unnamed["account_id"].isin(below_in_one_kind(found, LEVEL))
    above = rest & ~(unnamed["q"] < LEVEL) & ~in_one & unnamed["event_tier"].isna()
    event = rest & unnamed["event_tier"].notna() & ~unnamed["basis"].isin(["few", "one"])
    return Unnamed(
        n=len(group.others),
        known=int(kinds.sum()),
        newsroom=int(newsroom.sum()),
        pattern=int(pattern.sum()),
        event=int(event.sum()),
        above=int(above.sum()),
        q=float(unnamed.loc[above, "q"].min()) if above.any() and unnamed.loc[above, "q"].notna().any() else None,
        few=int((rest & ~above & ~event).sum()),
    )


def _files(blocks: tuple[PostBlock, ...]) -> tuple[ReceivedFile, ...]:
    """Return the received files that the shown posts stand in, each with its SHA-256, in the order of the posts."""
    names = {post.sha256: post.file for block in blocks for post in block.posts if post.sha256}
    return tuple(ReceivedFile(file=file, sha256=sha256) for sha256, file in names.items())


def _platforms(evidence: pd.DataFrame) -> tuple[str, ...]:
    if "platform" not in evidence:
        return ()
    counts = evidence.drop_duplicates("account_id")["platform"].dropna().value_counts()
    return tuple(sorted(counts.index, key=lambda name: (-counts[name], name)))


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
    return int(inside(records["created_at"], bands(first, last.replace(microsecond=999_999), scope.event), what).sum())


def silence_of(posts: pd.DataFrame, files: FilesBesideBands) -> SilenceShare:
    """Return how many of some posts lie in a silence period, beside what all posts of the same files do."""
    beside = files.beside(posts)
    return values_from(
        SilenceShare, beside, own=beside.n / beside.of if beside.of else None, unconfirmed=files.unconfirmed
    )


def pairs_of(found: Findings, group: Group) -> pd.DataFrame:
    """Return the linked pairs of a group's named accounts, one row each, the one that chance explains least first."""
    edges: pd.DataFrame = found.edges[found.edges["window_s"].notna()]
    pairs = edges[edges["account_a"].isin(group.named) & edges["account_b"].isin(group.named) & (edges["q"] < LEVEL)]
    pairs = pairs.sort_values(["p", "account_a", "account_b", "window_s"], kind="stable")
    return pairs.drop_duplicates(["account_a", "account_b"]).reset_index(drop=True)


def _window(found: Findings, group: Group) -> float | None:
    """Return the widest window of what a group's named accounts rest on; None where there is none."""
    from spmc_tools.findings.clusters.evidence import carrying

    edges: pd.DataFrame = found.edges
    links = edges[edges["account_a"].isin(group.named) & edges["account_b"].isin(group.named) & carrying(edges)]
    windows = links["window_s"].dropna()
    return float(windows.max()) if len(windows) else None


def _pairs(links: pd.DataFrame, number: dict[str, int]) -> tuple[LinkedPair, ...]:
    """Return linked pairs as values by the accounts' numbers, with what chance gives in 99 of 100 such pairs."""
    return tuple(sorted((_pair(edge, number) for edge in links.to_dict("records")), key=lambda pair: (pair.a, pair.b)))


def _pair(edge: dict[Any, Any], number: dict[str, int]) -> LinkedPair:
    a, b = sorted((number[edge["account_a"]], number[edge["account_b"]]))
    chance = chance_range(edge["expected"])
    return LinkedPair(
        a=a,
        b=b,
        label=f"{a} – {b}",
        seen=int(edge["n_occasions"]),
        expected=chance.expected,
        one_in=chance.one_in,
        low=chance.low,
        high=chance.high,
        p=float(edge["p"]),
        q=float(edge["q"]),
        sources=int(edge["n_sources"]),
        window_s=edge["window_s"],
        trace=edge["trace"],
    )


def _posts(evidence: pd.DataFrame, group: Group, known: _Known) -> tuple[PostBlock, ...]:
    """Return the posts on the objects that most named accounts share: at most 2 objects, 3 posts each, by time."""
    by_object = of_named(evidence, group).groupby(["trace", "object_id"], sort=True)["account_id"].nunique()
    chosen = by_object.sort_values(ascending=False, kind="stable")[:OBJECTS]
    blocks = []
    for trace, thing in chosen.index:
        posts = evidence[(evidence["trace"] == trace) & (evidence["object_id"] == thing)]
        posts = posts.sort_values(["created_at", "record_id"], kind="stable").drop_duplicates("account_id")
        blocks.append(_block(trace, posts, group, known))
    return tuple(sorted(blocks, key=lambda block: block.posts[0].at))


def _block(trace: str, object_posts: pd.DataFrame, group: Group, known: _Known) -> PostBlock:
    """Return the posts of one object, one per account: those closest in time, and how far apart they all lie."""
    burst = _closest(object_posts)
    texts = [text[:TEXT] if isinstance(text, str) else None for text in burst["text"]]
    copies = marked_copies(texts)
    start = burst["created_at"].iloc[0]
    posts = tuple(
        _post(row, start, None if pieces is None else tuple(pieces), known)
        for row, pieces in zip(burst.to_dict("records"), copies, strict=True)
    )
    text = commonest(texts)
    after = (object_posts["created_at"] - object_posts["created_at"].iloc[0]).dt.total_seconds()
    named = int(object_posts["account_id"].isin(group.named).sum())
    return PostBlock(
        trace=trace,
        posts=posts,
        same=len(posts) > 1 and len(set(texts)) == 1,
        commonest=text,
        lang=posts[texts.index(text)].lang if text is not None else None,
        accounts=named,
        others=len(object_posts) - named,
        spread_s=float(round(after.max())),
        half_s=float(round(after.median())),
    )


def _post(
    row: dict[Any, Any], start: pd.Timestamp, pieces: tuple[tuple[str, bool], ...] | None, known: _Known
) -> ShownPost:
    account, sha256 = row["account_id"], row.get("source_sha256")
    return ShownPost(
        n=known.number.get(account),
        name=known.names.get(account, account) if account in known.number else None,
        at=row["created_at"],
        after_s=(row["created_at"] - start).total_seconds(),
        parts=pieces,
        lang=_language(row.get("lang")),
        record=row["record_id"],
        url=url if isinstance(url := row.get("url"), str) else None,
        sha256=sha256,
        file=known.files.get(str(sha256)),
        row=row.get("source_row"),
        figures=known.extras.figures([row["record_id"]]).get(key_of(row)),
        captures=known.extras.captures(row),
    )


def _closest(object_posts: pd.DataFrame) -> pd.DataFrame:
    """Return the posts of one object, one per account, at most 3, from where they lie closest together."""
    object_posts = object_posts.drop_duplicates("account_id").reset_index(drop=True)
    if len(object_posts) <= POSTS:
        return object_posts
    width = object_posts["created_at"].diff(POSTS - 1)
    end = int(width.dt.total_seconds().to_numpy()[POSTS - 1 :].argmin()) + POSTS - 1
    return object_posts.iloc[end - POSTS + 1 : end + 1]


def _language(lang: object) -> str | None:
    """Return a language tag that HTML may carry; None where the data gives none that looks like one."""
    text = lang if isinstance(lang, str) else ""
    return text if 2 <= len(text) <= 8 and text.isascii() and text.replace("-", "").isalpha() else None


def _network(found: Findings, group: Group, number: dict[str, int]) -> NetworkPicture:
    """Return positions and lines of the group, and how often each pair was in step."""
    from spmc_tools.network.layout import SIDE, layout

    graph = found.network(group.cluster_id)
    place = layout(graph, seed=int(found.parameters.get("seed") or 0))
    shown = [account for account in group.members if account in place]
    index = {account: n for n, account in enumerate(shown)}
    lines = sorted(
        (min(index[a], index[b]), max(index[a], index[b]), int(attributes.get("n_occasions", 1)))
        for a, b, attributes in graph.edges(data=True)
    )
    return NetworkPicture(
        nodes=tuple(NetworkNode(x=place[a][0] / SIDE, y=place[a][1] / SIDE, n=number.get(a)) for a in shown),
        lines=tuple((a, b) for a, b, _ in lines),
        counts=tuple(count for *_, count in lines),
    )


def _listed(value: Any) -> list[Any]:
    return list(value) if value is not None and not isinstance(value, (str, float)) else []


def explanations(group: Group, evidence: pd.DataFrame, scope: Scope, posted: pd.Series[Any]) -> tuple[Explanation, ...]:
    """Return what points to an ordinary explanation, and what one must account for: keys of the wording and numbers.

    ``evidence`` holds the posts of the accounts that may be named, and so do all counts here.
    """
    reposts, seconds = _delay(evidence, posted)
    links = [_listed(value) for value in evidence.get("urls", [])]
    activity = SharedActivity(
        n_posts=len(evidence),
        n_all_posts=int(scope.searched["account_id"].isin(group.named).sum()),
        n_tagged=sum(bool(_listed(value)) for value in evidence.get("hashtags", [])),
        n_linked=sum(map(bool, links)),
        n_festival=in_bands(evidence, scope, "festival"),
        n_sites=len({urlsplit(url).netloc for listed in links for url in listed if _is_url(url)}),
        n_days=int(evidence["created_at"].dt.tz_convert(IST).dt.date.nunique()),
        n_sources=int(group.row.get("n_sources") or 0),
        copied_text="copypasta" in group.row["traces"],
        own_sources=all(name in OWN_SOURCES for name in group.row["traces"]),
        n_reposts=reposts,
        delay_s=seconds,
    )
    return tuple(_explanation(point) for point in exculpatory_points(activity))


def _explanation(point: Point) -> Explanation:
    figures = {"share": point.share, "n": point.n, "seconds": point.seconds}
    values = {name: value for name, value in figures.items() if value is not None}
    return Explanation(side=point.side, what=point.what, values=values)


def _is_url(url: object) -> bool:
    try:
        return isinstance(url, str) and bool(urlsplit(url).netloc)
    except ValueError:
        return False


def posted_at(scope: Scope) -> pd.Series[Any]:
    """Return when each post was made, by its id, each id once."""
    posted = scope.records["created_at"].set_axis(scope.records["record_id"])
    return posted[~posted.index.duplicated()]


def _delay(evidence: pd.DataFrame, posted: pd.Series[Any]) -> tuple[int, float | None]:
    """Return how many reposts have their originals in the data, each once, and their median delay in whole seconds."""
    if "kind" not in evidence or "ref_record_id" not in evidence:
        return 0, None
    reposts = evidence[(evidence["kind"] == "repost") & evidence["ref_record_id"].notna()]
    originals = posted.reindex(reposts["ref_record_id"]).reset_index(drop=True)
    n = int(originals.count())
    after = (reposts["created_at"].reset_index(drop=True) - originals).dt.total_seconds()
    return n, float(round(after.median())) if n else None


def accounts(case: Case, scope: Scope, found: Findings) -> AccountTable:
    """Return the accounts in tier A or B by their number, how many stand in which tier, and the linked pairs."""
    number, names, marks = numbers(found), handles(case), marks_of(case)
    shown = groups(found)
    place_of = {account: place for place, group in enumerate(shown, start=1) for account in group.named}
    in_step, links, platform_of = _in_step(found, shown)
    weakest = _of_groups(found)
    named = named_accounts(found)
    kinds_of = of_accounts(found, named["account_id"].tolist())
    rows: list[NamedAccount] = []
    for row in named.to_dict("records"):
        account = row["account_id"]
        mark = marks.of(account)
        rows.append(
            NamedAccount(
                n=number[account],
                name=names.get(account),
                id=account,
                group=place_of.get(account),
                platform=platform_of.get(account),
                traces=tuple(_listed(row["traces"])),
                links=links.get(account, 0),
                grounds=tuple(sorted(kinds_of[account])),
                signed=int(row["n_signed"]),
                in_step=in_step.get(account, 0),
                records=row["n_records"],
                weak=_weak(row, links.get(account, 0), weakest.get(account)),
                mark=None if mark is None else mark.mark,
                pseudonym=case.pseudonym(account),
                patterns=fitting(found.ordinary_patterns, {account}),
            )
        )
    tiers = found.accounts["tier"].astype(object)
    return AccountTable(
        rows=tuple(sorted(rows, key=lambda row: row.n)),
        seen=len(found.accounts),
        tiers={name: int((tiers == name).sum()) for name in ("A", "B", "C")},
        pairs=_all_pairs(found, shown, number),
    )


def _all_pairs(found: Findings, shown: list[Group], number: dict[str, int]) -> PairTable:
    """Return at most 200 linked pairs of all groups, those that chance explains least, by group and numbers."""
    rows: list[PairOfGroup] = []
    every = 0
    for place, group in enumerate(shown, start=1):
        links = pairs_of(found, group)
        every += len(links)
        rows += [values_from(PairOfGroup, pair, group=place) for pair in _pairs(links[:ALL_PAIRS], number)]
    least = sorted(rows, key=lambda row: (row.p, row.group, row.a, row.b))[:ALL_PAIRS]
    return PairTable(rows=tuple(sorted(least, key=lambda row: (row.group, row.a, row.b))), all=every)


def _weak(row: dict[Any, Any], links: int, q_group: float | None) -> bool:
    """Tell whether an account rests on little more than the limit, by its pairs and, where it has one, its group."""
    by_group = (q_group is not None and q_group < CLEAR_Q) or row["event_tier"] == "A"
    return not by_group and (not row["q"] < CLEAR_Q or links <= FEW_LINKS)


def _of_groups(found: Findings) -> dict[str, float]:
    """Return the smallest figure after adjustment that each member of a proven group has in it."""
    members = found.group_members[found.group_members["found"].astype(bool)]
    smallest = members.groupby("account_id")["q"].min().clip(upper=1.0)
    return {str(account): float(q) for account, q in smallest.items()}


def _in_step(found: Findings, shown: list[Group]) -> tuple[dict[str, int], dict[str, int], dict[str, str]]:
    """Return for each named account its posts in step, its linked pairs, and its platform."""
    in_step: dict[str, int] = {}
    links: dict[str, int] = {}
    platform_of: dict[str, str] = {}
    for group in shown:
        evidence = of_named(carried(found, group), group)
        in_step.update({str(account): int(n) for account, n in evidence["account_id"].value_counts().items()})
        if "platform" in evidence:
            platform_of.update(zip(evidence["account_id"], evidence["platform"], strict=True))
        pairs = pairs_of(found, group)
        for account in [*pairs["account_a"], *pairs["account_b"]]:
            links[account] = links.get(account, 0) + 1
    return in_step, links, platform_of


SECTIONS = (
    Declaration("findings", ("case", "scope", "found"), with_rates, Cards),
    Declaration("accounts", ("case", "scope", "found"), accounts, AccountTable),
)
"""The sections that stand in this module."""
