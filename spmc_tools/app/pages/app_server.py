"""The server of the app: 127.0.0.1 alone, a token, and no program of the browser's that does not come from here."""

from __future__ import annotations

import asyncio
import secrets
import signal
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from spmc_tools.lab import HOST, listening

if TYPE_CHECKING:
    import socket
    from pathlib import Path

    from tornado.web import Application

    from spmc_tools.app.work_room import WorkRoom

__all__ = ["App", "application_of", "prepare_app", "run_app"]

MOST_BYTES = 1024**3
"""Of one file that the browser sends; larger ones come in by ``spmc import``."""


@dataclass(frozen=True)
class App:
    """How the app is started.

    Attributes
    ----------
    cases : pathlib.Path
        Where cases live.
    port : int
        On 127.0.0.1.
    token : str
        Who has it may come in; a new one each time.
    language : {"en", "hi"}
        Of the first page.
    listening : socket.socket, optional
        On the port; open from the moment the address is told, so that no other program can have it.
    """

    cases: Path
    port: int
    token: str = field(repr=False)
    language: str = "hi"
    listening: socket.socket | None = field(default=None, repr=False)

    @property
    def url(self) -> str:
        """The address of the first page, with the token."""
        return f"http://{HOST}:{self.port}/case?token={self.token}"


def prepare_app(cases: Path, port: int | None = None, language: str = "hi") -> App:
    """Return an app that is ready to start.

    Raises
    ------
    ParameterError
        Where the port is taken or no port, or the language none of a page.
    """
    from spmc_tools.report.words.wording import Wording

    wanted = Wording(language).language
    opened = listening(port)
    opened.setblocking(False)
    return App(cases.resolve(), opened.getsockname()[1], secrets.token_urlsafe(32), wanted, opened)


def run_app(app: App, browser: bool = True) -> None:
    """Serve the pages until Ctrl-C; long work that runs then is stopped, and what it had finished is kept."""
    asyncio.run(_serve(app, browser))


def application_of(app: App, room: WorkRoom) -> Application:
    """Return the pages over what the server holds."""
    from tornado.web import Application

    from spmc_tools.app.pages.handlers import HANDLERS

    return Application(
        list(HANDLERS),
        room=room,
        token=app.token,
        hosts={f"{HOST}:{app.port}", f"localhost:{app.port}"},
        cookie=f"spmc_app_{app.port}",
        xsrf_cookies=True,
        xsrf_cookie_name=f"spmc_xsrf_{app.port}",
        xsrf_cookie_kwargs={"httponly": True, "samesite": "Strict"},
        log_function=lambda _handler: None,  # an address may hold an account's id
    )


async def _serve(app: App, browser: bool) -> None:
    from tornado.httpserver import HTTPServer

    from spmc_tools.app.work_room import WorkRoom

    room = WorkRoom(app.cases, app.language)
    application = application_of(app, room)
    server = HTTPServer(application, max_body_size=MOST_BYTES, max_buffer_size=MOST_BYTES)
    server.add_sockets([app.listening] if app.listening else [])
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for one in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(one, stopped.set)
        except NotImplementedError:  # Windows: Ctrl-C raises in the loop itself
            break
    if browser:
        import webbrowser

        webbrowser.open(app.url)
    try:
        await stopped.wait()
    finally:
        server.stop()
        await loop.run_in_executor(None, room.close)
        await server.close_all_connections()
