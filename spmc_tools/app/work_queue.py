"""Long work, one piece after the other, each in a process of its own; a page that is closed stops nothing."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
import threading
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from spmc_tools.errors import ParameterError
from spmc_tools.operating_system import group_of_its_own, interrupt

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["DONE", "FAILED", "QUEUED", "RUNNING", "STOPPED", "Job", "WorkQueue"]

QUEUED, RUNNING, DONE, FAILED, STOPPED = "queued", "running", "done", "failed", "stopped"
PROCESS = (sys.executable, "-m", "spmc_tools.app.job_process")
_KEPT = 50
"""Jobs that are told of; older ones that ended are forgotten. What they made lies in the case."""

_STOP_S = 20.0
"""How long a process may take to end by itself after it was told to."""


@dataclass(slots=True)
class Job:
    """One piece of work.

    Attributes
    ----------
    number : int
        Counted from 1.
    kind : str
        What is done: a name of :mod:`spmc_tools.app.job_process`.
    case : str
        On which case.
    told : dict
        What else the process is told.
    state : str
        queued, running, done, failed or stopped.
    stage, done, total
        How far it is, where it runs.
    said : str
        What went wrong, in the reader's language.
    result : dict
        What it gave.
    secret : str
        The passphrase of the key that signs; handed to the process, and then forgotten.
    """

    number: int
    kind: str
    case: str
    told: dict[str, Any]
    state: str = QUEUED
    stage: str = ""
    done: int = 0
    total: int = 0
    said: str = ""
    result: dict[str, Any] = field(default_factory=dict)
    secret: str = field(default="", repr=False)

    @property
    def ended(self) -> bool:
        """Whether nothing more comes."""
        return self.state in {DONE, FAILED, STOPPED}


class WorkQueue:
    """The jobs of the server; one runs at a time.

    Parameters
    ----------
    finished : callable, optional
        Called with each job when it has ended, in the thread of the queue.
    process : sequence of str
        The command that reads a job as JSON on its standard input and tells of it line by line.
    """

    def __init__(self, finished: Callable[[Job], None] | None = None, process: Sequence[str] = PROCESS) -> None:
        self._finished, self._process = finished, tuple(process)
        self._jobs: deque[Job] = deque()
        self._numbers = itertools.count(1)
        self._changed = threading.Condition()
        self._running: subprocess.Popen[str] | None = None
        self._open = True
        self._thread = threading.Thread(target=self._work, name="spmc-work", daemon=True)
        self._thread.start()

    def add(self, kind: str, case: str, secret: str = "", **told: Any) -> Job:
        """Put a job at the end of the queue; the same one that waits or runs already is given instead."""
        with self._changed:
            for job in self._jobs:
                if not job.ended and (job.kind, job.case, job.told) == (kind, case, told):
                    return job
            job = Job(next(self._numbers), kind, case, told, secret=secret)
            self._jobs.append(job)
            while len(self._jobs) > _KEPT and self._jobs[0].ended:
                self._jobs.popleft()
            self._changed.notify_all()
            return job

    def jobs(self, case: str | None = None) -> list[Job]:
        """Return the jobs, newest first; of one case alone where it is named."""
        with self._changed:
            return [job for job in reversed(self._jobs) if case is None or job.case == case]

    def stop(self, number: int) -> None:
        """Stop a job: one that waits is not begun, one that runs is told to end and keeps what it had finished.

        Raises
        ------
        ParameterError
            Where there is no such job.
        """
        with self._changed:
            job = next((one for one in self._jobs if one.number == number), None)
            if job is None:
                raise ParameterError(f"There is no job {number}.")
            if job.state == QUEUED:
                job.state = STOPPED
            elif job.state == RUNNING:
                job.state = STOPPED
                if self._running is not None:
                    interrupt(self._running)
            self._changed.notify_all()

    def wait(self, job: Job, seconds: float) -> bool:
        """Wait until a job has ended and was told of; return whether it has."""
        with self._changed:
            return self._changed.wait_for(lambda: job.ended and self._running is None, seconds)

    def close(self) -> None:
        """Stop what runs, begin nothing more, and wait for the end of both."""
        with self._changed:
            self._open = False
            numbers = [job.number for job in self._jobs if not job.ended]
            self._changed.notify_all()
        for number in numbers:
            self.stop(number)
        self._thread.join(_STOP_S + 5)

    def _next(self) -> Job | None:
        with self._changed:
            while self._open:
                for job in self._jobs:
                    if job.state == QUEUED:
                        job.state = RUNNING
                        return job
                self._changed.wait()
        return None

    def _work(self) -> None:
        while (job := self._next()) is not None:
            try:
                self._run(job)
            except OSError as error:
                job.state, job.said = FAILED, str(error)
            with self._changed:
                self._running = None
                self._changed.notify_all()
            if self._finished is not None:
                self._finished(job)

    def _run(self, job: Job) -> None:
        asked = json.dumps({"kind": job.kind, "case": job.case, **job.told, "secret": job.secret})
        job.secret = ""
        with subprocess.Popen(  # noqa: S603 -- our own command
            self._process, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
            encoding="utf-8", **group_of_its_own(),
        ) as process:  # fmt: skip
            assert process.stdin is not None and process.stdout is not None  # noqa: S101 -- both are pipes
            process.stdin.write(asked)
            process.stdin.close()
            with self._changed:
                self._running = process
                stopped = job.state == STOPPED
            if stopped:  # between the choice of the job and its process
                interrupt(process)
            for line in process.stdout:
                self._heard(job, line)
            code = process.wait()
        with self._changed:
            if job.state == RUNNING:
                job.state = DONE if code == 0 and job.result else FAILED

    def _heard(self, job: Job, line: str) -> None:
        try:
            told: Mapping[str, Any] = json.loads(line)
        except ValueError:
            return  # a library of the process wrote a line of its own
        if not isinstance(told, dict):
            return
        with self._changed:
            if "stage" in told:
                job.stage, job.done, job.total = str(told["stage"]), int(told["done"]), int(told["total"])
            elif "result" in told:
                job.result = dict(told["result"])
            elif "error" in told:
                job.said = str(told["error"])
            self._changed.notify_all()
