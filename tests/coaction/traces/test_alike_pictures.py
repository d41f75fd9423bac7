"""Alike pictures: leaders by brute force, no chains, copies of one file, hashes that say nothing."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from spmc_tools.coaction.traces.alike_pictures import leaders, picture_keys

BASE = 0x0F0F0F0F0F0F0F0F


def flipped(value: int, bits: int, start: int = 0) -> int:
    for bit in range(start, start + bits):
        value ^= 1 << bit
    return value


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.sets(st.integers(0, 63), max_size=14)), min_size=1, max_size=25))
def test_leaders_by_brute_force(made: list[tuple[int, set[int]]]) -> None:
    centres = [BASE, ~BASE & (2**64 - 1), 0x00FF00FF00FF00FF, 0xAAAAAAAAAAAAAAAA]
    hashes: list[int] = []
    for centre, bits in made:
        value = centres[centre]
        for bit in bits:
            value ^= 1 << bit
        if value not in hashes:
            hashes.append(value)
    heads: list[int] = []
    wanted = []
    for k, value in enumerate(hashes):
        near = [((value ^ hashes[h]).bit_count(), h) for h in heads if (value ^ hashes[h]).bit_count() <= 10]
        if not near:
            heads.append(k)
        wanted.append(min(near)[1] if near else k)
    assert leaders(np.array(hashes, dtype=np.uint64)).tolist() == wanted


def test_no_chain_joins_two_pictures() -> None:
    steps = [f"{flipped(BASE, 8 * k):016x}" for k in range(4)]
    keys, skipped = picture_keys([None] * 7, [steps[0], steps[0], steps[0], *steps[1:], None])
    assert keys[:4] == [f"phash:{steps[0]}"] * 4
    assert keys[4] != keys[0]
    assert keys[6] is None and skipped == {"no usable hash of the picture": 1}


def test_the_look_of_one_copy_holds_for_all_copies_of_the_file() -> None:
    file, look = "cd" * 32, f"{BASE:016x}"
    assert picture_keys([file, file.upper(), "00" * 32], [None, look, None])[0] == [
        f"phash:{look}", f"phash:{look}", "sha256:" + "00" * 32,
    ]  # fmt: skip


def test_plain_surfaces_and_what_is_no_hash_say_nothing() -> None:
    plain = [f"{flipped(0, 10):016x}", "f" * 16, "xyz", "", "0f" * 9]
    assert picture_keys([None] * 5, plain)[0] == [None] * 5
    assert picture_keys(["ab" * 32], [plain[0]])[0] == ["sha256:" + "ab" * 32]
    assert picture_keys([], []) == ([], {})
