"""What a report prints of the custody log: its first and its last entry, compared by every check."""

from __future__ import annotations

import re
import shutil
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import nbformat
import pytest

from spmc_tools.custody.evidence_pack.evidence_pack import write_pack
from spmc_tools.custody.review.verify import verify
from spmc_tools.report.running.run import run_notebook
from tests.custody.review.test_two_checkers import said_by_both
from tests.forgery import forge_case, forge_pack, listed_anew, sha, zip_contents, zipped
from tests.plain_cases import plain_case
from tests.written_notebooks import KERNEL, OPEN, PURPOSE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from spmc_tools.case.store.case import Case
    from tests.forgery import Row


def hashes(case: Path) -> list[str]:
    """By SQL, from the log itself."""
    with closing(sqlite3.connect(case / "ledger.sqlite")) as log:
        return [row[0] for row in log.execute("SELECT hash FROM entries ORDER BY seq")]


def told(page: bytes) -> list[tuple[int, str]]:
    """What a reader sees: after each label the 64 signs that follow it."""
    lines = [line for line in page.decode().splitlines() if "data-entry" in line]
    return [(int(line.split('"')[3]), line.split(">")[1][:64]) for line in lines]


def reported(case: Case, folder: Path, edition: str, language: str = "both") -> Path:
    cells = [nbformat.v4.new_code_cell("case = ''", metadata={"tags": ["parameters"]})]
    cells += [nbformat.v4.new_code_cell(source) for source in (OPEN, PURPOSE)]
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=KERNEL), folder / "n.ipynb")
    return run_notebook(case, str(folder / "n.ipynb"), {}, edition=edition, language=language).report.parent


def altered(run: Path, change: Callable[[bytes], bytes]) -> None:
    """A page of a run changed, and manifest and log made to fit."""
    page = run / "report.html"
    page.write_bytes(change(page.read_bytes()))

    def fit(rows: list[Row], manifests: dict[str, dict[str, Any]]) -> None:
        (manifest,) = manifests.values()
        for file in manifest["files"]:
            if file["path"] == "report.html":
                file |= {"sha256": sha(page.read_bytes()), "bytes": page.stat().st_size}
        for row in rows:
            if row["kind"] == "report":
                row["payload"]["reports"]["report.html"] = sha(page.read_bytes())

    forge_case(run.parents[1], fit)


@pytest.mark.parametrize("edition", ["full", "redacted"])
def test_every_report_prints_the_first_and_the_last_entry(tmp_path: Path, edition: str) -> None:
    case = plain_case("one")
    run = reported(case, tmp_path, edition)
    chain = hashes(case.path)
    for name in ("report.html", "report.hi.html"):
        first, last = told((run / name).read_bytes())
        assert first == (1, chain[0]) and last[1] == chain[last[0] - 1] and 1 <= last[0] < len(chain)
    assert verify(case.path, log=False).ok and verify(run, log=False).ok
    kept = shutil.copy(run / "report.html", tmp_path / "kept elsewhere.html")
    assert verify(case.path, log=False, anchor=str(kept)).ok
    forge_case(case.path, lambda rows, _: rows[0]["payload"].update(note="another"))
    found = verify(case.path, log=False)
    assert any(
        "report.html: the entry 1 that it prints is not that of the custody log" in one for one in found.differences
    )
    found = verify(case.path, log=False, anchor=str(kept))
    assert any("entry 1 is not the one that was noted" in one for one in found.differences)


@pytest.mark.parametrize("how", ["another hash", "no line", "a later entry"])
def test_a_report_that_prints_something_else_is_found_in_case_and_pack(tmp_path: Path, how: str) -> None:
    case = plain_case("one")
    run = reported(case, tmp_path, "full", "en")
    zero = b"0" * 64
    ways: dict[str, Callable[[bytes], bytes]] = {
        "another hash": lambda page: re.sub(rb'(data-entry="1">)[0-9a-f]{64}', rb"\g<1>" + zero, page),
        "no line": lambda page: re.sub(rb'<span class="mono long" data-entry=[^\n]+\n', b"", page),
        "a later entry": lambda page: b'data-entry="900"'.join(page.rsplit(b'data-entry="1"', 1)),
    }
    files = zip_contents(write_pack(case, run.name, tmp_path / "p.zip"))
    altered(run, ways[how])
    assert any("report.html: " in one for one in verify(case.path, log=False).differences)

    page = ways[how](files["run/report.html"])
    assert page != files["run/report.html"]

    def fit(rows: list[Row], manifests: dict[str, dict[str, Any]]) -> None:
        (manifest,) = manifests.values()
        for file in manifest["files"]:
            if file["path"] == "report.html":
                file |= {"sha256": sha(page), "bytes": len(page)}
        for row in rows:
            if row["kind"] == "report":
                row["payload"]["reports"]["report.html"] = sha(page)

    assert said_by_both(zipped(tmp_path / "same.zip", forge_pack(files, lambda *_: None)))[:2] == ("whole", "whole")
    forged = listed_anew(forge_pack(files, fit) | {"run/report.html": page})
    program, alone, why = said_by_both(zipped(tmp_path / "forged.zip", forged))
    assert (program, alone) == ("differs", "differs"), why
    assert "report.html" in str(why)
