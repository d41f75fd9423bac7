"""Packs that are damaged, or made to crash or fill up whoever checks them: a finding or a sentence, little memory."""

from __future__ import annotations

import json
import random
import tracemalloc
import zipfile
from typing import TYPE_CHECKING

import pytest

from spmc_tools.custody.review.verify import verify
from spmc_tools.errors import CaseError, SpmcError
from spmc_tools.signing.manifest import write_manifest
from tests.custody.review.mutated_packs import harmed
from tests.forgery import chained, listed_anew, rows_of_case, sha, stored, zipped

if TYPE_CHECKING:
    from pathlib import Path

    from spmc_tools.case.store.case import Case

RUN = "one"


@pytest.fixture
def files(small_case: Case) -> dict[str, bytes]:
    """The files of a small pack, made by hand from a small case."""
    run = small_case.run_dir(RUN)
    (run / "report.html").write_text("<!doctype html><title>x</title>")
    write_manifest(small_case, run, edition="full")
    return pack_of(small_case)


def pack_of(case: Case) -> dict[str, bytes]:
    folder = case.path / "reports" / RUN
    found = {f"run/{path.name}": path.read_bytes() for path in folder.iterdir()}
    rows = rows_of_case(case.path)
    found["ledger.jsonl"] = b"".join(json.dumps(stored(row)).encode() + b"\n" for row in rows)
    manifest = json.loads(found["run/manifest.json"])
    originals = [{"name": one["name"], "sha256": one["sha256"]} for one in manifest["inputs"]]
    listed = {"pack_version": 1, "case": manifest["case"], "run_id": RUN, "made_by": "Officer One", "made_at": "x",
              "originals": originals, "ledger": {"length": len(rows), "head": rows[-1]["hash"]}}  # fmt: skip
    found["pack.json"] = json.dumps(listed).encode()
    return listed_anew(found)


def peak_of(path: Path) -> tuple[int, str]:
    """Most bytes that a check held at once, and what it said."""
    tracemalloc.start()
    try:
        said = "; ".join(verify(path).differences)
    except SpmcError as error:
        said = str(error)
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    return peak, said


def test_the_pack_by_hand_is_whole(files: dict[str, bytes], tmp_path: Path) -> None:
    found = verify(zipped(tmp_path / "p.zip", files))
    assert found.ok, found.differences


@pytest.mark.parametrize("name", ["run/report.html", "ledger.jsonl", "run/manifest.json", "pack.json", "more"])
def test_a_bomb_takes_no_memory(files: dict[str, bytes], tmp_path: Path, name: str) -> None:
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for other, content in files.items():
            if other != name:
                archive.writestr(other, content)
        with archive.open(name, "w", force_zip64=True) as stream:
            for _ in range(300):
                stream.write(bytes(1 << 20))
    assert path.stat().st_size < 1 << 20
    peak, said = peak_of(path)
    assert "too large for an evidence pack" in said
    assert peak < 300 << 20


def test_a_list_of_very_many_files_is_refused_before_it_is_read(files: dict[str, bytes], tmp_path: Path) -> None:
    path = tmp_path / "many.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for n in range(60_000):
            archive.writestr(f"{n:080}", b"")
    peak, said = peak_of(path)
    assert "holds a list of more files than a case or a pack has" in said and peak < 32 << 20


def test_declared_sizes_are_not_believed(files: dict[str, bytes], tmp_path: Path) -> None:
    path = zipped(tmp_path / "p.zip", files)
    content = bytearray(path.read_bytes())
    at = content.rfind(b"PK\x01\x02")
    content[at + 24 : at + 28] = (0xFFFFFFF0).to_bytes(4, "little")
    path.write_bytes(content)
    peak, said = peak_of(path)
    assert "damaged" in said and peak < 32 << 20


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_ways_of_packing_are_a_finding(files: dict[str, bytes], tmp_path: Path, method: int) -> None:
    path = zipped(tmp_path / "p.zip", files)
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content, compress_type=method if "report" in name else zipfile.ZIP_DEFLATED)
    assert verify(path).differences[0].startswith("run/report.html: its content is not what was recorded (it is dam")


@pytest.mark.parametrize("seed", range(3))
def test_odd_values_in_lists_and_log_are_findings(files: dict[str, bytes], tmp_path: Path, seed: int) -> None:
    """Whatever stands in them, every hash made to fit: no check ends in an error of the language."""
    chance = random.Random(seed)
    for _ in range(40):
        bad = dict(files)
        which = chance.choice(["pack.json", "run/manifest.json", "ledger.jsonl"])
        if which == "ledger.jsonl":
            rows = [json.loads(line) for line in files[which].splitlines()]
            rows = [{**row, "payload": json.loads(row["payload"])} for row in rows]
            row = chance.choice(rows)
            row["payload"] = harmed(row["payload"], chance)
            if not isinstance(row["payload"], dict):
                row["payload"] = {"x": 1}
            if chance.random() < 0.5:
                kinds = ["review", "report", "withdrawn", "time_stamp", "officer_key", "key_revoked", "cites_withdrawn"]
                row["kind"] = chance.choice(kinds)
            chained(rows, {})
            bad[which] = b"".join(json.dumps(stored(row)).encode() + b"\n" for row in rows)
            bad = listed_anew(bad, ledger={"length": len(rows), "head": rows[-1]["hash"]})
        else:
            bad[which] = json.dumps(harmed(json.loads(files[which]), chance)).encode()
            if which != "pack.json":
                bad["run/manifest.sha256"] = f"{sha(bad[which])}  manifest.json\n".encode()
                bad = listed_anew(bad)
        verify(zipped(tmp_path / "odd.zip", bad))  # it says something, and raises nothing


def test_any_bytes_of_the_archive(files: dict[str, bytes], tmp_path: Path) -> None:
    chance = random.Random(7)
    whole = zipped(tmp_path / "p.zip", files).read_bytes()
    path = tmp_path / "q.zip"
    for _ in range(200):
        content = bytearray(whole)
        for _ in range(chance.choice([1, 1, 3, 30])):
            at = chance.randrange(len(content))
            content[at] = chance.randrange(256)
        if chance.random() < 0.2:
            del content[chance.randrange(len(content)) :]
        path.write_bytes(content)
        try:
            said = verify(path)
        except CaseError as error:
            assert "\n" not in str(error)
            continue
        assert all("\n" not in sentence for sentence in said.differences)


def test_a_key_that_stands_twice_in_a_list_is_refused(files: dict[str, bytes], tmp_path: Path) -> None:
    text = files["pack.json"].replace(b'"run_id"', b'"run_id": "another", "run_id"', 1)
    first = verify(zipped(tmp_path / "p.zip", {**files, "pack.json": text})).first_difference
    assert first == "pack.json: it is no list of a pack that this program can read"
