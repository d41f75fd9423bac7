"""The app in a process of its own, and a made-up table of no known format: times in IST, a column "RT of"."""

from __future__ import annotations

import csv
import json
import os
import random
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.interrupted import interrupted_at_the_end

HOSTILE = "<img src=x onerror=alert(1)><script>alert(2)</script>"
LETTERS = "कखगघचछजझटठडढतथदधनपफबभमयरलवशसह"
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def made_up_table(path: Path, hostile: bool = False) -> Path:
    """Six accounts repost and write in step on twelve occasions, among forty that write at any time."""
    draw = random.Random(11)
    bad = HOSTILE if hostile else ""

    def sentence() -> str:
        return " ".join("".join(draw.choices(LETTERS, k=draw.randrange(3, 8))) for _ in range(12)) + bad

    start, rows = datetime(2025, 11, 3, 9, 0), []  # noqa: DTZ001 -- a table writes the time of its wall clock
    for occasion in range(12):
        text = sentence()
        for member in range(6):
            at = start + timedelta(hours=9 * occasion, minutes=occasion, seconds=7 * member)
            rows.append((f"milkar_{member}{bad}", at, text, ""))
    pool = [sentence() for _ in range(60)]
    for account in range(40):
        for _ in range(10):
            at = start + timedelta(seconds=draw.randrange(5 * 86400))
            rows.append((f"akela_{account}", at, draw.choice(pool), "akela_0" if draw.random() < 0.2 else ""))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["Sl", "Handle", "Posted (IST)", "Message", "RT of"])
        for number, (who, at, text, of) in enumerate(rows, start=1):
            writer.writerow([900_000 + number, who, f"{at:%d-%m-%Y %H:%M:%S}", text, of])
    return path


@pytest.fixture
def served_app(tmp_path):
    """Start ``spmc app``; a ``with`` gives the address of its first page, and ends it."""

    @contextmanager
    def running(language: str):
        cases = tmp_path / language / "cases"
        environment = os.environ | {"SPMC_KEYS": str(tmp_path / language / "keys"), "PYTHONPATH": str(Path.cwd())}
        command = [sys.executable, "-m", "spmc_tools", "app", "--no-browser", "--json", "--lang", language]
        command += ["--cases", str(cases)]
        with interrupted_at_the_end(command, 40, env=environment, stdout=subprocess.PIPE) as server:
            url = json.loads(server.stdout.readline())["url"]
            for _ in range(600):
                try:
                    with OPENER.open(url, timeout=20):
                        break
                except OSError as error:
                    if getattr(error, "code", None) is not None:
                        error.close()
                        break
                    time.sleep(0.1)
                assert server.poll() is None
            yield url, cases, server

    return running
