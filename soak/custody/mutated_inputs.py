"""Changed inputs for what reads a case, a pack, a backup and the files that people write by hand.

Targets: ``settings`` (case.toml), ``schedule``, ``mapping``, ``parameters`` (of a notebook, as declared and as typed),
``anchors``, ``stamp_server``, ``case`` (verify of a folder), ``pack`` (verify of a file), ``restore``. What is small is
changed as text and as a tree, and an input that reaches a line of ours or of the parser that none reached before joins
those that are changed further; they begin with ``soak/custody/corpus``, and ``--keep`` writes those that reached more.
Cases and packs are changed as a tree, most with every hash made to fit (:mod:`tests.forgery`), or by a byte; of a byte
that was changed in a file of a case the check must tell. All of it in this process, outside of the cage, so that an
exception nobody foresaw shows; the process has 1 GB above what it begins with, and each input 20 s.

    python -m soak.custody.mutated_inputs --minutes 20 --seed 1
"""

from __future__ import annotations

import argparse
import functools
import io
import json
import logging
import os
import random
import resource
import shutil
import sys
import time
import tomllib
import traceback
import warnings
import zipfile
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from soak.imports.mutated_files import MEMORY, TooLongError, changed, limit_time
from soak.scratch import count_wrong, peak_mb, scratch, stop_where_wrong
from spmc_tools.cage.cage import outside_of_the_cage
from spmc_tools.case.log.anchors import read_anchors
from spmc_tools.case.log.settings import parse_settings
from spmc_tools.custody.records.backup import back_up
from spmc_tools.custody.records.restore import restore
from spmc_tools.custody.review.verify import verify
from spmc_tools.errors import SpmcError
from spmc_tools.importers.mapping.mapping import load_mapping
from spmc_tools.report.words.parameters import check, declared
from spmc_tools.schedule.schedule_file import read_schedule
from spmc_tools.signing.automatic_stamps import TSA, stamp_server
from tests.custody.review.mutated_packs import archives, harmed, mutated
from tests.custody.review.test_two_checkers import signed_pack_of
from tests.forgery import forge_case, sha, zipped
from tests.report_fixtures import MEMBERS, TEXTS, filled_case

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from spmc_tools.case.store.case import Case

CORPUS = Path(__file__).parent / "corpus"
WATCHED = (str(Path(__file__).parents[2] / "spmc_tools"), str(Path(tomllib.__file__).parent))
NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "election_watch.ipynb"
WORDS = [
    b"[[job]]", b"[notify]", b"[x.y]", b"[[", b'"""', b"'''", b" = ", b"inf", b"nan", b"1979-05-27T07:32:00Z",
    b"0x", b"1e400", b"[" * 3000, b"{a=" * 1500, b'"\\uD800"', b"true", b"\xef\xbb\xbf", b"every 0 minutes",
    b"-1", b"9" * 5000, b"every 99999999999 days", b'["a", 1]', b"2025-11-06", b'"../../x"', b'"\\u0000"',
    "\u202e".encode(), b"a.b.c", b"1_0", b"# x\r",
]  # fmt: skip


def toml_of(value: Any, depth: int = 0) -> str:
    """One TOML value; what has no form there is a text."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(k)} = {toml_of(v, depth + 1)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(toml_of(one, depth + 1) for one in value) + "]"
    if isinstance(value, (int, float)) or hasattr(value, "isoformat"):
        return str(value)
    return json.dumps(value if isinstance(value, str) else str(value)).replace("\x7f", "\\u007f")


def as_tree(content: bytes, chance: random.Random) -> bytes:
    """A TOML or JSON file of which one place, or a few, hold something odd."""
    try:
        tree: Any = json.loads(content) if content.lstrip()[:1] == b"{" else tomllib.loads(content.decode())
    except (ValueError, RecursionError):
        return changed(content, b"", chance)
    for _ in range(chance.choice((1, 1, 2, 4))):
        tree = harmed(tree, chance)
        if isinstance(tree, dict) and tree and chance.random() < 0.2:
            key = chance.choice(sorted(tree))
            tree = {**tree, key: [tree[key]] * chance.choice((1, 2, 40))}
    if content.lstrip()[:1] == b"{":
        return json.dumps(tree).encode()
    if not isinstance(tree, dict):
        return toml_of(tree).encode("utf-8", "replace")
    return "".join(f"{json.dumps(k)} = {toml_of(v)}\n" for k, v in tree.items()).encode("utf-8", "replace")


def text_changed(content: bytes, other: bytes, chance: random.Random) -> bytes:
    how = chance.random()
    if how < 0.35:
        return as_tree(content, chance)
    if how < 0.55:
        at = chance.randrange(len(content) + 1)
        return content[:at] + chance.choice(WORDS) + content[at + chance.choice((0, 0, 1, 5)) :]
    return changed(content, other, chance)


@dataclass
class Reached:
    """Lines that were reached, of the files that are watched."""

    lines: set[tuple[str, int]] = field(default_factory=set)

    def within(self, do: Callable[[], object]) -> bool:
        """Do it; return whether a line was reached that none was before. What it raises comes through."""
        before = len(self.lines)
        self._more = False

        def line(frame: Any, event: str, _: object) -> Any:
            if event == "line":
                self.lines.add((frame.f_code.co_filename, frame.f_lineno))
            return line

        def call(frame: Any, _event: str, _arg: object) -> Any:
            return line if frame.f_code.co_filename.startswith(WATCHED) else None

        sys.settrace(call)
        try:
            do()
        finally:
            sys.settrace(None)
            self._more = len(self.lines) > before
        return self._more

    @property
    def more(self) -> bool:
        """Whether the last one reached more."""
        return self._more


def parameters(path: Path, content: bytes) -> None:
    """A notebook whose declaration of parameters is ``content``, and values as somebody may have typed them."""
    notebook = json.loads(NOTEBOOK.read_bytes())
    declaration = json.loads(content)
    notebook["metadata"]["spmc"] = declaration.get("spmc") if isinstance(declaration, dict) else declaration
    if isinstance(declaration, dict) and "cell" in declaration:
        cell = next(cell for cell in notebook["cells"] if "parameters" in cell["metadata"].get("tags", []))
        cell["source"] = declaration["cell"]
    path.write_text(json.dumps(notebook))
    known = declared(path)
    typed = declaration.get("typed") if isinstance(declaration, dict) else None
    check(known, {str(k): str(v) for k, v in typed.items()} if isinstance(typed, dict) else {}, "x")


def read_text(name: str, folder: Path, content: bytes) -> None:
    """What is done with one input of a small target; ``SpmcError``: it is refused."""
    path = folder / f"input-{name}"
    if name == "settings":
        parse_settings(content)
        return
    if name == "parameters":
        try:
            json.loads(content)
        except (ValueError, RecursionError):
            return
        parameters(path.with_suffix(".ipynb"), content)
        return
    path.write_bytes(content)
    if name == "schedule":
        read_schedule(path, whole=False)
        read_schedule(path)
    elif name == "mapping":
        load_mapping(path)
    elif name == "anchors":
        with suppress(SpmcError):
            read_anchors(content[:200].decode("latin-1"))
        read_anchors(str(path))
    else:
        os.environ[TSA] = str(path)
        try:
            stamp_server()
        finally:
            del os.environ[TSA]


PLACES = ["../x", "/x", "a/../../x", "x\\y", "original/x"]
TEXTS_READ = ("settings", "schedule", "mapping", "parameters", "anchors", "stamp_server")


class Trees:
    """Cases, packs and backups to change, and what is done with them."""

    def __init__(self, folder: Path) -> None:
        os.environ["SPMC_OFFICER_KEYS"] = str(folder / "officers")
        self.folder = folder
        self.case: Case = filled_case(folder, TEXTS, MEMBERS, [f"handle_{n}" for n in range(1, 6)])
        self.files, self.keys = signed_pack_of(self.case)
        self.backups = [back_up(self.case, folder / f"b{suffix}")[0].read_bytes() for suffix in (".zip", ".tar.zst")]
        os.environ["SPMC_OFFICER_KEYS"] = str(folder / "nobody")

    def pack(self, chance: random.Random) -> None:
        path = self.folder / "m.zip"
        if chance.random() < 0.3:
            path.write_bytes(next(archives(self._whole_pack, chance)))
        else:
            zipped(path, mutated(self.files, chance, self.keys))
        verify(path)

    @functools.cached_property
    def _whole_pack(self) -> bytes:
        return zipped(self.folder / "whole.zip", self.files).read_bytes()

    def case_folder(self, chance: random.Random) -> None:
        from tests.custody.review.mutated_packs import _rows

        copy = self.folder / "cases" / "copy"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(self.case.path, copy)
        plain = [path for path in sorted(copy.rglob("*")) if path.is_file() and path.stat().st_size]
        for path in plain:
            path.chmod(0o600)
        how = chance.random()
        if how < 0.5:
            try:
                forge_case(copy, _rows(chance, self.keys))
            except (KeyError, TypeError, AttributeError, IndexError):  # so odd that nobody can make it fit
                return
            verify(copy, log=False)
            return
        path = chance.choice(plain)
        content = bytearray(path.read_bytes())
        if how < 0.6:
            path.unlink()
            if chance.random() < 0.5:
                path.symlink_to("/dev/zero") if chance.random() < 0.5 else path.mkdir()
        elif (how < 0.7 and path.suffix == ".json") or path.name == "case.toml":
            path.write_bytes(as_tree(bytes(content), chance))
            content = bytearray()
        else:
            content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
            path.write_bytes(bytes(content))
        found = verify(copy, log=False)
        told = path.name == "ledger.sqlite" or path.relative_to(copy).parts[0] == "derived" or path.name.startswith(".")
        if content and not told and found.ok:
            raise AssertionError(f"a change in {path.relative_to(copy)} was not told")

    def restore(self, chance: random.Random) -> None:
        which = chance.randrange(2)
        path = self.folder / ("m.zip" if which == 0 else "m.tar.zst")
        if which == 0 and chance.random() < 0.75:
            path.write_bytes(self._backup_changed(chance))
        else:
            whole = self.backups[which]
            path.write_bytes(next(archives(whole, chance)) if chance.random() < 0.6 else changed(whole, b"", chance))
        back = self.folder / "cases" / "back"
        try:
            restore(path, "back")
        finally:
            shutil.rmtree(back, ignore_errors=True)

    def _backup_changed(self, chance: random.Random) -> bytes:
        """A backup one of whose files is another, its list made to fit or not."""
        out = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(self.backups[0])) as archive, zipfile.ZipFile(out, "w") as again:
            names = archive.namelist()
            held = {name: archive.read(name) for name in names}
            listing = names[0]
            tree: Any = json.loads(held[listing])
            chosen = chance.choice(names)
            if chosen == listing or chance.random() < 0.4:
                tree = harmed(tree, chance)
            else:
                held[chosen] = changed(held[chosen], held[listing], chance)
                if chance.random() < 0.7 and isinstance(tree, dict):
                    tree = _fitted(tree, chosen, held[chosen])
            held[listing] = json.dumps(tree).encode()
            if chance.random() < 0.15:
                names.insert(
                    chance.randrange(len(names) + 1),
                    chance.choice([*PLACES, chosen]),
                )
            for name in names:
                again.writestr(name, held.get(name, b"x"))
        return out.getvalue()


def _fitted(tree: dict[str, Any], name: str, content: bytes) -> dict[str, Any]:
    """The list of a backup with size and hash of one file made to fit, in whatever form it holds them."""
    text = json.dumps(tree)
    files = tree.get("files")
    for place, of in files.items() if isinstance(files, dict) else []:
        if name.endswith(place) and isinstance(of, list):
            return {**tree, "files": {**files, place: [len(content), sha(content)]}}
    for one in files if isinstance(files, list) else []:
        if isinstance(one, dict) and name.endswith(str(one.get("path"))):
            fresh = {**one, "bytes": len(content), "size": len(content), "sha256": sha(content)}
            kept = {key: value for key, value in fresh.items() if key in one}
            return {**tree, "files": [kept if other is one else other for other in files]}
    return dict(json.loads(text))


def inputs(name: str) -> list[bytes]:
    """The corpus of a target."""
    return [path.read_bytes() for path in sorted((CORPUS / name).iterdir())]


def steps(asked: argparse.Namespace, folder: Path) -> Iterator[tuple[str, Callable[[], object], bytes]]:
    """Give target, what is to be done, and the input where it is a text."""
    trees = Trees(folder)
    pools = {name: inputs(name) for name in TEXTS_READ}
    reached = {name: Reached() for name in TEXTS_READ}
    for name in TEXTS_READ:
        for content in list(pools[name]):
            yield (
                name,
                functools.partial(reached[name].within, functools.partial(read_text, name, folder, content)),
                content,
            )
    large: dict[str, Callable[[random.Random], None]] = {
        "case": trees.case_folder, "pack": trees.pack, "restore": trees.restore,
    }  # fmt: skip
    targets = [name for name in (*TEXTS_READ, *large) if not asked.targets or name in asked.targets]
    number = 0
    while True:
        number += 1
        chance = random.Random(f"{asked.seed}-{number}")
        name = targets[number % len(targets)]
        if name in large:
            yield name, functools.partial(large[name], chance), b""
            continue
        # as many of the small ones take the time of one of the large; a notebook takes as long as many of the others
        for _ in range(asked.texts // (20 if name == "parameters" else 1)):
            pool = pools[name]
            made = text_changed(chance.choice(pool), chance.choice(pool), chance)
            traced = chance.random() < 0.25
            do = functools.partial(read_text, name, folder, made)
            yield name, functools.partial(reached[name].within, do) if traced else do, made
            if traced and reached[name].more and len(made) < 20_000:
                pool.append(made)
                if asked.keep is not None and len(made) < 2_000:
                    (asked.keep / name).mkdir(parents=True, exist_ok=True)
                    (asked.keep / name / sha(made)[:12]).write_bytes(made)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=20.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--texts", type=int, default=200, help="small inputs of a target in one turn")
    parser.add_argument("--targets", nargs="*", default=[], help="only these")
    parser.add_argument("--keep", type=Path, help="folder for inputs that reached more than those before")
    asked = parser.parse_args()
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    seen: Counter[tuple[str, str]] = Counter()
    wrong: Counter[str] = Counter()
    slowest = 0.0
    began = time.monotonic()
    with scratch() as folder, outside_of_the_cage():
        for name, do, made in steps(asked, folder):
            if not seen:
                held = int(Path("/proc/self/statm").read_text().split()[5]) * resource.getpagesize()
                resource.setrlimit(resource.RLIMIT_DATA, (held + MEMORY, held + MEMORY))
            if time.monotonic() - began > 60 * asked.minutes:
                break
            limit_time()
            start = time.process_time()
            try:
                do()
                said = "read"
            except SpmcError as error:
                said = "refused"
                if len(str(error).splitlines()) != 1:
                    wrong[f"more than a sentence: {str(error).splitlines()} ({name})"] += 1
            except (Exception, MemoryError) as error:
                last = traceback.extract_tb(error.__traceback__)[-1]
                said = "hang" if isinstance(error, TooLongError) else "not foreseen"
                where = (
                    f"{type(error).__name__} at {Path(last.filename).name}:{last.lineno} ({name}): {str(error)[:100]}"
                )
                count_wrong(wrong, where, error, f"found-{asked.seed}-{seen.total()}-{name}", made)
            finally:
                limit_time(0)
            slowest = max(slowest, time.process_time() - start)
            seen[name, said] += 1
    for name in sorted({name for name, _ in seen}):
        print(f"{name}: { ({said: n for (of, said), n in sorted(seen.items()) if of == name}) }")
    took = time.monotonic() - began
    print(
        f"{seen.total():,} inputs, seed {asked.seed}; {took:.0f} s, the slowest {slowest:.1f} s, {peak_mb()} MB at most"
    )
    stop_where_wrong(wrong)


if __name__ == "__main__":
    main()
