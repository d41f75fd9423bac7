"""What a forked kernel is: what its command line would have made it, without the imports."""

from __future__ import annotations

import ast
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import nbformat
import numpy as np
import pytest
from nbformat import v4

from spmc_tools.coaction.engines.sweep import sort_by_object_time
from spmc_tools.report.running.run import run_notebook

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="kernels are forked where the system can")

SAID = """
import os, signal, sys
print(repr({
    "arguments": [sys.argv[1], sys.argv[3]],
    "environment": {name: value for name, value in os.environ.items() if name[:4] != "JPY_"},
    "folder": os.getcwd(), "path": sys.path, "session": os.getsid(0) == os.getpid(), "hash": hash("बूथ"),
    "signals": [str(signal.getsignal(one)) for one in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD)],
    "parent": os.getppid(),
    "imported": {"spmc_tools.report.page.sections", "igraph", "tests.loaded_for_kernels"} <= set(sys.modules),
}))
"""


def test_it_is_what_its_command_line_makes_it(small_case, tmp_path, request) -> None:
    node = v4.new_notebook(
        cells=[v4.new_code_cell("case = 'x'", metadata={"tags": ["parameters"]}), v4.new_code_cell(SAID)],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
    )
    nbformat.write(node, tmp_path / "says.ipynb")

    def said() -> dict:
        done = run_notebook(small_case, str(tmp_path / "says.ipynb"), {})
        ran = nbformat.read(done.report.parent / "notebook.ipynb", as_version=4)
        [text] = [one.text for cell in ran.cells if cell.cell_type == "code" for one in cell.outputs]
        return ast.literal_eval(re.sub(r"(?<=\.scratch/)tmp\w+", "ONE", text.replace(done.run_id, "RUN")))

    forked = said()
    request.getfixturevalue("own_kernels")
    own = said()
    assert own.pop("parent") == os.getpid() and not own.pop("imported")
    assert forked.pop("parent") != os.getpid() and forked.pop("imported")
    assert forked == own
    assert {forked["environment"][name] for name in ("TMPDIR", "TEMP", "TMP")} == {
        str(small_case.path.resolve() / ".scratch" / "ONE")
    }
    assert forked["session"] and forked["environment"]["PYTHONHASHSEED"] == "0"
    assert signal.getsignal(signal.SIGINT) is not signal.SIG_IGN


def test_loops_that_are_kept_are_loaded_and_none_is_compiled() -> None:
    numbers = np.arange(3, dtype=np.int32)
    sort_by_object_time(numbers, numbers.astype(np.int64))  # what it needs is kept from here on
    code = """
from numba.core import event
from tests.loaded_for_kernels import load_loops
compiled = []
with event.install_listener("numba:compile", type("L", (event.Listener,), {
    "on_start": lambda self, e: compiled.append(e), "on_end": lambda self, e: None})()):
    print(load_loops() > 0, compiled)
"""
    told = subprocess.run(
        [sys.executable, "-c", code], cwd=Path(__file__).resolve().parent.parent, text=True, check=True,
        capture_output=True,
    )  # fmt: skip
    assert told.stdout.splitlines()[-1] == "True []"
