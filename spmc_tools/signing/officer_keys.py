"""Keys of officers: one Ed25519 key each, in a file of its own that a passphrase locks.

The key lies outside every case, in ``SPMC_OFFICER_KEYS``, else in ``.config/spmc/officers`` of the user's home, mode
0600, as PKCS 8, encrypted with what scrypt makes of the passphrase: half a second and 128 MB for each guess. A key that
an older version locked with PBKDF2 is locked anew when it is next opened. Beside it lies the public key, which all may
have. After a rotation the old public key stays, with a statement that the old key signed: signatures made with it can
still be checked.

A signature shows that whoever held the key and knew its passphrase signed exactly these bytes. Whose key it is, people
must tell each other: compare the fingerprint by voice or on paper.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
import unicodedata
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spmc_tools.case.files.durable import os_errors, write_file
from spmc_tools.case.files.officer_names import name_key
from spmc_tools.case.log.ledger import canonical_json
from spmc_tools.errors import IntegrityError, ParameterError, quote
from spmc_tools.operating_system import open_descriptor, others_may_read

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

__all__ = [
    "PASSPHRASE",
    "OfficerKey",
    "Signer",
    "fingerprint",
    "keys_here",
    "make_key",
    "read_key",
    "ready_signer",
    "rotate_key",
    "signature_file",
    "signature_fits",
    "signed_by",
    "unlock",
]

PASSPHRASE = "SPMC_KEY_PASSPHRASE"  # noqa: S105 -- the name of the variable
"""Environment variable that holds the passphrase where nobody can be asked."""

SHORTEST, FEWEST_LETTERS = 10, 5
_PRIVATE, _PUBLIC = "key.pem", "public.json"
_COST, _BLOCK, _LANES = 1 << 17, 8, 1
_LOCK = re.compile(rb"scrypt n=([0-9]{1,8}) r=([0-9]{1,2}) p=([0-9]) salt=([0-9a-f]{32})\n")
_MOST_MEMORY = 1 << 30


@dataclass(frozen=True, slots=True)
class OfficerKey:
    """The public half of an officer's key; ``made_at`` is ISO in UTC, ``path`` the folder it lies in."""

    officer: str
    public_key: str
    made_at: str
    path: Path = field(repr=False)

    @property
    def fingerprint(self) -> str:
        """By which people tell each other whose key it is."""
        return fingerprint(self.public_key)

    def told(self) -> dict[str, str]:
        """Return what goes into a report, a pack or the log."""
        return {"officer": self.officer, "public_key": self.public_key, "fingerprint": self.fingerprint}


@dataclass(frozen=True, slots=True)
class Signer:
    """An unlocked key."""

    key: OfficerKey
    _private: Ed25519PrivateKey = field(repr=False)

    def sign(self, content: bytes) -> str:
        """Return the Ed25519 signature of some bytes, in hex."""
        return self._private.sign(content).hex()


def _home() -> Path:
    named = os.environ.get("SPMC_OFFICER_KEYS")
    return Path(named) if named else Path.home() / ".config" / "spmc" / "officers"


def _folder(officer: str) -> Path:
    key = name_key(officer)
    if not key:
        raise ParameterError(f"{quote(officer)} is no name of an officer; type a name.")
    return _home() / hashlib.sha256(key.encode()).hexdigest()[:24]


def fingerprint(public_key: str) -> str:
    """Return the first half of the SHA-256 of a public key (hex), in groups of four."""
    digest = hashlib.sha256(bytes.fromhex(public_key)).hexdigest()[:32]
    return " ".join(digest[i : i + 4] for i in range(0, 32, 4))


def read_key(officer: str) -> OfficerKey | None:
    """Return the public half of an officer's key; None where there is none.

    Raises
    ------
    IntegrityError
        Where its file cannot be read as one.
    """
    folder = _folder(officer)
    if not (folder / _PRIVATE).exists():
        return None
    try:
        stored = json.loads((folder / _PUBLIC).read_bytes())
        key = OfficerKey(str(stored["officer"]), str(stored["public_key"]), str(stored["made_at"]), folder)
        if len(bytes.fromhex(key.public_key)) != 32:
            raise ValueError
    except (OSError, ValueError, KeyError, TypeError):
        raise IntegrityError(
            f"The public key of {quote(officer)} is missing or damaged; restore the folder of officers' keys."
        ) from None
    return key


def keys_here(officer: str) -> list[str]:
    """Return the public keys that this machine has of an officer: the one that holds, then older ones; never fails."""
    found = []
    try:
        folder = _folder(officer)
        for path in (folder / _PUBLIC, *sorted(folder.glob("old-*.json"))):
            stored = json.loads(path.read_bytes())
            public = str(stored.get("replaced", stored)["public_key"])
            if len(bytes.fromhex(public)) == 32:
                found.append(public)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, ParameterError):
        return found
    return found


def _checked_passphrase(passphrase: str) -> bytes:
    text = unicodedata.normalize("NFC", passphrase)
    if len(text) < SHORTEST:
        said = f"A passphrase needs at least {SHORTEST} characters; choose a longer one."
        raise ParameterError(said, key="passphrase_short", least=SHORTEST)
    if len(set(text)) < FEWEST_LETTERS:
        said = f"A passphrase needs at least {FEWEST_LETTERS} different characters; choose another one."
        raise ParameterError(said, key="passphrase_alike", least=FEWEST_LETTERS)
    return text.encode()


def _stretched(passphrase: bytes, cost: int, block: int, lanes: int, salt: bytes) -> bytes:
    """Return what scrypt makes of a passphrase, as text: that is what PKCS 8 is encrypted with."""
    key = hashlib.scrypt(passphrase, salt=salt, n=cost, r=block, p=lanes, maxmem=_MOST_MEMORY, dklen=32)
    return key.hex().encode()


def _locked(private: Ed25519PrivateKey, passphrase: bytes) -> bytes:
    from cryptography.hazmat.primitives import serialization as form

    salt = secrets.token_bytes(16)
    stretched = _stretched(passphrase, _COST, _BLOCK, _LANES, salt)
    pem = private.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, form.BestAvailableEncryption(stretched))
    return f"scrypt n={_COST} r={_BLOCK} p={_LANES} salt={salt.hex()}\n".encode() + pem


def _opened(content: bytes, passphrase: bytes) -> tuple[object, bool]:
    """Return the private key in a file, and whether it is locked as keys are locked now.

    Raises
    ------
    ValueError, TypeError
        Where the passphrase is another one, or the file is damaged.
    """
    from cryptography.hazmat.primitives import serialization as form

    lock = _LOCK.match(content)
    if lock is None:
        return form.load_pem_private_key(content, passphrase), False
    cost, block, lanes = (int(number) for number in lock.groups()[:3])
    stretched = _stretched(passphrase, cost, block, lanes, bytes.fromhex(lock[4].decode()))
    return form.load_pem_private_key(content[lock.end() :], stretched), cost * block * lanes >= _COST * _BLOCK * _LANES


def make_key(officer: str, passphrase: str) -> OfficerKey:
    """Make an officer's key and return its public half.

    Raises
    ------
    ParameterError
        Where the officer has one, or the passphrase has fewer than 10 characters.
    CaseError, SpmcError
        Where it cannot be written.
    """
    if read_key(officer) is not None:
        raise ParameterError(f"{quote(officer)} has a key already; type spmc key rotate to replace it.")
    return _written(officer.strip(), _checked_passphrase(passphrase), _folder(officer))


def _written(officer: str, passphrase: bytes, folder: Path) -> OfficerKey:
    from cryptography.hazmat.primitives import serialization as form
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    private = Ed25519PrivateKey.generate()
    public = private.public_key().public_bytes(form.Encoding.Raw, form.PublicFormat.Raw).hex()
    pem = _locked(private, passphrase)
    key = OfficerKey(officer, public, datetime.now(UTC).replace(microsecond=0).isoformat(), folder)
    with os_errors("The key of the officer cannot be written (SPMC_OFFICER_KEYS says where)"):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        content = {"officer": officer, "public_key": public, "made_at": key.made_at}
        write_file(folder / _PRIVATE, pem)
        write_file(folder / _PUBLIC, (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode())
    return key


def unlock(officer: str, passphrase: str) -> Signer:
    """Return an officer's key, ready to sign.

    Raises
    ------
    ParameterError
        Where the officer has no key, or the passphrase is another one.
    IntegrityError
        Where the file can be read by others, is damaged, or is not the key of the public half beside it.
    """
    from cryptography.hazmat.primitives import serialization as form
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    key = read_key(officer)
    if key is None:
        raise ParameterError(f"{quote(officer)} has no key here; type spmc key new --as NAME to make one.")
    path = key.path / _PRIVATE
    try:
        descriptor = open_descriptor(path, os.O_RDONLY)
        with os.fdopen(descriptor, "rb") as stream:
            if others_may_read(os.fstat(descriptor).st_mode):
                raise IntegrityError(f"The key of {quote(officer)} can be read by others; set its mode to 0600.")
            pem = stream.read(1 << 16)
    except OSError:
        raise IntegrityError(f"The key of {quote(officer)} cannot be read; restore it from its copy.") from None
    typed = unicodedata.normalize("NFC", passphrase).encode()
    try:
        private, as_now = _opened(pem, typed)
    except (ValueError, TypeError):
        raise ParameterError(
            f"The passphrase does not open the key of {quote(officer)}; type it again, or correct {PASSPHRASE}.",
            key="key_not_opened",
            officer=quote(officer),
        ) from None
    if not isinstance(private, Ed25519PrivateKey):
        raise IntegrityError(f"The key of {quote(officer)} is no Ed25519 key; restore it from its copy.")
    if private.public_key().public_bytes(form.Encoding.Raw, form.PublicFormat.Raw).hex() != key.public_key:
        raise IntegrityError(f"The key of {quote(officer)} does not fit the public key beside it; restore both.")
    if not as_now:
        with suppress(OSError):  # on a disk that cannot be written it is locked as before
            write_file(path, _locked(private, typed))
    return Signer(key, private)


def ready_signer(officer: str) -> Signer | None:
    """Return an officer's key unlocked with :data:`PASSPHRASE`; None where there is no key, or no passphrase is set.

    Raises
    ------
    ParameterError, IntegrityError
        As :func:`unlock`.
    """
    passphrase = os.environ.get(PASSPHRASE)
    if not passphrase or not name_key(officer) or read_key(officer) is None:
        return None
    return unlock(officer, passphrase)


def rotate_key(officer: str, passphrase: str, new_passphrase: str) -> OfficerKey:
    """Replace an officer's key by a new one; the old one signs that it is, its public half stays, the rest goes.

    Raises
    ------
    ParameterError, IntegrityError
        As :func:`unlock` and :func:`make_key`; the old key then stays as it was.
    """
    old = unlock(officer, passphrase)
    ready = _checked_passphrase(new_passphrase)
    folder = old.key.path
    kept = folder / f"old-{old.key.public_key[:16]}.json"
    with os_errors("The old public key cannot be kept"):
        write_file(
            kept, (json.dumps({**old.key.told(), "made_at": old.key.made_at}, ensure_ascii=False) + "\n").encode()
        )
    new = _written(old.key.officer, ready, folder)
    statement: dict[str, Any] = {"replaced": old.key.told(), "by": new.told(), "at": new.made_at}
    statement["signature"] = old.sign(canonical_json(statement).encode())
    with os_errors("The statement of the rotation cannot be kept"):
        write_file(kept, (json.dumps(statement, ensure_ascii=False, indent=1) + "\n").encode())
    return new


def signed_by(public_key: object, signature: object, content: bytes) -> bool:
    """Tell whether a signature (hex) of some bytes was made with the key of this public half (hex)."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(str(public_key))).verify(
            bytes.fromhex(str(signature)), content
        )
    except (ValueError, InvalidSignature):
        return False
    return True


def signature_file(told: Mapping[str, Any], signature: str) -> bytes:
    """Return the file of a signature: the key that made it, as :meth:`OfficerKey.told` says it, and its hex."""
    return (json.dumps({"algorithm": "Ed25519", **told, "signature": signature}, indent=1) + "\n").encode()


def signature_fits(signer: Mapping[str, Any], signature: bytes, content: bytes) -> bool:
    """Tell whether a file of a signature holds one of this content, with the key that is named, and nothing else.

    The file is one of the two that the program writes, to the byte (keys in their order or sorted): another officer's
    name in it, or other letters of the same hex, are changes too.
    """
    try:
        said = str(json.loads(signature)["signature"])
        key = {name: signer[name] for name in ("officer", "public_key", "fingerprint")}
        whole = signature_file(key, said)
        in_order = (json.dumps(json.loads(whole), indent=1, sort_keys=True) + "\n").encode()
        same = signature in (whole, in_order) and re.fullmatch("[0-9a-f]{128}", said) is not None
        return same and signed_by(key["public_key"], said, content)
    except (ValueError, KeyError, TypeError, RecursionError):
        return False
