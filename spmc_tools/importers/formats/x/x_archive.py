"""The archive that X hands to an account: its posts, the deleted ones, and the long texts that stand apart.

``tweets.js`` holds statuses of X API v1.1 without a user: they are one account's, and its number stands in
``account.js`` beside it. Whoever imports the whole zip has it; of a lone ``tweets.js`` the account is called
``archive-<hash>``. A repost stands there as ``RT @name: text`` and names the reposted account alone, not the post.
``note-tweet.js`` holds the whole text of posts of which ``tweets.js`` has the beginning: it completes the post of the
same second that begins alike.
"""

from __future__ import annotations

import html
import re
from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

import orjson

from spmc_tools.errors import quote
from spmc_tools.importers.engine.importer import LeftOut, fields_of
from spmc_tools.importers.engine.json_rows import Beside, json_importer
from spmc_tools.importers.fields.rows import Account, Record
from spmc_tools.importers.fields.times import parse_iso
from spmc_tools.importers.fields.values import Json, dict_of, exact_id, list_of, text_of
from spmc_tools.importers.files.x_archive_files import ARCHIVE_HEAD, left_out_of
from spmc_tools.importers.formats.x.x_api_v1 import STATUS_FIELDS, STATUS_LEFT_OUT, X_API, status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spmc_tools.importers.engine.importer import Options, Sample
    from spmc_tools.importers.engine.json_rows import Item, Rows
    from spmc_tools.importers.files.read import Source

__all__ = ["X_ARCHIVE"]

_ARCHIVE = replace(X_API, documentation="https://help.x.com/en/managing-your-account/how-to-download-your-x-archive")
_TEXTS = {"full_text", "text"}
_REPOST = re.compile(r"RT @(?P<name>\w{1,20}):? ", re.ASCII)
_NOTES_LIMIT = 64 * 1024 * 1024
_SAME_S = 1
"""Seconds by which a long text and its post may differ."""

_ALIKE = 40
"""Letters that a post and its long text begin with alike."""


def _archived(row: Json) -> Json:
    """Return the status of a line of the archive; older archives have no wrapper around it."""
    inner = dict_of(row.get("tweet")) or row
    return inner if {"id_str", "created_at"} <= inner.keys() and "user" not in inner and _TEXTS & inner.keys() else {}


def _is_of(row: Json) -> bool:
    return bool(_archived(row) or dict_of(row.get("noteTweet")))


def _owner(source: Source) -> tuple[str, Account | None]:
    """Return whose archive it is: by ``account.js`` in the same zip, else a made-up name."""
    found = _objects(source.beside("data/account.js") or source.beside("account.js"))
    account = dict_of(dict_of(next(iter(found), {})).get("account"))
    account_id = exact_id(account.get("accountId"))
    if account_id is None:
        return f"archive-{source.sha256[:12]}", None
    return account_id, Account(
        account_id, "x", 1, handle=text_of(account.get("username")),
        display_name=text_of(account.get("accountDisplayName")), created_at=parse_iso(account.get("createdAt")),
    )  # fmt: skip


def _objects(file: bytes | None) -> list[Json]:
    """Return the objects of a small file of the archive; none where it is absent or broken."""
    text = (file or b"").decode("utf-8", "replace")
    head = ARCHIVE_HEAD.match(text)
    try:
        found = orjson.loads(text[head.end() :] if head else text)
    except (ValueError, orjson.JSONDecodeError):
        return []
    return [one for one in list_of(found) if isinstance(one, dict)]


def _note(found: Json, number: int, owner: str) -> Record | str:
    """Return a long text as a post of its own."""
    note = dict_of(found.get("noteTweet"))
    core = dict_of(note.get("core"))
    record_id, at = exact_id(note.get("noteTweetId")), parse_iso(note.get("createdAt"))
    if record_id is None:
        return f"the id is missing or not exact: {quote(note.get('noteTweetId'))}"
    if at is None:
        return f"created_at is no time: {quote(note.get('createdAt'))}"
    urls = [text_of(url.get("expandedUrl"), url.get("shortUrl")) for url in map(dict_of, list_of(core.get("urls")))]
    tags = [text_of(tag.get("text")) for tag in map(dict_of, list_of(core.get("hashtags")))]
    people = [text_of(person.get("screenName")) for person in map(dict_of, list_of(core.get("mentions")))]
    return Record(
        record_id=record_id, platform="x", account_id=owner, created_at=at - at % 1_000_000, kind="post",
        source_row=number, time_precision_s=1.0, text=text_of(core.get("text")),
        urls=[url for url in urls if url] or None, hashtags=[tag for tag in tags if tag] or None,
        mentions=[person for person in people if person] or None,
    )  # fmt: skip


class _Notes:
    """The long texts of an archive, by the second of their post."""

    def __init__(self, source: Source, owner: str) -> None:
        self._by_second: defaultdict[int, list[Record]] = defaultdict(list)
        self.used: dict[str, Record] = {}
        for found in _objects(source.beside("note-tweet.js", _NOTES_LIMIT)):
            note = _note(found, 0, owner)
            if isinstance(note, Record) and note.text:
                self._by_second[note.created_at // 1_000_000].append(note)

    def completed(self, record: Record) -> Record:
        """Return a post with its whole text, where a long text of the same second begins as it does."""
        if record.text is None or not self._by_second:
            return record
        second = record.created_at // 1_000_000
        for near in range(second - _SAME_S, second + _SAME_S + 1):
            for note in self._by_second.get(near, ()):
                if note.record_id not in self.used and _begins_alike(record.text, note.text or ""):
                    self.used[note.record_id] = whole = record._replace(
                        text=note.text, urls=note.urls or record.urls, hashtags=note.hashtags or record.hashtags,
                        mentions=record.mentions or note.mentions,
                    )  # fmt: skip
                    return whole
        return record


def _begins_alike(text: str, note: str) -> bool:
    short = html.unescape(text).split("…")[0][:_ALIKE].strip()
    return len(short) >= min(_ALIKE // 2, len(note)) and html.unescape(note).strip().startswith(short)


def _make(source: Source, sample: Sample, options: Options) -> Rows:
    del sample, options
    owner, account = _owner(source)
    notes = _Notes(source, owner)

    def rows(found: Json, number: int) -> Iterator[Item]:
        if "noteTweet" in found:
            note = _note(found, number, owner)
            whole = notes.used.get(note.record_id) if isinstance(note, Record) else None
            yield note if whole is None else whole._replace(source_row=number)
        elif inner := _archived(found):
            yield _post(inner, number, owner, notes)
        else:
            return
        if account is not None:
            yield Beside(account)

    said = left_out_of(source.beside_it, (source.member or "", *source.more))
    if account is None:
        said.insert(
            0, f"the file does not say whose archive it is: the account is called {owner}; the whole zip says it"
        )
    rows.notes = tuple(said)  # type: ignore[attr-defined]
    return rows


def _post(inner: Json, number: int, owner: str, notes: _Notes) -> Record | str:
    """Return a status of the archive as a record: with its whole text, as a repost where it is one."""
    record = status(inner, number, owner)
    if isinstance(record, str):
        return record
    record = record._replace(deleted_seen_at=parse_iso(inner.get("deleted_at")))
    if record.kind == "post" and (repost := _REPOST.match(record.text or "")):
        mentions = [dict_of(m) for m in list_of(dict_of(inner.get("entities")).get("user_mentions"))]
        named = [m for m in mentions if (text_of(m.get("screen_name")) or "").casefold() == repost["name"].casefold()]
        author = exact_id(dict_of(next(iter(named), {})).get("id_str"))
        return record._replace(kind="repost", ref_account_id=author or repost["name"])
    return notes.completed(record)


X_ARCHIVE = json_importer(
    _make, _ARCHIVE, name="x_archive",
    title="X's archive of one account (the zip with posts, deleted and long ones; or one of these files)",
    sample_rows=8, recognised_by="tweet with id_str and created_at and without a user; noteTweet", tells=_is_of,
    fields=(
        *STATUS_FIELDS,
        *fields_of(
            account_id=("accountId in account.js of the same zip", "else archive-<hash>, and the line says so"),
            deleted_seen_at="deleted_at", kind=("“RT @name: ” before the text", "repost; ref_account_id: of that name"),
            accounts=("account.js: username, accountDisplayName, createdAt", "handle, display_name, created_at"),
        ),
    ),
    left_out=(
        *STATUS_LEFT_OUT,
        LeftOut("edit_info", "says what could be edited, not what was"),
        LeftOut("direct-messages.js", "private messages, of other people too"),
        LeftOut("like.js", "X does not say when; no post of the account"),
        LeftOut("ad-*.js and every other file", "what X showed and guessed, devices, addresses: not asked for"),
    ),
)  # fmt: skip
