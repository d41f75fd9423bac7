"""The evidence pack: one ZIP file that another machine can check without the case.

::

    README.en.txt, README.hi.txt      what this is, how to check it
    pack.json, pack.sig               SHA-256 of every other file; its signature, where the packer has a key
    run/                              the report as it was made: page, notebook, exports, manifest, signature, notice
    ledger.jsonl                      the custody log, one entry a line, as it is stored
    keys/<fingerprint>.json           public keys of preparer, reviewers and packer
    captures/, captures.csv           what was captured of the posts that the page shows, where anything was
    posts.csv, .xlsx, .html           all posts on which the groups rest: address, id, time, text, file and row
    provenance.csv, provenance.html   every post shown or carrying a group: received file, row, how that was obtained
    innocence.json, innocence.html    per named account what speaks for it
    certificate/                      drafts under section 63(4) BSA 2023, in English and Hindi, as DOCX and HTML
    rerun/                            the notebook and the lock: with the received files the run can be made again

Pages are in the language of the report, and once more in the other: ``posts.hi.html``, or ``posts.en.html``.
The received files are not part of it: they hold everybody's posts. Their hashes are.
"""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
from typing import TYPE_CHECKING, Any

from spmc_tools.case.acts.review_entries import reviews_of, standing, upheld, withdrawn
from spmc_tools.case.files.durable import sha256_file, sync_file, whole_or_absent
from spmc_tools.case.files.officer_names import name_key
from spmc_tools.case.files.scratch import library_files_in
from spmc_tools.case.log.ledger import EMPTY_HEAD
from spmc_tools.custody.evidence_pack import finding_posts
from spmc_tools.custody.evidence_pack.captures import captures_of
from spmc_tools.custody.evidence_pack.certificate import blocks, docx
from spmc_tools.custody.evidence_pack.exculpatory_evidence import innocence
from spmc_tools.custody.evidence_pack.provenance_tree import Step, as_page, provenance_steps
from spmc_tools.custody.evidence_pack.sheets import as_sheet
from spmc_tools.custody.review.review import sound_manifest
from spmc_tools.custody.review.verify_pack import LEDGER, PACK_SIGNATURE, PACK_VERSION, RUN
from spmc_tools.errors import ParameterError, SpmcError, quote
from spmc_tools.report.page.render import bare_page, made_now
from spmc_tools.report.words.wording import LANGUAGES, Wording
from spmc_tools.resources import resource
from spmc_tools.signing.citations import cited
from spmc_tools.signing.cited_reports import cited_by, taken_back
from spmc_tools.signing.enrolment import ENROLLED, KeyBook, enrol, told_key
from spmc_tools.signing.manifest import PACK, files_below, run_folder
from spmc_tools.signing.officer_keys import fingerprint, ready_signer, signature_file
from spmc_tools.signing.twin_reports import BOTH, asked_for, reports_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from spmc_tools.case.store.case import Case
    from spmc_tools.signing.officer_keys import Signer

__all__ = ["write_pack"]

README = (
    "title", "what", "holds", "check", "check.alone", "signature", "ledger", "innocence", "rerun", "certificate",
    "limits", "custody",
)  # fmt: skip
_WHEN = (1980, 1, 1, 0, 0, 0)


def write_pack(case: Case, run_id: str, out: Path, signer: Signer | None = None) -> Path:
    """Write the evidence pack of a full report and return its path; it is whole or absent, and logged first.

    Parameters
    ----------
    case : Case
        Whose report it is.
    run_id, out : str, pathlib.Path
        A finished run, which is compared with what was recorded first; a new file whose name ends in ``.zip``.
    signer : Signer, optional
        The packer's key; else the one that ``SPMC_KEY_PASSPHRASE`` opens, where there is one.

    Raises
    ------
    ParameterError
        Where the run is a redacted one, or the file cannot be a new ZIP file.
    CaseError, IntegrityError, SpmcError
        Where there is no such run, it is not what was recorded, or the file cannot be written.
    """
    if out.suffix.lower() != ".zip" or os.path.lexists(out):
        raise ParameterError(f"--out: found {quote(out.name)}, wanted the name of a new file that ends in .zip.")
    folder = run_folder(case, run_id)
    manifest, _ = sound_manifest(case, folder)
    if (manifest.get("facts") or {}).get("edition") == "redacted":
        raise ParameterError(
            f"Run {run_id} is a redacted edition, and the custody log of a pack names files and accounts; "
            "pack the full edition, or hand over the folder of the redacted run."
        )
    signer = signer or ready_signer(case.officer)
    if signer is not None:
        enrol(case, signer)
    elif (known := KeyBook.of(case.ledger.entries()).current.get(name_key(case.officer))) is not None:
        raise ParameterError(
            f"{quote(case.officer)} signs in this case with the key {fingerprint(known)}, and a pack without that "
            "signature could be anybody's; pack it where the key is, and type its passphrase."
        )
    elif manifest.get("signer") is not None:
        raise ParameterError(
            f"Run {run_id} is signed, and {quote(case.officer)} has no key here: a pack of a signed report is signed "
            "too. Type spmc key new --as NAME, and pack it again."
        )
    files = _files(case, folder, manifest, signer)
    content = _listed(case, run_id, manifest, files, signer)
    files[PACK] = content
    if signer is not None:
        files[PACK_SIGNATURE] = signature_file(signer.key.told(), signer.sign(content))
    with whole_or_absent(out) as part:
        _zipped(part, files)
        case.log("pack", {"run_id": run_id, "file": out.name, "sha256": sha256_file(part)})
    return out


def _json(value: object) -> bytes:
    return (json.dumps(value, ensure_ascii=True, indent=1, sort_keys=True, default=str) + "\n").encode()


def _zipped(path: Path, files: Mapping[str, bytes]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name in sorted(files):
            info = zipfile.ZipInfo(name, _WHEN)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o600 << 16
            packed.writestr(info, files[name])
    path.chmod(0o600)
    sync_file(path)


def _files(case: Case, folder: Path, manifest: Mapping[str, Any], signer: Signer | None) -> dict[str, bytes]:
    """Return what the pack holds, without the list of it."""
    files = {f"{RUN}{name}": (folder / name).read_bytes() for name in files_below(folder)}
    steps = provenance_steps(case, folder.name)
    shown = {(step.platform, step.record_id) for step in steps if step.platform and step.record_id}
    files |= captures_of(case, shown)  # before the log is read, so that it tells of each
    files[LEDGER] = _ledger(case)
    keys = [manifest.get("signer"), *(review.payload.get("key") for review in reviews_of(case.ledger.entries()))]
    keys.append(None if signer is None else signer.key.told())
    keys += [entry["payload"] for entry in case.ledger.entries() if entry["kind"] == ENROLLED]
    for key in keys:
        if (told := told_key(key)) is not None:
            public = {"officer": told[0], "public_key": told[1], "fingerprint": fingerprint(told[1])}
            files[f"keys/{public['fingerprint'].replace(' ', '')}.json"] = _json(public)
    evidence = innocence(case, folder, manifest)
    inputs = [
        {"name": original["name"], "sha256": original["sha256"], "bytes": original["bytes"]}
        for original in manifest["inputs"]
    ]
    rerun = {"inputs": inputs, "lock": manifest.get("lock"), "notebook": manifest.get("notebook")}
    rerun |= {"parameters": manifest.get("parameters"), "seed": manifest.get("seed")}
    files["innocence.json"] = _json({**evidence, "rerun": rerun})
    page = {"case": case.id, "run": folder.name, "told": evidence, "rerun": rerun}
    posts = finding_posts.finding_posts(case, folder)
    files["posts.csv"] = as_sheet(posts, finding_posts.FindingPost)
    with library_files_in(case.path):
        files["posts.xlsx"] = finding_posts.as_workbook(posts)
    files["provenance.csv"] = as_sheet(steps, Step)
    first = next(iter(reports_of(manifest)), case.settings.language)
    for number, language in enumerate(asked_for(BOTH, LANGUAGES, first)):
        made_pages = {
            "innocence": bare_page("innocence.html.j2", page, language, "innocence.title"),
            "posts": finding_posts.as_page(case, folder.name, posts, language),
            "provenance": as_page(case, folder.name, steps, language),
        }
        ending = f".{language}.html" if number else ".html"
        files |= {f"{name}{ending}": text.encode("utf-8", "replace") for name, text in made_pages.items()}
    about = [{"path": f"original: {original['name']}", "sha256": original["sha256"]} for original in manifest["inputs"]]
    about += [
        {"path": name, "sha256": hashlib.sha256(files[name]).hexdigest()} for name in sorted(files) if RUN in name
    ]
    for language in ("en", "hi"):
        words = Wording(language)
        made = blocks(words, manifest, about)
        heading = words.say("certificate.draft").plain()
        files[f"certificate/{language}.docx"] = docx(made, heading)
        values = {"case": case.id, "blocks": made}
        html = bare_page("certificate.html.j2", values, language, "certificate.draft", heading)
        files[f"certificate/{language}.html"] = html.encode("utf-8", "replace")
        files[f"README.{language}.txt"] = _readme(case, folder.name, manifest, words)
    files |= _to_rerun(manifest)
    return files


def _ledger(case: Case) -> bytes:
    """Return the custody log as stored, one entry a line."""
    names = ("seq", "at", "officer", "kind", "payload", "prev", "hash")
    lines = [json.dumps(dict(zip(names, row, strict=True)), ensure_ascii=True) for row in case.ledger.rows()]
    return ("\n".join(lines) + "\n").encode()


def _to_rerun(manifest: Mapping[str, Any]) -> dict[str, bytes]:
    """Return notebook and lock where they are the ones that the run was made with."""
    found = {}
    for key, parts in (("notebook", ("notebooks",)), ("lock", ())):
        file_entry = manifest.get(key)
        if not isinstance(file_entry, dict):
            continue
        try:
            content = resource(*parts, str(file_entry["path"])).read_bytes()
        except (SpmcError, OSError):
            continue
        if hashlib.sha256(content).hexdigest() == file_entry["sha256"]:
            found[f"rerun/{file_entry['path']}"] = content
    return found


def _readme(case: Case, run_id: str, manifest: Mapping[str, Any], words: Wording) -> bytes:
    length, head = manifest["ledger"]["length"], manifest["ledger"]["head"]
    signer = manifest.get("signer")
    mark = signer["fingerprint"] if isinstance(signer, dict) else "–"
    values = {"case": case.id, "run": run_id, "length": length, "head": head, "mark": mark}
    entries = case.ledger.entries()
    results = {str(file["path"]): str(file["sha256"]) for file in manifest.get("results", [])}
    said = [words.say(f"pack.{name}", **values).plain() for name in README]
    reviews = standing(entries, results)
    told = [cited(review) for review in reviews]
    proven = upheld(reviews) and any(review["fingerprint"] for review in told)
    said.insert(2, words.say("review.names" if proven else "review.needed").plain())
    for review in told:
        key = review["fingerprint"]
        proof = words.say("review.key", mark=key) if key else words.say("review.not_authenticated")
        by = words.say("review.by", name=review["reviewer"], at=words.moment(review["at"]))
        said.insert(3, f"{by.plain()} {proof.plain()}")
    for gone in taken_back(entries, cited_by(manifest, entries)):
        details: dict[str, Any] = {"at": words.moment(gone["at"]), "officer": gone["officer"], "reason": gone["reason"]}
        said.insert(1, f"{words.say('cited.withdrawn', **details).plain()} {gone['run']}")
    if run_id in withdrawn(entries):
        said.insert(1, words.say("index.status.withdrawn").plain())
    return ("\n\n".join(said) + "\n").encode("utf-8", "replace")


def _listed(
    case: Case, run_id: str, manifest: Mapping[str, Any], files: Mapping[str, bytes], signer: Signer | None
) -> bytes:
    """Return the list of the pack; length and head are those of the log in it, whatever was logged since."""
    entries = [json.loads(line) for line in files[LEDGER].splitlines()]
    length, head = len(entries), entries[-1]["hash"] if entries else EMPTY_HEAD
    return _json(
        {
            "pack_version": PACK_VERSION,
            "case": case.id,
            "run_id": run_id,
            "made_at": made_now(),
            "made_by": case.officer,
            "ledger": {"length": length, "head": head},
            "signer": None if signer is None else signer.key.told(),
            "keys_entered": True,
            "originals": [{"name": original["name"], "sha256": original["sha256"]} for original in manifest["inputs"]],
            "files": [
                {"path": name, "bytes": len(files[name]), "sha256": hashlib.sha256(files[name]).hexdigest()}
                for name in sorted(files)
            ],
        }
    )
