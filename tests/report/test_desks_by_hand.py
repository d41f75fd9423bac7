"""Every figure of the response desk and of the referral register, counted again from the sheets of the sample case."""

from __future__ import annotations

import csv
import math
import tomllib
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from spmc_tools.importers.intake import import_files
from spmc_tools.report.sections import section

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "data" / "sample"
INDIA = ZoneInfo("Asia/Kolkata")
TWO_HOURS = 2 * 3600


def moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text).astimezone(UTC) if text else None


def sheet(*names: str) -> list[dict[str, Any]]:
    return [row for name in names for row in csv.DictReader((SAMPLE / name).read_text("utf-8").splitlines())]


def threads() -> tuple[dict[str, list[dict[str, Any]]], datetime]:
    """Messages that can be used, by thread, and the moment of the last."""
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    known = set()
    for row in sheet("inbox.csv", "festival_inbox.csv"):
        if row["created_at"] and row["direction"] in {"in", "out"} and row["record_id"] not in known:
            known.add(row["record_id"])
            found[row["thread_id"]].append({**row, "at": moment(row["created_at"])})
    return found, max(row["at"] for rows in found.values() for row in rows)


def plain(text: str) -> str:
    return " ".join(text.lower().split())


def programs(found: dict[str, list[dict[str, Any]]]) -> set[str]:
    """Wordings that went to five threads or more, half of the times within a minute."""
    gaps: dict[str, list[tuple[str, float]]] = defaultdict(list)
    for name, rows in found.items():
        asked = min((row["at"] for row in rows if row["direction"] == "in"), default=None)
        for row in rows:
            if asked and row["direction"] == "out" and row["at"] >= asked:
                gaps[plain(row["text"])].append((name, (row["at"] - asked).total_seconds()))
    return {
        words
        for words, times in gaps.items()
        if len({name for name, _ in times}) >= 5 and median(gap for _, gap in times) <= 60
    }


def complaint(rows: list[dict[str, Any]], as_of: datetime, known: set[str]) -> dict[str, Any] | None:
    """What became of one thread, looked through message by message."""
    asked = sorted((row for row in rows if row["direction"] == "in"), key=lambda row: row["at"])
    if not asked:
        return None
    first = asked[0]
    after = [row for row in rows if row["direction"] == "out" and row["at"] >= first["at"]]
    program = [r["is_automatic"] == "true" if r["is_automatic"] else plain(r["text"]) in known for r in after]
    human = [row["at"] for row, auto in zip(after, program, strict=True) if not auto]
    gone = moment(first["deleted_seen_at"])
    end = min(human) if human else min(gone, as_of) if gone and gone >= first["at"] else as_of
    resolved = [moment(row["resolved_at"]) for row in rows if row["resolved_at"]]
    there = first["at"].astimezone(INDIA)
    shift = "morning" if 6 <= there.hour < 14 else "evening" if 14 <= there.hour < 22 else "night"
    return {
        "thread": first["thread_id"], "asked": first["at"], "wait": (end - first["at"]).total_seconds(),
        "answered": bool(human),
        "automatic": any(program), "resolved": any(first["at"] <= one <= as_of for one in resolved),
        "withdrawn": not human and gone is not None and gone <= as_of, "hour": there.hour, "weekday": there.weekday(),
        "shift": shift, **{name: first[name] or None for name in ("channel", "language", "district", "subject")},
    }  # fmt: skip


def within(times: list[tuple[float, bool]], share: float) -> float | None:
    """Kaplan-Meier as a product, second by second; None where so many were not answered."""
    left = 1.0
    for second in sorted({math.ceil(t) for t, done in times if done}):
        at_risk = sum(math.ceil(t) >= second for t, _ in times)
        left *= 1 - sum(done and math.ceil(t) == second for t, done in times) / at_risk
        if left <= 1 - share + 1e-12:
            return second
    return None


def wilson_roots(k: int, n: int) -> list[float]:
    """Both shares p that lie just so far from k/n that a test of 5 % keeps them: roots of a quadratic equation."""
    z2 = 1.959963984540054**2
    a, b, c = n + z2, -(2 * k + z2), k * k / n
    root = math.sqrt(b * b - 4 * a * c)
    return [(-b - root) / (2 * a), (-b + root) / (2 * a)]


def check_figures(got: dict[str, Any], rows: list[dict[str, Any]], as_of: datetime) -> None:
    old = [row for row in rows if (as_of - row["asked"]).total_seconds() >= TWO_HOURS]
    k = sum(row["answered"] and row["wait"] <= TWO_HOURS for row in old)
    assert (got["n"], got["old"], got["within"]) == (len(rows), len(old), k)
    assert got["answered"] == sum(row["answered"] for row in rows)
    assert got["resolved"] == sum(row["resolved"] for row in rows)
    assert got["automatic_only"] == sum(row["automatic"] and not row["answered"] for row in rows)
    times = [(row["wait"], row["answered"]) for row in rows]
    for q in (50, 90, 95):
        assert got[f"p{q}"] == within(times, q / 100), q
    if old:
        assert got["share"] == pytest.approx(k / len(old), abs=1e-9)
        assert [got["low"], got["high"]] == pytest.approx(wilson_roots(k, len(old)), abs=1e-9)


@pytest.fixture
def inbox_case(small_case):
    import_files(small_case, [SAMPLE / "inbox.csv", SAMPLE / "festival_inbox.csv"])
    return small_case


def test_every_figure_of_the_response_desk_is_that_of_counting_the_sheet(inbox_case) -> None:
    from spmc_tools.desks.response import BY, response_desk

    found, as_of = threads()
    known = programs(found)
    rows = [one for part in found.values() if (one := complaint(part, as_of, known)) is not None]
    desk = response_desk(inbox_case)
    got = section("response", desk=desk).values
    assert datetime.fromisoformat(got["as_of"]) == as_of
    assert datetime.fromisoformat(got["first"]) == min(row["asked"] for row in rows)
    check_figures(got["all"], rows, as_of)
    for name in BY:
        assert {one["value"] for one in got["by"][name]} == {row[name] for row in rows}, name
        for one in got["by"][name]:
            check_figures(one, [row for row in rows if row[name] == one["value"]], as_of)
    waits = [row for row in rows if not row["answered"] and not row["withdrawn"]]
    left = {n: TWO_HOURS - (as_of - row["asked"]).total_seconds() for n, row in enumerate(waits)}
    states = ["overdue" if left[n] < 0 else "soon" if left[n] <= 1800 else "later" for n in range(len(waits))]
    queue = section("response_queue", case=inbox_case, desk=desk).values
    assert {name: queue[name] for name in ("overdue", "soon", "later")} == {
        name: states.count(name) for name in ("overdue", "soon", "later")
    }
    assert queue["withdrawn"] == sum(row["withdrawn"] for row in rows)
    assert queue["more"] == max(0, len(waits) - 40) and len(queue["rows"]) == min(40, len(waits))
    order = sorted(range(len(waits)), key=lambda n: (waits[n]["asked"], waits[n]["thread"]))
    assert [datetime.fromisoformat(one["due_at"]) - timedelta(hours=2) for one in queue["rows"]] == [
        waits[n]["asked"] for n in order[:40]
    ]
    rules = tomllib.loads((ROOT / "templates" / "routing.toml").read_text(encoding="utf-8"))
    offices: Counter[tuple[str, str]] = Counter()
    for row, state in zip(waits, states, strict=True):
        fits = [
            rule["send_to"]
            for rule in rules["rule"]
            if all(row[key] in rule.get(key, [row[key]]) for key in ("subject", "district"))
        ]
        offices[[*fits, rules["default"]][0], state] += 1
    assert {(one["send_to"]["en"], s): one[s] for one in queue["offices"] for s in set(states) if one[s]} == dict(
        offices
    )
    odd = {one["what"]: one["n"] for one in section("response_limits", desk=desk).values["counts"]}
    assert odd["no_question"] == len(found) - len(rows)
    assert odd["deleted"] == sum(
        any(r["direction"] == "in" and r["deleted_seen_at"] for r in p) for p in found.values()
    )
    asked = {name: min((r["at"] for r in p if r["direction"] == "in"), default=None) for name, p in found.items()}
    answers = [(name, r) for name, p in found.items() for r in p if r["direction"] == "out" and asked[name]]
    assert odd["before_question"] == sum(r["at"] < asked[name] for name, r in answers)
    assert odd["worded_as_program"] == sum(not r["is_automatic"] and plain(r["text"]) in known for _, r in answers)


def test_every_figure_of_the_referral_register_is_that_of_counting_the_sheet(small_case) -> None:
    from spmc_tools.desks.referral import CLOSED, STATES, referral_desk

    import_files(small_case, [SAMPLE / "referrals.csv"])
    own: dict[str, list[tuple[datetime, int, dict[str, Any]]]] = defaultdict(list)
    for row in sheet("referrals.csv"):
        own[row["referral_id"]].append((moment(row["state_at"]), STATES.index(row["state"]), row))
    walks = {name: [row for *_, row in sorted(part, key=lambda one: one[:2])] for name, part in own.items()}
    as_of = max(moment(row["state_at"]) for walk in walks.values() for row in walk)
    ends = {name: next((row["state"] for row in walk if row["state"] in CLOSED), None) for name, walk in walks.items()}
    stands = Counter(ends[name] or walk[-1]["state"] for name, walk in walks.items())
    desk = referral_desk(small_case)
    got = section("referral", case=small_case, desk=desk).values
    assert datetime.fromisoformat(got["as_of"]) == as_of
    assert (got["n"], got["open"]) == (len(walks), sum(end is None for end in ends.values()))
    assert {one["state"]: one["n"] for one in got["states"]} == {name: stands[name] for name in STATES}
    assert got["to_send"] == stands["verified"]
    late = {
        name
        for name, walk in walks.items()
        if ends[name] is None and walk[-1]["state"] == "sent"
        and as_of - moment(walk[-1]["state_at"]) > timedelta(hours=36)
    }  # fmt: skip
    overdue = section("referral_overdue", desk=desk).values
    assert {one["referral_id"] for one in overdue["rows"]} == late and got["overdue"] == overdue["n"] == len(late)
    assert got["odd"]["closed_again"] == sum(sum(r["state"] in CLOSED for r in walk) > 1 for walk in walks.values())
    assert got["odd"]["skipped"] == sum(
        ("sent" in (s := [r["state"] for r in walk]) and "verified" not in s) or ("answered" in s and "sent" not in s)
        for walk in walks.values()
    )
    returned = section("referral_return", desk=desk).values
    for state in ("flagged", "verified", "answered"):
        days = Counter(
            moment(r["state_at"]).astimezone(INDIA).date().isoformat()
            for walk in walks.values() for r in walk if r["state"] == state
        )  # fmt: skip
        assert {one["day"]: one[state] for one in returned["days"] if one[state]} == dict(days)
    [month] = returned["months"]
    assert (month["flagged"], month["open"]) == (len(walks), got["open"])
    assert {name: month[name] for name in CLOSED} == {name: stands[name] for name in CLOSED}
