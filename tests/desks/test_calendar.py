"""The calendar: what the files hold, what the law says about silence periods, what a broken line does."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
import yaml

from spmc_tools.desks.calendar import IST, bands, event, events, find_event, read_events
from spmc_tools.errors import InputError, ParameterError
from spmc_tools.resources import resource


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
    path = tmp_path / "own.yaml"
    path.write_text(
        f"sources: {{s: a paper}}\nevents:\n- name: own\n  title: {{en: Own, hi: अपना}}\n  days:\n  - {line}\n",
        encoding="utf-8",
    )
    with pytest.raises(InputError, match=rf"own\.yaml, own, line 1: .*{says}"):
        read_events(path)


@pytest.mark.parametrize("content", ["", "[]", "sources: 1\nevents: 2", "{", "sources: {}\nevents: [{name: x}]"])
def test_what_is_no_calendar_is_refused(tmp_path, content: str) -> None:
    path = tmp_path / "own.yaml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=r"own\.yaml"):
        read_events(path)
