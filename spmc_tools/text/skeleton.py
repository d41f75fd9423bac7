r"""The sound key of a word: its consonants, the same in Devanagari, Perso-Arabic and roman letters.

``lockdown``, लॉकडाउन and لاک ڈاؤن have the key ``LKDN``; ``EVM``, ``E.V.M.``, ईवीएम and ای وی ایم the key ``=evm``.
Folded are aspiration (``kh``/``k``), length and doubling, ``ph``/``f``, ``v``/``w``, ``s``/``sh``, ``z``/``j``, dental
and retroflex stops, nasals before a lip sound, and what :func:`~spmc_tools.text.match_key.match_key` folds. Vowels are
no part of a key. A word has several keys where writing leaves a choice: ड may stand for ड़, typed ``d`` or ``r``; a
nasal vowel is typed with or without ``n``; و and ی are vowels or consonants.

:func:`alike` asks for one key in common. A key of three consonants or fewer says little (``bath``, ``booth`` and भूत
are all ``BT``): there the vowels must agree as far as both scripts write them, with two consonants aspiration, too, and
one consonant needs two vowels.

The tables are the project's own. Values of letters: ISO 15919:2001 (Devanagari and other Indic scripts into Latin
characters) and the Hunterian system of the Survey of India; Urdu letters: Unicode Standard, chapter 9.2, and Platts,
*A Dictionary of Urdu, Classical Hindi, and English* (1884), preface; names of Latin letters as Hindi and Urdu
newspapers print them. Look-alike letters: a part of Unicode Technical Standard 39 (``confusables.txt``), for words
that otherwise are Latin.

Known errors: English words that are not written as they sound (``flood`` and a few more have a place in a table);
English words that Hindi borrowed in another form (``hospital``, अस्पताल); numbers in words; other Indic scripts, which
have no key; two words that differ in vowels alone and have four consonants or more.
"""

from __future__ import annotations

import functools
import itertools
from typing import NamedTuple

import regex

from spmc_tools.text.match_key import match_key

__all__ = ["Sound", "agree", "alike", "in_letters", "letters_spelt", "sound_keys", "sounds_of"]

CHECKED = 3
"""Keys of so many consonants or fewer need agreeing vowels."""

_MOST_KEYS = 8
_MOST_LETTERS = 40
_A, _I, _U, _E, _O, _NONE = 1, 2, 4, 8, 16, 32
_ANY = 63
_PLAIN, _BREATHED, _EITHER = 1, 2, 3


class Sound(NamedTuple):
    """``key``: consonants, or ``=`` and the letters that are spelt; ``form``: possible vowels and breaths, as bits."""

    key: str
    form: bytes


class _Step(NamedTuple):
    """``key``: consonants, ``""`` for a vowel; ``bits``: vowels that it may be, or breath of the consonants."""

    key: str
    bits: int


_Choice = tuple[_Step, ...]

_LOOK_ALIKE = str.maketrans("асеһіјоԛѕԝхуροανικτ", "acehijoqswxypoavikt")
_SPELT_DEVANAGARI = dict(zip(
    "abcdefghijklmnopqrstuvwxyz",
    ["ए", "बी", "सी", "डी", "ई", "एफ", "जी", "एच", "आई", "जे", "के", "एल", "एम", "एन", "ओ", "पी", "क्यू",
        "आर", "एस", "टी", "यू", "वी", "डब्ल्यू", "एक्स", "वाई", "जेड"],
    strict=True,
))  # fmt: skip
_SPELT_URDU = dict(zip(
    "abcdefghijklmnopqrstuvwxyz",
    ["اے", "بی", "سی", "ڈی", "ای", "ایف", "جی", "ایچ", "آئی", "جے", "کے", "ایل", "ایم", "این", "او", "پی",
        "کیو", "آر", "ایس", "ٹی", "یو", "وی", "ڈبلیو", "ایکس", "وائی", "زیڈ"],
    strict=True,
))  # fmt: skip
_NOT_SPELT = frozenset(
    [
        "am",
        "an",
        "as",
        "at",
        "be",
        "by",
        "do",
        "go",
        "he",
        "hi",
        "if",
        "in",
        "is",
        "it",
        "me",
        "my",
        "no",
        "of",
        "on",
        "or",
        "so",
        "to",
        "up",
        "us",
        "we",
        "all",
        "and",
        "are",
        "but",
        "can",
        "did",
        "for",
        "get",
        "had",
        "has",
        "her",
        "him",
        "his",
        "how",
        "its",
        "may",
        "not",
        "now",
        "one",
        "our",
        "out",
        "say",
        "see",
        "she",
        "the",
        "too",
        "two",
        "was",
        "who",
        "why",
        "you",
        "ka",
        "ke",
        "ki",
        "ko",
        "se",
        "ne",
        "na",
        "ho",
        "hi",
        "bhi",
        "jo",
        "to",
        "hai",
        "aur",
        "kar",
        "par",
    ]
)  # a lower-case word that is a word, and no initials

_HINDI = {
    **dict.fromkeys("कक़", ("K", _PLAIN)), **dict.fromkeys("खख़", ("K", _BREATHED)),
    "ग": ("G", _PLAIN), "घ": ("G", _BREATHED), "च": ("C", _PLAIN), "छ": ("C", _BREATHED), "ज": ("J", _PLAIN),
    "झ": ("J", _BREATHED), **dict.fromkeys("टत", ("T", _PLAIN)), **dict.fromkeys("ठथ", ("T", _BREATHED)),
    **dict.fromkeys("डद", ("D", _PLAIN)), **dict.fromkeys("ढध", ("D", _BREATHED)),
    **dict.fromkeys("ङञणन", ("N", _EITHER)),
    "प": ("P", _EITHER), "फ": ("F", _EITHER), "ब": ("B", _PLAIN), "भ": ("B", _BREATHED), "म": ("M", _EITHER),
    "य": ("Y", _EITHER), "र": ("R", _EITHER), **dict.fromkeys("लळ", ("L", _EITHER)), "व": ("V", _EITHER),
    **dict.fromkeys("शषस", ("S", _EITHER)), "ह": ("H", _EITHER),
}  # fmt: skip
_HINDI_VOWELS = {
    **dict.fromkeys("अ", _A), **dict.fromkeys("आा", _A), **dict.fromkeys("इईिी", _I), **dict.fromkeys("उऊुू", _U),
    **dict.fromkeys("एेऍॅ", _E), **dict.fromkeys("ऐै", _E | _A), **dict.fromkeys("ओऔोौ", _O),
    **dict.fromkeys("ऑॉ", _O | _A),
}  # fmt: skip
_VIRAMA, _ANUSVARA = "\u094d", "\u0902"
_HINDI_PART = regex.compile(
    r"ज\u094dञ|[क-ह\u0958-\u095f](?:\u094d|[\u093e-\u094c\u0945\u0949])?|[अ-औॠ]|[\u0901\u0902]|[\u0943\u0944]|\d"
)

_URDU = {
    **dict.fromkeys("کقخ", "K"), "گ": "G", "غ": "G", "چ": "C", **dict.fromkeys("جزذضظژ", "J"),
    **dict.fromkeys("تٹط", "T"), **dict.fromkeys("دڈ", "D"), "ن": "N", "پ": "P", "ف": "F", "ب": "B", "م": "M", "ر": "R",
    "ل": "L", **dict.fromkeys("سشصث", "S"), "ح": "H",
}  # fmt: skip
_BREATH, _HAMZA = "ھ", "\u0654"

_RESPELT = tuple((regex.compile(found), put) for found, put in (
    (r"flood", "flad"), (r"blood", "blad"), (r"health", "helth"), (r"machine", "mashin"), (r"^chief", "chif"),
    (r"^news$", "nyuz"), (r"^people$", "pipl"), (r"^one$", "van"), (r"^kn", "n"), (r"^wr", "r"), (r"^x", "j"),
    (r"ight", "ait"), (r"stion", "schan"), (r"(?<!^)(?:ss|s|t)ion", "shan"), (r"ci(?=a[ln])", "sh"),
    (r"ture(?=s?$)", "char"), (r"tch", "ch"), (r"dge", "j"), (r"ck", "k"), (r"^sch", "sk"), (r"ph", "f"), (r"wh", "v"),
    (r"qu(?=[aeiou])", "kv"), (r"q", "k"), (r"sc(?=[eiy])", "s"), (r"cc(?=[eiy])", "ks"), (r"(?<!c)c(?=[eiy])", "s"),
    (r"c(?!h)", "k"), (r"x", "ks"),
))  # fmt: skip
_ROMAN_PART = regex.compile(r"[kgjtdbsr]h+|c+h+|[bdfgjklmnprstvwyz]|h|[aeiou]+|\d")
_ROMAN_VOWELS = {
    "a": _A | _E | _O, "aa": _A, "e": _E | _I | _A | _NONE, "ee": _I, "ea": _I | _E, "i": _I, "ii": _I, "ie": _I | _E,
    "o": _O | _A | _U, "oo": _U, "u": _U | _A, "uu": _U, "ai": _E | _I, "ei": _E | _I, "au": _O | _U, "ou":
        _O | _U | _A,
    "oa": _O,
}  # fmt: skip
_ONE = {"a": _A, "e": _E, "i": _I, "o": _O, "u": _U}
_SCRIPT = (
    regex.compile(r"[a-z0-9]+"), regex.compile(r"[\u0900-\u097f0-9]+"),
    regex.compile(r"[\u0600-\u06ff\ufb50-\ufdff0-9]+")
)  # fmt: skip


def _spelt(names: dict[str, str]) -> tuple[regex.Pattern[str], dict[str, str]]:
    letter_of = {name: letter for letter, name in names.items()}
    longest_first = sorted(letter_of, key=lambda name: -len(name))
    return regex.compile(rf"({'|'.join(longest_first)}){{2,7}}"), letter_of


_NAMES = _spelt({letter: match_key(name) for letter, name in _SPELT_DEVANAGARI.items()})
_LETTER_OF = {
    **{letter: letter for letter in _SPELT_URDU}, **_NAMES[1],
    **{match_key(name): letter for letter, name in _SPELT_URDU.items()},
}  # fmt: skip
_SPELT = regex.compile(r"[a-z]{2,6}")


def sound_keys(words: str) -> tuple[Sound, ...]:
    """Return the sound keys of a word, or of words read as one, the likeliest first; none where it has no sound.

    Parameters
    ----------
    words : str
        As received, in Devanagari, Perso-Arabic or roman letters; a word of another script has no key.

    Examples
    --------
    >>> sound_keys("lockdown")[0].key == sound_keys("लॉकडाउन")[0].key == sound_keys("لاک ڈاؤن")[0].key == "LKDN"
    True
    >>> [sound.key for sound in sound_keys("E.V.M.")]
    ['=evm']
    """
    return _keys_of(match_key(words))


def sounds_of(text: str | None) -> list[tuple[Sound, ...]]:
    """Return the sound keys of each word of a text in order; letters that are spelt one by one are one word more.

    Parameters
    ----------
    text : str or None
        As received; None has no words.
    """
    words = match_key(text).split()
    found = [_keys_of(word) for word in words]
    for spelt, letters in itertools.groupby(words, key=_LETTER_OF.__contains__):
        run = list(letters)
        if spelt and 2 <= len(run) <= len("abcdefg"):
            found.append(_keys_of(" ".join(run)))
    return found


def alike(words: str, others: str) -> bool:
    """Return whether two words, each read as one, may be the same word by their sound, whatever their scripts."""
    return any(
        one.key == two.key and agree(one.key, one.form, two.form)
        for one in sound_keys(words)
        for two in sound_keys(others)
    )


def agree(key: str, form: bytes, other: bytes) -> bool:
    """Return whether two words of one key may be one, by what both scripts tell of vowels and breath."""
    n = len(key)
    if key.startswith("=") or n > CHECKED or key.isdecimal():
        return True
    if n == 1 and sum(bits & _NONE == 0 for bits in form[::2]) < 2:
        return form == other
    step = 1 if n < CHECKED else 2
    return len(form) == len(other) and all(one & two for one, two in zip(form[::step], other[::step], strict=True))


def letters_spelt(words: str) -> str | None:
    """Return the Latin letters that are spelt by a word or by several (``E V M``, ईवीएम: evm), or None."""
    key = match_key(words)
    parts = key.split()
    if len(parts) > 1:
        return "".join(map(_LETTER_OF.__getitem__, parts)) if all(part in _LETTER_OF for part in parts) else None
    if _SPELT.fullmatch(key):
        return None if key in _NOT_SPELT else key
    pattern, letter_of = _NAMES
    found = pattern.fullmatch(key)
    return "".join(letter_of[name] for name in found.captures(1)) if found else None


def in_letters(letters: str) -> tuple[str, ...]:
    """Return how Latin letters are spelt one by one in each script, as match keys of several words."""
    return tuple(
        match_key(" ".join(names[letter] for letter in letters))
        for names in ({letter: letter for letter in _SPELT_URDU}, _SPELT_DEVANAGARI, _SPELT_URDU)
    )


@functools.lru_cache(maxsize=1 << 17)
def _keys_of(key: str) -> tuple[Sound, ...]:
    if not key or len(key) > _MOST_LETTERS:
        return ()
    letters = letters_spelt(key)
    found = {} if letters is None else {f"={letters}": Sound(f"={letters}", b"")}
    if letters is not None and " " in key:
        return tuple(found.values())
    word = key.replace(" ", "")
    if not word.isascii() and regex.search(r"\p{Cyrillic}|\p{Greek}", word):
        word = word.translate(_LOOK_ALIKE)
    for script, reader in zip(_SCRIPT, (_roman, _hindi, _urdu), strict=True):
        if script.fullmatch(word):
            for steps in itertools.islice(itertools.product(*reader(word)), _MOST_KEYS):
                sound = _assembled(steps)
                if sound.key:
                    found.setdefault(sound.key + str(sound.form), sound)
            break
    return tuple(found.values())


def _assembled(steps: tuple[_Step, ...]) -> Sound:
    """Return the key of some steps and their bits: vowels before, breath and vowels after each consonant."""
    key: list[str] = []
    form = [0]
    for step in steps:
        if not step.key:
            form[-1] |= step.bits
            continue
        for letter in step.key:
            if key and key[-1] == letter and form[-1] == 0 and not letter.isdecimal():
                form[-2] |= step.bits
                continue
            form[-1] = form[-1] or _NONE
            key.append(letter)
            form += [step.bits, 0]
    form[-1] = form[-1] or _NONE
    return Sound(regex.sub("M(?=[PFB])", "N", "".join(key)), bytes(form))


def _hindi(word: str) -> list[_Choice]:  # noqa: PLR0912
    steps: list[_Choice] = []
    before = 0  # bits of the vowel just before; 0 after a consonant without one, and at the beginning
    parts = _HINDI_PART.findall(word.replace("एग\u094dज", "एक\u094dस").replace("एक\u094dज", "एक\u094dस"))
    for n, part in enumerate(parts):
        letter, last = part[0], n == len(parts) - 1
        after = _HINDI_VOWELS.get(part[-1], _A | _NONE) if part[-1] != _VIRAMA else 0
        if part.isdecimal():
            steps.append((_Step(part, _EITHER),))
            before = 0
        elif part in "\u0901\u0902":
            steps.append((_Step("", 0), _Step("N", _EITHER))[:: 1 if last else -1])
        elif part in "\u0943\u0944":
            steps.append((_Step("R", _EITHER),))
            steps.append((_Step("", _I | _U | _A),))
            before = _I
        elif letter not in _HINDI:
            before = _HINDI_VOWELS.get(letter, 0)
            steps.append((_Step("", before),) if before else (_Step("R", _EITHER),))
        elif part == "ज\u094dञ":
            steps.append((_Step("GY", _EITHER),))
            before = 0
        else:
            consonant = _Step(*_HINDI[letter])
            followed = parts[n + 1] if not last else ""
            if part[-1] == letter and followed in ("\u0943", "\u0944"):
                after = 0
            if letter == "य" and (before == _I or (before and after in (_I, _E))):
                steps.append((_Step("", _I),))
            elif letter == "व" and last and part == letter and n:
                steps.append((consonant, _Step("", _U | _O)))
            elif letter in "डढ" and before and after:
                steps.append((consonant, _Step("R", _EITHER)))
            else:
                steps.append((consonant,))
            if last and part[-1] == letter:
                after = _NONE
            if after:
                steps.append((_Step("", after),))
            before = after
    return steps


def _urdu(word: str) -> list[_Choice]:  # noqa: PLR0912
    steps: list[_Choice] = []
    vowel_before = True  # nothing is written between two consonants, which may have any vowel between them
    word = word.replace("ی" + _HAMZA, "ئ").replace(_HAMZA, "")
    for n, letter in enumerate(word):
        first, last = n == 0, n == len(word) - 1
        before, after = word[n - 1] if n else "", word[n + 1] if not last else ""
        choice: _Choice
        if letter == "ا":
            choice = (_Step("", _ANY if first else _A | _O),)
        elif letter == "آ":
            choice = (_Step("", _A),)
        elif letter in "وؤ":
            consonant, vowel = _Step("V", _EITHER), _Step("", _U | _O | _A * (letter == "ؤ"))
            if first:
                choice = (consonant,) if after not in "ؤ" or not after else (consonant, vowel)
            elif after in tuple("اآیےو") or before in tuple("اآیو"):
                choice = (vowel, consonant) if letter == "ؤ" or last else (consonant, vowel)
            else:
                choice = (vowel,)
        elif letter in "یےئي":
            vowel = _Step("", _ANY if letter == "ئ" else _I | _E)
            if letter == "ی" and first and after in tuple("اوہ"):
                choice = (_Step("Y", _EITHER),)
            elif letter == "ی" and after in tuple("اہوے"):
                choice = (_Step("Y", _EITHER), vowel)
            else:
                choice = (vowel,)
        elif letter == "ع":
            choice = (_Step("", _ANY),)
        elif letter == "ں":
            choice = (_Step("", 0), _Step("N", _EITHER))
        elif letter == "ہ":
            choice = (_Step("", _A), _Step("H", _EITHER)) if last else (_Step("H", _EITHER),)
        elif letter == "ڑ":
            choice = (_Step("D", _EITHER), _Step("R", _EITHER))
        elif letter in _URDU or letter.isdecimal():
            breath = _BREATHED if after == _BREATH else _PLAIN if _URDU.get(letter, "R") in "KGCJTDB" else _EITHER
            choice = (_Step(_URDU.get(letter, letter), breath),)
        else:
            continue
        if choice[0].key and not vowel_before:
            steps.append((_Step("", _ANY),))
        steps.append(choice)
        vowel_before = not any(step.key for step in choice)
    return steps


def _roman(word: str) -> list[_Choice]:
    for found, put in _RESPELT:
        word = found.sub(put, word)
    steps: list[_Choice] = []
    parts = _ROMAN_PART.findall(word)
    for n, part in enumerate(parts):
        before, after = parts[n - 1] if n else "", parts[n + 1] if n + 1 < len(parts) else ""
        last, vowel_before, vowel_after = not after, before[-1:] in tuple("aeiou"), after[:1] in tuple("aeiou")
        if part[0] in "aeiou":
            steps.append((_Step("", _vowel(part, before, after, parts[n + 2 : n + 3])),))
        elif part.isdecimal():
            steps.append((_Step(part, _EITHER),))
        elif part == "y" and not (vowel_after or not n):
            steps.append((_Step("", _I | _E * vowel_before),))
        elif part == "y" and vowel_before and (before in ("i", "ee", "ii", "ai", "ei") or after[0] in "ei"):
            steps.append((_Step("", _I),))
        elif part == "w" and vowel_before and not vowel_after:
            steps.append((_Step("", _U | _O), _Step("V", _EITHER)))
        elif part == "h":
            steps.append((_Step("", 0), _Step("H", _EITHER)) if last and vowel_before else (_Step("H", _EITHER),))
        elif part == "g" and after[:1] in ("e", "i", "y"):
            soft = after == "e" and n + 2 == len(parts)
            steps.append((_Step("G", _PLAIN), _Step("J", _PLAIN))[:: -1 if soft else 1])
        else:
            letter = "V" if part == "w" else "J" if part == "z" else part[0].upper()
            breath = _EITHER
            if letter in "KGJTDB":
                breath = _BREATHED if len(part) > 1 else _PLAIN
            elif letter == "C" and part.count("h") > 1:
                breath = _BREATHED
            steps.append((_Step(letter, breath),))
    return steps


def _vowel(part: str, before: str, after: str, then: list[str]) -> int:
    """Return what a run of roman vowels may sound like."""
    bits = _ROMAN_VOWELS.get(part, 0)
    if not bits:
        for letter in part:
            bits |= _ONE[letter]
    if part == "i" and then == ["e"]:  # as in "mine"
        bits |= _A
    elif part == "e" and not after:
        bits = _E | _I | _NONE
    return bits
