"""A run: parameters are checked before anything happens, failure is visible, the folder is whole or not there."""

from __future__ import annotations

import json
import os
import sys

import nbformat
import pytest
from nbformat import v4

from spmc_tools.custody.review.verify import verify
from spmc_tools.errors import ParameterError, RunError
from spmc_tools.report.page import browser
from spmc_tools.report.running.run import run_notebook
from spmc_tools.report.words.parameters import NAME, Parameter, check, declared
from tests.written_notebooks import KERNEL, OPEN, PURPOSE

DECLARED = {
    "case": {"type": "case", "default": "sample"},
    "date_from": {"type": "date", "nullable": True},
    "date_to": {"type": "date", "nullable": True, "not_before": "date_from"},
    "language": {"type": "choice", "choices": ["en", "hi"], "default": "en"},
    "share": {"type": "number", "min": 0, "max": 1, "default": 0.5},
    "seed": {"type": "integer", "min": 0, "max": 9, "default": 0},
    "windows_s": {"type": "integers", "min": 1, "max": 600, "nullable": True},
    "traces": {"type": "traces", "default": "all"},
    "event": {"type": "event", "nullable": True},
    "loud": {"type": "boolean", "default": False},
    "note": {"type": "text", "default": ""},
}
CELL = "\n".join(f"{name} = {one.get('default')!r}" for name, one in DECLARED.items())


@pytest.fixture
def notebook(tmp_path):
    def build(*cells, parameters=CELL, spmc=None, name="own {book}.ipynb"):
        first = v4.new_code_cell(parameters, metadata={"tags": ["parameters"]})
        node = v4.new_notebook(
            cells=[first, *map(v4.new_code_cell, cells)],
            metadata={**KERNEL, "spmc": {"parameters": DECLARED, "sections": ["purpose", "signoff"], **(spmc or {})}},
        )
        path = tmp_path / name
        nbformat.write(node, path)
        return str(path)

    return build


SIGN = 'section("signoff", case=opened)'


def left_behind(case):
    return sorted(path.name for path in (case.path / "reports").iterdir())


def test_limits_are_said_in_full() -> None:
    said = Parameter("seed", "integer", low=0, high=2**32 - 1).wanted()
    assert said == "a whole number from 0 to 4294967295"


WRONG_VALUES = {
    "seed": {
        "soon": "wanted a whole number from 0 to 9",
        "10": "wanted a whole number from 0 to 9",
        "1; import os": "wanted a whole number",
    },
    "share": {"nan": "wanted a number from 0 to 1", "1e999": "wanted a number"},
    "date_from": {"06.11.2025": "wanted a day as 2025-11-06, or null", "2025-02-30": "wanted a day"},
    "windows_s": {"60,60": "with commas between", "60,601": "from 1 to 600"},
    "traces": {"co_repost,no_such": "known traces: all, co_repost"},
    "event": {"no-such": "known events"},
    "language": {"fr": "one of en, hi"},
    "loud": {"yes": "true or false"},
    "note": {"x" * 301: "at most 300"},
    "case": {"other": "leave -p case out"},
}
"""By parameter the values that do not fit, and what is said of each."""


@pytest.fixture
def refused(small_case, notebook):
    """Parameters are refused in one sentence, and nothing is written."""

    def check(parameters: dict[str, str], says: str) -> None:
        path = notebook("raise SystemExit")
        with pytest.raises(ParameterError, match=says) as caught:
            run_notebook(small_case, path, parameters)
        assert "\n" not in str(caught.value)
        assert left_behind(small_case) == []

    return check


@pytest.mark.parametrize("name", WRONG_VALUES)
def test_a_value_that_does_not_fit_is_refused(refused, name) -> None:
    for value, says in WRONG_VALUES[name].items():
        refused({name: value}, says)


def test_a_parameter_that_the_notebook_does_not_have_is_refused(refused) -> None:
    refused({"colour": "blue"}, "its parameters: case, date_from")
    refused({"seed\nimport os": "1"}, "has no parameter")
    refused({"Seed": "1"}, "has no parameter")


def test_a_period_that_ends_before_it_begins_is_refused(refused) -> None:
    refused({"date_from": "2025-11-12", "date_to": "2025-11-01"}, "lies before date_from")


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"language": "fr"}, "known languages"),
        ({"edition": "secret"}, "known editions: full, redacted"),
    ],
)
def test_language_and_edition_are_checked(small_case, notebook, options, says) -> None:
    with pytest.raises(ParameterError, match=says):
        run_notebook(small_case, notebook(), {}, **options)
    assert left_behind(small_case) == []


def test_unknown_notebooks_are_refused(small_case, tmp_path) -> None:
    (tmp_path / "broken.ipynb").write_text("{", encoding="utf-8")
    (tmp_path / "r.ipynb").write_text(
        json.dumps(v4.new_notebook(metadata={"kernelspec": {"name": "ir", "language": "R", "display_name": "R"}})),
        encoding="utf-8",
    )
    for name, says in [
        ("no_such", "election_watch"),
        (str(tmp_path / "not there.ipynb"), "There is no notebook"),
        (str(tmp_path / "broken.ipynb"), "is no notebook"),
        (str(tmp_path / "r.ipynb"), "wanted a notebook in Python"),
        ("../election_watch", "There is no notebook"),
    ]:
        with pytest.raises(ParameterError, match=says):
            run_notebook(small_case, name, {})


def test_values_reach_the_notebook_typed(small_case, notebook, tmp_path) -> None:
    known = declared(tmp_path / notebook().rsplit("/", 1)[1])
    given = {
        "date_from": "2025-11-03", "date_to": "null", "share": ".25", "seed": "7", "windows_s": "600, 60",
        "traces": "co_url,co_url,copypasta", "event": "Bihar assembly election 2025", "loud": "true", "note": 'a"); x',
    }  # fmt: skip
    assert check(known, given, "own") == {
        "date_from": "2025-11-03", "date_to": None, "share": 0.25, "seed": 7, "windows_s": [60, 600],
        "traces": ["co_url", "copypasta"], "event": "bihar-assembly-2025", "loud": True, "note": 'a"); x',
    }  # fmt: skip
    assert not any(NAME.match(name) for name in ("", "9x", "a-b", "x;y", "x\n", "Ünder"))


def test_a_declaration_that_differs_from_the_cell_is_refused(small_case, notebook) -> None:
    with pytest.raises(ParameterError, match="not both"):
        run_notebook(small_case, notebook(parameters="case = 'x'\nother = 1"), {})
    with pytest.raises(ParameterError, match="is not declared as"):
        run_notebook(small_case, notebook(spmc={"parameters": {"case": {"type": "secret"}}}), {})


@pytest.mark.usefixtures("own_kernels")
def test_a_complete_run(small_case, notebook) -> None:
    stages = []
    path = notebook(OPEN, "assert note == 'a\"); x' and seed == 7 and windows_s == [60]", PURPOSE, SIGN, "1 + 1")
    given = {"note": 'a"); x', "seed": "7", "windows_s": "60"}
    done = run_notebook(small_case, path, given, language="hi", progress=lambda *stage: stages.append(stage))
    assert done.status == "complete" and done.report.is_file()
    folder = done.report.parent
    assert folder == small_case.path / "reports" / done.run_id and left_behind(small_case) == [
        done.run_id,
        "index.html",
    ]
    assert {path.name for path in folder.iterdir()} >= {"report.html", "notebook.ipynb", "manifest.json"}
    text = done.report.read_text(encoding="utf-8")
    assert '<html lang="hi">' in text and "Officer One" in text and "इस संस्करण के सभी भागों की गणना हो चुकी है" in text
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["status"] == "complete" and manifest["parameters"]["seed"] == 7 and manifest["seed"] == 7
    assert verify(folder).ok
    ran = nbformat.read(folder / "notebook.ipynb", as_version=4)
    assert [cell.source for cell in ran.cells if cell.source.startswith("section")] == [PURPOSE, SIGN]
    assert stages[0][0] == "notebook" and stages[-1] == ("done", 3, 3)


@pytest.mark.usefixtures("own_kernels")
def test_temporary_files_of_a_kernel_lie_in_the_case(small_case, notebook) -> None:
    cell = "import tempfile; from pathlib import Path; print(Path(tempfile.mkdtemp()).parent.parent)"
    folder = run_notebook(small_case, notebook(cell), {}).report.parent
    assert str(small_case.path.resolve() / ".scratch") in (folder / "notebook.ipynb").read_text(encoding="utf-8")
    assert list((small_case.path / ".scratch").iterdir()) == []


def test_a_notebook_is_written_at_its_end_and_not_with_each_cell(small_case, notebook, monkeypatch) -> None:
    from papermill import engines

    written = []
    real = engines.write_ipynb
    monkeypatch.setattr(engines, "write_ipynb", lambda node, path: written.append(path) or real(node, path))
    done = run_notebook(small_case, notebook(OPEN, PURPOSE, SIGN, "1 + 1", "2 + 2"), {})
    assert done.status == "complete" and len(written) == 1


def test_a_part_that_was_not_made_is_partial(small_case, notebook) -> None:
    done = run_notebook(small_case, notebook(OPEN, PURPOSE), {})
    assert done.status == "partial"
    assert "Not part of this report" in done.report.read_text(encoding="utf-8")


def test_a_cell_that_raises_is_a_failed_run_that_is_kept(small_case, notebook) -> None:
    done = run_notebook(small_case, notebook(OPEN, PURPOSE, "raise ValueError('<b>no</b>')", SIGN), {})
    text = done.report.read_text(encoding="utf-8")
    assert done.status == "failed" and 'class="banner failed"' in text
    assert "Officer One" in text and "&lt;b&gt;no&lt;/b&gt;" in text and "<b>no</b>" not in text
    assert str(small_case.path) not in text and sys.prefix not in text
    assert verify(done.report.parent).ok
    assert json.loads((done.report.parent / "manifest.json").read_text(encoding="utf-8"))["status"] == "failed"


@pytest.mark.usefixtures("own_kernels")
def test_a_kernel_that_dies_is_a_failed_run(small_case, notebook) -> None:
    done = run_notebook(small_case, notebook(OPEN, PURPOSE, "import os; os._exit(3)", SIGN), {})
    assert done.status == "failed"
    text = done.report.read_text(encoding="utf-8")
    assert "DeadKernelError" in text and "Officer One" in text


@pytest.mark.usefixtures("own_kernels")
def test_the_kernel_is_this_interpreter_and_knows_where_cases_lie(small_case, notebook) -> None:
    where = "import sys, os; print(sys.executable, os.environ['SPMC_CASES'], os.environ['SPMC_RUN'])"
    done = run_notebook(small_case, notebook(where), {})
    ran = nbformat.read(done.report.parent / "notebook.ipynb", as_version=4)
    said = "".join(o.text for cell in ran.cells if cell.cell_type == "code" for o in cell.outputs)
    assert said.split() == [sys.executable, str(small_case.path.parent.resolve()), done.run_id]


def test_a_notebook_that_declares_nothing_has_the_types_of_its_defaults(small_case, tmp_path) -> None:
    node = v4.new_notebook(
        cells=[
            v4.new_code_cell("case = 'x'\nn = 3\nfar = 1.5", metadata={"tags": ["parameters"]}),
            v4.new_code_cell(OPEN),
            v4.new_code_cell(SIGN),
        ],
        metadata=KERNEL,
    )
    path = tmp_path / "plain.ipynb"
    nbformat.write(node, path)
    with pytest.raises(ParameterError, match="wanted a whole number"):
        run_notebook(small_case, str(path), {"n": "x"})
    done = run_notebook(small_case, str(path), {"n": "4"})
    assert done.status == "complete" and "Officer One" in done.report.read_text(encoding="utf-8")


def test_an_interrupt_leaves_nothing(small_case, notebook, monkeypatch) -> None:
    from spmc_tools.report.running import run

    def stop(*_arguments, **_named):
        raise KeyboardInterrupt

    monkeypatch.setattr(run, "_execute", stop)
    with pytest.raises(KeyboardInterrupt):
        run_notebook(small_case, notebook(), {})
    assert left_behind(small_case) == []


def test_values_that_no_template_can_draw_are_a_failed_run(small_case, notebook) -> None:
    odd = (
        "from IPython.display import display\n"
        "payload = {'name': 'signoff', 'values': {}, 'missing': []}\n"
        "display({'application/vnd.spmc.section+json': payload}, raw=True)"
    )
    done = run_notebook(small_case, notebook(odd), {})
    assert done.status == "failed" and "TableError" in done.report.read_text(encoding="utf-8")


def test_a_pdf_without_chromium_is_refused_and_nothing_is_kept(small_case, notebook, monkeypatch) -> None:
    monkeypatch.setenv("SPMC_CHROMIUM", "/no/such/browser")
    assert browser.find_chromium() is None
    with pytest.raises(RunError, match="No Chromium"):
        run_notebook(small_case, notebook(OPEN, PURPOSE, SIGN), {}, pdf=True)
    assert left_behind(small_case) == []


@pytest.mark.browser
def test_edge_of_windows_is_found_where_it_lies(tmp_path, monkeypatch) -> None:
    monkeypatch.delenv("SPMC_CHROMIUM", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    for name in ("PROGRAMFILES(X86)", "PROGRAMFILES", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(tmp_path / name))
    edge = tmp_path / "PROGRAMFILES(X86)" / "Microsoft" / "Edge" / "Application" / "msedge.exe"
    edge.parent.mkdir(parents=True)
    edge.write_bytes(b"")
    monkeypatch.setattr(browser, "WINDOWS", False)
    assert browser.find_chromium() is None
    monkeypatch.setattr(browser, "WINDOWS", True)
    assert browser.find_chromium() == str(edge)
    edge.unlink()
    assert browser.find_chromium() is None


@pytest.mark.skipif(browser.find_chromium() is None, reason="no Chromium on this machine")
def test_a_pdf_is_printed(small_case, notebook) -> None:
    done = run_notebook(small_case, notebook(OPEN, PURPOSE, SIGN), {}, pdf=True)
    content = (done.report.parent / "report.pdf").read_bytes()
    assert content.startswith(b"%PDF-") and len(content) > 5000
    assert verify(done.report.parent).ok


@pytest.mark.usefixtures("own_kernels")
def test_the_environment_of_this_process_stays(small_case, notebook) -> None:
    before = dict(os.environ)
    run_notebook(small_case, notebook(OPEN, PURPOSE, SIGN), {})
    assert {k: v for k, v in os.environ.items() if k.startswith("SPMC_")} == {
        k: v for k, v in before.items() if k.startswith("SPMC_")
    }
