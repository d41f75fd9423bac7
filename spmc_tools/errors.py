"""Every error this package raises on purpose, in one tree.

::

    SpmcError                     exit 1   something went wrong that the sentence explains
    ├── InputError                exit 2   what was given is wrong; nothing was changed
    │   ├── ActionsError                   an action table lacks a column, or holds a null id or time
    │   ├── CaseError                      a case id is bad, exists already, or is not there
    │   ├── FormatError                    a file is no known format, or fits two
    │   ├── MappingError                   a mapping file or a guessed mapping cannot be used
    │   ├── ParameterError                 a parameter, notebook, trace or option is unknown or of the wrong type
    │   └── TableError                     a table does not fit its schema
    ├── BusyError                 exit 1   another program holds what is needed; nothing is lost, try again
    ├── IntegrityError            exit 1   custody: something differs from what was recorded
    └── RunError                  exit 1   a notebook run failed; what it computed was kept

A message is one sentence (or two) that says where, what was found, what was wanted, and what to type.
It never holds a traceback, and everything quoted from outside goes through :func:`quote`.
"""

from __future__ import annotations

import unicodedata

__all__ = [
    "ActionsError",
    "BusyError",
    "CaseError",
    "FormatError",
    "InputError",
    "IntegrityError",
    "MappingError",
    "ParameterError",
    "RunError",
    "SpmcError",
    "TableError",
    "quote",
]


class SpmcError(Exception):
    """Root of the tree; ``exit_code`` is what the command line returns.

    Parameters
    ----------
    message : str
        The sentence, in English.
    key : str, optional
        Under which ``error.{key}`` of the wording catalogues says the same in the reader's language.
    facts : str or int
        What those words need.
    """

    exit_code = 1

    def __init__(self, message: str = "", *, key: str | None = None, **facts: str | int) -> None:
        super().__init__(message)
        self.key, self.facts = key, facts


class InputError(SpmcError):
    """What was given is wrong; nothing was changed."""

    exit_code = 2


class ActionsError(InputError):
    """An action table lacks a column, or holds a null id or time."""


class CaseError(InputError):
    """A case id is bad, exists already, or is not there."""


class FormatError(InputError):
    """A file is no known format, or fits two."""


class MappingError(InputError):
    """A mapping file or a guessed mapping cannot be used."""


class ParameterError(InputError):
    """A parameter, notebook, trace or option is unknown or of the wrong type."""


class TableError(InputError):
    """A table does not fit its schema."""


class BusyError(SpmcError):
    """Another program holds what is needed; nothing is lost, and it can be tried again."""


class IntegrityError(SpmcError):
    """Custody: something differs from what was recorded."""


class RunError(SpmcError):
    """A notebook run failed; what it computed was kept."""


def quote(value: object, limit: int = 60) -> str:
    r"""Return text from outside, safe to print in one line of a terminal or log.

    Control, bidirectional and other format characters are shown as ``\u`` escapes, long text is cut
    with "…", and the result stands in double quotes.

    Parameters
    ----------
    value : object
        Anything; ``str(value)`` is shown.
    limit : int
        At most this many characters of it, counted before escaping.
    """
    text = str(value)
    cut = text[:limit]
    shown = "".join(
        f"\\u{ord(c):04x}"
        if unicodedata.category(c) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"} and c not in "\u200c\u200d"
        else c
        for c in cut
    )
    return f'"{shown}{"…" if len(text) > limit else ""}"'
