"""The shape of the project: imports point up, heavy ones are lazy, the public surface and the dependencies agree."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import spmc_tools

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "spmc_tools"
ORDER = [
    "errors", "schema", "resources", "compiled", "progress", "text", "case", "importers", "collect", "coaction",
    "chance", "network", "findings", "desks", "show", "signing", "report", "custody", "doctor", "demo", "lab",
    "schedule", "cli", "__main__",
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


def imports(path: Path) -> list[tuple[str, int]]:
    """Every module imported anywhere in a file, with its line; imports for type checkers only are left out."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    typing_only: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            typing_only.update(id(inner) for child in node.body for inner in ast.walk(child))
    found: list[tuple[str, int]] = []
    for node in ast.walk(tree):
        if id(node) in typing_only:
            continue
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


def test_no_two_modules_import_each_other() -> None:
    names = {".".join(p.relative_to(ROOT).with_suffix("").parts): p for p in modules()}
    edges: dict[str, set[str]] = {}
    for name, path in names.items():
        imported = {n for module, _ in imports(path) for n in (module, module.rpartition(".")[0])}
        edges[name] = (imported & set(names)) - {name}
    state: dict[str, int] = {}

    def visit(name: str, trail: list[str]) -> None:
        state[name] = 1
        for other in edges[name]:
            assert state.get(other) != 1, f"imports run in a circle: {' -> '.join([*trail, name, other])}"
            if other not in state:
                visit(other, [*trail, name])
        state[name] = 2

    for name in names:
        if name not in state:
            visit(name, [])


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
        "__version__", "assess", "coactions", "create_case", "investigate", "near_duplicates", "open_case",
    ]  # fmt: skip
    for name in spmc_tools.__all__:
        assert getattr(spmc_tools, name).__doc__
    assert set(dir(spmc_tools)) == set(spmc_tools.__all__)
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = spmc_tools.no_such_name


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
