"""The line-up before a review: shown, answered, and both in the custody log; the finding opens after it.

The seed comes from the key of the case, the report, the group and the officer: the same officer sees the same line-up
again, another one sees another order, and nobody who lacks the key can tell it before the answer.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from spmc_tools.case.acts.line_up_entries import (
    ANSWERED,
    LINE_UP,
    NOBODY,
    PANELS,
    REASONS,
    asked_for,
    committed,
    finding_in,
    line_ups_of,
)
from spmc_tools.case.acts.review_entries import reviews_of
from spmc_tools.case.files.clock import clock_state
from spmc_tools.case.files.officer_names import name_key, same_person
from spmc_tools.case.log.ledger import canonical_json
from spmc_tools.case.log.pseudonyms import read_key
from spmc_tools.errors import CaseError, ParameterError, quote
from spmc_tools.signing.enrolment import enrol, log_place

if TYPE_CHECKING:
    from collections.abc import Mapping

    from spmc_tools.case.acts.line_up_entries import LineUp
    from spmc_tools.case.log.ledger import Entry
    from spmc_tools.case.store.case import Case
    from spmc_tools.custody.lineup.case_panels import LinedUp
    from spmc_tools.signing.officer_keys import Signer

__all__ = ["Report", "answer", "page_of", "require_line_up", "show"]


@dataclass(frozen=True, slots=True)
class Report:
    """A report that is reviewed: its case, its manifest as the custody log tells of it, and the hash of that."""

    case: Case
    manifest: Mapping[str, Any]
    digest: str

    @property
    def run_id(self) -> str:
        """Id of its run."""
        return str(self.manifest.get("run_id"))

    def line_ups(self, officer: str) -> dict[int, LineUp]:
        """Return the last line-up of each group that this officer was shown."""
        return {one.group: one for one in line_ups_of(self.case.ledger.entries(), self.run_id, officer)}

    def reviewed_by(self, officer: str) -> bool:
        """Tell whether this officer wrote a review of it already."""
        found = reviews_of(self.case.ledger.entries(), self.run_id)
        return any(name_key(review.reviewer) == name_key(officer) for review in found)


def _seed(report: Report, group: int, officer: str) -> str:
    """Return the seed of a line-up; it stands in no file before the answer."""
    made = report.case.ledger.entries()[0]["payload"]
    key = read_key(report.case.key_path(), str(made.get("key_fingerprint")))
    message = canonical_json(["line-up", report.digest, group, name_key(officer)]).encode()
    return hmac.new(key, message, hashlib.sha256).hexdigest()


def show(report: Report, officer: str) -> list[LinedUp]:
    """Return the line-ups that an officer has yet to answer, and log that they are shown.

    Raises
    ------
    ParameterError
        Where the officer prepared the report, wrote a review of it, or nothing is left to be lined up.
    CaseError
        Where what the report rests on is not there any more.
    """
    from spmc_tools.custody.lineup.case_panels import CasePanels

    _second_officer(report, officer)
    known = report.line_ups(officer)
    open_ones = [group for group in asked_for(report.manifest) if group not in known or known[group].done is None]
    if not open_ones:
        raise ParameterError(
            f"{quote(officer)} has no line-up of run {report.run_id} left: give --verdict and --counter-case.",
            key="line_up_none_left",
            officer=quote(officer),
        )
    drawn_from = CasePanels(report.case, report.manifest)
    found = []
    for group in open_ones:
        seed = _seed(report, group, officer)
        one = drawn_from.lined_up(group, seed)
        if group not in known:
            commitment = committed(seed) if one.why is None else None
            report.case.log(
                LINE_UP,
                {
                    "run_id": report.run_id,
                    "manifest_sha256": report.digest,
                    "group": group,
                    "accounts_each": len(one.panels[0].picture.labels) if one.panels else 0,
                    "commitment": commitment,
                    "drawn": one.digest,
                    "why": one.why,
                },
                officer=officer,
            )
        found.append(one)
    return found


def _second_officer(report: Report, officer: str) -> None:
    if not name_key(officer):
        raise ParameterError("The reviewer's name is empty; type it after --as.")
    reports = [entry for entry in report.case.ledger.entries() if entry["kind"] == "report"]
    prepared = [entry["officer"] for entry in reports if entry["payload"].get("run_id") == report.run_id]
    if any(same_person(officer, name) for name in (*prepared, report.case.officer)):
        raise ParameterError(
            f"{quote(officer)} prepared this report and knows its groups; a line-up is for a second officer.",
            key="line_up_preparer",
            officer=quote(officer),
        )
    if report.reviewed_by(officer):
        raise ParameterError(
            f"{quote(officer)} reviewed run {report.run_id} already and knows its groups; a line-up comes before that.",
            key="line_up_reviewed",
            officer=quote(officer),
        )


def page_of(case: Case, run_id: str, lined_up: list[LinedUp], language: str) -> str:
    """Return line-ups as one HTML file that asks the network for nothing."""
    from spmc_tools.report.page.render import bare_page

    shown = [
        {
            "group": one.group,
            "panels": one.panels,
            "marked": [band.what for band in one.panels[0].picture.bands],
        }
        for one in lined_up
        if one.panels
    ]
    values = {
        "case": case.id,
        "title": case.settings.title,
        "run": run_id,
        "groups": shown,
        "impossible": [one for one in lined_up if one.why is not None],
        "reasons": REASONS,
    }
    return bare_page("line_up.html.j2", values, language, heading="line_up.title")


def answer(  # noqa: PLR0913 -- every part of an answer is given by its name
    report: Report, group: int, *, officer: str, chose: str, ordinary: Mapping[str, str], signer: Signer | None = None
) -> LineUp:
    """Log which panel an officer takes for the group that acted together, and what ordinary reason each may have.

    Parameters
    ----------
    report : Report
        Whose group it is.
    group : int
        Its place.
    officer : str
        Who was shown the line-up.
    chose : str
        A panel, or ``none``.
    ordinary : mapping
        Panel -> one of :data:`~spmc_tools.case.acts.line_up_entries.REASONS`, for each of the three.
    signer : Signer, optional
        The officer's own key.

    Raises
    ------
    ParameterError
        Where a part does not fit, the line-up was not shown, or it is answered; nothing is logged.
    """
    if chose not in {*PANELS, NOBODY}:
        raise ParameterError(f"The choice {quote(chose)} is not known; wanted one of {', '.join((*PANELS, NOBODY))}.")
    lacking = [name for name in PANELS if name not in ordinary]
    if lacking or set(ordinary) - set(PANELS):
        raise ParameterError(
            f"An ordinary reason is wanted for each panel, as --ordinary A=no_reason; found {quote(dict(ordinary))}."
        )
    strange = [reason for reason in ordinary.values() if reason not in REASONS]
    if strange:
        raise ParameterError(
            f"The ordinary reason {quote(strange[0])} is not known; wanted one of {', '.join(REASONS)}."
        )
    shown = report.line_ups(officer).get(group)
    if shown is None:
        raise ParameterError(
            f"{quote(officer)} was not shown a line-up of group {group} of run {report.run_id}; write it first with "
            "--line-up FILE.html.",
            key="line_up_not_shown", officer=quote(officer), group=group,
        )  # fmt: skip
    if shown.done is not None:
        raise ParameterError(
            f"The line-up of group {group} is answered already (entry {shown.done}); the answer stays.",
            key="line_up_done",
            group=group,
            entry=shown.done,
        )
    if report.reviewed_by(officer):
        raise ParameterError(f"{quote(officer)} reviewed run {report.run_id} already: a line-up comes before that.")
    seed = _seed(report, group, officer)
    if committed(seed) != shown.commitment:
        raise CaseError("The key of this case is not the one with which the line-up was drawn; nothing was logged.")
    payload: dict[str, Any] = {
        "run_id": report.run_id,
        "manifest_sha256": report.digest,
        "group": group,
        "shown": shown.seq,
        "chose": chose,
        "ordinary": {name: ordinary[name] for name in PANELS},
        "seed": seed,
        "finding": finding_in(seed),
        "key": None if signer is None else signer.key.told(),
        "clock": clock_state(),
    }
    if signer is not None:
        enrol(report.case, signer)
        payload["ledger"] = log_place(report.case)
    signature = None if signer is None else signer.sign(canonical_json(payload).encode())
    entry: Entry = report.case.log(ANSWERED, {**payload, "signature": signature}, officer=officer)
    return next(
        one
        for one in line_ups_of(report.case.ledger.entries(), report.run_id, officer)
        if one.answer is not None and one.answer["seq"] == entry["seq"]
    )


def require_line_up(report: Report, officer: str, skipped: str | None) -> dict[str, Any]:
    """Return what a review says of its line-ups: the entry that ended each, and why the others were skipped.

    Raises
    ------
    ParameterError
        Where one is open and no reason for skipping it is given, or a reason is given and none is open.
    """
    known = report.line_ups(officer)
    wanted = asked_for(report.manifest)
    done = {str(group): known[group].done for group in wanted if group in known and known[group].done is not None}
    lacking = [group for group in wanted if str(group) not in done]
    reason = (skipped or "").strip()
    if lacking and not reason and not report.reviewed_by(officer):
        listed = ", ".join(str(group) for group in lacking)
        raise ParameterError(
            f"The line-up comes before the verdict (group {listed} of run {report.run_id}): write it with "
            "--line-up FILE.html and answer it, or say why not with --skip-line-up REASON, which the report shows.",
            key="line_up_first",
            groups=listed,
        )
    if reason and not lacking:
        raise ParameterError(
            "--skip-line-up is given, and no line-up of this report is open; leave it out.", key="line_up_no_skip"
        )
    if len(reason) > 2000:
        raise ParameterError("The reason for skipping the line-up is longer than 2,000 characters; shorten it.")
    return {"done": done, "skipped": reason or None}
