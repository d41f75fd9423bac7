"""Mastodon's API: lists of statuses, single statuses, accounts; posts come as HTML and are kept as what is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spmc_tools.errors import quote
from spmc_tools.importers.engine.importer import Family, Field, LeftOut, fields_of, no_column, not_read
from spmc_tools.importers.engine.json_rows import Beside, json_importer, stateless
from spmc_tools.importers.fields.rows import Account, Record
from spmc_tools.importers.fields.times import parse_iso
from spmc_tools.importers.fields.values import Json, count_of, dict_of, exact_id, list_of, media_of, text_of
from spmc_tools.importers.files.page_text import seen_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spmc_tools.importers.engine.json_rows import Item

__all__ = ["MASTODON"]

_STATUS = {"id", "created_at", "visibility", "account"}
_ACCOUNT = {"id", "acct", "followers_count", "note"}
_FAMILY = Family(
    zone="every time names UTC", precision="1 ms", documentation="https://docs.joinmastodon.org/entities/Status/",
    licence="GFDL-1.3",
)  # fmt: skip


def _is_of(row: Json) -> bool:
    return row.keys() >= _STATUS or row.keys() >= _ACCOUNT or bool(_found(row))


def _found(row: Json) -> list[Json]:
    """Return the statuses of an answer to a search."""
    return [status for status in list_of(row.get("statuses")) if isinstance(status, dict) and status.keys() >= _STATUS]


def _rows(found: Json, number: int) -> Iterator[Item]:
    if found.keys() >= _STATUS:
        record = _status(found, number)
        yield record
        if isinstance(record, Record):
            for carrier in (found, dict_of(found.get("reblog"))):
                if account := _account(dict_of(carrier.get("account")), number):
                    yield Beside(account)
    elif found.keys() >= _ACCOUNT:
        yield _account(found, number) or "an account without an id"
    else:
        for status in _found(found):
            yield from _rows(status, number)


def _reference(status: Json) -> tuple[str, Json, str | None, str | None]:
    """Return kind, the post that carries the text, and id and author of the post referred to."""
    reblog = dict_of(status.get("reblog"))
    if reblog:
        return "repost", reblog, exact_id(reblog.get("id")), exact_id(dict_of(reblog.get("account")).get("id"))
    if answered := exact_id(status.get("in_reply_to_id")):
        return "reply", status, answered, exact_id(status.get("in_reply_to_account_id"))
    quoted = dict_of(dict_of(status.get("quote")).get("quoted_status"))
    if quoted:
        return "quote", status, exact_id(quoted.get("id")), exact_id(dict_of(quoted.get("account")).get("id"))
    return "post", status, None, None


def _status(status: Json, number: int) -> Record | str:
    record_id = exact_id(status.get("id"))
    account_id = exact_id(dict_of(status.get("account")).get("id"))
    at = parse_iso(status.get("created_at"))
    if record_id is None or account_id is None:
        return f"the id of the post or of its account is missing or not exact: {quote(status.get('id'))}"
    if at is None:
        return f"created_at is missing or no time with a zone: {quote(status.get('created_at'))}"
    kind, carrier, ref_id, ref_author = _reference(status)
    tags = [text_of(dict_of(tag).get("name")) for tag in list_of(carrier.get("tags"))]
    people = [
        exact_id(dict_of(mention).get("id")) or text_of(dict_of(mention).get("acct"))
        for mention in list_of(carrier.get("mentions"))
    ]
    media = [
        text_of(dict_of(attachment).get("url"), dict_of(attachment).get("remote_url"))
        for attachment in list_of(carrier.get("media_attachments"))
    ]
    card = text_of(dict_of(carrier.get("card")).get("url"))
    return Record(
        record_id=record_id, platform="mastodon", account_id=account_id, created_at=at, kind=kind, source_row=number,
        time_precision_s=1.0 if at % 1_000_000 == 0 else 0.001, url=text_of(status.get("url"), status.get("uri")),
        text=seen_text(carrier.get("content")) or text_of(carrier.get("text")), lang=text_of(carrier.get("language")),
        ref_record_id=ref_id, ref_account_id=ref_author, edited_at=parse_iso(status.get("edited_at")),
        urls=[card] if card else None, hashtags=[tag for tag in tags if tag] or None,
        mentions=[person for person in people if person] or None, media=media_of(media),
        client=text_of(dict_of(status.get("application")).get("name")), likes=count_of(status.get("favourites_count")),
        reposts=count_of(status.get("reblogs_count")), replies=count_of(status.get("replies_count")),
    )  # fmt: skip


def _account(account: Json, number: int) -> Account | None:
    account_id = exact_id(account.get("id"))
    return None if account_id is None else Account(
        account_id=account_id, platform="mastodon", source_row=number,
        handle=text_of(account.get("acct"), account.get("username")),
        display_name=text_of(account.get("display_name")), created_at=parse_iso(account.get("created_at")),
        description=seen_text(account.get("note")), followers=count_of(account.get("followers_count")),
        following=count_of(account.get("following_count")), posts=count_of(account.get("statuses_count")),
    )  # fmt: skip


MASTODON = json_importer(
    stateless(_rows), _FAMILY, name="mastodon", title="Mastodon's API: statuses, answers to a search, accounts",
    sample_rows=4, recognised_by="id, created_at, visibility and account; or id, acct, followers_count and note",
    tells=_is_of,
    fields=(
        *fields_of(
            record_id=("id", "of the server that was asked: another server has other ids"), account_id="account.id",
            created_at="created_at",
            text=("content; of a boost: reblog.content", "HTML, kept as the text that a reader sees"),
            url="url, else uri",
        ),
        Field("reblog, in_reply_to_id, quote", "kind, ref_record_id, ref_account_id", "the first that is given"),
        *fields_of(
            edited_at="edited_at", urls="card.url", hashtags="tags[].name", mentions="mentions[]: id, else acct",
            media="media_attachments[]: url, else remote_url", lang="language", client="application.name",
            metrics=("favourites_count, reblogs_count, replies_count", "likes, reposts, replies"),
            accounts=(
                "account, reblog.account; accounts: acct, display_name, created_at, note, followers_count, "
                "following_count, statuses_count",
                "handle, display_name, created_at, description, followers, following, posts",
            ),
        ),
    ),
    left_out=(
        LeftOut("addresses inside content", "they stand in the text; only the card's is listed"),
        LeftOut("spoiler_text, sensitive, visibility", "settings of the post"),
        not_read("poll, emojis, filtered, quotes_count"),
        LeftOut("favourited, reblogged, muted, bookmarked, pinned", "of the person who collected it"),
        LeftOut("account.bot", "a mark that the account gives itself; no table holds it"),
        no_column("account.fields, avatar, header, roles, …"),
    ),
)  # fmt: skip
