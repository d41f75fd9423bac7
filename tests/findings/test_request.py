"""What an investigation may be asked for: every limit from both sides, and whom the register means."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from spmc_tools.coaction.traces.trace_catalogue import TRACES
from spmc_tools.errors import ParameterError
from spmc_tools.findings.detectors.detector_catalogue import DETECTORS
from spmc_tools.findings.request import checked_request, registered, seconds, seed, windows

SIX_HOURS = 6 * 60 * 60


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (60, [60.0]),
        ((600, 60, 600.0), [60.0, 600.0]),
        (np.array([5, 1]), [1.0, 5.0]),
        (np.float64(0.5), [0.5]),
        (SIX_HOURS, [21600.0]),
        (None, None),
    ],
)
def test_windows_are_seconds_in_ascending_order(asked, expected):
    assert windows(asked) == expected


@pytest.mark.parametrize("asked", [0, -1, SIX_HOURS + 1, (60, SIX_HOURS + 0.5), True, "60", b"60", (), None, [None]])
def test_what_is_no_window_is_refused(asked):
    with pytest.raises(ParameterError, match="windows_s"):
        seconds(asked, zero=False)


def test_zero_is_a_window_where_the_same_second_is_asked_for():
    assert seconds((0, 1), zero=True) == [0.0, 1.0]
    with pytest.raises(ParameterError, match="wanted seconds from 0 to 21,600"):
        seconds(-1, zero=True)


@pytest.mark.parametrize("value", [0, 1, 2**31 - 1, np.int64(7)])
def test_a_seed_is_a_whole_number(value):
    assert seed(value) == value and type(seed(value)) is int


@pytest.mark.parametrize("value", [-1, 2**31, True, False, 1.0, "1", None])
def test_what_is_no_seed_is_refused(value):
    with pytest.raises(ParameterError, match="wanted a whole number from 0 to 2,147,483,647"):
        seed(value)


def test_a_request_counts_its_stages_and_gives_each_trace_its_windows():
    name, trace = next((name, trace) for name, trace in TRACES.items() if trace.windows_s)
    without = next(trace for trace in TRACES.values() if not trace.windows_s)
    whole = checked_request("all", None, None, 0)
    assert whole.names == [*TRACES, *DETECTORS] and whole.n_stages == len(TRACES) + len(DETECTORS) + 2
    assert whole.windows_of(trace) == list(trace.windows_s) and whole.windows_of(without) == []
    part = checked_request([name], (600, 60), {"b": "newsroom", "a": "wire"}, 3)
    assert part.windows_of(trace) == [60.0, 600.0] and part.windows_of(without) == []
    assert part.as_json() == {
        "traces": [name], "windows_s": [60.0, 600.0], "context": {"a": "wire", "b": "newsroom"}, "seed": 3,
    }  # fmt: skip


def test_whom_the_register_means():
    """Account 1 is on two platforms, account 2 on one; nobody is account 9."""
    records = pa.table(
        {"platform": ["x", "telegram", "x", "x"], "account_id": ["x:1", "telegram:1", "2", "2"]},
    )
    kinds, notes = registered({"1": "newsroom", "x:1": "wire", "2": "office", "x:9": "wire"}, records)
    assert kinds == {"x:1": "wire", "telegram:1": "newsroom", "2": "office"}
    assert notes == {"registered": 4, "not_in_records": ["x:9"], "on_several_platforms": ["1"]}
    alone, said = registered({"x:2": "office"}, records)
    assert alone == {"2": "office"} and said == {"registered": 1, "not_in_records": [], "on_several_platforms": []}
