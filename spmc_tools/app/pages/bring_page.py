"""Bring in a file."""

from __future__ import annotations

from typing import Any

from spmc_tools.app.pages.bound_page import BoundPage
from spmc_tools.errors import ParameterError, SpmcError

__all__ = ["BringFile", "BringPage"]


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
            "count": 0 if case is None else self.room.posts(case), "form": form, "done": done,
            "name": "" if intake is None else intake.name,
            "revision": 0 if intake is None else intake.fields.revision,
            "said": said, "closed": "" if case is not None else str(self.words.say("app.choose_first")),
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
