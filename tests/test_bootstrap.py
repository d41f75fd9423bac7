"""The set-up script: standard library only, told apart by a stamp, one sentence when Python is too old."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def bootstrap(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.syspath_prepend(str(ROOT))
    import bootstrap as module

    monkeypatch.setattr(module, "VENV", tmp_path / "venv")
    (tmp_path / "venv").mkdir()
    return module


def test_only_the_standard_library() -> None:
    tree = ast.parse((ROOT / "bootstrap.py").read_text(encoding="utf-8"))
    names = {a.name.split(".")[0] for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
    names |= {(n.module or "").split(".")[0] for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
    assert names - {"__future__"} <= set(sys.stdlib_module_names)


def test_second_run_installs_nothing_and_a_changed_lock_installs_again(bootstrap, monkeypatch, tmp_path) -> None:
    ran: list[tuple] = []
    monkeypatch.setattr(bootstrap, "run", lambda *c, **_: ran.append(c))
    monkeypatch.setattr(bootstrap, "run_with_bar", lambda c, _total: ran.append(tuple(c)))
    lock = tmp_path / "some.lock"
    lock.write_text("six==1.16.0 --hash=sha256:00\n")
    bootstrap.install("some", lock)
    assert len(ran) == 2 and all("--no-deps" in one for one in ran) and "--require-hashes" in ran[0]
    bootstrap.install("some", lock)
    assert len(ran) == 2
    lock.write_text("six==1.17.0 --hash=sha256:00\n")
    bootstrap.install("some", lock)
    assert len(ran) == 4


def test_the_documentation_brings_its_own_packages_and_the_tests_do_not(
    bootstrap, monkeypatch, tmp_path, capsys
) -> None:
    installed: list[tuple] = []
    ran: list[tuple] = []
    monkeypatch.setattr(bootstrap, "make_environment", lambda: None)
    monkeypatch.setattr(bootstrap, "install", lambda stamp, *locks, **_: installed.append((stamp, *locks)))
    monkeypatch.setattr(bootstrap, "run", lambda *c, **_: ran.append(tuple(map(str, c))))
    monkeypatch.setattr(bootstrap.shutil, "rmtree", lambda *_, **__: None)
    bootstrap.docs()
    assert installed == [("core", bootstrap.CORE), ("docs", bootstrap.DOCS)]
    (command,) = ran
    assert "--fail-on-warning" in command and command[-2:] == (str(ROOT / "docs"), str(ROOT / "build" / "site"))
    assert capsys.readouterr().out.splitlines()[-1] == str(ROOT / "build" / "site" / "index.html")
    installed.clear()
    for name in ("network_view", "from_debian"):
        monkeypatch.setattr(bootstrap, name, lambda *_: None)
    bootstrap.developer()
    assert bootstrap.DOCS not in {lock for _, *locks in installed for lock in locks}


@pytest.mark.parametrize(("types", "tests", "code"), [(0, 0, None), (1, 0, 1), (0, 2, 2), (1, 2, 2)])
def test_types_are_checked_beside_the_tests_and_either_fails_the_task(
    types, tests, code, bootstrap, monkeypatch, tmp_path, capsys
) -> None:
    """A program in the place of Python is mypy, which waits until the tests have begun, and pytest."""
    python = tmp_path / "python"
    python.write_text(
        f"""#!{sys.executable}
import os, pathlib, sys, time
begun = pathlib.Path({str(tmp_path / "begun")!r})
if sys.argv[2] == "pytest":
    begun.write_text(os.environ.get("PYTHONDONTWRITEBYTECODE", "kept"))
    raise SystemExit({tests})
if sys.argv[2] == "mypy":
    while not begun.exists():
        time.sleep(0.01)
    print("types:", {types})
    raise SystemExit({types})
"""
    )
    python.chmod(0o755)
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.setattr(bootstrap, "PYTHON", python)
    monkeypatch.setattr(bootstrap, "developer", lambda: None)
    try:
        bootstrap.test([])
        left = None
    except SystemExit as end:
        left = end.code
    assert left == code
    assert f"types: {types}\n" in capsys.readouterr().out
    assert (tmp_path / "begun").read_text() == "kept"


def test_a_failed_installation_leaves_no_stamp(bootstrap, tmp_path) -> None:
    lock = tmp_path / "bad.lock"
    lock.write_text("not a requirement ==\n")
    with pytest.raises(SystemExit) as left:
        bootstrap.install("bad", lock)
    assert left.value.code
    assert not (bootstrap.VENV / ".bad.stamp").exists()


def test_too_old_python_is_one_sentence(bootstrap, monkeypatch, capsys) -> None:
    monkeypatch.setattr(bootstrap, "sys", SimpleNamespace(version_info=(3, 9), version="3.9.1 x", stderr=sys.stderr))
    with pytest.raises(SystemExit):
        bootstrap.make_environment()
    assert capsys.readouterr().err.count("\n") == 1


def test_unknown_task_and_stray_arguments() -> None:
    for arguments, word in ((["dance"], "dance"), (["demo", "now"], "now")):
        done = subprocess.run(
            [sys.executable, ROOT / "bootstrap.py", *arguments], capture_output=True, text=True, check=False
        )
        assert done.returncode != 0 and word in done.stderr and "Traceback" not in done.stderr
