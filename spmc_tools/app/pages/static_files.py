"""Style, script and letters of the app itself."""

from __future__ import annotations

from tornado.web import HTTPError

from spmc_tools.app.pages.secure_handler import SecureHandler
from spmc_tools.errors import SpmcError
from spmc_tools.resources import resource

__all__ = ["Letters", "Static"]

_OWN = {"app.css": "text/css", "app.js": "text/javascript", "network.js": "text/javascript"}
_VIEW = "network_view.js"


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
