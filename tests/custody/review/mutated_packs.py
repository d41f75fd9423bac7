"""Packs with something changed by chance: bytes, files, values, keys, order; most with every hash made to fit."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

from tests.forgery import chained, forge_pack, listed_anew, sha, signed

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterator

    from tests.forgery import Row

Key = tuple[dict[str, str], "Callable[[bytes], str]"]

ODD: list[Any] = [
    None, True, False, 0, 1, -1, 10**30, 1.5, "", "x", "\ud800", "upheld", [], [1], {}, {"a": 1}, "0" * 64, "R. Devi",
    "name", ["a"], {"length": 1, "head": "0" * 64}, "2020-01-01T00:00:00.000000Z",
]  # fmt: skip
KINDS = [
    "review", "pattern_decision", "report", "withdrawn", "time_stamp", "officer_key", "key_revoked", "cites_withdrawn",
    "note", "investigate", "run_disposed", "log_time_stamp",
]  # fmt: skip


def harmed(value: Any, chance: random.Random) -> Any:
    """One place somewhere in a JSON value, replaced by something odd or taken away."""
    if isinstance(value, dict) and value and chance.random() < 0.85:
        key = chance.choice(sorted(value))
        if chance.random() < 0.1:
            return {k: v for k, v in value.items() if k != key}
        return {**value, key: harmed(value[key], chance)}
    if isinstance(value, list) and value and chance.random() < 0.85:
        at = chance.randrange(len(value))
        return [*value[:at], harmed(value[at], chance), *value[at + 1 :]]
    return chance.choice(ODD)


def _rows(chance: random.Random, keys: list[Key]) -> Callable[[list[Row], dict[str, dict[str, Any]]], None]:
    def change(rows: list[Row], manifests: dict[str, dict[str, Any]]) -> None:
        row, how = chance.choice(rows), chance.randrange(9)
        important = [one for one in rows if one["kind"] in KINDS]
        if important and chance.random() < 0.7:
            row = chance.choice(important)
        if how == 0:
            made = harmed(row["payload"], chance)
            row["payload"] = made if isinstance(made, dict) else {"x": made}
        elif how == 1:
            rows.remove(row)
        elif how == 2:
            rows.insert(chance.randrange(len(rows) + 1), copy.deepcopy(row))
        elif how == 3:
            at = chance.randrange(len(rows))
            rows[at], rows[at - 1] = rows[at - 1], rows[at]
        elif how == 4:
            row["kind"] = chance.choice(KINDS)
        elif how == 5:
            row["officer"] = chance.choice(["Officer One", "R. Devi", "S. Third", ""])
        elif how == 6:
            row["at"] = chance.choice(["2020-01-01T00:00:00Z", "2999-01-01T00:00:00Z", "yesterday", ""])
        elif how == 7 and "signature" in row["payload"]:  # signed anew, by whoever has a key
            told, sign = chance.choice(keys)
            name = {"review": "key", "pattern_decision": "key", "key_revoked": "by"}.get(row["kind"])
            payload = {**row["payload"], **(told if name is None else {name: told})}
            if chance.random() < 0.5:
                seq = rows.index(row)
                chained(rows, {})
                payload["ledger"] = {"length": seq, "head": rows[seq - 1]["hash"]} if seq else None
            row["payload"] = signed(payload, sign)
        else:
            manifest = next(iter(manifests.values()))
            name = chance.choice(["signer", "ledger", "files", "results", "inputs", "run_id", "keys_entered", "case"])
            manifest[name] = None if chance.random() < 0.5 else harmed(manifest.get(name), chance)

    return change


def mutated(files: dict[str, bytes], chance: random.Random, keys: list[Key]) -> dict[str, bytes]:
    """The files of a pack with one change, or a few; some changes change nothing."""
    how = chance.randrange(10)
    signer = chance.choice([None, None, *keys])
    if how < 5:
        try:
            found = forge_pack(files, _rows(chance, keys), signer)
        except (KeyError, TypeError, AttributeError, IndexError):  # so odd that nobody can make it fit
            return mutated(files, chance, keys)
        return found
    if how == 5:  # a byte of a file
        name = chance.choice(sorted(files))
        content = bytearray(files[name] or b"x")
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
        return {**files, name: bytes(content)}
    if how == 6:  # a file less, or more
        name = chance.choice(sorted(files))
        less = {other: content for other, content in files.items() if other != name}
        more = {**files, chance.choice(["run/x.txt", "keys/x.json", "x", "run/manifest.tsr"]): b"{}"}
        made = less if chance.random() < 0.5 else more
        return listed_anew(made, signer) if chance.random() < 0.7 and "pack.json" in made else made
    if how == 7:  # the list
        return {**files, "pack.json": json.dumps(harmed(json.loads(files["pack.json"]), chance)).encode()}
    if how == 8:  # the list, signed anew
        return listed_anew({**files, "innocence.html": b"nothing speaks for anybody"}, signer)
    manifest = json.dumps(harmed(json.loads(files["run/manifest.json"]), chance)).encode()
    side = f"{sha(manifest)}  manifest.json\n".encode()
    return listed_anew({**files, "run/manifest.json": manifest, "run/manifest.sha256": side}, signer)


def archives(whole: bytes, chance: random.Random) -> Iterator[bytes]:
    """The archive itself with bytes changed, or cut off."""
    while True:
        content = bytearray(whole)
        for _ in range(chance.choice([1, 1, 2, 8])):
            content[chance.randrange(len(content))] = chance.randrange(256)
        if chance.random() < 0.1:
            del content[chance.randrange(len(content)) :]
        yield bytes(content)
