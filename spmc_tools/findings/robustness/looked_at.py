"""What an investigation looked at, trace by trace, and what is worked out of it afterwards and kept by its case."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow.compute as pc

from spmc_tools.code_digest import code_digest
from spmc_tools.errors import IntegrityError
from spmc_tools.findings import stored_results as stored

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pyarrow as pa

__all__ = ["LookedAt", "kept_by_case", "looked_at"]

NAMED = ("A", "B")


@dataclass(frozen=True, slots=True)
class LookedAt:
    """One trace of an investigation, by its name.

    ``actions``: in the schema ``ACTIONS``. ``windows_s``: those it was assessed with. ``step_s``: coarsest step of the
    clocks behind the actions, in seconds; None where no record tells it. ``context``: kind of each registered account
    among those that act. ``named``: accounts in tier A or B, in whichever trace.
    """

    trace: str
    actions: pa.Table
    windows_s: tuple[float, ...]
    step_s: float | None
    context: dict[str, str]
    named: frozenset[str]

    @property
    def n_accounts(self) -> int:
        """Accounts that act."""
        return len(self.actions["account_id"].unique())


def looked_at(found: Any) -> list[LookedAt]:
    """Return the traces that an investigation assessed and that may name somebody, in its order.

    Parameters
    ----------
    found : Findings
        With the records that it rests on.
    """
    records = found.read_records()
    accounts = found.accounts
    kinds = accounts[accounts["context"].notna()]
    context = dict(zip(kinds["account_id"], kinds["context"], strict=True))
    named = frozenset(accounts.loc[accounts["tier"].isin(NAMED), "account_id"])
    traces = []
    for name, notes in found.notes["traces"].items():
        if notes.get("names_nobody"):
            continue
        actions = found.trace_actions(name)
        there = set(actions["account_id"].unique().to_pylist())
        trace_context = {account: kind for account, kind in context.items() if account in there}
        windows = tuple(float(window) for window in notes.get("windows_s", ()))
        traces.append(LookedAt(name, actions, windows, _step(records, actions), trace_context, named))
    return traces


def _step(records: pa.Table, actions: pa.Table) -> float | None:
    if "time_precision_s" not in records.column_names:
        return None
    acting = pc.is_in(records["record_id"], value_set=actions["record_id"].combine_chunks())
    coarsest: float | None = pc.max(records["time_precision_s"].filter(acting)).as_py()
    return coarsest


def kept_by_case(
    found: Any, stage: str, parameters: Mapping[str, Any], module: str, anew: Callable[[], dict[str, Any]]
) -> dict[str, Any]:
    """Return values worked out of findings: what the case keeps, where the custody log tells of it, else anew.

    Parameters
    ----------
    found : Findings
        Of a case; of a DataFrame nothing is kept.
    stage : str
        Name of the folder.
    parameters : mapping
        With the findings themselves (imports, parameters, code) they name the folder.
    module : str
        Full name of the module that works the values out: what another source of it gave is not taken.
    anew : callable
        Works the values out; JSON must hold them.

    Notes
    -----
    Every look is logged with the SHA-256 of the file, as that of the findings is.
    """
    case = found.case
    if case is None or found.derived is None:
        return anew()
    folder = case.derived_dir(stage, {**parameters, "findings": found.derived.parent.name, "code": code_digest(module)})
    place = folder.relative_to(case.path).as_posix()
    hashes, again, made_anew = case.results_logged().get(place), None, None
    try:
        again = stored.read_values(folder, hashes)
    except IntegrityError as change:
        made_anew = str(change)
    values = again
    if values is None:
        values = anew()
        hashes = stored.kept_values(folder, values)
    payload = {"stage": stage, "parameters": dict(parameters), "reused": again is not None, "made_anew": made_anew}
    run = os.environ.get("SPMC_RUN") or None
    case.log("investigate", {**payload, "run": run, "derived": place, "results": dict(hashes or {})})
    return values
