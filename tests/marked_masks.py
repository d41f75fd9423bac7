"""Masks of a redacted edition that mark what they touch, so that a test sees which of them was used."""

from __future__ import annotations


class Marks:
    """Masks for the account Ravi: ``A`` of an account, ``N`` of a numbered one, … for its name in a text."""

    def account(self, name: str) -> str:
        return f"A({name})"

    def numbered(self, number: int, name: str) -> str:
        return f"N({number})"

    def text(self, text: str) -> str:
        return text.replace("Ravi", "…")

    def label(self, what: str, key: str) -> str:
        return f"{what} of {key}"
