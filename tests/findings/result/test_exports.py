"""Exports read back with the programs they are for; hostile ids stay text; a case's ids stay inside."""

from __future__ import annotations

import copy
import csv
import dataclasses
import hashlib
import json
import re
from typing import TYPE_CHECKING, Any

import networkx as nx
import openpyxl
import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spmc_tools.errors import CaseError, IntegrityError, ParameterError, SpmcError
from spmc_tools.findings import stored_results as stored
from spmc_tools.findings.pipeline.investigate import investigate
from spmc_tools.findings.result.exports import SUFFIXES, formula_safe, xml_safe

if TYPE_CHECKING:
    from pathlib import Path

NASTY = ["=HYPERLINK(1)", "+1", "-1", "@SUM(A1)", "\tx", "＝1+1", "<b>&\"'", "a\x00b\x0b", "c\u202ed", "=1\x01"]


@pytest.fixture(scope="module")
def hostile(world: pd.DataFrame, members: list[str]) -> Any:
    """Findings whose linked accounts have ids that would run in a spreadsheet or break XML."""
    names = dict(zip(members, NASTY, strict=True))
    return investigate(world.assign(account_id=world["account_id"].map(lambda a: names.get(a, a))))


def linked(found: Any) -> set[str]:
    strong = found.edges[found.edges["q"] < 0.05]
    return {*strong["account_a"], *strong["account_b"]}


def test_csv_is_the_edges(found: Any, tmp_path: Path) -> None:
    path = found.export(tmp_path / "x.csv")
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == len(found.edges)
    for row, edge in zip(rows, found.edges.itertuples(), strict=True):
        assert (row["account_a"], row["account_b"], row["trace"]) == (edge.account_a, edge.account_b, edge.trace)
        assert float(row["expected"]) == edge.expected
        assert pd.Timestamp(row["first_t"]) == edge.first_t


def test_parquet_is_the_edges(found: Any, tmp_path: Path) -> None:
    back = pq.read_table(found.export(str(tmp_path / "x.parquet"))).to_pandas()
    pd.testing.assert_frame_equal(back, found.edges)


def test_xlsx_holds_its_sheets(found: Any, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(found.export(tmp_path / "x.XLSX"))
    sheets = ["accounts", "edges", "clusters", "events", "sessions", "signals", "tag_surges", "reply_swarms"]
    assert book.sheetnames == [*sheets, "tests"]
    for name in sheets:
        rows = list(book[name].values)
        assert len(rows) == len(getattr(found, name)) + 1
    accounts = pd.DataFrame(list(book["accounts"].values)[1:], columns=next(iter(book["accounts"].values)))
    kept = found.accounts.to_dict("records")
    last = float("inf")  # no tier, and no group, stand last
    order = sorted(
        (str(row["tier"] or "D"), last if pd.isna(row["cluster_id"]) else row["cluster_id"], row["account_id"])
        for row in kept
    )
    assert accounts["account_id"].tolist() == [account for *_, account in order]  # no order of persons but that of ids


def test_no_sheet_but_that_of_the_edges_holds_a_number_of_the_far_tail(found: Any, tmp_path: Path) -> None:
    q = [9e-10, 1e-9, *[0.5] * (len(found.accounts) - 2)]
    far = dataclasses.replace(
        found, accounts=found.accounts.assign(q=q), clusters=found.clusters.assign(max_q=0.0, median_expected=1e-12)
    )
    far = dataclasses.replace(far, edges=far.edges.assign(p=1e-30))
    book = openpyxl.load_workbook(far.export(tmp_path / "far.xlsx"))

    def column(sheet: str, name: str) -> list[Any]:
        head, *rows = book[sheet].values
        return [row[head.index(name)] for row in rows]

    said = dict(zip(column("accounts", "account_id"), column("accounts", "q"), strict=True))
    assert said == dict(zip(found.accounts["account_id"], ["below 10⁻⁹", *q[1:]], strict=True))
    assert set(column("clusters", "max_q")) == {"below 10⁻⁹"} and set(column("clusters", "median_expected")) == {1e-12}
    assert set(column("edges", "p")) == {1e-30}


def test_every_list_of_accounts_says_whether_an_ordinary_pattern_explains_it(found: Any, tmp_path: Path) -> None:
    """Beside what chance says stands the pattern; half of a group is enough, and fewer than half are not."""
    members = list(found.clusters["accounts"].iloc[0])
    half, fewer = members[: (len(members) + 1) // 2], members[: (len(members) - 1) // 2]
    rows = [
        {"account_id": account, "trace": "co_repost", "pattern": pattern, "share": 0.9, "of_group": False}
        for pattern, accounts in (("followers", half), ("daily_round", fewer))
        for account in accounts
    ]
    patterned = dataclasses.replace(found, ordinary_patterns=pd.DataFrame(rows))
    book = openpyxl.load_workbook(patterned.export(tmp_path / "x.xlsx"))

    def told(sheet: str) -> list[dict[str, Any]]:
        head, *lines = book[sheet].values
        return [dict(zip(head, line, strict=True)) for line in lines]

    by_account = {row["account_id"]: row for row in told("accounts")}
    for account in found.accounts["account_id"]:
        wanted = [name for name, whose in (("daily_round", fewer), ("followers", half)) if account in whose]
        assert (by_account[account]["ordinary_patterns"] or "") == " ".join(wanted)
        assert isinstance(by_account[account]["q"], float | int | str)
    assert [row["ordinary_patterns"] or "" for row in told("clusters")] == [
        "followers",
        *[""] * (len(found.clusters) - 1),
    ]
    for row, accounts in zip(told("sessions"), found.sessions["accounts"], strict=True):
        assert ("followers" in (row["ordinary_patterns"] or "")) == (2 * len({*accounts} & {*half}) >= len(accounts))
    for suffix, read in ((".graphml", nx.read_graphml), (".gexf", nx.read_gexf), (".objects.graphml", nx.read_graphml)):
        back = read(patterned.export(tmp_path / f"x{suffix}"))
        kinds = {node: facts["pattern"] for node, facts in back.nodes(data=True) if facts.get("kind") != "object"}
        assert (
            kinds[fewer[0]] == "daily_round,followers" and kinds[half[-1]] == "followers" and kinds[members[-1]] == ""
        )


def test_no_export_holds_a_score(found: Any, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(found.export(tmp_path / "x.xlsx"))
    assert not [sheet.title for sheet in book for name in next(sheet.values) if "score" in str(name)]
    for name in ("x.csv", "x.graphml", "x.gexf", "x.objects.graphml", "x.objects.gexf"):
        assert b"score" not in found.export(tmp_path / name).read_bytes(), name
    assert "score" not in pq.read_schema(found.export(tmp_path / "x.parquet")).names


def by_hand(rows: list[dict[str, str]]) -> dict[tuple[str, str], list[tuple[float, float, float]]]:
    """Return for each family of tests the stated q of its tested pairs with its bounds, from the rows of a CSV."""
    families: dict[tuple[str, str], list[dict[str, str]]] = {}
    for row in rows:
        if int(row["n_occasions"]) >= 3:
            families.setdefault((row["trace"], "timed" if row["window_s"] else "untimed"), []).append(row)
    made = {}
    for name, own in families.items():
        own.sort(key=lambda row: float(row["p"]))
        m, tested, here = (int(own[0][key]) for key in ("m_tests", "n_tested", "n_tested_here"))
        assert here == len(own) <= tested <= m
        low = high = 1.0
        told = []
        for place in range(len(own), 0, -1):  # from the largest p to the smallest
            p = float(own[place - 1]["p"])
            low, high = min(low, m * p / (place + tested - here)), min(high, m * p / place)
            told.append((low, float(own[place - 1]["q"]), high))
        made[name] = told
    return made


def test_q_can_be_computed_from_the_csv_alone(found: Any, tmp_path: Path) -> None:
    with found.export(tmp_path / "x.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    families = by_hand(rows)
    assert sum(map(len, families.values())) > 20
    assert any(q < 0.05 for told in families.values() for _, q, _ in told)
    for told in families.values():
        for low, q, high in told:
            assert low == pytest.approx(q, rel=1e-9) == pytest.approx(high, rel=1e-9)
    assert {float(row["q"]) for row in rows if int(row["n_occasions"]) < 3} <= {1.0}

    # pairs that were tested and do not stand in the file: the stated q lies between its bounds
    some = dataclasses.replace(found, edges=found.edges.iloc[::3].reset_index(drop=True))
    with some.export(tmp_path / "y.csv").open(encoding="utf-8-sig", newline="") as stream:
        fewer = by_hand(list(csv.DictReader(stream)))
    apart = [(low, q, high) for told in fewer.values() for low, q, high in told]
    assert all(low <= q * (1 + 1e-9) and q <= high * (1 + 1e-9) for low, q, high in apart)
    assert any(low < q < high for low, q, high in apart)


def test_every_file_says_of_how_many_tests(found: Any, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(found.export(tmp_path / "x.xlsx"))
    head, *rows = book["tests"].values
    told = {(row[0], row[1]): row[2:] for row in rows}
    assert head == ("trace", "timed", "m_tests", "n_tested", "n_tested_here")
    for name, notes in found.notes["traces"].items():
        if "n_tests" in notes:
            n, windows = notes["n_accounts"], len(notes["windows_s"])
            assert told[name, True][0] == n * (n - 1) // 2 * windows
    metadata = pq.read_schema(found.export(tmp_path / "x.parquet")).metadata
    assert {(one["trace"], one["timed"]): one["m_tests"] for one in json.loads(metadata[b"tests"])} == {
        key: row[0] for key, row in told.items()
    }


@pytest.mark.parametrize(("suffix", "read"), [(".graphml", nx.read_graphml), (".gexf", nx.read_gexf)])
def test_networks_come_back(found: Any, tmp_path: Path, suffix: str, read: Any) -> None:
    graph = found.network()
    back = read(found.export(tmp_path / f"x{suffix}"))
    assert set(back) == set(graph) == linked(found)
    assert {frozenset(e) for e in back.edges()} == {frozenset(e) for e in graph.edges()}
    for a, b, facts in graph.edges(data=True):
        for name in ("n_occasions", "expected", "p", "q", "traces", "carried_by"):
            assert back.edges[a, b][name] == facts[name]
    for node, facts in graph.nodes(data=True):
        assert (back.nodes[node]["tier"], back.nodes[node]["cluster"]) == (facts["tier"], facts["cluster"])


def test_no_cell_is_a_formula(hostile: Any, tmp_path: Path) -> None:
    with hostile.export(tmp_path / "x.csv").open(encoding="utf-8-sig", newline="") as stream:
        cells = {cell for row in csv.reader(stream) for cell in row}
    assert "'=HYPERLINK(1)" in cells
    assert not [c for c in cells if c[:1] in set("=+@\t\r＝＋－＠")]
    assert not [c for c in cells if c.startswith("-") and not re.fullmatch(r"-\d+(\.\d+)?(e-?\d+)?", c)]
    book = openpyxl.load_workbook(hostile.export(tmp_path / "x.xlsx"))
    values = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in values} <= {"inlineStr", "s", "n"}
    assert "'=HYPERLINK(1)" in {cell.value for cell in values}
    assert not any(isinstance(c.value, str) and c.value[:1] in set("=+-@\t") for c in values)


@pytest.mark.parametrize(("suffix", "read"), [(".graphml", nx.read_graphml), (".gexf", nx.read_gexf)])
def test_hostile_ids_do_not_break_xml(hostile: Any, tmp_path: Path, suffix: str, read: Any) -> None:
    back = read(hostile.export(tmp_path / f"x{suffix}"))
    assert len(back) == len(linked(hostile))
    assert {xml_safe(name).strip() for name in linked(hostile)} == {str(node).strip() for node in back}
    assert "a\ufffdb\ufffd" in back


def test_hostile_ids_stay_whole_in_parquet(hostile: Any, tmp_path: Path) -> None:
    back = pq.read_table(hostile.export(tmp_path / "x.parquet"))
    assert {*back["account_a"].to_pylist(), *back["account_b"].to_pylist()} >= linked(hostile)


@given(st.text(max_size=20))
def test_formula_safe_begins_with_nothing_that_runs(text: str) -> None:
    safe = formula_safe(text)
    assert safe in (text, f"'{text}")
    assert safe.strip()[:1] not in set("=+-@＝＋－＠")
    assert formula_safe(safe) == safe


@given(st.text(alphabet=st.characters(), max_size=20))
def test_xml_safe_is_read_by_a_parser(text: str) -> None:
    from xml.etree import ElementTree as ET

    element = ET.Element("x")
    element.text = xml_safe(text)
    assert ET.fromstring(ET.tostring(element, encoding="utf-8")).text or not text


@pytest.mark.parametrize("name", ["x", "x.html", "x.csv.exe", ".csv"])
def test_unknown_suffix_is_refused(found: Any, tmp_path: Path, name: str) -> None:
    with pytest.raises(ParameterError, match=r"\.csv, \.parquet, \.xlsx, \.graphml, \.gexf"):
        found.export(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_failed_export_leaves_the_old_file(found: Any, tmp_path: Path, suffix: str, monkeypatch: Any) -> None:
    path = tmp_path / f"x{suffix}"
    path.write_bytes(b"older")

    def fail(_: object, part: Path) -> None:
        part.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setitem(SUFFIXES, suffix, fail)
    with pytest.raises(SpmcError, match="disk is full"):
        found.export(path)
    assert path.read_bytes() == b"older"
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


def test_where_nothing_can_be_written(found: Any, tmp_path: Path) -> None:
    with pytest.raises(SpmcError):
        found.export(tmp_path / "not there" / "x.csv")
    (tmp_path / "aim.csv").write_text("mine", encoding="utf-8")
    (tmp_path / "link.csv").symlink_to(tmp_path / "aim.csv")
    with pytest.raises(ParameterError):
        found.export(tmp_path / "link.csv")
    assert (tmp_path / "aim.csv").read_text(encoding="utf-8") == "mine"


class StandInCase:
    """What exports need of a case."""

    id = "made-up"

    def __init__(self, path: Path) -> None:
        self.path = path
        self.logged: list[tuple[str, dict[str, Any]]] = []

    def pseudonyms(self, accounts: Any) -> dict[str, str]:
        return {account: f"A-{number:08d}" for number, account in enumerate(sorted(set(accounts)))}

    def log(self, kind: str, payload: dict[str, Any]) -> None:
        self.logged.append((kind, payload))


@pytest.fixture
def of_case(found: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The findings of the made-up world as those of a case of their own, for one test."""
    kept = copy.copy(found)
    kept.case = StandInCase(tmp_path_factory.mktemp("case"))
    return kept


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_case_exports_pseudonyms_and_logs_it(of_case: Any, tmp_path: Path, suffix: str) -> None:
    path = of_case.export(tmp_path / f"x{suffix}")
    if suffix == ".xlsx":
        text = str([list(sheet.values) for sheet in openpyxl.load_workbook(path)])
    elif suffix == ".parquet":
        text = str(pq.read_table(path).to_pylist())
    else:
        text = path.read_text(encoding="utf-8-sig")
    assert "A-0000" in text
    assert not re.search(r"\b[ac]0\d\d\d\b", text)
    assert [kind for kind, _ in of_case.case.logged] == ["export"]
    assert of_case.case.logged[0][1]["file"] == path.name


def test_a_file_of_a_case_says_inside_what_it_is_of(of_case: Any, found: Any, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv("SPMC_RUN", "20251113T034000Z-x-ab12")
    about = {"case_id": of_case.case.id, "results": "", "run_id": "20251113T034000Z-x-ab12"}
    with of_case.export(tmp_path / "x.csv").open(encoding="utf-8-sig", newline="") as stream:
        assert all({name: row[name] for name in about} == about for row in csv.DictReader(stream))
    schema = pq.read_schema(of_case.export(tmp_path / "x.parquet"))
    assert {name: schema.metadata[name.encode()].decode() for name in about} == about
    book = openpyxl.load_workbook(of_case.export(tmp_path / "x.xlsx"))
    assert {a: b or "" for a, b in book["about"].values} == about
    assert nx.read_graphml(of_case.export(tmp_path / "x.graphml")).graph.items() >= about.items()
    text = of_case.export(tmp_path / "x.gexf").read_text(encoding="utf-8")
    assert "<description>case_id made-up; results ; run_id 20251113T034000Z-x-ab12</description>" in text
    assert len(nx.read_gexf(tmp_path / "x.gexf")) == len(found.network())
    assert "about" not in openpyxl.load_workbook(found.export(tmp_path / "y.xlsx")).sheetnames


def test_the_order_of_the_rows_tells_nothing_of_the_ids(of_case: Any, tmp_path: Path) -> None:
    def backwards(accounts: Any) -> dict[str, str]:
        return {a: f"A-{999 - number:08d}" for number, a in enumerate(sorted(set(accounts)))}

    of_case.case.pseudonyms = backwards
    edges = pq.read_table(of_case.export(tmp_path / "x.parquet")).to_pandas()
    keys = list(zip(edges["trace"], edges["window_s"], edges["account_a"], edges["account_b"], strict=True))
    assert keys == sorted(keys)
    sheet = openpyxl.load_workbook(of_case.export(tmp_path / "x.xlsx"))["accounts"]
    unranked = [row[0] for row in sheet.values if row[1] is None]
    assert unranked == sorted(unranked)
    assert (edges["account_a"] < edges["account_b"]).all() and edges["n_a_first"].isna().all()
    own = {a: p for p, a in backwards(of_case.accounts["account_id"]).items()}
    raw = of_case.edges.set_index(["trace", "window_s", "account_a", "account_b"])
    for row in edges.head(20).itertuples():  # every pair is turned round here, and its counts with it
        there = raw.loc[(row.trace, row.window_s, own[row.account_b], own[row.account_a])]
        assert (row.n_actions_a, row.n_actions_b) == (there["n_actions_b"], there["n_actions_a"])
    names = re.findall('node id="([^"]+)"', of_case.export(tmp_path / "x.graphml").read_text(encoding="utf-8"))
    assert names == sorted(names)


def test_nothing_leaves_without_an_entry(of_case: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise IntegrityError("The custody log of case made-up is broken.")

    monkeypatch.setattr(of_case.case, "log", refuse)
    for name in ("x.csv", "x.xlsx"):
        with pytest.raises(IntegrityError):
            of_case.export(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_the_entry_stands_before_the_file(of_case: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    there: list[bool] = []
    log = of_case.case.log

    def watch(kind: str, payload: dict[str, Any]) -> None:
        there.append((tmp_path / "x.csv").exists())
        log(kind, payload)

    monkeypatch.setattr(of_case.case, "log", watch)
    path = of_case.export(tmp_path / "x.csv")
    assert there == [False]
    assert of_case.case.logged[0][1]["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()


def test_times_beside_pseudonyms_tell_the_hour_alone(of_case: Any, found: Any, tmp_path: Path) -> None:
    edges = pq.read_table(of_case.export(tmp_path / "x.parquet")).to_pandas()
    raw = pq.read_table(found.export(tmp_path / "raw.parquet")).to_pandas()
    book = openpyxl.load_workbook(of_case.export(tmp_path / "x.xlsx"))
    for name in ("first_t", "last_t"):
        seconds = edges[name].astype("int64") // 10**6
        assert (seconds % 3600 == 0).all()
        assert sorted(seconds) == sorted(raw[name].astype("int64") // 10**6 // 3600 * 3600)
        assert (raw[name].dt.second > 0).any()
    for sheet in book:
        head, *rows = sheet.values
        for at, name in enumerate(head):
            if name in {"first_t", "last_t", "first_seen", "last_seen"}:
                assert rows or sheet.title in {"events", "tag_surges", "reply_swarms"}
                assert all(str(row[at]).endswith(":00:00+00:00") for row in rows)


@pytest.mark.parametrize("name", ["a\0.csv", 5, None, b"x.csv"])
def test_what_is_no_name_of_a_file_is_refused(found: Any, name: Any) -> None:
    with pytest.raises(ParameterError, match="name of a file"):
        found.export(name)


@pytest.mark.parametrize("cluster", ["x", 1.5, True, "1", [1], 99])
def test_a_network_of_what_is_no_cluster_is_refused(found: Any, cluster: Any) -> None:
    with pytest.raises(ParameterError, match="no cluster"):
        found.network(cluster)


def test_names_need_a_review(of_case: Any, found: Any, tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="reviewed run"):
        of_case.export(tmp_path / "x.csv", names=True)
    assert list(tmp_path.iterdir()) == []
    assert of_case.case.logged == []
    assert found.export(tmp_path / "x.csv", names=True).exists()


def test_a_review_that_upholds_lets_names_leave(of_case: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spmc_tools.findings.result.exports.reviewed", lambda _derived, _case: True)
    with of_case.export(tmp_path / "x.csv", names=True).open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["account_a"] for row in rows] == of_case.edges["account_a"].tolist()
    assert of_case.case.logged[-1][1]["names"] is True


def test_case_error_is_an_spmc_error() -> None:
    assert issubclass(CaseError, SpmcError)


def test_signals_beside_pseudonyms_tell_no_handle(of_case: Any, tmp_path: Path) -> None:
    rows = [
        {"detector": "account_cohort", "account_id": a, "use": "context", "measure": "handle", "n_seen": 3.0,
         "value": "secret_handle", "n_partners": 2, "partners": ["a0001", "elsewhere", "a0002"]}
        for a in ("a0000", "elsewhere")
    ]  # fmt: skip
    of_case.signals = stored.framed(stored.table_of(rows, "signals"))
    swarm = {"object_id": "p1", "source_id": "a0003", "first_t": of_case.edges["first_t"].iloc[0], "n_accounts": 5}
    of_case.reply_swarms = stored.framed(stored.table_of([swarm], "reply_swarms"))
    book = openpyxl.load_workbook(of_case.export(tmp_path / "x.xlsx"))
    head, *own = book["signals"].values
    shown = dict(zip(head, own[0], strict=True))
    assert len(own) == 1 and shown["value"] is None and len(shown["partners"].split()) == 2
    text = str([list(sheet.values) for sheet in book])
    assert "secret" not in text and "elsewhere" not in text and "p1" not in text and "a0003" not in text


def test_the_sheet_of_events_says_when_who_how_sure_and_by_what(of_case: Any, tmp_path: Path) -> None:
    """One row for each event, the least probable first; what it is about stands there where names may, too."""
    at = [pd.Timestamp(f"2025-11-05T{clock}Z") for clock in ("13:41:07", "15:02:59", "20:10:00", "21:59:59")]
    rows = [
        {
            "event_id": 1, "trace": "copypasta", "object_id": "a secret text", "cluster_id": 1, "n_accounts": 170,
            "n_records": 385, "first_t": at[0], "last_t": at[1], "signature": ["clock", "client"], "p": 4e-12,
            "q": 3e-11, "n_named": 111, "n_context": 0,
        },
        {
            "event_id": 2, "trace": "co_repost", "object_id": "secret99", "n_accounts": 9, "n_records": 12,
            "first_t": at[2], "last_t": at[3], "signature": ["burst", "repeat"], "p": 0.0004, "q": 0.008,
            "n_named": 0, "n_context": 2,
        },
    ]  # fmt: skip
    of_case.events = stored.framed(stored.table_of(rows, "events"))

    def sheet(name: str) -> list[dict[str, Any]]:
        head, *lines = openpyxl.load_workbook(of_case.export(tmp_path / name))["events"].values
        return [dict(zip(head, line, strict=True)) for line in lines]

    first, second = sheet("x.xlsx")
    assert "object_id" not in first and "secret" not in str([first, second])
    wanted = {
        "event_id": 1, "trace": "copypasta", "n_accounts": 170, "n_records": 385, "signature": "clock client",
        "p": "below 10⁻⁹", "q": "below 10⁻⁹", "first_t": "2025-11-05T13:00:00+00:00",
        "last_t": "2025-11-05T15:00:00+00:00", "n_named": 111, "n_context": 0, "cluster_id": 1,
    }  # fmt: skip
    assert {name: first[name] for name in wanted} == wanted
    assert (second["p"], second["q"], second["signature"], second["cluster_id"]) == (
        0.0004,
        0.008,
        "burst repeat",
        None,
    )
    of_case.case = None
    named = sheet("y.xlsx")
    assert [row["object_id"] for row in named] == ["a secret text", "secret99"]
    assert named[1]["last_t"] == "2025-11-05T21:59:59+00:00"


def test_sessions_beside_pseudonyms_tell_neither_members_nor_what_they_shared(of_case: Any, tmp_path: Path) -> None:
    seen = pd.Timestamp("2025-11-05T13:41:07Z")
    row = {
        "session_id": 1, "trace": "co_repost", "accounts": ["a0001", "a0000"], "size": 2, "n_ties": 1, "n_met": 15,
        "n_sources": 15, "expected_met": 0.41, "window_s": 60.0, "objects": ["secret1", "secret2"],
        "n_objects": 2, "n_stretches": 1, "first_t": seen, "last_t": seen, "p": 0.001, "n_context": 0, "kind": None,
    }  # fmt: skip
    of_case.sessions = stored.framed(stored.table_of([row], "sessions"))
    shown = of_case.case.pseudonyms(of_case.accounts["account_id"])
    head, cells = openpyxl.load_workbook(of_case.export(tmp_path / "x.xlsx"))["sessions"].values
    hour = "2025-11-05T13:00:00+00:00"
    assert dict(zip(head, cells, strict=True)) == {
        **{name: value for name, value in row.items() if name != "objects"},
        "accounts": " ".join(sorted([shown["a0000"], shown["a0001"]])), "first_t": hour, "last_t": hour,
        "ordinary_patterns": None,
    }  # fmt: skip
    of_case.case = None
    _, named = openpyxl.load_workbook(of_case.export(tmp_path / "y.xlsx"))["sessions"].values
    assert named[2] == "a0000 a0001" and "secret" not in str(named)
