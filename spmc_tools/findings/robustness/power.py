r"""Power: the smallest campaign that this data would have shown.

For a number of accounts, the least number of common objects is searched with which the same assessment would have
named at least four fifths of a planted campaign's members, in at least four fifths of the draws; beside it, for
campaigns that strike within one session only, with which it would have put so many of them into groups within hours
(:mod:`spmc_tools.findings.robustness.planting` says what is planted). The search halves a ladder of numbers of
objects; a step is
left as soon as it is decided, and the step that holds is drawn to its full number, with an exact interval beside its
share.

Notes
-----
Assumptions: more common objects never make a campaign harder to see (more *accounts* do: a large group that meets on
few objects looks to the chance model like accounts that meet everybody, so sizes are not searched but listed). The
interval is that of one step; the step was chosen because it held, so its share is a little too good. What the smallest
campaign is depends on what is planted: members by lot who miss three occasions of ten. It is no bound for every
campaign, and says nothing of single bursts. An investigation names fewer than an assessment does: where an ordinary
pattern explains a group, or ready-made posts alone speak for it, it is shown without names; and a group of one session
is never named.

Circles of accounts that read alike (strata) are learned once, from the collection as it is, and serve all assessments
with a campaign in it: they are those that the collection's own assessment uses, and a campaign of a dozen of its
accounts adds hardly anything to learn from. Learned anew with each campaign they are another throw of the same dice,
and which members are named differs by chance alone (``tests/findings/test_power.py``; figures in
``docs/measured/performance.md``). Campaigns of new accounts have no circle in the collection; for them strata are
learned anew each time.

Cost: one assessment per draw, some twenty-five for one size. :data:`EFFORTS` bounds it in sizes, draws, traces and
windows, never in seconds: the same data gives the same table on every machine.

References
----------
Cohen (1988), Statistical Power Analysis for the Behavioral Sciences (.8 as the customary share); Clopper and Pearson
(1934), Biometrika 26, 404–413. The rule is this project's own.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from spmc_tools.chance.statistics.share_interval import share_interval
from spmc_tools.errors import ParameterError, quote
from spmc_tools.findings import request as asked
from spmc_tools.findings.assessment.assess import FEW_ACCOUNTS, assess, strata_of
from spmc_tools.findings.robustness.looked_at import kept_by_case, looked_at
from spmc_tools.findings.robustness.planting import SESSION_S, TAKES_PART, Campaign, planted, room_for, soil
from spmc_tools.progress import unheard

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

    from spmc_tools.findings.robustness.planting import Soil

__all__ = ["COLUMNS", "EFFORTS", "SHARE", "Effort", "Power", "Progress", "power", "power_of_findings"]

Progress: TypeAlias = Callable[[str, int, int], None]

SHARE = 0.8
"""A campaign is shown if at least this share of its members is named, in at least this share of the draws."""

LADDER = (3, 4, 5, 6, 7, 8, 10, 12, 16, 20)
"""Numbers of common objects that are tried."""

LEAST = 3
"""Fewer separate occasions are never tested."""

COLUMNS = ("trace", "delay_s", "n_accounts", "state", "n_objects", "hits", "draws", "share", "low", "high")
"""One row per size: ``state`` is "shown" (with what follows), "not_shown" (with the most objects that were tried),
"insufficient" (too few accounts), "too_short" (less than three occasions fit) or "too_large" (for a quick look)."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is tried: sizes of campaigns, draws, whether every window or the widest, how many traces and actions.

    ``session_traces``: traces, those with most actions, in which campaigns of one session are tried; None: in all.
    """

    sizes: tuple[int, ...]
    draws: int
    every_window: bool
    most_traces: int | None = None
    most_actions: int | None = None
    session_traces: int | None = None


EFFORTS = {
    "quick": Effort((12,), 10, every_window=False, most_traces=2, most_actions=50_000, session_traces=1),
    "usual": Effort((5, 8, 12, 20), 10, every_window=False, most_traces=2),
    "thorough": Effort((3, 5, 8, 12, 16, 20, 30, 40, 60), 20, every_window=True),
}
"""How much is tried, by its word: seconds, half a minute, many minutes on a case of fifteen thousand posts."""


@dataclass(frozen=True, slots=True)
class Power:
    """What the data could have shown.

    Attributes
    ----------
    table : pandas.DataFrame
        :data:`COLUMNS`, by trace, delay and size.
    tried : pandas.DataFrame
        Every step that was tried: ``trace, session, delay_s, n_accounts, n_objects, hits, draws``; the draws of a step
        that was decided early are those made.
    notes : dict
        ``effort, share, takes_part, members, seed, session_s, n_assessments``.
    sessions : pandas.DataFrame
        :data:`COLUMNS` of campaigns within one session: shown as a group within hours, and not named.
    """

    table: pd.DataFrame
    tried: pd.DataFrame
    notes: dict[str, Any] = field(default_factory=dict)
    sessions: pd.DataFrame | None = None

    @property
    def smallest(self) -> dict[str, Any] | None:
        """The row with the fewest accounts × objects, then the fewest accounts; None where nothing would be shown."""
        return _smallest(self.table)

    @property
    def smallest_session(self) -> dict[str, Any] | None:
        """The same of campaigns within one session."""
        return None if self.sessions is None else _smallest(self.sessions)


def _smallest(table: pd.DataFrame) -> dict[str, Any] | None:
    shown = table[table["state"] == "shown"]
    if not len(shown):
        return None
    rows = shown.assign(size=shown["n_accounts"] * shown["n_objects"])
    best = rows.sort_values(["size", "n_accounts", "delay_s"], kind="stable").iloc[0]
    return {name: best[name] for name in COLUMNS}


def power(  # noqa: PLR0913 -- what an assessment takes, and what is planted
    actions: Any,
    windows_s: Sequence[float] | float = (60, 600),
    strata: str | Mapping[Any, Any] | None = "learn",
    context: Mapping[Any, str] | None = None,
    seed: int = 0,
    *,
    effort: str = "usual",
    barred: Iterable[Any] = (),
    members: str = "own",
    trace: str = "actions",
    sessions: bool = True,
    progress: Progress | None = None,
) -> Power:
    """Return the smallest planted campaign that the assessment of these actions would have shown.

    Parameters
    ----------
    actions, windows_s, strata, context, seed
        As :func:`spmc_tools.assess`; the seed is that of the draws, too.
    effort : {"quick", "usual", "thorough"}
        How much is tried.
    barred : iterable of ids
        Accounts that are never drawn as members, beside those of the context: such as are named already.
    members : {"own", "new"}
        Accounts of the collection, or new ones that live like them; see :mod:`spmc_tools.findings.robustness.planting`.
    trace : str
        What the rows are called; it is part of the seed.
    sessions : bool
        Whether campaigns within one session are tried as well.
    progress : callable, optional
        Called with the trace, sizes done and sizes in all.

    Raises
    ------
    ParameterError
        Where the effort or the members are not known, or as :func:`spmc_tools.assess`.
    ActionsError
        As :func:`spmc_tools.assess`.
    """
    much, kind = _effort(effort), _members(members)
    windows = tuple(asked.seconds(windows_s, zero=True))
    kinds = asked.kinds(context)
    ground = soil(actions, [*kinds, *barred])
    tell = progress or unheard
    rule = _Rule(
        windows,
        _circles(strata, ground, windows, seed) if kind == "own" else _numbered(strata, ground),
        {ground.of_account[a]: k for a, k in kinds.items() if a in ground.of_account},
        asked.seed(seed),
    )
    plan = _Plan(trace, much, kind, rule)
    delays = windows if much.every_window else windows[-1:]
    kinds_of_time = (False, True) if sessions else (False,)
    lines = [(session, delay, size) for session in kinds_of_time for delay in delays for size in much.sizes]
    made: dict[str, list[dict[str, Any]]] = {"rows": [], "sessions": [], "tried": []}
    for number, (session, delay, size) in enumerate(lines):
        tell(trace, number, len(lines))
        row, steps = _line(ground, plan, Campaign(size, 0, delay, kind, session=session))
        made["sessions" if session else "rows"].append(row)
        made["tried"] += steps
    tell(trace, len(lines), len(lines))
    return _told(made, _notes(effort, members, seed))


def power_of_findings(found: Any, effort: str = "usual", progress: Progress | None = None) -> Power:
    """Return the power of every trace that an investigation looked at, in one table; a case keeps it.

    Parameters
    ----------
    found : Findings
        Its seed, windows and registered accounts are used; accounts in tier A or B are never drawn as members.
    effort : {"quick", "usual", "thorough"}
        How much is tried.
    progress : callable, optional
        Called with trace, done and total.
    """
    much = _effort(effort)

    def anew() -> dict[str, Any]:
        parts = [look for look in looked_at(found) if look.windows_s]
        by_size = [part.trace for part in sorted(parts, key=lambda look: -len(look.actions))]
        largest, in_sessions = by_size[: much.most_traces], by_size[: much.session_traces]
        made = [
            power(
                part.actions,
                part.windows_s,
                context=part.context,
                seed=found.parameters["seed"],
                effort=effort,
                barred=part.named,
                trace=part.trace,
                sessions=part.trace in in_sessions,
                progress=progress,
            )
            for part in parts
            if part.trace in largest
        ]
        return {
            "rows": [row for result in made for row in _plain(result.table)],
            "sessions": [row for result in made for row in _plain(result.sessions)],
            "tried": [row for result in made for row in _plain(result.tried)],
        }

    kept = kept_by_case(found, "power", {"effort": effort}, __name__, anew)
    return _told(kept, _notes(effort, "own", found.parameters["seed"]))


# -- parts ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Rule:
    """How one assessment is made, in the numbers of the soil."""

    windows: tuple[float, ...]
    strata: Any
    context: dict[int, str]
    seed: int

    def shown(self, actions: Any, session: bool) -> set[int]:
        """Return who is named; of a session, who is in a group within hours that is of no registered kind."""
        made = assess(actions, self.windows, self.strata, self.context, self.seed)
        if session:
            groups = made.sessions[made.sessions["kind"].isna()]
            return {account for accounts in groups["accounts"] for account in accounts}
        return set(made.accounts.loc[made.accounts["named"], "account_id"].tolist())


@dataclass(frozen=True, slots=True)
class _Plan:
    trace: str
    effort: Effort
    members: str
    rule: _Rule


def _effort(word: str) -> Effort:
    if word not in EFFORTS:
        raise ParameterError(f"effort is {quote(word)}, wanted one of {', '.join(EFFORTS)}.")
    return EFFORTS[word]


def _members(word: str) -> str:
    if word not in {"own", "new"}:
        raise ParameterError(f"members is {quote(word)}, wanted own or new.")
    return word


def _circles(strata: Any, ground: Soil, windows: tuple[float, ...], seed: int) -> Any:
    """Return the strata that all assessments share: those learned from the collection without a campaign, or given."""
    if strata != "learn" or ground.n_accounts < FEW_ACCOUNTS:
        return _numbered(strata, ground)
    return strata_of(ground.table(), windows, asked.seed(seed))


def _numbered(strata: Any, ground: Soil) -> Any:
    """Return given strata by the numbers of the soil; new accounts are in none of them."""
    if not isinstance(strata, Mapping):
        return strata
    return {ground.of_account[a]: name for a, name in strata.items() if a in ground.of_account}


def _line(ground: Soil, plan: _Plan, line: Campaign) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return the row of one size, and the steps that were tried for it; ``line``: what is the same in all of them."""
    row: dict[str, Any] = dict.fromkeys(COLUMNS)
    row |= {"trace": plan.trace, "delay_s": line.delay_s, "n_accounts": line.n_accounts}
    room = LADDER[-1] if line.session and ground.span_us else room_for(ground, line.delay_s)
    ladder = [n for n in LADDER if n <= room]
    state = _unable(ground, plan.effort, line.n_accounts, ladder)
    if state is not None:
        return row | {"state": state}, []
    tried: dict[int, tuple[int, int]] = {}
    low, high = 0, len(ladder)
    while low < high:
        middle = (low + high) // 2
        tried[ladder[middle]] = _draws(ground, plan, replace(line, n_objects=ladder[middle]), (0, 0), stop=True)
        if _holds(tried[ladder[middle]], plan.effort.draws):
            high = middle
        else:
            low = middle + 1
    n_objects = ladder[min(low, len(ladder) - 1)]
    chosen = replace(line, n_objects=n_objects)
    hits, draws = tried[n_objects] = _draws(ground, plan, chosen, tried[n_objects], stop=False)
    least, most = share_interval(hits, draws)
    row |= {
        "state": "shown" if _holds((hits, draws), plan.effort.draws) else "not_shown",
        "n_objects": n_objects, "hits": hits, "draws": draws, "share": hits / draws, "low": least, "high": most,
    }  # fmt: skip
    steps = [
        {"trace": plan.trace, "session": line.session, "delay_s": line.delay_s, "n_accounts": line.n_accounts,
         "n_objects": n, "hits": h, "draws": d}
        for n, (h, d) in sorted(tried.items())
    ]  # fmt: skip
    return row, steps


def _unable(ground: Soil, effort: Effort, size: int, ladder: list[int]) -> str | None:
    """Return why nothing can be tried; None where it can."""
    if ground.n_accounts < FEW_ACCOUNTS or ground.eligible.size < 4 * size:
        return "insufficient"
    if not ladder:
        return "too_short"
    if effort.most_actions is not None and ground.t_us.size > effort.most_actions:
        return "too_large"
    return None


def _needed(draws: int) -> int:
    return int(np.ceil(SHARE * draws - 1e-9))


def _holds(seen: tuple[int, int], draws: int) -> bool:
    return seen[0] >= _needed(draws)


def _draws(ground: Soil, plan: _Plan, campaign: Campaign, made: tuple[int, int], *, stop: bool) -> tuple[int, int]:
    """Return (draws that showed the campaign, draws made), going on from those made; ``stop``: until it is decided."""
    hits, done = made
    total, needed = plan.effort.draws, _needed(plan.effort.draws)
    while done < total and not (stop and (hits >= needed or done - hits > total - needed)):
        rng = np.random.default_rng(_seed(plan, campaign, done))
        actions, members = planted(ground, campaign, rng)
        shown = plan.rule.shown(actions, campaign.session)
        hits += sum(member in shown for member in members.tolist()) >= SHARE * members.size - 1e-9
        done += 1
    return hits, done


def _seed(plan: _Plan, campaign: Campaign, draw: int) -> list[int]:
    """Return the seed of one draw: the same whatever else is tried."""
    what = f"{plan.trace}|{campaign.members}|{campaign.delay_s:g}{'|session' if campaign.session else ''}"
    return [plan.rule.seed, zlib.crc32(what.encode()), campaign.n_accounts, campaign.n_objects, draw]


def _notes(effort: str, members: str, seed: int) -> dict[str, Any]:
    return {
        "effort": effort,
        "share": SHARE,
        "takes_part": TAKES_PART,
        "members": members,
        "seed": seed,
        "session_s": SESSION_S,
    }


def _told(made: Mapping[str, list[dict[str, Any]]], notes: dict[str, Any]) -> Power:
    import pandas as pd

    whole = dict.fromkeys(("n_accounts", "n_objects", "hits", "draws"), "Int64")
    types = whole | dict.fromkeys(("delay_s", "share", "low", "high"), "float64")
    table, sessions = (pd.DataFrame(made[name], columns=list(COLUMNS)).astype(types) for name in ("rows", "sessions"))
    names = ["trace", "session", "delay_s", "n_accounts", "n_objects", "hits", "draws"]
    steps = pd.DataFrame(made["tried"], columns=names)
    return Power(table, steps, notes | {"n_assessments": int(steps["draws"].sum())}, sessions)


def _plain(table: pd.DataFrame | None) -> list[dict[str, Any]]:
    """Return rows that JSON can hold."""
    if table is None:
        return []
    rows = table.astype(object).where(table.notna(), None).to_dict("records")
    return [{str(k): v.item() if hasattr(v, "item") else v for k, v in row.items()} for row in rows]
