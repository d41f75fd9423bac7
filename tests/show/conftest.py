"""A made-up case in which six accounts post the same words again and again, among sixty that do not."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta

import pytest

from spmc_tools.case.store import create_case
from spmc_tools.importers.intake import import_files

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
            moment = START + timedelta(hours=9 * place, seconds=7 * step)
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
def week_case(tmp_path_factory):
    """The case, in ``cases`` of a folder of its own; its key lies beside."""
    folder = tmp_path_factory.mktemp("week")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPMC_KEYS", str(folder / "keys"))
        case = create_case(
            "week", title="A week", purpose="Test", legal_basis="None: made-up data", date_from="2025-11-03",
            date_to="2025-11-12", officer="S. I. Kumari", cases=folder / "cases",
        )  # fmt: skip
        users = [{"id": str(901 + n), "username": f"member_{n}", "name": HOSTILE} for n in range(6)]
        users[2]["username"] = HOSTILE
        rows = week()
        path = folder / "week.json"
        path.write_text(json.dumps({"data": rows, "includes": {"users": users}}, ensure_ascii=False), encoding="utf-8")
        import_files(case, [path])
        yield case
