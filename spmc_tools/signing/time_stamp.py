"""A time stamp of an outside authority on the manifest of a run (RFC 3161), where a place has a server for it.

It is asked for by its command, or by itself (:mod:`spmc_tools.signing.automatic_stamps`). The server gets the SHA-256
of ``manifest.json`` and no word of the case, and answers with a signed statement of when it saw that hash; it lies
beside the manifest as ``manifest.tsr``, in the form in which ``openssl ts -verify`` reads it, too. So the report, and
the head of the custody log in its manifest, existed at that time: what the clock of this machine says need not be
believed.

Assumption: the authority's clock and key are its own. It does not say who made the report or that its content is true.
"""

from __future__ import annotations

import hashlib
import threading
import urllib.error
import urllib.request
from dataclasses import dataclass
from http.client import HTTPException
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from spmc_tools.case.files.durable import os_errors, write_file
from spmc_tools.errors import CaseError, InputError, ParameterError, RunError, quote
from spmc_tools.signing.manifest import MANIFEST, STAMP, run_folder
from spmc_tools.signing.stamp_signature import signature_fault

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from cryptography.x509 import Certificate

    from spmc_tools.case.store.case import Case

__all__ = [
    "KIND", "MOST_LOGGED", "Stamp", "ask_for_stamp", "asked_of", "authorities", "checked_address", "differs_from_asked",
    "logged_stamp", "read_stamp", "stamp_run", "unsound",
]  # fmt: skip

KIND = "time_stamp"
"""Kind of the entry in the custody log that holds the hash of the answer."""

TIMEOUT_S, MOST_BYTES = 20, 1 << 20
MOST_LOGGED = 256 << 10
"""An answer that is kept in the log itself is no longer."""

_TYPE = "application/timestamp-query"
_SHA256 = "2.16.840.1.101.3.4.2.1"


@dataclass(frozen=True, slots=True)
class Stamp:
    """What an answer says: ``at`` (ISO, UTC), ``serial``, ``trusted`` (signed under an authority that was given).

    ``trusted`` is None where no authority was given to compare with. ``fault``: what is wrong with its signature, which
    needs no authority (:mod:`spmc_tools.signing.stamp_signature`); None: nothing. ``nonce`` is the number of the
    question (None: none), ``policy`` the rules that the authority says it keeps to.
    """

    at: str
    serial: int
    trusted: bool | None
    fault: str | None = None
    nonce: int | None = None
    policy: str = ""


def stamp_run(case: Case, run_id: str, server: str, authority: Path | None = None, policy: str | None = None) -> Stamp:
    """Return the time stamp that a server puts on a run; it is kept beside the manifest and logged.

    Parameters
    ----------
    case : Case
        Whose run it is.
    run_id : str
        A finished run.
    server : str
        Address of the server, http or https.
    authority : pathlib.Path, optional
        The authority's certificate (PEM; the root, and others between): an answer not signed under it is refused.
    policy : str, optional
        Rules that the answer must name, as ``1.2.3``; None: any.

    Raises
    ------
    ParameterError
        Where the address is none.
    CaseError
        Where there is no such run, or it has a time stamp already.
    RunError
        Where the server does not answer, refuses, or answers for something else; nothing is kept then.
    """
    folder = run_folder(case, run_id)
    if (folder / STAMP).exists():
        raise CaseError(f"Run {run_id} has a time stamp already; it stays as it is.", key="stamp_there", run=run_id)
    content = (folder / MANIFEST).read_bytes()
    answer, stamp = ask_for_stamp(server, content, authority, policy)
    payload = {
        "run_id": run_id,
        "manifest_sha256": hashlib.sha256(content).hexdigest(),
        "answer_sha256": hashlib.sha256(answer).hexdigest(),
        "stamped_at": stamp.at,
        "server": server,
        **asked_of(stamp),
    }
    with os_errors(f"The time stamp of run {run_id} cannot be written"):
        write_file(folder / STAMP, answer)
    try:
        case.log(KIND, payload)
    except BaseException:
        (folder / STAMP).unlink(missing_ok=True)
        raise
    return stamp


def asked_of(stamp: Stamp) -> dict[str, str | None]:
    """Return what an entry of the log keeps of the question, and of the rules that the answer names."""
    return {"nonce": None if stamp.nonce is None else f"{stamp.nonce:x}", "policy": stamp.policy}


def unsound(stamp: Stamp | None, of: str) -> str | None:
    """Say what an answer is instead of a sound time stamp of something; None: it is one.

    Without a ``stamp`` it is no answer about that thing. Who signed it may still be open: ``trusted`` says so.
    """
    if stamp is None:
        return f"no time stamp of {of}"
    if stamp.fault is not None:
        return f"no sound time stamp: {stamp.fault}"
    return "no time stamp signed under the authority that was given" if stamp.trusted is False else None


def differs_from_asked(stamp: Stamp, told: Mapping[str, Any]) -> str | None:
    """Say where an answer is to another question than the log tells of, or under other rules; None: nowhere.

    Entries of an older version of the program tell of neither.
    """
    for name, what in (("nonce", "another question"), ("policy", "other rules of the authority")):
        if name in told and told[name] != asked_of(stamp)[name]:
            return what
    return None


def ask_for_stamp(
    server: str, content: bytes, authority: Path | None = None, policy: str | None = None
) -> tuple[bytes, Stamp]:
    """Return a server's answer about some bytes, and what it says; the server gets their SHA-256.

    Parameters
    ----------
    server : str
        Its address.
    content : bytes
        What is stamped.
    authority, policy : pathlib.Path or None, str or None
        As for :func:`stamp_run`; so are the errors of address and answer.
    """
    from rfc3161_client import HashAlgorithm, TimestampRequestBuilder

    address = checked_address(server)
    roots = None if authority is None else authorities(authority)
    asked = TimestampRequestBuilder().data(content).hash_algorithm(HashAlgorithm.SHA256).cert_request(cert_request=True)
    request = asked.build()
    answer = _ask(address, request.as_bytes())
    stamp = read_stamp(answer, content, roots, nonce=request.nonce)
    other_rules = stamp is not None and policy is not None and stamp.policy != policy
    if stamp is None or stamp.trusted is False or stamp.fault is not None or other_rules:
        what = (
            "for something else, or cannot be read"
            if stamp is None
            else f"not sound: {stamp.fault}"
            if stamp.fault is not None
            else "under another authority than the one given"
            if stamp.trusted is False
            else f"under other rules than the ones asked for ({quote(stamp.policy, 60)})"
        )
        said = f"The answer of {quote(address, 120)} is {what}; no time stamp was kept."
        raise RunError(said, key="stamp_other" if stamp is not None else "stamp_unread", server=quote(address, 120))
    return answer, stamp


def checked_address(server: str) -> str:
    """Return the address of a time-stamp server.

    Raises
    ------
    ParameterError
        Where it is none.
    """
    try:
        parts = urlsplit(server)
        good = parts.scheme in {"http", "https"} and bool(parts.hostname) and not parts.username and not parts.password
    except ValueError:
        good = False
    if not good:
        raise ParameterError(
            f"--server: found {quote(server, 120)}, wanted the address of a time-stamp server; "
            "type for example --server http://tsa.example.gov/.",
            key="stamp_address",
            found=quote(server, 120),
        )
    return server


def _ask(address: str, request: bytes) -> bytes:
    """Return the answer; a server that answers without an end is left after its time, whatever it says meanwhile."""
    said: list[bytes | RunError] = []
    asking = threading.Thread(target=lambda: said.append(_attempt(address, request)), daemon=True)
    asking.start()
    asking.join(TIMEOUT_S)
    found = said[0] if said else _silent(address, f"it took longer than {TIMEOUT_S:g} s")
    if isinstance(found, RunError):
        raise found
    return found


def _silent(address: str, why: str) -> RunError:
    return RunError(
        f"The time-stamp server {quote(address, 120)} does not answer ({why}); the report is whole without it, "
        "and the same command can be tried again later.",
        key="stamp_silent",
        server=quote(address, 120),
    )


def _attempt(address: str, request: bytes) -> bytes | RunError:
    asked = urllib.request.Request(address, data=request, headers={"Content-Type": _TYPE}, method="POST")  # noqa: S310 -- http(s) alone
    where = quote(address, 120)
    try:
        with urllib.request.urlopen(asked, timeout=TIMEOUT_S) as answer:  # noqa: S310
            content: bytes = answer.read(MOST_BYTES + 1)
    except urllib.error.HTTPError as error:
        said = f"The time-stamp server {where} refused (HTTP {error.code}); no time stamp was kept."
        return RunError(said, key="stamp_refused", server=where, code=error.code)
    except (OSError, ValueError, HTTPException) as error:
        return _silent(address, quote(getattr(error, "reason", None) or error, 120))
    if len(content) > MOST_BYTES:
        return RunError(f"The answer of {where} is too long for a time stamp; none was kept.")
    return content


def read_stamp(
    answer: bytes,
    content: bytes | None,
    roots: Sequence[Certificate] | None = None,
    *,
    nonce: int | None = None,
    digest: bytes | None = None,
) -> Stamp | None:
    """Return what an answer says of some bytes; None where it cannot be read, refuses, or is about other bytes.

    Parameters
    ----------
    answer : bytes
        As the server gave it.
    content : bytes or None
        What it should be about, as a manifest.
    roots : sequence of certificates, optional
        The authority, root and others between; None: its signature is not compared with anybody.
    nonce : int, optional
        The number that the question held.
    digest : bytes, optional
        The SHA-256 of what it should be about, where the content is not at hand.
    """
    from rfc3161_client import decode_timestamp_response
    from rfc3161_client.tsp import PKIStatus

    try:
        read: Any = decode_timestamp_response(answer)
        if PKIStatus(read.status) is not PKIStatus.GRANTED:
            return None
        stamp_info = read.tst_info
        imprint = stamp_info.message_imprint
        told = hashlib.sha256(content or b"").digest() if digest is None else digest
        if imprint.hash_algorithm.dotted_string != _SHA256 or imprint.message != told:
            return None
        if nonce is not None and stamp_info.nonce != nonce:
            return None
        if read.as_bytes() != answer:  # whatever is behind it was signed by nobody
            return None
        at, serial = stamp_info.gen_time, int(stamp_info.serial_number)
        policy, number = stamp_info.policy.dotted_string, stamp_info.nonce
        fault = signature_fault(read.time_stamp_token(), at)
    except (ValueError, TypeError, AttributeError):
        return None
    trusted = None if roots is None else fault is None and _signed_under(read, told, roots)
    return Stamp(at.isoformat(), serial, trusted, fault, number, policy)


def _signed_under(read: Any, digest: bytes, roots: Sequence[Certificate]) -> bool:
    from rfc3161_client import VerificationError, VerifierBuilder

    builder = VerifierBuilder()
    for certificate in roots:
        itself = certificate.issuer == certificate.subject
        builder = (
            builder.add_root_certificate(certificate) if itself else builder.add_intermediate_certificate(certificate)
        )
    try:
        return bool(builder.build().verify(read, digest))
    except (VerificationError, ValueError):
        return False


def authorities(path: Path) -> list[Certificate]:
    """Return the certificates in a PEM file.

    Raises
    ------
    InputError
        Where it cannot be read or holds none.
    """
    from cryptography.x509 import load_pem_x509_certificates

    try:
        return load_pem_x509_certificates(path.read_bytes()[:MOST_BYTES])
    except (OSError, ValueError):
        raise InputError(
            f"{quote(path.name)} holds no certificate that can be read; wanted a PEM file of the time-stamp authority.",
            key="stamp_no_certificate",
            name=quote(path.name),
        ) from None


def logged_stamp(entries: Sequence[Mapping[str, Any]], run_id: str) -> str | None:
    """Return the SHA-256 of the answer that the custody log tells of for a run; None where it tells of none."""
    found = [e["payload"] for e in entries if e["kind"] == KIND and e["payload"].get("run_id") == run_id]
    return str(found[-1].get("answer_sha256")) if found else None
