"""What several test files share: the folder of real data, and a case folder of their own."""

from __future__ import annotations

import atexit
import gc
import os
import signal
import sys
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytest_plugins = ("tests.report_fixtures",)

ROOT = Path(__file__).resolve().parent.parent
SHARED_DATA = Path(os.environ.get("SPMC_SHARED_DATA", ROOT.parent / "shared" / "data"))

if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    # what a shell starts in the background ignores Ctrl-C, and so would every program that a test stops with it
    signal.signal(signal.SIGINT, signal.default_int_handler)


os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # the workers fill the machine; more threads wait for each other
gc.disable()  # what is collected before the first test lives to the end: pytest_collection_finish


@pytest.fixture
def shared_data() -> Path:
    """The folder of real exports; they are other people's, so they stay outside the project."""
    if not SHARED_DATA.is_dir():
        pytest.skip("the real exports lie outside the project and are not on this machine (SPMC_SHARED_DATA)")
    return SHARED_DATA


@pytest.fixture(scope="session")
def start_chromium() -> Callable[..., AbstractContextManager[Any]]:
    """Start the system's Chromium with some arguments; a ``with`` closes it.

    It is never held open beyond a file: Playwright's loop would be in the way of asyncio in the next.
    """
    from spmc_tools.report.page.browser import find_chromium

    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    path = find_chromium()
    if path is None:
        pytest.skip("no Chromium on this machine")

    @contextmanager
    def started(*arguments: str) -> Iterator[Any]:
        with playwright.sync_playwright() as running:
            browser = running.chromium.launch(executable_path=path, args=["--no-sandbox", *arguments])
            yield browser
            browser.close()

    return started


@pytest.fixture(scope="session", autouse=True)
def kernels_are_forked() -> Iterator[None]:
    """Fork kernels instead of starting each by its command line; with ``SPMC_TEST_OWN_KERNELS=1`` none is forked."""
    if not hasattr(os, "fork") or os.environ.get("SPMC_TEST_OWN_KERNELS"):
        yield
        return
    from jupyter_client.provisioning import local_provisioner

    from tests import forked_kernels

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(local_provisioner, "launch_kernel", forked_kernels.forking(local_provisioner.launch_kernel))
        yield


@pytest.fixture
def own_kernels(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start kernels by their command line, for tests of the kernel itself."""
    from jupyter_client.launcher import launch_kernel

    monkeypatch.setattr("jupyter_client.provisioning.local_provisioner.launch_kernel", launch_kernel)


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    """An empty folder that is watched."""
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep cases and keys of a test inside its own temporary folder; passphrases are not stretched for long."""
    monkeypatch.setattr("spmc_tools.signing.officer_keys._COST", 1 << 10)
    monkeypatch.setenv("SPMC_CASES", str(tmp_path / "cases"))
    monkeypatch.setenv("SPMC_KEYS", str(tmp_path / "keys"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that hold a slow test: what is begun last keeps one process at work while another waits."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


def pytest_collection_finish() -> None:
    """Draw each chart of pages once. Let the garbage collector pass over modules and tests: they stay to the end."""
    if drawing := sys.modules.get("spmc_tools.report.page.drawing"):
        from tests.charts_drawn_once import charts_drawn_once

        charts_drawn_once(drawing)
    gc.freeze()
    gc.enable()
    atexit.register(gc.unfreeze)  # so that modules are taken apart at the end as without this


def pytest_make_parametrize_id(config: pytest.Config, val: object, argname: str) -> str | None:
    """Name a test after its argument where that is packed bytes: they hold the time of day, processes compare names."""
    return argname if isinstance(val, bytes) and not val.isascii() else None
