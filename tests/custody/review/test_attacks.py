"""What somebody does who has source and folder, and neither keys nor anchors: each is told, by check or anchor."""

from __future__ import annotations

import copy
import json
import os
import shutil
from typing import TYPE_CHECKING, Any

import nbformat
import pytest

from spmc_tools.case.acts.provenance import hand_over
from spmc_tools.custody.evidence_pack.evidence_pack import write_pack
from spmc_tools.custody.review.verify import verify
from spmc_tools.signing.manifest import write_manifest
from tests.custody.review.test_two_checkers import said_by_both
from tests.forgery import Row, canonical, forge_case, forge_pack, rows_of_case, sha, zip_contents, zipped

if TYPE_CHECKING:
    from pathlib import Path

    from spmc_tools.case.store.case import Case

PLACE = f"derived/{'0' * 32}/investigate"


@pytest.fixture
def share(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of anchors, which the attacker cannot write."""
    (tmp_path / "share").mkdir()
    monkeypatch.setenv("SPMC_ANCHORS", str(tmp_path / "share" / "anchors.jsonl"))
    return tmp_path / "share" / "anchors.jsonl"


@pytest.fixture
def attacked(small_case: Case, share: Path) -> Case:
    """A case with a look, a report that nobody signed, and an anchor of it."""
    (small_case.path / PLACE).mkdir(parents=True)
    (small_case.path / PLACE / "accounts.parquet").write_bytes(b"honest")
    look = {"derived": PLACE, "results": {"accounts.parquet": sha(b"honest")}, "parameters": {}}
    small_case.log("investigate", look)
    folder = small_case.run_dir("one")
    (folder / "report.html").write_text("<!doctype html><title>x</title>")
    nbformat.write(nbformat.v4.new_notebook(), folder / "notebook.ipynb")
    write_manifest(small_case, folder, status="complete", edition="full")
    assert verify(small_case.path, log=False).ok
    return small_case


def added(case: Case, kind: str, payload: dict[str, Any]) -> None:
    """One entry more, as the program would have written it."""

    def change(rows: list[Row], _: object) -> None:
        clock = rows[-1]["payload"].get("clock")
        rows.append({**copy.deepcopy(rows[-1]), "kind": kind, "payload": {**payload, "clock": clock}})

    forge_case(case.path, change)


def told(case: Case, anchor: str | None = None) -> tuple[str, ...]:
    found = verify(case.path, log=False, anchor=anchor)
    return (*found.differences, *found.doubts)


def test_results_changed_and_an_entry_that_vouches_for_them(attacked: Case, tmp_path: Path) -> None:
    """The next look would read them: nobody signs an entry of a look."""
    (attacked.path / PLACE / "accounts.parquet").write_bytes(b"forged")
    look = {"derived": PLACE, "results": {"accounts.parquet": sha(b"forged")}, "parameters": {}, "made_anew": "gone"}
    added(attacked, "investigate", look)
    (sentence,) = told(attacked)
    assert "tells of another accounts.parquet than entry" in sentence
    found = verify(attacked.path, log=False)
    assert found.after_anchor == 1
    assert any("no anchor vouches for the 1 after it (1 investigate)" in note for note in found.notes)


def test_the_same_in_a_pack_by_both_checkers(attacked: Case, tmp_path: Path) -> None:
    look = {"derived": PLACE, "results": {"accounts.parquet": sha(b"honest"), "notes.json": "1" * 64}}
    attacked.log("investigate", look)  # read once more: nothing is told of that
    pack = zip_contents(write_pack(attacked, "one", tmp_path / "pack.zip"))
    whole = zipped(tmp_path / "whole.zip", pack)
    assert said_by_both(whole)[:2] == ("whole", "whole")
    later = [what for what in verify(whole).not_checked if "anchors are of entries after the last one here" in what]
    assert len(later) == 1 and later[0].startswith("1 anchors")  # of the entry that tells of the pack itself

    def change(rows: list[Row], _: object) -> None:
        rows[-1]["payload"]["results"]["accounts.parquet"] = "2" * 64
        rows[-1]["payload"]["results"]["notes.json"] = "3" * 64

    program, alone, why = said_by_both(zipped(tmp_path / "forged.zip", forge_pack(pack, change)))
    assert (program, alone) == ("differs", "differs"), why


@pytest.mark.parametrize("given", [True, False])
def test_a_log_written_anew_under_another_number_of_the_case(attacked: Case, share: Path, given: bool) -> None:
    """Anchors are told apart by the number of the case, which stands in the log itself."""
    hand_over(attacked, "SHO", "copy")
    shutil.rmtree(attacked.path / "reports" / "one")

    def change(rows: list[Row], _: object) -> None:
        rows[0]["payload"]["case_uid"] = "00000000-0000-4000-8000-000000000000"
        rows[:] = [row for row in rows if row["kind"] not in {"report", "handover"}]

    forge_case(attacked.path, change)
    (sentence,) = told(attacked, str(share) if given else None)
    assert "are of a case of this name and of another log: it was written anew as a whole" in sentence

    def renamed(rows: list[Row], _: object) -> None:
        rows[0]["payload"]["case_id"] = "other"

    forge_case(attacked.path, renamed)  # the folder still has its name
    assert "are of a case of this name and of another log" in told(attacked)[0]
    target = attacked.path.with_name("other")
    attacked.path.rename(target)
    if given:  # under another name no anchor of the share says anything, unless somebody gives it as this case's
        found = verify(target, log=False, anchor=str(share))
        assert "anchors that were given is of this log" in found.doubts[0]
    else:
        assert any("none of the anchors is of this case" in what for what in verify(target, log=False).not_checked)


@pytest.mark.parametrize("part", ["original", "tables"])
def test_a_folder_of_the_case_that_leads_elsewhere(attacked: Case, tmp_path: Path, part: str) -> None:
    """What it leads to can be exchanged after the check."""
    shutil.move(attacked.path / part, tmp_path / "elsewhere")
    (attacked.path / part).symlink_to(tmp_path / "elsewhere")
    assert told(attacked)[0] == f"{part}: it is a link, not a folder"


def test_a_report_taken_away_by_an_entry(attacked: Case) -> None:
    (report,) = [row for row in rows_of_case(attacked.path) if row["kind"] == "report"]
    added(attacked, "run_disposed", {"run_id": "one", "reason": "keep", "manifest_sha256": "1" * 64})
    shutil.rmtree(attacked.path / "reports" / "one")
    assert "takes away a run with another manifest.json than the report has" in told(attacked)[0]
    digest = report["payload"]["manifest_sha256"]
    forge_case(attacked.path, lambda rows, _: rows[-1]["payload"].update(manifest_sha256=digest))
    found = verify(attacked.path, log=False)  # as the program itself would have done: said, and no anchor vouches
    assert found.ok and any(note.startswith("1 runs were taken away as the log says") for note in found.notes)
    assert any("no anchor vouches for the 1 after it (1 run_disposed)" in note for note in found.notes)


def test_what_lies_beside_the_parts_of_a_case_is_said(attacked: Case) -> None:
    (attacked.path / "final_report.html").write_text("forged")
    found = verify(attacked.path, log=False)
    assert found.ok
    assert '1 names in the folder of the case that are no part of it, as "final_report.html"' in found.not_checked


@pytest.mark.parametrize("kind", ["received", "record", "finding", "report", "entry"])
def test_a_whole_case_written_anew_is_told_by_the_anchor(attacked: Case, share: Path, kind: str) -> None:
    """A file changed, and every list, manifest and hash after it made to fit."""
    rows = rows_of_case(attacked.path)
    (batch,) = [row for row in rows if row["kind"] == "import"]
    place = {
        "received": batch["payload"]["source_path"],
        "record": batch["payload"]["tables"]["records"]["path"],
        "finding": f"{PLACE}/accounts.parquet",
        "report": "reports/one/report.html",
        "entry": None,
    }[kind]
    old, new = "", "x"
    if place is not None:
        path = attacked.path / place
        old = sha(path.read_bytes())
        path.chmod(0o600)
        path.write_bytes(path.read_bytes() + b" ")
        new = sha(path.read_bytes())

    def change(rows: list[Row], manifests: dict[str, Any]) -> None:
        for row in rows:
            row["payload"] = replaced(row["payload"], old, new)
        for manifest in manifests.values():
            manifest.update(replaced(manifest, old, new))
        if kind == "entry":
            rows[1]["payload"]["obtained"] = "found on a disk"

    forge_case(attacked.path, change)
    if kind == "received":
        moved = attacked.path / place.replace(old, new)
        (attacked.path / place).parent.rename(moved.parent)
    assert any("entries up to it were written anew" in sentence for sentence in told(attacked)), told(attacked)
    share.unlink()  # without it the check can only say that nothing shows it
    found = verify(attacked.path, log=False)
    assert found.ok, found
    assert any("written anew as a whole" in what for what in found.not_checked)


def replaced(value: Any, old: str, new: str) -> Any:
    """A JSON value with one hash in the place of another, in texts as well."""
    if isinstance(value, dict):
        return {key: replaced(one, old, new) for key, one in value.items()}
    if isinstance(value, list):
        return [replaced(one, old, new) for one in value]
    return value.replace(old, new) if isinstance(value, str) and old else value


def disguised_as_pack(folder: Path, run: Path, rows: list[Row]) -> None:
    """Lay the list of a pack into a folder, with an honest copy of log and run, that tells of all that lies there."""
    log = b"".join(json.dumps({**row, "payload": canonical(row["payload"]).decode()}).encode() + b"\n" for row in rows)
    (folder / "ledger.jsonl").write_bytes(log)
    if not (folder / "run").exists():
        shutil.copytree(run, folder / "run")
    manifest = json.loads((run / "manifest.json").read_bytes())
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != "pack.json"]
    told = {
        "pack_version": 1, "case": manifest["case"], "run_id": manifest["run_id"], "made_by": "x", "made_at": "x",
        "originals": [{"name": one["name"], "sha256": one["sha256"]} for one in manifest["inputs"]], "signer": None,
        "ledger": {"length": len(rows), "head": rows[-1]["hash"]},
        "files": [
            {"path": path.relative_to(folder).as_posix(), "bytes": len(content), "sha256": sha(content)}
            for path, content in ((path, path.read_bytes()) for path in files)
        ],
    }  # fmt: skip
    (folder / "pack.json").write_text(json.dumps(told))


def test_a_changed_case_that_is_made_to_look_like_a_pack(attacked: Case) -> None:
    """With an honest copy of the log in it, which the anchors fit."""
    honest = rows_of_case(attacked.path)
    run = attacked.path / "reports" / "one"
    shutil.copytree(run, attacked.path.parent / "copy")
    (attacked.path / PLACE / "accounts.parquet").write_bytes(b"forged")
    disguised_as_pack(attacked.path, attacked.path.parent / "copy", honest)
    found = verify(attacked.path, log=False)
    assert any("accounts.parquet" in one for one in found.differences), found


def test_a_changed_report_that_is_made_to_look_like_a_pack(attacked: Case) -> None:
    honest = rows_of_case(attacked.path)
    run = attacked.path / "reports" / "one"
    shutil.copytree(run, attacked.path.parent / "copy")
    (run / "report.html").write_bytes(b"forged")
    for name in ("manifest.json", "manifest.sha256"):
        (run / name).unlink()
    disguised_as_pack(run, attacked.path.parent / "copy", honest)
    found = verify(run, log=False)
    assert any("manifest.json" in one for one in found.differences), found


@pytest.mark.parametrize(
    "place", ["ledger.sqlite", "original/*", "tables/records", "derived/*", "derived/*/investigate"]
)
def test_a_link_further_down_leads_elsewhere(attacked: Case, tmp_path: Path, place: str) -> None:
    """What it leads to can be exchanged after the check."""
    (found,) = attacked.path.glob(place)
    shutil.move(found, tmp_path / "elsewhere")
    found.symlink_to(tmp_path / "elsewhere")
    assert any("it is a link" in one for one in told(attacked)), told(attacked)


def test_a_folder_of_a_report_that_leads_elsewhere(attacked: Case, tmp_path: Path) -> None:
    run = attacked.path / "reports" / "one"
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "x.html").write_text("forged")
    (run / "more").symlink_to(tmp_path / "elsewhere")
    assert any("reports/one/more" in one for one in told(attacked)), told(attacked)


@pytest.mark.parametrize("name", [".hidden.html", "more/.x", "more/sub/y"])
def test_a_hidden_file_in_a_report(attacked: Case, name: str) -> None:
    path = attacked.path / "reports" / "one" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("forged")
    assert told(attacked)[0] == f"reports/one/{name}: the manifest does not know this file: it was added afterwards"


@pytest.mark.parametrize("place", ["original/*/*", "reports/one/report.html", "case.toml", "ledger.sqlite"])
def test_a_pipe_in_the_place_of_a_file_holds_up_nobody(attacked: Case, place: str) -> None:
    (found,) = attacked.path.glob(place)
    found.unlink()
    os.mkfifo(found)
    assert told(attacked)
