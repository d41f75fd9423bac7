"""Every figure of the desks that measure, once more from the sample's sheets in plain Python.

What a section holds is taken apart to its last value: a figure that is new and has no second route fails the tests.
Ranks, growth, campaigns and groups are computed by SQL and scipy in ``test_measures_by_sql.py`` besides.
"""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from statistics import median

import pytest
from scipy.stats import binom

from spmc_tools.report.page.sections import section
from spmc_tools.report.values.section_values import to_json
from spmc_tools.resources import resource

END = datetime.fromisoformat("2025-11-10T23:59:59.999999+05:30")
THEN = END - timedelta(days=61)
OWN = "Bihar"
PLATFORMS = ("facebook", "x", "instagram", "youtube")


def sheet(name: str) -> list[dict[str, str]]:
    with resource("data", "sample", name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def figure(text: str) -> tuple[float | None, float]:
    """A figure as written and the step that it is rounded to."""
    if not text.strip():
        return None, 1
    if text.endswith("lakh"):
        digits = text.removesuffix("lakh").strip()
        return float(digits) * 100_000, 100_000 / 10 ** len(digits.partition(".")[2])
    return float(text.replace(",", "")), 1


def snapshots() -> list[dict]:
    rows = []
    for row in sheet("page_snapshots.csv"):
        value, step = figure(row["followers"])
        at = datetime.fromisoformat(row["observed_at"])
        rows.append({**row, "n": value, "step": float(row["rounding"] or step), "at": at})
    return rows


def seen(until: datetime) -> dict[tuple[str, str], dict]:
    """The last snapshot of each page; ``n`` None where it has no figure or is older than 14 days."""
    last: dict[tuple[str, str], dict] = {}
    for row in sorted(snapshots(), key=lambda one: one["at"]):
        if row["at"] <= until:
            last[row["platform"], row["page"]] = dict(row)
    for row in last.values():
        if row["at"] < until - timedelta(days=14):
            row["n"] = None
    return last


def places(rows: list[dict]) -> dict[int, tuple[int, int, int]]:
    """Rank, best and worst rank of each row that has a figure, by its place in the list."""
    ends = {
        k: (r["n"] - (r["step"] - 1) / 2, r["n"] + (r["step"] - 1) / 2)
        for k, r in enumerate(rows)
        if r["n"] is not None
    }
    return {
        k: (
            1 + sum(rows[j]["n"] > rows[k]["n"] for j in ends),
            1 + sum(low > ends[k][1] for j, (low, _) in ends.items() if j != k),
            1 + sum(high >= ends[k][0] for j, (_, high) in ends.items() if j != k),
        )
        for k in ends
    }


def together(pages: dict[tuple[str, str], dict]) -> list[dict]:
    """One row for each state: its largest page on each platform, added."""
    largest: dict[str, dict[str, dict]] = defaultdict(dict)
    for (platform, _), row in pages.items():
        if row["n"] is not None and row["n"] > largest[row["state"]].get(platform, {"n": -1})["n"]:
            largest[row["state"]][platform] = row
    return [
        {
            "state": state, "n": sum(r["n"] for r in own.values()), "step": sum(r["step"] for r in own.values()),
            "lacks": [p for p in PLATFORMS if p not in own],
        }
        for state, own in largest.items() if own
    ]  # fmt: skip


@pytest.fixture(scope="module")
def pages():
    return seen(THEN), seen(END)


def ranks_on(pages: dict, platform: str) -> list[tuple[dict, tuple[int, int, int] | None]]:
    rows = [row for (one, _), row in pages.items() if one == platform]
    found = places(rows)
    return [(row, found.get(k)) for k, row in enumerate(rows)]


def test_the_first_section_of_page_standing(sample_measures, pages) -> None:
    then, now = pages
    got = to_json(section("standing", ranking=sample_measures).values)
    gained = margin = 0.0
    best = []
    for row in got.pop("rows"):
        platform, ranked = row["platform"], ranks_on(now, row["platform"])
        own, (rank, top, low) = max(((r, p) for r, p in ranked if r["state"] == OWN and p), key=lambda one: one[0]["n"])
        old, (before, _, _) = max(
            ((r, p) for r, p in ranks_on(then, platform) if r["state"] == OWN and p), key=lambda one: one[0]["n"]
        )
        above = sorted((p[0], r["state"]) for r, p in ranked if p and p[0] < rank)
        half = (own["step"] - 1) / 2 + (old["step"] - 1) / 2
        assert datetime.fromisoformat(row.pop("observed_at")) == own["at"]
        assert row == {
            "platform": platform, "page": own["page"], "followers": pytest.approx(own["n"]), "rounding": own["step"],
            "rank": rank, "best": top, "worst": low, "of": sum(p is not None for _, p in ranked), "before": before,
            "gained": pytest.approx(own["n"] - old["n"]), "margin": half,
            "days": pytest.approx((own["at"] - old["at"]) / timedelta(days=1)),
            "above": [state for _, state in above][-2:],
        }  # fmt: skip
        gained, margin = gained + own["n"] - old["n"], margin + half
        best.append((rank, platform))
    sums, sums_then = together(now), together(then)
    mine = next(k for k, one in enumerate(sums) if one["state"] == OWN)
    rank, top, low = places(sums)[mine]
    before = places(sums_then)[next(k for k, one in enumerate(sums_then) if one["state"] == OWN)][0]
    assert got.pop("total") == {
        "followers": pytest.approx(sums[mine]["n"]), "rank": rank, "best": top, "worst": low, "lacks": [],
    }  # fmt: skip
    for part in got.pop("chart"):
        ranked = ranks_on(now, part["platform"])
        order = sorted((p[0], r["state"], r["n"]) for r, p in ranked if p)
        shown = order[:10] + [one for one in order[10:] if one[1] == OWN]
        assert [(r["rank"], r["state"], r["followers"]) for r in part["rows"] if r["rank"]] == [
            (n, state, pytest.approx(value)) for n, state, value in shown
        ]
        assert part["unseen"] == sum(p is None for _, p in ranked)
    assert {name: datetime.fromisoformat(got.pop(name)) for name in ("start", "end")} == {
        "start": THEN.astimezone(UTC), "end": END.astimezone(UTC),
    }  # fmt: skip
    assert got == {
        "state": OWN, "platforms": 4, "states": len(sums), "total_before": before, "gained": pytest.approx(gained),
        "margin": margin, "gained_of": 4, "best": min(best)[0], "best_platform": min(best)[1],
    }  # fmt: skip


def test_all_ranks(sample_measures, pages) -> None:
    now = pages[1]
    got = to_json(section("standing_ranks", ranking=sample_measures).values)
    for part in got.pop("parts"):
        ranked = [(row, place) for row, place in ranks_on(now, part["platform"]) if place]
        shared = Counter(place[0] for _, place in ranked)
        wanted = {
            row["page"]: (row["state"], *place, row["at"], shared[place[0]] > 1, row["state"] == OWN)
            for row, place in ranked
        }
        assert part["rows"]["all"] == len(wanted) and {
            r["page"]: (
                r["state"], r["rank"], r["best"], r["worst"], datetime.fromisoformat(r["observed_at"]),
                r["tied"], r["own"],
            )
            for r in part["rows"]["rows"]
        } == wanted  # fmt: skip
    sums = together(now)
    order = places(sums)
    assert {r["state"]: (r["rank"], r["best"], r["worst"], r["lacks"], r["own"]) for r in got.pop("overall")} == {
        one["state"]: (*order[k], one["lacks"], one["state"] == OWN) for k, one in enumerate(sums)
    }
    known = snapshots()
    shown, lost = got.pop("lost"), {}
    for (platform, page), row in now.items():
        if row["n"] is None:
            last = max(r["at"] for r in known if (r["platform"], r["page"]) == (platform, page) and r["n"] is not None)
            first = {}
            for r in sorted(known, key=lambda one: one["at"]):
                if r["n"] is not None and (r["platform"], r["state"]) == (platform, row["state"]):
                    first.setdefault(r["page"], r["at"])
            later = sorted(name for name, at in first.items() if at > last)
            lost[platform, page] = (row["state"], last, later[0] if later else None)
    assert {
        (r["platform"], r["page"]): (r["state"], datetime.fromisoformat(r["last_seen"]), r["successor"])
        for r in shown["rows"]
    } == lost and shown["all"] == len(lost) > 0  # fmt: skip
    assert datetime.fromisoformat(got.pop("end")) == END
    assert got == {"state": OWN, "oldest_days": 14}


def test_growth_of_every_page_and_its_chart(sample_measures, pages) -> None:
    then, now = pages
    got = to_json(section("standing_growth", ranking=sample_measures).values)
    for part in got.pop("parts"):
        own = {page: row for (platform, page), row in now.items() if platform == part["platform"]}
        both = {
            page: (row, then[part["platform"], page])
            for page, row in own.items()
            if row["n"] is not None and then.get((part["platform"], page), {"n": None})["n"] is not None
        }
        assert part["without"] == len(own) - len(both)
        assert {r["page"]: r for r in part["rows"]} == {
            page: {
                "state": a["state"], "page": page, "before": pytest.approx(b["n"]), "after": pytest.approx(a["n"]),
                "gained": pytest.approx(a["n"] - b["n"]), "margin": (a["step"] - 1) / 2 + (b["step"] - 1) / 2,
                "days": pytest.approx((a["at"] - b["at"]) / timedelta(days=1)),
                "share": pytest.approx(a["n"] / b["n"] - 1), "own": a["state"] == OWN,
            }
            for page, (a, b) in both.items()
        }  # fmt: skip
        shares = [r["share"] for r in part["rows"]]
        assert shares == sorted(shares, reverse=True)
    for row in got.pop("series"):
        wanted = [
            (r["at"], r["n"]) for r in snapshots() if (r["platform"], r["page"]) == (row["platform"], row["page"])
        ]
        assert [(datetime.fromisoformat(at), pytest.approx(n)) for at, n in row["points"]] == sorted(wanted)
        assert (row["odd"], row["lost"], row["successor"]) == ([], False, None)
    bands = got.pop("bands")  # its own test: tests/report/test_calendar_marks.py
    assert [one["title"]["en"] for one in bands if one["what"] == "festival"][:1] == ["Durga Puja (7th to 9th day)"]
    assert {datetime.fromisoformat(got.pop("start")), datetime.fromisoformat(got.pop("end"))} == {THEN, END}
    assert got == {"state": OWN}


def test_reach_impressions_and_their_days(sample_measures) -> None:
    got = to_json(section("standing_figures", ranking=sample_measures).values)
    rows = [
        {**r, "n": figure(r["value"])[0], "at": datetime.fromisoformat(r["day"]), "k": int(r["days"] or 1)}
        for r in sheet("page_metrics.csv")
    ]
    start, end = (
        datetime.fromisoformat("2025-09-10T00:00:00+05:30"),
        datetime.fromisoformat("2025-11-10T00:00:00+05:30"),
    )
    inside = [r for r in rows if r["at"] >= start and r["at"] + timedelta(days=r["k"]) <= end]
    sums: dict[tuple, list[dict]] = defaultdict(list)
    for r in inside:
        sums[r["platform"], r["page"], r["metric"], r["definition"] or None].append(r)
    wanted = {
        key: (sum(r["n"] for r in part), sum(r["k"] for r in part), 61 - sum(r["k"] for r in part), len(part), 0)
        for key, part in sums.items()
    }
    assert {
        (r["platform"], r["page"], r["metric"], r["definition"]):
        (pytest.approx(r["value"]), r["days"], r["missing"], r["parts"], r["hidden"])
        for r in got.pop("rows")
    } == wanted  # fmt: skip
    spans = [r for r in rows if r["k"] > 1 and r["at"] < start and r["metric"] != "reach"]
    [older] = got.pop("older")
    assert (older["value"], older["values"]) == (sum(r["n"] for r in spans), [r["n"] for r in spans])
    assert (older["days"], older["parts"], older["missing"]) == (sum(r["k"] for r in spans), len(spans), 0)
    assert datetime.fromisoformat(older["first"]) == spans[0]["at"]
    daily = [r for r in rows if r["k"] == 1]
    series = got.pop("series")
    assert series["all"] == len(series["rows"]) > 0
    for one in series["rows"]:
        own = sorted((r["at"], r["n"], r["metric"]) for r in daily if r["platform"] == one["platform"])
        drawn = [
            (datetime.fromisoformat(at), value, part["metric"]) for part in one["parts"] for at, value in part["points"]
        ]
        assert [(at, value, metric) for at, value, metric in drawn if value is not None] == own
        changed = [b[0] for a, b in pairwise(own) if a[2] != b[2]]
        assert [datetime.fromisoformat(cut["at"]) for cut in one["breaks"]] == changed
        assert (datetime.fromisoformat(one["first"]), datetime.fromisoformat(one["last"])) == (own[0][0], own[-1][0])
        holes = (own[-1][0] - own[0][0]).days + 1 - len(own)
        assert one["missing"] == holes and bool(one["gaps"]) == bool(holes)
    assert [datetime.fromisoformat(got.pop(name)) for name in ("start", "end")] == [start, end]
    assert got == {"n_days": 61}


def test_what_is_odd_in_the_snapshots(sample_measures, pages) -> None:
    now = pages[1]
    got = to_json(section("standing_limits", ranking=sample_measures).values)
    rows = sorted(snapshots(), key=lambda r: (r["platform"], r["page"], r["at"]))
    odd = [
        (a, b)
        for a, b in pairwise(rows)
        if (a["platform"], a["page"]) == (b["platform"], b["page"]) and b["at"] - a["at"] <= timedelta(hours=1)
        and abs(b["n"] - a["n"]) > max(10, 0.005 * max(a["n"], b["n"]))
    ]  # fmt: skip
    apart = sum(
        abs(row["at"] - max(r["at"] for r in now.values() if r["platform"] == row["platform"] and r["state"] == OWN))
        > timedelta(hours=1)
        for row in now.values()
        if row["n"] is not None
    )
    wanted = {
        "apart": apart, "lost": sum(row["n"] is None for row in now.values()), "contradict": len(odd),
        "no_shot": sum(not row["screenshot_sha256"] for row in rows),
        "hidden": sum(figure(r["value"])[0] is None for r in sheet("page_metrics.csv")), "revised": 0,
    }  # fmt: skip
    assert {one["what"]: one["n"] for one in got["counts"]} == {name: n for name, n in wanted.items() if n}
    assert [(r["page"], r["one"], r["other"], datetime.fromisoformat(r["observed_at"])) for r in got["odd"]] == [
        (b["page"], a["n"], b["n"], b["at"]) for a, b in odd
    ]
    assert (got["snapshots"], got["pages"]) == (len(rows), len(now)) and set(got) == {
        "counts",
        "odd",
        "snapshots",
        "pages",
    }


def middle(values: list[float]) -> tuple[float, float, float]:
    """The median, and the narrowest pair of order statistics, alike from both ends, that holds it with 95 %."""
    own = sorted(values)
    k = max(k for k in range(1, len(own) // 2) if 1 - 2 * binom.cdf(k - 1, len(own), 0.5) >= 0.95)
    return median(own), own[k - 1], own[-k]


def test_the_campaigns_and_what_the_page_says_of_them(measures_case) -> None:
    from spmc_tools.desks.reach.awareness import awareness, ratio

    reached = awareness(measures_case)
    got = to_json(section("awareness", reached=reached).values)
    names = {r["campaign_id"]: (r["name"], r["theme"]) for r in sheet("campaigns.csv")}
    tags = {(r["platform"], r["record_id"]): r["campaign_id"] for r in sheet("campaigns.csv")}
    posts = []
    for r in sheet("facebook_posts.csv"):
        at = datetime.strptime(r["Publish time"] + " +0530", "%m/%d/%Y %H:%M %z")
        base, did = figure(r["Reach"] if r["Reach"] != "<10" else "")[0], figure(r["Reactions, Comments and Shares"])[0]
        posts.append(("facebook", r["Post ID"], at, base, did))
    for r in sheet("x_content.csv"):
        at = datetime.strptime(r["Date"] + " +0530", "%a, %b %d, %Y %z")
        posts.append(("x", r["Post id"], at, figure(r["Impressions"])[0], figure(r["Engagements"])[0]))
    rated = [
        (p, tags.get((p, i)), at, base, 1000 * did / base if base and base >= 50 else None)
        for p, i, at, base, did in posts
    ]
    assert got["rows"]["all"] == len(got["rows"]["rows"])
    rows = got.pop("rows")["rows"]
    for row in rows:
        own = [one for one in rated if one[:2] == (row["platform"], row["campaign"])]
        assert (row["n"], row["name"], row["theme"]) == (len(own), *names[row["campaign"]])
        assert [datetime.fromisoformat(row[name]) for name in ("first", "last")] == [
            min(one[2] for one in own), max(one[2] for one in own),
        ]  # fmt: skip
        assert [row["rate"], row["low"], row["high"]] == pytest.approx(
            middle([one[4] for one in own if one[4] is not None])
        )
        assert [row["base"], row["base_low"], row["base_high"]] == pytest.approx(
            middle([one[3] for one in own if one[3]])
        )
        assert row["counts"] == {"facebook": "reach", "x": "impressions"}[row["platform"]]
    differs = Counter()
    for row in rows:  # with all comparisons together: one in twenty over as many as were made
        first, last = (datetime.fromisoformat(row[name]) for name in ("first", "last"))
        own = [one[4] for one in rated if one[:2] == (row["platform"], row["campaign"]) and one[4]]
        others = [
            one[4] for one in rated
            if one[:2] == (row["platform"], None) and one[4] and first - timedelta(days=90) <= one[2] <= last
        ]  # fmt: skip
        import numpy as np

        _, low, high = ratio(np.array(own), np.array(others), 1 - 0.05 / len(rows))
        assert row["differs"] == ("higher" if low > 1 else "lower" if high < 1 else "no")
        differs[row["differs"]] += 1
    assert (got.pop("higher"), got.pop("lower"), got.pop("compared")) == (
        differs["higher"],
        differs["lower"],
        len(rows),
    )
    top = max((row for row in rows if row["differs"] == "higher"), key=lambda row: row["beside"]["low"])
    assert got.pop("first") == top
    videos = [r for r in sheet("youtube_videos.csv") if r["Content"] != "Total"]
    assert got == {
        "campaigns": len({row["campaign"] for row in rows}), "posts": len(posts) + len(videos),
        "tagged": sum(one[1] is not None for one in rated),
        "bases": {"facebook": "reach", "x": "impressions", "youtube": "views"},
    }  # fmt: skip
    counts = {one.what: one.n for one in section("awareness_limits", reached=reached).values.counts}
    assert counts == {
        name: n
        for name, n in (
            ("no_base", sum(one[3] is None for one in rated)), ("no_engagement", len(videos)),
            ("no_log", sum(one[4] == 0 for one in rated)),
            ("small", sum(one[3] is not None and one[3] < 50 for one in rated)),
        )
        if n
    }  # fmt: skip


def test_the_watch_board(desk_sheets_case) -> None:
    from spmc_tools.desks.watch.board import board

    got = to_json(section("watch_board", board=board(desk_sheets_case, "2025-11-08", days=9, ahead=10)).values)
    closing, walks = ("removed", "fir", "cleared"), defaultdict(list)
    for r in sheet("referrals.csv"):
        walks[r["referral_id"]].append((datetime.fromisoformat(r["state_at"]), r["state"], r["handle"]))
    days = [date(2025, 10, 31) + timedelta(days=n) for n in range(9)]
    wanted = {day: Counter() for day in days}
    local = timedelta(hours=5, minutes=30)
    for walk in walks.values():
        walk.sort()
        ends = [at for at, state, _ in walk if state in closing]
        for at, state in {(at, state) for at, state, _ in walk if state not in closing or at == ends[0]}:
            day = (at.astimezone(UTC) + local).date()
            if day in wanted and state != "answered":
                wanted[day][state] += 1
    for day in days:
        open_ = {
            walk[0][2]
            for walk in walks.values()
            if (walk[0][0].astimezone(UTC) + local).date() <= day
            and not any(state in closing and (at.astimezone(UTC) + local).date() <= day for at, state, _ in walk)
        }
        wanted[day]["watched"] = len(open_)
    names = ("flagged", "verified", "sent", "removed", "fir", "cleared")
    returns = got.pop("returns")
    assert returns == [{"day": day.isoformat(), **{n: wanted[day][n] for n in (*names, "watched")}} for day in days]
    assert got.pop("sums") == {name: sum(wanted[day][name] for day in days) for name in names}
    assert got.pop("watched") == wanted[days[-1]]["watched"]
    coming = [(r["what"], r["phase"], r["first"], r["last"], r["in_days"]) for r in got["coming"]]
    assert coming == [
        ("silence", 2, "2025-11-09", "2025-11-11", 1),
        ("poll", 2, "2025-11-11", "2025-11-11", 3), ("count", None, "2025-11-14", "2025-11-14", 6),
    ]  # fmt: skip
    assert got.pop("now") == [r for r in got["coming"] if r["in_days"] == 0]
    assert got.pop("next") == next(r for r in got.pop("coming") if r["in_days"] > 0)
    [case] = got.pop("cases")
    assert case == {
        "case": "sheets", "date_from": "2025-11-03", "date_to": "2025-11-12", "event": None, "expires": None,
        "state": "running",
    }  # fmt: skip
    assert got == {
        "today": "2025-11-08", "is_past": True, "days": 9, "ahead": 10, "unread": 0, "running": 1, "expired": 0,
    }  # fmt: skip
