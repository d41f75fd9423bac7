"""Groups that an ordinary pattern explains, and what officers decided of them: cleared, or named against the pattern.

A group is a cluster with a member that would be named and is only shown because a pattern explains it
(:mod:`spmc_tools.findings.clusters.ordinary_patterns`), or such an account alone. A decision of its content
(:mod:`spmc_tools.case.acts.pattern_decisions`) holds for its members that are shown for a pattern (tier C): one officer
clears them (no tier), two name them (tier B). It *lapses* where the case received posts behind the group after the
last officer decided: nobody has looked at these.

Known false positive of a naming: whatever the two officers overlook. Known false negative of a clearing: a campaign
that keeps its members and its pattern stays cleared until new posts come.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from spmc_tools.case.acts.marks import files_known
from spmc_tools.case.acts.pattern_decisions import PatternDecision, decisions_of, group_digest
from spmc_tools.findings.result.cleared import set_aside, with_tiers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from spmc_tools.case.store.case import Case
    from spmc_tools.findings.result.findings import Findings

__all__ = ["PatternGroup", "decided", "pattern_groups", "with_acts"]

_TIER_OF = {"cleared": None, "named": "B"}


@dataclass(frozen=True, slots=True)
class PatternGroup:
    """A group that an ordinary pattern explains.

    Attributes
    ----------
    accounts, traces, patterns : tuple of str
        All its members, the traces that a pattern explains, and these patterns, in order.
    shown : tuple of str
        Members that are shown for a pattern alone.
    cluster_id : int or None
        None: an account in no cluster.
    state : str
        ``open``, ``cleared``, ``one_officer`` (a second is missing), ``named``; ``lapsed``: posts came after it.
    acts : tuple of PatternDecision
        The decisions that stand.
    """

    accounts: tuple[str, ...]
    traces: tuple[str, ...]
    patterns: tuple[str, ...]
    shown: tuple[str, ...]
    cluster_id: int | None
    state: str = "open"
    acts: tuple[PatternDecision, ...] = ()

    @property
    def digest(self) -> str:
        """SHA-256 of its content, by which decisions name it."""
        return group_digest(self.accounts, self.traces, self.patterns)


def pattern_groups(found: Findings) -> list[PatternGroup]:
    """Return the groups that an ordinary pattern explains, clusters first, before any decision.

    Parameters
    ----------
    found : Findings
        Before officers' acts: who is shown for a pattern is in tier C.
    """
    rows = found.ordinary_patterns
    if not len(rows):
        return []
    tier = dict(zip(found.accounts["account_id"], found.accounts["tier"], strict=True))
    held_back = {account for account in rows["account_id"] if tier.get(account) == "C"}
    clusters: list[tuple[int | None, Sequence[str]]] = [
        (int(number), list(members))
        for number, members in zip(found.clusters["cluster_id"], found.clusters["accounts"], strict=True)
    ]
    in_cluster = {account for _, members in clusters for account in members}
    groups = []
    for number, members in [*clusters, *((None, [account]) for account in sorted(held_back - in_cluster))]:
        shown = sorted(held_back.intersection(members))
        if shown:
            theirs = rows[rows["account_id"].isin(members)]
            groups.append(
                PatternGroup(
                    tuple(sorted(members)),
                    tuple(sorted(set(theirs["trace"]))),
                    tuple(sorted(set(theirs["pattern"]))),
                    tuple(shown),
                    number,
                )
            )
    return groups


def with_acts(found: Findings, case: Case) -> None:
    """Let what officers decided of patterns, and then their marks *cleared*, hold for findings; once.

    Parameters
    ----------
    found : Findings
        Of this case, or of a part of its days; ``accounts`` and the counts ``n_named`` change, and
        ``notes["pattern_decisions"]`` holds every group with its state.
    case : Case
        Whose custody log is read.
    """
    _hold(found, case)
    set_aside(found, case)


def _hold(found: Findings, case: Case) -> None:
    made = decisions_of(case.ledger.entries())
    groups = pattern_groups(found)
    seqs = {made.standing[group.digest][-1].seq for group in groups if group.digest in made.standing}
    known = files_known(case, seqs) if seqs else {}
    noted: list[PatternGroup] = []
    tiers: dict[str, str | None] = {}
    for group in groups:
        acts = made.standing.get(group.digest, ())
        state = made.state(group.digest)
        if acts and not _files(found, group) <= known[acts[-1].seq]:
            state = "lapsed"
        if state in _TIER_OF:
            tiers.update(dict.fromkeys(group.shown, _TIER_OF[state]))
        noted.append(replace(group, state=state, acts=acts))
    found.notes = {**found.notes, "pattern_decisions": noted}
    if tiers:
        with_tiers(found, tiers)


def decided(found: Findings) -> list[PatternGroup]:
    """Return the groups that an ordinary pattern explains with what was decided of them; empty without a case."""
    noted: list[PatternGroup] = found.notes.get("pattern_decisions", [])
    return noted


def _files(found: Findings, group: PatternGroup) -> set[Any]:
    """Return the SHA-256 of every received file with a post behind a group."""
    evidence = found.evidence(group.shown[0] if group.cluster_id is None else group.cluster_id)
    return set(evidence["source_sha256"].dropna())
