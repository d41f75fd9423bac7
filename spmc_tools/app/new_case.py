"""The form of a new case: all that is wrong with it at once, each beside its field; days as India writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spmc_tools.case.log.settings import make_settings
from spmc_tools.case.store.case import create_case
from spmc_tools.case.store.case_folder import new_folder
from spmc_tools.desks.base.calendar import find_event
from spmc_tools.errors import CaseError, quote
from spmc_tools.show.widgets.typed_days import day_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from spmc_tools.case.store.case import Case

__all__ = ["DAYS", "FIELDS", "OPTIONAL", "made", "wrong_fields"]

FIELDS = ("id", "title", "purpose", "legal_basis", "date_from", "date_to", "event", "expires", "officer")
OPTIONAL = ("event", "expires", "officer")
DAYS = ("date_from", "date_to", "expires")
_RIGHT = {"date_from": "2025-01-01", "date_to": "2025-01-02", "expires": None}


def _read(typed: Mapping[str, str]) -> dict[str, str]:
    read = {name: typed.get(name, "").strip() for name in FIELDS}
    return read | {name: day_of(read[name]) for name in DAYS}


def wrong_fields(typed: Mapping[str, str], cases: Path) -> dict[str, CaseError]:
    """Return what is wrong with a form, field by field; nothing is made.

    The rules are those of :func:`spmc_tools.case.log.settings.make_settings`, which tells of the first wrong field:
    each that it names is put right here, so that it goes on to the next.
    """
    read, wrong = _read(typed), {}
    try:
        new_folder(read["id"], cases)
    except CaseError as error:
        wrong["id"] = error
    if read["event"] and find_event(read["event"]) is None:
        wrong["event"] = CaseError(f"{quote(read['event'])} is not in the calendar.")
    values: dict[str, Any] = {name: read[name] for name in FIELDS if name != "id"}
    values |= {name: read[name] or None for name in OPTIONAL} | {"language": "en"}
    for _ in FIELDS:
        try:
            make_settings(values, "The form")
        except CaseError as error:
            field = "expires" if error.key == "setting_expires" else str(error.facts.get("field", "date_to"))
            if field in wrong or field not in FIELDS:
                wrong.setdefault("date_to", error)
                break
            wrong[field] = error
            values[field] = _RIGHT.get(field, "x")
        else:
            break
    if "expires" in wrong and "date_to" in wrong and wrong["expires"].key == "setting_expires":
        del wrong["expires"]  # measured against the day that stood in for the last one
    if "date_from" in wrong and "date_to" in wrong and wrong["date_to"].key == "setting_order":
        del wrong["date_to"]  # measured against the day that stood in for the first one
    return wrong


def made(typed: Mapping[str, str], cases: Path, language: str) -> Case:
    """Return the case that a form tells of.

    Raises
    ------
    CaseError
        As :func:`spmc_tools.case.store.case.create_case`.
    """
    read = _read(typed)
    optional: dict[str, Any] = {one: read.pop(one) or None for one in OPTIONAL}
    return create_case(read.pop("id"), **read, **optional, language=language, cases=cases)
