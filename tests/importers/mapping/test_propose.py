"""What is proposed for a table: saved before, by names, by values; a proposal by values is never used unseen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from spmc_tools.case.store.case import create_case
from spmc_tools.errors import MappingError
from spmc_tools.importers.files.read import Source
from spmc_tools.importers.import_files import import_files
from spmc_tools.importers.mapping.content import by_content
from spmc_tools.importers.mapping.mapping import Mapping
from spmc_tools.importers.mapping.propose import propose, save_mapping, saved_path

if TYPE_CHECKING:
    from pathlib import Path

STRANGE = "c1,c2,c3,c4,c5\n" + "".join(
    f"{900 + n},{n % 2}usr,2025-11-{n + 10:02d} 10:00,कुछ शब्द यहाँ {n},{n % 3}\n" for n in range(5)
)


def source(folder: Path, text: str) -> Path:
    path = folder / "table.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_by_values(tmp_path: Path) -> None:
    with Source(source(tmp_path, STRANGE)) as opened:
        found = propose(opened)
    assert {k: v[0] for k, v in found.mapping.columns.items()} == {
        "record_id": "c1", "account_id": "c2", "created_at": "c3", "text": "c4",
    }  # fmt: skip
    assert set(found.by_content) == {"record_id", "account_id", "created_at", "text"} and found.saved is None


@pytest.mark.parametrize(
    ("values", "fields"),
    [
        (["1762423200", "1762423201"], {"created_at"}),
        (["https://example.org/1", "https://example.org/2"], {"url"}),
        (["Thu Nov 06 10:00:00 +0000 2025", "Thu Nov 06 10:01:00 +0000 2025"], {"created_at"}),
        (["41", "42"], {"record_id"}),
        (["1", "2"], set()),
        (["3", "3"], set()),
        (["", ""], set()),
        (["only one", ""], set()),
    ],
)
def test_one_column(values: list[str], fields: set[str]) -> None:
    assert set(by_content({"c": values})) == fields
    assert by_content({"c": values}, taken=["c"]) == {}


def test_a_proposal_by_values_is_never_used_unseen(tmp_path: Path) -> None:
    case = create_case("one", title="T", purpose="P", legal_basis="L", date_from="2025-11-01", date_to="2025-11-30")
    path = source(tmp_path, STRANGE)
    with pytest.raises(MappingError, match=r"by its values alone[\s\S]*created_at = \"c3\"[\s\S]*--map mapping.toml.$"):
        import_files(case, [path], format="mapped_table", accept_guess=True, tz="UTC")
    assert case.batches() == []


def test_a_saved_mapping_comes_first_whatever_the_order_of_columns(tmp_path: Path) -> None:
    case = create_case("one", title="T", purpose="P", legal_basis="L", date_from="2025-11-01", date_to="2025-11-30")
    folder = case.path.parent / ".mappings"
    mapping = Mapping({"account_id": ("b",), "created_at": ("date",), "text": ("user",)}, constants={"platform": "x"})
    kept = save_mapping(folder, ["user", "date", "b"], mapping)
    assert kept == saved_path(folder, ["b", "date", "user"]) and kept.stat().st_mode & 0o777 == 0o600
    path = source(tmp_path, "b,date,user\n1,2025-11-06T10:00Z,words\n2,2025-11-06T10:00Z,words\n")
    with Source(path) as opened:
        found = propose(opened, folder)
    assert found.saved == kept and found.mapping == mapping
    with pytest.raises(MappingError, match=rf"was saved[\s\S]*--map {kept}"):
        import_files(case, [path], accept_guess=True)
    (one,) = import_files(case, [path], mapping=kept)
    assert one.kept == 2
    kept.write_text("columns = 3")  # somebody broke it: proposed anew
    with Source(path) as opened:
        assert propose(opened, folder).saved is None
