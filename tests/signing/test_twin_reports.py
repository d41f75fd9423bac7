"""Two reports of one run: each names the other by file and hash, a reader can recompute it, and both checkers do."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from spmc_tools.custody.evidence_pack.evidence_pack import write_pack
from spmc_tools.custody.review.verify import verify
from spmc_tools.errors import ParameterError
from spmc_tools.report.page.index import INDEX, index_rows
from spmc_tools.report.running.run import run_notebook
from spmc_tools.signing.manifest import write_manifest
from spmc_tools.signing.twin_reports import MARK, asked_for, bound, file_names, hash_without_line, twins_named
from tests.custody.review.test_two_checkers import said_by_both
from tests.forgery import forge_case, listed_anew, sha, zip_contents, zipped

if TYPE_CHECKING:
    from pathlib import Path

    from spmc_tools.case.store.case import Case

START = b'<span class="mono long" data-twin='
RUN = "20251113T034000Z-election_watch-ab12"
PAGE = "<!doctype html>\n<p>{}</p>\n" + MARK.decode() + "</p>\n"


def without_lines(content: bytes) -> str:
    """As anybody can, line by line."""
    return sha(b"".join(line for line in content.splitlines(keepends=True) if not line.startswith(START)))


def told_in(content: bytes) -> tuple[str, str]:
    """The file and the hash that a page names."""
    [line] = [line for line in content.splitlines() if line.startswith(START)]
    return line.split(b'"')[3].decode(), line.split(b">")[1].split(b"<")[0].decode()


def test_the_first_language_is_that_of_the_case() -> None:
    assert asked_for("both", ("en", "hi"), "hi") == ("hi", "en") and asked_for("both", ("en", "hi"), "en")[0] == "en"
    assert asked_for("hi", ("en", "hi"), "en") == ("hi",)
    assert file_names(("hi", "en")) == {"hi": "report.html", "en": "report.en.html"}
    with pytest.raises(ParameterError, match="known languages: en, hi, both"):
        asked_for("fr", ("en", "hi"), "en")


def test_a_line_of_a_post_is_no_line_of_a_twin() -> None:
    post = '\n&lt;span class="mono long" data-twin="report.hi.html"&gt;' + "0" * 64 + "&lt;/span&gt;\n"
    pages = bound({"report.html": PAGE.format(post).encode(), "report.hi.html": PAGE.format("हिन्दी").encode()})
    for name, other in (("report.html", "report.hi.html"), ("report.hi.html", "report.html")):
        assert twins_named(pages[name]) == [told_in(pages[name])] == [(other, without_lines(pages[other]))]
        assert hash_without_line(pages[name]) == without_lines(pages[name]) != sha(pages[name])
    alone = {"report.html": PAGE.format("x").encode()}
    assert bound(alone) == alone


@pytest.mark.parametrize("edition", ["full", "redacted"])
def test_a_run_in_both_languages_writes_two_pages_each_in_one(small_case: Case, edition: str) -> None:
    small_case.change_settings("test", language="hi")
    done = run_notebook(small_case, "10_intake", {}, language="both", edition=edition)
    folder = done.report.parent
    assert [(code, path.name) for code, path in done.reports.items()] == [
        ("hi", "report.html"), ("en", "report.en.html"),
    ]  # fmt: skip
    assert done.report == done.reports["hi"] and done.status == "complete"
    pages = {code: path.read_bytes() for code, path in done.reports.items()}
    for code, other in (("hi", "en"), ("en", "hi")):
        text = pages[code].decode()
        assert f'<html lang="{code}">' in text and f'href="{done.reports[other].name}" hreflang="{other}"' in text
        assert told_in(pages[code]) == (done.reports[other].name, without_lines(pages[other]))
    assert "31 rows read" in pages["en"].decode() and "31 rows read" not in pages["hi"].decode()
    assert "डेटा प्राप्ति" in pages["hi"].decode() and "डेटा प्राप्ति" not in pages["en"].decode()
    manifest = json.loads((folder / "manifest.json").read_bytes())
    hashes = {one["path"]: one["sha256"] for one in manifest["files"]}
    assert {path.name: sha(pages[code]) for code, path in done.reports.items()}.items() <= hashes.items()
    [entry] = [one["payload"] for one in small_case.ledger.entries() if one["kind"] == "report"]
    assert entry["reports"] == {path.name: sha(pages[code]) for code, path in done.reports.items()}
    assert verify(folder).ok and verify(small_case.path).ok
    [row] = index_rows(small_case)
    assert row["reports"] == [
        {"language": code, "file": path.name, "bytes": len(pages[code])} for code, path in done.reports.items()
    ]
    listed = (small_case.path / "reports" / INDEX).read_text(encoding="utf-8")
    assert all(f'href="{done.run_id}/{path.name}"' in listed for path in done.reports.values())


@pytest.mark.skipif(shutil.which("sed") is None, reason="there is no sed here")
def test_the_command_of_the_guide_gives_the_hash(tmp_path: Path) -> None:
    pages = bound({"report.html": PAGE.format("one").encode(), "report.hi.html": PAGE.format("दो").encode()})
    (tmp_path / "report.hi.html").write_bytes(pages["report.hi.html"])
    left = subprocess.run(
        ["sed", '/^<span class="mono long" data-twin=/d', "report.hi.html"],
        cwd=tmp_path, capture_output=True, check=True,
    ).stdout  # fmt: skip
    assert hashlib.sha256(left).hexdigest() == told_in(pages["report.html"])[1]


def other_hash(pages: dict[str, bytes]) -> None:
    pages["report.html"] = pages["report.html"].replace(told_in(pages["report.html"])[1].encode(), b"0" * 64)


def other_file(pages: dict[str, bytes]) -> None:
    pages["report.html"] = pages["report.html"].replace(b'data-twin="report.hi.html"', b'data-twin="report.xx.html"')


def no_line(pages: dict[str, bytes]) -> None:
    pages["report.html"] = PAGE.format("one").encode()


def two_lines(pages: dict[str, bytes]) -> None:
    name, digest = told_in(pages["report.html"])
    line = f'<span class="mono long" data-twin="{name}">{digest}</span>\n'.encode()
    pages["report.html"] = pages["report.html"].replace(MARK, MARK + line)


def other_twin(pages: dict[str, bytes]) -> None:
    pages["report.hi.html"] = pages["report.hi.html"].replace("दो".encode(), "तीन".encode())


@pytest.mark.parametrize("change", [None, other_hash, other_file, no_line, two_lines, other_twin])
def test_a_page_that_names_another_twin_is_told_in_run_and_pack(small_case: Case, tmp_path: Path, change: Any) -> None:
    """The pages are changed before the manifest is written, so every hash of a file fits."""
    pages = bound({"report.html": PAGE.format("one").encode(), "report.hi.html": PAGE.format("दो").encode()})
    if change is not None:
        change(pages)
    folder = small_case.run_dir(RUN)
    for name, content in pages.items():
        (folder / name).write_bytes(content)
    (folder / "notebook.ipynb").write_text('{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}')
    reports = {"en": "report.html", "hi": "report.hi.html"}
    write_manifest(small_case, folder, edition="full", language="both", reports=reports)
    found = verify(folder)
    assert found.ok is (change is None)
    assert all("as its twin" in one and one.startswith("report.") for one in found.differences)
    if change is None:
        write_pack(small_case, RUN, tmp_path / "pack.zip")
        files = zip_contents(tmp_path / "pack.zip")
        assert {"posts.html", "posts.hi.html", "innocence.hi.html", "provenance.hi.html"} <= set(files)
        for forge in (other_hash, other_file, no_line, two_lines, other_twin):
            forged = {name: files[f"run/{name}"] for name in pages}
            forge(forged)
            manifest = json.loads(files["run/manifest.json"])
            for one in manifest["files"]:
                one["sha256"] = sha(forged.get(one["path"], files["run/" + one["path"]]))
            content = json.dumps(manifest).encode()
            whole = files | {f"run/{name}": text for name, text in forged.items()}
            whole |= {"run/manifest.json": content, "run/manifest.sha256": f"{sha(content)}  manifest.json\n".encode()}
            program, alone, told = said_by_both(zipped(tmp_path / f"{forge.__name__}.zip", listed_anew(whole, None)))
            assert (program, alone) == ("differs", "differs")
            assert any("as its twin" in one for one in told[0]) and any("with its hash" in one for one in told[2]), told


def test_a_log_that_tells_of_other_reports_is_told(small_case: Case) -> None:
    folder = small_case.run_dir(RUN)
    (folder / "report.html").write_text("one")
    write_manifest(small_case, folder, edition="full", language="en", reports={"en": "report.html"})

    def change(rows: list[dict[str, Any]], _: object) -> None:
        [row] = [row for row in rows if row["kind"] == "report"]
        row["payload"]["reports"] = {"report.html": "0" * 64}

    forge_case(small_case.path, change)
    assert any("tells of other reports" in one for one in verify(folder, log=False).differences)
