"""Sections of a report: values without words.

A notebook calls ``section("data", case=opened)``. The result shows itself in JupyterLab, and carries its values as
``application/vnd.spmc.section+json``, from which the report is drawn in every language. A new section is one entry
of :data:`SECTIONS`, one template of the same name in ``templates/sections/`` and its words in the catalogues.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from spmc_tools.errors import ParameterError, TableError, quote
from spmc_tools.report.scope import received, received_values
from spmc_tools.report.scope.scope import with_marks
from spmc_tools.report.sections.desks import awareness_values as awareness
from spmc_tools.report.sections.desks import board_values as watch_board
from spmc_tools.report.sections.desks import page_figures, tour
from spmc_tools.report.sections.desks import referral_values as referral
from spmc_tools.report.sections.desks import response_values as response
from spmc_tools.report.sections.desks import rumour_values as rumour
from spmc_tools.report.sections.desks import standing_values as standing
from spmc_tools.report.sections.desks.limit_counts import Limits
from spmc_tools.report.sections.groups import cards, headline, likeness
from spmc_tools.report.sections.groups.account_values import AccountTable
from spmc_tools.report.sections.groups.card_values import Cards
from spmc_tools.report.sections.groups.headline_values import Summary
from spmc_tools.report.sections.watch import (
    changes,
    check_values,
    closing,
    closing_values,
    dossier,
    dossier_referral,
    dossier_values,
    handover,
    method_check,
    watch_rows,
    watch_values,
)
from spmc_tools.report.values.section_values import from_json, to_json
from spmc_tools.report.words.notebook_file import MIME

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["MIME", "SECTIONS", "Declaration", "Section", "is_section", "section", "typed_payload"]

QUIET = "SPMC_RUN"
"""Environment variable of a run: sections then emit their values alone."""


@dataclass(frozen=True, slots=True)
class Declaration:
    """One kind of section: its name (and that of its template), what it needs, what makes its values, their class.

    ``needs`` are keyword arguments of :func:`section`; where one is None the section says that it was not computed.
    """

    name: str
    needs: tuple[str, ...]
    values: Callable[..., Any]
    shape: type[Any]


_ALL = (
    Declaration("summary", ("case", "scope", "found"), headline.summary, Summary),
    Declaration("changes", ("case", "scope", "found"), changes.changes, changes.Changes),
    Declaration("purpose", ("case", "scope"), received.purpose, received_values.Purpose),
    Declaration("data", ("case", "scope"), received.data, received_values.Data),
    Declaration("volume", ("scope",), received.volume, received_values.Volume),
    Declaration("days", ("scope", "found"), watch_values.comparison, watch_rows.Comparison),
    Declaration("watch", ("case", "scope", "found"), watch_values.queue, watch_rows.Queue),
    Declaration("findings", ("case", "scope", "found"), cards.findings, Cards),
    Declaration("accounts", ("case", "scope", "found"), cards.accounts, AccountTable),
    Declaration("dossier", ("case", "scope", "found", "account"), dossier.dossier, dossier_values.Dossier),
    Declaration(
        "dossier_referral", ("case", "account"), dossier_referral.dossier_referral, dossier_referral.AccountReferrals
    ),
    Declaration("aside", ("found",), closing.aside, closing_values.Aside),
    Declaration("limits", ("case", "scope", "found"), closing.limits, closing_values.Limits),
    Declaration("power", ("power",), method_check.power, check_values.PowerTable),
    Declaration("check", ("found", "power", "resampled", "variants"), method_check.check, check_values.Check),
    Declaration("copies", ("resampled",), method_check.copies, check_values.Copies),
    Declaration("variants", ("variants",), method_check.other_choices, check_values.OtherChoices),
    Declaration("rates", ("found",), method_check.rates, check_values.Rates),
    Declaration("likeness", ("found",), likeness.likeness, likeness.Likeness),
    Declaration("method", ("found",), closing.method, closing_values.Method),
    Declaration("exports", ("found",), handover.exports, handover.Exports),
    Declaration("provenance", ("case", "found"), closing.provenance, closing_values.Provenance),
    Declaration("signoff", ("case",), closing.signoff, closing_values.Signoff),
    Declaration("response", ("desk",), response.response, response.Response),
    Declaration("response_now", ("desk",), response.response_now, response.ResponseNow),
    Declaration("response_queue", ("case", "desk"), response.response_queue, response.ResponseQueue),
    Declaration("response_alike", ("desk",), response.response_alike, response.AlikeComplaints),
    Declaration("response_limits", ("desk",), response.response_limits, Limits),
    Declaration("rumour", ("case", "desk"), rumour.rumour, rumour.RumourRegister),
    Declaration("rumour_limits", ("desk",), rumour.rumour_limits, rumour.RumourLimits),
    Declaration("referral", ("case", "desk"), referral.referral, referral.ReferralRegister),
    Declaration("referral_overdue", ("desk",), referral.referral_overdue, referral.OverdueReferrals),
    Declaration("referral_return", ("desk",), referral.referral_return, referral.ReferralReturn),
    Declaration("referral_limits", (), referral.referral_limits, referral.Law),
    Declaration("standing", ("ranking",), standing.standing, page_figures.Standing),
    Declaration("standing_ranks", ("ranking",), standing.standing_ranks, page_figures.StandingRanks),
    Declaration("standing_growth", ("ranking",), standing.standing_growth, page_figures.StandingGrowth),
    Declaration("standing_figures", ("ranking",), standing.standing_figures, page_figures.StandingFigures),
    Declaration("standing_limits", ("ranking",), standing.standing_limits, page_figures.StandingLimits),
    Declaration("awareness", ("reached",), awareness.awareness, awareness.Campaigns),
    Declaration("awareness_by", ("reached",), awareness.awareness_by, awareness.PostGroups),
    Declaration("awareness_best", ("reached",), awareness.awareness_best, awareness.BestPosts),
    Declaration("awareness_limits", ("reached",), awareness.awareness_limits, Limits),
    Declaration("watch_board", ("board",), watch_board.watch_board, watch_board.WatchBoard),
    Declaration("tour", ("scope",), tour.tour, tour.Tour),
)

SECTIONS: dict[str, Declaration] = {one.name: one for one in _ALL}
"""All sections by name, in the order of a report."""


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


def section(name: str, *, language: str = "en", brief: bool = False, **given: Any) -> Section:
    """Return a section with its values computed.

    Parameters
    ----------
    name : str
        One of :data:`SECTIONS`.
    language : {"en", "hi", "both"}
        How it shows itself in JupyterLab; a report chooses by itself.
    brief : bool
        Whether long lists are cut to what a visitor reads in passing; the values are the same.
    **given
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
    unknown = sorted(set(given) - set(declared.needs))
    if unknown:
        raise ParameterError(f"Section {name} takes no {quote(unknown[0])}; it needs {', '.join(declared.needs)}.")
    if given.get("scope") is not None and given.get("found") is not None:
        with_marks(given["scope"], given["found"])
    missing = tuple(need for need in declared.needs if given.get(need) is None)
    values = {} if missing else _made(declared, given)
    return Section(name, values, missing, language, brief)


def _made(declared: Declaration, given: dict[str, Any]) -> Any:
    """Return the values of a section as a notebook that was saved gives them back."""
    return from_json(declared.shape, to_json(declared.values(**given)))


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
