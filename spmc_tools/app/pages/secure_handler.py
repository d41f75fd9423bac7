"""What every page of the app asks of a request: this machine, the token, no other origin; and how a page is drawn."""

from __future__ import annotations

import asyncio
import hmac
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from tornado.web import HTTPError, RequestHandler

from spmc_tools.report.words.wording import Wording
from spmc_tools.resources import resource
from spmc_tools.show.widgets.sentences import sentence_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from spmc_tools.app.held_case import Held
    from spmc_tools.app.work_room import WorkRoom
    from spmc_tools.errors import SpmcError

__all__ = ["PAGES", "SecureHandler"]

PAGES = (
    "case", "bring", "collect", "investigate", "network", "compare", "account", "search", "report", "desks",
    "complaints", "rumours", "referrals", "watch", "known", "patterns", "review", "custody", "restore", "rates",
    "keys", "schedule",
)  # fmt: skip
"""The left column, from above."""

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "font-src 'self' data:; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)


class SecureHandler(RequestHandler):
    """A request from the browser of this machine that knows the token; everything else is refused."""

    open_to_all = False

    @property
    def room(self) -> WorkRoom:
        """What the server holds."""
        return self.application.settings["room"]  # type: ignore[no-any-return]

    def set_default_headers(self) -> None:
        """Let no page run what does not come from here, be framed, or be kept."""
        self.set_header("Content-Security-Policy", POLICY)
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Referrer-Policy", "same-origin")
        self.set_header("Cache-Control", "no-store")
        self.set_header("Cross-Origin-Opener-Policy", "same-origin")
        self.set_header("Cross-Origin-Resource-Policy", "same-origin")
        self.clear_header("Server")

    def prepare(self) -> None:
        """Refuse what is not from this machine's browser with the token."""
        settings = self.application.settings
        if self.request.host not in settings["hosts"]:
            raise HTTPError(403, reason="Another host")
        origin = self.request.headers.get("Origin")
        if origin is not None and origin not in {f"http://{host}" for host in settings["hosts"]}:
            raise HTTPError(403, reason="Another origin")
        given, wanted = self.get_query_argument("token", ""), settings["token"]
        if given and self.request.method == "GET" and hmac.compare_digest(given.encode(), wanted.encode()):
            self.set_cookie(settings["cookie"], wanted, httponly=True, samesite="Strict", path="/")
            self.redirect(self.request.path)
            return
        if not hmac.compare_digest(self.get_cookie(settings["cookie"], "").encode(), wanted.encode()):
            raise HTTPError(403, reason="The token is wanted: open the address that spmc app printed")

    def write_error(self, status_code: int, **_facts: Any) -> None:
        """Say in one line what was refused, without a traceback."""
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.finish(f"{status_code}: {self._reason}\n")

    async def at_desk(self, work: Callable[..., Any], *given: Any) -> Any:
        """Do something with a case in the one thread that cases are used in."""
        return await asyncio.get_running_loop().run_in_executor(self.room.desk, work, *given)

    @property
    def held(self) -> Held:
        """The case and language of now."""
        return self.room.held.now

    @property
    def words(self) -> Wording:
        """The words of the page."""
        return Wording(self.held.language)

    def sentence(self, error: SpmcError, **facts: object) -> str:
        """Return what went wrong in the language of the page."""
        return sentence_of(error, self.words.say, **facts)

    def written_for(self, case: str | None) -> bool:
        """Say whether the page that sent something shows the case of now; where not, answer that nothing is written."""
        if self.room.held.is_shown(case):
            return True
        self.set_status(409)
        return False

    def other_case(self, shown: str | None) -> str:
        """Return that nothing was written, as the page shows another case."""
        none = str(self.words.say("app.no_case"))
        return str(self.words.say("app.nothing_written", shown=shown or none, now=self.held.case or none))

    def page(self, template: str, page: str, **values: Any) -> None:
        """Answer with a page."""
        held = self.held
        hidden = Markup('<input type="hidden" name="_xsrf" value="{}"><input type="hidden" name="case" value="{}">')
        facts = {
            "held": held, "told": self.room.told(page), "page": page, "pages": PAGES,
             "said": "", "command": "", "t": self.words.say,
            "title": self.room.title(), "hidden": hidden.format(self.xsrf_token.decode(), held.case or ""),
        }  # fmt: skip
        environment = Environment(
            loader=FileSystemLoader(resource("templates", "app")), autoescape=True, undefined=StrictUndefined
        )
        self.finish(environment.get_template(template).render(**(facts | values)))
