"""Detectors of accounts and tags, one after the other, over the records and the actions that each takes."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from spmc_tools.coaction.traces.trace import lacking
from spmc_tools.coaction.traces.trace_catalogue import TRACES
from spmc_tools.findings.detectors.run_detectors import detected
from spmc_tools.findings.pipeline.trace_results import read_actions

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa

    from spmc_tools.findings.detectors.detector import AccountDetector
    from spmc_tools.findings.detectors.run_detectors import Detected
    from spmc_tools.findings.pipeline.inputs import Inputs

__all__ = ["detector_results"]


def detector_results(inputs: Inputs, actions: Mapping[str, pa.Table]) -> list[Detected]:
    """Return what every detector that is asked for gives, in their order.

    Parameters
    ----------
    inputs : Inputs
        Of the investigation.
    actions : mapping of trace -> pyarrow.Table
        Those that the traces have read; what a detector takes besides is read for it.
    """
    results = []
    for number, detector in enumerate(inputs.request.detectors, start=len(inputs.request.traces) + 1):
        inputs.progress(detector.name, number, inputs.request.n_stages)
        results.append(_result(inputs, detector, actions))
    return results


def _result(inputs: Inputs, detector: AccountDetector, actions: Mapping[str, pa.Table]) -> Detected:
    records = inputs.received.table
    taken = {name: actions[name] if name in actions else _read(inputs, name) for name in detector.of_traces}
    readable = {name: table for name, table in taken.items() if table is not None}
    tables = [records, inputs.accounts, *(readable[name] for name in sorted(readable))]
    content = [detector.name, *sorted(readable), *map(inputs.stages.hash_of, tables)]
    work = partial(detected, detector, records, inputs.accounts, readable)
    return inputs.stages.of(f"{detector.name}: detector", content, work)


def _read(inputs: Inputs, trace: str) -> pa.Table | None:
    """Return the actions of a trace that was not asked for; None where it cannot be run."""
    records = inputs.received.table
    return None if lacking(records, TRACES[trace]) else read_actions(records, TRACES[trace], inputs.stages)
