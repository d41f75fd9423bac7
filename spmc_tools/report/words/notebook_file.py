"""Notebooks as files: read checked, written, and errors added, in one place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from spmc_tools.errors import ParameterError, quote
from spmc_tools.lean_start import absent

with absent("rfc3987_syntax"):  # jsonschema's check of international addresses, in no notebook: 0.9 s for its grammars
    import nbformat
    from nbformat import NotebookNode, v4

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["MIME", "add_cell_with_error", "add_error", "bare", "read", "write"]

MIME = "application/vnd.spmc.section+json"
"""Type under which a notebook output carries a section."""

LARGEST = 50 << 20


def read(path: Path) -> NotebookNode:
    """Return a notebook in Python, valid, in format 4.

    Raises
    ------
    ParameterError
        Where the file is no such notebook.
    """
    try:
        if path.stat().st_size > LARGEST:
            raise ParameterError(f"{quote(path.name)} is larger than {LARGEST >> 20} MB; strip its outputs first.")
        node = cast(NotebookNode, nbformat.read(path, as_version=4))  # type: ignore[no-untyped-call]
        nbformat.validate(node)
    except (OSError, ValueError, KeyError, AttributeError, TypeError, nbformat.ValidationError) as error:
        raise ParameterError(f"{quote(path.name)} is no notebook: {quote(error, 100)}.") from None
    language = node.metadata.get("kernelspec", {}).get("language", "python")
    if language != "python":
        raise ParameterError(f"{quote(path.name)} is written in {quote(language)}; wanted a notebook in Python.")
    return node


def write(node: NotebookNode, path: Path) -> None:
    """Write a notebook without the outputs it came with."""
    for cell in node.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    nbformat.write(node, path)  # type: ignore[no-untyped-call]


def add_error(node: NotebookNode, name: str, message: str) -> None:
    """Add what stopped a run from outside, as a kernel that died, to the first cell that did not end.

    A notebook in which a cell raised tells it already, and is left alone.
    """
    code: list[Any] = [cell for cell in node.cells if cell.cell_type == "code"]
    if not code or any(output.output_type == "error" for cell in code for output in cell.outputs):
        return
    ended = [cell.metadata.get("papermill", {}).get("status") == "completed" for cell in code]
    place = ended.index(False) if False in ended else len(code) - 1
    error = v4.new_output("error", ename=name, evalue=message, traceback=[message])  # type: ignore[no-untyped-call]
    code[place].outputs.append(error)


def add_cell_with_error(node: NotebookNode, name: str, message: str) -> None:
    """Add a code cell that holds nothing but this error."""
    node.cells.append(v4.new_code_cell())  # type: ignore[no-untyped-call]
    add_error(node, name, message)


def bare() -> NotebookNode:
    """Return a notebook without cells."""
    return cast(NotebookNode, v4.new_notebook())  # type: ignore[no-untyped-call]
