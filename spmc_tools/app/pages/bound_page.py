"""A page about the case of now."""

from __future__ import annotations

from spmc_tools.app.pages.secure_handler import SecureHandler

__all__ = ["BoundPage"]


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
