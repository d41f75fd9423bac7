"""Hashes of pictures as sources write them: the SHA-256 of a file, and a perceptual hash of 64 bits.

A perceptual hash within ten bits of all zeros or all ones is that of a plain surface and would stand for every such
picture: it is none.
"""

from __future__ import annotations

import re

__all__ = ["ALIKE_BITS", "file_hash", "look_hash"]

ALIKE_BITS = 10
"""Two hashes at most this many bits apart are of pictures that look alike."""

_BITS = 64
_SHA256 = re.compile(r"[0-9a-f]{64}")
_PHASH = re.compile(r"[0-9a-f]{16}")


def file_hash(value: str | None) -> str | None:
    """Return a SHA-256 in small letters; None where it is none."""
    return _hexadecimal(value, _SHA256)


def look_hash(value: str | None) -> str | None:
    """Return a perceptual hash in small letters; None where it is none, or that of a plain surface."""
    look = _hexadecimal(value, _PHASH)
    return look if look and _telling(int(look, 16)) else None


def _hexadecimal(value: str | None, form: re.Pattern[str]) -> str | None:
    low = value.strip().lower().removeprefix("0x") if value else ""
    return low if form.fullmatch(low) else None


def _telling(look: int) -> bool:
    return ALIKE_BITS < look.bit_count() < _BITS - ALIKE_BITS
