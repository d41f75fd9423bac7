"""The network: the picture, and what is chosen in it."""

from __future__ import annotations

import json
from typing import Any

from tornado.web import HTTPError

from spmc_tools.app.acts.saved_tables import NETWORK_ACTS
from spmc_tools.app.pages.act_page import drawn_act
from spmc_tools.app.pages.secure_handler import SecureHandler
from spmc_tools.errors import ParameterError, SpmcError

__all__ = ["NetworkAct", "NetworkPage"]


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
        acts = await self.at_desk(self._acts)
        self.page("network.html.j2", "network", closed=closed, built=bundle() is not None, most=ROWS, acts=acts)

    def _acts(self) -> list[dict[str, Any]]:
        ground = self.room.ground()
        return [drawn_act(act, ground) for act in NETWORK_ACTS]


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
