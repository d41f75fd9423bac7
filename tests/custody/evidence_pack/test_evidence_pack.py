"""The evidence pack: whole on another machine, checked there by two programs, every changed byte named."""

from __future__ import annotations

import csv
import hashlib
import html
import io
import json
import re
import shutil
import zipfile
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import nbformat
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from docx import Document
from openpyxl import load_workbook

from spmc_tools.case.acts.marks import mark, undo
from spmc_tools.case.store.case import Case
from spmc_tools.custody.evidence_pack import evidence_pack
from spmc_tools.custody.evidence_pack.evidence_pack import write_pack
from spmc_tools.custody.evidence_pack.exculpatory_evidence import innocence
from spmc_tools.custody.evidence_pack.finding_posts import as_page, finding_posts
from spmc_tools.custody.review.review import review, withdraw
from spmc_tools.custody.review.verify import verify
from spmc_tools.errors import CaseError, IntegrityError, ParameterError
from spmc_tools.findings import stored_results as stored
from spmc_tools.importers.import_files import import_files
from spmc_tools.schema import RESULTS
from spmc_tools.signing.manifest import write_manifest
from spmc_tools.signing.officer_keys import make_key, unlock

if TYPE_CHECKING:
    from pathlib import Path

RUN = "20251113T034000Z-election_watch-ab12"
PLACE = f"derived/{'0' * 32}/investigate"
PATTERN = {"decides": False, "pattern": True, "n_own": 41, "site": "gaya-news.example", "topics": 22.5}
"""What was measured of an account that is named for what it reposts, and looks like a newsroom by what it posts."""
SECRET = "correct horse battery"
HANDLES = ["handle_1", "<script>alert(1)</script>", "x" * 300, "गुप्त_🔥_खाता", "\u202eelpoep"]


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """Where the case and its pack are kept once they are made: making them is slow."""
    return tmp_path_factory.mktemp("kept")


@pytest.fixture
def case(kept, make_case, all_sections, as_notebook, tmp_path, monkeypatch):
    """A case with one signed, reviewed report whose results are there."""
    monkeypatch.setenv("SPMC_OFFICER_KEYS", str(tmp_path / "officers"))
    monkeypatch.delenv("SPMC_KEY_PASSPHRASE", raising=False)
    if (kept / "cases").exists():
        shutil.copytree(kept, tmp_path, dirs_exist_ok=True)
        (tmp_path / "pack.zip").unlink(missing_ok=True)
        return Case(tmp_path / "cases" / "small")
    made = make_case([f"बूथ {n} बंद है" for n in range(6)], [f"acct{n}" for n in range(1, 6)], HANDLES)
    made.add_context("news1", "newsroom", "Registered daily; press card checked")
    results = made.path / PLACE
    results.mkdir(parents=True)
    same = {"basis": "several", "traces": ["copypasta"], "n_records": 7}
    rows = [{"account_id": f"acct{n}", "tier": "B" if n < 5 else "C", **same} for n in range(1, 6)]
    given = {"accounts": rows, "account_patterns": [{"account_id": "acct2", **PATTERN}]}
    tables = {name: stored.table_of(given.get(name, []), name) for name in stored.SCHEMAS}
    hashes = stored.kept(results, tables, {"notes": {"traces": {"copypasta": {}, "co_url": {}}}, "not_run": []})
    made.log("investigate", {"run": RUN, "derived": PLACE, "results": hashes, "parameters": {}})
    folder = made.run_dir(RUN)
    nbformat.write(as_notebook(all_sections(made)), folder / "notebook.ipynb")
    (folder / "report.html").write_text("<!doctype html><title>x</title>")
    (folder / "exports").mkdir()
    (folder / "exports" / "edges.csv").write_text("trace\nco_url\n")
    make_key("Officer One", SECRET)
    make_key("R. Devi", SECRET)
    write_manifest(made, folder, notebook="election_watch", signer=unlock("Officer One", SECRET), edition="full")
    review(made, RUN, reviewer="R. Devi", verdict="upheld", counter_case="none seen", signer=unlock("R. Devi", SECRET))
    shutil.copytree(tmp_path, kept, dirs_exist_ok=True)
    return made


@pytest.fixture
def packed(kept, case, tmp_path) -> Path:
    if not (kept / "pack.zip").exists():
        write_pack(case, RUN, kept / "pack.zip", unlock("Officer One", SECRET))
    return shutil.copy(kept / "pack.zip", tmp_path / "pack.zip")


def alone(files: dict[str, bytes]) -> None:
    """An independent check with hashlib and cryptography alone; raises where something differs."""
    listed = json.loads(files["pack.json"])
    told = {one["path"]: one["sha256"] for one in listed["files"]}
    assert told == {n: hashlib.sha256(c).hexdigest() for n, c in files.items() if n not in {"pack.json", "pack.sig"}}
    for name, content in (("pack.sig", files["pack.json"]), ("run/manifest.sig", files["run/manifest.json"])):
        signed = json.loads(files[name])
        assert {**json.loads(content)["signer"], "algorithm": "Ed25519"} == {
            said: value for said, value in signed.items() if said != "signature"
        }
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(signed["public_key"]))
        key.verify(bytes.fromhex(signed["signature"]), content)
    manifest = json.loads(files["run/manifest.json"])
    assert all(hashlib.sha256(files[f"run/{f['path']}"]).hexdigest() == f["sha256"] for f in manifest["files"])
    prev, heads = "0" * 64, []
    for line in files["ledger.jsonl"].decode().splitlines():
        row = json.loads(line)
        entry = {name: row[name] for name in ("seq", "at", "officer", "kind", "payload")} | {"prev": prev}
        prev = hashlib.sha256(json.dumps(entry, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
        assert prev == row["hash"]
        heads.append(prev)
        if row["kind"] == "review":
            said = json.loads(row["payload"])
            signature = bytes.fromhex(said.pop("signature"))
            text = json.dumps(said, sort_keys=True, separators=(",", ":"))
            Ed25519PublicKey.from_public_bytes(bytes.fromhex(said["key"]["public_key"])).verify(
                signature, text.encode()
            )
    assert heads[manifest["ledger"]["length"] - 1] == manifest["ledger"]["head"]


def test_all_posts_of_the_groups_are_in_the_pack_as_the_files_have_them(case, packed) -> None:
    """Of the five accounts that the page names, every post: read once more from the case's table."""
    files = contents(packed)
    rows = list(csv.DictReader(io.StringIO(files["posts.csv"].decode("utf-8-sig"))))
    (received,) = (case.path / "original").iterdir()
    table = pq.read_table(case.path / case.batches()[0].tables["records"]["path"]).to_pylist()
    own = [row for row in table if row["account_id"].startswith("acct")]
    own.sort(key=lambda row: (row["created_at"], row["record_id"]))
    assert len(rows) == len(own) == 30 and received.name.startswith(rows[0]["source_sha256"])
    for row, wanted in zip(rows, own, strict=True):
        assert (row["group"], row["state"], row["handle"]) == ("1", "same", HANDLES[int(wanted["account_id"][-1]) - 1])
        for name in ("account_id", "record_id", "text", "platform", "kind"):
            assert row[name] == wanted[name], name
        assert (row["source_row"], row["url"]) == (str(wanted["source_row"]), wanted["url"] or "")
        assert datetime.fromisoformat(row["time_ist"]) == wanted["created_at"] and row["time_ist"].endswith("+05:30")
    assert {(row["acted_together"], row["ordinary_patterns"]) for row in rows} == {("weak", "")}
    sheet = load_workbook(io.BytesIO(files["posts.xlsx"]))["posts"]
    cells = [[("" if value is None else str(value)) for value in line] for line in sheet.iter_rows(values_only=True)]
    assert cells[0] == list(rows[0]) and len(cells) == len(rows) + 1
    ids = cells[0].index("record_id")
    assert [line[ids] for line in cells[1:]] == [row["record_id"] for row in rows]
    page = files["posts.html"].decode()
    assert "Acted together: how sure – weak. Ordinary pattern: none of those measured fits." in page
    assert all(row["record_id"] in page and html.escape(row["text"]) in page for row in rows)
    shown = list(csv.DictReader(io.StringIO(files["provenance.csv"].decode("utf-8-sig"))))
    assert {row["record_id"] for row in shown} >= {row["record_id"] for row in rows}


def test_figures_stand_beside_the_posts_as_their_file_gives_them(case) -> None:
    """Of one post of the case's table: 3 likes, no repost, replies not in the file, 1,204 views, taken at 10:30 IST."""
    place = case.path / case.batches()[0].tables["records"]["path"]
    table = pq.read_table(place)
    rows = table.to_pylist()
    counted = next(row for row in rows if row["account_id"] == "acct2")
    counted["metrics"] = {"likes": 3, "reposts": 0, "views": 1204}
    counted["collected_at"] = datetime(2025, 11, 9, 5, 0, tzinfo=UTC)
    pq.write_table(pa.Table.from_pylist(rows, schema=table.schema), place)
    posts = finding_posts(case, case.path / "reports" / RUN)
    told = {one.record_id: (one.likes, one.reposts, one.replies, one.views, one.figures_ist) for one in posts}
    assert told.pop(counted["record_id"]) == (3, 0, None, 1204, "2025-11-09T10:30:00+05:30")
    assert len(told) == 29 and set(told.values()) == {(None,) * 5}
    for language, words in (
        ("en", "3 likes; 0 reposts; 1,204 views figures of 9 November 2025 10:30"),
        ("hi", "3 लाइक; 0 रीपोस्ट; 1,204 बार देखी गई आँकड़े 9 नवंबर 2025 10:30 के"),
    ):
        bare = " ".join(re.sub(r"<[^>]+>", " ", as_page(case, RUN, posts, language)).split())
        assert re.sub(r" (?=[;,])", "", bare).count(words) == 1, words


def contents(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def test_a_pack_is_whole_without_the_case(case, packed, tmp_path) -> None:
    shutil.rmtree(case.path)
    result = verify(packed)
    assert result.ok and result.checked > 20 and result.first_difference is None
    assert any("received files" in what for what in result.not_checked)
    assert sum("compare it with what the officer tells you" in note for note in result.notes) == 2
    files = contents(packed)
    alone(files)
    with zipfile.ZipFile(packed) as archive:
        archive.extractall(tmp_path / "unpacked")
    assert verify(tmp_path / "unpacked").ok
    wanted = {
        "README.en.txt", "README.hi.txt", "pack.json", "pack.sig", "ledger.jsonl", "innocence.json", "innocence.html",
        "provenance.csv", "provenance.html", "posts.csv", "posts.xlsx", "posts.html",
        "certificate/en.docx", "certificate/hi.docx", "certificate/en.html", "certificate/hi.html",
        "run/report.html", "run/notebook.ipynb", "run/manifest.json", "run/manifest.sha256", "run/manifest.sig",
        "run/exports/edges.csv", "rerun/election_watch.ipynb", "rerun/requirements.lock",
    }  # fmt: skip
    assert wanted <= set(files)
    assert sum(name.startswith("keys/") for name in files) == 2
    assert not any("original" in name for name in files)


def test_captures_of_the_posts_that_it_shows_are_in_it_and_no_others(case, tmp_path, monkeypatch) -> None:
    from spmc_tools.case.acts.attach import attach
    from spmc_tools.custody.evidence_pack import captures
    from spmc_tools.custody.evidence_pack.provenance_tree import provenance_steps

    shown = sorted({(step.platform, step.record_id) for step in provenance_steps(case, RUN)})
    later = {
        "id": "999", "author_id": "77", "text": "यह बाद में आया", "created_at": "2025-11-12T01:00:00.000Z", "lang": "hi",
        "conversation_id": "999", "edit_history_tweet_ids": ["999"],
        "public_metrics": {"retweet_count": 0, "reply_count": 0, "like_count": 1, "quote_count": 0},
    }  # fmt: skip
    (tmp_path / "later.json").write_text(json.dumps({"data": [later], "includes": {"users": []}}), encoding="utf-8")
    import_files(case, [tmp_path / "later.json"])  # after the run: the page cannot show it
    every = set(case.table("records", ["platform", "record_id"]).to_pandas().itertuples(index=False, name=None))
    hidden = sorted(every - set(shown))
    assert shown and hidden
    for name, (platform, record_id) in (("=a.png", shown[0]), ("b.html", shown[-1]), ("c.png", hidden[0])):
        (tmp_path / name).write_bytes(f"what {name} shows".encode())
        attach(case, f"{platform}:{record_id}", [tmp_path / name], method="screenshot", tool="Firefox")
    files = contents(write_pack(case, RUN, tmp_path / "new.zip", unlock("Officer One", SECRET)))
    alone(files)
    digest = {name: hashlib.sha256(f"what {name} shows".encode()).hexdigest() for name in ("=a.png", "b.html")}
    assert {name: files[name].decode() for name in files if name.startswith("captures/")} == {
        f"captures/{digest[name][:16]}-{name}": f"what {name} shows" for name in digest
    }
    rows = list(csv.DictReader(io.StringIO(files["captures.csv"].decode("utf-8-sig"))))
    assert {(one["record_id"], one["sha256"], one["method"], one["officer"]) for one in rows} == {
        (shown[0][1], digest["=a.png"], "screenshot", case.officer),
        (shown[-1][1], digest["b.html"], "screenshot", case.officer),
    }
    assert {one["name"] for one in rows} == {"'=a.png", "b.html"} and "captures.csv" in files["README.en.txt"].decode()
    listed = list(csv.DictReader(io.StringIO(files["posts.csv"].decode("utf-8-sig"))))
    of_post = {(one["platform"], one["record_id"]): one["captures"] for one in listed}
    told = {name: f"{name} (SHA-256 {digest[name]})" for name in digest}
    assert of_post.pop(shown[0]) == f"'{told['=a.png']}" and of_post.pop(shown[-1]) == told["b.html"]
    assert set(of_post.values()) == {""}
    page = files["posts.html"].decode()
    assert page.count("captured ") == 2 and all(page.count(one) == 1 for one in digest.values())
    assert verify(tmp_path / "new.zip").ok
    monkeypatch.setattr(captures, "MOST_BYTES", len(b"what =a.png shows"))  # one of the two has room
    few = contents(write_pack(case, RUN, tmp_path / "few.zip", unlock("Officer One", SECRET)))
    rows = list(csv.DictReader(io.StringIO(few["captures.csv"].decode("utf-8-sig"))))
    assert sorted(bool(one["file"]) for one in rows) == [False, True] and all(len(one["sha256"]) == 64 for one in rows)
    assert sum(name.startswith("captures/") for name in few) == 1


def test_a_pack_is_whole_though_the_log_grows_while_it_is_made(case, tmp_path, monkeypatch) -> None:
    rows = case.ledger.rows()

    def then_another_run(packed_case, folder, manifest):
        packed_case.log("investigate", {"by": "a scheduled run"})
        return innocence(packed_case, folder, manifest)

    monkeypatch.setattr(evidence_pack, "innocence", then_another_run)
    path = write_pack(case, RUN, tmp_path / "busy.zip", unlock("Officer One", SECRET))
    assert case.ledger.head()[0] > len(rows)
    files = contents(path)
    assert json.loads(files["pack.json"])["ledger"] == {"length": len(rows), "head": rows[-1][-1]}
    assert len(files["ledger.jsonl"].splitlines()) == len(rows)
    assert verify(path).differences == ()


def test_every_changed_file_is_named(packed, tmp_path) -> None:
    files = contents(packed)
    for name in sorted(files):
        content = bytearray(files[name])
        content[len(content) // 2] ^= 1
        bad = {**files, name: bytes(content)}
        result = verify(zipped(tmp_path / "bad.zip", bad))
        first = str(result.first_difference)
        assert not result.ok and first.startswith((f"{name}:", "pack.json:") if name == "pack.sig" else f"{name}:"), (
            name
        )
        with pytest.raises((AssertionError, ValueError, KeyError, InvalidSignature)):
            alone(bad)


def test_what_is_taken_out_or_put_in_is_named(packed, tmp_path) -> None:
    files = contents(packed)
    for name in ("innocence.html", "run/exports/edges.csv", "pack.sig"):
        less = {key: value for key, value in files.items() if key != name}
        assert verify(zipped(tmp_path / "less.zip", less)).first_difference == f"{name}: it is missing"
    more = zipped(tmp_path / "more.zip", {**files, "run/exports/names.csv": b"x"})
    assert "run/exports/names.csv: " in str(verify(more).first_difference)
    with pytest.warns(UserWarning, match="Duplicate name"), zipfile.ZipFile(more, "a") as archive:
        archive.writestr("run/report.html", b"another")
    assert "twice" in str(verify(more).first_difference)


def test_a_list_written_anew_is_seen_by_the_signature(packed, tmp_path) -> None:
    files = contents(packed)
    files["innocence.html"] = b"nothing speaks for anybody"
    listed = json.loads(files["pack.json"])
    for one in listed["files"]:
        one["sha256"] = hashlib.sha256(files[one["path"]]).hexdigest()
        one["bytes"] = len(files[one["path"]])
    files["pack.json"] = json.dumps(listed).encode()
    assert "pack.sig" in str(verify(zipped(tmp_path / "anew.zip", files)).first_difference)
    listed["signer"] = None
    files["pack.json"] = json.dumps(listed).encode()
    assert "pack.sig" in str(verify(zipped(tmp_path / "anew2.zip", files)).first_difference)
    del files["pack.sig"]
    result = verify(zipped(tmp_path / "anew3.zip", files))  # its report is signed, so it was, too
    assert "put in its place" in str(result.first_difference) and any("not signed" in note for note in result.notes)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"case": "other"}, '"case"'),
        ({"run_id": "another"}, '"run_id"'),
        ({"originals": [{"name": "posts.jsonl", "sha256": "0" * 64}]}, '"originals"'),
    ],
)
def test_what_an_unsigned_list_says_of_the_run_is_compared(case, tmp_path, change, says) -> None:
    with pytest.raises(ParameterError, match=r"signs in this case with the key [0-9a-f ]{39}, and a pack without"):
        write_pack(case, RUN, tmp_path / "unsigned.zip")
    case.change_settings("handed over", officer="S. Third")
    with pytest.raises(ParameterError, match="a pack of a signed report is signed too"):
        write_pack(case, RUN, tmp_path / "unsigned.zip")
    unsigned = case.run_dir(RUN[:-1] + "8")
    shutil.copy(case.path / "reports" / RUN / "notebook.ipynb", unsigned)
    write_manifest(case, unsigned, notebook="election_watch", edition="full")
    files = contents(write_pack(case, unsigned.name, tmp_path / "unsigned.zip"))
    listed = json.loads(files["pack.json"])
    assert listed["signer"] is None and verify(zipped(tmp_path / "same.zip", files)).ok
    files["pack.json"] = json.dumps({**listed, **change}).encode()
    result = verify(zipped(tmp_path / "changed.zip", files))
    assert says in str(result.first_difference) and str(result.first_difference).startswith("pack.json: ")
    listed["files"][0]["bytes"] += 1
    files["pack.json"] = json.dumps(listed).encode()
    assert "the size" in str(verify(zipped(tmp_path / "size.zip", files)).first_difference)


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\x05\x06" + bytes(18)])
def test_what_is_no_pack_is_one_sentence(tmp_path, content) -> None:
    path = tmp_path / "x.zip"
    path.write_bytes(content)
    with pytest.raises(CaseError, match="is no ") as caught:
        verify(path)
    assert "\n" not in str(caught.value)


def test_what_speaks_for_the_named_accounts(packed) -> None:
    files = contents(packed)
    told = json.loads(files["innocence.json"])
    assert [one["account_id"] for one in told["accounts"]] == ["acct1", "acct2", "acct3", "acct4"]
    first, second, *rest = told["accounts"]
    assert second["newsroom"] == dict.fromkeys(RESULTS["account_patterns"].names[1:]) | PATTERN
    assert [one["newsroom"] for one in (first, *rest)] == [None] * 3
    assert first["silent"] == ["co_url"] and first["records"] == 7 and first["number"] == 1
    assert {one["what"] for one in first["ordinary"]} >= {"ready_text", "hashtags"}
    assert told["cleared"][0]["account_id"] == "news1"
    assert told["rerun"]["lock"]["sha256"] == hashlib.sha256(files["rerun/requirements.lock"]).hexdigest()
    page = files["innocence.html"].decode()
    assert "<script>" not in page and "&lt;script&gt;alert(1)&lt;/script&gt;" in page and "x" * 300 in page


def test_results_of_an_older_form_speak_as_they_did(case) -> None:
    """They have no table of patterns: the pattern of an account stands in a column of the accounts."""
    folder = case.path / PLACE
    older = [{"account_id": "acct1", "tier": "B", "basis": "several", "traces": ["copypasta"], "n_records": 7}]
    older += [{**older[0], "account_id": "acct3"}]
    tables = {"accounts": [older[0] | {"benign": PATTERN}, older[1] | {"benign": None}], "signals": []}
    manifest: dict[str, list[dict[str, str]]] = {"results": []}
    for name, rows in tables.items():
        pq.write_table(pa.Table.from_pylist(rows), folder / f"{name}.parquet")
    for name in ("accounts.parquet", "signals.parquet", "notes.json"):
        sha256 = hashlib.sha256((folder / name).read_bytes()).hexdigest()
        manifest["results"].append({"path": f"{PLACE}/{name}", "sha256": sha256})
    told = innocence(case, case.run_dir(RUN), manifest)
    assert told["why"] is None
    assert {one["account_id"]: one["newsroom"] for one in told["accounts"]} == {"acct1": PATTERN, "acct3": None}


def test_why_a_check_was_not_run_is_told_in_both_languages(case, monkeypatch, tmp_path) -> None:
    from spmc_tools.custody.evidence_pack import evidence_pack
    from spmc_tools.report.sections.watch.closing_values import NotRun
    from spmc_tools.report.values.section_values import to_json

    reason = "The records lack media."
    row = to_json(NotRun(trace="co_media", window_s=None, reason=reason, code="lacks_column", columns=("media",)))
    real = evidence_pack.innocence
    monkeypatch.setattr(evidence_pack, "innocence", lambda *given: {**real(*given), "not_run": [row]})
    files = contents(write_pack(case, RUN, tmp_path / "n.zip", unlock("Officer One", SECRET)))
    english, hindi = files["innocence.html"].decode(), files["innocence.hi.html"].decode()
    assert "the data lacks pictures and videos" in english and "डेटा में यह जानकारी नहीं है: चित्र और वीडियो" in hindi
    assert "The records lack media." not in english + hindi
    assert json.loads(files["innocence.json"])["not_run"] == [row]


def test_a_mark_that_clears_is_told_while_it_stands(case, tmp_path) -> None:
    mark(case, ["acct1", "acct5"], "cleared", "Runs the fan page <b>openly</b>", by="R. Devi")
    mark(case, "acct2", "cleared", "a slip")
    undo(case)
    mark(case, "acct3", "cleared", "first thought")
    mark(case, "acct3", "lead", "second thought")
    files = contents(write_pack(case, RUN, tmp_path / "m.zip", unlock("Officer One", SECRET)))
    told = json.loads(files["innocence.json"])
    marks = {one["account_id"]: one["marks"] for one in told["accounts"]}
    assert [len(marks[f"acct{n}"]) for n in range(1, 5)] == [1, 0, 0, 0]
    assert (marks["acct1"][0]["officer"], marks["acct1"][0]["note"]) == ("R. Devi", "Runs the fan page <b>openly</b>")
    entry = next(e for e in case.ledger.entries() if e["seq"] == marks["acct1"][0]["seq"])
    assert (entry["kind"], entry["at"]) == ("mark", marks["acct1"][0]["at"])
    assert [one["account_id"] for one in told["marked"]] == ["acct5"]
    page = files["innocence.html"].decode()
    assert page.count("R. Devi: Runs the fan page &lt;b&gt;openly&lt;/b&gt;") == 2 and "a slip" not in page


@pytest.mark.parametrize("language", ["en", "hi"])
def test_the_certificate_is_a_draft_with_blank_persons(packed, language) -> None:
    files = contents(packed)
    document = Document(io.BytesIO(files[f"certificate/{language}.docx"]))
    text = "\n".join(paragraph.text for paragraph in document.paragraphs)
    assert "DRAFT" in document.sections[0].header.paragraphs[0].text and "DRAFT" in text
    assert ("PART A" in text and "PART B" in text) if language == "en" else ("भाग क" in text and "भाग ख" in text)
    assert text.count("☒ SHA256") == 2 and text.count("☒") == 2 and "☐ SHA1" in text and "☐ MD5" in text
    cells = [[cell.text for cell in row.cells] for table in document.tables for row in table.rows]
    hashes = dict(cells)
    manifest = json.loads(files["run/manifest.json"])
    assert hashes["original: received.jsonl"] == manifest["inputs"][0]["sha256"]
    assert hashes["run/report.html"] == hashlib.sha256(files["run/report.html"]).hexdigest()
    assert manifest["host"]["workstation"] in hashes.values()
    filled = {label for label, value in cells if value}
    blank = {"en": ("Name", "Name and signature", "Designation", "Place", "Serial number"),
             "hi": ("नाम", "नाम और हस्ताक्षर", "पदनाम", "स्थान", "क्रम संख्या")}[language]  # fmt: skip
    assert all(label in hashes and label not in filled for label in blank)
    html = files[f"certificate/{language}.html"].decode()
    assert "DRAFT" in html and manifest["inputs"][0]["sha256"] in html and "<script" not in html


def test_what_is_refused(case, tmp_path, packed) -> None:
    with pytest.raises(ParameterError, match="new file that ends in"):
        write_pack(case, RUN, packed)
    with pytest.raises(ParameterError, match="new file that ends in"):
        write_pack(case, RUN, tmp_path / "pack.tar")
    redacted = case.run_dir("20251114T034000Z-election_watch-cd34")
    (redacted / "report.html").write_text("x")
    write_manifest(case, redacted, edition="redacted")
    with pytest.raises(ParameterError, match="redacted edition"):
        write_pack(case, redacted.name, tmp_path / "r.zip")
    (case.path / "reports" / RUN / "report.html").write_text("changed")
    with pytest.raises(IntegrityError, match=r"report\.html"):
        write_pack(case, RUN, tmp_path / "c.zip")
    assert [p.name for p in tmp_path.glob("*.zip")] == ["pack.zip"]


def test_a_withdrawn_report_is_told_in_its_pack(case, tmp_path) -> None:
    withdraw(case, RUN, "A newsroom was named.")
    result = verify(write_pack(case, RUN, tmp_path / "w.zip", unlock("Officer One", SECRET)))
    assert result.ok and any("withdrawn" in note for note in result.notes)
    assert case.ledger.entries()[-1]["kind"] == "pack"
    files = contents(tmp_path / "w.zip")
    assert "WITHDRAWN" in files["README.en.txt"].decode() and b"A newsroom" in files["run/WITHDRAWN.txt"]


def test_a_pack_tells_that_its_report_cites_a_withdrawn_one(case, tmp_path) -> None:
    later = RUN[:-1] + "9"
    folder = case.run_dir(later)
    shutil.copy(case.path / "reports" / RUN / "notebook.ipynb", folder)
    (folder / "report.html").write_text("<!doctype html><title>y</title>")
    write_manifest(case, folder, notebook="election_watch", edition="full", cites=[RUN])
    withdraw(case, RUN, "A newsroom was named.")
    packed = write_pack(case, later, tmp_path / "l.zip", unlock("Officer One", SECRET))
    result = verify(packed)
    assert result.ok and any("cites a report that was withdrawn" in note for note in result.notes)
    files = contents(packed)
    assert b"A newsroom was named." in files["run/CITES_WITHDRAWN.txt"] and "run/WITHDRAWN.txt" not in files
    for language, words in (("en", "It cites a report that was withdrawn on"), ("hi", "वापस लिया")):
        readme = files[f"README.{language}.txt"].decode()
        assert words in readme and RUN in readme and "A newsroom was named." in readme
    files.pop("run/CITES_WITHDRAWN.txt")
    found = verify(zipped(tmp_path / "m.zip", files))
    assert not found.ok and any("CITES_WITHDRAWN.txt" in one for one in found.differences)


def test_results_that_are_gone_are_said(case, tmp_path) -> None:
    shutil.rmtree(case.path / "derived")
    told = json.loads(
        contents(write_pack(case, RUN, tmp_path / "g.zip", unlock("Officer One", SECRET)))["innocence.json"]
    )
    assert told["why"] == "lost" and told["accounts"] == []


def test_who_is_named_against_a_pattern_has_a_page_too(case, monkeypatch) -> None:
    """The kept results show acct5 (tier C); the page lists it because two officers named its group."""
    from dataclasses import replace

    from spmc_tools.custody.evidence_pack import exculpatory_evidence
    from spmc_tools.report.sections.story.story_values import PatternState

    folder = case.run_dir(RUN)
    manifest = json.loads((folder / "manifest.json").read_bytes())
    sections = exculpatory_evidence._sections(folder)

    def ids(decided: PatternState | None) -> dict[str, dict[str, object]]:
        cards = sections["findings"].cards
        told = tuple(replace(c, story=replace(c.story, decided=decided, patterns=("one_origin",))) for c in cards)
        shown = {**sections, "findings": replace(sections["findings"], cards=told)}
        monkeypatch.setattr(exculpatory_evidence, "_sections", lambda _: shown)
        return {one["account_id"]: one for one in innocence(case, folder, manifest)["accounts"]}

    assert "acct5" not in ids(None)
    named = ids(PatternState(state="named", size=5, patterns=("one_origin",), decisions=()))
    assert named["acct5"]["tier"] == "B" and named["acct5"]["patterns"] == ["one_origin"]
    assert list(named) == ["acct1", "acct2", "acct3", "acct4", "acct5"]
