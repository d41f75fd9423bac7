"""What the server holds: the case, its forms and explorer while they are open, and the queue of long work."""

from __future__ import annotations

import secrets
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spmc_tools.app.acts.act_form import ALL_CASES, Ground, made_folder
from spmc_tools.app.held_case import Held, HeldCase
from spmc_tools.app.job_process import command_of
from spmc_tools.app.work_queue import Job, WorkQueue
from spmc_tools.case.files.durable import os_errors, write_file
from spmc_tools.case.log.settings import read_settings
from spmc_tools.case.store.case import open_case
from spmc_tools.errors import SpmcError, quote
from spmc_tools.operating_system import remove_tree
from spmc_tools.report.words.wording import Wording

if TYPE_CHECKING:
    from spmc_tools.app.acts.act_form import Done
    from spmc_tools.app.network_room import NetworkRoom
    from spmc_tools.case.store.case import Case
    from spmc_tools.findings.result.findings import Findings
    from spmc_tools.show.pages.intake_form import IntakeForm
    from spmc_tools.show.pages.plain_form import PlainForm

__all__ = ["OpenIntake", "Told", "WorkRoom", "plain_name"]

_MOST_NAME = 120


@dataclass(slots=True)
class OpenIntake:
    """A file that is looked at, and the form about it."""

    folder: Path
    name: str
    form: IntakeForm
    fields: PlainForm


@dataclass(frozen=True, slots=True)
class Told:
    """What a page says once, after something was done: lines, files to take along, and the same as a command."""

    lines: tuple[str, ...]
    files: tuple[tuple[str, str], ...] = ()
    command: str = ""
    lab: bool = False


def plain_name(name: str) -> str:
    """Return the name of a file as a browser sent it, without folders and without what no name should hold."""
    return quote(Path(name.replace("\\", "/")).name, _MOST_NAME)[1:-1].replace("\\", "_").lstrip(".") or "file"


class WorkRoom:
    """The server's one case with all that is open of it.

    Parameters
    ----------
    cases : pathlib.Path
        Where cases live.
    language : {"en", "hi"}
        To begin with.
    """

    def __init__(self, cases: Path, language: str) -> None:
        self.cases = cases
        self.held = HeldCase(Held(None, language))
        self.queue = WorkQueue(self._ended)
        self.desk = ThreadPoolExecutor(max_workers=1, thread_name_prefix="spmc-desk")
        self.intake: OpenIntake | None = None
        self._network: tuple[Held, NetworkRoom] | None = None
        self._title: tuple[str | None, str] = (None, "")
        self._kept: dict[str, tuple[object, Any]] = {}
        self._told: dict[str, Told] = {}

    # -- the case ------------------------------------------------------------------------------------------------

    def known(self) -> list[dict[str, Any]]:
        """Return the cases of this machine that can be read: id, title, period, colour."""
        found = []
        for path in sorted(self.cases.glob("*/case.toml")):
            with suppress(SpmcError):
                settings = read_settings(path.parent)
                colour = Held(path.parent.name, "en").colour
                found.append({"id": path.parent.name, "settings": settings, "colour": colour})
        return found

    def choose(self, case: str) -> Case:
        """Let every page be about a case, and close what was open of the one before.

        Raises
        ------
        SpmcError
            Where it is not there or cannot be read; the one before stays.
        """
        opened = open_case(case, self.cases)
        self.end_intake()
        self.forget_network()
        self._kept.clear()
        self._told.clear()
        self._title = (opened.id, opened.settings.title)
        self.held.choose(opened.id)
        return opened

    def leave(self) -> None:
        """Let no page be about a case: the one of now is no more."""
        self.end_intake()
        self.forget_network()
        self._kept.clear()
        self._told.clear()
        self.held.choose(None)

    def title(self) -> str:
        """Return the title of the case that is held."""
        case, title = self._title
        return title if case == self.held.now.case else ""

    def opened(self) -> Case | None:
        """Return the case that is held, opened; None where none is chosen."""
        case = self.held.now.case
        return None if case is None else open_case(case, self.cases)

    @staticmethod
    def posts(case: Case) -> int:
        """Return how many posts a case holds."""
        return sum(int(batch.tables.get("records", {}).get("rows", 0)) for batch in case.batches())

    # -- acts by forms -------------------------------------------------------------------------------------------

    def made(self, case: str) -> Path:
        """Return the folder of the files that were made of a case for an officer to take along."""
        return made_folder(self.cases, case)

    def ground(self) -> Ground:
        """Return what an act stands on: the case of now, the words of the page, the findings that are kept."""
        case = self.opened()
        made = self.made("" if case is None else case.id)
        words = Wording(self.held.now.language)
        return Ground(case, words, self.cases, made, lambda: self._found(case), self._kept, self.begin)

    def _found(self, case: Case | None) -> Findings | None:
        from spmc_tools.findings.pipeline.investigate import investigate, is_kept

        if case is None or not is_kept(case):
            return None
        state, length = self._kept.get("found", (None, None)), case.ledger.head()
        if state[0] != length:
            found = investigate(case, progress=lambda *_: None)
            state = self._kept["found"] = (case.ledger.head(), found)
        found_now: Findings = state[1]
        return found_now

    def told_done(self, case: str, page: str, done: Done, command: str, lab: bool) -> None:
        """Let a page say what was done; where the case is gone, no page is about one any more."""
        if done.gone:
            self.leave()
        self.forget_network()
        place = ALL_CASES if done.of_all else case
        self._told[page] = Told(done.lines, tuple((place, name) for name in done.files), command, lab)

    def tell(self, page: str, lines: tuple[str, ...]) -> None:
        """Let a page say something once."""
        self._told[page] = Told(lines)

    def told(self, page: str) -> Told | None:
        """Return what a page says now, once."""
        return self._told.pop(page, None)

    # -- a file that is brought in -------------------------------------------------------------------------------

    def receive(self, name: str, content: bytes) -> OpenIntake | None:
        """Keep a file that the browser sent beside the cases, and look at it; None where no case is chosen.

        Raises
        ------
        CaseError
            Where it cannot be written.
        """
        from spmc_tools.show.pages.intake_form import IntakeForm
        from spmc_tools.show.pages.plain_form import PlainForm

        case = self.opened()
        if case is None:
            return None
        self.end_intake()
        folder = self.cases.parent / "app-received" / secrets.token_hex(8)
        plain = plain_name(name)
        with os_errors("The file that was sent cannot be kept"):
            folder.mkdir(parents=True, mode=0o700)
            write_file(folder / plain, content)
        form = IntakeForm(case, str(folder / plain), Wording(self.held.now.language).say)
        form.look_at_file()
        self.intake = OpenIntake(folder, plain, form, PlainForm([form.widget], without=[form.file, form.look]))
        return self.intake

    def end_intake(self) -> None:
        """Forget the file that is looked at; what was imported of it is kept in the case."""
        if self.intake is not None:
            remove_tree(self.intake.folder, ignore_errors=True)
        self.intake = None

    # -- the network ---------------------------------------------------------------------------------------------

    def network(self) -> NetworkRoom | None:
        """Return the explorer of the case in the language of now; None where nobody looked at its posts yet."""
        from spmc_tools.app.network_room import NetworkRoom
        from spmc_tools.findings.pipeline.investigate import is_kept

        now = self.held.now
        if self._network is not None and self._network[0] == now:
            return self._network[1]
        case = self.opened()
        if case is None or not is_kept(case):
            return None
        room = NetworkRoom(case, now.language)
        self._network = (now, room)
        return room

    def forget_network(self) -> None:
        """Close the explorer: what it rests on has changed."""
        self._network = None

    # -- long work -----------------------------------------------------------------------------------------------

    def begin(self, kind: str, case: str, secret: str = "", **told: Any) -> Job:
        """Put long work on a case into the queue; ``secret`` is the passphrase of the key that signs it."""
        return self.queue.add(kind, case, secret, cases=str(self.cases), spoken=self.held.now.language, **told)

    def _ended(self, _job: Job) -> None:
        with suppress(RuntimeError):  # the server ends
            self.desk.submit(self.forget_network)

    def work(self, case: str | None) -> list[dict[str, Any]]:
        """Return the work on a case, and that on all of them, in the words of the page, newest first."""
        words = Wording(self.held.now.language)
        return [_told(job, words) for job in self.queue.jobs() if job.case in {case, ""}]

    def close(self) -> None:
        """Stop what runs and forget what is open."""
        self.queue.close()
        self.desk.shutdown(wait=True, cancel_futures=True)
        self.end_intake()


def _told(job: Job, words: Wording) -> dict[str, Any]:
    stage = job.stage
    for key in (f"trace.{stage}", f"progress.{stage}", f"start.step.{stage}"):
        with suppress(SpmcError):
            stage = str(words.say(key))
            break
    notebook = job.told.get("notebook")
    return {
        "number": job.number,
        "state": job.state,
        "says": str(words.say(f"app.state.{job.state}")),
        "what": str(words.say(f"app.work.{job.kind}")) + (f" ({notebook})" if notebook else ""),
        "stage": stage if job.state == "running" else "",
        "share": round(100 * job.done / job.total) if job.total else 0,
        "ended": job.ended,
        "told": job.said or _result(job, words),
        "command": command_of(job.kind, job.case, job.told),
    }


def _result(job: Job, words: Wording) -> str:
    """Return in one sentence what a job gave; of a report its list says more."""
    if "named" in job.result:
        return str(words.say("app.found", **job.result))
    if "received" in job.result:
        why = words.say(f"app.collect.ended.{job.result['ended']}")
        return str(words.say("app.collected", **{**job.result, "why": why}))
    return str(words.say("app.scheduled", **job.result)) if "due" in job.result else ""
