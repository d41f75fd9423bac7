"""Telegram Desktop's export as web pages (``messages.html``): what a reader sees, hence names instead of ids."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from spmc_tools.errors import FormatError, MappingError, quote
from spmc_tools.importers.engine.importer import Chunk, Family, Importer, LeftOut, Plan, fields_of, no_column
from spmc_tools.importers.fields.rows import RAW_LIMIT, Account, Record, Refusal
from spmc_tools.importers.fields.times import TimeRule, read_time, zone_of
from spmc_tools.importers.fields.values import media_of
from spmc_tools.importers.files.page_text import text_of_node

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spmc_tools.importers.engine.importer import Options, Sample
    from spmc_tools.importers.files.read import Source

__all__ = ["TELEGRAM_HTML"]

_PAGE_LIMIT = 64 * 1024 * 1024
_NUMBER = re.compile(r"message(\d{1,19})")
_REPLY = re.compile(r"#go_to_message(\d{1,19})")
_TIME = re.compile(r"(\d{2}\.\d{2}\.\d{4} \d{2}:\d{2}:\d{2})(?: UTC([+-]\d{2}:?\d{2}))?")
_PERSON = re.compile(r"https?://(?:t|telegram)\.me/(\w{1,64})/?")
_MEDIA = re.compile(r"^(?:photos|video_files|files|voice_messages|round_video_messages|stickers)/")


def _class(name: str) -> str:
    return f"contains(concat(' ', normalize-space(@class), ' '), ' {name} ')"


def _one(node: Any, path: str) -> Any:
    found = node.xpath(path)
    return found[0] if found else None


def _plan(source: Source, sample: Sample, options: Options) -> Plan:
    """Plan a page; refuses one whose times name no zone, where none is said."""
    del sample
    page = _page(source)
    messages = page.xpath(f"//div[{_class('message')}]")
    times = [str(t) for t in page.xpath(f"//div[{_class('date')}]/@title")]
    if not options.tz and any((found := _TIME.match(t)) and not found[2] for t in times):
        raise MappingError(
            f"{source.name}: Telegram Desktop wrote its times on the clock of that computer and does not say its zone; "
            "say which, as in --tz Asia/Kolkata or --tz UTC."
        )
    rule = TimeRule(zone=zone_of(options.tz) if options.tz else None, order="dmy")
    title = _one(page, f"//div[{_class('page_header')}]//div[{_class('text')}]")
    chat = text_of_node(title) if title is not None else ""

    def chunks() -> Iterator[Chunk]:
        chunk = Chunk()
        before = _Names(None, None)
        seen: set[str] = set()
        for message in messages:
            if _is_day(message):
                continue
            chunk.read += 1
            found, before = _message(message, chat, before, rule)
            if isinstance(found, str):
                raw = text_of_node(message)[:RAW_LIMIT]
                chunk.refused.append(Refusal(message.sourceline or 0, found, raw))
                continue
            chunk.records.append(found)
            if found.account_id not in seen:
                seen.add(found.account_id)
                name = found.account_id
                chunk.accounts.append(Account(name, "telegram", found.source_row, display_name=name))
        source.rows_seen = chunk.read
        yield chunk

    note = "accounts are names: two persons of one name are one account here; the export as JSON has ids"
    return Plan(chunks, [note], {"tz": options.tz} if options.tz else {})


def _page(source: Source) -> Any:
    from lxml import etree, html

    with source.text() as stream:
        text = stream.read(_PAGE_LIMIT + 1)
    if len(text) > _PAGE_LIMIT:
        raise FormatError(f"{source.name} is a web page of more than 64 MB; Telegram writes 1,000 messages to a page.")
    try:
        parser = html.HTMLParser(huge_tree=False, no_network=True, encoding="utf-8")
        page = html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as error:
        raise FormatError(f"{source.name} is a broken web page; export the chat again.") from error
    return page


def _is_day(message: Any) -> bool:
    """Whether a block only says the day; Telegram numbers these from -1 down."""
    return str(message.get("id") or "").startswith("message-")


class _Names(NamedTuple):
    """Sender and origin of a message as the page writes them, ``name via @bot``; a joined message has them of it."""

    sender: str | None
    origin: str | None


def _names(message: Any, before: _Names) -> _Names:
    """Return whose a message is and whose it was: a joined one that names none has those of the one before."""
    is_joined = "joined" in str(message.get("class") or "").split()
    body = f"./div[{_class('body')}]"
    sender = _text_of(message, f"{body}/div[{_class('from_name')}]")
    origin = None
    if _one(message, f"{body}/div[{_class('forwarded')} and {_class('body')}]") is not None:
        origin = _text_of(message, f"{body}/div[{_class('forwarded')}]/div[{_class('from_name')}]")
        origin = origin or (before.origin if is_joined else None)
    return _Names(sender or (before.sender if is_joined else None), origin)


def _text_of(node: Any, path: str) -> str | None:
    """Return the text that an element begins with, without what stands in others inside it."""
    found = _one(node, path)
    return (found.text or "").strip() or None if found is not None else None


def _without_bot(named: str) -> tuple[str, str | None]:
    """Return a name and the bot it was sent with."""
    name, _, bot = named.rpartition(" via @")
    return (name, f"@{bot}") if name else (named, None)


def _mentioned(mark: Any) -> str | None:
    """Return whom a link mentions: ``@name`` that leads to that name, or a shown name; None of other links."""
    shown = text_of_node(mark).strip()
    if str(mark.get("onclick") or "").startswith("return ShowMentionName"):
        return shown
    found = _PERSON.fullmatch(str(mark.get("href") or ""))
    return found[1] if found and shown.casefold() == f"@{found[1]}".casefold() else None


def _message(message: Any, chat: str, before: _Names, rule: TimeRule) -> tuple[Record | str, _Names]:
    """Return a message as a record or the reason why not, and whose it is, since the next may be joined to it."""
    found = _NUMBER.fullmatch(str(message.get("id") or ""))
    if "service" in str(message.get("class") or "").split():
        return "a notice of Telegram itself, no message of a person", before
    names = _names(message, before)
    date = _one(message, f"./div[{_class('body')}]/div[{_class('date')}]/@title")
    if found is None:
        return f"the message has no number: {quote(message.get('id'))}", names
    if names.sender is None:
        return "the message does not say who sent it", names
    shape = _TIME.match(str(date or ""))
    time = read_time(f"{shape[1]}{shape[2] or ''}" if shape else str(date or ""), rule)
    if isinstance(time, str):
        return time, names
    return _record(message, (chat, found[1], names.sender), time[0], names.origin), names


def _record(message: Any, base: tuple[str, str, str], at: int, from_whom: str | None) -> Record:
    chat, number, sent_by = base
    sender, client = _without_bot(sent_by)
    origin, origin_client = _without_bot(from_whom or "")
    body = _one(message, f"./div[{_class('body')}]")
    forwarded = _one(body, f"./div[{_class('forwarded')} and {_class('body')}]")
    inner = body if forwarded is None else forwarded
    text = _one(inner, f"./div[{_class('text')}]")
    reply = _one(body, f"./div[{_class('reply_to')}]//a/@href")
    answered = _REPLY.search(str(reply or ""))
    marks = text.xpath(".//a") if text is not None else []
    named = [_mentioned(mark) for mark in marks]
    links = [str(mark.get("href") or "") for mark, who in zip(marks, named, strict=True) if who is None]
    tags = (
        [str(a).strip().lstrip("#") for a in text.xpath(".//a[starts-with(@onclick, 'return ShowHashtag')]/text()")]
        if text is not None
        else []
    )
    files = [str(a) for a in inner.xpath(".//a/@href") if _MEDIA.match(str(a))]
    return Record(
        record_id=f"{chat}/{number}", platform="telegram", account_id=sender, created_at=at,
        kind="repost" if forwarded is not None else "reply" if answered else "message",
        source_row=message.sourceline or 0, time_precision_s=1.0, surface_id=chat or None,
        text=(text_of_node(text) or None) if text is not None else None,
        ref_record_id=f"{chat}/{answered[1]}" if answered and forwarded is None else None,
        ref_account_id=origin or None,
        urls=[link for link in links if link.startswith(("http://", "https://", "tg://"))] or None,
        hashtags=[tag for tag in tags if tag] or None, mentions=[who for who in named if who] or None,
        media=media_of(files), client=client or origin_client,
    )  # fmt: skip


TELEGRAM_HTML = Importer(
    name="telegram_html", title="Telegram Desktop's export as web pages (messages.html)", forms=("chat_html",),
    recognised_by="a page with the classes page_wrap and history", recognises=lambda sample: sample.form == "chat_html",
    plan=_plan, options=("--tz",), sample_rows=12,
    family=Family(
        zone="UTC+… beside the time; older exports write the computer's clock: named with --tz, never assumed",
        precision="1 s", documentation="https://telegram.org/blog/export-and-more", licence="proprietary",
    ),
    fields=fields_of(
        record_id=("title of the page and number", "chat/number"),
        account_id=("from_name", "a name, no id; a joined message has the sender of the one before"),
        surface_id="title of the page", created_at="title of date", text=("text", "what a reader sees"),
        kind=("forwarded, reply_to", "repost; reply; else message"), ref_record_id="address of reply_to",
        ref_account_id=("from_name of forwarded", "a joined message has that of the one before"), urls="links in text",
        mentions="links to @name and to shown names in text", hashtags="hashtags in text",
        media=("links to files of the export", "paths inside the export"), client="from_name after “via @”",
        accounts=("from_name", "display_name"),
    ),
    left_out=(
        LeftOut("lines that say the day", "no rows"),
        LeftOut("notices of Telegram itself", "refused row by row"),
        no_column("reactions, sizes and lengths of files, pictures of persons"),
    ),
)  # fmt: skip
