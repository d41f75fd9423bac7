"""What is told of each group, and its picture: what its posts say, what carries a claim, whom it reached."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from spmc_tools.coaction.traces.trace_catalogue import TRACES
from spmc_tools.findings.clusters.ordinary_patterns import fitting
from spmc_tools.report.sections.story.barcode import Drawn, barcode
from spmc_tools.report.sections.story.carried_claims import carried_claims, claims_desk
from spmc_tools.report.sections.story.labels import common_words, label
from spmc_tools.report.sections.story.pattern_states import pattern_states
from spmc_tools.report.sections.story.reach import followers_of, reach
from spmc_tools.report.sections.story.story_values import Barcode, Label, PatternState, Story
from spmc_tools.report.sections.story.sureness import sureness

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import pandas as pd

    from spmc_tools.case.store.case import Case
    from spmc_tools.desks.rumours.rumour import RumourDesk
    from spmc_tools.findings.result.findings import Findings
    from spmc_tools.report.scope.scope import Scope
    from spmc_tools.report.sections.groups.base_rates import SimulatedFindings
    from spmc_tools.report.sections.groups.shown_groups import Group
    from spmc_tools.report.sections.story.labels import CommonWords

__all__ = ["Told", "thing_of_records"]


class Told:
    """What of a case is needed to tell of its groups, read once.

    Parameters
    ----------
    case : Case
        Its register of claims and its accounts.
    scope : Scope
        Its posts, event and days.
    found : Findings
        The groups.
    number : mapping
        Account -> its number in the report.
    """

    def __init__(self, case: Case, scope: Scope, found: Findings, number: Mapping[str, int]) -> None:
        self._case, self._scope, self._found, self._number = case, scope, found, number

    @cached_property
    def _members(self) -> set[str]:
        return {account for members in self._found.clusters["accounts"] for account in members}

    @cached_property
    def _apart(self) -> set[str]:
        return self._members | {entry.account_id for entry in self._case.settings.context} | set(self._number)

    @cached_property
    def _desk(self) -> RumourDesk | None:
        return claims_desk(self._case, self._scope.searched, self._members | set(self._number))

    @cached_property
    def _common(self) -> CommonWords:
        return common_words(self._scope.searched)

    @cached_property
    def _followers(self) -> dict[str, int]:
        return followers_of(self._case)

    def story(self, group: Group, evidence: pd.DataFrame, links: pd.DataFrame, like: SimulatedFindings | None) -> Story:
        """Return what is told of a group.

        Parameters
        ----------
        group : Group
            With accounts that may be named.
        evidence : pandas.DataFrame
            Their posts in step.
        links : pandas.DataFrame
            Their linked pairs: ``n_occasions, expected``.
        like : SimulatedFindings or None
            What findings like it were.
        """
        claims = carried_claims(self._desk, group.named)
        return Story(
            label=label(evidence, claims, len(group.named), self._common),
            claims=claims,
            reach=reach(self._followers, group.named),
            patterns=self.patterns(evidence),
            seen=float(links["n_occasions"].median()) if len(links) else None,
            expected=float(links["expected"].median()) if len(links) else None,
            rests="pairs" if len(links) else "group" if self._proven(group) else "events",
            decided=self.decided(group.cluster_id),
            sure=sureness(None, 0) if like is None else sureness(like.n, like.benign + like.open),
        )

    def _proven(self, group: Group) -> bool:
        return bool((self._found.proven_groups["cluster_id"] == group.cluster_id).any())

    def label(self, members: Sequence[str], evidence: pd.DataFrame) -> Label:
        """Return what the posts of accounts that are not named are about."""
        return label(evidence, carried_claims(self._desk, members), len(members), self._common)

    def picture(self, group: Group, evidence: pd.DataFrame) -> Barcode | None:
        """Return the posts in step of a group over time, beside those of other accounts."""
        claims = carried_claims(self._desk, group.named)
        things = evidence["object_id"].astype(object)
        if "event_id" in evidence:
            things = things.where(things.notna(), evidence["event_id"].astype(object))
        return barcode(
            self._scope,
            Drawn(
                evidence.assign(thing=things.map(str, na_action="ignore")),
                self._number,
                [claim.official_at for claim in claims if claim.official_at is not None],
                self._apart,
                thing_of_records(self._found, [str(name) for name in dict.fromkeys(evidence["trace"])]),
                int(self._found.parameters.get("seed") or 0),
            ),
        )

    def decided(self, cluster_id: int) -> PatternState | None:
        """Return what officers decided of a cluster that an ordinary pattern explains; None: nothing stands."""
        return next(iter(pattern_states(self._found, cluster_id)), None)

    def patterns(self, evidence: pd.DataFrame) -> tuple[str, ...]:
        """Return the ordinary patterns that explain a trace of at least half of the accounts of some posts in step."""
        return fitting(self._found.ordinary_patterns, set(evidence["account_id"]))


def thing_of_records(found: Findings, traces: Sequence[str]) -> Callable[[Sequence[str]], dict[str, str]]:
    """Return what gives of some records the first object that each is about, in the first of these traces."""

    def things(records: Sequence[str]) -> dict[str, str]:
        wanted = pa.array(list(records), pa.string())
        of_record: dict[str, str] = {}
        for trace in reversed([name for name in traces if name in TRACES and TRACES[name].table != "accounts"]):
            actions = found.trace_actions(trace).select(["record_id", "object_id"])
            mine = actions.filter(pc.is_in(actions["record_id"], value_set=wanted))
            pairs = zip(mine["record_id"].to_pylist(), mine["object_id"].to_pylist(), strict=True)
            of_record.update((record, str(thing)) for record, thing in pairs)
        return of_record

    return things
