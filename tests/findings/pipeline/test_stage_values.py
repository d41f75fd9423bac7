"""What a stage gives comes back equal in every value and type; what is no such file is refused."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spmc_tools.coaction.traces.trace_catalogue import actions_of
from spmc_tools.errors import IntegrityError
from spmc_tools.findings.assessment.assess import Assessment, assess
from spmc_tools.findings.assessment.untimed_pairs import untimed_layer
from spmc_tools.findings.detectors.run_detectors import Detected
from spmc_tools.findings.pipeline.stage_values import packed, unpacked
from spmc_tools.findings.result.received_records import received
from spmc_tools.findings.tiers.scores import Scored

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

FRAMES = (
    "edges", "accounts", "clusters", "excluded", "groups", "group_members", "broad_occasions", "late", "late_members",
    "late_strikes",
)  # fmt: skip


def there_and_back(value: Any) -> Any:
    content = packed(value)
    assert content is not None
    assert packed(value) == content  # the same value, the same bytes
    return unpacked(content)


@pytest.fixture(scope="module")
def tables(world: pd.DataFrame) -> dict[str, pa.Table]:
    records = received(world).table
    return {name: actions_of(records, name) for name in ("co_repost", "copypasta")}


def test_actions(tables: dict[str, pa.Table]) -> None:
    for table in tables.values():
        again = there_and_back(table)
        assert again.equals(table, check_metadata=True)


@pytest.mark.parametrize("name", ["co_repost", "copypasta"])
def test_an_assessment(tables: dict[str, pa.Table], name: str) -> None:
    made = assess(tables[name], windows_s=(60, 600), context={"c0000": "newsroom"})
    again = there_and_back(made)
    assert isinstance(again, Assessment)
    assert name == "copypasta" or (len(made.edges) and len(made.clusters))
    for frame in FRAMES:
        pd.testing.assert_frame_equal(getattr(again, frame), getattr(made, frame))
    assert again.notes == made.notes


def test_an_assessment_of_hardly_anything(tables: dict[str, pa.Table]) -> None:
    made = assess(tables["co_repost"].slice(0, 3), windows_s=(60,))
    again = there_and_back(made)
    for frame in FRAMES:
        pd.testing.assert_frame_equal(getattr(again, frame), getattr(made, frame))


def test_an_untimed_layer(tables: dict[str, pa.Table]) -> None:
    made = untimed_layer(tables["co_repost"], "co_repost")
    row = Scored("co_repost", "few", 0.01, 2.5, named=False, kind="untimed", rank_only=True, facts=(3, 4, 0.25))
    made = replace(made, scored={"c0001": row, "c0000": replace(row, facts=None)})
    again = there_and_back(made)
    assert again.scored == made.scored
    assert list(again.scored) == list(made.scored)
    assert again.notes == made.notes
    assert len(made.edges)
    pd.testing.assert_frame_equal(again.edges, made.edges)
    pd.testing.assert_frame_equal(again.excluded, made.excluded)


@given(
    scored=st.dictionaries(
        st.text(max_size=5),
        st.builds(
            Scored, st.text(max_size=4), st.none() | st.just("few"), st.floats(0, 1), st.floats(0, 60),
            named=st.booleans(),
            facts=st.none() | st.tuples(st.integers(0, 9), st.integers(0, 9), st.none() | st.floats(0, 1e9)),
        ),
        max_size=3,
    )
)  # fmt: skip
@settings(max_examples=30, deadline=None)
def test_what_a_detector_ranks(scored: dict[str, Scored]) -> None:
    frame = pd.DataFrame({"x": pd.array([1, None], dtype="Int64"), "y": pd.Series([{"a": 1.5}, None], dtype=object)})
    again = there_and_back(Detected(frame, None, scored, {"code": "x", "columns": ["a"]}))
    assert again.scored == scored
    assert again.not_run == {"code": "x", "columns": ["a"]} and again.surges is None
    pd.testing.assert_frame_equal(again.signals, frame)


def test_what_json_cannot_hold_is_not_kept() -> None:
    assert packed(Detected(pd.DataFrame({"x": pd.Series([object()], dtype=object)}))) is None
    assert packed(Detected(pd.DataFrame({"x": [1]}, index=[7]))) is None


def spoilt() -> Iterator[bytes]:
    whole = packed(Detected(pd.DataFrame({"x": [1]})))
    assert whole is not None
    yield from (b"", b"PK", whole[: len(whole) // 2])
    for kind in ("Path", None, ["x"], "Detected"):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as file:
            file.writestr("told.json", json.dumps({"kind": kind, "more": 1}))
        yield out.getvalue()
    for content in ("[]", "{", "[" * 100_000):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as file:
            file.writestr("told.json", content)
        yield out.getvalue()


@pytest.mark.parametrize("content", list(spoilt()), ids=lambda _: "")
def test_another_form_is_refused(content: bytes) -> None:
    with pytest.raises(IntegrityError):
        unpacked(content)
