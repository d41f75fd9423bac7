"""The digest that guards kept results: it changes with everything that they rest on, and with nothing else."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from importlib import metadata, util
from typing import TYPE_CHECKING

import pytest

from spmc_tools import code_digest as module
from spmc_tools.code_digest import PACKAGE, code_digest, import_closure, versions_of

if TYPE_CHECKING:
    from pathlib import Path

PIPELINE = "spmc_tools.findings.pipeline.investigate"
COPIES = "spmc_tools.desks.base.copied_posts"
CLOSURE = import_closure(PIPELINE)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package, where a test may write in it."""
    folder = tmp_path_factory.mktemp("tree") / "spmc_tools"
    return shutil.copytree(PACKAGE, folder, ignore=shutil.ignore_patterns("__pycache__"))


def fresh(package: Path, name: str = PIPELINE) -> str:
    """The digest as another process has it."""
    return code_digest.__wrapped__(name, package)


def small(folder: Path, modules: dict[str, str]) -> Path:
    """A package of a few modules, by their paths."""
    package = folder / "spmc_tools"
    for name, source in modules.items():
        path = package / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source, encoding="utf-8")
    return package


def of_small(package: Path, **given: tuple[str, ...]) -> set[str]:
    return {name.removeprefix("spmc_tools.") for name in import_closure("spmc_tools.start", package, **given).sources}


def test_a_change_of_each_module_of_the_closure_gives_another_digest(
    copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "versions_of", lambda _libraries: {})  # they stay the same
    seen = {fresh(copy)}
    for path in CLOSURE.sources.values():
        changed = copy / path.relative_to(PACKAGE)
        before = changed.read_bytes()
        changed.write_bytes(before + b"\n# changed\n")
        seen.add(fresh(copy))
        changed.write_bytes(before)
    assert len(seen) == len(CLOSURE.sources) + 1 > 100
    assert fresh(copy) in seen


@pytest.mark.parametrize(
    "name",
    [
        "case.store.case", "case.store.inbox_records", "text.match_key", "schema", "compiled",
        "chance.pairs.occasions", "coaction.traces.objects", "network.communities", "findings.pipeline.memory_budget",
        "findings.detectors.hashtag_surge", "findings.robustness.power",
    ],
)  # fmt: skip
def test_what_decides_which_posts_are_read_and_what_is_found_is_in_the_closure(name: str) -> None:
    assert f"spmc_tools.{name}" in CLOSURE.sources or any(
        one.startswith(f"spmc_tools.{name}.") for one in CLOSURE.sources
    )


def test_what_shows_results_is_not_in_the_closure(copy: Path) -> None:
    tops = {name.split(".")[1] for name in CLOSURE.sources}
    assert not tops & {"report", "cli", "desks", "show", "custody", "doctor", "demo", "lab", "schedule", "signing"}
    assert "spmc_tools" not in CLOSURE.sources
    before = fresh(copy)
    for path in sorted({*copy.rglob("*.py")} - {copy / path.relative_to(PACKAGE) for path in CLOSURE.sources.values()}):
        path.write_bytes(path.read_bytes() + b"\n# changed\n")
    assert fresh(copy) == before


INVESTIGATED = """
import json, sys, pandas as pd, spmc_tools as spmc
from spmc_tools.findings.result.findings import case_columns
facts = {"title": "T", "purpose": "P", "legal_basis": "L", "officer": "O"}
case = spmc.create_case("one", date_from="2025-10-06", date_to="2025-11-16", **facts)
spmc.investigate(case)
spmc.investigate(case)
print(json.dumps(sorted(name for name in set(sys.modules) if name.startswith("spmc_tools."))))
"""


def test_every_module_that_an_investigation_loads_is_in_the_closure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What Python has loaded after one, beside what the imports in the code tell."""
    environment = os.environ | {"PYTHONPATH": str(PACKAGE.parent), "SPMC_CASES": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", INVESTIGATED], capture_output=True, text=True, check=True, env=environment
    )
    loaded = set(json.loads(done.stdout.splitlines()[-1]))
    assert len(loaded) > 80
    assert loaded <= set(CLOSURE.sources)


def test_imports_are_found_wherever_they_stand(tmp_path: Path) -> None:
    package = small(
        tmp_path,
        {
            "start": """
import spmc_tools.plain
from spmc_tools import of_root
from spmc_tools.room import inside
from typing import TYPE_CHECKING
if TYPE_CHECKING:
    from spmc_tools import only_types
else:
    from spmc_tools import otherwise
def late():
    from spmc_tools.lazy import name
    class Within:
        from spmc_tools import of_class
try:
    import spmc_tools.tried
except ImportError:
    import spmc_tools.failed
finally:
    import spmc_tools.at_last
match 1:
    case 1:
        with open("x"):
            for _ in ():
                from spmc_tools import deep
words = "import spmc_tools.words"
""",
            "plain": "from spmc_tools import behind",
            "behind": "from spmc_tools import start",
            "only_types": "import not_a_library",
            "__init__": "from spmc_tools import words",
            **dict.fromkeys(("room/__init__", "room/inside", "room/beside", "of_root", "otherwise", "lazy"), ""),
            **dict.fromkeys(("of_class", "tried", "failed", "at_last", "deep", "words"), ""),
        },
    )
    assert of_small(package) == {
        "start", "plain", "behind", "of_root", "room", "room.inside", "otherwise", "lazy", "of_class", "tried",
        "failed", "at_last", "deep",
    }  # fmt: skip
    assert import_closure("spmc_tools.start", package).libraries == ()


def test_what_is_left_out_takes_with_it_what_it_alone_imports(tmp_path: Path) -> None:
    package = small(
        tmp_path,
        {
            "start": "import spmc_tools.room.one, spmc_tools.other, spmc_tools.shared",
            "room/one": "import spmc_tools.room.two, numpy.linalg",
            "room/two": "",
            "other": "import spmc_tools.further, yaml, json",
            "further": "",
            "shared": "",
        },
    )
    assert of_small(package) == {"start", "room.one", "room.two", "other", "further", "shared"}
    assert of_small(package, without=("spmc_tools.other",)) == {"start", "room.one", "room.two", "shared"}
    assert of_small(package, within=("start", "room")) == {"start", "room.one", "room.two"}
    assert import_closure("spmc_tools.start", package).libraries == ("numpy", "yaml")


def test_a_module_that_is_not_there_has_no_closure() -> None:
    with pytest.raises(ModuleNotFoundError, match=r"no module spmc_tools\.findings\.assess\."):
        import_closure("spmc_tools.findings.assess")


def test_the_libraries_that_results_rest_on_are_in_it_with_their_versions() -> None:
    wanted = {"numpy", "scipy", "pyarrow", "pandas", "numba", "igraph", "duckdb", "networkx", "rapidfuzz", "regex"}
    assert wanted <= set(CLOSURE.libraries)
    versions = versions_of(CLOSURE.libraries)
    assert {"llvmlite", "tld"} <= set(versions)
    for name, version in versions.items():
        assert util.find_spec(name) is None or version != "absent", f"{name}: under which name is it installed?"
    assert versions_of(["yaml", "PIL", "nowhere_installed"]) == {
        "PIL": metadata.version("pillow"), "nowhere_installed": "absent", "yaml": metadata.version("pyyaml"),
    }  # fmt: skip


@pytest.mark.parametrize("library", ["numpy", "scipy", "pyarrow", "pandas", "numba", "igraph", "duckdb", "llvmlite"])
def test_another_version_of_a_library_gives_another_digest(library: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before, version = fresh(PACKAGE), metadata.version
    monkeypatch.setattr(metadata, "version", lambda name: version(name) + (".post1" if name == library else ""))
    assert fresh(PACKAGE) != before


def test_another_python_gives_another_digest(monkeypatch: pytest.MonkeyPatch) -> None:
    before = fresh(PACKAGE)
    monkeypatch.setattr(module.sys, "version_info", (3, 99, 0))
    assert fresh(PACKAGE) != before


def test_copies_of_posts_rest_on_the_texts_and_not_on_the_case() -> None:
    tops = {name.split(".")[1] for name in import_closure(COPIES).sources}
    assert {"text", "desks", "compiled"} <= tops and not tops & {"case", "findings", "report"}


def test_it_takes_less_than_half_a_second_and_once_in_a_process() -> None:
    code = (
        "import time; from spmc_tools.code_digest import code_digest; began = time.process_time();"
        f"code_digest({PIPELINE!r}); print(time.process_time() - began)"
    )
    environment = os.environ | {"PYTHONPATH": str(PACKAGE.parent)}
    took = [
        float(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, env=environment).stdout)
        for _ in range(3)
    ]
    assert min(took) < 0.5
    code_digest(PIPELINE)
    began = time.perf_counter()
    code_digest(PIPELINE)
    assert time.perf_counter() - began < 0.01


def test_nothing_heavy_is_imported_for_it() -> None:
    code = f"import sys; from spmc_tools.code_digest import code_digest; code_digest({PIPELINE!r}); print(*sys.modules)"
    environment = os.environ | {"PYTHONPATH": str(PACKAGE.parent)}
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    assert not {"numpy", "pandas", "pyarrow", "duckdb", "igraph", "scipy", "numba"} & set(loaded.stdout.split())
