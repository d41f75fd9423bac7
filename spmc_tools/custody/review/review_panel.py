"""The review of a report in a notebook: what the form of :mod:`spmc_tools.show.panels.review_form` does on a case."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spmc_tools.case.acts.line_up_entries import PANELS, REASONS, asked_for
from spmc_tools.case.acts.review_entries import VERDICTS
from spmc_tools.custody.review.line_up import answer, page_of, show
from spmc_tools.custody.review.review import report_of, review
from spmc_tools.errors import CaseError, ParameterError
from spmc_tools.signing.manifest import run_folder
from spmc_tools.signing.officer_keys import read_key, unlock

if TYPE_CHECKING:
    from collections.abc import Sequence

    from spmc_tools.case.store.case import Case
    from spmc_tools.custody.review.line_up import Report
    from spmc_tools.show.panels.review_form import ReviewForm
    from spmc_tools.signing.officer_keys import Signer

__all__ = ["CaseReview", "review_panel"]


class CaseReview:
    """The acts of a review of one report.

    Parameters
    ----------
    case : Case
        Whose report it is.
    run_id : str
        Of the report.
    language : str
        Of the line-up.
    """

    panels: Sequence[str] = PANELS
    reasons: Sequence[str] = REASONS
    verdicts: Sequence[str] = VERDICTS

    def __init__(self, case: Case, run_id: str, language: str) -> None:
        self._case, self._run_id, self._language = case, run_id, language

    def _report(self) -> Report:
        return report_of(self._case, self._run_id)

    def _open(self, officer: str) -> list[int]:
        report = self._report()
        known = report.line_ups(officer)
        return [group for group in asked_for(report.manifest) if group not in known or known[group].done is None]

    def line_up(self, officer: str) -> tuple[str, list[int]]:
        """Return the page of the open line-ups, and the groups that can be answered."""
        if not self._open(officer):
            return "", []
        shown = show(self._report(), officer)
        return page_of(self._case, self._run_id, shown, self._language), [one.group for one in shown if one.panels]

    def answer(self, officer: str, passphrase: str, group: int, chose: str, ordinary: dict[str, str]) -> None:
        """Log an answer."""
        signer = _signer(officer, passphrase)
        answer(self._report(), group, officer=officer, chose=chose, ordinary=ordinary, signer=signer)

    def finding(self, officer: str) -> str:
        """Return where the report lies, once every line-up is done."""
        left = self._open(officer)
        if left:
            listed = ", ".join(str(group) for group in left)
            raise ParameterError(f"The line-up of group {listed} comes first; answer it, or say why it is skipped.")
        return str((run_folder(self._case, self._run_id) / "report.html").resolve())

    def verdict(self, officer: str, passphrase: str, verdict: str, counter_case: str, skipped: str) -> str:
        """Log the verdict; the list of reports says it then."""
        from spmc_tools.report.page.index import write_index

        review(
            self._case, self._run_id, reviewer=officer, verdict=verdict, counter_case=counter_case,
            signer=_signer(officer, passphrase), skip_line_up=skipped if skipped.strip() else None,
        )  # fmt: skip
        write_index(self._case)
        return f"Review of {self._run_id} logged: {verdict}."


def _signer(officer: str, passphrase: str) -> Signer | None:
    return unlock(officer, passphrase) if read_key(officer) is not None else None


def review_panel(case: Case, run: str | None = None, language: str = "en") -> ReviewForm:
    """Return the form of a review; show its ``widget``.

    Parameters
    ----------
    case : Case
        Whose report is reviewed.
    run : str, optional
        Of which report; None: the last one.
    language : {"en", "hi"}
        Of form and line-up.

    Raises
    ------
    CaseError
        Where the case has no report.
    """
    from spmc_tools.report.words.wording import Wording
    from spmc_tools.show.panels.review_form import ReviewForm

    known = [str(entry["payload"].get("run_id")) for entry in case.ledger.entries() if entry["kind"] == "report"]
    if run is None and not known:
        raise CaseError(
            f"Case {case.id} has no report yet, so there is nothing to review; make one first: spmc report."
        )
    return ReviewForm(CaseReview(case, run or known[-1], language), Wording(language).say)
