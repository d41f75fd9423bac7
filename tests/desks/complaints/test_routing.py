"""Routing: the first rule that fits, in the order of the file; a broken file is told in one sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest

from spmc_tools.desks.complaints.routing import read_rules, routed
from spmc_tools.errors import InputError
from tests.refused import refuses

if TYPE_CHECKING:
    from pathlib import Path


def test_the_first_rule_that_fits_holds(tmp_path: Path) -> None:
    path = tmp_path / "rules.toml"
    path.write_text(
        'default = "centre"\n[[rule]]\nsubject = ["Traffic"]\ndistrict = ["patna"]\nsend_to = "a"\n'
        '[[rule]]\nsubject = ["traffic"]\nsend_to = "b"\n[[rule]]\ndistrict = ["Gaya"]\nsend_to = "c"\n',
        encoding="utf-8",
    )
    threads = pd.DataFrame(
        {
            "subject": ["traffic", "TRAFFIC", "theft", None, "traffic"],
            "district": ["Patna", "Gaya", "gaya", "Gaya", None],
        }
    )
    assert routed(threads, read_rules(path)).tolist() == ["a", "b", "c", "c", "b"]
    assert routed(threads.assign(subject=None, district=None), read_rules(path)).tolist() == ["centre"] * 5


def test_a_district_fits_its_rule_however_either_writes_it(tmp_path: Path) -> None:
    path = tmp_path / "rules.toml"
    rules = "".join(
        f'[[rule]]\ndistrict = ["{name}"]\nsend_to = "{to}"\n' for name, to in (("सिवान", "a"), ("Ranchi", "b"))
    )
    path.write_text(f'default = "centre"\n{rules}', encoding="utf-8")
    threads = pd.DataFrame({"subject": None, "district": ["Siwan", "सीवान", "RANCHI", "राँची", "Gaya", None]})
    assert routed(threads, read_rules(path)).tolist() == ["a", "a", "b", "centre", "centre", "centre"]


def test_shifts_by_hour() -> None:
    rules = read_rules()
    assert [rules.shift_of(hour) for hour in (5, 6, 13, 14, 21, 22)] == [
        "night", "morning", "morning", "evening", "evening", "night",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("default = 3", "wanted default"),
        ('default = "a"\nmore = 1', "more"),
        ('default = "a"\n[[rule]]\nsubject = "x"\nsend_to = "b"', "rule 1"),
        ('default = "a"\n[[rule]]\nsubject = ["x"]', "rule 1"),
        ('default = "a"\n[shifts]\nday = [9, 5]', "first hour"),
        ("= broken", "no file of routing rules"),
    ],
)
def test_a_broken_file_is_told(tmp_path: Path, text: str, said: str) -> None:
    refuses(read_rules, tmp_path / "r.toml", text, said)


def test_every_office_of_the_rules_that_come_along_has_its_hindi(tmp_path: Path) -> None:
    rules = read_rules()
    assert set(rules.hindi) == {rules.default, *(rule.send_to for rule in rules.rules)}
    path = tmp_path / "rules.toml"
    path.write_text('default = "centre"\n[hindi]\ncentre = 3\n', encoding="utf-8")
    with pytest.raises(InputError, match=r"\[hindi\]"):
        read_rules(path)
