"""Chats exported by WhatsApp as text: own groups and complaints only.

WhatsApp writes date and time as the telephone is set, so the file itself must say which number is the day: the order
under which the chat runs forward in time is taken, where just one does; else ``--date-order`` is asked for. It says no
zone: ``--tz`` is needed.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from spmc_tools.errors import MappingError, quote
from spmc_tools.importers.engine.importer import Chunk, Family, Importer, LeftOut, Plan, fields_of
from spmc_tools.importers.engine.json_rows import CHUNK_ROWS
from spmc_tools.importers.fields.rows import RAW_LIMIT, Account, GroupEvent, Record, Refusal
from spmc_tools.importers.fields.times import micros, zone_of
from spmc_tools.importers.fields.values import media_of
from spmc_tools.importers.files.read import LINE_LIMIT, is_utf8
from spmc_tools.importers.formats.chats.group_notices import Notice, attached_of, bare, notice_of
from spmc_tools.text.tags import tags

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import tzinfo

    from spmc_tools.importers.engine.importer import Options, Sample
    from spmc_tools.importers.files.read import Source

__all__ = ["WHATSAPP"]

_MARKS = "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\ufeff"
_HEAD = re.compile(
    rf"[{_MARKS}]*(?P<open>\[)?(?P<a>\d{{1,4}})[/.-](?P<b>\d{{1,2}})[/.-](?P<c>\d{{2,4}}),?[\s\u202f]+"
    r"(?P<h>\d{1,2})[:.](?P<m>\d{2})(?:[:.](?P<s>\d{2}))?"
    r"(?:[\s\u202f]?(?P<half>[AaPp]\.?\s?[Mm]\.?|पूर्वाह्न|अपराह्न|पूर्वाह्\u200dन|अपराह्\u200dन))?"
    rf"(?(open)\]|[\s\u202f]+[-–])[\s\u202f]+(?P<rest>.*)",
    re.DOTALL,
)
_PERSON = re.compile(rf"[{_MARKS}]*(?P<who>[^:\n]{{1,100}}?): ?(?P<text>.*)", re.DOTALL)
_MARKED = re.compile(r": ?\u200e")
_ENCRYPTED = re.compile(r"end-to-end encrypt|एंड-टू-एंड")
_EDITED = re.compile(
    r"\s*\u200e?<(?:This message was edited|[^<>\n]{0,20}(?:मैसेज|संदेश)[^<>\n]{0,20}(?:एडिट|संपादित)[^<>\n]{0,20})>$"
)
_FILE = re.compile(
    rf"[{_MARKS}]*(?:<[^<>:]{{2,20}}: (?P<ios>[^<>]{{1,200}})>|(?P<android>\S{{1,200}}\.\w{{2,5}}) \([^()]{{2,40}}\))"
)
_LINK = re.compile(r"https?://[^\s<>\"]{1,2000}")
_CHAT = re.compile(r"(?:WhatsApp Chat (?:with|-) |WhatsApp चैट - )?(?P<name>.+?)(?:\.txt|\.zip)?", re.IGNORECASE)
_ORDERS = {"dmy": (2, 1, 0), "mdy": (2, 0, 1), "ymd": (0, 1, 2), "ydm": (0, 2, 1)}
_LONGEST = 100_000
_COLON = "\ue000"
"""Stands for the colon of a name while a notice is looked at: elsewhere a colon ends a name."""

_BACK = 0.02
"""Share of messages that may stand earlier than the one before: telephones catch up after a time without a net."""


class _Line(NamedTuple):
    """The beginning of a message: three numbers of the date, the clock in seconds, the rest of the line."""

    date: tuple[int, int, int]
    clock: int
    fine: bool
    rest: str
    brackets: bool


def _head(line: str) -> _Line | None:
    """Return the beginning of a message, or None where a line goes on with the message before."""
    found = _HEAD.match(line)
    if found is None:
        return None
    hour, half = int(found["h"]), (found["half"] or "").casefold()
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half[0] in "pअ" else 0)
    clock = hour * 3600 + int(found["m"]) * 60 + int(found["s"] or 0)
    if clock >= 86_400:
        return None
    return _Line(
        (int(found["a"]), int(found["b"]), int(found["c"])),
        clock,
        found["s"] is not None,
        found["rest"],
        found["open"] is not None,
    )


def _day(date: tuple[int, int, int], order: str) -> datetime | None:
    """Return the day that three numbers mean in an order; a year of two digits is of this century."""
    year, month, day = (date[i] for i in _ORDERS[order])
    if year < 100:
        year += 2000
    try:
        return datetime(year, month, day)  # noqa: DTZ001
    except ValueError:
        return None


class _Survey(NamedTuple):
    """What one look through the whole chat shows: its dates, how it tells notices, and who wrote something."""

    dates: list[tuple[int, int, int]]
    marked: bool
    writers: set[str]
    groups: set[str]
    """Names that stand before the notice about encryption: on iOS the group's, which may hold a colon."""


def _survey(source: Source) -> _Survey:
    """Look through a chat.

    ``marked``: lines begin with brackets, as on iOS, and what WhatsApp itself wrote behind a name has its mark.
    """
    dates: list[tuple[int, int, int]] = []
    writers: set[str] = set()
    groups: set[str] = set()
    brackets = marks = False
    for line in _lines(source):
        if (found := _head(line[:_LONGEST])) is None:
            continue
        if not dates or dates[-1] != found.date:
            dates.append(found.date)
        brackets |= found.brackets
        if (mark := _MARKED.search(found.rest)) and _ENCRYPTED.search(found.rest, mark.end()):
            groups.add(bare(found.rest[: mark.start()]))
        if (parts := _parts(found.rest, groups)) is not None:
            who, said = parts
            if said.startswith("\u200e"):
                marks = True
            else:
                writers.add(who)
    return _Survey(dates, brackets and marks, writers, groups)


def _parts(rest: str, groups: set[str]) -> tuple[str, str] | None:
    """Return the name before a text, and the text; None where there is no name.

    A name can hold a colon itself: then WhatsApp's mark tells where it ends, before a notice that repeats it, or behind
    one of the names of groups.
    """
    for mark in _MARKED.finditer(rest):
        who = bare(rest[: mark.start()])
        if ":" in who and "\n" not in who and (who in groups or bare(rest[mark.end() :]).startswith(who)):
            return who, rest[mark.end() - 1 :]
    person = _PERSON.fullmatch(rest)
    return None if person is None else (bare(person["who"]), person["text"])


def _require_order(source: Source, dates: list[tuple[int, int, int]], options: Options) -> str:
    """Return the order of day, month and year, by the whole chat or as it was said."""
    if options.date_order:
        if dates and all(_day(date, options.date_order) is None for date in dates):
            raise MappingError(
                f"{source.name}: none of its dates, such as {quote('/'.join(map(str, dates[0])))}, exists as "
                f"{options.date_order}; type another --date-order, or none: then the whole chat tells it."
            )
        return options.date_order
    wide = [date[0] > 99 for date in dates]
    fits = []
    for order in _ORDERS:
        if (order[0] == "y") != any(wide) and (any(wide) or any(date[2] > 99 for date in dates)):
            continue
        days = [_day(date, order) for date in dates]
        whole = [day for day in days if day is not None]
        back = sum(a > b for a, b in pairwise(whole))
        if len(whole) == len(days) and back <= _BACK * len(days):
            fits.append(order)
    if len(fits) == 1:
        return fits[0]
    if "ymd" in fits and any(wide):
        return "ymd"
    example = "/".join(map(str, dates[0])) if dates else ""
    why = "can be read in more than one way" if fits else "run forward in time under no order of day and month"
    raise MappingError(
        f"{source.name}: its dates, such as {quote(example)}, {why}; say which: --date-order dmy, mdy or ymd."
    )


def _lines(source: Source) -> Iterator[str]:
    """Give the lines of a chat; one that is longer than any comes in parts."""
    with source.text() as stream:
        while line := stream.readline(LINE_LIMIT):
            yield line


def _messages(source: Source) -> Iterator[tuple[int, _Line | None, str]]:
    """Give each message: the number of its first line, its beginning, its whole text after the time.

    Of one that is longer than :data:`~spmc_tools.importers.files.read.LINE_LIMIT` only a beginning of that length is
    held.
    """
    first, head, size = 0, None, 0
    parts: list[str] = []
    for number, line in enumerate(_lines(source), 1):
        found = _head(line[:_LONGEST])
        if found is not None:
            if parts:
                yield first, head, "".join(parts)
            rest = found.rest + line[_LONGEST:]
            first, head, parts, size = number, found, [rest], len(rest)
        elif parts:
            if size <= LINE_LIMIT:
                parts.append(line)
                size += len(line)
        elif line.strip():
            yield number, None, line
    if parts:
        yield first, head, "".join(parts)


def _plan(source: Source, sample: Sample, options: Options) -> Plan:
    """Plan a chat; refuses one whose order of dates or zone is not known."""
    del sample
    remark = source.settle_encoding()
    if not options.tz:
        raise MappingError(
            f"{source.name}: WhatsApp wrote its times on the clock of that telephone and does not say its zone; say "
            "which, as in --tz Asia/Kolkata."
        )
    survey = _survey(source)
    order = _require_order(source, survey.dates, options)
    reader = _Reader(source, order, zone_of(options.tz), survey)
    notes = [*([remark] if remark else []), f"dates read as {order}", "accounts are names as that telephone shows them"]

    def chunks() -> Iterator[Chunk]:
        chunk = Chunk()
        for number, head, text in _messages(source):
            source.rows_seen += 1
            chunk.read += 1
            found = reader.message(number, head, text)
            if isinstance(found, str):
                chunk.refused.append(Refusal(number, found, text[:RAW_LIMIT]))
            elif isinstance(found, GroupEvent):
                chunk.events.append(found)
            else:
                chunk.records.append(found)
                if account := reader.new_account(found):
                    chunk.accounts.append(account)
            if chunk.read >= CHUNK_ROWS:
                yield chunk
                chunk = Chunk()
        yield chunk

    return Plan(chunks, notes, {"tz": options.tz, "date_order": order})


class _Reader:
    """Turns messages into records; counts equal ones, so that each keeps an id of its own."""

    def __init__(self, source: Source, order: str, zone: tzinfo, survey: _Survey) -> None:
        self._order, self._zone = order, zone
        self._survey = survey
        self._same: Counter[str] = Counter()
        self._people: set[str] = set()
        name = source.path.name
        found = _CHAT.fullmatch(name)
        plain = found["name"] if found else name
        self._chat = plain if plain not in {"_chat", "chat"} else f"chat-{source.sha256[:12]}"

    def message(self, number: int, head: _Line | None, text: str) -> Record | GroupEvent | str:
        """Return a message as a record, a notice as an event, or the reason why it can be neither."""
        if head is None:
            return "a line before the first message"
        if len(text) > LINE_LIMIT:
            return "the message is longer than 16 MB"
        text = text.rstrip("\r\n")
        day = _day(head.date, self._order)
        if day is None:
            return f"the date {quote('/'.join(map(str, head.date)))} does not exist as {self._order}"
        if not text.isprintable() and not is_utf8(text):
            return "the message holds bytes that are not UTF-8"
        at = micros((day + timedelta(seconds=head.clock)).replace(tzinfo=self._zone))
        step = 1.0 if head.fine else 60.0
        parts = _parts(text, self._survey.groups)
        notice, shown = self._notice(text, parts, head)
        if notice is not None or parts is None:
            event, actor, affected, value = notice or Notice("other")
            return GroupEvent(
                self._id(at, "", text), "whatsapp", self._chat, event, at, number, step, actor, list(affected) or None,
                value, shown,
            )  # fmt: skip
        who, said = parts[0], parts[1].rstrip(" ")
        record_id = self._id(at, who, said)
        said = _EDITED.sub("", said)
        names, said = _attached(said)
        links = _LINK.findall(said)
        return Record(
            record_id=record_id, platform="whatsapp", account_id=who, created_at=at, kind="message",
            source_row=number, time_precision_s=step, surface_id=self._chat, text=said or None,
            urls=links or None, hashtags=tags(said) or None, media=names,
        )  # fmt: skip

    def _id(self, at: int, who: str, said: str) -> str:
        """Return the id of a message or a notice: the same in a later export of the chat."""
        key = "\x1f".join((self._chat, str(at), who, said))
        self._same[key] += 1
        mark = hashlib.sha256(f"{key}\x1f{self._same[key]}".encode()).hexdigest()[:24]
        return f"wa-{mark}"

    def _notice(self, text: str, parts: tuple[str, str] | None, head: _Line) -> tuple[Notice | None, str]:
        """Return the event that a line tells of, None where it is a message; and the words that tell it."""
        whole = bare(text)
        if parts is None or not head.brackets:
            found = notice_of(whole, behind_a_name=False)
            if found is not None or parts is None:
                return found, whole
        who, said = parts
        return self._behind(who, said), bare(said)

    def _behind(self, who: str, said: str) -> Notice | None:
        """Return the event that stands behind a name; None where the person of that name wrote it."""
        marked = self._survey.marked
        if marked and not said.startswith("\u200e"):
            return None
        plain = bare(said)
        if (found := notice_of(plain, behind_a_name=True)) is not None:
            return found if found.event == "encryption" else found._replace(actor=who)
        found = notice_of(plain.replace(who, who.replace(":", _COLON)), behind_a_name=False)
        if found is not None:
            found = found._replace(
                actor=found.actor and found.actor.replace(_COLON, ":"),
                affected=tuple(name.replace(_COLON, ":") for name in found.affected),
            )
        if found is not None and (marked or who == found.actor or who in found.affected):
            return found
        strange = marked and who not in self._survey.writers
        return Notice("other") if strange and _attached(said)[0] is None and not _LINK.search(said) else None

    def new_account(self, record: Record) -> Account | None:
        """Return the account of a record where it is seen for the first time."""
        if record.account_id in self._people:
            return None
        self._people.add(record.account_id)
        return Account(record.account_id, "whatsapp", record.source_row, display_name=record.account_id)


def _attached(said: str) -> tuple[list[dict[str, str | None]] | None, str]:
    """Return the picture, film or file that WhatsApp names in a text, and the text without these words of its own."""
    mark = said.rfind("\u200e")
    found = attached_of(bare(said), marked=mark == 0)
    if found is None and mark > 0 and (last := attached_of(bare(said[mark:]), marked=True)) is not None:
        found = last._replace(caption="\n".join(filter(None, [said[:mark].rstrip(), last.caption])))
    if found is not None:
        return media_of([found.name]) or [{"url": None, "sha256": None, "phash": None}], found.caption
    named = _FILE.match(said)
    return (media_of([named["ios"] or named["android"]]) if named else None), said


WHATSAPP = Importer(
    name="whatsapp", title="a chat exported by WhatsApp (text, alone or in its zip); own groups and complaints only",
    forms=("chat_text",), recognised_by="lines that begin with a date, a time, and a dash or brackets",
    recognises=lambda sample: sample.form == "chat_text", plan=_plan, options=("--tz", "--date-order"),
    sample_rows=3120,
    family=Family(
        zone="named with --tz, never assumed", precision="60 s; 1 s where seconds are written",
        documentation="https://faq.whatsapp.com/1180414079177245 (header formats: https://github.com/lucasrodes/whatstk)",
        licence="proprietary; GPL-3.0 (whatstk)",
    ),
    fields=fields_of(
        record_id=("chat, time, sender, text and how often", "wa-<hash>: known again in a later export"),
        surface_id=("name of the file, without “WhatsApp Chat with”", "chat-<hash> where it is _chat.txt"),
        account_id=("sender", "as that telephone shows it: a saved name, or a number"), created_at="date and time",
        text=("text", "lines that follow are part of it; without what WhatsApp says of a file or an edit"),
        urls="addresses in the text", hashtags="hashtags in the text",
        media="name of the attached file; without one where it was omitted",
        accounts=("sender", "display_name: only who wrote a message"),
        group_events=(
            "notices of WhatsApp, in English and Hindi, of Android and iOS",
            "event_id, surface_id, event, happened_at, time_precision_s, actor, affected, value, text",
        ),
    ),
    left_out=(
        LeftOut("“This message was edited”", "it does not say when"),
        LeftOut("replies, forwards, reactions, read receipts", "WhatsApp does not export them"),
        LeftOut("pictures and films in the zip", "attach them as files"),
    ),
)  # fmt: skip
