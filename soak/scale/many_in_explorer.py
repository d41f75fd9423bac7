"""Show a hundred thousand accounts in the explorer: 3,000 are drawn, and what is not drawn or listed is counted.

The check is that of the tests (``tests/show/explorer/test_explorer.py``), which take a thousand and limits as small.

    python -m soak.scale.many_in_explorer
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[2] / "tests" / "show" / "explorer" / "test_explorer.py"


def main() -> None:
    os.environ["SPMC_ACCOUNTS_SHOWN"] = "100000"
    raise SystemExit(int(pytest.main([f"{TESTS}::test_a_hundred_thousand_accounts", "-n", "0", "--durations=1"])))


if __name__ == "__main__":
    main()
