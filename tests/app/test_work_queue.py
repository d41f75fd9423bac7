"""Long work apart from the page: one after the other, told of, stopped; a process that fails takes nothing with it."""

from __future__ import annotations

import sys
from contextlib import contextmanager

import pytest

from spmc_tools.app.job_process import command_of
from spmc_tools.app.work_queue import DONE, FAILED, QUEUED, RUNNING, STOPPED, WorkQueue
from spmc_tools.errors import ParameterError

PROCESS = """
import json, signal, sys, time
signal.signal(signal.SIGINT, lambda *_: sys.exit(130))
asked = json.loads(sys.stdin.read())
print("a line of a library")
print(json.dumps({"stage": "records", "done": 1, "total": 4}), flush=True)
if asked["kind"] == "long":
    time.sleep(600)
if asked["kind"] == "wrong":
    print(json.dumps({"error": "said"}))
    sys.exit(2)
if asked["kind"] == "echo":
    print("secret: " + asked["secret"])
if asked["kind"] != "mute":
    print(json.dumps({"result": {"case": asked["case"]}}))
"""


@contextmanager
def queue(heard=None):
    made = WorkQueue(
        None if heard is None else lambda job: heard.append((job.number, job.state)), (sys.executable, "-c", PROCESS)
    )
    try:
        yield made
    finally:
        made.close()


def until(made: WorkQueue, true) -> None:
    with made._changed:
        assert made._changed.wait_for(true, 60)


def test_jobs_run_one_after_the_other_and_tell_what_they_gave() -> None:
    heard = []
    with queue(heard) as made:
        first, second = made.add("short", "gaya"), made.add("short", "patna")
        assert made.wait(second, 60)
        assert first.state == second.state == DONE
        assert (first.stage, first.done, first.total) == ("records", 1, 4)
        assert (first.result, second.result) == ({"case": "gaya"}, {"case": "patna"})
        assert [job.number for job in made.jobs()] == [2, 1]
        assert [job.number for job in made.jobs("gaya")] == [1]
    assert heard == [(1, DONE), (2, DONE)]


@pytest.mark.parametrize(("kind", "said"), [("wrong", "said"), ("mute", "")])
def test_what_fails_is_told_and_the_next_one_runs(kind: str, said: str) -> None:
    with queue() as made:
        failed, after = made.add(kind, "gaya"), made.add("short", "gaya")
        assert made.wait(after, 60)
        assert (failed.state, failed.said, after.state) == (FAILED, said, DONE)


def test_one_that_runs_and_one_that_waits_are_stopped() -> None:
    with queue() as made:
        runs, waits = made.add("long", "gaya"), made.add("short", "gaya")
        until(made, lambda: runs.stage == "records")
        assert (runs.state, waits.state) == (RUNNING, QUEUED)
        assert made.add("long", "gaya") is runs  # asked for twice
        made.stop(waits.number)
        made.stop(runs.number)
        assert made.wait(runs, 60) and (runs.state, waits.state) == (STOPPED, STOPPED)
        assert not waits.stage and made.add("long", "gaya") is not runs
        with pytest.raises(ParameterError, match="no job 99"):
            made.stop(99)


def test_a_passphrase_is_handed_on_and_forgotten() -> None:
    heard = []
    with queue() as made:
        made._heard = lambda _job, line: heard.append(line)
        job = made.add("echo", "gaya", "correct horse", language="hi")
        assert "correct horse" not in repr(job) and job.told == {"language": "hi"}
        assert made.wait(job, 60) and job.secret == ""
        assert any("secret: correct horse" in line for line in heard)


def test_the_end_of_the_server_ends_what_runs() -> None:
    with queue() as made:
        runs = made.add("long", "gaya")
        until(made, lambda: runs.stage == "records")
    assert runs.state == STOPPED and not made._thread.is_alive()


def test_the_command_that_does_the_same() -> None:
    assert command_of("investigate", "gaya", {}) == "spmc investigate gaya"
    told = {"notebook": "30_account_dossier", "parameters": {"account": "a b"}, "language": "hi", "edition": "full"}
    assert (
        command_of("report", "gaya", told)
        == "spmc report gaya 30_account_dossier -p 'account=a b' --lang hi --edition full"
    )
