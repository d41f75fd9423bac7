"""The list of a case's reports: what each found, whether anybody reviewed it, and what became of it, in one row."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest

from spmc_tools.report.page.index import write_index
from spmc_tools.signing.manifest import write_manifest
from tests.plain_cases import plain_case

if TYPE_CHECKING:
    from spmc_tools.case.store.case import Case

PAGE = "<!doctype html><title>x</title>"


def made(case: Case, n: int, notebook: str, edition: str = "full", size: int = 2000, **outcome: Any) -> str:
    run = f"2025111{n}T034000Z-{notebook}-ab1{n}"
    folder = case.run_dir(run)
    (folder / "report.html").write_text(PAGE + " " * (size - len(PAGE)))
    (folder / "notebook.ipynb").write_text("{}")
    write_manifest(
        case, folder, edition=edition, language="hi", parameters={"n": 1 if outcome.get("groups") == 2 else n},
        outcome=outcome,
    )  # fmt: skip
    return run


def rows_of(text: str) -> list[list[str]]:
    body = re.findall(r"(?s)<tbody>(.*?)</tbody>", text)[0]
    cells = [re.split(r"<td[^>]*>", row)[1:] for row in re.split(r"<tr[^>]*>", body)[1:]]
    return [[" ".join(unescape(re.sub(r"<[^>]+>", " ", cell)).split()) for cell in row] for row in cells]


@pytest.fixture
def listed() -> Case:
    case = plain_case("listed", officer="First")
    first = made(case, 1, "election_watch", state="found", groups=2, accounts=44, aside=0, together=0)
    made(case, 2, "election_watch", state="found", groups=2, accounts=45, aside=0, together=0)
    made(case, 3, "election_watch", "redacted", state="aside", groups=0, accounts=0, aside=3, together=0)
    made(case, 4, "festival_watch", state="together", groups=0, accounts=0, aside=0, together=1)
    made(case, 5, "group_look", state="insufficient", groups=0, accounts=0, aside=0, together=0)
    made(case, 6, "group_look", state="nothing", groups=0, accounts=0, aside=0, together=0)
    made(case, 7, "response_desk", desk={"name": "response", "n": 1136}, size=612_345)
    taken = made(case, 8, "30_account_dossier", desk={"name": "dossier", "n": 1})
    told = {"manifest_sha256": "0" * 64, "results": {}, "counter_case": "x", "key": None, "signature": None}
    for who, verdict in (("R. Devi", "needs_more"), ("S. Rao", "not_upheld"), ("R. Devi", "upheld")):
        case.log("review", {**told, "run_id": first, "reviewer": who, "verdict": verdict}, officer=who)
    case.log("withdrawn", {"run_id": taken, "reason": "another person"})
    return case


def test_the_list_says_kind_finding_review_language_size_and_what_became_of_it(listed: Case) -> None:
    rows = rows_of(write_index(listed, "en").read_text("utf-8"))
    assert len(rows) == 8 and all(len(row) == 8 for row in rows)
    kinds, found, reviews = ([row[place] for row in rows[::-1]] for place in (1, 3, 4))
    assert found == [
        "2 groups found, with 44 accounts", "2 groups found, with 45 accounts", "3 groups, shown without names",
        "1 group together within hours only, without names", "too little data for a result", "no group",
        "1,136 complaints", "one account looked at",
    ]  # fmt: skip
    assert kinds[0] == "election watch" and kinds[6] == "response desk" and len(set(kinds)) == 5
    assert reviews[1:] == ["not reviewed", "–", "–", "–", "–", "–", "not reviewed"]
    assert re.fullmatch(
        r"not upheld by S\. Rao, .{10,30} \(identity not proven\) upheld by R\. Devi, .{10,30} \(identity not proven\)",
        reviews[0],
    )
    states = [row[2] for row in rows[::-1]]
    newer = next(row[0] for row in rows[::-1] if "-election_watch-ab12" in row[0]).split(" 20251112T")[0]
    assert states[0] == f"complete superseded by the report of {newer}" and states[1] == "complete"
    assert states[2] == "complete redacted edition" and states[7] == "WITHDRAWN another person"
    assert {row[6] for row in rows} == {"हिन्दी"} and [row[7] for row in rows[::-1]][6:] == ["612 kB", "2 kB"]


def test_it_says_the_same_in_hindi(listed: Case) -> None:
    rows = rows_of(write_index(listed, "hi").read_text("utf-8"))[::-1]
    assert rows[1][3:5] == ["2 समूह मिले, जिनमें 45 खाते हैं", "समीक्षा नहीं हुई"]
    assert rows[4][3] == "परिणाम के लिए डेटा अपर्याप्त" and "पहचान प्रमाणित नहीं" in rows[0][4]
    said = re.sub("another person|Devi", "", " ".join(" ".join(row[2:6]) for row in rows))
    assert not re.search(r"[a-z]{3}", said)
