"""How a platform is asked: one frozen declaration each, in the module ``collect_<platform>``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from typing import TYPE_CHECKING

from spmc_tools.collect.target import is_tag
from spmc_tools.errors import ParameterError, quote

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Iterator

    from spmc_tools.collect.gate import Gate
    from spmc_tools.collect.target import Page, Target

__all__ = ["Platform", "walk", "zoned_time"]


@dataclass(frozen=True, slots=True)
class Platform:
    """How one platform is asked.

    Attributes
    ----------
    title, format, obtained : str
        As people call it; the importer that reads what is kept; what ``spmc import --obtained`` takes.
    server : str or None
        The server that is asked; None where there is no one server: it stands in the account's name, or is asked for.
    accounts : re.Pattern
        What an account's name is, whole.
    wanted : str
        The same in words, for who typed another name.
    pages : callable
        (Gate, Target, cursor) -> its pages, newest first, from the server's own mark ``cursor``.
    has_tags : bool
        Whether tags can be asked for too.
    library : str
        Module of the client library that an extra installs; "" where all that is needed is always there.
    """

    title: str
    format: str
    obtained: str
    server: str | None
    accounts: re.Pattern[str]
    wanted: str
    pages: Callable[[Gate, Target, str | None], Iterator[Page]]
    has_tags: bool = True
    library: str = ""

    def require_installed(self) -> None:
        """Raise :class:`~spmc_tools.errors.ParameterError` where the client library is not installed."""
        try:
            if self.library:
                import_module(self.library)
        except ImportError:
            raise ParameterError(
                f"The client library of {self.title} is not installed; type pip install 'spmc-notebook[collect]'."
            ) from None

    def checked_name(self, kind: str, name: str) -> str:
        """Return the name of an account or a tag, without ``@`` or ``#``.

        Raises
        ------
        ParameterError
            Where it is none.
        """
        if not (self.accounts.fullmatch(name) if kind == "account" else self.has_tags and is_tag(name)):
            raise ParameterError(f"{self.title}: found {quote(name)}, wanted {self.wanted}.")
        return name


def walk(page_from: Callable[[str | None], Page], cursor: str | None) -> Iterator[Page]:
    """Give pages one after the other, until one names no page after it, or itself again."""
    while True:
        page = page_from(cursor)
        yield page
        if page.after is None or page.after == cursor:
            return
        cursor = page.after


def zoned_time(text: object) -> datetime | None:
    """Return the moment of an ISO 8601 text with a zone; None of everything else."""
    try:
        at = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return at if at.tzinfo else None
