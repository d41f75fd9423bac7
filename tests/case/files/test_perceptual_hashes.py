"""PDQ of a picture where the library is there, by a second route; null where it is not, or the file is no picture."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from PIL import Image

from spmc_tools.case.files.perceptual_hashes import can_pdq, pdq_of

needs_pdq = pytest.mark.skipif(not can_pdq(), reason="pdqhash is not installed (extra pdq; it takes a C++ compiler)")


def by_hand(grey: np.ndarray) -> str:
    """PDQ of 64 × 64 grey pixels by its paper: at that size nothing is blurred or made smaller.

    The 16 × 16 lowest frequencies without the constant ones; a bit is set above the median; the last comes first.
    """
    i, j = np.arange(1, 17)[:, None], np.arange(64)[None, :]
    cosine = np.sqrt(2 / 64) * np.cos(np.pi / 128 * i * (2 * j + 1))
    low = cosine @ grey @ cosine.T
    bits = (low > np.sort(low, axis=None)[127]).ravel()[::-1]
    return f"{int(''.join('1' if bit else '0' for bit in bits), 2):064x}"


@needs_pdq
@pytest.mark.parametrize("seed", range(5))
def test_pdq_by_a_second_route(tmp_path, seed):
    """Numbers of the library are of single precision: a bit near the median may differ, more may not."""
    grey = np.random.default_rng(seed).integers(0, 256, (64, 64)).astype(np.uint8)
    path = tmp_path / "a.png"
    Image.fromarray(np.dstack([grey] * 3)).save(path)
    found = pdq_of(path)
    assert set(found) == {"hash", "quality"} and 0 <= found["quality"] <= 100 and len(found["hash"]) == 64
    assert (int(found["hash"], 16) ^ int(by_hand(grey.astype(float)), 16)).bit_count() <= 2


@needs_pdq
def test_a_smaller_copy_is_near_and_another_picture_far(tmp_path):
    rng = np.random.default_rng(1)
    whole = Image.fromarray(rng.integers(0, 256, (12, 12, 3)).astype(np.uint8)).resize(
        (512, 512), Image.Resampling.BICUBIC
    )
    other = Image.fromarray(rng.integers(0, 256, (12, 12, 3)).astype(np.uint8)).resize(
        (512, 512), Image.Resampling.BICUBIC
    )
    hashes = []
    for name, picture in (("a.png", whole), ("b.jpg", whole.resize((300, 300))), ("c.png", other)):
        picture.save(tmp_path / name)
        hashes.append(int(pdq_of(tmp_path / name)["hash"], 16))
    assert (hashes[0] ^ hashes[1]).bit_count() <= 31  # what its authors call alike
    assert (hashes[0] ^ hashes[2]).bit_count() > 80


@needs_pdq
def test_no_picture_has_none(tmp_path):
    (tmp_path / "a.png").write_bytes(b"no picture")
    assert pdq_of(tmp_path / "a.png") is None


def test_without_the_library_it_is_null(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pdqhash", None)
    Image.new("RGB", (64, 64)).save(tmp_path / "a.png")
    assert not can_pdq() and pdq_of(tmp_path / "a.png") is None


def test_the_log_of_a_capture_holds_it(tmp_path, monkeypatch):
    """Whatever computes it: what comes back stands in the entry of the import, beside the other hash."""
    import json

    from spmc_tools.case.acts import attach as module
    from spmc_tools.case.store.case import create_case
    from spmc_tools.importers.import_files import import_files

    case = create_case("one", title="t", purpose="p", legal_basis="l", date_from="2025-11-01", date_to="2025-11-30")
    post = {"id": "1", "author_id": "11", "text": "x", "created_at": "2025-11-06T04:05:06.000Z"}
    (tmp_path / "x.jsonl").write_text(json.dumps(post) + "\n")
    import_files(case, [tmp_path / "x.jsonl"])
    Image.new("RGB", (64, 64)).save(tmp_path / "a.png")
    made = {"hash": "0" * 64, "quality": 0}
    monkeypatch.setattr(module, "looks_of", lambda *_: ("0" * 16, made))
    [batch] = module.attach(case, "1", [tmp_path / "a.png"], method="screenshot", tool="x")
    assert batch.details["pdq"] == made and batch.details["phash"] == "0" * 16
