"""The page on custody: every kind of entry stands in it, and its recomputation runs and notices."""

from __future__ import annotations

import html
import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from spmc_tools.report.page.custody_page import SENTENCES, custody_page

if TYPE_CHECKING:
    from spmc_tools.case.store.case import Case

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "howto" / "custody.md").read_text(encoding="utf-8")


def logged_kinds() -> set[str]:
    """Every kind of entry that the code writes."""
    logged: set[str] = set()
    codes = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "spmc_tools").rglob("*.py"))]
    everywhere = [dict(re.findall(r'^([A-Z_]+) = "([a-z_]+)"$', code, re.MULTILINE)) for code in codes]
    for code, own in zip(codes, everywhere, strict=True):
        logged.update(re.findall(r'\b(?:log|append)\(\s*"([a-z_]+)",', code))
        for name in re.findall(r"\.(?:log|append)\(\s*([A-Z_]+),", code):  # a kind that has a name of its own
            (kind,) = {own[name]} if name in own else {one[name] for one in everywhere if name in one}
            logged.add(kind)
    return logged


def test_every_kind_of_entry_is_on_the_page() -> None:
    logged = logged_kinds()
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


@pytest.mark.parametrize("language", ["en", "hi"])
def test_every_kind_of_entry_has_its_sentence_on_the_page_of_the_log(case: Case, language: str) -> None:
    kinds = sorted(logged_kinds())
    facts = {
        name: f"«{name}»" for name in sorted({name for names in SENTENCES.values() for name in names} - {"checked_on"})
    }
    rows = [
        {"seq": n, "at": "2025-11-06T10:00:00Z", "officer": "A", "kind": kind, "hash": "0" * 64,
         "payload": {**facts, "checked_on": "2025-11-05"}}
        for n, kind in enumerate(kinds, start=1)
    ]  # fmt: skip
    text = custody_page(case, rows, language)
    heads = [html.unescape(re.sub(r"<[^>]+>", "", part)) for part in re.findall(r"(?s)<article.*?<br>(.*?)</p>", text)]
    assert len(heads) == len(kinds) == len(set(heads))
    for kind, said in zip(kinds, heads, strict=True):
        assert len(said.split()) >= 2 and "_" not in re.sub("«.*?»", "", said), kind
        wanted = {name for name in SENTENCES[kind] if name != "checked_on"}
        assert set(re.findall("«([a-z_]+)»", said)) == wanted, kind
    assert ("5 November 2025" if language == "en" else "5 नवंबर 2025") in " ".join(heads)


@pytest.mark.parametrize(
    ("kind", "payload", "said"),
    [
        ("mark", {"mark": "second_look"}, "फिर से देखना"),
        ("pattern_decision", {"decision": "clear", "by": "A"}, "सामान्य माना"),
        ("watch_decision", {"decision": "rebut"}, "खंडन"),
    ],
)
def test_words_of_the_program_stand_in_its_language(case: Case, kind: str, payload: dict, said: str) -> None:
    row = {"seq": 1, "at": "2025-11-06T10:00:00Z", "officer": "A", "kind": kind, "hash": "0" * 64, "payload": payload}
    text = re.sub(r"(?s)<details.*?</details>", "", custody_page(case, [row], "hi"))
    assert said in text and not any(str(word) in text for word in ("second_look", "clear", "rebut"))
