"""Two small parts beside X: Telegram channels as snscrape writes them, and an export of pages as a spreadsheet."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

from benchmarks.sample_case.election_week import wording
from benchmarks.sample_case.election_week.texts import PLACES, SAYINGS
from benchmarks.sample_case.election_week.world import START_MS, rhythm

if TYPE_CHECKING:
    import numpy as np

__all__ = ["channels", "pages"]

HEADER = ("Post No", "Page Id", "Page Name", "Posted On", "Message", "Link", "Reactions", "Shares", "Comments")
_IST = timezone(timedelta(hours=5, minutes=30))


def channels(rng: np.random.Generator, n_posts: int) -> list[str]:
    """Return posts of ten Telegram channels as snscrape JSON lines, in order of time."""
    rows = []
    count = dict.fromkeys(range(10), 100)
    for t in sorted(rhythm(rng, n_posts).tolist()):
        channel = int(rng.integers(10))
        count[channel] += 1
        said = _said(rng, channel)
        rows.append(
            {
                "_type": "snscrape.modules.telegram.TelegramPost",
                "url": f"https://t.me/s/demo_{PLACES[channel][0]}_khabar/{count[channel]}",
                "date": datetime.fromtimestamp(START_MS / 1000 + int(t), UTC).isoformat(),
                "content": _with_full_links(said),
                "outlinks": list(said.links.values()) or None,
                "linkPreview": None,
                "_snscrape": "0.7.0.20230622",
            }
        )
    return [json.dumps(row, ensure_ascii=False) for row in rows]


def pages(rng: np.random.Generator, n_posts: int) -> str:
    """Return posts of eight pages as CSV text, Indian time, day first; the row in the middle has no readable time."""
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(HEADER)
    for number, t in enumerate(sorted(rhythm(rng, n_posts).tolist())):
        page = int(rng.integers(8))
        said = _said(rng, page + 8)
        at = datetime.fromtimestamp(START_MS / 1000 + int(t), _IST).strftime("%d/%m/%Y %H:%M:%S")
        link = next(iter(said.links.values()), "")
        likes = int(rng.lognormal(2.5, 1.2))
        table.writerow(
            (
                f"demo-post-{number:04d}",
                f"demo-page-{page}",
                f"Demo {PLACES[page + 8][0].title()} Page",
                "sometime on Tuesday" if number == n_posts // 2 else at,
                _with_full_links(said),
                link,
                likes,
                likes // 6,
                likes // 4,
            )
        )
    return out.getvalue()


def _said(rng: np.random.Generator, place: int) -> wording.Words:
    if rng.random() < 0.04:
        return wording.Words(SAYINGS[int(rng.integers(len(SAYINGS)))], "hi", {})
    return wording.remark(rng, place % len(PLACES), links=1 / 6)


def _with_full_links(said: wording.Words) -> str:
    text = said.text
    for short, full in said.links.items():
        text = text.replace(short, full)
    return text
