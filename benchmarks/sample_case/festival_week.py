"""Write the festival week of the sample case: 24 October to 2 November 2025, Indian time, Chhath on the 27th and 28th.

``python -m benchmarks.sample_case.festival_week --out data/sample`` writes ``x_festival_week.jsonl.gz``,
``festival_claims.csv`` and ``festival_inbox.csv`` beside the files of the election week, whose accounts they share. The
same seed gives the same bytes. Every text, number and name is made up here.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.sample_case.desk_sheets import ANSWERED, INBOX, IST, csv_bytes
from benchmarks.sample_case.election_week import festival, x_export
from benchmarks.sample_case.election_week.texts import PLACES
from benchmarks.sample_case.election_week.world import Settings
from spmc_tools.text.match_key import match_key

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["claims_csv", "festival_files", "inbox_csv", "main"]

FIRST_ID = 500_000
"""Ids of posts count from here: those of the election week stay below."""

CLAIMS = (
    "claim_id", "text", "source_url", "first_seen", "official_version", "official_url", "official_at", "status",
    "entered_by", "entered_at", "reviewed_by", "note",
)  # fmt: skip
OFFICIAL = "गया घाट का पीपा पुल सुरक्षित है और खुला है; कोई नहीं फँसा है। घाट पर पुलिस तैनात है।"
ASKED = (
    "{p} के घाट मार्ग पर बहुत भीड़ है, गाड़ियाँ अंदर आ रही हैं, कृपया रोकिए।",
    "My mother lost her bag at the {p} ghat, where do I ask?",
    "{p} घाट पर रात में बत्ती बंद है, कृपया जलवा दीजिए।",
    "{p} घाट से बस कब तक चलेगी?",
)
POINTED = ("क्या यह सच है? {u}", "यह पोस्ट लोगों को डरा रही है, जाँच कीजिए: {u}", "Please check this, people are afraid: {u}")


def festival_files(settings: Settings) -> dict[str, bytes]:
    """Return the generated files of the festival week by name, with their bytes."""
    posts = _posts(settings)
    return {
        "x_festival_week.jsonl.gz": gzip.compress(("\n".join(posts) + "\n").encode(), compresslevel=9, mtime=0),
        "festival_claims.csv": claims_csv(posts),
        "festival_inbox.csv": inbox_csv(posts),
    }


def _posts(settings: Settings) -> list[str]:
    facts = np.random.default_rng(np.random.SeedSequence([settings.seed, 1]).spawn(4)[0])  # of the accounts: as before
    rows = x_export.lines(festival.festival_week(settings), facts, festival.words, FIRST_ID)
    return [_seen(row, place) for place, row in enumerate(rows)]


def _seen(line: str, place: int) -> str:
    """Return a line with its impressions, which the newer form of the format has."""
    row = json.loads(line)
    counts = row["public_metrics"]
    counts["impression_count"] = 20 + place % 90 + 45 * counts["like_count"] + 160 * counts["retweet_count"]
    return json.dumps(row, ensure_ascii=False, separators=(",", ":"))


def _of(posts: Sequence[str], text: str) -> list[tuple[str, datetime]]:
    """Return id and time of the originals that carry a text, oldest first; what follows its match key is left aside."""
    key = match_key(text)
    rows = [row for row in map(json.loads, posts) if "referenced_tweets" not in row]
    return [(row["id"], datetime.fromisoformat(row["created_at"])) for row in rows if match_key(row["text"]) == key]


def claims_csv(posts: Sequence[str]) -> bytes:
    """Return two claims of the festival: the rumour, refuted the same evening, and one that is being checked."""
    rows: list[dict[str, Any]] = []
    for number, (text, hours) in enumerate(((festival.RUMOUR, 4.5), (festival.PLANTED[0], None)), start=1):
        record, first = _of(posts, text)[0]
        seen = first + timedelta(minutes=50)
        said = {"claim_id": f"DEMO-R{6 + number}", "text": text, "source_url": _address(record),
                "entered_by": "Demo Officer", "first_seen": seen.isoformat()}  # fmt: skip
        rows.append({**said, "status": "open", "entered_at": seen.isoformat()})
        if hours is None:
            rows.append({**said, "status": "checking", "entered_at": (seen + timedelta(hours=2)).isoformat()})
            continue
        at = seen + timedelta(hours=hours)
        rows.append({**said, "status": "refuted", "official_version": OFFICIAL, "official_at": at.isoformat(),
                     "official_url": "https://demo-police.example/facts/chhath", "reviewed_by": "Demo Reviewer",
                     "entered_at": (at + timedelta(minutes=5)).isoformat()})  # fmt: skip
    return csv_bytes(CLAIMS, rows)


def inbox_csv(posts: Sequence[str], seed: int = 14) -> bytes:
    """Return complaints of the two days of the festival: eight point at posts, the others ask for help at the river."""
    rng = random.Random(seed)
    pointed = [record for text in (festival.RUMOUR, festival.CHAIN) for record, _ in _of(posts, text)[:20:5]]
    pointed.append(_of(posts, festival.PLANTED[1])[0][0])
    times = {row["id"]: datetime.fromisoformat(row["created_at"]) for row in map(json.loads, posts)}
    rows: list[dict[str, Any]] = []
    for number in range(26):
        place = rng.choice(PLACES[:8])
        record = pointed[number] if number < len(pointed) else None
        start = times[record] if record else datetime(2025, 10, 27, 6, 0, tzinfo=UTC)
        asked = start + timedelta(minutes=rng.randrange(5, 40) if record else rng.randrange(0, 26 * 60))
        form = rng.choice(POINTED if record else ASKED)
        text = form.format(p=place[1] if form[0] > "z" else place[0].title(), u=_address(record))
        common = {"thread_id": f"DEMO-C{number}", "platform": "x", "channel": "mention", "district": place[0].title(),
                  "subject": "post" if record else "festival", "language": festival.language(text)}  # fmt: skip
        rows.append({**common, "record_id": f"demo-inbox-c{number}-q", "account_id": f"demo-citizen-c{number}",
                     "created_at": asked.astimezone(IST).isoformat(), "direction": "in", "text": text})  # fmt: skip
        if rng.random() < 0.85:
            at = (asked + timedelta(minutes=rng.lognormvariate(3.6, 0.9))).replace(microsecond=0)
            answer = ANSWERED[1].format(p=common["district"], o=f"DEMO-{rng.randrange(100, 999)}")
            rows.append({**common, "record_id": f"demo-inbox-c{number}-h", "account_id": "demo-cell-x",
                         "is_automatic": "false", "created_at": at.astimezone(IST).isoformat(), "direction": "out",
                         "text": answer})  # fmt: skip
    return csv_bytes(INBOX, rows)


def _address(record: str | None) -> str:
    return f"https://demo-x.example/i/status/{record}"


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the three files."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=Settings.seed)
    given = parser.parse_args(arguments)
    for name, content in festival_files(Settings(seed=given.seed)).items():
        (given.out / name).write_bytes(content)
        print(f"{len(content):>9,} bytes  {name}")


if __name__ == "__main__":
    main()
