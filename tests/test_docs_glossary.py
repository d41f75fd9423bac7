"""The glossary: each term once, in order, in both languages, with the Hindi that reports explain their terms in."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
WORDING = ROOT / "templates" / "wording"
EXPLAINED = yaml.safe_load((WORDING / "glossary.yaml").read_text(encoding="utf-8"))


def table(heading: str) -> list[list[str]]:
    """The rows of the table below a heading, without its head."""
    part = re.split(r"^## ", PAGE, flags=re.MULTILINE)
    (wanted,) = [text for text in part if text.startswith(heading)]
    lines = [line for line in wanted.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


TERMS = table("Terms")


def test_every_row_has_every_cell() -> None:
    assert len(TERMS) > 90
    assert all(len(row) == 4 and all(row) for row in TERMS)
    assert all(len(row) == 3 and all(row) for row in table("Words we no longer use"))
    assert all(row[3].endswith(".") for row in TERMS)


@pytest.mark.parametrize("heading", ["Terms", "Words we no longer use"])
def test_rows_stand_in_the_order_of_the_alphabet_and_once(heading: str) -> None:
    names = [re.sub(r"[^a-z]", "", row[0].lower()) for row in table(heading)]
    assert names == sorted(set(names))


def test_no_hindi_word_stands_for_two_terms() -> None:
    hindi = [row[1] for row in TERMS]
    assert {word for word in hindi if hindi.count(word) > 1} == set()


def test_new_words_are_terms_and_old_ones_are_not() -> None:
    terms = {row[0] for row in TERMS}
    for old, new, _ in table("Words we no longer use"):
        assert old not in terms
        if new in ("lock wait", "memory budget", "base rate", "exculpatory evidence", "pseudonym"):
            assert new in terms


@pytest.mark.parametrize("entry", EXPLAINED, ids=lambda entry: entry["term"])
def test_reports_explain_their_terms_in_the_same_hindi(entry: dict) -> None:
    hindi = {row[0]: row[1] for row in TERMS}
    assert hindi[entry["term"]] == entry["hi"]


def not_written() -> list[str]:
    """Hindi words that no page may hold; those that are wrong in one meaning only say so and are left to a reader."""
    return [word for row in table("Hindi") for word in row[1].split(", ") if " for " not in word]


def test_words_of_the_last_table_are_found() -> None:
    assert {"कॉलम", "स्तम्भ", "झोंका", "छद्मनाम", "साथ चले", "डाटा", "आंकड़े"} <= set(not_written())
    assert "अवसर" not in not_written()
    assert not any("a" <= letter <= "z" for word in not_written() for letter in word)


@pytest.mark.parametrize("page", sorted((ROOT / "docs").rglob("*.md")), ids=lambda page: str(page.relative_to(ROOT)))
def test_no_page_holds_a_word_that_is_not_written(page: Path) -> None:
    if page.name != "glossary.md":
        text = page.read_text(encoding="utf-8")
        assert [word for word in not_written() if re.search(rf"(?<![\w\u0900-\u097f]){word}", text)] == []


def said(language: str) -> dict[str, str]:
    """Every text that reports and pages say in a language, by the key of its message or the name in its list."""
    with (WORDING / f"{language}.po").open("rb") as file:
        messages = [message for message in read_po(file, locale=language) if message.id]
    texts = {}
    for message in messages:
        key, forms = (message.id, [message.string]) if isinstance(message.id, str) else (message.id[0], message.string)
        texts[key] = "\n".join(forms)
    for entry in EXPLAINED:
        texts[f"glossary.yaml {entry['term']}"] = f"{entry[language]}\n{entry.get('means', {}).get(language, '')}"
    for path in sorted((WORDING / "parts").glob("*.yaml")):
        for key, forms in yaml.safe_load(path.read_text(encoding="utf-8")).items():
            texts[key] = forms[language] if isinstance(forms[language], str) else "\n".join(forms[language])
    for name in ("districts.yaml", "states.yaml"):
        for entry in yaml.safe_load((WORDING / name).read_text(encoding="utf-8")):
            texts[f"{name} {entry['en']}"] = entry[language]
    return texts


def in_all_its_forms(word: str) -> re.Pattern[str]:
    """A Hindi word in every gender, number and tense; between the words of a phrase at most two others may stand."""
    stem = re.sub(r"(?:त?[ािीेोंँ]+)?(?: हैं?)?$", "", word)
    return re.compile(r"(?<![\w\u0900-\u097f])" + r"(?: [^\s।;:,]+){0,2} ".join(map(re.escape, stem.split())))


def not_in_the_catalogues() -> list[str]:
    """The words that no page may hold, and those whose wrong meaning is the only one that a report has use for."""
    of_one_meaning = [word for row in table("Hindi") for word in row[1].split(", ") if " for " in word]
    return not_written() + [word.partition(" for ")[0] for word in of_one_meaning if not word.startswith("अवसर ")]


def test_a_word_is_found_in_all_its_forms() -> None:
    assert {"योजना", "संभावना", "अन्वेषण", "झोंका"} <= set(not_in_the_catalogues())
    for word, sentence in (
        ("झोंका", "एक ही झोंके में"),
        ("साथ चला", "साथ चलकर"),
        ("संयोग समझाता है", "जिसे संयोग सबसे कम समझा पाता है"),
        ("काम में लेते हैं", "जिसे खाते काम में लेती है"),
        ("संभावना", "छोटी संभावनाएँ"),
    ):
        assert in_all_its_forms(word).search(sentence)
    assert not in_all_its_forms("मंच").search("सारमंच") and not in_all_its_forms("साथ चला").search("साथ सक्रिय")


@pytest.mark.parametrize("word", not_in_the_catalogues())
def test_no_message_holds_a_hindi_word_that_is_not_written(word: str) -> None:
    texts = said("hi")
    assert len(texts) > 1800
    assert [key for key, text in texts.items() if in_all_its_forms(word).search(text)] == []


@pytest.mark.parametrize("path", sorted((ROOT / "notebooks").glob("*.ipynb")), ids=lambda path: path.stem)
def test_no_notebook_holds_a_hindi_word_that_is_not_written(path: Path) -> None:
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    text = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
    assert [word for word in not_in_the_catalogues() if in_all_its_forms(word).search(text)] == []


def old_english() -> dict[str, re.Pattern[str]]:
    """What finds each English word that we no longer use; those of code, and of one meaning only, are left out."""
    found = {}
    for old, *_ in table("Words we no longer use"):
        words, _, of = old.rstrip(")").partition(" (")
        if of == "noun":
            found[words] = re.compile(
                rf"\b(?:an?|the|this|two|earlier|quick|last|next) {words}s?\b(?! like)", re.IGNORECASE
            )
        elif of != "a variable" and not of.startswith("of a table"):
            found |= {word: re.compile(rf"\b{re.escape(word)}\b", re.IGNORECASE) for word in words.split(", ")}
    return found


def test_old_english_words_are_found() -> None:
    assert {"aloud", "by plan", "innocence", "likeness", "look", "room", "stand-in", "told"} <= set(old_english())
    assert not {"one", "own", "given", "known"} & set(old_english())
    assert old_english()["look"].search("the groups of an earlier look") and old_english()["room"].search(
        "no room left"
    )
    assert not old_english()["look"].search("posts to look at") and not old_english()["room"].search("a newsroom")


@pytest.mark.parametrize("word", old_english())
def test_no_message_holds_an_english_word_that_we_no_longer_use(word: str) -> None:
    texts = {key: re.sub(r"\b[\w.]+\.html\b", "", text) for key, text in said("en").items()}
    assert [key for key, text in texts.items() if old_english()[word].search(text)] == []
