"""JupyterLab for an investigator: this machine alone, one page to begin with, nothing from any network.

The notebooks that come with the package are copied into a work folder, so that a change made there never touches them.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import socket
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from spmc_tools.case.files.durable import os_errors, write_file
from spmc_tools.case.store.case_folder import cases_dir
from spmc_tools.errors import ParameterError, quote
from spmc_tools.operating_system import is_superuser
from spmc_tools.resources import resource

__all__ = ["COPIED", "FIRST", "HOST", "Lab", "free_port", "listening", "lost_port", "prepare", "run_lab"]

FIRST = "00_start_here.ipynb"
"""The notebook that opens."""

COPIED = ".spmc-notebooks.json"
"""What was copied into a work folder: name -> hash of the sources of its cells."""

HOST = "127.0.0.1"
PORT, TRIES = 8888, 50
_IPYTHON = Path(".jupyter", "ipython")
_NO_HISTORY = b"c.HistoryManager.enabled = False  # what is typed holds names, and would outlive its case\n"
_SETTINGS = {
    "notification": {"fetchNews": "false", "checkForUpdates": False, "doNotDisturbMode": True},
    # what is typed and the button pressed after it reach Python in this order, and never beside a cell that runs
    "kernels-settings": {"commsOverSubshells": "disabled"},
}


@dataclass(frozen=True)
class Lab:
    """How JupyterLab is started.

    Attributes
    ----------
    folder : pathlib.Path
        The work folder: what the file browser shows.
    cases : pathlib.Path
        Where the notebooks find cases.
    port : int
        On 127.0.0.1; free when it was looked for.
    token : str
        Who has it may come in; a new one each time. It goes by the environment, as a command line can be read by
        every user of the machine.
    browser : bool
        Whether the browser is opened.
    """

    folder: Path
    cases: Path
    port: int
    token: str = field(repr=False)
    browser: bool = True

    @property
    def url(self) -> str:
        """The address of the first page, with the token."""
        return f"http://{HOST}:{self.port}/lab/tree/{FIRST}?token={self.token}"

    def command(self) -> list[str]:
        """Return the command line; each choice outranks what a configuration file of the machine says."""
        jupyter_dir = self.folder / ".jupyter"
        options: dict[str, Any] = {
            "ServerApp.ip": HOST,
            "ServerApp.port": self.port,
            "ServerApp.port_retries": 0,
            "ServerApp.root_dir": self.folder,
            "ServerApp.open_browser": self.browser,
            "ServerApp.allow_remote_access": False,
            "ServerApp.terminals_enabled": False,
            "ServerApp.answer_yes": True,
            "LabApp.default_url": f"/lab/tree/{FIRST}",
            "LabApp.news_url": None,
            "LabApp.check_for_updates_class": "jupyterlab.NeverCheckForUpdate",
            "LabApp.extension_manager": "readonly",
            "LabApp.user_settings_dir": jupyter_dir / "settings",
            "LabApp.workspaces_dir": jupyter_dir / "workspaces",
        }
        if os.name != "nt":
            options["KernelManager.transport"] = "ipc"
        if is_superuser():
            options["ServerApp.allow_root"] = True
        return [sys.executable, "-m", "jupyterlab", *(f"--{name}={value}" for name, value in options.items())]

    def environment(self) -> dict[str, str]:
        """Return the environment of the server: its token, and where cases lie."""
        return {
            **os.environ,
            "JUPYTER_TOKEN": self.token,
            "SPMC_CASES": str(self.cases),
            "SPMC_LAB": str(self.folder),
            "IPYTHONDIR": str(self.folder / _IPYTHON),
            "NO_PROXY": ",".join(filter(None, [os.environ.get("NO_PROXY"), HOST])),
        }


def prepare(
    folder: Path | None = None, cases: Path | None = None, port: int | None = None, browser: bool = True
) -> Lab:
    """Return a lab that is ready to start: the notebooks stand in its work folder, news and updates are off.

    Parameters
    ----------
    folder : pathlib.Path, optional
        The work folder; None: ``lab`` beside the folder of cases.
    cases : pathlib.Path, optional
        As in :func:`spmc_tools.case.store.case_folder.cases_dir`.
    port : int, optional
        From 1024 to 65535; None: the first free one from 8888 on.
    browser : bool
        Whether the browser is opened.

    Raises
    ------
    ParameterError
        Where the port is taken or no port.
    CaseError
        Where the folder cannot be written.

    Notes
    -----
    A notebook that was changed in the work folder is left as it is when the package brings a newer one.
    """
    where = cases_dir(cases).resolve()
    work = (folder or where.parent / "lab").resolve()
    with os_errors(f"The work folder {quote(work)} cannot be written"):
        work.mkdir(parents=True, exist_ok=True, mode=0o700)
        _copy_notebooks(work)
        settings = work / ".jupyter" / "settings" / "@jupyterlab" / "apputils-extension"
        settings.mkdir(parents=True, exist_ok=True, mode=0o700)
        for name, wanted in _SETTINGS.items():
            settings_file = settings / f"{name}.jupyterlab-settings"
            if not settings_file.exists():
                write_file(settings_file, json.dumps(wanted).encode())
        profile = work / _IPYTHON / "profile_default"
        profile.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_file(profile / "ipython_kernel_config.py", _NO_HISTORY)
    return Lab(work, where, free_port(port), secrets.token_urlsafe(32), browser)


def _copy_notebooks(work: Path) -> None:
    """Copy each notebook that is not there yet, or that stands there as it was copied and is now older."""
    listed = work / COPIED
    try:
        known = json.loads(listed.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        known = {}
    for path in sorted(resource("notebooks").glob("*.ipynb")):
        content, copied = path.read_bytes(), work / path.name
        mark = _sources(content)
        if not copied.exists() or (known.get(path.name) not in {None, mark} and _unchanged(copied, known[path.name])):
            write_file(copied, content)
            known[path.name] = mark
    write_file(listed, json.dumps(known, indent=1).encode())


def _unchanged(copied: Path, mark: str) -> bool:
    return copied.is_file() and _sources(copied.read_bytes()) == mark


def _sources(content: bytes) -> str:
    """Return a hash over the sources of a notebook's cells: running it changes nothing of that."""
    try:
        cells = [cell["source"] for cell in json.loads(content)["cells"]]
    except (ValueError, KeyError, TypeError):
        return ""
    joined = ["".join(source) for source in cells]
    return hashlib.sha256(json.dumps(joined).encode()).hexdigest()


def listening(port: int | None) -> socket.socket:
    """Return a socket on a port of 127.0.0.1 that nobody else can take from now on.

    Parameters
    ----------
    port : int or None
        The one that is wanted; None: the first free one from 8888 on.

    Raises
    ------
    ParameterError
        Where it is taken or no port.
    """
    if port is not None and not 1024 <= port <= 65535:
        raise ParameterError(f"--port is {port}, wanted a number from 1024 to 65535.")
    for candidate in range(PORT, PORT + TRIES) if port is None else [port]:
        try:
            return socket.create_server((HOST, candidate))
        except OSError:
            continue
    taken = f"Port {port} is" if port is not None else f"The ports {PORT} to {PORT + TRIES - 1} are all"
    raise ParameterError(f"{taken} in use on this machine; choose another with --port.")


def free_port(port: int | None) -> int:
    """Return a port of 127.0.0.1 that is free now, for a program that opens it by itself; as :func:`listening`."""
    with listening(port) as taken:
        found: int = taken.getsockname()[1]
    return found


def lost_port(lab: Lab) -> bool:
    """Tell whether somebody else has the port of a lab that has ended: it was taken before JupyterLab opened it."""
    try:
        free_port(lab.port)
    except ParameterError:
        return True
    return False


def run_lab(lab: Lab) -> int:
    """Run JupyterLab until it is stopped (Ctrl-C, or its menu), and return its exit code."""
    with subprocess.Popen(lab.command(), env=lab.environment()) as server:  # noqa: S603 -- our own command
        while True:
            try:
                return server.wait()
            except KeyboardInterrupt:  # the server got it, too, and ends by itself
                continue
