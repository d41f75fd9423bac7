"""Reasons of refused rows: every one that an importer writes has a kind, and is said in the language of the page."""

from __future__ import annotations

import ast
import datetime
import html
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

import spmc_tools.importers
from spmc_tools.errors import quote
from spmc_tools.importers.fields.times import TimeRule, read_time
from spmc_tools.importers.files.cells import why_no_id
from spmc_tools.report.page.drawing import ReportExporter
from spmc_tools.report.scope.received import _by_kind, data
from spmc_tools.report.scope.scope import in_period
from spmc_tools.report.words.refusals import masked, told
from spmc_tools.report.words.wording import Wording, catalogue

if TYPE_CHECKING:
    from collections.abc import Iterator

# modules whose sentences are about files, mappings or plans, and never about a row
OF_FILES = {
    "importer_catalogue", "importer", "documents", "guess", "import_files", "mapped", "mapping", "media_files",
    "propose", "read", "same_names", "unpack", "x_archive_files",
}  # fmt: skip
# pieces of a sentence that another function puts together, and sentences that are no reasons
NO_REASONS = {
    "cells": 'a number with a fraction or below 0|of a type that is no id|"x", a word for "nothing here"|a time, no id|'
    "true or false, no id|a list, no id|not exact (its last digits were lost in a spreadsheet)|"
    '"x", an error that a spreadsheet shows where a formula failed|x x',
    "mapped_table": "Its rows cannot be shown yet: x ",
    "table_rows": "the account idx is xx|x account ids x and are no ids; in their place stand: x",
    "header_rows": "rows begin with their number, for which the header has no column, as R writes them",
    "listening_tables": "x x",
    "known_tables": "created_at, time_precision_s|collected_at; accounts.observed_at",
    "table_files": "too x fields: x instead of x",
    "telegram_html": "contains(concat(' ', normalize-space(@class), ' '), ' x ')",
    "times": 'names the zone x, which x was not in|"x" is x|"x" x|names no zone|has an offset that does not exist|'
    "short names stand for several zones: type that of the place, such as x|type one such as Asia/Kolkata or UTC|"
    'x times of column "x" are numbers of days as a spreadsheet counts them ("x" is x)| (x x x)',
    "x_api_v1": "the file does not say whose archive it is: the account is called x; the whole zip says it",
}

# kinds whose sentence no one place of the importers holds whole
PUT_TOGETHER = {
    "no_time", "no_account", "no_platform", "account_bare", "account_is", "time_unreadable", "time_far", "no_zone",
    "no_such_offset", "other_zone", "too_many", "too_few",
}  # fmt: skip


def keys() -> set[str]:
    return {str(one.id) for one in catalogue("en") if isinstance(one.id, str) and one.id.startswith("refusal.")}


def parts(node: ast.AST | None) -> Iterator[ast.AST]:
    """Yield what an expression may come to."""
    if isinstance(node, ast.IfExp):
        yield from (*parts(node.body), *parts(node.orelse))
    elif isinstance(node, ast.BoolOp):
        for value in node.values:
            yield from parts(value)
    elif isinstance(node, (ast.Tuple, ast.Dict)):
        for value in node.elts if isinstance(node, ast.Tuple) else node.values:
            yield from parts(value)
    elif node is not None:
        yield node


def said(tree: ast.Module) -> Iterator[str]:
    """Yield the sentences that functions return or yield, and those handed to what notes a refusal, filled with x."""
    found: list[ast.AST] = []
    for node in ast.walk(tree):
        if isinstance(node, (ast.Return, ast.Yield, ast.YieldFrom)):
            found += parts(node.value)
        elif isinstance(node, ast.Call):
            called = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if called in {"Refusal", "refusal", "setdefault", "fromkeys", "_NoPostError"}:
                found += [part for one in node.args for part in parts(one)]
        elif isinstance(node, ast.Assign) and any(
            ast.unparse(one).startswith(("reason", "bad[")) for one in node.targets
        ):
            found += parts(node.value)
    for node in found:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.JoinedStr):
            yield "".join(
                str(part.value)
                if isinstance(part, ast.Constant)
                else '"x"'
                if "quote" in ast.unparse(part) or "_error_text" in ast.unparse(part)
                else "x"
                for part in node.values
            )


def test_every_reason_that_an_importer_writes_has_a_kind() -> None:
    folder = Path(spmc_tools.importers.__file__).parent
    kinds, unknown = set(), set()
    for path in sorted(folder.rglob("*.py")):
        if path.stem in OF_FILES:
            continue
        left_out = NO_REASONS.get(path.stem, "").split("|")
        for sentence in said(ast.parse(path.read_text(encoding="utf-8"))):
            advice = sentence.startswith(("https://", "-100")) or "in the mapping: [times]" in sentence
            if " " in sentence and sentence not in left_out and not advice:
                kinds.add((told(sentence) or {}).get("kind"))
                unknown |= {f"{path.stem}: {sentence}"} if told(sentence) is None else set()
    assert unknown == set()
    known = {key.removeprefix("refusal.") for key in keys() if not key.startswith("refusal.why.")}
    assert known - kinds <= PUT_TOGETHER <= known


def test_every_kind_is_found_again_from_its_own_sentence() -> None:
    for message in catalogue("en"):
        if isinstance(message.id, str) and message.id.startswith("refusal.") and ".why." not in message.id:
            kind = message.id.removeprefix("refusal.")
            given = {"value": '"x"', "form": '"%Y"', "why": "blank" if "account" in kind else '"x" names no zone'}
            others = {"n_columns": 3, "found": 2, "wanted": 3, "levels": "1,000", "place": 7}
            names = ("column", "words", "message", "zone", "order", "missing")
            sentence = str(message.string).format(**given, **others, **dict.fromkeys(names, "x"))
            assert (told(sentence) or {}).get("kind") == kind, sentence


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        ('"call 98765" is not of the form "%d/%m/%Y"', "other_form"),
        ('the account id "98765" is "98765", a word for "nothing here"', "account_is"),
        ('direction is "98765", wanted one of in, out', "other_word"),
        ('something new: "98765" and "98765"', None),
    ],
)
def test_what_stood_in_a_sheet_of_the_desks_is_masked_and_the_kind_stays(reason: str, kind: str | None) -> None:
    left = masked(reason)
    assert "98765" not in left and "▮▮▮" in left
    assert (told(left) or {"kind": None})["kind"] == (told(reason) or {"kind": None})["kind"] == kind


@pytest.mark.parametrize(
    "cell",
    ["#N/A", "null", "1.5E+17", "  ", True, datetime.date(2025, 1, 1), [1], 1e17, -0.5, object()],
)
def test_every_lost_id_is_told_in_words(cell: object) -> None:
    why = why_no_id(cell)
    for sentence in (f"the account id {quote(cell)} is {why}", f"the account id is {why}"):
        found = told(sentence)
        assert found is not None
        assert isinstance(found["values"]["why"], dict), sentence


@given(st.text(max_size=80), st.sampled_from(["dmy", None]))
def test_every_unreadable_time_has_a_kind(text: str, order: str | None) -> None:
    found = read_time(text, TimeRule(unit=None, zone=None, order=order))
    if isinstance(found, str):
        assert told(found) is not None, found


@pytest.mark.parametrize(
    "text", ["31.02.2025", "03.04.2025", "1762430400", "2025-11-06 10:00 +17:00", "1066-10-14T09:00Z"]
)
def test_times_that_cannot_be_read(text: str) -> None:
    found = read_time(text, TimeRule(unit=None, zone=None, order=None))
    assert isinstance(found, str)
    assert told(found) is not None, found


def test_a_page_says_reasons_in_its_language_and_keeps_the_english_of_an_unknown_one(small_case) -> None:
    reasons = ["the row has no time"] * 3 + [f'created_at is no time: "{n}"' for n in range(5)] + ["something new"]
    values = _by_kind(Counter(reasons))
    assert [(one.kind, one.n, one.others) for one in values] == [
        ("field_time", 5, 4), ("no_time", 3, 0), (None, 1, 0),
    ]  # fmt: skip
    words = ReportExporter(Wording("hi")).pages.get_template("fragment.html.j2")
    shown = replace(data(small_case, in_period(small_case)), reasons=tuple(values), other_reasons=0)
    drawn = words.render(s={"name": "data", "missing": [], "values": shown}, v=shown, brief=False)
    text = html.unescape(" ".join(re.sub(r"<[^>]+>", " ", drawn).split()))
    assert 'created_at में समय नहीं है: "0" (और 4 अन्य मान)' in text
    assert "3 × पंक्ति में समय नहीं है" in text
    assert "मूल अंग्रेज़ी में कारण: something new" in text
    assert "the row has no time" not in text
