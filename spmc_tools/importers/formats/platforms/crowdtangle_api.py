"""CrowdTangle's API: posts of Facebook and Instagram, one by one or as ``result.posts``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spmc_tools.errors import quote
from spmc_tools.importers.engine.importer import Family, Field, LeftOut, fields_of, no_column
from spmc_tools.importers.engine.json_rows import Beside, json_importer, refusal, stateless
from spmc_tools.importers.fields.rows import Account, Record
from spmc_tools.importers.fields.times import parse_utc
from spmc_tools.importers.fields.values import Json, count_of, dict_of, exact_id, flag_of, list_of, media_of, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spmc_tools.importers.engine.json_rows import Item

__all__ = ["CROWDTANGLE_API"]

_POST = {"platformId", "date", "account", "statistics"}
_FAMILY = Family(
    zone="UTC, as CrowdTangle says", precision="1 s",
    documentation="https://github.com/CrowdTangle/API/wiki (closed in August 2024)", licence="proprietary",
)  # fmt: skip


def _posts(row: Json) -> list[Json]:
    return [post for post in list_of(dict_of(row.get("result")).get("posts")) if isinstance(post, dict)]


def _is_of(row: Json) -> bool:
    return row.keys() >= _POST or any(post.keys() >= _POST for post in _posts(row))


def _rows(found: Json, number: int) -> Iterator[Item]:
    for post in [found] if found.keys() >= _POST else _posts(found):
        record = _post(post, number)
        yield refusal(number, record, post) if isinstance(record, str) else record
        if isinstance(record, Record):
            yield Beside(_account(dict_of(post.get("account")), record))


def _post(post: Json, number: int) -> Record | str:
    account = dict_of(post.get("account"))
    record_id = exact_id(post.get("platformId")) or exact_id(post.get("id"))
    account_id = exact_id(account.get("platformId")) or exact_id(account.get("id"))
    at = parse_utc(post.get("date"))
    if record_id is None or account_id is None:
        return f"the id of the post or of its account is missing or not exact: {quote(post.get('platformId'))}"
    if at is None:
        return f"date is no time: {quote(post.get('date'))}"
    counts = dict_of(dict_of(post.get("statistics")).get("actual"))
    parts = [text_of(post.get(key)) for key in ("message", "title", "description")]
    links = [text_of(dict_of(link).get("expanded")) for link in list_of(post.get("expandedLinks"))]
    urls = [link for link in links if link] or [link for link in [text_of(post.get("link"))] if link]
    return Record(
        record_id=record_id, platform=str(post.get("platform") or "facebook").casefold()[:40], account_id=account_id,
        created_at=at, kind="post", source_row=number, time_precision_s=1.0, url=text_of(post.get("postUrl")),
        surface_id=account_id, text=parts[0] or "\n".join(part for part in parts[1:] if part) or None,
        lang=None if post.get("languageCode") == "und" else text_of(post.get("languageCode")), urls=urls or None,
        media=media_of(
            text_of(dict_of(medium).get("full"), dict_of(medium).get("url")) for medium in list_of(post.get("media"))
        ),
        likes=count_of(counts.get("likeCount", counts.get("favoriteCount"))),
        reposts=count_of(counts.get("shareCount")), replies=count_of(counts.get("commentCount")),
        views=count_of(counts.get("viewCount")), collected_at=parse_utc(post.get("updated")),
    )  # fmt: skip


def _account(account: Json, record: Record) -> Account:
    return Account(
        record.account_id, record.platform, record.source_row, handle=text_of(account.get("handle")),
        display_name=text_of(account.get("name")), followers=count_of(account.get("subscriberCount")),
        verified=flag_of(account.get("verified")), observed_at=record.collected_at,
    )  # fmt: skip


CROWDTANGLE_API = json_importer(
    stateless(_rows), _FAMILY, name="crowdtangle_api", title="CrowdTangle's API (JSON)", sample_rows=1,
    recognised_by="platformId, date, account and statistics, or result.posts with these", tells=_is_of,
    fields=(
        *fields_of(record_id=("platformId, else id", "page_number, as in the CSV"), platform="platform"),
        Field("account.platformId, else account.id", "account_id, surface_id"),
        *fields_of(
            created_at="date", text="message, else title and description", url="postUrl",
            urls="expandedLinks[].expanded, else link", media="media[]: full, else url", lang="languageCode",
            metrics=(
                "statistics.actual: likeCount, shareCount, commentCount, viewCount",
                "likes, reposts, replies, views",
            ),
            collected_at="updated",
            accounts=("account: handle, name, subscriberCount, verified", "handle, display_name, followers, verified"),
        ),
    ),
    left_out=(
        LeftOut("statistics.expected, score", "what CrowdTangle expected"),
        LeftOut("loveCount … careCount", "no column for single reactions"),
        no_column("type, caption, subscriberCount of the post, legacyId"),
        no_column("account.pageCategory, accountType, profileImage, url"),
    ),
)  # fmt: skip
