"""Pages whose forms are acts: drawn with their tables, read, done by the function that the command line calls, too."""

from __future__ import annotations

import re
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tornado.web import HTTPError

from spmc_tools.app.acts.act_form import ALL_CASES, read_fields
from spmc_tools.app.acts.review_acts import MOST_GROUPS
from spmc_tools.app.pages.act_rooms import ACTS, ROOMS
from spmc_tools.app.pages.report_page import REPORT_POLICY
from spmc_tools.app.pages.secure_handler import SecureHandler
from spmc_tools.app.work_room import plain_name
from spmc_tools.case.files.durable import os_errors
from spmc_tools.case.files.scratch import scratch_in
from spmc_tools.errors import SpmcError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from spmc_tools.app.acts.act_form import Act, ActField, Ground

__all__ = ["ActRoomPage", "DoAct", "MadeFile", "SaveTable", "drawn_act"]

_NATIVE = {"zip": "application/zip", "html": "text/html", "csv": "text/csv", "jsonl": "application/x-ndjson"}


@dataclass(frozen=True, slots=True)
class Tried:
    """What was typed into the form of an act that was not done, and why: beside fields, or in one sentence."""

    act: str
    typed: Mapping[str, str]
    wrong: Mapping[str, str] = field(default_factory=dict)
    refused: str = ""


def drawn_act(act: Act, ground: Ground, tried: Tried | None = None) -> dict[str, Any]:
    """Return what a template draws of an act; what was typed stands in it again, but for a passphrase."""
    own = tried if tried is not None and tried.act == act.name else None
    closed = act.why_closed(ground)
    return {
        "name": act.name,
        "closed": closed,
        "fields": [_drawn_field(one, ground, own) for one in act.fields],
        "wrong": {} if own is None else own.wrong,
        "refused": "" if own is None else own.refused,
        "lab": act.lab,
        "command": act.shown_command("CASE" if ground.case is None else ground.case.id),
        "sends_file": any(one.kind == "file" for one in act.fields),
    }


def _drawn_field(one: ActField, ground: Ground, own: Tried | None) -> dict[str, Any]:
    options = [] if one.options is None else list(one.options(ground))
    start = "" if one.start is None or own is not None else one.start(ground)
    value = start if own is None else own.typed.get(one.name, "")
    return {
        "name": one.name, "kind": one.kind, "label": ground.say(one.label_key), "needed": one.needed,
        "options": options, "columns": [] if one.columns is None else one.columns(ground),
        "chosen": _chosen(value) if one.kind == "groups" else {},
        "value": "" if one.kind in {"passphrase", "file"} else value,
    }  # fmt: skip


def _chosen(text: str) -> dict[str, list[str]]:
    """Return by group what was chosen of it."""
    return {place: rest for place, *rest in (row.split("\t") for row in text.split("\n") if row)}


class ActRoomPage(SecureHandler):
    """A page of acts and tables."""

    async def get(self, page: str) -> None:
        """Show the page."""
        await self.show(page)

    async def show(self, page: str, tried: Tried | None = None, said: str = "") -> None:
        """Draw a page; with what was typed into one act and what is wrong with it."""
        facts = await self.at_desk(self._facts, page, tried)
        facts["said"] = said or facts["said"]
        self.page("acts.html.j2", page, **facts)

    def _facts(self, page: str, tried: Tried | None) -> dict[str, Any]:
        room, ground = ROOMS[page], self.room.ground()
        said, tables, acts = "", [], []
        try:
            tables = room.tables(ground)
            acts = [drawn_act(act, ground, tried) for act in room.acts]
        except SpmcError as error:
            said = self.sentence(error)
        lacks = ground.case is None and not room.caseless
        case = "CASE" if ground.case is None else ground.case.id
        return {
            "acts": acts, "tables": tables, "none": str(self.words.say("app.choose_first")) if lacks else "",
            "said": said, "command": room.command.format(case=case), "forms_first": room.forms_first,
            "jobs": self.room.work(self.held.case) if room.works else None,
        }  # fmt: skip


class DoAct(ActRoomPage):
    """Do what a form asks for."""

    async def get(self, name: str) -> None:
        """Go to the page of the act."""
        self.redirect(f"/{self._act(name)[0]}")

    async def post(self, name: str) -> None:
        """Read the form, say all that is wrong with it at once, or do it."""
        page, act = self._act(name)
        shown = self.get_body_argument("case", "")
        if not (act.caseless and shown == (self.held.case or "")) and not self.written_for(shown):
            await self._again(page, None, self.other_case(shown))
            return
        typed = {one.name: self._typed(one) for one in act.fields}
        with self._uploads() as folder:
            try:
                tried = await self.at_desk(self._do, page, act, typed, self._files(act, folder))
            except SpmcError as error:
                tried = Tried(act.name, typed, refused=self.sentence(error))
        if tried is not None:
            self.set_status(422)
            await self._again(page, tried, "")
            return
        self.redirect("/case" if self.held.case is None and not act.caseless else f"/{page}", status=303)

    @contextmanager
    def _uploads(self) -> Iterator[Path]:
        """Make a folder for files that are handed in: in the case, where there is one."""
        case = self.room.opened() if self.request.files else None
        if case is not None:
            with scratch_in(case.path) as folder:
                yield folder
            return
        with tempfile.TemporaryDirectory(prefix="spmc-form-") as name:
            yield Path(name)

    async def _again(self, page: str, tried: Tried | None, said: str) -> None:
        """Draw the page of the act again; one that is no page of acts says it when it is loaded."""
        if page in ROOMS:
            await self.show(page, tried, said)
            return
        self.room.tell(page, (said or ("" if tried is None else tried.refused),))
        self.redirect(f"/{page}", status=303)

    def _typed(self, one: ActField) -> str:
        """Return what was typed into a field; of groups a line for each of which something was chosen."""
        if one.kind != "groups":
            return self.get_body_argument(one.name, "", strip=False)
        rows = []
        for place in range(1, MOST_GROUPS + 1):
            said = [self.get_body_argument(f"{one.name}.{place}.{column}", "") for column in range(2)]
            plain = [re.sub(r"\s", " ", value) for value in said]
            if any(plain):
                rows.append("\t".join([str(place), *plain]))
        return "\n".join(rows)

    def _act(self, name: str) -> tuple[str, Act]:
        if name not in ACTS:
            raise HTTPError(404, reason="No such act")
        return ACTS[name]

    def _files(self, act: Act, folder: Path) -> dict[str, Path]:
        found = {}
        for one in act.fields:
            sent = self.request.files.get(one.name, [])
            if one.kind == "file" and sent and sent[0]["filename"]:
                place = folder / one.name / plain_name(sent[0]["filename"])
                with os_errors("The file that was sent cannot be kept"):
                    place.parent.mkdir()
                    place.write_bytes(sent[0]["body"])
                found[one.name] = place
        return found

    def _do(self, page: str, act: Act, typed: Mapping[str, str], files: Mapping[str, Path]) -> Tried | None:
        ground = self.room.ground()
        closed = act.why_closed(ground)
        if closed:
            return Tried(act.name, typed, refused=closed)
        values, wrong = read_fields(act, ground, typed, files)
        if wrong:
            return Tried(act.name, typed, wrong)
        case = "" if ground.case is None else ground.case.id
        done = act.do(ground, values)
        self.room.told_done(case, "case" if done.gone else page, done, act.shown_command(case, values), act.lab)
        return None


class SaveTable(SecureHandler):
    """Save a table of a page as CSV."""

    async def post(self, page: str, name: str) -> None:
        """Write it outside of the case, logged as every file that leaves it, and offer it."""
        shown = self.get_body_argument("case", "")
        if page not in ROOMS:
            raise HTTPError(404, reason="No such page")
        if not self.written_for(shown):
            self.finish(self.other_case(shown))
            return
        try:
            await self.at_desk(self._save, page, name)
        except SpmcError as error:
            self.room.tell(page, (self.sentence(error),))
        self.redirect(f"/{page}", status=303)

    def _save(self, page: str, name: str) -> None:
        from spmc_tools.app.acts.act_form import Done
        from spmc_tools.app.acts.saved_tables import save_table

        ground = self.room.ground()
        table = next((one for one in ROOMS[page].tables(ground) if one.name == name), None)
        if table is None:
            raise HTTPError(404, reason="No such table")
        path = save_table(ground, table)
        line = ground.say("app.table_saved", count=len(table.leaving))
        self.room.told_done(ground.opened.id, page, Done((line,), (path.name,)), "", lab=False)


class MadeFile(SecureHandler):
    """A file that was made for the officer to take along."""

    async def get(self, case: str, name: str) -> None:
        """Give a file of the case of now."""
        path = self.room.made(case) / name
        if case not in {self.held.case, ALL_CASES} or name.startswith(".") or path.name != name or not path.is_file():
            raise HTTPError(404, reason="No such file in the case that is open")
        ending = name.rpartition(".")[2]
        self.set_header("Content-Type", f"{_NATIVE.get(ending, 'application/octet-stream')}; charset=utf-8")
        if ending == "html":
            self.set_header("Content-Security-Policy", REPORT_POLICY)
        else:
            self.set_header("Content-Disposition", f'attachment; filename="{name}"')
        with path.open("rb") as file:
            while chunk := file.read(1 << 20):
                self.write(chunk)
                await self.flush()
