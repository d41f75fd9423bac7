"""The app inside this process, and a browser without a window: forms are filled in and sent as a page would."""

from __future__ import annotations

import asyncio
import os
import re
import secrets
import threading
from dataclasses import dataclass
from html import unescape
from http.cookiejar import CookieJar
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError
from urllib.request import HTTPCookieProcessor, ProxyHandler, Request, build_opener

import pytest

from spmc_tools.app.pages.app_server import App, application_of
from spmc_tools.app.work_room import WorkRoom
from spmc_tools.report.words.wording import Wording
from tests.fitted_pages import fits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

EDGE = "--form--"
SHOTS = os.environ.get("SPMC_SHOTS")
RULES = "['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']"


@dataclass
class Answer:
    """What came back: status, the page, and where it stands after redirects."""

    status: int
    text: str
    url: str

    @property
    def plain(self) -> str:
        """The words of the page."""
        return unescape(re.sub(r"<[^>]+>", " ", self.text))

    def wrong(self) -> set[str]:
        """The fields beside which something stands."""
        return set(re.findall(r'id="wrong-[a-z_]+?-([a-z_]+)"', self.text))

    def done(self) -> str:
        """What the page says that was done."""
        found = re.search(r'<div class="done".*?</div>', self.text, re.DOTALL)
        return "" if found is None else unescape(re.sub(r"<[^>]+>", " ", found.group(0)))


class Browser:
    """Opens pages of an app with its token, and sends forms."""

    def __init__(self, app: App) -> None:
        self.app, self.base = app, app.url.split("/case")[0]
        self.jar = CookieJar()
        self._opener = build_opener(ProxyHandler({}), HTTPCookieProcessor(self.jar))
        self.get(f"/case?token={app.token}")

    def _send(self, request: Request) -> Answer:
        try:
            with self._opener.open(request, timeout=60) as answer:
                return Answer(answer.status, answer.read().decode("utf-8", "replace"), answer.url)
        except HTTPError as error:
            with error:
                return Answer(error.code, error.read().decode("utf-8", "replace"), error.url)

    def get(self, path: str) -> Answer:
        return self._send(Request(self.base + path))

    def post(self, path: str, fields: dict[str, Any], files: dict[str, tuple[str, bytes]] | None = None) -> Answer:
        """Send a form as a page of the app has it: with its token and case, unless these are given."""
        page = self.get("/case").text
        xsrf = re.search(r'name="_xsrf" value="([^"]+)"', page)
        case = re.search(r'name="case" value="([^"]*)"', page)
        assert xsrf is not None and case is not None
        sent = {"_xsrf": xsrf.group(1), "case": unescape(case.group(1)), **fields}
        parts = [
            f'--{EDGE}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
            for name, value in sent.items()
        ]
        for name, (file, content) in (files or {}).items():
            head = f'--{EDGE}\r\nContent-Disposition: form-data; name="{name}"; filename="{file}"\r\n\r\n'
            parts.append(head.encode() + content + b"\r\n")
        body = b"".join(parts) + f"--{EDGE}--\r\n".encode()
        heads = {"Content-Type": f"multipart/form-data; boundary={EDGE}", "Origin": self.base}
        return self._send(Request(self.base + path, body, heads))

    def act(self, name: str, files: dict[str, tuple[str, bytes]] | None = None, **fields: Any) -> Answer:
        return self.post(f"/act/{name}", fields, files)


@pytest.fixture
def barriers_of() -> Callable[[Any], list[str]]:
    """What axe finds on a page, everything unfolded."""
    bundled = pytest.importorskip("axe_playwright_python", reason="axe-playwright-python is not installed")

    def found(page: Any) -> list[str]:
        page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        page.evaluate((Path(bundled.__file__).parent / "axe.min.js").read_text(encoding="utf-8"))
        told = page.evaluate(f"axe.run(document, {{runOnly: {RULES}, resultTypes: ['violations']}})")
        assert len(told["passes"]) > 5
        return [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in told["violations"]]

    return found


@pytest.fixture
def forms(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Browser]:
    """An app over the cases of this test, in English."""
    from tornado.httpserver import HTTPServer
    from tornado.netutil import bind_sockets

    monkeypatch.setenv("SPMC_OFFICER_KEYS", str(tmp_path / "officers"))
    sockets = bind_sockets(0, "127.0.0.1")
    app = App(tmp_path / "cases", sockets[0].getsockname()[1], secrets.token_urlsafe(8), "en")
    room = WorkRoom(app.cases, app.language)
    loop, ready = asyncio.new_event_loop(), threading.Event()
    held: dict[str, Any] = {}

    async def begin() -> None:
        held["server"] = server = HTTPServer(application_of(app, room))
        server.add_sockets(sockets)
        ready.set()

    async def end() -> None:
        held["server"].stop()
        await held["server"].close_all_connections()

    def work() -> None:
        asyncio.set_event_loop(loop)
        loop.create_task(begin())
        loop.run_forever()
        loop.run_until_complete(end())
        loop.close()

    thread = threading.Thread(target=work)
    thread.start()
    assert ready.wait(20)
    yield Browser(app)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    room.close()


class Walked:
    """Opens the app in Chromium in Hindi, then in English; looks at a page with axe, and as on a telephone."""

    def __init__(self, forms: Browser, start_chromium: Any, barriers: Callable[[Any], list[str]]) -> None:
        self._forms, self._start, self._barriers = forms, start_chromium, barriers

    def __call__(self) -> Iterator[tuple[Any, str, Callable[..., str]]]:
        wrong: list[str] = []
        with self._start() as chromium:
            for language in ("hi", "en"):
                words = Wording(language)
                self._forms.post("/language", {"language": language, "back": "case"})
                page = chromium.new_context(bypass_csp=True, viewport={"width": 1366, "height": 768}).new_page()
                page.on("pageerror", lambda error: wrong.append(str(error)))
                page.goto(self._forms.app.url)
                yield page, language, lambda key, words=words, **values: str(words.say(key, **values))
        assert not wrong

    def seen(self, page: Any, name: str) -> None:
        """Find no barrier, and nothing wider than the page; take pictures where SPMC_SHOTS names a folder."""
        wide = page.viewport_size
        if SHOTS:
            page.screenshot(path=f"{SHOTS}/act-{name}.png")
        fits(page)
        if SHOTS:
            page.screenshot(path=f"{SHOTS}/act-{name}-390.png", full_page=True)
        page.set_viewport_size(wide)
        assert self._barriers(page) == [], name


@pytest.fixture
def walked(forms: Browser, start_chromium: Any, barriers_of: Callable[[Any], list[str]]) -> Walked:
    """A walk through pages in both languages."""
    return Walked(forms, start_chromium, barriers_of)
