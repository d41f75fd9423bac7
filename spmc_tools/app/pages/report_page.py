"""Make a report, follow it, open it; the dossier of an account and the page of a desk are reports, too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote as in_address

from tornado.web import HTTPError

from spmc_tools.app.job_process import REPORT
from spmc_tools.app.pages.bound_page import BoundPage
from spmc_tools.app.pages.secure_handler import SecureHandler
from spmc_tools.errors import SpmcError
from spmc_tools.report.words.wording import LANGUAGES
from spmc_tools.signing.officer_keys import read_key, unlock

if TYPE_CHECKING:
    from pathlib import Path

    from spmc_tools.case.store.case import Case

__all__ = ["REPORT_POLICY", "AccountPage", "DesksPage", "OpenReport", "ReportPage"]

_DESKS = (
    "election_watch", "festival_watch", "group_look", "rumour_desk", "response_desk", "referral_register",
    "awareness_reach", "page_standing", "watch_board",
)  # fmt: skip
REPORT_POLICY = (
    "sandbox allow-scripts allow-popups; default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
    "img-src data:; font-src data:; frame-src 'self' data: blob:; base-uri 'none'; form-action 'none'"
)
"""A report is one file with its own script: it runs in an origin of its own, and nothing of the app is in its reach."""


class ReportPage(BoundPage):
    """Make a report, follow it, open what was made; the dossier of an account and a desk's page are reports, too."""

    name = "report"

    async def _do(self, shown: str) -> None:
        """Put a report into the queue."""
        account = self.get_body_argument("account", "")
        if self.name == "account" and not account:
            self.set_status(422)
            await self._show(wrong=str(self.words.say("app.account_first")))
            return
        notebook = {"report": "election_watch", "account": "30_account_dossier"}.get(
            self.name, self.get_body_argument("notebook", "")
        )
        pages, edition = self.get_body_argument("pages", ""), self.get_body_argument("edition", "")
        if notebook not in {*_DESKS, "30_account_dossier"} or pages not in {*LANGUAGES, "both"}:
            raise HTTPError(400, reason="A choice that the page does not offer")
        if edition not in {"full", "redacted"}:
            raise HTTPError(400, reason="An edition that the page does not offer")
        parameters = {"account": account} if self.name == "account" else {}
        secret = self.get_body_argument("passphrase", "", strip=False)
        try:
            await self.at_desk(self._opens, secret)
        except SpmcError as error:
            self.set_status(422)
            await self._show(unopened=self.sentence(error))
            return
        self.room.begin(
            REPORT, shown, secret, notebook=notebook, language=pages, edition=edition, parameters=parameters
        )
        self.redirect(f"/{self.name}")

    def _opens(self, secret: str) -> None:
        """Refuse a passphrase that does not open the key, before it waits in the queue."""
        case = self.room.opened()
        if secret and case is not None:
            unlock(case.officer, secret)

    async def _show(self, said: str = "", wrong: str = "", unopened: str = "") -> None:
        facts = await self.at_desk(self._facts, said, wrong)
        self.page("report.html.j2", self.name, unopened=unopened, **facts)

    def _facts(self, said: str, wrong: str) -> dict[str, Any]:
        say, case = self.words.say, self.room.opened()
        closed = "" if case is not None else str(say("app.choose_first"))
        if case is not None and not self.room.posts(case):
            closed = str(say("app.no_posts"))
        how, make = {
            "report": ("", say("start.report")),
            "account": (say("app.account_how"), say("app.account_make")),
            "desks": (say("app.desk_how"), say("app.desk_make")),
        }[self.name]
        known = _accounts(case) if case is not None and self.name == "account" else []
        return {
            "how": how, "make": make, "closed": closed, "said": said, "wrong": wrong,
            "jobs": self.room.work(self.held.case), "known": known, "typed": self.get_argument("account", ""),
            "reports": [] if case is None else self._reports(case),
            "keyed": case is not None and read_key(case.officer) is not None,
            "desks": [{"id": one, "name": str(say(f"notebook.{one}"))} for one in _DESKS],
        }  # fmt: skip

    def _reports(self, case: Case) -> list[dict[str, Any]]:
        from spmc_tools.report.page.index import index_rows

        words = self.words
        rows = []
        for row in index_rows(case):
            links = [
                {
                    "href": f"/reports/{in_address(case.id)}/{in_address(row['run'])}/{in_address(page['file'])}",
                    "name": str(words.say("app.open_in", language="हिन्दी" if page["language"] == "hi" else "English")),
                }
                for page in row.get("reports", [])
                if row["there"]
            ]
            status = str(words.say(f"index.status.{row['status']}"))
            what = row["notebook"] if row["notebook"] not in _DESKS else words.say(f"notebook.{row['notebook']}")
            at = words.moment(row["at"].replace("Z", "+00:00"))
            rows.append({"at": at, "what": what, "status": status, "links": links})
        return rows


class AccountPage(ReportPage):
    """The dossier of one account."""

    name = "account"


class DesksPage(ReportPage):
    """The page of a desk."""

    name = "desks"


class OpenReport(SecureHandler):
    """A report as it was made."""

    async def get(self, case: str, run: str, file: str) -> None:
        """Show one page of a report of the case of now."""
        if case != self.held.case or file not in {"report.html", "report.hi.html", "report.en.html"}:
            raise HTTPError(404, reason="No such report in the case that is open")
        path = await self.at_desk(self._path, run, file)
        if path is None:
            raise HTTPError(404, reason="No such report")
        self.set_header("Content-Security-Policy", REPORT_POLICY)
        self.finish(path.read_bytes())

    def _path(self, run: str, file: str) -> Path | None:
        from spmc_tools.report.page.index import index_rows

        opened = self.room.opened()
        if opened is None or not any(row["run"] == run and row["there"] for row in index_rows(opened)):
            return None
        path = opened.path / "reports" / run / file
        return path if path.is_file() else None


def _accounts(case: Case) -> list[dict[str, str]]:
    """Return the accounts of a case that have a name, at most 500 of them, for the field's list."""
    from spmc_tools.report.sections.groups.shown_groups import handles

    return [{"id": account, "name": name} for account, name in sorted(handles(case).items())[:500]]
