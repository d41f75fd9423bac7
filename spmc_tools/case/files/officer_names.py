"""Names of officers: who is logged in, and whether two ways of writing a name are one person, as far as letters tell.

Capitals, spaces, punctuation, invisible characters, marks on Latin letters, full-width letters, look-alike letters of
other scripts and the order of the words make no difference. A name in Latin and the same name in Devanagari cannot be
told to be one: whoever reads the report sees both.
"""

from __future__ import annotations

import unicodedata

from spmc_tools.operating_system import login_name

__all__ = ["logged_in_name", "name_key", "same_person"]

_LIKE = str.maketrans(
    "авеёзікмнорстухјѕԁԛѡһɡıɩοαβεικνρτυχγωϲ01|",
    "abee3ikmhopctyxjsdqwhgiioabeikvptuxywcoll",
)
"""Letters of other scripts (and digits) that look like Latin ones, in lower case."""


def logged_in_name() -> str:
    """Return the name of the user of this machine; ``user 1000`` for one without a name, as in a container."""
    return login_name()


def name_key(name: str) -> str:
    """Return one form for every way of writing a name; ``""`` where no letter is in it."""
    text = unicodedata.normalize("NFKC", name).casefold().translate(_LIKE)
    kept, latin = [], False
    for char in unicodedata.normalize("NFD", text):
        kind = unicodedata.category(char)
        if kind[0] in "LN":
            latin = char.isascii()
            kept.append(char)
        elif kind[0] == "M" and not latin:
            kept.append(char)  # vowel signs of Devanagari and Urdu belong to the name
        elif kind[0] in "ZP" or char.isspace():
            latin = False
            kept.append(" ")
    return " ".join(sorted("".join(kept).split()))


def same_person(name: str, other: str) -> bool:
    """Tell whether two names are one, written differently."""
    a, b = name_key(name), name_key(other)
    return a == b or sorted(a.replace(" ", "")) == sorted(b.replace(" ", ""))
