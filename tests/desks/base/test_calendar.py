"""The calendar: what the files hold, what the law says about silence periods, what a broken line does."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
import yaml

from spmc_tools.desks.base.calendar import IST, bands, busiest, event, event_days, events, find_event, read_events
from spmc_tools.errors import InputError, ParameterError
from spmc_tools.resources import resource
from tests.refused import refuses


def test_every_line_of_the_files_is_read_and_has_its_source() -> None:
    lines = {}
    for path in resource("data", "calendar").glob("*.yaml"):
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
        for entry in raw["events"]:
            lines[entry["name"]] = sorted((str(d["date"]), raw["sources"][d["source"]]) for d in entry["days"])
    got = {one.name: sorted((d.first.isoformat(), d.source) for d in one.days) for one in events()}
    assert got == lines
    assert all(source for days in got.values() for _, source in days)


def test_polling_days_of_bihar() -> None:
    polls = [d for d in event("bihar-assembly-2025").days if d.what == "poll"]
    assert [(d.first, d.seats) for d in polls] == [(date(2025, 11, 6), 121), (date(2025, 11, 11), 122)]
    assert sum(d.seats or 0 for d in polls) == 243
    lok = [d for d in event("lok-sabha-2024-bihar").days if d.what == "poll"]
    assert len(lok) == 7 and sum(d.seats or 0 for d in lok) == 40


def test_an_event_is_found_by_title_too() -> None:
    assert (
        find_event("Bihar assembly election 2025") is find_event("bihar_assembly_2025") is event("bihar-assembly-2025")
    )
    assert find_event(None) is None and find_event("no such event") is None
    with pytest.raises(ParameterError, match=r"known events: .*bihar-assembly-2025"):
        event("no such event")


def test_silence_is_48_hours_to_the_close_of_poll_and_carries_its_doubt() -> None:
    start, end = datetime(2025, 11, 1, tzinfo=UTC), datetime(2025, 11, 13, tzinfo=UTC)
    marked = bands(start, end, event("bihar-assembly-2025"))
    silence = [b for b in marked if b.what == "silence"]
    assert [b.end for b in silence] == [
        datetime(2025, 11, 6, 12, 30, tzinfo=UTC),
        datetime(2025, 11, 11, 12, 30, tzinfo=UTC),
    ]
    assert all(b.end - b.start == timedelta(hours=48) and b.unconfirmed for b in silence)
    poll = next(b for b in marked if b.what == "poll")
    assert poll.start == datetime(2025, 11, 6, tzinfo=IST) and poll.end == datetime(2025, 11, 7, tzinfo=IST)


def test_without_an_event_only_festivals_are_marked_and_only_those_that_touch() -> None:
    marked = bands(datetime(2025, 10, 25, tzinfo=IST), datetime(2025, 11, 13, tzinfo=IST))
    assert [b.title["en"] for b in marked] == ["Chhath"]
    assert bands(datetime(2025, 10, 29, tzinfo=IST), datetime(2025, 11, 13, tzinfo=IST)) == []
    assert bands(datetime(2025, 10, 28, 23, 59, tzinfo=IST), datetime(2025, 11, 1, tzinfo=IST))


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("{what: party, date: 2025-11-06, source: s}", "what is"),
        ("{what: poll, date: 2025-11-06, source: s}", "close is"),
        ("{what: count, date: soon, source: s}", "date is"),
        ("{what: festival, date: 2025-11-06, until: 2025-11-05, source: s}", "not after"),
        ("{what: count, date: 2025-11-06, source: hearsay}", "source is"),
        ("{what: count, date: 2025-11-06, source: s, caste: x}", "unknown key"),
    ],
)
def test_a_broken_line_is_named(tmp_path, line: str, says: str) -> None:
    content = f"sources: {{s: a paper}}\nevents:\n- name: own\n  title: {{en: Own, hi: अपना}}\n  days:\n  - {line}\n"
    refuses(read_events, tmp_path / "own.yaml", content, rf"own\.yaml, own, line 1: .*{says}")


@pytest.mark.parametrize("content", ["", "[]", "sources: 1\nevents: 2", "{", "sources: {}\nevents: [{name: x}]"])
def test_what_is_no_calendar_is_refused(tmp_path, content: str) -> None:
    path = tmp_path / "own.yaml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=r"own\.yaml"):
        read_events(path)


# names of the package "holidays" (India, Bihar) for events of the calendar, and (month, day) of hijridate
HOLIDAYS = {
    "saraswati-puja": "Basant Panchami",
    "holi": "Holi",
    "ram-navami": "Ram Navami",
    "mahavir-jayanti": "Mahavir Jayanti",
    "vijayadashami": "Dussehra",
    "diwali": "Diwali",
    "chhath": "Chhath",
    "christmas": "Christmas",
    "durga-puja": "Saptami",
    "makar-sankranti": "Makar Sankranti",
    "mahashivratri": "Maha Shivaratri",
    "raksha-bandhan": "Raksha Bandhan",
    "janmashtami": "Janmashtami",
    "republic-day": "Republic Day",
    "independence-day": "Independence Day",
    "eid-ul-fitr": "Id-ul-Fitr",
    "bakrid": "Id-ul-Zuha",
    "muharram": "Muharram",
    "eid-e-milad": "Milad-un-Nabi",
}
HIJRI = {
    "eid-ul-fitr": (10, 1),
    "bakrid": (12, 10),
    "muharram": (1, 10),
    "eid-e-milad": (3, 12),
    "ramzan": (9, 1),
    "shab-e-barat": (8, 15),
}


def test_festivals_lie_within_a_day_of_what_the_package_holidays_says() -> None:
    holidays = pytest.importorskip("holidays")
    known = holidays.country_holidays(
        "IN", subdiv="BR", years=range(2024, 2028), categories=("public", "optional"), language="en_IN"
    )
    for name, says in HOLIDAYS.items():
        days = [day for day, text in known.items() if says in text]
        for line in event(name).days:
            assert any(line.first - timedelta(days=1) <= day <= line.last + timedelta(days=1) for day in days), (
                name,
                line,
            )


def test_days_of_the_moon_lie_within_two_days_of_the_umm_al_qura_calendar_and_say_that_they_may_move() -> None:
    hijridate = pytest.importorskip("hijridate")
    for name, (month, day) in HIJRI.items():
        computed = [hijridate.Hijri(year, month, day).to_gregorian() for year in range(1444, 1451)]
        for line in event(name).days:
            assert line.moon and min(abs((line.first - one).days) for one in computed) <= 2, (name, line)


def test_seasons_end_where_their_feast_begins_and_are_no_band() -> None:
    eid = {day.first.year: day.first for day in event("eid-ul-fitr").days}
    for day in event("ramzan").days:
        assert day.last == eid[day.last.year] - timedelta(days=1) and 28 <= (day.last - day.first).days <= 29
    rakhi = {day.first for day in event("raksha-bandhan").days}
    for day in event("shravan").days:
        assert day.last in rakhi and 28 <= (day.last - day.first).days <= 30
    marked = bands(datetime(2026, 2, 20, tzinfo=IST), datetime(2026, 3, 1, tzinfo=IST))
    assert marked == []


def test_every_year_has_every_festival() -> None:
    for one in events():
        if not one.is_election:
            assert sorted(day.first.year for day in one.days) == [2024, 2025, 2026, 2027], one.name


PANCHAYAT = """
sources: {notice: "Notice of the State Election Commission (made up for this test)"}
events:
  - name: panchayat-2026-gaya
    title: {en: "Panchayat election 2026, Gaya", hi: "पंचायत चुनाव 2026, गया"}
    days:
      - {what: code, date: 2026-03-02, source: notice}
      - {what: poll, phase: 1, date: 2026-04-06, close: "17:00", source: notice}
      - {what: poll, phase: 2, date: 2026-04-13, close: "17:00", source: notice}
      - {what: poll, phase: 2, date: 2026-04-13, close: "15:00", where: "Bodh Gaya, wards 3 and 4", source: notice}
      - {what: poll, phase: 2, date: 2026-04-20, close: "17:00", where: "Sherghati, booth 12 (re-poll)", source: notice}
      - {what: count, date: 2026-04-22, source: notice}
"""


@pytest.fixture
def panchayat(tmp_path, monkeypatch):
    """A calendar with a file of the centre's own beside those that come with the program."""
    import shutil

    from spmc_tools.desks.base import calendar as subject

    for path in resource("data", "calendar").glob("*.yaml"):
        shutil.copy(path, tmp_path / path.name)
    (tmp_path / "own.yaml").write_text(PANCHAYAT, encoding="utf-8")
    monkeypatch.setattr(subject, "resource", lambda *_: tmp_path)
    events.cache_clear()
    yield event("panchayat-2026-gaya")
    events.cache_clear()


def test_the_centre_adds_an_election_with_constituencies_and_a_repoll(panchayat) -> None:
    assert panchayat.is_election and find_event("पंचायत चुनाव 2026, गया") is panchayat
    marked = bands(datetime(2026, 4, 1, tzinfo=IST), datetime(2026, 5, 1, tzinfo=IST), panchayat)
    silence = [(b.start.astimezone(IST), b.end.astimezone(IST), b.where) for b in marked if b.what == "silence"]
    assert silence == [
        (datetime(2026, 4, 4, 17, tzinfo=IST), datetime(2026, 4, 6, 17, tzinfo=IST), None),
        (datetime(2026, 4, 11, 15, tzinfo=IST), datetime(2026, 4, 13, 15, tzinfo=IST), "Bodh Gaya, wards 3 and 4"),
        (datetime(2026, 4, 11, 17, tzinfo=IST), datetime(2026, 4, 13, 17, tzinfo=IST), None),
        (datetime(2026, 4, 18, 17, tzinfo=IST), datetime(2026, 4, 20, 17, tzinfo=IST), "Sherghati, booth 12 (re-poll)"),
    ]
    days = event_days(panchayat, date(2026, 4, 1), date(2026, 4, 30))
    assert days == {date(2026, 4, d) for d in (4, 5, 6, 11, 12, 13, 18, 19, 20, 22)}


def test_a_repoll_moves_the_runs_around_the_poll(panchayat) -> None:
    from spmc_tools.schedule.when import parse_when

    when = parse_when("daily 08:00 from 1 day before to 1 day after poll of panchayat-2026-gaya")
    assert when.next(datetime(2026, 4, 15, 12, tzinfo=IST)) == datetime(2026, 4, 19, 8, tzinfo=IST)
    assert when.latest(datetime(2026, 4, 30, tzinfo=IST)) == datetime(2026, 4, 21, 8, tzinfo=IST)


def test_the_event_with_most_posts_on_its_days_is_chosen() -> None:
    chhath, diwali, poll = date(2025, 10, 27), date(2025, 10, 20), date(2025, 11, 6)
    autumn = date(2025, 10, 1), date(2025, 11, 30)
    assert busiest({chhath: 5, diwali: 4, poll: 90}, *autumn, elections=False).name == "chhath"
    assert busiest({chhath: 5, diwali: 6, poll: 90}, *autumn, elections=False).name == "diwali"
    assert busiest({chhath: 5, diwali: 6, poll: 1}, *autumn, elections=True).name == "bihar-assembly-2025"
    assert busiest({date(2025, 9, 15): 50}, *autumn, elections=True) is None
    assert busiest({}, *autumn, elections=False) is None


@pytest.mark.parametrize(
    ("first", "last", "election", "festival"),
    [
        ((11, 6), (11, 11), True, None),  # both phases, to the day
        ((11, 7), (11, 11), False, None),
        ((11, 6), (11, 10), False, None),
        ((10, 27), (10, 28), False, "chhath"),
        ((10, 28), (11, 30), True, None),  # the feast began the day before
    ],
)
def test_what_a_period_only_brushes_is_not_chosen(first, last, election, festival) -> None:
    posts = {date(2025, 10, 27) + timedelta(days=n): 9 for n in range(20)}
    days = date(2025, *first), date(2025, *last)
    chosen = busiest(posts, *days, elections=True)
    assert (chosen is not None and chosen.name == "bihar-assembly-2025") == election
    feast = busiest({date(2025, 10, 27): 3, date(2025, 10, 28): 3}, *days, elections=False)
    assert (None if feast is None else feast.name) == festival


def test_where_is_for_polls_alone(tmp_path) -> None:
    for line in (
        "{what: count, date: 2026-04-22, where: Gaya, source: s}",
        '{what: poll, date: 2026-04-22, close: "17:00", where: 3, source: s}',
    ):
        path = tmp_path / "own.yaml"
        path.write_text(
            f"sources: {{s: a paper}}\nevents:\n- name: own\n  title: {{en: Own, hi: अपना}}\n  days:\n  - {line}\n",
            encoding="utf-8",
        )
        with pytest.raises(InputError, match="wanted the constituencies"):
            read_events(path)
