"""What every kernel of a report loads after its start, loaded once in the process that they are forked from.

The compiled loops are read from where numba keeps them, where it does: a second for each report that investigates.
Nothing is called, so that no thread is there when a kernel is forked.
"""

from __future__ import annotations

import sys

import igraph  # noqa: F401
import ipykernel.kernelapp  # noqa: F401
import psutil  # noqa: F401
import pyarrow.dataset  # noqa: F401
from numba.core.caching import FunctionCache
from numba.core.registry import CPUDispatcher

import spmc_tools.findings.pipeline.investigate
import spmc_tools.report.page.sections
import spmc_tools.show.widgets.sentences  # noqa: F401

__all__ = ["load_loops"]


def load_loops() -> int:
    """Load the compiled forms that are kept of the loops of the package; return how many they are."""
    loops = {
        loop
        for name, module in list(sys.modules.items())
        if name.startswith("spmc_tools.")
        for loop in vars(module).values()
        if isinstance(loop, CPUDispatcher) and isinstance(loop._cache, FunctionCache)
    }
    found = 0
    for loop in loops:
        cache, codegen = loop._cache, loop.targetctx.codegen()
        kept = cache._cache_file._load_index()
        for key in [key for key in kept if key == cache._index_key(key[0], codegen)]:
            loop.compile(key[0])
            found += 1
    return found


load_loops()
