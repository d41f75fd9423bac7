"""A case on a file system of its own, disposed of; then the raw image is searched for words that were planted in it.

One word stands in a post, one in a title, one in a reason, one in the name of the received file. The image is searched
before and after, and after the free blocks were overwritten by filling the disk. Needs root (a loop mount) and ext4.

    python -m soak.custody.disposed_image [--journal ordered|journal]
"""

from __future__ import annotations

import argparse
import json
import mmap
import os
import subprocess
from contextlib import suppress
from typing import TYPE_CHECKING

from soak.custody.kill_custody import FACTS
from soak.scratch import scratch
from spmc_tools.case.store.case import create_case
from spmc_tools.custody.records.case_disposal import dispose_of_case
from spmc_tools.importers.import_files import import_files

if TYPE_CHECKING:
    from pathlib import Path

WORDS = ("zq7post", "zq7title", "zq7reason", "zq7file")
SIZE = 64 << 20


def counted(image: Path) -> dict[str, int]:
    """How often each word stands in the raw bytes; of a packed table the search sees nothing."""
    found = {}
    with image.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as content:
        for word in WORDS:
            at, found[word] = content.find(word.encode()), 0
            while at >= 0:
                found[word] += 1
                at = content.find(word.encode(), at + 1)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--journal", choices=("ordered", "journal"), default="ordered")
    asked = parser.parse_args()
    with scratch() as folder:
        image, disk = folder / "image", folder / "disk"
        with image.open("wb") as stream:
            stream.truncate(SIZE)
        subprocess.run(["mkfs.ext4", "-q", "-F", str(image)], check=True)
        disk.mkdir()

        def mount() -> None:
            subprocess.run(["mount", "-o", f"loop,data={asked.journal}", str(image), str(disk)], check=True)

        def unmount() -> None:
            os.sync()
            subprocess.run(["umount", str(disk)], check=True)

        mount()
        try:
            os.environ["SPMC_CASES"] = str(disk / "cases")
            case = create_case("soak", **{**FACTS, "title": WORDS[1]})
            post = {"author_id": "7", "created_at": "2025-11-06T10:00:00.000Z"}
            lines = [json.dumps(post | {"id": str(n), "text": f"{WORDS[0]} {n}"}) for n in range(200)]
            received = folder / f"{WORDS[3]}.jsonl"
            received.write_text("\n".join(lines))
            import_files(case, [received])
            case.add_context("7", "newsroom", WORDS[2])
            unmount()
            print("before:", counted(image))
            mount()
            dispose_of_case("soak", "soak", "soak")
            unmount()
            print("after:", counted(image))
            mount()
            for size in (1 << 20, 4096):
                with suppress(OSError), (disk / f"fill-{size}").open("wb", buffering=0) as fill:
                    while fill.write(b"\0" * size) == size:
                        pass
                os.sync()
            unmount()
            print("after the disk was filled:", counted(image))
            mount()
        finally:
            with suppress(subprocess.CalledProcessError):
                unmount()


if __name__ == "__main__":
    main()
