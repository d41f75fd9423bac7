"""JSON documents cut into their elements: the same as the whole document read at once, wherever it is cut."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spmc_tools.errors import FormatError
from spmc_tools.importers.files import documents
from spmc_tools.importers.files.documents import elements

QUIET = settings(max_examples=150, deadline=None)
TEXT = st.text(st.characters(codec="utf-8"), max_size=8) | st.sampled_from(
    ['"', "\\", '\\"', "[", "}", '"messages": [']
)
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), TEXT),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXT, inner, max_size=3)),
    max_leaves=12,
)
OBJECTS = st.dictionaries(TEXT, VALUES, max_size=4)


def cut(text: str, size: int) -> list:
    raw = text.encode()
    blocks = iter([raw[i : i + size] for i in range(0, len(raw), size)])
    return [json.loads(one) for one in elements(blocks, '"x.json"')]


@QUIET
@given(st.lists(OBJECTS, max_size=5), st.integers(1, 30), st.sampled_from([None, 1]), st.booleans())
def test_a_list_gives_its_elements(items, size, indent, plain):
    assert cut(json.dumps(items, indent=indent, ensure_ascii=plain), size) == items


@QUIET
@given(st.lists(OBJECTS, min_size=1, max_size=4), st.integers(1, 30), st.sampled_from(["", "\n", " \n\t"]))
def test_objects_in_a_row_give_each(items, size, between):
    assert cut(between.join(json.dumps(item, indent=1) for item in items), size) == items


@QUIET
@given(st.lists(st.lists(OBJECTS, max_size=3), min_size=1, max_size=3), st.integers(1, 40))
def test_messages_come_with_the_head_of_their_chat(chats, size):
    heads = [{"name": f"c{i}", "type": "private_group", "id": i} for i in range(len(chats))]
    listed = [{**head, "messages": messages} for head, messages in zip(heads, chats, strict=True)]
    wanted = [{"chat": h, "message": m} for h, messages in zip(heads, chats, strict=True) for m in messages]
    assert cut(json.dumps({"about": {"a": [1]}, "chats": {"list": listed}, "after": {"b": []}}), size) == wanted
    assert cut(json.dumps({**heads[0], "messages": chats[0]}, indent=1), size) == wanted[: len(chats[0])]


def test_messages_of_something_else_stay_inside():
    found = {"a": {"messages": [{"b": 1}]}}
    assert cut(json.dumps(found), 7) == [found]


def test_what_stands_between_elements_is_given_too():
    assert cut('[1, {"a": 1}, "b", {"c": 2} ]', 3) == [1, {"a": 1}, "b", {"c": 2}]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('[{"a": 1}, {"b": ', "ends in the middle of its JSON, after 1 whole elements"),
        ('{"a": [1}', "a bracket at byte 8 closes nothing"), ("]", "a bracket at byte 0 closes nothing"),
        ('{"a": "unclosed', "ends in the middle"),
    ],
)  # fmt: skip
def test_broken_documents_are_said(text, sentence):
    with pytest.raises(FormatError, match=sentence):
        list(elements(iter([text.encode()]), '"x.json"'))


def test_an_element_that_is_too_long(monkeypatch):
    monkeypatch.setattr(documents, "ELEMENT_LIMIT", 1000)
    blocks = iter([b'[{"a": 1}, {"b": "', *[b"x" * 100] * 30, b'"}]'])
    with pytest.raises(FormatError, match="element 2 of its JSON is longer than"):
        list(elements(blocks, '"x.json"'))


def test_a_document_longer_than_memory_allows_is_forgotten_behind(monkeypatch):
    """10,000 elements of 100 bytes under a limit of 2,000: only what is needed is held."""
    monkeypatch.setattr(documents, "ELEMENT_LIMIT", 2000)
    one = b'{"a": "' + b"x" * 90 + b'"},'
    blocks = iter([b"[", *[one * 10] * 1000, b'{"a": 1}]'])
    assert sum(1 for _ in elements(blocks, "x")) == 10_001


def test_10000_levels_are_counted_and_refused(bring):
    deep = "[" * 10_000 + "]" * 10_000
    good = '{"id": "1", "author_id": "2", "text": "t", "created_at": "2021-04-08T15:07:30Z"}'
    found = bring("x.json", f'[\n{good},\n{{"a": {deep}}},\n{good.replace("1", "3", 1)}\n]')
    assert (found.result.read, found.result.kept, found.result.refused) == (3, 2, 1)
    assert found.refused[0]["source_row"] == 2
