"""Values of the rumour desk's sections, and the drafts of rebuttals."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spmc_tools.report.scope.scope import compared_records

if TYPE_CHECKING:
    from datetime import datetime

    import pandas as pd

    from spmc_tools.case.store.case import Case
    from spmc_tools.desks.rumours.rumour import RumourDesk

__all__ = ["draft_rebuttals", "rumour", "rumour_limits"]

CLAIMS, CARRIERS, TEXT = 20, 6, 400
STATES = ("refuted", "checking", "open", "confirmed", "not_checkable", "withdrawn")


def rumour(case: Case, desk: RumourDesk) -> dict[str, Any]:
    """Return the register, and per claim its spread, who carried it, and what came after the official version."""
    order = sorted(desk.claims.values(), key=lambda one: (STATES.index(one["status"]), one["claim_id"]))
    return {
        "claims": [_claim(case, desk, one) for one in order[:CLAIMS]],
        "more": max(0, len(order) - CLAIMS),
        "refuted": sum(one["status"] == "refuted" for one in order),
        "end": desk.end,
        "groups_known": desk.found is not None,
    }


def _claim(case: Case, desk: RumourDesk, claim: dict[str, Any]) -> dict[str, Any]:
    from spmc_tools.desks.rumours.rumour import before_after, spread
    from spmc_tools.show.charts.calendar_marks import between, event_of

    posts = desk.carrying(claim["claim_id"])
    known = compared_records(case, posts)
    timed = posts.assign(account_id=posts["account_id"].where(posts.index.isin(known.index)))
    own = desk.posts[desk.posts["claim_id"] == claim["claim_id"]]
    first = posts["created_at"].min() if len(posts) else None
    official = claim["official_at"]
    both = official is not None and first is not None
    seen = claim["first_seen"]
    met = (official - seen).total_seconds() if official is not None and seen is not None else None
    return {
        **{name: claim[name] for name in ("claim_id", "status", "official_version", "official_url", "official_at",
                                         "first_seen", "entered_by", "entered_at", "reviewed_by", "n_states")},
        "text": claim["text"][:TEXT],
        "posts": len(posts),
        "accounts": int(known["account_id"].nunique()),
        "not_known": len(posts) - len(known),
        "denials": int(own["denies"].sum()),
        "to_look_at": int(((own["picture"] == "look") & own["share"].isna()).sum()),
        "edited": int((posts["share"] < 0.999).sum()),
        "variants": int(posts.loc[posts["share"].notna(), "text"].nunique()),
        "has_picture": bool(claim["media_sha256"] or claim["media_phash"]),
        "same_file": int((posts["picture"] == "same").sum()),
        "alike": int((posts["picture"] == "alike").sum()),
        "picture_only": int((posts["picture"].notna() & posts["share"].isna()).sum()),
        "first_post": first,
        "last_post": posts["created_at"].max() if len(posts) else None,
        "lag_s": (official - first).total_seconds() if both else None,
        "seen_lag_s": met if met is not None and met >= 0 else None,
        "official_h": (official - first).total_seconds() / 3600 if both else None,
        "curve": spread(posts),
        "bands": [] if first is None else between(first, _end(posts, official), event_of(case)),
        "change": before_after(timed, official, desk.end) if both and desk.end is not None else None,
        "carriers": _carriers(case, known),
        "groups": _groups(known, desk.found),
    }  # fmt: skip


def _groups(posts: pd.DataFrame, found: Any) -> list[dict[str, Any]]:
    """Return the groups that carry a claim, by the ``number`` that the report on groups gives them.

    A cluster that was set aside (newsrooms, offices) is no group of that report, has no number and is left out.
    """
    from spmc_tools.desks.rumours.rumour import carrying_clusters
    from spmc_tools.report.sections.groups.shown_groups import groups

    carrying = carrying_clusters(posts, found)
    number = {group.cluster_id: k for k, group in enumerate(groups(found) if carrying else [], start=1)}
    return [{**row, "number": number[row["cluster_id"]]} for row in carrying if row["cluster_id"] in number]


def _end(posts: pd.DataFrame, official: datetime | None) -> datetime:
    """Return where the curve of a claim ends: its last post, or the official version where that came later."""
    last: datetime = posts["created_at"].max()
    return last if official is None else max(last, official)


def _carriers(case: Case, posts: pd.DataFrame) -> list[dict[str, Any]]:
    """Return those who carried it furthest, by the case's stand-ins; of registered accounts their kind."""
    from spmc_tools.desks.rumours.rumour import carriers

    if not len(posts):
        return []
    kinds = {entry.account_id: entry.kind for entry in case.settings.context}
    rows = carriers(posts)[:CARRIERS]
    names = case.pseudonyms(rows["account_id"])
    return [
        {"who": names[row["account_id"]], "kind": kinds.get(row["account_id"]), "n_posts": row["n_posts"],
         "n_reposted": row["n_reposted"], "views": row["views"], "first": row["first"]}
        for row in rows.to_dict("records")
    ]  # fmt: skip


def rumour_limits(desk: RumourDesk) -> dict[str, Any]:
    """Return how many claims no post carries, and how many posts deny one."""
    from spmc_tools.coaction.traces.written_hashes import ALIKE_BITS
    from spmc_tools.desks.rumours.claim_pictures import COUNTED_BITS

    counted = desk.posts["share"].notna() | desk.posts["picture"].isin(["same", "alike"])
    seen = set(desk.posts.loc[counted, "claim_id"])
    return {
        "not_seen": sum(name not in seen for name in desk.claims),
        "denials": int(desk.posts["denies"].sum()),
        "bits": COUNTED_BITS,
        "look_bits": ALIKE_BITS,
    }


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
        Names of the files.
    """
    from spmc_tools.report.words.wording import Wording
    from spmc_tools.show.charts.rebuttal import draw_rebuttal

    place = folder or (Path(os.environ["SPMC_EXPORTS"]) if os.environ.get("SPMC_EXPORTS") else None)
    written: list[str] = []
    refuted = [one for one in desk.claims.values() if one["status"] == "refuted"] if desk is not None else []
    for number, claim in enumerate(refuted if place else [], start=1):
        for language in ("hi", "en"):
            words = _rebuttal(Wording(language), claim)
            stem = f"rebuttal-{number}-{language}"
            assert place is not None  # noqa: S101 -- the loop is empty without it
            draw_rebuttal(words, place / f"{stem}.png")
            (place / f"{stem}.txt").write_text("\n\n".join(words.values()) + "\n", encoding="utf-8")
            written += [f"{stem}.png", f"{stem}.txt"]
    return written


def _rebuttal(words: Any, claim: dict[str, Any]) -> dict[str, str]:
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
