"""The ten days before the election week: an ordinary week with Chhath in it, by the same accounts.

24 October to 2 November 2025, Indian time; the evening offering is on the 27th, the morning one on the 28th. Wishes,
fans, helpers at the river and offices act together for benign reasons. One rumour about a bridge spreads by itself, one
chain message is copied by nine accounts within half an hour, and the first campaign of the election week posts two of
its texts. All words were made up here; no person, group or belief is meant.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.sample_case.election_week import crowds, texts, wording
from benchmarks.sample_case.election_week.world import (
    DAY,
    GENRES,
    HOUR,
    Pile,
    Settings,
    World,
    cast,
    everyday,
    finish,
    spread,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.sample_case.election_week.world import Cast

__all__ = ["CHAIN", "DAYS_BEFORE", "FESTIVAL", "PLANTED", "RUMOUR", "festival_week", "language", "words"]

DAYS_BEFORE = 10
"""The week begins so many days before the election week."""

FESTIVAL = 9
"""The ``variant`` of originals whose words stand here."""

EVENING, MORNING = 3 * DAY + 16 * HOUR, 4 * DAY + 5.2 * HOUR
TAGS = ("Chhath", "छठ_पर्व", "ChhathPuja2025")

WISHES = (
    "छठ पर्व की आप सभी को हार्दिक शुभकामनाएं",
    "Happy Chhath to everyone at home and far away",
    "संध्या अर्घ्य की बहुत बहुत बधाई",
    "उषा अर्घ्य के साथ सबके घर में खुशियाँ आएँ",
    "छठ घाट की रौनक देखते ही बनती है",
    "Warm wishes from the river bank this morning",
)
STARS = (
    "छठ के गीत की रिकॉर्डिंग पूरी, कल सुबह आप सबके नाम",
    "New Chhath song is out, thank you for waiting",
    "घर पर ठेकुआ बन रहा है, आप सबको पर्व की बधाई",
)
HELPERS = (
    "{p} के घाट पर सफाई अभियान में {n} साथी आए, सबका धन्यवाद",
    "Help desk at {p} ghat found {n} lost children and took them home",
    "{p} घाट पर दूध और चाय की सेवा, {n} लोगों तक पहुँचे",
)
NOTICES = (
    "सूचना: {p} में घाट मार्ग पर {n} बजे तक वाहनों का प्रवेश बंद रहेगा",
    "{p} घाट पर नियंत्रण कक्ष {n} से सहायता लें, गहरे पानी में न जाएँ",
    "छठ पर {p} के लिए {n} अतिरिक्त बसें, समय सारणी चौक पर देखें",
)
RUMOUR = "सुना है कि गया घाट का पीपा पुल बीच से टूट गया है और लोग फँसे हैं, कोई उधर से न जाए और सबको बता दीजिए"
"""A rumour that ordinary accounts pass on by themselves; the centre registers it as a claim and answers it."""
CHAIN = "जो यह संदेश आज शाम तक ग्यारह लोगों को भेजेगा उसके घर प्रसाद की टोकरी पहुँचेगी, इसे रोकना मत और आगे बढ़ाइए"
"""A chain message that nine accounts copy."""
PLANTED = (
    "आरा घाट जाने वाली सभी विशेष रेलगाड़ियाँ आज रात से रद्द कर दी गई हैं, स्टेशन पर ताला लगा है। घर से निकलने से पहले सोच लें",
    "Heard that the road to the Siwan ghat is dug up on both sides and ambulances are turned away, "
    "tell your people today.",
)
"""Two texts of the first campaign."""


def festival_week(settings: Settings) -> World:
    """Return the week before the week that these settings make: the same accounts, about a quarter of the posts."""
    people = cast(settings, np.random.default_rng(np.random.SeedSequence(settings.seed).spawn(1)[0]))
    pile = Pile()
    streams = iter(np.random.default_rng(s) for s in np.random.SeedSequence([settings.seed, 3]).spawn(8))
    quiet = replace(settings, posts=0.45, reposts=0.5, replies=0.1)
    everyday(quiet, people, pile, next(streams))
    _wishes(people, pile, next(streams))
    _followed(people, pile, next(streams))
    _rumour(people, pile, next(streams))
    _chain(people, pile, next(streams))
    _campaign(people, pile, next(streams))
    spread(quiet, people, pile, next(streams))
    world = finish(quiet, people, pile)
    for table in (world.originals, world.references):
        table["t_ms"] = table["t_ms"] - DAYS_BEFORE * 86_400_000
    return world


def _wishes(people: Cast, pile: Pile, rng: np.random.Generator) -> None:
    """Add wishes in the evening of the 27th and the morning of the 28th, each by a third of those who greet."""
    greeters = people.members("greeting")
    for opens in (EVENING, MORNING):
        here = greeters[rng.random(greeters.size) < 0.33]
        t = opens + 2 * HOUR * rng.random(here.size)
        pile.post(here, t, "festival", rng.integers(len(WISHES), size=here.size), variant=FESTIVAL, weight=0.3)


def _followed(people: Cast, pile: Pile, rng: np.random.Generator) -> None:
    """Add a star, leaders of helpers and the headquarters, whose posts those repost who follow them anyway."""
    for author, who, genre, share, median, times in (
        ("star", "fan", "star", 0.3, 240, (3.4, 3.75, 4.3)),
        ("volunteer_leader", "volunteer", "leader", 0.4, 300, (1.4, 2.5, 3.3, 3.6, 4.1, 4.5)),
        ("office_hq", "office", "office", 0.8, 480, (1.45, 2.5, 3.42, 3.6, 4.4)),
    ):
        t = np.array(times) * DAY + rng.random(len(times)) * HOUR
        writers = rng.choice(people.members(author), t.size)
        posts = pile.post(writers, t, genre, np.arange(t.size), variant=FESTIVAL, weight=2)
        crowds.follow(rng, pile, posts, people.members(who), share=share, median_s=median, sigma=0.8)


def _rumour(people: Cast, pile: Pile, rng: np.random.Generator) -> None:
    """Add the rumour: one account at 14:10 on the 27th, forty others over the hours after, most of them by evening."""
    ordinary = rng.choice(people.members("organic"), 41, replace=False)
    t = 3 * DAY + 14.17 * HOUR + np.concatenate(([0.0], np.sort(rng.beta(5, 2, 40)) * 9.6 * HOUR))
    posts = pile.post(ordinary, t, "copy", np.zeros(41, dtype=np.int64), variant=FESTIVAL, weight=0.3)
    readers = rng.choice(people.members("organic"), 60, replace=False)
    pile.refer(readers, rng.choice(posts[:12], 60), t[12] + rng.random(60) * 3 * HOUR)


def _chain(people: Cast, pile: Pile, rng: np.random.Generator) -> None:
    """Add the chain message: nine accounts between 18:30 and 19:00 on the 27th."""
    here = rng.choice(people.members("organic"), 9, replace=False)
    t = 3 * DAY + (18.5 + 0.5 * rng.random(9)) * HOUR
    pile.post(here, t, "copy", np.ones(9, dtype=np.int64), variant=FESTIVAL, weight=0.3)


def _campaign(people: Cast, pile: Pile, rng: np.random.Generator) -> None:
    """Add two texts of the first campaign, each by three of four members within seven minutes."""
    members = people.members("campaign_copy")
    for number, at in ((2, 2 * DAY + 20.3 * HOUR), (3, 3 * DAY + 21.1 * HOUR)):
        here = members[rng.random(members.size) < 0.75]
        pile.post(here, at + 420 * rng.random(here.size), "copy", np.full(here.size, number), variant=FESTIVAL)


def words(world: World, rng: np.random.Generator) -> list[wording.Words]:
    """Return the words of every original of the week, in its order."""
    plain = wording.originals(
        replace(world, originals=world.originals | {"variant": world.originals["variant"] * 0}), rng
    )
    columns = zip(*(world.originals[name].tolist() for name in ("genre", "number", "variant")), strict=True)
    return [
        _own(rng, GENRES[genre], number) if variant == FESTIVAL else said
        for (genre, number, variant), said in zip(columns, plain, strict=True)
    ]


def _own(rng: np.random.Generator, genre: str, number: int) -> wording.Words:
    if genre == "copy":
        text = texts.varied(rng, (RUMOUR, CHAIN, *PLANTED)[number])
        return wording.Words(text, language(text), {w: w for w in text.split() if "://" in w})
    forms: Sequence[str] = {"festival": WISHES, "star": STARS, "leader": HELPERS, "office": NOTICES}[genre]
    place = texts.PLACES[(number * 5 + 2) % len(texts.PLACES)]
    form = forms[number % len(forms)]
    text = form.format(p=place[1] if language(form) == "hi" else place[0].title(), n=4 + number * 3)
    if rng.random() < (0.6 if genre == "festival" else 0.3):
        text = " ".join((text, *("#" + tag for tag in TAGS[: int(rng.integers(1, 4))])))
    return wording.Words(text, language(form), {})


def language(text: str) -> str:
    """Return the language of a text, told by its script."""
    return "hi" if any("\u0900" <= c <= "\u097f" for c in text) else "en"
