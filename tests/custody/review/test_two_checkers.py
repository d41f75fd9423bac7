"""The checker that is one file, beside the program: both say the same of every pack."""

from __future__ import annotations

import ast
import importlib.util
import json
import random
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from spmc_tools.custody.review.verify import verify
from spmc_tools.errors import CaseError
from spmc_tools.resources import resource
from tests.custody.review.mutated_packs import archives, mutated
from tests.custody.review.test_damaged_packs import pack_of
from tests.forgery import zipped

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

    from spmc_tools.case.store.case import Case

SECRET = "correct horse battery"
SignedPack = tuple[dict[str, bytes], list[Any]]


def checker() -> ModuleType:
    path = resource("templates", "checker", "check_pack.py")
    spec = importlib.util.spec_from_file_location("check_pack_alone", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


ALONE = checker()


def said_by_both(path: Path) -> tuple[str, str, object]:
    """What program and checker say: whole, differs, no pack; and what they found."""
    try:
        found: Any = verify(path)
        program = "whole" if found.ok else "differs"
    except CaseError as error:
        found, program = error, "no pack"
    try:
        check = ALONE.Check(str(path)).run()
        alone = "differs" if check.differs else "whole"
        return program, alone, (getattr(found, "differences", found), getattr(found, "doubts", ()), check.differs)
    except ALONE.NoPack as error:
        return program, "no pack", (found, error)


def test_it_needs_nothing_but_the_standard_library() -> None:
    tree = ast.parse(resource("templates", "checker", "check_pack.py").read_text(encoding="utf-8"))
    names = {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    assert names <= sys.stdlib_module_names


def test_signatures_as_the_library_makes_them() -> None:
    chance = random.Random(1)
    for n in range(12):
        private = Ed25519PrivateKey.from_private_bytes(chance.randbytes(32))
        public, content = private.public_key().public_bytes_raw(), chance.randbytes(n * 7)
        signature = private.sign(content)
        assert ALONE.signed_by(public.hex(), signature.hex(), content)
        bad = bytearray(signature)
        bad[chance.randrange(64)] ^= 1 << chance.randrange(8)
        assert not ALONE.signed_by(public.hex(), bytes(bad).hex(), content)
        assert not ALONE.signed_by(public.hex(), signature.hex(), content + b"x")
        late = int.from_bytes(signature[32:], "little") + ALONE.ORDER  # the same point, another number
        assert not ALONE.signed_by(public.hex(), (signature[:32] + late.to_bytes(32, "little")).hex(), content)


@pytest.mark.parametrize(
    ("public", "signature", "content"),
    [  # RFC 8032, section 7.1, tests 1 to 3
        ("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
         "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
         ""),
        ("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
         "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
         "72"),
        ("fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
         "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
         "af82"),
    ],
)  # fmt: skip
def test_signatures_of_the_standard(public: str, signature: str, content: str) -> None:
    assert ALONE.signed_by(public, signature, bytes.fromhex(content))


@pytest.fixture
def signed_pack(
    small_case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[dict[str, bytes], list[Any]]:
    """A pack with everything in it that is signed, its files, and keys of others."""
    monkeypatch.setenv("SPMC_OFFICER_KEYS", str(tmp_path / "officers"))
    return signed_pack_of(small_case)


def signed_pack_of(case: Case) -> SignedPack:
    from spmc_tools.custody.review.decide import decide
    from spmc_tools.custody.review.review import review
    from spmc_tools.findings.result.decided_patterns import PatternGroup
    from spmc_tools.signing.enrolment import enrol
    from spmc_tools.signing.manifest import write_manifest
    from spmc_tools.signing.officer_keys import make_key, rotate_key, unlock
    from tests.forgery import line_up_by_hand, listed_anew

    for name in ("Officer One", "R. Devi", "S. Third", "V. Fourth"):
        make_key(name, SECRET)
    run = case.run_dir("one")
    (run / "report.html").write_text("<!doctype html><title>x</title>")
    write_manifest(case, run, signer=unlock("Officer One", SECRET), edition="full", outcome={"groups": 1})
    line_up_by_hand(case, "one", "R. Devi", unlock("R. Devi", SECRET))
    for verdict in ("needs_more", "upheld"):
        review(case, "one", reviewer="R. Devi", verdict=verdict, counter_case="x", signer=unlock("R. Devi", SECRET))
        rotate_key("R. Devi", SECRET, SECRET)
    enrol(case, unlock("V. Fourth", SECRET))
    group = PatternGroup(("a", "b"), ("copypasta",), ("one_origin",), ("a", "b"), 1)
    for name in ("V. Fourth", "S. Third"):
        decide(case, group, "name", "x", officer=name, signer=unlock(name, SECRET))
    decide(case, group, "withdraw", "x", officer="S. Third", signer=unlock("S. Third", SECRET))
    keys = [(unlock(name, SECRET).key.told(), unlock(name, SECRET).sign) for name in ("Officer One", "S. Third")]
    keys.append(({**keys[1][0], "officer": "R. Devi"}, keys[1][1]))
    return listed_anew(pack_of(case), keys[0]), keys


def test_a_whole_pack_is_whole(signed_pack: SignedPack, tmp_path: Path) -> None:
    path = zipped(tmp_path / "p.zip", signed_pack[0])
    assert said_by_both(path)[:2] == ("whole", "whole"), said_by_both(path)
    command = [sys.executable, "-I", str(resource("templates", "checker", "check_pack.py")), str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    last = done.stdout.splitlines()[-1]
    assert last.startswith(f"{path}, ") and "nothing differs. Not shown: the received files; " in last
    assert last.endswith("; whose keys signed; when it was written.") and "whether the log was written anew" in last
    path.write_bytes(b"no archive")
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2 and done.stderr == "p.zip is no evidence pack: it is no ZIP file that can be read.\n"


def test_a_file_of_a_signature_that_says_anything_else_differs(signed_pack: SignedPack, tmp_path: Path) -> None:
    """It is signed by nobody itself: another name, other letters of the hex or one more blank were not told."""
    files, keys = signed_pack
    told = json.loads(files["pack.sig"])
    hexed = told["signature"]
    for other in (
        {**told, "officer": "S. Third"},
        {**told, "fingerprint": keys[1][0]["fingerprint"]},
        {**told, "signature": hexed.upper()},
        {**told, "signature": f"{hexed[:2]} {hexed[2:]}"},
        {**told, "note": "seen by the court"},
    ):
        content = (json.dumps(other, indent=1) + "\n").encode()
        assert said_by_both(zipped(tmp_path / "p.zip", {**files, "pack.sig": content}))[:2] == ("differs", "differs")
    for content in (files["pack.sig"] + b" ", files["pack.sig"].replace(b'"officer"', b'"officer": "x", "officer"')):
        assert said_by_both(zipped(tmp_path / "p.zip", {**files, "pack.sig": content}))[:2] == ("differs", "differs")
    in_order = (json.dumps(told, indent=1, sort_keys=True) + "\n").encode()
    assert said_by_both(zipped(tmp_path / "p.zip", {**files, "pack.sig": in_order}))[:2] == ("whole", "whole")


def test_both_say_the_same_of_changed_packs(
    signed_pack: SignedPack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The soak run does this with thousands (``soak/custody/two_checkers.py``)."""
    files, keys = signed_pack
    monkeypatch.setenv("SPMC_OFFICER_KEYS", str(tmp_path / "nobody"))
    chance, path, differ = random.Random(11), tmp_path / "m.zip", 0
    for _ in range(120):
        program, alone, why = said_by_both(zipped(path, mutated(files, chance, keys)))
        assert program == alone, why
        differ += program == "differs"
    assert differ > 80
    whole = zipped(path, files).read_bytes()
    for _, content in zip(range(60), archives(whole, chance), strict=False):
        path.write_bytes(content)
        program, alone, why = said_by_both(path)
        assert program == alone, why
