"""A case comes back by a form: byte for byte what was backed up, or not at all, with the reason in both languages."""

from __future__ import annotations

import hashlib
import zipfile
from typing import TYPE_CHECKING

import pytest

from spmc_tools.case.store.case import open_case
from spmc_tools.custody.records.backup import back_up
from spmc_tools.operating_system import remove_tree
from tests.plain_cases import plain_case

if TYPE_CHECKING:
    from pathlib import Path


def saved(tmp_path: Path) -> Path:
    """A backup of a case with something in it."""
    case = plain_case("gaya", officer="A. Officer")
    case.add_context(["a1"], "newsroom", "their site says so")
    return back_up(case, tmp_path / "backup.zip")[0]


def content(folder: Path) -> dict[str, str]:
    """What lies in a case beside its log and its locks, by hash."""
    files = [one for one in folder.rglob("*") if one.is_file() and "lock" not in one.name and "ledger" not in one.name]
    return {str(one.relative_to(folder)): hashlib.sha256(one.read_bytes()).hexdigest() for one in files}


def test_the_case_is_back_as_it_was(forms, tmp_path: Path) -> None:
    backup, folder = saved(tmp_path), tmp_path / "cases" / "gaya"
    sent = {"backup": ("बैकअप.zip", backup.read_bytes())}
    before = content(folder)
    assert forms.act("restore").wrong() == {"backup"}
    assert forms.act("restore", sent, case_name="Gaya!").wrong() == {"case_name"}
    answer = forms.act("restore", sent, case_name="gaya")
    assert answer.wrong() == {"case_name"} and "write another name" in answer.plain
    answer = forms.act("restore", sent)
    assert answer.status == 422 and "A case gaya is there already" in answer.plain and "--as" not in answer.plain
    remove_tree(folder)
    answer = forms.act("restore", sent)
    assert "The case gaya is back" in answer.done() and answer.url.endswith("/restore")
    assert hashlib.sha256(backup.read_bytes()).hexdigest() in answer.done()
    assert content(folder) == before
    assert open_case("gaya").ledger.entries()[-1]["kind"] == "restored"
    assert "spmc restore 'बैकअप.zip'" in answer.done()
    answer = forms.act("restore", sent, case_name="gaya-2")
    assert "gaya-2" in answer.done() and content(tmp_path / "cases" / "gaya-2").keys() == before.keys()
    forms.post("/case", {"act": "choose", "id": "gaya-2"})
    assert "gaya-2" in forms.get("/known").plain and "their site says so" in forms.get("/known").plain


@pytest.mark.parametrize(
    ("changed", "said"),
    [(None, "सही बैकअप नहीं है"), ("case/case.toml", "अपने विवरण से भिन्न है")],
)
def test_what_is_no_backup_leaves_nothing_and_says_so_in_hindi(forms, tmp_path: Path, changed, said: str) -> None:
    backup = saved(tmp_path)
    bad = tmp_path / "bad.zip"
    with zipfile.ZipFile(backup) as old, zipfile.ZipFile(bad, "w") as new:
        for one in old.namelist():
            own = old.read(one)
            new.writestr(one, own.replace(b'"p"', b'"q"') if one == changed else own)
        if changed is None:
            new.writestr("case/../evil", b"x")
    forms.post("/language", {"language": "hi", "back": "restore"})
    answer = forms.act("restore", {"backup": ("bad.zip", bad.read_bytes())}, case_name="copy")
    assert answer.status == 422 and said in answer.plain and not answer.done()
    assert [one.name for one in (tmp_path / "cases").iterdir() if one.is_dir()] == ["gaya"]


@pytest.mark.browser
@pytest.mark.slow
def test_restored_in_a_browser(forms, walked, tmp_path: Path) -> None:
    backup = saved(tmp_path)
    for page, language, say in walked():
        page.get_by_role("link", name=say("app.restore"), exact=True).click()
        page.locator("[name=case_name]").fill("gaya")
        page.get_by_role("button", name=say("app.act.restore"), exact=True).click()
        page.locator("#wrong-restore-backup", has_text=say("app.empty.file")).wait_for()
        page.locator("[name=backup]").set_input_files(str(backup))
        page.locator("[name=case_name]").fill(f"back-{language}")
        page.get_by_role("button", name=say("app.act.restore"), exact=True).click()
        page.locator(".done", has_text=f"back-{language}").wait_for()
        walked.seen(page, f"restore-{language}")
        page.get_by_role("link", name=say("app.case"), exact=True).click()
        page.locator(f"button[value=back-{language}]").click()
        page.locator("header .chip", has_text=f"back-{language}").wait_for()
