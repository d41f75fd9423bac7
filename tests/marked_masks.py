"""Masks of a redacted edition that mark what they touch, so that a test sees which of them was used."""

from __future__ import annotations


class Marks:
    """``A`` of an account, ``N`` of a numbered one, … for the hidden word in a text: a name, if no other is said."""

    def __init__(self, hidden: str = "Ravi") -> None:
        self.hidden = hidden

    def account(self, name: str) -> str:
        return f"A({name})"

    def numbered(self, number: int, name: str) -> str:
        return f"N({number})"

    def text(self, text: str) -> str:
        return text.replace(self.hidden, "…")

    def label(self, what: str, key: str) -> str:
        return f"{what} of {key}"
