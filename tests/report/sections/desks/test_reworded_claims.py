"""What the rumour desk lists beside the copies of a claim: the same in other words and scripts, counted by hand."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from spmc_tools.desks.rumours.rumour import enter_claim, rumour_desk
from spmc_tools.importers.import_files import import_files
from spmc_tools.report.page.drawing import fragment
from spmc_tools.report.page.render import page
from spmc_tools.report.page.sections import section, typed_payload
from spmc_tools.report.scope.scope import in_period

CLAIM = "कोसी बराज के 40 गेट खोल दिए गए, सुपौल में आज रात बाढ़ आएगी"
COPY = "कोसी बराज के 40 गेट खोल दिए गए, सुपौल में आज रात बाढ़ आएगी!!"
ROMAN = "kosi barrage ka 40 gate khol diya, supaul walo aaj raat badh aa jayega"
FALSE = "Fake news: 40 gates of Kosi barrage opened, Supaul will be flooded tonight"
TWENTY = "20 gates of Kosi barrage opened, Supaul will be flooded tonight"
OTHER = "happy birthday to my brother from all of us"


def words_of(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<style>.*?</style>|<[^>]+>", " ", page, flags=re.S)).split())


@pytest.fixture
def flooded(small_case: Any, tmp_path: Any) -> Any:
    said = [COPY, ROMAN, ROMAN, FALSE, TWENTY, OTHER]
    rows = [f'p{n},u{n},2025-11-05T1{n}:00:00+05:30,"{text}"' for n, text in enumerate(said)]
    path = tmp_path / "posts.csv"
    path.write_text("id,user,time,text\n" + "\n".join(rows) + "\n", encoding="utf-8")
    mapping = tmp_path / "mapping.toml"
    mapping.write_text(
        '[columns]\nrecord_id = "id"\naccount_id = "user"\ncreated_at = "time"\ntext = "text"\n'
        '[constants]\nplatform = "x"\n',
        encoding="utf-8",
    )
    import_files(small_case, [path], mapping=mapping)
    enter_claim(small_case, "C1", "open", text=CLAIM, entered_at="2025-11-06T10:00+05:30")
    return small_case


def test_the_page_lists_what_copies_miss(flooded: Any) -> None:
    desk = rumour_desk(flooded, in_period(flooded).records)
    values = section("rumour", case=flooded, desk=desk).values
    [claim] = values.claims
    assert (claim.posts, claim.denials) == (1, 0)  # the copy alone is counted
    at = [datetime(2025, 11, 5, 4 + n, 30, tzinfo=UTC) for n in (1, 3, 4)]
    assert [(one.text, one.state, one.sure, one.posts) for one in claim.reworded] == [
        (ROMAN, "carries", True, 2), (FALSE, "denies", True, 1), (TWENTY, "carries", False, 1),
    ]  # fmt: skip
    assert [one.first for one in claim.reworded] == at
    assert (claim.reworded.all, claim.reworded_posts) == (3, 4)
    text = words_of(fragment(typed_payload(section("rumour", case=flooded, desk=desk).payload()), "en"))
    for words in (
        "To look at: 3 texts that may say this in other words, another language or script (4 posts)",
        "counted nowhere on this page", "seems to say it · 2 posts, from 5 November 2025 11:00 on",
        "seems to deny or correct it", "another place, number or thing is named · 1 post, at 5 November 2025 14:00",
        ROMAN,
    ):  # fmt: skip
        assert words in text, words
    assert "withheld" not in text and "not shown" not in text


def test_more_texts_than_there_is_room_for_are_counted_and_none_stands_in_the_redacted_edition(
    flooded: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from spmc_tools.report.sections.desks import rumour_values

    monkeypatch.setattr(rumour_values, "REWORDED", 2)
    desk = rumour_desk(flooded, in_period(flooded).records)
    made = section("rumour", case=flooded, desk=desk)
    assert "1 more is not shown." in words_of(fragment(typed_payload(made.payload()), "en"))
    [claim] = made.values.claims
    left = claim.for_redaction()
    assert (left.reworded.rows, left.reworded.all, left.reworded_posts) == ((), 3, 4)


@pytest.mark.parametrize(
    ("language", "said"), [("en", "1 claim is in the register, 0 refuted"), ("hi", "रजिस्टर में 1 दावा है, इनमें से 0 का खंडन")]
)
def test_the_head_of_the_desks_page_counts_the_claims_of_the_register(
    flooded: Any, as_notebook: Any, a_run: Any, language: str, said: str
) -> None:
    made = section("rumour", case=flooded, desk=rumour_desk(flooded, in_period(flooded).records))
    node = as_notebook([made], ["rumour"])
    text = words_of(page(node, replace(a_run, notebook="rumour_desk"), language))
    assert said in text and text.count(ROMAN) == 1
