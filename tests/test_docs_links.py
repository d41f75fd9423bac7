"""Links between the pages, to the very heading, and the navigation: each page is in it once."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
PAGES = sorted(path.relative_to(ROOT) for path in [*ROOT.glob("*.md"), *DOCS.rglob("*.md")])
FENCE = re.compile(r"^( *)(```+)[^\n]*\n.*?^\1\2 *$", re.MULTILINE | re.DOTALL)


def prose(path: Path) -> str:
    """A page without its blocks of code."""
    return FENCE.sub("", path.read_text(encoding="utf-8"))


@cache
def anchors(path: Path) -> frozenset[str]:
    """What a link may name behind ``#``: the headings as GitHub and MyST write them."""
    found: list[str] = []
    for heading in re.findall(r"^#{1,6} +(.+?) *$", prose(path), re.MULTILINE):
        words = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        slug = re.sub(r"[^\w\u0900-\u097F -]", "", words.lower()).replace(" ", "-")
        found.append(slug if slug not in found else f"{slug}-{found.count(slug)}")
    return frozenset(found)


def links(path: Path) -> list[tuple[str, str]]:
    """Each link of a page to a file or heading of the project, as path and anchor."""
    text = re.sub(r"`[^`\n]*`", "", prose(path))
    targets = re.findall(r"\]\(([^()\s]+)(?: \"[^\"]*\")?\)", text)
    inner = [target for target in targets if not re.match(r"[a-z]+:", target)]
    return [(before, anchor) for before, _, anchor in (target.partition("#") for target in inner)]


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_links_lead_to_a_file_and_to_a_heading(page: Path) -> None:
    for target, anchor in links(ROOT / page):
        there = (ROOT / page).parent / target if target else ROOT / page
        assert there.exists(), f"{page} links to {target}, which is not there"
        if anchor:
            assert anchor in anchors(there.resolve()), f"{page} links to {target}#{anchor}; there is no such heading"


@pytest.mark.parametrize("page", [page for page in PAGES if page.parts[0] == "docs"], ids=str)
def test_pictures_say_what_they_show_and_pages_link_inside_the_docs(page: Path) -> None:
    text = prose(ROOT / page)
    assert not re.search(r"!\[\]\(", text), f"{page} has a picture without words"
    for target, _ in links(ROOT / page):
        assert (ROOT / page).parent.joinpath(target).resolve().is_relative_to(DOCS), (
            f"{page}: {target} lies outside docs/"
        )


def navigation(page: Path) -> list[Path]:
    """The pages that the tables of contents of a page name, in order."""
    found = []
    for body in re.findall(r"^```\{toctree\}\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL):
        names = [line for line in body.splitlines() if line and not line.startswith(":")]
        found += [(page.parent / f"{name}.md").resolve() for name in names]
    return found


def test_every_page_is_in_the_navigation_once() -> None:
    reached: list[Path] = [DOCS / "index.md"]
    for page in reached:
        assert page.is_file(), f"the navigation names {page.relative_to(ROOT)}, which is not there"
        reached += navigation(page)
    assert sorted(reached) == sorted(DOCS.rglob("*.md"))


def test_a_folder_holds_about_a_dozen_entries() -> None:
    for folder in [DOCS, *(path for path in DOCS.rglob("*") if path.is_dir())]:
        entries = sorted(path.name for path in folder.iterdir() if path.name != "__pycache__")
        assert len(entries) <= 12, f"{folder} holds {len(entries)} entries: {entries}"


@pytest.mark.parametrize(
    ("heading", "anchor"),
    [
        ("## What is masked, and what cannot be", "what-is-masked-and-what-cannot-be"),
        ("### `co_url`: the same address", "co_url-the-same-address"),
        ("## ध्यान रखें", "ध्यान-रखें"),
        ("## 1. Make it (two minutes)", "1-make-it-two-minutes"),
    ],
)
def test_anchors_by_hand(heading: str, anchor: str, tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"```\n# no heading\n```\n{heading}\n", encoding="utf-8")
    assert anchors(page) == {anchor}
