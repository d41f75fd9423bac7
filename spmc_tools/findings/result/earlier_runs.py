"""Earlier investigations of a case, read back from what it keeps: each is the one of the custody log, or an error."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from spmc_tools.errors import IntegrityError
from spmc_tools.findings import stored_results as stored
from spmc_tools.findings.result.decided_patterns import with_acts
from spmc_tools.findings.result.findings import Findings

if TYPE_CHECKING:
    from spmc_tools.case.store.case import Case

__all__ = ["Look", "earlier_looks", "look_again"]


@dataclass(frozen=True, slots=True)
class Look:
    """One look that a case keeps: its last entry in the custody log, its folder of results, and how much it found."""

    seq: int
    at: str
    derived: str
    parameters: dict[str, Any]
    accounts: int
    edges: int


def earlier_looks(case: Case, found: Findings) -> list[Look]:
    """Return the other looks at the whole case whose results are still there, newest first, each once.

    Parameters
    ----------
    case : Case
        Whose custody log is read.
    found : Findings
        The look that is left out.

    Raises
    ------
    IntegrityError
        Where the custody log cannot be read.
    """
    own_place = None if found.derived is None else found.derived.relative_to(case.path).as_posix()
    made: dict[str, Look] = {}
    for entry in reversed(case.ledger.entries()):
        payload = entry["payload"]
        place = payload.get("derived")
        if entry["kind"] != "investigate" or not isinstance(place, str) or place == own_place or place in made:
            continue
        if not isinstance(payload.get("results"), dict) or not (case.path / place / "notes.json").is_file():
            continue
        parameters, summary = payload.get("parameters"), payload.get("summary")
        counts = summary if isinstance(summary, dict) else {}
        made[place] = Look(
            entry["seq"], entry["at"], place, parameters if isinstance(parameters, dict) else {},
            _whole(counts.get("accounts")), _whole(counts.get("edges")),
        )  # fmt: skip
    return list(made.values())


def _whole(value: object) -> int:
    return value if isinstance(value, int) else 0


def look_again(case: Case, look: Look) -> Findings:
    """Return the findings of an earlier investigation; accounts cleared by now are set aside in it, too.

    Raises
    ------
    IntegrityError
        Where a file is missing or not the one that the custody log tells of.
    """
    again = stored.read(case.path / look.derived, case.results_logged().get(look.derived), in_part=True)
    if again is None:
        raise IntegrityError(f"The results of the look of {look.at} are not there any more.")
    tables, facts = again
    frames: dict[str, Any] = {name: stored.framed(table) for name, table in tables.items()}
    found = Findings(**frames, **facts, parameters=look.parameters, derived=case.path / look.derived)
    found.belongs_to(case)
    with_acts(found, case)
    return found
