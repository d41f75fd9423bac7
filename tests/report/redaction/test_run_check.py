"""What the check of a redacted run says that it looked at."""

from __future__ import annotations

import nbformat
import pytest
from nbformat import v4

from spmc_tools.report.redaction.leak_check import LeakError
from spmc_tools.report.redaction.run_check import RunCheck


@pytest.fixture
def run_folder(small_case):
    folder = small_case.path / "reports" / "20251113T034000Z-election_watch-0000"
    (folder / "exports").mkdir(parents=True)
    (folder / "exports" / "x.csv").write_text("a\n1\n")
    (folder / "report.html").write_text("<p>nothing</p>")
    return folder


def checked(case, folder, notebook=None, own=("w",)):
    made = RunCheck(case, folder, notebook, "en")
    made.__dict__ |= {"own": set(own), "_own_text": ""}  # in place of a whole report of an empty case
    return made


def test_what_was_looked_at_is_counted(small_case, run_folder):
    own = {f"w{number:04}" for number in range(1001)}
    told = checked(small_case, run_folder, own=own).told
    assert told["files"] == 3  # and the manifest, which is looked at before it is written
    assert told["own_words"] == sorted(own - {"w1000"})
    assert told["looked_for"] > 0


def test_a_name_in_a_file_fails_unless_it_is_a_word_of_ours(small_case, run_folder):
    (run_folder / "exports" / "x.csv").write_text("a\nhandle_1\n")
    with pytest.raises(LeakError, match=r"exports/x\.csv"):
        _ = checked(small_case, run_folder).told
    assert checked(small_case, run_folder, own=["handle_1"]).told["files"] == 3
    with pytest.raises(LeakError, match=r"manifest\.json"):
        checked(small_case, run_folder).manifest('{"note": "of handle_1"}')


def test_the_words_of_a_known_notebook_are_ours(small_case, run_folder, tmp_path):
    nbformat.write(v4.new_notebook(cells=[v4.new_markdown_cell("said of handle_1")]), tmp_path / "own.ipynb")
    assert "handle_1" in RunCheck(small_case, run_folder, tmp_path / "own.ipynb", "en").own
    assert "handle_1" not in RunCheck(small_case, run_folder, None, "en").own


def test_a_run_is_masked_in_the_language_that_is_asked_for_or_its_first(small_case, run_folder):
    made = RunCheck(small_case, run_folder, None, "en", "hi")
    made.__dict__ |= {"own": set(), "_own_text": ""}
    text = "https://host.example/page"
    assert [made.redaction(language).text(text) for language in (None, "hi", "en")] == [
        "[address]",
        "[लिंक]",
        "[address]",
    ]
