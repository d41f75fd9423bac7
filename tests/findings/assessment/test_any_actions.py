"""Whatever a table of actions holds, ``assess`` returns an assessment or says in a sentence why it cannot."""

from __future__ import annotations

from hypothesis import given

from tests.findings.any_tables import A_HUNDRED, AnyTable, actions, check_actions


@A_HUNDRED
@given(actions())
def test_any_table_of_actions_is_assessed_or_refused_in_a_sentence(drawn: AnyTable) -> None:
    check_actions(drawn)
