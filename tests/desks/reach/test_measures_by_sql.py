"""Every figure of page standing and awareness once more, from the sample's sheets by SQL and by scipy."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import duckdb
import numpy as np
import pytest
from scipy.stats import ttest_ind

from spmc_tools.resources import resource

# a figure as written: 6.65 lakh, 12000, or nothing
NUMBER = """CASE WHEN followers LIKE '%lakh' THEN CAST(replace(followers, ' lakh', '') AS DOUBLE) * 100000
            ELSE TRY_CAST(followers AS DOUBLE) END"""


def ask(query: str, *sheets: str) -> list[tuple]:
    with duckdb.connect() as database:
        for sheet in sheets:
            path = str(resource("data", "sample", f"{sheet}.csv"))
            database.read_csv(path, all_varchar=True, header=True).create(sheet)
        return database.execute(query).fetchall()


def seen_by(day: str) -> str:
    """The last snapshot of each page until the end of a day, where it is not more than 14 days old and has a figure."""
    return f"""
        SELECT platform, page, state, n FROM (
            SELECT *, {NUMBER} AS n, row_number() OVER (PARTITION BY platform, page ORDER BY observed_at DESC) AS k
            FROM page_snapshots WHERE observed_at < '{day}T24')
        WHERE k = 1 AND n IS NOT NULL AND CAST(observed_at[:10] AS DATE) >= DATE '{day}' - 14"""


def test_ranks_and_growth_of_every_page(sample_measures) -> None:
    from spmc_tools.report.sections.desks.standing_values import standing, standing_growth, standing_ranks

    ranks = {
        day: {
            (platform, page): rank
            for platform, page, rank in ask(
                f"""SELECT platform, page, rank() OVER (PARTITION BY platform ORDER BY n DESC) FROM ({seen_by(day)})""",
                "page_snapshots",
            )
        }
        for day in ("2025-09-10", "2025-11-10")
    }
    got = standing(sample_measures)
    for row in got.rows:
        key = (row.platform, "demo_bihar_police")
        assert (row.before, row.rank) == (ranks["2025-09-10"][key], ranks["2025-11-10"][key])
    printed = standing_ranks(sample_measures)
    assert {(p.platform, r.page): r.rank for p in printed.parts for r in p.rows} == ranks["2025-11-10"]
    whole = ask(
        f"""SELECT state, sum(n), rank() OVER (ORDER BY sum(n) DESC) FROM (
            SELECT platform, state, max(n) AS n FROM ({seen_by("2025-11-10")}) GROUP BY ALL) GROUP BY state""",
        "page_snapshots",
    )
    assert {(r.state, round(r.followers), r.rank) for r in printed.overall} == {
        (state, round(n), rank) for state, n, rank in whole
    }
    gained = ask(
        f"""SELECT a.platform, a.page, b.n, a.n FROM ({seen_by("2025-11-10")}) a
            JOIN ({seen_by("2025-09-10")}) b USING (platform, page)""",
        "page_snapshots",
    )
    rows = [(p.platform, r) for p in standing_growth(sample_measures).parts for r in p.rows]
    assert len(rows) == len(gained)
    by_page = {(platform, page): (before, after) for platform, page, before, after in gained}
    for platform, row in rows:
        before, after = by_page[platform, row.page]
        assert row.gained == pytest.approx(after - before) and row.share == pytest.approx(after / before - 1)
    own = [(after - before) for (_, page), (before, after) in by_page.items() if page == "demo_bihar_police"]
    assert got.gained == pytest.approx(sum(own)) == pytest.approx(180_000)


def test_the_own_page_is_in_every_chart_even_below_the_tenth(sample_measures) -> None:
    from spmc_tools.report.sections.desks.standing_values import standing

    charts = {part.platform: part.rows for part in standing(sample_measures).chart}
    assert all("Bihar" in {row.state for row in rows} for rows in charts.values())
    assert [len(charts[name]) for name in ("facebook", "youtube")] == [10, 11]
    assert charts["youtube"][-1].rank == 11


def test_reach_and_impressions_of_the_span(sample_measures) -> None:
    from spmc_tools.report.sections.desks.standing_values import standing_figures

    figures = standing_figures(sample_measures)
    added = ask(
        """SELECT sum(CAST(value AS DOUBLE)), count(*) FROM page_metrics
           WHERE platform = 'x' AND metric = 'impressions' AND day >= '2025-09-10' AND day < '2025-11-10'""",
        "page_metrics",
    )
    rows = {(row.platform, row.metric): row for row in figures.rows}
    impressions, reach = rows["x", "impressions"], rows["facebook", "reach"]
    assert [(impressions.value, impressions.days)] == added == [(5_058_000, 61)]
    assert reach.value == pytest.approx(1_940_000) and (reach.parts, reach.missing) == (1, 0)
    [older] = figures.older
    assert older.values == (504_093, 433_642, 72_159) and older.value == 1_009_894


POSTS = """
    WITH figures AS (
        SELECT 'facebook' AS platform, "Post ID" AS id,
               strptime("Publish time", '%m/%d/%Y %H:%M') AS moment,
               TRY_CAST(replace(Reach, ',', '') AS DOUBLE) AS base, "Post type" AS form, Languages AS language,
               CAST(replace("Reactions, Comments and Shares", ',', '') AS DOUBLE) AS did
        FROM facebook_posts
        UNION ALL
        SELECT 'x', "Post id", strptime(Date, '%a, %b %-d, %Y'), CAST(replace(Impressions, ',', '') AS DOUBLE),
               NULL, NULL, CAST(replace(Engagements, ',', '') AS DOUBLE)
        FROM x_content),
    rated AS (
        SELECT figures.*, campaign_id AS campaign, CASE WHEN base >= 50 THEN 1000 * did / base END AS rate
        FROM figures LEFT JOIN campaigns ON campaigns.platform = figures.platform AND record_id = id)
    """
SHEETS = ("facebook_posts", "x_content", "campaigns")


def test_campaigns_beside_the_other_posts(measures_case) -> None:
    from spmc_tools.desks.reach.awareness import awareness, campaigns

    posts = ask(POSTS + "SELECT platform, campaign, moment, base, rate FROM rated", *SHEETS)
    rows = campaigns(awareness(measures_case))
    assert len(rows) == 8
    for row in rows:
        own = [p for p in posts if p[:2] == (row["platform"], row["campaign"])]
        first, last = min(p[2] for p in own), max(p[2] for p in own)
        plain = [p for p in posts if p[0] == row["platform"] and p[1] is None]
        beside = [p for p in plain if first - timedelta(days=90) <= p[2] <= last]
        before = [p for p in plain if first - timedelta(days=28) <= p[2] < first]
        after = [p for p in plain if first <= p[2] < first + timedelta(days=28)]
        assert row["n"] == len(own)
        assert row["base"] == pytest.approx(np.median([p[3] for p in own if p[3] is not None]))
        for name, ones, others, k in (
            ("beside", own, beside, 4),
            ("base_beside", own, beside, 3),
            ("after", after, before, 4),
        ):
            logs = [np.log([p[k] for p in side if p[k]]) for side in (ones, others)]
            between = ttest_ind(*logs, equal_var=False).confidence_interval(0.95)
            wanted = np.exp([logs[0].mean() - logs[1].mean(), between.low, between.high])
            assert [row[name][key] for key in ("ratio", "low", "high")] == pytest.approx(wanted), (row, name)


@pytest.mark.parametrize(
    ("by", "column"),
    [("language", "language"), ("hour", "hour(moment)"), ("weekday", "isodow(moment) - 1"), ("form", "lower(form)")],
)
def test_posts_in_groups(measures_case, by: str, column: str) -> None:
    from spmc_tools.desks.reach.awareness import awareness, groups

    wanted = ask(
        POSTS
        + f"""SELECT {column}, count(*), count(rate), median(base), median(rate)
                    FROM rated WHERE platform = 'facebook' GROUP BY 1""",
        *SHEETS,
    )
    got = {row["value"]: row for row in groups(awareness(measures_case).posts, by) if row["platform"] == "facebook"}
    assert set(got) == {value for value, *_ in wanted} and len(got) > 1
    for value, n, rated, base, rate in wanted:
        row = got[value]
        assert (row["n"], row["rated"]) == (n, rated)
        assert [row["base"], row["rate"]] == pytest.approx([base, rate])


def test_the_best_posts(measures_case) -> None:
    from spmc_tools.desks.reach.awareness import awareness, best

    wanted = ask(
        POSTS
        + """, usual AS (
            SELECT *, median(rate) OVER w AS middle FROM (
                SELECT *, median(base) OVER (PARTITION BY platform) AS typical FROM rated)
            WHERE rate IS NOT NULL AND base >= typical / 4 WINDOW w AS (PARTITION BY platform))
        SELECT platform, id, rate / middle FROM usual
        QUALIFY row_number() OVER (PARTITION BY platform ORDER BY rate DESC, id) <= 5
        ORDER BY platform, rate DESC, id""",
        *SHEETS,
    )
    got = best(awareness(measures_case).posts)
    assert [(row["platform"], row["record_id"]) for row in got] == [pair[:2] for pair in wanted]
    assert all(row["timed"] == (row["platform"] == "facebook") for row in got)
    assert [row["times"] for row in got] == pytest.approx([times for *_, times in wanted])


def test_what_is_left_out_is_counted(measures_case) -> None:
    from spmc_tools.desks.reach.awareness import awareness

    counts = awareness(measures_case).counts
    [(hidden, zero)] = ask(
        POSTS + "SELECT count(*) FILTER (base IS NULL), count(*) FILTER (rate = 0) FROM rated", *SHEETS
    )
    videos = ask("SELECT count(*) FROM youtube_videos WHERE Content <> 'Total'", "youtube_videos")
    assert (counts["no_base"], counts["no_log"]) == (hidden, zero)
    assert [(counts["no_engagement"],)] == videos  # YouTube Studio's table of videos has no likes or comments
    # chosen days leave out posts; their campaigns are not said to have no figures
    assert awareness(measures_case, "2025-11-01").counts["not_found"] == counts["not_found"] == 0


def test_a_post_of_two_campaigns_is_counted_and_stands_in_the_last_named(tmp_path) -> None:
    from datetime import date

    from spmc_tools.case.store.case import create_case
    from spmc_tools.desks.reach.awareness import awareness
    from spmc_tools.importers.import_files import import_files

    case = create_case(
        "two", cases=tmp_path, title="t", purpose="p", legal_basis="none",
        date_from=date(2025, 9, 1), date_to=date(2025, 11, 12),
    )  # fmt: skip
    sheet = tmp_path / "campaigns.csv"
    posts = [f"{9180000000000000000 + n}" for n in range(3)]
    pairs = [("cyber", posts[0]), ("women", posts[1]), ("women", posts[0]), ("women", posts[1])]
    sheet.write_text(
        "campaign_id,name,theme,platform,record_id\n" + "".join(f"{name},{name},t,x,{post}\n" for name, post in pairs),
        encoding="utf-8",
    )
    import_files(case, [resource("data", "sample", "x_content.csv"), sheet], tz="Asia/Kolkata")
    desk = awareness(case)
    held = dict(zip(desk.posts["record_id"], desk.posts["campaign"], strict=True))
    assert desk.counts["twice"] == 1
    assert [held[post] for post in posts[:2]] == ["women", "women"] and held[posts[2]] != held[posts[2]]


def test_missing_days_of_the_sample_lie_between_its_lines(sample_measures) -> None:
    """The chart's grey days are those that the sheet leaves out, counted over its own days."""
    from spmc_tools.report.sections.desks.standing_values import standing_figures

    days = {
        (platform, page): sorted(datetime.fromisoformat(day).astimezone(UTC) for day in of)
        for platform, page, of in ask(
            """SELECT platform, page, list(day) FROM page_metrics WHERE days = '1' GROUP BY ALL""", "page_metrics"
        )
    }
    for one in standing_figures(sample_measures).series:
        own = days[one.platform, one.page]
        missing = sum((b - a).days - 1 for a, b in pairwise(own))
        assert one.missing == missing
