"""Every figure of the election watch and the festival watch once more, from the sample's tables by SQL and by hand.

What a section holds is taken apart to its last value: a figure that is new and has no second route fails the tests.
What is not counted here has its own second route elsewhere, which the line that takes it out names.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import sqlite3
import tomllib
from collections import Counter, defaultdict
from contextlib import closing
from copy import copy
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from statistics import median
from zoneinfo import ZoneInfo

import duckdb
import pandas as pd
import pyarrow.parquet as pq
import pytest
from scipy.stats import beta, binom, poisson

import spmc_tools as spmc
from spmc_tools.demo import sample_case
from spmc_tools.report.page.sections import section
from spmc_tools.report.scope.scope import in_period
from spmc_tools.report.values.section_values import to_json
from spmc_tools.resources import resource
from spmc_tools.text.match_key import match_key

INDIA = ZoneInfo("Asia/Kolkata")
FIGURES_OF_A_POST = ("likes", "reposts", "replies", "views")
CLOSE = timedelta(hours=18)  # polls close at 18:00; silence is the 48 hours before
POLLS = [datetime(2025, 11, day, tzinfo=INDIA) for day in (6, 11)]
CHHATH = [datetime(2025, 10, day, tzinfo=INDIA).date() for day in (27, 28)]
WATCHES = ("election", "festival")
TITLES = {"election": "Bihar assembly election 2025", "festival": "Chhath"}


class Sample:
    """The sample case with its findings, and the same as tables of SQL."""

    def __init__(self, case, found=None) -> None:
        self.case = case
        self.scopes = {kind: in_period(case, kind=kind) for kind in WATCHES}
        self.found = found or spmc.investigate(case, traces="all", context=None, seed=0)
        self.settings = tomllib.loads((case.path / "case.toml").read_text("utf-8"))
        self.sql = duckdb.connect()
        self.sql.execute("set timezone = 'Asia/Kolkata'")
        tables = case.path / "tables"
        for name in ("records", "messages", "refused", "claims", "accounts"):
            self.sql.execute(
                f"create table {name} as from read_parquet('{tables / name / '*.parquet'}', union_by_name = true)"
            )
        self.sql.execute(
            "create table posts as select *, created_at::date as day from records"
            " where record_id not in (select record_id from messages)"
        )
        for name in ("edges", "clusters"):
            self.sql.register(name, getattr(self.found, name))
        accounts = self.found.accounts[["account_id", "tier", "q", "basis", "n_records", "context"]]
        self.sql.register("tiers", accounts.astype({"tier": "object"}))

    def rows(self, query: str, *values: object) -> list[tuple]:
        return self.sql.execute(query, list(values)).fetchall()

    def dicts(self, query: str, *values: object) -> list[dict]:
        names = [one[0] for one in self.sql.execute(query, list(values)).description]
        return [dict(zip(names, row, strict=True)) for row in self.sql.fetchall()]

    def one(self, query: str, *values: object) -> object:
        return self.rows(query, *values)[0][0]

    def values(self, name: str, kind: str = "election", **more: object) -> dict:
        given = {"case": self.case, "scope": self.scopes[kind], "found": self.found, **more}
        from spmc_tools.report.page.sections import SECTIONS

        made = section(name, **{key: given[key] for key in SECTIONS[name].needs})
        assert made.missing == ()
        return json.loads(json.dumps(to_json(made.values)))

    def named_groups(self) -> list[tuple[dict, list[str]]]:
        """The clusters with an account in tier A or B, each with those accounts in the order of their ids."""
        may = {row[0] for row in self.rows("select account_id from tiers where tier in ('A', 'B')")}
        rows = [(row, sorted(may & set(row["accounts"]))) for row in self.found.clusters.to_dict("records")]
        return [(row, own) for row, own in rows if own]

    def number(self) -> dict[str, int]:
        return {who: n for n, who in enumerate((one for _, own in self.named_groups() for one in own), start=1)}

    def evidence(self, row: dict, own: list[str]) -> pd.DataFrame:
        """The posts of the named accounts that carry a link (`tests/findings/test_evidence.py` counts these)."""
        whole = self.found.evidence(int(row["cluster_id"]))
        return whole[whole["significant"].astype(bool) & whole["account_id"].isin(own)]

    def links(self, own: list[str]) -> list[dict]:
        """The linked pairs of some accounts, each in the window that chance explains least, that one first."""
        return self.dicts(
            "select * from edges where q < .05 and window_s is not null and list_contains(?, account_a)"
            " and list_contains(?, account_b)"
            " qualify row_number() over (partition by account_a, account_b order by p, window_s) = 1"
            " order by p, account_a, account_b, window_s",
            own,
            own,
        )


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    folder = tmp_path_factory.mktemp("watched")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPMC_KEYS", str(folder / "keys"))
        yield Sample(sample_case(folder / "cases")[0])


class Fewer:
    """Findings of which few accounts may be named, on their pairs alone: cards have others, whose posts count apart."""

    def __init__(self, found, named: list[str]) -> None:
        self.whole = found
        accounts, self.clusters = found.accounts.copy(), found.clusters.assign(groups=[[]] * len(found.clusters))
        others = accounts["tier"].isin(["A", "B"]) & ~accounts["account_id"].isin(named)
        accounts.loc[others, "tier"] = None
        accounts.loc[accounts.index[others][:3], "tier"] = "C"
        accounts.loc[accounts.index[others][:2], "q"] = 0.2
        weak = accounts.loc[accounts.index[others][:2], "account_id"]
        self.account_traces = found.account_traces.copy()
        self.account_traces.loc[self.account_traces["account_id"].isin(weak), "q"] = 0.1  # of one of two kinds
        accounts.loc[accounts["account_id"] == named[-1], "q"] = 0.0007
        self.accounts = accounts

    def __getattr__(self, name: str):
        return getattr(self.whole, name)


@pytest.fixture(scope="module")
def fewer(sample):
    (_, one), (_, other) = sample.named_groups()
    return Sample(sample.case, Fewer(sample.found, one[:3] + other[:4]))


@pytest.fixture(scope="module")
def borders(sample):
    """The watch of a busy morning, with what lies on its borders: acts an hour old to the minute, early reposts.

    Every seventh repost came two hours before its original (a clock that is wrong), the two texts of a group that rose
    most are also said by so many others that it has a fifteenth of those who say them.
    """
    records = sample.scopes["election"].records
    now = pd.Timestamp("2025-11-11 03:56", tz="UTC")
    reposts = (records["kind"] == "repost") & (records.index % 7 == 0)
    early = pd.to_timedelta(reposts.astype(int) * 2, unit="h")
    records = records.assign(created_at=records["created_at"].dt.floor("min") - early)
    groups = sample.named_groups()
    marked = records["created_at"].dt.tz_convert(INDIA).dt.date.isin(days_of("election"))
    mine = records["account_id"].isin(groups[0][1]) & records["text"].notna() & (records["kind"] != "repost")
    own = records[mine & marked & (records["created_at"] <= now)]
    by_text = own.groupby(own["text"].map(match_key))
    others = sorted(set(records["account_id"]) - {who for _, own in groups for who in own})
    crowds = []
    for key in by_text["account_id"].nunique().nlargest(2).index:
        said = by_text.get_group(key)
        n = 14 * said["account_id"].nunique()
        crowds.append(said.iloc[[0] * n].assign(account_id=others[:n], record_id=[f"{key[:9]} {k}" for k in range(n)]))
    crowd = pd.concat(crowds)
    records = pd.concat([records[records["created_at"] <= now], crowd])
    made = copy(sample)
    records = records.sort_values(["created_at", "record_id"], kind="stable", ignore_index=True)
    made.scopes = {"election": replace(sample.scopes["election"], records=records, kept={})}
    return made


def silent(at: datetime) -> bool:
    return any(poll + CLOSE - timedelta(hours=48) <= at < poll + CLOSE for poll in POLLS)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def days_of(kind: str) -> set:
    """The days that the watch compares: silence and poll, or the feast."""
    if kind == "festival":
        return set(CHHATH)
    return {(poll - timedelta(days=back)).date() for poll in POLLS for back in (0, 1, 2)}


@pytest.mark.parametrize("kind", WATCHES)
def test_purpose(sample, kind) -> None:
    got, said = sample.values("purpose", kind), sample.settings
    kinds = Counter(one["kind"] for one in said["context"])
    assert got.pop("event")["en"] == TITLES[kind]
    assert got.pop("event_name") == {"election": "bihar-assembly-2025", "festival": "chhath"}[kind]
    assert [got.pop(name) for name in ("date_from", "date_to", "expires")] == [None] * 3
    assert got == {
        "case": "sample", "left_out": 0, "case_from": said["date_from"].isoformat(), "officer": said["officer"],
        "case_to": said["date_to"].isoformat(), "registered": [{"kind": one, "n": n} for one, n in kinds.items()],
        **{name: said[name] for name in ("title", "purpose", "legal_basis")},
    }  # fmt: skip


def lines_of(path) -> int:
    """Rows of a received file: lines of JSON, or lines below the head of a table."""
    raw = path.read_bytes()
    raw = gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw
    if raw[:2] == b"PK":
        return -1
    text = raw.decode("utf-8-sig")
    if text.lstrip()[:1] in "{[":
        return sum(bool(line.strip()) for line in text.splitlines())
    import csv
    import io

    return sum(1 for _ in csv.DictReader(io.StringIO(text)))


def test_data_received(sample) -> None:
    got = sample.values("data")
    received = {path.name: path for path in (sample.case.path / "original").iterdir()}
    kept = dict(sample.rows("select source_sha256, count(*) from records group by 1"))
    refused = dict(sample.rows("select source_sha256, count(*) from refused group by 1"))
    counted = 0
    for one in got["files"]:
        (path,) = [own for name, own in received.items() if name.startswith(one["sha256"])]
        content = path if path.is_file() else next(path.iterdir())
        assert hashlib.sha256(content.read_bytes()).hexdigest() == one["sha256"]
        assert one["read"] == one["kept"] + one["duplicates"] + one["refused"]
        assert one["refused"] == refused.get(one["sha256"], 0)
        if one["format"] in {"x_api_v2", "snscrape_jsonl"}:
            assert (one["read"], one["kept"]) == (lines_of(content), kept[one["sha256"]])
            counted += 1
    assert counted == 3 and len(got["files"]) == len(received)
    names = ("read", "kept", "duplicates", "refused", "other_account", "other_text")
    assert got.pop("totals") == {name: sum(one[name] for one in got["files"]) for name in names}
    reasons = got.pop("reasons")
    assert sum(one["n"] for one in reasons) + got.pop("other_reasons") == sum(refused.values())
    assert sum(one["others"] + 1 for one in reasons) == sample.one("select count(distinct reason) from refused")
    # each file's own counts: tests/importers, file by file; which reason is of which kind: test_refusals.py
    del got["files"]
    first, last, n = sample.rows("select min(created_at), max(created_at), count(*) from posts")[0]
    assert (at(got.pop("first")), at(got.pop("last")), got.pop("records")) == (first, last, n)
    assert got.pop("accounts") == sample.one("select count(distinct account_id) from posts")
    steps = sample.rows("select time_precision_s, count(*) from posts group by 1 order by 1")
    assert [(one["step_s"], one["n"]) for one in got.pop("precision")] == steps
    long = sample.one(
        "select count(*) from (select created_at - lag(created_at) over (order by created_at) as step from posts)"
        " where step >= interval 6 hour"
    )
    assert len(got.pop("gaps")) == long == 0  # a case with gaps: test_sections.py
    assert got.pop("outside") == sample.one(
        "select count(*) from posts where day not between '2025-10-24' and '2025-11-12'"
    )
    tables = got.pop("tables")
    sheets = ("messages", "claims", "referrals", "page_snapshots", "page_metrics", "post_metrics", "campaigns")
    folder = sample.case.path / "tables"
    assert tables == {one: pq.ParquetDataset(folder / one).read(["source_row"]).num_rows for one in sheets}
    assert got == {"set_aside": 0, "not_compared": 0, "chain_problem": False}


@pytest.mark.parametrize("kind", WATCHES)
def test_volume(sample, kind) -> None:
    got = sample.values("volume", kind)
    start = at(got.pop("start"))
    hours = dict(sample.rows("select date_trunc('hour', created_at), count(*) from posts group by 1"))
    assert start == min(hours) and sum(got["counts"]) == sum(hours.values())
    assert {start + timedelta(hours=n): count for n, count in enumerate(got.pop("counts")) if count} == hours
    times = sample.rows("select day, created_at from posts")
    quiet = Counter(day for day, when in times if silent(when)) if kind == "election" else Counter()
    assert [(one["day"], one["n"], one["silence"]) for one in got.pop("days")] == [
        (str(day), n, quiet[day]) for day, n in sorted(Counter(day for day, _ in times).items())
    ]
    del got["bands"], got["own_hours"]  # tests/report/test_calendar_marks.py
    name = {"election": "bihar-assembly-2025", "festival": "chhath"}[kind]
    assert got.pop("outside") == sample.one(
        "select count(*) from posts where day not between '2025-10-24' and '2025-11-12'"
    )
    assert got == {"step": "hour", "step_s": 3600.0, "event_unknown": False, "event_name": name}


def test_the_page_of_the_festival(sample) -> None:
    got = sample.values("festival", "festival")
    posts = sample.dicts("select * from posts where day in ('2025-10-27', '2025-10-28') order by created_at")
    assert (got.pop("posts"), got.pop("accounts")) == (len(posts), len({one["account_id"] for one in posts}))
    assert got.pop("of") == sample.one("select count(*) from posts") and got.pop("event")["en"] == "Chhath"
    assert got.pop("days") == ["2025-10-27", "2025-10-28"]
    assert got.pop("complaints") == sample.one(
        "select count(*) from records semi join (from messages where direction = 'in') using (record_id)"
        " where created_at::date in ('2025-10-27', '2025-10-28')"
    )
    assert got.pop("registered") == sample.one("select count(distinct claim_id) from claims")
    wanted = []
    for place, (row, own) in enumerate(sample.named_groups(), start=1):
        days = [when.astimezone(INDIA).date() in CHHATH for when in sample.evidence(row, own)["created_at"]]
        linked = len(sample.links(own))
        wanted.append({"place": place, "posts": len(days), "on_days": sum(days), "linked": linked, "patterns": []})
    assert got.pop("groups") == wanted and wanted[0]["on_days"] < wanted[0]["posts"] / 10
    # the one claim of the festival, by a run of its words without what is invisible; who reposts says the same words
    said = [one for one in posts if "पुल बीच से टूट गया है" in re.sub("[\u200b-\u200d]", "", one["text"] or "")]
    told = sample.dicts("select * from claims where claim_id = 'DEMO-R7' and status = 'refuted'")[0]
    (claim,) = got.pop("claims")
    at_official = told["official_at"]
    assert (claim.pop("posts"), claim.pop("on_days")) == (len(said), len(said))
    late = sum(one["created_at"] >= at_official for one in said)
    assert (claim.pop("before"), claim.pop("after")) == (len(said) - late, late) and late > len(said) / 2
    assert (at(claim.pop("first_post")), at(claim.pop("last_post"))) == (said[0]["created_at"], said[-1]["created_at"])
    assert claim.pop("lag_s") == (at_official - said[0]["created_at"]).total_seconds()
    assert at(claim.pop("official_at")) == at_official
    columns = ("claim_id", "status", "text", "official_version", "official_url")
    assert claim == {name: told[name] for name in columns}
    lists = tomllib.loads(resource("templates", "festival_subjects.toml").read_text("utf-8"))["subject"]
    own = [one for one in posts if one["kind"] != "repost" and one["text"]]
    tokens = [re.sub(r"[^\w\u0900-\u097f]+", " ", re.sub("[\u200b-\u200d]", "", one["text"])).lower() for one in own]
    subjects = []
    for one in lists:
        words = [f" {word} " for word in one["words"]]
        about = [post for post, text in zip(own, tokens, strict=True) if any(word in f" {text} " for word in words)]
        subjects += [(one["name"], len(about), len({post["account_id"] for post in about}))] if about else []
    shown = got.pop("subjects")
    assert [(one["subject"], one["posts"], one["accounts"]) for one in shown] == subjects and len(subjects) == 3
    assert [one["most"]["copies"] for one in shown] == [41, 41, 45]  # the rumour twice, and a wish, by reading them
    assert got == {}


def test_a_report_of_an_election_has_no_page_of_a_festival(sample) -> None:
    got = sample.values("festival")
    assert (got["event"], got["posts"], got["claims"], got["subjects"]) == (None, 0, [], [])


@pytest.mark.parametrize("kind", WATCHES)
def test_days_beside_each_other(sample, kind) -> None:
    got, marked = sample.values("days", kind), days_of(kind)
    wanted = sample.rows(
        "select day, count(*), count(distinct account_id), count(*) filter (kind <> 'repost'),"
        " count(*) filter (kind = 'repost') from posts group by 1 order by 1"
    )
    ends = [sample.settings[end] for end in ("date_from", "date_to")]
    drawn = [row for row in wanted if ends[0] <= row[0] <= ends[1]]
    assert [tuple(one.values()) for one in got.pop("days")] == [
        (str(row[0]), *row[1:], row[0] in marked) for row in drawn
    ]
    assert got.pop("outside_case") == sum(row[1] for row in wanted) - sum(row[1] for row in drawn)
    by_file = defaultdict(lambda: [0, 0])
    for file, when, n in sample.rows("select source_sha256, day, count(*) from posts group by 1, 2"):
        by_file[file][when in marked] += n
    both = [pair for pair in by_file.values() if all(pair)]
    assert 0 < len(both) < len(by_file) == 4
    assert [got.pop("outside"), got.pop("inside")] == [sum(column) for column in zip(*both, strict=True)]
    assert got.pop("elsewhere") == sum(map(sum, by_file.values())) - sum(map(sum, both))
    assert (got.pop("event_days"), got.pop("event")["en"]) == (len(marked), TITLES[kind])
    rose = got.pop("rows")
    assert got.pop("across") is False
    assert got == {"state": "compared", "festival": kind == "festival", "chosen": kind == "festival", "doubts": []}
    check_what_rose(sample, rose, marked, kind)


def test_what_rose_with_a_crowd(borders) -> None:
    rose = borders.values("days")["rows"]
    check_what_rose(borders, rose, days_of("election"), "election")


def test_little_rose_in_a_part_of_the_accounts(sample) -> None:
    """Fewer things than a page shows: what lies above the limit is left out."""
    part = copy(sample)
    records = sample.scopes["election"].records
    some = sorted(set(records["account_id"]))[::8]
    records = records[records["account_id"].isin(some)].reset_index(drop=True)
    part.scopes = {"election": replace(sample.scopes["election"], records=records, kept={})}
    rose = part.values("days")["rows"]
    assert len(rose) < 15
    check_what_rose(part, rose, days_of("election"), "election")


def check_what_rose(sample, rose: list[dict], marked: set, kind: str) -> None:
    """Account-days of each thing, its exact interval and p; whose tests are counted, ``tests/desks/test_watch.py``."""
    from spmc_tools.desks.watch.watch import things_of
    from spmc_tools.desks.watch.watch_terms import thing_id

    records = sample.scopes[kind].records
    things = things_of(records)
    seen: dict[tuple, set] = defaultdict(set)
    day = [when.astimezone(INDIA).date() for when in records["created_at"]]
    who, written, of_thing = records["account_id"].tolist(), {}, {}
    file, kinds = records["source_sha256"].tolist(), defaultdict(set)
    for one, when in zip(file, day, strict=True):
        kinds[one].add(when in marked)
    by_file: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    first_in: dict[tuple, str] = {}
    everywhere: dict[tuple, list] = defaultdict(list)
    for row in things.to_dict("records"):
        name = thing_id(row["thing"]) if row["kind"] == "text" else row["thing"]
        written.setdefault((row["kind"], name), row["label"])
        everywhere[row["kind"], name].append((row["row"], who[row["row"]]))
        if len(kinds[file[row["row"]]]) < 2:
            continue
        seen[row["kind"], name].add((day[row["row"]], who[row["row"]], row["row"]))
        of_thing[row["kind"], name] = row["thing"]
        counted = row["kind"], name, day[row["row"]], who[row["row"]]
        if counted not in first_in:
            first_in[counted] = file[row["row"]]
            by_file[file[row["row"]]][day[row["row"]] in marked] += 1
    once = {key: {(one, account) for one, account, _ in own} for key, own in seen.items()}
    share_of = {
        key: sum(by_file[first_in[*key, *one]][1] / sum(by_file[first_in[*key, *one]]) for one in own) / len(own)
        for key, own in once.items()
    }
    ps = {
        key: binom.sf(sum(one in marked for one, _ in own) - 1, len(own), share_of[key])
        for key, own in once.items() if len(own) >= 10
    }  # fmt: skip
    order = sorted(ps, key=lambda key: (ps[key], key[0], of_thing[key]))
    q, least = {}, 1.0
    for place, key in reversed(list(enumerate(order, start=1))):
        least = min(least, ps[key] * len(order) / place)
        q[key] = least
    wanted = [key for key in order if q[key] < 0.05][:15]
    assert [(row["kind"], row["thing"]) for row in rose] == wanted and wanted
    group_of = {who: n for n, (_, own) in enumerate(sample.named_groups(), start=1) for who in own}
    for row, key in zip(rose, wanted, strict=True):
        x, n = sum(one in marked for one, _ in once[key]), len(once[key])
        low = beta.ppf(0.025, x, n - x + 1)
        assert (row.pop("event_n"), row.pop("other_n")) == (x, n - x)
        assert (row.pop("p"), row.pop("q")) == (pytest.approx(ps[key]), pytest.approx(q[key]))
        odds = (1 - share_of[key]) / share_of[key]
        assert row.pop("low") == pytest.approx(low / (1 - low) * odds)
        top, ratio = row.pop("high"), row.pop("ratio")
        if x < n:
            high = beta.ppf(0.975, x + 1, n - x)
            assert (top, ratio) == (pytest.approx(high / (1 - high) * odds), pytest.approx(x / (n - x) * odds))
        else:
            assert (top, ratio) == (None, None)  # without a limit
        acts = Counter(account for one, account, _ in seen[key] if one in marked)
        assert row.pop("accounts") == len(acts)
        assert row.pop("top_share") == pytest.approx(sum(sorted(acts.values())[-5:]) / sum(acts.values()))
        carried = Counter(group_of[one] for one in acts if one in group_of)
        groups = sorted(group for group, k in carried.items() if 10 * k >= len(acts))
        assert row.pop("clusters") == groups
        assert row.pop("label") == written[key][:400]
        by_named = [records["text"].iloc[place] for place, account in sorted(everywhere[key]) if account in group_of]
        text = (by_named[0] if by_named else written[key] if groups else None) if key[0] == "text" else None
        assert key[0] == "tag" or row["named_text"] == (text and text[:400])
        del row["named_text"]
        assert row.pop("withheld", False) is False
        assert row == {"kind": key[0], "thing": key[1]}


@pytest.mark.parametrize("kind", WATCHES)
def test_the_queue(sample, kind) -> None:
    got = sample.values("watch", kind)
    assert at(got["now"]) == sample.one("select max(created_at) from posts")
    check_queue(sample, got, sample.scopes[kind].records)


def test_the_queue_at_its_borders(borders) -> None:
    check_queue(borders, borders.values("watch"), borders.scopes["election"].records)


def check_queue(sample, got: dict, records: pd.DataFrame) -> None:
    """Texts by their things (``tests/desks/test_copies.py``); which claim one carries: ``tests/text``."""
    from spmc_tools.desks.watch.watch import things_of
    from spmc_tools.desks.watch.watch_terms import thing_id

    now = records["created_at"].max()
    assert at(got.pop("now")) == now
    told, rows, subjects = got.pop("told"), got.pop("rows"), got.pop("subjects")
    about = [(row["claims"][:1], row["clusters"], {"term", "complaint"} & {*row["reasons"]}) for row in rows]
    things = things_of(records)
    things = things[things["kind"] == "text"]
    texts = records["text"].tolist()
    thing_of = dict(zip(records["record_id"].iloc[things["row"]], things["thing"], strict=True))
    copies: dict[str, list[int]] = defaultdict(list)
    for row in things.to_dict("records"):
        copies[thing_id(row["thing"])].append(row["row"])
    passed: dict[str, list[int]] = defaultdict(list)
    for place, (what, ref) in enumerate(zip(records["kind"], records["ref_record_id"], strict=True)):
        if what == "repost" and isinstance(ref, str):
            passed[thing_id(thing_of.get(ref) or f"repost of {ref}")].append(place)
    group_of = {who: n for n, (_, own) in enumerate(sample.named_groups(), start=1) for who in own}
    terms = {one["term"]: f" {match_key(one['term'])} " for one in got["terms"]}
    metrics, account = records["metrics"].tolist(), records["account_id"].tolist()
    hour, order = timedelta(hours=1), []
    for row in rows:
        own, further = copies[row["thing"]], passed[row["thing"]]
        acts = sorted(
            own + further, key=lambda place: (records["created_at"].iloc[place], records["record_id"].iloc[place])
        )
        times = [records["created_at"].iloc[place] for place in acts]
        assert (at(row.pop("first_seen")), at(row.pop("last_seen"))) == (times[0], times[-1])
        makers = {account[place] for place in own}
        assert (row.pop("posts"), row.pop("accounts"), row.pop("reposts")) == (len(own), len(makers), len(further))
        last = sum(one > now - hour for one in times)
        before = (len(acts) - last) / max((now - times[0]) / hour - 1, 1.0)
        assert (row.pop("last_hour"), row.pop("before_per_hour")) == (last, pytest.approx(before))
        p = poisson.sf(last - 1, max(before, 0.5)) if last else 1.0
        assert row.pop("p_rising") == pytest.approx(p)
        views = [one["views"] for place in acts if (one := metrics[place]) and one.get("views") is not None]
        assert row.pop("views") == (max(views) if views else None)
        first = (own or acts)[0] if not own else min(own, key=acts.index)
        assert (row["text"], row.pop("record_id")) == (str(texts[first])[:400], records["record_id"].iloc[first])
        said = {match_key(texts[place]) for place in (own or acts[:1])}
        assert row.pop("terms") == [name for name, key in terms.items() if any(key in f" {one} " for one in said)]
        everybody = {account[place] for place in acts}
        inside = Counter(group_of[one] for one in everybody if one in group_of)
        groups = sorted(group for group, n in inside.items() if 10 * n >= len(everybody))
        assert row.pop("clusters") == groups
        by_named = [place for place in acts if place in own and account[place] in group_of]
        needed = texts[by_named[0]] if by_named else row["text"] if groups else None
        assert row.pop("named_text") == (needed and needed[:400])
        reasons = row.pop("reasons")
        assert ("rising" in reasons, "wide" in reasons) == (last >= 5 and p < 0.001, len(makers) >= 20)
        assert ("term" in reasons, "claim" in reasons, "finding" in reasons) == (
            any(key in f" {one} " for key in terms.values() for one in said), bool(row.pop("claims")), bool(groups),
        )  # fmt: skip
        assert row.pop("decision") is None and row.pop("withheld") is False
        order.append((-len(reasons), -last, times[0], row["thing"]))
        assert reasons and set(row) == {"thing", "text"}
    assert [one["thing"] for one in rows] == told["thing"][: len(rows)] and order == sorted(order)
    check_subjects(subjects, about, told, copies, passed)
    assert told["acts"] == [len(copies[one]) + len(passed[one]) for one in told["thing"]]
    assert (got.pop("more"), got.pop("waiting")) == (len(told["thing"]) - len(rows), len(told["thing"]))
    wide = {name for name, own in copies.items() if len({account[place] for place in own}) >= 20}
    rising = set()
    for name in {*copies, *passed}:
        times = [records["created_at"].iloc[place] for place in [*copies.get(name, []), *passed.get(name, [])]]
        last = sum(one > now - hour for one in times)
        before = (len(times) - last) / max((now - min(times)) / hour - 1, 1.0)
        rising |= {name} if last >= 5 and poisson.sf(last - 1, max(before, 0.5)) < 0.001 else set()
    assert wide | rising <= set(told["thing"])  # nothing that went far or goes fast is left out of the queue
    assert got.pop("claims") == sample.one("select count(*) from claims")
    assert len(got.pop("terms")) == len(terms) == 3
    assert got == {"open": len(rows), "days": [None, None], "texts": True, "annex": None}  # no run, no annex


def check_subjects(subjects, about, told, copies, passed) -> None:
    """Each row under one subject, by what brought it; which narrative a text is of: tests of the narratives."""
    assert sum(one["texts"] for one in subjects) == len(told["thing"])
    assert sum(one["posts"] + one["reposts"] for one in subjects) == sum(told["acts"])
    assert sorted(place for one in subjects for place in one["rows"]) == list(range(len(about)))
    order = ["claim", "group", "asked", "narrative", "other"]
    kinds = [order.index(one["kind"]) for one in subjects]
    assert kinds == sorted(kinds)
    for one in subjects:
        assert (one["open"], bool(one["words"])) == (one["texts"], one["kind"] == "narrative")
        for claims, groups, asked in (about[place] for place in one["rows"]):
            kind = "claim" if claims else "group" if groups else "asked" if asked else "plain"
            assert kind == (one["kind"] if one["kind"] in order[:3] else "plain")
            assert kind != "claim" or claims == [one["claim"]]
            assert kind != "group" or groups == one["groups"]
        own = [told["thing"][place] for place in one["rows"]]
        counts = sum(len(copies[name]) for name in own), sum(len(passed[name]) for name in own)
        whole = len(own) == one["texts"]
        assert counts == (one["posts"], one["reposts"]) if whole else counts[0] <= one["posts"]


def check_silence(sample, got: dict, posts: pd.DataFrame) -> None:
    """Posts in silence, beside the posts of the same files: counted in SQL, file by file."""
    quiet = "(created_at between '2025-11-04 18:00' and '2025-11-06 17:59:59.999999' or"
    quiet += " created_at between '2025-11-09 18:00' and '2025-11-11 17:59:59.999999')"
    days = "day in ('2025-11-04', '2025-11-05', '2025-11-06', '2025-11-09', '2025-11-10', '2025-11-11')"
    files = {
        file: (n / whole, 96 / (24 * held))  # a file with one of the six days here has all of them
        for file, n, whole, held, touched in sample.rows(
            f"select source_sha256, count(*) filter ({quiet}), count(*), count(distinct day),"
            f" count(distinct day) filter ({days}) from posts"
            " where day between '2025-10-24' and '2025-11-12' group by 1"
        )
        if touched == 6
    }
    own = Counter(one for one in posts["source_sha256"] if one in files)
    n, of = sum(silent(when) for when in posts["created_at"]), own.total()
    assert 0 < len(files) < 4 and got == {
        "n": n, "of": of, "elsewhere": len(posts) - of, "own": pytest.approx(n / of), "unconfirmed": True,
        "share": pytest.approx(sum(k * files[one][0] for one, k in own.items()) / of),
        "time": pytest.approx(sum(k * files[one][1] for one, k in own.items()) / of),
    }  # fmt: skip


def test_the_first_page(sample) -> None:
    check_first_page(sample)


def test_the_first_page_of_few(fewer) -> None:
    check_first_page(fewer)


def check_first_page(sample) -> None:
    got = sample.values("summary")
    groups = sample.named_groups()
    named = [who for _, own in groups for who in own]
    posts = pd.concat([sample.evidence(row, own) for row, own in groups]).drop_duplicates("record_id")
    days = Counter(when.astimezone(INDIA).date().isoformat() for when in posts["created_at"])
    assert got.pop("finding_days") == days and got.pop("days") == len(days)
    assert [at(one) for one in got.pop("finding_times")] == sorted(posts["created_at"])
    check_silence(sample, got.pop("silence"), posts)
    said = got.pop("said")
    cards = sample.values("findings")["cards"]
    keys = ("named", "main_trace", "platforms", "records", "days", "first", "last", "like", "story")
    assert got.pop("picture") == cards[0]["picture"]
    assert (got.pop("date_from"), got.pop("date_to")) == ("2025-10-24", "2025-11-12")
    times = sample.rows("select created_at from posts order by 1")
    own_days = [when.astimezone(INDIA).date().isoformat() for (when,) in times]
    assert (got.pop("posts_from"), got.pop("posts_to")) == (own_days[0], own_days[-1])
    within = [one for one in own_days if "2025-10-24" <= one <= "2025-11-12"]
    assert (got.pop("inside_from"), got.pop("inside_to")) == (within[0], within[-1])
    assert got.pop("outside") == sum(not "2025-10-24" <= one <= "2025-11-12" for one in own_days)
    carried = {claim["claim_id"] for card in cards for claim in card["story"]["claims"]}
    unanswered = sample.rows("select claim_id from claims group by 1 having count(official_at) = 0 order by 1")
    assert got.pop("unanswered") == [{"claim_id": name} for (name,) in unanswered if name in carried]
    rows_aside = got.pop("rows_aside")
    assert said == [{"group": n, **{key: card[key] for key in keys}} for n, card in enumerate(cards, start=1)]
    aside = [row for row in sample.found.clusters.to_dict("records") if not set(row["accounts"]) & set(named)]
    known = {one["account_id"] for one in sample.settings["context"]}
    inside = [len(known & set(row["accounts"])) for row in aside]
    assert [row["size"] for row in rows_aside] == sorted((row["size"] for row in aside), reverse=True)[:2]
    assert [got.pop(f"aside{part}") for part in ("", "_known", "_registered", "_not_registered")] == [
        len(aside), sum(n > 0 for n in inside), sum(inside),
        sum(row["size"] - n for row, n in zip(aside, inside, strict=True) if n),
    ]  # fmt: skip
    traces = sorted(set(posts["trace"]))
    assert (got.pop("traces"), got.pop("trace")) == (traces, traces[0] if len(traces) == 1 else None)
    assert got.pop("window_s") == max(one["window_s"] for _, own in groups for one in sample.links(own))
    assert got.pop("few") == sample.one("select count(*) from tiers where tier = 'C'")
    told = sample.found.notes["traces"]
    able = {name for name, one in told.items() if one.get("evidence") == "sufficient"}
    lost = {one["trace"] for one in sample.found.not_run if one["code"] in {"nothing_to_look_at", "lacks_column"}}
    lost |= {name for name, one in told.items() if (one.get("evidence") or "").startswith("insufficient")}
    moments = sample.one("select count(*) > 0 from posts where time_precision_s <= 1")
    assert (got.pop("checks"), got.pop("checks_lost")) == (len(able) + moments, len(lost - able))
    assert got.pop("together") == len(sample.found.sessions)
    assert got.pop("event")["en"] == TITLES["election"]
    assert got == {
        "state": "found", "case": "sample", "title": sample.settings["title"], "look": None,
        "records": sample.one("select count(*) from posts"),
        "accounts_seen": sample.one("select count(distinct account_id) from posts"), "groups": len(groups),
        "accounts": len(named), "evidence": len(posts),
        "more_said": 0,
        "others": sum(row["size"] - len(own) for row, own in groups), "has_silence": True, "unmatched": [],
        "not_run": len(sample.found.not_run), "no_room": 0, "destroyed": False,
    }  # fmt: skip


def pair_of(edge: dict, number: dict[str, int]) -> dict:
    """A row of the edges as the page tells it, with the range that holds 99 of 100 by counting up the probabilities."""
    a, b = sorted((number[edge["account_a"]], number[edge["account_b"]]))
    below, k, ends = 0.0, 0, []
    for tail in (0.005, 0.995):
        while below + poisson.pmf(k, edge["expected"]) < tail:
            below += poisson.pmf(k, edge["expected"])
            k += 1
        ends.append(k)
    return {
        "a": a, "b": b, "label": f"{a} – {b}", "seen": edge["n_occasions"], "expected": pytest.approx(edge["expected"]),
        "one_in": round(1 / edge["expected"]) if edge["expected"] < 0.5 else None, "low": ends[0], "high": ends[1],
        "p": pytest.approx(edge["p"]), "q": pytest.approx(edge["q"]), "sources": edge["n_sources"],
        "window_s": edge["window_s"], "trace": edge["trace"],
    }  # fmt: skip


@pytest.mark.parametrize("kind", WATCHES)
def test_the_cards(sample, kind) -> None:
    check_cards(sample, kind)


def test_the_cards_of_few(fewer) -> None:
    check_cards(fewer, "election")


def check_cards(sample, kind) -> None:
    got, number = sample.values("findings", kind), sample.number()
    groups = sample.named_groups()
    assert got.pop("more") == 0 and len(got["cards"]) == len(groups)
    names = dict(sample.rows("select account_id, max(handle) from accounts group by 1"))
    files = {one.source_sha256: one.source_name for one in sample.case.batches()}
    for card, (row, own) in zip(got.pop("cards"), groups, strict=True):
        posts = sample.evidence(row, own)
        times = sorted(posts["created_at"])
        links = sample.links(own)
        assert (at(card.pop("first")), at(card.pop("last"))) == (times[0], times[-1])
        assert (card.pop("records"), card.pop("size"), card.pop("named")) == (len(posts), row["size"], len(own))
        assert card.pop("days") == len({one.astimezone(INDIA).date() for one in times})
        if kind == "election":
            check_silence(sample, card.pop("silence"), posts)
        else:
            quiet = {"n": 0, "of": 0, "elsewhere": len(posts), "own": None, "share": None, "time": None}
            assert card.pop("silence") == {**quiet, "unconfirmed": False}
        assert [(one["n"], one["name"]) for one in card.pop("members")] == [(number[one], names[one]) for one in own]
        assert card.pop("linked_pairs") == len(links)
        surest = [pair_of(one, number) for one in links[:8]]
        assert card.pop("pairs") == sorted(surest, key=lambda pair: (pair["a"], pair["b"]))
        assert (card.pop("cluster"), card.pop("traces")) == (row["cluster_id"], list(row["traces"]))
        (common, _), *_ = Counter(posts["trace"]).most_common()
        assert (card.pop("main_trace"), card.pop("platforms")) == (common, ["x"])
        assert card.pop("window_s") == max(one["window_s"] for one in links)
        assert card.pop("sources") == row["n_sources"]
        check_posts(sample, card, row, own, number, names, files)
        check_course(card.pop("course"), posts, kind)
        check_grounds(sample, card.pop("grounds"), row, own, number)
        check_explanations(sample, card.pop("explanations"), row, own, posts)
        check_parts(sample, card.pop("parts"), row, own, number)
        check_network(sample, card.pop("network"), row, number)
        check_like(sample, card.pop("like"), own)
        rest = sample.rows(
            "select q from tiers where list_contains(?, account_id)", sorted({*row["accounts"]} - {*own})
        )
        above = [q for (q,) in rest if not q < 0.05]
        assert card.pop("others") == {
            "n": len(rest), "known": 0, "newsroom": 0, "pattern": 0, "event": 0, "above": len(above),
            "q": min(above, default=None),
            "few": len(rest) - len(above),
        }  # fmt: skip
        check_story(card.pop("story"), links)
        picture = card.pop("picture")  # what it draws: tests/report/sections/story/test_barcode.py
        assert (picture["all"], len(picture["labels"])) == (len(own), len(own))
        assert card == {"newsrooms": []}  # with some: test_benign.py and test_sections.py


def check_story(story, links) -> None:
    """Label, claims, reach and step of sureness have tests of their own in tests/report/sections/story."""
    occasions, expected = sorted(one["n_occasions"] for one in links), sorted(one["expected"] for one in links)
    assert (story["seen"], story["expected"]) == (median(occasions), pytest.approx(median(expected)))
    assert (story["rests"], story["patterns"]) == ("pairs", [])
    assert story["reach"]["known"] <= story["reach"]["of"] and set(story) >= {"label", "claims", "sure"}


def check_posts(sample, card, row, own, number, names, files) -> None:
    whole = sample.found.evidence(int(row["cluster_id"]))
    whole = whole[whole["significant"].astype(bool)]
    blocks, shown = card.pop("posts"), 0
    by_object = Counter()
    for _, thing in (
        whole[whole["account_id"].isin(own)].drop_duplicates(["trace", "object_id", "account_id"]).iterrows()
    ):
        by_object[thing["trace"], thing["object_id"]] += 1
    most = sorted(by_object.values(), reverse=True)[:2]
    assert sorted((block["accounts"] for block in blocks), reverse=True) == most
    assert [block["posts"][0]["at"] for block in blocks] == sorted(block["posts"][0]["at"] for block in blocks)
    who = {n: account for account, n in number.items()}
    used = []
    for block in blocks:
        stamps = []
        for post in block["posts"]:
            url, text, account, sha, place, lang, when = sample.rows(
                "select url, text, account_id, source_sha256, source_row, lang, created_at from posts"
                " where record_id = ?", post["record"],
            )[0]  # fmt: skip
            name = names[account] if account in number else None
            assert (post["n"], post["name"], post["lang"]) == (number.get(account), name, lang)
            assert (post["sha256"], post["row"], post["file"], at(post["at"])) == (sha, place, files[sha], when)
            assert post["url"] == url and post["record"] in url and post["captures"] == []
            assert tuple((post["figures"] or dict.fromkeys(FIGURES_OF_A_POST)).values())[:4] == sample.rows(
                "select metrics.likes, metrics.reposts, metrics.replies, metrics.views from posts where record_id = ?",
                post["record"],
            )[0]  # fmt: skip
            assert "".join(part for part, _ in post["parts"]) == text and who.get(post["n"], account) == account
            stamps.append((when, account))
            used.append((files[sha], sha))
        assert [post["after_s"] for post in block["posts"]] == [
            (when - stamps[0][0]).total_seconds() for when, _ in stamps
        ]
        thing = whole.loc[whole["record_id"] == block["posts"][0]["record"], "object_id"].iloc[0]
        acts = whole[(whole["trace"] == block["trace"]) & (whole["object_id"] == thing)]
        firsts = sorted(acts.groupby("account_id")["created_at"].min())
        assert len({account for _, account in stamps}) == len(stamps) == min(3, len(firsts))
        width = min(b - a for a, b in zip(firsts, firsts[len(stamps) - 1 :], strict=False))
        assert stamps[-1][0] - stamps[0][0] == width
        lags = [(one - firsts[0]).total_seconds() for one in firsts]
        assert (block["spread_s"], block["half_s"]) == (round(lags[-1]), round(median(lags)))
        assert (block["accounts"], block["others"]) == (
            acts.loc[acts["account_id"].isin(own), "account_id"].nunique(),
            acts.loc[~acts["account_id"].isin(own), "account_id"].nunique(),
        )
        texts = ["".join(part for part, _ in post["parts"]) for post in block["posts"]]
        assert block["commonest"] == most_shared(texts)
        assert block["same"] == (len(set(texts)) == 1)
        shown += len(block["posts"])
    assert card.pop("shown") == shown
    assert [(one["file"], one["sha256"]) for one in card.pop("files")] == list(dict.fromkeys(used))


def most_shared(texts: list[str]) -> str:
    """The text with most words that more than half of the texts have, each that they lack taken off; the first."""
    words = [set(text.casefold().split()) for text in texts]
    common = [sum(2 * sum(one in other for other in words) > len(texts) or -1 for one in own) for own in words]
    return texts[common.index(max(common))]


def check_course(course, posts, kind) -> None:
    start = at(course["start"]).astimezone(INDIA)
    assert (course["step"], start.hour, start.minute) == ("day", 0, 0)
    made = posts.assign(day=[(when.astimezone(INDIA).date() - start.date()).days for when in posts["created_at"]])
    wanted = [made[made["day"] == day] for day in range(made["day"].max() + 1)]
    assert course["counts"] == [len(own) for own in wanted]
    assert course["makers"] == [own["account_id"].nunique() for own in wanted]
    assert course["silence"] == [sum(map(silent, own["created_at"])) * (kind == "election") for own in wanted]
    assert set(course) == {"step", "step_s", "start", "counts", "makers", "silence", "bands"}


def check_grounds(sample, got, row, own, number) -> None:
    speaking = sample.found.account_traces.to_dict("records")
    kinds = {
        who: {one["kind"] for one in speaking if (one["account_id"], one["basis"]) == (who, "several")} for who in own
    }
    assert (got.pop("pairs"), got.pop("group_only")) == (
        sum("pair" in one for one in kinds.values()), sum(one == {"group"} for one in kinds.values()),
    )  # fmt: skip
    behind = [one for one in sample.found.proven_groups.to_dict("records") if one["cluster_id"] == row["cluster_id"]]
    proven = sorted(behind, key=lambda one: -one["size"])
    group_members = sample.found.group_members.to_dict("records")
    for told, one in zip(got.pop("groups"), proven, strict=True):
        assert told.pop("least") == max(4, -(-one["size"] // 3))
        of_group = [who for who in group_members if who["group_id"] == one["group_id"]]
        rows = {number[who["account_id"]]: who for who in of_group if who["found"] and who["account_id"] in own}
        members = told.pop("members")
        assert [member["n"] for member in members] == sorted(rows)
        for member in members:
            wanted = rows[member["n"]]
            assert (member["seen"], member["company"]) == (wanted["n_occasions"], pytest.approx(wanted["company"]))
            assert member["expected"] == pytest.approx(wanted["expected_pairs"] / max(member["company"], 1.0))
            edge = {"account_a": "a", "account_b": "a", "n_occasions": 0, "n_sources": 0, "window_s": 0, "trace": ""}
            whole = pair_of({**edge, "expected": wanted["expected"], "p": wanted["p"], "q": wanted["q"]}, {"a": 1})
            assert {key: member[key] for key in ("p", "q", "expected", "one_in", "low", "high")} == {
                key: whole[key] for key in ("p", "q", "expected", "one_in", "low", "high")
            }
        strongest = sorted(members, key=lambda member: (member["p"], member["n"]))[:8]
        assert told.pop("drawn") == sorted(strongest, key=lambda member: member["n"])
        assert told == {key: one[key] for key in ("trace", "size", "n_broad", "n_broad_late")}
    assert got == {"event_only": 0, "events": {"all": 0, "rows": []}}  # with some: test_event_values.py


SENTENCES = {
    3: [
        "against little_else",
        "against many_days",
        "against many_sources",
        "for follow_many",
        "against stale",
        "for handed_round",
    ],
    2: ["for ready_text", "against little_else", "against many_days", "against many_things"],
}
"""What is said of the groups of the sample, by their numbers: copies of texts, and reposts half of which came after ten
minutes, on more than a week of days. The rule is tried in `tests/findings/tiers/test_exculpatory.py`, what is counted
in `tests/report/sections/groups/test_explanations.py`."""


def check_explanations(sample, got, row, own, posts) -> None:
    """The shares and counts behind each sentence, from the posts."""
    number = int(row["cluster_id"])
    assert [f"{one['side']} {one['what']}" for one in got] == SENTENCES[number]
    values = {one["what"]: one["values"] for one in got}
    total = sample.one("select count(*) from posts where list_contains(?, account_id)", own)
    assert values.pop("little_else") == {"share": pytest.approx(1 - len(posts) / total)}
    assert values.pop("many_days") == {"n": len({when.astimezone(INDIA).date() for when in posts["created_at"]})}
    for name in ("many_things",) if "copypasta" in row["traces"] else ("many_sources", "follow_many"):
        assert values.pop(name) == {"n": row["n_sources"]}
    lags = sample.rows(
        "select epoch(a.created_at - b.created_at) from posts a join posts b on b.record_id = a.ref_record_id"
        " where a.kind = 'repost' and list_contains(?, a.record_id)", posts["record_id"].tolist(),
    )  # fmt: skip
    assert bool(lags) == ("stale" in values)
    if lags:
        assert values.pop("handed_round") == {}
        assert values.pop("stale") == {"seconds": round(median(lag for (lag,) in lags))}
    assert values == ({"ready_text": {}} if "copypasta" in row["traces"] else {})


def check_parts(sample, got, row, own, number) -> None:
    """Things in step and those led, from the evidence; by a chance order each of k is first with 1/k."""
    whole = sample.found.evidence(int(row["cluster_id"]))
    whole = whole[whole["significant"].astype(bool)]
    firsts = whole.groupby(["object_id", "account_id"])["created_at"].min().reset_index()
    things, led, expected = Counter(), Counter(), Counter()
    for _, acts in firsts.groupby("object_id"):
        least = acts["created_at"].min()
        ahead = acts.loc[acts["created_at"] == least, "account_id"].tolist()
        for who in acts["account_id"]:
            things[who] += 1
            expected[who] += 1 / len(acts)
        if len(ahead) == 1:
            led[ahead[0]] += 1
    assert {one["n"]: one["things"] for one in got} == {number[who]: things[who] for who in own}
    for one in got:
        who = next(account for account, n in number.items() if n == one["n"])
        assert one["expected"] == pytest.approx(expected[who])
        assert led[who] <= one["first"] and set(one) == {"n", "what", "things", "first", "expected"}
    # who is first where two are, and what is called early or a bridge: tests/network/test_roles.py


def check_like(sample, got, own) -> None:
    """The simulated weeks' findings of the trace and kind that name most of these accounts, added up from the file."""
    speaking = [one for one in sample.found.account_traces.to_dict("records") if one["account_id"] in own]
    facts = Counter((one["trace"], one["kind"]) for one in speaking if one["basis"] == "several")
    ((trace, kind), _), *_ = facts.most_common()
    told = json.loads(resource("data", "accuracy", "findings_like_this.json").read_text("utf-8"))
    registers = "newsroom" in {one["kind"] for one in sample.settings["context"]}
    sets = [one for one in told["sets"] if one["registered"] == registers]
    used = {one["name"] for one in sets}
    rows = [one for one in told["rows"] if (one["trace"], one["kind"]) == (trace, kind) and one["set"] in used]
    names = ("planted", "open", "benign")

    def added(rows: list[dict]) -> dict[str, int]:
        return {name: sum(one[name] for one in rows) for name in names}

    whole = added(rows)
    n, benign = sum(whole.values()), whole["benign"]
    low = beta.ppf(0.025, benign, n - benign + 1) if benign else 0.0
    assert (got.pop("low"), got.pop("high")) == (
        pytest.approx(low), pytest.approx(beta.ppf(0.975, benign + 1, n - benign)),
    )  # fmt: skip
    ordinary = benign + whole["open"]
    least = beta.ppf(0.025, ordinary, n - ordinary + 1) if ordinary else 0.0
    assert (got.pop("ordinary_low"), got.pop("ordinary_high")) == (
        pytest.approx(least), pytest.approx(beta.ppf(0.975, ordinary + 1, n - ordinary)),
    )  # fmt: skip
    for one, wanted in zip(got.pop("sets"), sets, strict=True):
        mine = [row for row in rows if row["set"] == wanted["name"]]
        roles: Counter = Counter()
        for row in mine:
            roles.update(row["benign_roles"])
        assert one == {
            "name": wanted["name"], "worlds": wanted["worlds"], **added(mine), "benign_roles": dict(roles),
        }  # fmt: skip
    worlds = sum(one["worlds"] for one in sets)
    assert got == {"trace": trace, "kind": kind, "n": n, **whole, "worlds": worlds} and n > 0


def check_network(sample, got, row, number) -> None:
    nodes = [one["n"] for one in got["nodes"]]
    assert Counter(nodes) == Counter(number.get(who) for who in row["accounts"])
    lines = zip(got["lines"], got["counts"], strict=True)
    linked = {tuple(sorted((nodes[a], nodes[b]))): n for (a, b), n in lines if nodes[a] and nodes[b]}
    most = {
        (number[a], number[b]) if number[a] < number[b] else (number[b], number[a]): n
        for a, b, n in sample.rows(
            "select account_a, account_b, max(n_occasions) from edges where list_contains(?, account_a)"
            " and list_contains(?, account_b) group by 1, 2", *[sorted({*row["accounts"]} & {*number})] * 2,
        )
    }  # fmt: skip
    assert set(linked) <= set(most) and all(0 < n <= most[pair] for pair, n in linked.items())
    named = sorted({*row["accounts"]} & {*number})
    assert {pair_key(one, number) for one in sample.links(named)} <= set(linked)
    assert set(got) == {"nodes", "lines", "counts"}


def pair_key(edge, number) -> tuple[int, int]:
    a, b = sorted((number[edge["account_a"]], number[edge["account_b"]]))
    return a, b


def test_the_accounts(sample, monkeypatch) -> None:
    check_accounts(sample, monkeypatch, 201)


def test_few_accounts(fewer, monkeypatch) -> None:
    check_accounts(fewer, monkeypatch, 3 + 5)


def check_accounts(sample, monkeypatch, least: int) -> None:
    monkeypatch.setenv("SPMC_KEYS", str(sample.case.path.parents[1] / "keys"))
    got, number = sample.values("accounts"), sample.number()
    groups = sample.named_groups()
    tiers = dict(sample.rows("select tier, count(*) from tiers where tier is not null group by 1"))
    assert got.pop("tiers") == {name: tiers.get(name, 0) for name in "ABC"}
    assert got.pop("seen") == sample.one("select count(*) from tiers")
    pairs = got.pop("pairs")
    links = [(n, one) for n, (_, own) in enumerate(groups, start=1) for one in sample.links(own)]
    assert pairs["all"] == len(links) >= least and len(pairs["rows"]) == min(len(links), 200)
    keys = ("a", "b", "trace", "window_s", "seen", "expected", "p", "q")
    wanted = [{"group": n, **{key: pair_of(one, number)[key] for key in keys}} for n, one in links]
    wanted.sort(key=lambda one: (one["p"].expected, one["group"], one["a"], one["b"]))
    assert pairs["rows"] == sorted(wanted[:200], key=lambda one: (one["group"], one["a"], one["b"]))
    names = dict(sample.rows("select account_id, max(handle) from accounts group by 1"))
    total = dict(sample.rows("select account_id, count(*) from posts group by 1"))
    place = {who: (n, row, own) for n, (row, own) in enumerate(groups, start=1) for who in own}
    acts = {n: Counter(sample.evidence(row, own)["account_id"]) for n, (row, own) in enumerate(groups, start=1)}
    link = Counter(who for _, one in links for who in (one["account_a"], one["account_b"]))
    for n, row in enumerate(got.pop("rows"), start=1):
        who = row.pop("id")
        group, cluster, _ = place[who]
        assert (row.pop("n"), number[who], row.pop("group")) == (n, n, group)
        assert (row.pop("links"), row.pop("in_step"), row.pop("records")) == (link[who], acts[group][who], total[who])
        assert row.pop("weak") == weak(sample, who, cluster, link[who])
        assert row.pop("name") == names[who] and len(row.pop("pseudonym")) > 8  # tests/case/test_pseudonyms.py
        assert set(row.pop("traces")) <= set(cluster["traces"])
        assert row == {"platform": "x", "grounds": ["pair"], "signed": 0, "mark": None, "patterns": []}
    assert n == len(number) and got == {}


def weak(sample, who, cluster, links) -> bool:
    """Not below .001 by its pairs, or with two links at most; unless its group is below .001."""
    behind = {
        one["group_id"]
        for one in sample.found.proven_groups.to_dict("records")
        if one["cluster_id"] == cluster["cluster_id"]
    }
    by_group = [
        one["q"]
        for one in sample.found.group_members.to_dict("records")
        if one["group_id"] in behind and one["account_id"] == who and one["found"]
    ]
    q = sample.one("select q from tiers where account_id = ?", who)
    return not (min(by_group, default=1) < 0.001) and (not q < 0.001 or links <= 2)


def test_what_was_set_aside(sample) -> None:
    got = sample.values("aside")
    hot = sample.found.excluded
    sample.sql.register("hot", hot[hot["bin_start"].notna()])
    wanted = sample.rows("select count(distinct (trace, object_id)), sum(n_actions) from hot")[0]
    assert (got.pop("hot_objects"), got.pop("hot_actions")) == wanted
    assert got.pop("hot_blocks") == sample.one("select count(*) from hot")
    active = sample.rows("select count(distinct account_id) from posts where kind = 'repost'")[0][0]
    assert [(one["trace"], one["n"] < active) for one in got.pop("too_few")] == [("fast_repost", True)]
    assert got.pop("together") == len(sample.found.sessions) > 0
    top = sample.rows("select n_actions from hot order by 1 desc limit 12")
    assert [one["n_actions"] for one in got["hot"]] == [n for (n,) in top]
    for one in got.pop("hot"):
        stored = sample.rows(
            "select n_actions, bin_s, share from hot where trace = ? and object_id = ? and bin_start = ?",
            one["trace"], one["object_id"], at(one["bin_start"]),
        )  # fmt: skip
        assert stored == [(one["n_actions"], one["bin_s"], pytest.approx(one["share"]))]
    named = {who for _, own in sample.named_groups() for who in own}
    known = {one["account_id"] for one in sample.settings["context"]}
    rest = [row for row in sample.found.clusters.to_dict("records") if not named & set(row["accounts"])]
    basis = dict(sample.rows("select account_id, basis from tiers"))
    assert got.pop("groups") == [
        {
            "size": len(row["accounts"]), "traces": list(row["traces"]), "context": "newsroom", "newsrooms": [],
            "patterns": [],
            "registered": len(known & set(row["accounts"])), "not_registered": len(set(row["accounts"]) - known),
            "sources": row["n_sources"],
            "basis": {name: sum(basis[who] == name for who in row["accounts"]) for name in ("several", "few", "one")},
        }
        for row in rest
    ]  # fmt: skip
    assert [one["trace"] for one in got.pop("not_run")] == [one["trace"] for one in sample.found.not_run]
    assert got == {"benign_missing": [], "cleared": {"set_aside": 0, "again": 0}, "decided": [], "unmatched": []}


def test_limits_and_changes(sample) -> None:
    told = {one["what"]: one["values"] for one in sample.values("limits")["limits"]}
    assert told.pop("refused") == {"n": sample.one("select count(*) from refused")}
    assert told.pop("not_run") == {"n": len(sample.found.not_run)}
    assert told == {"slow": {}, "small": {}, "collection": {}, "deleted": {}}
    got = sample.values("changes")  # beside an earlier report: test_changes.py and test_watch_values.py
    assert got == {
        "before": None, "lost": False, "same": 0, "part": False, "queue": None, "look": None,
        **{name: [] for name in ("new", "gone", "grown", "smaller", "withdrawn")},
    }  # fmt: skip


def test_how_the_method_counts(sample) -> None:
    got = sample.values("method")
    actions = {one["trace"]: one for one in got.pop("traces")}
    reposts = sample.rows(
        "select count(*), count(distinct account_id) from"
        " (select distinct account_id, ref_record_id from posts where kind = 'repost' and ref_record_id is not null)"
    )[0]
    assert (actions["co_repost"]["n_actions"], actions["co_repost"]["n_accounts"]) == reposts
    for one in actions.values():
        assert set(one) == {"trace", "n_accounts", "n_actions", "n_tests", "sources_known", "windows_s"}
        if one["windows_s"]:  # others only rank
            pairs = one["n_accounts"] * (one["n_accounts"] - 1) // 2
            assert one["n_tests"] in {len(one["windows_s"]) * pairs, 0}
    assert got.pop("accounts") == sample.one("select count(distinct account_id) from posts")
    base = got.pop("base")
    caught, wrong = 10_000 * 0.005 * 0.8, 10_000 * 0.995 * 0.01
    assert (base["in_10000"], base["caught"], base["wrong"]) == (50, round(caught), round(wrong))
    assert base["right"] == pytest.approx(caught / (caught + wrong))
    del got["parameters"]  # test_method.py reads each of them
    assert got == {"level": 0.05, "clear_q": 0.001, "few_links": 2, "preliminary": True}


def test_power_is_what_the_draws_say(sample) -> None:
    table = sample.found.power("quick")
    got = sample.values("power", power=table)
    tried = [*got["rows"], *(row for row in got["session"]["rows"] if row["state"] == "shown")]
    for row in tried:
        hits, draws = row["hits"], row["draws"]
        assert row["share"] == hits / draws >= 0.8 and row["n_accounts"] == got["smallest"]["n_accounts"]
        low = beta.ppf(0.025, hits, draws - hits + 1)
        high = beta.ppf(0.975, hits + 1, draws - hits) if hits < draws else 1.0
        assert (row["low"], row["high"]) == (pytest.approx(low), pytest.approx(high))
    assert got["smallest"] == got["rows"][0] and len(got["rows"]) == len(got["traces"])
    # how small groups are planted and counted: tests/findings/test_power.py


def test_where_it_comes_from(sample) -> None:
    got = sample.values("provenance")
    received = {path.name for path in (sample.case.path / "original").iterdir()}
    assert {one["sha256"] for one in got["files"]} == {name[:64] for name in received}
    with closing(sqlite3.connect(sample.case.path / "ledger.sqlite")) as log:
        entries = log.execute("select * from entries order by 1").fetchall()
    assert got["ledger_length"] == len(entries) and got["ledger_head"] in entries[-1]
    assert [one["batch"] for one in got["files"]] == [f"{n:06d}" for n in range(1, len(received) + 1)]
    assert sum(one["rows"] for one in got["files"]) == sample.values("data")["totals"]["read"]
    assert (got["case"], got["chain_sound"], got["seed"]) == ("sample", True, 0)
    wanted = []
    for place, (row, own) in enumerate(sample.named_groups(), start=1):
        posts = sample.evidence(row, own).sort_values(["created_at", "record_id"])
        numbers = posts["account_id"].map(sample.number())
        wanted += [(place, *one) for one in zip(numbers, posts["record_id"], posts["trace"], strict=True)]
    assert [(one["group"], one["n"], one["record"], one["trace"]) for one in got["posts"]] == wanted
    assert got["carried"] == len(wanted) == 525
    rows = sample.rows("select record_id, platform, source_sha256, source_row, created_at from posts")
    by_id = {record: rest for record, *rest in rows}
    for one in got["posts"]:
        assert [one["platform"], one["sha256"], one["row"], at(one["at"])] == by_id[one["record"]]
    assert (sample.case.path / "derived" / got["derived"] / "investigate").is_dir()
    assert sample.values("signoff") == {"officer": sample.settings["officer"], "expires": None}
    assert sample.values("exports")["files"] == []  # of a run: test_handover.py


def test_the_watches_show_what_is_counted_here() -> None:
    """A section that joins one of the two notebooks needs its second route here."""
    import re

    mine = {
        "purpose", "data", "volume", "summary", "changes", "days", "watch", "findings", "accounts", "aside", "limits",
        "power", "method", "exports", "provenance", "signoff",
        "themes",  # by SQL in tests/report/sections/themes/test_themes.py
        "sessions",  # by hand in tests/report/sections/groups/test_together.py
    }  # fmt: skip
    for kind in WATCHES:
        cells = json.loads(resource("notebooks", f"{kind}_watch.ipynb").read_text("utf-8"))["cells"]
        shown = {name for one in cells for name in re.findall(r'section\("(\w+)"', "".join(one["source"]))}
        assert shown == mine | ({"festival"} if kind == "festival" else set())  # in test_watch_values.py
