"""The leak check: a planted name is found in every channel; our own numbers and words are no finding."""

from __future__ import annotations

import base64
import csv
import io
import json
import zipfile

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from spmc_tools.errors import SpmcError
from spmc_tools.report.redaction.leak_check import (
    Leak,
    LeakError,
    RawNames,
    check_folder,
    check_text,
    raw_names,
    texts_of,
)

NASTY = [
    "leader_99", "अफ़वाह_खाता", "صدائے_بہار", "x" * 300, "<b>bold</b>name", "did:plc:abcd1234", "name🔥fire",
    "\u202eevil\u202c_name", "https://x.example/leader_99/status/123456789", "1234567890123",
]  # fmt: skip


def index(*raws: str) -> RawNames:
    found = RawNames()
    for raw in raws:
        found.add(raw, "address" if raw.startswith("http") else "handle")
    return found


def found_in(content: bytes, name: str, *raws: str) -> set[str]:
    names = index(*raws)
    return {leak.raw for text in texts_of(content, name) for leak in check_text(names, (), text, name)}


@pytest.mark.parametrize("raw", NASTY)
def test_a_name_is_found_in_every_channel(raw: str) -> None:
    from markupsafe import escape

    from spmc_tools.report.page.drawing import shown

    page = f"<!doctype html><html><body><p>said <bdi>{shown(raw, hidden='hidden character')}</bdi>.</p></body></html>"
    assert found_in(page.encode(), "report.html", raw) == {raw}
    plain = raw.replace("\u202e", "").replace("\u202c", "")  # lxml takes them, a picture's title may not
    svg = f"<svg xmlns='http://www.w3.org/2000/svg'><title>{escape(plain)}</title></svg>"
    figure = (
        f"<html><body><img src='data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}'></body></html>"
    )
    assert found_in(figure.encode(), "report.html", raw) == {raw}
    for hidden in (f"<!-- {plain} --><html><body>", f"<html><head><style>/* {plain} */</style><body>"):
        assert found_in(hidden.encode(), "report.html", raw) == {raw}
    attribute = f'<html><body><img alt="{escape(raw)}" src="data:,"></body></html>'
    assert found_in(attribute.encode(), "report.html", raw) == {raw}
    notebook = {"cells": [{"source": ["a = '", raw, "'"], "outputs": [{"data": {"k": {raw: 1}}}]}]}
    assert found_in(json.dumps(notebook).encode(), "notebook.ipynb", raw) == {raw}
    assert found_in(json.dumps({"name": raw}).encode(), "manifest.json", raw) == {raw}
    table = io.StringIO()
    csv.writer(table).writerows([["account_a", "n_objects"], [raw, "5"]])
    assert found_in(table.getvalue().encode(), "edges.csv", raw) == {raw}
    graph = f"<graphml><graph><node id='{escape(plain)}'/></graph></graphml>"
    assert found_in(graph.encode(), "network.graphml", raw) == {raw}
    book, written = Workbook(), io.BytesIO()
    book.active.append(["x", plain])
    book.save(written)
    assert found_in(written.getvalue(), "findings.xlsx", raw) == {raw}
    info, picture = PngInfo(), io.BytesIO()
    info.add_itxt("Comment", raw, zip=True)
    Image.new("RGB", (2, 2)).save(picture, "PNG", pnginfo=info)
    assert found_in(picture.getvalue(), "figure.png", raw) == {raw}
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.csv", raw)
    assert found_in(packed.getvalue(), "more.zip", raw) == {raw}


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (
            "<table><tr><td>lead<b>er</b>_99</td><td>5</td></tr></table>",
            True,
        ),  # a cell ends a word, bold letters do not
        ("<p>leader</p><p>_99</p>", False),
        ("<p>seen<!-- here --> lead<i>er</i>_99</p>", True),
        ("<p>" + "a" * 10_000_001 + " lead<b>er</b>_99</p>", True),  # more letters in one place than lxml takes unasked
        ("<p>ｌｅａｄｅｒ_99, 𝐥𝐞𝐚𝐝𝐞𝐫_99</p>", True),
    ],
    ids=["in a cell", "two paragraphs", "after a comment", "a long text", "styled letters"],
)
def test_words_of_a_page_end_where_a_reader_sees_them_end(body: str, found: bool) -> None:
    page = f"<!doctype html><html><body>{body}</body></html>"
    assert found_in(page.encode(), "report.html", "leader_99") == ({"leader_99"} if found else set())


def test_places_in_a_drawing_are_no_ids_and_other_numbers_of_a_file_are() -> None:
    def svg(attribute: str) -> bytes:
        return f"<svg xmlns='http://www.w3.org/2000/svg'><rect {attribute}='123457'/></svg>".encode()

    for geometry in ("x", "y", "width", "height", "points", "d", "transform", "style"):
        assert found_in(svg(geometry), "a.svg", "123457") == set()
    assert found_in(svg("id"), "a.svg", "123457") == {"123457"}
    assert found_in(b"<graphml><graph><node x='123457'/></graph></graphml>", "a.graphml", "123457") == {"123457"}
    long = b"<svg xmlns='http://www.w3.org/2000/svg'><title>" + b"a" * 10_000_001 + b" leader_99</title></svg>"
    assert found_in(long, "a.svg", "leader_99") == {"leader_99"}


@pytest.mark.parametrize(("size", "read"), [(512 * 2**20, True), (512 * 2**20 + 1, False)])
def test_more_than_512_mb_are_not_unpacked(size: int, read: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """The archive says of its one short file that it is as large."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.csv", "leader_99")
    listed = zipfile.ZipFile.infolist

    def as_large(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
        infos = listed(archive)
        infos[0].file_size = size
        return infos

    monkeypatch.setattr(zipfile.ZipFile, "infolist", as_large)
    if read:
        assert found_in(packed.getvalue(), "a.zip", "leader_99") == {"leader_99"}
    else:
        with pytest.raises(SpmcError, match=r"cannot read an export that ends in \.zip"):
            found_in(packed.getvalue(), "a.zip", "leader_99")


@pytest.mark.parametrize(("n", "end"), [(1, "place 1)"), (5, "place 5)"), (6, "place 5, …)")])
def test_at_most_five_places_are_said(n: int, end: str) -> None:
    said = str(LeakError([Leak(f"place {number}", "handle", "leader_99") for number in range(1, n + 1)]))
    assert f"{n} raw names" in said and end in said and "leader_99" not in said


def test_where_a_name_stands_in_a_text() -> None:
    text = "😀 by Leader_99 and again LEADER_99; भाई 🔥🔥🔥🔥, 🔥🔥🔥🔥"
    names = index("leader_99", "🔥🔥🔥🔥")
    assert names.n == 2
    assert [text[hit.start : hit.end] for hit in names.find(text)] == ["Leader_99", "LEADER_99", *["🔥🔥🔥🔥"] * 2]


@pytest.mark.parametrize("address", ["https://one.example/page/7", "http://www.one.example/page/7"])
def test_an_address_is_found_without_its_scheme_but_not_without_its_site(address: str) -> None:
    names = index(address)
    assert [hit.raw for hit in names.find("see one.example/page/7")] == [address]
    assert list(names.find("see two.example/page/7")) == []


def test_four_letters_are_a_name() -> None:
    assert [hit.raw for hit in index("abcd").find("abc abcd")] == ["abcd"]


def test_names_of_files_and_of_the_run_are_looked_at(tmp_path) -> None:
    folder = tmp_path / "20251113T034000Z-leader_99-0000"
    (folder / "exports").mkdir(parents=True)
    (folder / "exports" / "of secret_one.csv").write_text("a\n1\n")
    leaks = check_folder(index("leader_99", "secret_one"), (), folder, ["exports/of secret_one.csv"])
    assert {(leak.place, leak.raw) for leak in leaks} == {
        ("the name of the run", "leader_99"), ("the name of file 1", "secret_one"),
    }  # fmt: skip
    assert all("secret_one" not in leak.place for leak in leaks)


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("ravi", "ravinder ravi1"),  # whole words only
        ("ab.c", "abc"),
        ("12345", "12345 posts"),  # a number that cannot be told from a count
        ("abc", "abc"),  # three letters
        ("123457", "expected 0.123457 of 1,23,457"),  # a decimal number is one word, and so is a grouped one
    ],
)
def test_what_is_no_finding(raw: str, text: str) -> None:
    assert check_text(index(raw), (), text, "x") == []


@pytest.mark.parametrize("raw", ["100000", "123457", "999999"])
def test_a_number_of_six_digits_is_an_id(raw: str) -> None:
    assert found_in(f"<html><body><p>by {raw}</p></body></html>".encode(), "report.html", raw) == {raw}
    assert index(raw).n == 1 and index(raw).skipped == 0
    below = index("99999")
    assert (below.n, below.skipped) == (0, 1) and list(below.find("99999 posts, 099999")) == []


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("Ravi Kumar Singh", "said ravi  KUMAR singh, twice", True),
        ("रवि कुमार", "कहा रवि कुमार ने", True),
        ("R\u200bavi Kumar", "Ravi Kumar", True),  # invisible characters count for nothing
        ("Ravi Kumar", "Kumar Ravi", False),
        ("Bihar", "Bihar votes", False),  # one word: a word of the language as often as a name
        ("A. Roy", "a roy of light", False),  # fewer than 8 letters
    ],
)
def test_a_display_name_of_several_words_is_a_raw_name(name: str, text: str, found: bool) -> None:
    names = RawNames()
    names.add(name, "name")
    assert ([hit.kind for hit in names.find(text)] == ["name"]) is found
    assert (names.n, names.skipped) == ((0, 1) if name in {"Bihar", "A. Roy"} else (1, 0))


def test_display_names_of_a_case_are_looked_for(small_case, monkeypatch) -> None:
    tables = {"accounts": pa.table({"handle": ["a_1", "b_2"], "display_name": ["Ravi Kumar Singh", None]})}

    def table(name: str, columns: list[str]) -> pa.Table:
        held = tables.get(name, pa.table({}))
        empty = pa.nulls(len(held), pa.string())
        return pa.table({column: held[column] if column in held.column_names else empty for column in columns})

    monkeypatch.setattr(small_case, "table", table)
    assert [hit.raw for hit in raw_names(small_case).find("seen: ravi kumar singh.")] == ["Ravi Kumar Singh"]


def test_numbers_of_our_tables_are_no_names() -> None:
    head = "trace,account_a,account_b,n_actions_a\nco_url,A-1,A-2,1234567\n"
    assert found_in(head.encode(), "edges.csv", "1234567") == set()
    assert found_in(b"other\n1234567\n", "edges.csv", "1234567") == {"1234567"}


def test_our_own_words_are_no_finding_and_are_told(small_case) -> None:
    from spmc_tools.report.redaction.own_words import own_text

    names = raw_names(small_case)
    names.add("election", "handle")
    names.add("not_ours_at_all", "handle")
    own = {hit.raw for hit in names.find(own_text(None, "en"))}
    assert "election" in own and not own & {"not_ours_at_all", *(f"handle_{n}" for n in range(1, 6))}


def test_what_cannot_be_looked_into_does_not_leave() -> None:
    for name in ("a.exe", "a.pickle", "a"):
        with pytest.raises(SpmcError, match="cannot look into"):
            list(texts_of(b"x", name))
    for name in ("a.xlsx", "a.png", "a.ipynb", "a.graphml", "a.parquet"):
        with pytest.raises(SpmcError, match="cannot read"):
            list(texts_of(b"\x00broken", name))


WORD = st.text(st.sampled_from("abcdeé_1९खगन\u093f🔥-. "), min_size=1, max_size=12)


@given(st.lists(WORD, min_size=1, max_size=6), st.lists(WORD, max_size=6))
def test_the_index_finds_what_a_plain_search_finds(raws: list[str], around: list[str]) -> None:
    """Second route: both sides as words between spaces, searched as text."""
    import regex

    def spaced(text: str) -> str:
        return " " + " ".join(regex.findall(r"\w+", text.casefold())) + " "

    text = " ".join([*around, raws[0], *around])
    names = index(*raws)
    kept = [raw for raw in raws if len("".join(spaced(raw).split())) >= 4]
    kept = [raw for raw in kept if not "".join(spaced(raw).split()).isdecimal()]
    wanted = {spaced(raw) for raw in kept if spaced(raw) in spaced(text)}
    hits = {spaced(hit.raw) for hit in names.find(text)}
    assert hits <= wanted | {spaced(raw) for raw in raws if not spaced(raw).strip()}
    assert all(any(one in longer for longer in hits) or not hits.isdisjoint(wanted) for one in wanted)
    assert not (wanted and not hits)


@pytest.mark.parametrize(
    ("name", "form"),
    [
        (
            "a.graphml",
            '<graphml><key id="s" attr.type="string"/><key id="n" attr.type="double"/><key id="u"/>'
            '<graph><data key="{key}">123457</data></graph></graphml>',
        ),
        (
            "a.gexf",
            '<gexf><attributes><attribute id="s" type="string"/><attribute id="n" type="integer"/><attribute id="u"/>'
            '</attributes><attvalue for="{key}" value="123457"/></gexf>',
        ),
    ],
)
def test_of_a_network_texts_are_looked_at_and_numbers_are_not(name: str, form: str) -> None:
    """What is declared as text, or not at all, may be an id; what is declared as a number is a measure."""
    for key, wanted in (("s", {"123457"}), ("u", {"123457"}), ("n", set())):
        assert found_in(form.format(key=key).encode(), name, "123457") == wanted, key


def test_what_a_page_holds_as_data_is_read_as_data() -> None:
    r"""A script of data writes the name as ``\\u0930...`` where no plain search finds it."""
    page = "<html><body><script type='application/json'>{}</script></body></html>"
    raw = "राम_कुमार_99"
    assert raw not in json.dumps([raw])
    assert found_in(page.format(json.dumps([raw])).encode(), "report.html", raw) == {raw}


def test_an_entity_of_a_drawing_is_not_written_out() -> None:
    """Ten of ten of ten: what a file of a few lines would become."""
    levels = "".join(f"<!ENTITY e{k} '{f'&e{k - 1};' * 10}'>" for k in range(1, 4))
    drawing = f"<!DOCTYPE svg [<!ENTITY e0 'long'>{levels}]><svg><title>&e3;</title></svg>"
    assert "long" * 2 not in "".join(texts_of(drawing.encode(), "figure.svg"))
