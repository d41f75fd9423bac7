"""The live desk: it refreshes beside the notebook, is stopped at once, starts once, and says what is in its way."""

from __future__ import annotations

import asyncio
import functools
import os
import time
from pathlib import Path

import nbformat
import pytest

from spmc_tools.case.store.case import Case, open_case
from spmc_tools.desks.complaints import response
from spmc_tools.desks.complaints.inbox_folder import InboxFolder
from spmc_tools.importers.import_files import import_files
from spmc_tools.report.page.live_response import live_response
from tests.plain_cases import plain_case, put_aged

ROOT = Path(__file__).resolve().parents[3]
HEAD = "thread_id,record_id,platform,account_id,created_at,direction,text,district\n"
ONE = HEAD + "SECRET,m1,x,citizen_asha,2025-11-05T10:00:00Z,in,I am Ashamani <script>x</script>,Gaya\n"
TWO = HEAD + "SECRET,m2,x,cell,2025-11-05T10:30:00Z,out,We look at it,\n"
AS_OF = "2025-11-05T13:00:00Z"


@pytest.fixture
def case() -> Case:
    return plain_case("one", officer="First")


def in_a_loop(test):
    """Run an asynchronous test in an event loop of its own."""

    @functools.wraps(test)
    def run(*args, **named):
        asyncio.run(test(*args, **named))

    return run


async def until(true, seconds: float = 60) -> None:
    """Wait for something; fail where it does not come."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come"
        await asyncio.sleep(0.02)


async def stop(live) -> None:
    live.stop()
    await until(lambda: not live.running, 10)


@in_a_loop
async def test_what_comes_into_the_folder_is_imported_and_shown(case: Case, inbox: Path) -> None:
    live = live_response(case, str(inbox), as_of=AS_OF, obtained="analytics", every_s=0.05)
    assert not live.running and live.start_button.disabled is False
    live.start_button.click()
    live.start()  # twice is once
    assert live.running and live.start_button.disabled and not live.stop_button.disabled and live.folder.disabled
    await until(lambda: "holds no rows" in live.view.value)
    put_aged(inbox, "one.csv", ONE)
    await until(lambda: "1 complaint is overdue" in live.view.value)
    assert "one.csv" in live.files.value and "brought into the case" in live.files.value
    assert live.desk.queue["thread_id"].tolist() == ["SECRET"]
    put_aged(inbox, "two.csv", TWO)
    await until(lambda: "0 complaints are overdue" in live.view.value)
    assert "answered 1" in live.view.value
    put_aged(inbox, "bad.csv", "a,b\n<img src=x>,2\n")
    await until(lambda: len(live.taken) == 3 and "refused" in live.files.value)
    assert "<img" not in live.files.value
    live.stop_button.click()
    await until(lambda: not live.running, 10)
    assert live.stop_button.disabled and not live.start_button.disabled and "Not watching" in live.status.value
    put_aged(inbox, "three.csv", ONE.replace("m1", "m3"))
    await asyncio.sleep(0.3)
    assert len(live.taken) == 3
    page = live.view.value + live.files.value + live.status.value
    assert not [one for one in ("SECRET", "citizen_asha", "Ashamani", "<script>") if one in page]
    assert [b.source_name for b in case.batches()] == ["one.csv", "two.csv"]


@in_a_loop
async def test_what_another_program_imports_shows_too_and_the_notebook_is_free_meanwhile(
    case: Case, inbox: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = response.response_desk

    def takes_its_time(*given):
        time.sleep(0.5)
        return slow(*given)

    monkeypatch.setattr(response, "response_desk", takes_its_time)

    live = live_response(case, str(inbox), as_of=AS_OF, obtained="analytics", every_s=0.05)
    live.start()
    beats, began = 0, time.monotonic()
    while not live.view.value:
        assert time.monotonic() - began < 60
        await asyncio.sleep(0.01)
        beats += 1
    assert beats > 10  # the loop went on while the desk was made
    put_aged(tmp_path, "other.csv", ONE)
    import_files(open_case("one"), [tmp_path / "other.csv"])
    await until(lambda: "1 complaint is overdue" in live.view.value)
    await stop(live)


@in_a_loop
async def test_a_stop_in_the_middle_of_a_file_keeps_nothing_of_it(
    case: Case, inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    take = InboxFolder.take

    def slow(self, own, path, keep_on):
        while keep_on():
            time.sleep(0.01)
        return take(self, own, path, keep_on)

    monkeypatch.setattr(InboxFolder, "take", slow)
    put_aged(inbox, "one.csv", ONE)

    live = live_response(case, str(inbox), obtained="analytics", every_s=0.05)
    live.start()
    await until(lambda: "one.csv" in live.status.value)
    live.stop()
    assert "Stopping" in live.status.value
    await until(lambda: not live.running, 10)
    assert [one.outcome for one in live.taken] == ["stopped"]
    assert case.batches() == []


@in_a_loop
async def test_what_is_wrong_is_said_in_the_form(case: Case, inbox: Path, tmp_path: Path) -> None:
    live = live_response(case, str(inbox), every_s=0.05, language="hi")
    live.start()
    assert not live.running and live.status.value
    live.obtained.value = "analytics"
    live.folder.value = str(tmp_path / "none")
    live.start()
    assert not live.running and "इसकी निगरानी नहीं हो सकती" in live.status.value
    live.folder.value = str(inbox)
    live.start()
    await until(lambda: bool(live.view.value))
    inbox.rmdir()
    await until(lambda: "कोई बाधा है" in live.status.value)
    inbox.mkdir()
    await until(lambda: "पिछली बार" in live.status.value)
    await stop(live)


@in_a_loop
async def test_an_error_that_nobody_expected_ends_it_and_is_told(
    case: Case, inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_given):
        raise ZeroDivisionError("by chance")

    live = live_response(case, str(inbox), obtained="analytics", every_s=0.05)
    with monkeypatch.context() as patched:
        patched.setattr(response, "response_desk", broken)
        live.start()
        await until(lambda: not live.running)
        await asyncio.sleep(0)
    assert "ZeroDivisionError: by chance" in live.status.value and not live.start_button.disabled
    live.start()
    await until(lambda: "holds no rows" in live.view.value)
    await stop(live)


STEPS = """
import sys
sys.path.insert(0, {root!r})
from spmc_tools.case.store.case import open_case
from spmc_tools.report.page.live_response import live_response
live = live_response(open_case("one"), {folder!r}, as_of={as_of!r}, obtained="analytics", every_s=0.2)
live.start()
live.widget
"""
WAIT = """
import asyncio, time
end = time.monotonic() + 60
while "1 complaint is overdue" not in live.view.value and time.monotonic() < end:
    await asyncio.sleep(0.1)
print("seen" if "1 complaint is overdue" in live.view.value else live.status.value)
live.stop_button.click()
while live.running:
    await asyncio.sleep(0.05)
print("stopped")
"""


@pytest.mark.slow
def test_in_a_kernel(case: Case, inbox: Path) -> None:
    from nbclient import NotebookClient

    put_aged(inbox, "one.csv", ONE)
    codes = [STEPS.format(root=str(ROOT), folder=str(inbox), as_of=AS_OF), "2 + 2", WAIT]
    node = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code) for code in codes])
    NotebookClient(node, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(ROOT)}}).execute(
        env=dict(os.environ)
    )
    assert any("application/vnd.jupyter.widget-view+json" in o.get("data", {}) for o in node.cells[0].outputs)
    assert "seen\nstopped" in "".join(o.get("text", "") for o in node.cells[2].outputs)
