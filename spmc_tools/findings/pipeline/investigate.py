"""``investigate``: from records to findings, as a short list of named steps.

received → for each trace: actions → assessment → events and bursts → clusters over all traces → accounts with tiers
"""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter
from contextlib import nullcontext
from dataclasses import asdict
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from spmc_tools.coaction.engines.reply_swarms import reply_swarms
from spmc_tools.coaction.traces.memory_plan import using
from spmc_tools.coaction.traces.trace import lacking
from spmc_tools.coaction.traces.trace_catalogue import TRACES, actions_of
from spmc_tools.errors import IntegrityError
from spmc_tools.findings import request as asked
from spmc_tools.findings import stored
from spmc_tools.findings.assessment.assess import assess
from spmc_tools.findings.assessment.assessment_context import in_context
from spmc_tools.findings.assessment.untimed_pairs import untimed_layer
from spmc_tools.findings.clusters.account_rows import Known, account_table, lives_of
from spmc_tools.findings.clusters.benign_pattern import benign_patterns
from spmc_tools.findings.clusters.cluster_groups import proven_groups
from spmc_tools.findings.clusters.clusters import Ground, joined
from spmc_tools.findings.detectors.run_detectors import Detected, detected
from spmc_tools.findings.events.bursts import found_bursts
from spmc_tools.findings.events.events import found_events
from spmc_tools.findings.pipeline.memory_budget import in_order, no_room_for_actions, no_room_for_texts
from spmc_tools.findings.pipeline.stage_cache import KeptStages
from spmc_tools.findings.result.cleared import set_aside
from spmc_tools.findings.result.found import Findings, case_columns
from spmc_tools.findings.result.received_records import described
from spmc_tools.findings.tiers.scores import combined, seen, with_ranking
from spmc_tools.progress import bars, timed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from spmc_tools.case.store.case import Case
    from spmc_tools.coaction.traces.trace import Trace
    from spmc_tools.findings.assessment.assess import Assessment
    from spmc_tools.findings.assessment.untimed_pairs import UntimedLayer
    from spmc_tools.findings.events.events import Events
    from spmc_tools.findings.request import Chosen
    from spmc_tools.findings.result.received_records import Received

    Progress = Callable[[str, int, int], None]

__all__ = ["Findings", "investigate"]

_STAGE = "investigate"
_RESTS_ON = (
    "schema.py",
    "compiled.py",
    "text/**/*.py",
    "coaction/**/*.py",
    "chance/**/*.py",
    "network/*.py",
    "findings/**/*.py",
)


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
        custody log, and else computes it anew.
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
    chosen = asked.Chosen(asked.traces(traces), asked.detectors(traces))
    parameters = {
        "traces": chosen.names,
        "windows_s": asked.windows(windows_s),
        "context": asked.context(_registered(case) if context is None else context),
        "seed": asked.seed(seed),
    }
    with bars() if progress is None else nullcontext(progress) as show:
        tell, stages = timed(show)

        def anew() -> Findings:
            tell("records", 0, len(chosen.names) + 2)
            given = _received(records)
            own = None if case is None else described(case.table("accounts"), given.table)
            return _worked_out(given, chosen, parameters, tell, own, kept)

        kept = KeptStages(case, _code_digest(), parameters)
        found = anew() if case is None else _of_case(case, parameters, anew, (stages, kept))
        tell("done", len(chosen.names) + 2, len(chosen.names) + 2)
    return found


def _of_case(
    case: Case,
    parameters: dict[str, Any],
    anew: Callable[[], Findings],
    told_of: tuple[Callable[[], list[dict[str, Any]]], KeptStages],
) -> Findings:
    """Return what the case keeps where it is what the custody log tells of, else what is found anew; both are logged.

    What is kept knows nothing of marks: accounts that an officer cleared are set aside each time it is read.
    The entry holds the SHA-256 of every file of the results, of which run the look was part, and what each stage took.
    """
    stages, kept = told_of
    folder = case.derived_dir(_STAGE, {**parameters, "code": _code_digest()})
    place = folder.relative_to(case.path).as_posix()
    hashes, again, made_anew = case.results_logged().get(place), None, None
    try:
        again = stored.read(folder, hashes)
    except IntegrityError as change:
        made_anew = str(change)
    if again is not None:
        tables, told = again
        frames: dict[str, Any] = {name: stored.framed(table) for name, table in tables.items()}
        found = Findings(**frames, **told, parameters=parameters, derived=folder)
    else:
        settings = case.settings
        with using(settings.memory_limit, settings.threads, settings.temp_directory), kept.whole_look():
            found = anew()
        found.derived = folder
        hashes = stored.kept(folder, found.tables(), {"notes": found.notes, "not_run": found.not_run})
    found.belongs_to(case)
    set_aside(found, case)
    payload = {"parameters": parameters, "reused": again is not None, "made_anew": made_anew, "run": _run()}
    payload["stages"] = stages()
    if again is None:
        payload["kept_stages"] = kept.told()
    case.log("investigate", {**payload, "summary": found.summary(), "derived": place, "results": dict(hashes or {})})
    return found


def _run() -> str | None:
    """Return the run whose notebook asks; None outside a run."""
    return os.environ.get("SPMC_RUN") or None


@cache
def _code_digest() -> str:
    """Return a hash over the source that results rest on: a changed rule never meets results of the old one."""
    package = Path(__file__).resolve().parents[2]
    files = (path for part in _RESTS_ON for path in package.glob(part))
    digest = hashlib.sha256()
    for path in sorted(files):
        digest.update(path.relative_to(package).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


# -- what was asked for ---------------------------------------------------------------------------------------------


def _case_of(records: Any) -> Case | None:
    from spmc_tools.case.store.case import Case

    return records if isinstance(records, Case) else None


def _received(records: Any) -> Received:
    case = _case_of(records)
    return in_order([case.posts(case_columns()) if case is not None else records])


def _registered(case: Case | None) -> dict[str, str]:
    return {entry.account_id: entry.kind for entry in case.settings.context} if case is not None else {}


# -- the steps ------------------------------------------------------------------------------------------------------


def _worked_out(  # noqa: PLR0913, PLR0917 -- what is given, what was asked, who is told, what is kept
    given: Received,
    chosen: Chosen,
    parameters: dict[str, Any],
    tell: Progress,
    accounts_known: pa.Table | None,
    kept: KeptStages,
) -> Findings:
    context, context_notes = asked.registered(parameters["context"], given.table)
    stages = len(chosen.names) + 2
    not_run: list[dict[str, Any]] = []
    actions: dict[str, pa.Table] = {}
    assessed: dict[str, Assessment] = {}
    untimed: dict[str, UntimedLayer] = {}
    for number, trace in enumerate(chosen.traces, start=1):
        tell(trace.name, number, stages)
        windows = parameters["windows_s"] if parameters["windows_s"] and trace.windows_s else list(trace.windows_s)
        touched, fitting, refused = _looked_at(given, trace, [float(w) for w in windows], accounts_known, kept)
        not_run.extend(refused)
        if touched is None:
            continue
        actions[trace.name] = touched
        no_room = no_room_for_actions(given, actions, trace) if fitting else None
        if no_room is not None:
            not_run.append(no_room)
        elif fitting:
            asked_for = {"windows_s": fitting, "seed": parameters["seed"]}
            whole = kept.of(
                f"{trace.name}: assessment", [kept.hash_of(touched), asked_for], partial(assess, touched, **asked_for)
            )
            assessed[trace.name] = in_context(whole, _seen_context(touched, context))
        if trace.untimed:
            layer = partial(untimed_layer, touched, trace.name)
            untimed[trace.name] = kept.of(f"{trace.name}: untimed", [kept.hash_of(touched), trace.name], layer)
    detections = _detections(given, chosen, actions, accounts_known, tell, kept)
    not_run.extend(one.not_run for one in detections.values() if one.not_run is not None)
    events, in_bursts = found_events(given.table, actions, chosen.traces), found_bursts(given.table)
    not_run.extend(events.not_run)
    tell("clusters", stages - 1, stages)
    edges = _edges(assessed, untimed)
    aside = [_with_trace({n: layer.excluded for n, layer in layers.items()}) for layers in (assessed, untimed)]
    excluded = stored.framed(stored.table_of(_joined_rows(aside), "excluded"))
    lives = lives_of(given.table)
    ranking = [layer.scored for layer in untimed.values()] + [one.scored for one in detections.values()]
    rows = with_ranking(
        seen(lives.index, {name: a.accounts for name, a in assessed.items()}), set(lives.index), ranking
    )
    scores = {account: combined(own, len(assessed))[2] for account, own in rows.items()}
    for account, event in events.accounts.items():
        scores[account] = max(scores.get(account, 0.0), event.score)
    groups = joined(Ground(edges, actions, excluded, scores, context, events), parameters["seed"])
    benign, benign_notes = benign_patterns(given.table, groups.rows, context, actions)
    finer = {trace.name: trace.within.name for trace in TRACES.values() if trace.within is not None}
    known = Known(rows, groups, context, len(assessed), events, in_bursts, benign, finer)
    accounts = account_table(lives, known, edges)
    tier_of = dict(zip(accounts["account_id"], accounts["tier"], strict=True))
    for row in groups.rows:
        row["n_named"] = sum(tier_of[account] in {"A", "B"} for account in row["accounts"])
        row["n_context"] = sum(account in context for account in row["accounts"])
        row["groups"] = proven_groups(row["accounts"], {name: a.groups for name, a in assessed.items()})
    _name_events(events, groups.rows, tier_of, context)
    swarms = reply_swarms(actions["co_reply"]) if "co_reply" in actions else pd.DataFrame()
    return Findings(
        accounts=accounts,
        edges=edges,
        clusters=stored.framed(stored.table_of(groups.rows, "clusters")),
        events=stored.framed(stored.table_of(events.rows, "events")),
        signed=stored.framed(stored.table_of(events.signed, "signed")),
        bursts=stored.framed(stored.table_of(in_bursts.rows, "bursts")),
        not_run=not_run,
        excluded=excluded,
        signals=_kept([one.signals for one in detections.values()], "signals"),
        tag_surges=_kept([one.surges for one in detections.values()], "tag_surges"),
        reply_swarms=_kept([swarms], "reply_swarms"),
        notes=_notes(given, actions, assessed, untimed)
        | {
            "context": context_notes,
            "benign_pattern": benign_notes,
            "events": events.notes,
            "bursts": in_bursts.notes,
        },
        parameters=parameters,
        derived=None,
        received=given,
        actions=actions,
    )


def _detections(  # noqa: PLR0913, PLR0917 -- as _worked_out
    given: Received,
    chosen: Chosen,
    actions: Mapping[str, pa.Table],
    accounts_known: pa.Table | None,
    tell: Progress,
    kept: KeptStages,
) -> dict[str, Detected]:
    """Return what the detectors of accounts and tags give; actions that no trace has read are read for them."""
    found: dict[str, Detected] = {}
    for number, detector in enumerate(chosen.detectors, start=len(chosen.traces) + 1):
        tell(detector.name, number, len(chosen.names) + 2)
        own = {n: actions[n] if n in actions else _actions_for(given, n, kept) for n in detector.of_traces}
        there = {name: table for name, table in own.items() if table is not None}
        tables = [given.table, accounts_known, *(there[name] for name in sorted(there))]
        found[detector.name] = kept.of(
            f"{detector.name}: detector",
            [detector.name, *sorted(there), *map(kept.hash_of, tables)],
            partial(detected, detector, given.table, accounts_known, there),
        )
    return found


def _actions_for(given: Received, name: str, kept: KeptStages) -> pa.Table | None:
    """Return the actions of a trace that was not asked for; None where it could not be run."""
    return None if lacking(given.table, TRACES[name]) else _read(given.table, TRACES[name], kept)


def _read(records: pa.Table, trace: Trace, kept: KeptStages) -> pa.Table:
    """Return the actions that a trace reads from these records."""
    return kept.of(
        f"{trace.name}: actions", [kept.hash_of(records), asdict(trace)], partial(actions_of, records, trace)
    )


def _joined_rows(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    full = [frame for frame in frames if len(frame)]
    return pd.concat(full, ignore_index=True) if full else pd.DataFrame({"trace": []})


def _kept(frames: Sequence[pd.DataFrame | None], name: str) -> pd.DataFrame:
    """Return the rows of one of the tables of results, in its form."""
    return stored.framed(stored.table_of(_joined_rows([f for f in frames if f is not None]), name))


def _name_events(
    events: Events, clusters: list[dict[str, Any]], tier_of: Mapping[str, str | None], context: Mapping[str, str]
) -> None:
    """Say of each event which cluster it is in, how many accounts it names, and how many registered ones sign it."""
    cluster_of = {event: row["cluster_id"] for row in clusters for event in row["events"]}
    named = Counter(
        one["event_id"]
        for account, facts in events.accounts.items()
        if tier_of[account] in {"A", "B"}
        for one in facts.events
    )
    authors = events.signed.groupby("event_id")["account_id"].unique()
    for row in events.rows:
        number = row["event_id"]
        row["cluster_id"] = cluster_of.get(number)
        row["n_named"] = named[number]
        row["n_context"] = sum(account in context for account in authors.get(number, ()))


def _looked_at(
    given: Received, trace: Trace, windows: list[float], accounts_known: pa.Table | None, kept: KeptStages
) -> tuple[pa.Table | None, list[float], list[dict[str, Any]]]:
    """Return the actions of a trace, the windows that its clock allows, and what cannot be run and why."""

    def whole(code: str, reason: str, **facts: Any) -> tuple[None, list[float], list[dict[str, Any]]]:
        return None, [], [{"trace": trace.name, "window_s": None, "reason": reason, "code": code, **facts}]

    records = given.table
    if trace.table == "accounts":
        if accounts_known is None or not len(accounts_known):
            return whole("needs_accounts", "There is no table of accounts; only a case with imported accounts has one.")
        records = accounts_known
    missing = lacking(records, trace)
    if missing:
        names = [name.replace("|", " or ") for name in missing]
        return whole("lacks_column", f"The records lack {', '.join(names)}.", columns=names)
    no_room = no_room_for_texts(given, trace)
    if no_room is not None:
        return None, [], [no_room]
    touched = _read(records, trace, kept)
    if not len(touched):
        return whole("nothing_to_look_at", "No record holds what this trace looks at.")
    if len(touched["account_id"].unique()) < 2:
        return whole("one_account", "Only one account holds what this trace looks at.")
    coarsest = _coarsest(records, touched)
    fitting = [window for window in windows if coarsest is None or window >= 2 * coarsest]
    refused = [
        {
            "trace": trace.name,
            "window_s": window,
            "reason": f"Times are known to {coarsest:g} s only, and a window of {window:g} s is less than twice that.",
            "code": "clock_too_coarse",
            "time_precision_s": coarsest,
        }
        for window in windows
        if window not in fitting
    ]
    return touched, fitting, refused


def _coarsest(records: pa.Table, touched: pa.Table) -> float | None:
    """Return the coarsest step of the clocks behind some actions; None where no record tells it."""
    if "time_precision_s" not in records.column_names or "record_id" not in records.column_names:
        return None
    acting = pc.is_in(records["record_id"], value_set=touched["record_id"].combine_chunks())
    coarsest: float | None = pc.max(records["time_precision_s"].filter(acting)).as_py()
    return coarsest


def _seen_context(touched: pa.Table, context: Mapping[str, str]) -> dict[str, str]:
    there = set(touched["account_id"].unique().to_pylist()) if context else set()
    return {account: kind for account, kind in context.items() if account in there}


def _with_trace(frames: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    full = [frame.assign(trace=name) for name, frame in frames.items() if len(frame)]
    return pd.concat(full, ignore_index=True) if full else pd.DataFrame({"trace": []})


def _edges(assessed: Mapping[str, Assessment], untimed: Mapping[str, UntimedLayer]) -> pd.DataFrame:
    """Return the edges of all assessments and untimed layers: each trace's windows ascending, then without a window.

    Two accounts with fewer objects than the trace wants have none.
    """
    parts = {name: [a.edges] for name, a in assessed.items()}
    for name, layer in untimed.items():
        parts.setdefault(name, []).append(layer.edges)
    own = {name: _joined_rows(parts[name]) for name in TRACES if name in parts}
    enough = {n: rows[rows["n_objects"] >= TRACES[n].min_objects] for n, rows in own.items() if len(rows)}
    return stored.framed(stored.table_of(_with_trace(enough), "edges"))


def _notes(
    given: Received,
    actions: Mapping[str, pa.Table],
    assessed: Mapping[str, Assessment],
    untimed: Mapping[str, UntimedLayer],
) -> dict[str, Any]:
    """Return what the findings rest on, in numbers and text that JSON holds."""
    times = pc.min_max(given.table["created_at"]).as_py()
    records = {
        **given.notes,
        "n_records": len(given.table),
        "first_t": times["min"].isoformat() if times["min"] else None,
        "last_t": times["max"].isoformat() if times["max"] else None,
    }
    traces = {}
    for name in actions:
        skipped = json.loads(actions[name].schema.metadata.get(b"skipped", b"{}"))
        traces[name] = {"n_actions": len(actions[name]), "skipped": skipped}
        if name in assessed:
            traces[name] |= assessed[name].notes
        if name in untimed:
            traces[name]["untimed"] = untimed[name].notes
    told: dict[str, Any] = json.loads(json.dumps({"records": records, "traces": traces}, default=_plain))
    return told


def _plain(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else str(value)
