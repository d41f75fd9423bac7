"""What the posts to look at are about: each of the queue under one claim, group, reason of the office, or narrative.

A post that matches claims of the register stands under the first of them; else, where groups of the page carry it,
under these; else under "asked" where a term or a complaint brought it. What is left is there for its numbers alone
(weather, greetings, traffic): it stands under the narrative that holds its first post, or under "other".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from spmc_tools.report.sections.story.narratives import narratives
from spmc_tools.report.values.privacy import Count, Privacy, Quoted, Wording
from spmc_tools.report.values.section_values import section_values
from spmc_tools.report.values.withholding import Withholding

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["QueueSubject", "queue_subjects", "subject_of"]

Kind = Literal["claim", "group", "asked", "narrative", "other"]

_ORDER: tuple[Kind, ...] = ("claim", "group", "asked", "narrative", "other")


@section_values
class QueueSubject(Withholding):
    """One subject of the queue, with the counts of all rows of the queue under it.

    Attributes
    ----------
    kind : {"claim", "group", "asked", "narrative", "other"}
        What it is.
    claim : str or None
        Id in the register.
    groups : tuple of int
        Of the page.
    words : str or None
        The three words of a narrative; None in the redacted edition, where accounts outside the groups wrote them.
    texts, posts, reposts, open : int
        Rows of the queue, their copies and reposts, and rows on which nobody decided.
    rows : tuple of int
        Places of its rows among those shown, from 0.
    """

    withheld = ("words",)
    """They may be those of accounts outside the groups."""

    kind: Annotated[Literal["claim", "group", "asked", "narrative", "other"], Privacy.CODE]
    claim: Wording | None
    groups: tuple[Count, ...]
    words: Quoted | None
    texts: Count
    posts: Count
    reposts: Count
    open: Count
    rows: tuple[Count, ...]


def subject_of(row: dict[Any, Any], told: dict[Any, str]) -> tuple[Kind, str, tuple[int, ...]]:
    """Return kind, name and groups of the subject of one row of the queue; ``told``: words by id of a post."""
    if len(row["claims"]):
        return "claim", str(row["claims"][0]), ()
    if len(row["clusters"]):
        return "group", "", tuple(int(one) for one in row["clusters"])
    if {"term", "complaint"} & set(row["reasons"]):
        return "asked", "", ()
    words = told.get(row["record_id"])
    return ("narrative", words, ()) if words is not None else ("other", "", ())


def narrative_words(records: pd.DataFrame, seed: int) -> dict[Any, str]:
    """Return the words of the narrative of each post that is of one, by the id of the post."""
    found: dict[Any, str] = {}
    for one in narratives(records[["account_id", "text"]], seed):
        words = " · ".join(one.words)
        found.update(dict.fromkeys(records.loc[list(one.posts), "record_id"], words))
    return found


def queue_subjects(
    table: pd.DataFrame, records: pd.DataFrame, seed: int, decided: set[str], shown: int
) -> tuple[tuple[QueueSubject, ...], list[str]]:
    """Return the subjects of a queue, claims and groups first, each kind by its first row, and the subject of each row.

    Parameters
    ----------
    table : pandas.DataFrame
        The whole queue, as :func:`spmc_tools.desks.watch.watch.post_watch` gives it.
    records : pandas.DataFrame
        What it was made of.
    seed : int
        Of the narratives.
    decided : set of str
        Names of the rows on which an officer decided.
    shown : int
        How many rows the page holds.
    """
    rows = table.to_dict("records")
    alone = any(subject_of(row, {})[0] == "other" for row in rows)
    told = narrative_words(records.reset_index(drop=True), seed) if alone else {}
    of_row = [subject_of(row, told) for row in rows]
    members: dict[tuple[Kind, str, tuple[int, ...]], list[int]] = {}
    for place, key in enumerate(of_row):
        members.setdefault(key, []).append(place)
    subjects = [
        QueueSubject(
            kind=kind,
            claim=name if kind == "claim" else None,
            groups=groups,
            words=name if kind == "narrative" else None,
            texts=len(places),
            posts=sum(int(rows[place]["posts"]) for place in places),
            reposts=sum(int(rows[place]["reposts"]) for place in places),
            open=sum(rows[place]["thing"] not in decided for place in places),
            rows=tuple(place for place in places if place < shown),
        )
        for (kind, name, groups), places in members.items()
    ]
    subjects.sort(key=lambda one: _ORDER.index(one.kind))
    return tuple(subjects), [" ".join(filter(None, (kind, name, *map(str, groups)))) for kind, name, groups in of_row]
