"""What the tests of the importers share: a case, and a way to write small files."""

from __future__ import annotations

import json
from contextlib import nullcontext
from typing import TYPE_CHECKING, NamedTuple

import pytest
from hypothesis import is_hypothesis_test

from spmc_tools.cage.cage import outside_of_the_cage
from spmc_tools.case.store.case import Case, create_case
from spmc_tools.importers.engine.import_counts import Counts
from spmc_tools.importers.import_files import FileResult, import_files
from spmc_tools.report.words.refusals import told
from spmc_tools.schema import check

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


class Brought(NamedTuple):
    """What became of a file."""

    result: FileResult
    records: list[dict]
    accounts: list[dict]
    refused: list[dict]


@pytest.fixture(autouse=True)
def reasons_have_a_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail where a row is refused for a reason that a report can say in English alone."""
    add = Counts.add_reasons

    def checked(self, reasons):
        reasons = list(reasons)
        assert [reason for reason in reasons if told(reason) is None] == []
        add(self, reasons)

    monkeypatch.setattr(Counts, "add_reasons", checked)


@pytest.fixture
def uncaged() -> Iterator[None]:
    """Read in this process, for tests that put something in the place of a part of a reader."""
    with outside_of_the_cage():
        yield


@pytest.fixture(autouse=True)
def properties_see_every_exception(request: pytest.FixtureRequest) -> Iterator[None]:
    """Read in this process where examples are drawn: the cage would make a refusal of a fault, and takes its time."""
    with outside_of_the_cage() if is_hypothesis_test(request.function) else nullcontext():
        yield


@pytest.fixture
def case() -> Case:
    return create_case(
        "import-test", title="t", purpose="p", legal_basis="l", date_from="2010-01-01", date_to="2029-12-31"
    )


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write a file: bytes as they are, text as UTF-8, a list as one JSON value per line."""

    def writing(name: str, content: bytes | str | list) -> Path:
        path = tmp_path / "received" / name
        path.parent.mkdir(exist_ok=True)
        if isinstance(content, list):
            content = "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in content)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return writing


@pytest.fixture
def bring(case: Case, write: Callable[..., Path]) -> Callable[..., Brought]:
    """Import one small file and give what became of it: the result and what each row holds that is not null."""

    def bringing(name: str, content: bytes | str | list, **options) -> Brought:
        [result] = import_files(case, [write(name, content)], **options)
        for table in ("records", "accounts", "refused"):
            assert not check(case.table(table), table)
        assert result.read == result.kept + result.duplicates + result.refused
        rows = {
            table: [
                {k: v for k, v in row.items() if v is not None and k not in {"source_sha256", "raw"}}
                for row in case.table(table).to_pylist()
            ]
            for table in ("records", "accounts", "refused")
        }
        return Brought(result, **rows)

    return bringing


@pytest.fixture
def snapshot(case: Case) -> Callable[[], dict[str, bytes]]:
    """Say what every file of the case holds, to see that nothing changed."""

    def taking() -> dict[str, bytes]:
        skip = (".lock", "-wal", "-shm")
        return {
            str(path.relative_to(case.path)): path.read_bytes()
            for path in sorted(case.path.rglob("*"))
            if path.is_file() and not path.name.endswith(skip)
        }

    return taking
