"""The tables of ``docs/accuracy.md``, written between markers; everything outside them is written by hand."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.accuracy.catalogue import WORLDS
from benchmarks.accuracy.results import code_digest
from benchmarks.accuracy.summary import Share, Summary, tail_ratio

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

__all__ = ["SECTIONS", "filled", "write"]

Results = "Mapping[str, list[dict[str, Any]]]"


def write(path: Path, results: Mapping[str, list[dict[str, Any]]]) -> None:
    """Fill every marked part of the document from the measured weeks."""
    path.write_text(filled(path.read_text(encoding="utf-8"), results), encoding="utf-8")


def filled(text: str, results: Mapping[str, list[dict[str, Any]]]) -> str:
    """Return the document with every marked part filled anew.

    Raises
    ------
    ValueError
        Where a part has no marker, or a marker no part.
    """
    known = {world: Summary(weeks) for world, weeks in results.items() if weeks}
    marked = re.findall(r"<!-- measured: (\S+) -->", text)
    if sorted(marked) != sorted(SECTIONS):
        raise ValueError(f"marked are {sorted(marked)}, wanted {sorted(SECTIONS)}")
    for name, section in SECTIONS.items():
        start, end = f"<!-- measured: {name} -->", f"<!-- end: {name} -->"
        inner = re.compile(re.escape(start) + ".*?" + re.escape(end), re.DOTALL)
        body = "\n".join([start, *section(known), end])
        text, times = inner.subn(lambda _found, body=body: body, text)
        if times != 1:
            raise ValueError(f"the part {name} has {times} pairs of markers, wanted 1")
    return text


def _table(head: list[str], rows: list[list[str]]) -> list[str]:
    if not rows:
        return ["Nothing of this was measured with the present code."]
    return [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}", *(f"| {' | '.join(row)} |" for row in rows)]


def _number(value: float, digits: int = 3) -> str:
    return "–" if value != value else f"{value:.{digits}f}"  # noqa: PLR0124 -- nan


def _share(share: Share, digits: int = 2) -> str:
    if not share.draws:
        return "–"
    low, high = share.interval
    return f"{share.value:.{digits}f} [{low:.{digits}f}, {high:.{digits}f}]"


def _per_10k(share: Share) -> str:
    low, high = share.interval
    return f"{1e4 * share.value:.2f} [{1e4 * low:.2f}, {1e4 * high:.2f}]"


# -- the targets ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Target:
    """One line: what is wanted of a world; ``text`` is what was measured, ``value`` is held against the bound."""

    world: str
    wanted: str
    value: Callable[[Summary], float]
    text: Callable[[Summary], str]
    bound: float
    least: bool = True


def _ap(world: str, bound: float) -> _Target:
    return _Target(world, f"AP of several-source campaigns ≥ {bound:g}", lambda s: s.mean("ap"), _mean("ap"), bound)


def _mean(*path: str) -> Callable[[Summary], str]:
    def text(summary: Summary) -> str:
        low, high = summary.around(*path)
        return f"{_number(summary.mean(*path))} [{_number(low)}, {_number(min(high, 1.0))}], worst {_number(summary.worst(*path))}"

    return text


def _auc(world: str) -> _Target:
    return _Target(world, "AUC ≥ .99", lambda s: s.mean("auc"), _mean("auc"), 0.99)


def _fdp(world: str) -> _Target:
    return _Target(
        world, "FDP ≤ .03", lambda s: s.discovery.value if s.discovery.draws else 0.0,
        lambda s: f"{_share(s.discovery, 3)}, {s.discovery.hits} of {s.discovery.draws}", 0.03, least=False,
    )  # fmt: skip


def _named(world: str, kind: str, bound: float) -> _Target:
    return _Target(
        world, f"named, {kind}: ≥ {bound:g}", lambda s: s.found(kind).value, lambda s: _share(s.found(kind)), bound
    )


def _false(world: str, bound: float) -> _Target:
    return _Target(
        world, f"falsely named ≤ {bound:g} per 10,000", lambda s: 1e4 * s.false.value, lambda s: _per_10k(s.false), bound,
        least=False,
    )  # fmt: skip


def _per_world(world: str, bound: float) -> _Target:
    return _Target(
        world, f"falsely named ≤ {bound:g} per world", lambda s: s.false.hits / len(s.weeks),
        lambda s: f"{s.false.hits / len(s.weeks):.2f}", bound, least=False,
    )  # fmt: skip


def _spoiled(world: str, bound: float) -> _Target:
    return _Target(
        world, f"worlds with anybody falsely named, upper bound ≤ {bound:g}", lambda s: _upper(s.spoiled),
        lambda s: f"{s.spoiled.hits} of {s.spoiled.draws}, upper bound {_upper(s.spoiled):.3f}", bound, least=False,
    )  # fmt: skip


def _upper(share: Share) -> float:
    """Return the one-sided 95 % upper bound."""
    from benchmarks.accuracy.scoring import clopper_pearson

    return clopper_pearson(share.hits, share.draws, level=0.9)[1]


def _beside_peers(world: str) -> _Target:
    return _Target(
        world, "our 1 − AP ≤ a fifth of the best peer's", lambda s: _ours_to_peers(s)[0], lambda s: _ours_to_peers(s)[1], 0.2,
        least=False,
    )  # fmt: skip


def _ours_to_peers(summary: Summary) -> tuple[float, str]:
    best, name = _best_peer(summary)
    own = float(np.mean([w["ap"] for w in summary.weeks if "peers" in w] or [float("nan")]))
    if best != best:  # noqa: PLR0124 -- nan: no peer was run
        return float("nan"), "–"
    ratio = (1 - own) / (1 - best)
    return ratio, f"{ratio:.3f}: ours {1 - own:.3f}, {name} {1 - best:.3f}"


_TARGETS = (
    _false("organic-20k", 0.5),
    _spoiled("organic-20k", 0.05),
    _false("organic-100k", 0.5),
    _spoiled("organic-100k", 1.0),
    *(t for w, b, slow in (("mixed-h80", 0.98, 0.9), ("mixed-h95", 0.97, 0.8)) for t in (
        _ap(w, b), _auc(w), _fdp(w), _named(w, "ten sources", 0.98), _named(w, "copied texts", 0.93), _named(w, "slow", slow),
        _beside_peers(w),
    )),
    _ap("mixed-100k", 0.96),
    _fdp("mixed-100k"),
    _fdp("tournament-100k"),
    _ap("stars-3", 0.96),
    _ap("at-publication", 0.95),
    _per_world("organic-stars-5", 1.0),
    *(t for w in ("wires-4", "wires-8", "on-schedule") for t in (_fdp(w), _named(w, "ten sources", 0.98), _named(w, "slow", 0.9))),
    _named("no-life", "slow", 0.5),
    _named("at-home", "slow", 0.5),
    _named("cells-10", "slow", 0.3),
    *(_named("one-source-old", f"one source, {n} old posts", 0.5) for n in (8, 14, 21)),
    _false("one-source-old", 0.0),
    _named("network", "network", 0.95),
    _Target("network", "in one cluster ≥ .93", lambda s: s.mean("network_cluster") / 200, lambda s: _number(s.mean("network_cluster") / 200, 2), 0.93),
    _Target(
        "network", "nobody outside in tier A", lambda s: float(_outside_a(s)), lambda s: str(_outside_a(s)), 0.0, least=False
    ),
    _named("network-no-client", "network", 0.9),
    _named("network-minutes", "network", 0.9),
    _named("network-20", "network", 0.85),
    _Target(
        "network-permuted", "no event in 19 of 20 draws", lambda s: sum(w["n_events"] == 0 for w in s.weeks) / len(s.weeks),
        lambda s: f"{sum(w['n_events'] == 0 for w in s.weeks)} of {len(s.weeks)} without an event", 0.95,
    ),
)  # fmt: skip


def _outside_a(summary: Summary) -> int:
    return sum(n for w in summary.weeks for role, n in w["tier_a"].items() if role != "network")


def _targets(known: Mapping[str, Summary]) -> list[str]:
    rows = []
    for target in _TARGETS:
        summary = known.get(target.world)
        if summary is None:
            rows.append([WORLDS[target.world].title, target.wanted, "not measured", "0", ""])
            continue
        value = target.value(summary)
        met = value >= target.bound if target.least else value <= target.bound
        rows.append(
            [
                WORLDS[target.world].title,
                target.wanted,
                target.text(summary),
                str(len(summary.weeks)),
                "–" if value != value else "yes" if met else "**no**",  # noqa: PLR0124 -- nan
            ]
        )
    return [f"Code {code_digest()}.", "", *_table(["weeks", "target", "measured", "seeds", "reached"], rows)]


# -- the other tables -----------------------------------------------------------------------------------------------


def _falsely_named(known: Mapping[str, Summary]) -> list[str]:
    rows = []
    for name, summary in known.items():
        who = ", ".join(f"{n} {role}" for role, n in summary.false_roles.most_common())
        rows.append(
            [
                f"`{name}`: {WORLDS[name].title}",
                str(len(summary.weeks)),
                f"{summary.false.draws:,}",
                _per_10k(summary.false),
                f"{summary.spoiled.hits} ({_upper(summary.spoiled):.2f})",
                _share(summary.discovery, 3),
                who or "–",
                f"{summary.volunteers.hits}",
            ]
        )
    head = [
        "weeks",
        "seeds",
        "innocent accounts",
        "falsely named per 10,000",
        "weeks with any (upper bound)",
        "FDP",
        "who",
        "volunteers named",
    ]
    return _table(head, rows)


def _campaigns(known: Mapping[str, Summary]) -> list[str]:
    rows = [
        [
            f"`{name}`",
            _number(s.mean("auc"), 4),
            f"{_number(s.mean('ap'))} ({_number(s.worst('ap'), 2)})",
            f"{_number(s.mean('precision_at', '20'), 2)}, {_number(s.mean('precision_at', '50'), 2)}",
            f"{_number(s.mean('v_measure'))}, {_number(s.mean('ari'))}, {_number(s.mean('wp'))}",
        ]
        for name, s in known.items()
        if s.values("ap")
    ]
    return _table(
        ["weeks", "AUC", "AP, mean (worst week)", "precision at 20, at 50", "clusters: V-measure, ARI, WP"], rows
    )


def _kinds(known: Mapping[str, Summary]) -> list[str]:
    rows = []
    for name, summary in known.items():
        for campaign in WORLDS[name].campaigns:
            share = summary.found(campaign.kind)
            whole = [w["named"].get(f"campaign:{campaign.kind}", 0) for w in summary.weeks]
            rows.append(
                [
                    f"`{name}`",
                    campaign.kind,
                    f"{campaign.cells} × {campaign.size}",
                    _share(share),
                    f"{sum(n > 0 for n in whole)} of {len(whole)}",
                    _number(summary.mean("ap_by_kind", campaign.kind)),
                ]
            )
    return _table(["weeks", "campaign", "cells × members", "named", "seeds with any named", "AP alone"], rows)


def _best_peer(summary: Summary) -> tuple[float, str]:
    """Return the best mean AP of any variant of any peer, and which."""
    best = (float("nan"), "–")
    for peer, variants in _peer_variants(summary).items():
        for variant, weeks in variants.items():
            ap = float(np.mean([w["ap"] for w in weeks]))
            if not ap <= best[0]:
                best = (ap, f"{peer}, {variant}")
    return best


def _peer_variants(summary: Summary) -> dict[str, dict[str, list[dict[str, Any]]]]:
    told: dict[str, dict[str, list[dict[str, Any]]]] = {}
    for week in summary.weeks:
        for peer, run in week.get("peers", {}).items():
            for variant, numbers in run.get("variants", {}).items():
                told.setdefault(peer, {}).setdefault(variant, []).append(numbers)
    return told


def _peers(known: Mapping[str, Summary]) -> list[str]:
    rows = []
    for name, summary in known.items():
        weeks = [w for w in summary.weeks if "peers" in w]
        if not weeks:
            continue
        own = Summary(weeks)
        right = sum(n for role, n in own.named.items() if _planted_several(name, role))
        members = sum(n for role, n in own.sizes.items() if _planted_several(name, role))
        taken = right + own.false.hits
        rows.append(
            [f"`{name}`", "**this package**", str(len(weeks)), f"{taken / len(weeks):.0f}", _ratio(right, taken), _ratio(right, members),
             "the same", f"{own.mean('ap'):.3f}", f"{own.mean('auc'):.3f}"]
        )  # fmt: skip
        for peer, variants in _peer_variants(summary).items():
            variant, numbers = max(variants.items(), key=lambda item: float(np.mean([w["ap"] for w in item[1]])))
            runs = [w["peers"][peer] for w in weeks if w["peers"].get(peer, {}).get("ended")]
            named, hits = sum(r["published"]["named"] for r in runs), sum(r["published"]["right"] for r in runs)
            best, at = sum(n["best"]["named"] for n in numbers), sum(n["best"]["right"] for n in numbers)
            total = sum(r["members"] for r in runs)
            rows.append(
                [f"`{name}`", peer, str(len(runs)), f"{named / len(runs):.0f}", _ratio(hits, named), _ratio(hits, total),
                 f"{variant}: {_ratio(at, best)}, {_ratio(at, total)}", f"{np.mean([n['ap'] for n in numbers]):.3f}",
                 f"{np.mean([n['auc'] for n in numbers]):.3f}"]
            )  # fmt: skip
    head = [
        "weeks",
        "method",
        "seeds",
        "named per week",
        "precision",
        "recall",
        "at its best cut: precision, recall",
        "AP",
        "AUC",
    ]
    return _table(head, rows)


def _planted_several(name: str, role: str) -> bool:
    return role in {f"campaign:{c.kind}" for c in WORLDS[name].campaigns if c.several}


def _ratio(part: int, whole: int) -> str:
    return f"{part / whole:.2f}" if whole else "–"


def _calibration(known: Mapping[str, Summary]) -> list[str]:
    organic = [w for name, s in known.items() if name in ("organic-20k", "organic-100k") for w in s.weeks]
    rows: list[list[str]] = []
    if organic:
        by_trace = {trace: tail_ratio(organic, trace) for trace in ("repost", "text", "tag")}
        for place, (p, _, _) in enumerate(by_trace["repost"]):
            rows.append(
                [
                    f"10^{round(np.log10(p))}",
                    *(f"{n:,} / {chance:,.3g}" for n, chance in (x[place][1:] for x in by_trace.values())),
                ]
            )
    return _table(["p at most", "reposts: seen / chance at most", "texts", "tags"], rows)


def _events(known: Mapping[str, Summary]) -> list[str]:
    rows = []
    for name, summary in known.items():
        if WORLDS[name].records is None:
            continue
        planted = {r: n for r, n in summary.sizes.items() if r.startswith("campaign:") or r == "network"}
        found = ", ".join(
            f"{r.removeprefix('campaign:')} {_share(Share(summary.named[r], n))}" for r, n in planted.items()
        )
        rows.append(
            [
                f"`{name}`: {WORLDS[name].title}",
                str(len(summary.weeks)),
                f"{summary.mean('n_records'):,.0f}",
                found or "–",
                _per_10k(summary.false),
                str(_outside_a(summary)),
                f"{summary.mean('cpu_s'):.0f}",
            ]
        )
    return _table(
        ["weeks", "seeds", "records", "named (tier A or B)", "falsely named per 10,000", "outside in tier A", "CPU s"],
        rows,
    )


def _cost(known: Mapping[str, Summary]) -> list[str]:
    rows = []
    for name, summary in known.items():
        acts = np.mean([sum(w["n_actions"].values()) for w in summary.weeks])
        peak = summary.values("peak_mb")
        reposts = summary.values("assess_cpu_s", "repost")
        rows.append(
            [
                f"`{name}`",
                f"{acts:,.0f}",
                f"{summary.mean('cpu_s'):.1f} ({max(summary.values('cpu_s')):.1f})",
                f"{np.mean(reposts):.1f} ({max(reposts):.1f})" if reposts else "–",
                f"{max(peak) / 1000:.1f}" if peak else "–",
                f"{summary.mean('simulate_cpu_s'):.1f}",
            ]
        )
    head = ["weeks", "acts", "all traces, CPU s (most)", "reposts alone (most)", "peak GB", "simulator, CPU s"]
    return _table(head, rows)


SECTIONS: dict[str, Callable[[Mapping[str, Summary]], list[str]]] = {
    "targets": _targets,
    "falsely-named": _falsely_named,
    "campaigns": _campaigns,
    "kinds": _kinds,
    "peers": _peers,
    "calibration": _calibration,
    "end-to-end": _events,
    "cost": _cost,
}
"""Marked parts of the document, by name."""
