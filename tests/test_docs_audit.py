"""What `make audit` makes of the answers of pip-audit and npm audit, by programs that stand in for them."""

from __future__ import annotations

import json
import runpy
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent

CLEAN_PYTHON = {
    "dependencies": [{"name": "a", "version": "1", "vulns": []}, {"name": "b", "skip_reason": "x"}],
    "fixes": [],
}
CLEAN_NPM: dict[str, Any] = {"auditReportVersion": 2, "vulnerabilities": {}, "metadata": {"dependencies": {"total": 8}}}
KNOWN_PYTHON = {
    "dependencies": [
        {"name": "a", "version": "1", "vulns": [{"id": "PYSEC-1", "fix_versions": ["2"], "aliases": []},
                                               {"id": "PYSEC-2", "fix_versions": [], "aliases": []}]},
    ]
}  # fmt: skip
KNOWN_NPM = CLEAN_NPM | {"vulnerabilities": {"sigma": {"severity": "high", "range": "<3", "fixAvailable": True}}}


@pytest.fixture
def audit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Call it with what the two programs write; the date and what came of it go into a folder of the test."""
    found = runpy.run_path(str(ROOT / "docs" / "site" / "audit.py"))

    def call(python: object, npm: object, code: int = 0) -> int:
        commands = []
        for name, said in (("python", python), ("npm", npm)):
            script = tmp_path / f"{name}.py"
            text = said if isinstance(said, str) else json.dumps(said)
            script.write_text(f"import sys\nprint({text!r})\nsys.exit({code})\n")
            commands.append([sys.executable, str(script)] if said is not None else [str(tmp_path / "missing")])
        found["main"].__globals__["KEPT"] = tmp_path / "audit.json"
        return int(found["main"](*commands))

    return call


def test_nothing_known(audit: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert audit(CLEAN_PYTHON, CLEAN_NPM) == 0
    assert capsys.readouterr().out == "Asked of 1 packages by pip-audit, 8 packages by npm audit: nothing is known.\n"
    kept = json.loads((tmp_path / "audit.json").read_text())
    assert kept["asked"]["npm audit"] == {"packages": 8, "known": []} and len(kept["date"]) == 10


def test_what_is_known_is_a_line_each_though_the_programs_end_with_an_error(
    audit: Any, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert audit(KNOWN_PYTHON, KNOWN_NPM, code=1) == 1
    assert capsys.readouterr().out.splitlines() == [
        "a 1: PYSEC-1, mended in 2",
        "a 1: PYSEC-2, mended in none yet",
        "sigma <3: high, mended since",
        "Asked of 1 packages by pip-audit, 8 packages by npm audit: 3 things are known.",
    ]


@pytest.mark.parametrize(
    ("python", "npm", "who"),
    [
        (None, CLEAN_NPM, "pip-audit"),
        (CLEAN_PYTHON, {"message": "405 Method Not Allowed", "error": {}}, "npm audit"),
        ("", "Traceback", "pip-audit and npm audit"),
        ({"dependencies": []}, CLEAN_NPM, "pip-audit"),
        ([], [], "pip-audit and npm audit"),
    ],
)
def test_where_nobody_could_be_asked_it_is_one_sentence_and_nothing_is_kept(
    audit: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str], python: object, npm: object, who: str
) -> None:
    assert audit(python, npm, code=1) == 3
    said = capsys.readouterr().out
    assert (
        said.startswith(f"{who} could not ask: ") and said.count("\n") == 1 and not (tmp_path / "audit.json").exists()
    )


def test_the_page_of_licences_says_when_it_was_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    licences = runpy.run_path(str(ROOT / "docs" / "site" / "licences.py"))
    audited = licences["audited"]
    page = (ROOT / "docs" / "reference" / "licences.md").read_text(encoding="utf-8")
    assert audited() in page, "type: make licences"
    monkeypatch.setitem(audited.__globals__, "ROOT", tmp_path)
    assert audited().endswith("It has not been run where both could be asked.")
    (tmp_path / "docs" / "reference").mkdir(parents=True)
    kept = {
        "date": "2026-01-02",
        "asked": {"a": {"packages": 1, "known": ["x", "y"]}, "b": {"packages": 1, "known": []}},
    }
    (tmp_path / "docs" / "reference" / "audit.json").write_text(json.dumps(kept))
    assert "Last run: 2026-01-02; 2 faults were known then, listed in `audit.json`." in audited()
