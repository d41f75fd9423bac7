"""Signal as JSON: the messages of one chat as Signal Desktop keeps them, which sigtop and like programs write out.

Signal itself knows a message by who sent it and at which millisecond; so do its quotes. Both make the id here, so that
the copies of one message that two members hand over are one, and an answer finds what it answers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from spmc_tools.errors import quote
from spmc_tools.importers.engine.importer import Family, Field, LeftOut, fields_of, no_column
from spmc_tools.importers.engine.json_rows import json_importer
from spmc_tools.importers.fields.rows import Record
from spmc_tools.importers.fields.times import parse_epoch
from spmc_tools.importers.fields.values import Json, dict_of, exact_id, list_of, media_of, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spmc_tools.importers.engine.importer import Options, Sample
    from spmc_tools.importers.engine.json_rows import Item, Rows
    from spmc_tools.importers.files.read import Source

__all__ = ["SIGNAL"]

_NEEDED = {"id", "conversationId", "sent_at", "type"}
_OWN = {"body", "received_at", "sourceDevice", "sourceServiceId", "sourceUuid"}
_MESSAGES = ("incoming", "outgoing")


def _tells(row: Json) -> bool:
    return row.keys() >= _NEEDED and bool(row.keys() & _OWN)


def _person(row: Json, *names: str) -> str | None:
    """Return Signal's id of an account, else its telephone number, which older messages have instead."""
    return next((found for name in names if (found := exact_id(row.get(name)))), None)


def _make(source: Source, sample: Sample, options: Options) -> Rows:
    del sample, options
    owner = f"archive-{source.sha256[:12]}"

    def rows(row: Json, number: int) -> Iterator[Item]:
        what = row.get("type")
        if what not in _MESSAGES:
            yield f"a notice of Signal itself ({quote(what, 60)}), no message of a person"
            return
        author = _person(row, "sourceServiceId", "sourceUuid", "source")
        author = author or (owner if what == "outgoing" else None)
        if author is None:
            yield "the message does not say who sent it"
            return
        at = parse_epoch(row.get("sent_at"), "ms")
        if at is None:
            yield f"sent_at is no time: {quote(row.get('sent_at'))}"
            return
        answered = dict_of(row.get("quote"))
        whom = _person(answered, "authorAci", "authorUuid", "author")
        when = exact_id(answered.get("id"))
        people = [_person(dict_of(one), "mentionAci", "mentionUuid") for one in list_of(row.get("bodyRanges"))]
        yield Record(
            f"{author}/{at // 1000}", "signal", author, at, "reply" if when else "message", number, 0.001,
            surface_id=exact_id(row.get("conversationId")), text=text_of(row.get("body")),
            ref_record_id=f"{whom}/{when}" if whom and when else None, ref_account_id=whom,
            mentions=[one for one in people if one] or None,
            media=media_of(
                text_of(dict_of(one).get("fileName"), dict_of(one).get("path"))
                for one in list_of(row.get("attachments"))
            ),
        )  # fmt: skip

    return rows


SIGNAL = json_importer(
    _make,
    Family(
        zone="milliseconds since 1970, in UTC, by the clock of the sender's telephone", precision="1 ms",
        documentation="https://github.com/tbvdm/sigtop", licence="ISC",
        names_from="two programs that write and read such files (tbvdm/sigtop: fmt_json.go, message.go, quote.go; "
        "vdalex/signal_db_export, with a message in its manual)",
    ),
    name="signal", title="a chat of Signal Desktop as sigtop writes it (JSON)",
    tells=_tells,
    recognised_by="id, conversationId, sent_at and type, and one of body, received_at, sourceDevice, sourceServiceId, "
    "sourceUuid",
    fields=(
        *fields_of(
            record_id=("(account)/sent_at", "Signal itself knows a message by its sender and millisecond"),
            account_id=(
                "sourceServiceId, else sourceUuid, else source",
                "of messages of the owner, who is not named, archive-<hash>; source is a telephone number",
            ),
            created_at="sent_at", kind=("quote", "reply; else message"), text="body",
            surface_id=("conversationId", "of that computer: another one calls the same chat otherwise"),
        ),
        Field("quote: authorAci, authorUuid, author; id", "ref_record_id, ref_account_id", "who and which millisecond"),
        *fields_of(
            mentions="bodyRanges[]: mentionAci, mentionUuid", media=("attachments[]: fileName, path", "names of files"),
        ),
    ),
    left_out=(
        LeftOut("(notices: groups, calls, keys, timers)", "no messages: refused with their kind"),
        LeftOut("received_at, received_at_ms, serverTimestamp", "when it came to that computer or to the server"),
        LeftOut("quote.text, preview, contact", "texts and data of others"),
        LeftOut("reactions, readStatus, seenStatus, unidentifiedDeliveryReceived, …", "what others did; settings"),
        no_column("sticker, expireTimer, isViewOnce, deletedForEveryone, editHistory"),
    ),
)  # fmt: skip
