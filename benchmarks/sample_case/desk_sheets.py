"""Synthetic sheets of the desks for the sample case: an inbox with its answers, claims, referrals.

``python -m benchmarks.sample_case.desk_sheets --out data/sample`` writes ``inbox.csv``, ``claims.csv`` and
``referrals.csv`` beside the files of the simulated week, whose rumours the claims are. The same seed gives the same
bytes. Every text, number and name is made up here; telephone numbers begin with 90000, mail addresses end in
``.example``.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import io
import json
import random
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.sample_case.election_week.texts import PLACES, crowd_text

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["claims_csv", "csv_bytes", "inbox_csv", "main", "referrals_csv"]

IST = timezone(timedelta(hours=5, minutes=30))
START = datetime(2025, 11, 3, 0, 30, tzinfo=UTC)
HOURS = 9 * 24
END = datetime(2025, 11, 12, 12, 0, tzinfo=UTC)
"""When the inbox was exported: nothing after it is in the sheet."""

THREADS = 420
INBOX = (
    "thread_id", "record_id", "platform", "account_id", "created_at", "direction", "is_automatic", "channel", "subject",
    "district", "language", "shift", "resolved_at", "deleted_seen_at", "text",
)  # fmt: skip
CHANNELS = (("x", "mention"), ("x", "direct"), ("facebook", "comment"), ("facebook", "direct"), ("whatsapp", "direct"))
ASKED: dict[str, tuple[str, str]] = {
    "traffic": (
        "{p} के {k} चौक पर सुबह से जाम लगा है, कोई यातायात पुलिस नहीं दिख रही।",
        "Long jam at {k} crossing in {p} since morning and nobody directs the traffic.",
    ),
    "cyber_fraud": (
        "{p} से लिख रहा हूँ, किसी ने बैंक अधिकारी बनकर {n} रुपये निकाल लिए, शिकायत कहाँ करें?",
        "Someone posing as a bank officer took {n} rupees from my account, I live in {p}, where do I report it?",
    ),
    "safety_of_women": (
        "{p} के {k} कॉलेज के बाहर शाम को कुछ लड़के छात्राओं को परेशान करते हैं, गश्त बढ़ाइए।",
        "Boys harass students outside {k} college in {p} every evening, please send a patrol.",
    ),
    "polling": (
        "{p} के बूथ {b} पर व्हीलचेयर मिलेगी या नहीं, कृपया बताइए।",
        "Will booth {b} in {p} have a wheelchair on polling day, please tell us.",
    ),
    "theft": (
        "{p} के {k} बाजार से मेरी मोटरसाइकिल चोरी हो गई, थाने में अभी तक प्राथमिकी नहीं हुई।",
        "My motorcycle was stolen from {k} market in {p} and no FIR has been registered yet.",
    ),
    "suggestion": (
        "सुझाव: {p} के {k} मोड़ पर संकेत बत्ती लगाई जाए, रात में दिखाई नहीं देता।",
        "Suggestion: please put a signal at {k} turn in {p}, one sees nothing there at night.",
    ),
}
PLACE_NAMES = (("गांधी", "Gandhi"), ("स्टेशन", "Station"), ("पुराना", "Old"), ("नया", "New"), ("नदी", "River"))
AUTOMATIC = (
    "आपका संदेश मिल गया है। हमारी टीम शीघ्र संपर्क करेगी।",
    "Thank you for writing to us. Our team will reply shortly.",
)
WORDED_LIKE_A_PERSON = "जी, आपकी बात देख रहे हैं, थोड़ी देर में बताते हैं।"
ANSWERED = (
    "{p} के संबंधित थाने को सूचना दे दी गई है, {o} अधिकारी आपसे संपर्क करेंगे।",
    "The station concerned in {p} has been told; officer {o} will get in touch with you.",
)
TRUE_VERSION = (
    "मतदान सभी बूथों पर तय समय से ही होगा; बूथ या समय में कोई बदलाव नहीं किया गया है।",
    "Polling is held at every booth at the hour fixed; no booth and no hour was changed.",
)
SHIFTS = ((6, 14, "morning"), (14, 22, "evening"))


def inbox_csv(seed: int = 11) -> bytes:
    """Return the inbox: questions, automatic and human answers, and the odd rows that every inbox has."""
    rng = random.Random(seed)
    rows: list[dict[str, Any]] = []
    for number in range(THREADS):
        rows += _thread(rng, number)
    rows = [row for row in rows if datetime.fromisoformat(row["created_at"]) <= END]
    for row in rows:
        if row["resolved_at"] and datetime.fromisoformat(row["resolved_at"]) > END:
            row["resolved_at"] = ""
    rows += [dict(row) for row in rows[40:45]]  # the same export twice
    for row in rows[100:400:100]:
        row["created_at"] = ""  # an inbox that lost a time
    rows[401]["direction"] = "internal note"
    return csv_bytes(INBOX, rows)


def _thread(rng: random.Random, number: int) -> list[dict[str, Any]]:
    place, (subject, forms) = rng.choice(PLACES[:8]), rng.choice(list(ASKED.items()))
    hindi = rng.random() < 0.7
    key = rng.choice(PLACE_NAMES)
    said = forms[0 if hindi else 1].format(
        p=place[1] if hindi else place[0].title(),
        k=key[0 if hindi else 1], n=rng.randrange(2, 90) * 500, b=rng.randrange(2, 300),
    )  # fmt: skip
    if rng.random() < 0.15:
        said += (
            f" मोबाइल 90000{rng.randrange(10_000, 99_999)}" if hindi else f" Call 90000{rng.randrange(10_000, 99_999)}"
        )
    elif rng.random() < 0.05:
        said += f" asha.{number}@post.example"
    asked = START + timedelta(hours=HOURS * rng.random() ** 0.9)
    asked = asked.replace(hour=_awake(rng), minute=rng.randrange(60), second=rng.randrange(60), microsecond=0)
    if number >= THREADS - 12:  # the last two hours before the export
        asked = END - timedelta(minutes=rng.randrange(3, 125))
    common = {"subject": subject, "district": place[0].title(), "language": "hi" if hindi else "en"}
    places = CHANNELS[:1] + CHANNELS[2:3] + CHANNELS[4:] if number % 25 == 7 else (rng.choice(CHANNELS),)
    rows: list[dict[str, Any]] = []
    for step, (platform, channel) in enumerate(places):
        rows += _on_channel(rng, f"{number}{'abc'[step]}", asked + timedelta(minutes=3 * step), said,
                            {**common, "platform": platform, "channel": channel})  # fmt: skip
    return rows


def _on_channel(
    rng: random.Random, name: str, asked: datetime, said: str, common: dict[str, Any]
) -> list[dict[str, Any]]:
    def row(letter: str, at: datetime, who: str, text: str, **more: Any) -> dict[str, Any]:
        zone = IST if rng.random() < 0.5 else UTC
        return {
            **common, "resolved_at": "", "thread_id": f"DEMO-{name}", "record_id": f"demo-inbox-{name}-{letter}",
            "account_id": who,
            "created_at": at.astimezone(zone).isoformat(), "text": text, "shift": _shift(at), **more,
        }  # fmt: skip

    hindi, number = common["language"] == "hi", int(name[:-1])
    rows = [row("q", asked, f"demo-citizen-{name}", said, direction="in", shift="",
                deleted_seen_at=(asked + timedelta(days=1)).isoformat() if number % 60 == 3 else "")]  # fmt: skip
    centre = f"demo-cell-{common['platform']}"
    kind = rng.random()
    if kind < 0.55:
        text = AUTOMATIC[0 if hindi else 1]
        rows.append(
            row("a", asked + timedelta(seconds=rng.randrange(2, 9)), centre, text, direction="out", is_automatic="true")
        )
    elif kind < 0.65:
        at = asked + timedelta(seconds=rng.randrange(3, 20))
        rows.append(row("a", at, centre, WORDED_LIKE_A_PERSON, direction="out"))
    if rng.random() < 0.86:
        delay = timedelta(minutes=rng.lognormvariate(3.9 if 6 <= asked.astimezone(IST).hour < 22 else 4.9, 1.0))
        text = ANSWERED[0 if hindi else 1].format(p=common["district"], o=f"DEMO-{rng.randrange(100, 999)}")
        done = asked + delay + timedelta(hours=rng.lognormvariate(2.5, 0.8)) if rng.random() < 0.7 else None
        more = {
            "direction": "out",
            "is_automatic": "false",
            "resolved_at": done.isoformat(timespec="seconds") if done else "",
        }
        rows.append(row("h", (asked + delay).replace(microsecond=0), centre, text, **more))
        if number % 40 == 5:  # two officers at once
            rows.append(row("i", (asked + delay).replace(microsecond=0), centre, text + " ", **more))
    if number % 70 == 11:  # an answer that stands before its question
        rows.append(row("b", asked - timedelta(minutes=30), centre, ANSWERED[1].format(p="Patna", o="DEMO-1"),
                        direction="out", is_automatic="false"))  # fmt: skip
    return rows


def _awake(rng: random.Random) -> int:
    """Return an hour in UTC: most people write between 8 and 22 h in India."""
    return rng.choice([2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 12, 13, 13, 14, 14, 15, 16, 18, 21, 23])


def _shift(at: datetime) -> str:
    hour = at.astimezone(IST).hour
    return next((name for first, end, name in SHIFTS if first <= hour < end), "night")


def claims_csv(folder: Path, seed: int = 12) -> bytes:
    """Return the register of rumours: five rumours of the simulated week with their states, and one nobody posted."""
    rng = random.Random(seed)
    first = _first_times(folder)
    rows: list[dict[str, Any]] = []
    known = [number for number in range(14) if crowd_text("copy", number, 0)[0] in first][:5]
    for place, number in enumerate(known):
        text = crowd_text("copy", number, 0)[0]
        seen = first[text] + timedelta(minutes=rng.randrange(20, 120))
        said = {"claim_id": f"DEMO-R{place + 1}", "text": text, "source_url": f"https://demo-post.example/{number}",
                "first_seen": seen.isoformat(), "entered_by": "Demo Officer", "note": ""}  # fmt: skip
        rows.append({**said, "status": "open", "entered_at": seen.isoformat()})
        if place < 3:
            at = seen + timedelta(hours=rng.randrange(2, 9))
            version = (TRUE_VERSION[0]
                       if "।" in text else TRUE_VERSION[1])  # fmt: skip
            rows.append({**said, "status": "refuted", "official_version": version, "official_at": at.isoformat(),
                         "official_url": f"https://demo-police.example/facts/{place + 1}",
                         "reviewed_by": "Demo Reviewer",
                         "entered_at": (at + timedelta(minutes=10)).isoformat()})  # fmt: skip
        elif place == 3:
            rows.append({**said, "status": "checking", "entered_at": (seen + timedelta(hours=3)).isoformat()})
    lonely = datetime(2025, 11, 9, 5, tzinfo=UTC).isoformat()
    rows.append({"claim_id": "DEMO-R9", "text": "कल से पुल दस दिन के लिए पूरी तरह बंद रहेगा और नाव ही चलेगी।",
                 "status": "open",
                 "first_seen": lonely, "entered_by": "Demo Officer", "entered_at": lonely})  # fmt: skip
    columns = ("claim_id", "text", "source_url", "first_seen", "official_version", "official_url", "official_at",
               "status",                "entered_by", "entered_at", "reviewed_by", "note")  # fmt: skip
    return csv_bytes(columns, rows)


def _first_times(folder: Path) -> dict[str, datetime]:
    """Return when each text was first posted in the simulated week."""
    found: dict[str, datetime] = {}
    for line in gzip.decompress((folder / "x_election_week.jsonl.gz").read_bytes()).decode().splitlines():
        try:
            row = json.loads(line)
            text, at = row["text"], datetime.fromisoformat(row["created_at"])
        except (ValueError, KeyError, TypeError):
            continue
        if text not in found or at < found[text]:
            found[text] = at
    return found


def referrals_csv(seed: int = 13) -> bytes:
    """Return the register of referrals: forty with dated states, one closed twice, one answered but never sent."""
    rng = random.Random(seed)
    rows: list[dict[str, Any]] = []
    for number in range(40):
        at = START + timedelta(hours=rng.random() * 150)
        category = rng.choice(
            ("rumour_about_polling", "impersonation", "cheating", "synthetic_media", "obscene_material")
        )
        provision = {"rumour_about_polling": "bns_353", "impersonation": "it_66d", "cheating": "bns_319",
                     "synthetic_media": "bns_336", "obscene_material": "it_67"}[category]  # fmt: skip
        common = {"referral_id": f"DEMO-F{number + 1:03d}", "platform": "x",
                  "account_id": f"9000000000000099{number:03d}",
                  "handle": f"demo_flag_{number:03d}", "record_ids": f"917000000000009{number:04d}",
                  "category": category,
                  "provision": provision, "officer": "Demo Officer",
                  "synthetic_media": "true" if category == "synthetic_media" else "false"}  # fmt: skip
        steps = ["flagged", "verified", "sent", "answered", rng.choice(("removed", "removed", "fir", "cleared"))]
        length = rng.choice((1, 2, 3, 3, 4, 5, 5, 5))
        length = 5 if number == 5 else length
        if number == 9:
            steps, length = ["flagged", "answered", "removed"], 3
        if number % 9 == 4:
            steps, length = ["flagged", "cleared"], 2
        for step, state in enumerate(steps[:length]):
            at += timedelta(hours=rng.lognormvariate(1.4, 0.9) if step else 0)
            to = (
                rng.choice(("platform", "platform", "unit:economic offences", "district:Gaya"))
                if state == "sent"
                else ""
            )
            rows.append({**common, "state": state, "state_at": at.isoformat(timespec="seconds"), "sent_to": to})
        if number == 5:
            rows.append({**rows[-1], "state_at": (at + timedelta(hours=6)).isoformat(timespec="seconds")})
    columns = ("referral_id", "state", "state_at", "sent_to", "platform", "account_id", "handle", "record_ids",
               "category",                "provision", "synthetic_media", "officer")  # fmt: skip
    return csv_bytes(columns, rows)


def csv_bytes(columns: Sequence[str], rows: list[dict[str, Any]]) -> bytes:
    """Return rows as a CSV file with these columns; what a row lacks is empty."""
    written = io.StringIO()
    table = csv.DictWriter(written, columns, restval="", lineterminator="\n")
    table.writeheader()
    table.writerows(rows)
    return written.getvalue().encode()


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the three sheets into a folder that holds the files of the simulated week."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--out", type=Path, required=True)
    out = parser.parse_args(arguments).out
    for name, content in (
        ("inbox.csv", inbox_csv()),
        ("claims.csv", claims_csv(out)),
        ("referrals.csv", referrals_csv()),
    ):
        (out / name).write_bytes(content)


if __name__ == "__main__":
    main()
