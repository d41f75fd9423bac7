"""What was aimed at, before anything was measured."""

from __future__ import annotations

__all__ = ["LEAST_AP", "MOST_NAMED"]

LEAST_AP = {
    "evening of 60": 0.98,
    "evening of 15": 0.98,
    "three shifts": 0.98,
    "fan mimicry, 5 stars": 0.98,
    "fan mimicry, 8 stars": 0.98,
    "hot night": 0.95,
    "rotating 3 of 20": 0.8,
    "three strikes": 0.8,
    "drip": 0.3,
}
"""Least average precision of ``score``, by opponent; the others have no aim."""

MOST_NAMED = 0.01
"""Largest share of the members of each ordinary structure that may be named."""
