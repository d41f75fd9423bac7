"""Telegram: Desktop's JSON and web pages, Telethon's lines, simple JSON of channels, on hand-written messages."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from spmc_tools.errors import MappingError

AT = datetime(2025, 11, 6, 4, 30, tzinfo=UTC)


def message(number: int, **more) -> dict:
    base = {
        "id": number, "type": "message", "date": "2025-11-06T10:00:00", "date_unixtime": "1762403400", "from": "आशा",
        "from_id": "user11", "text": "पाठ",
    }  # fmt: skip
    return {**base, **more}


def chat(*messages: dict, kind: str = "private_supergroup", number: int = 5) -> dict:
    return {"name": "G", "type": kind, "id": number, "messages": list(messages)}


RICH = message(
    2, text=["देखो ", {"type": "link", "text": "https://example.org/a"}, " ", {"type": "hashtag", "text": "#चुनाव"}],
    text_entities=[
        {"type": "plain", "text": "देखो "}, {"type": "link", "text": "https://example.org/a"},
        {"type": "hashtag", "text": "#चुनाव"}, {"type": "mention", "text": "@ravi"},
        {"type": "text_link", "text": "x", "href": "https://example.org/b"},
    ],
    reply_to_message_id=1, edited_unixtime="1762403460", photo="photos/1.jpg", via_bot="@gif",
    reactions=[{"count": 2}, {"count": 3}],
)  # fmt: skip


@pytest.mark.parametrize("indent", [None, 1])
@pytest.mark.parametrize("whole", [False, True])
def test_desktop(indent, whole, bring):
    one = chat(message(1), RICH)
    other = chat(message(1, from_id="channel9"), kind="public_channel", number=9)
    export = {"about": "x", "chats": {"about": "y", "list": [one, other]}} if whole else one
    found = bring("result.json", json.dumps(export, indent=indent, ensure_ascii=False) + "\n")
    assert (found.result.format, found.result.kept) == ("telegram_desktop", 3 if whole else 2)
    assert found.records[1] == {
        "record_id": "-1005/2", "platform": "telegram", "surface_id": "-1005", "account_id": "11", "created_at": AT,
        "time_precision_s": 1.0, "kind": "reply", "text": "देखो https://example.org/a #चुनाव", "ref_record_id": "-1005/1",
        "edited_at": AT.replace(minute=31), "urls": ["https://example.org/a", "https://example.org/b"],
        "hashtags": ["चुनाव"], "mentions": ["ravi"], "client": "@gif",
        "media": [{"url": "photos/1.jpg", "sha256": None, "phash": None}],
        "metrics": {"likes": 5, "reposts": None, "replies": None, "views": None},
        "source_row": 2 if indent else 1,
    }  # fmt: skip
    if whole:
        assert (found.records[2]["record_id"], found.records[2]["kind"]) == ("-1009/1", "post")
        assert found.records[2]["account_id"] == found.records[2]["surface_id"] == "-1009"
    assert found.accounts[0] == {
        "account_id": "11", "platform": "telegram", "display_name": "आशा", "source_row": 1,
    }  # fmt: skip


def test_the_clock_of_a_computer_needs_a_zone(bring, case, snapshot):
    old = [{k: v for k, v in message(n).items() if k != "date_unixtime"} for n in (1, 2)]
    export = json.dumps(chat(*old), indent=1)
    before = snapshot()
    with pytest.raises(MappingError, match="--tz Asia/Kolkata or --tz UTC"):
        bring("result.json", export)
    assert snapshot() == before
    assert bring("result.json", export, tz="Asia/Kolkata").records[0]["created_at"] == AT


def test_forwards_notices_and_nobody(bring):
    lines = chat(
        message(1, forwarded_from="B", forwarded_from_id="channel9"), message(2, forwarded_from="hidden"),
        {"id": 3, "type": "service", "date_unixtime": "1762403400", "action": "pin_message"}, message(4, from_id=None),
        message(5, date=None, date_unixtime=None),
    )  # fmt: skip
    found = bring("result.json", json.dumps(lines, indent=1))
    assert [(r["kind"], r["ref_account_id"]) for r in found.records] == [("repost", "-1009"), ("repost", "hidden")]
    assert [r["reason"] for r in found.refused] == [
        'a notice of Telegram itself ("pin_message"), no message of a person',
        "the message does not say who sent it (no from_id)", 'date is missing or no time: "None"',
    ]  # fmt: skip


PAGE = """<!DOCTYPE html>
<html><head><title>Exported Data</title></head><body><div class="page_wrap">
<div class="page_header"><div class="content">
<div class="text bold">
समूह
</div></div></div><div class="page_body chat_page"><div class="history">
<div class="message service" id="message-1"><div class="body details">6 November 2025</div></div>
<div class="message service" id="message1"><div class="body details">A created group</div></div>
<div class="message default clearfix" id="message2"><div class="body">
<div class="pull_right date details" title="06.11.2025 10:00:00{zone}">10:00</div>
<div class="from_name">
आशा via @gif
</div>
<div class="text">पहली<br>पंक्ति <a href="https://example.org/a">कड़ी</a>
<a href="" onclick="return ShowHashtag(&quot;x&quot;)">#चुनाव</a></div>
</div></div>
<div class="message default clearfix joined" id="message3"><div class="body">
<div class="pull_right date details" title="06.11.2025 10:00:05{zone}">10:00</div>
<div class="reply_to details">In reply to <a href="#go_to_message2">this message</a></div>
<div class="media_wrap clearfix"><a class="photo_wrap" href="photos/1.jpg"></a></div>
</div></div>
<div class="message default clearfix" id="message4"><div class="body">
<div class="pull_right date details" title="06.11.2025 10:00:06{zone}">10:00</div>
<div class="from_name">R</div>
<div class="forwarded body"><div class="from_name">मूल <span class="date details"> 05.11.2025</span></div>
<div class="text">आगे</div></div>
</div></div>
</div></div></div></body></html>
"""


def test_web_pages(bring):
    found = bring("messages.html", PAGE.format(zone=" UTC+05:30"))
    assert (found.result.format, found.result.read, found.result.refused) == ("telegram_html", 4, 1)
    first, second, third = found.records
    assert first == {
        "record_id": "समूह/2", "platform": "telegram", "surface_id": "समूह", "account_id": "आशा", "created_at": AT,
        "time_precision_s": 1.0, "kind": "message", "text": "पहली\nपंक्ति कड़ी\n#चुनाव", "urls": ["https://example.org/a"],
        "hashtags": ["चुनाव"], "client": "@gif", "source_row": 9,
    }  # fmt: skip
    assert (second["account_id"], second["kind"], second["ref_record_id"]) == ("आशा", "reply", "समूह/2")
    assert second["media"][0]["url"] == "photos/1.jpg" and "text" not in second
    assert (third["kind"], third["ref_account_id"], third["text"]) == ("repost", "मूल", "आगे")
    assert [r["reason"] for r in found.refused] == ["a notice of Telegram itself, no message of a person"]
    with pytest.raises(MappingError, match="--tz Asia/Kolkata"):
        bring("messages2.html", PAGE.format(zone=""))
    again = bring("messages2.html", PAGE.format(zone=""), tz="Asia/Kolkata")
    assert again.result.duplicates == 3


POST = {
    "record_id": "-1009/1", "platform": "telegram", "surface_id": "-1009", "account_id": "-1009", "created_at": AT,
    "time_precision_s": 1.0, "kind": "post", "source_row": 1,
}  # fmt: skip
"""The first post of a channel, which Telethon and simple JSON know as the same."""


def telethon(number: int, **more) -> dict:
    base = {
        "_": "Message",
        "id": number,
        "peer_id": {"_": "PeerChannel", "channel_id": 9},
        "date": "2025-11-06 04:30:00.000000",
        "message": "👍🏽 #चुनाव https://example.org/a",
        "post": True,
        "from_id": None,
        "fwd_from": None,
        "reply_to": None,
        "entities": [
            {"_": "MessageEntityHashtag", "offset": 5, "length": 6},
            {"_": "MessageEntityUrl", "offset": 12, "length": 21},
            {"_": "MessageEntityMentionName", "offset": 0, "length": 1, "user_id": 12},
        ],
        "views": 9,
        "forwards": 2,
        "replies": {"replies": 1},
        "edit_date": "2025-11-06T04:31:00+00:00",
        "reactions": {"results": [{"count": 3}]},
    }
    return {**base, **more}


def test_telethon(bring):
    forward = {"from_id": {"_": "PeerChannel", "channel_id": 8}, "channel_post": 77}
    found = bring(
        "t.jsonl",
        [
            telethon(1),
            telethon(2, edit_hide=True, reply_to={"reply_to_msg_id": 1}),
            telethon(3, fwd_from=forward, post=False, from_id={"_": "PeerUser", "user_id": 11}),
            {"_": "MessageService", "id": 4, "peer_id": {"channel_id": 9}},
            telethon(5, date=None),
        ],
    )
    assert found.result.format == "telethon_jsonl"
    assert found.records[0] == POST | {
        "text": "👍🏽 #चुनाव https://example.org/a",
        "edited_at": AT.replace(minute=31),
        "urls": ["https://example.org/a"],
        "hashtags": ["चुनाव"],
        "mentions": ["12"],
        "metrics": {"likes": 3, "reposts": 2, "replies": 1, "views": 9},
    }
    assert (found.records[1]["kind"], found.records[1]["ref_record_id"]) == ("reply", "-1009/1")
    assert "edited_at" not in found.records[1]
    third = found.records[2]
    assert (third["kind"], third["account_id"], third["ref_record_id"], third["ref_account_id"]) == (
        "repost", "11", "-1008/77", "-1008",
    )  # fmt: skip
    assert len(found.refused) == 2


def test_simple_json_of_a_channel_and_telethon_know_the_same_message(bring):
    simple = {
        "message_id": 1,
        "sender_id": -1009,
        "text": "पाठ",
        "date": "2025-11-06T04:30:00+00:00",
        "channel": "समाचार",
        "category": "x",
    }
    found = bring("c.json", json.dumps([simple]))
    assert found.result.format == "telegram_channel"
    assert found.records == [POST | {"text": "पाठ"}]
    assert found.accounts == [
        {"account_id": "-1009", "platform": "telegram", "display_name": "समाचार", "source_row": 1}
    ]
    assert bring("t.jsonl", [telethon(1)]).result.duplicates == 1
