"""Every privacy class by hand: what stands in place of a field, however deep it lies in the values of a section."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from spmc_tools.report.redaction.by_class import needed_in, redacted
from spmc_tools.report.values import privacy
from spmc_tools.report.values.section_values import section_values
from tests.marked_masks import Marks

IST = timezone(timedelta(hours=5, minutes=30))
AT = datetime(2025, 11, 5, 0, 10, 20, 7, tzinfo=UTC)  # 05:40:20.000007 in IST


class Marked(Marks):
    """Masks that say what they were asked for; in a text they mask the word *secret*."""

    def __init__(self) -> None:
        super().__init__("secret")
        self.labels: list[tuple[str, str]] = []

    def numbered(self, number: int, name: str) -> str:
        return f"number({number}, {name})"

    def label(self, what: str, key: str) -> str:
        self.labels.append((what, key))
        return f"{what}({key})"


@section_values
class Leaves:
    account: privacy.AccountId
    handle: privacy.Handle
    display: privacy.DisplayName | None
    record: privacy.RecordId | None
    quoted: privacy.Quoted
    parts: privacy.Parts
    address: privacy.WebAddress
    site: privacy.Site
    thing: privacy.Thing
    file: privacy.FileName
    place: privacy.Place
    at: privacy.Time
    clock: privacy.Clock
    code: privacy.Code
    number: privacy.Number
    flag: privacy.Flag
    wording: privacy.Wording


def leaves(**changed):
    values = dict.fromkeys(
        ("account", "handle", "display", "record", "quoted", "address", "site", "thing", "file", "place", "code"),
        "my secret",
    )
    values |= {"parts": (("my ", False), ("secret", True)), "at": AT, "clock": AT, "number": 1.5, "flag": True}
    return Leaves(**(values | {"wording": "my secret"} | changed))


def test_each_class_shows_what_it_says():
    left = redacted(leaves(), Marked())
    assert left == leaves(
        account="A(my secret)", handle="A(my secret)", display=None, record=None, quoted="my …",
        parts=(("my …", False),), address="my …", site="site(my secret)", thing="thing(my secret)",
        file="file(my secret)", place="my …", at=datetime(2025, 11, 5, 5, tzinfo=IST), wording="my …",
    )  # fmt: skip
    assert left.at.utcoffset() == timedelta(hours=5, minutes=30)


@section_values
class Member:
    n: privacy.Count | None
    name: privacy.Handle | None


@pytest.mark.parametrize(
    ("n", "name", "expected"),
    [(3, "leader", "number(3, leader)"), (None, "leader", "A(leader)"), (3, None, None)],
)
def test_a_handle_beside_a_number_is_that_of_the_account_with_the_number(n, name, expected):
    assert redacted(Member(n=n, name=name), Marked()) == Member(n=n, name=expected)


@section_values
class Received:
    file: privacy.FileName
    sha256: privacy.Code | None


def test_a_file_is_known_by_its_hash_and_by_its_name_where_it_has_none():
    masks = Marked()
    for name, digest in (("a.csv", "aa"), ("a.csv", "bb"), ("b.csv", "aa"), ("a.csv", None)):
        redacted(Received(file=name, sha256=digest), masks)
    assert masks.labels == [("file", "aa"), ("file", "bb"), ("file", "aa"), ("file", "a.csv")]


@section_values
class Counted:
    start: privacy.Bin
    bin_s: privacy.Number | None


@section_values
class Bare:
    start: privacy.Bin


@pytest.mark.parametrize(("bin_s", "kept"), [(3600, True), (86_400, True), (3599, False), (600, False), (None, False)])
def test_the_start_of_a_bin_is_kept_where_the_bin_is_an_hour_or_longer(bin_s, kept):
    left = redacted(Counted(start=AT, bin_s=bin_s), Marked())
    assert left.start == (AT if kept else datetime(2025, 11, 5, 5, tzinfo=IST))


def test_a_bin_that_does_not_say_how_long_it_is_is_rounded():
    assert redacted(Bare(start=AT), Marked()).start == datetime(2025, 11, 5, 5, tzinfo=IST)


@section_values
class Post:
    name: privacy.Handle
    parts: privacy.Parts | None


@section_values
class Deep:
    members: tuple[Member, ...]
    couple: tuple[privacy.Quoted, privacy.Count]
    couples: tuple[tuple[privacy.Quoted, privacy.Count], ...]
    triple: tuple[privacy.Quoted, privacy.Count, privacy.Handle]
    by_handle: dict[privacy.Handle, privacy.Quoted]
    one_of: Member | Received | None
    text_or_number: privacy.Quoted | privacy.Count
    posts: tuple[Post, ...]


MASKED = {
    "members": (
        (Member(n=1, name="a"), Member(n=None, name="b")),
        (Member(n=1, name="number(1, a)"), Member(n=None, name="A(b)")),
    ),
    "couple": (("secret", 5), ("…", 5)),
    "couples": ((("secret", 5), ("secret too", 6)), (("…", 5), ("… too", 6))),
    "triple": (("secret", 7, "leader"), ("…", 7, "A(leader)")),
    "by_handle": ({"leader": "secret"}, {"A(leader)": "…"}),
}
"""Values by field as they are given and as they leave."""


def deep(**changed):
    given = {name: value for name, (value, _) in MASKED.items()}
    return Deep(**(given | {"one_of": None, "text_or_number": 9, "posts": ()} | changed))


def test_fields_are_masked_however_deep_they_lie():
    assert redacted(deep(), Marked()) == deep(**{name: left for name, (_, left) in MASKED.items()})
    member, received = Member(n=None, name="a"), Received(file="a.csv", sha256=None)
    assert redacted(deep(one_of=member), Marked()).one_of == Member(n=None, name="A(a)")
    assert redacted(deep(one_of=received), Marked()).one_of == Received(file="file(a.csv)", sha256=None)
    assert redacted(deep(text_or_number="secret"), Marked()).text_or_number == "…"
    with pytest.raises(TypeError, match="float is none of"):
        redacted(deep(text_or_number=1.5), Marked())


def test_posts_beside_each_other_are_compared_after_they_are_masked():
    """Two say the same once the secret is gone; of the third another word differs. A post without words keeps none."""
    texts = [(("polls secret closed", False),), (("polls ", False), ("…", True), (" closed", False)), None]
    texts.append((("polls secret open", True),))
    posts = tuple(Post(name=f"p{n}", parts=parts) for n, parts in enumerate(texts))
    left = redacted(deep(posts=posts), Marked()).posts
    assert [post.name for post in left] == [f"A(p{n})" for n in range(4)]
    assert [post.parts for post in left] == [
        (("polls … closed", False),), (("polls … closed", False),), None, (("polls … ", False), ("open", True)),
    ]  # fmt: skip


@section_values
class Narrowed:
    text: privacy.Quoted | None
    note: privacy.Wording

    def for_redaction(self):
        return Narrowed(text=None, note=self.note + " secret")

    def needed_texts(self):
        return [self.text]


@section_values
class Holder:
    first: Narrowed
    more: tuple[Narrowed, ...]
    by_name: dict[privacy.Code, Narrowed]


def test_what_a_class_leaves_out_by_itself_goes_first_and_what_it_needs_is_found_at_any_depth():
    def narrowed(text):
        return Narrowed(text=text, note="a")

    assert redacted(narrowed("secret"), Marked()) == Narrowed(text=None, note="a …")
    held = Holder(first=narrowed("1"), more=(narrowed("2"), narrowed("3")), by_name={"x": narrowed("4")})
    assert list(needed_in(held)) == ["1", "2", "3", "4"]
    assert list(needed_in("text")) == []


@section_values
class Single:
    names: tuple[privacy.Handle]
    both: tuple[privacy.Code, privacy.Handle]


def test_a_row_of_one_and_a_row_of_two_are_masked_each_by_its_own_class():
    left = redacted(Single(names=("ravi",), both=("x", "sita")), Marked())
    assert left == Single(names=("A(ravi)",), both=("x", "A(sita)"))
