"""Media that came with an export: the right file's hash, or none and a count; nothing is guessed, nothing copied."""

from __future__ import annotations

import hashlib
import json
import os
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from spmc_tools.case.acts.attach import picture_hash
from spmc_tools.errors import InputError
from spmc_tools.importers.engine.media_files import MediaFiles, Tally
from spmc_tools.importers.fields.rows import Record
from spmc_tools.importers.import_files import import_files

if TYPE_CHECKING:
    from pathlib import Path


def picture(path: Path, shade: int) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.linear_gradient("L").rotate(shade).resize((64, 64)).save(path, format="PNG")
    return hashlib.sha256(path.read_bytes()).hexdigest()


def record(address: str | None, record_id: str = "7") -> Record:
    return Record(
        record_id, "x", "1", 1_700_000_000_000_000, "post", 1, media=[{"url": address, "sha256": None, "phash": None}]
    )


def one(folder: Path, address: str | None, record_id: str = "7") -> tuple[str | None, Tally]:
    tally = Tally()
    [found] = MediaFiles(folder).filled([record(address, record_id)], tally)
    return found.media[0]["sha256"], tally


@pytest.mark.parametrize(
    "address",
    [
        "photos/photo_1@05-11-2025.jpg",
        "photos\\photo_1@05-11-2025.jpg",
        "https://example.org/a/b/photo_1@05-11-2025.jpg?name=orig",
        "https://example.org/photo_1%4005-11-2025.jpg",
    ],
)
def test_a_file_is_found_by_its_name(tmp_path: Path, address: str) -> None:
    wanted = picture(tmp_path / "photos" / "photo_1@05-11-2025.jpg", 10)
    picture(tmp_path / "photos" / "photo_2.jpg", 20)
    found, tally = one(tmp_path, address)
    assert found == wanted
    assert dict(tally.counts) == {"found": 1}


def test_files_of_an_archive_stand_behind_the_id_of_the_post(tmp_path: Path) -> None:
    wanted = picture(tmp_path / "tweets_media" / "7-AbC.jpg", 10)
    picture(tmp_path / "tweets_media" / "8-AbC.jpg", 20)
    assert one(tmp_path, "https://pbs.example/media/AbC.jpg")[0] == wanted
    assert one(tmp_path, "https://pbs.example/media/AbC.jpg", "9")[0] is None


def test_of_two_files_with_one_name_the_path_decides_or_nobody(tmp_path: Path) -> None:
    picture(tmp_path / "a" / "1.png", 10)
    wanted = picture(tmp_path / "b" / "1.png", 20)
    assert one(tmp_path, "b/1.png")[0] == wanted
    found, tally = one(tmp_path, "https://example.org/1.png")
    assert found is None
    assert tally.facts()["unclear"] == 1
    assert "1 with a name that several files have" in tally.remark()


def test_names_that_a_disk_took_apart_and_links(tmp_path: Path) -> None:
    wanted = picture(tmp_path / "cafe\u0301 \u0915\u093c.png", 10)
    assert one(tmp_path, "caf\u00e9 \u0915\u093c.png")[0] == wanted
    (tmp_path / "link.png").symlink_to("/etc/hostname")
    found, tally = one(tmp_path, "link.png")
    assert (found, dict(tally.counts)) == (None, {"absent": 1})
    for address in ("", None, "../../etc/hostname", "https://[bad/1.png", "/"):
        assert one(tmp_path, address)[0] is None


def test_through_an_import(case, write, tmp_path: Path) -> None:
    """Telegram Desktop: a picture, the same again under another name, a film, and one that was not handed over."""
    folder = tmp_path / "export"
    first = picture(folder / "photos" / "a.png", 10)
    (folder / "photos" / "b.png").write_bytes((folder / "photos" / "a.png").read_bytes())
    (folder / "video_files").mkdir()
    (folder / "video_files" / "v.mp4").write_bytes(os.urandom(100))
    messages = [
        {"id": n, "type": "message", "date": "2025-11-06T10:00:00", "date_unixtime": "1762423200", "from": "x",
         "from_id": "channel1", "text": "", "text_entities": [], key: place}
        for n, (key, place) in enumerate(
            [("photo", "photos/a.png"), ("photo", "photos/b.png"), ("file", "video_files/v.mp4"),
             ("photo", "photos/c.png")],
            start=1,
        )
    ]  # fmt: skip
    path = write("result.json", json.dumps({"name": "x", "type": "public_channel", "id": 1, "messages": messages}))
    before = sorted(case.path.rglob("*"))
    [dry] = import_files(case, [path], media=folder, dry_run=True)
    assert sorted(case.path.rglob("*")) == before
    [result] = import_files(case, [path], media=folder)
    assert result == dry
    assert "3 of 4 pictures and films found among the files handed over" in result.note
    media = [row[0] for row in case.table("records", ["media"])["media"].to_pylist()]
    assert [item["sha256"] for item in media[:2]] == [first, first]
    assert media[0]["phash"] == media[1]["phash"] == picture_hash(folder / "photos" / "a.png")
    assert media[2]["sha256"] == hashlib.sha256((folder / "video_files" / "v.mp4").read_bytes()).hexdigest()
    assert (media[2]["phash"], media[3]["sha256"], media[3]["url"]) == (None, None, "photos/c.png")
    logged = case.batches()[0].details["media"]
    lines = f"{first}  photos/a.png\n{first}  photos/b.png\n{media[2]['sha256']}  video_files/v.mp4\n"
    assert logged == {"found": 3, "absent": 1, "unclear": 0, "list_sha256": hashlib.sha256(lines.encode()).hexdigest()}
    assert not list(case.path.rglob("*.png"))


def test_no_folder(case, write, tmp_path: Path) -> None:
    path = write("x.jsonl", [{"id": "1", "text": "t", "author_id": "2", "created_at": "2025-11-06T04:05:06.000Z"}])
    with pytest.raises(InputError, match=r"--media: .* is no folder"):
        import_files(case, [path], media=tmp_path / "none")
    assert not case.batches()
