"""Exports of page statistics: every platform's headers, what is hidden, totals, lakh; counted, never dropped."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spmc_tools.case.store.case import create_case
from spmc_tools.errors import MappingError
from spmc_tools.importers.fields.amounts import amount, step_of
from spmc_tools.importers.formats.desk.page_analytics import export_of, header_key
from spmc_tools.importers.import_files import import_files


@pytest.mark.parametrize(
    ("cell", "value", "step"),
    [
        ("6.65 lakh", 665_000, 1000),
        ("6.65 लाख", 665_000, 1000),
        ("1.2 crore", 12_000_000, 1_000_000),
        ("१.२७ करोड़", 12_700_000, 100_000),
        ("1,23,456", 123_456, 1),
        ("504,093", 504_093, 1),
        ("12.7K", 12_700, 100),
        ("1.30L", 130_000, 1000),
        ("12.5", 12.5, 1),
        (7, 7, 1),
        ("<10", None, None),
        ("", None, None),
        ("hidden", None, None),
        ("5 %", None, None),
        (None, None, None),
        (float("nan"), None, 1),
        (float("inf"), None, 1),
        (True, None, None),
    ],
)
def test_amounts(cell, value, step) -> None:
    assert amount(cell) == value and step_of(cell) == step


@given(st.integers(0, 10**12))
def test_grouping_gives_the_number_back(n: int) -> None:
    assert amount(f"{n:,}") == n == amount(str(n))


def test_headers_are_matched_loosely() -> None:
    assert header_key("\ufeffPost  ID") == header_key("post_id".replace("_", " ")) == "post id"
    assert export_of(["\ufeffpost id", "DATE", "Impressions ", "Post link"]).name == "x_content"
    assert export_of(["पोस्ट आईडी", "पेज आईडी", "प्रकाशन का समय", "व्यू"]).name == "facebook_posts"
    assert export_of(["a", "b"]) is None


@pytest.fixture
def case(tmp_path):
    return create_case(
        "own",
        cases=tmp_path / "cases",
        title="t",
        purpose="p",
        legal_basis="none",
        date_from=date(2025, 11, 3),
        date_to=date(2025, 11, 12),
    )


def put(tmp_path, case, name: str, text: str, tz: str | None = "Asia/Kolkata"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    (result,) = import_files(case, [path], tz=tz)
    assert result.read == result.kept + result.duplicates + result.refused
    return result


def figures(case, table: str = "post_metrics") -> dict:
    rows = case.table(table).to_pylist()
    return {(row.get("record_id") or row["day"].isoformat(), row["metric"]): row["value"] for row in rows}


def test_facebook_hides_reach_and_is_read_again_where_a_figure_has_grown(tmp_path, case) -> None:
    head = (
        "\ufeffPost ID,Page ID,Page name,Publish time,Post type,Languages,Date,Views,Reach,Reactions,Comments,Shares\n"
    )
    one = put(tmp_path, case, "a.csv", head + '71,9,Own page,11/13/2025 09:30,Reels,hi,Lifetime,"1,200",<10,5,1,\n')
    assert (one.kept, one.refused) == (1, 0) and one.format == "page_analytics"
    assert figures(case) == {
        ("71", "views"): 1200,
        ("71", "reach"): None,
        ("71", "reactions"): 5,
        ("71", "comments"): 1,
        ("71", "shares"): None,
    }
    row = case.table("post_metrics").to_pylist()[0]
    assert (row["page"], row["form"], row["language"]) == ("Own page", "reels", "hi")
    assert row["posted_at"].isoformat() == "2025-11-13T04:00:00+00:00" == row["observed_at"].isoformat()
    again = put(tmp_path, case, "b.csv", head + '71,9,Own page,11/13/2025 09:30,Reels,hi,Lifetime,"1,300",<10,5,1,\n')
    assert again.kept == 1
    same = put(tmp_path, case, "c.csv", head + '71,9,Own page,11/13/2025 09:30,Reels,hi,Lifetime,"1,300",<10,5,1,\n\n')
    assert (same.kept, same.duplicates) == (0, 1)


def test_totals_of_youtube_are_no_video_and_overview_is_days_of_the_page(tmp_path, case) -> None:
    youtube = "Content,Video title,Video publish time,Views,Watch time (hours),Subscribers,Thumbnail impressions\n"
    one = put(tmp_path, case, "y.csv", youtube + 'Total,,,50,2,1,90\nabc,T,"Nov 5, 2025",50,2,1,90\n')
    assert (one.kept, one.refused) == (1, 1)
    assert case.table("refused").to_pylist()[0]["reason"].startswith("a row of totals")
    overview = "Date,Impressions,Likes,Engagements,New follows,Unfollows\n"
    two = put(tmp_path, case, "o.csv", overview + '"Thu, Nov 6, 2025","5,041",3,9,2,1\n')
    assert two.kept == 1
    assert figures(case, "page_metrics")["2025-11-05T18:30:00+00:00", "impressions"] == 5041


def test_an_x_post_knows_its_page_and_a_time_without_a_zone_is_asked(tmp_path, case) -> None:
    content = 'Post id,Date,Post text,Post Link,Impressions,Engagements\n1850000000000000001,"Thu, Nov 6, 2025",t,https://x.com/own_page/status/1850000000000000001,10,2\n'
    with pytest.raises(MappingError, match="--tz"):
        put(tmp_path, case, "x.csv", content, tz=None)
    put(tmp_path, case, "x.csv", content)
    assert {row["page"] for row in case.table("post_metrics").to_pylist()} == {"own_page"}


def test_a_sheet_of_snapshots_in_lakh_keeps_its_rounding(tmp_path, case) -> None:
    when = "2025-11-10T11:00:00+05:30,seen"
    sheet = f"platform,page,state,followers,observed_at,source\nx,p,Bihar,4.63 lakh,{when}\nx,q,Delhi,,{when}\n"
    sheet += f"x,p,Bihar,4.70 lakh,{when}\n"
    assert put(tmp_path, case, "s.csv", sheet, tz=None).kept == 3
    rows = [(row["page"], row["followers"], row["rounding"]) for row in case.table("page_snapshots").to_pylist()]
    assert rows == [("p", 463_000, 1000), ("q", None, None), ("p", 470_000, 1000)]
