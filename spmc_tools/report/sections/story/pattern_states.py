"""What officers decided of groups that an ordinary pattern explains, as pages tell it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from spmc_tools.findings.clusters.ordinary_patterns import PATTERNS
from spmc_tools.findings.result.decided_patterns import decided
from spmc_tools.report.sections.story.story_values import DecisionOfPattern, PatternState

if TYPE_CHECKING:
    from spmc_tools.findings.result.decided_patterns import PatternGroup
    from spmc_tools.findings.result.findings import Findings

__all__ = ["pattern_states"]


def pattern_states(found: Findings, cluster_id: int | None = None) -> tuple[PatternState, ...]:
    """Return what stands of the groups of which officers decided something, in the order of the groups.

    Parameters
    ----------
    found : Findings
        Of a case.
    cluster_id : int, optional
        Only of this cluster; None: of all groups, accounts in no cluster, too.
    """
    groups = [group for group in decided(found) if group.acts]
    return tuple(_state(group) for group in groups if cluster_id is None or group.cluster_id == cluster_id)


def _state(group: PatternGroup) -> PatternState:
    return PatternState(
        state=group.state,
        size=len(group.accounts),
        patterns=tuple(name for name in PATTERNS if name in group.patterns),
        decisions=tuple(
            DecisionOfPattern(
                decision=act.decision,
                by=act.by,
                at=datetime.fromisoformat(act.at),
                reason=act.reason,
                entry=act.seq,
                signed=act.public_key is not None,
            )
            for act in group.acts
        ),
    )
