"""Two looks and two periods of one case in the notebook: earlier looks are offered while their results are there."""

from __future__ import annotations

import shutil
from dataclasses import replace

import pytest

from spmc_tools.errors import IntegrityError
from spmc_tools.findings.pipeline.investigate import investigate
from spmc_tools.findings.result.earlier_runs import earlier_looks, look_again
from spmc_tools.report.sections.groups.shown_groups import handles
from spmc_tools.report.words.wording import Wording
from spmc_tools.show.explorer import comparison as module
from spmc_tools.show.explorer.comparison import compare
from spmc_tools.show.network import network_view
from spmc_tools.show.widgets.period import period_of

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def key(week_case, monkeypatch) -> None:
    monkeypatch.setenv("SPMC_KEYS", str(week_case.path.parent.parent / "keys"))


@pytest.fixture(scope="module")
def looks(week_case):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPMC_KEYS", str(week_case.path.parent.parent / "keys"))
        return investigate(week_case, traces=["co_url"]), investigate(week_case)


@pytest.fixture
def built(monkeypatch, tmp_path) -> None:
    made = tmp_path / "network_view.js"
    made.write_text("export default {}")
    for place in (module, network_view):
        monkeypatch.setattr(place, "bundle", lambda: made)


def test_an_earlier_look_stands_beside_this_one(week_case, looks, built) -> None:
    shown = compare(week_case, looks[1], Wording, handles(week_case), "en")
    assert len(shown.looks()) >= 2
    other = next(one for one in shown._looks.values() if one.parameters["traces"] == ["co_url"])
    shown.sides[0].look.value = other.seq
    assert shown.result.links["before"] == 0 and shown.result.links["after"] == 15
    assert {"901", "906"} <= set(shown.result.accounts["account_id"])
    assert shown.sides[0].view.graph["id"] == [] and len(shown.sides[1].view.graph["id"]) == 6
    assert "&lt;img src=x" in shown.table.value and "<img" not in shown.table.value
    shown.sides[0].look.value = 0
    assert "Nothing differs" in shown.said.value and shown.table.value == ""


def test_two_periods_have_the_same_places(week_case, looks, built) -> None:
    shown = compare(week_case, looks[1], Wording, handles(week_case), "hi")
    for side in shown.sides:
        side.look.value = 0
    graphs = [side.view.graph for side in shown.sides]
    places = [dict(zip(g["id"], zip(g["x"], g["y"], strict=True), strict=True)) for g in graphs]
    assert places[0] == places[1] and len(places[0]) == 6


def test_a_step_back_compares_what_was_compared_before(week_case, looks, built) -> None:
    shown = compare(week_case, looks[1], Wording, handles(week_case), "en")

    def seen() -> tuple:
        choices = [(side.look.value, side.period.value) for side in shown.sides]
        return shown.state, choices, shown.said.value, shown.table.value, [side.view.graph for side in shown.sides]

    other = next(one for one in shown._looks.values() if one.parameters["traces"] == ["co_url"])
    shown.sides[0].look.value = 0
    steps = [seen()]
    assert "Nothing differs" in shown.said.value
    for place, look in ((1, other.seq), (0, other.seq), (1, 0)):
        shown.sides[place].look.value = look
        steps.append(seen())
    first, last = steps[0][0], steps[-1][0]
    early = period_of((shown.sides[0].moments[0] - 7200, shown.sides[0].moments[0] - 3600))
    shown.change("before", replace(shown.state.before, period=early))  # before anything happened
    assert shown.result.links["before"] == 0 and shown.state.before.period == early
    for step in reversed(steps):
        shown.back()
        assert seen() == step
    assert shown.state == first
    for step in steps[1:]:
        shown.forward()
        assert seen() == step
    assert shown.state == last
    shown.forward()
    assert shown.state.before.period == early
    shown.forward()
    assert shown.state.before.period == early


def test_results_that_are_gone_or_changed_are_not_shown(week_case, looks, tmp_path) -> None:
    (one, *_) = [look for look in earlier_looks(week_case, looks[1]) if look.parameters["traces"] == ["co_url"]]
    folder = week_case.path / one.derived
    kept = tmp_path / "kept"
    shutil.copytree(folder, kept)
    try:
        (folder / "accounts.parquet").write_bytes(b"x")
        with pytest.raises(IntegrityError, match=r"accounts\.parquet was not the file"):
            look_again(week_case, one)
        shutil.rmtree(folder)
        assert one.derived not in [look.derived for look in earlier_looks(week_case, looks[1])]
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(kept, folder)
    assert len(look_again(week_case, one).accounts) == len(looks[1].accounts)
