"""Synthetic sheets of the desks that measure: followers of police pages, statistics of the centre's pages, campaigns.

``python -m benchmarks.sample_case.measure_sheets --out data/sample`` writes them beside the sample week; the same seed
gives the same bytes. The figures of the demo centre are those a state police centre has published (6.65 lakh on
Facebook, third; 4.63 lakh on X and 1.30 lakh on Instagram, seventh; 12.70 lakh on four platforms, among the first
five); **every figure of another state is made up** so that these ranks come out, and so is every post.
"""

from __future__ import annotations

import argparse
import csv
import io
import math
import random
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["main", "sheets"]

IST = timezone(timedelta(hours=5, minutes=30))
PLATFORMS = ("facebook", "x", "instagram", "youtube")
OWN = "Bihar"
LAST: dict[str, tuple[float | None, ...]] = {
    "Bihar": (6.65, 4.63, 1.30, 0.12),
    "Kerala": (21.40, 4.20, 15.80, 1.60),
    "Karnataka": (7.10, 3.90, 2.40, 0.35),
    "Uttar Pradesh": (6.30, 14.20, 2.90, 2.10),
    "Telangana": (5.90, 6.10, 2.20, 0.40),
    "Tamil Nadu": (4.80, 5.10, 1.45, 0.45),
    "Delhi": (3.10, 5.90, 1.10, 0.30),
    "Maharashtra": (2.20, 5.60, 1.70, 0.22),
    "Rajasthan": (2.95, 4.90, 1.20, 0.18),
    "Assam": (4.10, 2.60, 0.90, 0.25),
    "Uttarakhand": (3.60, 1.10, None, 0.15),
    "Jharkhand": (1.90, 1.60, 0.40, 0.12),
}
"""Followers in lakh at the last round, in the order of PLATFORMS; None: the page was not to be seen."""

GAINED = (1.00, 0.50, 0.29, 0.01)
"""What the demo centre's pages gained over the rounds, in lakh: 1.80 together."""

ROUNDS = tuple(
    datetime(2025, *day, 11, 0, tzinfo=IST)
    for day in ((9, 10), (9, 20), (9, 30), (10, 10), (10, 20), (10, 31), (11, 10))
)
APRIL_2024 = (504_093, 433_642, 72_159)
"""Published figures of X that add up to a published 1,009,894; the source does not say what each counts."""

X_IMPRESSIONS, FACEBOOK_REACH = 5_058_000, "19.40 lakh"
DAYS = 61
CAMPAIGNS = (
    ("laws", "नए आपराधिक कानून / New criminal laws", "new laws", 1.0),
    ("traffic", "सड़क सुरक्षा / Road safety", "traffic", 1.15),
    ("cyber", "साइबर जागरूकता / Cyber awareness", "cyber crime", 1.9),
    ("women", "महिला सुरक्षा / Safety of women", "safety of women", 1.45),
)
SNAPSHOT = (
    "platform",
    "page",
    "state",
    "followers",
    "observed_at",
    "source",
    "rounding",
    "taken_by",
    "screenshot_sha256",
)
METRIC = ("platform", "page", "metric", "value", "unit", "definition", "day", "days")
X_CONTENT = (
    "Post id",
    "Date",
    "Post text",
    "Post Link",
    "Impressions",
    "Likes",
    "Engagements",
    "Bookmarks",
    "Shares",
    "New follows",
    "Replies",
    "Reposts",
    "Profile visits",
    "Detail Expands",
    "URL Clicks",
    "Hashtag Clicks",
    "Permalink Clicks",
)
FACEBOOK = (
    "Post ID",
    "Page ID",
    "Page name",
    "Title",
    "Description",
    "Duration (sec)",
    "Publish time",
    "Caption type",
    "Permalink",
    "Is crosspost",
    "Is share",
    "Post type",
    "Languages",
    "Custom labels",
    "Funded content status",
    "Data comment",
    "Date",
    "Views",
    "Reach",
    "Reactions, Comments and Shares",
    "Reactions",
    "Comments",
    "Shares",
    "Total clicks",
    "Other Clicks",
    "Link Clicks",
    "Seconds viewed",
)
YOUTUBE = (
    "Content",
    "Video title",
    "Video publish time",
    "Duration",
    "Views",
    "Watch time (hours)",
    "Subscribers",
    "Impressions",
    "Impressions click-through rate (%)",
    "Average view duration",
)


def _csv(header: Sequence[str], rows: Iterable[Sequence[object]], start: str = "") -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(["" if cell is None else cell for cell in row] for row in rows)
    return (start + out.getvalue()).encode()


def _page(state: str, platform: str, moment: datetime) -> str:
    if (state, platform) == ("Rajasthan", "x") and moment >= ROUNDS[4]:
        return "demo_rajasthan_police_new"
    return f"demo_{state.lower().replace(' ', '_')}_police"


def _snapshots(rng: random.Random) -> list[list[object]]:
    """Return the rounds: a page lost, one renamed, one contradicted, one forgotten once."""
    rows: list[list[object]] = []
    for place, platform in enumerate(PLATFORMS):
        for state, figures in LAST.items():
            last = figures[place] or 0.42
            first = last - GAINED[place] if state == OWN else last * rng.uniform(0.93, 0.99)
            for n, moment in enumerate(ROUNDS):
                if (state, platform, n) == ("Assam", "x", 5):
                    continue
                share = n / (len(ROUNDS) - 1) + (rng.uniform(-0.05, 0.05) if 0 < n < len(ROUNDS) - 1 else 0)
                lakh = first + (last - first) * share
                gone = figures[place] is None and n > 2
                written = "" if gone else f"{lakh:.2f} lakh" if lakh >= 1 else f"{round(lakh * 100) * 1000}"
                step = "" if gone or lakh >= 1 else 1000
                seen = moment + timedelta(minutes=rng.randrange(0, 40))
                source = (
                    "own statistics" if state == OWN else f"https://{platform}.example/{_page(state, platform, moment)}"
                )
                rows.append(
                    [
                        platform,
                        _page(state, platform, moment),
                        state,
                        written,
                        seen.isoformat(),
                        source,
                        step,
                        "Demo Officer",
                        f"{rng.getrandbits(256):064x}",
                    ]
                )
    odd = next(row for row in rows if row[:1] == ["facebook"] and row[2] == "Delhi" and str(row[4]) > "2025-10-20")
    again = datetime.fromisoformat(str(odd[4])) + timedelta(minutes=9)
    rows.append(
        [*odd[:3], "3.31 lakh", again.isoformat(), odd[5], "", "Second Officer", f"{rng.getrandbits(256):064x}"]
    )
    return rows


def _daily(rng: random.Random, total: int, days: int) -> list[int]:
    weights = [rng.lognormvariate(0, 0.25) for _ in range(days)]
    figures = [int(total * weight / sum(weights)) for weight in weights]
    return [*figures[:-1], total - sum(figures[:-1])]


def _metrics(rng: random.Random) -> list[list[object]]:
    page = _page(OWN, "x", ROUNDS[0])
    rows: list[list[object]] = []
    start = datetime(2025, 9, 10, tzinfo=IST)
    for n, value in enumerate(_daily(rng, X_IMPRESSIONS, DAYS)):
        rows.append(["x", page, "impressions", value, "views", "", (start + timedelta(days=n)).isoformat(), 1])
    rows.append(["facebook", page, "reach", FACEBOOK_REACH, "accounts", "", start.isoformat(), DAYS])
    old = datetime(2024, 10, 15, tzinfo=IST)
    for n in range(93):
        day = old + timedelta(days=n)
        before = day < datetime(2024, 12, 1, tzinfo=IST)
        value = round(rng.lognormvariate(math.log(42_000 if before else 61_000), 0.2))
        said = "times a post was on a screen" if before else "times a post was played or shown"
        rows.append(["facebook", page, "impressions" if before else "views", value, "views", said, day.isoformat(), 1])
    for n, value in enumerate(APRIL_2024):
        day = datetime(2024, 4, 1 + 10 * n, tzinfo=IST)
        rows.append(["x", page, "impressions", value, "views", "as published", day.isoformat(), 10])
    return rows


def _posts(rng: random.Random, n: int) -> list[tuple[datetime, str, str, str | None, float]]:
    """Return time, language, form, campaign and what the post is worth, for n posts from 1 September on."""
    start = datetime(2025, 9, 1, tzinfo=IST)
    made = []
    for _ in range(n):
        moment = start + timedelta(
            days=rng.randrange(0, 70), hours=rng.choice((8, 10, 12, 13, 17, 19, 20, 21)), minutes=rng.randrange(60)
        )
        language, form = rng.choice(("hi", "hi", "en")), rng.choice(("Photos", "Reels", "Videos", "Links"))
        campaign = rng.choice((None, None, *CAMPAIGNS)) if moment >= datetime(2025, 10, 1, tzinfo=IST) else None
        worth = (1.35 if form == "Reels" else 1) * (1.2 if moment.hour >= 19 else 1) * (campaign[3] if campaign else 1)
        made.append((moment, language, form, campaign[0] if campaign else None, worth))
    return sorted(made, key=lambda one: one[0])


def _x_row(rng: random.Random, number: int, moment: datetime, worth: float) -> list[object]:
    shown = round(rng.lognormvariate(math.log(9_000), 0.7))
    did = round(shown * 0.018 * worth * rng.lognormvariate(0, 0.3))
    post = f"91800000000000{number:05d}"
    link = f"https://x.com/{_page(OWN, 'x', moment)}/status/{post}"
    likes, reposts, replies = did // 2, did // 5, did // 12
    return [
        post,
        f"{moment:%a, %b} {moment.day}, {moment.year}",
        f"Synthetic post {number}",
        link,
        f"{shown:,}",
        likes,
        did,
        did // 30,
        did // 20,
        did // 90,
        replies,
        reposts,
        did // 9,
        did // 7,
        did // 15,
        0,
        0,
    ]


def _facebook_row(rng: random.Random, number: int, post: tuple[datetime, str, str, str | None, float]) -> list[object]:
    moment, language, form, _, worth = post
    views = round(rng.lognormvariate(math.log(21_000), 0.8))
    reach = round(views * rng.uniform(0.55, 0.8))
    did = [round(reach * share * worth * rng.lognormvariate(0, 0.3)) for share in (0.02, 0.002, 0.004)]
    hidden = "<10" if number % 37 == 5 else "" if number % 41 == 7 else f"{reach:,}"
    name = "Demo Bihar Police (synthetic)"
    return [
        f"91700000000{number:06d}",
        "917000000001",
        name,
        "",
        f"Synthetic post {number}",
        "",
        f"{moment:%m/%d/%Y %H:%M}",
        "",
        "",
        0,
        0,
        form,
        language,
        "",
        "",
        "",
        "Lifetime",
        f"{views:,}",
        hidden,
        f"{sum(did):,}",
        *did,
        did[0] // 3,
        0,
        did[0] // 9,
        "",
    ]


def sheets(seed: int = 12) -> dict[str, bytes]:
    """Return every sheet by the name of its file."""
    rng = random.Random(seed)
    snapshots, metrics = _snapshots(rng), _metrics(rng)
    posts = {name: _posts(rng, n) for name, n in (("x", 260), ("facebook", 280), ("youtube", 24))}
    x = [_x_row(rng, n, one[0], one[4]) for n, one in enumerate(posts["x"])]
    facebook = [_facebook_row(rng, n, one) for n, one in enumerate(posts["facebook"])]
    youtube = [
        [
            f"demoVideo{n:02d}",
            f"Synthetic video {n}",
            f"{moment:%b} {moment.day}, {moment.year}",
            60,
            views := rng.randrange(200, 4000),
            round(views / 40, 1),
            views // 300,
            views * 9,
            4.2,
            "0:00:31",
        ]
        for n, (moment, *_) in enumerate(posts["youtube"])
    ]
    total = ["Total", "", "", "", sum(row[4] for row in youtube), "", "", "", "", ""]
    named = {one[0]: one for one in CAMPAIGNS}
    rows = [
        [named[post[3]][0], named[post[3]][1], named[post[3]][2], platform, row[0]]
        for platform, table in (("x", x), ("facebook", facebook))
        for post, row in zip(posts[platform], table, strict=True)
        if post[3] is not None
    ]
    return {
        "page_snapshots.csv": _csv(SNAPSHOT, snapshots),
        "page_metrics.csv": _csv(METRIC, metrics),
        "x_content.csv": _csv(X_CONTENT, x),
        "facebook_posts.csv": _csv(FACEBOOK, facebook, "\ufeff"),
        "youtube_videos.csv": _csv(YOUTUBE, [total, *youtube]),
        "campaigns.csv": _csv(("campaign_id", "name", "theme", "platform", "record_id"), rows),
    }


def main(arguments: list[str] | None = None) -> None:
    """Write the sheets into a folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=12)
    given = parser.parse_args(arguments)
    for name, content in sheets(given.seed).items():
        (given.out / name).write_bytes(content)


if __name__ == "__main__":
    main()
