"""The redacted edition of rows of the watch, of refused rows and of the dossier: what goes, what stays, what is needed.

What must be left is written by hand; the masks of the test mark what they touched.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from spmc_tools.report.redaction.by_class import needed_in, redacted
from spmc_tools.report.scope.received import _by_kind
from spmc_tools.report.scope.received_values import LocalSilence
from spmc_tools.report.sections.watch.changes import EarlierReport, WithdrawnReport
from spmc_tools.report.sections.watch.dossier_referral import AccountReferral, AccountReferrals, Answer, RecordEntry
from spmc_tools.report.sections.watch.dossier_values import DossierPost, OfficerMark, Partner
from spmc_tools.report.sections.watch.watch_rows import (
    Comparison,
    Decision,
    QueueChange,
    QueueFigures,
    RisenTag,
    RisenText,
    Term,
    WatchedPost,
)
from spmc_tools.report.values.section_values import from_json, to_json
from tests.marked_masks import Marks as NamesMarked

AT = datetime(2025, 11, 5, 4, 47, tzinfo=UTC)
HOUR = datetime(2025, 11, 5, 4, 30, tzinfo=UTC)  # ten o'clock in India
OFFICE = datetime(2026, 1, 5, 4, 47, tzinfo=UTC)
OFFICE_HOUR = datetime(2026, 1, 5, 4, 30, tzinfo=UTC)
RISEN = {
    "event_n": 9, "other_n": 1, "ratio": 3.0, "low": 1.5, "high": None, "p": 0.001, "q": 0.01, "accounts": 9,
    "top_share": 0.6, "clusters": (1,),
}  # fmt: skip


class Marks(NamesMarked):
    """Masks that mark numbers in a text, too."""

    def text(self, text: str) -> str:
        return super().text(text).replace("98765432101", "[number]")


def watched(**more) -> WatchedPost:
    given = {
        "thing": "9051998a49d8", "text": "Ravi and others", "named_text": None, "first_seen": AT, "last_seen": AT,
        "posts": 2, "accounts": 2, "reposts": 0, "last_hour": 0, "before_per_hour": 0.5, "p_rising": 1.0, "views": None,
        "reasons": ("term",), "terms": ("Ravi",), "claims": (), "clusters": (), "record_id": "1986", "decision": None,
    }  # fmt: skip
    return WatchedPost(**{**given, **more})


def test_a_post_of_the_queue_shows_what_a_finding_needs_and_else_nothing() -> None:
    told = Decision(decision="wait", reason="ask Ravi", by="Officer", at=OFFICE)
    made = redacted(watched(named_text="Ravi says", decision=told), Marks())
    assert (made.text, made.withheld, made.named_text) == ("… says", False, None)
    assert (made.first_seen, made.last_seen, made.record_id, made.terms) == (HOUR, HOUR, None, ("…",))
    assert made.decision == replace(told, reason="ask …", at=OFFICE_HOUR) and made.thing == "9051998a49d8"
    bare = redacted(watched(), Marks())
    assert (bare.text, bare.withheld) == (None, True)
    assert list(needed_in((watched(named_text="Ravi says"), watched()))) == ["Ravi says"]


@pytest.mark.parametrize(
    ("text", "named", "left"),
    [
        ("Ravi wrote", "Ravi says", ("… says", False)),
        ("Ravi wrote", None, (None, True)),
        (None, None, (None, False)),  # no post has it any more, which the page says in other words
    ],
)
def test_a_change_of_the_queue_likewise(text: str | None, named: str | None, left: tuple) -> None:
    row = QueueChange(change="gone", named_text=named, place=None, text=text, was=3, now=None)
    made = redacted(row, Marks())
    assert (made.text, made.withheld) == left and made.named_text is None
    assert list(needed_in(row)) == ([named] if named else [])


def test_what_rose_is_shown_as_a_tag_or_as_the_text_that_a_finding_needs() -> None:
    tag = RisenTag(kind="tag", thing="ravi98765432101", label="Ravi98765432101", named_text="Ravi98765432101", **RISEN)
    text = RisenText(kind="text", thing="98765432101a", label="Ravi first", named_text="Ravi says", **RISEN)
    other = replace(text, named_text=None)
    whole = Comparison(
        state="compared", event={"en": "Chhath"}, festival=True, chosen=False, doubts=(), days=(), event_days=2,
        inside=9, outside=1, across=False, elsewhere=0, rows=(tag, text, other),
    )  # fmt: skip
    assert from_json(Comparison, to_json(whole)) == whole  # each row comes back as a tag or as a text
    first, second, third = redacted(whole, Marks()).rows
    assert (first.thing, first.label, first.named_text) == ("ravi[number]", "…[number]", None)
    assert (second.thing, second.label, second.withheld) == ("98765432101a", "… says", False)  # a name, no telephone
    assert (third.label, third.withheld) == (None, True)
    assert list(needed_in(whole)) == ["Ravi98765432101", "Ravi says"]


def test_names_of_the_queue_and_times_of_reports_stay_and_officers_have_the_hour() -> None:
    figures = QueueFigures(thing=("98765432101a", "a98765432101"), acts=(1, 2))
    assert redacted(figures, Marks()) == figures
    term = Term(term="Ravi", reason="asked for", by="Officer", at=OFFICE)
    assert redacted(term, Marks()) == replace(term, term="…", at=OFFICE_HOUR)
    before = EarlierReport(run="r", at=OFFICE)
    assert redacted(before, Marks()) == before
    withdrawn = WithdrawnReport(run="r", at=OFFICE, officer="O", reason="wrong")
    assert redacted(withdrawn, Marks()) == replace(withdrawn, at=OFFICE_HOUR)
    mark = OfficerMark(mark="lead", by="Officer", at=OFFICE, reason="ask Ravi", undone=False)
    assert redacted(mark, Marks()) == replace(mark, at=OFFICE_HOUR, reason="ask …")


def test_a_silence_period_of_some_constituencies_keeps_its_hours() -> None:
    row = LocalSilence(
        what="silence", start=AT, end=AT, title={"en": "Poll"}, phase=1, unconfirmed=False, where="Ravi Nagar"
    )
    assert redacted(row, Marks()) == replace(row, where="… Nagar")


def test_a_refused_row_leaves_no_word_of_its_own() -> None:
    from collections import Counter

    reasons = {
        'created_at is no time: "please ask some_body about it"': "field_time",
        'the account id "some_body@old" is not exact (its last digits were lost in a spreadsheet)': "account_is",
        '"6 November some_body" names the zone some_body, which Asia/Kolkata was not in': "other_zone",
        'date is missing or no time: "some_body" is no time that can be read': "date_missing",
        'nothing that is known: "some_body" said "some_body else"': None,
        '"6.11." is not of the form "%Y-%m-%d"': "other_form",
    }
    rows = {one.reason: one for one in _by_kind(Counter(list(reasons)))}
    assert {reason: one.kind for reason, one in rows.items()} == reasons
    left = {reason: redacted(one, Marks()) for reason, one in rows.items()}
    text = str([to_json(one) for one in left.values()])
    assert "some_body" not in text and "please" not in text and "6.11." not in text
    assert [one.kind for one in left.values()] == [rows[reason].kind for reason in left]
    exact, form, unknown = (
        next(one for one in left.values() if one.kind == k) for k in ("account_is", "other_form", None)
    )
    assert exact.values["why"].kind == "why.lost" and exact.reason is None
    assert form.values == {"value": '"▮▮▮"', "form": '"%Y-%m-%d"'}
    assert unknown.reason == 'nothing that is known: "▮▮▮"'


def test_a_partner_of_a_dossier_is_masked_by_its_name_and_not_by_how_often_it_was_in_step() -> None:
    row = Partner(name="Ravi", trace="co_repost", window_s=60, n=3, expected=0.1, p=0.01)
    assert redacted(row, Marks()).name == "A(Ravi)"


def test_a_referral_leaves_without_what_an_officer_wrote_in_its_record() -> None:
    row = AccountReferral(
        referral_id="F1", state="flagged", category={"en": "–"}, provision=None, checked=False, flagged_at=OFFICE,
        verified_at=None, sent_at=None, answered_at=None, closed_at=None, next=("verified",),
        checklist=(Answer(ask="seen", answer="by Ravi"),), record=(RecordEntry(name="note", value="posts at night"),),
    )  # fmt: skip
    whole = AccountReferrals(account="17", rows=(row,))
    made = redacted(whole, Marks())
    assert made.account == "A(17)" and "night" not in str(made)
    assert made.rows == (replace(row, checklist=(Answer(ask="seen", answer="by …"),), record=()),)


def test_a_post_of_a_dossier_has_a_label_for_each_file() -> None:
    row = DossierPost(own=True, name="Ravi", at=AT, trace="co_repost", text="Ravi says", file="a.csv", row=3)
    made = redacted(row, Marks())
    assert (made.name, made.at, made.text, made.row) == ("A(Ravi)", HOUR, "… says", 3)
    assert made.file != redacted(replace(row, file="b.csv"), Marks()).file
