"""The page on custody: every kind of entry stands in it, and its recomputation runs and notices."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from spmc_tools.case.store.case import Case

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "howto" / "custody.md").read_text(encoding="utf-8")


def test_every_kind_of_entry_is_on_the_page() -> None:
    logged: set[str] = set()
    codes = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "spmc_tools").rglob("*.py"))]
    everywhere = [dict(re.findall(r'^([A-Z_]+) = "([a-z_]+)"$', code, re.MULTILINE)) for code in codes]
    for code, own in zip(codes, everywhere, strict=True):
        logged.update(re.findall(r'\b(?:log|append)\(\s*"([a-z_]+)",', code))
        for name in re.findall(r"\.(?:log|append)\(\s*([A-Z_]+),", code):  # a kind that has a name of its own
            (kind,) = {own[name]} if name in own else {one[name] for one in everywhere if name in one}
            logged.add(kind)
    described = set(re.findall(r"^\| `([a-z_]+)` \|", PAGE, re.MULTILINE))
    assert logged >= {"created", "import", "settings_changed", "report", "verify"}
    assert logged == described


def test_every_promise_names_the_attack_and_the_tests_that_show_it() -> None:
    """A promise that nothing can show says so; each test that is named is there."""
    table = PAGE[PAGE.index("| promise | the attack that was tried |") :].split("\n\n")[0].splitlines()[2:]
    rows = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in table]
    assert len(rows) > 30 and {len(row) for row in rows} == {4}
    promises = [row[0] for row in rows]
    assert len(set(promises)) == len(promises) and all(len(attack) > 3 for _, attack, _, _ in rows)
    for promise, _, found, shown in rows:
        named = re.findall(r"`([a-z_/]+\.py)::(test_[a-z0-9_]+)`", shown)
        assert ", ".join(f"`{file}::{name}`" for file, name in named) == shown or (
            found.startswith("no: ") and shown == "none: nothing here can show it"
        ), promise
        for file, name in named:
            code = (ROOT / "tests" / file).read_text(encoding="utf-8")
            assert re.search(rf"^def {name}\(", code, re.MULTILINE), f"{promise}: {file}::{name}"


def test_recomputation_on_the_page(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    case.log("view", {"words": "हिंदी"})
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    monkeypatch.chdir(case.path)
    exec(code, {})
    with closing(sqlite3.connect(case.ledger.path, isolation_level=None)) as connection:
        connection.execute("DROP TRIGGER entries_no_update")
        connection.execute("UPDATE entries SET officer = 'x' WHERE seq = 2")
    with pytest.raises(AssertionError, match="entry 2 differs"):
        exec(code, {})
