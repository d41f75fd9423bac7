"""The page of promises names tests that are there; and three promises that had no test of their own."""

from __future__ import annotations

import ast
import html
import json
import re
from pathlib import Path

import pytest

from spmc_tools.report.redaction.leak_check import RawNames, check_text, texts_of
from spmc_tools.resources import resource

ROOT = Path(__file__).resolve().parents[2]


def test_every_test_that_is_named_is_there() -> None:
    page = (ROOT / "docs" / "measured" / "report_checks.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`([a-z_/]+\.py)::(test_[a-z0-9_]+)`", page))
    assert len(named) > 80
    gone = [
        f"{file}::{name}"
        for file, name in sorted(named)
        if not (path := ROOT / "tests" / file).is_file()
        or not re.search(rf"^def {name}\(", path.read_text(encoding="utf-8"), re.MULTILINE)
    ]
    assert gone == []


@pytest.mark.parametrize("notebook", ["election_watch", "festival_watch"])
def test_the_parts_come_in_the_order_that_a_senior_reads(notebook) -> None:
    node = json.loads(resource("notebooks", f"{notebook}.ipynb").read_text(encoding="utf-8"))
    order = node["metadata"]["spmc"]["sections"]
    wanted = [
        "summary", "purpose", "data", "volume", "findings", "accounts", "limits", "method", "provenance", "signoff",
    ]  # fmt: skip
    assert [name for name in order if name in wanted] == wanted


def test_a_name_inside_a_frame_is_a_leak(pages) -> None:
    names = RawNames()
    names.add("handle_3", "handle")
    text = pages["en"]
    frames = re.findall(r" srcdoc='([^']*)'", text)
    alone = (
        "<!doctype html><html><body>"
        + "".join(f"<iframe srcdoc='{frame}'></iframe>" for frame in frames)
        + "</body></html>"
    )
    found = {leak.raw for part in texts_of(alone.encode(), "a.html") for leak in check_text(names, (), part, "a.html")}
    assert found == {"handle_3"}
    graph = re.search(r'id="graph">(.*?)</script>', html.unescape(frames[0]), re.DOTALL)
    if graph is not None:  # in the network's values, too, and with letters that HTML or JSON would write otherwise
        assert "handle_3" in graph[1]
    odd = RawNames()
    odd.add("a&b_नाम", "handle")
    inner = '<script type="application/json">{"x": "a\\u0026b_नाम"}</script>'
    page = f'<html><body><iframe srcdoc="{html.escape(inner)}"></iframe></body></html>'
    assert any(check_text(odd, (), part, "a.html") for part in texts_of(page.encode(), "a.html"))


def test_our_scripts_are_no_names(pages) -> None:
    names = RawNames()
    for word in ("replaceAll", "addEventListener", "toLocaleLowerCase"):
        names.add(word, "handle")
    assert not [
        leak for part in texts_of(pages["en"].encode(), "a.html") for leak in check_text(names, (), part, "a.html")
    ]


SAFE = {"Markup", "HTML", "Markdown"}
"""Calls that take a text as it is."""

ALLOWED = {
    "report/page/drawing.py": {"Markup"},  # literal patterns that are filled in, and escaped pieces that are joined
    "report/figures/frames.py": {"Markup"},  # own style sheet and script, a body that a template escaped
    "report/figures/pictures.py": {"Markup"},  # drawings, whose letters a writer of XML escaped
    "report/page/render.py": {"Markup"},
    "report/figures/table_cells.py": {"Markup"},  # what a call block of a template gives, which escaped it
    "show/charts/calendar_marks.py": {"Markup"},  # patterns that are filled in, and escaped pieces that are joined
    "app/pages/secure_handler.py": {"Markup"},  # a pattern that is filled in
    "show/pages/plain_form.py": {"Markup"},  # a pattern, and what a template escaped
    "report/words/wording.py": {"Markup"},  # messages of ours, escaped first
}


def _templated(value: ast.expr) -> bool:
    """Whether what a widget shows as HTML came out of a template, which escapes it."""
    if isinstance(value, ast.IfExp):
        return _templated(value.body) and _templated(value.orelse)
    return ast.unparse(value).startswith("text_html(") or (isinstance(value, ast.Constant) and not value.value)


def test_a_text_that_did_not_pass_a_template_is_told_from_one_that_did() -> None:
    shown = ("text_html(x)", "''", "x", "f'<b>{x}</b>'")
    told = {text: _templated(ast.parse(text, mode="eval").body) for text in shown}
    assert told == {"text_html(x)": True, "''": True, "x": False, "f'<b>{x}</b>'": False}
    assert not _templated(ast.parse("text_html(x) if a else x", mode="eval").body)


def test_nothing_of_the_data_is_called_safe() -> None:
    found: dict[str, set[str]] = {}
    for path in (ROOT / "spmc_tools").rglob("*.py"):
        where = path.relative_to(ROOT / "spmc_tools").as_posix()
        source = path.read_text(encoding="utf-8")
        assert "escape=False" not in source and "to_html(" not in source, where
        for node in ast.walk(ast.parse(source)):
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "id", getattr(node.func, "attr", None))
            if name in SAFE and not (isinstance(node.func, ast.Attribute) and all(map(_templated, node.args))):
                found.setdefault(where, set()).add(name)
    assert {where: names for where, names in found.items() if names - ALLOWED.get(where, set())} == {}
    for path in (ROOT / "templates").rglob("*.j2"):
        assert not re.search(r"\|\s*safe\b|autoescape false", path.read_text(encoding="utf-8")), path.name
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        code = "".join("".join(one["source"]) for one in cells if one["cell_type"] == "code")
        assert not re.search(r"\b(HTML|Markdown|Markup|to_html)\(", code), path.name
