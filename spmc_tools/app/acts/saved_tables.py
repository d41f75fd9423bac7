"""Files that an officer takes along: a table of a page as CSV, and the files of the network as the lab saves them."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from spmc_tools.app.acts.act_form import Act, Done, Ground, ShownTable
from spmc_tools.case.acts.provenance import whole_file
from spmc_tools.findings.result.exports import formula_safe

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["NETWORK_ACTS", "save_table"]

NETWORK_FILES = ("findings.xlsx", "edges.csv", "network.graphml", "network.gexf")


def save_table(ground: Ground, table: ShownTable) -> Path:
    """Write a table as CSV outside of the case, logged with its hash; no spreadsheet reads a cell as a formula."""
    text = io.StringIO()
    writer = csv.writer(text)
    for row in (table.header, *table.leaving):
        writer.writerow([formula_safe(cell) for cell in row])
    ground.made.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = ground.made / f"{table.name}-{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}.csv"
    facts = {"what": "table", "table": table.name, "rows": len(table.leaving)}
    return whole_file(ground.opened, path, ("\ufeff" + text.getvalue()).encode(), facts)


def _network(ground: Ground, _values: dict[str, Any]) -> Done:
    found, case = ground.look(), ground.opened
    assert found is not None  # noqa: S101 -- the form is closed without
    folder = ground.made
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    paths = [found.export(folder / f"{case.id}-{name}", names=found.reviewed) for name in NETWORK_FILES]
    line = ground.say("app.network_named") if found.reviewed else ground.say("app.network_masked")
    return Done((line,), tuple(path.name for path in paths))


NETWORK_ACTS = (
    Act(
        "network_files",
        (),
        _network,
        lambda case, _values: f"found.export('{case}-findings.xlsx')",
        lab=True,
        closed=lambda ground: "" if ground.look() is not None else ground.say("app.not_looked"),
    ),
)
