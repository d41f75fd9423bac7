"""``CITATION.cff`` holds what the Citation File Format 1.2 asks for, and names no person."""

from __future__ import annotations

import tomllib
from pathlib import Path

import yaml

import spmc_tools

ROOT = Path(__file__).resolve().parent.parent
CITATION = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
KEYS = {
    "abstract", "authors", "cff-version", "commit", "contact", "date-released", "doi", "identifiers", "keywords",
    "license", "license-url", "message", "preferred-citation", "references", "repository", "repository-artifact",
    "repository-code", "title", "type", "url", "version",
}  # fmt: skip


def test_the_required_keys_are_there_and_no_unknown_one() -> None:
    assert {"authors", "cff-version", "message", "title"} <= CITATION.keys() <= KEYS
    assert CITATION["cff-version"] == "1.2.0" and CITATION["type"] == "software"
    assert all(isinstance(word, str) for word in CITATION["keywords"])


def test_the_authors_are_an_entity() -> None:
    assert CITATION["authors"] == [{"name": "SPMC Notebook contributors"}]


def test_version_and_licence_are_those_of_the_project() -> None:
    assert CITATION["version"] == spmc_tools.__version__
    assert CITATION["license"] == PROJECT["license"]
