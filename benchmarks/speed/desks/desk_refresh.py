"""How long the desks take over a day of 500 messages a minute: 720,000 rows, made up here, in one process.

``python -m benchmarks.speed.desks.desk_refresh --rows 720000`` prints seconds and the largest memory of the process,
for the response desk (messages to figures and queue) and for the rumour desk (texts to claims, 20 claims in the
register).
"""

from __future__ import annotations

import resource
import time

import numpy as np
import pandas as pd
import pyarrow as pa

from benchmarks.sample_case.election_week.texts import crowd_text, organic
from benchmarks.speed.process import whole_numbers
from spmc_tools.desks.complaints.response import BY, LIMIT_S, complaints, groups_of, queue, told
from spmc_tools.desks.complaints.routing import read_rules, routed
from spmc_tools.text.claim_match import match_claims


def inbox(rows: int, rng: np.random.Generator) -> tuple[pa.Table, pa.Table]:
    """Return messages and records: each complaint with an automatic reply or an answer, or both."""
    n = rows // 3
    asked = np.sort(rng.uniform(0, 86400, n))
    thread = np.concatenate([np.arange(n)] * 3)
    at = np.concatenate([asked, asked + 3, asked + rng.lognormal(8, 1, n)])
    side = np.repeat(["in", "out", "out"], n)
    automatic = np.concatenate([np.zeros(n), np.ones(n), np.zeros(n)]).astype(bool)
    kept = np.concatenate([np.ones(n), np.ones(n), rng.random(n) < 0.85]).astype(bool)
    ids = np.arange(3 * n).astype(str)
    text = np.array([organic(rng, 0)[0] for _ in range(2000)])[rng.integers(0, 2000, 3 * n)]
    micros = (1762300800 * 1_000_000 + at * 1_000_000).astype("int64")
    times = pa.array(micros).cast(pa.timestamp("us", "UTC"))
    none = pa.nulls(3 * n, pa.timestamp("us", "UTC"))
    district = np.array(["Gaya", "Patna", "Ara", "Siwan"])[thread % 4]
    subject = np.array(["traffic", "theft", "polling"])[thread % 3]
    messages = pa.table(
        {
            "thread_id": thread.astype(str), "platform": pa.array(["x"] * 3 * n), "record_id": ids, "direction": side,
            "is_automatic": automatic, "channel": np.array(["direct", "comment"])[thread % 2], "subject": subject,
            "district": district, "language": np.array(["hi", "en"])[thread % 2], "resolved_at": none,
        }
    )  # fmt: skip
    records = pa.table(
        {
            "record_id": ids, "platform": pa.array(["x"] * 3 * n), "account_id": thread.astype(str),
            "created_at": times,
            "text": text, "lang": pa.nulls(3 * n, pa.string()), "edited_at": none, "deleted_seen_at": none,
        }
    )  # fmt: skip
    return messages.filter(kept), records.filter(kept)


def main() -> None:
    """Print the seconds of each desk and the largest memory."""
    rows = whole_numbers(main.__doc__, rows=720_000).rows
    rng = np.random.default_rng(0)
    messages, records = inbox(rows, rng)
    rules = read_rules()
    began, used = time.perf_counter(), time.process_time()
    threads, as_of, _ = complaints(messages, records, None, rules)
    threads["send_to"] = routed(threads, rules)
    told(threads, as_of, LIMIT_S)
    for by in BY:
        groups_of(threads, by, as_of, LIMIT_S)
    queue(threads, as_of, LIMIT_S)
    print(f"response desk: {messages.num_rows:,} messages, {len(threads):,} complaints: "
          f"{time.perf_counter() - began:.2f} s ({time.process_time() - used:.2f} s of processor)")  # fmt: skip
    claims = [crowd_text("copy", number, 0)[0] for number in range(20)]
    texts = [organic(rng, 0)[0] for _ in range(60_000)] + [claims[n % 20] + f" {n}" for n in range(2_000)]
    used = time.process_time()
    match_claims(texts, claims)
    took = time.process_time() - used
    print(f"claim matching: {len(texts):,} texts, {pd.Series(texts).nunique():,} different: "
          f"{len(texts) / took:,.0f} texts a second of one core")  # fmt: skip
    print(f"largest memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MB")


if __name__ == "__main__":
    main()
