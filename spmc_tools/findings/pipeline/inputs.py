"""What the steps of an investigation work on: its request, the records received, the register, what is kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from spmc_tools.findings import request as requests

if TYPE_CHECKING:
    import pyarrow as pa

    from spmc_tools.findings.pipeline.stage_cache import KeptStages
    from spmc_tools.findings.request import Request
    from spmc_tools.findings.result.received_records import Received

__all__ = ["Inputs", "Progress", "inputs_of"]

Progress: TypeAlias = Callable[[str, int, int], None]
"""Called with the stage that begins, how many are done, and how many there are."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """What every step of one investigation may read.

    ``request``: what is looked for. ``received``: the records, checked and in order. ``accounts``: the accounts table
    of the case, under the ids of the records; None for a table of records. ``context``: kind of each registered
    account, by the ids of the records; ``context_notes``: what is to be said of the register, as JSON holds it.
    ``stages``: what the case keeps of earlier investigations.
    """

    request: Request
    received: Received
    accounts: pa.Table | None
    context: dict[str, str]
    context_notes: dict[str, Any]
    stages: KeptStages
    progress: Progress


def inputs_of(
    request: Request, received: Received, accounts: pa.Table | None, stages: KeptStages, progress: Progress
) -> Inputs:
    """Return the inputs of an investigation; the register goes by the ids of the records."""
    context, notes = requests.registered(request.context, received.table)
    return Inputs(request, received, accounts, context, notes, stages, progress)
