"""Find accounts that act together, show the evidence and what chance expects.

>>> import spmc_tools as spmc
>>> edges = spmc.coactions(actions, window_s=60)          # doctest: +SKIP
>>> result = spmc.assess(actions, windows_s=(60, 600))    # doctest: +SKIP
>>> found = spmc.investigate(spmc.open_case("sample"))    # doctest: +SKIP

The names below load when they are first used, so that importing the package is quick.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from spmc_tools.version import __version__

_WHERE = {
    "assess": "spmc_tools.findings.assessment.assess",
    "coactions": "spmc_tools.coaction.engines.coactions",
    "create_case": "spmc_tools.case.store.case",
    "investigate": "spmc_tools.findings.pipeline.investigate",
    "near_duplicates": "spmc_tools.text.near_duplicates",
    "open_case": "spmc_tools.case.store.case",
}

__all__ = ["__version__", "assess", "coactions", "create_case", "investigate", "near_duplicates", "open_case"]

if TYPE_CHECKING:
    from spmc_tools.case.store.case import create_case, open_case
    from spmc_tools.coaction.engines.coactions import coactions
    from spmc_tools.findings.assessment.assess import assess
    from spmc_tools.findings.pipeline.investigate import investigate
    from spmc_tools.text.near_duplicates import near_duplicates


def __getattr__(name: str) -> object:
    if name not in _WHERE:
        raise AttributeError(f"module 'spmc_tools' has no attribute {name!r}")
    value = getattr(importlib.import_module(_WHERE[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
