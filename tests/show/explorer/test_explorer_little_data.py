"""A case that lacks columns, or has one account: the explorer and the comparison say so in a sentence."""

from __future__ import annotations

import re

import pytest

from spmc_tools.case.acts.marks import marks_of
from spmc_tools.case.store.case import create_case
from spmc_tools.findings.pipeline.investigate import investigate
from spmc_tools.importers.import_files import import_files
from spmc_tools.report.sections.groups.shown_groups import handles
from spmc_tools.report.words.wording import Wording
from spmc_tools.show.explorer import comparison
from spmc_tools.show.explorer.comparison import compare
from spmc_tools.show.explorer.explorer import explore
from spmc_tools.show.network import network_view
from spmc_tools.show.panels import network_panel

pytestmark = pytest.mark.slow
TEXT = "आज दोपहर बूथ पर कोई भीड़ नहीं है, सब लोग आराम से वोट दें, धन्यवाद"


@pytest.fixture
def case_of(tmp_path, monkeypatch):
    """A function from columns and accounts to a case of 60 posts in step, with those columns alone."""
    monkeypatch.setenv("SPMC_KEYS", str(tmp_path / "keys"))
    built = tmp_path / "network_view.js"
    built.write_text("export default {}")
    for place in (network_panel, network_view, comparison):
        monkeypatch.setattr(place, "bundle", lambda: built)

    def made(columns: dict[str, str], accounts: int):
        case = create_case(
            "little", title="T", purpose="P", legal_basis="L", date_from="2025-11-03", date_to="2025-11-12",
            cases=tmp_path / "cases",
        )  # fmt: skip
        rows = [
            {
                "id": n, "who": 900 + n % accounts, "at": f"2025-11-{3 + n // 10:02d}T10:00:{n % 10:02d}Z",
                "words": f"{TEXT} {n // 10}",
            }
            for n in range(60)
        ]  # fmt: skip
        names = list(columns.values())
        lines = [",".join(names), *(",".join(f'"{row[one]}"' for one in names) for row in rows)]
        path, mapping = tmp_path / "posts.csv", tmp_path / "mapping.toml"
        path.write_text("\n".join(lines), encoding="utf-8")
        told = "\n".join(f'{key} = "{name}"' for key, name in columns.items())
        mapping.write_text(f'[columns]\n{told}\n[constants]\nplatform = "x"\n')
        import_files(case, [path], mapping=mapping, tz="UTC")
        return case

    return made


BARE = {"record_id": "id", "account_id": "who", "created_at": "at"}


@pytest.mark.parametrize(
    ("columns", "accounts", "nothing", "lacking"),
    [
        (BARE, 5, True, {"copies of the same texts (text)", "reposts of the same posts (ref_record_id)"}),
        (BARE | {"text": "words"}, 5, False, {"reposts of the same posts (ref_record_id)"}),
        (BARE | {"text": "words"}, 1, True, {"reposts of the same posts (ref_record_id)"}),
    ],
)
def test_what_was_not_looked_at_is_said(case_of, columns, accounts, nothing, lacking) -> None:
    case = case_of(columns, accounts)
    found = investigate(case)
    shown = explore(case, found, Wording, handles(case), "en")
    said = shown.notice.value
    assert ("None of the checks could look at this case" in said) == nothing
    assert nothing or "acted together more than chance expects" in said or len(shown.network.view.graph["id"])
    assert all(one in said for one in lacking)
    assert ("copies of the same texts (text)" in said) == ("text" not in columns)
    # choosing, marking, a language and the comparison work as ever
    shown.select(("900",))
    assert "Traceback" not in shown.evidence.posts.value and shown.evidence.posts.value
    shown.mark_form.reason.value = "seen"
    shown.mark_form.mark()
    assert marks_of(case).of("900").mark == "second_look" and "Kept" in shown.mark_form.said.value
    shown.scope.language.value = "hi"
    assert re.search("[\u0900-\u097f]", shown.notice.value) and "ref_record_id" in shown.notice.value


def test_a_case_without_records_says_so_and_not_that_it_lacks_columns(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("SPMC_KEYS", str(tmp_path / "keys"))
    case = create_case(
        "empty", title="T", purpose="P", legal_basis="L", date_from="2025-11-03", date_to="2025-11-12",
        cases=tmp_path / "cases",
    )  # fmt: skip
    shown = explore(case, investigate(case), Wording, handles(case), "en")
    assert "holds no records yet" in shown.notice.value and "columns" not in shown.notice.value
    # no period of 1970 can be chosen, here and beside two looks
    assert (
        "there is no period to choose" in shown.scope.brush.children[0].value and len(shown.scope.brush.children) == 1
    )
    sides = compare(case, shown.source.found, Wording, handles(case), "en").sides
    assert all("no period to choose" in one.period.children[0].value for one in sides)
    shown.scope.language.value = "hi"
    assert "कोई अभिलेख नहीं" in shown.notice.value and "कोई अवधि नहीं" in shown.scope.brush.children[0].value


def test_a_comparison_of_nothing(case_of) -> None:
    case = case_of(BARE, 5)
    made = compare(case, investigate(case), Wording, handles(case), "en")
    assert "Traceback" not in made.said.value and made.said.value and made.table.value == ""


def test_where_somebody_is_drawn_nothing_is_said(week_case, monkeypatch) -> None:
    monkeypatch.setenv("SPMC_KEYS", str(week_case.path.parent.parent / "keys"))
    assert explore(week_case, investigate(week_case), Wording, {}, "en").notice.value == ""
