"""What is chosen is one value with a history: every step can be undone, and redone until another one is taken."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spmc_tools.show.selection.state import Filters, History, Selected, Side, Sides, State

ACCOUNTS = st.lists(st.sampled_from(["901", "902", "903", "904"]), unique=True, max_size=3).map(tuple)
MOMENTS = st.integers(0, 5).map(lambda hour: pd.Timestamp("2025-11-03", tz="UTC") + pd.Timedelta(hours=hour))
PERIODS = st.none() | st.tuples(MOMENTS, MOMENTS).map(lambda ends: tuple(sorted(ends)))
FILTERS = st.builds(
    Filters,
    trace=st.sampled_from([None, "co_text", "co_url"]),
    window_s=st.sampled_from([None, 60.0, 600.0]),
    q=st.sampled_from([None, 0.01, 0.001]),
    tier=st.sampled_from([None, "A", "B", "C"]),
)
CHANGES = st.one_of(
    ACCOUNTS.map(lambda accounts: lambda state: state.selecting(accounts)),
    st.integers(1, 3).map(lambda group: lambda state: state.selecting(("901", "902"), None, group)),
    st.just(lambda state: state.selecting(("901", "902"), ("901", "902"))),
    PERIODS.map(lambda period: lambda state: state.within(period)),
    FILTERS.map(lambda filters: lambda state: replace(state, filters=filters)),
    st.booleans().map(lambda every: lambda state: replace(state, all_accounts=every)),
    st.sampled_from(["cluster", "trace", "tier", "first"]).map(lambda by: lambda state: replace(state, color_by=by)),
    st.lists(st.integers(1, 3), unique=True).map(lambda groups: lambda state: replace(state, folded=tuple(groups))),
    st.sampled_from(["en", "hi"]).map(lambda language: lambda state: replace(state, language=language)),
)
STATES = st.builds(State, language=st.sampled_from(["en", "hi"]), selected=st.builds(Selected, accounts=ACCOUNTS))


@settings(deadline=None)
@given(STATES, st.lists(CHANGES))
def test_all_undone_is_the_first_state_and_all_redone_the_last(first, changes) -> None:
    history, last = History(first), first
    for change in changes:
        last = change(last)
        history = history.changed(last)
    assert history.now == last
    steps = len(history.before)
    for _ in range(steps):
        history = history.undo()
    assert history.now == first and history.undo() == history and len(history.after) == steps
    for _ in range(steps):
        history = history.redo()
    assert history.now == last and history.redo() == history and len(history.before) == steps


@settings(deadline=None)
@given(STATES, st.lists(st.one_of(CHANGES, st.sampled_from(["undo", "redo"]))))
def test_a_history_is_a_list_with_a_place_in_it(first, steps) -> None:
    """Against a list of all states and the number of the one that is shown."""
    history, states, place = History(first), [first], 0
    for step in steps:
        if step == "undo":
            history, place = history.undo(), max(0, place - 1)
        elif step == "redo":
            history, place = history.redo(), min(len(states) - 1, place + 1)
        else:
            changed = step(states[place])
            if changed != states[place]:
                states, place = [*states[: place + 1], changed], place + 1
            history = history.changed(changed)
        assert history == History(states[place], tuple(states[:place]), tuple(states[place + 1 :]))


def test_a_change_leaves_the_state_that_it_was_made_from() -> None:
    first = State()
    period = pd.Timestamp("2025-11-03", tz="UTC"), pd.Timestamp("2025-11-04", tz="UTC")
    second = first.within(period).selecting(("901",))
    assert first == State() and second.selected == Selected(("901",), None, None, period)
    with pytest.raises(FrozenInstanceError):
        second.color_by = "tier"
    assert History(first).changed(State()).before == ()  # the same again is no step
    assert first.within(None) == first and second.selecting().selected == Selected(period=period)


@pytest.mark.parametrize(
    ("state", "narrows"),
    [
        (State(), False),
        (State(language="hi", all_accounts=True, color_by="tier", folded=(1,)), False),
        (State(selected=Selected(("901",))), False),
        (State(filters=Filters(q=0.01)), True),
        (State(filters=Filters(trace="co_url")), True),
        (State().within((pd.Timestamp(0, tz="UTC"), pd.Timestamp(1, tz="UTC"))), True),
    ],
)
def test_filters_and_a_period_narrow_and_nothing_else_does(state, narrows) -> None:
    assert state.narrows() is narrows


def test_what_filters_ask_for_is_named_as_narrowed_takes_it() -> None:
    assert Filters().asked() == {}
    assert Filters("co_url", 60.0, 0.01, "B").asked() == {"trace": "co_url", "window_s": 60.0, "q": 0.01, "tier": "B"}


def test_two_sides_have_the_same_history() -> None:
    first = Sides(Side(3), Side(0))
    history = History(first).changed(replace(first, before=Side(2))).changed(replace(first, before=Side(1)))
    assert history.undo().now.before == Side(2) and history.undo().undo().now == first
    assert history.undo().redo().now == replace(first, before=Side(1))
