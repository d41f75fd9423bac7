"""Our own words: those of an empty report, of the catalogues and of a notebook that comes with the package."""

from __future__ import annotations

import os
from pathlib import Path

from nbformat import v4

from spmc_tools.report.redaction.own_words import _empty_report, own_text


def test_our_own_words_and_no_trace_of_the_empty_case():
    _empty_report.cache_clear()
    text = own_text(None, "en")
    for word in ("copypasta", "account_id", "This is the redacted edition"):
        assert word in text
    assert "words of this notebook" not in text
    assert [path for path in Path(os.environ["SPMC_KEYS"]).rglob("*") if path.is_file()] == []
    assert not Path(os.environ["SPMC_CASES"]).exists()
    cells = [v4.new_markdown_cell("words of this notebook"), v4.new_code_cell("x = 'and its code'")]
    known = own_text(v4.new_notebook(cells=cells), "en")
    assert "words of this notebook" in known and "x = 'and its code'" in known and known.startswith(text)
