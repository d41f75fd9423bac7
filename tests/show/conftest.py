"""A made-up case in which six accounts post the same words again and again, among sixty that do not."""

from __future__ import annotations

import json
import random
import sys
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from benchmarks.network_views.in_lab import jupyter, notebook
from spmc_tools.case.store.case import create_case
from spmc_tools.importers.import_files import import_files

HOSTILE = "<img src=x onerror=alert(1)>"
START = datetime(2025, 11, 3, 4, 0, tzinfo=UTC)


def post(number: int, account: str, moment: datetime, text: str) -> dict:
    return {
        "id": str(10**18 + number), "author_id": account, "text": text, "lang": "hi",
        "created_at": f"{moment:%Y-%m-%dT%H:%M:%S}.000Z", "edit_history_tweet_ids": [str(10**18 + number)],
        "public_metrics": {"retweet_count": 0, "reply_count": 0, "like_count": 1, "quote_count": 0},
        "conversation_id": str(10**18 + number),
    }  # fmt: skip


def week() -> list[dict]:
    """Posts: members 901 to 906 in step on ten texts, eight hours apart; sixty others share texts at any time."""
    draw, made = random.Random(7), []
    letters = "कखगघचछजझटठडढतथदधनपफबभमयरलवशसह"

    def sentence() -> str:
        return " ".join("".join(draw.choices(letters, k=draw.randrange(3, 8))) for _ in range(12))

    said = [sentence() for _ in range(12)]
    for place, text in enumerate(said):
        for step in range(6):
            moment = START + timedelta(hours=9 * place, minutes=place, seconds=7 * step)
            made.append(
                post(len(made), str(901 + step), moment, f"{text} {'<script>alert(2)</script>' if not place else ''}")
            )
    pool = [sentence() for _ in range(80)]
    for account in range(60):
        for _ in range(12):
            moment = START + timedelta(seconds=draw.randrange(5 * 86400))
            made.append(post(len(made), str(100 + account), moment, draw.choice(pool)))
    return made


@pytest.fixture(scope="session")
def made_week(tmp_path_factory):
    """Make the case anew; a ``with`` gives it, in ``cases`` of a folder of its own with its key beside."""

    @contextmanager
    def made():
        folder = tmp_path_factory.mktemp("week")
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("SPMC_KEYS", str(folder / "keys"))
            case = create_case(
                "week", title="A week", purpose="Test", legal_basis="None: made-up data", date_from="2025-11-03",
                date_to="2025-11-12", officer="S. I. Kumari", cases=folder / "cases", event="bihar-assembly-2025",
            )  # fmt: skip
            made_on = {"created_at": "2025-07-07T00:00:00.000Z"}  # one day: the second mark beside their texts
            users = [{"id": str(901 + n), "username": f"member_{n}", "name": HOSTILE, **made_on} for n in range(6)]
            users[2]["username"] = HOSTILE
            path = folder / "week.json"
            held = {"data": week(), "includes": {"users": users}}
            path.write_text(json.dumps(held, ensure_ascii=False), encoding="utf-8")
            import_files(case, [path])
            yield case

    return made


@pytest.fixture(scope="session")
def week_case(made_week):
    """The case, one for the tests of many files."""
    with made_week() as case:
        yield case


@pytest.fixture
def lab_with_cell(tmp_path):
    """Start JupyterLab on this machine alone with a notebook of one cell; a ``with`` gives its address and ends it."""

    @contextmanager
    def running(code: str):
        work = tmp_path / "work"
        work.mkdir()
        notebook([code], work / "a.ipynb")
        with jupyter(Path(sys.executable), work) as address:
            yield address

    return running
