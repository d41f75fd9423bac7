"""The tables of a finding as a case keeps them: what was kept is read, what is another thing is not."""

from __future__ import annotations

import hashlib
import json

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from spmc_tools.errors import IntegrityError
from spmc_tools.findings.stored_results import SCHEMAS, framed, kept, kept_values, read, read_values, table_of

NOTES = {"seed": 3, "not_run": [], "words": "हिंदी"}


@pytest.fixture
def tables():
    return {name: table_of([], name) for name in SCHEMAS}


def test_what_was_kept_is_read(tmp_path, tables):
    assert read(tmp_path, None) is None and read_values(tmp_path, None) is None
    hashes = kept(tmp_path, tables, NOTES)
    assert hashes == {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in tmp_path.iterdir()}
    assert set(hashes) == {*(f"{name}.parquet" for name in SCHEMAS), "notes.json"}
    assert read(tmp_path, hashes) == (tables, NOTES)
    assert read_values(tmp_path, None) is None
    of_values = kept_values(tmp_path, {"n": 1})
    assert read_values(tmp_path, of_values) == {"n": 1}
    for reader, known in ((read, hashes), (read_values, of_values)):
        with pytest.raises(IntegrityError, match="no entry of the custody log"):
            reader(tmp_path, None)
        with pytest.raises(IntegrityError, match="its SHA-256 differed"):
            reader(tmp_path, dict.fromkeys(known, "0" * 64))


def test_results_of_another_form_are_not_read(tmp_path, tables):
    hashes = kept(tmp_path, tables, NOTES)
    pq.write_table(pa.table({"x": [1]}), tmp_path / "edges.parquet")
    changed = hashlib.sha256((tmp_path / "edges.parquet").read_bytes()).hexdigest()
    with pytest.raises(IntegrityError, match="are of another form"):
        read(tmp_path, hashes | {"edges.parquet": changed})
    (tmp_path / "bursts.parquet").unlink()
    with pytest.raises(IntegrityError, match="was missing or could not be read"):
        read(tmp_path, hashes | {"edges.parquet": changed})
    for content, words in ((b"[1]", "of another form"), (b"{", "cannot be read")):
        (tmp_path / "values.json").write_bytes(content)
        with pytest.raises(IntegrityError, match=words):
            read_values(tmp_path, {"values.json": hashlib.sha256(content).hexdigest()})


def test_a_check_that_did_not_fit_is_made_again_unless_a_part_will_do(tmp_path, tables):
    hashes = kept(tmp_path, tables, NOTES | {"not_run": [{"code": "too_short"}]})
    assert read(tmp_path, hashes) is not None
    hashes = kept(tmp_path, tables, NOTES | {"not_run": [{"code": "too_short"}, {"code": "too_large"}]})
    with pytest.raises(IntegrityError, match="did not fit into the memory"):
        read(tmp_path, hashes)
    found = read(tmp_path, hashes, in_part=True)
    assert found is not None and found[1]["not_run"][1] == {"code": "too_large"}


def test_a_table_has_its_columns_and_whole_numbers_that_may_be_missing():
    table = table_of(pd.DataFrame({"account_id": ["a", "b"], "cluster_id": [2.0, None]}), "accounts")
    assert table.schema == SCHEMAS["accounts"] and table["cluster_id"].to_pylist() == [2, None]
    frame = framed(table)
    assert str(frame["cluster_id"].dtype) == "Int64" and frame["cluster_id"].tolist() == [2, pd.NA]
    lists = [field.name for field in table.schema if pa.types.is_list(field.type)]
    assert lists and all(frame[name].dtype == object and frame[name].tolist() == [None, None] for name in lists)


def test_the_kept_notes_are_json_with_sorted_keys(tmp_path, tables):
    kept(tmp_path, tables, {"b": 1, "a": "हिंदी"})
    text = (tmp_path / "notes.json").read_text(encoding="utf-8")
    assert json.loads(text) == {"a": "हिंदी", "b": 1} and text.index('"a"') < text.index('"b"') and "हिंदी" in text
