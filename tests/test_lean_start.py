"""Modules that are made absent for an import, and the start they would have cost."""

from __future__ import annotations

import subprocess
import sys

import pytest

from spmc_tools.lean_start import absent


def test_a_module_is_absent_inside_and_there_after(monkeypatch):
    monkeypatch.delitem(sys.modules, "colorsys", raising=False)
    with absent("colorsys"), pytest.raises(ImportError):
        import colorsys
    import colorsys

    with absent("colorsys"):
        assert sys.modules["colorsys"] is colorsys


def test_it_comes_back_when_the_import_fails(monkeypatch):
    monkeypatch.delitem(sys.modules, "colorsys", raising=False)
    with pytest.raises(ZeroDivisionError), absent("colorsys"):
        raise ZeroDivisionError
    assert "colorsys" not in sys.modules


def test_a_report_starts_without_the_grammars_of_addresses():
    code = "import sys, spmc_tools.report.running.run; print(sorted({'lark', 'nbformat'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "['nbformat']"
