"""The corpus of the fuzzers: each input is read or refused with one sentence; those called ``found-`` once were not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from soak.custody.mutated_inputs import CORPUS, TEXTS_READ, read_text
from spmc_tools.errors import SpmcError

if TYPE_CHECKING:
    from pathlib import Path

INPUTS = [path for name in TEXTS_READ for path in sorted((CORPUS / name).iterdir())]


@pytest.mark.filterwarnings("ignore")  # of nbformat, about notebooks without ids
@pytest.mark.parametrize("path", INPUTS, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_an_input_is_read_or_refused_with_one_sentence(path: Path, tmp_path: Path) -> None:
    try:
        read_text(path.parent.name, tmp_path, path.read_bytes())
        refused = None
    except SpmcError as error:
        refused = str(error)
    assert refused is None or (len(refused.splitlines()) == 1 and refused.endswith((".", "?")))
    assert (refused is None) <= (not path.name.startswith("found-"))  # what was found is refused now
    if path.name.startswith("whole."):
        assert refused is None, refused


def test_the_corpus_is_small() -> None:
    assert len(INPUTS) < 60 and sum(path.stat().st_size for path in INPUTS) < 60_000
