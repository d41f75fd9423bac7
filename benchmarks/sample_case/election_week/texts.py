"""Words of the simulated week: plain sentences in Hindi, English, Hinglish and Bhojpuri, all made up here.

Nothing was taken from any real post. There are no parties, candidates, newsrooms, brands or persons in them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

__all__ = ["PLACES", "TAGS", "copy_of", "crowd_text", "organic", "slot_copy_of", "varied"]

PLACES = (
    ("gaya", "गया"),
    ("patna", "पटना"),
    ("ara", "आरा"),
    ("siwan", "सीवान"),
    ("chapra", "छपरा"),
    ("purnia", "पूर्णिया"),
    ("katihar", "कटिहार"),
    ("munger", "मुंगेर"),
    ("nawada", "नवादा"),
    ("jamui", "जमुई"),
    ("banka", "बांका"),
    ("buxar", "बक्सर"),
    ("saharsa", "सहरसा"),
    ("supaul", "सुपौल"),
    ("araria", "अररिया"),
    ("rohtas", "रोहतास"),
    ("begusarai", "बेगूसराय"),
    ("samastipur", "समस्तीपुर"),
    ("madhubani", "मधुबनी"),
    ("bhagalpur", "भागलपुर"),
)
"""Districts: Latin form (in handles and English texts) and Devanagari form."""

TAGS: dict[str, tuple[str, ...]] = {
    "organic": ("बिहार", "मतदान", "BiharPolls", "Traffic", "मौसम", "Cricket", "सड़क", "रोजगार", "MorningTea", "बूथ"),
    "festival": ("शुभकामनाएं", "KartikPurnima", "Festival2025"),
    "polling": ("मतदान2025", "VoteToday", "बिहार"),
    "leader": ("मतदान_जागरूकता", "VoteAwareness", "DemoSewa"),
    "live": ("DemoCup", "LiveScore", "क्रिकेट"),
}
"""Hashtags by occasion, in the order in which crowds write them."""

_HI = {
    "opener": ("", "", "", "भाई, ", "सुनिए, ", "अपडेट: ", "दोस्तों, ", "एक बात बता दूँ, "),
    "when": ("सुबह-सुबह", "आज दोपहर", "आज सुबह", "आज शाम", "कल सुबह", "कल शाम", "देर शाम"),
    "clause": (
        "{p} के बूथ संख्या {n} पर {t} लंबी कतार दिखी, पानी की व्यवस्था ठीक थी",
        "{p} में {t} हल्की धुंध रही, मतदान केंद्र जाने वाले संभलकर चलें",
        "{p} वाली सड़क की मरम्मत चल रही है, {t} {n} मिनट का जाम मिला",
        "{p} के चौक पर {t} गाड़ियाँ धीमी चलीं, {n} मिनट ज्यादा लेकर निकलें",
        "हमारे मोहल्ले से {n} लोग {t} वोट देने निकले, {p} का माहौल शांत है",
        "{p} में बिजली {t} {n} मिनट के लिए गई थी, अब आ गई है",
        "{p} कॉलेज के मैदान में {t} क्रिकेट का मैच था, कुल {n} रन बने",
        "{p} में रोजगार मेले का फॉर्म भर दिया, {n} पद निकले हैं, {t} पता चला",
        "{t} {p} की सब्जी मंडी में आलू {n} रुपये किलो मिला",
        "{p} स्टेशन पर {t} वाली गाड़ी {n} मिनट देर से आई",
        "दादी जी को {p} के बूथ पर {t} व्हीलचेयर मिल गई, {n} मिनट में वोट हो गया",
        "{p} में {t} ठंड बढ़ गई, चाय की दुकान पर {n} लोग बैठे मिले",
        "मतदान पर्ची में नाम देख लीजिए, {p} के बूथ {n} में क्रम {t} बदला गया",
        "{p} के पुल पर {t} मरम्मत का काम था, {n} नंबर की बस दूसरे रास्ते से गई",
        "{p} के स्कूल में {t} कमरा संख्या {n} में मतदान की तैयारी देखी",
        "{p} से {t} निकला था, सड़क नई बनी है, {n} किलोमीटर आराम से कट गए",
    ),
    "tail": (
        "।",
        "।",
        "। ध्यान रखिए।",
        "। किसी को जानकारी हो तो बताइए।",
        "। बाकी सब ठीक है।",
        "। आपके यहाँ क्या हाल है?",
        "। धन्यवाद।",
        ".",
        " 🙂",
        "। अच्छा लगा।",
    ),
}
_EN = {
    "opener": ("", "", "Update: ", "Just saw this, ", "Friends, ", "Quick note: ", "For anyone travelling, "),
    "when": ("this morning", "at noon", "this evening", "yesterday", "around lunch", "late last night"),
    "clause": (
        "the queue at booth {n} in {p} moved fast {t}",
        "{p} road was slow {t}, keep {n} extra minutes",
        "light fog over {p} {t}, drive carefully near the bridge",
        "potatoes were {n} rupees a kilo in {p} market {t}",
        "the train to {p} came {n} minutes late {t}",
        "our team in {p} made {n} runs {t} and still lost",
        "power was out for {n} minutes in {p} {t}, it is back now",
        "filled the job fair form in {p} {t}, {n} posts are open",
        "helped my neighbour find booth {n} in {p} {t}",
        "bus number {n} in {p} took the other road {t} because of repair work",
        "the school ground in {p} was full {t}, about {n} people in line",
        "tea stall talk in {p} {t} was all weather and cricket, {n} cups sold",
    ),
    "tail": (".", ".", ". Stay safe.", ". How is it there?", "!", ". All calm here.", ". Thanks everyone.", " 🙂"),
}
_HINGLISH = {
    "opener": ("", "", "Bhai, ", "Suno, ", "Arre, ", "Waise, "),
    "when": ("subah", "dopahar ko", "shaam ko", "aaj subah", "kal raat"),
    "clause": (
        "{p} me {t} booth {n} par line lambi thi par jaldi nikal gayi",
        "{p} wali road par {t} {n} minute ka jaam mila",
        "{t} {p} me light {n} minute ke liye gayi thi, ab aa gayi",
        "{p} ke maidan me {t} match tha, {n} run bane",
        "{p} mandi me {t} aloo {n} rupaye kilo mila",
        "{p} station par {t} gaadi {n} minute late thi",
        "{t} {p} me thand badh gayi, chai par {n} log mile",
        "{p} me job fair ka form {t} bhar diya, {n} post hain",
    ),
    "tail": ("", ".", ", dhyan rakhna.", " 😅", ", sab theek hai.", ", aur batao.", ", mast laga."),
}
_BHOJPURI = {
    "opener": ("", "ए भाई, ", "रउआ सुनीं, ", "का हाल बा, "),
    "when": ("भोरे", "दुपहरिया में", "साँझ के", "आज भोरे", "काल्ह साँझ के"),
    "clause": (
        "{p} में {t} बूथ {n} पर लाइन लंबा रहे, बाकिर सब ठीक बा",
        "{p} के सड़क पर {t} {n} मिनट जाम लागल रहे",
        "{t} {p} में कुहासा रहे, धीरे चलीं, {n} किलोमीटर ले अइसने बा",
        "{p} के मैदान में {t} मैच भइल, {n} रन बनल",
        "{p} के बाजार में {t} आलू {n} रुपिया किलो मिलल",
    ),
    "tail": ("।", "। धियान राखीं।", "। राउर ओर का हाल बा?", "।", "। नीक लागल।"),
}
_TONGUES = (("hi", _HI, 1), ("en", _EN, 0), ("hi", _HINGLISH, 0), ("hi", _BHOJPURI, 1))
_TONGUE_EDGES = (0.55, 0.78, 0.94, 1.0)

SAYINGS = (
    "सुप्रभात, आपका दिन मंगलमय हो और हर काम बन जाए",
    "मेहनत करने वालों की कभी हार नहीं होती, बस धैर्य रखिए",
    "Good morning everyone, have a calm and happy day ahead",
    "आज का विचार: जो समय का आदर करता है, समय उसका आदर करता है",
    "पहले मतदान, फिर जलपान, सभी अपने बूथ पर जरूर जाएँ",
    "Drink water, drive slowly and call your parents today",
    "सड़क पर हेलमेट जरूर पहनिए, घर पर कोई आपका इंतजार करता है",
    "शुभ रात्रि, कल फिर नई उम्मीद के साथ मिलेंगे दोस्तों",
    "Do not share your OTP with anyone, banks never ask for it",
    "कोशिश करने वालों की राह में रुकावट आती है पर रुकती नहीं",
)
_GREETINGS = (
    (  # 5 November
        "कार्तिक पूर्णिमा की हार्दिक शुभकामनाएं",
        "Happy Kartik Purnima to all of you",
        "गुरु नानक जयंती की हार्दिक शुभकामनाएं",
        "Warm wishes on Guru Nanak Jayanti",
        "आप सभी को पर्व की ढेरों बधाई और शुभकामनाएं",
    ),
    (  # 6 November
        "आज मतदान का दिन है, वोट जरूर दें",
        "I voted today, have you?",
        "लोकतंत्र के पर्व की सभी को शुभकामनाएं",
        "वोट दे दिया, अब आपकी बारी है",
    ),
    (  # 11 November
        "दूसरे चरण का मतदान आज, घर से निकलिए",
        "Second phase today, please go and vote",
        "लोकतंत्र के पर्व की सभी को बधाई",
        "स्याही लगी उंगली, मन खुश",
    ),
)
_NEWS = (
    ("{p}: मतदान कर्मियों का दूसरा दल {n} बसों से रवाना, {k}", "{p}: {n} buses carry polling staff, {k}"),
    ("{p} में सड़क चौड़ी करने का काम {n} दिन में पूरा होगा, {k}", "{p}: road widening to end in {n} days, {k}"),
    ("{p} के {n} स्कूलों में मतदान कक्ष तैयार, सुबह धुंध के आसार, {k}", "{p}: rooms ready in {n} schools, fog likely, {k}"),
    ("{p} जिले में {n} मतदान केंद्रों पर तैयारी की समीक्षा, {k}", "{p}: {n} polling stations reviewed, {k}"),
    ("{p} में रोजगार मेले में {n} पदों के लिए आवेदन शुरू, {k}", "{p}: job fair opens for {n} posts, {k}"),
)
_STAR = (
    "शूटिंग के बाद की चाय, {p} की शाम और आप सबका प्यार ({n})",
    "New song rehearsal number {n} done, see you soon {p}",
    "आज का गीत {p} वालों के नाम, {n} चिट्ठियाँ पढ़कर लिखा है",
    "Thank you for {n} lovely letters from {p}, reading all of them",
)
_LEADER = (
    "{p} में मतदान जागरूकता के लिए {n} घरों तक पहुँचे, साथियों का धन्यवाद",
    "Voter help desk in {p} answered {n} questions today, come and join us",
    "{p} के {n} टोलों में नुक्कड़ नाटक, पहले मतदान फिर जलपान",
)
_LIVE = ("{n} रन पूरे, {p} की पारी जारी", "Wicket! {p} are {n} for the loss of one more", "{p} को {n} गेंदों में जीत चाहिए")
_OFFICE = (
    "सूचना: {p} में मतदान सामग्री वितरण केंद्र {n} पर यातायात बदला रहेगा",
    "हेल्पलाइन चालू है, {p} जिले में कक्ष संख्या {n} से जानकारी लें",
    "अफवाह पर ध्यान न दें, {p} में सभी {n} मतदान केंद्र समय पर खुलेंगे",
)
_RUMOURS = (
    "सुनने में आया है कि {p} के बूथ संख्या {n} पर मशीन दोपहर से बंद पड़ी है, वहाँ जाने से पहले किसी से जरूर पूछ लें। सबको बताइए",
    "{p} में बूथ {n} का पता रातों रात बदल दिया गया है, पुरानी पर्ची लेकर जाने वालों को लौटाया जा रहा है। आगे भेजिए",
    "Heard from a friend in {p} that booth number {n} will close two hours early, go before lunch or you may miss it.",
    "{p} के बूथ {n} पर नाम सूची से गायब हैं, पहचान पत्र होने पर भी मना किया जा रहा है। जिनका नाम कटा है वे आवाज उठाएँ",
    "बूथ संख्या {n} ({p}) की सड़क बंद कर दी गई है, लोग पैदल तीन किलोमीटर चलकर लौट रहे हैं। यह बात सब तक पहुँचनी चाहिए",
    "They are saying slips from {p} booth {n} are not valid any more, new ones come only next week, tell everyone.",
    "{p} में आज मतदान केंद्र {n} पर दोबारा पर्ची माँगी जा रही है, जिनके पास नई पर्ची नहीं उन्हें घर भेज रहे हैं। सावधान रहें",
    "{p} के बूथ {n} पर दोपहर बाद कतार बंद कर देंगे, ऐसा गाँव में सब कह रहे हैं। देर मत कीजिए और यह ज़रूर फैलाइए",
    "Voters at {p} booth {n} were told to come back tomorrow because the ink has run out, check before you leave home.",
    "{p} से खबर है कि बूथ संख्या {n} का कमरा बदल गया, बोर्ड अब तक नहीं लगा, लोग आधे घंटे से भटक रहे हैं। रास्ता पूछकर ही जाएँ",
    "बस वाले {p} के बूथ {n} तक जाने से मना कर रहे हैं, कहते हैं आगे रास्ता काट दिया गया है। अपने लोगों को समय से बता दीजिए",
    "Someone at {p} booth {n} says the list was printed twice and page two is missing, ask before you stand in line.",
    "{p} बूथ {n} के बाहर कहा जा रहा है कि मोबाइल घर छोड़कर न आए तो पर्ची ले ली जाएगी। सब लोग यह बात ध्यान में रखें और बताएँ",
    "{p} के बूथ {n} पर शाम की पाली रद्द होने की बात चल रही है, जो बचे हैं वे दोपहर तक निपटा लें। बाद में मत कहिए बताया नहीं",
)
_SERIALS = ("जानें पूरी बात", "देखें सूची", "पढ़ें विवरण", "नई जानकारी", "सुबह की खबर", "शाम की खबर")
_ENGLISH_SERIALS = ("full story", "list inside", "details here", "new update", "morning brief", "evening brief")
_DEVANAGARI_DIGITS = str.maketrans("0123456789", "०१२३४५६७८९")


def organic(rng: np.random.Generator, place: int) -> tuple[str, str]:
    """Return one everyday sentence and the language X would say; in seven of ten it is about the own district."""
    tongue = rng.random()
    lang, words, script = next(t for t, edge in zip(_TONGUES, _TONGUE_EDGES, strict=True) if tongue < edge)
    where = place if rng.random() < 0.7 else int(rng.integers(len(PLACES)))
    clause = _pick(rng, words["clause"]).format(
        p=PLACES[where][1] if script else PLACES[where][0].title(),
        n=int(rng.integers(4, 96)),
        t=_pick(rng, words["when"]),
    )
    opener = _pick(rng, words["opener"])
    return (opener + (clause if opener else clause[0].upper() + clause[1:]) + _pick(rng, words["tail"]), lang)


def crowd_text(kind: str, number: int, variant: int) -> tuple[str, str]:
    """Return the text that everybody with this ``kind`` and ``number`` writes, and its language code.

    Parameters
    ----------
    kind : str
        saying, festival, polling, news, star, leader, live, office or copy.
    number : int
        Which text of that kind; equal numbers give equal texts.
    variant : int
        Greetings only: the occasion (0, 1, 2).
    """
    if kind == "saying":
        return _spoken(SAYINGS[number % len(SAYINGS)])
    if kind in {"festival", "polling"}:
        occasion = _GREETINGS[variant]
        return _spoken(occasion[number % len(occasion)])
    if kind == "copy":
        return _spoken(_rumour(number, number * 37 + 112, number))
    forms = {"star": _STAR, "leader": _LEADER, "live": _LIVE, "office": _OFFICE}
    place = (number * 7 + 3) % len(PLACES)
    count = 5 + (number * 53) % 190
    if kind == "news":
        hindi = number % 4 != 3
        serial = (number // 5) % len(_SERIALS)
        form = _NEWS[number % len(_NEWS)][0 if hindi else 1]
        words = _SERIALS if hindi else _ENGLISH_SERIALS
        return _spoken(form.format(p=PLACES[place][1] if hindi else PLACES[place][0].title(), n=count, k=words[serial]))
    form = forms[kind][number % len(forms[kind])]
    hindi = form[0] > "z" or "रन" in form
    return _spoken(form.format(p=PLACES[place][1] if hindi else PLACES[place][0].title(), n=count))


def copy_of(rng: np.random.Generator, number: int) -> str:
    """Return rumour ``number`` as one account copies it: changes that a match key folds away, and no others."""
    return varied(rng, crowd_text("copy", number, 0)[0])


def varied(rng: np.random.Generator, text: str) -> str:
    """Return a text as one account copies it: changes that a match key folds away, and no others."""
    change = int(rng.integers(8))
    if change == 1:
        text = text.translate(_DEVANAGARI_DIGITS) if "।" in text or "क" in text else text.upper()
    elif change == 2:
        text = text.replace("।", ".")
    elif change == 3:
        text = text + " " + _pick(rng, ("🙏", "⚠️", "😡", "📢📢"))
    elif change == 4:
        text = text.replace("क्", "क्\u200d").replace(" ", " \u200b", 1)
    elif change == 5:
        text = f"@demo_{PLACES[int(rng.integers(len(PLACES)))][0]}_info " + text
    elif change == 6:
        text = text + f" https://demo-short.example/{int(rng.integers(1000, 9999))}"
    elif change == 7:
        text = text.replace("ज़", "\u095b").replace("!", "!!")
    return text


def slot_copy_of(rng: np.random.Generator, number: int) -> str:
    """Return rumour ``number`` with another place and booth filled in: an exact key does not match it."""
    return _rumour(number, int(rng.integers(2, 320)), int(rng.integers(1, len(PLACES))) + number)


def _rumour(number: int, booth: int, place: int) -> str:
    form = _RUMOURS[number % len(_RUMOURS)]
    hindi = "।" in form
    name = PLACES[place % len(PLACES)]
    return form.format(p=name[1] if hindi else name[0].title(), n=booth)


def _spoken(text: str) -> tuple[str, str]:
    """Return the text with its language, told by its script."""
    return text, "hi" if any("\u0900" <= c <= "\u097f" for c in text) else "en"


def _pick(rng: np.random.Generator, choices: tuple[str, ...]) -> str:
    return choices[int(rng.integers(len(choices)))]
