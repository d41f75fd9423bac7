"""The pages of the left column, each with what can be sent from it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote as in_address

from tornado.web import HTTPError

from spmc_tools.app.job_process import INVESTIGATE, REPORT
from spmc_tools.app.new_case import FIELDS, made, wrong_fields
from spmc_tools.app.secure_handler import PAGES, SecureHandler
from spmc_tools.errors import ParameterError, SpmcError
from spmc_tools.report.words.wording import LANGUAGES
from spmc_tools.resources import resource

if TYPE_CHECKING:
    from pathlib import Path

    from spmc_tools.case.store.case import Case

__all__ = ["HANDLERS"]

_DESKS = (
    "election_watch", "festival_watch", "group_look", "rumour_desk", "response_desk", "referral_register",
    "awareness_reach", "page_standing", "watch_board",
)  # fmt: skip
_OWN = {"app.css": "text/css", "app.js": "text/javascript", "network.js": "text/javascript"}
_VIEW = "network_view.js"
REPORT_POLICY = (
    "sandbox allow-scripts allow-popups; default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
    "img-src data:; font-src data:; frame-src 'self' data: blob:; base-uri 'none'; form-action 'none'"
)
"""A report is one file with its own script: it runs in an origin of its own, and nothing of the app is in its reach."""


class Home(SecureHandler):
    """The address as it was printed: on to the first page."""

    async def get(self) -> None:
        """Go to the first page."""
        self.redirect("/case")


class Language(SecureHandler):
    """The language of every page."""

    async def post(self) -> None:
        """Change it, and go back to the page."""
        language, back = self.get_body_argument("language", ""), self.get_body_argument("back", "")
        if language in LANGUAGES:
            self.room.held.speak(language)
            await self.at_desk(self.room.end_intake)  # its words are of the other language
        self.redirect(f"/{back}" if back in PAGES else "/case")


class State(SecureHandler):
    """What an open page asks for every second or two."""

    async def get(self) -> None:
        """Tell the case of now and how far its work is."""
        shown, now, say = self.request.headers.get("X-Shown") or None, self.held.case, self.words.say
        none = str(say("app.no_case"))
        says = "" if shown == now else str(say("app.other_case", shown=shown or none, now=now or none))
        self.finish({"case": now or "", "says": says, "jobs": self.room.work(now)})


class CasePage(SecureHandler):
    """Choose a case or make one."""

    async def get(self) -> None:
        """Show the cases and the form of a new one."""
        await self._show({}, {})

    async def post(self) -> None:
        """Choose or make one."""
        if self.get_body_argument("act", "") == "choose":
            try:
                await self.at_desk(self.room.choose, self.get_body_argument("id", ""))
            except SpmcError as error:
                await self._show({}, {}, self.sentence(error, field=self.words.say("start.field.id")))
                return
            self.redirect("/case")
            return
        typed = {name: self.get_body_argument(name, "") for name in FIELDS}
        wrong = await self.at_desk(wrong_fields, typed, self.room.cases)
        if not wrong:
            try:
                case = await self.at_desk(made, typed, self.room.cases, self.held.language)
                await self.at_desk(self.room.choose, case.id)
            except SpmcError as error:
                await self._show(typed, {}, self.sentence(error))
                return
            self.redirect("/bring")
            return
        say = self.words.say
        self.set_status(422)
        said = {name: self.sentence(error, field=say(f"start.field.{name}")) for name, error in wrong.items()}
        await self._show(typed, said)

    async def _show(self, typed: dict[str, str], wrong: dict[str, str], said: str = "") -> None:
        words = self.words
        cases = await self.at_desk(self.room.known)
        rows = [
            {
                "id": one["id"], "title": one["settings"].title, "colour": one["colour"],
                "period": words.say(
                    "app.period",
                    first=words.day(one["settings"].date_from),
                    last=words.day(one["settings"].date_to),
                ),
            }
            for one in cases
        ]  # fmt: skip
        day = str(words.say("app.day_hint"))
        hints = {"id": str(words.say("app.name_hint")), "date_from": day, "date_to": day}
        self.page(
            "case.html.j2", "case", cases=rows, fields=FIELDS, typed=dict.fromkeys(FIELDS, "") | typed, hints=hints,
            wrong=wrong, said=said, command="spmc new CASE --title … --purpose … --legal-basis … --from DATE --to DATE",
        )  # fmt: skip


class BoundPage(SecureHandler):
    """A page about the case of now: what is sent from it counts only while it shows that case."""

    async def get(self) -> None:
        """Show the page."""
        await self._show()

    async def post(self) -> None:
        """Do what was sent, or say that the page shows another case."""
        shown = self.get_body_argument("case", "")
        if self.written_for(shown):
            await self._do(shown)
        else:
            await self._show(self.other_case(shown))

    async def _show(self, said: str = "") -> None:
        raise NotImplementedError

    async def _do(self, shown: str) -> None:
        raise NotImplementedError


class BringPage(BoundPage):
    """Bring in a file: the one that is looked at, or the question for one."""

    async def _do(self, shown: str) -> None:
        """Change the form about the file, then press one of its buttons."""
        try:
            done = await self.at_desk(self._submit)
        except SpmcError as error:
            await self._show(self.sentence(error))
            return
        await self._show(done=done)

    def _submit(self) -> bool:
        intake, case = self.room.intake, self.room.opened()
        if intake is None or case is None:
            raise ParameterError("No file is looked at; choose it again.")
        if self.get_body_argument("revision", "") != str(intake.fields.revision):
            raise ParameterError("The page was drawn anew meanwhile; repeat the last step.")
        names = [name for name in self.request.body_arguments if name[:1] == "w" and name[1:].isdigit()]
        intake.fields.change({int(name[1:]): self.get_body_arguments(name, strip=False)[-1] for name in names})
        press, before = self.get_body_argument("press", ""), len(case.batches())
        if press.isdigit():
            intake.fields.press(int(press))
        grown = len(case.batches()) > before
        if grown:
            self.room.forget_network()
        return grown

    async def _show(self, said: str = "", done: bool = False) -> None:
        self.page("bring.html.j2", "bring", **await self.at_desk(self._facts, said, done))

    def _facts(self, said: str, done: bool) -> dict[str, Any]:
        case, intake = self.room.opened(), self.room.intake
        form = "" if intake is None else intake.fields.html()
        return {
            "count": 0 if case is None else _posts(case), "form": form, "done": done,
            "name": "" if intake is None else intake.name,
            "revision": 0 if intake is None else intake.fields.revision,
            "said": said or ("" if case is not None else str(self.words.say("app.choose_first"))),
            "command": f"spmc import {case.id} FILE" if case is not None else "",
        }  # fmt: skip


class BringFile(BringPage):
    """A file that the browser sends."""

    async def _do(self, shown: str) -> None:
        """Keep it and look at it; nothing of it is in the case yet."""
        sent = self.request.files.get("file", [])
        if len(sent) != 1 or not sent[0]["filename"]:
            await self._show(str(self.words.say("app.no_file")))
            return
        try:
            await self.at_desk(self.room.receive, sent[0]["filename"], sent[0]["body"])
        except SpmcError as error:
            await self._show(self.sentence(error))
            return
        self.redirect("/bring")


class InvestigatePage(BoundPage):
    """Look who acted together: whether it can begin, and how far it is."""

    async def _do(self, shown: str) -> None:
        """Begin."""
        self.room.begin(INVESTIGATE, shown)
        self.redirect("/investigate")

    async def _show(self, said: str = "") -> None:
        case = await self.at_desk(self.room.opened)
        count = 0 if case is None else await self.at_desk(_posts, case)
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
        number = self.get_body_argument("number", "")
        if not number.isdigit() or not self.written_for(self.get_body_argument("case", "")):
            raise HTTPError(409, reason="Nothing was stopped")
        try:
            self.room.queue.stop(int(number))
        except ParameterError as error:
            raise HTTPError(404, reason="No such work") from error
        self.redirect("/investigate")


class NetworkPage(SecureHandler):
    """Who acted together, the posts behind it, and the marks of officers."""

    async def get(self) -> None:
        """Show the page; what it holds comes by :class:`NetworkAct`."""
        from spmc_tools.show.network.network_view import bundle
        from spmc_tools.show.pages.plain_form import ROWS

        closed, say = "", self.words.say
        try:
            if self.held.case is None:
                closed = str(say("app.choose_first"))
            elif await self.at_desk(self.room.network) is None:
                closed = str(say("app.not_looked"))
        except SpmcError as error:
            closed = self.sentence(error)
        self.page("network.html.j2", "network", closed=closed, built=bundle() is not None, most=ROWS)


class NetworkAct(SecureHandler):
    """A choice in the picture, a field or a button of the network's page."""

    async def post(self) -> None:
        """Take it over, and tell what changed."""
        try:
            told = json.loads(self.request.body)
        except ValueError as error:
            raise HTTPError(400, reason="No JSON") from error
        if not isinstance(told, dict):
            raise HTTPError(400, reason="No JSON object")
        shown = told.get("case") if isinstance(told.get("case"), str) else None
        if not self.written_for(shown):
            self.finish({"says": self.other_case(shown)})
            return
        try:
            self.finish(await self.at_desk(self._act, told))
        except SpmcError as error:
            self.set_status(409)
            self.finish({"says": self.sentence(error)})

    def _act(self, told: dict[str, Any]) -> dict[str, Any]:
        room = self.room.network()
        if room is None:
            return {"says": str(self.words.say("app.not_looked"))}
        if "part" in told:
            values, press, revision = told.get("values"), told.get("press"), told.get("revision")
            right = isinstance(values, dict) and all(key.isdigit() and isinstance(v, str) for key, v in values.items())
            if not right or not isinstance(press, int | None) or not isinstance(revision, int):
                raise ParameterError("The page sent fields of another form; load it again.")
            room.submit(str(told["part"]), revision, {int(key): value for key, value in values.items()}, press)  # type: ignore[union-attr]
        elif "key" in told:
            room.choose(str(told["key"]), told.get("value"))
        else:
            return room.whole()
        return room.news()


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
        self.room.begin(REPORT, shown, notebook=notebook, language=pages, edition=edition, parameters=parameters)
        self.redirect(f"/{self.name}")

    async def _show(self, said: str = "", wrong: str = "") -> None:
        self.page("report.html.j2", self.name, **await self.at_desk(self._facts, said, wrong))

    def _facts(self, said: str, wrong: str) -> dict[str, Any]:
        say, case = self.words.say, self.room.opened()
        closed = "" if case is not None else str(say("app.choose_first"))
        if case is not None and not _posts(case):
            closed = str(say("app.no_posts"))
        heading, how, make = {
            "report": (say("app.report"), "", say("start.report")),
            "account": (say("app.account"), say("app.account_how"), say("app.account_make")),
            "desks": (say("app.desks"), say("app.desk_how"), say("app.desk_make")),
        }[self.name]
        known = _accounts(case) if case is not None and self.name == "account" else []
        return {
            "heading": heading, "how": how, "make": make, "closed": closed, "said": said, "wrong": wrong,
            "jobs": self.room.work(self.held.case), "known": known, "typed": self.get_argument("account", ""),
            "reports": [] if case is None else self._reports(case),
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


class Letters(SecureHandler):
    """The Devanagari letters, for a machine that has none."""

    async def get(self) -> None:
        """Give the font that comes with the package."""
        from fontpkg import path

        self.set_header("Content-Type", "font/ttf")
        self.finish(path("noto-sans-devanagari").read_bytes())


class Static(SecureHandler):
    """Style and script of the app itself."""

    async def get(self, name: str) -> None:
        """Give one of the few files that there are."""
        if name not in {*_OWN, _VIEW}:
            raise HTTPError(404)
        try:
            path = resource("js", "dist", name) if name == _VIEW else resource("templates", "app", name)
        except SpmcError as error:
            raise HTTPError(404) from error
        self.set_header("Content-Type", f"{_OWN.get(name, 'text/javascript')}; charset=utf-8")
        self.finish(path.read_bytes())


def _posts(case: Case) -> int:
    return sum(batch.kept for batch in case.batches())


def _accounts(case: Case) -> list[dict[str, str]]:
    """Return the accounts of a case that have a name, at most 500 of them, for the field's list."""
    from spmc_tools.report.sections.groups.shown_groups import handles

    return [{"id": account, "name": name} for account, name in sorted(handles(case).items())[:500]]


HANDLERS: list[tuple[str, type[SecureHandler]]] = [
    (r"/", Home),
    (r"/case", CasePage),
    (r"/bring", BringPage),
    (r"/bring/file", BringFile),
    (r"/investigate", InvestigatePage),
    (r"/network", NetworkPage),
    (r"/network/act", NetworkAct),
    (r"/account", AccountPage),
    (r"/report", ReportPage),
    (r"/desks", DesksPage),
    (r"/language", Language),
    (r"/state", State),
    (r"/jobs/stop", StopJob),
    (r"/reports/([^/]+)/([^/]+)/([^/]+)", OpenReport),
    (r"/static/devanagari.ttf", Letters),
    (r"/static/([a-z_]+\.(?:js|css))", Static),
]
