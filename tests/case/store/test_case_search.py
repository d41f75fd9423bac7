"""Search: any way of writing finds the post, held against a scan of match keys; the index is trusted by its hash."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spmc_tools.case.store.case_search import PostFilter
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


def found(case: Case, words: str, **options: Any) -> list[int]:
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
    assert found(filled, words, sound=False) == rows


def test_what_a_hit_shows(filled: Case) -> None:
    hits = filled.search("मतदान", limit=1)
    (hit,) = hits.to_dict("records")
    assert hits.attrs["total"] == 3
    assert (hit["record_id"], hit["account_id"], hit["source_name"]) == ("posts.csv7", "47", "posts.csv")
    assert f"{hit['time_ist']:%Y-%m-%d %H:%M}" == "2025-11-01 18:30"
    logged = [e["payload"] for e in filled.ledger.entries() if e["kind"] == "search"]
    assert [(e["words"], e["hits"], e["made"]) for e in logged] == [("मतदान", 3, True)]


words = st.text("कखगम्ंि़ानड१2Ää _-#", min_size=0, max_size=6)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    texts=st.lists(st.lists(words, max_size=4).map(" ".join), min_size=1, max_size=6),
    asked=words.map(lambda typed: typed.replace("-", "_")),
)
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
    hits = found(case, asked, sound=False)
    assert set(scan) <= set(hits) <= set(found(case, asked))
    ids = {n: f"4{n} p{n}" for n in range(len(texts))}
    extra = [n for n in hits if n not in scan]
    assert all(any(part.casefold().strip("_-#") in ids[n].split() for part in asked.split()) for n in extra)


@pytest.mark.parametrize(
    "words", ["", "  ", '""', "🙂", "***", "!!!", "xy " * 31, "-one", "NOT (one OR two)", "one OR -two"]
)
def test_nothing_to_search_for(filled: Case, words: str) -> None:
    with pytest.raises(ParameterError):
        filled.search(words)


@pytest.mark.parametrize(
    "words", ['a" OR text:*', "NEAR(a b)", "a AND NOT b", "^a", "text:a", "'; DROP TABLE posts", "\x00"]
)
def test_no_word_is_read_as_a_query(filled: Case, words: str) -> None:
    try:
        assert set(found(filled, words)) <= {2, 8}
    except ParameterError:
        assert words == "\x00"


SCRIPTS = ["बूथ 112 पर EVM खराब", "booth 112 par ई.वी.एम. kharab", "بوتھ ۱۱۲ پر ای وی ایم خراب", "lockdown nahi lagega",
           "लॉक डाउन नहीं", "لاک ڈاؤن نہیں", "भूत की कहानी", "elections are near", "इलेक्शन की ख़बर", "الیکشن",
           None]  # fmt: skip


@pytest.fixture(scope="module")
def scripts(tmp_path_factory: pytest.TempPathFactory, facts: dict) -> Case:
    from spmc_tools.case.store.case import create_case

    folder = tmp_path_factory.mktemp("scripts")
    case = create_case("scripts", cases=folder / "cases", **facts)
    put(case, folder, "s", SCRIPTS)
    return case


@pytest.mark.parametrize(
    ("words", "rows"),
    [
        ("booth", {0, 1, 2}), ("बूथ", {0, 1, 2}), ("بوتھ", {0, 1, 2}), ("EVM", {0, 1, 2}), ("ईवीएम", {0, 1, 2}),
        ("E V M", {0, 1, 2}), ("lockdown", {3, 4, 5}), ("لاک ڈاؤن", {3, 4, 5}), ('"lock down"', {3, 4, 5}),
        ("booth kharab", {0, 1, 2}), ("बूथ -१११", {0, 1, 2}), ("بوتھ NOT EVM", set()), ("bhoot", {6}),
        ("lockdown OR bhoot", {3, 4, 5, 6}), ("(lockdown OR booth) NOT nahi", {0, 1, 2}),
        ("booth NEAR/3 EVM", {0, 1, 2}),
        ("booth NEAR/1 kharab", set()), ('"evm kharab"', {0, 1, 2}), ('"kharab evm"', set()), ("इलेक्*", {7, 8, 9}),
        ("elect*", {7}), ("election", {8, 9}),
    ],
)  # fmt: skip
def test_every_script_finds_every_script(scripts: Case, words: str, rows: set[int]) -> None:
    assert set(found(scripts, words)) == rows


@pytest.mark.parametrize(
    ("words", "row", "how", "matched", "at"),
    [
        ("EVM", 0, "typed", "EVM", [(11, 14)]), ("EVM", 1, "sound", "ई.वी.एम", [(14, 21)]),
        ("बूथ EVM", 2, "sound", "بوتھ, ای وی ایم", [(0, 4), (12, 21)]), ("s3", 3, "other", "", []),
        ("elect*", 7, "typed", "elections", [(0, 9)]),
    ],
)  # fmt: skip
def test_a_hit_says_how_it_matched_and_where(
    scripts: Case, words: str, row: int, how: str, matched: str, at: list[tuple[int, int]]
) -> None:
    hits = scripts.search(words).set_index("source_row").loc[row]
    assert (hits["how"], hits["matched"], hits["places"]) == (how, matched, at)
    assert ", ".join(SCRIPTS[row][start:end] for start, end in at) == matched


def test_what_narrows_a_search(scripts: Case) -> None:
    first = START - timedelta(hours=1)  # 2025-11-02 00:30 in India; two hours later rows lie on the day before
    day = (first + timedelta(hours=5, minutes=30)).date()
    assert set(found(scripts, "booth", only=PostFilter(first_day=day))) == {0, 1}
    assert set(found(scripts, "booth", only=PostFilter(last_day=day - timedelta(days=1)))) == {2}
    assert found(scripts, "booth", only=PostFilter(account="42")) == [2]
    assert found(scripts, "EVM", only=PostFilter(account="@PATNA_live")) == []
    assert found(scripts, "lockdown OR इलेक्शन", only=PostFilter(account="@PATNA_live")) == [4]
    assert found(scripts, "booth", only=PostFilter(kind="repost")) == []
    assert found(scripts, "booth", only=PostFilter(with_media=True)) == []
    logged = [entry["payload"] for entry in scripts.ledger.entries() if entry["kind"] == "search"][-7]
    assert logged["first_day"] == str(day) and logged["hits"] == 2


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"kind": "tweet"}, "--kind: found"),
        ({"first_day": date(2025, 2, 2), "last_day": date(2025, 2, 1)}, "lies after"),
    ],
)
def test_a_filter_that_cannot_be_is_refused(options: dict, sentence: str) -> None:
    with pytest.raises(ParameterError, match=sentence):
        PostFilter(**options)


def test_rare_words_first(case: Case, tmp_path: Path) -> None:
    texts = ["बाढ़ पानी", "बाढ़ बाढ़ बाढ़", "बाढ़ कुछ और बहुत से दूसरे शब्द यहाँ", *["पानी"] * 5]
    put(case, tmp_path, "r", texts)
    assert found(case, "बाढ़", order="rarity") == [1, 0, 2] and found(case, "बाढ़") == [2, 1, 0]
    with pytest.raises(ParameterError, match="--order"):
        case.search("बाढ़", order="likes")


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


def test_some_rows_are_those_of_the_whole_table(filled: Case, tmp_path: Path) -> None:
    put(filled, tmp_path, "second", ["eins", None, "drei"])
    tables = filled.tables_in_use()
    whole = tables.table("records").to_pylist()
    for rows in ([], [0], [10, 2, 9, 11, 2], list(range(len(whole)))):
        assert tables.records_at(rows, RECORDS.names).to_pylist() == [whole[row] for row in rows]
    assert tables.records_at([1], ["text"]).schema == tables.table("records", ["text"]).schema
