"""``investigate``: from records to findings, as a short list of named steps.

records received → traces → detectors → events and bursts → union of the traces → sessions → scores → clusters → tiers
→ tables
"""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from spmc_tools.case.files.scratch import scratch_in
from spmc_tools.coaction.engines.reply_swarms import reply_swarms
from spmc_tools.coaction.traces.memory_plan import using
from spmc_tools.code_digest import code_digest
from spmc_tools.findings.clusters.cluster_groups import proven_groups
from spmc_tools.findings.clusters.rewritten_patterns import with_patterns
from spmc_tools.findings.events.bursts import found_bursts
from spmc_tools.findings.events.events import found_events
from spmc_tools.findings.pipeline.detector_results import detector_results
from spmc_tools.findings.pipeline.inputs import Inputs, inputs_of
from spmc_tools.findings.pipeline.keeping import keep, kept_result, log_result
from spmc_tools.findings.pipeline.memory_budget import in_order
from spmc_tools.findings.pipeline.result_notes import result_notes
from spmc_tools.findings.pipeline.stage_cache import KeptStages
from spmc_tools.findings.pipeline.tiered_accounts import clustered, named_clusters, named_events, tiered
from spmc_tools.findings.pipeline.trace_results import trace_results
from spmc_tools.findings.pipeline.trace_union import scored_accounts, union_of
from spmc_tools.findings.request import checked_request
from spmc_tools.findings.result.decided_patterns import with_acts
from spmc_tools.findings.result.findings import Findings, case_columns
from spmc_tools.findings.result.received_records import described
from spmc_tools.findings.sessions.sessions import found_sessions
from spmc_tools.findings.stacked_rows import in_form, stacked
from spmc_tools.progress import bars, timed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import pandas as pd
    import pyarrow as pa

    from spmc_tools.case.store.case import Case
    from spmc_tools.findings.pipeline.inputs import Progress
    from spmc_tools.findings.request import Request

__all__ = ["Findings", "investigate", "is_kept"]


def investigate(  # noqa: PLR0913 -- the contract's parameters
    records: pd.DataFrame | pa.Table | Case,
    traces: str | Sequence[str] = "all",
    windows_s: Sequence[float] | None = None,
    context: Mapping[str, str] | None = None,
    seed: int = 0,
    *,
    progress: Progress | None = None,
) -> Findings:
    """Return which accounts acted together more than chance expects, over all traces, with evidence and tiers.

    Parameters
    ----------
    records : pandas.DataFrame, pyarrow.Table or Case
        Records in the schema ``RECORDS``; only record_id, account_id and created_at must be there. A case keeps what
        was found; the next call with the same imports and parameters reads it, where its SHA-256 is that of the
        custody log, and else computes it anew. A DataFrame may bring a table of accounts in ``attrs["accounts"]``
        (pyarrow, schema ``ACCOUNTS``), as a case does.
    traces : "all" or sequence of str
        Names of the catalogue of traces or of the detectors of accounts and tags.
    windows_s : sequence of float, optional
        Seconds, inclusive, in place of each trace's own; untimed layers stay as they are.
    context : mapping, optional
        Account id -> kind, registered by an officer with a reason; None: what the case registers. ``platform:id``
        holds on that platform alone, a bare id on every one (``notes["context"]`` lists those on several). Such
        accounts, and clusters at least half of which they are, have no tier; nothing is dropped. Nor have accounts of
        a cluster most of which have the newsroom pattern (:mod:`spmc_tools.findings.clusters.benign_pattern`) and that
        have it.
    seed : int
        Of communities and resamples.
    progress : callable, optional
        Called with stage, done and total.

    Returns
    -------
    Findings
        The same for the same records and seed, whatever the order of the rows.

    Raises
    ------
    TableError
        Where a column is missing, or holds what cannot be read; the sentence names it.
    ParameterError
        Where a trace, window or context cannot be used.

    Notes
    -----
    A finding says that accounts acted together more than the stated chance model expects. It is not evidence of
    automation, payment, falsity, intent or unlawful conduct. Known benign causes: fandom, party volunteers, newsroom
    syndication, official reposting, shared notifications.
    """
    case = _case_of(records)
    request = checked_request(traces, windows_s, _registered(case) if context is None else context, seed)
    with bars() if progress is None else nullcontext(progress) as shown:
        show, times = timed(shown)
        if case is not None:
            found = _of_case(case, request, show, times)
        else:
            show("records", 0, request.n_stages)
            accounts = records.attrs.get("accounts") if hasattr(records, "attrs") else None
            received = in_order([records])
            known = None if accounts is None else described(accounts, received.table)
            found = _findings(inputs_of(request, received, known, KeptStages(None, ""), show))
        show("done", request.n_stages, request.n_stages)
    return found


def is_kept(case: Case) -> bool:
    """Return whether a case keeps what :func:`investigate` finds in it, so that the next call reads it in a moment."""
    request = checked_request("all", None, _registered(case), 0)
    return kept_result(case, request, code_digest(__name__)).found is not None


def _of_case(case: Case, request: Request, show: Progress, times: Callable[[], list[dict[str, Any]]]) -> Findings:
    """Return what the case keeps where it is what the custody log tells of, else what is found now; both are logged."""
    code = code_digest(__name__)
    kept, stages = kept_result(case, request, code), None
    found = kept.found
    if found is None:
        stages = KeptStages(case, code, request.as_json())
        settings = case.settings
        with (
            scratch_in(case.path) as scratch,
            using(settings.memory_limit, settings.threads, settings.temp_directory or str(scratch)),
            stages.whole_look(),
        ):
            show("records", 0, request.n_stages)
            received = in_order([case.posts(case_columns())])
            accounts = described(case.table("accounts"), received.table)
            found = _findings(inputs_of(request, received, accounts, stages, show))
        kept = keep(found, kept)
    found.belongs_to(case)
    with_acts(found, case)
    log_result(case, kept, times(), None if stages is None else stages.log_entry())
    return found


def _case_of(records: Any) -> Case | None:
    from spmc_tools.case.store.case import Case

    return records if isinstance(records, Case) else None


def _registered(case: Case | None) -> dict[str, str]:
    return {} if case is None else {entry.account_id: entry.kind for entry in case.settings.context}


def _findings(inputs: Inputs) -> Findings:
    """Return the findings: each step takes what those before it gave, and changes none of it."""
    records, context = inputs.received.table, inputs.context
    traces = trace_results(inputs)
    detections = detector_results(inputs, traces.actions)
    events = found_events(records, traces.actions, inputs.request.traces)
    bursts = found_bursts(records)
    inputs.progress("clusters", inputs.request.n_stages - 1, inputs.request.n_stages)
    union = union_of(traces)
    sessions = found_sessions(records, traces.assessments, context, traces.actions)
    scored = scored_accounts(records, traces, detections, events, sessions)
    clusters = clustered(inputs, traces, union, scored, events, sessions, detections)
    tables = tiered(inputs, traces, union, scored, clusters, (events, bursts, sessions))
    tier_of = dict(zip(tables.accounts["account_id"], tables.accounts["tier"], strict=True))
    groups, group_members = proven_groups(clusters.joined.rows, traces.assessments)
    swarms = [reply_swarms(table) for name, table in traces.actions.items() if name == "co_reply"]
    refused = [detection.not_run for detection in detections if detection.not_run is not None]
    return Findings(
        accounts=tables.accounts,
        account_traces=tables.traces,
        account_events=tables.events,
        account_patterns=tables.patterns,
        ordinary_patterns=in_form(clusters.ordinary.rows, "ordinary_patterns"),
        edges=union.edges,
        clusters=in_form(named_clusters(clusters, tier_of, context), "clusters"),
        proven_groups=groups,
        group_members=group_members,
        cluster_patterns=clusters.patterns,
        events=in_form(named_events(events, clusters, tier_of, context), "events"),
        signed=in_form(events.signed, "signed"),
        bursts=in_form(bursts.rows, "bursts"),
        sessions=in_form(with_patterns(sessions.rows, records), "sessions"),
        not_run=[*traces.not_run, *refused, *events.not_run],
        excluded=union.excluded,
        signals=in_form(stacked([detection.signals for detection in detections]), "signals"),
        tag_surges=in_form(stacked([detection.surges for detection in detections]), "tag_surges"),
        reply_swarms=in_form(stacked(swarms), "reply_swarms"),
        notes=result_notes(inputs, traces, (events, bursts, sessions), clusters),
        parameters=inputs.request.as_json(),
        derived=None,
        received=inputs.received,
        actions=traces.actions,
    )
