"""What somebody can do to a case or a pack who owns it, has the source of the program, and lacks the officers' keys.

Nothing here calls the package for a hash: the chain, the manifests and the lists are made anew by hand.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import zipfile
from contextlib import closing
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FIELDS = ("seq", "at", "officer", "kind", "payload", "prev")

Row = dict[str, Any]
"""An entry of the log, its payload read."""


def canonical(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def the(rows: list[Row], kind: str, which: int = 0) -> Row:
    """The entry of a kind; ``which``: the how manieth, counted as a list does."""
    return [row for row in rows if row["kind"] == kind][which]


def signed(payload: dict[str, Any], sign: Callable[[bytes], str]) -> dict[str, Any]:
    said = {key: value for key, value in payload.items() if key != "signature"}
    return {**said, "signature": sign(canonical(said))}


def chained(rows: list[Row], manifests: dict[str, dict[str, Any]], follow: bool = True) -> dict[str, bytes]:
    """Number and hash the entries anew; unsigned manifests are made to fit. Returns the manifests by run.

    ``follow``: entries that name the hash of a manifest that was made to fit name the new one where no key signed them.
    """
    prev, heads, made, moved = "0" * 64, ["0" * 64], {}, {}
    for seq, row in enumerate(rows, start=1):
        payload = row["payload"]
        run = str(payload.get("run_id"))
        if row["kind"] == "report" and run in manifests:
            manifest = manifests[run]
            if manifest["signer"] is None:
                manifest["ledger"] = {"length": seq - 1, "head": prev}
            content = (json.dumps(manifest, indent=1, sort_keys=True) + "\n").encode()
            moved[payload["manifest_sha256"]] = sha(content)
            made[run] = content
            payload = {**payload, "manifest_sha256": sha(content)}
            payload["signed_by"] = (manifest["signer"] or {}).get("public_key")
        elif follow and payload.get("signature") is None and str(payload.get("manifest_sha256")) in moved:
            payload = {**payload, "manifest_sha256": moved[payload["manifest_sha256"]]}
        row["payload"], row["seq"], row["prev"] = payload, seq, prev
        told = {**{name: row[name] for name in FIELDS}, "payload": canonical(payload).decode()}
        prev = row["hash"] = sha(canonical(told))
        heads.append(prev)
    return made


def stored(row: Row) -> Row:
    return {**row, "payload": canonical(row["payload"]).decode()}


def rows_of_case(path: Path) -> list[Row]:
    with closing(sqlite3.connect(path / "ledger.sqlite")) as log:
        found = log.execute("SELECT seq, at, officer, kind, payload, prev, hash FROM entries ORDER BY seq").fetchall()
    return [{**dict(zip((*FIELDS, "hash"), row, strict=True)), "payload": json.loads(row[4])} for row in found]


def line_up_by_hand(case: Any, run: str, officer: str, signer: Any = None, group: int = 1) -> None:
    """Show an officer the line-up of a group, and answer it: what is drawn does not matter to the log."""
    from spmc_tools.custody.review.line_up import _seed, answer
    from spmc_tools.custody.review.review import report_of

    report = report_of(case, run)
    seed = _seed(report, group, officer)
    said = {"run_id": run, "manifest_sha256": report.digest, "group": group, "accounts_each": 5, "why": None,
            "commitment": sha(f"line-up seed {seed}".encode()), "drawn": "0" * 64}  # fmt: skip
    case.log("line_up", said, officer=officer)
    ordinary = {"A": "no_reason", "B": "fan_club", "C": "occasion"}
    answer(report, group, officer=officer, chose="A", ordinary=ordinary, signer=signer)


def forge_case(path: Path, change: Callable[[list[Row], dict[str, dict[str, Any]]], object]) -> None:
    """Change rows and manifests of a case, and make everything that no key signed fit to it."""
    rows = rows_of_case(path)
    folders = {p.name: p for p in (path / "reports").iterdir() if p.is_dir()}
    manifests = {name: json.loads((p / "manifest.json").read_bytes()) for name, p in folders.items()}
    change(rows, manifests)
    for name, content in chained(rows, manifests).items():
        (folders[name] / "manifest.json").write_bytes(content)
        (folders[name] / "manifest.sha256").write_text(f"{sha(content)}  manifest.json\n")
        if manifests[name]["signer"] is None:
            (folders[name] / "manifest.sig").unlink(missing_ok=True)
    with closing(sqlite3.connect(path / "ledger.sqlite", isolation_level=None)) as log:
        rules = log.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in rules:
            log.execute(f"DROP TRIGGER {name}")
        log.execute("DELETE FROM entries")
        for row in map(stored, rows):
            log.execute("INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?)", [row[n] for n in (*FIELDS, "hash")])
        for _, text in rules:
            log.execute(text)


def forge_pack(
    files: dict[str, bytes],
    change: Callable[[list[Row], dict[str, dict[str, Any]]], object],
    signer: tuple[dict[str, str], Callable[[bytes], str]] | None = None,
) -> dict[str, bytes]:
    """The files of a pack whose rows and manifest were changed; the list is unsigned, or signed with a key at hand."""
    files = dict(files)
    rows = [json.loads(line) for line in files["ledger.jsonl"].splitlines()]
    for row in rows:
        row["payload"] = json.loads(row["payload"])
    manifest = json.loads(files["run/manifest.json"])
    manifests = {manifest["run_id"]: manifest}
    change(rows, manifests)
    for content in chained(rows, manifests).values():
        files["run/manifest.json"] = content
        files["run/manifest.sha256"] = f"{sha(content)}  manifest.json\n".encode()
    if manifest["signer"] is None:
        files.pop("run/manifest.sig", None)
    files["ledger.jsonl"] = b"".join(json.dumps(stored(row)).encode() + b"\n" for row in rows)
    return listed_anew(files, signer, {"length": len(rows), "head": rows[-1]["hash"]} if rows else None)


def listed_anew(
    files: dict[str, bytes],
    signer: tuple[dict[str, str], Callable[[bytes], str]] | None = None,
    ledger: dict[str, Any] | None = None,
) -> dict[str, bytes]:
    """The files of a pack with a list that fits them."""
    files = {name: content for name, content in files.items() if name != "pack.sig"}
    listed = json.loads(files["pack.json"])
    listed["ledger"] = ledger or listed["ledger"]
    listed["signer"] = None if signer is None else signer[0]
    listed["files"] = [
        {"path": name, "bytes": len(content), "sha256": sha(content)}
        for name, content in sorted(files.items())
        if name != "pack.json"
    ]
    files["pack.json"] = (json.dumps(listed, indent=1, sort_keys=True) + "\n").encode()
    if signer is not None:
        told = {"algorithm": "Ed25519", **signer[0], "signature": signer[1](files["pack.json"])}
        files["pack.sig"] = (json.dumps(told, indent=1) + "\n").encode()
    return files


def zip_contents(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path
