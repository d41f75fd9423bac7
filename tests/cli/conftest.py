"""A command as its user types it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from spmc_tools.cli import main

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Typed = Callable[..., tuple[int, str, str]]


@pytest.fixture
def command(capfd: pytest.CaptureFixture[str]) -> Typed:
    """Run a command; its exit code, and what it writes to standard output and standard error."""

    def run(*arguments: str | Path) -> tuple[int, str, str]:
        capfd.readouterr()
        with pytest.raises(SystemExit) as left:
            main([str(one) for one in arguments])
        out, err = capfd.readouterr()
        return int(left.value.code or 0), out, err

    return run
