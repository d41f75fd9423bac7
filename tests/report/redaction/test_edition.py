"""The redacted edition: no raw name in any file, the pseudonyms of the case, and a planted leak fails the run."""

from __future__ import annotations

import copy
import hashlib
import json
import re
from dataclasses import replace
from datetime import datetime, timedelta

import nbformat
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbformat import v4

from spmc_tools.custody.review.verify import verify
from spmc_tools.desks.watch.watch_terms import add_watch_term
from spmc_tools.report.redaction import by_class
from spmc_tools.report.redaction.edition import Redaction
from spmc_tools.report.redaction.leak_check import LeakError, raw_names
from spmc_tools.report.redaction.run_check import RunCheck
from spmc_tools.report.redaction.text_check import _runs
from spmc_tools.report.running.run import run_notebook
from spmc_tools.report.scope.received_values import RefusedRows
from spmc_tools.report.sections.groups.card_values import ReceivedFile, ShownPost
from spmc_tools.report.values.privacy import Bin, Code, Hour, Number, Quoted, Time
from spmc_tools.report.values.section_values import from_json, section_values, to_json
from spmc_tools.report.words.refusals import told
from spmc_tools.report.words.wording import Wording
from spmc_tools.schema import RECORDS
from tests.report_fixtures import MEMBERS as SMALL_MEMBERS
from tests.report_fixtures import TEXTS as SMALL_TEXTS
from tests.report_fixtures import filled_case, rows

HANDLES = ["secret_one", "y" * 300, "<script>alert(7)</script>name", "गुप्त_खाता", "\u202eelpoep_emos"]
MEMBERS = ["90000000001", "acc<2>xx", "did:plc:zz12", "90000000004", "90000000005"]
TEXTS = [
    f"बूथ {n} बंद है, पूछें @secret_one या @by_stander से, www.example.com/p/{n}22 और "
    f"call +91 98765 4321{n} mail me@host.example"
    for n in range(6)
]
RAW = [*HANDLES, *MEMBERS, "by_stander", "98765", "me@host.example", "www.example.com", "received.jsonl"]


@pytest.fixture
def hostile_case(make_case):
    """A case of one test, which may change it."""
    return make_case(TEXTS, MEMBERS, HANDLES)


@pytest.fixture(scope="module")
def case_once(tmp_path_factory):
    """The same case for all tests that look at it only."""
    folder = tmp_path_factory.mktemp("kept")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPMC_CASES", str(folder / "cases"))
        patch.setenv("SPMC_KEYS", str(folder / "keys"))
        yield filled_case(folder, TEXTS, MEMBERS, HANDLES)


@pytest.fixture
def kept_case(case_once, monkeypatch):
    """The case of all tests, with its keys."""
    monkeypatch.setenv("SPMC_KEYS", str(case_once.path.parent.parent / "keys"))
    return case_once


def test_of_what_overlaps_in_a_text_the_first_and_longest_is_masked(small_case, tmp_path) -> None:
    """handle_1 is a handle of the case, and part of an address, of an e-mail address and of a mention."""
    masks = RunCheck(small_case, tmp_path, None, "en").redaction()
    address, mail, phone = (Wording("en").say(f"masked.{kind}").plain() for kind in ("address", "mail", "phone"))
    name = small_case.pseudonym("acct1")
    for text, expected in (
        ("by handle_1.", f"by {name}."),
        ("handle_1@host.example", mail),
        ("see https://host.example/handle_1/page of @handle_1, handle_1", f"see {address} of @{name}, {name}"),
        ("call +91 98765 43210 or handle_1@host.example", f"call {phone} or {mail}"),
        ("nobody", "nobody"),
    ):
        assert masks.text(text) == expected


def test_a_number_of_the_report_stands_for_its_account_and_an_unknown_one_for_the_handle(small_case, tmp_path) -> None:
    masks = RunCheck(small_case, tmp_path, None, "en").redaction()
    masks._by_number[3] = "A-3"
    assert masks.numbered(3, "handle_1") == "A-3"
    assert masks.numbered(4, "handle_1") == masks.account("@Handle_1") == small_case.pseudonym("acct1")
    assert masks.account("acct1") == masks.account("handle_1") != masks.account("handle_2")


@pytest.fixture(scope="module")
def redacted_once(case_once, all_sections, as_notebook, tmp_path_factory):
    """A redacted notebook, without a kernel, and what was looked for in it."""
    folder = tmp_path_factory.mktemp("once")
    node = as_notebook(all_sections(case_once))
    node.cells[0].outputs.append(v4.new_output("stream", text="secret_one said so"))
    node.cells[0].metadata["papermill"] = {"status": "completed"}
    node.metadata["widgets"] = {"state": {"1": {"options": ["secret_one"]}}}
    checked = RunCheck(case_once, folder, None, "en", "hi")
    return checked, checked.redaction().notebook(node)


@pytest.fixture
def redacted(redacted_once, kept_case, tmp_path):
    """A run folder of one test with the redacted notebook."""
    once, node = redacted_once
    checked = copy.copy(once)
    checked.folder = tmp_path / "20251113T034000Z-election_watch-0000"
    checked.folder.mkdir()
    return kept_case, checked, copy.deepcopy(node)


def test_values_hold_no_raw_name_and_the_pseudonyms_of_the_case(redacted) -> None:
    case, _, node = redacted
    text = json.dumps(node, ensure_ascii=False)
    assert [raw for raw in RAW if raw in text] == []
    ids = set(case.pseudonyms(MEMBERS).values())
    assert ids <= set(re.findall(r"A-[0-9A-HJKMNP-TV-Z]{8}", text))
    assert "papermill" not in text and "said so" not in text
    assert "@" + case.pseudonym("90000000001") in text  # a mention of a known account is its pseudonym
    times = re.findall(r'"(?:at|first|last)": "(2025-11[^"]*)"', text)
    assert len(times) > 10 and all(re.fullmatch(r".*T\d\d\+05:30", time) for time in times)


def test_what_was_typed_leaves_without_a_name(kept_case, tmp_path) -> None:
    """An account that a dossier was asked for stands in the manifest and in a cell: both hold its pseudonym."""
    typed = {"account": "90000000001", "case": "hostile", "names": False, "as_of": "2025-11-09T18:00+05:30"}
    source = "# Parameters\n" + "\n".join(f"{name} = {value!r}" for name, value in typed.items())
    cell = v4.new_code_cell(source, metadata={"tags": ["injected-parameters"]})
    node = v4.new_notebook(cells=[v4.new_code_cell("first = '90000000001'"), cell])
    left = RunCheck(kept_case, tmp_path, None, "en").redaction().parameters(node, typed)
    pseudonym = kept_case.pseudonym("90000000001")
    assert left == {**typed, "account": pseudonym}
    assert cell.source == source.replace("90000000001", pseudonym) != source


def test_words_that_were_typed_are_masked_unless_the_only_name_in_them_is_a_word_of_ours(small_case) -> None:
    """A remark may hold a name beside other words; a name that is a word of ours alone changes nothing."""
    names, said = (
        raw_names(small_case),
        {"note": "of handle_1, call +91 98765 43210", "other": "the handle_2 +91 98765"},
    )
    masks = Redaction(small_case, names, {"handle_2"}, Wording("en"))
    left = masks.parameters(v4.new_notebook(), said)
    assert left == {"note": f"of {small_case.pseudonym('acct1')}, call [telephone]", "other": said["other"]}


def test_a_time_of_which_the_hour_is_known_is_shown_as_that_hour() -> None:
    at = datetime.fromisoformat("2025-11-05T23:47:12.5+05:30")
    hour = Hour.of(at)
    assert (str(hour.isoformat()), hour.timestamp()) == ("2025-11-05T23+05:30", at.timestamp() - 47 * 60 - 12.5)
    read = from_json(Shown, {"at": "2025-11-05T23+05:30", "from_": "2025-11-05T23:47:12+05:30"})
    assert (
        isinstance(read.at, Hour) and not isinstance(read.from_, Hour) and to_json(read)["at"] == "2025-11-05T23+05:30"
    )
    words = Wording("en")
    assert str(words.moment(read.at)) == "5 November 2025 23:00–24:00" != str(words.moment(read.from_))
    assert str(words.clock(read.at)) == "5 Nov 23:00–24:00" and str(words.hour(read.at)) == "23:00–24:00"
    assert str(words.day(read.at)) == "5 November 2025" and str(Wording("hi").hour(read.at)) == "23:00–24:00"


@section_values
class Shown:
    at: Time
    from_: Time


def test_a_refused_row_leaves_no_word_of_its_own(kept_case, tmp_path) -> None:
    """What stood in a refused row is in no table that the leak check knows: only masking keeps it away."""
    reasons = [
        'created_at is no time: "please ask some_body about it"',
        'the account id "some_body@old" is not exact (its last digits were lost in a spreadsheet)',
        '"6 November some_body" names the zone some_body, which Asia/Kolkata was not in',
        'date is missing or no time: "some_body" is no time that can be read',
        'nothing that is known: "some_body" said "some_body else"',
        '"6.11." is not of the form "%Y-%m-%d"',
    ]
    made = [{"reason": one, **(told(one) or {"kind": None, "values": {}}), "n": 1, "others": 0} for one in reasons]
    masks = RunCheck(kept_case, tmp_path, None, "en").redaction()
    left = {"reasons": [to_json(by_class.redacted(from_json(RefusedRows, one), masks)) for one in made]}
    text = json.dumps(left, ensure_ascii=False)
    assert [one["kind"] for one in made] == [
        "field_time", "account_is", "other_zone", "date_missing", None, "other_form",
    ]  # fmt: skip
    assert "some_body" not in text and "please" not in text and "6.11." not in text
    assert [one["kind"] for one in left["reasons"]] == [one["kind"] for one in made]
    assert left["reasons"][1]["values"]["why"]["kind"] == "why.lost"
    assert left["reasons"][5]["values"] == {"value": '"▮▮▮"', "form": '"%Y-%m-%d"'}


@section_values
class Block:
    bin_start: Bin
    bin_s: Number


def test_a_block_of_hours_keeps_its_start_and_a_shorter_one_does_not(kept_case, tmp_path) -> None:
    """Blocks are counted from midnight UTC, which is half past an hour in IST, as the page says beside them."""
    start = "2025-11-05T00:00:00+00:00"
    masks = RunCheck(kept_case, tmp_path, None, "en").redaction()
    blocks = [from_json(Block, {"bin_start": start, "bin_s": width}) for width in (21_600, 3600, 600)]
    left = [to_json(by_class.redacted(block, masks)) for block in blocks]
    shown = [datetime.fromisoformat(block["bin_start"]) for block in left]
    assert shown == [datetime.fromisoformat(text) for text in (start, start, "2025-11-05T05:00:00+05:30")]


def test_the_page_says_everywhere_that_it_is_redacted(redacted, tmp_path) -> None:
    from spmc_tools.report.page.render import Run, page

    _, checked, node = redacted
    run = Run("r", "small", "election_watch", "2025-11-13T03:40:00+00:00", "complete", "redacted", 0, True)
    text = page(node, run, "en")
    (checked.folder / "report.html").write_bytes(text.encode("utf-8", "backslashreplace"))
    assert '@top-left{content:"REDACTED EDITION' in text and "NOT REVIEWED – names" not in text
    assert "This is the redacted edition." in text and "यह नाम-रहित संस्करण है" in page(node, run, "hi")
    assert "contains account names" not in text
    assert checked.told["looked_for"] > 10


@pytest.mark.parametrize("raw", [HANDLES[0], HANDLES[1], HANDLES[2], HANDLES[3], HANDLES[4], MEMBERS[2]])
@pytest.mark.parametrize("name", ["report.html", "notebook.ipynb", "exports/x.csv"])
def test_a_planted_name_is_found(redacted, raw: str, name: str) -> None:
    from markupsafe import escape

    _, checked, _ = redacted
    place = checked.folder / name
    place.parent.mkdir(exist_ok=True)
    said = {
        "report.html": f"<p>{escape(raw)}</p>",
        "notebook.ipynb": json.dumps([raw]),
        "exports/x.csv": f'a\n"{raw}"\n',
    }
    place.write_text(said[name], encoding="utf-8")
    with pytest.raises(LeakError) as caught:
        _ = checked.told
    assert {leak.place for leak in caught.value.leaks} == {name}
    assert raw not in str(caught.value)


def test_the_manifest_is_looked_at_before_it_is_written(redacted) -> None:
    _, checked, _ = redacted
    with pytest.raises(LeakError, match=r"manifest\.json"):
        checked.manifest(json.dumps({"parameters": {"note": "about secret_one"}}))


CODE = """
import os, pathlib
import spmc_tools as spmc
from spmc_tools.report.page.sections import section
opened = spmc.open_case(case)
from spmc_tools.report.scope.scope import in_period
"""
PURPOSE = 'section("purpose", case=opened, scope=in_period(opened))'
DATA = 'section("data", case=opened, scope=in_period(opened))'


def _notebook(tmp_path, *cells):
    parameters = {"case": {"type": "case", "default": "sample"}}
    node = v4.new_notebook(
        cells=[v4.new_code_cell('case = "sample"', metadata={"tags": ["parameters"]}), *map(v4.new_code_cell, cells)],
        metadata={
            "kernelspec": {"name": "python3", "language": "python", "display_name": "Python 3"},
            "spmc": {"parameters": parameters, "sections": ["purpose", "data"]},
        },
    )
    nbformat.write(node, tmp_path / "own.ipynb")
    return str(tmp_path / "own.ipynb")


def test_a_redacted_run_is_whole_and_can_be_checked(hostile_case, tmp_path) -> None:
    hostile_case.change_settings("test", title="What secret_one and @by_stander did")
    path = _notebook(tmp_path, CODE, PURPOSE, DATA, "print('secret' + '_one')")
    done = run_notebook(hostile_case, path, {}, edition="redacted")
    assert done.status == "complete"
    folder = done.report.parent
    everything = "".join(p.read_text(encoding="utf-8") for p in folder.rglob("*") if p.is_file())
    assert [raw for raw in RAW if raw in everything] == []
    entry = next(e for e in hostile_case.ledger.entries() if e["kind"] == "leak_check")
    assert entry["payload"]["ok"] and entry["payload"]["looked_for"] > 10 and "own_words" in entry["payload"]
    assert verify(folder).ok and verify(hostile_case.path).ok
    received = next((hostile_case.path / "original").rglob("received.jsonl"))
    received.chmod(0o600)
    received.write_text("changed")
    assert "received.jsonl" in str(verify(folder).first_difference)


@pytest.fixture
def broken_template(monkeypatch):
    """A function that puts a mistake into the template of one section: it raises for any values."""
    from jinja2 import ChoiceLoader, DictLoader

    from spmc_tools.report.page.drawing import ReportExporter, section_template
    from spmc_tools.report.redaction.own_words import _empty_report

    made = ReportExporter._create_environment

    def broken(section: str) -> None:
        def with_mistake(self):
            environment = made(self)
            mistake = DictLoader({section_template(section): "{{ 1 + 'one' }}"})
            environment.loader = ChoiceLoader([mistake, environment.loader])
            return environment

        monkeypatch.setattr(ReportExporter, "_create_environment", with_mistake)
        _empty_report.cache_clear()

    yield broken
    _empty_report.cache_clear()


@pytest.mark.parametrize(("section", "status"), [("data", "failed"), ("volume", "complete")])
@pytest.mark.parametrize("edition", ["full", "redacted"])
def test_a_mistake_in_a_template_loses_that_section_and_not_the_run(
    hostile_case, tmp_path, broken_template, edition, section, status
) -> None:
    """Of a section that the notebook shows, or of one that only the report of an empty case has."""
    broken_template(section)
    done = run_notebook(hostile_case, _notebook(tmp_path, CODE, PURPOSE, DATA), {}, edition=edition)
    text = done.report.read_text(encoding="utf-8")
    assert done.status == status
    assert "None: made-up data" in text  # the legal basis, in the section that is left
    assert ("the form of its values is not known" in text) == ('class="banner failed"' in text) == (status == "failed")
    assert ("TypeError" in text) == (status == "failed")
    assert verify(done.report.parent).ok and verify(hostile_case.path).ok
    if edition == "redacted":
        everything = "".join(p.read_text(encoding="utf-8") for p in done.report.parent.rglob("*") if p.is_file())
        assert [raw for raw in RAW if raw in everything] == []
        assert [e["payload"]["ok"] for e in hostile_case.ledger.entries() if e["kind"] == "leak_check"] == [True]


def test_a_leak_fails_the_run_and_nothing_of_it_is_kept(hostile_case, tmp_path) -> None:
    leak = 'pathlib.Path(os.environ["SPMC_EXPORTS"], "x.csv").write_text("a\\nby " + "secret" + "_one\\n")'
    done = run_notebook(hostile_case, _notebook(tmp_path, CODE, leak), {}, edition="redacted", language="both")
    assert done.status == "failed"
    folder = done.report.parent
    assert sorted(p.name for p in folder.iterdir()) == [
        "manifest.json", "manifest.sha256", "notebook.ipynb", "report.hi.html", "report.html",
    ]  # fmt: skip
    assert "secret_one" not in "".join(p.read_text(encoding="utf-8") for p in folder.iterdir())
    assert "would have held raw names" in done.report.read_text(encoding="utf-8")
    told = next(e["payload"] for e in hostile_case.ledger.entries() if e["kind"] == "leak_check")
    assert told["ok"] is False and told["found"] == [{"place": "exports/x.csv", "kind": "handle", "raw": "secret_one"}]
    assert verify(hostile_case.path).ok


def test_beside_a_post_stands_the_pseudonym_of_its_account_and_no_file(small_case) -> None:
    from spmc_tools.report.redaction.run_check import RunCheck

    masked = RunCheck(small_case, small_case.run_dir("one"), None, "en").redaction()
    digest = "ab" * 32
    post = {
        "n": 1, "name": "handle_1", "at": "2025-11-05T00:10:00+00:00", "after_s": 0, "parts": [["text", False]],
        "url": "https://x.example/status/1", "lang": None, "record": "1", "sha256": digest,
        "file": "received.jsonl", "row": 3,
    }  # fmt: skip
    shown = by_class.redacted(from_json(ShownPost, post), masked)
    unnamed = by_class.redacted(from_json(ShownPost, post | {"n": None, "name": None, "parts": None}), masked)
    file = by_class.redacted(from_json(ReceivedFile, {"file": "received.jsonl", "sha256": digest}), masked)
    assert shown.name == small_case.pseudonym("acct1") and unnamed.name is None and shown.record is None
    assert "x.example" not in shown.url
    assert shown.file == unnamed.file == file.file != "received.jsonl"


@section_values
class Named:
    thing: tuple[Code, ...]
    text: Quoted


def test_the_name_of_a_text_is_no_telephone_number(small_case, tmp_path) -> None:
    folder = tmp_path / "20251113T034000Z-election_watch-0001"
    folder.mkdir()
    made = RunCheck(small_case, folder, None, "en").redaction()
    ids = ["9051998a49d8", "ab9876543210", "a9af15236706"]
    kept = by_class.redacted(from_json(Named, {"thing": ids, "text": "call 9876543210 or +91 98765 43210"}), made)
    assert list(kept.thing) == ids and "98765" not in kept.text


OTHERS = "the old bridge near the market is closed tonight say my cousins"


@pytest.fixture
def with_bystanders(small_case, tmp_path):
    """The small case, two accounts in no group that wrote one text, and a watch for a word of each."""
    source = tmp_path / "others.jsonl"
    source.write_text("others\n", encoding="utf-8")
    sha256 = hashlib.sha256(source.read_bytes()).hexdigest()
    own = [{**row, "record_id": f"9{row['record_id']}77"} for row in rows([OTHERS], ["quiet1", "quiet2"], sha256)]
    # one of them copied the group, with a word of its own: the group's wording is what a redacted page shows
    [copy] = rows(["हाय " + SMALL_TEXTS[0]], ["quiet1"], sha256)
    copy |= {"record_id": "55555577", "created_at": copy["created_at"] - timedelta(hours=1)}
    with small_case.new_batch(source, sha256) as batch:
        batch.write(records=pa.Table.from_pylist([*own, copy], schema=RECORDS.schema))
        batch.commit(format="made_up", read=3, duplicates=0)
    add_watch_term(small_case, "bridge", "a rumour of last year")
    add_watch_term(small_case, "पोलिंग", "the polls")
    return small_case


def test_a_redacted_page_shows_no_words_of_accounts_outside_the_groups(
    with_bystanders, all_sections, as_notebook, tmp_path
) -> None:
    from spmc_tools.report.page.render import Run, page

    folder = tmp_path / "20251113T034000Z-election_watch-0000"
    folder.mkdir()
    run = Run("r", "small", "election_watch", "2025-11-13T03:40:00+00:00", "complete", "full", 0, True)
    node = as_notebook(all_sections(with_bystanders, members=SMALL_MEMBERS))
    whole = page(node, run, "en")
    assert OTHERS in whole and "a rumour of last year" in whole and "हाय" in whole
    checked = RunCheck(with_bystanders, folder, None, "en")
    node = checked.redaction().notebook(node)
    text = page(node, replace(run, edition="redacted"), "en")
    assert "cousins" not in text and "cousins" not in json.dumps(node) and "हाय" not in text
    assert "[words not shown: no group of this report carries it]" in text
    watched = text[text.index('<section id="watch"') : text.index('<section id="limits"')]
    assert "मतदान रोक दिया गया है" in watched  # what the group wrote stays
    assert re.findall(r"\d\d:(?!00)\d\d", re.sub(r"<[^>]+>", " ", watched)) == []  # no minute of anybody's post
    assert re.findall(r'_seen": "[^"]*T\d\d:(?!00:00)', json.dumps(node)) == []
    (folder / "report.html").write_text(text, encoding="utf-8")
    nbformat.write(node, folder / "notebook.ipynb")
    assert (checked.told["texts_looked_for"], checked.told["texts_too_short"]) == (2, 0)

    again = RunCheck(with_bystanders, folder, None, "en")
    again.needed = checked.needed
    quoted = " ".join(OTHERS.split()[2:9])
    (folder / "report.html").write_text(text.replace("</main>", f"<p>{quoted}</p></main>"), encoding="utf-8")
    with pytest.raises(LeakError) as caught:
        _ = again.told
    assert [(leak.place, leak.kind) for leak in caught.value.leaks] == [("report.html", "text")]
    assert caught.value.leaks[0].raw in quoted and quoted not in str(caught.value)


@given(st.lists(st.sampled_from(["ab", "cd", "ef", "gh", "ij", "@x", "9", "a/b"]), max_size=24), st.integers(0, 20))
def test_words_that_stand_together_are_found_wherever_they_begin(words, start) -> None:
    part = words[start : start + 6]
    plain = len(part) == 6 and not any(set(word) & set("@/9") for word in part)
    assert (tuple(part) in set(_runs(" ".join(words)))) == plain
