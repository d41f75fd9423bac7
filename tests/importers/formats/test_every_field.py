"""Every format of the catalogue: invented files and what each column of each row must hold, written out by hand.

``by_hand/FORMAT.toml`` holds one or several files. Each names a file, its content (or the members of a zip) and, table
by table, the rows that come of it: every row, and in every row every column, since one that is not written is null.
``[file.every]`` stands in each row of its file. What is filled there is what the importer declares: a column that is
declared and never shown fails, and so does one that is shown and not declared.
"""

from __future__ import annotations

import hashlib
import io
import re
import tomllib
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from spmc_tools.importers.formats.desk.page_analytics import EXPORTS
from spmc_tools.importers.import_files import import_files
from spmc_tools.importers.importer_catalogue import IMPORTERS
from spmc_tools.importers.mapping.mapping import ACCOUNT_FIELDS, RECORD_FIELDS
from spmc_tools.schema import ACCOUNTS, DESK_TABLES, GROUP_EVENTS, RECORDS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from spmc_tools.importers.engine.importer import Field, Importer

FOLDER = Path(__file__).parent.parent / "by_hand"
TABLES = {"records": RECORDS, "accounts": ACCOUNTS, "group_events": GROUP_EVENTS, **DESK_TABLES}
METRICS = ("likes", "reposts", "replies", "views")
ANALYTICS = {export.name for export in EXPORTS}
STATISTIC = {"metric", "value", "unit"}
ALWAYS = {
    *(f"records.{name}" for name in ("record_id", "account_id", "platform", "kind")),
    *(f"accounts.{name}" for name in ("account_id", "platform")),
    *(f"{name}.platform" for name in (*DESK_TABLES, "group_events")),
    *(f"{name}.{file}" for name in TABLES for file in ("source_sha256", "source_row")),
}
"""What rows have whatever the file says: compared as all else, declared where the file itself says it."""


def given(name: str) -> list[dict[str, Any]]:
    path = FOLDER / f"{name}.toml"
    assert path.is_file(), f"{name} has no record by hand: write tests/importers/by_hand/{name}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))["file"]


def content(file: dict[str, Any]) -> bytes:
    if "zip" not in file:
        return file["content"].encode()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, text in file["zip"].items():
            archive.writestr(zipfile.ZipInfo(name, (2025, 11, 13, 9, 10, 0)), text)  # the same bytes at any time
    return packed.getvalue()


def whole(row: dict[str, Any], table: str, sha256: str) -> dict[str, Any]:
    """A row of the file with every column of its table."""
    assert set(row) <= set(TABLES[table].names), set(row) - set(TABLES[table].names)
    found = {**dict.fromkeys(TABLES[table].names), **row, "source_sha256": sha256}
    if found.get("media"):
        found["media"] = [{"sha256": None, "phash": None, **one} for one in found["media"]]
    if found.get("metrics"):
        found["metrics"] = {**dict.fromkeys(METRICS), **found["metrics"]}
    for name in ("record_id", "account_id"):
        if found.get(name):
            found[name] = found[name].replace("{sha256:8}", sha256[:8]).replace("{sha256:12}", sha256[:12])
    return found


def rows_by_hand(file: dict[str, Any], sha256: str) -> dict[str, list[dict[str, Any]]]:
    every = file.get("every", {})
    return {table: [whole({**every, **row}, table, sha256) for row in file.get(table, [])] for table in TABLES}


@pytest.mark.parametrize("name", IMPORTERS)
def test_every_column_of_every_row(name, case, write):
    seen: set[str] = set()
    for file in given(name):
        path = write(file["name"], content(file))
        mapping = write("mapping.toml", file["mapping"]) if "mapping" in file else None
        [result] = import_files(case, [path], mapping=mapping, tz=file.get("tz"))
        sha256 = hashlib.sha256(content(file)).hexdigest()
        assert (result.format, result.sha256) == (name, sha256)
        for table, rows in rows_by_hand(file, sha256).items():
            found = [row for row in case.table(table).to_pylist() if row["source_sha256"] == sha256]
            assert found == rows, (file["name"], table)
            for row in rows:
                seen |= shown_by(row, table, path.stem)
    assert declared_by(IMPORTERS[name]) - ALWAYS == seen - ALWAYS


def shown_by(row: dict[str, Any], table: str, stem: str) -> set[str]:
    """What a row holds that is not null: its columns, which figures of a post, which statistic of which export."""
    filled = {name for name, value in row.items() if value is not None}
    if "metric" in row and stem in ANALYTICS:
        return {f"{table}: {stem}: {row['metric']}, in {row['unit']}"} | named(table, filled - STATISTIC)
    found = named(table, filled - {"metrics"})
    return found | {f"metrics.{name}" for name, value in (row.get("metrics") or {}).items() if value is not None}


def named(table: str, names: Iterable[str]) -> set[str]:
    return {f"{table}.{name}" for name in names if name in TABLES[table].names}


def declared_by(one: Importer) -> set[str]:
    """What a declaration says that it fills, named as :func:`shown_by` does."""
    found: set[str] = set()
    for field in one.fields:
        words = {word.split(":")[0] for word in re.split(r"[,;] ", field.remark)}
        for target in re.split(r"[,;] ", field.target):
            found |= filled_by(field, target, words)
    return found


def filled_by(field: Field, target: str, words: set[str]) -> set[str]:
    """What one target of one field stands for; figures and columns of another table are named in the remark."""
    if field.source == "[columns]":
        return named("records", RECORD_FIELDS) | {f"metrics.{name}" for name in METRICS}
    if field.source == "[accounts]":
        return named("accounts", (*ACCOUNT_FIELDS, "observed_at"))
    if target == "metrics":
        return {f"metrics.{word}" for word in words & set(METRICS)}
    if target in DESK_TABLES and field.remark.split(":")[0] in ANALYTICS:
        return {f"{target}: {field.remark}"}
    if target in TABLES:
        return named(target, {*words, *field.source.split(", ")})
    return {target if "." in target else f"records.{target}"} - {"records.…"}


def test_what_is_compared_cannot_be_left_out():
    """The comparison fails for each column that is not as it was written, and for each that is missing."""
    [file] = given("x_archive")
    rows = rows_by_hand(file, "0" * 64)
    assert set(rows["records"][0]) == set(RECORDS.names) and set(rows["accounts"][0]) == set(ACCOUNTS.names)
    assert declared_by(IMPORTERS["x_archive"]) >= {"accounts.handle", "metrics.replies", "records.media"}
    assert {"accounts.observed_at", "accounts.followers"} <= declared_by(IMPORTERS["twarc_csv"])
    assert "page_metrics: x_overview: unfollows, in accounts" in declared_by(IMPORTERS["page_analytics"])


def test_a_new_format_needs_a_record_by_hand():
    with pytest.raises(AssertionError, match=r"write tests/importers/by_hand/fieldnotes\.toml"):
        given("fieldnotes")
    assert {path.stem for path in FOLDER.glob("*.toml")} == set(IMPORTERS)
