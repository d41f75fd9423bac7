"""Find accounts that act together, show the evidence and what chance expects.

>>> import spmc_tools as spmc
>>> edges = spmc.coactions(actions, window_s=60)          # doctest: +SKIP
>>> result = spmc.assess(actions, windows_s=(60, 600))    # doctest: +SKIP
>>> found = spmc.investigate(spmc.open_case("sample"))    # doctest: +SKIP

Beside these functions stand the two things that they give (:class:`Case`, :class:`Findings`), the error that they raise
where somebody can mend it (:class:`SpmcError`), and the kinds of acting together that are looked for (``TRACES``). All
names load when they are first used, so that importing the package is quick.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from spmc_tools.version import __version__

_WHERE = {
    "Case": "spmc_tools.case.store.case",
    "Findings": "spmc_tools.findings.result.findings",
    "SpmcError": "spmc_tools.errors",
    "TRACES": "spmc_tools.coaction.traces.trace_catalogue",
    "assess": "spmc_tools.findings.assessment.assess",
    "coactions": "spmc_tools.coaction.engines.coactions",
    "create_case": "spmc_tools.case.store.case",
    "investigate": "spmc_tools.findings.pipeline.investigate",
    "near_duplicates": "spmc_tools.text.near_duplicates",
    "open_case": "spmc_tools.case.store.case",
}

__all__ = [
    "TRACES",
    "Case",
    "Findings",
    "SpmcError",
    "__version__",
    "assess",
    "coactions",
    "create_case",
    "investigate",
    "near_duplicates",
    "open_case",
]

if TYPE_CHECKING:
    from spmc_tools.case.store.case import Case, create_case, open_case
    from spmc_tools.coaction.engines.coactions import coactions
    from spmc_tools.coaction.traces.trace_catalogue import TRACES
    from spmc_tools.errors import SpmcError
    from spmc_tools.findings.assessment.assess import assess
    from spmc_tools.findings.pipeline.investigate import investigate
    from spmc_tools.findings.result.findings import Findings
    from spmc_tools.text.near_duplicates import near_duplicates


def __getattr__(name: str) -> object:
    if name not in _WHERE:
        raise AttributeError(f"module 'spmc_tools' has no attribute {name!r}")
    value = getattr(importlib.import_module(_WHERE[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
