"""Which roles of a small world are its members, and which call or publish and are left out of a ranking."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.accuracy.opponents.parts import Calls, Copies, Fandom, Notices, Strikes

if TYPE_CHECKING:
    from benchmarks.accuracy.opponents.parts import Declaration

__all__ = ["left_out_roles", "member_roles"]


def member_roles(declaration: Declaration) -> frozenset[str]:
    """Return the roles of those who act together: of an opponent "member" alone, of a structure those of its parts."""
    roles = frozenset(
        "member" if isinstance(part, Strikes | Copies | Fandom) else part.role for part in declaration.parts
    )
    return frozenset({"member"}) if "member" in roles else roles


def left_out_roles(declaration: Declaration) -> frozenset[str]:
    """Return the roles of stars, leaders and sources: others act on their posts, so that a ranking may hold them."""
    roles = set()
    for part in declaration.parts:
        if isinstance(part, Fandom):
            roles.add("star")
        elif isinstance(part, Calls):
            roles.add(part.leader)
        elif isinstance(part, Notices) and part.source:
            roles.add(part.source)
    return frozenset(roles)
