"""Near-duplicates: pairs made by hand in seven languages, noise at scale, brute force, and what must always hold."""

from __future__ import annotations

from collections import Counter
from itertools import combinations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import spmc_tools as spmc
from benchmarks.sample_case.election_week import texts as week
from benchmarks.synthetic import copied_texts
from spmc_tools.errors import ParameterError, TableError
from spmc_tools.text.match_key import match_key
from spmc_tools.text.near_duplicates import ALIKE, leader_keys, near_duplicates

# an original, and what people make of it
COPIES = {
    "Hindi": (
        "कल सुबह सात बजे अपने बूथ पर पहुँचिए, पहले मतदान फिर जलपान, साथ में पड़ोसी को भी लाइए।",
        "कल सुबह ७ बजे अपने बूथ पर पहुंचिए. पहले मतदान फिर जलपान, साथ में पड़ोसी को भी लाइए 🙏 #मतदान",
        "भाइयों कल सुबह सात बजे अपने बूथ पर पहुँचिए, पहले मतदान फिर जलपान, साथ में पडोसी को भी लाना",
    ),
    "Urdu": (
        "کل صبح سات بجے اپنے بوتھ پر پہنچیں اور اپنے گھر والوں کو بھی ساتھ لائیں، ووٹ آپ کا حق ہے",
        "كل صبح سات بجے اپنے بوتھ پر پہنچيں اور اپنے گھر والوں كو بھي ساتھ لائيں۔ ووٹ آپ كا حق هے",
        "کل صبح ۷ بجے اپنے بوتھ پر پہنچیں اور گھر والوں کو بھی ساتھ لائیں، ووٹ آپ کا حق ہے https://t.co/a1",
    ),
    "Bhojpuri": (
        "रउआ सभे काल्ह भोरे आपन बूथ पर चलीं, पहिले भोट दीं फेर कवनो काम करीं, गाँव के मान बढ़ाईं।",
        "रउआ सभे काल्ह भोरे आपन बूथ प चलीं, पहिले भोट दीं फेर कवनो काम करीं। गांव के मान बढाईं",
        "ए भइया रउआ सभे काल्ह भोरे आपन बूथ पर चलीं, पहिले भोट दीं फेर कवनो काम करीं, गाँव के मान बढ़ाईं 👍",
    ),
    "Maithili": (
        "अहाँ सभ काल्हि भोरे अपन बूथ पर जाउ, पहिने मतदान करू तखन आन काज, मिथिलाक मान राखू।",
        "अहां सभ काल्हि भोरे अपन बूथ पर जाउ. पहिने मतदान करू तखन आन काज, मिथिलाक मान राखू @demo_one",
        "अहाँ सभ काल्हि भोरे अपन बूथ पर जाऊ, पहिने मतदान करू तखन आन काज, मिथिला के मान राखू",
    ),
    "Magahi": (
        "तोहनी सब काल्ह सवेरे अप्पन बूथ पर जइहऽ, पहिले वोट दिहऽ फिर खाना खइहऽ, मगध के नाम रखिहऽ।",
        "तोहनी सब काल्ह सवेरे अप्पन बूथ पर जइहऽ पहिले वोट दिहऽ फिर खाना खइहऽ मगध के नाम रखिहऽ!!",
        "तोहनी सब काल्ह सबेरे अप्पन बूथ पर जइहऽ, पहिले वोट दिहऽ फिर खाना खइहऽ, मगध के नाम रखिह",
    ),
    "English": (
        "Reach your booth by seven tomorrow morning, vote first and eat later, and bring a neighbour with you.",
        "REACH your booth by 7 tomorrow morning, vote first and eat later, and bring a neighbour with you!! 🇮🇳",
        "Please reach your booth by seven tomorow morning, vote first and eat later and bring your neighbour with you",
    ),
    "Hinglish": (
        "Kal subah saat baje apne booth par pahunchiye, pehle matdan phir jalpan, saath me padosi ko bhi laiye",
        "kal subah 7 baje apne booth par pahunchiye, pehle matdan phir jalpan, saath me padosi ko bhi laiye…",
        "Kal subah saat baje apne booth pe pahunchiye, pehle matdan fir jalpan, saath me padosi ko bhi laiye bhai",
    ),
}

APART = {
    "two slogans with one phrase": (
        "पहले मतदान फिर जलपान, सड़क और बिजली के सवाल पर अपना फैसला खुद कीजिए",
        "पहले मतदान फिर जलपान, बेटी की पढ़ाई के लिए इस बार घर से जरूर निकलिए",
    ),
    "one event, two reports": (
        "गया में बूथ संख्या 112 पर लंबी कतार दिखी, पानी की व्यवस्था ठीक थी",
        "पटना के चौक पर आज शाम गाड़ियाँ धीमी चलीं, पानी की व्यवस्था ठीक नहीं थी",
    ),
    "the same in two languages": (COPIES["Hindi"][0], COPIES["Bhojpuri"][0]),
    "the same in two scripts": (COPIES["Hindi"][0], COPIES["Hinglish"][0]),
    "English with one clause": (
        "Vote first and eat later: the road to our village has been waiting for five years now",
        "Vote first and eat later: the exam results were late again and nobody said why they were",
    ),
    "a short text inside a long one": (
        "सड़क पर हेलमेट जरूर पहनिए, घर पर कोई इंतजार करता है",
        "आज नगर में दिन भर बैठकें हुईं, सब ने कहा कि सड़क पर हेलमेट जरूर पहनिए, पर किसी ने यह नहीं बताया कि गड्ढे कब भरेंगे, "
        "बत्ती कब जलेगी, पुल कब बनेगा और रात में बसें क्यों नहीं चलतीं",
    ),
}


def groups(labels: pd.Series) -> set[frozenset[int]]:
    """The partition: rows that share an id, and every other row alone."""
    found: dict[str, set[int]] = {}
    for row, label in enumerate(labels):
        found.setdefault(label if isinstance(label, str) else f"alone {row}", set()).add(row)
    return {frozenset(rows) for rows in found.values()}


def pairwise(labels: pd.Series, truth: np.ndarray) -> tuple[float, float]:
    """Recall and precision over pairs."""
    own = [label if isinstance(label, str) else f"alone {row}" for row, label in enumerate(labels)]

    def pairs(parts: list) -> int:
        return sum(n * (n - 1) // 2 for n in Counter(parts).values())

    both = pairs(list(zip(own, truth.tolist(), strict=True)))
    return both / pairs(truth.tolist()), both / pairs(own)


@pytest.mark.parametrize("texts", COPIES.values(), ids=COPIES)
def test_copies_share_an_id(texts: tuple[str, ...]) -> None:
    assert len({match_key(text) for text in texts}) > 1
    assert near_duplicates(texts).nunique(dropna=False) == 1


def test_copies_in_seven_languages_make_seven_clusters() -> None:
    labels = near_duplicates([text for texts in COPIES.values() for text in texts])
    assert groups(labels) == {frozenset(range(low, low + 3)) for low in range(0, 3 * len(COPIES), 3)}


@pytest.mark.parametrize("texts", APART.values(), ids=APART)
def test_different_texts_stay_apart(texts: tuple[str, ...]) -> None:
    assert near_duplicates(texts).isna().all()
    mixed = near_duplicates([*texts, texts[0] + " 🙏", texts[1] + "।"])
    assert groups(mixed) == {frozenset({0, 2}), frozenset({1, 3})}


SURFACE = {
    "nukta": lambda t: t.replace("ड़", "ड").replace("ज़", "ज"),
    "joiners": lambda t: t.replace("्", "्\u200d").replace(" ", " \u200c", 3),
    "digits": lambda t: t.translate(str.maketrans("0123456789", "०१२३४५६७८९")),
    "danda": lambda t: t.replace("।", "."),
    "address": lambda t: f"{t} https://t.co/Ab12",
    "emoji": lambda t: f"🙏🏽 {t} 🇮🇳",
    "mention": lambda t: f"@some_one {t}",
}


@pytest.mark.parametrize("change", SURFACE.values(), ids=SURFACE)
def test_surface_noise_changes_no_id(change) -> None:
    originals = [text.format(p="पूर्णिया", n=112) for text in week._RUMOURS]
    labels = near_duplicates([*originals, *map(change, originals)])
    assert groups(labels) == {frozenset({i, i + len(originals)}) for i in range(len(originals))}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_recall_and_precision_on_made_up_texts(seed: int) -> None:
    made = copied_texts.corpus(3_000, seed, copied=0.5, edits=0.05)
    recall, precision = pairwise(near_duplicates(made.texts), made.groups)
    assert recall >= 0.95
    assert precision >= 0.99


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_recall_and_precision_on_the_words_of_the_week(seed: int) -> None:
    rng = np.random.default_rng(seed)
    forms = [text.format(p=week.PLACES[i][1 if "।" in text else 0], n=112) for i, text in enumerate(week._RUMOURS)]
    texts, truth = [], []
    for group, text in enumerate([*forms, *week.SAYINGS]):
        noisy = [copied_texts.edited(rng, text, 0.05) for _ in range(8)]
        texts += [copied_texts.surface(rng, copy, "devanagari") for copy in (text, text, *noisy)]
        truth += [group] * 10
    recall, precision = pairwise(near_duplicates(texts), np.array(truth))
    assert recall >= 0.95
    assert precision >= 0.99


@pytest.mark.parametrize(
    "form",
    [
        "भाग {n} / 40: {p} के लोगों ने सड़क के लिए पाँच साल इंतजार किया, अब जवाब चाहिए, आवाज उठाइए और आगे भेजिए",
        "Part {n} of 40: {p}. These places have waited five years for the road they were promised. The plans were "
        "there, nothing was built. Raise your voice and pass this on to everybody you know #RoadNow",
    ],
)
def test_a_form_with_a_list_of_places_is_one_cluster(form: str) -> None:
    rng = np.random.default_rng(5)
    script = 1 if "भाग" in form else 0
    lists = [rng.choice(len(week.PLACES), 3 + i % 2, replace=False).tolist() for i in range(150)]
    texts = [form.format(n=1 + i % 40, p=", ".join(week.PLACES[p][script] for p in own)) for i, own in enumerate(lists)]
    labels = near_duplicates([*texts, *APART["two slogans with one phrase"], *APART["English with one clause"]])
    assert labels[:150].value_counts().max() >= 0.95 * 150
    assert labels[150:].isna().all()


def test_slot_edits_of_each_rumour_join_it() -> None:
    rng = np.random.default_rng(3)
    texts = [week.crowd_text("copy", number, 0)[0] for number in range(14) for _ in range(3)]
    texts += [week.slot_copy_of(rng, number) for number in range(14) for _ in range(5)]
    truth = np.concatenate((np.repeat(np.arange(14), 3), np.repeat(np.arange(14), 5)))
    assert pairwise(near_duplicates(texts), truth) == (1.0, 1.0)


# -- the same by another route --------------------------------------------------------------------------------------


def runs(text: str) -> set[str]:
    return {text[i : i + 5] for i in range(max(1, len(text) - 4))}


def by_hand(counts: dict[str, int], least: int) -> dict[str, str]:
    """Every key against every leader so far, with sets and plain dynamic programming."""

    def distance(a: str, b: str) -> int:
        row = list(range(len(b) + 1))
        for i, x in enumerate(a, start=1):
            before, row = row, [i]
            for j, y in enumerate(b, start=1):
                row.append(min(before[j] + 1, row[-1] + 1, before[j - 1] + (x != y)))
        return row[-1]

    def in_order(a: list[str], b: list[str]) -> int:
        row = [0] * (len(b) + 1)
        for x in a:
            before = row
            row = [0]
            for j, y in enumerate(b, start=1):
                row.append(before[j - 1] + 1 if x == y else max(before[j], row[-1]))
        return row[-1]

    def copies(a: str, b: str) -> bool:
        both = len(runs(a) & runs(b))
        alike, inside = both / len(runs(a) | runs(b)), both / min(len(runs(a)), len(runs(b)))
        words, others = a.split(), b.split()
        order = in_order(words, others)
        return (
            alike >= 0.7
            or (alike >= 0.45 and 1 - distance(a, b) / max(len(a), len(b)) >= 0.87)
            or (inside >= 0.8 and order >= 0.75 * min(len(words), len(others)))
            or (alike >= 0.45 and order >= 12 and order >= 0.75 * max(len(words), len(others)))
        )

    found, leaders = {}, []
    for key in sorted(counts, key=lambda key: (-counts[key], key)):
        near = [leader for leader in leaders if copies(key, leader)] if len(key) >= least else []
        alike = [len(runs(key) & runs(leader)) / len(runs(key) | runs(leader)) for leader in near]
        found[key] = near[int(np.argmax(alike))] if near else key
        if not near and len(key) >= least:
            leaders.append(key)
    return found


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_the_same_leaders_as_comparing_everything(seed: int) -> None:
    made = copied_texts.corpus(160, seed, copied=0.6, edits=0.03, per_text=6)
    rng = np.random.default_rng(seed)
    talk = [week.organic(rng, int(rng.integers(20)))[0] for _ in range(60)]
    counts = Counter(match_key(text) for text in (*made.texts, *talk))
    quick, slow = leader_keys(counts), by_hand(counts, 30)
    same = sum(quick[key] == slow[key] for key in counts)
    assert same >= 0.95 * len(counts)  # signatures miss a leader now and then, by design
    alike = {key for key in counts if slow[key] != key and jaccard(key, slow[key]) >= ALIKE}
    assert len(alike) > 20
    assert sum(quick[key] != key for key in alike) >= len(alike) - 1


def jaccard(a: str, b: str) -> float:
    return len(runs(a) & runs(b)) / len(runs(a) | runs(b))


def test_every_member_is_like_its_leader() -> None:
    made = copied_texts.corpus(1_500, 7, copied=0.5, edits=0.08)
    for key, leader in leader_keys(Counter(map(match_key, made.texts))).items():
        assert key == leader or jaccard(key, leader) >= 0.4


def test_no_chains() -> None:
    words = [f"शब्द{chr(0x0905 + i)}मतदान{i}" for i in range(60)]
    texts = [" ".join(words[i : i + 30]) for i in range(0, 30, 2)]  # each is like the next, the ends are not
    assert near_duplicates(texts).nunique() > 1
    first, last = texts[0], texts[-1]
    assert jaccard(match_key(first), match_key(last)) < 0.1
    labels = near_duplicates(texts)
    assert labels.iloc[0] != labels.iloc[-1]


# -- what always holds ----------------------------------------------------------------------------------------------


def test_short_texts_share_an_id_only_where_equal() -> None:
    texts = ["वोट दे दिया", "वोट दे दिया!", "वोट दे दी", "वोट दिया", "सुप्रभात", "जय हो", "जय हो"]
    assert groups(near_duplicates(texts)) == {frozenset(s) for s in ({0, 1}, {2}, {3}, {4}, {5, 6})}
    long = [COPIES["Hindi"][0], COPIES["Hindi"][2]]
    assert near_duplicates(long, min_chars=200).isna().all()
    assert near_duplicates(["abcd", "abcd", "abc", "ab", ""], min_chars=0).isna().tolist() == [
        False,
        False,
        True,
        True,
        True,
    ]


def test_nothing_left_to_compare_is_null() -> None:
    texts = [None, None, "", "", "🙏🙏", "🙏🙏", "@a https://t.co/1", "@b", float("nan"), pd.NA]
    assert near_duplicates(texts).isna().all()
    assert near_duplicates([]).tolist() == []
    assert near_duplicates(pd.Series([], dtype=str)).dtype == near_duplicates(["a"]).dtype


def test_kinds_of_columns() -> None:
    texts = [*COPIES["English"], None, "alone"]
    wanted = near_duplicates(texts)
    assert wanted.tolist()[:3] == [wanted[0]] * 3
    assert len(wanted[0]) == 16
    index = list("vwxyz")
    series = near_duplicates(pd.Series(texts, index=index))
    assert series.index.tolist() == index
    for column in (
        pa.array(texts),
        pa.chunked_array([texts[:2], texts[2:]]),
        np.array(texts, dtype=object),
        iter(texts),
    ):
        pd.testing.assert_series_equal(near_duplicates(column), wanted)
    assert spmc.near_duplicates is near_duplicates


def test_what_is_no_column_of_texts_is_refused() -> None:
    with pytest.raises(TableError, match=r'texts, row 1: found "7" \(int\)'):
        near_duplicates(["a", 7])
    with pytest.raises(TableError, match="row 0"):
        near_duplicates([["a"]])
    for wrong in ("one text", b"x", None, 5):
        with pytest.raises(ParameterError, match="wanted: a column or list of texts"):
            near_duplicates(wrong)
    for wrong in (-1, 2.5, True, "30", None):
        with pytest.raises(ParameterError, match="min_chars is"):
            near_duplicates(["a"], min_chars=wrong)


def test_ids_do_not_depend_on_what_else_was_collected() -> None:
    made = copied_texts.corpus(300, 2, copied=0.3)
    alone = near_duplicates([*COPIES["Hindi"], COPIES["Hindi"][0]])
    among = near_duplicates([*made.texts, *COPIES["Hindi"], COPIES["Hindi"][0]])
    assert among.iloc[-4:].tolist() == alone.tolist()


@pytest.mark.parametrize("seed", [1, 2])
def test_order_does_not_matter(seed: int) -> None:
    made = copied_texts.corpus(1_000, seed, copied=0.6)
    order = np.random.default_rng(seed).permutation(1_000)
    labels = near_duplicates(pd.Series(made.texts))
    mixed = near_duplicates(pd.Series(made.texts).iloc[order])
    pd.testing.assert_series_equal(mixed.sort_index(), labels)


WORDS = [
    "मतदान",
    "बूथ",
    "सड़क",
    "vote",
    "kal",
    "subah",
    "ووٹ",
    "2025",
    "है",
    "गाँव",
    "पहले",
    "\ud800",
    "\x00",
    "aaaa",
    "🙏",
    "#टैग",
]
TEXTS = st.lists(
    st.one_of(
        st.none(),
        st.text(max_size=60),
        st.lists(st.sampled_from(WORDS), min_size=8, max_size=14).map(" ".join),
        st.sampled_from([text for texts in COPIES.values() for text in texts]),
    ),
    max_size=14,
)


@settings(max_examples=120, deadline=None)
@given(TEXTS, st.randoms(use_true_random=False), st.integers(0, 40))
def test_any_texts(texts: list[str | None], random, least: int) -> None:
    labels = near_duplicates(texts, min_chars=least)
    keys = [match_key(text) for text in texts]
    for a, b in combinations(range(len(texts)), 2):
        if keys[a] and keys[a] == keys[b]:
            assert labels[a] == labels[b]
        elif min(len(keys[a]), len(keys[b])) < least:
            assert pd.isna(labels[a]) or labels[a] != labels[b]
    for key, label in zip(keys, labels, strict=True):
        assert key or pd.isna(label)
    assert all(count > 1 for count in labels.value_counts())
    order = random.sample(range(len(texts)), len(texts))
    again = near_duplicates([texts[i] for i in order], min_chars=least)
    assert again.tolist() == [labels[i] if isinstance(labels[i], str) else again.iloc[n] for n, i in enumerate(order)]
    assert [isinstance(label, str) for label in again] == [isinstance(labels[i], str) for i in order]


@pytest.mark.parametrize("count", [1, 2])
def test_texts_as_long_as_books(count: int) -> None:
    book = " ".join(f"शब्द{i % 977}" for i in range(60_000))
    texts = [book, book.replace("शब्द5 ", "वाक्य ", count)]
    assert near_duplicates(texts).nunique(dropna=False) == 1


def test_a_phrase_that_everybody_shares_costs_little_and_joins_nobody() -> None:
    rng = np.random.default_rng(1)
    words = [f"w{chr(97 + i % 26)}{i}" for i in range(5_000)]
    opening = " ".join(words[:11])
    texts = [f"{opening} {' '.join(rng.choice(words, 11).tolist())}" for _ in range(4_000)]
    assert near_duplicates(texts).isna().mean() > 0.99
    assert near_duplicates([*texts, *texts[:50]]).notna().sum() >= 100
