"""The rumour desk: a register of claims, the posts that carry them, the official version, and what came after it.

Known errors: see :mod:`spmc_tools.text.claim_match` and, for what is said in other words, which is shown and not
counted, :mod:`spmc_tools.text.claims.claim_carriers`. What is not in the case is not seen: a claim that spread in
closed groups looks small. Rumours fade by themselves: fewer posts after the official version are no proof that it
worked.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from spmc_tools.desks.base.entry import enter, latest, moment_of
from spmc_tools.desks.base.rates import rate_ratio
from spmc_tools.errors import InputError, quote

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from spmc_tools.case.store.batches import Batch
    from spmc_tools.case.store.case import Case
    from spmc_tools.desks.rumours.claim_pictures import PictureMatch
    from spmc_tools.findings.result.findings import Findings

__all__ = [
    "STATUS",
    "RumourDesk",
    "before_after",
    "carriers",
    "carrying_clusters",
    "enter_claim",
    "register",
    "rumour_desk",
    "spread",
]

STATUS = ("open", "checking", "refuted", "confirmed", "not_checkable", "withdrawn")
COLUMNS = ("record_id", "platform", "account_id", "created_at", "kind", "text", "ref_record_id", "metrics",
           "source_sha256")  # fmt: skip

WINDOW, HOUR = timedelta(hours=24), timedelta(hours=1)


@dataclass(frozen=True)
class RumourDesk:
    """The register, and of each claim the posts that carry it.

    Attributes
    ----------
    claims : dict
        Claim id to its latest state, with ``n_states``.
    posts : pandas.DataFrame
        One row for each post and claim that it carries: ``claim_id, share`` (of the claim's runs; null where the words
        do not carry it), ``picture`` ("same": the claim's very file, "alike": one that looks like it, "look": one to
        look at, else null), ``bits`` (by which the picture differs), ``denies``, and the columns of records that are
        needed, by time.
    end : datetime or None
        The last post of the case: nothing later was looked at.
    found : object or None
        The findings of :func:`spmc_tools.investigate`.
    files : pandas.DataFrame or None
        ``first`` and ``last``: the times of the first and the last post of each file, by its SHA-256.
    reworded : pandas.DataFrame or None
        One row for each post that is no copy of a claim and may say it in other words, another language or script:
        ``claim_id, state`` ("carries", "denies", "asks"), ``sure`` (False: much is missing, or it names another place,
        number or thing), ``share`` (of the claim's weight) and the columns of ``posts``, by time. Nothing counts them.
    """

    claims: dict[str, dict[str, Any]]
    posts: pd.DataFrame = field(repr=False)
    end: datetime | None
    found: Findings | None = field(repr=False, default=None)
    files: pd.DataFrame | None = field(repr=False, default=None)
    reworded: pd.DataFrame | None = field(repr=False, default=None)

    def carrying(self, claim_id: str) -> pd.DataFrame:
        """Return the posts that carry a claim and do not speak of it as untrue; pictures to look at do not count."""
        carries = self.posts["share"].notna() | self.posts["picture"].isin(["same", "alike"])
        return self.posts[(self.posts["claim_id"] == claim_id) & carries & ~self.posts["denies"]]


def register(case: Case) -> dict[str, dict[str, Any]]:
    """Return the latest state of each claim by its id, with ``n_states``."""
    rows = case.table("claims").to_pylist()
    found = latest(rows, "claim_id", "entered_at")
    return {name: {**row, "n_states": sum(state["claim_id"] == name for state in rows)} for name, row in found.items()}


def enter_claim(case: Case, claim_id: str, status: str, *, picture: Path | str | None = None, **said: Any) -> Batch:
    """Keep a new state of a claim; what is not said stays as it was before, but for its review and its note.

    Parameters
    ----------
    case : Case
        Where the register lies.
    claim_id : str
        The claim; a new id enters a new claim, which needs its ``text``.
    status : str
        One of :data:`STATUS`.
    picture : path, optional
        The picture or film of the claim: its SHA-256 and, of a picture, its perceptual hash are entered. The file
        itself is not kept: attach it to a post for that (``spmc attach``).
    **said
        Columns of the table ``claims``: ``text, media_sha256, media_phash, source_url, first_seen, official_version,
        official_url, official_at, reviewed_by, note, entered_at``. Moments as text or datetime, with their zone.

    Raises
    ------
    InputError
        Where the status or a column is not known, a hash is none, the picture cannot be read, a new claim has no text,
        or a refuted one no official version with its moment.
    """
    known = {"text", "media_sha256", "media_phash", "source_url", "first_seen", "official_version", "official_url",
             "official_at", "reviewed_by", "note", "entered_at"}  # fmt: skip
    if status not in STATUS:
        raise InputError(f"status is {quote(status)}, wanted one of {', '.join(STATUS)}.")
    if unknown := sorted(set(said) - known):
        raise InputError(f"A claim has no {quote(unknown[0])}; it has {', '.join(sorted(known))}.")
    if picture is not None:
        said |= _hashes(picture)
    before = register(case).get(claim_id, {})
    row: dict[str, Any] = {name: before.get(name) for name in known - {"reviewed_by", "note"}}
    row |= {name: said.get(name) or None for name in ("reviewed_by", "note", *said)}
    _require_hashes(row)
    for name in ("first_seen", "official_at"):
        if row[name] is not None:
            row[name] = moment_of(row[name], name)
    row |= {"entered_at": moment_of(said.get("entered_at"), "entered_at"), "claim_id": claim_id, "status": status}
    if not claim_id or not row["text"]:
        raise InputError(f'Claim {quote(claim_id)} is new and needs an id and its text: text="…".')
    if status == "refuted" and not (row["official_version"] and row["official_at"]):
        raise InputError(f"Claim {quote(claim_id)} cannot be refuted without official_version and official_at.")
    if row["reviewed_by"] == case.officer:
        raise InputError("Who enters a claim cannot review it; reviewed_by names another officer.")
    return enter(case, "claims", [{**row, "entered_by": case.officer}])


def _hashes(picture: Path | str) -> dict[str, str | None]:
    """Return the hashes of a picture or film as columns of the register."""
    from pathlib import Path

    from spmc_tools.case.acts.attach import picture_hash
    from spmc_tools.case.files.durable import sha256_file

    path = Path(picture)
    try:
        return {"media_sha256": sha256_file(path), "media_phash": picture_hash(path)}
    except (OSError, ValueError) as error:
        reason = (getattr(error, "strerror", None) or "its name cannot be used").lower()
        raise InputError(f"picture {quote(path.name)} cannot be read: {reason}.") from None


def _require_hashes(row: dict[str, Any]) -> None:
    from spmc_tools.coaction.traces.written_hashes import file_hash, look_hash

    for name, read, digits in (("media_sha256", file_hash, 64), ("media_phash", look_hash, 16)):
        if row[name] is None:
            continue
        found = read(str(row[name]))
        if found is None and (name == "media_sha256" or not re.fullmatch("(?:0x)?[0-9a-fA-F]{16}", str(row[name]))):
            raise InputError(f"{name} is {quote(row[name])}, wanted {digits} hexadecimal digits.")
        row[name] = found or str(row[name])


def rumour_desk(case: Case, records: pd.DataFrame, found: Findings | None = None) -> RumourDesk | None:
    """Return the desk over some posts of a case; None where the register is empty.

    Parameters
    ----------
    case : Case
        With the table ``claims``.
    records : pandas.DataFrame
        Posts, as of :func:`spmc_tools.report.scope.scope.in_period`.
    found : object, optional
        Findings, to see whether a group carries a claim.
    """
    claims = register(case)
    if not claims:
        return None
    end = records["created_at"].max() if len(records) else None
    files: Any = None
    if "source_sha256" in records:
        files = records.groupby("source_sha256")["created_at"].agg(first="min", last="max")
    posts = _matched(case, claims, records)
    reworded = _reworded(claims, records, posts)
    return RumourDesk(claims, posts, None if end is None else end.to_pydatetime(), found, files, reworded)


def _reworded(claims: dict[str, dict[str, Any]], records: pd.DataFrame, matched: pd.DataFrame) -> pd.DataFrame:
    """Return the posts that no copy or picture ties to a claim and that may say it in other words; reposts left out."""
    import pandas as pd

    from spmc_tools.text.claims.claim_carriers import match_claims

    ids = list(claims)
    own = records[records["kind"] != "repost"] if "kind" in records else records
    codes, texts = pd.factorize(own["text"])
    said = match_claims(texts.tolist(), [claims[i]["text"] for i in ids])
    tied = set(zip(matched["claim_id"], matched["text"], strict=True))
    rows = [
        (place, ids[m.claim], m.state, m.sure, m.share)
        for place, code in enumerate(codes.tolist())
        if code >= 0 and (m := said[code]) is not None and (ids[m.claim], texts[code]) not in tied
    ]
    columns = [name for name in COLUMNS if name in own]
    posts = own.iloc[[row[0] for row in rows]][columns].reset_index(drop=True)
    for n, (name, kind) in enumerate({"claim_id": "str", "state": "str", "sure": "bool", "share": "float64"}.items()):
        posts[name] = pd.Series([row[n + 1] for row in rows], dtype=kind)
    return posts.sort_values(["created_at", "record_id", "claim_id"], kind="stable", ignore_index=True)


def _matched(case: Case, claims: dict[str, dict[str, Any]], records: pd.DataFrame) -> pd.DataFrame:
    """Return the posts that carry a claim by their words or by a picture, one row for each post and claim."""
    import numpy as np
    import pandas as pd

    from spmc_tools.text.claim_match import denies, match_claims

    ids = list(claims)
    codes, texts = pd.factorize(records["text"])  # equal texts are looked at once; -1: none
    said = match_claims(texts.tolist(), [claims[i]["text"] for i in ids])
    carrying = np.array([m is not None for m in said] + [False])  # the last is that of -1
    shares = {
        (place, m.claim): m.share
        for place in np.flatnonzero(carrying[codes]).tolist()
        if (m := said[codes[place]]) is not None
    }
    seen = {(m.post, m.claim): m.bits for m in _by_picture(case, claims, records)}
    pairs = sorted({*shares, *seen})
    columns = [name for name in COLUMNS if name in records]
    posts = records.iloc[[place for place, _ in pairs]][columns].reset_index(drop=True)
    posts["claim_id"] = pd.Series([ids[claim] for _, claim in pairs], dtype="str")
    posts["share"] = pd.Series([shares.get(pair) for pair in pairs], dtype="float64")
    posts["picture"] = pd.Series([_kind(seen[pair]) if pair in seen else None for pair in pairs], dtype=object)
    posts["bits"] = pd.Series([seen.get(pair) for pair in pairs], dtype="Int64")
    posts = posts.sort_values(["created_at", "record_id", "claim_id"], kind="stable", ignore_index=True)
    posts["denies"] = False
    for name, part in posts.groupby("claim_id"):
        posts.loc[part.index, "denies"] = denies(part["text"].astype(object), claims[str(name)]["text"])
    return posts


def _kind(bits: int | None) -> str:
    from spmc_tools.desks.rumours.claim_pictures import COUNTED_BITS

    return "same" if bits is None else "alike" if bits <= COUNTED_BITS else "look"


def _by_picture(case: Case, claims: dict[str, dict[str, Any]], records: pd.DataFrame) -> list[PictureMatch]:
    """Return which posts carry a claim by a picture; nothing is read where no claim has one."""
    from spmc_tools.desks.rumours.claim_pictures import claimed_pictures, pictures_of, same_pictures

    claim_pictures = claimed_pictures(claims.values())
    if not any(picture.file or picture.look for picture in claim_pictures):
        return []
    attached = case.table("attachments", ["platform", "record_id", "attachment_sha256", "phash"]).to_pylist()
    return same_pictures(pictures_of(records, attached), claim_pictures)


def spread(posts: pd.DataFrame) -> list[tuple[float, int]]:
    """Return the spread curve of a claim: hours since its first post, and posts up to then; at most 200 points."""
    if not len(posts):
        return []
    hours = ((posts["created_at"] - posts["created_at"].min()).dt.total_seconds() / 3600).tolist()
    points = [(hour, n) for n, hour in enumerate(hours, start=1)]
    step = max(1, len(points) // 200)
    return [*points[:-1:step], points[-1]]


def carriers(posts: pd.DataFrame, records: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return who carried a claim: ``account_id, n_posts, n_reposted`` (by others, in the case), ``views``, ``first``.

    By time, then by id: nobody is ranked by reach. ``views`` is null where the platform gives none. Carrying a claim
    is no offence and no sign of intent: most who pass on a rumour believe it.
    """
    reposts: dict[str, int] = dict(posts["ref_record_id"].value_counts()) if "ref_record_id" in posts else {}
    counted_posts = posts.assign(n_reposted=posts["record_id"].map(reposts).fillna(0).astype(int), views=_views(posts))
    by_account = counted_posts.groupby("account_id")
    found = by_account.agg(
        n_posts=("record_id", "size"), n_reposted=("n_reposted", "sum"), first=("created_at", "min")
    ).assign(views=by_account["views"].sum(min_count=1))
    return found.reset_index().sort_values(["first", "account_id"], kind="stable", ignore_index=True)


def _views(posts: pd.DataFrame) -> pd.Series[Any]:
    import pandas as pd

    if "metrics" not in posts:
        return pd.Series(float("nan"), index=posts.index)
    said = [None if not isinstance(metrics, dict) else metrics.get("views") for metrics in posts["metrics"]]
    return pd.Series(said, index=posts.index, dtype="float64")


def before_after(
    posts: pd.DataFrame, official_at: datetime, end: datetime, files: pd.DataFrame | None = None
) -> dict[str, Any] | None:
    """Return how many accounts carried a claim in the 24 hours before the official version and in those after it.

    Parameters
    ----------
    posts : pandas.DataFrame
        That carry the claim, by time: ``created_at, account_id`` and, with ``files``, ``source_sha256``.
    official_at, end : datetime
        Of the official version, and the last moment that was looked at.
    files : pandas.DataFrame, optional
        ``first`` and ``last`` post of each file by its SHA-256. Only files count that hold an hour on both sides, over
        the hours that all of them hold: a file that ends with the official version would show a rumour to end there.
        Where none does, all are compared.

    Returns
    -------
    dict or None
        ``before, after`` (accounts), ``hours_before, hours_after`` (shorter where the claim or the data is),
        ``ratio, low, high`` of the rates, ``elsewhere``, posts in files that do not count, ``across``: no file holds
        both sides; None where an hour is not there on both sides.

    Notes
    -----
    Accounts are counted, not posts, since one account often posts several times. Posts come in bursts, so the interval
    is too narrow; and a rumour fades by itself, so a ratio below one is no proof of an effect.
    """
    import pandas as pd

    if not len(posts):
        return None
    moment = pd.Timestamp(official_at)
    across, every, stop = False, len(posts), min(moment + WINDOW, pd.Timestamp(end))
    start = moment - WINDOW
    if files is not None:
        held = files.loc[posts["source_sha256"].unique()]
        held = held[(held["first"] <= moment - HOUR) & (held["last"] >= moment + HOUR)]
        if len(held):
            posts = posts[posts["source_sha256"].isin(held.index)]
            start, stop = max(start, held["first"].max()), min(stop, held["last"].min())
        across = not len(held)
    start = max(start, posts["created_at"].min())
    hours = [(moment - start).total_seconds() / 3600, (stop - moment).total_seconds() / 3600]
    if min(hours) < 1:
        return None
    times = posts["created_at"]
    before = posts.loc[(times >= start) & (times < moment), "account_id"].nunique()
    after = posts.loc[(times >= moment) & (times <= stop), "account_id"].nunique()
    return {
        "across": across, "elsewhere": every - len(posts), "before": before, "after": after,
        "hours_before": hours[0], "hours_after": hours[1],
        **rate_ratio(before, after, *hours),
    }  # fmt: skip


def carrying_clusters(posts: pd.DataFrame, found: Findings | None) -> list[dict[str, Any]]:
    """Return the groups of the findings of which at least two members carry a claim, by how many do.

    ``cluster_id, size, members`` (that carry it), ``carriers`` (accounts that carry it, in all).
    """
    if found is None or not len(posts):
        return []
    accounts = set(posts["account_id"])
    rows = [
        {"cluster_id": int(row["cluster_id"]), "size": int(row["size"]),
         "members": len(accounts & set(row["accounts"])),
         "carriers": len(accounts)}
        for row in found.clusters.to_dict("records")
    ]  # fmt: skip
    return sorted((row for row in rows if row["members"] >= 2), key=lambda row: (-row["members"], row["cluster_id"]))
