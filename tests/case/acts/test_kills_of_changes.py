"""The short twin of ``soak.custody.kill_custody``: marks, accounts and imports are killed, and nothing is lost."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

from spmc_tools.case.store.case import create_case, open_case
from spmc_tools.custody.review.verify import verify
from spmc_tools.importers.import_files import import_files

if TYPE_CHECKING:
    from pathlib import Path

WORKER = """
import sys
from spmc_tools.case.acts.marks import mark
from spmc_tools.case.store.case import open_case
from spmc_tools.importers.import_files import import_files
case, turn = open_case("one"), 0
print("ready", flush=True)
while True:
    turn += 1
    name = f"{sys.argv[2]}-{turn}"
    case.add_context(name, "newsroom", "killed later")
    print("registered", name, flush=True)
    mark(case, "7", "lead", name)
    print("marked", name, flush=True)
    if turn == 2:
        import_files(case, [sys.argv[1]])
        print("imported", name, flush=True)
"""


def posts(path: Path, first: int) -> Path:
    post = {"author_id": "7", "created_at": "2025-11-06T10:00:00.000Z"}
    lines = (json.dumps(post | {"id": str(n), "text": f"मतदान {n}"}) for n in range(first, first + 300))
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_what_was_said_to_be_done_is_there(tmp_path: Path) -> None:
    """SIGKILL at random moments: each line that a worker said is in the case, once; it verifies; no left-overs."""
    case = create_case(
        "one", title="t", purpose="p", legal_basis="l", date_from="2025-11-01", date_to="2025-11-30", officer="A"
    )
    import_files(case, [posts(tmp_path / "first.jsonl", 0)])
    chance, said = random.Random(5), set()
    for turn in range(6):
        path = posts(tmp_path / f"{turn}.jsonl", 200 * (turn + 1))
        worker = subprocess.Popen(
            [sys.executable, "-c", WORKER, str(path), str(turn)], stdout=subprocess.PIPE, text=True
        )
        assert worker.stdout is not None and worker.stdout.readline() == "ready\n"
        time.sleep(chance.uniform(0.0, 1.5))  # the moment is what is drawn, nothing is waited for
        worker.send_signal(signal.SIGKILL)
        said |= {tuple(line.split()) for line in worker.communicate()[0].splitlines() if line.count(" ") == 1}
    opened = open_case("one")
    assert verify(opened.path, log=False).differences == () and opened.chain_problem is None
    registered = [entry.account_id for entry in opened.settings.context]
    marked = [e["payload"]["reason"] for e in opened.ledger.entries() if e["kind"] == "mark"]
    ids = opened.records(["record_id"])["record_id"].tolist()
    assert len(registered) == len(set(registered)) and len(marked) == len(set(marked)) and len(ids) == len(set(ids))
    assert {name for what, name in said if what == "registered"} <= set(registered)
    assert {name for what, name in said if what == "marked"} <= set(marked)
    assert len(opened.batches()) >= 1 + sum(what == "imported" for what, _ in said)
    assert said and [p.name for p in opened.path.glob(".case.toml.*")] == []
    assert not list(opened.path.rglob(".new-*"))
