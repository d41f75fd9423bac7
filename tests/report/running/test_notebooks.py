"""The notebooks that come with the project: declared parameters, no logic, and each runs to its end."""

from __future__ import annotations

import ast

import nbformat
import pytest

from spmc_tools.report.page.sections import SECTIONS
from spmc_tools.report.running.run import known_notebooks, run_notebook
from spmc_tools.report.words.parameters import declared
from spmc_tools.resources import resource


def paths():
    return [resource("notebooks", f"{name}.ipynb") for name in known_notebooks()]


@pytest.mark.parametrize("path", paths(), ids=lambda path: path.stem)
def test_parameters_are_declared_and_defaults_agree(path) -> None:
    known = declared(path)
    node = nbformat.read(path, as_version=4)
    cell = next(cell for cell in node.cells if "parameters" in cell.metadata.get("tags", []))
    tree = ast.parse(cell.source)
    defaults = {target.id: ast.literal_eval(one.value) for one in tree.body for target in one.targets}
    assert {name: one.default for name, one in known.items()} == defaults
    assert set(node.metadata["spmc"]["sections"]) <= set(SECTIONS)


@pytest.mark.parametrize("path", paths(), ids=lambda path: path.stem)
def test_cells_hold_calls_alone(path) -> None:
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type != "code":
            continue
        assert cell.outputs == [] and cell.execution_count is None
        for node in ast.walk(ast.parse(cell.source)):
            assert not isinstance(
                node,
                (ast.FunctionDef, ast.ClassDef, ast.Lambda, ast.For, ast.While, ast.If, ast.Try, ast.comprehension),
            ), cell.source


@pytest.mark.parametrize("path", paths(), ids=lambda path: path.stem)
def test_errors_are_sentences_before_a_case_is_opened(path) -> None:
    code = "\n".join(cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code")
    assert 0 < code.find("errors_as_sentences(Wording(language))") < code.find("open_case(")


@pytest.mark.parametrize("path", paths(), ids=lambda path: path.stem)
def test_the_program_behind_a_cell_is_folded_and_the_choices_are_not(path) -> None:
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "code":
            folded = cell.metadata.get("jupyter", {}).get("source_hidden", False)
            assert folded != ("parameters" in cell.metadata.get("tags", []))


def test_election_watch_runs_on_a_small_case(small_case) -> None:
    done = run_notebook(small_case, "election_watch", {}, language="both")
    assert done.status == "complete" and [*done.reports] == ["en", "hi"]
    english, hindi = (path.read_text(encoding="utf-8") for path in done.reports.values())
    assert "31 rows read" in english and "31 rows read" not in hindi and len(english) < len(hindi) < 2_000_000
    exports = {path.name for path in (done.report.parent / "exports").iterdir()}
    assert exports == {"findings.xlsx", "edges.csv", "network.graphml", "posts_to_look_at.csv"}
    assert "acct1" not in (done.report.parent / "exports" / "edges.csv").read_text(encoding="utf-8-sig")


def test_election_watch_on_a_period_and_one_trace(small_case) -> None:
    given = {"date_from": "2025-11-03", "date_to": "2025-11-04", "traces": "copypasta", "windows_s": "60"}
    done = run_notebook(small_case, "election_watch", given)
    text = done.report.read_text(encoding="utf-8")
    assert done.status == "complete" and "15 records of the case lie outside" in text
    assert not (done.report.parent / "exports").exists() and "only a part of the case" in text


def test_intake_runs_and_its_form_is_no_part_of_the_page(small_case) -> None:
    done = run_notebook(small_case, "10_intake", {})
    text = done.report.read_text(encoding="utf-8")
    assert done.status == "complete" and "VBox" not in text and "31 rows read" in text


@pytest.mark.slow
@pytest.mark.parametrize(("name", "status"), [("00_start_here", "complete"), ("20_network", "complete")])
def test_the_explorer_s_notebooks_run_and_their_widgets_are_no_part_of_the_page(small_case, name, status) -> None:
    done = run_notebook(small_case, name, {})
    text = done.report.read_text(encoding="utf-8")
    assert done.status == status and "VBox" not in text and "StartPage" not in text and "Explorer" not in text


@pytest.mark.slow
def test_a_dossier_is_about_one_account(small_case) -> None:
    from spmc_tools.case.acts.marks import mark

    mark(small_case, "acct2", "cleared", "a <b>volunteer</b>", by="S. I. Kumari")
    done = run_notebook(small_case, "30_account_dossier", {"account": "acct2"})
    text = done.report.read_text(encoding="utf-8")
    assert done.status == "complete" and "handle_2" in text and "a &lt;b&gt;volunteer" in text
    assert run_notebook(small_case, "30_account_dossier", {"account": "nobody"}).status == "failed"
    without = run_notebook(small_case, "30_account_dossier", {})
    assert without.status == "partial" and "nobody in this case may" in without.report.read_text(encoding="utf-8")


def test_intake_form_looks_before_it_imports(small_case, tmp_path) -> None:
    from spmc_tools.report.words.wording import Wording
    from spmc_tools.show.pages.intake_form import IntakeForm

    path = tmp_path / "week.csv"
    path.write_text(
        "user_id,created_at,text\n7,2025-11-05T10:00:00Z,<script>alert(1)</script>\n8,2025-11-05T10:00:30Z,plain\n",
        encoding="utf-8",
    )
    form = IntakeForm(small_case, str(path), Wording("en").say)
    before = small_case.inputs_hash()
    form.import_file()
    assert "Look at the file first" in form.said.value and small_case.inputs_hash() == before
    form.look_at_file()
    assert "user_id" in form.rows.value and "&lt;script&gt;" in form.rows.value and "<script>" not in form.rows.value
    assert small_case.inputs_hash() == before and form.confirmed and not form.keep.disabled, form.said.value
    assert "2 rows would be read" in form.said.value and form.fields is not None
    assert form.fields.records["account_id"].value == ("user_id",)
    form.file.value = str(tmp_path / "other.csv")
    assert form.keep.disabled
    form.look_at_file()
    assert form.keep.disabled and "other.csv" in form.said.value
    form.file.value = str(path)
    form.look_at_file()
    form.import_file()
    assert small_case.inputs_hash() == before and "how the file was obtained" in form.said.value
    form.obtained.value = "open_tool"
    form.import_file()
    assert small_case.inputs_hash() != before and "2 rows read" in form.said.value
