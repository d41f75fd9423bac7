"""From a report back to file and row: every post that it shows, where it stands in which received file, how that came.

Read from the run's own notebook, whose hash its manifest holds, and from the custody log. Each row is looked up again
in the case: ``state`` says whether that row of that file is the post that the report shows.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from spmc_tools.case.acts.provenance import whole_file
from spmc_tools.custody.evidence_pack.sheets import as_sheet
from spmc_tools.custody.review.review import sound_manifest
from spmc_tools.errors import ParameterError, quote
from spmc_tools.report.figures.pictures import data_uri
from spmc_tools.report.page.render import bare_page, collect
from spmc_tools.report.values.section_values import to_json
from spmc_tools.report.words import notebook_file
from spmc_tools.report.words.wording import Wording
from spmc_tools.signing.manifest import run_folder

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    import networkx as nx

    from spmc_tools.case.store.batches import Batch
    from spmc_tools.case.store.case import Case

__all__ = ["Step", "as_page", "graph", "provenance_steps", "write_provenance"]

_CARDS = "cards"


@dataclass(frozen=True, slots=True)
class Step:
    """One post that a report shows, with the way back to the file that it was read from.

    Attributes
    ----------
    section : str
        Where on the page it stands.
    group : int or None
        Number of the group on the page; None: the post stands in no group.
    record_id, platform : str or None
        The post; the platform is None where the case does not hold it any more.
    source_sha256, source_row
        The received file by its hash, and the row in it.
    file, format, batch : str or None
        Its name, its importer and its import; None where no import of the case has this hash.
    obtained, received_from : str or None
        As said at the import; None: not said.
    imported_at, officer : str or None
        When (UTC), by whom.
    entry : int or None
        Number of the import's entry in the custody log.
    state : {"same", "set_aside", "gone"}
        Whether the case holds this post at this row of this file; whether that import was set aside since.
    """

    section: str
    group: int | None
    record_id: str | None
    platform: str | None
    source_sha256: str
    source_row: int | None
    file: str | None
    format: str | None
    batch: str | None
    obtained: str | None
    received_from: str | None
    imported_at: str | None
    officer: str | None
    entry: int | None
    state: str


def provenance_steps(case: Case, run_id: str) -> list[Step]:
    """Return one step per post that a run's page shows, or on which a group of it rests, in the order of the notebook.

    A post that stands in it twice counts twice.

    Raises
    ------
    CaseError
        Where there is no such run.
    IntegrityError
        Where the run is not what was recorded.
    """
    folder = run_folder(case, run_id)
    sound_manifest(case, folder)
    sections = collect(notebook_file.read(folder / "notebook.ipynb")).sections
    batches = {batch.source_sha256: batch for batch in case.batches(set_aside=True)}
    entries = {str(e["payload"].get("batch_id")): e["seq"] for e in case.ledger.entries() if e["kind"] == "import"}
    shown = [
        (name, group, post)
        for name, section in sections.items()
        if not section["missing"]
        for group, post in _posts(to_json(section["values"]))
    ]
    held = _held(case, {str(post["sha256"]) for _, _, post in shown})
    aside = set(case.set_aside())
    return [_step(name, group, post, batches, entries, held, aside) for name, group, post in shown]


def _posts(value: Any, group: int | None = None) -> Iterator[tuple[int | None, Mapping[str, Any]]]:
    """Give each post in a section's values, by its file's hash and row, with the number of its group."""
    if isinstance(value, dict):
        if isinstance(value.get("sha256"), str) and "row" in value:
            yield value["group"] if isinstance(value.get("group"), int) else group, value
            return
        for key, inner in value.items():
            if key == _CARDS and isinstance(inner, list):
                for number, card in enumerate(inner, start=1):
                    yield from _posts(card, number)
            else:
                yield from _posts(inner, group)
    elif isinstance(value, list):
        for inner in value:
            yield from _posts(inner, group)


def _held(case: Case, hashes: set[str]) -> dict[tuple[str, int | None, str], str]:
    """Return the platform of each post of these files, by file, row and id; of imports set aside, too."""
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    found: dict[tuple[str, int | None, str], str] = {}
    columns = ["source_sha256", "source_row", "record_id", "platform"]
    for batch in case.batches(set_aside=True):
        if batch.source_sha256 not in hashes:
            continue
        for name in ("records", "observations"):
            if name not in batch.tables:
                continue
            table = pq.read_table(case.path / batch.tables[name]["path"], columns=columns)
            table = table.filter(pc.is_in(table["source_sha256"], value_set=_strings(hashes)))
            for row in zip(*(table[column].to_pylist() for column in columns), strict=True):
                found[row[:3]] = row[3]
    return found


def _strings(values: set[str]) -> Any:
    import pyarrow as pa

    return pa.array(sorted(values), pa.string())


def _step(  # noqa: PLR0913, PLR0917 -- what a step is put together from
    section: str,
    group: int | None,
    post: Mapping[str, Any],
    batches: Mapping[str, Batch],
    entries: Mapping[str, int],
    held: Mapping[tuple[str, int | None, str], str],
    aside: set[str],
) -> Step:
    sha256 = str(post["sha256"])
    row = int(post["row"]) if post["row"] is not None else None
    record = str(post["record"]) if post.get("record") is not None else None
    batch = batches.get(sha256)
    platform = held.get((sha256, row, record or ""))
    state = "gone" if batch is None or platform is None else "set_aside" if batch.batch_id in aside else "same"
    if batch is None:
        return Step(
            section, group, record, platform, sha256, row, None, None, None, None, None, None, None, None, state
        )
    return Step(
        section, group, record, platform, sha256, row, batch.source_name, batch.format, batch.batch_id,
        batch.details.get("obtained"), batch.details.get("received_from"), batch.imported_at.isoformat(),
        batch.officer, entries.get(batch.batch_id), state,
    )  # fmt: skip


def graph(steps: Sequence[Step], run_id: str) -> nx.DiGraph:
    """Return the tree as a graph: run → group → file → how it was obtained; an edge to a file holds its rows.

    Nodes are pairs ``(level, name)`` with attributes ``level`` (0 to 3) and what they show; levels are "run",
    "group" (number or section), "file" (hash) and "origin".
    """
    import networkx as nx

    made = nx.DiGraph()
    made.add_node(("run", run_id), level=0)
    for step in steps:
        group = ("group", step.group if step.group is not None else step.section)
        file = ("file", step.source_sha256)
        origin = ("origin", (step.obtained, step.received_from))
        made.add_node(group, level=1)
        made.add_node(file, level=2, name=step.file, entry=step.entry)
        made.add_node(origin, level=3)
        made.add_edge(("run", run_id), group)
        made.add_edge(group, file)
        made.edges[group, file].setdefault("rows", set()).add(step.source_row)
        made.add_edge(file, origin)
    return made


def as_page(case: Case, run_id: str, steps: Sequence[Step], language: str) -> str:
    """Return the tree as one HTML file: the picture, and the table of every post."""
    pictures = _pictures(graph(steps, run_id), Wording(language)) if steps else None
    states = {state: sum(step.state == state for step in steps) for state in ("same", "set_aside", "gone")}
    number = {sha256: k for k, sha256 in enumerate(dict.fromkeys(step.source_sha256 for step in steps), start=1)}
    rows = [{**asdict(step), "number": number[step.source_sha256]} for step in steps]
    values = {
        "case": case.id, "run_id": run_id, "rows": rows, "tree": pictures,
        "files": list({row["number"]: row for row in rows}.values()), "states": states,
    }  # fmt: skip
    return bare_page("tree.html.j2", values, language, heading="tree.title")


def _pictures(made: nx.DiGraph, words: Wording) -> dict[str, str]:
    """Return the picture, in the language of the page."""
    from spmc_tools.show.charts import tree_picture

    def label(node: tuple[str, Any]) -> str:
        level, value = node
        if level == "run":
            return words.say("tree.run").plain() + "\n" + str(value).replace("-", "\n-", 1)
        if level == "group":
            named = words.say("tree.group", k=value) if isinstance(value, int) else words.say(f"section.{value}")
            return named.plain()
        if level == "file":
            facts = made.nodes[node]
            return f"{str(facts['name'] or '–')[:32]}\nSHA-256 {value[:12]}…"
        how, whom = value
        said = words.say(f"intake.obtained.{how}" if how else "tree.unsaid").plain()
        return f"{said}\n{whom[:36]}" if whom else said

    def rows(numbers: set[int | None]) -> str:
        return words.say("tree.rows", n=len(numbers)).plain()

    return {"wide": data_uri(tree_picture.draw(made, label, rows)), "narrow": ""}


def write_provenance(case: Case, run_id: str, out: Path, language: str | None = None) -> list[Step]:
    """Write the tree into a file that leaves the case, logged, and return its steps.

    Parameters
    ----------
    case : Case
        Whose report it is.
    run_id : str
        Of a finished run.
    out : pathlib.Path
        Name of the file: ``.html`` is the page with the picture, ``.csv`` the table.
    language : {"en", "hi"}, optional
        Of the page; None: that of the case.

    Raises
    ------
    ParameterError
        Where the name ends otherwise or cannot be written.
    """
    suffix = out.suffix.lower()
    if suffix not in {".html", ".csv"}:
        raise ParameterError(f"--out: found {quote(out.name)}, wanted a name that ends in .html or .csv.")
    steps = provenance_steps(case, run_id)
    spoken = language or case.settings.language
    page = as_page(case, run_id, steps, spoken).encode("utf-8", "replace") if suffix == ".html" else b""
    content = as_sheet(steps, Step) if suffix == ".csv" else page
    whole_file(case, out, content, {"what": "provenance", "run": run_id, "rows": len(steps)})
    return steps
