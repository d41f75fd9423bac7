"""Whatever a table of actions holds, ``assess`` returns an assessment or says in a sentence why it cannot."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings

from tests.findings.any_tables import AnyTable, actions, check_actions


@settings(
    max_examples=100, deadline=None, derandomize=True, database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)  # fmt: skip
@given(actions())
def test_any_table_of_actions_is_assessed_or_refused_in_a_sentence(drawn: AnyTable) -> None:
    check_actions(drawn)
