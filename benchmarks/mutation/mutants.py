"""Mutants of a module: each is its source with one small fault, such as ``<=`` for ``<`` or a doubled number.

What stands in annotations, in texts, under ``if TYPE_CHECKING`` and in decorators is left alone: it decides no result.
"""

from __future__ import annotations

import ast
import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Mutant", "mutants_of", "mutated"]

_COMPARE: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip
_ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv, ast.Pow: ast.Mult, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd, ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
}  # fmt: skip
_CALLED = {"min": "max", "max": "min", "any": "all", "all": "any", "minimum": "maximum", "maximum": "minimum"}
_FEW = 10
_NO_RESULT = frozenset({"strict"})
"""Keywords that only say what must not happen."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """One fault: ``before`` at this place of the source becomes ``after``.

    Attributes
    ----------
    path : str
        Of the module, from the root of the project, with ``/``.
    line, end_line : int
        From 1.
    column, end_column : int
        In bytes of UTF-8 from 0; the end is exclusive.
    before, after : str
        Python expressions.
    """

    path: str
    line: int
    column: int
    end_line: int
    end_column: int
    before: str
    after: str


def mutants_of(path: str, source: str) -> list[Mutant]:
    """Return every mutant of a module, in order of its place.

    Parameters
    ----------
    path : str
        As it is named in the mutants.
    source : str
        Its text, which is valid Python.
    """
    found = []
    lines = source.encode().splitlines(keepends=True)
    for node in _deciding(ast.parse(source)):
        for changed in _changes(node):
            place = node.lineno, node.col_offset, node.end_lineno or 0, node.end_col_offset or 0
            found.append(Mutant(path, *place, _segment(lines, *place), ast.unparse(changed)))
    return sorted(found, key=lambda one: (one.line, one.column, one.end_line, one.end_column, one.after))


def mutated(source: str, mutant: Mutant) -> str:
    """Return the source with the fault in it; the rest stands as it stood."""
    lines = source.encode().splitlines(keepends=True)
    head, tail = lines[mutant.line - 1][: mutant.column], lines[mutant.end_line - 1][mutant.end_column :]
    lines[mutant.line - 1 : mutant.end_line] = [head + f"({mutant.after})".encode() + tail]
    return b"".join(lines).decode()


def _segment(lines: list[bytes], line: int, column: int, end_line: int, end_column: int) -> str:
    """Return a piece of the source in one line; ``ast.get_source_segment`` splits the whole text for each."""
    piece = lines[line - 1 : end_line]
    piece[-1] = piece[-1][:end_column]
    piece[0] = piece[0][column:]
    return " ".join(b"".join(piece).decode().split())


def _deciding(tree: ast.AST) -> Iterator[ast.expr]:
    """Yield the expressions that can decide a result."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, (ast.JoinedStr, ast.arg)) or _names_only(node):
            continue
        if isinstance(node, ast.keyword) and node.arg in _NO_RESULT:
            continue
        if isinstance(node, ast.expr):
            yield node
        if isinstance(node, ast.AnnAssign):
            yield from () if node.value is None else _deciding(ast.Expr(node.value))
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            body = [*node.body, *_defaults(node)]
            yield from _deciding(ast.Module(body, []))
        else:
            yield from _deciding(node)


def _names_only(node: ast.AST) -> bool:
    """Say whether a statement is ``__all__``, one under ``if TYPE_CHECKING``, or an assert."""
    if isinstance(node, ast.Assign):
        return any(isinstance(name, ast.Name) and name.id == "__all__" for name in node.targets)
    if isinstance(node, ast.If):
        return isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
    return isinstance(node, ast.Assert)


def _defaults(node: ast.FunctionDef | ast.ClassDef) -> list[ast.stmt]:
    """Return the default values of the parameters of a function."""
    if isinstance(node, ast.ClassDef):
        return []
    return [ast.Expr(value) for value in (*node.args.defaults, *node.args.kw_defaults) if value is not None]


def _changes(node: ast.expr) -> Iterator[ast.expr]:
    """Yield the faulty expressions that may stand for one expression."""
    if isinstance(node, ast.Compare):
        for place, operator in enumerate(node.ops):
            changed = copy.deepcopy(node)
            changed.ops[place] = _COMPARE[type(operator)]()
            yield changed
    elif isinstance(node, ast.BinOp) and type(node.op) in _ARITHMETIC and not _is_text(node):
        yield ast.BinOp(node.left, _ARITHMETIC[type(node.op)](), node.right)
    elif isinstance(node, ast.BoolOp):
        yield ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)
    elif isinstance(node, ast.UnaryOp) and not isinstance(node.op, ast.UAdd):
        yield node.operand
    elif isinstance(node, ast.IfExp):
        yield ast.IfExp(node.test, node.orelse, node.body)
    elif isinstance(node, ast.Constant):
        yield from map(ast.Constant, _other_values(node.value))
    elif isinstance(node, ast.Call):
        yield from _other_calls(node)


def _is_text(node: ast.BinOp) -> bool:
    return any(
        isinstance(end, ast.JoinedStr) or (isinstance(end, ast.Constant) and isinstance(end.value, (str, bytes)))
        for end in (node.left, node.right)
    )


def _other_values(value: object) -> list[bool | int | float]:
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, int):
        return [value + 1] if abs(value) < _FEW else [value + 1, 2 * value]
    if isinstance(value, float):
        return [2 * value, float(f"{value * 1.02:.12g}")] if value else [1.0]
    return []


def _other_calls(node: ast.Call) -> Iterator[ast.expr]:
    called = node.func
    if isinstance(called, ast.Name) and called.id in _CALLED:
        yield ast.Call(ast.Name(_CALLED[called.id]), node.args, node.keywords)
    elif isinstance(called, ast.Attribute) and called.attr in _CALLED:
        yield ast.Call(ast.Attribute(called.value, _CALLED[called.attr]), node.args, node.keywords)
