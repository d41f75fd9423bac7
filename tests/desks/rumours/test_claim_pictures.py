"""Claims carried by pictures: against Hamming distances counted digit by digit, and on pictures drawn here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from spmc_tools.case.acts.attach import attach, picture_hash
from spmc_tools.case.store.case import Case, create_case
from spmc_tools.desks.rumours.claim_pictures import Picture, pictures_of, same_pictures
from spmc_tools.desks.rumours.rumour import enter_claim, register, rumour_desk
from spmc_tools.errors import InputError
from spmc_tools.importers.import_files import import_files

if TYPE_CHECKING:
    from pathlib import Path

CLAIM = "The bridge at the old market fell down this morning"
LOOKS = ["00000000ffffffff", "00000000fffff0ff", "00ff00ff00ff00ff", "0f0f0f0f0f0f0f0f", "00000001fffffffe"]
PICTURE = st.builds(
    Picture,
    st.one_of(st.none(), st.sampled_from(["a" * 64, "b" * 64, "c" * 64])),
    st.one_of(st.none(), st.sampled_from(LOOKS)),
)


def apart(one: str, other: str) -> int:
    """Bits that differ, written out as digits."""
    return sum(x != y for x, y in zip(f"{int(one, 16):064b}", f"{int(other, 16):064b}", strict=True))


def one_look_per_file(pictures: list[Picture]) -> bool:
    looks: dict[str, set[str]] = {}
    for file, look in pictures:
        if file and look:
            looks.setdefault(file, set()).add(look)
    return all(len(own) == 1 for own in looks.values())


@given(st.lists(st.tuples(st.integers(0, 3), PICTURE), max_size=6), st.lists(PICTURE, max_size=4))
def test_matches_are_those_of_counting_bits_pair_by_pair(pictures, claims) -> None:
    whole = [one for _, one in pictures] + claims
    if not one_look_per_file(whole):
        return
    of_file = {file: look for file, look in whole if file and look}
    wanted: dict[tuple[int, int], int | None] = {}
    for place, (file, look) in pictures:
        for number, (own_file, own_look) in enumerate(claims):
            a, b = look or of_file.get(file), own_look or of_file.get(own_file)
            same = bool(file) and file == own_file
            bits = None if same else apart(a, b) if a and b else 99
            if bits is not None and bits > 10:
                continue
            before = wanted.get((place, number), 99)
            wanted[place, number] = None if bits is None or before is None else min(bits, before)
    assert {(m.post, m.claim): m.bits for m in same_pictures(pictures, claims)} == wanted


def test_ten_bits_are_alike_and_eleven_are_not() -> None:
    claim = Picture(None, "00000000ffffffff")
    ten, eleven = Picture(None, "000003ffffffffff"), Picture(None, "000007ffffffffff")
    assert [m.bits for m in same_pictures([(0, ten), (1, eleven)], [claim])] == [10]


def test_plain_surfaces_and_what_is_no_hash_carry_nothing() -> None:
    media = [[{"url": "u", "sha256": "zz", "phash": "0000000000000000"}], None, float("nan"), []]
    records = pd.DataFrame({"platform": "x", "record_id": list("abcd"), "media": media})
    assert (
        pictures_of(records, [{"platform": "x", "record_id": "z", "attachment_sha256": "a" * 64, "phash": None}]) == []
    )


def drawn(seed: int) -> Image.Image:
    """A picture of its own: patches of grey, drawn by a rule without chance."""
    picture = Image.new("RGB", (320, 240), "white")
    pen = ImageDraw.Draw(picture)
    for n in range(14):
        x, y = (n * 83 + seed * 131) % 280, (n * 47 + seed * 71) % 200
        shade = (n * 53 + seed * 29) % 200
        pen.rectangle((x, y, x + 30 + (n * seed) % 60, y + 20 + (n * 3 * seed) % 70), fill=(shade, shade, shade))
    return picture


@pytest.fixture
def case(tmp_path: Path) -> Case:
    made = create_case(
        "one", title="t", purpose="p", legal_basis="l", date_from="2025-11-01", date_to="2025-11-30", officer="First"
    )
    sheet = tmp_path / "posts.csv"
    rows = "".join(f"p{n},a{n},2025-11-05T10:0{n}:00Z,look at this {n}\n" for n in range(4))
    sheet.write_text(f"record_id,account_id,created_at,text\n{rows}", encoding="utf-8")
    mapping = tmp_path / "map.toml"
    mapping.write_text(
        '[columns]\nrecord_id = "record_id"\naccount_id = "account_id"\ncreated_at = "created_at"\ntext = "text"\n'
        '[constants]\nplatform = "x"\n',
        encoding="utf-8",
    )
    [done] = import_files(made, [sheet], mapping=mapping)
    assert done.kept == 4
    return made


def test_a_picture_that_was_scaled_and_compressed_is_found_among_what_was_attached(case: Case, tmp_path: Path) -> None:
    original, copy, other = tmp_path / "o.png", tmp_path / "c.jpg", tmp_path / "x.png"
    drawn(3).save(original)
    drawn(3).resize((200, 150)).save(copy, quality=40)
    drawn(8).save(other)
    for post, path in (("p0", original), ("p1", copy), ("p2", other)):
        attach(case, post, [path], method="download", tool="t")
    enter_claim(case, "R1", "open", text=CLAIM, picture=original)
    one = register(case)["R1"]
    assert one["media_phash"] == picture_hash(original) and len(one["media_sha256"]) == 64
    desk = rumour_desk(case, case.records())
    assert desk is not None
    rows = desk.posts[["record_id", "picture", "claim_id"]].to_numpy().tolist()
    assert rows == [["p0", "same", "R1"], ["p1", "alike", "R1"]]
    assert desk.posts["bits"].tolist()[1] == apart(picture_hash(original), picture_hash(copy)) <= 10


def test_a_post_may_carry_one_claim_by_its_words_and_another_by_its_picture(case: Case) -> None:
    enter_claim(case, "R1", "open", text="look at this 1 and never go there again", media_sha256="AB" * 32)
    enter_claim(case, "R2", "open", text=CLAIM, media_sha256="ab" * 32)
    records = case.records().assign(media=None).astype({"media": object})
    records.at[0, "media"] = [{"url": "u", "sha256": "ab" * 32, "phash": None}]
    desk = rumour_desk(case, records)
    assert desk is not None and desk.posts["claim_id"].tolist() == ["R1", "R2"]
    assert desk.posts["record_id"].tolist() == ["p0", "p0"] and desk.posts["share"].isna().all()


def test_a_picture_that_is_only_to_be_looked_at_counts_for_nothing(case: Case) -> None:
    from spmc_tools.report.page.drawing import fragment
    from spmc_tools.report.page.sections import section, typed_payload

    enter_claim(case, "R1", "open", text=CLAIM, media_phash="00000000ffffffff")
    records = case.records().assign(media=None).astype({"media": object})
    for place, look in enumerate(["0000000fffffffff", "0000001fffffffff", "000007ffffffffff"]):  # 4, 5 and 11 bits
        records.at[place, "media"] = [{"url": "u", "sha256": None, "phash": look}]
    desk = rumour_desk(case, records)
    assert desk is not None and desk.posts["picture"].tolist() == ["alike", "look"]
    assert desk.carrying("R1")["record_id"].tolist() == ["p0"]
    one = section("rumour", case=case, desk=desk)
    said = one.values.claims[0]
    assert (said.posts, said.alike, said.same_file, said.picture_only, said.to_look_at) == (
        1,
        1,
        0,
        1,
        1,
    )
    for language, words in (("en", "1 more post holds a picture"), ("hi", "अधिकारी स्वयं देखें")):
        assert words in fragment(typed_payload(one.payload()), language)
    assert section("rumour_limits", desk=desk).values.not_seen == 0


def test_hashes_are_read_or_refused_and_a_review_speaks_of_one_state(case: Case, tmp_path: Path) -> None:
    for said, message in (
        ({"media_sha256": "abc"}, "64 hexadecimal"),
        ({"media_phash": "xyz"}, "16 hexadecimal"),
        ({"picture": tmp_path / "none.png"}, "cannot be read"),
        ({"picture": tmp_path}, "cannot be read"),
    ):
        with pytest.raises(InputError, match=message):
            enter_claim(case, "R1", "open", text=CLAIM, **said)
    enter_claim(case, "R1", "open", text=CLAIM, reviewed_by="Second", note="seen", entered_at="2025-11-05T10:00Z")
    enter_claim(case, "R1", "checking", entered_at="2025-11-05T11:00Z")
    one = register(case)["R1"]
    assert (one["status"], one["reviewed_by"], one["note"], one["text"]) == ("checking", None, None, CLAIM)
