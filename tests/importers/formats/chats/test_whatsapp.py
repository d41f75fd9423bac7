"""WhatsApp: header formats, the order of dates by the whole chat, lines that go on, notices."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from spmc_tools.errors import MappingError
from spmc_tools.importers.import_files import import_files

INDIA = ZoneInfo("Asia/Kolkata")
START = datetime(2020, 1, 5, 22, 59, 30, tzinfo=INDIA)
TIMES = [START + timedelta(hours=7 * i) for i in range(120)]


def line(form: str, at: datetime, who: str, text: str) -> str:
    """A message as one of the sample's header formats writes it."""
    return f"{at.strftime(form.replace('%name:', ''))}{who}: {text}\n"


def test_one_message_field_by_field(bring):
    text = (
        "12/01/2024, 9:05\u202fpm - Messages and calls are end-to-end encrypted.\n"
        "12/01/2024, 9:06\u202fpm - आशा: मतदान #चुनाव https://example.org/a\nदूसरी पंक्ति\n"
        "13/01/2024, 9:07\u202fam - +91 12345 67890: IMG-20240113-WA0001.jpg (file attached)\n"
    )
    found = bring("WhatsApp Chat with समूह.txt", text, tz="Asia/Kolkata")
    assert (found.result.format, found.result.read, found.result.kept) == ("whatsapp", 3, 3)
    assert found.result.group_events == {"encryption": 1}
    first, second = found.records
    assert first.pop("record_id").startswith("wa-")
    assert first == {
        "platform": "whatsapp", "surface_id": "समूह", "account_id": "आशा", "time_precision_s": 60.0,
        "created_at": datetime(2024, 1, 12, 15, 36, tzinfo=UTC), "kind": "message", "source_row": 2,
        "text": "मतदान #चुनाव https://example.org/a\nदूसरी पंक्ति", "urls": ["https://example.org/a"],
        "hashtags": ["चुनाव"],
    }  # fmt: skip
    assert second["created_at"] == datetime(2024, 1, 13, 3, 37, tzinfo=UTC) and second["source_row"] == 4
    assert second["media"][0]["url"] == "IMG-20240113-WA0001.jpg"
    assert [a["account_id"] for a in found.accounts] == ["आशा", "+91 12345 67890"]


def test_hashtags_are_whole_in_hindi(bring):
    text = "[13/01/2024, 9:06:05] A: #चुनाव और #नीति\n"
    [row] = bring("_chat.txt", text, tz="UTC").records
    assert row["hashtags"] == ["चुनाव", "नीति"] and row["time_precision_s"] == 1.0
    assert row["surface_id"].startswith("chat-")


def test_every_header_of_the_sample_is_read(bring, shared_data):
    """Day, month and year in each order, with and without seconds and halves of the day: told by the whole chat."""
    from spmc_tools.importers.formats.chats.whatsapp import _head

    formats = json.loads((shared_data / "formats" / "whatsapp" / "header_format_support.json").read_text())
    assert len(formats) > 90
    for i, one in enumerate(formats):
        for form in (one["format"], one["format"].replace("%y", "%Y")):
            sample = line(form, START, "A", "x").replace("/", "/")
            head = _head(sample)
            assert head is not None and head.rest.startswith("A: x"), form
            if i % 12 == 0:
                text = "".join(line(form, at, "A", str(n)) for n, at in enumerate(TIMES))
                found = bring(f"chat{i}{form.count('%Y')}.txt", text, tz="Asia/Kolkata", dry_run=True)
                assert found.result.read == found.result.kept == len(TIMES), form


@pytest.mark.parametrize(
    "form", ["%d/%m/%y, %H:%M - ", "%m/%d/%y, %I:%M %p - ", "[%y-%m-%d %H:%M:%S] ", "[%Y.%d.%m %H:%M] "]
)
def test_the_whole_chat_tells_day_from_month(form, bring):
    text = "".join(line(form, at, "A", str(n)) for n, at in enumerate(TIMES))
    found = bring("c.txt", text, tz="Asia/Kolkata")
    step = 1 if "%S" in form else 60
    wanted = [int(at.timestamp()) // step * step for at in TIMES]
    assert [int(r["created_at"].timestamp()) for r in found.records] == wanted


def test_what_stays_open_is_asked(bring, case, snapshot):
    before = snapshot()
    text = "01/02/24, 10:00 - A: x\n03/04/24, 10:00 - B: y\n"
    with pytest.raises(MappingError, match="--tz Asia/Kolkata"):
        bring("c.txt", text)
    with pytest.raises(MappingError, match="can be read in more than one way; say which: --date-order dmy, mdy or ymd"):
        bring("c.txt", text, tz="UTC")
    assert snapshot() == before
    found = bring("c.txt", text, tz="UTC", date_order="mdy")
    assert [r["created_at"].date().isoformat() for r in found.records] == ["2024-01-02", "2024-03-04"]
    with pytest.raises(MappingError, match="run forward in time under no order"):
        bring("d.txt", "13/02/24, 10:00 - A: x\n02/14/24, 10:00 - B: y\n", tz="UTC")


def test_equal_messages_are_kept_and_a_later_export_knows_them(bring):
    lines = ["13/01/2024, 10:00 - A: ठीक\n", "13/01/2024, 10:00 - A: ठीक\n", "14/01/2024, 10:00 - B: हाँ\n"]
    first = bring("WhatsApp Chat with G.txt", "".join(lines), tz="UTC")
    assert (first.result.kept, first.result.duplicates) == (3, 0)
    later = bring("WhatsApp Chat with G.txt", "".join([*lines, "15/01/2024, 10:00 - B: और\n"]), tz="UTC")
    assert (later.result.kept, later.result.duplicates) == (1, 3)
    other = bring("WhatsApp Chat with H.txt", "".join(lines) + "\n", tz="UTC")
    assert (other.result.kept, other.result.duplicates) == (3, 0)


def test_in_its_zip_and_with_marks_of_direction(bring):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("_chat.txt", "\ufeff\u200e[13/01/24, 10:15:33\u202fAM] A: \u200e<attached: 0001-PHOTO.jpg>\n")
        archive.writestr("0001-PHOTO.jpg", "x")
        archive.writestr("notes.txt", "13/01/24")
    found = bring("WhatsApp Chat - समूह.zip", out.getvalue(), tz="UTC", date_order="dmy")
    [row] = found.records
    assert (row["surface_id"], row["account_id"], row["media"][0]["url"]) == ("समूह", "A", "0001-PHOTO.jpg")
    assert row["created_at"] == datetime(2024, 1, 13, 10, 15, 33, tzinfo=UTC)


def test_a_long_message_is_whole_and_one_without_end_is_refused(bring, monkeypatch, uncaged):
    from spmc_tools.importers.formats.chats import whatsapp

    monkeypatch.setattr(whatsapp, "LINE_LIMIT", 5000)
    monkeypatch.setattr(whatsapp, "_LONGEST", 1000)
    long, endless = "अ" * 3000, "x\n" * 4000
    text = f"before\n13/01/2024, 10:00 - A: {long}\n14/01/2024, 10:00 - A: {endless}15/01/2024, 10:00 - B: y\n"
    found = bring("c.txt", text[7:], tz="UTC")
    assert [r["text"] for r in found.records] == [long, "y"]
    assert [r["reason"] for r in found.refused] == ["the message is longer than 16 MB"]
    assert found.records[1]["source_row"] == 4002


def test_an_order_under_which_no_date_exists_is_refused_before_the_file_is_used_up(case, write):
    path = write("WhatsApp Chat with Y.txt", "2019/4/16, 10:00 - A: एक\n2019/4/17, 10:00 - B: दो\n")
    with pytest.raises(MappingError, match=r'none of its dates, such as "2019/4/16", exists as dmy; type another'):
        import_files(case, [path], tz="UTC", date_order="dmy")
    assert case.batches() == []
    [result] = import_files(case, [path], tz="UTC")
    assert result.kept == 2
