"""What several test files share: the folder of real data, and a case folder of their own."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SHARED_DATA = Path(os.environ.get("SPMC_SHARED_DATA", ROOT.parent / "shared" / "data"))

if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    # what a shell starts in the background ignores Ctrl-C, and so would every program that a test stops with it
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def shared_data() -> Path:
    """The folder of real exports; they are other people's, so they stay outside the project."""
    if not SHARED_DATA.is_dir():
        pytest.skip("the real exports lie outside the project and are not on this machine (SPMC_SHARED_DATA)")
    return SHARED_DATA


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep cases and keys of a test inside its own temporary folder."""
    monkeypatch.setenv("SPMC_CASES", str(tmp_path / "cases"))
    monkeypatch.setenv("SPMC_KEYS", str(tmp_path / "keys"))


def pytest_make_parametrize_id(config: pytest.Config, val: object, argname: str) -> str | None:
    """Name a test after its argument where that is packed bytes: they hold the time of day, processes compare names."""
    return argname if isinstance(val, bytes) and not val.isascii() else None
