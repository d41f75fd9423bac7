"""Stages of an investigation that a case keeps: what was worked out of the same inputs is read, not worked out again.

A stage is known by the hash of its inputs, its settings and the source that it rests on. So a second look at an
unchanged case, with another context or another window, works out only what these touch; after one more import each
trace that the import left as it was is read, and of texts only the new ones are read again. A file counts only where
its SHA-256 is the one that the custody log tells of; what is gone, spoilt or put there by somebody else is worked out
anew, and the log of the program and the custody log say so.

Notes
-----
What an import touches is worked out anew as a whole: the chance models of a trace rest on all its actions, so one
action more changes what is expected of every pair. The folder is bounded (:data:`MOST_BYTES`, :data:`MOST_FILES`);
what was not used for longest goes first. Nothing rests on what is kept: the folder may be taken away at any time.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from spmc_tools.case.files.durable import os_errors, write_file
from spmc_tools.case.log.logged_results import STAGES, stages_of
from spmc_tools.errors import IntegrityError, SpmcError
from spmc_tools.findings.pipeline.stage_values import packed, unpacked
from spmc_tools.text.text_cache import remembering

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from typing import TypeVar

    from spmc_tools.case.store.case import Case

    T = TypeVar("T")

__all__ = ["LEAST_S", "MOST_BYTES", "MOST_FILES", "KeptStages", "content_hash", "usage"]

MOST_BYTES, MOST_FILES = 2 << 30, 200
"""The folder of a case's kept stages holds no more than this."""

LEAST_S = 0.3
"""A stage that took fewer CPU seconds is not kept: reading it back would save nothing."""

_LOGGED_AFTER_S = 60.0
_MOST_SEGMENTS = 6
_LOG = logging.getLogger(__name__)


def content_hash(table: pa.Table | None) -> str:
    """Return a hash over the schema and values of a table, however it is cut into pieces; "" for None."""
    if table is None:
        return ""
    digest = hashlib.sha256()
    whole = table.combine_chunks()
    with pa.ipc.new_stream(pa.PythonFile(_Hashing(digest), mode="w"), whole.schema) as writer:
        writer.write_table(whole)
    return digest.hexdigest()


class _Hashing:
    """A file that keeps nothing but the hash of what is written to it."""

    closed = False

    def __init__(self, digest: Any) -> None:
        self._digest = digest

    def write(self, content: Any) -> int:
        self._digest.update(content)
        return len(content)

    def flush(self) -> None:
        """Do nothing: nothing waits."""


class KeptStages:
    """The stages that a case keeps, for one look.

    Parameters
    ----------
    case : Case or None
        None: nothing is kept, every stage is worked out.
    rests_on : str
        Hash over the source that stages rest on.
    parameters : mapping
        Parameters of the investigation, for the custody log where it is broken off.
    """

    def __init__(self, case: Case | None, rests_on: str, parameters: Mapping[str, Any] | None = None) -> None:
        self._case, self._rests_on, self._parameters = case, rests_on, dict(parameters or {})
        self._folder = case.path / STAGES if case is not None else None
        self._hashes = dict(stages_of(case.ledger.entries())) if case is not None else {}
        self._new, self._logged = False, time.process_time()
        self._hashed: list[tuple[pa.Table, str]] = []
        self.read: dict[str, str] = {}
        self.made: list[str] = []
        self.unsound: dict[str, str] = {}

    def hash_of(self, table: pa.Table | None) -> str:
        """Return the hash of a table's content, taken once for each table; "" where nothing is kept."""
        if self._folder is None or table is None:
            return ""
        found = next((digest for hashed_table, digest in self._hashed if hashed_table is table), None)
        if found is None:
            found = content_hash(table)
            self._hashed.append((table, found))
        return found

    def of(self, stage: str, inputs: Sequence[str | Mapping[str, Any]], anew: Callable[[], T]) -> T:
        """Return what a stage gives: as the case keeps it, where it keeps this very one, else worked out.

        Parameters
        ----------
        stage : str
            Its name.
        inputs : sequence of str or mapping
            Hashes of its tables, and its settings as JSON holds them: all that it depends on.
        anew : callable
            Works it out.
        """
        if self._folder is None:
            return anew()
        said = json.dumps([stage, self._rests_on, *inputs], sort_keys=True).encode()
        name = f"s{hashlib.sha256(said).hexdigest()[:40]}.zip"
        kept = self._content(name, stage)
        if kept is not None:
            try:
                value: T = unpacked(kept)
            except IntegrityError as change:
                self._say(stage, str(change))
            else:
                self.read[stage] = self._hashes[name]
                return value
        began = time.process_time()
        value = anew()
        self.made.append(stage)
        if time.process_time() - began >= LEAST_S and (content := packed(value)) is not None:
            self._write(name, content)
            self._log_now_and_then()
        return value

    @contextmanager
    def whole_look(self) -> Iterator[None]:
        """Remember texts inside the block; where it is broken off, log what was kept, so that the next look has it."""
        texts = None if self._folder is None else _Texts(self)
        try:
            with remembering(texts):
                yield
        except BaseException:
            with suppress(SpmcError, OSError):
                self._settle(texts)
                self._log_broken_off()
            raise
        self._settle(texts)

    def log_entry(self) -> dict[str, Any]:
        """Return what the custody log is to hold: the stages read, made and found unsound; every file and its hash."""
        place, files = STAGES, dict(sorted(self._hashes.items()))
        return {
            "read": dict(self.read), "made": list(self.made), "unsound": dict(self.unsound),
            "derived": place, "results": files,
        }  # fmt: skip

    # -- files --------------------------------------------------------------------------------------------------------

    def _content(self, name: str, stage: str) -> bytes | None:
        """Return a file of the folder whose hash is the one that the custody log tells of."""
        assert self._folder is not None  # noqa: S101 -- asked for with a folder alone
        path = self._folder / name
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError:
            self._say(stage, "it could not be read")
            return None
        if hashlib.sha256(content).hexdigest() != self._hashes.get(name):
            what = "was changed" if name in self._hashes else "is not one that the custody log tells of"
            self._say(stage, f"it {what}")
            return None
        with suppress(OSError):
            os.utime(path)
        return content

    def _say(self, stage: str, what: str) -> None:
        self.unsound[stage] = what
        _LOG.warning("The kept stage %s is not used: %s. It is worked out anew.", stage, what)

    def _write(self, name: str, content: bytes) -> None:
        assert self._folder is not None  # noqa: S101 -- written with a folder alone
        with os_errors("A stage of the findings cannot be kept in the case"):
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            write_file(self._folder / name, content)
        self._hashes[name] = hashlib.sha256(content).hexdigest()
        self._new = True

    def _settle(self, texts: _Texts | None) -> None:
        """Keep what was learned of texts, and hold the folder to its bounds."""
        if texts is None or self._folder is None or (not self._folder.is_dir() and not texts.new):
            return
        texts.keep()
        found = []
        for path in self._folder.glob("*.zip"):
            with suppress(OSError):
                state = path.stat()
                found.append((state.st_mtime, path, state.st_size))
        held = 0
        for number, (_, path, size) in enumerate(sorted(found, reverse=True)):
            held += size
            if number >= MOST_FILES or held > MOST_BYTES:
                with suppress(OSError):
                    path.unlink()
        there = {path.name for path in self._folder.glob("*.zip")}
        self._hashes = {name: digest for name, digest in self._hashes.items() if name in there}

    def drop(self, name: str) -> None:
        """Take a file away."""
        assert self._folder is not None  # noqa: S101 -- dropped with a folder alone
        self._hashes.pop(name, None)
        with suppress(OSError):
            (self._folder / name).unlink(missing_ok=True)

    def _log_now_and_then(self) -> None:
        """Log what is kept once it is worth a minute, so that a look that is killed loses no more than that."""
        if time.process_time() - self._logged > _LOGGED_AFTER_S:
            self._log_broken_off()

    def _log_broken_off(self) -> None:
        if self._case is not None and self._new:
            payload = {"stage": "stages", "parameters": self._parameters, "reused": False, "made_anew": None}
            run = os.environ.get("SPMC_RUN") or None
            self._case.log("investigate", {**payload, "run": run, "kept_stages": self.log_entry()})
            self._new, self._logged = False, time.process_time()


class _Texts:
    """The readings of texts that a case keeps, by hash; a reading counts for the source that made it.

    The files are segments: each look adds what was new to it, and joins them where they become many.
    """

    def __init__(self, stages: KeptStages) -> None:
        self._stages = stages
        self._known: dict[str, pa.Table] = {}
        self._segments: dict[str, list[str]] = {}
        self.new: dict[str, dict[bytes, str | None]] = {}

    def known(self, name: str, digests: Sequence[bytes]) -> list[tuple[str | None] | None]:
        """Return what was read from each text, as a tuple of one; None where it is not known."""
        kept, new = self._kept(name), self.new.get(name, {})
        where = pc.index_in(pa.array(digests, pa.binary(16)), value_set=kept["digest"].combine_chunks())
        readings = kept["reading"].combine_chunks().take(where).to_pylist()
        return [
            (reading,) if place is not None else (new[digest],) if digest in new else None
            for digest, place, reading in zip(digests, where.to_pylist(), readings, strict=True)
        ]

    def learn(self, name: str, readings: Iterable[tuple[bytes, str | None]]) -> None:
        """Take what was read from texts."""
        self.new.setdefault(name, {}).update(readings)

    def _kept(self, name: str) -> pa.Table:
        if name not in self._known:
            parts = [pa.table({"digest": pa.array([], pa.binary(16)), "reading": pa.array([], pa.string())})]
            prefix = self._prefix(name)
            self._segments[name] = []
            for segment in sorted(n for n in self._stages._hashes if n.startswith(prefix)):
                content = self._stages._content(segment, f"texts ({name})")
                try:
                    part = unpacked(content) if content is not None else None
                except IntegrityError:
                    part = None
                if isinstance(part, pa.Table) and part.schema.equals(parts[0].schema):
                    parts.append(part)
                    self._segments[name].append(segment)
            self._known[name] = pa.concat_tables(parts)
        return self._known[name]

    def _prefix(self, name: str) -> str:
        return f"t{hashlib.sha256(f'{name} {self._stages._rests_on}'.encode()).hexdigest()[:24]}"

    def keep(self) -> None:
        """Keep what is new, where it is worth a file."""
        for name, readings in self.new.items():
            if not readings:
                continue
            added = pa.table(
                {
                    "digest": pa.array(list(readings), pa.binary(16)),
                    "reading": pa.array(list(readings.values()), pa.string()),
                }
            )
            old = self._segments.get(name, [])
            if len(old) >= _MOST_SEGMENTS:
                added = pa.concat_tables([self._known[name], added])
            content = packed(added)
            if content is not None:
                segment = f"{self._prefix(name)}{hashlib.sha256(content).hexdigest()[:16]}.zip"
                self._stages._write(segment, content)
                for old_segment in old if len(old) >= _MOST_SEGMENTS else ():
                    self._stages.drop(old_segment)
        self.new = {}


def usage(case: Case) -> tuple[int, int]:
    """Return how many files a case keeps of stages, and how many bytes."""
    sizes = []
    for path in (case.path / STAGES).glob("*.zip"):
        with suppress(OSError):
            sizes.append(path.stat().st_size)
    return len(sizes), sum(sizes)
