"""CrowdTangle and the Meta Content Library, on hand-written rows."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from spmc_tools.importers.import_files import import_files

HEADER = (
    "Page Name,User Name,Facebook Id,Page Category,Page Admin Top Country,Page Description,Page Created,"
    "Likes at Posting,Followers at Posting,Post Created,Post Created Date,Post Created Time,Type,Total Interactions,"
    "Likes,Comments,Shares,Love,Wow,Haha,Sad,Angry,Care,Video Share Status,Is Video Owner?,Post Views,Total Views,"
    "Total Views For All Crossposts,Video Length,URL,Message,Link,Final Link,Image Text,Link Text,Description,"
    "Sponsor Id,Sponsor Name,Sponsor Category,Total Interactions (weighted),Overperforming Score"
)
ROW = (
    'पेज,page.name,100069,NEWS,IN,about,2015-01-02 03:04:05 EST,10,"1,234",2021-07-01 10:00:00 EDT,2021-07-01,10:00:00,'
    'Link,"2,000","1,500",20,30,1,2,3,4,5,6,,No,7,8,9,,https://www.facebook.com/100069/posts/555,पाठ,'
    "https://example.org/s,https://example.org/f,,,,,,,0,1.5"
)

POST = {
    "record_id": "100069_555", "platform": "facebook", "account_id": "100069", "surface_id": "100069",
    "created_at": datetime(2021, 7, 1, 14, 0, tzinfo=UTC), "time_precision_s": 1.0, "kind": "post", "text": "पाठ",
    "url": "https://www.facebook.com/100069/posts/555", "urls": ["https://example.org/f"],
}  # fmt: skip
"""What CrowdTangle's table and its API say of one post alike."""


def test_a_whole_export(bring):
    found = bring("ct.csv", f"{HEADER}\n{ROW}\n")
    assert found.result.format == "crowdtangle_csv"
    figures = {"likes": 1500, "reposts": 30, "replies": 20, "views": 7}
    assert found.records == [POST | {"metrics": figures, "source_row": 2}]
    assert found.accounts == [
        {
            "account_id": "100069",
            "platform": "facebook",
            "handle": "page.name",
            "display_name": "पेज",
            "created_at": datetime(2015, 1, 2, 8, 4, 5, tzinfo=UTC),
            "description": "about",
            "followers": 1234,
            "source_row": 2,
        }
    ]


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://www.facebook.com/100069/posts/555", ("100069_555", "100069")),
        ("https://www.facebook.com/groups/77/permalink/555", ("77_555", "77")),
        ("https://www.facebook.com/name/videos/title/555/", ("name_555", "name")),
        ("https://example.org/1", (None, "पेज")),
    ],
)
def test_a_cut_has_its_ids_in_the_address(url, expected, bring):
    found = bring("cut.csv", f"Page Name,Post Created,Shares,Message,URL\nपेज,2023-11-13 04:30:36 EST,6457,x,{url}\n")
    [row] = found.records
    assert row["account_id"] == expected[1]
    assert row["record_id"] == expected[0] or (expected[0] is None and row["record_id"].startswith("row-"))
    assert row["created_at"] == datetime(2023, 11, 13, 9, 30, 36, tzinfo=UTC)


def test_a_list_of_pages(bring):
    text = (
        "Page Name,Page Category,URL\nA,NEWS,https://www.facebook.com/11/posts/1\n"
        "A,NEWS,https://www.facebook.com/11/posts/2\nB,NEWS,none\n"
    )
    found = bring("pages.csv", text)
    assert (found.result.format, found.result.kept, found.result.duplicates, found.result.refused) == (
        "crowdtangle_pages",
        1,
        1,
        1,
    )
    assert found.accounts == [{"account_id": "11", "platform": "facebook", "display_name": "A", "source_row": 2}]


def test_the_api(bring):
    post = {
        "platformId": "100069_555",
        "platform": "Facebook",
        "date": "2021-07-01 14:00:00",
        "updated": "2021-07-02 00:00:00",
        "message": "पाठ",
        "title": "t",
        "expandedLinks": [{"original": "o", "expanded": "https://example.org/f"}],
        "link": "https://example.org/s",
        "postUrl": "https://www.facebook.com/100069/posts/555",
        "languageCode": "hi",
        "media": [{"url": "https://example.org/u.jpg", "full": "https://example.org/p.jpg"}],
        "id": "9|555",
        "statistics": {"actual": {"likeCount": 1, "shareCount": 2, "commentCount": 3}},
        "account": {
            "id": 9,
            "platformId": "100069",
            "name": "पेज",
            "handle": "h",
            "subscriberCount": 7,
            "verified": True,
        },
    }
    answer = {"status": 200, "result": {"posts": [post, {**post, "platformId": "2_2", "date": None}]}}
    found = bring("ct.json", json.dumps(answer, indent=1))
    assert found.result.format == "crowdtangle_api" and [r["reason"] for r in found.refused] == [
        'date is no time: "None"'
    ]
    assert found.records == [
        POST
        | {
            "lang": "hi",
            "media": [{"url": "https://example.org/p.jpg", "sha256": None, "phash": None}],
            "metrics": {"likes": 1, "reposts": 2, "replies": 3, "views": None},
            "collected_at": datetime(2021, 7, 2, tzinfo=UTC),
            "source_row": 1,
        }
    ]
    [account] = found.accounts
    assert (account["handle"], account["followers"], account["verified"]) == ("h", 7, True)
    assert bring("ct.csv", f"{HEADER}\n{ROW}\n").result.duplicates == 1


MCL = {
    "id": "900",
    "text": "पाठ",
    "creation_time": "2024-05-01 10:00:00",
    "modified_time": "2024-05-01 11:00:00",
    "lang": "hi",
    "statistics.like_count": "1",
    "statistics.share_count": "2",
    "statistics.comment_count": "3",
    "statistics.views": "4",
    "post_owner.type": "page",
    "post_owner.id": "11",
    "post_owner.name": "पेज",
    "post_owner.username": "page.name",
    "surface.type": "group",
    "surface.id": "22",
    "surface.name": "g",
    "shared_post_id": "800",
    "link_attachment.link": "https://example.org/a",
    "mcl_url": "https://www.facebook.com/transparency/900",
}
MCL_ROW = {
    "record_id": "900",
    "platform": "facebook",
    "account_id": "11",
    "surface_id": "22",
    "kind": "repost",
    "text": "पाठ",
    "created_at": datetime(2024, 5, 1, 10, tzinfo=UTC),
    "time_precision_s": 1.0,
    "lang": "hi",
    "edited_at": datetime(2024, 5, 1, 11, tzinfo=UTC),
    "url": "https://www.facebook.com/transparency/900",
    "ref_record_id": "800",
    "urls": ["https://example.org/a"],
    "metrics": {"likes": 1, "reposts": 2, "replies": 3, "views": 4},
}


def test_meta_content_library_as_table_and_as_json(bring):
    table = bring("m.csv", f"{','.join(MCL)}\n{','.join(MCL.values())}\n")
    assert (table.result.format, table.records) == ("meta_content_library", [{**MCL_ROW, "source_row": 2}])
    assert table.accounts[0]["handle"] == "page.name" and table.accounts[0]["display_name"] == "पेज"
    inner: dict = {}
    for key, value in {**MCL, "id": "901", "post_owner.type": "instagram_business"}.items():
        first, _, second = key.partition(".")
        if second:
            inner.setdefault(first, {})[second] = int(value) if value.isdecimal() else value
        else:
            inner[first] = value
    found = bring("m.jsonl", [inner])
    assert found.records[1] == {**MCL_ROW, "record_id": "901", "platform": "instagram", "source_row": 1}


def test_pages_whose_ids_a_spreadsheet_rounded_are_refused_not_merged(case, write):
    rows = "".join(f"p{i},,{829123456789010 + i}000,NEWS,about,\n" for i in range(3))
    content = f"Page Name,User Name,Facebook Id,Page Category,Page Description,URL\n{rows}q,,104,NEWS,about,\n"
    [result] = import_files(case, [write("pages.csv", content)])
    assert (result.format, result.read, result.kept, result.refused) == ("crowdtangle_pages", 4, 1, 3)
    assert case.table("accounts")["account_id"].to_pylist() == ["104"]
    assert case.table("refused")["reason"].to_pylist()[0] == (
        'the account id "829123456789010000" is not exact (its last digits were lost in a spreadsheet)'
    )
