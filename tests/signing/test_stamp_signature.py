"""The signature of a time stamp, made by hand in DER: each part spoilt alone is told, by program and by checker."""

from __future__ import annotations

import base64
import copy
import datetime as dt
import hashlib
import random
import subprocess
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import nbformat
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from spmc_tools.custody.evidence_pack.evidence_pack import write_pack
from spmc_tools.custody.review.verify import verify
from spmc_tools.signing.manifest import STAMP, write_manifest
from spmc_tools.signing.time_stamp import read_stamp
from tests.custody.review.test_two_checkers import ALONE, said_by_both
from tests.forgery import forge_pack, zip_contents, zipped

if TYPE_CHECKING:
    from pathlib import Path

    from spmc_tools.case.store.case import Case

AT = dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.UTC)
STAMPED = b"what is stamped"
STAMP_ONLY = [ExtendedKeyUsageOID.TIME_STAMPING]
KEYS: dict[str, Any] = {
    "rsa": rsa.generate_private_key(65537, 2048),
    "p256": ec.generate_private_key(ec.SECP256R1()),
    "p384": ec.generate_private_key(ec.SECP384R1()),
    "ed25519": ed25519.Ed25519PrivateKey.generate(),
    "p521": ec.generate_private_key(ec.SECP521R1()),
}


def der(tag: int, *parts: bytes) -> bytes:
    value = b"".join(parts)
    n = len(value)
    size = bytes([n]) if n < 128 else bytes([0x80 | (k := (n.bit_length() + 7) // 8)]) + n.to_bytes(k, "big")
    return bytes([tag]) + size + value


def oid(text: str) -> bytes:
    first, second, *rest = map(int, text.split("."))
    out = bytes([40 * first + second])
    for number in rest:
        groups = [number & 127]
        while number := number >> 7:
            groups.append(number & 127 | 128)
        out += bytes(reversed(groups))
    return der(6, out)


def integer(n: int) -> bytes:
    return der(2, n.to_bytes(n.bit_length() // 8 + 1, "big"))


SHA256 = der(0x30, oid("2.16.840.1.101.3.4.2.1"), der(5))


@dataclass
class Made:
    """A time stamp as it should be; each test spoils one part."""

    key: str = "rsa"
    content: bytes = STAMPED
    usage: list[x509.ObjectIdentifier] | None = field(default_factory=lambda: list(STAMP_ONLY))
    critical: bool = True
    begins: dt.datetime = AT - dt.timedelta(days=1)
    ends: dt.datetime = AT + dt.timedelta(days=1)
    kind: str = "1.2.840.113549.1.9.16.1.4"
    told_kind: str = "1.2.840.113549.1.9.16.1.4"
    digest: bytes | None = None
    named: bytes | None = None
    names_one: bool = True
    signed_by: str | None = None
    signed: bytes | None = None
    with_certificate: bool = True
    status: int = 0
    behind: bytes = b""
    twice: bool = False
    nonce: int = 0x1234

    def certificate(self) -> x509.Certificate:
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Clock")])
        key = KEYS[self.key]
        built = x509.CertificateBuilder(name, name, key.public_key(), 7, self.begins, self.ends)
        if self.usage is not None:
            built = built.add_extension(x509.ExtendedKeyUsage(self.usage), critical=self.critical)
        else:
            built = built.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        return built.sign(key, None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256())

    def signature(self, content: bytes) -> tuple[bytes, str]:
        key = KEYS[self.signed_by or self.key]
        if isinstance(key, rsa.RSAPrivateKey):
            return key.sign(content, padding.PKCS1v15(), hashes.SHA256()), "1.2.840.113549.1.1.1"
        if isinstance(key, ed25519.Ed25519PrivateKey):
            return key.sign(content), "1.3.101.112"
        return key.sign(content, ec.ECDSA(hashes.SHA256())), "1.2.840.10045.4.3.2"

    def token(self) -> bytes:
        info = der(
            0x30, integer(1), oid("1.2.3.4.1"), der(0x30, SHA256, der(4, hashlib.sha256(self.content).digest())),
            integer(5), der(0x18, AT.strftime("%Y%m%d%H%M%SZ").encode()), integer(self.nonce),
        )  # fmt: skip
        code = self.certificate().public_bytes(Encoding.DER)
        named = hashlib.sha256(self.named or code).digest()
        v2 = der(0x30, oid("1.2.840.113549.1.9.16.2.47"), der(0x31, der(0x30, der(0x30, der(0x30, der(4, named))))))
        said = [
            der(0x30, oid("1.2.840.113549.1.9.3"), der(0x31, oid(self.told_kind))),
            der(0x30, oid("1.2.840.113549.1.9.4"), der(0x31, der(4, self.digest or hashlib.sha256(info).digest()))),
            *([v2] if self.names_one else []),
        ]
        said += said[:1] * self.twice
        signature, way = self.signature(self.signed or der(0x31, *said))
        issuer = self.certificate().issuer.public_bytes()
        signer = der(
            0x30, integer(1), der(0x30, issuer, integer(7)), SHA256, der(0xA0, *said), der(0x30, oid(way)),
            der(4, signature),
        )  # fmt: skip
        signed = der(
            0x30, integer(3), der(0x31, SHA256), der(0x30, oid(self.kind), der(0xA0, der(4, info))),
            der(0xA0, code) if self.with_certificate else b"", der(0x31, signer),
        )  # fmt: skip
        return der(0x30, oid("1.2.840.113549.1.7.2"), der(0xA0, signed))

    def answer(self) -> bytes:
        return der(0x30, der(0x30, integer(self.status)), self.token()) + self.behind


def said(answer: bytes, content: bytes = STAMPED) -> tuple[str | None, str | None]:
    """What program and checker find wrong with an answer."""
    stamp, alone = read_stamp(answer, content), ALONE.stamp_in(answer)
    if alone is not None and alone["digest"] != hashlib.sha256(content).hexdigest():
        alone = None
    return "none" if stamp is None else stamp.fault, "none" if alone is None else alone["fault"]


@pytest.mark.parametrize("key", ["rsa", "p256", "p384", "ed25519"])
def test_a_sound_one_by_hand(key: str) -> None:
    answer = Made(key).answer()
    assert said(answer) == (None, None)
    stamp, alone = read_stamp(answer, STAMPED), ALONE.stamp_in(answer)
    assert stamp is not None and stamp.at == alone["at"] == AT.isoformat()
    assert (f"{stamp.nonce:x}", stamp.policy) == (alone["nonce"], alone["policy"]) == ("1234", "1.2.3.4.1")
    assert alone["unseen"] is None
    bad = bytearray(answer)
    bad[-1] ^= 1
    assert said(bytes(bad)) == ("its signature does not fit", "its signature does not fit")


def test_a_key_that_is_not_that_of_its_certificate_by_another_of_its_kind() -> None:
    made, other = Made("p256"), Made("p256")
    other_key = ec.generate_private_key(ec.SECP256R1())
    answer = made.answer()
    KEYS["other"] = other_key
    other.signed_by = "other"
    assert said(answer) == (None, None)
    assert said(other.answer()) == ("its signature does not fit", "its signature does not fit")


def test_a_way_that_the_checker_does_not_know_is_said() -> None:
    answer = Made("p521").answer()
    assert said(answer) == (None, None)
    assert "this file does not know its way of signing" in ALONE.stamp_in(answer)["unseen"]


SPOILT: dict[str, tuple[dict[str, Any], str]] = {
    "other bytes": ({"content": b"other"}, "none"),
    "refused": ({"status": 2}, "none"),
    "bytes behind": ({"behind": b"\0"}, "none"),
    "another kind": ({"kind": "1.2.840.113549.1.7.1"}, "what is signed is no time stamp"),
    "another kind in what is signed": ({"told_kind": "1.2.840.113549.1.7.1"}, "what is signed is no time stamp"),
    "another digest": ({"digest": b"x" * 32}, "what it says is not what was signed"),
    "no use": ({"usage": None}, "the certificate of its signer is not for time stamps"),
    "another use": ({"usage": [ExtendedKeyUsageOID.CODE_SIGNING]}, "the certificate of its signer is not for time"),
    "a use more": ({"usage": [*STAMP_ONLY, ExtendedKeyUsageOID.SERVER_AUTH]}, "is not for time stamps alone"),
    "a use that may be left aside": ({"critical": False}, "is not for time stamps alone"),
    "not yet valid": ({"begins": AT + dt.timedelta(seconds=1)}, "was not valid at the time that it tells"),
    "no longer valid": ({"ends": AT - dt.timedelta(seconds=1)}, "was not valid at the time that it tells"),
    "another certificate": ({"named": b"x"}, "another certificate is in it than was signed"),
    "no certificate named": ({"names_one": False}, "it does not say with which certificate it was signed"),
    "another key": ({"signed_by": "p256"}, "its signature does not fit"),
    "other attributes": ({"signed": b"x"}, "its signature does not fit"),
    "said twice": ({"twice": True}, "it says something twice of what was signed"),
    "without a certificate": ({"with_certificate": False}, "its signature cannot be read"),
}


@pytest.mark.parametrize("what", SPOILT)
def test_each_part_spoilt_alone_is_told_by_both(what: str) -> None:
    changed, sentence = SPOILT[what]
    made = copy.copy(Made())
    for name, value in changed.items():
        setattr(made, name, value)
    if what in {"refused", "another kind", "said twice"}:  # the library reads no such answer; the checker may say why
        assert None not in said(made.answer())
        return
    program, alone = said(made.answer())
    assert sentence in str(program) and alone is not None, (program, alone)


def test_openssl_takes_the_one_by_hand(tmp_path: Path) -> None:
    """A second route: the certificate is its own authority."""
    (tmp_path / "a.tsr").write_bytes(Made().answer())
    (tmp_path / "data").write_bytes(STAMPED)
    (tmp_path / "ca.pem").write_bytes(Made().certificate().public_bytes(Encoding.PEM))
    command = ["openssl", "ts", "-verify", "-in", "a.tsr", "-data", "data", "-CAfile", "ca.pem"]
    command += ["-attime", str(int(AT.timestamp()))]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
    assert b"Verification: OK" in done.stdout + done.stderr, done


def test_a_log_that_tells_of_another_question_or_a_forged_signature(small_case: Case, tmp_path: Path) -> None:
    folder = small_case.run_dir("one")
    (folder / "report.html").write_text("<p>made up</p>")
    nbformat.write(nbformat.v4.new_notebook(), folder / "notebook.ipynb")
    content = write_manifest(small_case, folder, status="complete").read_bytes()

    def stamped(made: Made, **others: Any) -> None:
        answer = made.answer()
        (folder / STAMP).write_bytes(answer)
        facts = {"run_id": "one", "manifest_sha256": hashlib.sha256(content).hexdigest()}
        facts |= {"answer_sha256": hashlib.sha256(answer).hexdigest(), "stamped_at": AT.isoformat(), "server": "x"}
        small_case.log("time_stamp", facts | {"nonce": "1234", "policy": "1.2.3.4.1"} | others)

    for made, others, sentence in (
        (Made(content=content), {}, None),
        (Made(content=content, nonce=9), {}, "it is the answer to another question than the custody log tells of"),
        (Made(content=content), {"policy": "1.2"}, "it is the answer to other rules of the authority"),
        (Made(content=content, signed_by="p256"), {}, "it is no sound time stamp: its signature does not fit"),
    ):
        stamped(made, **others)
        found = verify(folder, log=False)
        assert (sentence is None and found.whole) or str(sentence) in str(found.first_difference), found
        # in a pack: the dates are far from today, which is told, so that differences alone are compared
        if sentence is not None:
            continue
        whole = zip_contents(write_pack(small_case, "one", tmp_path / "p.zip"))
        other = Made(content=content, signed_by="p256").answer()

        def forge(rows: Any, _: Any, other: bytes = other) -> None:
            row = next(row for row in rows if row["kind"] == "time_stamp")
            row["payload"]["answer_sha256"] = hashlib.sha256(other).hexdigest()

        path = zipped(tmp_path / "f.zip", forge_pack({**whole, f"run/{STAMP}": other}, forge))
        program, alone, why = said_by_both(path)
        assert (program, alone) == ("differs", "differs")
        assert any("no sound time stamp" in one for one in why[2]) and any("no sound time" in one for one in why[0])


def test_an_answer_in_the_log_is_checked_as_well(small_case: Case) -> None:
    length, head = small_case.ledger.head()
    for made, whole in ((Made(), True), (Made(signed_by="p256"), False)):
        answer = made.answer()
        real = hashlib.sha256
        assert real(STAMPED).digest() in answer
        answer_of = answer.replace(real(STAMPED).digest(), bytes.fromhex(head))  # the signature no longer fits
        told = {"length": length, "head": head, "stamped_at": AT.isoformat(), "server": "x"}
        small_case.log("log_time_stamp", told | {"answer": base64.b64encode(answer_of).decode()})
        assert "holds no sound time stamp: what it says is not what was signed" in str(
            verify(small_case.path, log=False).differences
        ), whole


def test_a_byte_anywhere_is_told_by_both() -> None:
    """Outside of what is signed, too: the frame of the answer says nothing that could be changed unseen."""
    answer, chance = Made().answer(), random.Random(5)
    for place in [*range(0, 48), *(chance.randrange(len(answer)) for _ in range(30))]:
        changed = bytearray(answer)
        changed[place] ^= 1
        program, alone = said(bytes(changed))
        # numbers of versions and a list of hashes in use, which nothing rests on
        assert program is not None or place in {11, 34, *range(35, 53)}, place
        assert (program is None) == (alone is None), (place, program, alone)
