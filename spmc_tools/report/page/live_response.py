"""The response desk while its notebook is open: figures and queue, drawn again as complaints and answers come in."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from spmc_tools.case.store.case import Case
    from spmc_tools.show.pages.live_desk import LiveDesk

__all__ = ["live_response"]


def live_response(  # noqa: PLR0913 -- what the desk and the folder are asked
    case: Case,
    folder: str | None = None,
    *,
    as_of: str | datetime | None = None,
    limit_min: int = 120,
    rules: str | Path | None = None,
    obtained: str | None = None,
    mapping: str | None = None,
    tz: str | None = None,
    every_s: float = 10.0,
    language: str = "en",
) -> LiveDesk:
    """Return the live desk; show its ``widget``, and press *start* there or call ``start()``.

    Parameters
    ----------
    case : Case
        Where the messages go.
    folder : str, optional
        The folder that is watched; None: it is typed into the form.
    as_of : str or datetime, optional
        The moment that is looked at; None: now, again at each refresh.
    limit_min, rules
        As for :func:`spmc_tools.desks.complaints.response.response_desk`.
    obtained, mapping, tz
        As for :class:`spmc_tools.desks.complaints.inbox_folder.InboxFolder`.
    every_s : float
        Seconds between two looks.
    language : {"en", "hi"}
        Of the form and the desk.
    """
    from spmc_tools.report.words.wording import Wording
    from spmc_tools.show.pages.live_desk import LiveDesk

    words = Wording(language)

    def make() -> tuple[Any, str]:
        return _made(case, as_of, limit_min, rules, language)

    return LiveDesk(
        case, make, words.say, folder=folder, obtained=obtained, mapping=mapping, tz=tz, every_s=every_s
    )  # fmt: skip


def _made(
    case: Case, as_of: str | datetime | None, limit_min: int, rules: str | Path | None, language: str
) -> tuple[Any, str]:
    """Return the desk, and its first lines and queue as HTML; complaints by their pseudonyms, as in the report."""
    from spmc_tools.desks.complaints.response import response_desk
    from spmc_tools.report.page.drawing import fragment
    from spmc_tools.report.page.sections import section

    desk = response_desk(case, as_of or datetime.now(UTC), limit_min, rules)
    return desk, "".join(
        fragment({**made.payload(), "values": made.values}, language)
        for made in (section("response_now", desk=desk), section("response_queue", case=case, desk=desk))
    )
