"""Walk through JupyterLab as a new user would, by buttons alone, and draw the pictures of ``docs/howto/explorer.md``.

It makes the sample case (its posts are made up) in a folder of its own, starts ``spmc lab``, and goes from the first
page to a marked account and a report, in English and in Hindi::

    .venv/bin/python docs/images/walk.py /tmp/walk [en] [hi]

The first walk begins with a case that nobody investigated, the second finds what the first one found. With
``SPMC_WALK=demo`` there is a ``spmc demo`` before the first, as in ``make demo``; ``SPMC_WALK=marks`` has no report.

It needs playwright and a Chromium on the machine, says of each step how long it took by the clock and how many
processor seconds the server and its kernels took (the browser's are not in them), and overwrites
``docs/images/walk/*.png``. A walk that fails says at which step, and leaves a picture of it in the folder.
"""

from __future__ import annotations

import io
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
from fontpkg import path
from PIL import Image
from playwright.sync_api import Error, sync_playwright
from playwright.sync_api import TimeoutError as TimedOut

from spmc_tools.demo import run_demo, sample_case
from spmc_tools.lab import Lab, prepare
from spmc_tools.report.page.browser import find_chromium

TO = Path(__file__).parent / "walk"
WIDTH, HEIGHT, COLOURS, MOST = 1280, 900, 64, 150_000
PATIENCE = 400_000
TO_THE_BARS = """() => [...document.querySelectorAll('.jp-OutputArea-output pre')]
.find((one) => /\\d\\/\\d+ \\d:\\d\\d/.test(one.textContent))?.scrollIntoView({ block: 'center' })"""
WORDS = {
    "en": {"use": "Work on this case", "keep": "Keep the mark", "reason": "Reason", "report": "Write the report",
           "why": "Same words within seconds, again and again: to be read by a second officer",
           "kept": "Kept in the custody log", "fold": "Groups as one dot"},
    "hi": {"use": "इस प्रकरण पर काम करें", "keep": "चिह्न रखें", "reason": "कारण", "report": "प्रतिवेदन बनाएँ",
           "why": "बार-बार कुछ ही सेकंड में एक ही शब्द: दूसरा अधिकारी भी पढ़े", "kept": "अभिरक्षा अभिलेख में रखा गया",
           "fold": "समूह एक बिंदु में"},
}  # fmt: skip


@contextmanager
def running(lab: Lab) -> Any:
    """Run a lab, from its first answer to its end."""
    quiet = subprocess.DEVNULL
    with subprocess.Popen(lab.command(), env=lab.environment(), stdout=quiet, stderr=quiet) as server:  # noqa: S603
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            for _ in range(600):
                try:
                    opener.open(f"http://127.0.0.1:{lab.port}/api", timeout=5).close()
                    break
                except OSError:
                    time.sleep(0.2)
            yield psutil.Process(server.pid)
        finally:
            server.send_signal(signal.SIGINT)
            try:
                server.wait(60)
            except subprocess.TimeoutExpired:
                server.kill()


def spent(process: psutil.Process) -> float:
    """Return the processor seconds of a process and of all that it started, with those that have ended."""
    seconds = 0.0
    for one in [process, *process.children(recursive=True)]:
        try:
            seconds += sum(one.cpu_times()[:4])
        except psutil.NoSuchProcess:
            continue
    return seconds


class Steps:
    """What the walk is doing, and what each step took."""

    def __init__(self, server: psutil.Process) -> None:
        self.server, self.name = server, "lab"
        self.clock, self.cpu = time.monotonic(), spent(server)
        self.began = (self.clock, self.cpu)
        self.rows: list[tuple[str, float, float]] = []

    def to(self, name: str) -> None:
        """Go on to a step."""
        clock, cpu = time.monotonic(), spent(self.server)
        self.rows.append((self.name, clock - self.clock, cpu - self.cpu))
        sys.stderr.write(f"{self.name}: {clock - self.clock:.0f} s, {cpu - self.cpu:.0f} CPU s\n")
        self.name, self.clock, self.cpu = name, clock, cpu

    def told(self, language: str) -> str:
        """Return the steps so far as lines."""
        self.to(self.name)
        lines = [f"{language}: {self.clock - self.began[0]:.0f} s, {self.cpu - self.began[1]:.0f} CPU s"]
        lines += [f"    {name}: {clock:.0f} s, {cpu:.0f} CPU s" for name, clock, cpu in self.rows]
        return "\n".join(lines) + "\n"


def drawn(page: Any, name: str) -> None:
    """Keep what the page shows, with a palette of 64 colours and at most 150 kB."""
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    for colours, scale in ((COLOURS, 1.0), (32, 1.0), (32, 0.8), (16, 0.75)):
        small = picture.resize((round(picture.width * scale), round(picture.height * scale)), Image.Resampling.LANCZOS)
        held = io.BytesIO()
        small.quantize(colours, dither=Image.Dither.NONE).save(held, "PNG", optimize=True)
        if held.tell() <= MOST:
            break
    (TO / f"{name}.png").write_bytes(held.getvalue())


def run_all(page: Any) -> None:
    """Press the button that restarts the kernel and runs all cells, until it does."""
    shown = page.locator(".jp-NotebookPanel:not(.lm-mod-hidden)")
    shown.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").wait_for(state="attached")
    for _ in range(10):
        page.wait_for_timeout(3500)
        shown.get_by_role("button", name="Restart the kernel and run all cells").click()
        page.locator(".jp-Dialog button.jp-mod-accept").click()
        try:
            shown.locator(".jp-InputPrompt", has_text=re.compile(r"\[(\*|\d+)\]")).first.wait_for(timeout=20_000)
        except TimedOut:
            continue
        return


def with_fonts(folder: Path) -> Path:
    """Put the fonts of the reports where the browser finds them, as a machine without Devanagari draws boxes."""
    (folder / "fonts").mkdir(parents=True, exist_ok=True)
    for name in ("noto-sans", "noto-sans-devanagari"):
        shutil.copy(path(name), folder / "fonts" / f"{name}.ttf")
    return folder


def walk(page: Any, lab: Lab, language: str, step: Steps) -> None:  # noqa: PLR0915 -- one step after the other
    """Go from the first page to a mark and a report."""
    words = WORDS[language]
    step.to("first page")
    page.goto(lab.url)
    page.wait_for_selector(".jp-Notebook .jp-Cell")
    run_all(page)
    first = page.get_by_role("button", name=re.compile(words["use"]))
    first.wait_for()
    languages = page.locator("select").filter(has=page.locator("option", has_text="हिन्दी"))
    languages.first.select_option(label="हिन्दी" if language == "hi" else "English")
    first.click()
    page.get_by_text(re.compile(r"sample: [\d,]+")).first.wait_for()
    page.wait_for_timeout(3000)
    drawn(page, f"start-{language}")
    step.to("network")
    page.goto(lab.url.replace("00_start_here.ipynb", "20_network.ipynb"))
    page.wait_for_selector(".jp-Notebook .jp-Cell")
    run_all(page)
    net = page.locator(".spmc-net").first
    bars = page.locator(".jp-OutputArea-output pre", has_text=re.compile(r"\d+/\d+ \d:\d\d:\d\d")).first
    net.or_(bars).first.wait_for()
    if bars.is_visible():  # a case that nobody has looked at yet
        page.wait_for_timeout(5000)
        page.evaluate(TO_THE_BARS)  # they are drawn anew all the time, so no locator holds them
        page.wait_for_timeout(500)
        drawn(page, f"looking-{language}")
    net.wait_for()
    page.wait_for_function("() => document.querySelector('.spmc-net[data-edges-shown]')?.dataset.edgesShown > 0")
    net.scroll_into_view_if_needed()
    net.locator(".spmc-stage").focus()
    page.keyboard.press("n")
    page.keyboard.press("Enter")
    page.keyboard.press("0")
    page.wait_for_selector(".spmc-edges li")
    page.wait_for_timeout(1500)
    drawn(page, f"network-{language}")
    step.to("folded groups and saved pictures")
    net.get_by_role("button", name=words["fold"]).click()
    page.wait_for_function("() => document.querySelector('.spmc-net button[aria-pressed=true]')")
    net.get_by_role("button", name=words["fold"]).click()
    step.to("posts of a link")
    page.locator(".spmc-edges button").first.click()
    page.wait_for_selector(".spmc-edges button[aria-pressed=true]")
    page.wait_for_selector(".spmc-evidence")
    page.wait_for_timeout(4000)  # the posts come twice: of the account, then of the link
    page.evaluate("() => document.querySelector('.spmc-evidence').scrollIntoView()")
    page.wait_for_timeout(1000)
    drawn(page, f"posts-{language}")
    step.to("mark")
    page.get_by_label(words["reason"]).first.fill(words["why"])
    page.get_by_role("button", name=words["keep"]).click()
    page.get_by_text(re.compile(words["kept"])).first.wait_for()
    page.get_by_role("button", name=words["keep"]).scroll_into_view_if_needed()
    drawn(page, f"mark-{language}")
    if os.environ.get("SPMC_WALK") == "marks":
        return
    step.to("report")
    page.goto(lab.url)
    page.wait_for_selector(".jp-Notebook .jp-Cell")
    run_all(page)
    reports = lab.cases / "sample" / "reports"
    before = len(list(reports.glob("*/manifest.json")))
    page.get_by_role("button", name=re.compile(words["report"])).click()
    for _ in range(600):
        if len(list(reports.glob("*/manifest.json"))) > before:
            break
        page.wait_for_timeout(2000)
    page.get_by_text("report.html").first.wait_for()
    drawn(page, f"done-{language}")


def main(folder: Path, languages: list[str]) -> int:
    """Walk in each language; say how long it took, or where it stopped."""
    cases = folder / "cases"
    os.environ.setdefault("SPMC_KEYS", str(folder / "keys"))
    os.environ.setdefault("JUPYTER_RUNTIME_DIR", str(folder / "r"))
    root = str(Path(__file__).resolve().parents[2])
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH")]))
    os.environ["XDG_DATA_HOME"] = str(with_fonts(folder / "share"))
    if os.environ.get("SPMC_WALK") == "demo":
        run_demo(cases)
    else:
        sample_case(cases)
    failed = 0
    sys.stdout.write(f"load average {os.getloadavg()[0]:.1f}\n")
    with sync_playwright() as started:
        browser = started.chromium.launch(
            executable_path=find_chromium(), args=["--no-sandbox", "--enable-unsafe-swiftshader"]
        )
        for language in languages:
            lab = prepare(folder / f"lab-{language}", cases, browser=False)
            page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
            page.set_default_timeout(PATIENCE)
            with running(lab) as server:
                step = Steps(server)
                try:
                    walk(page, lab, language, step)
                    sys.stdout.write(step.told(language))
                except Error as error:
                    failed = 1
                    page.screenshot(path=folder / f"stopped-{language}.png")
                    sys.stdout.write(f"{language}: stopped at {step.name}: {str(error).splitlines()[0]}\n")
                sys.stdout.flush()
            page.close()
        browser.close()
    return failed


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1]), sys.argv[2:] or ["en", "hi"]))
