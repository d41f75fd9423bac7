"""A file that is refused when it is looked at, checked or restored leaves one line in the log beside the cases."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

import pytest

from spmc_tools.case.log.outside_log import OUTSIDE_LOG, check
from spmc_tools.custody.records.restore import restore
from spmc_tools.custody.review.verify import verify
from spmc_tools.errors import InputError, SpmcError
from spmc_tools.importers.import_files import import_files
from spmc_tools.importers.preview import first_rows
from tests.plain_cases import plain_case

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("what", ["preview", "dry run", "verify", "restore"])
def test_a_refused_look_is_one_line(tmp_path: Path, what: str) -> None:
    case = plain_case("one")
    path = tmp_path / "received.zip"
    path.write_bytes(b"<!doctype html><html>")
    with pytest.raises(SpmcError):
        if what == "preview":
            first_rows(path)
        elif what == "dry run":
            import_files(case, [path], dry_run=True)
        elif what == "verify":
            verify(path)
        else:
            restore(path, "two")
    root = case.path.parent
    (line,) = (root / OUTSIDE_LOG).read_text().splitlines()
    said = json.loads(json.loads(line)["payload"])
    assert said["what"] == {"dry run": "preview"}.get(what, what) and said["name"] == "received.zip"
    assert said["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest() and said["bytes"] == 21
    assert check(root) is None and len(case.ledger.entries()) == 1


def test_what_is_wrong_with_the_command_leaves_no_line(tmp_path: Path) -> None:
    case = plain_case("one")
    with pytest.raises(SpmcError):
        restore(tmp_path / "x.zip", "one")  # the name is taken
    with pytest.raises(InputError):
        verify(case.path, anchor="12:xyz")
    with pytest.raises(SpmcError):
        verify(tmp_path / "nothing")
    assert not (case.path.parent / OUTSIDE_LOG).exists()
