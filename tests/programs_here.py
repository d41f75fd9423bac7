"""Programs of this interpreter that run inside the process of a test: starting one costs more than most of them do.

That a benchmark starts processes is tested with one that does next to nothing; the rest of its work is done here.
"""

from __future__ import annotations

import contextlib
import importlib.util
import io
import os
import runpy
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Mapping


def run_here(
    command: list[str], *, env: Mapping[str, str] | None = None, cwd: object = None, **_: Any
) -> subprocess.CompletedProcess[str]:
    """Run ``[sys.executable, "-c" or "-m", …]`` in this process as ``subprocess.run`` would in another, output kept.

    Its modules are those that are loaded here already; names, arguments, folder and environment are its own.
    """
    python, how, what, *arguments = map(str, command)
    assert (python, how) in {(sys.executable, "-c"), (sys.executable, "-m")}
    out, err, code = io.StringIO(), io.StringIO(), 0
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        for name in {*os.environ, *(env or ())} if env is not None else ():
            patch.delenv(name, raising=False)
        for name, value in (env or {}).items():
            patch.setenv(name, value)
        before = dict(os.environ)
        if cwd is not None:
            patch.chdir(str(cwd))
        patch.setattr(sys, "argv", [how, *arguments])
        try:
            if how == "-c":
                exec(compile(what, "<string>", "exec"), {"__name__": "__main__"})
            else:
                found = importlib.util.find_spec(what)
                assert found is not None and found.origin is not None, what
                runpy.run_path(found.origin, run_name="__main__")
        except SystemExit as left:
            if isinstance(left.code, str):
                err.write(left.code)
            code = left.code if isinstance(left.code, int) else int(left.code is not None)
        finally:
            os.environ.clear()
            os.environ.update(before)
    return subprocess.CompletedProcess(command, code, out.getvalue(), err.getvalue())
