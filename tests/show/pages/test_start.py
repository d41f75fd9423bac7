"""The first page: case and language go into the notebooks of the work folder, and nothing else of them changes."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest

from spmc_tools.case.store.case import create_case
from spmc_tools.errors import CaseError
from spmc_tools.report.words.wording import Wording
from spmc_tools.resources import resource
from spmc_tools.show.pages.start import LAB, OWN, chosen_before, start_here


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
    page = start_here("sample", Wording("en"))
    assert page.language.value == "en"
    page.cases.value, page.language.value = "gaya", "hi"
    page.use_case()
    assert "gaya" in page.said.value
    for path in sorted(one for one in work.glob("*.ipynb") if one.name != OWN):
        changed = [(old, new) for old, new in zip(before[path.name], sources(path), strict=True) if old != new]
        for old, new in changed:
            lines = [(a, b) for a, b in zip(old.splitlines(), new.splitlines(), strict=True) if a != b]
            for was, now in lines:
                name = now.split(" = ")[0]
                assert now.startswith({"case": 'case = "gaya"', "language": 'language = "hi"'}[name])
                assert was.split("#")[1:] == now.split("#")[1:]  # the remark behind it stays
    assert 'case = "gaya"' in sources(work / "20_network.ipynb")[1]
    assert 'language = "hi"' in sources(work / "20_network.ipynb")[1]


def test_the_page_itself_is_not_rewritten_but_remembers(work, monkeypatch) -> None:
    before = (work / OWN).read_bytes()
    assert chosen_before("sample", "en") == ("sample", "en")
    page = start_here("sample", Wording("en"), given=("sample", "en"))
    page.cases.value, page.language.value = "gaya", "hi"
    page.use_case()
    assert (work / OWN).read_bytes() == before
    assert chosen_before("sample", "en") == ("gaya", "hi")
    assert chosen_before("sample", "hi") == ("sample", "hi")  # somebody changed the first cell since: that holds
    monkeypatch.setenv("SPMC_RUN", "r")
    assert chosen_before("sample", "en") == ("sample", "en")
    monkeypatch.delenv("SPMC_RUN")
    for spoilt in (b"", b"[]", b'{"given": 1}', b'{"given": ["sample", "en"], "chosen": ["../..", "xx"]}',
                    b'{"given": ["sample", "en"], "chosen": ["gaya", "both"]}'):  # fmt: skip
        (work / ".spmc-chosen.json").write_bytes(spoilt)
        assert chosen_before("sample", "en") == ("sample", "en")
    (work / ".spmc-chosen.json").write_text('{"given": ["sample", "en"], "chosen": ["gone", "hi"]}')
    assert chosen_before("sample", "en") == ("sample", "en")


def test_without_a_first_cell_nothing_is_remembered(work) -> None:
    start_here("gaya", Wording("en")).use_case()
    assert not (work / ".spmc-chosen.json").exists()


@pytest.mark.parametrize(
    ("language", "working", "written"),
    [
        ("en", "Step 2 of 3: drawing the page", "Report partial: "),
        ("hi", "चरण 3 में से 2: पृष्ठ बन रहा है", "प्रतिवेदन आंशिक: "),
    ],
)
def test_a_report_says_how_far_it_is_and_can_be_opened(work, monkeypatch, language, working, written) -> None:
    said, opened = [], []
    page = start_here("gaya", Wording(language), None)
    report = work / "a report.html"

    def make(case, notebook, _parameters, *, language, progress):
        assert (case.id, notebook, language) == ("gaya", "election_watch", page.language.value)
        progress("page", 1, 3)
        said.append(page.said.value)
        progress("done", 3, 3)
        assert page.said.value == said[-1]
        return SimpleNamespace(status="partial", report=report)

    page._make_report = make
    assert page.open.layout.display == "none"
    page.write_report()
    assert working in said[0] and written in page.said.value and str(report) in page.said.value
    assert page.open.layout.display == ""
    monkeypatch.setattr("webbrowser.open", lambda address: opened.append(address) or True)
    page.open_report()
    assert opened == [report.as_uri()] and str(report) in page.said.value
    monkeypatch.setattr("webbrowser.open", lambda _address: False)
    page.open_report()
    assert str(report) in page.said.value and written not in page.said.value
    page.cases.value = "sample"  # that report is of another case
    page.use_case()
    assert page.open.layout.display == "none" and page.written is None


def test_a_report_that_is_stopped_is_a_sentence(work) -> None:
    def stopped(*_given, **_named):
        raise KeyboardInterrupt

    page = start_here("gaya", Wording("en"), stopped)
    page.write_report()
    assert "Stopped. No report was kept" in page.said.value and page.open.layout.display == "none"


FILLED = {
    "id": "new-case", "title": "T", "purpose": "P", "legal_basis": "L", "date_from": "2025-11-03",
    "date_to": "2025-11-12", "officer": "",
}  # fmt: skip


@pytest.mark.parametrize(
    ("field", "typed", "wanted"),
    [
        ("id", "", {"en": "“Short name” is empty", "hi": "“छोटा नाम” खाली है"}),
        ("id", "Gaya 1", {"en": "“Short name” is &#34;Gaya 1&#34;", "hi": "“छोटा नाम” में &#34;Gaya 1&#34; लिखा है"}),
        ("id", "gaya", {"en": "There is a case gaya already", "hi": "gaya नाम का प्रकरण पहले से है"}),
        ("title", " ", {"en": "“Title” is empty: say it in a few words.", "hi": "“शीर्षक” खाली है"}),
        ("title", "T" * 301, {"en": "“Title” is longer than 300 characters", "hi": "“शीर्षक” 300 अक्षरों से लंबा है"}),
        ("purpose", "a\u202eb", {
            "en": "“Purpose” holds a character that cannot be seen, U+202E",
            "hi": "अदृश्य अक्षर है, U+202E",
        }),
        ("legal_basis", "", {"en": "“Legal basis” is empty", "hi": "“विधिक आधार” खाली है"}),
        ("date_from", "", {
            "en": "“First day” is empty: write a day as 2025-11-06",
            "hi": "“पहला दिन” खाली है: दिन ऐसे लिखें",
        }),
        ("date_to", "12/11/2025", {
            "en": "“Last day” is &#34;12/11/2025&#34;",
            "hi": "“अंतिम दिन” में &#34;12/11/2025&#34; लिखा है",
        }),
        ("date_to", "2025-02-30", {
            "en": "“Last day” is &#34;2025-02-30&#34;",
            "hi": "“अंतिम दिन” में &#34;2025-02-30&#34; लिखा है",
        }),
        ("date_to", "2025-11-01", {"en": "The last day, 2025-11-01, lies before", "hi": "अंतिम दिन, 2025-11-01,"}),
        ("officer", "S. Kumari\tII", {"en": "“Officer” must stand on one line", "hi": "“अधिकारी” एक ही पंक्ति"}),
    ],
)  # fmt: skip
def test_what_is_wrong_in_the_form_names_its_label_in_the_language_of_the_page(work, field, typed, wanted) -> None:
    for language, sentence in wanted.items():
        page = start_here("gaya", Wording(language))
        for name, value in (FILLED | {field: typed}).items():
            page.fields[name].value = value
        page.make_case()
        said = page.said.value
        assert sentence in said, said
        names = {"date_from", "date_to", "legal_basis", "setting", "case_id", "title ", "purpose ", "officer "}
        assert not any(name in said for name in names)
        assert language != "hi" or " is " not in said
    assert sorted(page.cases.options) == ["gaya", "sample"]
    page.fields[field].value = FILLED[field]
    page.make_case()
    assert page.case == "new-case" and "new-case" in page.said.value


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
