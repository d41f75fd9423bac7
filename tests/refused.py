"""A file that somebody wrote by hand and that is wrong: its reader refuses it in one sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from spmc_tools.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def refuses(read: Callable[[Path], Any], path: Path, content: str, sentence: str) -> None:
    """Write a file, and see that it is refused in one line in which this pattern is found."""
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=sentence) as caught:
        read(path)
    assert "\n" not in str(caught.value)
