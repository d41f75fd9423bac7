"""The response desk: complaints and suggestions, their answers, and who still waits.

From messages to complaints, one row each: the first question, the first answer that a *person* gave, the resolution.
An unanswered complaint is never dropped: it counts as waiting until the moment that is looked at.

Known errors: an answer that a program gave counts as a person's where the source does not say so and its wording is not
used again and again within a minute; a complaint that was answered by telephone shows as unanswered; a thread that the
platform splits is two complaints.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from spmc_tools.desks.base.entry import moment_of
from spmc_tools.desks.base.places import english_district
from spmc_tools.desks.base.rates import Waiting, waiting, wilson
from spmc_tools.desks.complaints.routing import Rules, read_rules, routed

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd
    import pyarrow as pa

    from spmc_tools.case.store.case import Case

__all__ = ["BY", "LIMIT_S", "ResponseDesk", "alike", "complaints", "groups_of", "queue", "response_desk", "told"]

LIMIT_S = 120 * 60
"""The centre answers within two hours."""

SOON_S = 30 * 60

BY = ("channel", "hour", "weekday", "language", "district", "subject", "shift")
"""What answers are compared by."""

PROGRAM_THREADS, PROGRAM_S = 5, 60
"""Where the source does not say, a wording sent in so many threads, half of the times within so many seconds, is a
program's."""

KEY = ("platform", "record_id")
MESSAGE_COLUMNS = (
    "thread_id", "platform", "record_id", "direction", "is_automatic", "channel", "subject", "district", "language",
    "resolved_at",
)  # fmt: skip
FIRST = (
    "thread_id", "platform", "channel", "subject", "district", "language", "account_id", "text", "edited_at",
    "deleted_seen_at",
)  # fmt: skip
"""What a complaint has of its first question."""

COLUMNS = ("record_id", "platform", "account_id", "created_at", "text", "lang", "edited_at", "deleted_seen_at")


@dataclass(frozen=True)
class ResponseDesk:
    """What the desk shows: ``threads`` (of :func:`complaints`), the moment, the limit, counts of what is odd."""

    threads: pd.DataFrame = field(repr=False)
    as_of: datetime
    limit_s: int
    counts: dict[str, int]
    rules: Rules = field(repr=False)

    @property
    def queue(self) -> pd.DataFrame:
        """Who waits, the longest first; see :func:`queue`."""
        return queue(self.threads, self.as_of, self.limit_s)


def response_desk(
    case: Case, as_of: str | datetime | None = None, limit_min: int = 120, rules: str | Path | None = None
) -> ResponseDesk | None:
    """Return the desk of a case; None where the case holds no messages.

    Parameters
    ----------
    case : Case
        With the table ``messages``.
    as_of : str or datetime, optional
        The moment that is looked at, with its zone; messages after it are not looked at. None: the last message.
    limit_min : int
        Minutes within which a person should answer.
    rules : path, optional
        Routing rules; None: those that come with the package.

    Raises
    ------
    ParameterError
        Where the moment cannot be read or names no zone.
    InputError
        Where the rules cannot be used.
    """
    from pathlib import Path

    messages = case.table("messages", MESSAGE_COLUMNS)
    if not messages.num_rows:
        return None
    used = read_rules(Path(rules) if rules is not None else None)
    asked = moment_of(as_of, "as_of") if as_of is not None else None
    found, moment, counts = complaints(messages, case.inbox(COLUMNS), asked, used)
    found["send_to"] = routed(found, used)
    return ResponseDesk(found, moment, limit_min * 60, counts, used)


def complaints(
    messages: pa.Table, records: pa.Table, as_of: datetime | None, rules: Rules
) -> tuple[pd.DataFrame, datetime, dict[str, int]]:
    """Return one row per complaint, the moment that is looked at, and what was odd, as counts.

    Parameters
    ----------
    messages, records : pyarrow.Table
        As in the schema; of the records the columns :data:`COLUMNS`.
    as_of : datetime or None
        None: the last message.
    rules : Rules
        For the shifts.

    Returns
    -------
    threads : pandas.DataFrame
        ``thread_id, platform, channel, subject, district`` (in English where it is known, however it was written),
        ``language, account_id, text, asked_at, first_automatic_at,
        first_human_at, resolved_at, withdrawn_at, n_in, n_out, answered, wait_s`` (to the first human answer, else as
        long as was waited), ``hour, weekday`` (Monday 0) and ``shift``, Indian time, of the question; by time asked.
    as_of : datetime
    counts : dict
        ``without_record`` messages whose record is not in the case, ``after`` messages after the moment,
        ``no_question`` threads that hold no question; answers ``before_question``, ``worded_as_program`` (taken for a
        program's) and ``worded_as_automatic`` (said to be a person's, with the wording of an automatic one); threads
        with ``two_at_once``, ``edited``, ``deleted`` questions and ``resolved_before_asked``.
    """
    import duckdb
    import pandas as pd
    import pyarrow.compute as pc

    messages = _each_once(messages, records)
    joined = _joined(messages, records)
    with duckdb.connect() as base:
        base.execute("SET TimeZone = 'UTC'; SET threads = 2")
        base.register("joined", joined)
        moment = as_of or pc.max(joined["created_at"]).as_py() or datetime.now(UTC)
        base.execute("SET VARIABLE moment = ?::TIMESTAMPTZ", [moment])
        base.execute(_SAID)
        base.execute(_JUDGED)
        ends = base.sql(_THREADS).to_arrow_table()
        counts = dict(zip(_COUNTED, base.execute(_COUNTS).fetchone() or (), strict=True))
        looked = (base.execute("SELECT count(*) FROM said").fetchone() or (0,))[0]
    counts = {"without_record": len(messages) - len(joined), "after": len(joined) - looked, **counts}
    first = joined.select(FIRST).take(ends["row"]).to_pandas().rename(columns={"deleted_seen_at": "withdrawn_at"})
    found = pd.concat([first, ends.drop_columns("row").to_pandas()], axis=1)
    return _finished(found, moment, rules), moment, {name: int(n or 0) for name, n in counts.items()}


def _joined(messages: pa.Table, records: pa.Table) -> pa.Table:
    """Return the messages whose record is there, with what the record says, ``thread`` and ``row`` as whole numbers."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    places = _places(messages, records)
    there = places.is_valid()
    kept_messages, its = messages.filter(there), records.take(places.drop_null())
    columns = {name: kept_messages[name] for name in MESSAGE_COLUMNS if name != "language"}
    columns |= {name: its[name] for name in COLUMNS if name not in {"platform", "record_id", "lang"}}
    columns["language"] = pc.coalesce(kept_messages["language"], its["lang"])
    columns["thread"] = kept_messages["thread_id"].combine_chunks().dictionary_encode().indices
    columns["row"] = pa.array(np.arange(len(kept_messages)))
    return pa.table(columns)


def _each_once(messages: pa.Table, records: pa.Table) -> pa.Table:
    """Return one row per message: its first, with the latest resolution that a later file told."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if _side_by_side(messages, records):
        return messages
    keys = messages.select([*KEY, "resolved_at"]).append_column("row", pa.array(range(len(messages)), pa.int64()))
    groups = keys.group_by(list(KEY), use_threads=False).aggregate([("row", "min"), ("resolved_at", "max")])
    if len(groups) == len(messages):
        return messages
    groups = groups.take(pc.sort_indices(groups["row_min"]))
    place = messages.column_names.index("resolved_at")
    return messages.take(groups["row_min"]).set_column(place, "resolved_at", groups["resolved_at_max"])


def _side_by_side(messages: pa.Table, records: pa.Table) -> bool:
    """Whether each message stands beside its record, as one sheet brings them; records stand there once."""
    return len(messages) == len(records) and all(messages[name].equals(records[name]) for name in KEY)


def _places(messages: pa.Table, records: pa.Table) -> pa.Array:
    """Return the row of each message's record; null where it is not there."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    if _side_by_side(messages, records):
        return pa.array(np.arange(len(messages)))
    places = pa.nulls(len(messages), pa.int64())
    for platform in messages["platform"].unique():
        rows = pc.indices_nonzero(pc.equal(records["platform"], platform))
        found = pc.index_in(messages["record_id"], value_set=records["record_id"].take(rows).combine_chunks())
        of_platform = pc.take(rows, found.combine_chunks()).cast(pa.int64())
        places = pc.if_else(pc.equal(messages["platform"], platform).combine_chunks(), of_platform, places)
    return places


_SAID = "CREATE VIEW said AS SELECT * FROM joined WHERE created_at <= getvariable('moment')"
"""No second copy of the texts: a view."""

_JUDGED = f"""
CREATE TABLE asked AS
    SELECT thread, min(created_at) AS asked_at FROM said WHERE direction = 'in' GROUP BY thread;
CREATE TABLE wordings AS
    SELECT text, dense_rank() OVER (ORDER BY worded) AS wording FROM (
        SELECT text, CASE WHEN contains(text, '  ') OR contains(text, chr(10)) OR contains(text, chr(9))
                          THEN trim(regexp_replace(lower(text), '\\s+', ' ', 'g')) ELSE trim(lower(text)) END AS worded
        FROM (SELECT DISTINCT text FROM said WHERE direction = 'out' AND text IS NOT NULL));
CREATE TABLE answers AS
    SELECT s.thread, s.created_at, s.is_automatic, a.asked_at, w.wording
    FROM said s JOIN asked a USING (thread) LEFT JOIN wordings w USING (text) WHERE s.direction = 'out';
CREATE TABLE programs AS
    SELECT wording FROM answers WHERE wording IS NOT NULL AND created_at >= asked_at
    GROUP BY wording
    HAVING count(DISTINCT thread) >= {PROGRAM_THREADS}
        AND median(epoch(created_at) - epoch(asked_at)) <= {PROGRAM_S};
CREATE TABLE judged AS
    SELECT *, coalesce(is_automatic, wording IN (SELECT wording FROM programs), false) AS program FROM answers
"""

_THREADS = """
WITH earliest AS (
    SELECT s.row, thread, s.thread_id, a.asked_at,
           row_number() OVER (PARTITION BY thread ORDER BY s.platform, s.record_id) AS place
    FROM said s JOIN asked a USING (thread) WHERE s.direction = 'in' AND s.created_at = a.asked_at
), out AS (
    SELECT thread, count(*) AS n_out,
           min(created_at) FILTER (program AND created_at >= asked_at) AS first_automatic_at,
           min(created_at) FILTER (NOT program AND created_at >= asked_at) AS first_human_at,
           max(created_at) FILTER (NOT program AND created_at >= asked_at) AS last_human_at
    FROM judged GROUP BY thread
), ended AS (
    SELECT thread, count(*) FILTER (direction = 'in') AS n_in,
           max(resolved_at) FILTER (resolved_at <= getvariable('moment')) AS resolved_at,
           max(created_at) FILTER (direction = 'in') AS last_in_at
    FROM said GROUP BY thread
)
SELECT f.row, f.asked_at, o.first_automatic_at, o.first_human_at,
       CASE WHEN e.resolved_at >= f.asked_at THEN e.resolved_at END AS resolved_at, e.n_in,
       coalesce(o.n_out, 0) AS n_out, e.last_in_at > o.last_human_at AS waiting_again
FROM earliest f LEFT JOIN out o USING (thread) LEFT JOIN ended e USING (thread)
WHERE f.place = 1
ORDER BY f.asked_at, f.thread_id
"""
"""Rows of the first questions, with what the whole thread says."""

_COUNTED = (
    "no_question", "before_question", "worded_as_program", "worded_as_automatic", "two_at_once", "edited", "deleted",
    "resolved_before_asked",
)  # fmt: skip

_COUNTS = """
SELECT (SELECT count(DISTINCT thread) FROM said WHERE thread NOT IN (SELECT thread FROM asked)),
       (SELECT count(*) FROM judged WHERE created_at < asked_at),
       (SELECT count(*) FROM judged WHERE program AND is_automatic IS NULL),
       (SELECT count(*) FROM judged WHERE NOT is_automatic
            AND wording IN (SELECT wording FROM answers WHERE is_automatic)),
       (SELECT count(DISTINCT thread) FROM (SELECT thread FROM judged WHERE NOT program AND created_at >= asked_at
            GROUP BY thread, created_at HAVING count(*) > 1)),
       (SELECT count(DISTINCT thread) FROM said WHERE direction = 'in' AND edited_at IS NOT NULL),
       (SELECT count(DISTINCT thread) FROM said WHERE direction = 'in' AND deleted_seen_at IS NOT NULL),
       (SELECT count(DISTINCT thread) FROM said JOIN asked USING (thread) WHERE resolved_at < asked_at)
"""


def _finished(found: pd.DataFrame, moment: datetime, rules: Rules) -> pd.DataFrame:
    """Return the complaints with what their times say: answered, how long, hour, weekday and shift in India."""
    import numpy as np
    import pandas as pd

    for name in ("asked_at", "edited_at", "withdrawn_at", "first_automatic_at", "first_human_at", "resolved_at"):
        found[name] = pd.to_datetime(found[name], utc=True)
    written = found["district"].dropna().unique()
    found["district"] = found["district"].map({name: english_district(name) for name in written})
    found["answered"] = found["first_human_at"].notna()
    gone = found["withdrawn_at"].where(found["withdrawn_at"] >= found["asked_at"]).fillna(moment)
    end = found["first_human_at"].fillna(gone.where(gone <= moment, moment))
    found["wait_s"] = (end - found["asked_at"]).dt.total_seconds()
    found["withdrawn"] = ~found["answered"] & found["withdrawn_at"].notna() & (found["withdrawn_at"] <= moment)
    found["waiting_again"] = found["waiting_again"].fillna(False).astype(bool)
    there = found["asked_at"].dt.tz_convert("Asia/Kolkata")
    found["hour"], found["weekday"] = there.dt.hour, there.dt.day_of_week
    of_hour = np.array([rules.shift_of(hour) for hour in range(24)])
    found["shift"] = of_hour[found["hour"].to_numpy(dtype=int)] if len(found) else ""
    return found


def told(threads: pd.DataFrame, as_of: datetime, limit_s: int) -> dict[str, Any]:
    """Return the figures of some complaints.

    Returns
    -------
    dict
        ``n``, ``answered``, ``resolved``, ``automatic_only`` (no person answered), ``old``: complaints asked at least
        ``limit_s`` before the moment, ``within`` of these answered in time, ``share`` with ``low`` and ``high``
        (Wilson, 95 %), ``p50, p90, p95`` in seconds (Kaplan-Meier over all; None where fewer were answered so far).
    """
    old = threads["asked_at"] <= as_of - timedelta(seconds=limit_s)
    within = int((old & threads["answered"] & (threads["wait_s"] <= limit_s)).sum())
    n_old = int(old.sum())
    bounds = wilson(within, n_old)
    curve = curve_of(threads)
    return {
        "n": len(threads),
        "answered": curve.answered,
        "resolved": int(threads["resolved_at"].notna().sum()),
        "automatic_only": int((~threads["answered"] & threads["first_automatic_at"].notna()).sum()),
        "old": n_old,
        "within": within,
        "share": within / n_old if n_old else None,
        "low": bounds[0] if bounds else None,
        "high": bounds[1] if bounds else None,
        **{f"p{q}": curve.quantile(q / 100) for q in (50, 90, 95)},
    }


def curve_of(threads: pd.DataFrame) -> Waiting:
    """Return how long complaints wait for a person, those that wait still included."""
    return waiting(threads["wait_s"].to_numpy(dtype=float), threads["answered"].to_numpy(dtype=bool))


def groups_of(threads: pd.DataFrame, by: str, as_of: datetime, limit_s: int, most: int = 40) -> list[dict[str, Any]]:
    """Return the figures of :func:`told` for each value of a column, at most so many, the most frequent first.

    Hours and weekdays come in their own order. ``value`` None: the source does not say.
    """
    import pandas as pd

    parts = threads.groupby(by, dropna=False, sort=False, observed=True)
    rows = [{"value": None if pd.isna(value) else value, **told(part, as_of, limit_s)} for value, part in parts]
    if by in {"hour", "weekday"}:
        return sorted(rows, key=lambda row: int(row["value"]))
    return sorted(rows, key=lambda row: (-row["n"], str(row["value"])))[:most]


def queue(threads: pd.DataFrame, as_of: datetime, limit_s: int) -> pd.DataFrame:
    """Return the complaints that no person has answered and nobody withdrew, the longest waiting first.

    ``due_at`` is when the limit ends; ``state``: overdue, soon (due within the next 30 minutes, inclusive) or later.
    """
    import numpy as np
    import pandas as pd

    waits = threads[~threads["answered"] & ~threads["withdrawn"]].copy()
    waits["due_at"] = waits["asked_at"] + pd.Timedelta(seconds=limit_s)
    left = (waits["due_at"] - as_of).dt.total_seconds()
    waits["state"] = np.select([left < 0, left <= SOON_S], ["overdue", "soon"], "later")
    return waits.sort_values(["due_at", "thread_id"], kind="stable", ignore_index=True)


def alike(threads: pd.DataFrame) -> pd.DataFrame:
    """Return groups of complaints that say nearly the same, the largest first.

    Parameters
    ----------
    threads : pandas.DataFrame
        Of :func:`complaints`; give those of some days where there are very many.

    Returns
    -------
    pandas.DataFrame
        ``group_id, n_threads, n_complainants`` (accounts: one person on three channels counts three times),
        ``n_channels, answered, first_asked, last_asked, places`` (rows of ``threads``).

    Notes
    -----
    Forms whose slots are filled differently ("booth 12 in Gaya") are joined: see
    :func:`spmc_tools.text.near_duplicates.near_duplicates`. A group is no proof that anybody arranged it.
    """
    import pandas as pd

    from spmc_tools.text.near_duplicates import near_duplicates

    labels = near_duplicates(threads["text"].astype(object).where(threads["text"].notna(), None))
    labelled = threads.assign(
        group_id=labels.to_numpy(), where=threads["platform"] + "/" + threads["channel"].fillna("")
    )
    rows = [
        {
            "group_id": name,
            "n_threads": len(part),
            "n_complainants": part["account_id"].nunique(),
            "n_channels": part["where"].nunique(),
            "answered": int(part["answered"].sum()),
            "first_asked": part["asked_at"].min(),
            "last_asked": part["asked_at"].max(),
            "places": list(part.index),
        }
        for name, part in labelled.dropna(subset=["group_id"]).groupby("group_id")
    ]
    columns = [
        "group_id",
        "n_threads",
        "n_complainants",
        "n_channels",
        "answered",
        "first_asked",
        "last_asked",
        "places",
    ]
    found = pd.DataFrame(rows, columns=columns)
    return found.sort_values(["n_threads", "group_id"], ascending=[False, True], kind="stable", ignore_index=True)
