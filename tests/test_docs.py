"""Nothing is undocumented: commands, tables and columns, traces, importers, notebooks, formats.

``docs/reference/tables.md`` is written from the schema: run ``SPMC_WRITE_DOCS=1 pytest tests/test_docs.py`` after a
change.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from spmc_tools.schema import RESULTS, TABLES

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"


def tables_page() -> str:
    lines = [
        "# Tables of a case",
        "",
        "Written from `spmc_tools/schema/` by `tests/test_docs.py`. Ids are text. Missing is null, never an empty",
        "text, 0 or a made-up time. There is no column for religion, caste, party, ethnicity or opinion.",
    ]
    for table in (*TABLES.values(), *RESULTS.values()):
        lines += ["", f"## {table.name}", "", f"One row: {table.row}.", ""]
        lines += ["| column | type | unit | never null | meaning |", "|---|---|---|---|---|"]
        for c in table.columns:
            kind = re.sub(r"element: |item: ", "", str(c.type))
            lines.append(f"| `{c.name}` | {kind} | {c.unit} | {'yes' if c.required else ''} | {c.meaning} |")
    return "\n".join(lines) + "\n"


def test_tables_page_is_the_schema() -> None:
    page = DOCS / "reference" / "tables.md"
    if os.environ.get("SPMC_WRITE_DOCS"):
        page.write_text(tables_page(), encoding="utf-8")
    assert page.read_text(encoding="utf-8") == tables_page()


def test_every_command_is_in_the_readme() -> None:
    from spmc_tools.cli import app

    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for command in app.registered_commands:
        name = command.name or command.callback.__name__
        assert re.search(rf"\bspmc {name}\b", readme), f"README does not show spmc {name}"
        assert (command.callback.__doc__ or "").strip()


def test_every_trace_has_its_paragraph() -> None:
    from spmc_tools.coaction.traces.trace_catalogue import TRACES

    page = (DOCS / "method" / "traces.md").read_text(encoding="utf-8")
    for name, trace in TRACES.items():
        assert re.search(rf"^#+ .*`{name}`", page, re.MULTILINE), f"docs/method/traces.md has no heading for {name}"
        assert trace.question and trace.reference


def test_every_importer_is_in_the_formats_page() -> None:
    from spmc_tools.importers.importer_catalogue import IMPORTERS

    page = (DOCS / "reference" / "formats.md").read_text(encoding="utf-8")
    for name in IMPORTERS:
        assert f"`{name}`" in page, f"docs/reference/formats.md does not name {name}"


@pytest.mark.parametrize("page", sorted(p.relative_to(ROOT) for p in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]))
def test_links_lead_somewhere(page: Path) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#\s]+)", text):
        if not target.startswith("http"):
            assert (ROOT / page).parent.joinpath(target).exists(), f"{page} links to {target}, which is not there"
