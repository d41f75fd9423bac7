"""Many programs change the settings of one case in an order drawn by lot, and some are killed while they do.

Each registers accounts, changes titles, takes accounts off the list again and imports nothing else. What a program said
it had done is there; what it said it had taken off is not; nothing stands there twice; the case verifies.

    python -m soak.custody.many_writers --rounds 50 --seed 1
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import time
import tomllib
from typing import TYPE_CHECKING

from soak.scratch import scratch
from spmc_tools.case.log.settings_changes import COMING
from spmc_tools.case.store.case import create_case, open_case
from spmc_tools.custody.review.verify import verify

if TYPE_CHECKING:
    from pathlib import Path

WRITER = """
import random, sys
from spmc_tools.case.store.case import open_case
name, seed, steps = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
case, chance, own = open_case("one"), random.Random(seed), []
print("ready", flush=True)
for n in range(steps):
    what = chance.choice(["add", "add", "add", "title", "remove"])
    if what == "title":
        case.change_settings("x", title=f"{name}-{n}")
    elif what == "add" or not own:
        own.append(f"{name}-{n}")
        case.add_context(own[-1], "newsroom", "x")
        print("+", own[-1], flush=True)
    else:
        gone = own.pop(chance.randrange(len(own)))
        print("?", gone, flush=True)
        case.remove_context(gone, "newsroom", "x")
        print("-", gone, flush=True)
"""


def turn(path: Path, round_: int, chance: random.Random, steps: int) -> tuple[int, int]:
    """Let some writers loose on the case, kill a part of them, and compare; return how many, and how much was said."""
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, f"r{round_}w{n}", str(chance.randrange(1 << 30)), str(steps)],
            stdout=subprocess.PIPE,
            text=True,
        )
        for n in range(chance.randint(2, 5))
    ]
    for one in writers:
        assert one.stdout is not None
        assert one.stdout.readline() == "ready\n"
    doomed = [one for one in writers if chance.random() < 0.5]
    for one in doomed:
        time.sleep(chance.random() * 0.2)
        os.kill(one.pid, signal.SIGKILL)
    there, gone, doubtful, said = set(), set(), set(), 0
    for one in writers:
        out, _ = one.communicate(timeout=300)
        assert one in doomed or one.returncode == 0, one.returncode
        for line in out.splitlines():
            sign, name = line.split()
            said += sign != "?"
            {"+": there, "?": doubtful, "-": gone}[sign].add(name)
    open_case("one")  # finishes a change that was broken off
    found = [entry["account_id"] for entry in tomllib.loads((path / "case.toml").read_text()).get("context", [])]
    assert len(found) == len(set(found)), "an account stands there twice"
    own = {name for name in found if name.startswith(f"r{round_}w")}
    assert there - doubtful <= own, f"lost: {sorted(there - doubtful - own)}"
    assert not own & gone, f"came back: {sorted(own & gone)}"
    checked = verify(path, log=False)
    assert checked.ok, checked.differences
    assert not (path / COMING).exists()
    return len(doomed), said


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    chance = random.Random(asked.seed)
    with scratch():
        case = create_case(
            "one", title="Soak", purpose="p", legal_basis="l", date_from="2025-11-01", date_to="2025-11-30"
        )
        made = [turn(case.path, number, chance, 12) for number in range(asked.rounds)]
    killed, said = sum(one for one, _ in made), sum(count for _, count in made)
    print(
        f"{asked.rounds} rounds, seed {asked.seed}: {killed} programs killed, {said:,} changes said, none lost or twice"
    )


if __name__ == "__main__":
    main()
