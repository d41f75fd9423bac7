"""What an investigation was asked for, checked: one clear sentence for what cannot be used."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any

from spmc_tools.coaction.traces.trace_catalogue import TRACES
from spmc_tools.errors import ParameterError, quote
from spmc_tools.findings.detectors.detector_catalogue import DETECTORS

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa

    from spmc_tools.coaction.traces.trace import Trace
    from spmc_tools.findings.detectors.detector import AccountDetector

__all__ = [
    "LONGEST_WINDOW_S",
    "Request",
    "checked_request",
    "context",
    "detectors",
    "kinds",
    "registered",
    "seconds",
    "seed",
    "traces",
    "windows",
]

LONGEST_WINDOW_S = 21_600.0
"""No window is longer: occasions lie six hours apart."""


@dataclass(frozen=True, slots=True)
class Request:
    """What an investigation looks for, checked.

    Attributes
    ----------
    traces : tuple of Trace
        In the order of the catalogue.
    detectors : tuple of AccountDetector
        Detectors of accounts and tags, in the order of theirs.
    windows_s : tuple of float or None
        Seconds, inclusive, ascending, in place of each trace's own; None: each trace's own.
    context : dict of str -> str
        Registered accounts with their kinds, as they were registered, in the order of the ids.
    seed : int
        Of communities and resamples.
    """

    traces: tuple[Trace, ...]
    detectors: tuple[AccountDetector, ...]
    windows_s: tuple[float, ...] | None
    context: dict[str, str]
    seed: int

    @property
    def names(self) -> list[str]:
        """All traces and detectors by name, in the order in which they are looked for."""
        return [trace.name for trace in self.traces] + [detector.name for detector in self.detectors]

    @property
    def n_stages(self) -> int:
        """Stages that progress is shown in: one for each name, the records before them and the clusters after them."""
        return len(self.names) + 2

    def windows_of(self, trace: Trace) -> list[float]:
        """Return the windows that a trace is to be looked at with, in seconds; a trace without one gets none."""
        asked = self.windows_s if self.windows_s and trace.windows_s else trace.windows_s
        return [float(window) for window in asked]

    def as_json(self) -> dict[str, Any]:
        """Return the parameters of the investigation as JSON holds them: with them it can be made again."""
        return {
            "traces": self.names,
            "windows_s": None if self.windows_s is None else list(self.windows_s),
            "context": dict(self.context),
            "seed": self.seed,
        }


def checked_request(traces_wanted: Any, windows_s: Any, context_given: Any, seed_given: Any) -> Request:
    """Return the request of an investigation.

    Parameters
    ----------
    traces_wanted, windows_s, context_given, seed_given
        As :func:`spmc_tools.investigate` takes them; a context of None registers nobody.

    Raises
    ------
    ParameterError
        Where one of them cannot be used.
    """
    asked = windows(windows_s)
    return Request(
        traces=tuple(traces(traces_wanted)),
        detectors=tuple(detectors(traces_wanted)),
        windows_s=None if asked is None else tuple(asked),
        context=context(context_given),
        seed=seed(seed_given),
    )


def traces(asked: str | Sequence[str]) -> list[Trace]:
    """Return the traces of the catalogue that are asked for, in its order; "all" gives all."""
    chosen = _names(asked)
    return [trace for name, trace in TRACES.items() if name in chosen]


def detectors(asked: str | Sequence[str]) -> list[AccountDetector]:
    """Return the detectors of accounts and tags that are asked for, in the order of theirs; "all" gives all."""
    chosen = _names(asked)
    return [detector for name, detector in DETECTORS.items() if name in chosen]


def _names(asked: str | Sequence[str]) -> set[str]:
    known = [*TRACES, *DETECTORS]
    if isinstance(asked, str) and asked == "all":
        return set(known)
    names = [asked] if isinstance(asked, str) else asked
    if not isinstance(names, (list, tuple, set, frozenset)) or not names:
        raise ParameterError(f'traces is {quote(asked)}, wanted "all" or a list of: {", ".join(known)}.')
    for name in names:
        if str(name) not in known:
            raise ParameterError(f"Unknown trace {quote(str(name))}; known traces: {', '.join(known)}.")
    return {str(name) for name in names}


def windows(windows_s: Any) -> list[float] | None:
    """Return windows in seconds, ascending, each once; None where each trace's own are meant."""
    return None if windows_s is None else seconds(windows_s, zero=False)


def seconds(windows_s: Any, *, zero: bool) -> list[float]:
    """Return windows in seconds, ascending, each once; numbers of Python and of numpy serve.

    Parameters
    ----------
    windows_s : number or iterable of numbers
        At most :data:`LONGEST_WINDOW_S`.
    zero : bool
        Whether 0, the same second or microsecond, is a window.
    """
    given = windows_s.tolist() if hasattr(windows_s, "tolist") else windows_s
    given = [given] if isinstance(given, Real) else given
    if isinstance(given, (str, bytes)) or not isinstance(given, Iterable):
        raise ParameterError(f"windows_s is {quote(windows_s)}, wanted seconds, as (60, 600).")
    values = list(given)
    for value in values:
        number = isinstance(value, Real) and not isinstance(value, bool)
        if not number or not (0 <= value <= LONGEST_WINDOW_S) or (value == 0 and not zero):
            least = "from 0 to" if zero else "above 0 and at most"
            raise ParameterError(
                f"windows_s holds {quote(value)}, wanted seconds {least} {LONGEST_WINDOW_S:,.0f}: "
                "occasions lie six hours apart."
            )
    if not values:
        raise ParameterError("windows_s is empty, wanted at least one window in seconds, as (60, 600).")
    return sorted({float(value) for value in values})


def kinds(context: Any) -> dict[Any, str]:
    """Return registered accounts with their kinds, by id, in the order given; None: none."""
    if context is None:
        return {}
    if not isinstance(context, Mapping):
        raise ParameterError(f"context is {quote(context)}, wanted account ids with their kind, as {{id: newsroom}}.")
    for account, kind in context.items():
        if not isinstance(kind, str) or not kind.strip():
            raise ParameterError(
                f"context gives account {quote(account)} the kind {quote(kind)}, wanted a word such as newsroom."
            )
    return {account: str(kind) for account, kind in context.items()}


def context(given: Any) -> dict[str, str]:
    """Return registered accounts with their kinds, by id, in the order of the ids, which are text."""
    found = kinds({} if given is None else given)
    for account in found:
        if not isinstance(account, str):
            raise ParameterError(f"context: the account {quote(account)} is no text; give ids as text.")
    return {str(account): kind for account, kind in sorted(found.items())}


def seed(given: Any) -> int:
    """Return the seed as a whole number."""
    whole = isinstance(given, Integral) and not isinstance(given, bool)
    if not whole or not 0 <= int(given) < 2**31:
        raise ParameterError(f"seed is {quote(given)}, wanted a whole number from 0 to 2,147,483,647.")
    return int(given)


def registered(context: Mapping[str, str], records: pa.Table) -> tuple[dict[str, str], dict[str, Any]]:
    """Return the kinds of the registered accounts by the ids of the records, and what is to be said of the register.

    Parameters
    ----------
    context : mapping
        ``platform:id`` or id -> kind. The former holds for the account on that platform alone; where the records know
        no such account, and for a bare id, it is taken for an id as it is, which holds on every platform.
    records : pyarrow.Table
        ``account_id`` and, where there is one, ``platform``; an id that stands on several platforms has the platform
        in front.

    Returns
    -------
    kinds : dict
        Account id of the records -> kind; what was registered for one platform goes before a bare id.
    notes : dict
        ``registered`` (entries), ``not_in_records`` (entries that no record is from: a slip of the pen shows here),
        ``on_several_platforms`` (bare ids that hold for more than one account: most likely not all of them are meant).
    """
    exact, bare = _meant(records) if context else ({}, {})
    kinds: dict[str, str] = {}
    several = []
    missing = []
    for entry, kind in context.items():
        if entry not in exact:
            own = bare.get(entry, set())
            kinds.update(dict.fromkeys(own, kind))
            if len(own) > 1:
                several.append(entry)
            if not own:
                missing.append(entry)
    kinds.update({exact[entry]: kind for entry, kind in context.items() if entry in exact})
    notes = {
        "registered": len(context),
        "not_in_records": sorted(missing),
        "on_several_platforms": sorted(several),
    }
    return kinds, notes


def _meant(records: pa.Table) -> tuple[dict[str, str], dict[str, set[str]]]:
    """Return the account that each ``platform:id`` means, and the accounts that each bare id means."""
    if "platform" not in records.column_names:
        return {}, {account: {account} for account in records["account_id"].unique().to_pylist()}
    rows = records.select(["platform", "account_id"]).group_by(["platform", "account_id"]).aggregate([]).to_pylist()
    pairs = sorted((row["platform"] or "", row["account_id"]) for row in rows)
    stripped: dict[str, set[str]] = defaultdict(set)
    for platform, account in pairs:
        if account.startswith(f"{platform}:"):
            stripped[account.removeprefix(f"{platform}:")].add(account)
    exact: dict[str, str] = {}
    bare: dict[str, set[str]] = defaultdict(set)
    for platform, account in pairs:
        own = account.removeprefix(f"{platform}:")
        apart = own != account and len(stripped[own]) > 1  # only an id of several platforms has one in front
        name = own if apart else account
        bare[name].add(account)
        if platform:
            exact[f"{platform}:{name}"] = account
    return exact, bare
