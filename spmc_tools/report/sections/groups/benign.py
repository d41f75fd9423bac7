"""Accounts of a group that look like newsrooms by what they post: the measured numbers, for the officer to check."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = ["decides", "pattern_rows"]

_SHOWN = ("site", "n_own", "own_share", "topics", "n_days", "shared_linked", "sole_share", "n_readers")


def decides(benign: Any) -> bool:
    """Tell whether the newsroom pattern is why an account has no tier from texts and links."""
    return isinstance(benign, dict) and bool(benign.get("decides"))


def pattern_rows(found: Any, members: Collection[str]) -> list[dict[str, Any]]:
    """Return one row per member whose tier the newsroom pattern decides, by its site; none says who it is.

    ``site`` (the domain its own posts lead to), ``n_own`` (posts of its own), ``own_share`` (of all its posts),
    ``topics`` (effective number), ``n_days`` (with a post of its own), ``shared_linked`` (share of what it shares that
    leads to its site), ``sole_share`` (share of the group's links to that site that are its own), ``n_readers``
    (accounts outside the group that reposted, quoted or answered it).
    """
    own = found.accounts[found.accounts["account_id"].isin(list(members))]
    rows = [{name: one.get(name) for name in _SHOWN} for one in own["benign"] if decides(one)]
    return sorted(rows, key=lambda row: str(row["site"]))
