"""Another program holds the custody log while a notebook runs in a real kernel: a sentence, and nothing is lost."""

from __future__ import annotations

import json
import os
import queue
import re
import sqlite3
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from jupyter_client.manager import KernelManager

from spmc_tools.case.acts.marks import marks_of
from spmc_tools.findings.pipeline.investigate import investigate
from spmc_tools.resources import resource
from spmc_tools.show.network.network_view import bundle

pytestmark = pytest.mark.slow
WAITS = {"en": "Another program is writing into this case", "hi": "कोई दूसरा प्रोग्राम इस प्रकरण में लिख रहा है"}


@pytest.fixture(scope="module")
def week_case(made_week):
    """A case of these tests alone: they leave marks in it."""
    with made_week() as case:
        yield case


class Told(list):
    """What a cell sent: (seconds since it was sent, kind, content)."""

    def text(self) -> str:
        return json.dumps([content for _, _, content in self], ensure_ascii=False)


class Kernel:
    """A real kernel, and the code cells of a notebook one after the other."""

    def __init__(self, manager: KernelManager) -> None:
        self.manager = manager
        self.client = manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=240)

    def run(self, code: str, stop_at: str | None = None, free_at: str | None = None, free=None) -> Told:
        """Run a cell to its end; when it says these words interrupt it, as the ■ button does, or set the log free."""
        told, began = Told(), time.monotonic()
        own = self.client.execute(code)
        while True:
            spent = time.monotonic() - began
            assert spent < 240
            if stop_at is not None and stop_at in told.text():
                self.manager.interrupt_kernel()
                stop_at = None
            if free_at is not None and free_at in told.text():
                free()
                free_at = None
            try:
                message = self.client.get_iopub_msg(timeout=0.2)
            except queue.Empty:
                continue
            if message["parent_header"].get("msg_id") != own:
                continue
            told.append((time.monotonic() - began, message["msg_type"], message["content"]))
            if message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
                return told


@pytest.fixture
def start(week_case, tmp_path, monkeypatch):
    """Start a kernel in which the case is at hand, with its findings kept; all end with the test."""
    if bundle() is None:
        pytest.skip("the network view is not built; type: python js/build.py")
    monkeypatch.setenv("SPMC_KEYS", str(week_case.path.parent.parent / "keys"))
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "r"))
    investigate(week_case)
    own = {"SPMC_CASES": str(week_case.path.parent), "PYTHONPATH": str(Path(__file__).resolve().parents[3])}
    started: list[Kernel] = []

    def started_one() -> Kernel:
        manager = KernelManager(kernel_name="python3")
        manager.start_kernel(env=os.environ | own, cwd=str(tmp_path))
        started.append(Kernel(manager))
        return started[-1]

    yield started_one
    for one in started:
        one.client.stop_channels()
        one.manager.shutdown_kernel(now=True)


@pytest.fixture
def kernel(start) -> Kernel:
    """One kernel."""
    return start()


def cells(name: str, language: str) -> list[str]:
    node = json.loads((resource("notebooks") / name).read_text(encoding="utf-8"))
    code = ["".join(cell["source"]) for cell in node["cells"] if cell["cell_type"] == "code"]
    code[0] = re.sub(r'language = "\w+"', f'language = "{language}"', code[0].replace('"sample"', '"week"'))
    return code


@contextmanager
def held(case, readers_too: bool):
    """Hold the log as another program would, writers wait, or readers too; gives what sets it free."""
    connection = sqlite3.connect(case.ledger.path, isolation_level=None, check_same_thread=False)
    if readers_too:
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
    connection.execute("BEGIN EXCLUSIVE")
    try:
        yield connection.close
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("name", "language", "readers_too"),
    [("20_network.ipynb", "hi", False), ("10_intake.ipynb", "en", True), ("00_start_here.ipynb", "en", True)],
)
def test_a_cell_that_waits_says_so_and_goes_on_when_the_log_is_free(
    kernel, week_case, name, language, readers_too
) -> None:
    code = cells(name, language)
    place = next(n for n, one in enumerate(code) if "import spmc_tools" in one)
    imports, opened = code[place].rsplit("opened = ", 1)
    for one in (*code[:place], imports):
        assert "error" not in [kind for _, kind, _ in kernel.run(one)]
    waited = 0
    with held(week_case, readers_too) as free:
        for one in (f"opened = {opened}", *code[place + 1 :]):
            told = kernel.run(one, free_at=WAITS[language], free=free)
            assert "error" not in [kind for _, kind, _ in told], told.text()
            if WAITS[language] in told.text():
                waited += 1  # the log was set free by the sentence, so it came while the cell waited
                last = [content for _, kind, content in told if kind == "update_display_data"][-1]
                assert last["data"] == {"text/plain": ""}  # the sentence goes when the waiting is over
    assert waited == 1


def test_a_log_that_is_not_set_free_is_a_sentence_and_so_is_a_stop(kernel, week_case) -> None:
    code = cells("20_network.ipynb", "hi")
    for one in code[:2]:
        kernel.run(one)
    with held(week_case, False):
        told = kernel.run(code[3], stop_at=WAITS["hi"])
        assert "रोक दिया गया" in told.text(), told.text()
        kernel.run("import spmc_tools.case.log.ledger as one; one._BUSY_S = 1")
        told = kernel.run(code[3])
        errors = [content for _, kind, content in told if kind == "error"]
        assert len(errors) == 1 and len(errors[0]["traceback"]) == 1, told.text()
        assert "कुछ भी खोया नहीं है" in errors[0]["traceback"][0] and "Traceback" not in told.text()
    assert "error" not in [kind for _, kind, _ in kernel.run(code[3])]


def test_a_kernel_that_is_restarted_while_a_mark_waits_leaves_the_log_whole(kernel, week_case) -> None:
    code = cells("20_network.ipynb", "en")
    for one in code:
        if "compare(" in one:
            break
        kernel.run(one)
    before = week_case.ledger.head()
    with held(week_case, False):
        kernel.client.execute(
            "explorer.select(('905',)); form = explorer.mark_form\n"
            "form.reason.value = 'seen'; form.mark(); print(form.said.value)"
        )
        time.sleep(2)
        kernel.manager.restart_kernel(now=True)
        kernel.client.wait_for_ready(timeout=240)
    assert week_case.ledger.head() == before and week_case.ledger.check() is None
    assert marks_of(week_case).of("905") is None


MANY = """
from pathlib import Path
import spmc_tools as spmc
from spmc_tools.case.acts.marks import mark
from spmc_tools.errors import CaseError
case = spmc.open_case("week")
for number in range({many}):
    account = "901" if number % 2 else {own!r}
    try:
        done = mark(case, account, "lead", f"{who} {{number}}", by={who!r}).seq
    except CaseError:
        done = "refused"
    with Path("{who}.txt").open("a") as file:
        file.write(f"{{number}} {{done}}\\n")
"""


def test_two_kernels_at_once_and_one_killed_lose_no_mark_that_was_acknowledged(start, week_case, tmp_path) -> None:
    """Both mark one account of both and one of their own, as fast as they can; one is killed on the way."""
    before = len(week_case.ledger.entries())
    first, second = start(), start()
    second.client.execute(MANY.format(many=1000, own="903", who="second"))
    while not (tmp_path / "second.txt").exists():
        time.sleep(0.02)
    first.client.execute(MANY.format(many=40, own="902", who="first"))
    while len(read(tmp_path, "first")) < 20:
        time.sleep(0.02)
    second.manager.restart_kernel(now=True)
    while len(read(tmp_path, "first")) < 40:
        time.sleep(0.02)
    marks, told = marks_of(week_case), {who: read(tmp_path, who) for who in ("first", "second")}
    entries = [one for one in week_case.ledger.entries()[before:] if one["kind"] == "mark"]
    assert week_case.ledger.check() is None and len(told["first"]) == 40 and 0 < len(told["second"]) < 1000
    for who, rows in told.items():
        written = [one for one in entries if one["payload"]["by"] == who]
        assert len(written) - len(rows) in (
            {0} if who == "first" else {0, 1}
        )  # the one that was being saved when it died
        for (number, done), entry in zip(rows, written, strict=False):
            assert entry["payload"]["reason"] == f"{who} {number}"  # each in its order, none lost
            assert (done == "refused") == (entry["seq"] in marks.not_counted)
            if done != "refused":
                assert marks.made[int(done)].by == who
        own = [done for number, done in rows if int(number) % 2 == 0]
        assert "refused" not in own  # nobody else marks it


def read(folder: Path, who: str) -> list[list[str]]:
    path = folder / f"{who}.txt"
    lines = path.read_text().splitlines() if path.exists() else []
    return [line.split() for line in lines if len(line.split()) == 2]
