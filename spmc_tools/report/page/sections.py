"""Sections of a report: values without words.

A notebook calls ``section("data", case=opened)``. The result shows itself in JupyterLab, and carries its values as
``application/vnd.spmc.section+json``, from which the report is drawn in every language. A new section is a
function and a class of values in a module of ``report/sections/``, its declaration at the end of that module, one
template of the same name in a folder of ``templates/sections/``, and its words.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Any

from spmc_tools.errors import ParameterError, TableError, quote
from spmc_tools.report.scope import received
from spmc_tools.report.scope.scope import with_marks
from spmc_tools.report.sections.desks import awareness_values as awareness
from spmc_tools.report.sections.desks import board_values as watch_board
from spmc_tools.report.sections.desks import referral_values as referral
from spmc_tools.report.sections.desks import response_values as response
from spmc_tools.report.sections.desks import rumour_values as rumour
from spmc_tools.report.sections.desks import standing_values as standing
from spmc_tools.report.sections.desks import tour
from spmc_tools.report.sections.groups import base_rates as likeness
from spmc_tools.report.sections.groups import cards, headline, together
from spmc_tools.report.sections.themes import themes
from spmc_tools.report.sections.watch import (
    changes,
    closing,
    dossier,
    dossier_referral,
    festival,
    handover,
    method_check,
    watch_values,
)
from spmc_tools.report.values.declaration import Declaration
from spmc_tools.report.values.section_values import from_json, to_json
from spmc_tools.report.words.notebook_file import MIME

__all__ = ["MIME", "SECTIONS", "Declaration", "Section", "is_section", "require_drawable", "section", "typed_payload"]

QUIET = "SPMC_RUN"
"""Environment variable of a run: sections then emit their values alone."""


_MODULES = (
    headline, festival, changes, received, watch_values, cards, together, dossier, dossier_referral, closing,
    method_check, likeness, themes, handover, response, rumour, referral, standing, awareness, watch_board, tour,
)  # fmt: skip
"""The modules in which sections stand; each says which in its ``SECTIONS``."""

SECTIONS: dict[str, Declaration] = {declared.name: declared for module in _MODULES for declared in module.SECTIONS}
"""All sections by name."""


@dataclass(frozen=True)
class Section:
    """One section: ``values`` are numbers, rows and text of the data, typed; ``missing`` what it lacked.

    ``brief``: it shows what can be read in passing, and says what else the desk's own page holds.
    """

    name: str
    values: Any = field(repr=False)
    missing: tuple[str, ...] = ()
    language: str = field(default="en", repr=False)
    brief: bool = False

    def payload(self) -> dict[str, Any]:
        """Return what a notebook output carries."""
        return {"name": self.name, "values": to_json(self.values), "missing": list(self.missing), "brief": self.brief}

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        bundle: dict[str, Any] = {MIME: self.payload(), "text/plain": repr(self)}
        if not os.environ.get(QUIET):
            from spmc_tools.report.page.drawing import fragment

            bundle["text/html"] = fragment({**self.payload(), "values": self.values}, self.language)
        return bundle


def section(name: str, *, language: str = "en", brief: bool = False, **inputs: Any) -> Section:
    """Return a section with its values computed.

    Parameters
    ----------
    name : str
        One of :data:`SECTIONS`.
    language : {"en", "hi"}
        How it shows itself in JupyterLab; a report chooses by itself.
    brief : bool
        Whether long lists are cut to what a visitor reads in passing; the values are the same.
    **inputs
        What the section needs: ``case``, ``scope`` (of :func:`spmc_tools.report.scope.scope.in_period`), ``found`` (of
        :func:`spmc_tools.investigate`), ``power`` (of ``found.power``), ``resampled`` and ``variants`` (of the
        functions of these names), ``ranking``, ``reached`` and ``board`` (of the modules in ``desks/``), ``account``
        (an account id). One that is None makes the section say what was not computed.

    Raises
    ------
    ParameterError
        Where the name or an argument is not known.
    """
    if name not in SECTIONS:
        raise ParameterError(f"There is no section {quote(name)}; sections: {', '.join(SECTIONS)}.")
    declared = SECTIONS[name]
    unknown = sorted(set(inputs) - set(declared.needs))
    if unknown:
        raise ParameterError(f"Section {name} takes no {quote(unknown[0])}; it needs {', '.join(declared.needs)}.")
    if inputs.get("scope") is not None and inputs.get("found") is not None:
        with_marks(inputs["scope"], inputs["found"])
    missing = tuple(need for need in declared.needs if inputs.get(need) is None)
    values = {} if missing else _made(declared, inputs)
    return Section(name, values, missing, language, brief)


def _made(declared: Declaration, inputs: dict[str, Any]) -> Any:
    """Return the values of a section as a notebook that was saved gives them back."""
    return from_json(declared.shape, to_json(declared.values(**inputs)))


def typed_payload(payload: dict[str, Any]) -> dict[str, Any]:
    """Return what a notebook output carries, its values as objects of their class.

    Values that are not of their class cannot be drawn: the section then lacks ``not_drawn``.
    """
    missing = [str(need) for need in payload["missing"]]
    typed: Any = {}
    if not missing:
        try:
            typed = from_json(SECTIONS[payload["name"]].shape, dict(payload["values"]))
        except TableError:
            missing = ["not_drawn"]
    return {"name": payload["name"], "values": typed, "missing": missing, "brief": payload.get("brief") is True}


def is_section(payload: object) -> bool:
    """Tell whether what a notebook output carries is a section that is known here."""
    return (
        isinstance(payload, dict)
        and payload.get("name") in SECTIONS
        and isinstance(payload.get("values"), dict)
        and isinstance(payload.get("missing"), list)
    )


def require_drawable(payload: dict[str, Any]) -> None:
    """Raise a :class:`~spmc_tools.errors.TableError` where the values of a section are not of its class."""
    if not payload["missing"]:
        from_json(SECTIONS[payload["name"]].shape, dict(payload["values"]))
