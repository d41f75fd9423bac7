"""Every figure of the response desk and of the referral register, counted again from the sheets of the sample case."""

from __future__ import annotations

import csv
import gzip
import itertools
import json
import math
import re
import tomllib
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from spmc_tools.importers.import_files import import_files
from spmc_tools.report.page.sections import section

if TYPE_CHECKING:
    from spmc_tools.report.sections.desks.response_values import AnswerFigures

ROOT = Path(__file__).parents[4]
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


def day_of(row: dict[str, Any]) -> str:
    return moment(row["state_at"]).astimezone(INDIA).date().isoformat()


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
        "shift": shift, "text": first["text"], "place": f"{first['platform']}/{first['channel']}",
        "who": first["account_id"], "again": bool(human) and asked[-1]["at"] > max(human),
        **{name: first[name] or None for name in ("channel", "language", "district", "subject")},
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


def waits_longer(times: list[tuple[float, bool]], second: float) -> float:
    """Kaplan-Meier: the share that waits longer than so many seconds."""
    left = 1.0
    for end in {math.ceil(t) for t, done in times if done and math.ceil(t) <= second}:
        at_risk = sum(math.ceil(t) >= end for t, _ in times)
        left *= 1 - sum(done and math.ceil(t) == end for t, done in times) / at_risk
    return left


def wilson_roots(k: int, n: int) -> list[float]:
    """Both shares p that lie just so far from k/n that a test of 5 % keeps them: roots of a quadratic equation."""
    z2 = 1.959963984540054**2
    a, b, c = n + z2, -(2 * k + z2), k * k / n
    root = math.sqrt(b * b - 4 * a * c)
    return [(-b - root) / (2 * a), (-b + root) / (2 * a)]


def check_figures(got: AnswerFigures, rows: list[dict[str, Any]], as_of: datetime) -> None:
    old = [row for row in rows if (as_of - row["asked"]).total_seconds() >= TWO_HOURS]
    k = sum(row["answered"] and row["wait"] <= TWO_HOURS for row in old)
    assert (got.n, got.old, got.within) == (len(rows), len(old), k)
    assert got.answered == sum(row["answered"] for row in rows)
    assert got.resolved == sum(row["resolved"] for row in rows)
    assert got.automatic_only == sum(row["automatic"] and not row["answered"] for row in rows)
    times = [(row["wait"], row["answered"]) for row in rows]
    for q in (50, 90, 95):
        assert getattr(got, f"p{q}") == within(times, q / 100), q
    if old:
        assert got.share == pytest.approx(k / len(old), abs=1e-9)
        assert [got.low, got.high] == pytest.approx(wilson_roots(k, len(old)), abs=1e-9)


@pytest.fixture
def inbox_case(small_case):
    import_files(small_case, [SAMPLE / "inbox.csv", SAMPLE / "festival_inbox.csv"])
    return small_case


def test_every_figure_of_the_response_desk_is_that_of_counting_the_sheet(inbox_case) -> None:
    from spmc_tools.desks.complaints.response import BY, response_desk

    found, as_of = threads()
    known = programs(found)
    rows = [one for part in found.values() if (one := complaint(part, as_of, known)) is not None]
    desk = response_desk(inbox_case)
    got = section("response", desk=desk).values
    assert len(got.curve) > 50
    for second, still in got.curve:
        assert still == pytest.approx(waits_longer([(row["wait"], row["answered"]) for row in rows], second), abs=1e-9)
    assert got.as_of == as_of
    assert got.first == min(row["asked"] for row in rows)
    check_figures(got.all, rows, as_of)
    for name in BY:
        assert {one.value for one in got.by[name]} == {row[name] for row in rows}, name
        for one in got.by[name]:
            check_figures(one, [row for row in rows if row[name] == one.value], as_of)
    local = Counter((row["asked"].astimezone(INDIA).strftime("%u %H")) for row in rows)
    assert {
        f"{day} {hour:02d}": n for day, own in enumerate(got.week, start=1) for hour, n in enumerate(own) if n
    } == local
    small = got.for_redaction().week
    shown = {f"{day} {hour:02d}": n for day, own in enumerate(small, start=1) for hour, n in enumerate(own) if n}
    assert shown == {key: n for key, n in local.items() if n >= 5} and any(n is None for own in small for n in own)
    waits = [row for row in rows if not row["answered"] and not row["withdrawn"]]
    left = {n: TWO_HOURS - (as_of - row["asked"]).total_seconds() for n, row in enumerate(waits)}
    states = ["overdue" if left[n] < 0 else "soon" if left[n] <= 1800 else "later" for n in range(len(waits))]
    queue = section("response_queue", case=inbox_case, desk=desk).values
    assert {name: getattr(queue, name) for name in ("overdue", "soon", "later")} == {
        name: states.count(name) for name in ("overdue", "soon", "later")
    }
    assert queue.withdrawn == sum(row["withdrawn"] for row in rows)
    assert queue.waiting_again == sum(row["again"] for row in rows)
    order = sorted(range(len(waits)), key=lambda n: (waits[n]["asked"], waits[n]["thread"]))
    ahead, over = ([n for n in order if (left[n] < 0) is gone] for gone in (False, True))
    assert len(ahead) < 20 < len(over)  # all that is not due yet, then what was due last
    order = [*ahead, *over[::-1]]
    for shown, n in zip(queue.rows, order, strict=False):
        assert (shown.state, shown.district) == (states[n], waits[n]["district"])
    by_subject = Counter((row["subject"], state) for row, state in zip(waits, states, strict=True))
    assert {(one.subject, s): n for one in queue.topics for s in set(states) if (n := getattr(one, s))} == by_subject
    for one in queue.topics:
        due = [waits[n]["asked"] for n in ahead if waits[n]["subject"] == one.subject]
        assert one.due_at == (min(due) + timedelta(hours=2) if due else None)
    assert queue.rows.more == max(0, len(waits) - 40) and len(queue.rows) == min(40, len(waits))
    assert [one.due_at - timedelta(hours=2) for one in queue.rows] == [waits[n]["asked"] for n in order[:40]]
    rules = tomllib.loads((ROOT / "templates" / "routing.toml").read_text(encoding="utf-8"))
    offices: Counter[tuple[str, str]] = Counter()
    for row, state in zip(waits, states, strict=True):
        fits = [
            rule["send_to"]
            for rule in rules["rule"]
            if all(row[key] in rule.get(key, [row[key]]) for key in ("subject", "district"))
        ]
        offices[[*fits, rules["default"]][0], state] += 1
    assert {(one.send_to["en"], s): n for one in queue.offices for s in set(states) if (n := getattr(one, s))} == dict(
        offices
    )
    odd = {one.what: one.n for one in section("response_limits", desk=desk).values.counts}
    assert odd["no_question"] == len(found) - len(rows)
    assert odd["deleted"] == sum(
        any(r["direction"] == "in" and r["deleted_seen_at"] for r in p) for p in found.values()
    )
    asked = {name: min((r["at"] for r in p if r["direction"] == "in"), default=None) for name, p in found.items()}
    answers = [(name, r) for name, p in found.items() for r in p if r["direction"] == "out" and asked[name]]
    assert odd["before_question"] == sum(r["at"] < asked[name] for name, r in answers)
    assert odd["worded_as_program"] == sum(not r["is_automatic"] and plain(r["text"]) in known for _, r in answers)
    automatic = {plain(r["text"]) for _, r in answers if r["is_automatic"] == "true"}
    said = [(name, r) for name, r in answers if r["is_automatic"] == "false"]
    assert odd.get("worded_as_automatic", 0) == sum(plain(r["text"]) in automatic for _, r in said)
    human = Counter((name, r["at"]) for name, r in said if r["at"] >= asked[name])
    assert odd["two_at_once"] == len({name for (name, _), n in human.items() if n > 1})
    for name in ("without_record", "after", "edited"):
        assert name not in odd  # every row that is kept has its record, and nothing is edited in these sheets
    ended = {name: [moment(r["resolved_at"]) for r in p if r["resolved_at"]] for name, p in found.items()}
    assert odd.get("resolved_before_asked", 0) == sum(
        any(one < asked[name] for one in ends) for name, ends in ended.items() if asked[name]
    )


def test_alike_complaints_are_those_that_hold_the_shown_words_in_their_order(inbox_case) -> None:
    from spmc_tools.desks.complaints.response import response_desk

    found, as_of = threads()
    known = programs(found)
    rows = [one for part in found.values() if (one := complaint(part, as_of, known)) is not None]
    recent = [row for row in rows if row["asked"] >= as_of - timedelta(days=7)]
    got = section("response_alike", desk=response_desk(inbox_case)).values
    assert (got.looked, got.days) == (len(recent), 7) and len(got.groups) == 12 <= got.groups.all
    assert sum(one.n_threads for one in got.groups) <= got.threads <= len(recent)
    exact = 0
    for group in got.groups:
        pieces = [re.escape(" ".join(part.split())) for part in re.split("[…▮]+", group.words) if part.strip()]
        form = re.compile(".*".join(pieces))
        own = [row for row in recent if form.search(" ".join(row["text"].split()))]
        assert group.n_threads <= len(own)
        if len(own) != group.n_threads:  # one that says more beside these words may be in no group
            continue
        exact += 1
        assert group.n_complainants == len({row["who"] for row in own})
        assert group.n_channels == len({row["place"] for row in own})
        assert group.answered == sum(row["answered"] for row in own)
        assert group.first_asked == min(row["asked"] for row in own)
        assert group.last_asked == max(row["asked"] for row in own)
    assert exact >= 8


def test_every_figure_of_a_claim_with_a_picture_is_that_of_counting_the_sheets(small_case, tmp_path) -> None:
    from spmc_tools.desks.rumours.rumour import rumour_desk
    from spmc_tools.report.scope.scope import in_period

    attached = sheet("attachments.csv")
    wanted = {row["record_id"] for row in attached}
    lines = gzip.decompress((SAMPLE / "x_election_week.jsonl.gz").read_bytes()).decode().splitlines()
    posts = {}
    for line in lines:
        if any(name in line for name in wanted) and (row := json.loads(line))["id"] in wanted:
            posts[row["id"]] = (datetime.fromisoformat(row["created_at"]), row["author_id"], line)
    assert posts.keys() == wanted
    path = tmp_path / "posts.jsonl"
    path.write_text("\n".join(line for *_, line in posts.values()) + "\n", encoding="utf-8")
    import_files(small_case, [path], format="x_api_v2")
    import_files(small_case, [SAMPLE / "picture_claims.csv", SAMPLE / "attachments.csv"])
    desk = rumour_desk(small_case, in_period(small_case).records)
    values = section("rumour", case=small_case, desk=desk).values
    [one], state = values.claims, sheet("picture_claims.csv")[-1]
    look = int(state["media_phash"], 16)
    bits = {row["record_id"]: (int(row["phash"], 16) ^ look).bit_count() for row in attached}
    same = {row["record_id"] for row in attached if row["attachment_sha256"] == state["media_sha256"]}
    alike = {name for name, n in bits.items() if n <= 4} - same
    assert (one.same_file, one.alike, one.has_picture) == (len(same), len(alike), True)
    assert one.to_look_at == sum(4 < n <= 10 for n in bits.values()) > 0
    carrying = [posts[name] for name in same | alike]
    assert (one.posts, one.accounts) == (len(carrying), len({who for _, who, _ in carrying}))
    assert one.picture_only == len(carrying) and (one.variants, one.edited, one.denials) == (0, 0, 0)
    first, official = min(at for at, *_ in carrying), moment(state["official_at"])
    assert one.first_post == first
    assert one.last_post == max(at for at, *_ in carrying)
    assert one.lag_s == (official - first).total_seconds() == one.official_h * 3600
    assert one.seen_lag_s == (official - moment(state["first_seen"])).total_seconds()
    hours = sorted((at - first).total_seconds() / 3600 for at, *_ in carrying)
    assert [hour for hour, _ in one.curve] == pytest.approx(hours)
    assert [n for _, n in one.curve] == list(range(1, len(hours) + 1))
    end = max(at for at, *_ in posts.values())
    before = len({who for at, who, _ in carrying if at < official})
    after = len({who for at, who, _ in carrying if at >= official})
    change = one.change
    spans = (change.hours_before, change.hours_after)
    assert (change.before, change.after) == (before, after)
    assert spans == pytest.approx(((official - first).total_seconds() / 3600, (end - official).total_seconds() / 3600))
    assert change.ratio == pytest.approx(after / spans[1] / (before / spans[0]))
    share = [bound * spans[1] / (spans[0] + bound * spans[1]) for bound in (change.low, change.high)]
    n = before + after
    tails = [sum(math.comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(n + 1) if fits(k))
             for p, fits in zip(share, (lambda k: k >= after, lambda k: k <= after), strict=True)]  # fmt: skip
    assert tails == pytest.approx([0.025, 0.025], abs=1e-6)  # the exact bounds of a share, by summing the binomial
    stand_ins = small_case.pseudonyms([who for _, who, _ in carrying])
    by_name = {stand_ins[who]: at for at, who, _ in carrying}
    assert len(one.carriers) == 6
    for row in one.carriers:
        assert (row.n_posts, row.n_reposted, row.kind) == (1, 0, None)
        assert row.first == by_name[row.who]
    assert (values.refuted, values.claims.more, values.groups_known) == (1, 0, False)
    limits = section("rumour_limits", desk=desk).values
    assert (limits.not_seen, limits.denials, limits.bits, limits.look_bits) == (0, 0, 4, 10)


def test_every_figure_of_the_referral_register_is_that_of_counting_the_sheet(small_case) -> None:
    from spmc_tools.desks.referrals.law import categories
    from spmc_tools.desks.referrals.referral import CLOSED, STATES, referral_desk

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
    assert got.as_of == as_of
    assert (got.n, got.open) == (len(walks), sum(end is None for end in ends.values()))
    assert {one.state: one.n for one in got.states} == {name: stands[name] for name in STATES}
    assert got.to_send == stands["verified"]
    ways = [
        [
            *(name for name in STATES if name not in CLOSED and any(r["state"] == name for r in walk)),
            *filter(None, [end]),
        ]
        for walk, end in ((walks[name], ends[name]) for name in walks)
    ]
    assert got.reached == {state: sum(state in way for way in ways) for state in STATES}
    moved = Counter(step for way in ways for step in itertools.pairwise(way))
    assert {(one.start, one.end): one.n for one in got.moves} == moved
    late = {
        name
        for name, walk in walks.items()
        if ends[name] is None and walk[-1]["state"] == "sent"
        and as_of - moment(walk[-1]["state_at"]) > timedelta(hours=36)
    }  # fmt: skip
    overdue = section("referral_overdue", desk=desk).values
    assert {one.referral_id for one in overdue.rows} == late and got.overdue == overdue.n == len(late)
    assert got.odd["closed_again"] == sum(sum(r["state"] in CLOSED for r in walk) > 1 for walk in walks.values())
    assert got.odd["skipped"] == sum(
        ("sent" in (s := [r["state"] for r in walk]) and "verified" not in s) or ("answered" in s and "sent" not in s)
        for walk in walks.values()
    )
    for one in overdue.rows:
        walk = walks[one.referral_id]
        assert one.waits_s == (as_of - moment(walk[-1]["state_at"])).total_seconds()
        assert one.sent_to == walk[-1]["sent_to"]
    for one in got.rows:
        walk = walks[one.referral_id]
        assert (one.state, one.provision) == (ends[one.referral_id] or walk[-1]["state"], walk[0]["provision"])
        for state in STATES[:4]:
            times = [moment(r["state_at"]) for r in walk if r["state"] == state]
            assert getattr(one, f"{state}_at") == min(times, default=None)
        closings = [moment(r["state_at"]) for r in walk if r["state"] in CLOSED]
        assert one.closed_at == min(closings, default=None)
    may = {None: {"flagged"}, "flagged": {"verified", "cleared"}, "verified": {"sent", "cleared"},
           "sent": {"answered", *CLOSED}, "answered": {"sent", *CLOSED}}  # fmt: skip
    assert got.odd["backwards"] == sum(
        any(b not in CLOSED and a not in may[b] for b, a in zip([None, *steps], steps, strict=False))
        for steps in ([r["state"] for r in walk] for walk in walks.values())
    )
    returned = section("referral_return", desk=desk).values
    counted = {
        "flagged": lambda r: r["state"] == "flagged", "verified": lambda r: r["state"] == "verified",
        "answered": lambda r: r["state"] == "answered",
        "sent_platform": lambda r: r["state"] == "sent" and r["sent_to"].startswith("platform"),
        "sent_other": lambda r: r["state"] == "sent" and not r["sent_to"].startswith("platform"),
        **{name: lambda r, name=name: r["state"] == name for name in CLOSED},
        "fir_synthetic": lambda r: r["state"] == "fir" and r["synthetic_media"] == "true",
        "proposal_69a": lambda r: r["state"] == "sent" and r["provision"] == "it_69a",
    }  # fmt: skip
    holding = [
        [r for n, r in enumerate(walk) if not any(one["state"] in CLOSED for one in walk[:n])]
        for walk in walks.values()
    ]
    for name, fits in counted.items():
        days = Counter(day_of(r) for walk in holding for r in walk if fits(r))
        assert {one.day.isoformat(): n for one in returned.days if (n := getattr(one, name))} == dict(days), name
    assert set(returned.columns) == {*counted, "watched"}
    for one in returned.days:
        day = one.day.isoformat()
        own = {
            walk[0]["handle"] for walk in walks.values()
            if day_of(walk[0]) <= day and not any(r["state"] in CLOSED and day_of(r) <= day for r in walk)
        }  # fmt: skip
        assert one.watched == len(own), day
    [month] = returned.months
    lasted = [
        (((min(ended) if ended else as_of) - moment(walk[0]["state_at"])).total_seconds(), bool(ended))
        for walk in walks.values() for ended in [[moment(r["state_at"]) for r in walk if r["state"] in CLOSED]]
    ]  # fmt: skip
    assert month.median_s == within(lasted, 0.5)
    assert {one.title["en"]: one.n for one in month.categories} == Counter(
        categories()[walk[0]["category"]]["en"] for walk in walks.values()
    )
    assert (month.flagged, month.open) == (len(walks), got.open)
    assert {name: getattr(month, name) for name in CLOSED} == {name: stands[name] for name in CLOSED}
