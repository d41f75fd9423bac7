"""Pairs of accounts as parallel arrays: what every table of pairs has beside its own figures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from spmc_tools.schema.arrays import Codes

__all__ = ["AccountPairs"]


@dataclass(frozen=True, slots=True)
class AccountPairs:
    """The two accounts of each pair by their codes, shape (n_pairs,); ``a`` is the smaller one."""

    a: Codes
    b: Codes
