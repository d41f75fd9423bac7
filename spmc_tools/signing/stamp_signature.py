"""Whether the signature of a time stamp (RFC 3161) holds by itself, whoever signed it: no authority need be known.

The token is a signed message (CMS, RFC 5652). Checked is that there is one signer, whose certificate is in it, is for
time stamps alone (critical, RFC 3161 2.3) and was valid at the time that it tells; that the signed attributes name the
time-stamp content, its digest and that certificate (RFC 5816); and that the certificate's key signed them. Whether the
certificate is that of an authority, :func:`~spmc_tools.signing.time_stamp.read_stamp` asks where one is given.

Assumption: DER, as the standard asks of time stamps. Whether the certificate was revoked is not looked up: that takes a
network.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from cryptography.hazmat.primitives.hashes import HashAlgorithm
    from cryptography.x509 import Certificate

__all__ = ["signature_fault"]

_SEQUENCE, _SET, _OCTETS, _OID, _INTEGER, _FIRST = 0x30, 0x31, 0x04, 0x06, 0x02, 0xA0
_SIGNED_DATA, _STAMP_CONTENT = "2a864886f70d010702", "2a864886f70d0109100104"
_CONTENT_TYPE, _DIGEST = "2a864886f70d010903", "2a864886f70d010904"
_NAMED_CERTIFICATE = {"2a864886f70d010910020c": "sha1", "2a864886f70d010910022f": "sha256"}
_DIGESTS = {
    "608648016503040201": "sha256", "608648016503040202": "sha384", "608648016503040203": "sha512",
}  # fmt: skip
_SIGNED_WITH = {
    "2a864886f70d01010b": "sha256", "2a864886f70d01010c": "sha384", "2a864886f70d01010d": "sha512",
    "2a8648ce3d040302": "sha256", "2a8648ce3d040303": "sha384", "2a8648ce3d040304": "sha512",
}  # fmt: skip
_PLAIN_RSA, _PSS = "2a864886f70d010101", "2a864886f70d01010a"


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of DER: its tag, what is in it, and all of its bytes."""

    tag: int
    value: bytes
    whole: bytes

    def parts(self) -> list[_Part]:
        return _parts(self.value)

    def __getitem__(self, number: int) -> _Part:
        return _parts(self.value)[number]


def _parts(code: bytes) -> list[_Part]:
    """Return the parts that lie one after the other.

    Raises
    ------
    ValueError
        Where a length is not written in the one way of DER, or goes beyond the end.
    """
    found, at = [], 0
    while at < len(code):
        begin, tag, length, at = at, code[at], code[at + 1], at + 2
        if length > 0x7F:
            n = length & 0x7F
            length, at = int.from_bytes(code[at : at + n], "big"), at + n
            if not 1 <= n <= 4 or length <= 0x7F or length >> 8 * (n - 1) == 0:
                raise ValueError("no length of DER")
        if at + length > len(code):
            raise ValueError("cut off")
        found.append(_Part(tag, code[at : at + length], code[begin : at + length]))
        at += length
    return found


def signature_fault(token: bytes, at: datetime) -> str | None:
    """Say what is wrong with the signature of a time stamp; None: nothing.

    Parameters
    ----------
    token : bytes
        The signed message (DER).
    at : datetime.datetime
        The time that it tells.
    """
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.x509 import DuplicateExtension, InvalidVersion, UnsupportedGeneralNameType

    odd = (UnsupportedAlgorithm, DuplicateExtension, InvalidVersion, UnsupportedGeneralNameType)
    try:
        return _fault(token, at)
    except (ValueError, IndexError, KeyError, TypeError, StopIteration, OverflowError, *odd):
        return "its signature cannot be read"


def _fault(token: bytes, at: datetime) -> str | None:
    from cryptography.x509 import load_der_x509_certificate

    (message,) = _parts(token)
    kind, (signed,) = message[0], message[1].parts()
    if kind.value.hex() != _SIGNED_DATA:
        return "it is no signed message"
    fields = signed.parts()
    content, (signer,) = fields[2], fields[-1].parts()
    if content[0].value.hex() != _STAMP_CONTENT or content[1][0].tag != _OCTETS:
        return "what is signed is no time stamp"
    stamp = content[1][0].value
    inside = next(part for part in fields if part.tag == _FIRST)
    certificates = [load_der_x509_certificate(one.whole) for one in inside.parts() if one.tag == _SEQUENCE]
    version, named, digest, attributes, way, signature = signer.parts()[:6]
    if (version.tag, named.tag, attributes.tag, signature.tag) != (_INTEGER, _SEQUENCE, _FIRST, _OCTETS):
        return "its signature is of another form than a time stamp has"
    mine = [one for one in certificates if _is_named(one, named)]
    if len(mine) != 1:
        return "the certificate of its signer is not in it"
    fault = _of_certificate(mine[0], at) or _of_attributes(attributes, stamp, digest, mine[0])
    if fault is None and not _signs(mine[0], signature.value, attributes, way, digest):
        fault = "its signature does not fit"
    return fault


def _is_named(certificate: Certificate, named: _Part) -> bool:
    issuer, number = named.parts()
    return certificate.issuer.public_bytes() == issuer.whole and certificate.serial_number == int.from_bytes(
        number.value, "big", signed=True
    )


def _of_certificate(certificate: Certificate, at: datetime) -> str | None:
    from cryptography.x509 import ExtendedKeyUsage, ExtensionNotFound
    from cryptography.x509.oid import ExtendedKeyUsageOID

    try:
        usage = certificate.extensions.get_extension_for_class(ExtendedKeyUsage)
    except ExtensionNotFound:
        return "the certificate of its signer is not for time stamps"
    if not usage.critical or list(usage.value) != [ExtendedKeyUsageOID.TIME_STAMPING]:
        return "the certificate of its signer is not for time stamps alone"
    if not certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc:
        return "the certificate of its signer was not valid at the time that it tells"
    return None


def _of_attributes(attributes: _Part, stamp: bytes, digest: _Part, certificate: Certificate) -> str | None:
    said: dict[str, _Part] = {}
    for one in attributes.parts():
        kind, values = one.parts()
        (value,) = values.parts()
        if said.setdefault(kind.value.hex(), value) is not value:
            return "it says something twice of what was signed"
    name = _DIGESTS[digest[0].value.hex()]
    if said[_CONTENT_TYPE].value.hex() != _STAMP_CONTENT:
        return "what is signed is no time stamp"
    if said[_DIGEST].value != hashlib.new(name, stamp).digest():
        return "what it says is not what was signed"
    from cryptography.hazmat.primitives.serialization import Encoding

    code = certificate.public_bytes(Encoding.DER)
    for attribute, how in _NAMED_CERTIFICATE.items():
        if attribute in said:
            parts = said[attribute][0][0].parts()  # of SigningCertificate, its list, the first one of that
            named = _DIGESTS[parts[0][0].value.hex()] if parts[0].tag == _SEQUENCE else how
            told = parts[1] if parts[0].tag == _SEQUENCE else parts[0]
            if told.value != hashlib.new(named, code, usedforsecurity=False).digest():
                return "another certificate is in it than was signed"
    if not said.keys() & _NAMED_CERTIFICATE.keys():
        return "it does not say with which certificate it was signed"
    return None


def _signs(certificate: Certificate, signature: bytes, attributes: _Part, way: _Part, digest: _Part) -> bool:
    """Say whether a certificate's key signed the attributes: as a set, which they are in what is signed."""
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa

    content = bytes([_SET]) + attributes.whole[1:]
    key, kind = certificate.public_key(), way[0].value.hex()
    how = _hash(_SIGNED_WITH.get(kind) or _DIGESTS[digest[0].value.hex()])
    try:
        if isinstance(key, rsa.RSAPublicKey) and (kind == _PLAIN_RSA or kind in _SIGNED_WITH):
            key.verify(signature, content, padding.PKCS1v15(), how)
        elif isinstance(key, rsa.RSAPublicKey) and kind == _PSS:
            key.verify(signature, content, padding.PSS(padding.MGF1(how), padding.PSS.AUTO), how)
        elif isinstance(key, ec.EllipticCurvePublicKey) and kind in _SIGNED_WITH:
            key.verify(signature, content, ec.ECDSA(how))
        elif isinstance(key, ed25519.Ed25519PublicKey):
            key.verify(signature, content)
        else:
            return False
    except (InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def _hash(name: str) -> HashAlgorithm:
    from cryptography.hazmat.primitives import hashes

    return {"sha256": hashes.SHA256(), "sha384": hashes.SHA384(), "sha512": hashes.SHA512()}[name]
