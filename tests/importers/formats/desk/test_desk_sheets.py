"""Sheets of the desks: recognised by their columns or read by a mapping; every row kept, a duplicate or refused."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from spmc_tools.errors import FormatError, MappingError
from spmc_tools.importers.engine.importer import Sample
from spmc_tools.importers.formats.desk.desk_sheets import ALLOWED, KEYS, _needs, _recognises, _types
from spmc_tools.importers.import_files import import_files
from spmc_tools.importers.importer_catalogue import IMPORTERS
from spmc_tools.schema import DESK_TABLES, check

INBOX = (
    "thread_id,record_id,platform,account_id,created_at,direction,is_automatic,resolved_at,text\n"
    "T1,m1,x,citizen,2025-11-05T10:00:00+05:30,in,,,मेरी शिकायत\n"
    "T1,m2,x,cell,2025-11-05T04:45:00Z,out,false,2025-11-05T12:00:00+05:30,उत्तर\n"
    "T1,m2,x,cell,2025-11-05T04:45:00Z,out,false,,उत्तर\n"
    "T2,m3,x,citizen2,,in,,,no time\n"
    "T3,m4,x,citizen3,2025-11-05T10:00:00+05:30,sideways,,,bad direction\n"
)


def one(case, path, **options):
    [result] = import_files(case, [path], **options)
    assert result.read == result.kept + result.duplicates + result.refused
    return result


def test_an_inbox_makes_messages_and_their_records(case, write) -> None:
    result = one(case, write("inbox.csv", INBOX))
    assert (result.format, result.read, result.kept, result.duplicates, result.refused) == ("desk_sheet", 5, 2, 1, 2)
    records, messages = case.table("records").to_pylist(), case.table("messages").to_pylist()
    assert [(r["record_id"], r["kind"], r["created_at"], r["source_row"]) for r in records] == [
        ("m1", "message", datetime(2025, 11, 5, 4, 30, tzinfo=UTC), 2),
        ("m2", "message", datetime(2025, 11, 5, 4, 45, tzinfo=UTC), 3),
    ]
    assert [(m["direction"], m["is_automatic"], m["resolved_at"]) for m in messages] == [
        ("in", None, None),
        ("out", False, datetime(2025, 11, 5, 6, 30, tzinfo=UTC)),
    ]
    reasons = case.table("refused")["reason"].to_pylist()
    assert "created_at" in reasons[0] and "sideways" in reasons[1] and "in, out" in reasons[1]
    assert not check(case.table("messages"), "messages")


def test_a_complaint_is_kept_where_a_spreadsheet_destroyed_who_wrote_it(case, write) -> None:
    result = one(
        case, write("inbox.csv", INBOX.replace("citizen2", "8.29E+17").replace(",,in,,", ",2025-11-05T05:00:00Z,in,,"))
    )
    kept = case.table("records", ["record_id", "account_id"]).to_pylist()
    assert kept[-1] == {"record_id": "m3", "account_id": f"unknown-{result.sha256[:8]}"}
    assert (result.kept, result.refused) == (3, 1)
    assert f"their messages are kept as of unknown-{result.sha256[:8]}, which counts as one account" in result.note
    assert case.batches()[0].details["derived_accounts"] == {"handle": 0, "unknown": 1}
    assert case.posts().num_rows == 0


def test_who_writes_to_the_centre_is_not_searched(case, write) -> None:
    one(case, write("inbox.csv", INBOX))
    assert case.posts().num_rows == 0 and case.table("records").num_rows == 2
    assert len(case.records(posts_only=True)) == 0


def test_a_known_record_gains_what_the_desk_knows(case, write) -> None:
    posts = "user_id,id,created_at,text\nc,m1,2025-11-05T04:30:00Z,q\nd,m9,2025-11-05T04:30:00Z,other\n"
    mapping = write(
        "m.toml",
        '[columns]\naccount_id = "user_id"\nrecord_id = "id"\ncreated_at = "created_at"\ntext = "text"\n'
        '[constants]\nplatform = "x"\n',
    )
    one(case, write("posts.csv", posts), mapping=mapping)
    result = one(case, write("inbox.csv", INBOX))
    assert (result.kept, result.duplicates, result.refused) == (2, 1, 2)
    assert case.table("records").num_rows == 3 and case.table("messages").num_rows == 2
    assert case.posts(["record_id"])["record_id"].to_pylist() == ["m9"]


def test_the_same_rows_in_another_file_are_duplicates(case, write) -> None:
    one(case, write("a.csv", INBOX))
    again = one(case, write("b.csv", INBOX + "\n"))
    assert (again.kept, again.duplicates, again.refused) == (0, 3, 2)


def test_a_mapping_names_columns_words_and_zone(case, write) -> None:
    sheet = "No;Who;When;Side;Said\n7;98;05/11/2025 16:30;Citizen;पानी नहीं\n7;1;05/11/2025 17:00;Cell;ठीक\n"
    mapping = write(
        "inbox.toml",
        'desk = "messages"\n[columns]\nthread_id = "No"\naccount_id = "Who"\ncreated_at = "When"\n'
        'direction = "Side"\n'
        'text = "Said"\nrecord_id = "When"\n[constants]\nplatform = "whatsapp"\nchannel = "direct"\n'
        '[times]\ncreated_at = {tz = "Asia/Kolkata", order = "dmy"}\n[values.direction]\n'
        'Citizen = "in"\nCell = "out"\n',
    )
    result = one(case, write("wa.csv", sheet), mapping=mapping)
    assert result.kept == 2 and result.format == "desk_sheet"
    [first, second] = case.table("messages").to_pylist()
    assert (first["direction"], second["direction"], first["channel"]) == ("in", "out", "direct")
    assert case.table("records")["created_at"].to_pylist()[0] == datetime(2025, 11, 5, 11, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('desk = "nothing"', "wanted one of messages"),
        ('desk = "claims"\nmore = 1', "more"),
        ('desk = "claims"\n[columns]\nrank = "a"', "rank"),
        ('desk = "claims"\n[columns]\ntext = "a"', "names no column for claim_id"),
        ('desk = "claims"\n[columns]\nclaim_id = "a"\ntext = "b"\nstatus = "c"\nentered_by = "d"\n'
         'entered_at = "nowhere"', "nowhere"),
        ('desk = "claims"\n[times]\nentered_at = "IST"', "Asia/Kolkata"),
        ('desk = "claims"\n[values.status]\na = 1', "values.status"),
    ],
)  # fmt: skip
def test_a_broken_mapping_is_told_and_changes_nothing(case, write, text: str, said: str) -> None:
    path = write("sheet.csv", "a,b,c,d\n1,2,3,4\n")
    with pytest.raises(MappingError, match=said):
        import_files(case, [path], mapping=write("m.toml", text))
    assert case.batches() == []


def test_a_time_without_a_zone_is_asked_for(case, write) -> None:
    path = write("c.csv", "claim_id,text,status,entered_by,entered_at\nR1,a claim,open,me,2025-11-05 10:00\n")
    with pytest.raises(MappingError, match="--tz"):
        import_files(case, [path])
    assert one(case, path, tz="Asia/Kolkata").kept == 1


@pytest.mark.parametrize("name", DESK_TABLES)
def test_every_table_is_recognised_by_its_own_columns_and_filled(case, write, name: str) -> None:
    needs = _needs(name)
    assert _recognises(Sample("text_table", needs)) and set(KEYS[name]) <= set(DESK_TABLES[name].names)
    cells = [
        ALLOWED.get((name, c), ("",))[0] or ("2025-11-05T10:00:00Z" if "timestamp" in str(_types(name)[c]) else f"v{i}")
        for i, c in enumerate(needs)
    ]
    result = one(case, write("s.csv", ",".join(needs) + "\n" + ",".join(cells) + "\n"))
    assert (result.format, result.kept) == ("desk_sheet", 1)
    assert case.table(name).num_rows == 1 and not check(case.table(name), name)


def test_headers_that_fit_two_tables_are_not_guessed() -> None:
    both = (*_needs("claims"), *_needs("referrals"))
    assert not _recognises(Sample("text_table", both))
    assert not _recognises(Sample("text_table", ("created_at", "text", "account_id")))


def test_a_sheet_of_no_desk_says_what_to_write(case, write) -> None:
    path = write("s.csv", "claim_id,text\n1,2\n")
    with pytest.raises((FormatError, MappingError), match="--map"):
        import_files(case, [path])
    with pytest.raises(MappingError, match="desk ="):
        import_files(case, [path], format="desk_sheet")


def test_hostile_cells_are_text(case, write) -> None:
    evil = '=HYPERLINK(""http://x"")<script>\u202e'
    rows = f'claim_id,text,status,entered_by,entered_at,media_sha256\nR1,"{evil}",open,me,2025-11-05T10:00:00Z,\n'
    one(case, write("c.csv", rows))
    assert case.table("claims")["text"].to_pylist() == [evil.replace('""', '"')]
    assert "desk_sheet" in IMPORTERS
