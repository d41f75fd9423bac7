"""From a report back to file and row: compared with SQL over the case, with the page's cards, after changes."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

import duckdb
import nbformat
import networkx as nx
import pytest

from spmc_tools.case.store.case import Case, open_case
from spmc_tools.case.store.set_aside import set_aside
from spmc_tools.custody.evidence_pack.provenance_tree import Step, as_page, graph, provenance_steps, write_provenance
from spmc_tools.custody.evidence_pack.sheets import as_sheet
from spmc_tools.errors import CaseError, IntegrityError, ParameterError
from spmc_tools.show.charts import tree_picture
from spmc_tools.signing.manifest import write_manifest

if TYPE_CHECKING:
    from pathlib import Path

RUN = "20251113T034000Z-election_watch-ab12"


@pytest.fixture
def case(make_case, all_sections, as_notebook):
    made = make_case([f"बूथ {n} बंद है" for n in range(6)], [f"acct{n}" for n in range(1, 6)], [f"h{n}" for n in range(5)])
    folder = made.run_dir(RUN)
    nbformat.write(as_notebook(all_sections(made)), folder / "notebook.ipynb")
    (folder / "report.html").write_text("<!doctype html><title>x</title>")
    write_manifest(made, folder, notebook="election_watch", edition="full")
    return made


def test_each_step_is_the_row_that_the_case_holds(case: Case) -> None:
    steps = provenance_steps(case, RUN)
    assert steps
    (batch,) = case.batches()
    place = case.path / batch.tables["records"]["path"]
    held = duckdb.sql(f"SELECT record_id, platform, source_sha256, source_row FROM '{place}'").fetchall()
    for step in steps:
        assert (step.record_id, step.platform, step.source_sha256, step.source_row) in held
        assert (step.file, step.batch, step.format) == (batch.source_name, batch.batch_id, batch.format)
        assert step.state == "same"
        entry = next(e for e in case.ledger.entries() if e["seq"] == step.entry)
        assert (entry["kind"], entry["payload"]["source_sha256"]) == ("import", step.source_sha256)
        assert step.imported_at[:19] == entry["at"][:19]


def test_groups_are_numbered_as_on_the_page(case: Case) -> None:
    """The second route: the cards in the notebook's values, walked by hand."""
    text = (case.path / "reports" / RUN / "notebook.ipynb").read_text(encoding="utf-8")
    cards = next(
        output["data"][mime]["values"]["cards"]
        for cell in json.loads(text)["cells"]
        for output in cell.get("outputs", [])
        for mime in output.get("data", {})
        if isinstance(output["data"][mime], dict) and "cards" in (output["data"][mime].get("values") or {})
    )
    wanted = [
        (k, post["record"], post["row"])
        for k, card in enumerate(cards, start=1)
        for block in card["posts"]
        for post in block["posts"]
    ]
    found = [(s.group, s.record_id, s.source_row) for s in provenance_steps(case, RUN) if s.group is not None]
    assert set(found) >= set(wanted) and {group for group, _, _ in found} == set(range(1, len(cards) + 1)) == {1}
    table = case.records(posts_only=True)
    own = table[table["account_id"].str.startswith("acct")]  # the five accounts of the only group
    assert set(found) == {(1, one.record_id, one.source_row) for one in own.itertuples()}
    assert len(found) == len(own) + len(wanted)  # on a card and in the list of all its posts


def test_what_changed_since_is_said(case: Case) -> None:
    set_aside(case, "000001", "wrong file")
    assert {step.state for step in provenance_steps(open_case(case.id), RUN)} == {"set_aside"}


def test_a_changed_run_is_not_read(case: Case) -> None:
    path = case.path / "reports" / RUN / "notebook.ipynb"
    path.chmod(0o600)
    path.write_text(path.read_text(encoding="utf-8").replace('"row"', '"row" '), encoding="utf-8")
    with pytest.raises(IntegrityError):
        provenance_steps(case, RUN)
    with pytest.raises(CaseError, match="has no report"):
        provenance_steps(case, "none")


def test_the_graph_is_a_way_from_the_run_to_every_origin(case: Case) -> None:
    steps = provenance_steps(case, RUN)
    made = graph(steps, RUN)
    assert nx.is_directed_acyclic_graph(made)
    rows = {(a[1], b[1]): facts["rows"] for a, b, facts in made.edges(data=True) if "rows" in facts}
    for step in steps:
        assert step.source_row in rows[step.group if step.group is not None else step.section, step.source_sha256]
        assert nx.has_path(made, ("run", RUN), ("origin", (step.obtained, step.received_from)))
    ways = {(s.section if s.group is None else s.group, s.source_sha256, s.source_row) for s in steps}
    assert sum(map(len, rows.values())) == len(ways)


def test_boxes_do_not_lie_on_each_other() -> None:
    made = nx.DiGraph()
    for level, count in enumerate((1, 12, 40, 3)):
        for k in range(count):
            made.add_node((level, k), level=level)
    at = tree_picture.placed(made)
    assert [sum(node[0] == level for node in at) for level in range(4)] == [1, 12, tree_picture.MOST, 3]
    for a in at:
        for b in at:
            if a < b and a[0] == b[0]:
                assert abs(at[a][1] - at[b][1]) >= 0.69
    middle = [sum(y for (level, _), (_, y) in at.items() if level == k) / n for k, n in enumerate((1, 12, 24, 3))]
    assert max(middle) - min(middle) < 1e-9


@pytest.mark.parametrize("language", ["en", "hi"])
def test_the_page_holds_picture_and_table(case: Case, language: str) -> None:
    steps = provenance_steps(case, RUN)
    page = as_page(case, RUN, steps, language)
    assert "data:image/svg+xml;base64," in page
    assert page.count("<tr>") >= len(steps)
    assert steps[0].source_sha256 in page
    assert ("समूह 1" in page) == (language != "en")
    assert "<script" not in page
    assert as_page(case, RUN, steps, language).split("</style>")[1] == page.split("</style>")[1]


def test_a_report_without_posts(case: Case) -> None:
    page = as_page(case, RUN, [], "en")
    assert "shows no post" in page
    assert "data:image" not in page


def test_the_table_holds_every_step_and_no_formula(case: Case) -> None:
    steps = provenance_steps(case, RUN)
    rows = list(csv.DictReader(io.StringIO(as_sheet(steps, Step).decode("utf-8-sig"))))
    assert [(r["record_id"], int(r["source_row"])) for r in rows] == [(s.record_id, s.source_row) for s in steps]
    hostile = [type(steps[0])(**{**{f: getattr(steps[0], f) for f in steps[0].__slots__}, "file": "=cmd()"})]
    assert ",'=cmd()," in as_sheet(hostile, Step).decode()


def test_written_files_are_logged_first(case: Case, tmp_path: Path) -> None:
    write_provenance(case, RUN, tmp_path / "tree.html")
    write_provenance(case, RUN, tmp_path / "tree.csv")
    logged = [e["payload"] for e in case.ledger.entries() if e["kind"] == "export"]
    assert [(one["file"], one["what"], one["run"]) for one in logged] == [
        ("tree.html", "provenance", RUN),
        ("tree.csv", "provenance", RUN),
    ]
    with pytest.raises(ParameterError, match=r"ends in \.html or \.csv"):
        write_provenance(case, RUN, tmp_path / "tree.png")
