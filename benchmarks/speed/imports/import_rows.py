"""Rows per second and peak memory of ``import_files``, beside DuckDB reading the same file in the same run.

    python -m benchmarks.speed.imports.import_rows --rows 1000000
    python -m benchmarks.speed.imports.import_rows --rows 100000 --turns 15

Two synthetic files are written to a temporary folder: a CSV (16 columns, Hindi and English text) imported through a
mapping, and flattened X API v2 lines. Each import runs in a process of its own: opening, hashing, reading, checking,
removing duplicates, writing Parquet, copying the original, ledger; once as it is, and once read in the process that
keeps (*uncaged*), so that the price of the confined process shows. DuckDB reads the same file with its own reader and
writes all columns to Parquet: no check, no duplicates, no custody; it is the floor, not the competitor.

With ``--turns`` one process imports the same file again and again, each time into a new case, by turns as it is and
*uncaged*, after one import of each that is not counted; what is printed are the quartiles of the ratio of each two
turns that follow one another. That holds on a machine where others come and go, as single runs do not.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import quantiles

MAPPING = """\
[columns]
record_id = "tweetid"
account_id = "userid"
created_at = "tweet_time"
text = "tweet_text"
lang = "tweet_language"
client = "tweet_client_name"
ref_record_id = ["retweet_tweetid", "in_reply_to_tweetid"]
ref_account_id = "retweet_userid"
hashtags = "hashtags"
urls = "urls"
likes = "like_count"
reposts = "retweet_count"
[accounts]
handle = "user_screen_name"
followers = "follower_count"
[constants]
platform = "x"
[times]
created_at = {tz = "UTC"}
[kind]
default = "post"
repost = {column = "is_retweet", equals = ["true"]}
reply = {column = "in_reply_to_tweetid"}
"""
HEADER = (
    "tweetid,userid,user_screen_name,follower_count,tweet_language,tweet_text,tweet_time,tweet_client_name,"
    "in_reply_to_tweetid,is_retweet,retweet_userid,retweet_tweetid,like_count,retweet_count,hashtags,urls"
)
WORDS = [
    "मतदान",
    "चुनाव",
    "आज",
    "पटना",
    "बिहार",
    "लोग",
    "सड़क",
    "पानी",
    "बिजली",
    "स्कूल",
    "vote",
    "today",
    "road",
    "water",
    "school",
    "power",
    "job",
    "train",
]
START = datetime(2025, 11, 1, tzinfo=UTC)


def text(rng: random.Random) -> str:
    """Return some words in Hindi and English."""
    return " ".join(rng.choices(WORDS, k=rng.randint(5, 25)))


def write_csv(path: Path, rows: int) -> None:
    """Write a CSV of synthetic posts."""
    rng = random.Random(1)
    with path.open("w", encoding="utf-8", newline="") as out:
        out.write(HEADER + "\r\n")
        for i in range(rows):
            user = rng.randrange(rows // 20 + 1)
            at = START + timedelta(seconds=rng.randrange(2_000_000))
            repost = rng.random() < 0.5
            original = f"{10**9 + user},{18 * 10**17 + user}" if repost else ","
            out.write(
                f'{19 * 10**17 + i},{10**9 + user},user_{user},{user * 7},hi,"{text(rng)}, {i}",{at:%Y-%m-%d %H:%M:%S},'
                f"App,,{'true' if repost else 'false'},{original},"
                f"{i % 90},{i % 11},\"['tag{user % 50}', 'चुनाव']\",\"['https://example.org/{user % 500}']\"\r\n"
            )


def x_user(user: int) -> dict:
    """Return a synthetic user object of X API v2."""
    return {
        "id": str(10**9 + user), "username": f"user_{user}", "name": f"नाम {user}",
        "created_at": "2015-03-01T10:00:00.000Z", "description": "स्वयं के बारे में", "verified": False,
        "location": "Patna", "protected": False, "url": "",
        "public_metrics": {"followers_count": user, "following_count": 10, "tweet_count": 99, "listed_count": 0},
    }  # fmt: skip


def write_x(path: Path, rows: int) -> None:
    """Write flattened synthetic lines of X API v2."""
    rng = random.Random(2)
    with path.open("w", encoding="utf-8") as out:
        for i in range(rows):
            user, other = rng.randrange(rows // 20 + 1), rng.randrange(rows // 20 + 1)
            at = START + timedelta(seconds=rng.randrange(2_000_000))
            said = text(rng)
            tweet = {
                "id": str(19 * 10**17 + i), "author_id": str(10**9 + user), "text": f"RT @user_{other}: {said}"[:140],
                "created_at": f"{at:%Y-%m-%dT%H:%M:%S.000Z}", "lang": "hi", "source": "App",
                "possibly_sensitive": False, "conversation_id": str(19 * 10**17 + i), "author": x_user(user),
                "public_metrics": {"retweet_count": i % 11, "reply_count": 0, "like_count": i % 90, "quote_count": 0},
                "entities": {
                    "hashtags": [{"start": 0, "end": 5, "tag": f"tag{user % 50}"}],
                    "mentions": [{"start": 3, "end": 9, "username": f"user_{other}", "id": str(10**9 + other)}],
                    "urls": [{"start": 0, "end": 23, "expanded_url": f"https://example.org/{user % 500}"}],
                },
                "referenced_tweets": [
                    {
                        "type": "retweeted", "id": str(18 * 10**17 + other), "text": said,
                        "author_id": str(10**9 + other), "created_at": "2025-10-31T10:00:00.000Z", "lang": "hi",
                        "author": x_user(other),
                        "public_metrics": {"retweet_count": 1, "reply_count": 0, "like_count": 2, "quote_count": 0},
                    }
                ],
                "__twarc": {"version": "2.12.0", "retrieved_at": "2025-11-25T10:00:00+00:00"},
            }  # fmt: skip
            out.write(json.dumps(tweet, ensure_ascii=False) + "\n")


OURS = """
import os, resource, sys, time
from pathlib import Path
os.environ["SPMC_KEYS"] = sys.argv[1] + "/keys"
from contextlib import nullcontext
from spmc_tools.cage.cage import end_warden, outside_of_the_cage
from spmc_tools.case.store.case import create_case
from spmc_tools.importers.import_files import import_files
folder, file, mapping = Path(sys.argv[1]), sys.argv[2], sys.argv[3] or None
case = create_case(f"bench-{time.time_ns()}", title="t", purpose="p", legal_basis="l", date_from="2025-11-01",
                   date_to="2025-11-30", cases=folder / "cases")
start = time.perf_counter()
with outside_of_the_cage() if sys.argv[4] == "outside" else nullcontext():
    [result] = import_files(case, [file], mapping=mapping)
took = time.perf_counter() - start
end_warden()  # so that its processor time is known
cpu = sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
assert result.read == result.kept > 0, result
print(took, cpu, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""
TURNS = """
import os, sys, time
from contextlib import nullcontext
from pathlib import Path
os.environ["SPMC_KEYS"] = sys.argv[1] + "/keys"
import psutil
from spmc_tools.cage.cage import outside_of_the_cage
from spmc_tools.case.store.case import create_case
from spmc_tools.importers.import_files import import_files
folder, file, mapping, turns = Path(sys.argv[1]), sys.argv[2], sys.argv[3] or None, int(sys.argv[4])

def cpu():
    own = psutil.Process()  # children that ended are in the times of their parent
    return sum(sum(one.cpu_times()[:4]) for one in (own, *own.children(recursive=True)))

def turn(name, outside):
    case = create_case(name, title="t", purpose="p", legal_basis="l", date_from="2025-11-01", date_to="2025-11-30",
                       cases=folder / ("cases-" + Path(file).suffix[1:]))
    start, before = time.perf_counter(), cpu()
    with outside_of_the_cage() if outside else nullcontext():
        [result] = import_files(case, [file], mapping=mapping)
    assert result.read == result.kept > 0, result
    return time.perf_counter() - start, cpu() - before

for number in range(turns + 1):
    order = (False, True) if number % 2 else (True, False)
    took = {outside: turn(f"turn-{number}-{int(outside)}", outside) for outside in order}
    if number:
        print(*took[False], *took[True], flush=True)
"""
THEIRS = """
import resource, sys, time, duckdb
start = time.perf_counter()
duckdb.sql('SET enable_progress_bar = false')
duckdb.sql(f"COPY (SELECT * FROM {sys.argv[1]}) TO '{sys.argv[2]}' (FORMAT parquet, COMPRESSION zstd)")
took, cpu = time.perf_counter() - start, time.process_time()
print(took, cpu, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def run(code: str, *arguments: str) -> tuple[float, float, float]:
    """Return wall seconds, CPU seconds and peak MB of a program in a process of its own."""
    done = subprocess.run([sys.executable, "-c", code, *arguments], check=True, capture_output=True, text=True)
    seconds, cpu, memory = map(float, done.stdout.split())
    return seconds, cpu, memory


def by_turns(folder: Path, file: Path, mapping: str, turns: int) -> list[list[float]]:
    """Return of each turn the seconds and CPU seconds as it is, and outside of the confined process."""
    parts = [sys.executable, "-c", TURNS, str(folder), str(file), mapping, str(turns)]
    done = subprocess.run(parts, check=True, stdout=subprocess.PIPE, text=True)
    return [[float(value) for value in line.split()] for line in done.stdout.splitlines()]


def print_turns(kind: str, turns: list[list[float]]) -> None:
    """Print the quartiles of the ratio of each two turns that follow one another."""
    for what, caged, outside in (("clock", 0, 2), ("CPU", 1, 3)):
        low, middle, high = quantiles([turn[caged] / turn[outside] for turn in turns], n=4)
        print(f"{kind:<6}{len(turns)} turns, {what}: caged / not caged {middle:.3f} ({low:.3f} to {high:.3f})")


def main() -> None:
    """Write both files, measure both readers, print one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--only", choices=("csv", "x"))
    parser.add_argument("--turns", type=int, default=0, help="compare with and without the confined process alone")
    chosen = parser.parse_args()
    if not chosen.turns:
        print(f"{'file':<6}{'rows':>10}{'MB':>8}{'who':>10}{'s':>8}{'CPU s':>8}{'rows/s':>10}{'peak MB':>9}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "mapping.toml").write_text(MAPPING, encoding="utf-8")
        for kind, write, mapping, reader in (
            ("csv", write_csv, str(folder / "mapping.toml"), "read_csv('{}', all_varchar = true)"),
            ("x", write_x, "", "read_ndjson('{}')"),
        ):
            if chosen.only not in (None, kind):
                continue
            file = folder / f"rows.{'csv' if kind == 'csv' else 'jsonl'}"
            write(file, chosen.rows)
            if chosen.turns:
                print_turns(kind, by_turns(folder, file, mapping, chosen.turns))
                continue
            size = file.stat().st_size / 2**20
            ours = run(OURS, str(folder), str(file), mapping, "caged")
            outside = run(OURS, str(folder), str(file), mapping, "outside")
            theirs = run(THEIRS, reader.format(file), str(folder / f"{kind}.parquet"))
            for who, (seconds, cpu, memory) in (("spmc", ours), ("uncaged", outside), ("duckdb", theirs)):
                rate = chosen.rows / seconds
                print(
                    f"{kind:<6}{chosen.rows:>10,}{size:>8.0f}{who:>10}{seconds:>8.1f}{cpu:>8.1f}{rate:>10,.0f}{memory:>9.0f}"
                )
            print(f"{kind:<6}ratio spmc / duckdb: {ours[0] / theirs[0]:.1f} wall, {ours[1] / theirs[1]:.1f} CPU")
            print(f"{kind:<6}ratio caged / not caged: {ours[0] / outside[0]:.2f} wall, {ours[1] / outside[1]:.2f} CPU")
            file.unlink()


if __name__ == "__main__":
    started = time.perf_counter()
    main()
    print(f"in all {time.perf_counter() - started:.0f} s")
