"""Themes: counted by SQL, from the groups and from everybody; sources by name; with no event and no group, too."""

from __future__ import annotations

from typing import Any

import duckdb
import pandas as pd

from spmc_tools.report.page.sections import section
from spmc_tools.report.scope.scope import in_period
from spmc_tools.report.sections.themes.themes import themes
from tests.report.sections.story.test_narratives import posts
from tests.report_fixtures import results


def themed(small_case: Any, make_findings: Any) -> tuple[Any, pd.DataFrame]:
    """Themes of a case in which two accounts of five may be named, and the records behind them."""
    scope = in_period(small_case)
    found = make_findings(scope.records, ["acct1", "acct2"])
    first = scope.records["created_at"].min()
    found.tag_surges = results(
        "tag_surges",
        [{"tag": "#चुनाव", "first_t": first, "last_t": first + pd.Timedelta(seconds=20), "bin_s": 300.0, "n_records": 3,
          "expected": 0.01, "p": 1e-9, "q": 1e-8, "n_accounts": 3, "author_gini": 0.0}],
    )  # fmt: skip
    return themes(small_case, scope, found), scope.searched


def test_counts_are_those_of_sql(small_case: Any, make_findings: Any) -> None:
    made, records = themed(small_case, make_findings)
    with duckdb.connect() as base:
        base.register("records", records[["record_id", "account_id", "created_at", "hashtags"]])
        ours = "account_id IN ('acct1', 'acct2')"
        (counts,) = base.sql(f"SELECT count(*), count(*) FILTER ({ours}) FROM records").fetchall()
        (tags,) = base.sql(
            f"SELECT tag, count(*), count(DISTINCT account_id), count(*) FILTER ({ours}) "
            "FROM (SELECT *, unnest(hashtags) tag FROM records) GROUP BY tag"
        ).fetchall()
    assert (made.posts, made.group_posts, made.group_accounts) == (*counts, 2)
    (row,) = made.tags
    assert (row.tag, row.posts, row.accounts, row.groups) == tags == ("चुनाव", 30, 5, 12)
    (rise,) = made.rises  # posts come eight seconds apart: of acct1, acct2 and acct3 in the first twenty
    assert (rise.tag, rise.posts, rise.groups) == ("चुनाव", 3, 2)
    assert made.tags.all == made.rises.all == 1


def test_narratives_tell_how_much_is_from_the_groups(small_case: Any, make_findings: Any) -> None:
    """Of the story of the bridge two of eight posts are from the groups, of the others none."""
    scope, table = in_period(small_case), posts()
    records = scope.records.iloc[[0] * len(table)].reset_index(drop=True).assign(**table.to_dict("series"))
    scope.kept["compared"] = records.assign(record_id=[f"r{n}" for n in range(len(table))])
    made = themes(small_case, scope, make_findings(records, ["bridge1", "bridge2"]))
    shown = {row.example.split()[1]: (row.posts, row.accounts, row.groups) for row in made.narratives}
    assert shown == {"bridge": (8, 8, 2), "exam": (8, 8, 0), "पुल": (8, 8, 0)}
    assert [row.groups for row in made.of_groups] == [2] and (made.all_narratives, made.told) == (3, 24)


def test_sources_stand_by_name_and_rank_nobody(small_case: Any, make_findings: Any) -> None:
    scope = in_period(small_case)
    records = scope.searched.copy()
    records["kind"], records["ref_record_id"] = "repost", "9"
    records["ref_account_id"] = ["zed" if n % 3 else "acct5" for n in range(len(records))]
    records["urls"] = [["https://news.example/a"] if n % 2 else None for n in range(len(records))]
    scope.kept["compared"] = records
    made = themes(small_case, scope, make_findings(records, ["acct1", "acct2"]))
    told = records["ref_account_id"].value_counts().to_dict()
    assert [(row.name, row.posts) for row in made.reposted] == [("handle_5", told["acct5"]), ("zed", told["zed"])]
    assert told["zed"] > told["acct5"]  # and still it stands below


def test_reposts_of_nobody_are_told(small_case: Any, make_findings: Any, shown_alone: Any) -> None:
    """Of 30 posts 20 are reposts; every fifth of all, of which four are reposts, does not say whose post it repeats."""
    scope = in_period(small_case)
    records = scope.searched.copy()
    records["kind"] = ["repost" if n < 20 else "post" for n in range(30)]
    records["ref_account_id"] = [None if n % 5 == 0 else "zed" for n in range(30)]
    scope.kept["compared"] = records
    made = themes(small_case, scope, make_findings(records, ["acct1"]))
    assert [(row.name, row.posts) for row in made.reposted] == [("zed", 16)]
    assert (made.reposts, made.reposts_of_nobody) == (20, 4)
    drawn = {"case": small_case, "scope": scope, "found": make_findings(records, ["acct1"])}
    said = "4 of 20 reposts do not say whose post they repeat and are not counted here."
    assert said in shown_alone(section("themes", **drawn), "en")
    scope.kept["compared"] = records.assign(ref_account_id="zed")
    assert "do not say whose" not in shown_alone(section("themes", **drawn), "en")


def test_without_a_group_and_without_an_event_there_are_themes(small_case: Any, make_findings: Any) -> None:
    small_case.change_settings("test", event=None)
    scope = in_period(small_case)
    made = themes(small_case, scope, make_findings(scope.records, ["acct1"], None))
    assert scope.event is None and made.group_accounts == made.group_posts == 0 and made.tags[0].groups == 0
    assert made.of_groups == ()


def test_the_redacted_edition_shows_no_text_of_anybody(small_case: Any, make_findings: Any) -> None:
    scope, table = in_period(small_case), posts()
    records = scope.records.iloc[[0] * len(table)].reset_index(drop=True).assign(**table.to_dict("series"))
    scope.kept["compared"] = records.assign(record_id=[f"r{n}" for n in range(len(table))])
    made = themes(small_case, scope, make_findings(records, ["bridge1", "bridge2"]))
    assert all(row.example for row in made.narratives)
    assert all(row.for_redaction().example is None for row in (*made.narratives, *made.of_groups))
