"""Bringing files in: counts, duplicates, repeats, all or nothing, one sentence for what is wrong."""

from __future__ import annotations

import gzip
import json
import os
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest

from spmc_tools.errors import FormatError, InputError, MappingError, ParameterError
from spmc_tools.importers import import_files as intake
from spmc_tools.importers.import_files import import_files


def tweet(record_id: str, **more) -> dict:
    base = {"id": record_id, "author_id": "11", "text": "मतदान", "created_at": "2025-11-06T04:05:06.000Z"}
    return {**base, **more}


def counts(result) -> tuple[int, int, int, int]:
    return result.read, result.kept, result.duplicates, result.refused


def test_rows_read_are_kept_duplicate_or_refused(case, write):
    path = write("x.jsonl", [tweet("1"), tweet("2"), tweet("1"), tweet("3", author_id=None)])
    [result] = import_files(case, [path])
    assert counts(result) == (4, 2, 1, 1)
    [batch] = case.batches()
    assert (batch.read, batch.kept, batch.duplicates, batch.refused) == (4, 2, 1, 1)
    assert batch.format == "x_api_v2"


def test_duplicates_against_the_case(case, write):
    import_files(case, [write("a.jsonl", [tweet("1"), tweet("2")])])
    [result] = import_files(case, [write("b.jsonl", [tweet("2"), tweet("3")])])
    assert counts(result) == (2, 1, 1, 0)
    assert case.table("records")["record_id"].to_pylist() == ["1", "2", "3"]


def test_the_same_file_twice_adds_nothing_and_says_so(case, write):
    path = write("a.jsonl", [tweet("1"), tweet("2"), tweet("3", author_id=None)])
    import_files(case, [path])
    renamed = path.with_name("other.jsonl")
    path.rename(renamed)
    [result] = import_files(case, [renamed])
    assert counts(result) == (3, 0, 3, 0)
    assert result.note == "already in this case as batch 000001; nothing was added"
    assert len(case.batches()) == 1
    assert case.ledger.entries()[-1]["kind"] == "import_repeated"
    assert case.ledger.entries()[-1]["payload"]["name"] == "other.jsonl"


def test_the_same_file_twice_in_one_call(case, write):
    a, b = write("a.jsonl", [tweet("1")]), write("b.jsonl", [tweet("1")])
    for dry_run in (True, False):
        first, second = import_files(case, [a, b], dry_run=dry_run)
        assert counts(first) == (1, 1, 0, 0)
        assert counts(second) == (1, 0, 1, 0)
    assert len(case.batches()) == 1


def test_a_dry_run_counts_and_changes_nothing(case, write, snapshot):
    path = write("x.jsonl", [tweet("1"), tweet("1"), {"errors": [{"detail": "gone"}]}])
    before = snapshot()
    [dry] = import_files(case, [path], dry_run=True)
    assert snapshot() == before
    [real] = import_files(case, [path])
    assert dry == real
    after = snapshot()
    import_files(case, [path], dry_run=True)
    assert snapshot() == after


def test_no_file_of_a_call_is_written_where_one_is_unusable(case, write, snapshot):
    before = snapshot()
    good, bad = write("a.jsonl", [tweet("1")]), write("b.jsonl", "no json\n")
    with pytest.raises(FormatError, match=r"b\.jsonl"):
        import_files(case, [good, bad])
    assert snapshot() == before


def test_a_file_broken_further_in_leaves_the_earlier_ones(case, write):
    good = write("a.jsonl", [tweet("1")])
    whole = gzip.compress("".join(json.dumps(tweet(str(i))) + "\n" for i in range(5000)).encode(), mtime=0)
    bad = write("b.jsonl.gz", whole[: len(whole) // 2])
    with pytest.raises(FormatError, match=r'"b\.jsonl\.gz".*cut short.*Imported before it in this call: "a\.jsonl"'):
        import_files(case, [good, bad])
    assert [b.source_name for b in case.batches()] == ["a.jsonl"]


def test_a_cut_gzip_says_how_much_could_be_read(case, write, snapshot):
    before = snapshot()
    lines = "".join(json.dumps(tweet(str(i), text=os.urandom(50).hex())) + "\n" for i in range(3000))
    whole = gzip.compress(lines.encode(), mtime=0)
    with pytest.raises(FormatError, match=r"cut short or damaged after [1-9][\d,]* readable rows"):
        import_files(case, [write("b.jsonl.gz", whole[:-2000])])
    with pytest.raises(FormatError, match="cut short or damaged"):
        import_files(case, [write("c.jsonl.gz", whole[:-4])])
    with pytest.raises(FormatError, match="cut short or damaged"):
        import_files(case, [write("d.jsonl.gz", whole[:15])])
    flipped = bytearray(whole)
    flipped[len(flipped) // 2] ^= 0xFF
    with pytest.raises(FormatError, match="cut short or damaged"):
        import_files(case, [write("e.jsonl.gz", bytes(flipped))])
    assert snapshot() == before
    [result] = import_files(case, [write("f.jsonl.gz", whole)])
    assert counts(result) == (3000, 3000, 0, 0)


def xlsx_bytes() -> bytes:
    import io

    import openpyxl

    book = openpyxl.Workbook()
    book.active.append(["tweetid", "userid", "created_at"])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def zip_bytes() -> bytes:
    import io

    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.txt", "x")
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.jsonl", b"", "is empty"),
        ("a.jsonl.gz", gzip.compress(b""), "is empty"),
        ("a.jsonl", b" \n\n \r\n", "holds no rows"),
        ("a.json", b"<!DOCTYPE html><html><body>Log in</body></html>", "is a saved web page"),
        ("a.json", b"  <html>", "is a saved web page"),
        ("a.csv", b"<?xml version='1.0'?><a/>", "is XML of a form"),
        ("a.jsonl", b"hello world\n", "does not begin as JSON"),
        ("a.json", b"[1, 2, 3]\n", "one whole JSON object"),
        ("a.json", b'{\n  "data": []\n}\n', "of no format known here (fields seen: \"data\"), wanted one of the"),
        ("a.json", b'{\n  "data": [\n', "ends in the middle of its JSON"),
        ("a.json", b'{\n  "data": ]\n', "no valid JSON"),
        (
            "a.json",
            b'{"a": 1}\n',
            'seen: "a"), wanted one of the 53 of docs/reference/formats.md: type --map mapping.toml',
        ),
        ("a.csv", xlsx_bytes(), "is named .csv but holds XLSX"),
        ("a.jsonl", b"PAR1" + bytes(100), "is named .jsonl but holds PARQUET"),
        ("a.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "password-protected workbook or an old .xls"),
        ("a.xlsx", xlsx_bytes()[:300], "is a broken XLSX workbook"),
        ("a.xlsx", b"id,text\n1,2\n", "is named .xlsx but is a text file"),
        ("a.parquet", b"PAR1" + bytes(100), "is a broken Parquet file"),
        ("a.zip", zip_bytes(), "a table as text, but of no format known here"),
        ("a.csv", b"id" + bytes(5000), "binary data"),
        ("a.csv", bytes(range(256)) * 20, "is neither UTF-8, UTF-16 nor Windows-1252"),
        ("a.txt", "नमस्ते दुनिया\n", "of no format known here"),
        ("a.csv", "id,text\n1,नमस्ते\n", "(fields seen: \"id\", \"text\"), wanted one"),
    ],
)  # fmt: skip
def test_an_unusable_file_is_one_sentence_and_changes_nothing(name, content, sentence, case, write, snapshot):
    before = snapshot()
    with pytest.raises(FormatError) as told:
        import_files(case, [write(name, content)])
    assert sentence in str(told.value)
    assert name in str(told.value) and "\n" not in str(told.value)
    assert snapshot() == before


def test_a_workbook_that_wants_a_password(case, write):
    content = bytearray(xlsx_bytes())
    content[6] |= 1
    at = content.find(b"PK\x01\x02")
    while at >= 0:
        content[at + 8] |= 1
        at = content.find(b"PK\x01\x02", at + 1)
    with pytest.raises(FormatError, match="password-protected"):
        import_files(case, [write("a.xlsx", bytes(content))])


def test_what_is_no_file(case, write, tmp_path, snapshot):
    before = snapshot()
    os.mkfifo(tmp_path / "pipe")
    for path, sentence in (
        (tmp_path / "gone.jsonl", "cannot be read"),
        (tmp_path, "is a folder"),
        (tmp_path / "pipe", "is no regular file"),
        (Path("a\0b"), "cannot be read"),
    ):
        with pytest.raises(FormatError, match=sentence):
            import_files(case, [path])
    assert snapshot() == before


def test_a_file_that_vanishes_or_changes_while_it_is_read(case, write, monkeypatch, snapshot):
    before = snapshot()
    path = write("x.jsonl", [tweet(str(i)) for i in range(10)])
    pour = intake._pour

    def vanishing(*arguments, **more):
        pour(*arguments, **more)
        path.write_text("{}\n")

    monkeypatch.setattr(intake, "_pour", vanishing)
    with pytest.raises(InputError, match="changed while it was read"):
        import_files(case, [path])
    monkeypatch.setattr(intake, "_pour", pour)
    path.write_text(json.dumps(tweet("1")) + "\n")
    writer = intake._writer

    def deleting(*arguments):
        path.unlink()
        return writer(*arguments)

    monkeypatch.setattr(intake, "_writer", deleting)
    with pytest.raises(InputError, match=r"x\.jsonl"):
        import_files(case, [path])
    assert snapshot() == before


def test_unknown_options(case, write):
    path = write("x.jsonl", [tweet("1")])
    with pytest.raises(ParameterError, match=r"known formats: x_api_v2, .*snscrape_jsonl, .*mapped_table"):
        import_files(case, [path], format="csv")
    with pytest.raises(ParameterError, match="no time zone"):
        import_files(case, [path], tz="../../etc/passwd")
    with pytest.raises(ParameterError, match="no date order"):
        import_files(case, [path], date_order="dym")
    with pytest.raises(FormatError, match="the format whatsapp is a chat as text"):
        import_files(case, [path], format="whatsapp")
    with pytest.raises(MappingError, match="cannot be read"):
        import_files(case, [write("t.csv", "a,b\n1,2\n")], mapping=path.with_name("no.toml"))


def test_encodings_and_line_ends_of_lines(case, write):
    text = json.dumps(tweet("1", text="नमस्ते"), ensure_ascii=False) + "\r\n\r\n" + json.dumps(tweet("2")) + "\r\n"
    for name, encoding in (("a", "utf-8"), ("b", "utf-8-sig"), ("c", "utf-16"), ("d", "utf-16-le"), ("e", "utf-16-be")):
        [result] = import_files(case, [write(f"{name}.jsonl", text.encode(encoding))], dry_run=True)
        assert counts(result) == (2, 2, 0, 0), encoding
    import_files(case, [write("c.jsonl", text.encode("utf-16"))])
    assert case.table("records")["text"].to_pylist() == ["नमस्ते", "मतदान"]
    assert case.table("records")["source_row"].to_pylist() == [1, 3]


def test_hostile_lines_are_refused_around_good_ones(case, write, monkeypatch, uncaged):
    from spmc_tools.importers.files import read

    monkeypatch.setattr(read, "LINE_LIMIT", 5000)
    good = json.dumps(tweet("1")).encode()
    bad = [
        b'{"id": NaN}', b'{"id": "1", "text": "\\ud83d"}', b'{"a": "\x00"}', b"[" * 3000, b"\xff\xfe{}",
        b"\x00" * 40, b'"' + b"x" * 9000 + b'"', b"null", b'{"a": 1e999}', b"{" * 2000,
    ]  # fmt: skip
    path = write("x.jsonl", b"\n".join([good, *bad, json.dumps(tweet("2")).encode()]))
    [result] = import_files(case, [path])
    assert counts(result) == (len(bad) + 2, 2, 0, len(bad))
    refused = case.table("refused").to_pylist()
    assert [row["source_row"] for row in refused] == list(range(2, len(bad) + 2))
    assert "longer than" in refused[6]["reason"]
    assert all(len(row["raw"]) <= 10_000 for row in refused)


def test_raw_is_cut(case, write):
    import_files(case, [write("x.jsonl", [tweet("1"), tweet("2", author_id=None, text="अ" * 40_000)])])
    assert len(case.table("refused")["raw"].to_pylist()[0]) == 10_000


def test_a_gzip_bomb_is_refused(case, write, monkeypatch, uncaged):
    from spmc_tools.importers.files import unpack

    monkeypatch.setattr(unpack, "RATIO_FROM", 1024 * 1024)
    bomb = gzip.compress((json.dumps(tweet("1")) + "\n").encode() + b" " * 20_000_000)
    with pytest.raises(FormatError, match="may expand 250 times"):
        import_files(case, [write("x.jsonl.gz", bomb)])


def test_progress_is_told(case, write):
    told: list[tuple[str, int, int]] = []
    path = write("x.jsonl", [tweet("1")])
    import_files(case, [path], progress=lambda *what: told.append(what))
    assert told[-1] == ('reading "x.jsonl"', path.stat().st_size, path.stat().st_size)


def test_texts_are_kept_byte_for_byte(case, write):
    texts = ["क\u093c", "\u0958", "e\u0301", "\u200d\u200c", "\u202eabc", "👍🏽", "a\tb\r\nc", " spaces ", "\0"]
    import_files(case, [write("x.jsonl", [tweet(str(i), text=t) for i, t in enumerate(texts)])])
    assert case.table("records")["text"].to_pylist() == texts


def test_a_table_that_begins_with_a_date_is_no_chat(case, write):
    with pytest.raises(FormatError) as told:
        import_files(case, [write("t.csv", "12/11/2025 10:15,a - b\n")])
    assert "WhatsApp" not in str(told.value) and "--map mapping.toml" in str(told.value)


def test_options_that_a_format_does_not_need_are_said(case, write):
    mapping = write("m.toml", "[columns]")
    path = write("x.jsonl", [tweet("1")])
    given = {"tz": "UTC", "date_order": "dmy", "accept_guess": True, "mapping": mapping}
    [result] = import_files(case, [path], **given)
    assert result.note == "not needed for this format: --map, --tz, --date-order, --accept-guess"
    assert case.batches()[0].details["notes"] == [result.note]
    sns = {"_type": "snscrape.modules.twitter.Tweet", "id": 5, "date": "2025-11-06T04:05:06+00:00", "username": "a"}
    [result] = import_files(case, [write("y.jsonl", [sns])], tz="UTC")
    assert result.note == "not needed for this format: --tz"
    assert import_files(case, [write("z.jsonl", [tweet("2")])])[0].note == ""


def test_the_most_frequent_reasons_are_told_with_their_counts(case, write):
    lines = [tweet("1"), *[tweet(str(i), created_at=f"soon {i}") for i in range(10, 15)]]
    lines += [tweet(str(i), author_id=None) for i in range(20, 23)]
    lines += [{"errors": [{"detail": "gone"}]}] * 2 + [{"id": "9", "tweet_count": 3}, {"member_count": 1}]
    [result] = import_files(case, [write("x.jsonl", lines)])
    assert result.refused == 12
    assert result.note == (
        'refused: 5 × created_at is missing or no time with a zone: "soon 10", '
        "3 × the tweet does not say who wrote it (no author_id), "
        '2 × an error of the API, not a post: "gone", 2 × other reasons'
    )


@pytest.mark.parametrize("encoding", ["utf-32", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("text", ["id,text\n1,a\n", "नाम,पाठ\n"])
def test_utf_32_is_said(encoding, text, case, write):
    with pytest.raises(FormatError, match="is text in UTF-32, which is not read; save it as UTF-8"):
        import_files(case, [write("t.csv", text.encode(encoding))])


def test_twice_compressed_is_said(case, write):
    content = gzip.compress(gzip.compress(json.dumps(tweet("1")).encode()))
    with pytest.raises(FormatError, match=r"is compressed twice; unpack it once"):
        import_files(case, [write("x.jsonl.gz", content)])


def test_posts_outside_the_period_are_counted(case, write) -> None:
    first, last = case.settings.date_from, case.settings.date_to
    inside = [f"{first}T00:00:00+05:30", f"{last}T23:59:59+05:30"]
    long_ago, after = first - timedelta(days=400), last + timedelta(days=1)
    outside = [f"{first}T00:00:00+05:31", f"{after}T00:00:00+05:30", f"{long_ago}T00:00:00Z"]
    rows = "".join(
        json.dumps({"id": str(n), "author_id": "1", "text": "a", "created_at": at}) + "\n"
        for n, at in enumerate([*inside, *outside], start=1)
    )
    (one,) = import_files(case, [write("period.jsonl", rows)], dry_run=True)
    assert "3 of 5 posts lie outside the period of the case" in one.note and "--date-order" in one.note
    inner = "".join(rows.splitlines(keepends=True)[:2])
    (one,) = import_files(case, [write("inner.jsonl", inner)], dry_run=True)
    assert one.kept == 2 and "outside" not in one.note


def test_more_files_than_a_process_may_open_come_in(case, write, monkeypatch) -> None:
    """Each file rests until its turn; what a file of the call brought is known to the next ones."""
    import resource

    lowest, highest = resource.getrlimit(resource.RLIMIT_NOFILE)
    paths = [write(f"{n}.jsonl", [tweet(str(n)), tweet(str(n + 1))]) for n in range(100)]
    free = 150 + len(list(Path("/proc/self/fd").iterdir()))  # a hundred that do not rest need three hundred
    monkeypatch.setattr(intake, "_OPEN_AT_ONCE", 8)
    resource.setrlimit(resource.RLIMIT_NOFILE, (free, highest))
    try:
        results = import_files(case, paths)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (lowest, highest))
    assert [(one.kept, one.duplicates) for one in results] == [(2, 0), *[(1, 1)] * 99]
    assert len(case.records(["record_id"])) == 101


def test_a_resting_file_that_changed_is_refused(case, write, monkeypatch) -> None:
    monkeypatch.setattr(intake, "_OPEN_AT_ONCE", 0)
    first, second = write("a.jsonl", [tweet("1")]), write("b.jsonl", [tweet("2")])
    opened = intake._Opened

    def change(source, *rest):
        found = opened(source, *rest)
        if source.path == second:
            second.write_text(json.dumps(tweet("3")) + "\n")
        return found

    monkeypatch.setattr(intake, "_Opened", change)
    with pytest.raises(InputError, match=r"b\.jsonl.* changed while it was read"):
        import_files(case, [first, second])
    assert case.records(["record_id"])["record_id"].tolist() == ["1"]


@pytest.mark.parametrize("name", ["x.jsonl", "x.csv"])
def test_long_rows_are_not_all_held_at_once(case, write, monkeypatch, name, uncaged) -> None:
    """Chunks end by their size, too: of 30 rows of 1,000 characters no more than 11 are held where 10,000 may be."""
    from spmc_tools.importers.engine import json_rows
    from spmc_tools.importers.files import table_files as tables

    monkeypatch.setattr(json_rows, "CHUNK_BYTES", 10_000)
    monkeypatch.setattr(tables, "PIECE_CHARACTERS", 10_000)
    rows = [tweet(str(n), text="a" * 1000) for n in range(30)]
    table = "\n".join(
        ["id,user_id,date,text", *(f"{7 * int(r['id']) + 1000},7,{r['created_at']},{r['text']}" for r in rows)]
    )
    held = []
    fresh = intake.Repeated.fresh

    def counting(self, records, compared):
        held.append(len(records))
        return fresh(self, records, compared)

    monkeypatch.setattr(intake.Repeated, "fresh", counting)
    [one] = import_files(case, [write(name, rows if name == "x.jsonl" else table)], accept_guess=True)
    assert (one.kept, sum(held)) == (30, 30)
    assert max(held) <= 11
