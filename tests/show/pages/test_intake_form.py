"""The intake form in a kernel of its own, as an officer uses it: looks, corrects, sees the outcome, imports."""

from __future__ import annotations

import os
import re
from pathlib import Path

import nbformat
import pytest

from spmc_tools.case.store.case import create_case, open_case
from spmc_tools.report.words.wording import Wording
from spmc_tools.show.pages.intake_form import IntakeForm

ROOT = Path(__file__).resolve().parents[3]
TABLE = "nr,von,wann,inhalt,<b>x</b>\n" + "".join(
    f"{n},acct{n % 2},0{n}/11/2025 10:00,<script>alert({n})</script> शब्द {n},1\n" for n in range(1, 6)
)
STEPS = """
import os, sys
sys.path.insert(0, {root!r})
from spmc_tools.case.store.case import open_case
from spmc_tools.report.words.wording import Wording
from spmc_tools.show.pages.intake_form import IntakeForm
form = IntakeForm(open_case("one"), {path!r}, Wording("hi").say)
display(form.widget)
form.look.click()
assert form.keep.disabled and "ऊपर क्रम चुनें" in form.said.value and "--" not in form.said.value, form.said.value
form.fields.platform.value = "x"
form.preview.click()
assert form.keep.disabled and "ऊपर क्रम चुनें" in form.said.value, form.said.value
form.order.value = "dmy"
form.preview.click()
assert form.keep.disabled and "समय-क्षेत्र" in form.said.value, form.said.value
form.zone.value = "Asia/Kolkata"
form.fields.records["account_id"].value = ("von",)
form.obtained.value = "complainant"
form.preview.click()
assert form.keep.disabled and "अभी प्रकरण में नहीं ली जा सकती" in form.said.value, form.said.value
for box in form.fields.doubts.values():
    assert form.keep.disabled
    box.value = True
form.preview.click()
assert not form.keep.disabled, form.said.value
assert "2025-11-01 10:00:00 IST" in form.result.value and "<script>" not in form.result.value
form.fields.records["text"].value = ()
assert form.keep.disabled
form.fields.records["text"].value = ("inhalt",)
form.preview.click()
form.keep.click()
print(form.said.value)
"""


@pytest.fixture
def table(tmp_path: Path) -> Path:
    create_case("one", title="T", purpose="P", legal_basis="L", date_from="2025-11-01", date_to="2025-11-30")
    path = tmp_path / "table.csv"
    path.write_text(TABLE, encoding="utf-8")
    return path


def tick(form: IntakeForm) -> None:
    """Say that all was looked at which names and values leave open."""
    for box in form.fields.doubts.values():
        box.value = True


def looked_at(path: Path, header: str, rows: list[str], obtained: str = "complainant") -> IntakeForm:
    """The form of a case of its own after it looked at a table."""
    create_case("two", title="T", purpose="P", legal_basis="L", date_from="2025-11-01", date_to="2025-11-30")
    path.write_text("".join(line + "\n" for line in (header, *rows)), encoding="utf-8")
    form = IntakeForm(open_case("two"), str(path), Wording("en").say)
    form.obtained.value = obtained
    form.look.click()
    return form


def test_in_a_kernel(table: Path) -> None:
    from nbclient import NotebookClient

    code = STEPS.format(root=str(ROOT), path=str(table))
    node = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
    NotebookClient(node, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(ROOT)}}).execute(
        env=dict(os.environ)
    )
    shown = node.cells[0].outputs
    assert any("application/vnd.jupyter.widget-view+json" in o.get("data", {}) for o in shown)
    assert "5" in shown[-1]["text"]
    case = open_case("one")
    (batch,) = case.batches()
    assert (batch.kept, batch.details["obtained"]) == (5, "complainant")
    rows = case.table("records").to_pylist()
    assert {r["account_id"] for r in rows} == {"acct0", "acct1"} and rows[0]["text"].startswith("<script>")
    assert f"{rows[0]['created_at']:%Y-%m-%d %H:%M}" == "2025-11-01 04:30"


def test_the_mapping_is_there_the_next_time(table: Path, tmp_path: Path) -> None:
    case = open_case("one")
    form = IntakeForm(case, str(table), Wording("en").say)
    form.look.click()
    form.fields.platform.value, form.zone.value, form.order.value = "x", "Asia/Kolkata", "dmy"
    form.fields.records["views"].value = ("<b>x</b>",)
    tick(form)
    form.obtained.value = "notice"
    form.preview.click()
    form.keep.click()
    assert "saved for the next time" in form.said.value, form.said.value
    other = tmp_path / "next.csv"
    other.write_text(TABLE.replace("acc", "who"), encoding="utf-8")
    again = IntakeForm(case, str(other), Wording("en").say)
    again.look.click()  # zone and order are in the saved mapping: the outcome shows at once
    assert "saved for these columns" in again.mapping.children[0].value and not again.keep.disabled, again.said.value
    assert again.fields.records["views"].value == ("<b>x</b>",) and again.fields.platform.value == "x"


def test_a_file_that_an_importer_knows_needs_no_mapping(table: Path, tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text('{"id": "1", "text": "a", "author_id": "7", "created_at": "2025-11-06T10:00:00.000Z"}\n')
    form = IntakeForm(open_case("one"), str(path), Wording("en").say)
    form.look.click()
    assert form.fields is None and not form.keep.disabled and "x_api_v2" in form.said.value
    form.file.value = str(tmp_path / "page.json")
    (tmp_path / "page.json").write_text("<!doctype html><html></html>")
    form.look.click()
    assert form.keep.disabled and "This is a saved web page" in form.said.value and "web page" in form.said.value


def test_media_that_were_handed_over_are_hashed(table: Path, tmp_path: Path) -> None:
    """The folder is looked at with the outcome; one that is none is said before anything is kept."""
    import hashlib

    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "a.jpg").write_bytes(b"no real picture")
    path = tmp_path / "x.jsonl"
    path.write_text(
        '{"data": [{"id": "1", "text": "a", "author_id": "7", "created_at": "2025-11-06T10:00:00.000Z", '
        '"attachments": {"media_keys": ["m"]}}], '
        '"includes": {"media": [{"media_key": "m", "type": "photo", "url": "https://example.org/a.jpg"}]}}\n'
    )
    case = open_case("one")
    form = IntakeForm(case, str(path), Wording("en").say)
    form.media.value, form.obtained.value = str(tmp_path / "none"), "notice"
    form.look.click()
    assert form.keep.disabled and "is no folder" in form.said.value
    form.media.value = str(tmp_path / "pictures")
    assert form.keep.disabled
    form.preview.click()
    assert "1 of 1 pictures and films found" in form.said.value, form.said.value
    form.keep.click()
    (media,) = case.table("records", ["media"])["media"].to_pylist()
    assert media[0]["sha256"] == hashlib.sha256(b"no real picture").hexdigest()


def test_duplicates_that_differ_are_said_in_the_language_of_the_form(tmp_path: Path) -> None:
    create_case("one", title="T", purpose="P", legal_basis="L", date_from="2025-11-01", date_to="2025-11-30")
    line = '{"id": "1", "author_id": "%s", "text": "%s", "created_at": "2025-11-06T04:05:06.000Z"}\n'
    path = tmp_path / "x.jsonl"
    path.write_text(line % ("11", "a") + line % ("12", "a") + line % ("11", "b"), encoding="utf-8")
    form = IntakeForm(open_case("one"), str(path), Wording("hi").say)
    form.obtained.value = "notice"
    form.look.click()
    said = "1 दोहराई गई पंक्ति में पहले प्राप्त पोस्ट से भिन्न"
    assert f"{said} खाता" in form.said.value and f"{said} पाठ" in form.said.value
    form.keep.click()
    assert f"{said} खाता" in form.said.value and f"{said} पाठ" in form.said.value


def test_columns_of_one_name_can_be_chosen_one_by_one(tmp_path: Path) -> None:
    create_case("one", title="T", purpose="P", legal_basis="L", date_from="2025-11-01", date_to="2025-11-30")
    path = tmp_path / "t.csv"
    rows = "".join(f"{n},2025-11-0{n}T10:00:00Z,acct{n % 2},eins zwei,2025-11-20T10:00:00Z\n" for n in range(1, 6))
    path.write_text(f"id,date,user,text,date\n{rows}", encoding="utf-8")
    form = IntakeForm(open_case("one"), str(path), Wording("en").say)
    form.look.click()
    assert "date (1)" in form.rows.value and "date (2)" in form.rows.value
    assert "from left to right: date (1), date (2)" in form.mapping.children[0].value
    form.fields.platform.value = "x"
    form.fields.records["created_at"].value = ("date (1)",)
    form.obtained.value = "notice"
    tick(form)
    form.preview.click()
    assert "2025-11-01 15:30:00 IST" in form.result.value, form.said.value
    form.keep.click()
    assert len(open_case("one").table("records")) == 5


def test_events_of_a_group_are_counted_and_shown_by_month(tmp_path: Path) -> None:
    """By hand: two came and one went in October, one came in November; the one who wrote is the one account."""
    create_case("chat", title="T", purpose="P", legal_basis="L", date_from="2025-10-01", date_to="2025-11-30")
    path = tmp_path / "WhatsApp Chat with G.txt"
    path.write_text(
        "30/10/2025, 10:00 - Zubeda joined using this group's invite link\n30/10/2025, 10:01 - Ravi was added\n"
        "31/10/2025, 10:02 - Ravi left\n01/11/2025, 10:03 - Mina joined using this group's invite link\n"
        "01/11/2025, 10:04 - Mina: x\n",
        encoding="utf-8",
    )
    form = IntakeForm(open_case("chat"), str(path), Wording("en").say)
    form.zone.value = "Asia/Kolkata"
    form.obtained.value = "complainant"
    form.look_at_file()
    rows = [re.findall("<td[^>]*>(.*?)</td>", row) for row in re.findall("<tr>(.*?)</tr>", form.result.value)]
    assert ["joined by an invite link", "2"] in rows and ["left", "1"] in rows
    assert [row for row in rows if row[:1] and row[0].startswith("2025")] == [
        ["2025-10", "2", "1", "+1"], ["2025-11", "1", "0", "+2"],
    ]  # fmt: skip
    form.import_file()
    assert "Zubeda" not in form.result.value and ">2025-10</td>" in form.result.value
    assert {row["account_id"] for row in open_case("chat").table("accounts").to_pylist()} == {"Mina"}


def test_a_list_of_profiles_stays_out_until_somebody_says_that_its_rows_are_posts(tmp_path: Path) -> None:
    header = "id,name,screen_name,followers_count,friends_count,created_at,description,lang"
    rows = [f"{n},N{n},u{n},5,7,2025-11-0{n}T10:00:00Z,words about me,hi" for n in range(1, 6)]
    form = looked_at(tmp_path / "users.csv", header, rows, obtained="notice")
    assert "looks like one account" in form.mapping.children[0].value
    assert set(form.fields.doubts) >= {"kind"} and form.keep.disabled and "stays closed" in form.said.value
    form.import_file()
    assert len(open_case("two").table("records")) == 0
    tick(form)
    assert form.keep.disabled
    form.fields.platform.value = "x"
    form.preview.click()
    assert not form.keep.disabled, form.said.value


def test_one_account_for_all_rows_can_be_typed_and_columns_left_out_are_named(tmp_path: Path) -> None:
    rows = [f"{n},2025-11-0{n} 10:00:00 +0000,This is a dog,,13,Charlie" for n in range(1, 4)]
    form = looked_at(tmp_path / "dogs.csv", "tweet_id,timestamp,text,retweeted_status_id,rating,name", rows)
    assert "account" in form.fields.doubts and form.keep.disabled
    assert "Columns that are left out: &#34;rating&#34;" in form.mapping.children[0].value
    form.fields.records["account_id"].value = ()
    form.fields.account.value = "dogs"
    tick(form)
    form.preview.click()
    form.keep.click()
    assert {row["account_id"] for row in open_case("two").table("records").to_pylist()} == {"dogs"}, form.said.value
