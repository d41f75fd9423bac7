"""Exports of page statistics with Hindi headers: every figure goes where that of the English header goes."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spmc_tools.case.store.case import create_case
from spmc_tools.errors import InputError
from spmc_tools.importers.formats.desk.page_analytics import EXPORTS, export_of
from spmc_tools.importers.import_files import import_files

POST = "1850000000000000001"
LINK = f"https://x.com/own_page/status/{POST}"

# English header and rows, Hindi header; the rows are the same
PAIRS = {
    "x_content": (
        "Post id,Date,Post Link,Impressions,Likes,Engagements,Bookmarks,Shares,New follows,Replies,Reposts",
        "पोस्ट आईडी,तारीख,पोस्ट लिंक,इंप्रेशन,पसंद,एंगेजमेंट,बुकमार्क,शेयर,नए फॉलो,जवाब,रीपोस्ट",
        [f'{POST},2025-11-06,{LINK},"1,23,456",7,१२,,3,1,2,<10'],
    ),
    "x_overview": (
        "Date,Impressions,Likes,Engagements,Shares,New follows,Unfollows,Replies,Reposts",
        "दिनांक,इम्प्रेशन,लाइक,सहभागिता,शेयर,नए फॉलो,अनफॉलो,जवाब,रीपोस्ट",
        ['2025-11-06,"5,041",3,9,1,2,1,0,', "2025-11-07,1.2 लाख,3,9,1,2,1,0,4"],
    ),
    "facebook_posts": (
        'Post ID,Page ID,Page name,Publish time,Post type,Languages,Views,Reach,"Reactions, Comments and Shares",'
        "Reactions,Comments,Shares",
        'पोस्ट आईडी,पेज आईडी,पेज का नाम,प्रकाशन का समय,पोस्ट का प्रकार,भाषाएँ,व्यू,पहुंच,"प्रतिक्रियाएँ, टिप्पणियाँ और शेयर",'
        "प्रतिक्रियाएं,टिप्पणियां,शेयर",
        ["71,9,Own,13/11/2025 09:30,Reels,hi,1200,<10,6,5,1,", "72,9,Own,14/11/2025 09:30,Photos,hi,,40,6,5,1,2"],
    ),
    "instagram_posts": (
        "Post ID,Account username,Publish time,Post type,Views,Reach,Likes,Comments,Shares,Saves,Follows",
        "पोस्ट id,खाते का यूज़रनेम,प्रकाशित करने का समय,पोस्ट प्रकार,देखे जाने की संख्या,पहुँच,लाइक,कमेंट,शेयर,सेव,फॉलो",
        ["81,own_ig,13/11/2025 09:30,Reel,900,500,7,1,2,3,-"],
    ),
    "youtube_videos": (
        "Content,Video title,Video publish time,Views,Watch time (hours),Subscribers,Thumbnail impressions",
        "कॉन्टेंट,वीडियो का टाइटल,वीडियो पब्लिश होने का समय,व्यूज,वीडियो देखने का समय (घंटे),सदस्य,थंबनेल इंप्रेशन",
        ["कुल,,,50,2,1,90", "abc,T,2025-11-05,50,2.5,1,90"],
    ),
}


@pytest.fixture
def cases(tmp_path):
    return [
        create_case(name, cases=tmp_path / "c", title="t", purpose="p", legal_basis="n", date_from=date(2025, 11, 3),
                    date_to=date(2025, 11, 12))
        for name in ("en", "hi")
    ]  # fmt: skip


def without_file(case, table: str) -> list[dict]:
    return [
        {key: value for key, value in row.items() if not key.startswith("source_")}
        for row in case.table(table).to_pylist()
    ]


@pytest.mark.parametrize("name", PAIRS)
def test_hindi_headers_fill_the_same_rows(name: str, cases, tmp_path) -> None:
    english, hindi, rows = PAIRS[name]
    assert export_of(next(iter(csv_rows(english)))).name == name == export_of(next(iter(csv_rows(hindi)))).name
    found = []
    for case, header in zip(cases, (english, "\ufeff" + hindi), strict=True):
        path = tmp_path / f"{case.id}.csv"
        path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
        [result] = import_files(case, [path], tz="Asia/Kolkata", date_order="dmy")
        assert result.format == "page_analytics" and result.read == result.kept + result.duplicates + result.refused
        found.append(
            [(result.kept, result.refused), *(without_file(case, t) for t in ("post_metrics", "page_metrics"))]
        )
    assert found[0] == found[1]
    assert found[0][1] or found[0][2]
    totals = [row for row in rows if row.startswith("कुल")]
    assert found[0][0] == (len(rows) - len(totals), len(totals))


def csv_rows(text: str):
    import csv

    return csv.reader([text])


def test_every_hindi_header_of_a_figure_is_tried_by_itself() -> None:
    for export in EXPORTS:
        told = [names[0] for names in export.tells]
        for _, _, names in export.figures:
            for header in names:
                assert export_of([*told, header]) is export, (export.name, header)


@pytest.mark.parametrize("total", ["Total", "TOTAL", "कुल", "कुल योग", "योग"])
def test_a_row_of_totals_is_left_out_in_either_language(total: str, cases, tmp_path) -> None:
    case, path = cases[0], tmp_path / "t.csv"
    path.write_text(
        f"{PAIRS['youtube_videos'][1]}\n{total},,,50,2,1,90\nabc,T,2025-11-05,50,2,1,90\n", encoding="utf-8"
    )
    [result] = import_files(case, [path], tz="Asia/Kolkata")
    assert (result.kept, result.refused) == (1, 1) and "totals" in result.note


def test_headers_of_another_language_are_refused_and_what_is_known_is_named(cases, tmp_path) -> None:
    path = tmp_path / "fr.csv"
    path.write_text("Identifiant,Date de publication,Vues\n1,2025-11-06,9\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"fr\.csv"):
        import_files(cases[0], [path], tz="Asia/Kolkata")


@given(st.sampled_from([name for one in EXPORTS for _, _, names in one.figures for name in names]), st.data())
def test_case_blanks_and_points_of_a_header_do_not_matter(header: str, data) -> None:
    from spmc_tools.importers.formats.desk.page_analytics import header_key

    dressed = header.upper().replace(" ", data.draw(st.sampled_from(["  ", "_ ", " - ", "\u00a0"])))
    assert header_key(f" {dressed}. ") == header_key(header)
