"""Review of a report by a second officer, and its withdrawal: entries of the custody log, never edits.

The reviewer is another person than the preparer, writes the counter-case, and signs with a key of his own where he has
one. The next report that rests on the same results cites the review. A withdrawn report stays as it was; a notice lies
beside it and stands in the list of reports.
"""

from __future__ import annotations

import hashlib
import unicodedata
from typing import TYPE_CHECKING, Any

from spmc_tools.case.acts.line_up_entries import REASONS
from spmc_tools.case.acts.review_entries import VERDICTS, Review, reviews_of, withdrawn
from spmc_tools.case.files.clock import clock_state
from spmc_tools.case.files.durable import os_errors, write_file
from spmc_tools.case.files.officer_names import name_key, same_person
from spmc_tools.case.log.ledger import canonical_json
from spmc_tools.custody.review.line_up import Report, require_line_up
from spmc_tools.custody.review.notices import in_every_language, lay_notices, said_beside
from spmc_tools.errors import CaseError, IntegrityError, ParameterError, quote
from spmc_tools.signing.enrolment import KeyBook, enrol, log_place
from spmc_tools.signing.manifest import MANIFEST, NOTICE, read_manifest, run_folder
from spmc_tools.signing.officer_keys import fingerprint

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from spmc_tools.case.store.case import Case
    from spmc_tools.report.words.wording import Said
    from spmc_tools.signing.officer_keys import Signer

__all__ = ["report_of", "review", "sound_manifest", "withdraw"]

LONGEST = 20_000


def sound_manifest(case: Case, folder: Path) -> tuple[dict[str, Any], str]:
    """Return the manifest of a run and its SHA-256; it is the one that the custody log tells of.

    Raises
    ------
    IntegrityError
        Where it is another one, or a file of the run is not what it says.
    """
    from spmc_tools.custody.review.verify import verify

    content = (folder / MANIFEST).read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    logged_digests = [
        e["payload"].get("manifest_sha256")
        for e in case.ledger.entries()
        if e["kind"] == "report" and e["payload"].get("run_id") == folder.name
    ]
    manifest = read_manifest(content)
    if manifest is None or logged_digests[-1:] != [digest]:
        raise IntegrityError(f"The manifest of run {folder.name} is not the one that the custody log tells of.")
    found = verify(folder, log=False)
    if not found.whole:
        raise IntegrityError(f"Run {folder.name} is not what was recorded: {found.first_difference}.")
    return manifest, digest


def report_of(case: Case, run_id: str) -> Report:
    """Return a report that can be reviewed.

    Raises
    ------
    CaseError
        Where there is no such run, or it failed or was withdrawn.
    IntegrityError
        Where the run is not what was recorded, or the log is broken.
    """
    manifest, digest = sound_manifest(case, run_folder(case, run_id))
    if run_id in withdrawn(case.ledger.entries()):
        said = f"Run {run_id} was withdrawn; review the report that replaced it."
        raise CaseError(said, key="review_withdrawn", run=run_id)
    if manifest.get("status") == "failed":
        raise CaseError(f"Run {run_id} failed, so there is nothing to uphold; mend the cause and run it again.")
    return Report(case, manifest, digest)


def _said(text: str, what: str) -> str:
    """Return a text without space around it.

    Raises
    ------
    ParameterError
        Where nothing can be read in it, or it is too long.
    """
    plain = text.strip()
    if not any(unicodedata.category(char)[0] in "LN" for char in plain):
        raise ParameterError(f"The {what} is empty; say it in a sentence or two.")
    if len(plain) > LONGEST:
        raise ParameterError(f"The {what} is longer than {LONGEST:,} characters; put the rest into a file of the case.")
    return plain


def review(  # noqa: PLR0913 -- every part of a review is given by its name
    case: Case,
    run_id: str,
    *,
    reviewer: str,
    verdict: str,
    counter_case: str,
    signer: Signer | None = None,
    skip_line_up: str | None = None,
    of_groups: Mapping[int, tuple[str, str]] | None = None,
) -> list[Review]:
    """Log a review of a report and return all reviews of it, oldest first.

    Parameters
    ----------
    case : Case
        Whose report it is.
    run_id : str
        Of a finished run; it is compared with what was recorded first.
    reviewer : str
        Another person than the preparer, whatever the spelling.
    verdict : str
        One of :data:`~spmc_tools.case.acts.review_entries.VERDICTS`.
    counter_case : str
        What ordinary reason this may have.
    signer : Signer, optional
        The reviewer's own key; None: reports then say that the reviewer is not authenticated.
    skip_line_up : str, optional
        Why the reviewer saw the finding without its line-up; reports show it.
    of_groups : mapping, optional
        Place of a group -> its own verdict, and the ordinary reason that the reviewer takes it to have
        (:data:`~spmc_tools.case.acts.line_up_entries.REASONS`); groups without one take the verdict of the report.

    Raises
    ------
    ParameterError
        Where a part does not fit, or the line-up was not made; nothing is logged.
    CaseError
        Where there is no such run, or it failed or was withdrawn.
    IntegrityError
        Where the run is not what was recorded, or the log is broken.
    """
    if verdict not in VERDICTS:
        raise ParameterError(f"The verdict {quote(verdict)} is not known; wanted one of {', '.join(VERDICTS)}.")
    name, text = _said(reviewer, "reviewer's name"), _said(counter_case, "counter-case")
    if len(name) > 300 or "\n" in name or not name.replace("\u200c", "").replace("\u200d", "").isprintable():
        raise ParameterError(f"{quote(name)} is no name of a reviewer: wanted one line of at most 300 characters.")
    report = report_of(case, run_id)
    manifest = report.manifest
    _another_person(case, manifest, name, signer)
    groups = _of_groups(report, of_groups or {})
    payload: dict[str, Any] = {
        "run_id": run_id,
        "manifest_sha256": report.digest,
        "results": {str(file["path"]): str(file["sha256"]) for file in manifest.get("results", [])},
        "reviewer": name,
        "verdict": verdict,
        "counter_case": text,
        "line_up": require_line_up(report, name, skip_line_up),
        "groups": groups,
        "key": None if signer is None else signer.key.told(),
        "clock": clock_state(),  # signed with the rest
    }
    if signer is not None:
        enrol(case, signer)
        payload["ledger"] = log_place(case)  # so that nothing before it can be written anew
    signature = None if signer is None else signer.sign(canonical_json(payload).encode())
    case.log("review", {**payload, "signature": signature}, officer=name)
    return reviews_of(case.ledger.entries(), run_id)


def _of_groups(report: Report, of_groups: Mapping[int, tuple[str, str]]) -> dict[str, dict[str, str]]:
    """Return what is said of single groups, as it is logged."""
    outcome = (report.manifest.get("facts") or {}).get("outcome") or {}
    there = outcome.get("groups") or 0
    for group, (verdict, reason) in of_groups.items():
        if not 1 <= group <= there:
            raise ParameterError(
                f"Run {report.run_id} has no group {group}; its groups are counted from 1 to {there}.",
                key="review_no_group", group=group, most=there,
            )  # fmt: skip
        if verdict not in VERDICTS:
            raise ParameterError(f"The verdict {quote(verdict)} is not known; wanted one of {', '.join(VERDICTS)}.")
        if reason not in REASONS:
            raise ParameterError(
                f"The ordinary reason {quote(reason)} is not known; wanted one of {', '.join(REASONS)}."
            )
    return {str(group): {"verdict": verdict, "ordinary": reason} for group, (verdict, reason) in of_groups.items()}


def _another_person(case: Case, manifest: Mapping[str, Any], name: str, signer: Signer | None) -> None:
    reports = [entry for entry in case.ledger.entries() if entry["kind"] == "report"]
    officers = [entry["officer"] for entry in reports if entry["payload"].get("run_id") == manifest.get("run_id")]
    prepared = [str(manifest.get("officer")), case.officer, *officers]
    if any(same_person(name, preparer) for preparer in prepared):
        raise ParameterError(
            f"{quote(name)} prepared this report; a review needs a second officer: type --as with another name.",
            key="review_preparer",
            officer=quote(name),
        )
    prepared_with = (manifest.get("signer") or {}).get("public_key")
    if signer is not None and signer.key.public_key == prepared_with:
        raise ParameterError(
            "This report was signed with the same key; a reviewer signs with a key of his own.", key="review_same_key"
        )
    if signer is not None and name_key(signer.key.officer) != name_key(name):
        raise ParameterError(f"The key is that of {quote(signer.key.officer)}, the reviewer is {quote(name)}.")
    known = KeyBook.of(case.ledger.entries()).current.get(name_key(name))
    if signer is None and known is not None:
        raise ParameterError(
            f"{quote(name)} signs in this case with the key {fingerprint(known)}; review it where that key is.",
            key="review_key_elsewhere",
            officer=quote(name),
            fingerprint=fingerprint(known),
        )
    if signer is None and prepared_with is not None:
        raise ParameterError(
            "This report was signed with a key, so its second officer shows that he is one by a key of his own: type "
            f"spmc key new --as {quote(name)}, tell others its fingerprint, and review again.",
            key="review_needs_key",
            officer=quote(name),
        )


def withdraw(case: Case, run_id: str, reason: str) -> Path:
    """Withdraw a report: log it with the reason, lay a notice beside it, write the list anew; return the notice.

    Another notice lies beside each report that cites it (:mod:`spmc_tools.custody.review.notices`). A call that is
    broken off after the entry is finished by the next one for the same run.

    Raises
    ------
    ParameterError
        Where no reason is given.
    CaseError
        Where there is no such run, or it is withdrawn already.
    """
    from spmc_tools.report.page.index import write_index
    from spmc_tools.report.page.render import made_now
    from spmc_tools.report.words.wording import Wording

    text = _said(reason, "reason")
    folder = run_folder(case, run_id)
    known = withdrawn(case.ledger.entries()).get(run_id)
    if known is not None and (folder / NOTICE).is_file():
        raise CaseError(f"Run {run_id} was withdrawn already on {known['at'][:10]}.")
    if known is None:
        at, manifest = made_now(), (folder / MANIFEST).read_bytes()

        def said(language: str) -> Said:
            words = Wording(language)
            told_there = said_beside(case, run_id, read_manifest(manifest), text, language)
            return words.say(
                "withdrawn.notice", run=run_id, at=words.moment(at), officer=case.officer, reason=told_there
            )

        notice = in_every_language(said) + "\n"
        digest = hashlib.sha256(manifest).hexdigest()
        payload = {"run_id": run_id, "reason": text, "manifest_sha256": digest, "notice": notice}
        known = case.log("withdrawn", payload)
    lay_notices(case, run_id)
    with os_errors(f"The notice of run {run_id} cannot be written"):
        write_file(folder / NOTICE, str(known["payload"]["notice"]).encode("utf-8", "backslashreplace"))
    write_index(case)
    return folder / NOTICE
