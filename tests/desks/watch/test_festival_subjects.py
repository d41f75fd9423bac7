"""What posts of a festival are about: whole words in any way of writing them, and a list that is wrong."""

import pytest

from spmc_tools.desks.watch.festival_subjects import SUBJECTS, about, read_subjects
from spmc_tools.text.match_key import match_key
from tests.refused import refuses


def test_a_post_is_about_the_subjects_whose_words_it_holds() -> None:
    texts = [
        "आज का जुलूस नए मार्ग से जाएगा", "PROCESSION at six", "crowds everywhere, मार्ग बंद", "कार्यमार्गदर्शक", "शुभकामनाएं", "",
    ]  # fmt: skip
    found = about([match_key(text) for text in texts], read_subjects())
    assert found == [("processions", "routes"), ("processions",), ("routes", "crowds"), (), (), ()]
    assert tuple(read_subjects()) == SUBJECTS


@pytest.mark.parametrize(
    ("content", "wanted"),
    [
        ("[[subject]\n", "is no list of subjects"),
        ('[[subject]]\nname = "crowds"\n', "wanted \\[\\[subject\\]\\] with name and words"),
        ('[[subject]]\nname = "castes"\nwords = ["x y"]\n', 'subject "castes" is not known; known: processions'),
        ('[[subject]]\nname = "crowds"\nwords = []\n', "wants words of two letters"),
        ('[[subject]]\nname = "crowds"\nwords = ["!"]\n', "wants words of two letters"),
    ],
)
def test_a_list_that_is_wrong_is_refused_in_one_sentence(tmp_path, content: str, wanted: str) -> None:
    refuses(read_subjects, tmp_path / "subjects.toml", content, wanted)
