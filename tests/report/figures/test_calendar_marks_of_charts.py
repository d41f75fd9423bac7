"""What the calendar marks: every chart with a time axis draws and says it, and nothing where nothing falls in."""

from __future__ import annotations

import base64
import html
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from spmc_tools.desks.base.calendar import IST, event, events
from spmc_tools.report.page.drawing import _globals, fragment
from spmc_tools.report.page.sections import section, typed_payload
from spmc_tools.report.scope.received_values import Volume
from spmc_tools.report.sections.desks.page_figures import BrokenSeries, StandingGrowth
from spmc_tools.report.sections.desks.rumour_values import Claim
from spmc_tools.report.sections.groups.together import GroupInHours
from spmc_tools.report.sections.story.story_values import Barcode
from spmc_tools.report.values.calendar_band import CalendarBand, calendar_band
from spmc_tools.report.values.section_values import from_json, to_json
from spmc_tools.report.words.wording import Wording
from spmc_tools.resources import resource
from spmc_tools.show.charts.calendar_marks import MOST, between, marks, told

START = datetime(2025, 10, 24, tzinfo=UTC)
DAYS = 20
END = START + timedelta(days=DAYS)
POINTS = [[(START + timedelta(days=n)).isoformat(), 100.0 + n] for n in range(DAYS)]

CLAIM = {
    **dict.fromkeys(("claim_id", "status", "text"), "open"),
    **dict.fromkeys(
        ("official_version", "official_url", "official_at", "first_seen", "entered_by", "reviewed_by", "last_post",
         "lag_s", "seen_lag_s", "change")
    ),
    **dict.fromkeys(
        ("n_states", "posts", "accounts", "not_known", "denials", "to_look_at", "edited", "variants", "same_file",
         "alike", "picture_only"), 1
    ),
    "entered_at": START.isoformat(), "has_picture": False, "carriers": [], "groups": [],
}  # fmt: skip
"""What a claim holds beside its picture."""

DRAWN = {
    "chart_volume": lambda draw, bands: draw(
        from_json(
            Volume,
            {
                "start": START.isoformat(), "step": "day", "step_s": 86_400, "counts": [5] * DAYS, "bands": bands,
                "event_unknown": False,
            },
        ),
        [],
    ),
    "chart_barcode": lambda draw, bands: draw(
        from_json(
            Barcode,
            {
                "labels": ["1", "2"], "all": 2, "beside_rows": 0, "things": {"rows": [], "all": 0}, "lags_s": [],
                "own": {
                    "rows": [n % 2 for n in range(len(POINTS))], "times": [moment for moment, _ in POINTS],
                    "things": [1] * len(POINTS),
                },
                "beside": {"rows": [], "times": [], "things": []}, "start": START.isoformat(),
                "end": END.isoformat(), "not_drawn": {}, "bands": bands, "answers": [],
            },
        )
    ),
    "chart_session": lambda draw, bands: draw(
        from_json(
            GroupInHours,
            {
                **dict.fromkeys(("session", "size", "registered", "window_s", "stretches", "objects", "met"), 2),
                "trace": "co_repost", "kind": None, "first": START.isoformat(), "last": END.isoformat(),
                "expected": 0.5, "labels": [], "shared": [],
                "actions": [{"line": n % 2, "at": moment, "thing": 1} for n, (moment, _) in enumerate(POINTS)],
            },
        ),
        tuple(from_json(CalendarBand, band) for band in bands),
    ),
    "chart_timeline": lambda draw, bands: draw(
        from_json(
            StandingGrowth,
            {
                "series": [
                    {"platform": "x", "page": "p", "points": POINTS, "odd": [], "lost": False, "successor": None}
                ],
                "bands": bands, "start": START.isoformat(), "end": END.isoformat(), "state": "Bihar", "parts": [],
            },
        )
    ),
    "chart_break": lambda draw, bands: draw(
        from_json(
            BrokenSeries,
            {
                "platform": "x", "page": "p", "parts": [{"metric": "views", "definition": None, "points": POINTS}],
                "breaks": [], "missing": 0, "gaps": [], "bands": bands, "first": START.isoformat(),
                "last": END.isoformat(),
            },
        )
    ),
    "chart_spread": lambda draw, bands: draw(
        from_json(
            Claim,
            CLAIM
            | {"official_h": 30.0, "first_post": START.isoformat()}
            | {"curve": [[0, 1], [24.0 * DAYS, 9]], "bands": bands, "reworded": {"rows": [], "all": 0},
               "reworded_posts": 0},
        )
    ),
}  # fmt: skip
"""Every chart that places moments on an axis, and how it is drawn with given bands."""

UNTIMED = {
    "chart_network", "chart_frontier", "chart_quantiles", "chart_shares", "chart_ranks", "chart_beside",
    "chart_curve",  # hours that a complaint waits: no moments
    "chart_hours", "chart_flow",  # hours of the week, states of referrals: no moments
    "chart_strip",  # is the calendar itself
}  # fmt: skip

KINDS = ("silence", "poll", "festival")


def drawings(picture: dict[str, str]) -> list[str]:
    """The drawings of a chart for a page and a telephone: standing in the page, or as data URIs."""
    if "drawn" in picture:
        return [re.sub(r"\bp[0-9a-f]{8}", "", str(one)) for one in picture.values() if one]
    return [base64.b64decode(uri.split(",")[1]).decode() for uri in picture.values() if uri]


def bands_of(name: str | None, start: datetime = START, end: datetime = END) -> list[dict]:
    return to_json([calendar_band(band) for band in between(start, end, event(name) if name else None)])


def typed(bands: list[dict]) -> list[CalendarBand]:
    return [from_json(CalendarBand, band) for band in bands]


def test_every_chart_of_the_pages_is_known_here() -> None:
    charts = {name for name in _globals(Wording("en")) if name.startswith("chart_")}
    assert charts == {*DRAWN, *UNTIMED}


@pytest.mark.parametrize("name", DRAWN)
@pytest.mark.parametrize("language", ["en", "hi"])
def test_every_chart_with_a_time_axis_marks_the_calendar(name: str, language: str) -> None:
    draw = _globals(Wording(language))[name]
    bands = bands_of("bihar-assembly-2025")
    assert {one["what"] for one in bands} >= set(KINDS)
    for text in drawings(DRAWN[name](draw, bands)):
        for kind in KINDS:
            assert f'class="calendar-{kind}"' in text, (name, kind)
    nothing = [drawings(DRAWN[name](draw, [])), drawings(DRAWN[name](draw, bands_of("lok-sabha-2024-bihar")[:0]))]
    beside = bands_of(None, START - timedelta(days=400), START - timedelta(days=300))
    assert beside and drawings(DRAWN[name](draw, beside)) == nothing[0] == nothing[1]
    assert not any("calendar-" in text for text in nothing[0])


@pytest.mark.parametrize("name", DRAWN)
def test_marks_differ_by_form_and_not_by_colour(name: str) -> None:
    """On a grey print a silence period is a shade between lines, a festival a pattern, a poll a thick bar."""
    draw = _globals(Wording("en"))[name]
    text = drawings(DRAWN[name](draw, bands_of("bihar-assembly-2025")))[0]
    forms = {kind: re.search(rf'<g class="calendar-{kind}">(.*?)</g>', text, re.DOTALL)[1] for kind in KINDS}
    forms = {kind: re.sub(r'="|:', " ", form) for kind, form in forms.items()}  # a style or attributes say it
    assert "opacity 0.12" in forms["silence"] and "fill url(#" not in forms["silence"]
    assert "fill url(#" in forms["festival"]
    assert "stroke-width 3" in forms["poll"] and "fill none" in forms["poll"]


@pytest.mark.parametrize("name", DRAWN)
def test_the_marks_are_in_the_page_s_own_drawing_too(name: str) -> None:
    draw = _globals(Wording("hi"))[name]
    bare, hatch = drawings(DRAWN[name](draw, [])), drawings(DRAWN[name](draw, bands_of("bihar-assembly-2025")))
    assert not any("<pattern" in text for text in bare) and all("<pattern" in text for text in hatch)


@pytest.mark.parametrize("hours", [5, 30, 60, 75, 100, 24 * DAYS])
def test_no_tick_of_a_barcode_stands_twice(hours: int) -> None:
    """Half days of one date are told apart by their clock: a group of three days is the usual real one."""
    values = from_json(
        Barcode,
        {
            "labels": ["1", "2"], "all": 2, "beside_rows": 0, "things": {"rows": [], "all": 0}, "lags_s": [],
            "own": {
                "rows": [0, 1], "things": [1, 1],
                "times": [(START + timedelta(hours=n)).isoformat() for n in (3, hours)],
            },
            "beside": {"rows": [], "times": [], "things": []}, "start": START.isoformat(),
            "end": (START + timedelta(hours=hours)).isoformat(), "not_drawn": {}, "bands": [], "answers": [],
        },
    )  # fmt: skip
    for drawn in _globals(Wording("en"))["chart_barcode"](values).values():
        ticks = re.findall(r">(\d\d-\d\d|\d\d:\d\d)<", str(drawn))
        days = [n for n, tick in enumerate(ticks) if "-" in tick]
        assert len(ticks) > 1 and all(
            len(set(part)) == len(part)
            for part in (ticks[a:b] for a, b in zip([0, *days], [*days, len(ticks)], strict=True))
        )
        assert len({ticks[n] for n in days}) == len(days)


def test_a_festival_too_narrow_or_too_wide_for_hatching_stands_at_the_edge() -> None:
    from matplotlib.figure import Figure

    from spmc_tools.show.charts.time_axis import mark, number

    for days, kind in ((1825, "stroke"), (20, "hatched"), (1, "strip")):
        axes = Figure(figsize=(7.6, 2.6)).add_subplot()
        axes.set_xlim(number(START), number(START + timedelta(days=days)))
        mark(axes, [("festival", "", START, START + timedelta(days=1))])
        strokes, areas = [line for line in axes.lines if line.get_gid()], axes.patches
        assert (len(strokes), len(areas)) == ((1, 0) if kind == "stroke" else (0, 1))
        if areas:
            assert areas[0].get_height() == pytest.approx(0.09 if kind == "strip" else 1.0)


def test_every_template_with_such_a_chart_says_what_is_marked() -> None:
    found = {}
    for path in Path(resource("templates", "sections")).rglob("*.html.j2"):
        text = path.read_text(encoding="utf-8")
        charts = [name for name in DRAWN if f"{name}(" in text]
        if charts:
            found[path.name] = charts
            said = text.count("parts.calendar(") + text.count(
                "story.caption("
            )  # the latter names each form that is drawn
            assert said >= len(charts), path.name
    assert {name for charts in found.values() for name in charts} == set(DRAWN)


def test_moments_are_placed_on_an_axis_in_one_module_alone() -> None:
    show = Path(__file__).resolve().parents[3] / "spmc_tools" / "show"
    placing = {
        path.name
        for path in show.rglob("*.py")
        if "matplotlib" in (text := path.read_text(encoding="utf-8")) and ".timestamp()" in text
    }
    assert placing == {"time_axis.py"}


def test_bands_are_those_of_the_calendar_by_brute_force() -> None:
    chosen = event("bihar-assembly-2025")
    start, end = datetime(2024, 1, 1, tzinfo=UTC), datetime(2027, 12, 31, tzinfo=UTC)
    got = {(one.what, one.start, one.end) for one in between(start, end, chosen)}
    wanted = set()
    for one in events():
        if one.is_election and one is not chosen:
            continue
        for day in one.days:
            if day.what in {"festival", "poll", "count"}:
                first = datetime(day.first.year, day.first.month, day.first.day, tzinfo=IST)
                last = datetime(day.last.year, day.last.month, day.last.day, tzinfo=IST) + timedelta(days=1)
                if first <= end and last > start:
                    wanted.add((day.what, first, last))
            if day.close:
                close = datetime.combine(day.first, day.close, tzinfo=IST)
                wanted.add(("silence", close - timedelta(hours=48), close))
    assert got == wanted and len(got) > 60


def test_a_caption_explains_what_is_drawn_and_nothing_else() -> None:
    words = Wording("hi")
    few = bands_of(None, datetime(2025, 10, 25, tzinfo=UTC), datetime(2025, 11, 1, tzinfo=UTC))
    said = words.sentences(told(words, typed(few))).plain()
    assert "छठ पर्व (27 अक्टूबर – 28 अक्टूबर)" in said and "मौन" not in said and "मतदान" not in said
    both_years = bands_of(None, datetime(2025, 12, 20, tzinfo=UTC), datetime(2026, 1, 20, tzinfo=UTC))
    assert "Christmas (25 December 2025)" in Wording("en").sentences(told(Wording("en"), typed(both_years))).plain()
    election = Wording("en").sentences(told(Wording("en"), typed(bands_of("bihar-assembly-2025")))).plain()
    assert "silence period, phase 1 (4 Nov 18:00 – 6 Nov 18:00)" in election and "nobody confirmed" in election
    assert told(words, []) == [None] * 5


def test_more_bands_than_a_caption_holds_stand_in_a_table(sample_standing) -> None:
    from dataclasses import replace

    year = replace(sample_standing, event=event("lok-sabha-2024-bihar"))
    payload = section("standing_growth", ranking=year).payload()
    payload["values"]["bands"] = bands_of(
        "lok-sabha-2024-bihar", datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 12, 31, tzinfo=UTC)
    )
    values = typed_payload(payload)["values"]
    assert len(values.bands) > MOST
    page = fragment(typed_payload(payload), "hi")
    rows = re.findall(r"<tr><td[^>]*>(.*?)<td", page.split("</figcaption>")[0])
    assert len(rows) == len(values.bands) and "यहाँ अंकित:" not in page
    assert {"मतदान, चरण 7", "मतगणना", "होली"} <= {html.unescape(row) for row in rows}


@pytest.fixture(scope="module")
def sample_standing(tmp_path_factory):
    from datetime import date

    from spmc_tools.case.store.case import create_case
    from spmc_tools.desks.reach.standing import standing
    from spmc_tools.importers.import_files import import_files

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPMC_KEYS", str(tmp_path_factory.mktemp("keys")))
        case = create_case(
            "pages", cases=tmp_path_factory.mktemp("pages"), title="t", purpose="p", legal_basis="none",
            date_from=date(2025, 11, 3), date_to=date(2025, 11, 12), event="bihar-assembly-2025",
        )  # fmt: skip
        import_files(case, [resource("data", "sample", name) for name in ("page_snapshots.csv", "page_metrics.csv")])
        return standing(case)


def test_the_growth_of_the_pages_carries_the_event_of_its_case(sample_standing) -> None:
    growth = section("standing_growth", ranking=sample_standing)
    assert {one.what for one in growth.values.bands} == {"festival", "silence", "poll"}
    for language, words in (("en", ("Diwali", "poll, phase 1")), ("hi", ("दीपावली", "मतदान, चरण 1"))):
        page = html.unescape(fragment(typed_payload(growth.payload()), language))
        assert all(one in page for one in words)
    figures = section("standing_figures", ranking=sample_standing).values.series
    by_year = {f"{one.first:%Y}": {band.title["en"] for band in one.bands} for one in figures}
    assert by_year["2024"] == {"Diwali", "Chhath", "Christmas", "Makar Sankranti"}


@pytest.mark.parametrize("language", ["en", "hi"])
def test_bands_of_the_calendar_are_said_and_drawn_as_those_that_a_report_holds(language: str) -> None:
    of_calendar, held = between(START, END, event("bihar-assembly-2025")), typed(bands_of("bihar-assembly-2025"))
    words = Wording(language)
    assert [str(one) for one in told(words, held)] == [str(one) for one in told(words, of_calendar)]
    assert marks(words, held) == marks(words, of_calendar)
    assert {band.what for band in held} >= set(KINDS)
