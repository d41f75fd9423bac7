"""Who answers what: rules that the centre edits, applied from top to bottom, and the shifts of a day."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from spmc_tools.case.files.small_toml import read_toml
from spmc_tools.desks.base.places import english_district
from spmc_tools.errors import InputError, quote
from spmc_tools.resources import resource

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from spmc_tools.schema.arrays import Flags

__all__ = ["Rule", "Rules", "read_rules", "routed"]

NIGHT = "night"


@dataclass(frozen=True, slots=True)
class Rule:
    """Whom a complaint goes to; an empty ``subject`` or ``district`` fits all.

    Words are in small letters, districts in English where they are known.
    """

    send_to: str
    subject: frozenset[str] = frozenset()
    district: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Rules:
    """Rules in order, where everything else goes, and shifts as first hour (inclusive) and end (exclusive), IST.

    ``hindi``: how Hindi pages say whom a complaint goes to, where the file says it.
    """

    rules: tuple[Rule, ...]
    default: str
    shifts: dict[str, tuple[int, int]]
    hindi: dict[str, str] = field(default_factory=dict)

    def shift_of(self, hour: int) -> str:
        """Return the shift of an hour of the day; ``night`` where no shift holds it."""
        return next((name for name, (first, end) in self.shifts.items() if first <= hour < end), NIGHT)


def read_rules(path: Path | None = None) -> Rules:
    """Return the rules of a file; None: those that come with the package.

    Raises
    ------
    InputError
        With the rule that is wrong.
    """
    path = path or resource("templates", "routing.toml")
    where = quote(path.name)
    try:
        written = read_toml(path)
    except (OSError, ValueError) as error:
        raise InputError(f"{where} is no file of routing rules: {quote(error, 120)}.") from None
    unknown = sorted(set(written) - {"default", "hindi", "shifts", "rule"})
    if unknown or not isinstance(written.get("default"), str):
        raise InputError(
            f"{where}: wanted default, [hindi], [shifts] and [[rule]]; found {quote(unknown or 'no default')}."
        )
    hindi = written.get("hindi", {})
    if not isinstance(hindi, dict) or not all(isinstance(name, str) for name in hindi.values()):
        raise InputError(f'{where}: [hindi] is {quote(hindi)}, wanted lines as "district control room" = "…".')
    rules, shifts = _rules(written.get("rule", []), where), _shifts(written.get("shifts", {}), where)
    return Rules(rules, written["default"], shifts, hindi)


def _rules(written: Any, where: str) -> tuple[Rule, ...]:
    found = []
    for number, rule in enumerate(written if isinstance(written, list) else [written], start=1):
        known = isinstance(rule, dict) and not set(rule) - {"send_to", "subject", "district"}
        lists = known and all(
            isinstance(rule.get(key, []), list) and all(isinstance(word, str) for word in rule.get(key, []))
            for key in ("subject", "district")
        )
        if not lists or not isinstance(rule.get("send_to"), str) or not rule["send_to"]:
            raise InputError(f'{where}, rule {number}: wanted send_to = "…", subject = ["…"], district = ["…"].')
        subjects = frozenset(word.casefold() for word in rule.get("subject", []))
        found.append(Rule(rule["send_to"], subjects, frozenset(map(_one_spelling, rule.get("district", [])))))
    return tuple(found)


def _shifts(written: Any, where: str) -> dict[str, tuple[int, int]]:
    found: dict[str, tuple[int, int]] = {}
    for name, hours in dict(written).items():
        fits = isinstance(hours, list) and len(hours) == 2 and all(type(hour) is int for hour in hours)
        if not fits or not 0 <= hours[0] < hours[1] <= 24:
            raise InputError(f"{where}: shift {quote(name)} is {quote(hours)}, wanted [first hour, end], as [6, 14].")
        found[str(name)] = (hours[0], hours[1])
    return found


def _one_spelling(district: str) -> str:
    return english_district(district).casefold()


def routed(threads: pd.DataFrame, rules: Rules) -> pd.Series[Any]:
    """Return whom each complaint goes to, by its ``subject`` and ``district``; a null fits only rules without one.

    Case does not count, and a district that is known is one however rule and complaint write it.
    """
    import numpy as np
    import pandas as pd

    subject, district = _folded(threads["subject"], str.casefold), _folded(threads["district"], _one_spelling)
    fits = [_among(subject, rule.subject) & _among(district, rule.district) for rule in rules.rules]
    chosen = np.select(fits, [rule.send_to for rule in rules.rules], rules.default) if fits else rules.default
    return pd.Series(chosen, index=threads.index, name="send_to", dtype="str")


def _folded(column: pd.Series[Any], fold: Callable[[str], str]) -> tuple[NDArray[np.intp], list[str]]:
    """Return the place of each value among the different ones (-1: null), and these folded."""
    import pandas as pd

    codes, values = pd.factorize(column.astype("str"))
    return codes, [fold(str(value)) for value in values]


def _among(column: tuple[NDArray[np.intp], list[str]], words: frozenset[str]) -> Flags:
    """Return which rows hold one of the words; no words: all."""
    import numpy as np

    codes, values = column
    return np.array([not words or value in words for value in values] + [not words])[codes]  # the last is that of -1
