"""The two sections of the watch, figure by figure, against counts made in SQL and by hand on one small case."""

from __future__ import annotations

import csv
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pandas as pd
import pytest

from spmc_tools.case.store.case import create_case
from spmc_tools.desks.base.calendar import find_event
from spmc_tools.desks.watch.watch_terms import add_watch_term, decide, decisions_of
from spmc_tools.importers.import_files import import_files
from spmc_tools.report.page.drawing import fragment
from spmc_tools.report.scope.scope import Scope, in_period
from spmc_tools.report.sections.watch import watch_values as subject
from spmc_tools.report.sections.watch.changes import Changes, EarlierReport
from spmc_tools.report.sections.watch.watch_rows import QueueFigures
from spmc_tools.resources import resource

RUMOUR = "सुना है कि घाट का पुराना पुल बीच से टूट गया है और लोग फँसे हैं सबको बताइए"
HEADER = ("Post No", "Page Id", "Page Name", "Posted On", "Message", "Link", "Reactions", "Shares", "Comments")
ZONE = timedelta(hours=5, minutes=30)


def page_of(name: str, values: dict, *languages: str) -> str:
    return "".join(fragment({"name": name, "values": values, "missing": []}, language) for language in languages)


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """Chhath 2025: wishes on the 27th, a rumour of 22 accounts in its last hour, quiet days before."""
    folder = tmp_path_factory.mktemp("watch")
    case = create_case(
        "festival", cases=folder / "cases", title="t", purpose="p", legal_basis="none", date_from="2025-10-24",
        date_to="2025-10-31", event="chhath", officer="Officer One",
    )  # fmt: skip
    rows = []
    for day in range(24, 28):
        rows += [
            (f"quiet{n}", f"{day}/10/2025 1{n % 9}:00:00", f"आज का दिन संख्या {day} {n} शांत रहा #गया") for n in range(12)
        ]
    rows += [(f"w{n}", f"27/10/2025 18:{n:02d}:00", "छठ पर्व की हार्दिक शुभकामनाएं #छठ") for n in range(30)]
    rows += [(f"r{n}", f"27/10/2025 21:{30 + n:02d}:00", RUMOUR + "!" * (n % 3)) for n in range(22)]
    posts = folder / "posts.csv"
    with posts.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(HEADER)
        for number, (who, at, text) in enumerate(rows):
            table.writerow((f"festival-{number:03d}", who, "Demo", at, text, "", "1", "0", "0"))
    inbox = folder / "inbox.csv"
    inbox.write_text(
        "thread_id,record_id,platform,account_id,created_at,direction,text\n"
        "T1,m1,x,citizen-1,2025-10-27T21:50:00+05:30,in,क्या यह सच है https://demo.example/post/festival-080\n"
        "T1,m2,x,cell,2025-10-27T22:00:00+05:30,out,see https://demo.example/post/festival-000\n",
        encoding="utf-8",
    )
    claims = folder / "claims.csv"
    claims.write_text(
        f"claim_id,text,status,entered_by,entered_at,first_seen\nR1,{RUMOUR},open,me,2025-10-27T16:00:00Z,2025-10-27T16:00:00Z\n",
        encoding="utf-8",
    )
    mapping = resource("data", "sample", "page_posts.toml")
    import_files(case, [posts], format="mapped_table", mapping=mapping, tz="Asia/Kolkata")
    for one in import_files(case, [inbox, claims]):
        assert one.refused == 0, one.note
    add_watch_term(case, "पुराना पुल", "a rumour about this bridge")
    return case


@pytest.fixture
def found(monkeypatch):
    """Findings with one group of two accounts of the rumour."""
    monkeypatch.setattr(
        "spmc_tools.report.sections.groups.shown_groups.groups", lambda _: [SimpleNamespace(named=["r0", "r1", "r2"])]
    )
    return SimpleNamespace(parameters={}, derived=None)


def test_days_and_what_rose_have_the_counts_of_sql(small, found):
    scope = in_period(small)
    values = subject.comparison(scope, found)
    records = small.records(["account_id", "created_at", "text"], posts_only=True)
    assert len(records) == 100  # neither the complaint nor its answer
    records["day"] = (records["created_at"] + ZONE).dt.strftime("%Y-%m-%d")
    with closing(sqlite3.connect(":memory:")) as connection:
        records[["account_id", "day", "text"]].to_sql("posts", connection, index=False)
        days = connection.execute("select day, count(*), count(distinct account_id) from posts group by day").fetchall()
        tagged = connection.execute(
            "select count(distinct account_id || day) from posts where text like '%#छठ%' and day = '2025-10-27'"
        ).fetchone()
        (raised,) = connection.execute(
            "select count(distinct account_id) from posts where text like '%पुराना पुल%' and day = '2025-10-27'"
        ).fetchone()
    assert [(row.day.isoformat(), row.records, row.accounts) for row in values.days] == days
    assert (values.state, values.inside, values.outside, values.event_days) == ("compared", 64, 36, 1)
    rose = {row.label[:8]: row for row in values.rows}
    assert (rose["छठ"].event_n, rose["छठ"].other_n, rose["छठ"].accounts) == (*tagged, 0, 30)
    row = rose[RUMOUR[:8]]
    assert (row.event_n, row.other_n, row.clusters) == (raised, 0, (1,)) and raised == 22
    assert values.doubts == () and not values.chosen


def test_days_outside_the_case_are_one_line(small, found):
    """Of 100 posts 64 lie on 27 October; the case is of that day alone, the other 36 are counted and not listed."""
    day = date(2025, 10, 27)
    small.change_settings("test", date_from=day, date_to=day)
    values = subject.comparison(in_period(small), found)
    assert ([(row.day, row.records) for row in values.days], values.outside_case) == ([(day, 64)], 36)
    assert (values.inside, values.outside) == (64, 36)  # they are still what the day is compared with
    assert "36 posts lie outside the days of the case and are not listed." in page_of("days", values, "en", "hi")


def test_the_queue_says_why_and_what_was_decided(small, found):
    scope = in_period(small)
    first = subject.queue(small, scope, found).rows[0]
    assert first.text.startswith(RUMOUR) and (first.posts, first.accounts, first.last_hour) == (22, 22, 22)
    assert first.reasons == ("rising", "wide", "term", "claim", "finding", "complaint")
    assert (first.terms, first.claims, first.clusters) == (("पुराना पुल",), ("R1",), (1,))
    decide(small, first.thing, "rebut", "the bridge is open")
    values = subject.queue(small, scope, found)
    assert values.rows[0].decision.decision == "rebut" and values.rows[0].decision.by == "Officer One"
    assert values.open == values.waiting == len(values.rows) - 1 and values.more == 0
    assert values.now == pd.Timestamp("2025-10-27 21:51:00+05:30") and values.claims == 1
    page = page_of("watch", values, "en", "hi")
    for said in ("rebut", "the bridge is open", "citizens complained", "नागरिकों ने शिकायत की", "पुराना पुल"):
        assert said in page, said
    assert "citizen-1" not in page
    assert "1 text stands in the queue for its numbers alone (30 posts, 0 reposts)" in page
    assert "आगे बढ़ाई" in page and "फैलाई" not in page  # to have passed on, not to have spread


@pytest.mark.parametrize(("event", "silent"), [("chhath", False), ("bihar-assembly-2025", True)])
def test_a_feast_has_no_silence_period_and_counts_none(small, found, event, silent):
    """A column of noughts beside the days of a poll would say that nobody posted in its silence period."""
    from spmc_tools.report.scope.received import volume
    from spmc_tools.report.sections.groups.course import over_time

    scope = in_period(small, event=event)
    shifted = scope.records.assign(created_at=scope.records["created_at"] + pd.Timedelta(days=9))  # 5 November
    scope = replace(scope, records=shifted)
    days = page_of("days", subject.comparison(scope, found), "en", "hi")
    values = volume(scope)
    hours = page_of("volume", values, "en", "hi")
    assert ("of its silence period" in days, "मौन अवधि" in days) == (silent, silent)
    assert ("in a silence period" in hours, "मौन अवधि में" in hours) == (silent, silent)
    assert bool(sum(over_time(shifted, scope).silence)) == silent


def test_rows_that_are_left_off_are_counted(small, found, monkeypatch):
    monkeypatch.setattr(subject, "MOST", 1)
    values = subject.queue(small, in_period(small), found)
    assert len(values.rows) == 1 and values.more == 1  # the wishes of thirty accounts
    decided = set(decisions_of(small))
    assert values.waiting == sum(one not in decided for one in values.told.thing)
    assert "1 more text" in page_of("watch", values, "en")


@pytest.mark.parametrize(
    ("days", "event", "state"),
    [
        ((24, 27), None, "no_event"),
        ((24, 26), "chhath", "no_days"),
        ((27, 27), "chhath", "no_others"),
        ((24, 27), "diwali", "no_days"),
        ((24, 27), "no such feast", "no_event"),
    ],
)
def test_events_without_posts_and_posts_without_event_are_said(small, found, days, event, state):
    records = small.records(posts_only=True)
    local = (records["created_at"] + ZONE).dt.day
    chosen = records[local.between(*days)].reset_index(drop=True)
    scope = Scope(small, chosen, chosen, None, None, None, 0, find_event(event), event)
    values = subject.comparison(scope, found)
    assert values.state == state and values.rows == ()
    assert "<b>" in page_of("days", values, "en")
    empty = records.iloc[:0]
    nothing = subject.comparison(Scope(small, empty, empty, None, None, None, 0, find_event(event), event), found)
    assert nothing.days == () and nothing.state in {"no_event", "no_days"}


def test_feasts_of_the_moon_and_of_two_dates_say_so(small, found):
    for name, start, doubts in (
        ("eid-ul-fitr", datetime(2025, 3, 29, tzinfo=UTC), ["moon"]),
        ("holi", datetime(2026, 3, 1, tzinfo=UTC), ["sources"]),
        ("muharram", datetime(2026, 6, 24, tzinfo=UTC), ["moon", "sources"]),
        ("chhath", datetime(2025, 10, 25, tzinfo=UTC), []),
    ):
        records = small.records(posts_only=True).head(8)
        records["created_at"] = pd.to_datetime([start + timedelta(days=n) for n in range(8)], utc=True)
        values = subject.comparison(Scope(small, records, records, None, None, None, 0, find_event(name), name), found)
        assert values.state == "compared" and list(values.doubts) == doubts, name
        assert ("moon" in page_of("days", values, "en")) == ("moon" in doubts)
        assert ("स्रोत अलग-अलग" in page_of("days", values, "hi")) == ("sources" in doubts)
    assert values.event_days == 2  # both days of Chhath


def test_a_watch_of_the_other_kind_takes_the_event_on_whose_days_most_posts_lie(small):
    own = in_period(small, kind="festival")
    assert (own.event.name, own.chosen) == ("chhath", False)
    other = in_period(small, kind="election")
    assert (other.event.name, other.chosen) == ("chhath", False)  # no poll lies on these days
    named = in_period(small, event="diwali", kind="election")
    assert (named.event.name, named.chosen) == ("diwali", False)


def test_an_election_case_with_a_feast_in_it_is_watched_for_the_feast(small):
    class Other:
        settings = SimpleNamespace(
            event="bihar-assembly-2025", context=[], date_from=date(2025, 10, 1), date_to=date(2025, 11, 30)
        )
        records = staticmethod(small.records)
        not_compared = staticmethod(small.not_compared)
        table = staticmethod(small.table)

    scope = in_period(Other(), kind="festival")
    assert (scope.event.name, scope.chosen, scope.event_name) == ("chhath", True, "chhath")
    assert in_period(Other()).event.name == "bihar-assembly-2025"
    assert in_period(Other(), date_to=date(2025, 10, 26), kind="festival").event.name == "bihar-assembly-2025"


THEN = datetime(2025, 11, 1, tzinfo=UTC)
NO_GROUP_CHANGED = Changes(
    part=False, before=EarlierReport(run="r", at=THEN), lost=False, same=0, look=None, new=(), gone=(), grown=(),
    smaller=(), queue=None,
)  # fmt: skip


def changed(small, scope, found, before):
    """What changed in the queue since an earlier one."""
    return subject.queue_changes(small, scope, found, subject.EarlierQueue(before, "r", THEN))


def _values_then(small, found):
    """What a report kept of the queue when it was made an hour before the last post."""
    scope = in_period(small)
    early = scope.records[scope.records["created_at"] < pd.Timestamp("2025-10-27 21:42:00+05:30")]
    return subject.queue(small, Scope(small, early, early, None, None, None, 0, scope.event, scope.event_name), found)


def test_changes_of_the_queue_are_those_of_two_queues_counted_by_hand(small, found):
    then, scope = _values_then(small, found), in_period(small)
    now = subject.queue(small, scope, found)
    made = changed(small, scope, found, then)
    acts = [
        {row.thing: row.posts + row.reposts for row in values.rows} for values in (then, now)
    ]  # the small queues stand on the page as a whole: the second route
    assert then.more == now.more == 0
    assert made.new == len(set(acts[1]) - set(acts[0])) and made.gone == len(set(acts[0]) - set(acts[1]))
    both = set(acts[0]) & set(acts[1])
    assert made.grown == sum(acts[1][one] > acts[0][one] for one in both) == 1
    assert made.same == sum(acts[1][one] == acts[0][one] for one in both)
    (grown,) = [row for row in made.rows if row.change == "grown"]
    # by hand: of the rumour's 22 posts from 21:30 on, one a minute, twelve lie before 21:42
    assert (grown.was, grown.now, grown.place) == (12, 22, 1) and grown.text.startswith(RUMOUR)


def test_new_and_gone_rows_of_the_queue_have_their_figures(small, found):
    now = subject.queue(small, in_period(small), found)
    first, *rest = now.told.thing
    acts = dict(zip(now.told.thing, now.told.acts, strict=True))
    other = QueueFigures(thing=(*rest, "0123456789ab", "ba9876543210"), acts=(*(acts[one] for one in rest), 9, 4))
    earlier = replace(now.rows[0], thing="0123456789ab", text="<b>पहले की</b> पोस्ट")
    before = replace(now, told=other, rows=(earlier,))
    made = changed(small, in_period(small), found, before)
    assert {key: getattr(made, key) for key in ("new", "grown", "smaller", "gone", "same")} == {
        "new": 1, "grown": 0, "smaller": 0, "gone": 2, "same": len(rest),
    }  # fmt: skip
    new, gone, unseen = made.rows
    assert (new.change, new.was, new.now, new.place) == ("new", None, acts[first], 1)
    assert (gone.change, gone.was, gone.now, gone.place) == ("gone", 9, None, None)
    assert (unseen.was, unseen.text) == (4, None)
    values = replace(NO_GROUP_CHANGED, queue=made)
    listed = {row.thing for row in now.rows}
    things = subject.things_in(in_period(small))
    quiet = next(one for one in things["thing"] if subject.thing_id(one) not in listed)  # in the data, not in the queue
    left = replace(before, told=QueueFigures(thing=(subject.thing_id(quiet),), acts=(3,)), rows=())
    (row,) = [one for one in changed(small, in_period(small), found, left).rows if one.was == 3]
    assert row.change == "gone" and row.text == things.loc[things["thing"] == quiet, "label"].iloc[0]
    withheld = replace(earlier, thing=subject.thing_id(quiet), text=None)  # the last report was redacted
    withheld = replace(left, rows=(withheld,))
    assert row in changed(small, in_period(small), found, withheld).rows
    page = page_of("changes", values, "en", "hi")
    assert "&lt;b&gt;पहले की" in page and "No group changed" in page and "कोई समूह नहीं बदला" in page
    assert "new: 1, grown: 0, gone: 2" in page and "Nothing changed" not in page


def test_an_empty_day_says_so_in_one_line(small, found):
    now = subject.queue(small, in_period(small), found)
    made = changed(small, in_period(small), found, now)
    assert made.rows == () and made.same == len(now.rows)
    values = replace(NO_GROUP_CHANGED, queue=made)
    page = page_of("changes", values, "en")
    assert page.count("<p") == 1 and "Nothing changed." in page and "<table" not in page


def test_queues_of_other_days_are_not_compared(small, found):
    now = subject.queue(small, in_period(small), found)
    part = in_period(small, date_from="2025-10-25")
    assert changed(small, part, found, now) is None
    assert changed(small, part, found, subject.queue(small, part, found)) is not None
