"""Stand-ins for accounts: the same within a case, no two alike, the key outside."""

from __future__ import annotations

import hashlib
import hmac
import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spmc_tools.case.log import pseudonyms as module
from spmc_tools.case.log.pseudonyms import key_file, pseudonyms
from spmc_tools.case.store.case import Case, create_case, open_case
from spmc_tools.errors import CaseError, IntegrityError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

KEY = bytes(range(32))
SHORT = re.compile(r"A-[0-9A-HJKMNP-TV-Z]{8}")


def test_one_by_hand() -> None:
    number = int(hmac.new(KEY, b"account\x0042", hashlib.sha256).hexdigest(), 16)
    digits = ""
    for _ in range(8):
        number, first = number & ((1 << 251) - 1), number >> 251
        digits += "0123456789ABCDEFGHJKMNPQRSTVWXYZ"[first]
        number <<= 5
    assert pseudonyms(KEY, ["42"]) == {"42": f"A-{digits}"}


@given(st.lists(st.text(max_size=20), unique=True, max_size=50), st.randoms())
def test_distinct_and_whatever_the_order(ids: list[str], random: object) -> None:
    found = pseudonyms(KEY, ids)
    assert list(found) == ids
    assert len(set(found.values())) == len(ids)
    assert all(SHORT.fullmatch(p) for p in found.values())
    shuffled = sorted(ids, key=lambda _: random.random())
    assert pseudonyms(KEY, [*shuffled, *ids]) == found
    assert pseudonyms(KEY[::-1], ids) != found or not ids


def test_ids_that_agree_get_longer_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    codes = {"a": "0" * 51, "b": "0" * 8 + "1" * 43, "c": "0" * 12 + "2" * 39, "d": "Z" * 51}
    monkeypatch.setattr(module, "_code", lambda _key, account_id: codes[account_id])
    assert pseudonyms(KEY, "abcd") == {
        "a": "A-" + "0" * 16,
        "b": "A-" + "0" * 8 + "1" * 4,
        "c": "A-" + "0" * 12 + "2" * 4,
        "d": "A-ZZZZZZZZ",
    }


def test_case_keeps_them_and_another_case_has_others(facts: dict) -> None:
    first = create_case("one", **facts)
    assert SHORT.fullmatch(first.pseudonym("42"))
    assert open_case("one").pseudonym("42") == first.pseudonym("42")
    assert create_case("two", **facts).pseudonym("42") != first.pseudonym("42")


def key_of(case: Case) -> Path:
    return key_file(case.id, case.ledger.entries()[0]["payload"]["case_uid"])


def test_key_lies_outside_and_is_private(case: Case) -> None:
    key = key_of(case)
    assert key.stat().st_mode & 0o777 == 0o600
    assert not key.is_relative_to(case.path)
    secret = key.read_text().strip()
    inside = [p for p in case.path.rglob("*") if p.is_file() and secret.encode() in p.read_bytes()]
    assert inside == []


def lose(key: Path) -> None:
    key.unlink()


def open_up(key: Path) -> None:
    key.chmod(0o640)


def swap(key: Path) -> None:
    key.write_text("00" * 32)


def garble(key: Path) -> None:
    key.write_bytes(b"\xff" * 10)


@pytest.mark.parametrize("harm", [lose, open_up, swap, garble])
def test_another_key_is_never_used(case: Case, harm: Callable[[Path], None]) -> None:
    harm(key_of(case))
    with pytest.raises(IntegrityError, match=r"^[^\n]*key[^\n]*\.$"):
        case.pseudonym("42")


def test_keys_inside_the_case_are_refused(facts: dict, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPMC_KEYS", str(tmp_path / "cases" / "one" / "keys"))
    with pytest.raises(CaseError, match="outside its folder"):
        create_case("one", **facts)
    assert not (tmp_path / "cases").exists()


def test_refused_case_leaves_no_key(facts: dict, case: Case, tmp_path: Path) -> None:
    before = sorted((tmp_path / "keys").iterdir())
    with pytest.raises(CaseError, match="exists already"):
        create_case("one", **facts)
    assert sorted((tmp_path / "keys").iterdir()) == before
