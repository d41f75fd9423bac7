"""Claims that groups carry: accounts, posts and what came after the official version, counted by hand."""

from __future__ import annotations

from datetime import timedelta

from spmc_tools.desks.rumours.rumour import enter_claim
from spmc_tools.report.scope.scope import in_period
from spmc_tools.report.sections.story.carried_claims import carried_claims, claims_desk
from spmc_tools.report.sections.story.reach import followers_of, reach

FIRST = "सुना है कि गया घाट का पीपा पुल बीच से टूट गया है और लोग फँसे हैं, कोई उधर से न जाए और सबको बता दीजिए"
SECOND = (
    "Heard from a friend in Ara that booth number 186 will close two hours early, go before lunch or you may miss it."
)
MEMBERS = ["acct1", "acct2", "acct3"]


def test_state_accounts_and_posts_after_the_official_version(make_case) -> None:
    case = make_case([FIRST, SECOND, FIRST], MEMBERS, ["h1", "h2", "h3"])
    # the texts lie 13 hours apart, the three members eight seconds apart
    records = in_period(case).searched
    begin = records["created_at"].min().to_pydatetime()
    enter_claim(
        case, "R1", "refuted", text=FIRST, official_version="It stands.", official_at=begin + timedelta(seconds=8)
    )
    enter_claim(case, "R2", "open", text=SECOND)
    enter_claim(case, "R3", "withdrawn", text=SECOND)
    enter_claim(case, "R4", "open", text="Nobody ever posted this text about the trains that run to the ghat at night.")
    desk = claims_desk(case, records, MEMBERS)
    told = {claim.claim_id: claim for claim in carried_claims(desk, MEMBERS)}
    assert list(told) == ["R1", "R2"]
    assert (told["R1"].status, told["R1"].accounts, told["R1"].posts) == ("refuted", 3, 6)
    # at 0, 8 and 16 s, then at 26 h: of the first three only the last comes after the eighth second
    assert told["R1"].after == 4
    assert (told["R2"].accounts, told["R2"].posts, told["R2"].after) == (3, 3, None)
    [one] = [claim for claim in carried_claims(desk, ["acct1"]) if claim.claim_id == "R1"]
    assert (one.accounts, one.posts, one.after) == (1, 2, 1)
    assert carried_claims(desk, ["nobody"]) == carried_claims(None, MEMBERS) == ()
    assert claims_desk(case, records, ["nobody"]) is None


def test_followers_are_added_up_over_the_accounts_that_have_them() -> None:
    assert reach({"a": 10, "b": 5}, ["a", "b", "c"]) is not None
    made = reach({"a": 10, "b": 5, "d": 7}, ["a", "b", "c"])
    assert (made.followers, made.known, made.of) == (15, 2, 3)
    assert reach({}, ["a"]) is None


def test_followers_are_those_of_the_last_look(small_case) -> None:
    assert followers_of(small_case) == {}  # its file says none
