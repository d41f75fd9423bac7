"""The first page: choose a case or make one; and what every page asks for: its language, how things stand."""

from __future__ import annotations

from spmc_tools.app.new_case import DAYS, FIELDS, OPTIONAL, made, wrong_fields
from spmc_tools.app.pages.secure_handler import PAGES, SecureHandler
from spmc_tools.desks.base.calendar import events as calendar_events
from spmc_tools.errors import SpmcError
from spmc_tools.report.words.wording import LANGUAGES

__all__ = ["CasePage", "Home", "Language", "State"]


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
        hints = {"id": str(words.say("app.name_hint")), **dict.fromkeys(DAYS, day)}
        events = [(one.name, one.title[self.held.language]) for one in calendar_events()]
        self.page(
            "case.html.j2", "case", cases=rows, fields=FIELDS, typed=dict.fromkeys(FIELDS, "") | typed, hints=hints,
            wrong=wrong, said=said, events=events, optional=OPTIONAL,
            command="spmc new CASE --title … --purpose … --legal-basis … --from DATE --to DATE --event … --expires DAY",
        )  # fmt: skip
