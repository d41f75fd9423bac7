"""Counts of groups, verdicts and line-ups over all cases of a folder, read from custody logs and manifests.

A report counts by the results that it rests on: of several reports on the same results the last one, and a group that
stays while posts come in counts with each. Withdrawn and failed reports and redacted editions do not count. A verdict
is that of the report, or of the group where the review gives it one; of several reviewers one *not upheld* outweighs
*needs more*, and this *upheld*.

Notes
-----
Assumption of the intervals: groups are independent. Groups of one case are not: the intervals are then too narrow. The
reviewers are people, too: a share is how often they disagreed with a finding, not how often it was wrong. Officers are
neither ranked nor named: no number here is by officer.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from spmc_tools.case.acts.line_up_entries import line_ups_of
from spmc_tools.case.acts.review_entries import standing, withdrawn
from spmc_tools.case.store.case_folder import cases_dir
from spmc_tools.chance.statistics.share_interval import share_interval
from spmc_tools.errors import SpmcError
from spmc_tools.report.rates.rate_values import Rate, RateRow, Rates
from spmc_tools.report.values.section_values import values_from
from spmc_tools.signing.manifest import MANIFEST, read_manifest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from spmc_tools.case.acts.review_entries import Review
    from spmc_tools.case.log.ledger import Entry

__all__ = ["LEAST", "own_rates", "rate"]

LEAST = 20
"""Below so many, a share says too little: it is called too few yet."""

_WEIGHT = ("not_upheld", "needs_more", "upheld")


@dataclass
class _Tally:
    """What was counted of one kind."""

    counts: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)

    def row(self, trace: str, rests: str) -> RateRow:
        counts = self.counts
        return RateRow(
            trace=trace,
            rests=rests,
            shown=counts["shown"],
            named=counts["named"],
            upheld=counts["upheld"],
            not_upheld=counts["not_upheld"],
            needs_more=counts["needs_more"],
            reasons=dict(sorted(self.reasons.items())),
            overturned=rate(counts["not_upheld"], counts["not_upheld"] + counts["upheld"]),
            fillers=rate(counts["filler"], counts["filler"] + counts["finding"] + counts["none"]),
            unsure=counts["none"],
        )


def rate(k: int, n: int) -> Rate:
    """Return a share with its exact interval."""
    low, high = share_interval(k, n)
    return Rate(k=k, n=n, low=low, high=high, few=n < LEAST)


def own_rates(folder: Path | str | None = None) -> Rates:
    """Return the counts of all cases below a folder.

    Parameters
    ----------
    folder : path, optional
        As in :func:`spmc_tools.case.store.case_folder.cases_dir`.
    """
    from spmc_tools.case.log.ledger import Ledger

    kinds: dict[tuple[str, str], _Tally] = {}
    patterns: dict[str, _Tally] = {}
    whole, totals = _Tally(), Counter[str]()
    for path in sorted(cases_dir(folder).glob("*/case.toml")):
        try:
            entries = Ledger(path.parent / "ledger.sqlite").entries()
        except SpmcError:
            totals["unread"] += 1
            continue
        totals["cases"] += 1
        for run, manifest in _reports(path.parent, entries).items():
            groups = (manifest["facts"].get("outcome") or {}).get("kinds")
            if not isinstance(groups, list):
                totals["older"] += 1
                continue
            totals["reports"] += 1
            said = _said(entries, run, manifest, totals)
            for place, group in enumerate(groups, start=1):
                trace, rests, named, having = _kind(group)
                tallies = [whole, kinds.setdefault((trace, rests), _Tally())]
                tallies += [patterns.setdefault(name, _Tally()) for name in having]
                for tally in tallies:
                    tally.counts["shown"] += 1
                    tally.counts["named"] += named > 0
                    if named:
                        tally.counts.update(said.get(place, Counter()))
                        tally.reasons.update(_reasons(entries, manifest, place))
    return values_from(
        Rates,
        totals,
        whole=whole.row("", ""),
        kinds=tuple(kinds[key].row(*key) for key in sorted(kinds)),
        patterns=tuple(patterns[name].row(name, "pattern") for name in sorted(patterns)),
    )


def _kind(group: object) -> tuple[str, str, int, list[str]]:
    """Return trace, what it rests on, how many are named, and ordinary patterns, as a manifest tells them."""
    told: Mapping[str, Any] = group if isinstance(group, dict) else {}
    named, having = told.get("named"), told.get("patterns")
    return (
        str(told.get("trace"))[:60],
        str(told.get("rests"))[:20],
        named if isinstance(named, int) else 0,
        [str(name)[:60] for name in having] if isinstance(having, list) else [],
    )


def _reports(case_dir: Path, entries: Sequence[Entry]) -> dict[str, dict[str, Any]]:
    """Return run and manifest of each report that counts: of those on the same results the last one."""
    gone, found = withdrawn(entries), dict[str, tuple[str, dict[str, Any]]]()
    for entry in entries:
        run = str(entry["payload"].get("run_id"))
        if entry["kind"] != "report" or run in gone or "/" in run or run.startswith("."):
            continue
        try:
            manifest = read_manifest((case_dir / "reports" / run / MANIFEST).read_bytes())
        except OSError:
            continue
        if manifest is None or manifest.get("status") == "failed" or not isinstance(manifest.get("facts"), dict):
            continue
        results = sorted(str(item["sha256"]) for item in manifest.get("results", []))
        outcome = manifest["facts"].get("outcome")
        if manifest["facts"].get("edition") != "full" or not results or not isinstance(outcome, dict):
            continue
        if outcome.get("groups") is not None:
            found["\n".join(results)] = (run, manifest)
    return dict(found.values())


def _standing(entries: Sequence[Entry], manifest: Mapping[str, Any]) -> list[Review]:
    return standing(entries, {str(item["path"]): str(item["sha256"]) for item in manifest["results"]})


def _said(
    entries: Sequence[Entry], run: str, manifest: Mapping[str, Any], totals: Counter[str]
) -> dict[int, Counter[str]]:
    """Return by place of a group its verdict and what was chosen in its line-ups."""
    found: dict[int, Counter[str]] = {}
    reviews = _standing(entries, manifest)
    groups = (manifest["facts"].get("outcome") or {}).get("groups") or 0
    for place in range(1, groups + 1):
        verdicts = {_of_group(review, place).get("verdict", review.verdict) for review in reviews}
        verdict = next((name for name in _WEIGHT if name in verdicts), None)
        found[place] = Counter([verdict] if verdict else [])
    for line_up in (
        one for name in {run, *(review.run_id for review in reviews)} for one in line_ups_of(entries, name)
    ):
        if line_up.why is not None:
            totals["impossible"] += 1
        elif line_up.chose is not None and line_up.group in found:
            found[line_up.group][line_up.chose] += 1
    told = [review.payload.get("line_up") for review in reviews]
    totals["skipped"] += sum(isinstance(one, dict) and bool(one.get("skipped")) for one in told)
    return found


def _of_group(review: Review, place: int) -> Mapping[str, Any]:
    groups = review.payload.get("groups")
    said = groups.get(str(place)) if isinstance(groups, dict) else None
    return said if isinstance(said, dict) else {}


def _reasons(entries: Sequence[Entry], manifest: Mapping[str, Any], place: int) -> Iterable[str]:
    """Return the ordinary reasons that reviewers gave for one group."""
    said = (_of_group(review, place).get("ordinary") for review in _standing(entries, manifest))
    return [str(reason)[:40] for reason in said if reason]
