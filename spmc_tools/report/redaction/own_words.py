"""What a report says by itself: the report of an empty case, our catalogues, names of columns, code of a notebook."""

from __future__ import annotations

import os
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nbformat import NotebookNode

__all__ = ["own_text"]

_OF_THE_SAMPLE = frozenset({"tour"})
"""Sections that no other case than the sample can have."""


def own_text(known: NotebookNode | None, language: str) -> str:
    """Return our own words as one text.

    Parameters
    ----------
    known : nbformat.NotebookNode or None
        A notebook that comes with the package: its code and headings are our words. None: somebody else's notebook.
    language : {"en", "hi"}
        Of a page.
    """
    cells = [] if known is None else [str(cell.source) for cell in known.cells]
    return "\n".join([_empty_report(language), _vocabulary(), *cells])


@lru_cache(maxsize=4)
def _empty_report(language: str) -> str:
    """Return the texts of the page and the manifest that a case without a file gets.

    A section whose template raises is left out: its words then count as anybody's, and the run is drawn in part.
    """
    from nbformat import v4

    from spmc_tools.case.log.anchors import nothing_goes_out
    from spmc_tools.case.log.pseudonyms import key_file
    from spmc_tools.case.store.case import create_case
    from spmc_tools.findings.pipeline.investigate import investigate
    from spmc_tools.report.page.render import Run, page, without_undrawable
    from spmc_tools.report.page.sections import MIME, SECTIONS, section
    from spmc_tools.report.redaction.leak_check import texts_of
    from spmc_tools.report.scope.scope import in_period
    from spmc_tools.signing.manifest import write_manifest

    with tempfile.TemporaryDirectory(prefix="spmc-empty-") as folder, nothing_goes_out():
        case = create_case(
            "empty", title="–", purpose="–", legal_basis="–", date_from="2025-01-01", date_to="2025-01-31",
            officer="–", cases=Path(folder),
        )  # fmt: skip
        try:
            scope = in_period(case)
            available: dict[str, Any] = {"case": case, "scope": scope, "found": investigate(case)}
            cells = []
            for name, declared in SECTIONS.items():
                if name in _OF_THE_SAMPLE:
                    continue
                needed: dict[str, Any] = {need: available.get(need) for need in declared.needs}
                made = section(name, language="en", **needed)
                output = v4.new_output("display_data", {MIME: made.payload()})  # type: ignore[no-untyped-call]
                cells.append(v4.new_code_cell("", outputs=[output]))  # type: ignore[no-untyped-call]
            node = v4.new_notebook(cells=cells)  # type: ignore[no-untyped-call]
            run = Run("empty", "empty", "election_watch", "2025-01-31T00:00:00+00:00", "complete", "redacted", 0, True)
            try:
                drawn = page(node, run, language)
            except Exception:
                drawn = page(without_undrawable(node, language)[0], run, language)
            page_texts = list(texts_of(drawn.encode(), "report.html"))
            manifest = write_manifest(case, case.run_dir("empty"), notebook="election_watch", edition="redacted")
            return "\n".join([*page_texts, *texts_of(manifest.read_bytes(), manifest.name)])
        finally:
            made_entry = case.ledger.entries()[0]["payload"]
            key = key_file("empty", str(made_entry["case_uid"]))
            if os.path.lexists(key):
                key.unlink()


@lru_cache(maxsize=1)
def _vocabulary() -> str:
    """Return the words of the catalogues, the glossary, the calendar and the tables."""
    from spmc_tools.coaction.traces.trace_catalogue import TRACES
    from spmc_tools.desks.base.calendar import events
    from spmc_tools.findings.detectors.detector_catalogue import DETECTORS
    from spmc_tools.importers.importer_catalogue import IMPORTERS
    from spmc_tools.report.words.wording import catalogue, glossary
    from spmc_tools.schema import RESULTS, TABLES

    vocabulary: list[object] = [*TRACES, *DETECTORS, *IMPORTERS, *glossary()]
    for language in ("en", "hi"):
        for message in catalogue(language):
            vocabulary += [message.id, message.string]
    for table in (*TABLES.values(), *RESULTS.values()):
        vocabulary += [table.name, *table.schema.names]
    vocabulary += [(event.name, event.title) for event in events()]
    return "\n".join(str(word) for word in vocabulary)
