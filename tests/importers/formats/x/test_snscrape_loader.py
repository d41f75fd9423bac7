"""snscrape loads on this Python, and through the shim that later Pythons need."""

from __future__ import annotations

import subprocess
import sys

import pytest

from spmc_tools.errors import ParameterError, SpmcError
from spmc_tools.importers.formats.x import snscrape_loader
from spmc_tools.importers.formats.x.snscrape_loader import MODULES, load


def run(code: str) -> str:
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_loads_here():
    assert load("telegram").TelegramPost.__module__ == "snscrape.modules.telegram"


def test_the_shim_loads_single_modules():
    """The package is a bare module with a path, and snscrape's own loader never ran."""
    code = """
import sys, types
from spmc_tools.importers.formats.x.snscrape_loader import load
telegram, twitter = load("telegram", shim=True), load("twitter", shim=True)
package = sys.modules["snscrape.modules"]
assert type(package) is types.ModuleType and not hasattr(package, "_import_modules")
assert "snscrape.modules.weibo" not in sys.modules
print(telegram.TelegramPost(url="u", date=None, content="c", outlinks=[]).json())
print(twitter.Tweet.__module__)
"""
    post, module = run(code).splitlines()
    assert '"_type": "snscrape.modules.telegram.TelegramPost"' in post
    assert module == "snscrape.modules.twitter"


def test_the_shim_is_what_a_later_python_gets():
    code = """
import sys
class Version(tuple):
    major, minor, micro = 3, 12, 0
sys.version_info = Version((3, 12, 0, "final", 0))
from spmc_tools.importers.formats.x.snscrape_loader import load
load("telegram")
print(hasattr(sys.modules["snscrape.modules"], "_import_modules"))
"""
    assert run(code).strip() == "False"


def test_an_unknown_module():
    with pytest.raises(ParameterError, match="it has facebook, instagram"):
        load("os")
    assert len(MODULES) == 8


def test_snscrape_missing(monkeypatch):
    monkeypatch.setattr(snscrape_loader.importlib.util, "find_spec", lambda _name: None)
    monkeypatch.delitem(sys.modules, "snscrape.modules", raising=False)
    with pytest.raises(SpmcError, match="not installed"):
        load("telegram", shim=True)


def test_a_missing_dependency_of_snscrape(monkeypatch):
    def missing(_name: str) -> None:
        raise ModuleNotFoundError("No module named 'bs4'", name="bs4")

    monkeypatch.setattr(snscrape_loader.importlib, "import_module", missing)
    with pytest.raises(SpmcError, match='"bs4" is missing'):
        load("telegram")
