"""Stand-ins for account ids: keyed, the same within a case, without meaning outside it.

A pseudonym is ``A-`` and the HMAC-SHA256 of the id under the key of the case, in base 32 without I, L, O and U.
The key lies outside the case folder, so that a copied case does not give its names away.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

from spmc_tools.case.files.durable import os_errors, sync_dir
from spmc_tools.errors import CaseError, IntegrityError
from spmc_tools.operating_system import open_descriptor, others_may_read

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["fingerprint", "key_file", "make_key", "pseudonyms", "read_key"]

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_SHORTEST = 8
_LONGEST = 51


def _keys_dir() -> Path:
    named = os.environ.get("SPMC_KEYS")
    return Path(named) if named else Path.home() / ".config" / "spmc" / "keys"


def key_file(case_id: str, case_uid: str) -> Path:
    """Return where the key of a case lies: in ``SPMC_KEYS``, else in ``.config/spmc/keys`` of the user's home."""
    return _keys_dir() / f"{case_id}-{case_uid}.key"


def make_key(path: Path, case_dir: Path) -> bytes:
    """Make a new random key file, mode 0600, and return the key.

    Raises
    ------
    CaseError
        Where the folder of keys lies inside the case, or cannot be written.
    """
    if path.resolve().is_relative_to(case_dir.resolve()):
        raise CaseError("The key of a case must lie outside its folder; set SPMC_KEYS to another folder.")
    key = secrets.token_bytes(32)
    with os_errors("The key of the case cannot be written (SPMC_KEYS says where)"):
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = open_descriptor(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY)
        with os.fdopen(descriptor, "w", encoding="ascii", newline="\n") as stream:
            stream.write(key.hex() + "\n")
            stream.flush()
            os.fsync(descriptor)
        sync_dir(path.parent)
    return key


def read_key(path: Path, wanted_fingerprint: str) -> bytes:
    """Return the key in a file.

    Raises
    ------
    IntegrityError
        Where it is missing, readable by others, or not the key that the custody log tells of.
    """
    where = f"the key file {path.name}"
    try:
        with path.open("rb") as stream:
            mode = os.fstat(stream.fileno()).st_mode
            text = stream.read(200)
    except OSError:
        raise IntegrityError(
            f"{where} of this case is missing or unreadable; pseudonyms need it: restore it into the folder of keys "
            "(SPMC_KEYS)."
        ) from None
    if others_may_read(mode):
        raise IntegrityError(f"{where} can be read by others; set its mode to 0600.")
    try:
        key = bytes.fromhex(text.decode("ascii").strip())
    except ValueError:
        key = b""
    if len(key) != 32 or not hmac.compare_digest(fingerprint(key), wanted_fingerprint):
        raise IntegrityError(f"{where} does not hold the key of this case; pseudonyms made with it would not match.")
    return key


def fingerprint(key: bytes) -> str:
    """Return a text by which a key can be known again and that gives nothing of it away."""
    return hmac.new(key, b"spmc key fingerprint", hashlib.sha256).hexdigest()[:32]


def _code(key: bytes, account_id: str) -> str:
    message = b"account\x00" + account_id.encode("utf-8", "surrogatepass")
    number = int.from_bytes(hmac.new(key, message, hashlib.sha256).digest())
    return "".join(_ALPHABET[(number >> (251 - 5 * i)) & 31] for i in range(_LONGEST))


def pseudonyms(key: bytes, account_ids: Iterable[str]) -> dict[str, str]:
    """Return a pseudonym for each id, no two alike.

    Each is ``A-`` and 8 characters; ids whose first 8 agree (one pair in a trillion) get the first 12, 16, … at
    which they differ.

    Parameters
    ----------
    key : bytes
        Of the case.
    account_ids : iterable of str
        Repeats count once. The same ids give the same pseudonyms in any order.
    """
    codes = {account_id: _code(key, account_id) for account_id in dict.fromkeys(account_ids)}
    found: dict[str, str] = {}
    waiting = list(codes)
    length = _SHORTEST
    while waiting:
        count: dict[str, int] = {}
        for account_id in waiting:
            short = codes[account_id][:length]
            count[short] = count.get(short, 0) + 1
        clear = [a for a in waiting if count[codes[a][:length]] == 1 or length >= _LONGEST]
        found.update((a, f"A-{codes[a][:length]}") for a in clear)
        waiting = [a for a in waiting if a not in found]
        length = min(length + 4, _LONGEST)
    return {account_id: found[account_id] for account_id in codes}
