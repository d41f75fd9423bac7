"""The tables of ``docs/measured/accuracy.md``, written between markers; everything outside them is written by hand."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.accuracy.measurement.results import AGAIN, DIFFERS, EARLIER, code_digest
from benchmarks.accuracy.measurement.summary import Share, Summary, peer_variants, tail_ratio
from benchmarks.accuracy.page.printed import number, per_10k, share, upper_bound
from benchmarks.accuracy.page.targets import TARGETS, outside_tier_a
from benchmarks.accuracy.worlds.catalogue import WORLDS

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


def _targets(known: Mapping[str, Summary]) -> list[str]:
    rows = []
    for target in TARGETS:
        summary = known.get(target.world)
        title = WORLDS[target.world].title
        if summary is None:
            rows.append([title, target.wanted, "not measured", "0", "–"])
        else:
            verdict = {True: "yes", False: "**no**", None: "–"}[target.reached(summary)]
            rows.append([title, target.wanted, target.text(summary), str(len(summary.weeks)), verdict])
    return [
        f"Code {code_digest()}; of weeks of records {code_digest(True)}.{_carried_over(known)}",
        "",
        *_table(["weeks", "target", "measured", "seeds", "reached"], rows),
    ]


def _carried_over(known: Mapping[str, Summary]) -> str:
    """Say how many weeks earlier code measured, and how many were measured again to let them stand."""
    rows = [summary.weeks for summary in known.values() if any(EARLIER in week for week in summary.weeks)]
    stand = [week for weeks in rows for week in weeks if EARLIER in week]
    if not stand:
        return ""
    again = [sum(AGAIN in week for week in weeks) for weeks in rows]
    least, most = min(again), max(again)
    peers = ", and the peers did not run again" if any("peers" in week for week in stand) else ""
    other = sum(any(DIFFERS in week for week in summary.weeks) for summary in known.values())
    differ = f" In {other} rows a week gave other numbers; that code's weeks do not stand there." if other else ""
    return (
        f" Of {sum(len(summary.weeks) for summary in known.values())} weeks {len(stand)} were measured with earlier "
        f"code ({', '.join(sorted({week[EARLIER] for week in stand}))}) and stand (`--carry-over`): in their "
        f"{len(rows)} rows this one gave the same numbers, to the last digit, in all {sum(again)} weeks that were "
        f"measured again, {least if least == most else f'{least} to {most}'} of each"
        f"{', the first and the last among them' if all(map(_ends_again, rows)) else ''}.{differ} Seconds and memory "
        f"of those that stand are the earlier code's{peers}."
    )


def _ends_again(weeks: list[dict[str, Any]]) -> bool:
    seeds = {week["seed"]: AGAIN in week for week in weeks if AGAIN in week or EARLIER in week}
    return seeds[min(seeds)] and seeds[max(seeds)]


def _seeds(known: Mapping[str, Summary]) -> list[str]:
    rows = []
    for name, world in WORLDS.items():
        done = sorted(week["seed"] for week in known[name].weeks) if name in known else []
        peers = sum("peers" in week for week in known[name].weeks) if name in known else 0
        rows.append(
            [
                f"`{name}`",
                f"{len(done)} of {world.seeds}" if done else f"**none** of {world.seeds}",
                _runs(done) or "–",
                str(peers) if world.peers else "–",
                f"`python -m benchmarks.accuracy --rows {name} --write`" if len(done) < world.seeds else "–",
            ]
        )
    return _table(["weeks", "seeds measured, of those wanted", "which", "peers ran on", "to measure the rest"], rows)


def _runs(seeds: list[int]) -> str:
    """Return ascending numbers as stretches: 1–3, 7."""
    stretches: list[list[int]] = []
    for seed in seeds:
        if stretches and seed == stretches[-1][-1] + 1:
            stretches[-1].append(seed)
        else:
            stretches.append([seed])
    return ", ".join(f"{x[0]}–{x[-1]}" if len(x) > 1 else str(x[0]) for x in stretches)


def _falsely_named(known: Mapping[str, Summary]) -> list[str]:
    rows = []
    for name, summary in known.items():
        who = ", ".join(f"{n} {role}" for role, n in summary.false_roles.most_common())
        rows.append(
            [
                f"`{name}`: {WORLDS[name].title}",
                str(len(summary.weeks)),
                f"{summary.false.draws:,}",
                per_10k(summary.false),
                f"{summary.spoiled.hits} ({upper_bound(summary.spoiled):.2f})",
                share(summary.discovery, 3),
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
            str(len(s.weeks)),
            number(s.mean("auc"), 4),
            f"{number(s.mean('ap'))} ({number(s.worst('ap'), 2)})",
            f"{number(s.mean('precision_at', '20'), 2)}, {number(s.mean('precision_at', '50'), 2)}",
            f"{number(s.mean('v_measure'))}, {number(s.mean('ari'))}, {number(s.mean('wp'))}",
        ]
        for name, s in known.items()
        if s.values("ap")
    ]
    return _table(
        ["weeks", "seeds", "AUC", "AP, mean (worst week)", "precision at 20, at 50", "clusters: V-measure, ARI, WP"],
        rows,
    )


def _kinds(known: Mapping[str, Summary]) -> list[str]:
    rows = []
    for name, summary in known.items():
        for campaign in WORLDS[name].campaigns:
            found = summary.found(campaign.kind)
            whole = [w["named"].get(f"campaign:{campaign.kind}", 0) for w in summary.weeks]
            rows.append(
                [
                    f"`{name}`",
                    campaign.kind,
                    f"{campaign.cells} × {campaign.size}",
                    share(found),
                    ", ".join(_listed(summary, basis, campaign.kind) for basis in ("few", "one")),
                    f"{sum(n > 0 for n in whole)} of {len(whole)}",
                    number(summary.mean("ap_by_kind", campaign.kind)),
                ]
            )
    head = [
        "weeks",
        "campaign",
        "cells × members",
        "named",
        "listed as few, as one",
        "seeds with any named",
        "AP alone",
    ]
    return _table(head, rows)


def _listed(summary: Summary, basis: str, kind: str) -> str:
    role = f"campaign:{kind}"
    listed = sum(w.get("listed", {}).get(basis, {}).get(role, 0) for w in summary.weeks)
    return _ratio(listed, summary.sizes[role])


def _peers(known: Mapping[str, Summary]) -> list[str]:
    rows = []
    for name, summary in known.items():
        weeks = [w for w in summary.weeks if "peers" in w]
        if weeks:
            rows.append([f"`{name}`", *_own_row(name, Summary(weeks))])
            rows.extend([f"`{name}`", *_peer_row(peer, weeks)] for peer in peer_variants(summary))
    head = ["weeks", "method", "seeds", "named per week", "precision", "recall", "at its best cut: precision, recall"]
    return _table([*head, "AP", "AUC"], rows)


def _own_row(name: str, own: Summary) -> list[str]:
    right = sum(n for role, n in own.named.items() if _planted_several(name, role))
    members = sum(n for role, n in own.sizes.items() if _planted_several(name, role))
    taken = right + own.false.hits
    cuts = [f"{taken / len(own.weeks):.0f}", _ratio(right, taken), _ratio(right, members), "the same"]
    return ["**this package**", str(len(own.weeks)), *cuts, f"{own.mean('ap'):.3f}", f"{own.mean('auc'):.3f}"]


def _peer_row(peer: str, weeks: list[dict[str, Any]]) -> list[str]:
    runs = [w["peers"][peer] for w in weeks if w["peers"].get(peer, {}).get("ended")]
    variants = peer_variants(Summary(weeks))[peer]
    variant, best = max(variants.items(), key=lambda item: float(np.mean([w["ap"] for w in item[1]])))
    members = sum(run["members"] for run in runs)
    taken, right = (sum(run["published"][key] for run in runs) for key in ("named", "right"))
    at_best, right_at_best = (sum(run["best"][key] for run in best) for key in ("named", "right"))
    return [
        peer,
        str(len(runs)),
        f"{taken / len(runs):.0f}",
        _ratio(right, taken),
        _ratio(right, members),
        f"{variant}: {_ratio(right_at_best, at_best)}, {_ratio(right_at_best, members)}",
        f"{np.mean([run['ap'] for run in best]):.3f}",
        f"{np.mean([run['auc'] for run in best]):.3f}",
    ]


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
            f"{r.removeprefix('campaign:')} {share(Share(summary.named[r], n))}" for r, n in planted.items()
        )
        rows.append(
            [
                f"`{name}`: {WORLDS[name].title}",
                str(len(summary.weeks)),
                f"{summary.mean('n_records'):,.0f}",
                found or "–",
                per_10k(summary.false),
                str(outside_tier_a(summary)),
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
    "seeds": _seeds,
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
