"""The two kinds of children, each finding the works of these tests (``works.py``) as part of the package."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from spmc_tools.cage import cage, spawned_child
from spmc_tools.cage.cage import Limits, caged

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SMALL = Limits(60, 1 << 30)
HERE = str(Path(__file__).parent)
FIND = f"import spmc_tools.cage as c; c.__path__.append({HERE!r}); "


def finding(start: str) -> str:
    return start.replace("from spmc_tools.cage.", f"{FIND} from spmc_tools.cage.", 1)


@pytest.fixture
def forked(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Children that a warden forks."""
    monkeypatch.setattr(cage, "_START", finding(cage._START))
    cage.end_warden()
    yield
    cage.end_warden()


@pytest.fixture
def spawned(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A program for each piece of work, as on Windows."""
    monkeypatch.setattr(cage, "WINDOWS", True)
    monkeypatch.setattr(spawned_child, "_START", finding(spawned_child._START))
    spawned_child.end_spare()
    yield
    spawned_child.end_spare()


@pytest.fixture
def heads() -> Callable[..., list[dict]]:
    """Return the heads of the frames of a work of ``works.py``."""

    def of(work: str, limits: Limits = SMALL, **arguments: object) -> list[dict]:
        then = "nothing was kept."
        return [one.head for one in caged(f"spmc_tools.cage.works:{work}", arguments, limits, '"x.ods"', then)]

    return of
