"""The installer of a bundle, tried with a made-up program: whole or not at all, updated, taken back, taken away."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from release import bundle as builder
from release import install

HERE = f"{sys.version_info[0]}{sys.version_info[1]}"
PROGRAM = "import sys\nprint('spmc {version}', *sys.argv[1:])\n{more}"
PIP = """
import pathlib, re, sys, zipfile, hashlib
words = sys.argv[1:]
links, listed = words[words.index('--find-links') + 1], words[words.index('-r') + 1]
assert '--no-index' in words and '--require-hashes' in words
hashes = set(re.findall('sha256:([0-9a-f]{64})', pathlib.Path(listed).read_text()))
import sysconfig
for wheel in pathlib.Path(links).glob('*.whl'):
    if hashlib.sha256(wheel.read_bytes()).hexdigest() in hashes:
        zipfile.ZipFile(wheel).extractall(sysconfig.get_paths()['purelib'])
"""
"""Stands in for pip, which is fetched from a registry: unpacks the wheels whose hashes are listed."""


def wheel(path: Path, files: dict[str, str]) -> str:
    with zipfile.ZipFile(path, "w") as made:
        for name, content in files.items():
            made.writestr(name, content)
    return hashlib.sha256(path.read_bytes()).hexdigest()


def made(tmp_path: Path, version: str = "0.1.0", more: str = "", pythons: tuple[str, ...] = (HERE,)) -> Path:
    folder = tmp_path / f"bundle-{version}-{len(list(tmp_path.iterdir()))}"
    wheels = folder / "wheels"
    wheels.mkdir(parents=True)
    own = {"spmc_tools/__init__.py": "", "spmc_tools/__main__.py": PROGRAM.format(version=version, more=more)}
    digest = wheel(wheels / f"spmc_notebook-{version}-py3-none-any.whl", own)
    wheel(wheels / "pip-99-py3-none-any.whl", {"pip/__init__.py": "", "pip/__main__.py": PIP})
    (folder / f"requirements-{HERE}.txt").write_text(f"spmc-notebook=={version} --hash=sha256:{digest}\n")
    (folder / "LICENSE").write_text("free")
    shutil.copyfile(install.__file__, folder / "install.py")
    about = {"version": version, "platform": "here", "system": f"^{sysconfig.get_platform()}$"}
    about |= {"pythons": list(pythons), "beside": ["LICENSE"]}
    (folder / "bundle.json").write_text(json.dumps(about))
    (folder / "SHA256SUMS").write_text(builder.sums(folder))
    return folder


@pytest.fixture(autouse=True)
def little_room_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(install, "LEAST_FREE", 1)


def says(starters: Path, name: str = "spmc", *words: str) -> str:
    path = starters / (f"{name}.cmd" if os.name == "nt" else name)
    return subprocess.run([str(path), *words], capture_output=True, text=True, check=True).stdout.strip()


def test_a_program_is_installed_updated_taken_back_and_taken_away(tmp_path: Path) -> None:
    folder, starters, case = tmp_path / "program", tmp_path / "menu", tmp_path / "program" / "cases" / "x"
    assert "Version 0.1.0 is installed" in install.install(made(tmp_path), folder, starters)
    case.mkdir(parents=True)
    assert says(starters, "spmc", "verify", "a b") == "spmc 0.1.0 verify a b"
    assert says(starters, "spmc-app") == "spmc 0.1.0 app"
    first = install.current(folder)
    assert (folder / "versions" / str(first) / "LICENSE").read_text() == "free"

    install.install(made(tmp_path, "0.2.0"), folder, starters)
    assert says(starters) == "spmc 0.2.0"
    install.back(folder, starters)
    assert (says(starters), install.current(folder)) == ("spmc 0.1.0", first)
    install.install(made(tmp_path, "0.3.0"), folder, starters)
    assert {one.name[:5] for one in (folder / "versions").iterdir()} == {"0.1.0", "0.3.0"}, "the one before is kept"

    install.uninstall(folder, starters)
    assert case.is_dir()
    assert sorted(one.name for one in folder.iterdir()) == ["cases"]
    assert not starters.exists()
    with pytest.raises(install.RefusedError, match="Nothing is installed"):
        install.uninstall(folder, starters)


def test_cases_lie_in_the_users_own_folder_unless_another_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    more = "import os\nprint(os.environ['SPMC_CASES'])"
    install.install(made(tmp_path, more=more), tmp_path / "program $x", tmp_path / "menu")
    monkeypatch.delenv("SPMC_CASES", raising=False)
    home = "USERPROFILE" if os.name == "nt" else "HOME"
    monkeypatch.setenv(home, str(tmp_path))
    assert Path(says(tmp_path / "menu").splitlines()[-1]) == tmp_path / "SPMC" / "cases"
    monkeypatch.setenv("SPMC_CASES", str(tmp_path / "a b"))
    assert says(tmp_path / "menu").splitlines()[-1] == str(tmp_path / "a b")


def test_a_starter_of_windows_needs_no_letters_of_the_users_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(install, "WINDOWS", True)
    monkeypatch.setenv("LOCALAPPDATA", "/users/आशा/local")
    lines = install.starter(Path("/users/आशा/local/SPMC 50%/python.exe"), "app").split("\r\n")
    assert lines[-2:] == ['"%LOCALAPPDATA%/SPMC 50%%/python.exe" -I -m spmc_tools app %*', ""]
    assert all(line.isascii() for line in lines)
    assert install.starter(Path("/d/p.exe"), "").split("\r\n")[-2] == '"/d/p.exe" -I -m spmc_tools  %*'


@pytest.mark.parametrize("fault", ["does not start", "wrong hash", "killed"])
def test_an_update_that_fails_leaves_what_was_there(
    fault: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, starters = tmp_path / "program", tmp_path / "menu"
    install.install(made(tmp_path), folder, starters)
    before = install.current(folder)
    new = made(tmp_path, "0.2.0", more="raise SystemExit(1)" if fault == "does not start" else "")
    if fault == "wrong hash":
        (new / f"requirements-{HERE}.txt").write_text(f"spmc-notebook==0.2.0 --hash=sha256:{'0' * 64}\n")
        (new / "SHA256SUMS").unlink()
        (new / "SHA256SUMS").write_text(builder.sums(new))
    if fault == "killed":
        monkeypatch.setattr(install, "tried", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises((install.RefusedError, KeyboardInterrupt)):
        install.install(new, folder, starters)
    assert (says(starters), install.current(folder)) == ("spmc 0.1.0", before)
    assert [one.name for one in (folder / "versions").iterdir()] == [before]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda b: (b / "LICENSE").write_text("other"), "LICENSE is not the file"),
        (lambda b: (b / "LICENSE").unlink(), "LICENSE is missing"),
        (lambda b: (b / "wheels" / "more.whl").write_text("x"), "wheels/more.whl is not listed"),
        (lambda b: (b / "SHA256SUMS").unlink(), "SHA256SUMS or bundle.json is missing"),
        (lambda b: (b / "bundle.json").write_text("{"), "SHA256SUMS or bundle.json is missing"),
    ],
)  # fmt: skip
def test_a_bundle_that_is_not_whole_is_refused_before_anything_is_done(change, said: str, tmp_path: Path) -> None:
    whole = made(tmp_path)
    change(whole)
    with pytest.raises(install.RefusedError, match=said):
        install.install(whole, tmp_path / "program", tmp_path / "menu")
    assert not (tmp_path / "program").exists()


def test_a_bundle_for_another_python_or_machine_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(install.RefusedError, match=r"the bundle is for 2\.7"):
        install.install(made(tmp_path, pythons=("27",)), tmp_path / "program", tmp_path / "menu")
    whole = made(tmp_path)
    monkeypatch.setattr(install.sysconfig, "get_platform", lambda: "win-arm64")
    with pytest.raises(install.RefusedError, match="This machine is win-arm64; the bundle is for here"):
        install.install(whole, tmp_path / "program", tmp_path / "menu")
    monkeypatch.undo()
    monkeypatch.setattr(install, "LEAST_FREE", 1 << 60)
    with pytest.raises(install.RefusedError, match="are wanted"):
        install.install(whole, tmp_path / "program", tmp_path / "menu")


@pytest.mark.skipif(os.name == "nt", reason="install.sh is for other systems")
def test_the_script_finds_a_python_that_the_bundle_is_for(tmp_path: Path) -> None:
    whole = made(tmp_path)
    script = whole / "install.sh"
    shutil.copyfile(Path(install.__file__).with_name("install.sh"), script)
    (whole / "SHA256SUMS").write_text("")
    (whole / "SHA256SUMS").unlink()
    (whole / "SHA256SUMS").write_text(builder.sums(whole))
    tools = tmp_path / "bin"
    tools.mkdir()
    (tools / "python3").symlink_to(sys.executable)
    other = tools / "python3.13"
    other.write_text("#!/bin/sh\necho 27\n")
    other.chmod(0o755)
    env = {"PATH": f"{tools}:/usr/bin:/bin", "HOME": str(tmp_path)}
    done = subprocess.run(["sh", str(script), "check"], env=env, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.split(".")[0]) == (0, "Every file is the one that the bundle of version 0")
    (whole / "bundle.json").write_text("{}")
    done = subprocess.run(["sh", str(script), "check"], env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "No Python that this bundle is for" in done.stderr


def test_lists_name_the_wheels_of_the_bundle_alone(tmp_path: Path) -> None:
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    one = wheel(wheels / "one-1-py3-none-any.whl", {"a": "1"})
    own = wheels / "spmc_notebook-0.1.0-py3-none-any.whl"
    mine = wheel(own, {"a": "2"})
    listed = tmp_path / "requirements-313.txt"
    listed.write_text(f"one==1 ; python_version > '3' \\\n    --hash=sha256:{'1' * 64} \\\n    --hash=sha256:{one}\n")
    builder.only_used(listed, wheels, own)
    assert listed.read_text() == (
        f"one==1 \\\n    --hash=sha256:{one}\nspmc-notebook==0.1.0 \\\n    --hash=sha256:{mine}\n"
    )
    listed.write_text(f"two==1 \\\n    --hash=sha256:{'1' * 64}\n")
    with pytest.raises(SystemExit, match="No wheel of two==1"):
        builder.only_used(listed, wheels, own)


def test_an_archive_has_the_same_bytes_of_the_same_files(tmp_path: Path) -> None:
    digests = []
    for turn in (1, 2):
        folder = tmp_path / str(turn) / "bundle"
        (folder / "b").mkdir(parents=True)
        for name in ("z.py", "b/a.txt", "install.sh"):
            (folder / name).write_text(name)
            os.utime(folder / name, (turn * 1e6, turn * 1e6))
        builder.packed(folder, tmp_path / f"{turn}.zip")
        digests.append(hashlib.sha256((tmp_path / f"{turn}.zip").read_bytes()).hexdigest())
    assert digests[0] == digests[1]
    with zipfile.ZipFile(tmp_path / "1.zip") as archive:
        assert archive.namelist() == ["bundle/b/a.txt", "bundle/install.sh", "bundle/z.py"]
        assert archive.getinfo("bundle/install.sh").external_attr >> 16 & 0o111
