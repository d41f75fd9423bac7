"""What goes wrong around a report: it says what it could compute, under a red or amber banner, and by its status."""

from __future__ import annotations

import errno
import re
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest
from nbformat import v4
from typer.testing import CliRunner

from spmc_tools.case.store.case import create_case
from spmc_tools.cli import app
from spmc_tools.custody.review.verify import verify
from spmc_tools.errors import SpmcError
from spmc_tools.report.page.render import page
from spmc_tools.report.page.sections import SECTIONS, section
from spmc_tools.report.running.run import run_notebook
from spmc_tools.report.scope.scope import in_period
from tests.written_notebooks import KERNEL, OPEN, PURPOSE

ODD = (
    "from IPython.display import display\n"
    "display({'application/vnd.spmc.section+json': {'name': 'signoff', 'values': {}, 'missing': []}}, raw=True)"
)


@pytest.fixture
def notebook(tmp_path):
    def build(*cells):
        first = v4.new_code_cell("case = 'x'", metadata={"tags": ["parameters"]})
        node = v4.new_notebook(cells=[first, *map(v4.new_code_cell, cells)], metadata=KERNEL)
        path = tmp_path / "own.ipynb"
        nbformat.write(node, path)
        return str(path)

    return build


def plain(text: str) -> str:
    text = re.sub(r"<style>.*?</style>| srcdoc='[^']*'", " ", text, flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


@pytest.mark.usefixtures("own_kernels")
def test_a_kernel_that_is_killed_keeps_what_was_computed_and_the_exit_code_says_so(small_case, notebook) -> None:
    path = notebook(OPEN, PURPOSE, "import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    done = CliRunner().invoke(app, ["report", "small", path])
    assert done.exit_code == 1 and "The run failed" in done.stderr
    [run] = [one for one in (small_case.path / "reports").iterdir() if one.is_dir()]
    text = (run / "report.html").read_text(encoding="utf-8")
    assert 'class="banner failed"' in text and "Officer One" in text and verify(run).ok
    assert 'class="failed"' in (small_case.path / "reports" / "index.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["report.html", "manifest.json"])
def test_a_disk_that_fills_is_one_sentence_and_leaves_no_half_run(small_case, notebook, monkeypatch, name) -> None:
    import spmc_tools.report.running.run as run
    import spmc_tools.signing.manifest as manifest

    def full(path: Path, *_: object) -> None:
        if Path(path).name == name:
            raise OSError(errno.ENOSPC, "No space left on device")
        keep(path, *_)

    keep = run.write_file
    monkeypatch.setattr(run, "write_file", full)
    monkeypatch.setattr(manifest, "write_file", full)
    with pytest.raises(SpmcError, match="cannot be written: the disk is full"):
        run_notebook(small_case, notebook(OPEN, PURPOSE), {})
    reports = small_case.path / "reports"
    assert [one.name for one in reports.iterdir() if one.is_dir()] == []
    assert not [entry for entry in small_case.ledger.entries() if entry["kind"] == "report"]
    monkeypatch.undo()


def test_what_one_template_cannot_draw_takes_nothing_else_off_the_page(small_case, notebook) -> None:
    done = run_notebook(small_case, notebook(OPEN, PURPOSE, ODD), {})
    text = done.report.read_text(encoding="utf-8")
    assert done.status == "failed" and 'class="banner failed"' in text and "TableError" in text
    assert "Officer One" in text and "the form of its values is not known" in text
    assert verify(done.report.parent).ok


def sections_of(case, found, but=()):
    scope = in_period(case)
    given = {"case": case, "scope": scope, "found": found}
    names = [
        name
        for name, one in SECTIONS.items()
        if set(one.needs) <= set(given) and name not in {"tour", "referral_limits", *but}
    ]
    return [section(name, **{need: given[need] for need in SECTIONS[name].needs}) for name in names]


def test_a_case_without_a_post_says_that_nothing_can_be_said(as_notebook, a_run) -> None:
    from spmc_tools.findings.pipeline.investigate import investigate

    case = create_case(
        "empty", title="Empty", purpose="Test", legal_basis="None", date_from="2025-01-01", date_to="2025-01-31",
        officer="Officer One",
    )  # fmt: skip
    node = as_notebook(sections_of(case, investigate(case)))
    text = "".join(page(node, a_run, language) for language in ("en", "hi"))
    assert "Insufficient data: nothing can be said" in text and "डेटा अपर्याप्त है" in text
    assert "No group of accounts" not in text  # no all-clear where nothing could be seen


def test_a_case_with_one_account_is_no_all_clear(make_case, as_notebook, a_run) -> None:
    from spmc_tools.findings.pipeline.investigate import investigate

    case = make_case([f"text {n} of six that are long enough" for n in range(6)], ["alone"], ["alone_handle"])
    text = page(as_notebook(sections_of(case, investigate(case))), a_run, "en")
    assert "Insufficient data: nothing can be said" in text and "alone_handle" not in plain(text)


def test_a_trace_that_could_not_be_run_is_named(small_case, make_findings, as_notebook, a_run) -> None:
    scope = in_period(small_case)
    found = make_findings(scope.records, sorted(set(scope.records["account_id"])))
    found.not_run = [
        {"trace": "co_media", "window_s": None, "reason": "no column", "code": "lacks_column", "columns": ["media"]}
    ]
    text = plain(page(as_notebook(sections_of(small_case, found)), a_run, "en"))
    assert "the same pictures" in text and "the data lacks pictures and videos" in text


def test_a_missing_part_stands_under_an_amber_banner(small_sections, as_notebook, a_run) -> None:
    rest = [one for one in small_sections if one.name != "findings"]
    text = page(
        as_notebook(rest, ["summary", "findings", "accounts"]), replace(a_run, status="partial", n_missing=1), "en"
    )
    assert re.search(r'<div class="banner">.*?Partial run\.', text, re.DOTALL) and 'class="banner failed"' not in text
    assert '<section class="missing" id="findings"><h2>Groups seen' in text and "handle_1" in text
    assert text.count('class="missing"') == text.count("Not part of this report") == 1


def test_ten_thousand_findings_are_a_page_that_can_be_opened(small_sections, as_notebook, a_run) -> None:
    [accounts] = [one for one in small_sections if one.name == "accounts"]
    row = accounts.values.rows[0]
    rows = tuple(replace(row, n=n, id=f"id{n}", name=f"handle{n}") for n in range(1, 10_001))
    many = replace(accounts, values=replace(accounts.values, rows=rows))
    rest = [many if one.name == "accounts" else one for one in small_sections]
    text = page(as_notebook(rest), a_run, "en")
    assert len(text) < 2_000_000
    assert "9,000 more accounts are not printed; the exported tables hold all." in text
    assert "handle1000<" in text and "handle1001<" not in text


NAMES = ["\U0001f600\U0001f389", "\u202e\u0627\u0628\u062c\u062f", "a" * 300, "nul\x00byte", "\u200b\u200b"]


@pytest.mark.browser
def test_odd_names_can_be_told_apart_on_the_page(look, drawn_case, all_sections, as_notebook, a_run) -> None:
    texts = [f"text {n} of six that are long enough to be compared" for n in range(6)]
    _, _, made = drawn_case(texts, [f"acct{n}" for n in range(5)], NAMES, all_sections, as_notebook)
    tab, seen = look(page(made, a_run, "en"), 390)
    tab.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    shown = tab.locator("#accounts table.named").inner_text()
    assert "[grinning face][party popper]" in shown and "a" * 300 in shown
    assert "hidden character U+202E" in shown and "nulhidden character U+0000byte" in shown
    assert shown.count("hidden character U+200B") == 2
    assert tab.evaluate("document.documentElement.scrollWidth") <= 390
    assert seen["console"] == [] and seen["outside"] == []
