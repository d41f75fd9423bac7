"""Values of the rumour desk's sections, and the drafts of rebuttals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from spmc_tools.report.scope.exports_folder import exports_folder
from spmc_tools.report.scope.scope import compared_records
from spmc_tools.report.values.calendar_band import CalendarBand, calendar_band
from spmc_tools.report.values.declaration import Declaration
from spmc_tools.report.values.listed import Listed
from spmc_tools.report.values.privacy import Clock, Code, Count, Flag, Number, Privacy, Quoted, Time, Wording
from spmc_tools.report.values.registered_claim import RegisteredClaim
from spmc_tools.report.values.section_values import section_values
from spmc_tools.report.values.withholding import Withholding

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from pathlib import Path

    import pandas as pd

    from spmc_tools.case.store.case import Case
    from spmc_tools.desks.rumours.rumour import RumourDesk
    from spmc_tools.findings.result.findings import Findings
    from spmc_tools.report.words.wording import Wording as Words

__all__ = [
    "SECTIONS",
    "Carrier",
    "CarryingGroup",
    "ChangeAfterOfficial",
    "Claim",
    "Reworded",
    "RumourLimits",
    "RumourRegister",
    "draft_rebuttals",
    "rumour",
    "rumour_limits",
]

CLAIMS, CARRIERS, REWORDED, TEXT = 20, 6, 8, 400
STATES = ("refuted", "checking", "open", "confirmed", "not_checkable", "withdrawn")
ENTERED = (
    "claim_id", "status", "official_version", "official_url", "official_at", "first_seen", "entered_by", "entered_at",
    "reviewed_by", "n_states",
)  # fmt: skip
"""Columns of the register that a page shows as they are."""


@section_values
class ChangeAfterOfficial:
    """Accounts that carried a claim ``before`` and ``after`` the official version, and the ratio of their rates.

    Over files that hold the hours on both sides; ``elsewhere``: posts of it in other files; ``across``: no file does.
    """

    across: Flag
    elsewhere: Count
    before: Count
    after: Count
    hours_before: Number
    hours_after: Number
    ratio: Number | None
    low: Number | None
    high: Number | None


@section_values
class Carrier:
    """An account that carried a claim, by its pseudonym in the case; ``kind`` of a registered one."""

    who: Code
    kind: Code | None
    n_posts: Count
    n_reposted: Count
    views: Number | None
    first: Time


@section_values
class CarryingGroup:
    """A group that carries a claim: its ``number`` in the report on groups, and how many ``members`` of it do."""

    cluster_id: Count
    size: Count
    members: Count
    carriers: Count
    number: Count


@section_values
class Reworded:
    """A text that may say a claim in other words, with its posts and the first of them; ``state`` by its own words."""

    text: Quoted
    state: Annotated[Literal["carries", "denies", "asks"], Privacy.CODE]
    sure: Flag
    posts: Count
    first: Time


@section_values
class Claim(Withholding, RegisteredClaim):
    """A claim of the register and what became of it.

    Attributes
    ----------
    claim_id, status, official_version, official_url, official_at, entered_by, entered_at, reviewed_by, n_states
        What the office entered.
    text : str
        The claim as it goes round.
    first_seen : datetime or None
        When the office saw it first.
    posts, accounts, not_known : int
        Posts that carry it, their accounts, and posts whose account is not compared.
    denials, to_look_at, edited, variants, same_file, alike, picture_only : int
        Posts: that deny it, whose picture is to be looked at, whose words or picture match in these ways.
    lag_s, seen_lag_s, official_h : float or None
        From the first post, or from when it was seen first, to the official version; ``official_h`` in hours.
    curve : tuple
        Hours since the first post, and the posts until then.
    bands : tuple of CalendarBand
        What the calendar marks meanwhile.
    change : ChangeAfterOfficial or None
        None where an hour is not there on both sides.
    reworded, reworded_posts : Listed of Reworded, int
        Texts that are no copy and may say the claim in other words or scripts, those nearest to it first, and their
        posts. Nothing else counts them.
    """

    withheld = ("reworded",)
    """They may be those of accounts outside the groups."""

    first_seen: Time | None
    entered_by: Wording | None
    entered_at: Clock | None
    reviewed_by: Wording | None
    n_states: Count
    posts: Count
    accounts: Count
    not_known: Count
    denials: Count
    to_look_at: Count
    edited: Count
    variants: Count
    has_picture: Flag
    same_file: Count
    alike: Count
    picture_only: Count
    first_post: Time | None
    last_post: Time | None
    lag_s: Number | None
    seen_lag_s: Number | None
    official_h: Number | None
    curve: tuple[tuple[Number, Count], ...]
    bands: tuple[CalendarBand, ...]
    change: ChangeAfterOfficial | None
    carriers: tuple[Carrier, ...]
    groups: tuple[CarryingGroup, ...]
    reworded: Listed[Reworded]
    reworded_posts: Count


@section_values
class RumourRegister:
    """The first claims; ``end``: until when posts were looked at; whether groups are known."""

    claims: Listed[Claim]
    refuted: Count
    end: Clock | None
    groups_known: Flag


@section_values
class RumourLimits:
    """Claims that no post carries, posts that deny one, and the bits up to which pictures are alike or looked at."""

    not_seen: Count
    denials: Count
    bits: Count
    look_bits: Count


def rumour(case: Case, desk: RumourDesk) -> RumourRegister:
    """Return the register, and per claim its spread, who carried it, and what came after the official version."""
    order = sorted(desk.claims.values(), key=lambda claim: (STATES.index(claim["status"]), claim["claim_id"]))
    return RumourRegister(
        claims=Listed(rows=tuple(_claim(case, desk, claim) for claim in order[:CLAIMS]), all=len(order)),
        refuted=sum(claim["status"] == "refuted" for claim in order),
        end=desk.end,
        groups_known=desk.found is not None,
    )


def _claim(case: Case, desk: RumourDesk, claim: Mapping[str, Any]) -> Claim:
    from spmc_tools.desks.rumours.rumour import spread

    posts = desk.carrying(claim["claim_id"])
    known = compared_records(case, posts)
    claim_posts = desk.posts[desk.posts["claim_id"] == claim["claim_id"]]
    first = posts["created_at"].min() if len(posts) else None
    official = claim["official_at"]
    lag = (official - first).total_seconds() if official is not None and first is not None else None
    return Claim(
        **{name: claim[name] for name in ENTERED},
        text=claim["text"][:TEXT],
        posts=len(posts),
        accounts=int(known["account_id"].nunique()),
        not_known=len(posts) - len(known),
        denials=int(claim_posts["denies"].sum()),
        to_look_at=int(((claim_posts["picture"] == "look") & claim_posts["share"].isna()).sum()),
        edited=int((posts["share"] < 0.999).sum()),
        variants=int(posts.loc[posts["share"].notna(), "text"].nunique()),
        has_picture=bool(claim["media_sha256"] or claim["media_phash"]),
        same_file=int((posts["picture"] == "same").sum()),
        alike=int((posts["picture"] == "alike").sum()),
        picture_only=int((posts["picture"].notna() & posts["share"].isna()).sum()),
        first_post=first,
        last_post=posts["created_at"].max() if len(posts) else None,
        lag_s=lag,
        seen_lag_s=_seen_lag(claim),
        official_h=None if lag is None else lag / 3600,
        curve=tuple(spread(posts)),
        bands=_bands(case, posts, official),
        change=_change(posts, known, official, desk),
        carriers=_carriers(case, known),
        groups=_groups(known, desk.found),
        **_reworded(desk, claim["claim_id"]),
    )


def _reworded(desk: RumourDesk, claim_id: str) -> dict[str, Any]:
    """Return the texts that may say a claim in other words: the surest first, then those with most of its weight."""
    if desk.reworded is None:
        return {"reworded": Listed(rows=(), all=0), "reworded_posts": 0}
    posts = desk.reworded[desk.reworded["claim_id"] == claim_id]
    texts = posts.groupby("text", sort=False).agg(
        state=("state", "first"), sure=("sure", "first"), share=("share", "first"),
        posts=("record_id", "size"), first=("created_at", "min"),
    ).sort_values(["sure", "share", "first"], ascending=[False, False, True], kind="stable")  # fmt: skip
    rows = tuple(
        Reworded(text=row["text"][:TEXT], **{name: row[name] for name in ("state", "sure", "posts", "first")})
        for row in texts.reset_index()[:REWORDED].to_dict("records")
    )
    return {"reworded": Listed(rows=rows, all=len(texts)), "reworded_posts": len(posts)}


def _seen_lag(claim: Mapping[str, Any]) -> float | None:
    """Return the seconds from when the office saw a claim to the official version; None where that came first."""
    official, seen = claim["official_at"], claim["first_seen"]
    if official is None or seen is None or official < seen:
        return None
    return float((official - seen).total_seconds())


def _bands(case: Case, posts: pd.DataFrame, official: datetime | None) -> tuple[CalendarBand, ...]:
    """Return what the calendar marks from the first post of a claim to the end of its curve."""
    from spmc_tools.show.charts.calendar_marks import between, event_of

    if not len(posts):
        return ()
    marked = between(posts["created_at"].min(), _end(posts, official), event_of(case))
    return tuple(calendar_band(band) for band in marked)


def _change(
    posts: pd.DataFrame, known: pd.DataFrame, official: datetime | None, desk: RumourDesk
) -> ChangeAfterOfficial | None:
    """Return what came after the official version; of posts whose account is not compared no account counts."""
    from spmc_tools.desks.rumours.rumour import before_after

    if official is None or desk.end is None or not len(posts):
        return None
    timed = posts.assign(account_id=posts["account_id"].where(posts.index.isin(known.index)))
    counted = before_after(timed, official, desk.end, desk.files)
    return None if counted is None else ChangeAfterOfficial(**counted)


def _groups(posts: pd.DataFrame, found: Findings | None) -> tuple[CarryingGroup, ...]:
    """Return the groups that carry a claim, by the ``number`` that the report on groups gives them.

    A cluster that was set aside (newsrooms, offices) is no group of that report, has no number and is left out.
    """
    from spmc_tools.desks.rumours.rumour import carrying_clusters
    from spmc_tools.report.sections.groups.shown_groups import groups

    carrying = carrying_clusters(posts, found)
    if found is None or not carrying:
        return ()
    number = {group.cluster_id: k for k, group in enumerate(groups(found), start=1)}
    return tuple(
        CarryingGroup(**row, number=number[row["cluster_id"]]) for row in carrying if row["cluster_id"] in number
    )


def _end(posts: pd.DataFrame, official: datetime | None) -> datetime:
    """Return where the curve of a claim ends: its last post, or the official version where that came later."""
    last: datetime = posts["created_at"].max()
    return last if official is None else max(last, official)


def _carriers(case: Case, posts: pd.DataFrame) -> tuple[Carrier, ...]:
    """Return those who carried it first, by time and the case's pseudonyms; of registered accounts their kind."""
    from spmc_tools.desks.rumours.rumour import carriers

    if not len(posts):
        return ()
    kinds = {entry.account_id: entry.kind for entry in case.settings.context}
    rows = carriers(posts)[:CARRIERS]
    names = case.pseudonyms(rows["account_id"])
    columns = ("n_posts", "n_reposted", "views", "first")
    return tuple(
        Carrier(
            who=names[row["account_id"]],
            kind=kinds.get(row["account_id"]),
            **{name: row[name] for name in columns},
        )
        for row in rows.to_dict("records")
    )


def rumour_limits(desk: RumourDesk) -> RumourLimits:
    """Return how many claims no post carries, and how many posts deny one."""
    from spmc_tools.coaction.traces.written_hashes import ALIKE_BITS
    from spmc_tools.desks.rumours.claim_pictures import COUNTED_BITS

    counted = desk.posts["share"].notna() | desk.posts["picture"].isin(["same", "alike"])
    seen = set(desk.posts.loc[counted, "claim_id"])
    return RumourLimits(
        not_seen=sum(name not in seen for name in desk.claims),
        denials=int(desk.posts["denies"].sum()),
        bits=COUNTED_BITS,
        look_bits=ALIKE_BITS,
    )


def draft_rebuttals(desk: RumourDesk | None, folder: Path | None = None) -> list[str]:
    """Write the draft of a rebuttal, picture and text, in Hindi and English, for every refuted claim.

    Parameters
    ----------
    desk : RumourDesk or None
        None, or no refuted claim: nothing is written.
    folder : Path, optional
        None: the exports of the run; where there is no run, nothing is written.

    Returns
    -------
    list of str
        Names of the files: of each claim and language its picture, then its text.
    """
    from spmc_tools.report.words.wording import Wording
    from spmc_tools.show.charts.rebuttal import draw_rebuttal

    place = exports_folder(folder)
    written: list[str] = []
    refuted = [claim for claim in desk.claims.values() if claim["status"] == "refuted"] if desk is not None else []
    for number, claim in enumerate(refuted if place else [], start=1):
        for language in ("hi", "en"):
            words = _rebuttal(Wording(language), claim)
            stem = f"rebuttal-{number}-{language}"
            assert place is not None  # noqa: S101 -- the loop is empty without it
            draw_rebuttal(words, place / f"{stem}.png")
            (place / f"{stem}.txt").write_text("\n\n".join(words.values()) + "\n", encoding="utf-8", newline="\n")
            written += [f"{stem}.png", f"{stem}.txt"]
    return written


def _rebuttal(words: Words, claim: Mapping[str, Any]) -> dict[str, str]:
    """Return the words of a rebuttal: numbers, handles and addresses that a claim names are not spread once more."""
    from spmc_tools.text.personal import MASK, masked

    when = words.moment(claim["official_at"].isoformat())
    return {
        "title": words.say("rebuttal.title").plain(),
        "truth": claim["official_version"],
        "claim_label": words.say("rebuttal.claim").plain(),
        "claim": masked(claim["text"]).replace(MASK, "…"),  # the fonts of the picture have no such sign
        "source": words.say("rebuttal.source", url=claim["official_url"] or "–", at=when).plain(),
        "stamp": words.say("rebuttal.draft").plain(),
    }


SECTIONS = (
    Declaration("rumour", ("case", "desk"), rumour, RumourRegister),
    Declaration("rumour_limits", ("desk",), rumour_limits, RumourLimits),
)
"""The sections that stand in this module."""
