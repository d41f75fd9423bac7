"""TOML files that a centre writes by hand: what is read, and what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from spmc_tools.case.files.small_toml import read_toml
from spmc_tools.errors import InputError
from spmc_tools.signing.automatic_stamps import TSA, stamp_server

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("size", [1 << 20, (1 << 20) + 1])
def test_a_megabyte_is_read_and_no_more(tmp_path: Path, size: int) -> None:
    path = tmp_path / "a.toml"
    path.write_bytes(b'a = "' + b"x" * (size - 6) + b'"')
    assert path.stat().st_size == size
    if size == 1 << 20:
        assert read_toml(path) == {"a": "x" * (size - 6)}
    else:
        with pytest.raises(ValueError, match="larger than 1 MB"):
            read_toml(path)


@pytest.mark.parametrize("content", [b"a = \xff", b"a = [", b"a = " + b"[" * 100_000, b"a = " + b"9" * 5_000])
def test_what_is_no_toml_is_a_value_error(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.toml"
    path.write_bytes(content)
    with pytest.raises(ValueError):
        read_toml(path)


def test_a_byte_order_mark_is_no_part_of_it(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_bytes("﻿a = 1\n".encode())
    assert read_toml(path) == {"a": 1}


def test_a_server_of_time_stamps_in_a_large_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "server.toml"
    path.write_text('server = "https://tsa.example"\n')
    monkeypatch.setenv(TSA, str(path))
    found = stamp_server()
    assert found is not None and found.server == "https://tsa.example"
    path.write_text('server = "https://tsa.example"\n' + "#" * (1 << 20))
    with pytest.raises(InputError, match="cannot be read; wanted a TOML file with server"):
        stamp_server()
