"""Types of the arrays that statistics are computed on, as annotations name them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["Codes", "Flags", "Floats", "Longs"]

Floats = NDArray[np.float64]
"""Probabilities, shares, seconds."""

Codes = NDArray[np.int32]
"""Places of accounts, objects or sources in a list of all of them; also counts of one account."""

Longs = NDArray[np.int64]
"""Times in µs, rows and offsets, and counts over all."""

Flags = NDArray[np.bool_]
"""A yes or no for each row."""
