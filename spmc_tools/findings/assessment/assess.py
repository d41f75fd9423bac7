"""``assess``: one trace, all windows: which accounts acted together more than chance expects, and on what it rests."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from numbers import Integral
from typing import TYPE_CHECKING, Any

import numpy as np

from spmc_tools.chance.groups.late_strikes import late_groups
from spmc_tools.chance.groups.live_groups import live_groups
from spmc_tools.chance.pairs.retained import first_acts, retain, source_of_objects, with_sources
from spmc_tools.chance.pairs.strata import given_strata, learned_strata, one_stratum
from spmc_tools.chance.sessions.hot_circles import hot_circles
from spmc_tools.chance.sessions.session_groups import session_tests
from spmc_tools.coaction.traces.actions import encode
from spmc_tools.errors import ParameterError, quote
from spmc_tools.findings import request as asked
from spmc_tools.findings.assessment import assessment_tables as tables
from spmc_tools.findings.assessment.account_tests import account_tests, with_evidence
from spmc_tools.findings.assessment.group_tables import (
    broad_occasions_table,
    group_table,
    in_groups,
    with_groups,
)
from spmc_tools.findings.assessment.late_tables import (
    largest_first,
    late_strikes_table,
    late_table,
    with_late,
)
from spmc_tools.findings.assessment.pair_cells import pair_cells
from spmc_tools.findings.assessment.pair_tests import readings, tested_pairs
from spmc_tools.findings.assessment.recomputable import with_checks
from spmc_tools.findings.assessment.session_table import session_table, session_windows, with_sessions
from spmc_tools.findings.assessment.weak_edge_groups import found_groups

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from spmc_tools.chance.pairs.retained import Retained
    from spmc_tools.coaction.traces.actions import EncodedActions
    from spmc_tools.findings.assessment.pair_tests import PairTests

__all__ = ["Assessment", "assess", "strata_of"]

FEW_ACCOUNTS = 100
"""Below this many accounts the chance models have little to learn from, and the notes say so."""

_NO_SOURCES = "unknown: each object counts as its own source, so that one author's posts count as several"

_MODEL = (
    "Pairs: separate occasions on distinct sources, at least 6 hours apart, against the larger of partner degree and "
    "slow interest. Groups: weak edges against the same models freed of what is tested, proven by broad occasions "
    "whose limits are measured on simulated weeks, not derived. Not in the model: single bursts and scheduled posting "
    "(events), delays beyond the widest window between the members of a pair, a probability for a group as a whole."
)


@dataclass(frozen=True, slots=True)
class Assessment:
    """What :func:`assess` found in one trace.

    Attributes
    ----------
    edges : pandas.DataFrame
        Pairs with at least two occasions, by window, then ids; in a window with more than ten million coactions without
        those that partner degree alone makes likely (p of .05 and more): ``notes["n_pairs_left_out"]``. The columns of
        :func:`spmc_tools.coactions` for that window on the same actions; then ``window_s``; ``n_occasions``,
        ``n_sources`` (distinct sources), ``expected`` (the larger of ``expected_degree`` and ``expected_interest``),
        ``p``; ``q``, which is 1 where there are fewer than three occasions; ``p_group``: p° of a weak edge inside a
        proven group, else 1; and three checks that a reader can recompute, on which nothing depends: ``n_retained,
        expected_degree_check, p_degree_check``
        (:mod:`~spmc_tools.chance.checks.degree_check`), ``time_weight, n_cotimed, p_time_local``
        (:mod:`~spmc_tools.chance.checks.time_local_bound`), ``n_habit, expected_habit, p_habit``
        (:mod:`~spmc_tools.chance.checks.habit_of_early`). In a window with more than a hundred thousand pairs the
        checks are
        missing for those that are neither significant nor among the smallest p: ``notes["n_pairs_not_checked"]``.
    accounts : pandas.DataFrame
        Every account seen, by score, then id: ``account_id, p, q, score, session, basis, named, context, n_sources,
        cluster_id, kind, group_id``. ``basis``: "several", "few", "one" or null. ``kind``: what *several* rests on,
        "pair" or (where no pair is enough) "group"; "late" for a member found in ``late``; else null; ``p`` and ``q``
        are those of its pairs. ``session``: what sessions add to the score. ``context``:
        its registered kind or null. ``n_sources``: distinct sources that its significant edges rest on, or, of kind
        "group", its occasions in company.
    clusters : pandas.DataFrame
        Communities of the edges with q < .05 and of the weak edges inside proven groups, largest first:
        ``cluster_id`` (from 1), ``accounts`` (list, ascending), ``size, n_edges, score`` (mean of its accounts'
        scores), ``first_t, last_t`` (earliest and latest coaction), ``n_named, n_context, kind`` (the commonest
        registered kind where at least half are registered); of its largest proven group ``group_id, n_broad`` (B) and
        ``group_size`` (s), missing where it has none.
    excluded : pandas.DataFrame
        Hot objects set aside: ``object_id, bin_start, bin_s, n_actions, share, reason``, for whom they were hot
        (``hot_for``: "everybody" or "circle", :mod:`~spmc_tools.chance.sessions.hot_circles`) and ``accounts`` (list,
        ascending), all who acted on them in the bin.
    groups : pandas.DataFrame
        Groups proven by broad occasions, largest first: ``group_id`` (from 1), ``accounts`` (list, ascending),
        ``size`` (s), ``n_broad`` (B), ``n_broad_late``, ``n_stretches`` (K), ``n_named``, ``n_context``, ``kind`` (as
        for clusters), ``cluster_id``.
    group_members : pandas.DataFrame
        Their members, by group, then id: ``group_id, account_id, n_occasions`` (o), ``company`` (c),
        ``expected_pairs`` (Λ), ``expected`` (Λ/c), ``p, q, found``.
    broad_occasions : pandas.DataFrame
        Their broad occasions, by group: ``group_id, object_id, start`` (seconds since 1970), ``n_members, n_crowd``.
    late : pandas.DataFrame
        Groups that strike old objects of one source together (:mod:`~spmc_tools.chance.groups.late_strikes`), largest
        first; a list to look at, from which nobody is named: ``late_id`` (from 1), ``source_id, accounts`` (list,
        ascending), ``size`` (s), ``n_strikes`` (S), ``n_runs`` (K), ``p, q, scattered, n_found, n_context, kind`` (as
        for groups).
    late_members : pandas.DataFrame
        Their members, by group, then id: ``late_id, account_id, n_strikes`` (o), ``expected, p, q, found``.
    late_strikes : pandas.DataFrame
        Their strikes, by group, then time: ``late_id, object_id, start`` (seconds since 1970), ``age_s, n_members``.
    sessions : pandas.DataFrame
        Groups that acted together within hours (:mod:`~spmc_tools.chance.sessions.session_groups`), largest first; a
        list to look at, from which nobody is named: ``session_id`` (from 1), ``accounts`` (list, ascending), ``size``,
        ``n_ties`` (pairs of members that chance does not explain, or of a group of rare meetings those with one; 0: a
        circle of hot objects, or with a ``p`` common strikes), ``n_met`` (pairs of members' acts in step) and
        ``expected_met`` by chance, ``n_sources`` (on which they were), ``window_s`` (of most ties), ``objects`` (list:
        those in step, of most members first, at most 50), ``n_objects``, ``n_stretches`` (times in step at least six
        hours apart; 1: a single session), ``first_t, last_t``, ``p`` (the largest of its members; of common strikes
        that of the group; else missing where not pairs made it), ``n_context, kind`` (as for groups).
    notes : dict
        What the numbers rest on: counts, windows, strata, whether sources are known, what the model is.
    """

    edges: pd.DataFrame
    accounts: pd.DataFrame
    clusters: pd.DataFrame
    excluded: pd.DataFrame
    groups: pd.DataFrame
    group_members: pd.DataFrame
    broad_occasions: pd.DataFrame
    late: pd.DataFrame
    late_members: pd.DataFrame
    late_strikes: pd.DataFrame
    sessions: pd.DataFrame
    notes: dict[str, Any] = field(default_factory=dict)


def assess(
    actions: Any,
    windows_s: Sequence[float] | float = (60, 600),
    strata: str | Mapping[Any, Any] | None = "learn",
    context: Mapping[Any, str] | None = None,
    seed: int = 0,
) -> Assessment:
    """Return which accounts acted together more often than chance expects, with the expectation of each pair.

    Parameters
    ----------
    actions : DataFrame, Arrow table, Ibis table, path or glob of Parquet
        ``account_id``, ``object_id``, ``t``; optional ``source_id``, whose object it is. Without it each object is
        its own source, and the notes say so.
    windows_s : sequence of float
        Two actions on one object are in step if at most this many seconds apart, inclusive.
    strata : "learn", None or mapping
        Accounts that read alike: learned from what they do out of step, one stratum, or account id -> stratum.
    context : mapping, optional
        Account id -> kind ("newsroom", "official", …) that an officer registered. Such accounts, and clusters at
        least half of which they are, are shown with their kind and never named.
    seed : int
        Of communities and learned strata.

    Returns
    -------
    Assessment
        The same for the same actions and seed, whatever the order of the rows.

    Raises
    ------
    ActionsError
        Where the actions lack a column or hold a null id or time.
    ParameterError
        Where a window, the strata, the context (as ids of another type than the accounts') or the seed cannot be used.

    Notes
    -----
    A finding says that accounts acted together more than the stated model expects. It is no evidence of automation,
    payment, falsity or intent. Known false positives: newsrooms that share several wires (register them as context),
    and fans who all follow the same eight stars or more, which post seldom. The score is an order in which to look,
    not how likely a finding is to be wrong.
    Below a hundred accounts the models have little to learn from: ``notes["evidence"]`` says so.
    """
    windows = tuple(asked.seconds(windows_s, zero=True))
    seed = asked.seed(seed)
    asked.kinds(context)
    encoded = encode(actions)
    ids = tables.ids_of(encoded.accounts, np.arange(len(encoded.accounts)))
    kinds = _kinds(context, ids)
    source_of, n_mixed = source_of_objects(encoded)
    kept, merged = _retained(encoded, source_of, max(windows))
    stratum, strata_note = _strata(strata, ids, kept, max(windows), seed)
    n_tests = len(ids) * (len(ids) - 1) // 2 * len(windows)
    pairs = tested_pairs(kept.line, windows, stratum, n_tests)
    cells = pair_cells(kept, pairs, windows)
    groups, weak = found_groups(kept, pairs, cells, (windows, stratum), seed)
    held = [group for group in groups if group.proven]
    tests = account_tests(pairs, cells, held, len(ids), len(windows))
    p_group = in_groups(pairs, weak, tests.group)
    tests = with_evidence(tests, pairs, p_group)
    late = [group for group in late_groups(kept.line, kept.born_us) if group.proven]
    tests = with_late(tests, late)
    late = largest_first(late)
    acts = first_acts(encoded, source_of)
    circles = hot_circles(acts, kept.hot)
    sessions = session_tests(acts, session_windows(windows), stratum, circles)
    tests = with_sessions(tests, sessions)
    edges = tables.edge_table(encoded, pairs, windows, p_group)
    edges = with_checks(edges, kept, (pairs, cells), windows, stratum)
    clusters = tables.cluster_table(edges, ids, tests, kinds, seed)
    shown = group_table(ids, held, kinds, clusters)
    return Assessment(
        edges=edges,
        accounts=tables.account_table(ids, tests, kinds, clusters, shown),
        clusters=with_groups(clusters, shown),
        groups=shown,
        group_members=tables.members_table("group_id", ids, held),
        broad_occasions=broad_occasions_table(encoded, held),
        late=late_table(encoded, ids, late, kinds),
        late_members=tables.members_table("late_id", ids, late),
        late_strikes=late_strikes_table(encoded, late),
        sessions=session_table(encoded, acts, ids, sessions.groups, kinds),
        excluded=tables.excluded_table(encoded, acts, kept.hot, circles),
        notes={
            "chance_model": _MODEL,
            "windows_s": list(windows),
            "strata": strata_note,
            "seed": seed,
            **_counts(encoded, kept, pairs, n_tests),
            "objects_with_several_sources": n_mixed,
            "n_pairs_left_out": sum(counts.n_left_out for counts in pairs.swept),
            "n_pairs_not_checked": int(edges["n_retained"].isna().sum()),
            "n_weak_edges": int(weak.a.size),
            "n_groups_looked_at": len(groups),
            "n_groups_proven": len(held),
            "n_late_groups": len(late),
            "n_session_groups": len(sessions.groups),
            "n_actions_left_out_of_sessions": sessions.n_left_out,
            "live_groups": tables.live_group_ids(encoded, merged),
            **_context_notes(kinds, ids),
            "evidence": _evidence(len(ids)),
        },
    )


def strata_of(actions: Any, windows_s: Sequence[float] | float = (60, 600), seed: int = 0) -> dict[Any, int]:
    """Return the stratum of each account that :func:`assess` learns from these actions, windows and seed.

    Given to it as ``strata``, they give the same numbers. They serve assessments of the same accounts with little
    added, which need not learn them anew: :mod:`spmc_tools.findings.robustness.power`.

    Parameters
    ----------
    actions, windows_s, seed
        As :func:`assess`.
    """
    windows = tuple(asked.seconds(windows_s, zero=True))
    encoded = encode(actions)
    ids = tables.ids_of(encoded.accounts, np.arange(len(encoded.accounts)))
    kept, _ = _retained(encoded, source_of_objects(encoded)[0], max(windows))
    stratum, _ = _strata("learn", ids, kept, max(windows), asked.seed(seed))
    return dict(zip(ids.tolist(), stratum.tolist(), strict=True))


def _retained(
    encoded: EncodedActions, source_of: NDArray[np.int32], window_s: float
) -> tuple[Retained, NDArray[np.int32]]:
    """Return what is kept to be tested, live events merged; and the live events."""
    kept = retain(encoded, source_of, window_s)
    merged = live_groups(kept.line, window_s)
    return replace(kept, line=with_sources(kept.line, merged)), merged


def _kinds(context: Any, ids: pd.Series[Any]) -> dict[Any, str]:
    """Return the registered kinds by account id; ids of another type than the accounts' would match none of them."""
    kinds = asked.kinds(context)
    if len(ids):
        wanted = _type_of(ids.iloc[0])
        for account in kinds:
            if _type_of(account) != wanted:
                raise ParameterError(
                    f"context: the account {quote(account)} is {_type_of(account)}, but those of these actions are "
                    f"{wanted}, as {quote(ids.iloc[0])}; give ids of the same type."
                )
    return kinds


def _type_of(account: object) -> str:
    whole = isinstance(account, Integral) and not isinstance(account, bool)
    return "text" if isinstance(account, str) else "a whole number" if whole else type(account).__name__


def _strata(
    strata: str | Mapping[Any, Any] | None, ids: pd.Series[Any], kept: Retained, window_s: float, seed: int
) -> tuple[NDArray[np.int32], str]:
    """Return the stratum of each account, and where it comes from in words."""
    if strata is None:
        return one_stratum(len(ids)), "one stratum"
    if isinstance(strata, str):
        if strata != "learn":
            raise ParameterError(f'strata is {quote(strata)}, wanted "learn", None or a mapping account_id -> stratum.')
        slow, in_step = readings(kept.line, window_s)
        stratum = learned_strata(slow, in_step, seed)
        return stratum, f"learned: {_n_strata(stratum)}"
    stratum = given_strata(ids.tolist(), strata)
    return stratum, f"given: {_n_strata(stratum)}"


def _n_strata(stratum: NDArray[np.int32]) -> str:
    number = int(stratum.max()) + 1 if stratum.size else 0
    return "one stratum" if number == 1 else f"{number} strata"


def _counts(encoded: EncodedActions, kept: Retained, pairs: PairTests, n_tests: int) -> dict[str, Any]:
    """Return the counts that the numbers rest on; actions = repeated + hot + retained."""
    n_hot = int(kept.hot.action.sum())
    return {
        "n_accounts": len(encoded.accounts),
        "n_objects": len(encoded.objects),
        "n_actions": encoded.n,
        "n_actions_repeated": encoded.n - kept.n_first,
        "n_actions_hot": n_hot,
        "n_actions_retained": kept.n_first - n_hot,
        "n_tests": n_tests,
        "n_pairs_tested": int(pairs.tested.sum()),
        "sources_known": encoded.source is not None,
        "sources": "as given" if encoded.source is not None else _NO_SOURCES,
    }


def _context_notes(kinds: Mapping[Any, str], ids: pd.Series[Any]) -> dict[str, int]:
    here = set(ids.tolist())
    return {"n_context": sum(x in here for x in kinds), "n_context_not_seen": sum(x not in here for x in kinds)}


def _evidence(n_accounts: int) -> str:
    """Return whether there are enough accounts for the chance models to learn from."""
    if n_accounts >= FEW_ACCOUNTS:
        return "sufficient"
    return (
        f"insufficient evidence: {n_accounts} accounts, fewer than {FEW_ACCOUNTS}; the numbers are computed, but the "
        "chance models have little to learn from"
    )
