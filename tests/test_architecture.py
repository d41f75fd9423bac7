"""The shape of the project: imports point up, heavy ones are lazy, the public surface and the dependencies agree.

A *room* is a folder that directly holds modules: ``case/store`` is one, ``importers`` is one, and so is
``importers/fields`` inside of it. The package's own folder is none, since it holds the first and the last layers side
by side: there each module (``errors``, ``doctor``) is a room of its own. The ``__init__`` of a package is no part of
its room: it holds a sentence, or hands on what is made elsewhere; to import it is to import that room. A *wing* is
what stands under one name directly in the package, with all rooms in it: ``case``, ``importers``, ``errors``.

Rooms import each other in one direction only, and so do wings. Every import counts, also one inside a function, and
one for type checkers alone: who must know a type must know where it is made.
"""

from __future__ import annotations

import ast
import functools
import itertools
import re
import subprocess
import sys
import tomllib
from collections import Counter
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import spmc_tools

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "spmc_tools"
ORDER = [
    "errors", "operating_system", "version", "lean_start", "schema", "resources", "compiled", "code_digest", "progress",
    "mail", "text", "cage", "case", "importers", "collect", "coaction", "chance", "network", "findings", "desks",
    "show", "signing", "report", "custody", "doctor", "demo", "lab", "schedule", "app", "cli", "__main__",
]  # fmt: skip
HEAVY = {
    "pandas", "pyarrow", "numba", "duckdb", "ibis", "networkx", "igraph", "matplotlib", "scipy",
    "pyspark", "ipywidgets", "papermill", "nbconvert", "numpy", "IPython",
}  # fmt: skip
DRAWING = {"matplotlib", "IPython", "ipywidgets"}
REQUIRED = {"jupyterlab", "networkx", "pandas", "matplotlib", "ipywidgets", "snscrape", "papermill", "pytest"}


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def part(path: Path) -> str:
    relative = path.relative_to(PACKAGE)
    return relative.parts[0].removesuffix(".py")


@functools.cache
def imports(path: Path) -> list[tuple[str, int]]:
    """Every module imported anywhere in a file, with its line; imports for type checkers only count as well."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found: list[tuple[str, int]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found.extend((name.name, node.lineno) for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno} imports relatively"
            module = node.module or ""
            found.extend((f"{module}.{name.name}", node.lineno) for name in node.names)
    return found


def test_imports_only_point_up() -> None:
    wrong = []
    for path in modules():
        here = part(path)
        if here == "__init__":
            continue
        assert here in ORDER, f"{path} has no place in the order of the layers"
        for module, line in imports(path):
            if not module.startswith("spmc_tools."):
                continue
            there = module.split(".")[1]
            if there in ORDER and ORDER.index(there) > ORDER.index(here):
                wrong.append(f"{path.relative_to(ROOT)}:{line} imports {module}, which lies below it")
    assert not wrong, "\n".join(wrong)


def test_contributing_tells_the_same_order() -> None:
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    line = next(line for line in page.splitlines() if line.startswith("`errors"))
    assert re.findall(r"\w+", line) == [name for name in ORDER if name != "__main__"]


def graph_of_modules() -> dict[str, set[str]]:
    """Return which modules of the package each module imports, by their dotted names; a package is its ``__init__``."""
    names = {".".join(path.relative_to(ROOT).with_suffix("").parts): path for path in modules()}

    def module_of(imported: str) -> str | None:
        tried = (imported, f"{imported}.__init__", *(imported.rpartition(".")[0] + end for end in ("", ".__init__")))
        return next((name for name in tried if name in names), None)

    return {
        name: {other for module, _ in imports(path) if (other := module_of(module)) is not None} - {name}
        for name, path in names.items()
    }


def grouped(edges: dict[str, set[str]], group: Callable[[str], str]) -> dict[str, set[str]]:
    """Return the imports between groups of modules: whoever imports an ``__init__`` imports its room, which may hand on
    what others make; what it imports itself does not count, nor does the ``__init__`` of the whole package.
    """
    between: dict[str, set[str]] = {}
    for name, others in edges.items():
        if not name.endswith(".__init__"):
            there = {group(other) for other in others if other != "spmc_tools.__init__"}
            between.setdefault(group(name), set()).update(there - {group(name)})
    return between


def room(module: str) -> str:
    folder = module.rpartition(".")[0]
    return module if folder == "spmc_tools" else folder


def wing(module: str) -> str:
    return module.split(".")[1]


def circle(edges: dict[str, set[str]]) -> list[str]:
    """Return names of which each imports the next, the last being the first again; empty where there is no circle."""
    done: set[str] = set()

    def visit(name: str, trail: list[str]) -> list[str]:
        if name in trail:
            return [*trail[trail.index(name) :], name]
        found: list[str] = []
        if name not in done:
            for other in sorted(edges.get(name, ())):
                found = found or visit(other, [*trail, name])
            done.add(name)
        return found

    return next((found for name in sorted(edges) if (found := visit(name, []))), [])


def test_a_circle_is_found() -> None:
    assert circle({"a": {"b"}, "b": {"c"}, "c": set()}) == []
    assert circle({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == ["b", "c", "b"]
    assert circle({"a": {"b", "c"}, "b": {"d"}, "c": {"d"}, "d": set()}) == []  # two ways are no circle
    modules = {"spmc_tools.x.r.a": {"spmc_tools.x.s.b"}, "spmc_tools.x.s.c": {"spmc_tools.x.r.d"}}
    assert circle(modules) == [] and circle(grouped(modules, wing)) == []
    assert circle(grouped(modules, room)) == ["spmc_tools.x.r", "spmc_tools.x.s", "spmc_tools.x.r"]
    handed_on = {"spmc_tools.x.__init__": {"spmc_tools.y.a"}, "spmc_tools.y.a": {"spmc_tools.x.b"}}
    assert circle(grouped(handed_on, wing)) == []
    through = {"spmc_tools.y.a": {"spmc_tools.x.__init__"}, "spmc_tools.x.b": {"spmc_tools.y.a"}}
    assert circle(grouped(through, room)) == ["spmc_tools.x", "spmc_tools.y", "spmc_tools.x"]


def test_imports_for_type_checkers_count(tmp_path: Path) -> None:
    (tmp_path / "x.py").write_text("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from a.b import C\n")
    assert imports(tmp_path / "x.py") == [("typing.TYPE_CHECKING", 1), ("a.b.C", 3)]


def test_no_two_modules_import_each_other() -> None:
    found = circle(graph_of_modules())
    assert not found, f"imports run in a circle: {' -> '.join(found)}"


@pytest.mark.parametrize("group", [room, wing])
def test_no_two_folders_import_each_other(group: Callable[[str], str]) -> None:
    """What a room and a wing are is said at the top of this file."""
    edges = graph_of_modules()
    between = grouped(edges, group)
    assert "spmc_tools.schema" in between["spmc_tools.case.store"] if group is room else "schema" in between["case"]
    found = circle(between)
    pairs = list(itertools.pairwise(found))
    why = [
        f"{name} imports {other}"
        for name, others in edges.items()
        for other in sorted(others)
        if not name.endswith("__init__") and (group(name), group(other)) in pairs
    ]
    assert not found, f"imports run in a circle: {' -> '.join(found)}\n" + "\n".join(why)


def test_a_folder_holds_at_most_thirteen_modules() -> None:
    counted = Counter(path.parent for path in modules() if path.name != "__init__.py")
    too_many = {str(folder.relative_to(ROOT)): n for folder, n in counted.items() if n > 13}
    assert not too_many, "find the terms by which to part them"


def test_no_two_modules_share_a_file_name() -> None:
    places: dict[str, list[str]] = {}
    for path in modules():
        if path.name not in {"__init__.py", "__main__.py"}:
            places.setdefault(path.name, []).append(str(path.relative_to(ROOT)))
    assert {name: where for name, where in places.items() if len(where) > 1} == {}


def test_only_show_draws() -> None:
    for path in modules():
        if part(path) == "show":
            continue
        for module, line in imports(path):
            assert module.split(".")[0] not in DRAWING, f"{path}:{line} imports {module}; only show/ does"


def test_no_folder_of_leftovers() -> None:
    for path in modules():
        assert not re.fullmatch(r"(utils?|helpers?|common|manager|misc)", path.stem), path


@pytest.mark.parametrize("command", ["import spmc_tools", "import spmc_tools.cli"])
def test_import_is_light(command: str) -> None:
    code = f"{command}; import sys; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split()
    assert "spmc_tools" in loaded
    assert not HEAVY & set(loaded)


def test_public_surface() -> None:
    assert sorted(spmc_tools.__all__) == [
        "Case", "Findings", "SpmcError", "TRACES", "__version__", "assess", "coactions", "create_case", "investigate",
        "near_duplicates", "open_case",
    ]  # fmt: skip
    for name in spmc_tools.__all__:
        assert getattr(spmc_tools, name).__doc__
    assert set(dir(spmc_tools)) == set(spmc_tools.__all__)
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = spmc_tools.no_such_name


def test_checkers_of_users_read_the_types() -> None:
    from hatchling.builders.wheel import WheelBuilder

    shipped = {file.distribution_path for file in WheelBuilder(str(ROOT)).recurse_included_files()}
    assert {"spmc_tools/py.typed", "spmc_tools/schema/__init__.py"} <= shipped
    shown = ast.parse((PACKAGE / "__init__.py").read_text(encoding="utf-8"))
    named = {name.name for node in ast.walk(shown) if isinstance(node, ast.ImportFrom) for name in node.names}
    assert set(spmc_tools.__all__) <= named  # each also under TYPE_CHECKING, as checkers do not run __getattr__


def project() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def pins(name: str) -> dict[str, list[Requirement]]:
    text = re.sub(r"\\\n", " ", (ROOT / name).read_text(encoding="utf-8"))
    found: dict[str, list[Requirement]] = {}
    for line in text.splitlines():
        if line.strip():
            assert "--hash=sha256:" in line, f"{name}: no hash in {line[:60]}"
            requirement = Requirement(line.split("--hash", maxsplit=1)[0])
            found.setdefault(canonicalize_name(requirement.name), []).append(requirement)
    return found


def test_required_packages_are_dependencies() -> None:
    assert {canonicalize_name(Requirement(line).name) for line in project()["dependencies"]} >= REQUIRED - {"pytest"}


def test_pytest_is_needed_by_developers_alone() -> None:
    assert not any(line.startswith("pytest") for line in project()["dependencies"])
    assert "pytest" not in pins("requirements.lock")
    assert "pytest" in pins("requirements-test.lock")


def test_environment_file_names_the_same_packages_and_pytest() -> None:
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    assert environment["dependencies"][:2] == ["python>=3.11", "pip"]
    listed = environment["dependencies"][2]["pip"]
    (tests,) = [line for line in project()["optional-dependencies"]["dev"] if Requirement(line).name == "pytest"]
    assert sorted(listed) == sorted([*project()["dependencies"], tests])
    assert {canonicalize_name(Requirement(line).name) for line in listed} >= REQUIRED


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-test.lock"])
def test_lock_holds_what_the_project_needs(lock: str) -> None:
    locked = pins(lock)
    wanted = [Requirement(line) for line in project()["dependencies"]]
    extras = project()["optional-dependencies"]
    wanted += [Requirement(line) for line in extras["build"]]
    if lock == "requirements-test.lock":
        wanted += [Requirement(line) for line in extras["dev"]]
    for requirement in wanted:
        for pin in locked[canonicalize_name(requirement.name)]:
            version = next(iter(pin.specifier)).version
            assert requirement.specifier.contains(version, prereleases=True), f"{lock}: {pin} against {requirement}"


@pytest.mark.parametrize("extra", ["scale", "docs"])
def test_lock_of_an_extra_holds_the_extra(extra: str) -> None:
    locked = pins(f"requirements-{extra}.lock")
    for requirement in map(Requirement, project()["optional-dependencies"][extra]):
        (pin,) = locked[canonicalize_name(requirement.name)]
        assert requirement.specifier.contains(next(iter(pin.specifier)).version)


def test_test_lock_repeats_the_core_lock() -> None:
    core, test = pins("requirements.lock"), pins("requirements-test.lock")
    assert {n: sorted(map(str, p)) for n, p in core.items()} == {n: sorted(map(str, test[n])) for n in core}


def test_docs_lock_takes_no_other_version_than_the_test_lock() -> None:
    """Both can be installed into one environment, whichever comes last."""
    test, docs = pins("requirements-test.lock"), pins("requirements-docs.lock")
    both = test.keys() & docs.keys()
    assert "jinja2" in both
    assert {n: {str(p.specifier) for p in docs[n]} for n in both} == {
        n: {str(p.specifier) for p in test[n]} for n in both
    }


@pytest.mark.parametrize("lock", sorted(path.name for path in ROOT.glob("requirements*.lock")))
def test_lock_holds_no_address(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert not re.search(r"https?://|file:|--index|--find-links|/(simple|wheels)\b", text)


@pytest.mark.parametrize("lock", sorted(path.name for path in ROOT.glob("requirements*.lock")))
def test_every_python_gets_the_same_versions(lock: str) -> None:
    """Results and types were checked with one version of each package, not with one per Python."""
    assert {name: len(pinned) for name, pinned in pins(lock).items() if len(pinned) > 1} == {}


def test_installed_version_is_this_one() -> None:
    assert metadata.version("spmc-notebook") == spmc_tools.__version__


def test_notebooks_hold_no_output_and_no_functions() -> None:
    import nbformat

    paths = sorted((ROOT / "notebooks").glob("*.ipynb"))
    assert paths
    for path in paths:
        notebook = nbformat.read(path, as_version=4)
        tagged = [c for c in notebook.cells if "parameters" in c.metadata.get("tags", [])]
        assert len(tagged) == 1, path
        for cell in notebook.cells:
            if cell.cell_type == "code":
                assert not cell.outputs and cell.execution_count is None, path
                tree = ast.parse(cell.source)
                kinds = (ast.FunctionDef, ast.ClassDef, ast.Lambda)
                assert not any(isinstance(node, kinds) for node in ast.walk(tree)), path
