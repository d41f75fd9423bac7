"""What a forked kernel is: what its command line would have made it, without the imports."""

from __future__ import annotations

import ast
import os
import signal

import nbformat
import pytest
from nbformat import v4

from spmc_tools.report.running.run import run_notebook

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="kernels are forked where the system can")

SAID = """
import os, signal, sys
print(repr({
    "arguments": [sys.argv[1], sys.argv[3]],
    "environment": {name: value for name, value in os.environ.items() if name[:4] != "JPY_"},
    "folder": os.getcwd(), "path": sys.path, "session": os.getsid(0) == os.getpid(), "hash": hash("बूथ"),
    "signals": [str(signal.getsignal(one)) for one in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD)],
    "parent": os.getppid(), "imported": "spmc_tools.report.page.sections" in sys.modules,
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
        return ast.literal_eval(text.replace(done.run_id, "RUN"))

    forked = said()
    request.getfixturevalue("own_kernels")
    own = said()
    assert own.pop("parent") == os.getpid() and not own.pop("imported")
    assert forked.pop("parent") != os.getpid() and forked.pop("imported")
    assert forked == own
    assert forked["session"] and forked["environment"]["PYTHONHASHSEED"] == "0"
    assert signal.getsignal(signal.SIGINT) is not signal.SIG_IGN
