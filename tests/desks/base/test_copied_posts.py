"""Copies hour after hour: the same with and without kept blocks, and what a brute force over all texts says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from spmc_tools.desks.base import copied_posts as module
from spmc_tools.desks.base.copied_posts import blocks_of, copies_of
from spmc_tools.desks.watch.watch import things_of
from spmc_tools.text.match_key import match_key
from spmc_tools.text.near_duplicates import leader_keys, leaders_of
from spmc_tools.text.tags import tag_key, tags

if TYPE_CHECKING:
    from collections.abc import Callable

    import pyarrow as pa

START = datetime(2025, 11, 5, 18, 30, tzinfo=UTC)
"""Midnight in India."""

SAID = (
    "सुना है कि घाट का पुराना पुल बीच से टूट गया है और लोग फँसे हैं सबको बताइए",
    "Traffic on the old bridge will be stopped from six in the evening until midnight today",
    "छठ पर्व की सबको हार्दिक शुभकामनाएं, घाट पर बच्चों का ध्यान रखें और भीड़ से बचें #छठ",
    "ok", "#vote", "",
)  # fmt: skip


class Dictionary:
    """Keeps blocks in memory and counts what was made."""

    def __init__(self) -> None:
        self.tables: dict[str, pa.Table] = {}
        self.made: list[str] = []

    def of(self, digest: str, anew: Callable[[], pa.Table]) -> pa.Table:
        if digest not in self.tables:
            self.tables[digest] = anew()
            self.made.append(digest)
        return self.tables[digest]


def times_of(hours: list[float]) -> pd.Series:
    return pd.Series(pd.to_datetime([START + timedelta(hours=hour) for hour in hours], utc=True))


def edited(rng: np.random.Generator, text: str) -> str:
    words = text.split()
    if len(words) > 6 and rng.random() < 0.6:
        words[int(rng.integers(len(words)))] = f"w{rng.integers(100)}"
    return " ".join(words) + "!" * int(rng.integers(3))


def some_posts(n: int, seed: int, hours: int = 12) -> tuple[list[str], pd.Series]:
    rng = np.random.default_rng(seed)
    texts = [edited(rng, SAID[int(rng.integers(len(SAID)))]) for _ in range(n)]
    return texts, times_of(np.sort(rng.random(n) * hours).tolist())


def leaders(texts: list[str], times: pd.Series, kept: Dictionary | None, least: int) -> list[str]:
    read = copies_of(texts, times, kept, least)
    assert [read.text[number] for number in read.number] == texts
    assert [read.key[number] for number in read.number] == [match_key(text) for text in texts]
    wanted = [{tag_key(one) for one in tags(text)} for text in texts]
    assert [{key for key, _ in read.tags[number]} for number in read.number] == wanted
    return [read.leader[number] for number in read.number]


def test_blocks_are_whole_hours_of_india_and_the_last_one_is_open():
    times = times_of([0.1, 0.9, 1.1, 1.2, 4.0, 4.1, 4.2, 9.9])
    assert blocks_of(times, 2) == [slice(0, 2), slice(2, 4), slice(4, 7), slice(7, 8)]
    assert blocks_of(times, 3) == [slice(0, 4), slice(4, 7), slice(7, 8)]
    assert blocks_of(times, 100) == [slice(0, 8)] and blocks_of(times.iloc[:0], 2) == []


@given(seed=st.integers(0, 10_000), cut=st.integers(1, 79))
@settings(max_examples=15, deadline=None)
def test_the_same_with_and_without_kept_blocks(seed, cut):
    texts, times = some_posts(80, seed)
    kept = Dictionary()
    leaders(texts[:cut], times[:cut], kept, 10)  # an earlier run, up to some post
    assert leaders(texts, times, kept, 10) == leaders(texts, times, None, 10)


def test_one_more_hour_reads_one_more_hour_and_no_text_loses_its_leader():
    texts, times = some_posts(300, 5)
    early = int((times < START + timedelta(hours=11)).sum())
    kept = Dictionary()
    before = leaders(texts[:early], times[:early], kept, 10)
    made = len(kept.made)
    after = leaders(texts, times, kept, 10)
    assert made > 8 and len(kept.made) - made <= 2
    assert after[:early] == before


@given(seed=st.integers(0, 10_000))
@settings(max_examples=15, deadline=None)
def test_one_block_is_what_all_texts_together_are(seed):
    texts, times = some_posts(60, seed)
    uses = pd.Series(texts).value_counts().to_dict()
    wanted = leaders_of(uses)
    found = leaders(texts, times, None, 10**6)
    together = pd.DataFrame({"found": found, "wanted": [wanted[text] for text in texts]}).drop_duplicates()
    assert together["found"].is_unique and together["wanted"].is_unique


def test_forms_with_other_slots_are_one_in_whatever_hour_they_stand():
    form = "सभी कार्यकर्ता समय पर पहुँचें: {where}। पहचान पत्र लाएँ, धन्यवाद सबको"
    places = [
        "गया, आरा, सीवान, छपरा, बक्सर, मधुबनी, दरभंगा", "पटना, नवादा, जमुई, अरवल, बाँका, किशनगंज, कटिहार",
        "कैमूर, सारण, भोजपुर, शेखपुरा, रोहतास, औरंगाबाद, पूर्णिया",
    ]  # fmt: skip
    texts = [form.format(where=where) for where in places]
    keys = [match_key(text) for text in texts]
    assert len(set(leader_keys(dict.fromkeys(keys, 1)).values())) == 3  # without their form they are three
    assert len(set(leaders_of(dict.fromkeys(texts, 1)).values())) == 1
    assert set(leaders(texts, times_of([0, 1, 2]), None, 1)) == {keys[0]}


def test_a_spoilt_block_is_read_anew():
    texts, times = some_posts(120, 3)
    kept = Dictionary()
    wanted = leaders(texts, times, kept, 10)
    first = kept.made[2]
    kept.tables[first] = kept.tables[first].slice(1)
    assert leaders(texts, times, kept, 10) == wanted
    kept.tables[first] = kept.tables[first].select(["key"])
    assert leaders(texts, times, kept, 10) == wanted


def test_a_changed_rule_never_meets_blocks_of_the_old_one(monkeypatch):
    texts, times = some_posts(120, 3)
    kept = Dictionary()
    leaders(texts, times, kept, 10)
    n_blocks = len(kept.made)
    leaders(texts, times, kept, 10)
    assert len(kept.made) == n_blocks > 0
    monkeypatch.setattr(module, "code_digest", lambda _module: "other source")
    leaders(texts, times, kept, 10)
    assert len(kept.made) == 2 * n_blocks


def test_posts_that_come_in_late_change_their_hour_only_to_what_it_would_have_been():
    texts, times = some_posts(200, 9)
    kept = Dictionary()
    some = np.array([n % 7 != 0 for n in range(len(texts))])
    leaders([t for t, one in zip(texts, some, strict=True) if one], times[some].reset_index(drop=True), kept, 10)
    assert leaders(texts, times, kept, 10) == leaders(texts, times, None, 10)


def test_things_do_not_depend_on_the_order_of_rows():
    texts, times = some_posts(90, 11)
    records = pd.DataFrame(
        {"created_at": times, "kind": "post", "text": texts, "record_id": [str(n) for n in range(90)]}
    )
    mixed = records.sample(frac=1, random_state=1).reset_index(drop=True)
    sides = []
    for side in (records, mixed):
        things = things_of(side)
        sides.append({(side["record_id"][row], kind, thing) for kind, thing, row in
                      zip(things["kind"], things["thing"], things["row"], strict=True)})  # fmt: skip
    assert sides[0] == sides[1]


def test_nothing_to_read_is_no_error():
    read = copies_of([], times_of([]))
    assert len(read.number) == 0 and read.leader == []
    empty = pd.DataFrame(
        {"created_at": times_of([]), "kind": pd.Series([], dtype=str), "text": pd.Series([], dtype=str)}
    )
    assert len(things_of(empty)) == 0
