"""Opponents who have read the method, and ordinary structures that look like one: small worlds as tables of records.

``made(OPPONENTS["rotating 3 of 20"], seed=1)`` and ``made(STRUCTURES["weather pages"], seed=1)`` are a week each.
"""

from benchmarks.accuracy.opponents.opponent_rows import OPPONENTS
from benchmarks.accuracy.opponents.small_world import SmallWorld, made
from benchmarks.accuracy.opponents.structure_rows import STRUCTURES

__all__ = ["OPPONENTS", "STRUCTURES", "SmallWorld", "made"]
