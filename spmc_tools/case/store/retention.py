"""The last day of a case: after it nothing comes in any more; it is disposed of, or extended with a reason, logged.

The day itself still counts, in India's time. What lies in the case can be read, checked, backed up and handed over
after it, since a court may ask; only new material is refused.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from spmc_tools.errors import CaseError, quote

if TYPE_CHECKING:
    from spmc_tools.case.log.settings import CaseSettings

__all__ = ["expired", "later_last_day", "require_not_expired"]

_INDIA = ZoneInfo("Asia/Kolkata")


def _today() -> date:
    return datetime.now(_INDIA).date()


def expired(settings: CaseSettings) -> bool:
    """Whether the last day of a case has passed; False where none is set."""
    return settings.expires is not None and settings.expires < _today()


def require_not_expired(settings: CaseSettings, case_id: str) -> None:
    """Raise a :class:`~spmc_tools.errors.CaseError` where the last day of a case has passed."""
    if expired(settings):
        raise CaseError(
            f"Case {case_id} expired on {settings.expires}, so nothing is added to it; extend it with a reason: "
            f'spmc extend {case_id} --to DATE --reason "…", or dispose of it: spmc dispose {case_id} '
            f'--confirm {case_id} --reason "…".',
            key="case_expired", day=str(settings.expires),
        )  # fmt: skip


def later_last_day(settings: CaseSettings, case_id: str, until: str) -> date:
    """Return the day until which a case is extended.

    Parameters
    ----------
    settings : CaseSettings
        Of the case, expired or not.
    case_id : str
        For the sentence of an error.
    until : str
        The new last day, as ``2026-12-31``: today or later, and later than the old one.

    Raises
    ------
    CaseError
        Where the day is none, or no later one; where no day is set, so that nothing expires.
    """
    old = settings.expires
    try:
        day = date.fromisoformat(until)
    except ValueError:
        raise CaseError(f"--to: found {quote(until)}, wanted a day as 2026-12-31.") from None
    if old is None:
        raise CaseError(f"Case {case_id} has no day on which it expires, so there is nothing to extend.")
    if day <= old or day < _today():
        raise CaseError(f"--to: found {until}, wanted a day from today on and after {old}, when the case expires.")
    return day
