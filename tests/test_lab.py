"""``spmc lab`` with a real server: one page behind a token, on this machine alone, no terminals."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest

from spmc_tools import lab as module
from spmc_tools.case.store.case import create_case
from spmc_tools.errors import CaseError, ParameterError
from spmc_tools.lab import COPIED, FIRST, free_port, listening, prepare, run_lab
from tests.interrupted import interrupted_at_the_end, port_of_its_own

OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def ask(url: str) -> tuple[int, str]:
    try:
        with OPENER.open(url, timeout=20) as answer:
            return answer.status, answer.read().decode("utf-8", "replace")
    except urllib.error.HTTPError as error:
        with error:
            return error.code, ""


@contextmanager
def running(lab):
    """The server of a lab, from its first answer to its end."""
    silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with interrupted_at_the_end(lab.command(), 20, env=lab.environment(), **silent) as server:
        for _ in range(600):
            try:
                if ask(f"http://127.0.0.1:{lab.port}/api")[0] == 200:
                    break
            except OSError:
                time.sleep(0.1)
            assert server.poll() is None
        yield server


@pytest.fixture
def made(tmp_path, monkeypatch):
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "r"))
    create_case(
        "gaya", title="T", purpose="P", legal_basis="L", date_from="2025-11-03", date_to="2025-11-12",
        cases=tmp_path / "cases",
    )  # fmt: skip
    return prepare(cases=tmp_path / "cases", port=port_of_its_own(), browser=False)


@pytest.mark.slow
def test_a_real_server(made) -> None:
    base = f"http://127.0.0.1:{made.port}"
    with running(made) as server:
        code, page = ask(made.url)
        assert code == 200 and "jupyter-config-data" in page
        found = json.loads(re.search(r'id="jupyter-config-data"[^>]*>(.*?)</script>', page, re.DOTALL)[1])
        assert found["terminalsAvailable"] is False
        assert ask(f"{base}/api/contents/{FIRST}")[0] == 403
        assert ask(f"{base}/api/contents/{FIRST}?token={made.token}")[0] == 200
        assert ask(f"{base}/api/terminals?token={made.token}")[0] == 404
        listed = subprocess.run(
            ["ss", "-ltnp"], check=False, capture_output=True, text=True
        ).stdout if Path("/usr/bin/ss").exists() else ""  # fmt: skip
        own = [line for line in listed.splitlines() if f"pid={server.pid}," in line]
        assert all("127.0.0.1:" in line for line in own)
    assert server.returncode is not None
    with pytest.raises(OSError):
        ask(f"{base}/api")


def test_the_token_is_new_and_stands_on_no_command_line(made, tmp_path) -> None:
    again = prepare(cases=tmp_path / "cases", browser=False)
    assert made.token != again.token and len(made.token) >= 40
    assert made.token not in " ".join(made.command()) and made.token not in repr(made)
    assert made.environment()["JUPYTER_TOKEN"] == made.token
    assert made.environment()["SPMC_CASES"] == str(tmp_path / "cases")
    said = made.command()
    for choice in ("ServerApp.ip=127.0.0.1", "ServerApp.terminals_enabled=False", "LabApp.news_url=None"):
        assert f"--{choice}" in said
    assert os.name == "nt" or "--KernelManager.transport=ipc" in said


def test_notebooks_are_copies_and_own_changes_stay(made, tmp_path, monkeypatch) -> None:
    own = made.folder / FIRST
    source = module.resource("notebooks", FIRST)
    assert own.read_bytes() == source.read_bytes() and made.folder == tmp_path / "lab"
    newer = tmp_path / "newer"
    newer.mkdir()
    monkeypatch.setattr(module, "resource", lambda *parts: newer)
    node = json.loads(source.read_text(encoding="utf-8"))

    def release(text: str) -> None:
        node["cells"][0]["source"] = text
        (newer / FIRST).write_text(json.dumps(node), encoding="utf-8")
        prepare(cases=tmp_path / "cases")

    release("second")
    assert json.loads(own.read_text(encoding="utf-8"))["cells"][0]["source"] == "second"
    ran = json.loads(own.read_text(encoding="utf-8"))
    ran["metadata"]["ran"] = True
    own.write_text(json.dumps(ran), encoding="utf-8")
    release("third")
    assert json.loads(own.read_text(encoding="utf-8"))["cells"][0]["source"] == "third"
    ran["cells"][0]["source"] = "my own words"
    own.write_text(json.dumps(ran), encoding="utf-8")
    release("fourth")
    assert json.loads(own.read_text(encoding="utf-8"))["cells"][0]["source"] == "my own words"
    (made.folder / COPIED).write_text("no json", encoding="utf-8")
    release("fifth")
    assert json.loads(own.read_text(encoding="utf-8"))["cells"][0]["source"] == "my own words"


def test_settings_of_the_user_are_left_alone(made, tmp_path) -> None:
    path = next((made.folder / ".jupyter" / "settings").rglob("notification.jupyterlab-settings"))
    assert json.loads(path.read_text(encoding="utf-8"))["fetchNews"] == "false"
    kernels = json.loads(path.with_name("kernels-settings.jupyterlab-settings").read_text(encoding="utf-8"))
    assert kernels == {"commsOverSubshells": "disabled"}
    path.write_text("{}", encoding="utf-8")
    prepare(cases=tmp_path / "cases")
    assert path.read_text(encoding="utf-8") == "{}"


def test_bad_input(tmp_path) -> None:
    with pytest.raises(ParameterError, match="1024 to 65535"):
        prepare(cases=tmp_path, port=80)
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(ParameterError, match="is in use on this machine"):
            prepare(cases=tmp_path, port=taken.getsockname()[1])
    (tmp_path / "file").write_text("x")
    with pytest.raises(CaseError, match="cannot be written"):
        prepare(folder=tmp_path / "file", cases=tmp_path)


def test_a_port_that_is_listened_on_is_given_to_nobody_else() -> None:
    with listening(None) as first, listening(None) as second:
        held = {one.getsockname() for one in (first, second)}
        assert len(held) == 2 and {host for host, _ in held} == {"127.0.0.1"}
        assert free_port(None) not in {port for _, port in held}
        with pytest.raises(ParameterError, match="is in use on this machine"):
            free_port(first.getsockname()[1])


@pytest.mark.parametrize("asked", [[], ["--port"]], ids=["any port", "this port"])
def test_a_port_lost_while_jupyterlab_starts_is_replaced_unless_it_was_asked_for(
    asked, tmp_path, monkeypatch, capfd
) -> None:
    """Two labs that are started at once find the same port free; the one that comes second takes another."""
    from spmc_tools.cli import main

    monkeypatch.setattr("spmc_tools.demo.sample_case", lambda *_: None)
    taken: list[int] = []

    def ran(lab) -> int:
        if taken:
            return 0
        taken.append(lab.port)
        with suppress(ParameterError):  # as where another test has taken it in truth
            held.enter_context(listening(lab.port))
        return 1

    monkeypatch.setattr(module, "run_lab", ran)
    arguments = [*asked, str(port_of_its_own())] if asked else []
    with ExitStack() as held, pytest.raises(SystemExit) as left:
        main(["lab", "--no-browser", "--cases", str(tmp_path / "cases"), *arguments])
    told = [int(port) for port in re.findall(r"127\.0\.0\.1:(\d+)/", capfd.readouterr().out)]
    assert told[:1] == taken and len(set(told)) == (1 if asked else 2)
    assert left.value.code == (1 if asked else 0)


def test_the_exit_code_is_that_of_the_server(made, monkeypatch) -> None:
    monkeypatch.setattr(type(made), "command", lambda self: [sys.executable, "-c", "raise SystemExit(3)"])
    assert run_lab(made) == 3


def test_what_is_typed_in_a_kernel_is_kept_nowhere(tmp_path, monkeypatch) -> None:
    """Its history would lie in the user's home, and tell of a case that is disposed of."""
    from jupyter_client.manager import start_new_kernel

    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / "home").mkdir()
    lab = prepare(tmp_path / "work", tmp_path / "cases")
    manager, client = start_new_kernel(env=lab.environment(), startup_timeout=60)
    try:
        answer = client.execute_interactive(
            "planted_word_kumari = 1\nassert not get_ipython().history_manager.enabled", timeout=60
        )
        assert answer["content"]["status"] == "ok", answer["content"]
    finally:
        client.stop_channels()
        manager.shutdown_kernel()
    kept = [path for path in tmp_path.rglob("*") if path.is_file() and b"planted_word" in path.read_bytes()]
    assert kept == [] and not list(tmp_path.rglob("history.sqlite*"))
