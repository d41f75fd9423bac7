"""The source and the libraries that results rest on, as one digest: no result of other code is taken for one of this.

What a module rests on is what it imports, anywhere in it, and what that imports. It is read from the source without
running any of it, so that a module that is imported where it is first used counts as well.

Notes
-----
Not seen: modules imported by a name that is put together while the program runs, and files that are no Python. The root
of the package is left out: it holds the version, and names that load on first use.
"""

from __future__ import annotations

import ast
import hashlib
import sys
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

__all__ = ["Closure", "code_digest", "import_closure", "versions_of"]

PACKAGE = Path(__file__).resolve().parent

_DISTRIBUTIONS = {"yaml": "pyyaml", "PIL": "pillow", "ibis": "ibis-framework", "docx": "python-docx"}
"""Name under which a library is installed, where it is imported under another."""

_BENEATH = {"numba": ("llvmlite",), "ural": ("tld",)}
"""Libraries that decide what another gives: machine code of compiled loops, the part of an address that is its site."""


@dataclass(frozen=True, slots=True)
class Closure:
    """What a module rests on.

    Attributes
    ----------
    sources : dict of str -> pathlib.Path
        Full name and file of each module of the package, the one asked for among them, ascending; a folder stands for
        its ``__init__.py``.
    libraries : tuple of str
        Names under which these import what is neither the package's nor Python's own, ascending.
    """

    sources: dict[str, Path]
    libraries: tuple[str, ...]


@cache
def code_digest(module: str, package: Path = PACKAGE) -> str:
    """Return a digest of the source, the versions of the libraries and the Python that a module's results rest on: hex.

    The same for the same installation, and worked out once for each module in a process.

    Parameters
    ----------
    module : str
        Its full name, as ``__name__`` gives it.
    package : pathlib.Path
        The folder of the package.

    Raises
    ------
    ModuleNotFoundError
        Where the package has no such module.
    """
    closure = import_closure(module, package)
    digest = hashlib.sha256("{}.{}".format(*sys.version_info).encode() + b"\0")
    for library, version in versions_of(closure.libraries).items():
        digest.update(f"{library} {version}\0".encode())
    for name, path in closure.sources.items():
        digest.update(name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def import_closure(
    module: str, package: Path = PACKAGE, *, within: Collection[str] = (), without: Collection[str] = ()
) -> Closure:
    """Return the modules of the package that a module imports, directly or through others, and their libraries.

    Imports for type checkers alone do not count.

    Parameters
    ----------
    module : str
        Its full name.
    package : pathlib.Path
        The folder of the package.
    within : collection of str
        Folders and files at the top of the package, as ``findings``: others are left out, and what only they import.
        Empty: none is.
    without : collection of str
        Full names of modules that are left out, and what only they import.

    Raises
    ------
    ModuleNotFoundError
        Where the package has no such module.
    """
    sources = _sources(package)
    if module not in sources:
        raise ModuleNotFoundError(f"The package has no module {module}.", name=module)
    found: dict[str, Path] = {}
    libraries: set[str] = set()
    ahead = [module]
    while ahead:
        name = ahead.pop()
        if name in found or name in without or (within and name.split(".")[1] not in within):
            continue
        found[name] = sources[name]
        for imported in _imported(sources[name].read_bytes()):
            parts = imported.split(".")
            if parts[0] != package.name:
                libraries.add(parts[0])
            folders = (".".join(parts[:end]) for end in range(2, len(parts) + 1))
            ahead += [folder for folder in folders if folder in sources]
    return Closure(dict(sorted(found.items())), tuple(sorted(libraries - sys.stdlib_module_names)))


def _sources(package: Path) -> dict[str, Path]:
    """Return the file of every module of the package by its full name, but for the root."""
    found = {}
    for path in package.rglob("*.py"):
        parts = path.relative_to(package.parent).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return {name: path for name, path in found.items() if "." in name}


def versions_of(libraries: Collection[str]) -> dict[str, str]:
    """Return the installed version of each library and of those beneath it, by name, ascending; "absent" where none is.

    Nothing is imported.
    """
    beneath = [name for library in libraries for name in _BENEATH.get(library, ())]
    return {name: _version(_DISTRIBUTIONS.get(name, name)) for name in sorted({*libraries, *beneath})}


def _version(distribution: str) -> str:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return "absent"


@cache
def _imported(source: bytes) -> frozenset[str]:
    """Return the full names that a module imports, wherever in it; of ``from a import b`` that is ``a.b``."""
    return frozenset(_imported_by(ast.parse(source).body))


def _imported_by(body: list[ast.stmt]) -> Iterator[str]:
    """Yield what some statements, or those inside them, import."""
    for statement in body:
        if isinstance(statement, ast.Import):
            yield from (alias.name for alias in statement.names)
        elif isinstance(statement, ast.ImportFrom):
            yield from (f"{statement.module}.{alias.name}" for alias in statement.names)
        else:
            for block in _blocks(statement):
                yield from _imported_by(block)


def _blocks(statement: ast.stmt) -> Iterator[list[ast.stmt]]:
    """Yield the blocks of a statement that may run: of ``if TYPE_CHECKING`` the other branch alone."""
    if not (isinstance(statement, ast.If) and getattr(statement.test, "id", None) == "TYPE_CHECKING"):
        yield getattr(statement, "body", [])
    yield getattr(statement, "orelse", [])
    yield getattr(statement, "finalbody", [])
    for part in (*getattr(statement, "handlers", ()), *getattr(statement, "cases", ())):
        yield part.body
