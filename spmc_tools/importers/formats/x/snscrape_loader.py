"""Modules of snscrape, loaded on every Python.

snscrape 0.7.0.20230622 imports all its modules through ``find_module``, which Python 3.12 took away. There its package
``snscrape.modules`` is registered first, empty but with its path, so that single modules load.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
import types
import warnings
from pathlib import Path
from types import ModuleType

from spmc_tools.errors import ParameterError, SpmcError, quote

__all__ = ["MODULES", "load"]

MODULES = ("facebook", "instagram", "mastodon", "reddit", "telegram", "twitter", "vkontakte", "weibo")
"""The modules that snscrape has."""

_PACKAGE = "snscrape.modules"


def load(name: str, *, shim: bool | None = None) -> ModuleType:
    """Return a module of snscrape, as ``load("telegram")``.

    Parameters
    ----------
    name : str
        One of :data:`MODULES`.
    shim : bool or None
        Whether to register the package by hand first; None: on Python 3.12 and later.

    Raises
    ------
    ParameterError
        Where snscrape has no such module.
    SpmcError
        Where snscrape is not installed.

    References
    ----------
    https://github.com/JustAnotherArchivist/snscrape
    """
    if name not in MODULES:
        raise ParameterError(f"snscrape has no module {quote(name)}; it has {', '.join(MODULES)}.")
    if (sys.version_info >= (3, 12) if shim is None else shim) and _PACKAGE not in sys.modules:
        _register()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # of find_module, which snscrape calls up to 3.11
            return importlib.import_module(f"{_PACKAGE}.{name}")
    except ModuleNotFoundError as error:
        raise SpmcError(
            f"snscrape does not load ({quote(error.name)} is missing); install the package again."
        ) from error


def _register() -> None:
    """Put an empty package with snscrape's path where its own loader would run."""
    found = importlib.util.find_spec("snscrape")
    if found is None or not found.submodule_search_locations:
        raise SpmcError("snscrape is not installed; install the package again.")
    package = types.ModuleType(_PACKAGE)
    package.__path__ = [str(Path(place) / "modules") for place in found.submodule_search_locations]
    sys.modules[_PACKAGE] = package
