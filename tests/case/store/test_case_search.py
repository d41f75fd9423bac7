"""Search: any way of writing finds the post, held against a scan of match keys; the index is trusted by its hash."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spmc_tools.case.store.set_aside import set_aside
from spmc_tools.custody.review.verify import verify
from spmc_tools.errors import IntegrityError, ParameterError, SpmcError
from spmc_tools.schema import ACCOUNTS, RECORDS
from spmc_tools.text.match_key import match_key

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from spmc_tools.case.store.case import Case

START = datetime(2025, 11, 1, 20, tzinfo=UTC)
TEXTS = [
    "कल सड़क पर बड़ी भीड़ थी। मतदान केंद्र १२", "सम्बन्ध की ख़बर #Vote_Bihar", "Booth number 12 is closed",
    "ووٹ کی خبر", "क्\u200dष मतदान", None, "किसान और कर्म", "RT @gaya_news: मतदान 12", 'say "quoted" OR (near*) text:',
]  # fmt: skip


@pytest.fixture
def filled(case: Case, tmp_path: Path) -> Case:
    put(case, tmp_path, "posts.csv", TEXTS)
    return case


def put(case: Case, folder: Path, name: str, texts: list[str | None]) -> None:
    (folder / name).write_text(name)
    sha256 = hashlib.sha256(name.encode()).hexdigest()
    rows = [
        {
            "record_id": f"{name}{n}", "platform": "x", "account_id": f"4{n}", "kind": "post", "text": text,
            "created_at": START - timedelta(hours=n), "mentions": ["gaya_news"] if n == 2 else None,
            "urls": ["https://Example.org/path-q"] if n == 3 else None, "source_sha256": sha256, "source_row": n,
        }
        for n, text in enumerate(texts)
    ]  # fmt: skip
    account = {"account_id": "44", "platform": "x", "handle": "Patna_Live", "source_sha256": sha256, "source_row": 1}
    with case.new_batch(folder / name, sha256) as batch:
        batch.write(records=RECORDS.from_rows(rows), accounts=ACCOUNTS.from_rows([account]))
        batch.commit(format="made-up", read=len(rows), duplicates=0)


def found(case: Case, words: str, **options: int) -> list[int]:
    return case.search(words, **options)["source_row"].tolist()


@pytest.mark.parametrize(
    ("words", "rows"),
    [
        ("सड़क", [0]), ("सडक", [0]), ("मतदान", [7, 4, 0]), ("मतदान 12", [7, 0]), ("केन्द्र", [0]), ("केंद्र १२", [0]),
        ("संबंध ख़बर", [1]), ("VOTE bihar", [1]), ("vote_bihar", [1]), ("#Vote_Bihar", [1]), ("क्ष", [4]), ("ووٹ", [3]),
        ("booth", [2]), ("@gaya_news", [2]), ("gaya_news", [2]), ("@patna_live", [4]), ("44", [4]),
        ("example.org", [3]), ("https://example.org/path-q", [3]), ('"बड़ी भीड़"', [0]), ('"भीड़ बड़ी"', []),
        ("किस*", [6]), ("किस", []), ("quoted near", [8]), ('OR "text"', [8]), ("absent", []), ("posts.csv6", [6]),
    ],
)  # fmt: skip
def test_any_way_of_writing(filled: Case, words: str, rows: list[int]) -> None:
    assert found(filled, words) == rows


def test_what_a_hit_shows(filled: Case) -> None:
    hits = filled.search("मतदान", limit=1)
    (hit,) = hits.to_dict("records")
    assert hits.attrs["total"] == 3
    assert (hit["record_id"], hit["account_id"], hit["source_name"]) == ("posts.csv7", "47", "posts.csv")
    assert f"{hit['time_ist']:%Y-%m-%d %H:%M}" == "2025-11-01 18:30"
    logged = [e["payload"] for e in filled.ledger.entries() if e["kind"] == "search"]
    assert [(e["words"], e["hits"], e["made"]) for e in logged] == [("मतदान", 3, True)]


words = st.text("कखगम्ंि़ानड१2Aa _-#", min_size=0, max_size=6)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(st.lists(words, max_size=4).map(" ".join), min_size=1, max_size=6), asked=words)
def test_against_a_plain_scan(
    tmp_path_factory: pytest.TempPathFactory, facts: dict, texts: list[str], asked: str
) -> None:
    from spmc_tools.case.store.case import create_case

    folder = tmp_path_factory.mktemp("case")
    case = create_case("one", cases=folder / "cases", **facts)
    put(case, folder, "p", list(texts))
    keys = [match_key(part) for part in asked.split()]
    if not any(keys):
        with pytest.raises(ParameterError):
            case.search(asked)
        return
    scan = [n for n, text in enumerate(texts) if all(f" {k} " in f" {match_key(text)} " for k in keys)]
    hits = found(case, asked)
    assert set(scan) <= set(hits)
    ids = {n: f"4{n} p{n}" for n in range(len(texts))}
    extra = [n for n in hits if n not in scan]
    assert all(any(part.casefold().strip("_-#") in ids[n].split() for part in asked.split()) for n in extra)


@pytest.mark.parametrize("words", ["", "  ", '""', "🙂", "***", "!!!", "x " * 31])
def test_nothing_to_search_for(filled: Case, words: str) -> None:
    with pytest.raises(ParameterError):
        filled.search(words)


@pytest.mark.parametrize(
    "words", ['a" OR text:*', "NEAR(a b)", "a AND NOT b", "-a", "^a", "text:a", "'; DROP TABLE posts", "\x00"]
)
def test_no_word_is_read_as_a_query(filled: Case, words: str) -> None:
    try:
        assert set(found(filled, words)) <= {2, 8}
    except ParameterError:
        assert words == "\x00"


def test_the_index_follows_the_imports(filled: Case, tmp_path: Path) -> None:
    assert found(filled, "booth") == [2]
    put(filled, tmp_path, "b.csv", ["booth"])
    assert found(filled, "booth") == [2, 0]
    set_aside(filled, "1", "mistake")
    assert found(filled, "booth") == [0]
    assert len(list(filled.path.glob("derived/*/search"))) == 1
    assert found(filled, "booth") == [0]
    made = [e["payload"]["made"] for e in filled.ledger.entries() if e["kind"] == "search"]
    assert made == [True, True, True, False]
    assert verify(filled.path).ok


def test_a_changed_index_is_told_and_not_read(filled: Case) -> None:
    assert found(filled, "booth") == [2]
    (index,) = filled.path.glob("derived/*/search/index.sqlite")
    index.write_bytes(index.read_bytes()[:-4096])
    assert "index.sqlite" in str(verify(filled.path).first_difference)
    assert found(filled, "booth") == [2]
    assert verify(filled.path).ok


def test_a_full_disk_leaves_no_index(filled: Case, monkeypatch: pytest.MonkeyPatch, snapshot: Callable) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    before = {name: value for name, value in snapshot(filled.path).items() if value is not None}
    with monkeypatch.context() as patch:
        patch.setattr("spmc_tools.case.store.case_search.sync_file", full)
        with pytest.raises(SpmcError, match="full"):
            filled.search("booth")
    assert {name: value for name, value in snapshot(filled.path).items() if value is not None} == before
    filled.chain_problem = "broken"
    with pytest.raises(IntegrityError):
        filled.search("booth")
