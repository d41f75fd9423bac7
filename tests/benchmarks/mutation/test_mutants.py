"""Mutants by hand: which faults a source has, where they stand, and what is left alone."""

from __future__ import annotations

import ast

import pytest

from benchmarks.mutation.mutants import mutants_of, mutated
from benchmarks.mutation.sample import PARTS, ROOT, drawn, mirroring, modules, part_of
from benchmarks.mutation.table import tables
from benchmarks.mutation.trial import Trial, Workplace, earlier


def faults(source: str) -> list[str]:
    """Return the source with each of its faults, as Python writes it."""
    return [ast.unparse(ast.parse(mutated(source, one))) for one in mutants_of("x.py", source)]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a < b", ["a <= b"]),
        ("a >= b != c", ["a > b != c", "a >= b == c"]),
        ("x = a - b * c", ["x = a - b / c", "x = a + b * c"]),
        ("x = a and b or not c", ["x = (a or b) or not c", "x = (a and b) and (not c)", "x = a and b or c"]),
        ("LEAST = 100", ["LEAST = 101", "LEAST = 200"]),
        ("f(x, n=3)", ["f(x, n=4)"]),
        ("SHARE = 0.95", ["SHARE = 0.969", "SHARE = 1.9"]),
        ("x = -ahead", ["x = ahead"]),
        ("x = a if b else c", ["x = c if b else a"]),
        ("x = max(a, True)", ["x = max(a, False)", "x = min(a, True)"]),
        ("@cached(9)\ndef f(a: int = 4, *, b: str | None = None) -> int | None:\n    'Say 5.'\n    return a",
         ["@cached(9)\ndef f(a: int=5, *, b: str | None=None) -> int | None:\n    'Say 5.'\n    return a"]),
        ("if TYPE_CHECKING:\n    x = 1\n__all__ = ['a' * 2]\nzip(a, b, strict=True)\nf'{a + 1}'\nassert a == 1", []),
        ("'हिंदी', a < b", ["('हिंदी', a <= b)"]),
    ],
)  # fmt: skip
def test_faults_of_a_source(source, expected):
    assert sorted(faults(source)) == sorted(ast.unparse(ast.parse(one)) for one in expected)


def test_every_mutant_of_a_module_is_another_program_and_the_rest_of_its_text_stands():
    path = ROOT / "spmc_tools" / "importers" / "fields" / "times.py"
    source = path.read_text(encoding="utf-8")
    found = mutants_of("times.py", source)
    assert len(found) > 300 and len(set(found)) == len(found)
    program = ast.dump(ast.parse(source))
    for one in found[::7]:
        changed, rest = mutated(source, one), source.splitlines()[one.end_line :]
        assert ast.dump(ast.parse(changed)) != program
        assert changed.splitlines()[: one.line - 1] == source.splitlines()[: one.line - 1]
        assert changed.splitlines()[len(changed.splitlines()) - len(rest) :] == rest


def test_a_sample_is_the_same_for_a_seed_and_takes_as_many_of_each_part():
    short, long = drawn(20, 3), drawn(50, 3)
    assert long[:20] == short == drawn(20, 3) != drawn(20, 4)
    for part in PARTS:
        assert sum(part_of(one.path) == part for one in long) == 10
        assert modules(part)
        assert [one for one in long if part_of(one.path) == part] == drawn(10, 3, parts=[part])


def test_the_tests_of_a_module_are_those_that_mirror_it():
    assert mirroring("spmc_tools/chance/pairs/strata.py") == ["tests/chance/pairs/test_strata.py", "tests/chance/pairs"]
    assert mirroring("spmc_tools/chance/checks/habit_of_early.py") == ["tests/chance/checks"]
    assert mirroring("spmc_tools/findings/request.py") == ["tests/findings/test_request.py", "tests/findings"]
    assert mirroring("spmc_tools/findings/__init__.py") == ["tests/findings"]
    for part in PARTS:
        for path in modules(part):
            assert mirroring(path.relative_to(ROOT).as_posix()), path


@pytest.fixture
def project(tmp_path):
    """A project of one module and one test, which tells one of its two faults."""
    root = tmp_path / "project"
    for folder in ("spmc_tools/chance", "tests/chance"):
        (root / folder).mkdir(parents=True)
    (root / "spmc_tools" / "__init__.py").write_text("")
    (root / "spmc_tools" / "chance" / "grown.py").write_text("def grown(a):\n    return a >= 3\n")
    (root / "tests" / "chance" / "test_grown.py").write_text(
        "from spmc_tools.chance.grown import grown\n\n\ndef test_grown():\n    assert grown(4) and not grown(2)\n"
    )
    (root / "pyproject.toml").write_text("[tool.pytest.ini_options]\naddopts = '--import-mode=importlib'\n")
    return root


def test_a_fault_is_found_or_lives_and_the_module_stands_as_it_stood(project, tmp_path):
    place = Workplace(tmp_path / "copy", project)
    path = "spmc_tools/chance/grown.py"
    source = (project / path).read_text()
    trials = [place.tried(one) for one in mutants_of(path, source)]
    assert [(one.mutant.after, one.outcome) for one in trials] == [("a > 3", "lived"), ("4", "lived")]
    test = tmp_path / "copy" / "tests" / "chance" / "test_grown.py"
    test.write_text(test.read_text() + "    assert grown(3)\n")
    killed = [place.tried(one.mutant) for one in trials]
    place.close()
    assert [(one.outcome, one.by.split(" ")[0]) for one in killed] == [
        ("killed", "tests/chance/test_grown.py::test_grown")
    ] * 2
    assert (tmp_path / "copy" / path).read_text() == source
    text = tables(trials, 5, project)
    assert "| chance | 2 | 0 | 0 | 2 |" in text and "2 of 5 mutants were tried; 2 lived." in text
    assert f"| `{path}:2` | `a >= 3` | `a > 3` | tests/chance/test_grown.py, tests/chance |" in text
    assert isinstance(trials[0], Trial) and earlier(tmp_path / "none.jsonl") == {}


def test_a_test_that_fails_without_a_fault_is_said(project, tmp_path):
    (project / "tests" / "chance" / "test_grown.py").write_text("def test_never():\n    assert 0\n")
    place, path = Workplace(tmp_path / "copy", project), "spmc_tools/chance/grown.py"
    [first, *_] = mutants_of(path, (project / path).read_text())
    with pytest.raises(RuntimeError, match=r"tests/chance/test_grown\.py::test_never fails without any fault"):
        place.tried(first)
    place.close()
