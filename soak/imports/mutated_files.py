"""Thousands of changed files: each is read, or refused with one sentence, within its time and memory.

The corpus are the small files by hand of every format (`tests/importers/by_hand`), each also as gzip and, where it is
a table, as XLSX, ODS, Parquet and SQLite. Changes keep the structure, more or less: bytes, digits, signs that have a
meaning, lines and pieces of a line twice, exchanged or gone, parts of another file, an end too early. They are read
as a dry run, as rows to look at and as a proposal for a mapping, outside of the cage, so that an exception nobody
foresaw shows; the process has 1 GB above what it begins with, and each file 20 s. Settings and mappings are changed
in the same way.

    python -m soak.imports.mutated_files --files 20000 --seed 1
"""

from __future__ import annotations

import argparse
import gzip
import io
import random
import re
import resource
import signal
import sqlite3
import time
import tomllib
import traceback
import zipfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq

from soak.scratch import count_wrong, peak_mb, scratch, stop_where_wrong
from spmc_tools.cage.cage import outside_of_the_cage
from spmc_tools.case.log.settings import parse_settings, settings_toml
from spmc_tools.case.store.case import Case, create_case
from spmc_tools.errors import SpmcError
from spmc_tools.importers.engine.importer import Options
from spmc_tools.importers.import_files import import_files
from spmc_tools.importers.mapping.mapping import load_mapping
from spmc_tools.importers.preview import first_records, first_rows, proposed_mapping

if TYPE_CHECKING:
    from collections.abc import Callable

BY_HAND = Path(__file__).parents[2] / "tests" / "importers" / "by_hand"
SECONDS, MEMORY = 20, 1 << 30
SIGNS = [
    b"\x00", b"\xff", b"\xed\xa0\x80", b"\xef\xbb\xbf", b'"', b"'", b",", b";", b"\t", b"\r", b"\n", b"{", b"}", b"[",
    b"]", b":", b"\\", b"\\u0000", b"\\ud800", b"<", b">", b"&#0;", b"null", b"NaN", b"1e999", b"-0", b"1e-5", b"0x10",
    b"9" * 400, b"9" * 5000, b"2025-02-30", b"9999-12-31T23:59:60Z", b"0000-00-00", b"\xe2\x80\xae", b"=1+1",
    b"RT @a: ",
]  # fmt: skip
MAPPING = b"""[columns]
record_id = "id"
account_id = "user_id"
created_at = "created_at"
text = "text"
[times]
created_at = {tz = "UTC"}
"""


def corpus() -> list[tuple[str, bytes, dict[str, Any]]]:
    """Return name, content and options of each file."""
    found: list[tuple[str, bytes, dict[str, Any]]] = []
    for path in sorted(BY_HAND.glob("*.toml")):
        for file in tomllib.loads(path.read_text(encoding="utf-8"))["file"]:
            if "zip" in file:
                out = io.BytesIO()
                with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
                    for name, text in file["zip"].items():
                        archive.writestr(name, text)
                found.append((file["name"], out.getvalue(), {}))
            else:
                found.append((file["name"], file["content"].encode(), {}))
    names, rows = (
        ["id", "user_id", "created_at", "text", "like_count"],
        [["1", "2", "2025-11-06 10:00", "मतदान", "3"]] * 4,
    )
    book = openpyxl.Workbook()
    for row in [names, *rows]:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    found.append(("t.xlsx", out.getvalue(), {}))
    columns = dict(zip(names, zip(*rows, strict=True), strict=True))
    out = io.BytesIO()
    pq.write_table(pa.table({name: list(cells) for name, cells in columns.items()}), out)
    found.append(("t.parquet", out.getvalue(), {}))
    base = sqlite3.connect(":memory:")
    base.execute(f"CREATE TABLE t ({', '.join(names)})")
    base.executemany("INSERT INTO t VALUES (?, ?, ?, ?, ?)", rows)
    base.commit()
    found.append(("t.sqlite", base.serialize(), {}))
    base.close()
    found += [(f"{name}.gz", gzip.compress(content, mtime=0), {}) for name, content, _ in found[:6]]
    return found


def changed(content: bytes, other: bytes, chance: random.Random) -> bytes:
    """Return a content with one to six changes."""
    made = bytearray(content)
    for _ in range(chance.choice((1, 1, 1, 2, 3, 6))):
        at = chance.randrange(len(made) + 1)
        to = min(len(made), at + chance.choice((1, 1, 2, 4, 16, 64, 300)))
        match chance.randrange(11):
            case 0 if made:
                made[at % len(made)] = chance.randrange(256)
            case 1 if made:
                made[at % len(made)] ^= 1 << chance.randrange(8)
            case 2:
                made[at:at] = chance.choice(SIGNS)
            case 3:
                made[at:to] = chance.choice(SIGNS)
            case 4:
                del made[at:to]
            case 5:
                made[at:at] = made[at:to] * chance.choice((1, 1, 2, 50))
            case 6:
                begin = chance.randrange(len(other) + 1)
                made[at:at] = other[begin : begin + chance.choice((4, 40, 400))]
            case 7:
                del made[at:]
            case 8:
                lines = made.split(b"\n")
                chance.shuffle(lines)
                made = bytearray(b"\n".join(lines))
            case 9:
                numbers = list(re.finditer(rb"[0-9]+", made))
                if numbers:
                    found = chance.choice(numbers)
                    made[found.start() : found.end()] = chance.choice((b"", b"-1", b"0", b"9" * 20, b"9" * 400, b"1.5"))
            case _:
                words = list(re.finditer(rb'"[^"\n]{1,30}"', made))
                if len(words) > 1:
                    one, two = chance.choice(words), chance.choice(words)
                    made[one.start() : one.end()] = two[0]
    return bytes(made)


def repacked(content: bytes, other: bytes, chance: random.Random) -> bytes:
    """Return an archive or workbook of which one part is changed, and packed again."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as archive, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as again:
        chosen = chance.choice(archive.namelist())
        for name in archive.namelist():
            part = archive.read(name)
            again.writestr(name, changed(part, other, chance) if name == chosen else part)
    return out.getvalue()


def looks(case: Case, folder: Path) -> dict[str, Callable[[Path], object]]:
    """Return what is done with a file, by name."""
    options = Options(None, "UTC", "dmy", accept_guess=True)
    given: dict[str, Any] = {"tz": "UTC", "date_order": "dmy", "accept_guess": True, "dry_run": True}
    mapping = folder / "mapping.toml"
    mapping.write_bytes(MAPPING)
    return {
        "import": lambda path: import_files(case, [path], **given),
        "import by a mapping": lambda path: import_files(case, [path], mapping=mapping, dry_run=True, tz="UTC"),
        "first records": lambda path: first_records(path, options),
        "first rows": first_rows,
        "proposal": lambda path: proposed_mapping(path, options),
    }


class TooLongError(Exception):
    """A file took longer than its time."""


def late(*_: object) -> None:
    raise TooLongError


def limit_time(seconds: int = SECONDS) -> None:
    """Raise :class:`TooLongError` after so much of the processor, or thirty times as much by the clock; 0: no more.

    A busy machine makes no hang: an input that takes .01 s of the processor once got none of it for 20 s.
    """
    signal.signal(signal.SIGPROF, late)
    signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    signal.alarm(30 * seconds)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=1e9)
    asked = parser.parse_args()
    seen: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    began = time.monotonic()
    with scratch() as folder, outside_of_the_cage():
        case = create_case(
            "soak", title="Soak", purpose="p", legal_basis="l", date_from="2010-01-01", date_to="2029-12-31"
        )
        files, ways = corpus(), looks(case, folder)
        toml = settings_toml(case.settings)
        held = int(Path("/proc/self/statm").read_text().split()[5]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_DATA, (held + MEMORY, held + MEMORY))
        for number in range(asked.files):
            if time.monotonic() - began > 60 * asked.minutes:
                break
            chance = random.Random(f"{asked.seed}-{number}")
            name, content, _ = chance.choice(files)
            other = chance.choice(files)[1]
            packed = content.startswith(b"PK")
            made = (repacked if packed and chance.random() < 0.7 else changed)(content, other, chance)
            way = chance.choice([*ways, "settings", "mapping"] if chance.random() < 0.3 else ["import"])
            path = folder / name
            limit_time()
            try:
                if way == "settings":
                    parse_settings(changed(toml, MAPPING, chance))
                elif way == "mapping":
                    (folder / "changed.toml").write_bytes(changed(MAPPING, toml, chance))
                    load_mapping(folder / "changed.toml")
                else:
                    path.write_bytes(made)
                    ways[way](path)
                said = "read"
            except SpmcError as error:
                sentences = str(error).splitlines()
                said = "refused" if len(sentences) == 1 else "refused in more than a sentence"
                if len(sentences) > 1 and "This mapping is proposed:" in sentences[0]:
                    said = "asked for a mapping"
                elif said != "refused":
                    wrong[f"{sentences} ({way}, {name})"] += 1
            except (Exception, MemoryError) as error:
                last = traceback.extract_tb(error.__traceback__)[-1]
                said = "not foreseen"
                where = f"{type(error).__name__} at {Path(last.filename).name}:{last.lineno} ({way}, {name})"
                count_wrong(wrong, where, error, f"found-{asked.seed}-{number}-{name}", made)
            finally:
                limit_time(0)
                path.unlink(missing_ok=True)
            seen[said] += 1
    took = time.monotonic() - began
    print(f"{seen.total():,} inputs, seed {asked.seed}: {dict(seen)}; {took:.0f} s, {peak_mb()} MB at most")
    stop_where_wrong(wrong)


if __name__ == "__main__":
    main()
