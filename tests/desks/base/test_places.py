"""Names of the states: all of them, as CLDR has them, found however a sheet writes them."""

from __future__ import annotations

import re

import pytest

from spmc_tools.desks.base.places import district_of, districts, english_state, state_of, states

# Unicode CLDR, common/subdivisions/hi.xml, in the order of the codes, typed apart from the file of the project
CLDR = """an अण्डमान और निकोबार द्वीपसमूह|ap आन्ध्र प्रदेश|ar अरुणाचल प्रदेश|as असम|br बिहार|cg छत्तीसगढ़|ch चण्डीगढ़|
dh दादरा और नगर हवेली और दमन और दीव|dl दिल्ली|ga गोआ|gj गुजरात|hp हिमाचल प्रदेश|hr हरियाणा|jh झारखण्ड|jk जम्मू और कश्मीर|
ka कर्नाटक|kl केरल|la लद्दाख़|ld लक्षद्वीप|mh महाराष्ट्र|ml मेघालय|mn मणिपुर|mp मध्य प्रदेश|mz मिज़ोरम|nl नागालैण्ड|od ओडिशा|
pb पंजाब|py पुदुच्चेरी|rj राजस्थान|sk सिक्किम|tn तमिल नाडु|tr त्रिपुरा|ts तेलंगाना|uk उत्तराखण्ड|up उत्तर प्रदेश|wb पश्चिम बंगाल"""
UNION_TERRITORIES = {"AN", "CH", "DH", "DL", "JK", "LA", "LD", "PY"}


def plain(name: str) -> str:
    """One spelling for both ways of writing a nasal before a consonant, without blanks and nukta."""
    return re.sub("[ंङञणनम]्?(?=[कखगघचछजझटठडढतथदधपफबभ])", "ं", name).replace("़", "").replace(" ", "")


def test_there_are_28_states_and_8_union_territories_with_a_name_in_each_language() -> None:
    codes = [one["code"] for one in states()]
    assert len(codes) == len(set(codes)) == 36 and set(codes) >= UNION_TERRITORIES
    for one in states():
        assert re.fullmatch("[A-Za-z ]+", one["en"]) and re.fullmatch("[\u0900-\u097f ]+", one["hi"])


def test_hindi_names_are_those_of_cldr_but_for_the_spelling_of_nasals_and_goa() -> None:
    known = dict(part.strip().split(" ", 1) for part in CLDR.replace("\n", "").split("|"))
    assert {one["code"].lower(): one.get("cldr", one["hi"]) for one in states()} == known
    other = {one["code"] for one in states() if plain(one["hi"]) != plain(known[one["code"].lower()])}
    assert other == {"GA"}


@pytest.mark.parametrize(
    ("name", "is_"),
    [
        ("bihar", "Bihar"), ("BIHAR ", "Bihar"), ("बिहार", "Bihar"), ("BR", "Bihar"),
        ("Jammu & Kashmir", "Jammu and Kashmir"),
        ("Orissa", "Odisha"), ("Tamilnadu", "Tamil Nadu"), ("मिजोरम", "Mizoram"), ("झारखण्ड", "Jharkhand"),
        ("NCT of Delhi", "Delhi"), ("Pondicherry", "Puducherry"), ("Nepal", "Nepal"), ("", ""),
    ],
)  # fmt: skip
def test_a_state_is_found_however_it_is_written(name: str, is_: str) -> None:
    assert english_state(name) == is_


def test_marks_of_vowels_count() -> None:
    """Without its vowel signs a Hindi name would be another word."""
    assert state_of("बहर") is None and state_of("असाम") is None


def test_pages_of_one_state_written_two_ways_are_one_state(tmp_path) -> None:
    from datetime import date

    from spmc_tools.case.store.case import create_case
    from spmc_tools.desks.reach.standing import standing
    from spmc_tools.importers.import_files import import_files
    from spmc_tools.report.page.drawing import fragment
    from spmc_tools.report.page.sections import section, typed_payload

    sheet = tmp_path / "page_snapshots.csv"
    sheet.write_text(
        "platform,page,state,followers,observed_at,source,rounding\n"
        "facebook,a,बिहार,665000,2025-11-10T10:00:00+05:30,own statistics,1\n"
        "x,a,bihar,463000,2025-11-10T10:00:00+05:30,own statistics,1\n"
        "x,b,UP,1400000,2025-11-10T10:00:00+05:30,seen,1\n"
        'x,c,"Republic <b>of</b> Tests",5,2025-11-10T10:00:00+05:30,seen,1\n',
        encoding="utf-8",
    )
    case = create_case(
        "states", cases=tmp_path / "cases", title="t", purpose="p", legal_basis="none",
        date_from=date(2025, 11, 3), date_to=date(2025, 11, 12),
    )  # fmt: skip
    import_files(case, [sheet])
    ranking = standing(case, "बिहार")
    assert ranking.state == "Bihar" == standing(case).state
    values = section("standing", ranking=ranking)
    assert values.values.total.followers == 1_128_000
    for language, there, gone in (
        ("hi", ("बिहार", "उत्तर प्रदेश"), ("Bihar", "Uttar")),
        ("en", ("Bihar", "Uttar Pradesh"), ("बिहार",)),
    ):
        shown = (values, section("standing_ranks", ranking=ranking))
        page = "".join(fragment(typed_payload(made.payload()), language) for made in shown)
        text = re.sub(r"base64,[A-Za-z0-9+/=]+", "", page)
        assert all(one in text for one in there) and not any(one in text for one in gone)
        assert "<b>of</b>" not in text and "Republic" in text


def test_the_38_districts_of_bihar_and_seats_have_a_name_in_each_language() -> None:
    assert sum(not one.get("seat") for one in districts()) == 38
    assert len({one["en"] for one in districts()}) == len({one["hi"] for one in districts()}) == len(districts())
    for one in districts():
        assert re.fullmatch("[A-Za-z ]+", one["en"]) and re.fullmatch("[\u0900-\u097f ]+", one["hi"])


@pytest.mark.parametrize(
    ("name", "hi"),
    [("SIWAN ", "सिवान"), ("सीवान", "सिवान"), ("Purnea", "पूर्णिया"), ("Chapra", "छपरा"), ("Saran", "सारण")],
)
def test_a_district_is_found_however_it_is_written_and_a_seat_stays_a_seat(name: str, hi: str) -> None:
    found = district_of(name)
    assert found is not None and found["hi"] == hi


@pytest.mark.parametrize("name", ["", "–", "Ranchi", "Asha Devi", "सवन"])
def test_what_is_no_district_is_left_as_it_is(name: str) -> None:
    assert district_of(name) is None


@pytest.mark.parametrize(("language", "wanted"), [("hi", "मुंगेर"), ("en", "Munger")])
def test_a_page_says_a_district_in_its_language_and_shows_what_it_does_not_know(language: str, wanted: str) -> None:
    from spmc_tools.report.page.drawing import ReportExporter
    from spmc_tools.report.words.wording import Wording

    pages = ReportExporter(Wording(language)).pages
    source = '{% import "desk_parts.html.j2" as desks with context %}{{ desks.by_value("district", one) }}'
    assert wanted in pages.from_string(source).render(one="Munger")
    assert "&lt;b&gt;Elsewhere" in pages.from_string(source).render(one="<b>Elsewhere")
    receiver = '{% import "desk_parts.html.j2" as desks with context %}{{ desks.receiver(one) }}'
    assert wanted in pages.from_string(receiver).render(one="district:munger")
