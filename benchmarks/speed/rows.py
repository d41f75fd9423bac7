"""The rows: what is measured, against which target, and what it takes; each is a function of what was asked for."""

from __future__ import annotations

import importlib.util
import re
import shutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq

from benchmarks.speed.cases.investigate_rows import KINDS, cost_of_looks, peer_cpu_s, records, stage_table
from benchmarks.speed.kernel.co_reposts import OUR_EDGES, TOOLKIT_EDGES, directed
from benchmarks.speed.process import AbsentError, Cost, module, ours
from benchmarks.synthetic.reposts import reposts, write

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["ROWS", "Asked", "Measured", "Row"]

COUNT = """
import sys
from spmc_tools.coaction.engines.coactions import coactions
from spmc_tools.coaction.traces.memory_plan import using
source, out, engine, limit, windows, fewest = sys.argv[1:]
seconds = [float(one) for one in windows.split(",")]
with using(limit or None, None, None):
    coactions(source, seconds if len(seconds) > 1 else seconds[0], int(fewest), engine=engine, out=out)
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """How large (``n`` stands for the million of the table), with which seed and peers, and where files may lie."""

    n: int
    seed: int
    scratch: Path
    peer_python: str | None = None
    long: bool = False


@dataclass(frozen=True, slots=True)
class Measured:
    """One result: in words, whether the target is met (None: no target of its own), and numbers to keep."""

    said: str
    met: bool | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    more: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table."""

    name: str
    work: str
    target: str
    measure: Callable[[Asked], Measured]


def _actions(asked: Asked, times: int = 1, head: int = 10) -> Path:
    """Return the folder of synthetic reposts of this size, made once."""
    folder = asked.scratch / f"actions-{asked.n * times}-{head}"
    if not folder.is_dir():
        write(*reposts(asked.n * times, asked.seed, head), folder)
    return folder


def _edges(asked: Asked, folder: Path, engine: str = "memory", limit: str = "", **given: Any) -> tuple[Cost, Path]:
    out = asked.scratch / f"{folder.name}-{engine}-{given.get('windows', 60)}.parquet"
    source = folder / "actions.parquet"
    return ours(COUNT, source, out, engine, limit, given.get("windows", 60), given.get("fewest", 2)), out


def _same(one: Path, two: Path) -> None:
    if not pq.read_table(one).equals(pq.read_table(two)):
        raise RuntimeError(f"{one.name} and {two.name} differ.")


def _peer(asked: Asked) -> str:
    if not asked.peer_python:
        raise AbsentError("no interpreter with coordination-network-toolkit was given (--peer-python)")
    return asked.peer_python


def _beside_the_toolkit(asked: Asked, head: int, wanted: float) -> Measured:
    python, folder = _peer(asked), _actions(asked, head=head)
    theirs, own = asked.scratch / f"peer-{head}.csv", asked.scratch / f"own-{head}.parquet"
    peer = module(TOOLKIT_EDGES, folder / "actions.csv", theirs, python=python)
    costs = [module(OUR_EDGES, folder / "actions.csv", own, "--min-weight", 2) for _ in range(3)]
    if not directed(theirs).equals(directed(own)):
        raise RuntimeError("The toolkit's edges and ours differ.")
    tiny = asked.scratch / "tiny.csv"
    tiny.write_text("".join((folder / "actions.csv").read_text(encoding="utf-8").splitlines(keepends=True)[:3]))
    start = module(OUR_EDGES, tiny, asked.scratch / "tiny.parquet", "--min-weight", 2).cpu_s
    mean = sorted(c.cpu_s for c in costs)[1]
    whole, apart = peer.cpu_s / mean, peer.cpu_s / max(mean - start, 1e-9)
    said = (
        f"{whole:.1f} × whole process, {apart:.1f} × without start ({start:.2f} CPU s); {mean:.2f} against "
        f"{peer.cpu_s:.1f} CPU s, {max(c.peak_mb for c in costs):,.0f} MB; {len(directed(own)):,} directed edges equal"
    )
    return Measured(said, whole >= wanted, {"ours": mean, "toolkit": peer.cpu_s, "start": start})


def _co_reposts(asked: Asked) -> Measured:
    found = _beside_the_toolkit(asked, 10, 15)
    apart = found.facts["toolkit"] / max(found.facts["ours"] - found.facts["start"], 1e-9)
    return Measured(found.said, bool(found.met) and apart >= 20, found.facts)


def _viral(asked: Asked) -> Measured:
    return _beside_the_toolkit(asked, 0, 40)


def _ten_million(asked: Asked) -> Measured:
    small, _ = _edges(asked, _actions(asked))
    large, edges = _edges(asked, _actions(asked, 10))
    grew = large.cpu_s / small.cpu_s
    n = pq.ParquetFile(edges).metadata.num_rows
    said = f"{large.cpu_s:.1f} CPU s, {large.peak_mb / 1000:.2f} GB, {grew:.1f} × those of a tenth; {n:,} edges"
    met = large.cpu_s <= 60 and large.peak_mb <= 4_000 and grew <= 15
    return Measured(said, met, {"cpu_s": large.cpu_s, "peak_mb": large.peak_mb, "growth": grew})


def _duckdb(asked: Asked) -> Measured:
    folder = _actions(asked, 10)
    kernel, expected = _edges(asked, folder)
    cost, edges = _edges(asked, folder, "duckdb", "8GB")
    _same(edges, expected)
    said = f"equal in every row and column; {cost.cpu_s:.0f} CPU s (kernel {kernel.cpu_s:.1f}), {cost.peak_mb:,.0f} MB"
    tight, edges = _edges(asked, _actions(asked), "duckdb", "90MB" if asked.n >= 1_000_000 else "")
    _same(edges, _edges(asked, _actions(asked))[1])
    if asked.n >= 1_000_000:
        said += f"; a tenth of it under 90 MB, spilling: equal, {tight.cpu_s:.0f} CPU s, {tight.peak_mb:,.0f} MB"
    return Measured(said, True, {"cpu_s": cost.cpu_s, "peak_mb": cost.peak_mb})


def _hundred_million(asked: Asked) -> Measured:
    if not asked.long:
        raise AbsentError("half an hour; given --long, or `python -m soak.scale.ten_million_actions --days 10`")
    told = module("soak.scale.ten_million_actions", "--days", 10, "--n", asked.n * 10).said
    said = (
        f"{told['edges']:,} edges; {told['cpu_s']:,.0f} CPU s, {told['wall_s'] / 60:.0f} min by the clock, "
        f"{told['peak_mb']:,.0f} MB in memory, {told['scratch_mb']:,.0f} MB on disk; {told['growth']:.1f} × the "
        f"{told['first_cpu_s']:.0f} CPU s of a tenth"
    )
    return Measured(said, told["growth"] <= 15, told)


def _spark(asked: Asked) -> Measured:
    from spmc_tools.coaction.engines.spark_engine import what_spark_lacks

    if importlib.util.find_spec("pyspark") is None:
        raise AbsentError("pyspark is not installed (the extra `scale`)")
    if (lacks := what_spark_lacks()) is not None:
        raise AbsentError(lacks[0])
    said = []
    for n in (asked.n * 3 // 10, asked.n):
        small = Asked(n, asked.seed, asked.scratch)
        cost, edges = _edges(small, _actions(small), "spark")
        _same(edges, _edges(small, _actions(small))[1])
        said.append(f"{n:,}: equal, {cost.cpu_s:.0f} CPU s, {cost.wall_s:.0f} s by the clock")
    return Measured("; ".join(said), True)


def _windows(asked: Asked) -> Measured:
    folder = _actions(asked)
    widest, _ = _edges(asked, folder, windows="3600")
    all_, _ = _edges(asked, folder, windows="60,600,3600")
    times = all_.cpu_s / widest.cpu_s
    said = f"{times:.2f} × ({all_.cpu_s:.1f} and {widest.cpu_s:.1f} CPU s, whole processes)"
    return Measured(said, times <= 1.6, {"times": times})


def _near_duplicates(asked: Asked) -> Measured:
    [line] = module("benchmarks.speed.kernel.near_duplicates", "--n", asked.n).said["lines"][:1]
    cpu, peak = (
        float(one.replace(",", ""))
        for one in re.findall(r": ([\d.,]+) CPU s|peak ([\d,]+) MB", line)
        for one in one
        if one
    )
    return Measured(line, cpu <= 120 and peak <= 4_000, {"cpu_s": cpu, "peak_mb": peak})


def _import(asked: Asked) -> Measured:
    lines = module("benchmarks.speed.imports.import_rows", "--rows", asked.n).said["lines"]
    rows = [line.split() for line in lines if line.split()[3:4] == ["spmc"]]
    times = [float(one) for line in lines for one in re.findall(r"duckdb: ([\d.]+) wall", line)]
    prices = [float(one) for line in lines for one in re.findall(r"not caged: ([\d.]+) wall", line)]
    said = "; ".join(
        f"{r[0]}: {float(r[1].replace(',', '')) / float(r[5]):,.0f} rows per CPU s, {r[7]} MB, {t:.1f} × DuckDB's clock"
        f", {p:.2f} × its own without the confined process"
        for r, t, p in zip(rows, times, prices, strict=True)
    )
    rates = [float(r[1].replace(",", "")) / float(r[5]) for r in rows]
    return Measured(said, all(rate >= 60_000 or t <= 3 for rate, t in zip(rates, times, strict=True)), {"lines": lines})


def _investigate(kind: str, wanted: float) -> Callable[[Asked], Measured]:
    def measure(asked: Asked) -> Measured:
        folder = asked.scratch / kind
        folder.mkdir()
        looks = cost_of_looks(records(asked.n, asked.seed, KINDS[kind]), folder, compare=asked.n <= 100_000)
        first, second, again = (looks[k] for k in ("first", "after one more batch", "the same again"))
        facts = {"looks": looks, "second": second["cpu_s"] / first["cpu_s"], "again": again["cpu_s"] / first["cpu_s"]}
        said = f"{first['cpu_s']:.0f} CPU s, {first['peak_mb'] / 1000:.2f} GB"
        met = None
        if asked.peer_python:
            facts["toolkit"] = peer_cpu_s(asked.n, asked.seed, KINDS[kind], asked.peer_python, folder)
            times = first["cpu_s"] / facts["toolkit"]
            said += f", {times:.1f} × the {facts['toolkit']:.1f} of the toolkit's co_retweet"
            met = times <= wanted and first["peak_mb"] <= 6_000 and facts["second"] <= 0.2
        said += f"; after one more batch {facts['second']:.0%} of the first, the same again {facts['again']:.0%}"
        return Measured(said, met, facts, stage_table(looks))

    return measure


def _report(asked: Asked) -> Measured:
    if shutil.which("spmc") is None and importlib.util.find_spec("papermill") is None:
        raise AbsentError("papermill is not installed")
    accounts = 500 if asked.n >= 1_000_000 else 60
    told = module("benchmarks.speed.cases.report_of_many", "--accounts", accounts, "--scratch", asked.scratch).said
    said = (
        f"{told['seconds']:.0f} s by the clock, {told['cpu_s']:.0f} CPU s, HTML {told['mb']:.2f} MB; "
        f"{told['accounts']} accounts in findings, status {told['status']}"
    )
    return Measured(said, told["seconds"] <= 60 and told["mb"] <= 2, told)


def _bytes_moved(asked: Asked) -> Measured:
    folder = _actions(asked)
    stages = module("benchmarks.speed.kernel.bytes_moved", folder / "actions.parquet").said
    copy = stages.pop("copy_gb_s")
    lines = ["| stage | CPU s | MB moved | GB/s | share of the copy speed |", "|---|---|---|---|---|"]
    for name, (cpu, moved) in stages.items():
        rate = moved / max(cpu, 1e-9) / 1e9
        lines.append(f"| {name} | {cpu:.3f} | {moved / 1e6:,.0f} | {rate:.2f} | {rate / copy:.0%} |")
    said = f"this machine copies {copy:.1f} GB/s (read and written, one thread)"
    return Measured(said, None, {"copy_gb_s": copy, "stages": stages}, "\n".join(lines))


ROWS = {
    row.name: row
    for row in (
        Row("co-reposts", "co-reposts 60 s, 1M actions", "≥ 15 × whole, ≥ 20 × without start", _co_reposts),
        Row("viral", "the same with one viral post", "≥ 40 × less CPU", _viral),
        Row("ten-million", "10M actions, kernel", "≤ 60 CPU s, ≤ 4 GB, ≤ 15 × of 1M", _ten_million),
        Row("duckdb", "10M actions, DuckDB, 8 GB", "same edges, finishes, spills visibly", _duckdb),
        Row("hundred-million", "100M actions, DuckDB, 8 GB, Parquet", "finishes, ≤ 15 × of 10M", _hundred_million),
        Row("spark", "Spark, local, 300k and 1M", "same edges row for row", _spark),
        Row("windows", "windows of 60, 600, 3600 s in one call", "≤ 1.6 × the widest alone", _windows),
        Row("near-duplicates", "near-duplicates of 1M texts", "≤ 120 CPU s, ≤ 4 GB", _near_duplicates),
        Row("import", "import of 1M records, CSV and JSONL", "≥ 60k rows/s, or ≤ 3 × DuckDB's reader", _import),
        Row(
            "investigate-reposts", "investigate, all traces, 1M reposts",
            "≤ 1.5 × toolkit's co_retweet, ≤ 6 GB; after one more batch ≤ 20 %", _investigate("reposts", 1.5),
        ),
        Row(
            "investigate-mixed", "investigate, 1M records, 30 % originals",
            "≤ 6 × toolkit's co_retweet, ≤ 6 GB; after one more batch ≤ 20 %", _investigate("mixed", 6),
        ),
        Row("report", "report of a finding set of 500 accounts", "≤ 60 s, HTML ≤ 2 MB", _report),
        Row("bytes-moved", "bytes moved by the kernel, 1M actions", "none: how far from copying", _bytes_moved),
    )
}  # fmt: skip
"""All rows by name, in the order of the table."""
