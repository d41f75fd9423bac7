"""What is typed into a search: held against plain sets; whatever is typed has an answer."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spmc_tools.errors import ParameterError
from spmc_tools.text.search.search_query import Both, Either, Near, Without, Words, fts_query, search_query, wanted

if TYPE_CHECKING:
    from collections.abc import Callable

POSTS = ["red", "red blue", "blue red green", "green", "blue far far far red", "red red", ""]
NAMES = ("red", "blue", "green")


@pytest.fixture(scope="module")
def database() -> sqlite3.Connection:
    made = sqlite3.connect(":memory:")
    made.execute("CREATE VIRTUAL TABLE posts USING fts5(text, other)")
    made.executemany("INSERT INTO posts VALUES (?, '')", [(post,) for post in POSTS])
    return made


Tree = tuple["str | Tree", ...] | str
leaf = st.sampled_from(NAMES)
trees = st.recursive(
    leaf, lambda inner: st.tuples(st.sampled_from(["and", "or", "without"]), inner, inner), max_leaves=6
)


def typed(tree: Tree) -> str:
    if isinstance(tree, str):
        return tree
    sign, one, two = tree
    return f"({typed(one)} {({'and': 'AND', 'or': 'OR', 'without': 'NOT'})[str(sign)]} {typed(two)})"


def holds(tree: Tree, post: str) -> bool:
    if isinstance(tree, str):
        return tree in post.split()
    sign, one, two = tree
    rules: dict[str, Callable[[bool, bool], bool]] = {
        "and": lambda a, b: a and b,
        "or": lambda a, b: a or b,
        "without": lambda a, b: a and not b,
    }
    return rules[str(sign)](holds(one, post), holds(two, post))


@settings(deadline=None)
@given(tree=trees)
def test_operators_against_sets(database: sqlite3.Connection, tree: Tree) -> None:
    query = fts_query(search_query(typed(tree)), lambda words: (words.key,))
    found = {POSTS[n - 1] for (n,) in database.execute("SELECT rowid FROM posts WHERE posts MATCH ?", (query,))}
    assert found == {post for post in POSTS if holds(tree, post)}


@pytest.mark.parametrize(
    ("asked", "posts"),
    [("red NEAR/2 blue", {1, 2}), ("red NEAR blue", {1, 2, 4}), ('"red blue"', {1}), ('"blue red"', {2}),
     ("gre*", {2, 3}), ("-blue red", {0, 5}), ("red blue OR green", {1, 2, 3, 4}), ("red (blue OR green)", {1, 2, 4})],
)  # fmt: skip
def test_signs_by_hand(database: sqlite3.Connection, asked: str, posts: set[int]) -> None:
    query = fts_query(search_query(asked), lambda words: (words.key,))
    assert {n - 1 for (n,) in database.execute("SELECT rowid FROM posts WHERE posts MATCH ?", (query,))} == posts


@pytest.mark.parametrize(
    ("asked", "query"),
    [
        ("OR red", Both((Words("OR"), Words("red")))), ("red AND", Both((Words("red"), Words("AND")))),
        ("red NEAR", Both((Words("red"), Words("NEAR")))), ("NOT", Words("NOT")), ("(red", Words("(red")),
        ("a NEAR/300 b", Near(Words("a"), Words("b"), 100)), ("E V M booth", Both((Words("E V M"), Words("booth")))),
        ('"e" "v"', Both((Words("e"), Words("v")))), ("ई वी एम", Words("ई वी एम")),
        ("red OR (blue -green)", Either((Words("red"), Without(Words("blue"), (Words("green"),))))),
        ("और red", Both((Words("और"), Words("red")))),
    ],
)  # fmt: skip
def test_what_is_an_operator_and_what_a_word(asked: str, query: object) -> None:
    assert search_query(asked) == query


def test_words_that_are_not_wanted_are_not_marked() -> None:
    assert [words.typed for words in wanted(search_query("(red OR blue) -green"))] == ["red", "blue"]


@settings(deadline=None, max_examples=200)
@given(
    text=st.lists(st.sampled_from(["red", '"', "(", ")", "OR", "AND", "NOT", "NEAR/2", "-", "*", "ई", "."])).map(
        " ".join
    )
)
def test_whatever_is_typed_is_answered_or_refused_in_a_sentence(database: sqlite3.Connection, text: str) -> None:
    try:
        query = fts_query(search_query(text), lambda words: (words.key,))
    except ParameterError as refusal:
        assert str(refusal).endswith(".")
        return
    database.execute("SELECT count(*) FROM posts WHERE posts MATCH ?", (query,)).fetchone()
