"""The first page: case and language go into the notebooks of the work folder, and nothing else of them changes."""

from __future__ import annotations

import json

import pytest

from spmc_tools.case.store import create_case
from spmc_tools.errors import CaseError
from spmc_tools.report.wording import Wording
from spmc_tools.resources import resource
from spmc_tools.show.start import LAB, start_here


@pytest.fixture
def work(tmp_path, monkeypatch):
    monkeypatch.setenv("SPMC_KEYS", str(tmp_path / "keys"))
    monkeypatch.setenv("SPMC_CASES", str(tmp_path / "cases"))
    for name in ("gaya", "sample"):
        create_case(
            name, title="T", purpose="P", legal_basis="L", date_from="2025-11-03", date_to="2025-11-12",
            cases=tmp_path / "cases",
        )  # fmt: skip
    folder = tmp_path / "lab"
    folder.mkdir()
    monkeypatch.setenv(LAB, str(folder))
    for path in resource("notebooks").glob("*.ipynb"):
        (folder / path.name).write_bytes(path.read_bytes())
    return folder


def sources(path) -> list[str]:
    return ["".join(cell["source"]) for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]]


def test_case_and_language_are_written_into_each_parameters_cell(work) -> None:
    before = {path.name: sources(path) for path in work.glob("*.ipynb")}
    page = start_here("sample", Wording("both"))
    assert page.language.value == "both"
    page.cases.value, page.language.value = "gaya", "hi"
    page.use_case()
    assert "gaya" in page.said.value
    for path in sorted(work.glob("*.ipynb")):
        changed = [(old, new) for old, new in zip(before[path.name], sources(path), strict=True) if old != new]
        for old, new in changed:
            lines = [(a, b) for a, b in zip(old.splitlines(), new.splitlines(), strict=True) if a != b]
            for was, now in lines:
                name = now.split(" = ")[0]
                assert now.startswith({"case": 'case = "gaya"', "language": 'language = "hi"'}[name])
                assert was.split("#")[1:] == now.split("#")[1:]  # the remark behind it stays
    assert 'case = "gaya"' in sources(work / "20_network.ipynb")[1]
    assert 'language = "hi"' in sources(work / "20_network.ipynb")[1]


def test_nothing_outside_of_a_lab_is_changed(work, monkeypatch) -> None:
    monkeypatch.delenv(LAB)
    before = (work / "20_network.ipynb").read_bytes()
    page = start_here("gaya", Wording("en"))
    page.use_case()
    assert (work / "20_network.ipynb").read_bytes() == before


def test_what_goes_wrong_is_a_sentence(work) -> None:
    def fails(*_given, **_named):
        raise CaseError("Case gaya is <locked>.")

    page = start_here("gaya", Wording("en"), fails)
    page.fields["id"].value = "../x"
    page.make_case()
    assert page.said.value and "Traceback" not in page.said.value
    page.write_report()
    assert "Case gaya is &lt;locked&gt;." in page.said.value
    (work / "20_network.ipynb").write_text("{")
    page.use_case()
    assert "cannot be changed" in page.said.value
