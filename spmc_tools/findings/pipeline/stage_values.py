"""What a stage of an investigation gives, as tables and JSON, and back: equal in every value and type.

No pickle: a file of a case may come from anywhere, and reading one must never run anything.
"""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa

from spmc_tools.errors import IntegrityError
from spmc_tools.findings.assessment.assess import Assessment
from spmc_tools.findings.assessment.untimed_pairs import UntimedLayer
from spmc_tools.findings.detectors.run_detectors import Detected
from spmc_tools.findings.tiers.scores import Scored

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["packed", "unpacked"]

_KINDS: dict[str, Any] = {kind.__name__: kind for kind in (Assessment, UntimedLayer, Detected)}
_TABLE = "Table"
_TOLD = "told.json"
_DTYPES, _COLUMNS = b"dtypes", b"columns"


def packed(value: Any) -> bytes | None:
    """Return a table of actions, an assessment, an untimed layer or what a detector gave as one file.

    Returns
    -------
    bytes or None
        A zip of Arrow files and one of JSON, the same for the same value; None where it holds something that JSON
        does not: it cannot be kept then.
    """
    tables: dict[str, pa.Table] = {}
    json_fields: dict[str, Any] = {"kind": type(value).__name__}
    try:
        if isinstance(value, pa.Table):
            tables["table"] = value
        else:
            for field in fields(value):
                field_value = getattr(value, field.name)
                if isinstance(field_value, pd.DataFrame):
                    tables[field.name] = _table(field_value)
                elif field.name == "scored":
                    json_fields[field.name] = {account: asdict(row) for account, row in field_value.items()}
                else:
                    json_fields[field.name] = field_value
        line = json.dumps(json_fields, ensure_ascii=False, default=_plain)
    except (TypeError, ValueError, pa.ArrowException):
        return None
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        for name, table in tables.items():
            sink = pa.BufferOutputStream()
            options = pa.ipc.IpcWriteOptions(compression="lz4")
            with pa.ipc.new_file(sink, table.schema, options=options) as writer:
                writer.write_table(table)
            file.writestr(_member(f"{name}.arrow"), sink.getvalue().to_pybytes())
        file.writestr(_member(_TOLD), line)
    return out.getvalue()


def unpacked(content: bytes) -> Any:
    """Return what :func:`packed` was given.

    Raises
    ------
    IntegrityError
        Where the file has another form.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as file:
            json_fields = json.loads(file.read(_TOLD))
            tables = {
                name.removesuffix(".arrow"): pa.ipc.open_file(pa.BufferReader(file.read(name))).read_all()
                for name in file.namelist()
                if name.endswith(".arrow")
            }
        kind = json_fields.pop("kind")
        if kind == _TABLE:
            return tables["table"]
        values = {name: _frame(table) for name, table in tables.items()} | json_fields
        if "scored" in values:
            values["scored"] = {account: _scored(row) for account, row in values["scored"].items()}
        return _KINDS[kind](**values)
    except (
        zipfile.BadZipFile, NotImplementedError, EOFError, KeyError, TypeError, ValueError, AttributeError,
        RecursionError, pa.ArrowException,
    ):  # fmt: skip
        raise IntegrityError("it has another form than a kept stage") from None


def _member(name: str) -> zipfile.ZipInfo:
    return zipfile.ZipInfo(name)  # its date is 1980: the same value, the same bytes


def _plain(value: Any) -> Any:
    if hasattr(value, "item"):
        return value.item()
    raise TypeError(type(value).__name__)


def _table(frame: pd.DataFrame) -> pa.Table:
    """Return a frame as Arrow; columns of Python values as lines of JSON."""
    if not frame.index.equals(pd.RangeIndex(len(frame))):
        raise ValueError("a frame whose index says something")
    dtypes = [str(dtype) for dtype in frame.dtypes]
    names = [str(name) for name in frame.columns]
    columns = [
        pa.array([json.dumps(value, ensure_ascii=False, default=_plain) for value in column], pa.string())
        if dtype == "object"
        else pa.array(column)
        for dtype, (_, column) in zip(dtypes, frame.items(), strict=True)
    ]
    metadata = {_DTYPES: json.dumps(dtypes), _COLUMNS: json.dumps(names), b"rows": str(len(frame))}
    return pa.table(columns, names=[str(n) for n in range(len(names))]).replace_schema_metadata(metadata)


def _frame(table: pa.Table) -> pd.DataFrame:
    metadata: Mapping[bytes, bytes] = table.schema.metadata
    dtypes, names = json.loads(metadata[_DTYPES]), json.loads(metadata[_COLUMNS])
    columns = [
        pd.Series([json.loads(line) for line in column.to_pylist()], dtype=object)
        if dtype == "object"
        else pd.Series(column.to_pandas(), dtype=dtype)
        for dtype, column in zip(dtypes, table.columns, strict=True)
    ]
    frame = pd.DataFrame(dict(enumerate(columns)), index=pd.RangeIndex(int(metadata[b"rows"])))
    frame.columns = pd.Index(names, dtype="str" if names else object)
    return frame


def _scored(row: dict[str, Any]) -> Scored:
    facts = row.pop("facts")
    return Scored(**row, facts=None if facts is None else tuple(facts))
