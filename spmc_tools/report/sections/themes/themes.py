"""What a report is about: tags, rises, narratives and what was passed on, from the groups and from everybody.

*The groups* are the accounts that may be named. Nothing here says who began or who is behind something; accounts and
sites whose posts were passed on stand by name, which ranks nobody. No event of the calendar is needed.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from spmc_tools.coaction.traces.trace_catalogue import TRACES, actions_of
from spmc_tools.report.sections.groups.shown_groups import handles, numbers
from spmc_tools.report.sections.story.narratives import narratives
from spmc_tools.report.values.declaration import Declaration
from spmc_tools.report.values.listed import Listed
from spmc_tools.report.values.privacy import Count, Handle, Number, Quoted, Site, Time
from spmc_tools.report.values.section_values import section_values
from spmc_tools.report.values.withholding import Withholding
from spmc_tools.schema import RECORDS
from spmc_tools.text.tags import tag_key, tags

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping

    import pandas as pd

    from spmc_tools.case.store.case import Case
    from spmc_tools.findings.result.findings import Findings
    from spmc_tools.report.scope.scope import Scope

__all__ = ["SECTIONS", "NarrativeRow", "PassedOn", "Rise", "SiteRow", "TagRow", "Themes", "themes"]

MOST_TAGS, MOST_RISES, MOST_NARRATIVES, MOST_SOURCES = 10, 6, 5, 8
_TEXT = 280
_READ = frozenset(
    {"record_id", "platform", "account_id", "created_at", "kind", "text", "urls", "source_sha256", "source_row"}
)


@section_values
class TagRow:
    """A tag: its ``posts`` and ``accounts``, and how many posts are from ``groups``."""

    tag: Quoted
    posts: Count
    accounts: Count
    groups: Count


@section_values
class Rise:
    """A tag in a time in which it was used more than its own past expects; ``groups``: posts of the groups then."""

    tag: Quoted
    start: Time
    end: Time
    posts: Count
    expected: Number
    accounts: Count
    groups: Count


@section_values
class NarrativeRow(Withholding):
    """A cluster of texts: three words, an example, and its posts from everybody and from the groups.

    ``example`` is a text of anybody: the redacted edition shows the words alone.
    """

    withheld = ("example",)
    """It may be the words of somebody of no group."""

    words: tuple[Quoted, ...]
    example: Quoted | None
    first: Time
    last: Time
    posts: Count
    accounts: Count
    groups: Count


@section_values
class PassedOn:
    """An account whose posts were reposted: how often, by how many accounts, and how often by the groups."""

    name: Handle
    posts: Count
    accounts: Count
    groups: Count


@section_values
class SiteRow:
    """A site that was linked: in how many posts, of how many accounts, and in how many of the groups."""

    site: Site
    posts: Count
    accounts: Count
    groups: Count


@section_values
class Themes:
    """Themes of the posts that a report looks at.

    Attributes
    ----------
    posts, group_posts, group_accounts : int
        All posts, those of the groups, and the accounts of the groups.
    tags, rises, narratives, of_groups, reposted, sites : tuple
        At most as many as there is room for (narratives that most accounts wrote of, and those of which the groups
        wrote most); ``all_narratives``: how many there are.
    told : int
        Posts that are in a narrative.
    reposts, reposts_of_nobody : int
        Reposts, and those of them that do not say whose post they repeat: ``reposted`` does not count these.
    """

    posts: Count
    group_posts: Count
    group_accounts: Count
    tags: Listed[TagRow]
    rises: Listed[Rise]
    narratives: tuple[NarrativeRow, ...]
    of_groups: tuple[NarrativeRow, ...]
    all_narratives: Count
    told: Count
    reposted: tuple[PassedOn, ...]
    sites: tuple[SiteRow, ...]
    reposts: Count = 0
    reposts_of_nobody: Count = 0


@dataclass(slots=True)
class _Use:
    """Posts about one thing."""

    posts: int = 0
    groups: int = 0
    accounts: set[str] = field(default_factory=set)

    def counts(self) -> dict[str, int]:
        return {"posts": self.posts, "accounts": len(self.accounts), "groups": self.groups}


def themes(case: Case, scope: Scope, found: Findings) -> Themes:
    """Return what the posts are about, and how much of each is from the groups."""
    posts, group = scope.searched, set(numbers(found))
    mine = posts["account_id"].isin(group)
    used, shown_as = _tags(posts, group)
    rises = found.tag_surges
    told = narratives(posts[["account_id", "text"]], int(found.parameters.get("seed") or 0))
    reposts = posts["kind"] == "repost" if "kind" in posts else posts["account_id"].isna()
    unsaid = posts["ref_account_id"].isna() if "ref_account_id" in posts else posts["account_id"].notna()
    rows = [_row(posts.loc[list(one.posts)], one.words, one.example, group) for one in told]
    return Themes(
        posts=len(posts),
        group_posts=int(mine.sum()),
        group_accounts=len(group),
        tags=Listed(
            rows=tuple(TagRow(tag=shown_as[key], **use.counts()) for key, use in _most(used, MOST_TAGS)), all=len(used)
        ),
        rises=Listed(
            rows=tuple(
                _rise(row, posts, group, shown_as)
                for row in rises.sort_values(["n_records", "tag"], ascending=[False, True], kind="stable")[
                    :MOST_RISES
                ].to_dict("records")
            ),
            all=len(rises),
        ),
        narratives=tuple(rows[:MOST_NARRATIVES]),
        of_groups=tuple(
            sorted((row for row in rows if row.groups), key=lambda row: (-row.groups, row.words))[:MOST_NARRATIVES]
        ),
        all_narratives=len(told),
        told=sum(len(one.posts) for one in told),
        reposted=_reposted(case, posts, group),
        reposts=int(reposts.sum()),
        reposts_of_nobody=int((reposts & unsaid).sum()),
        sites=_sites(posts, group),
    )


def _uses(rows: Iterable[tuple[str, Iterable[Hashable]]], group: set[str]) -> dict[Any, _Use]:
    found: dict[Any, _Use] = defaultdict(_Use)
    for account, things in rows:
        for thing in things:
            use = found[thing]
            use.posts += 1
            use.groups += account in group
            use.accounts.add(account)
    return found


def _most(uses: Mapping[Any, _Use], most: int) -> list[tuple[Any, _Use]]:
    """Return what most accounts used, ties by posts and name."""
    return sorted(uses.items(), key=lambda row: (-len(row[1].accounts), -row[1].posts, str(row[0])))[:most]


def _tags(posts: pd.DataFrame, group: set[str]) -> tuple[dict[str, _Use], dict[str, str]]:
    """Return the uses of each tag by its key, and how it is written most often."""
    written: dict[str, dict[str, int]] = defaultdict(dict)

    def keys(value: Any, text: Any) -> set[str]:
        held = set()
        for tag in _listed(value, text):
            key = tag_key(str(tag))
            if key:
                held.add(key)
                written[key][str(tag)] = written[key].get(str(tag), 0) + 1
        return held

    values = posts["hashtags"] if "hashtags" in posts else [None] * len(posts)
    rows = zip(posts["account_id"], values, posts["text"], strict=True)
    uses = _uses(((account, keys(value, text)) for account, value, text in rows), group)
    return uses, {key: min(forms, key=lambda form: (-forms[form], form)) for key, forms in written.items()}


def _listed(value: Any, text: Any) -> list[str]:
    """Return the tags of a post: as the source lists them, else those of its text."""
    if value is not None and hasattr(value, "__iter__") and not isinstance(value, str):
        return [str(tag) for tag in value]
    return tags(text) if isinstance(text, str) else []


def _rise(row: Mapping[Any, Any], posts: pd.DataFrame, group: set[str], shown_as: Mapping[str, str]) -> Rise:
    within = posts[(posts["created_at"] >= row["first_t"]) & (posts["created_at"] < row["last_t"])]
    mine = within[within["account_id"].isin(group)]
    key = tag_key(row["tag"])
    values = mine["hashtags"] if "hashtags" in mine else [None] * len(mine)
    holds = [
        key in {tag_key(tag) for tag in _listed(value, text)} for value, text in zip(values, mine["text"], strict=True)
    ]
    counted = [kind != "repost" for kind in mine["kind"]] if "kind" in mine else [True] * len(holds)
    return Rise(
        tag=shown_as.get(key, key),
        start=row["first_t"].to_pydatetime(),
        end=row["last_t"].to_pydatetime(),
        posts=int(row["n_records"]),
        expected=float(row["expected"]),
        accounts=int(row["n_accounts"]),
        groups=sum(held and own for held, own in zip(holds, counted, strict=True)),
    )


def _row(own: pd.DataFrame, words: tuple[str, ...], example: str, group: set[str]) -> NarrativeRow:
    return NarrativeRow(
        words=words,
        example=example[:_TEXT],
        first=own["created_at"].min().to_pydatetime(),
        last=own["created_at"].max().to_pydatetime(),
        posts=len(own),
        accounts=int(own["account_id"].nunique()),
        groups=int(own["account_id"].isin(group).sum()),
    )


def _reposted(case: Case, posts: pd.DataFrame, group: set[str]) -> tuple[PassedOn, ...]:
    """Return the accounts whose posts most accounts reposted, by name."""
    if "ref_account_id" not in posts or "kind" not in posts:
        return ()
    reposts = posts[(posts["kind"] == "repost") & posts["ref_account_id"].notna()]
    names = handles(case)
    rows = (
        (account, (names.get(source, source),)) for account, source in reposts[["account_id", "ref_account_id"]].values
    )
    chosen = _most(_uses(rows, group), MOST_SOURCES)
    return tuple(PassedOn(name=name, **use.counts()) for name, use in sorted(chosen, key=lambda row: str(row[0])))


def _sites(posts: pd.DataFrame, group: set[str]) -> tuple[SiteRow, ...]:
    """Return the sites that most accounts linked, by name; short links are one source together and are left out."""
    import pyarrow as pa

    if "urls" not in posts:
        return ()
    fields = [field for field in RECORDS.schema if field.name in posts and field.name in _READ]
    table = pa.Table.from_pandas(posts[[one.name for one in fields]], pa.schema(fields), preserve_index=False)
    acts = actions_of(table, TRACES["co_domain"]).select(["account_id", "object_id"]).to_pydict()
    rows = ((account, (site,)) for account, site in zip(acts["account_id"], acts["object_id"], strict=True))
    chosen = _most(_uses(rows, group), MOST_SOURCES)
    return tuple(SiteRow(site=str(site), **use.counts()) for site, use in sorted(chosen, key=lambda row: str(row[0])))


SECTIONS = (Declaration("themes", ("case", "scope", "found"), themes, Themes),)
"""The sections that stand in this module."""
