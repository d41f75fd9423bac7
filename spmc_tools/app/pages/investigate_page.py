"""Look who acted together, and stop what runs."""

from __future__ import annotations

from tornado.web import HTTPError

from spmc_tools.app.job_process import INVESTIGATE
from spmc_tools.app.pages.bound_page import BoundPage
from spmc_tools.app.pages.secure_handler import PAGES, SecureHandler
from spmc_tools.errors import ParameterError

__all__ = ["InvestigatePage", "StopJob"]


class InvestigatePage(BoundPage):
    """Look who acted together: whether it can begin, and how far it is."""

    async def _do(self, shown: str) -> None:
        """Begin."""
        self.room.begin(INVESTIGATE, shown)
        self.redirect("/investigate")

    async def _show(self, said: str = "") -> None:
        case = await self.at_desk(self.room.opened)
        count = 0 if case is None else await self.at_desk(self.room.posts, case)
        jobs, say = self.room.work(self.held.case), self.words.say
        own = [job for job in jobs if job["command"].startswith("spmc investigate ")]
        closed = ""
        if case is None:
            closed = str(say("app.choose_first"))
        elif not count:
            closed = str(say("app.no_posts"))
        elif any(not job["ended"] for job in own):
            closed = str(say("app.works_already"))
        looked = any(job["state"] == "done" for job in own)
        self.page(
            "investigate.html.j2", "investigate", count=count, jobs=jobs, closed=closed, looked=looked, said=said,
            command="" if case is None else f"spmc investigate {case.id}",
        )  # fmt: skip


class StopJob(SecureHandler):
    """Stop a piece of long work."""

    async def post(self) -> None:
        """Stop it, and go back to the page."""
        number, back = self.get_body_argument("number", ""), self.get_body_argument("back", "")
        if not number.isdigit() or self.get_body_argument("case", "") != (self.held.case or ""):
            raise HTTPError(409, reason="Nothing was stopped")
        try:
            self.room.queue.stop(int(number))
        except ParameterError as error:
            raise HTTPError(404, reason="No such work") from error
        self.redirect(f"/{back}" if back in PAGES else "/investigate")
