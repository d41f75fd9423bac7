"""The recipes of CONTRIBUTING.md: each is followed to the letter in a copy of the tree, and the files are counted.

What is added runs there. The blocks of the page are what is written, so page and program cannot part.
"""

from __future__ import annotations

import ast
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
import pyarrow as pa
import pytest

from spmc_tools.schema import ACCOUNTS, RECORDS
from tests.plain_cases import plain_case

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).resolve().parent.parent
COPIED = ("spmc_tools", "templates", "notebooks", "docs", "data/accuracy", "data/calendar", "data/law", "js/dist")
NOT_COUNTED = "tests/"
MOST_FILES = 4

BLOCK = re.compile(
    r"^(New, )?`(?P<path>[^`]+/[^`]+)`(?P<place>[^\n]*):\n```\w+\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)
"""A block that is written somewhere, with the line above it that says where."""


@dataclass(frozen=True)
class Block:
    """Text of the page, and where it goes: into a new file, or a place of one that is there."""

    path: str
    new: bool
    place: str
    text: str


def recipe(title: str) -> list[Block]:
    """The blocks of one recipe, in their order."""
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    [part] = re.findall(rf"^### {title} .*?(?=^### An? |^## [A-Z])", page, re.MULTILINE | re.DOTALL)
    return [Block(m["path"], bool(m[1]), m["place"].strip(", "), m["text"]) for m in BLOCK.finditer(part)]


def end_of(path: Path, name: str) -> int:
    """Where the tuple that a module binds to a name closes, as a place in its text."""
    source = path.read_text(encoding="utf-8")
    [value] = [
        node.value
        for node in ast.parse(source).body
        if isinstance(node, ast.Assign) and [getattr(target, "id", "") for target in node.targets] == [name]
    ]
    before = source.splitlines(keepends=True)[: value.end_lineno]
    closing = sum(map(len, before[:-1])) + len(before[-1].encode()[: value.end_col_offset].decode()) - 1
    assert source[closing] == ")"
    return closing


def put(path: Path, at: int, text: str) -> None:
    source = path.read_text(encoding="utf-8")
    path.write_text(source[:at] + text + source[at:], encoding="utf-8")


def below_imports(path: Path) -> int:
    source = path.read_text(encoding="utf-8")
    last = max(
        node.end_lineno or 0 for node in ast.parse(source).body if isinstance(node, (ast.Import, ast.ImportFrom))
    )
    return sum(map(len, source.splitlines(keepends=True)[:last]))


def cell(source: str, tags: tuple[str, ...] = ()) -> Any:
    metadata = {"tags": list(tags)} if tags else {"jupyter": {"source_hidden": True}}
    return nbformat.v4.new_code_cell(source.strip(), metadata=metadata)


def notebook_written(path: Path, block: Block) -> None:
    """Write the cells of a new notebook, its metadata, or a cell and the name of its section into an old one."""
    if block.new:
        first, *others = block.text.split("# %%\n")
        kernel = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
        node = nbformat.v4.new_notebook(
            metadata={"kernelspec": kernel}, cells=[cell(first, ("parameters",)), *map(cell, others)]
        )
    else:
        node = nbformat.read(path, as_version=4)
        if block.place.startswith("its `metadata.spmc`"):
            node.metadata["spmc"] = json.loads(block.text)
        else:
            assert block.place.startswith("a cell at its end")
            node.cells.append(cell(block.text))
            [name] = re.findall(r'section\("(\w+)"', block.text)
            node.metadata["spmc"]["sections"].append(name)
    nbformat.write(node, path)


def written(tree: Path, block: Block) -> None:
    """Do with one block what the line above it says."""
    path = tree / block.path
    if path.suffix == ".ipynb":
        notebook_written(path, block)
    elif block.new:
        assert not path.exists()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(block.text, encoding="utf-8")
    elif block.place == "at its end":
        put(path, len(path.read_text(encoding="utf-8")), block.text)
    elif block.place == "below its imports":
        put(path, below_imports(path), block.text)
    elif found := re.fullmatch(r"at the end of `(\w+)`", block.place):
        put(path, end_of(path, found[1]), block.text)
    elif found := re.fullmatch(r"(?:above|before) `([^`]+)`", block.place):
        source = path.read_text(encoding="utf-8")
        [at] = [m.start() for m in re.finditer(rf"(?<![\w\"]){re.escape(found[1])}(?=\W)(?! ?\")", source)
                if block.place.startswith("before") or source[m.start() - 1] == "\n"]  # fmt: skip
        put(path, at, block.text.rstrip("\n") + (" " if block.place.startswith("before") else "\n\n\n"))
    else:
        pytest.fail(f"CONTRIBUTING.md, {block.path}: this test does not know the place {block.place!r}")


def digests(tree: Path) -> dict[str, str]:
    return {
        path.relative_to(tree).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in tree.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def touched(before: dict[str, str], after: dict[str, str]) -> set[str]:
    """Files that were made, changed or removed, without those of the tests."""
    names = {name for name in {*before, *after} if before.get(name) != after.get(name)}
    return {name for name in names if not name.startswith(NOT_COUNTED)}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of what the program consists of."""
    copy = tmp_path / "tree"
    for name in COPIED:
        if (ROOT / name).exists():
            shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__", "images", "site"))
    (copy / "tests" / "importers").mkdir(parents=True)
    for name in ("conftest.py", "report_fixtures.py", "written_pages.py"):
        shutil.copy(ROOT / "tests" / name, copy / "tests")
    shutil.copy(ROOT / "tests/importers/test_importer_catalogue.py", copy / "tests/importers")
    return copy


@pytest.fixture
def followed(tree: Path) -> Callable[..., set[str]]:
    """Follow a recipe in the copy; return the files that it touched: those that are expected, and not too many."""

    def follow(title: str, expected: set[str] | None = None) -> set[str]:
        blocks, before = recipe(title), digests(tree)
        assert blocks
        for block in blocks:
            written(tree, block)
        files = touched(before, digests(tree))
        if expected is not None:
            assert files == expected and len(files) <= MOST_FILES
        return files

    return follow


@pytest.fixture
def told(tree: Path, tmp_path: Path) -> Callable[..., Any]:
    """Run Python with the copy in place of this tree, loops uncompiled; return what its last line of output holds."""

    def run(code: str, *arguments: str) -> Any:
        environment = {**os.environ, "PYTHONPATH": str(tree), "NUMBA_DISABLE_JIT": "1"}
        done = subprocess.run(
            [sys.executable, "-c", f"{COMMON}\n{code}", *arguments],
            cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=200, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-3000:]
        said = json.loads(done.stdout.splitlines()[-1])
        assert Path(said["where"]).is_relative_to(tree)
        return said["found"]

    return run


COMMON = """
import contextlib, io, json, sys
import spmc_tools as spmc
from spmc_tools.cli import main
from spmc_tools.report.words.wording import Wording

def typed(*arguments):
    out = io.StringIO()
    try:
        with contextlib.redirect_stdout(out):
            main([*arguments, "--json"])
    except SystemExit as left:
        assert not left.code, out.getvalue()
    return json.loads(out.getvalue())

def tell(found):
    print(json.dumps({"where": spmc.__file__, "found": found}))
"""


def test_a_place_is_found_and_nothing_else_is_changed(tmp_path: Path) -> None:
    path = tmp_path / "m.py"
    path.write_text('"""M."""\n\nimport re\n\nALL = (\n    1,\n)\nOF = ("ä", (2,),)\n', encoding="utf-8")
    for place, text in [
        ("at the end of `ALL`", "    5,\n"), ("at the end of `OF`", "6,\n"), ("below its imports", "import os\n"),
        ("above `OF`", "X = 1\n"), ("before `(2,)`", "7,\n"),
    ]:  # fmt: skip
        written(tmp_path, Block("m.py", False, place, text))
    assert path.read_text(encoding="utf-8") == (
        '"""M."""\n\nimport re\nimport os\n\nALL = (\n    1,\n    5,\n)\nX = 1\n\n\nOF = ("ä", 7, (2,),6,\n)\n'
    )
    assert touched({"a": "1", "b": "1", "tests/t": "1"}, {"a": "2", "c": "1"}) == {"a", "b", "c"}


def table_of(path: Path, rows: Iterator[dict[str, Any]]) -> str:
    """Write records as a Parquet file; return its path."""
    import pyarrow.parquet as pq

    plain = {"platform": "x", "source_sha256": "0" * 64, "kind": "post", "time_precision_s": 1.0}
    made = [plain | {"record_id": str(n), "source_row": n} | row for n, row in enumerate(rows, start=1)]
    pq.write_table(RECORDS.from_rows(made), path)
    return str(path)


START = datetime(2025, 11, 3, 4, 0, tzinfo=UTC)


def comments() -> Iterator[dict[str, Any]]:
    """Posts of 20 authors on 20 days, each under two accounts' comments within 20 s; 40 others comment elsewhere."""
    for day in range(20):
        at = START + timedelta(days=day)
        under = {"kind": "comment", "ref_record_id": f"p{day}", "ref_account_id": f"author{day}"}
        for second, who in ((0, "planted1"), (20, "planted2")):
            yield {"account_id": who, "created_at": at + timedelta(hours=day % 3, seconds=second), **under}
        for n in range(40):
            under = {"kind": "comment", "ref_record_id": f"q{day}-{n % 20}", "ref_account_id": f"writer{n % 20}"}
            later = timedelta(minutes=(n * 37 + day * 101) % 1300)
            yield {"account_id": f"other{n}", "created_at": at + later, **under}


def test_a_trace(followed: Callable[..., set[str]], told: Callable[..., Any], tmp_path: Path) -> None:
    followed(
        "A trace",
        {
            "spmc_tools/coaction/traces/trace_catalogue.py",
            "templates/wording/parts/co_comment.yaml",
            "docs/method/traces.md",
        },
    )
    found = told(
        """
import pyarrow.parquet as pq
edges = spmc.investigate(pq.read_table(sys.argv[1]), traces=["co_comment"]).edges
least = edges.sort_values("p").iloc[0]
english, hindi = Wording("en"), Wording("hi")
tell({
    "traces": sorted(set(edges["trace"])), "pair": sorted([least["account_a"], least["account_b"]]),
    "q": float(least["q"]), "said": [words.say("trace.co_comment").plain() for words in (english, hindi)],
    "plural": [hindi.say(f"{k}.co_comment", n=2, **more).plain()
        for k, more in (("headline.one", {"days": 3}), ("card.did", {}), ("posts.block", {}))],
})
""",
        table_of(tmp_path / "comments.parquet", comments()),
    )
    assert found["traces"] == ["co_comment"]
    assert found["pair"] == ["planted1", "planted2"] and found["q"] < 0.05
    assert found["said"] == ["comments on the same posts", "एक ही पोस्टों पर टिप्पणियाँ"]
    assert [said for said in found["plural"] if "टिप्पणी" not in said] == []


def posts_of_a_day() -> Iterator[dict[str, Any]]:
    """One account in 20 hours of a day (UTC), one in 19 of a day and one of the next, one in one hour."""
    day = datetime(2025, 11, 4, tzinfo=UTC)
    for hour in range(20):
        yield {"account_id": "enough", "created_at": day + timedelta(hours=hour)}
        yield {"account_id": "short", "created_at": day + timedelta(hours=hour + 5)}
        yield {"account_id": "one_hour", "created_at": day + timedelta(minutes=hour)}


def test_a_detector(followed: Callable[..., set[str]], told: Callable[..., Any], tmp_path: Path) -> None:
    followed(
        "A detector",
        {
            "spmc_tools/findings/detectors/round_the_clock.py",
            "spmc_tools/findings/detectors/detector_catalogue.py",
            "templates/wording/parts/round_the_clock.yaml",
            "docs/method/traces.md",
        },
    )
    found = told(
        """
import pyarrow.parquet as pq
records = pq.read_table(sys.argv[1])
found = spmc.investigate(records, traces=["round_the_clock"])
few = spmc.investigate(records.slice(0, 19), traces=["round_the_clock"])
seen = found.signals[["detector", "account_id", "n_seen"]].values.tolist()
tell({
    "seen": seen, "not_run": [row["trace"] for row in found.not_run],
    "tiers": [tier for tier in found.accounts["tier"] if isinstance(tier, str)],
    "few": [row["reason"] for row in few.not_run],
    "said": [Wording(one).say("trace.round_the_clock").plain() for one in ("en", "hi")],
})
""",
        table_of(tmp_path / "posts.parquet", posts_of_a_day()),
    )
    assert found["seen"] == [["round_the_clock", "enough", 20.0]]
    assert found["not_run"] == [] and found["tiers"] == []
    assert found["few"] == ["There are 19 records; it takes 20."]
    assert found["said"] == ["posts in nearly all hours of a day", "दिन के लगभग सभी घंटों में पोस्ट"]


def test_an_importer(followed: Callable[..., set[str]], told: Callable[..., Any], tree: Path, tmp_path: Path) -> None:
    before = digests(tree)
    followed("An importer")
    [by_hand] = tomllib.loads((tree / "tests/importers/by_hand/fieldnotes.toml").read_text(encoding="utf-8"))["file"]
    path = tmp_path / by_hand["name"]
    path.write_text(by_hand["content"], encoding="utf-8")
    plain_case("notes")
    found = told(
        """
import os, runpy
os.environ["SPMC_WRITE_DOCS"] = "1"
page = os.environ["PYTHONPATH"] + "/tests/importers/test_importer_catalogue.py"
runpy.run_path(page)["test_the_docs_are_the_declarations"]()
result = typed("import", "notes", sys.argv[1])
case = spmc.open_case("notes")
tell({"result": result["files"], **{
    name: json.loads(case.table(name).to_pandas().to_json(orient="records", date_format="iso"))
    for name in ("records", "accounts")}})
""",
        str(path),
    )
    files = touched(before, digests(tree))
    assert files == {
        "spmc_tools/importers/formats/tools/fieldnotes.py",
        "spmc_tools/importers/importer_catalogue.py",
        "docs/reference/formats.md",
    }
    assert len(files) <= MOST_FILES
    assert "\n## `fieldnotes`\n" in (tree / "docs/reference/formats.md").read_text(encoding="utf-8")
    [result] = found["result"]
    assert (result["format"], result["read"], result["kept"], result["refused"]) == ("fieldnotes", 2, 2, 0)
    for table, keys in (("records", ("record_id", "kind", "text", "hashtags")), ("accounts", ("handle", "followers"))):
        wanted = [[row.get(key) for key in keys] for row in by_hand[table]]
        assert [[row[key] for key in keys] for row in found[table]] == wanted


NAMES = {"acct1": "Sunaina Marandi", "acct2": "Bhola Oraon"}
"""Made-up names that the accounts show; the handles are made up, too."""


@pytest.fixture
def named_case(tmp_path: Path) -> str:
    """A case of three accounts, two with a display name, that posted four, two and one times."""
    case = plain_case("named")
    source = tmp_path / "received.jsonl"
    source.write_text("made up\n", encoding="utf-8")
    sha256 = hashlib.sha256(source.read_bytes()).hexdigest()
    writers = ["acct1"] * 4 + ["acct2"] * 2 + ["acct3"]
    plain = {"platform": "x", "source_sha256": sha256}
    records = [
        {"record_id": f"{n}", "account_id": who, "kind": "post", "text": f"पोस्ट {n}", "source_row": n, **plain,
         "created_at": START + timedelta(minutes=30 * n)}
        for n, who in enumerate(writers)
    ]  # fmt: skip
    accounts = [
        {"account_id": who, "handle": f"handle_{who}", "display_name": name, "source_row": n, **plain}
        for n, (who, name) in enumerate(NAMES.items(), start=1)
    ]
    with case.new_batch(source, sha256) as batch:
        batch.write(records=RECORDS.from_rows(records), accounts=pa.Table.from_pylist(accounts, schema=ACCOUNTS.schema))
        batch.commit(format="made_up", read=len(records), duplicates=0)
    return case.id


def test_a_section(
    followed: Callable[..., set[str]], told: Callable[..., Any], tree: Path, named_case: str, tmp_path: Path
) -> None:
    module = "spmc_tools/report/sections/watch/closing.py"
    followed(
        "A section",
        {
            module,
            "templates/sections/closing/busiest.html.j2",
            "templates/wording/parts/busiest.yaml",
            "notebooks/10_intake.ipynb",
        },
    )
    source = (tree / module).read_text(encoding="utf-8")
    assert source.count("    posts: Count\n") == 1
    without_class = tmp_path / "without_class.py"
    without_class.write_text(source.replace("    posts: Count\n", "    posts: int\n"), encoding="utf-8")
    full, redacted, refusal = told(
        """
import importlib.util
from pathlib import Path
case, without_class = sys.argv[1:]
runs = []
for edition in ("full", "redacted"):
    done = typed("report", case, "10_intake", "--lang", "both", "--edition", edition)
    runs.append([done["status"], "".join(Path(path).read_text("utf-8") for path in done["reports"].values())])
spec = importlib.util.spec_from_file_location("without_class", without_class)
made = importlib.util.module_from_spec(spec)
sys.modules["without_class"] = made
try:
    spec.loader.exec_module(made)
except TypeError as error:
    runs.append(str(error))
tell(runs)
""",
        named_case,
        str(without_class),
    )
    for status, page in (full, redacted):
        assert status == "complete"
        assert "Who posted most" in page and "सबसे अधिक किसने पोस्ट किया" in page
        assert "3 accounts with most posts." in page and "सबसे अधिक पोस्ट वाले 3 खाते" in page
    parts = re.findall(r'<section id="busiest">.*?</section>', full[1], re.DOTALL)
    assert len(parts) == 2  # one in each language
    for part in parts:
        assert [re.findall(rf"\b{who}\b", part) != [] for who in ("acct1", "acct2", "acct3")] == [True] * 3
        assert [name in part for name in NAMES.values()] == [True, True]
    assert re.findall(r"acct\d", redacted[1]) == []
    assert [name for name in NAMES.values() if name in redacted[1]] == []
    assert re.search(r"without_class\.BusyAccount\.posts is <class 'int'>, .*annotate it with a privacy class", refusal)


def test_a_desk(followed: Callable[..., set[str]], told: Callable[..., Any], named_case: str) -> None:
    files = followed("A desk")
    of_its_section = {"spmc_tools/report/sections/desks/tour.py", "templates/sections/board/quiet.html.j2"}
    assert files - of_its_section == {
        "spmc_tools/desks/watch/quiet_hours.py",
        "notebooks/quiet_hours.ipynb",
        "templates/wording/parts/quiet_hours.yaml",
        "docs/howto/desks.md",
    }
    assert of_its_section <= files and len(files - of_its_section) <= MOST_FILES
    status, page = told(
        """
from pathlib import Path
done = typed("report", sys.argv[1], "quiet_hours", "--lang", "both")
tell([done["status"], "".join(Path(path).read_text("utf-8") for path in done["reports"].values())])
""",
        named_case,
    )
    assert status == "complete"
    # posts from 9:30 to 12:30 IST, one each half hour
    assert "20 hours of the day without a post (IST):" in page and "दिन के 20 घंटे बिना पोस्ट के" in page
    quiet = [*range(9), *range(13, 24)]
    assert ", ".join(map(str, quiet)) in page
