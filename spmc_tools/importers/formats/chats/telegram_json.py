"""Telegram as JSON: exports of Telegram Desktop (``result.json``) and Telethon's ``to_json()``, one message per line.

Ids are Telegram's marked ids in every importer of Telegram: a user as the number, a group as ``-number``, a channel or
large group as ``-100number``; a message is ``chat/number``. So two exports of one channel know each other's messages.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from spmc_tools.errors import MappingError, quote
from spmc_tools.importers.engine.importer import Family, LeftOut, fields_of, no_column, not_read
from spmc_tools.importers.engine.json_rows import Beside, json_importer, stateless
from spmc_tools.importers.fields.rows import Account, Record
from spmc_tools.importers.fields.times import TimeRule, parse_epoch, parse_utc, read_time, zone_of
from spmc_tools.importers.fields.values import Json, count_of, dict_of, exact_id, list_of, media_of, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spmc_tools.importers.engine.importer import Options, Sample
    from spmc_tools.importers.engine.json_rows import Item, Rows
    from spmc_tools.importers.files.read import Source

__all__ = ["TELEGRAM_DESKTOP", "TELETHON_JSONL"]

_CHATS = {"personal_chat", "bot_chat", "saved_messages", "replies", "verification_codes"}
_CHANNELS = {"public_channel", "private_channel", "public_supergroup", "private_supergroup"}
_TELEGRAM_DESKTOP = Family(
    zone="date_unixtime counts in UTC; older exports write the computer's clock: named with --tz, never assumed",
    precision="1 s", documentation="https://core.telegram.org/import-export", licence="proprietary",
)  # fmt: skip
_TELETHON_JSONL = Family(
    zone="UTC, as Telethon says; an offset that stands in the time is kept", precision="1 s",
    documentation="https://docs.telethon.dev; https://core.telegram.org/constructor/message", licence="MIT",
)  # fmt: skip


def _is_chat(head: object) -> bool:
    kind = dict_of(head).get("type")
    return isinstance(kind, str) and (kind in _CHATS or kind in _CHANNELS or kind.endswith("_group"))


def _marked(number: object, kind: str) -> str | None:
    """Return Telegram's marked id of a chat."""
    found = exact_id(number)
    if found is None or not found.isdecimal():
        return found
    return f"-100{found}" if kind in _CHANNELS else f"-{found}" if kind.endswith("_group") else found


def _sender(value: object) -> str | None:
    """Return the marked id of ``user123`` or ``channel123``; old exports write the bare number."""
    found = exact_id(value)
    if found is None:
        return None
    for before, mark in (("user", ""), ("channel", "-100"), ("chat", "-")):
        if found.startswith(before) and found[len(before) :].isdecimal():
            return mark + found[len(before) :]
    return found


def _flat(found: Json) -> list[tuple[Json, Json]]:
    """Return (chat, message) of a value: one message with its chat, or a whole export on one line."""
    if _is_chat(found.get("chat")) and isinstance(found.get("message"), dict):
        return [(found["chat"], found["message"])]
    chats = [found] if _is_chat(found) else list_of(dict_of(found.get("chats")).get("list"))
    return [
        (chat, message)
        for chat in map(dict_of, chats)
        if _is_chat(chat)
        for message in list_of(chat.get("messages"))
        if isinstance(message, dict)
    ]


def _is_of(row: Json) -> bool:
    return _is_chat(row.get("chat")) or bool(_flat(row)) or (_is_chat(row) and "messages" in row)


def _make(source: Source, sample: Sample, options: Options) -> Rows:
    """Return the function for one export; refuses one whose times name no zone, where none is said."""
    messages = [message for row in sample.rows for _, message in _flat(row)]
    zoned = [message for message in messages if "date_unixtime" in message]
    if messages and not zoned and not options.tz:
        raise MappingError(
            f"{source.name}: Telegram Desktop wrote its times on the clock of that computer and does not say its zone; "
            "say which, as in --tz Asia/Kolkata or --tz UTC."
        )
    rule = TimeRule(zone=zone_of(options.tz)) if options.tz else TimeRule()

    def rows(found: Json, number: int) -> Iterator[Item]:
        for chat, message in _flat(found):
            yield from _message(chat, message, number, rule)
        if _is_chat(found) and not list_of(found.get("messages")):
            yield "a chat without messages"

    return rows


def _plain(text: object) -> str | None:
    """Return a text that is one string, or a list of strings and marked pieces."""
    if isinstance(text, list):
        return (
            "".join(piece if isinstance(piece, str) else str(dict_of(piece).get("text") or "") for piece in text)
            or None
        )
    return text_of(text)


def _pieces(message: Json) -> list[Json]:
    found = message.get("text_entities") or message.get("text")
    return [piece for piece in list_of(found) if isinstance(piece, dict)]


def _of_type(pieces: list[Json], *kinds: str) -> list[str]:
    return [str(piece["text"]) for piece in pieces if piece.get("type") in kinds and text_of(piece.get("text"))]


def _when(message: Json, key: str, rule: TimeRule) -> int | str | None:
    """Return a time in µs, or the reason why it is none; None where the message has none."""
    if (epoch := parse_epoch(message.get(f"{key}_unixtime"))) is not None:
        return epoch
    if message.get(key) is None:
        return None
    found = read_time(message[key], rule)
    return found if isinstance(found, str) else found[0]


def _message(chat: Json, message: Json, number: int, rule: TimeRule) -> Iterator[Item]:
    if message.get("type") == "service":
        yield f"a notice of Telegram itself ({quote(message.get('action'), 60)}), no message of a person"
        return
    kind = str(chat.get("type"))
    surface = _marked(chat.get("id"), kind)
    message_id = exact_id(message.get("id"))
    sender = _sender(message.get("from_id")) or (surface if kind.endswith("_channel") else None)
    at = _when(message, "date", rule)
    if message_id is None or surface is None:
        yield f"the id of the message or its chat is missing or not exact: {quote(message.get('id'))}"
    elif sender is None:
        yield "the message does not say who sent it (no from_id)"
    elif not isinstance(at, int):
        yield f"date is missing or no time: {at or quote(message.get('date'))}"
    else:
        yield _record(message, number, (surface, message_id, sender, at), kind, rule)
        yield Beside(Account(sender, "telegram", number, display_name=text_of(message.get("from"))))


def _record(message: Json, number: int, base: tuple[str, str, str, int], kind: str, rule: TimeRule) -> Record:
    surface, message_id, sender, at = base
    pieces = _pieces(message)
    answered = exact_id(message.get("reply_to_message_id"))
    forwarded = _sender(message.get("forwarded_from_id"))
    edited = _when(message, "edited", rule)
    links = [*_of_type(pieces, "link"), *(str(piece["href"]) for piece in pieces if text_of(piece.get("href")))]
    people = [exact_id(piece.get("user_id")) or str(piece.get("text", "")).lstrip("@") for piece in pieces
              if piece.get("type") in ("mention", "mention_name")]  # fmt: skip
    is_repost = forwarded is not None or text_of(message.get("forwarded_from")) is not None
    reactions = [count_of(dict_of(reaction).get("count")) for reaction in list_of(message.get("reactions"))]
    return Record(
        record_id=f"{surface}/{message_id}", platform="telegram", account_id=sender, created_at=at,
        kind="repost" if is_repost else "reply" if answered else "post" if kind.endswith("_channel") else "message",
        source_row=number, time_precision_s=1.0, surface_id=surface, text=_plain(message.get("text")),
        ref_record_id=None if is_repost or not answered else f"{surface}/{answered}",
        ref_account_id=forwarded or (text_of(message.get("forwarded_from")) if is_repost else None),
        edited_at=edited if isinstance(edited, int) else None, urls=links or None,
        hashtags=[tag.lstrip("#") for tag in _of_type(pieces, "hashtag")] or None,
        mentions=[person for person in people if person] or None,
        media=media_of([message.get("photo"), message.get("file")]), client=text_of(message.get("via_bot")),
        likes=sum(filter(None, reactions)) if reactions else None,
    )  # fmt: skip


TELEGRAM_DESKTOP = json_importer(
    _make, _TELEGRAM_DESKTOP, name="telegram_desktop",
    title="Telegram Desktop's export as JSON (result.json), of one chat or of all", sample_rows=12, options=("--tz",),
    recognised_by="name, type and id of a chat with its messages", tells=_is_of,
    fields=fields_of(
        record_id=("id of the chat and id", "marked chat id/number"),
        surface_id=("id and type of the chat", "-100… channels and large groups, -… groups"),
        account_id="from_id; of channels the channel", created_at="date_unixtime, else date",
        text=("text", "the pieces of a marked text are joined"),
        kind=("forwarded_from, reply_to_message_id, type of chat", "repost; reply; post in channels; message"),
        ref_record_id="reply_to_message_id", ref_account_id="forwarded_from_id, else forwarded_from",
        edited_at="edited_unixtime, else edited", urls="text_entities or text: link, href",
        hashtags="the same: hashtag", mentions="the same: mention, mention_name",
        media=("photo, file", "paths inside the export"), client="via_bot",
        metrics=("reactions[].count", "likes: all reactions together"), accounts=("from_id, from", "display_name"),
    ),
    left_out=(
        LeftOut("messages of type service", "refused row by row: notices of Telegram itself"),
        LeftOut("personal_information, contacts, sessions, …", "of the person who exported; no posts"),
        no_column("thumbnail, mime_type, duration_seconds, width, height, sticker_emoji"),
        no_column("poll, location_information, contact_information"),
    ),
)  # fmt: skip


def _is_telethon(row: Json) -> bool:
    return row.get("_") in ("Message", "MessageService") and "peer_id" in row


def _peer(value: object) -> str | None:
    """Return the marked id of Telethon's peer object."""
    found = dict_of(value)
    for key, mark in (("user_id", ""), ("chat_id", "-"), ("channel_id", "-100")):
        if number := exact_id(found.get(key)):
            return mark + number
    return None


def _span(text: str, entity: Json) -> str:
    """Return the letters that an entity marks; Telegram counts in UTF-16."""
    start, length = entity.get("offset"), entity.get("length")
    if not isinstance(start, int) or not isinstance(length, int) or not 0 <= start <= len(text) * 2:
        return ""
    return text.encode("utf-16-le")[2 * start : 2 * (start + max(length, 0))].decode("utf-16-le", "ignore")


def _telethon(found: Json, number: int) -> Iterator[Item]:
    if not _is_telethon(found):
        return
    if found["_"] == "MessageService":
        yield "a notice of Telegram itself, no message of a person"
        return
    message_id, surface = exact_id(found.get("id")), _peer(found.get("peer_id"))
    sender = _peer(found.get("from_id")) or surface
    at = parse_utc(found.get("date"))
    if message_id is None or surface is None or sender is None:
        yield f"the id of the message or its chat is missing or not exact: {quote(found.get('id'))}"
    elif at is None:
        yield f"date is missing or no time: {quote(found.get('date'))}"
    else:
        yield _telethon_record(found, number, (surface, message_id, sender, at))


def _telethon_record(found: Json, number: int, base: tuple[str, str, str, int]) -> Record:
    surface, message_id, sender, at = base
    text = text_of(found.get("message"))
    marks = list(map(dict_of, list_of(found.get("entities"))))
    forward = dict_of(found.get("fwd_from"))
    answered = exact_id(dict_of(found.get("reply_to")).get("reply_to_msg_id"))

    def marked(kind: str) -> list[str]:
        return [_span(text or "", mark) for mark in marks if mark.get("_") == f"MessageEntity{kind}"]

    links = [*marked("Url"), *(str(mark["url"]) for mark in marks if text_of(mark.get("url")))]
    people = [mention.lstrip("@") for mention in marked("Mention")]
    people += [who for mark in marks if (who := exact_id(mark.get("user_id")))]
    page = text_of(dict_of(dict_of(found.get("media")).get("webpage")).get("url"))
    source = _peer(forward.get("from_id"))
    original = exact_id(forward.get("channel_post"))
    is_post = found.get("post") is True
    reactions = [
        count_of(dict_of(reaction).get("count")) for reaction in list_of(dict_of(found.get("reactions")).get("results"))
    ]
    return Record(
        record_id=f"{surface}/{message_id}", platform="telegram", account_id=sender, created_at=at,
        kind="repost" if forward else "reply" if answered else "post" if is_post else "message", source_row=number,
        time_precision_s=1.0, surface_id=surface, text=text,
        ref_record_id=f"{source}/{original}" if source and original else f"{surface}/{answered}" if answered else None,
        ref_account_id=source or (text_of(forward.get("from_name")) if forward else None),
        edited_at=None if found.get("edit_hide") is True else parse_utc(found.get("edit_date")),
        urls=list(dict.fromkeys([*filter(None, links), *([page] if page else [])])) or None,
        hashtags=[tag.lstrip("#") for tag in marked("Hashtag") if tag] or None,
        mentions=[person for person in people if person] or None, client=exact_id(found.get("via_bot_id")),
        likes=sum(filter(None, reactions)) if reactions else None, reposts=count_of(found.get("forwards")),
        replies=count_of(dict_of(found.get("replies")).get("replies")), views=count_of(found.get("views")),
    )  # fmt: skip


TELETHON_JSONL = json_importer(
    stateless(_telethon), _TELETHON_JSONL, name="telethon_jsonl",
    title="messages of Telegram as Telethon's to_json() writes them", sample_rows=3,
    recognised_by="_ is Message or MessageService, with peer_id", tells=_is_telethon,
    fields=fields_of(
        record_id=("peer_id and id", "marked chat id/number"), surface_id="peer_id",
        account_id="from_id; of channels peer_id", created_at="date", text="message",
        kind=("fwd_from, reply_to, post", "repost; reply; post in channels; message"),
        ref_record_id="fwd_from.channel_post, reply_to.reply_to_msg_id",
        ref_account_id="fwd_from.from_id, else from_name",
        edited_at=("edit_date", "not where edit_hide says that only reactions or views changed"),
        urls="entities[]: url; media.webpage.url", hashtags="entities[]: hashtag",
        mentions="entities[]: mention, user_id", client="via_bot_id",
        metrics=(
            "reactions, forwards, replies, views",
            "likes, reposts, replies, views; likes: all reactions together",
        ),
    ),
    left_out=(
        LeftOut("media beside the page it shows", "an id that only Telegram resolves; no address"),
        LeftOut("grouped_id, pinned, silent, noforwards, ttl_period, …", "settings of the message"),
        no_column("post_author, restriction_reason, factcheck"),
        not_read("reply_markup, paid_*"),
    ),
)  # fmt: skip
