"""What somebody types into a search, read into words, phrases and operators, and written for SQLite's FTS5.

Nothing that was typed is read as the language of FTS5: every word is quoted there by its match key. Operators are
``AND``, ``OR``, ``NOT``, ``NEAR`` and ``NEAR/8`` in capitals, a hyphen before a word, brackets and quotation marks;
where one has nothing to work on, it is a word like any other, and brackets that do not close are none.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from spmc_tools.errors import ParameterError, quote
from spmc_tools.text.match_key import match_key
from spmc_tools.text.skeleton import letters_spelt

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    Variants = Callable[["Words"], Sequence[str]]
    """Gives the ways of writing some words that stand in the posts: match keys, the typed one first."""

__all__ = ["Both", "Either", "Near", "Query", "Without", "Words", "fts_query", "plain_words", "search_query", "wanted"]

NEAR_WITHIN = 10
"""Words that may stand between two that are near each other, where no number was typed."""

_MOST_WORDS = 30
_MOST_WITHIN = 100
_MOST_BRACKETS = 20
_MOST_PHRASES = 256
_MOST_LETTERS = 7
_TOKEN = re.compile(r'(-?)"([^"]*)"(\*?)|(\S+)')
_NEAR = re.compile(r"NEAR(?:/(\d{1,3}))?")


@dataclass(frozen=True, slots=True)
class Words:
    """A word, or several that follow each other.

    Attributes
    ----------
    typed : str
        As it was typed, without marks of quotation and ``*``.
    begins : bool
        Whether the last word may go on.
    """

    typed: str
    begins: bool = False

    @property
    def key(self) -> str:
        """Their match key; ``""`` where only signs were typed."""
        return match_key(self.typed)


@dataclass(frozen=True, slots=True)
class Near:
    """Two that stand near each other in any order, ``within`` so many words (inclusive)."""

    one: Words
    two: Words
    within: int


@dataclass(frozen=True, slots=True)
class Both:
    """All of some parts."""

    parts: tuple[Query, ...]


@dataclass(frozen=True, slots=True)
class Either:
    """At least one of some parts."""

    parts: tuple[Query, ...]


@dataclass(frozen=True, slots=True)
class Without:
    """One part, and none of the others."""

    part: Query
    unwanted: tuple[Query, ...]


Query = Words | Near | Both | Either | Without


@dataclass(frozen=True, slots=True)
class _Not:
    part: Query


def search_query(typed: str) -> Query:
    """Return what was typed as a query.

    Parameters
    ----------
    typed : str
        Words that must all stand in the post, ``"in this order"``, ``begin*``, ``one OR other``, ``NOT one``, ``-one``,
        ``one NEAR other``, ``one NEAR/8 other``, brackets. ``AND`` binds closer than ``OR``.

    Raises
    ------
    ParameterError
        Where nothing is left to search for, or only what is not wanted, or there are more than 30 words.
    """
    reader = _Reader(_with_operands(list(_tokens(typed))))
    found = reader.either()
    if found is None:
        raise ParameterError(
            f"There is nothing to search for in {quote(typed)}; type a word, a handle or an id.",
            key="search_nothing",
            found=quote(typed),
        )
    if isinstance(found, _Not):
        raise ParameterError(
            f"{quote(typed)} says only what is not wanted; type at least one word that is to stand in the posts.",
            key="search_only_not",
            found=quote(typed),
        )
    if reader.words > _MOST_WORDS:
        raise ParameterError(
            f"A search takes at most {_MOST_WORDS} words, found {reader.words}.",
            key="search_many",
            most=_MOST_WORDS,
            found=reader.words,
        )
    return found


def wanted(query: Query) -> Iterator[Words]:
    """Give the words of a query that may stand in a post it finds: all but those after NOT."""
    match query:
        case Words():
            yield query
        case Near():
            yield from (query.one, query.two)
        case Both() | Either():
            for part in query.parts:
                yield from wanted(part)
        case Without():
            yield from wanted(query.part)


def fts_query(query: Query, variants: Variants) -> str:
    """Return a query in the language of FTS5 over the columns ``text`` and ``other``.

    Parameters
    ----------
    query : Query
        What is searched for.
    variants : callable
        The ways of writing some words, as match keys.

    Notes
    -----
    Words typed one after the other are also found where they are written as one (``paper leak``, पेपरलीक).
    """
    match query:
        case Words():
            return _words(query, variants)
        case Near():
            pairs = itertools.islice(itertools.product(variants(query.one), variants(query.two)), _MOST_PHRASES)
            return "(text : (" + " OR ".join(f'NEAR("{a}" "{b}", {query.within})' for a, b in pairs) + "))"
        case Either():
            return f"({' OR '.join(fts_query(part, variants) for part in query.parts)})"
        case Both():
            return f"({' OR '.join(_all(parts, variants) for parts in _joined(query.parts, variants))})"
        case Without():
            unwanted = " OR ".join(fts_query(part, variants) for part in query.unwanted)
            return f"({fts_query(query.part, variants)} NOT ({unwanted}))"


def plain_words(text: str) -> str:
    """Return ids, handles and addresses as words: letters, marks and digits, in lower case."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    words = re.sub(r"[^\w\u0900-\u097f]|_", " ", folded).split()
    return " ".join(word for word in words if any(map(str.isalnum, word)))  # a mark alone says nothing


def _words(words: Words, variants: Variants) -> str:
    star = "*" if words.begins else ""
    parts = [f'"{key}"{star if key == words.key else ""}' for key in variants(words)]
    found = [f"text : ({' OR '.join(parts)})"] if parts else []
    if plain := plain_words(words.typed):
        found.append(f'other : "{plain}"{star}')
    return f"({' OR '.join(found)})"


def _all(parts: Sequence[Query], variants: Variants) -> str:
    return f"({' AND '.join(fts_query(part, variants) for part in parts)})"


def _joined(parts: tuple[Query, ...], variants: Variants) -> Iterator[tuple[Query, ...]]:
    """Give the parts, and then with two neighbouring words as one, where a post writes them so."""
    yield parts
    for n, (one, two) in enumerate(itertools.pairwise(parts)):
        if isinstance(one, Words) and isinstance(two, Words) and not one.begins and not two.begins:
            joined = Words(f"{one.typed}{two.typed}")
            if " " not in joined.key and len(variants(joined)) > 1:
                yield (*parts[:n], joined, *parts[n + 2 :])


@dataclass(frozen=True, slots=True)
class _Token:
    """``sign``: (, ), AND, OR, NOT, NEAR or "" for words; ``typed``: as it stands there."""

    sign: str
    typed: str
    begins: bool = False
    within: int = NEAR_WITHIN
    quoted: bool = False


def _tokens(typed: str) -> Iterator[_Token]:
    unquoted = re.sub(r'"[^"]*"', " ", typed)
    brackets = unquoted.count("(") == unquoted.count(")") <= _MOST_BRACKETS
    for minus, phrase, star, word in _TOKEN.findall(typed):
        if not word:
            if minus:
                yield _Token("NOT", minus)
            yield _Token("", phrase, begins=bool(star), quoted=True)
            continue
        bare = word.lstrip("(") if brackets else word
        yield from itertools.repeat(_Token("(", "("), len(word) - len(bare))
        inside = bare.rstrip(")") if brackets else bare
        if near := _NEAR.fullmatch(inside):
            yield _Token("NEAR", inside, within=min(int(near[1] or NEAR_WITHIN), _MOST_WITHIN))
        elif inside in ("AND", "OR", "NOT"):
            yield _Token(inside, inside)
        elif inside:
            if len(inside) > 1 and inside[0] == "-" and inside[1].isalnum():
                yield _Token("NOT", "-")
                inside = inside[1:]
            yield _Token("", inside.rstrip("*"), begins=inside.endswith("*"))
        yield from itertools.repeat(_Token(")", ")"), len(bare) - len(bare.rstrip(")")) if brackets else 0)


def _with_operands(tokens: list[_Token]) -> list[_Token]:
    """Return the tokens; an operator with nothing before it or after it to work on becomes a word."""
    found: list[_Token] = []
    for n, token in enumerate(tokens):
        after = tokens[n + 1].sign if n + 1 < len(tokens) else ")"
        before = found[-1].sign if found else "("
        works = token.sign in ("", "(", ")") or after in ("", "(") or (after == "NOT" and token.sign in ("AND", "OR"))
        if token.sign in ("AND", "OR", "NEAR") and before not in ("", ")"):
            works = False
        found.append(token if works else _Token("", token.typed))
    return found


class _Reader:
    """Reads tokens from left to right; what nothing can be made of is a word, or is passed over."""

    def __init__(self, tokens: list[_Token]) -> None:
        self.tokens = tokens
        self.at = 0
        self.words = 0

    def either(self) -> Query | _Not | None:
        """Read parts with OR between them."""
        parts: list[Query] = []
        only_not: _Not | None = None
        while True:
            part = self.both()
            if isinstance(part, _Not):
                only_not = part
            elif part is not None:
                parts.append(part)
            if not self._takes("OR"):
                break
        if not parts:
            return only_not
        if only_not is not None:
            raise ParameterError(
                "One side of OR says only what is not wanted; type there a word that is to stand in the posts.",
                key="search_or_not",
            )
        return parts[0] if len(parts) == 1 else Either(tuple(parts))

    def both(self) -> Query | _Not | None:
        """Read parts that must all be there, up to an OR, a closing bracket or the end."""
        parts: list[Query] = []
        unwanted: list[Query] = []
        while (token := self._next()) is not None and token.sign not in (")", "OR"):
            part = self.one()
            if isinstance(part, _Not):
                unwanted.append(part.part)
            elif part is not None:
                parts.append(part)
        if not parts:
            return _Not(unwanted[0]) if unwanted else None
        found = parts[0] if len(parts) == 1 else Both(tuple(parts))
        return Without(found, tuple(unwanted)) if unwanted else found

    def one(self) -> Query | _Not | None:
        """Read a word, a phrase, two that are near, something in brackets, or one of them after NOT."""
        token = self.tokens[self.at]
        self.at += 1
        if token.sign == "(":
            found = self.either()
            self._takes(")")
            return found
        if token.sign == "NOT":
            part = self.one()
            return None if part is None else part.part if isinstance(part, _Not) else _Not(part)
        if token.sign == "AND":
            return None
        words = self._spelt(token)
        if words is None:
            return None
        near = self._next()
        if near is not None and near.sign == "NEAR" and self.at + 1 < len(self.tokens):
            after = self.tokens[self.at + 1]
            if after.sign == "" and match_key(after.typed) and words.key:
                self.at += 2
                self.words += 1
                return Near(words, Words(after.typed), near.within)
        return words

    def _spelt(self, token: _Token) -> Words | None:
        """Return the words of a token, with single letters that follow as one word (E V M)."""
        typed = token.typed
        if not token.begins and not token.quoted and letters_spelt(f"{typed} {typed}"):
            while (after := self._next()) is not None and not (after.sign or after.begins or after.quoted):
                if len(typed.split()) == _MOST_LETTERS or not letters_spelt(f"{typed} {after.typed}"):
                    break
                typed = f"{typed} {after.typed}"
                self.at += 1
        self.words += 1
        words = Words(typed, token.begins)
        return words if words.key or plain_words(typed) else None

    def _next(self) -> _Token | None:
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def _takes(self, sign: str) -> bool:
        """Pass over one sign, where it comes next and, as OR, has something after it."""
        token = self._next()
        if token is None or token.sign != sign:
            return False
        self.at += 1
        return True
