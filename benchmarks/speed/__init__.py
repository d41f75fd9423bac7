"""The table of ``docs/performance.md``, row by row, by one command.

Run ``make bench`` or ``python -m benchmarks.speed --help`` from the root of the project.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # the generators beside this folder
