"""The system's Chromium, where there is one: it prints a finished report as a PDF."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from spmc_tools.errors import RunError, quote
from spmc_tools.operating_system import WINDOWS, is_superuser

__all__ = ["find_chromium", "print_pdf"]

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
SECONDS = 120
_PROGRAMS = ("Microsoft/Edge/Application/msedge.exe", "Google/Chrome/Application/chrome.exe")


def find_chromium() -> str | None:
    """Return the path of a Chromium (or Chrome, or Edge, which Windows has) of this machine; None where there is none.

    The environment variable ``SPMC_CHROMIUM`` comes first.
    """
    chosen_path = os.environ.get("SPMC_CHROMIUM")
    if chosen_path:
        return chosen_path if Path(chosen_path).is_file() else None
    found = next((found for name in NAMES if (found := shutil.which(name))), None)
    return found or _installed_on_windows()


def _installed_on_windows() -> str | None:
    """Return the path of Edge or Chrome where Windows installs them, which is on no search path."""
    folders = [os.environ[name] for name in ("PROGRAMFILES(X86)", "PROGRAMFILES", "LOCALAPPDATA") if name in os.environ]
    places = (Path(folder) / program for program in _PROGRAMS for folder in folders)
    return next((str(place) for place in places if WINDOWS and place.is_file()), None)


def _arguments(browser: str, profile: str, page: Path, pdf: Path) -> list[str]:
    arguments = [
        browser,
        "--headless=new",
        "--disable-gpu",
        "--disable-extensions",
        "--disable-background-networking",
        "--no-first-run",
        "--no-pdf-header-footer",
        "--host-resolver-rules=MAP * ~NOTFOUND",
        f"--user-data-dir={profile}",
        f"--print-to-pdf={pdf}",
        page.as_uri(),
    ]
    if is_superuser():
        arguments.insert(1, "--no-sandbox")  # Chromium refuses to sandbox for the superuser
    return arguments


def print_pdf(page: Path, pdf: Path, scratch: Path | None = None) -> Path:
    """Return the PDF that Chromium prints of a finished report; nothing is fetched from any network.

    Raises
    ------
    RunError
        Where there is no Chromium, or it fails.
    """
    browser = find_chromium()
    if browser is None:
        raise RunError("No Chromium was found to print the PDF; install it, or leave --pdf out and print report.html.")
    with tempfile.TemporaryDirectory(prefix="spmc-pdf-", dir=scratch, ignore_cleanup_errors=True) as profile:
        try:
            done = subprocess.run(  # noqa: S603
                _arguments(browser, profile, page.resolve(), pdf.resolve()),
                capture_output=True,
                timeout=SECONDS,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise RunError(f"Chromium could not print the PDF: {quote(error, 120)}.") from None
    if done.returncode or not pdf.is_file():
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise RunError(f"Chromium could not print the PDF: {quote(said[-1] if said else done.returncode, 120)}.")
    return pdf
