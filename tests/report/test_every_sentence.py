"""Every sentence of every page stands in a list, with the test that holds its figures by a second route.

``sentences.tsv``: template, key (``…`` at its end: put together from a name), what it has (``figure``: names in braces
are filled in, or it counts; ``condition``: a template chooses whether it stands there; ``fixed``: neither), and a test
that takes the values of that part of the page a second way. That the right value stands in the right sentence is held
for the first page and the cards by ``page/test_printed_sentences.py``. ``read``: it was read beside its values and has
no test yet; their number only falls. A sentence that is new to a page fails here until it has its line.
"""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

from spmc_tools.report.page.drawing import ReportExporter
from spmc_tools.report.words.wording import Wording, catalogue
from spmc_tools.resources import resource

LIST = Path(__file__).with_name("sentences.tsv")
TESTS = Path(__file__).parents[1]
MOST_READ = 281


def sentences() -> dict[tuple[str, str], str]:
    """Return what each sentence of each template has, from the syntax trees of the templates and the English words."""
    from jinja2 import nodes

    forms = {str(one.id if isinstance(one.id, str) else one.id[0]): one.string for one in catalogue("en") if one.id}
    root, parse = resource("templates"), ReportExporter(Wording("en")).pages.parse
    found: dict[tuple[str, str], str] = {}

    def figures(key: str) -> bool:
        said = [said for name, said in forms.items() if name == key or (key[-1] == "…" and name.startswith(key[:-1]))]
        assert said, key
        return any("{" in str(one) for one in said)

    def keys(given: nodes.Node) -> list[str]:
        if isinstance(given, nodes.CondExpr):
            return [*keys(given.expr1), *(keys(given.expr2) if given.expr2 else [])]
        if isinstance(given, nodes.Concat) and isinstance(given.nodes[0], nodes.Const):
            return [f"{given.nodes[0].value}…"]
        return [str(given.value)] if isinstance(given, nodes.Const) else []

    def walk(node: nodes.Node, template: str, chosen: bool) -> None:
        if isinstance(node, nodes.Call) and getattr(node.node, "name", None) == "t" and node.args:
            by_name = isinstance(node.args[0], nodes.CondExpr)
            for key in keys(node.args[0]):
                kind = "figure" if figures(key) else "condition" if chosen or by_name or key[-1] == "…" else "fixed"
                if found.get((template, key)) != "figure":
                    found[template, key] = kind
        inside = chosen or isinstance(node, (nodes.If, nodes.CondExpr))
        for child in node.iter_child_nodes():
            walk(child, template, inside)

    for path in sorted(root.rglob("*.j2")):
        walk(parse(path.read_text(encoding="utf-8")), path.relative_to(root).as_posix(), chosen=False)
    return found


def listed() -> dict[tuple[str, str], tuple[str, str]]:
    rows = [line.split("\t") for line in LIST.read_text(encoding="utf-8").splitlines()]
    assert rows == sorted(rows) and all(len(row) == 4 for row in rows)
    return {(template, key): (kind, check) for template, key, kind, check in rows}


@cache
def defined_in(file: str) -> frozenset[str]:
    tree = ast.parse((TESTS / file).read_text(encoding="utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


def test_every_sentence_of_a_page_is_listed_with_what_it_has() -> None:
    there, told = sentences(), {place: kind for place, (kind, _) in listed().items()}
    assert {place: kind for place, kind in there.items() if told.get(place) != kind} == {}
    assert sorted(set(told) - set(there)) == []
    assert len(there) > 900


def test_every_figure_and_condition_has_a_test_that_is_there() -> None:
    wrong = []
    for place, (kind, check) in listed().items():
        file, _, name = check.partition("::")
        if kind == "fixed":
            wrong += [place] if check != "fixed" else []
        elif check != "read" and name not in defined_in(file):
            wrong.append(place)
    assert wrong == []
    assert sum(check == "read" for _, check in listed().values()) <= MOST_READ


def test_a_new_sentence_and_one_that_became_a_figure_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    place = ("sections/groups/summary.html.j2", "not_said")
    whole = listed()
    assert whole[place] == ("fixed", "fixed")
    monkeypatch.setitem(globals(), "listed", lambda: {one: row for one, row in whole.items() if one != place})
    with pytest.raises(AssertionError, match="not_said"):
        test_every_sentence_of_a_page_is_listed_with_what_it_has()
    monkeypatch.setitem(globals(), "listed", lambda: whole | {place: ("figure", "read")})
    with pytest.raises(AssertionError, match="not_said"):
        test_every_sentence_of_a_page_is_listed_with_what_it_has()
