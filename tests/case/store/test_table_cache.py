"""Tables that a case keeps: read where they are what the custody log tells of, else made anew."""

from __future__ import annotations

import pyarrow as pa
import pytest

from spmc_tools.case.store import table_cache as subject
from spmc_tools.case.store.case import open_case
from spmc_tools.case.store.table_cache import KeptTables
from spmc_tools.custody.review.verify import verify

FIRST, SECOND = "a" * 64, "b" * 64


def made(value: int) -> pa.Table:
    return pa.table({"n": [value]})


def look(case, *digests: str) -> tuple[list[int], KeptTables]:
    """Ask for tables; each digest's is its length of letters."""
    kept = KeptTables(case, "watch")
    values = [kept.of(digest, lambda digest=digest: made(ord(digest[0])))["n"][0].as_py() for digest in digests]
    kept.settle()
    return values, kept


def test_what_was_made_once_is_read(case):
    assert look(case, FIRST)[1].made == 1
    values, kept = look(open_case(case.id), FIRST, SECOND)
    assert values == [97, 98] and (kept.read, kept.made) == (1, 1)
    entries = len(case.ledger.entries())
    assert look(case, FIRST, SECOND)[1].read == 2 and len(case.ledger.entries()) == entries
    assert verify(case.path).ok


@pytest.mark.parametrize("content", [b"", b"something else", None])
def test_what_was_spoilt_or_put_there_is_made_anew(case, content):
    look(case, FIRST)
    (path,) = case.path.glob("derived/*/watch/*.arrow")
    if content is None:  # a sound table, but not the one of the log
        sink = pa.BufferOutputStream()
        with pa.ipc.new_file(sink, made(7).schema) as writer:
            writer.write_table(made(7))
        content = sink.getvalue().to_pybytes()
    path.chmod(0o600)
    path.write_bytes(content)
    values, kept = look(case, FIRST)
    assert values == [97] and kept.made == 1
    assert look(case, FIRST)[1].read == 1


def test_a_case_whose_log_is_broken_keeps_and_reads_nothing(case):
    look(case, FIRST)
    case.chain_problem = "entry 2 differs"
    values, kept = look(case, FIRST)
    assert values == [97] and (kept.read, kept.made) == (0, 1)


def test_a_full_disk_keeps_nothing_and_stops_nobody(case, monkeypatch, caplog):
    def full(*_args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(subject, "write_file", full)
    values, _ = look(case, FIRST)
    assert values == [97] and "cannot be kept" in caplog.text
    assert not list(case.path.glob("derived/*/watch/*.arrow"))


def test_the_folder_is_bounded(case, monkeypatch):
    monkeypatch.setattr(subject, "MOST_FILES", 2)
    look(case, "c" * 64)
    look(case, FIRST, SECOND)
    names = {path.name[1] for path in case.path.glob("derived/*/watch/*.arrow")}
    assert names == {"a", "b"} and verify(case.path).ok


def test_a_stage_has_a_plain_name(case):
    with pytest.raises(ValueError, match="no name"):
        KeptTables(case, "../out")
