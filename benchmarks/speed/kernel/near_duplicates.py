"""Texts per second and peak memory of ``near_duplicates``, beside MinHash and LSH of datasketch in the same run.

    python -m benchmarks.speed.kernel.near_duplicates --n 100000 1000000 --peer-python PYTHON

``--peer-python`` is an interpreter with ``datasketch`` (and nothing of ours). It gets the same match keys, already made
and each once, and does what its documentation shows: a MinHash of 128 values over runs of five characters, an LSH of
32 bands of four values, each key looked up and then put in. It compares no pair exactly and finds candidates only; ours
also compares, groups and names. Each run is a process of its own; the peer takes at most ``--peer-most`` texts, as it
would take minutes. The second table is a worst case: every text opens with the same eleven words.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

OURS = """
import json, sys, time
from pathlib import Path
from collections import Counter
from spmc_tools.text.match_key import match_keys
from spmc_tools.text.near_duplicates import leader_keys, near_duplicates
texts = json.loads(Path(sys.argv[1]).read_bytes())
leader_keys({"a" * 40: 1, "b" * 40: 1})
def peak():  # what this process held at most, without what its parent did before it began
    return int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]) / 1024
before = peak()
def timed(work, *given):
    cpu, wall = time.process_time(), time.perf_counter()
    result = work(*given)
    return result, time.process_time() - cpu, time.perf_counter() - wall
keys, key_cpu, _ = timed(match_keys, texts)
unique = list(Counter(key for key in keys if len(key) >= 30))
Path(sys.argv[2]).write_text(json.dumps(unique))
del keys, unique
labels, cpu, wall = timed(near_duplicates, texts)
most = peak()
parts = [label if isinstance(label, str) else -row for row, label in enumerate(labels)]
groups = json.loads(Path(sys.argv[3]).read_bytes())
pairs = lambda column: sum(n * (n - 1) // 2 for n in Counter(column).values())
both = pairs(zip(parts, groups))
print(json.dumps({"cpu": cpu, "wall": wall, "key_cpu": key_cpu, "mb": most, "read_mb": before,
    "recall": both / max(1, pairs(groups)), "precision": both / max(1, pairs(parts)), "clusters": labels.nunique()}))
"""

PEER = """
import json, sys, time
from datasketch import MinHash, MinHashLSH
keys = json.load(open(sys.argv[1]))
cpu, wall = time.process_time(), time.perf_counter()
index = MinHashLSH(num_perm=128, params=(32, 4))
met = 0
for number, key in enumerate(keys):
    sketch = MinHash(num_perm=128, seed=1)
    sketch.update_batch([key[i : i + 5].encode() for i in range(len(key) - 4)])
    met += bool(index.query(sketch))
    index.insert(number, sketch)
print(json.dumps({"cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall, "met": met,
    "mb": int(open("/proc/self/status").read().split("VmHWM:")[1].split()[0]) / 1024}))
"""


def run(interpreter: str, code: str, *arguments: Path) -> dict[str, float]:
    """Return what a process of its own measured."""
    done = subprocess.run([interpreter, "-c", code, *map(str, arguments)], check=True, capture_output=True, text=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def shared_phrase(size: int) -> list[str]:
    """Return texts that share eleven words and nothing else: the leaders that meet in one bucket are many."""
    import numpy as np

    rng = np.random.default_rng(1)
    words = np.array([f"{chr(97 + i % 26)}{chr(97 + i // 26 % 26)}word{i}" for i in range(20_000)])
    opening = " ".join(words[:11])
    return [f"{opening} {' '.join(rng.choice(words, 11))}" for _ in range(size)]


def main() -> None:
    """Write the texts, run ours and the peer, print one line each."""
    from benchmarks.synthetic.copied_texts import corpus

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--n", type=int, nargs="+", default=[100_000])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--peer-python", help="an interpreter with datasketch")
    parser.add_argument("--peer-most", type=int, default=100_000)
    parser.add_argument("--worst", type=int, default=0, help="texts of the worst case; 0: leave it out")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        texts, keys, groups = (Path(folder) / name for name in ("texts.json", "keys.json", "groups.json"))
        for size in given.n:
            made = corpus(size, given.seed)
            texts.write_text(json.dumps(made.texts), encoding="utf-8")
            groups.write_text(json.dumps(made.groups.tolist()), encoding="utf-8")
            del made
            ours = run(sys.executable, OURS, texts, keys, groups)
            own = ours["cpu"] - ours["key_cpu"]
            print(
                f"{size:,} texts: {ours['cpu']:.1f} CPU s ({ours['key_cpu']:.1f} of it match keys), "
                f"{ours['wall']:.1f} s, {size / ours['cpu']:,.0f} texts per CPU s, "
                f"peak {ours['mb']:,.0f} MB ({ours['read_mb']:,.0f} with the texts read), "
                f"{ours['clusters']:,} clusters, recall {ours['recall']:.4f}, precision {ours['precision']:.4f}"
            )
            if given.peer_python and size <= given.peer_most:
                peer = run(given.peer_python, PEER, keys)
                print(
                    f"  datasketch on the unique keys: {peer['cpu']:.1f} CPU s, {peer['wall']:.1f} s, peak "
                    f"{peer['mb']:,.0f} MB, {peer['met']:,} keys met one; ours without match keys: {own:.1f} CPU s, "
                    f"{peer['cpu'] / own:.1f} times less"
                )
        if given.worst:
            texts.write_text(json.dumps(shared_phrase(given.worst)), encoding="utf-8")
            groups.write_text(json.dumps(list(range(given.worst))), encoding="utf-8")
            ours = run(sys.executable, OURS, texts, keys, groups)
            told = f"{ours['cpu']:.1f} CPU s, peak {ours['mb']:,.0f} MB, {ours['clusters']:,} clusters"
            print(f"worst case, {given.worst:,} texts: {told}")


if __name__ == "__main__":
    main()
