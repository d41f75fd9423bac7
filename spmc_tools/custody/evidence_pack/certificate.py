"""Drafts of the certificate under section 63(4) of the Bharatiya Sakshya Adhiniyam 2023, Parts A and B.

Hashes, algorithm, list of files and what the machine says of itself are filled in for confirmation. Persons, their
statement, device numbers, places and signatures stay blank: only the person who signs can say them. Every page says
DRAFT. A law officer checks the form before it is used.

One list of blocks makes the DOCX and the HTML, so that both say the same:
``("title" | "para" | "line", text)``, ``("fields", ((label, value), ...))``, ``("ticks", ((label, ticked), ...))``,
``("table", (heads, rows))``.
"""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from spmc_tools.report.words.wording import Wording

__all__ = ["Block", "blocks", "docx"]

Block = tuple[str, Any]
ALGORITHMS = ("SHA1", "SHA256", "MD5")


def blocks(words: Wording, manifest: Mapping[str, Any], files: Sequence[Mapping[str, Any]]) -> list[Block]:
    """Return the draft in one language.

    Parameters
    ----------
    words : Wording
        Of one language.
    manifest : mapping
        Of the run: its host and its time.
    files : sequence of mapping
        What the certificate is about: ``path`` and ``sha256`` of each.
    """

    def label(key: str, **values: Any) -> str:
        return words.say(f"certificate.{key}", **values).plain()

    head: list[Block] = [("draft", label("draft")), ("para", label("draft.note"))]
    part_a: list[Block] = [
        ("title", label("part_a")),
        ("para", label("part_a.by")),
        ("fields", tuple((label(f"person.{name}"), "") for name in ("name", "parent", "address"))),
        *_device(label, manifest),
        ("para", label("recital")),
        ("line", ""),
        ("line", ""),
        ("ticks", tuple((label(f"held.{name}"), False) for name in ("owned", "maintained", "managed", "operated"))),
        *_hashes(label, files),
        ("fields", tuple((label(f"sign.{name}"), "") for name in ("signature", "date", "time", "place"))),
    ]
    part_b: list[Block] = [
        ("title", label("part_b")),
        ("para", label("part_b.by")),
        ("fields", tuple((label(f"person.{name}"), "") for name in ("name", "parent", "address", "designation"))),
        *_device(label, manifest),
        *_hashes(label, files),
        ("fields", tuple((label(f"sign.{name}"), "") for name in ("signature", "date", "time", "place"))),
    ]
    return [*head, *part_a, *part_b]


def _device(label: Any, manifest: Mapping[str, Any]) -> list[Block]:
    host = manifest.get("host") or {}
    sources = ("computer", "dvr", "mobile", "flash", "disc", "server", "cloud", "other")
    blank = ("make", "colour", "serial", "imei")
    return [
        ("para", label("source")),
        ("ticks", tuple((label(f"source.{name}"), False) for name in sources)),
        ("fields", tuple((label(f"device.{name}"), "") for name in blank)),
        ("para", label("host")),
        (
            "fields",
            (
                (label("host.name"), str(host.get("workstation", ""))),
                (label("host.system"), str(host.get("platform", ""))),
                (label("host.machine"), str(host.get("machine", ""))),
                (label("host.made"), str((manifest.get("at") or {}).get("ist", ""))),
            ),
        ),
    ]


def _hashes(label: Any, files: Sequence[Mapping[str, Any]]) -> list[Block]:
    return [
        ("para", label("hashes")),
        ("ticks", (*((name, name == "SHA256") for name in ALGORITHMS), (label("source.other"), False))),
        ("table", ((label("file"), "SHA256"), tuple((str(file["path"]), str(file["sha256"])) for file in files))),
        ("para", label("hashes.note")),
    ]


def docx(made: Sequence[Block], heading: str) -> bytes:
    """Return the draft as a DOCX file; ``heading`` stands at the top of every page."""
    from docx import Document

    document = Document()
    document.core_properties.author = ""
    document.core_properties.title = heading
    document.sections[0].header.paragraphs[0].text = heading
    for kind, value in made:
        if kind in {"draft", "title"}:
            document.add_heading(_xml(value), level=1 if kind == "draft" else 2)
        elif kind == "para":
            document.add_paragraph(_xml(value))
        elif kind == "line":
            document.add_paragraph("_" * 60)
        elif kind == "ticks":
            document.add_paragraph("   ".join(f"{'☒' if ticked else '☐'} {_xml(text)}" for text, ticked in value))
        else:
            heads, rows = (None, value) if kind == "fields" else value
            table = document.add_table(rows=0, cols=2, style="Table Grid")
            for row in [*([heads] if heads else []), *rows]:
                for cell, text in zip(table.add_row().cells, row, strict=True):
                    cell.text = _xml(text)
    written = BytesIO()
    document.save(written)
    return written.getvalue()


def _xml(text: str) -> str:
    """Return a text without what XML cannot hold."""
    from spmc_tools.findings.result.exports import xml_safe

    return xml_safe(text.encode("utf-8", "replace").decode())
