"""An act by a form leaves the same entry in the custody log as the command or the call that the page shows."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

import pytest

from spmc_tools.case.store.case import open_case
from spmc_tools.cli import main
from spmc_tools.desks.complaints.answers import enter_answer
from spmc_tools.desks.referrals.referral import enter_state
from spmc_tools.desks.rumours.rumour import enter_claim
from spmc_tools.importers.import_files import import_files
from spmc_tools.resources import resource
from tests.plain_cases import plain_case

if TYPE_CHECKING:
    from pathlib import Path

    from spmc_tools.case.store.case import Case

POSTS = "record_id,account_id,created_at,text,platform\n" + "".join(
    f"{900 + n},a{n % 25},2025-11-05T10:{n:02d}:00+05:30,बूथ 112 की मशीन बंद है सब लोग ध्यान दें,x\n" for n in range(30)
)
VARIES = {
    "entered",
    "source_sha256",
    "source_bytes",
    "source_path",
    "tables",
    "batch_id",
    "sha256",
    "at",
    "head",
    "clock",
    "record_id",
    "derived",
    "results",
    "case_toml_before",
    "case_toml_sha256",
}


def filled(case_id: str, tmp_path: Path) -> Case:
    """A case with an inbox, a register of referrals and some posts of twenty-five accounts."""
    case = plain_case(case_id, officer="A. Officer", expires="2030-01-01")
    folder = tmp_path / case_id
    folder.mkdir()
    (folder / "posts.csv").write_text(POSTS, encoding="utf-8")
    import_files(case, [resource("data", "sample", name) for name in ("inbox.csv", "referrals.csv")])
    import_files(case, [folder / "posts.csv"], accept_guess=True, tz="Asia/Kolkata")
    return case


def told(case: Case, since: int) -> list[tuple[str, str, Any]]:
    """Entries after some number: kind, officer, and what of the payload does not hang on chance or the clock."""
    return [
        (entry["kind"], entry["officer"], _steady(entry["payload"]))
        for entry in case.ledger.entries()
        if entry["seq"] > since
    ]


def _steady(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _steady(one) for key, one in value.items() if key not in VARIES}
    return [_steady(one) for one in value] if isinstance(value, list) else value


def typed(*parts: str) -> None:
    with pytest.raises(SystemExit) as left:
        main(list(parts))
    assert not left.value.code


THREAD = "DEMO-1a"
ACT_AND_TWIN = [
    ("term", {"term": "बूथ 112", "reason": "polling"}, "watch-term twin 'बूथ 112' --reason polling"),
    ("search", {"words": 'machine "बंद है" -चालू', "post_kind": "post", "first_day": "5.11.25", "as_typed": "on"},
     "search twin --kind post --from 2025-11-05 --as-typed -- machine '\"बंद है\"' '-चालू'"),
    ("search", {"words": "booth* 112", "account": "@a3", "rare_first": "on"},
     "search twin --account @a3 --order rarity 'booth*' 112"),
    ("known", {"kind": "newsroom", "accounts": "a1, a2\na2\n a3 ", "reason": "their site says so"},
     "context twin newsroom a1 a2 a3 --reason 'their site says so'"),
    ("handover", {"to": "Insp. Devi", "reason": "on leave"}, "handover twin --to 'Insp. Devi' --reason 'on leave'"),
    ("extend", {"until": "31-12-30", "reason": "court order"}, "extend twin --to 2030-12-31 --reason 'court order'"),
    ("aside", {"batch": "000003", "reason": "wrong file"}, "set-aside twin 000003 --reason 'wrong file'"),
    ("claim", {"claim_id": "R12", "status": "refuted", "text": "मशीन बंद है", "official_version": "चालू है",
               "official_at": "06-11-2025 14:30", "source_url": "https://e.org/1"},
     lambda case: enter_claim(case, "R12", "refuted", text="मशीन बंद है", official_version="चालू है",
                              official_at="2025-11-06T14:30+05:30", source_url="https://e.org/1")),
    ("state", {"referral": "DEMO-F001", "state": "cleared", "state_at": "01/12/25 10:00", "note": "a school"},
     lambda case: enter_state(case, "DEMO-F001", "cleared", state_at="2025-12-01T10:00+05:30",
                              details={"note": "a school"})),
    ("law_check", {"provision": "bns_353", "as": "A. Verma", "checked_on": "5-11-25"},
     "law-check twin bns_353 --as 'A. Verma' --on 2025-11-05"),
    ("law_check_back", {"provision": "bns_353", "reason": "amended"},
     "law-check twin bns_353 --withdraw --reason amended"),
    ("answer", {"thread": THREAD, "reply": "The station has been told.", "answered_at": "1.12.2025 09:05",
                "closed": "on"},
     lambda case: enter_answer(case, THREAD, "The station has been told.", closed=True,
                               at="2025-12-01T09:05+05:30")),
]  # fmt: skip


def test_the_log_tells_of_both_alike(forms, tmp_path: Path, capfd) -> None:
    ours, theirs = filled("gaya", tmp_path), filled("twin", tmp_path)
    forms.post("/case", {"act": "choose", "id": "gaya"})
    for act, fields, twin in ACT_AND_TWIN:
        ends = len(ours.ledger.entries()), len(theirs.ledger.entries())
        if callable(twin):
            twin(theirs)
        else:
            typed(*shlex.split(twin))
        answer = forms.act(act, **fields)
        assert (answer.status, answer.wrong()) == (200, set()), act
        assert answer.done(), act
        made = told(open_case("gaya"), ends[0])
        assert made and made == told(open_case("twin"), ends[1])
        if isinstance(twin, str):
            assert f"spmc {twin}".replace("twin", "gaya", 1) in answer.done()
    capfd.readouterr()
