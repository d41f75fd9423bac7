"""Forgeries by somebody who owns the folder and the source, and lacks the officers' keys: each is told, everywhere.

Chain, manifests and lists are written anew so that every hash fits (:mod:`tests.forgery`). Each forgery is looked
for in the case, in the run inside of it, in the evidence pack and in the folder that the pack was unpacked to.
"""

from __future__ import annotations

import copy
import hashlib
import json
import re
import shutil
import zipfile
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from spmc_tools.case.store.case import Case
from spmc_tools.custody.evidence_pack.evidence_pack import write_pack
from spmc_tools.custody.review.line_up import answer
from spmc_tools.custody.review.review import report_of, review, withdraw
from spmc_tools.custody.review.verify import verify
from spmc_tools.errors import ParameterError
from spmc_tools.signing import officer_keys
from spmc_tools.signing.enrolment import KeyBook, revoke
from spmc_tools.signing.manifest import write_manifest
from spmc_tools.signing.officer_keys import fingerprint, make_key, read_key, rotate_key, unlock
from tests.forgery import (
    Row,
    chained,
    forge_case,
    forge_pack,
    line_up_by_hand,
    listed_anew,
    sha,
    signed,
    the,
    zip_contents,
    zipped,
)

if TYPE_CHECKING:
    from pathlib import Path

RUN, NEXT = "20251113T034000Z-election_watch-ab12", "20251114T034000Z-election_watch-cd34"
ALONE = "20251115T034000Z-election_watch-ef56"
PLACE = f"derived/{'0' * 32}/investigate"
SECRET = "correct horse battery"
Manifests = dict[str, dict[str, Any]]


def finished(  # the last: groups that the report shows
    case: Case, run: str, as_notebook: Any, sections: Any, officer: str | None, groups: int = 0
) -> None:
    import nbformat

    folder = case.run_dir(run)
    digest = sha(b"the same look each time")
    case.log("investigate", {"run": run, "derived": PLACE, "results": {"accounts.parquet": digest}, "parameters": {}})
    nbformat.write(as_notebook(sections), folder / "notebook.ipynb")
    (folder / "report.html").write_text(f"<!doctype html><title>{run}</title>")
    signer = None if officer is None else unlock(officer, SECRET)
    write_manifest(case, folder, notebook="election_watch", signer=signer, edition="full", outcome={"groups": groups})


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folders of a case that is made once: each test works on a copy."""
    return tmp_path_factory.mktemp("made")


@pytest.fixture
def whole(
    made: Path, make_case: Any, all_sections: Any, as_notebook: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Case:
    """A case with a signed, reviewed report, a second one that nobody signed or reviewed, and the pack of the first."""
    monkeypatch.setenv("SPMC_OFFICER_KEYS", str(tmp_path / "officers"))
    monkeypatch.delenv("SPMC_KEY_PASSPHRASE", raising=False)
    if not (made / "cases").exists():
        texts = [f"बूथ {n} बंद है" for n in range(6)]
        case = make_case(texts, [f"acct{n}" for n in range(1, 6)], [f"h{n}" for n in range(5)])
        for name in ("Officer One", "R. Devi", "S. Third"):
            make_key(name, SECRET)
        sections = all_sections(case)
        finished(case, RUN, as_notebook, sections, "Officer One", groups=1)
        finished(case, NEXT, as_notebook, sections, None)
        line_up_by_hand(case, RUN, "R. Devi", unlock("R. Devi", SECRET))
        for verdict in ("needs_more", "not_upheld"):
            case_for = f"Volunteers share lists: {verdict}."
            review(
                case, RUN, reviewer="R. Devi", verdict=verdict, counter_case=case_for, signer=unlock("R. Devi", SECRET)
            )
        write_pack(case, RUN, tmp_path / "pack.zip", unlock("Officer One", SECRET))
        shutil.copytree(tmp_path, made, dirs_exist_ok=True)
    else:
        shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    return Case(tmp_path / "cases" / "small")


def key_of(officer: str) -> tuple[dict[str, str], Any]:
    signer = unlock(officer, SECRET)
    return signer.key.told(), signer.sign


def mallory(tmp_path: Path, name: str = "R. Devi") -> tuple[dict[str, str], Any]:
    """A key under an officer's name, made on another machine."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPMC_OFFICER_KEYS", str(tmp_path / "elsewhere"))
        if read_key(name) is None:
            make_key(name, SECRET)
        return key_of(name)


def heads(rows: list[Row], before: Row) -> dict[str, Any]:
    """Length and head of the log before an entry."""
    seq = before["seq"] - 1
    return {"length": seq, "head": rows[seq - 1]["hash"]}


# -- the forgeries: each changes rows and manifests, and says what must be told ------------------------------------


def another_verdict(rows: list[Row], _: Manifests) -> None:
    the(rows, "review", -1)["payload"]["verdict"] = "upheld"


def another_counter_case(rows: list[Row], _: Manifests) -> None:
    the(rows, "review", -1)["payload"]["counter_case"] = "None."


def key_and_signature_taken_away(rows: list[Row], _: Manifests) -> None:
    the(rows, "review", -1)["payload"].update(verdict="upheld", key=None, signature=None)


def signature_taken_away(rows: list[Row], _: Manifests) -> None:
    the(rows, "review", -1)["payload"].update(verdict="upheld", signature=None)


def key_taken_away(rows: list[Row], _: Manifests) -> None:
    the(rows, "review", -1)["payload"].update(key=None)


def name_taken_away(rows: list[Row], _: Manifests) -> None:
    row = the(rows, "review", -1)
    row["officer"] = ""
    row["payload"].update(reviewer="", key=None, signature=None)


def another_reviewer(rows: list[Row], _: Manifests) -> None:
    the(rows, "review", -1)["payload"].update(reviewer="S. Third", key=None, signature=None)


def preparer_reviews(rows: list[Row], _: Manifests) -> None:
    row = the(rows, "review", -1)
    row["officer"] = "One Officer"
    row["payload"].update(reviewer="One Officer", verdict="upheld", key=None, signature=None)


def a_report_under_the_review(rows: list[Row], manifests: Manifests) -> None:
    """The signed review stays as it is; the report that it was of is another one, which nobody signed."""
    item = next(file for file in manifests[RUN]["files"] if file["path"] == "report.html")
    content = b"<!doctype html><title>forged</title>"
    item.update(bytes=len(content), sha256=sha(content))
    manifests[RUN]["signer"] = None


def a_report_under_the_review_all_renamed(rows: list[Row], manifests: Manifests) -> None:
    """As before, and the reviews name the new manifest: they no longer fit their signatures."""
    a_report_under_the_review(rows, manifests)
    for row in rows:
        if row["kind"] == "review":
            row["payload"]["manifest_sha256"] = "0" * 64


def other_results(rows: list[Row], manifests: Manifests) -> None:
    """An unsigned review names results that its report does not rest on: it would be cited beside other results."""
    row = copy.deepcopy(the(rows, "review", -1))
    row["officer"] = "V. Fourth"
    row["payload"].update(
        reviewer="V. Fourth", key=None, signature=None, results={f"{PLACE}/accounts.parquet": "1" * 64}
    )
    rows.append(row)


def of_no_report(rows: list[Row], _: Manifests) -> None:
    row = copy.deepcopy(the(rows, "review", -1))
    row["officer"] = "V. Fourth"
    row["payload"].update(reviewer="V. Fourth", key=None, signature=None, run_id="another")
    rows.append(row)


def of_another_manifest(rows: list[Row], _: Manifests) -> None:
    row = copy.deepcopy(the(rows, "review", -1))
    row["officer"] = "V. Fourth"
    row["payload"].update(reviewer="V. Fourth", key=None, signature=None, manifest_sha256="1" * 64)
    rows.append(row)


def unsigned_review_replaces_the_signed_one(rows: list[Row], _: Manifests) -> None:
    row = copy.deepcopy(the(rows, "review", -1))
    row["payload"].update(verdict="upheld", key=None, signature=None)
    rows.append(row)


def older_review_put_in_once_more(rows: list[Row], _: Manifests) -> None:
    rows.append(copy.deepcopy(the(rows, "review", 0)))


def signed_review_removed_from_the_middle(rows: list[Row], _: Manifests) -> None:
    rows.remove(the(rows, "review", 0))


def entry_before_a_signed_one_changed(rows: list[Row], _: Manifests) -> None:
    the(rows, "import")["payload"]["obtained"] = "found on a disk"


def report_logged_twice(rows: list[Row], _: Manifests) -> None:
    rows.append(copy.deepcopy(the(rows, "report", 0)))


def review_after_the_withdrawal(rows: list[Row], _: Manifests) -> None:
    row = the(rows, "report", 0)
    payload = {"run_id": RUN, "reason": "x", "manifest_sha256": row["payload"]["manifest_sha256"], "notice": "x\n"}
    rows.insert(rows.index(the(rows, "review", -1)), {**copy.deepcopy(row), "kind": "withdrawn", "payload": payload})


def withdrawal_of_another_report(rows: list[Row], _: Manifests) -> None:
    row = copy.deepcopy(the(rows, "report", 0))
    payload = {"run_id": RUN, "reason": "x", "manifest_sha256": "1" * 64, "notice": "x\n"}
    rows.append({**row, "kind": "withdrawn", "payload": payload})


def stamp_of_another_digest(rows: list[Row], _: Manifests) -> None:
    row = copy.deepcopy(the(rows, "report", 0))
    payload = {"run_id": RUN, "manifest_sha256": "1" * 64, "answer_sha256": "2" * 64, "stamped_at": "x", "server": "x"}
    rows.append({**row, "kind": "time_stamp", "payload": payload})


def line_up_after_the_verdict(rows: list[Row], _: Manifests) -> None:
    """Shown and answered after the finding was known."""
    moved = [row for row in rows if row["kind"].startswith("line_up")]
    rows[:] = [row for row in rows if row not in moved] + moved


def changed_choice(rows: list[Row], _: Manifests) -> None:
    """The officer took another panel for the group."""
    said = the(rows, "line_up_answer")["payload"]
    said["chose"] = "B" if said["chose"] != "B" else "C"


def other_seed(rows: list[Row], _: Manifests) -> None:
    """A seed under which the panel that was chosen is the finding."""
    said = the(rows, "line_up_answer")["payload"]
    said["seed"] = next(seed for seed in map(str, range(99)) if finding_by_hand(seed) == said["chose"])
    said["finding"] = said["chose"]


def other_finding(rows: list[Row], _: Manifests) -> None:
    said = the(rows, "line_up_answer")["payload"]
    said["finding"] = "A" if said["finding"] != "A" else "B"


def answered_twice(rows: list[Row], _: Manifests) -> None:
    row = the(rows, "line_up_answer")
    rows.insert(rows.index(row) + 1, copy.deepcopy(row))


def line_up_left_out(rows: list[Row], _: Manifests) -> None:
    """As if the verdict had been written at once."""
    rows[:] = [row for row in rows if not row["kind"].startswith("line_up")]
    for row in rows:
        if row["kind"] == "review":
            row["payload"]["line_up"] = {"done": {}, "skipped": None}


def line_up_not_told(rows: list[Row], _: Manifests) -> None:
    for row in rows:
        if row["kind"] == "review":
            del row["payload"]["line_up"]


def finding_by_hand(seed: str) -> str:
    """The panel of the finding, from the six orders written out."""
    number = int(hashlib.sha256(f"line-up order {seed}".encode()).hexdigest(), 16) % 6
    return "ABC"[("f..", "f..", "..f", ".f.", "..f", ".f.")[number].index("f")]


FORGERIES = {
    line_up_after_the_verdict: r"entry \d+ \(line_up\) comes after the verdict of entry \d+: a line-up comes first",
    changed_choice: r"entry \d+ \(line_up_answer\) carries a signature that does not fit",
    other_seed: r"entry \d+ \(line_up_answer\) brings another seed than the one that the line-up of entry \d+",
    other_finding: r"entry \d+ \(line_up_answer\) names another panel as the finding than its seed does",
    answered_twice: r"entry \d+ \(line_up_answer\) answers the line-up of entry \d+ once more, after entry \d+",
    line_up_left_out: r"entry \d+ \(review\) was written without the line-up of group 1, and says no reason",
    line_up_not_told: r"entry \d+ \(review\) does not say whether the line-up came first",
    another_verdict: r"entry \d+ \(review\) carries a signature that does not fit",
    another_counter_case: r"entry \d+ \(review\) carries a signature that does not fit",
    key_and_signature_taken_away: r'entry \d+ \(review\) is not signed, and "R. Devi" signs here with the key',
    signature_taken_away: r"entry \d+ \(review\) carries a signature that does not fit",
    key_taken_away: r"entry \d+ \(review\) names no key as the program writes one",
    name_taken_away: r"entry \d+ \(review\) does not name as reviewer the officer who wrote it",
    another_reviewer: r"entry \d+ \(review\) does not name as reviewer the officer who wrote it",
    preparer_reviews: r'entry \d+ \(review\) is by "One Officer", who prepared the report',
    a_report_under_the_review: r"entry \d+ \(review\) names another manifest.json than run .* has",
    a_report_under_the_review_all_renamed: r"entry \d+ \(review\) carries a signature that does not fit",
    other_results: r"entry \d+ \(review\) names other results than the manifest.json of the report does",
    of_no_report: r'entry \d+ \(review\) is about run "another", of which no entry before it tells',
    of_another_manifest: r"entry \d+ \(review\) names another manifest.json than run .* has",
    unsigned_review_replaces_the_signed_one: r'entry \d+ \(review\) is not signed, and "R. Devi" signs here',
    older_review_put_in_once_more: r"entry \d+ \(review\) carries the signature of entry \d+: it was put in once more",
    signed_review_removed_from_the_middle: r"entry \d+ \(\w+\) was signed on another log",
    entry_before_a_signed_one_changed: r"entry \d+ \(officer_key\) was signed on another log: entries up to \d+ were",
    report_logged_twice: r"entry \d+ \(report\) tells of run .* once more, after entry \d+",
    review_after_the_withdrawal: r"entry \d+ \(review\) reviews a run that entry \d+ withdrew",
    withdrawal_of_another_report: r"entry \d+ \(withdrawn\) names another manifest.json than run .* has",
    stamp_of_another_digest: r"entry \d+ \(time_stamp\) names another manifest.json than run .* has",
}


def found_in_case(case: Case, change: Any) -> dict[str, tuple[str, ...]]:
    def with_file(rows: list[Row], manifests: Manifests) -> None:
        change(rows, manifests)
        if manifests[RUN]["signer"] is None:
            (case.path / "reports" / RUN / "report.html").write_bytes(b"<!doctype html><title>forged</title>")

    forge_case(case.path, with_file)
    return {
        "case": verify(case.path, log=False).differences,
        "run": verify(case.path / "reports" / RUN, log=False).differences,
    }


def found_in_pack(case: Case, change: Any, signer: Any = None) -> dict[str, tuple[str, ...]]:
    base = case.path.parent.parent
    files = zip_contents(base / "pack.zip")

    def with_file(rows: list[Row], manifests: Manifests) -> None:
        change(rows, manifests)

    forged = forge_pack(files, with_file, signer)
    if json.loads(forged["run/manifest.json"])["signer"] is None:
        forged["run/report.html"] = b"<!doctype html><title>forged</title>"
        forged = listed_anew(forged, signer)
    path = zipped(base / "forged.zip", forged)
    with zipfile.ZipFile(path) as archive:
        archive.extractall(base / "unpacked")
    return {"pack": verify(path).differences, "unpacked": verify(base / "unpacked").differences}


def test_what_nobody_forged_is_whole(whole: Case) -> None:
    base = whole.path.parent.parent
    assert verify(whole.path, log=False).ok and verify(whole.path / "reports" / RUN, log=False).ok
    assert verify(base / "pack.zip").ok
    forge_case(whole.path, lambda rows, manifests: None)  # the tools that forge leave a whole case whole
    found = verify(whole.path, log=False)
    assert found.ok, found.differences


@pytest.mark.parametrize("change", FORGERIES, ids=lambda change: change.__name__)
def test_a_forgery_is_told_in_case_run_and_pack(whole: Case, change: Any) -> None:
    for where, told in (found_in_case(whole, change) | found_in_pack(whole, change)).items():
        assert any(re.search(FORGERIES[change], sentence) for sentence in told), (where, told)


# -- line-ups that nobody signed -----------------------------------------------------------------------------------


UNSIGNED = {
    line_up_after_the_verdict: "comes after the verdict",
    other_seed: "brings another seed",
    other_finding: "names another panel",
    answered_twice: "once more, after entry",
    line_up_left_out: "was written without the line-up",
    line_up_not_told: "does not say whether",
}


@pytest.mark.parametrize("change", UNSIGNED, ids=lambda change: change.__name__)
def test_a_line_up_without_a_key_is_held_against_its_own_entries(whole: Case, change: Any) -> None:
    """Of these entries nothing is signed: what is told rests on the order of the log and on the hash of the seed."""
    ordinary = dict.fromkeys("ABC", "no_reason")
    folder = whole.run_dir(ALONE)
    (folder / "report.html").write_text("<!doctype html><title>x</title>")
    write_manifest(whole, folder, notebook="election_watch", edition="full", outcome={"groups": 1})
    line_up_by_hand(whole, ALONE, "V. Fourth")
    with pytest.raises(ParameterError, match="is answered already"):
        answer(report_of(whole, ALONE), 1, officer="V. Fourth", chose="A", ordinary=ordinary)
    review(whole, ALONE, reviewer="V. Fourth", verdict="upheld", counter_case="Seen.")
    assert verify(whole.path, log=False).ok

    def alone(rows: list[Row], manifests: Manifests) -> None:
        mine = [row for row in rows if row["payload"].get("run_id") == ALONE and row["kind"] != "report"]
        rest = [row for row in rows if row not in mine]
        before = {row["seq"]: row for row in rows}
        change(mine, manifests)
        rows[:] = [*rest, *mine]
        place = {id(row): n for n, row in enumerate(rows, start=1)}
        for row in mine:  # what the entries say of each other's numbers fits again
            said = row["payload"]
            if row["kind"] == "line_up_answer":
                said["shown"] = place[id(before[said["shown"]])]
            elif row["kind"] == "review" and (said.get("line_up") or {}).get("done"):
                said["line_up"]["done"] = {k: place[id(before[n])] for k, n in said["line_up"]["done"].items()}

    forge_case(whole.path, alone)
    told = verify(whole.path, log=False).differences
    assert any(UNSIGNED[change] in sentence for sentence in told), told


# -- keys ----------------------------------------------------------------------------------------------------------


def with_key(rows: list[Row], key: tuple[dict[str, str], Any], enrol: str, tmp_path: Path) -> None:
    """R. Devi's last review, signed anew with another key, which is entered ``before``, ``after``, never."""
    row = the(rows, "review", -1)
    told, sign = key
    row["payload"].update(verdict="upheld", key=told)
    row["payload"] = signed(row["payload"], sign)
    if enrol == "never":
        return
    payload = signed({**told, "replaces": None, "statements": None, "ledger": heads(rows, row), "clock": {}}, sign)
    entered = {**copy.deepcopy(row), "kind": "officer_key", "officer": told["officer"], "payload": payload}
    at = rows.index(row) + (enrol == "after")
    rows.insert(at, entered)
    if enrol == "before":  # what the review signs of the log must fit again
        chained(rows, {})
        row["payload"]["ledger"] = heads(rows, row)
        row["payload"] = signed(row["payload"], sign)


@pytest.mark.parametrize("enrol", ["never", "after", "before"])
@pytest.mark.parametrize("whose", ["R. Devi", "S. Third", "Officer One"])
def test_a_review_signed_with_another_key(whole: Case, tmp_path: Path, whose: str, enrol: str) -> None:
    """By somebody who made a key in the reviewer's name, by another officer, and by the preparer in her name."""
    key = mallory(tmp_path) if whose == "R. Devi" else key_of(whose)
    if whose != "R. Devi":
        key = ({**key[0], "officer": "R. Devi", "fingerprint": fingerprint(key[0]["public_key"])}, key[1])
    shutil.rmtree(tmp_path / "officers")  # so that nothing on this machine tells whose key it is

    def change(rows: list[Row], _: Manifests) -> None:
        with_key(rows, key, enrol, tmp_path)

    for where, told in (found_in_case(whole, change) | found_in_pack(whole, change)).items():
        words = ("nothing in between replaces it", "did not sign that it is replaced", "another officer's")
        assert any(word in sentence for sentence in told for word in words), f"{where}: " + "\n".join(told)
        if whose == "Officer One":
            assert any("another officer's" in sentence or "there was no second" in sentence for sentence in told)


def test_a_key_that_came_in_afterwards(whole: Case, tmp_path: Path) -> None:
    """The officer had no key in the case: the review of a made-up colleague, and his key in the entry after it."""
    told, sign = mallory(tmp_path, "V. Fourth")

    def change(rows: list[Row], _: Manifests) -> None:
        row = copy.deepcopy(the(rows, "review", -1))
        row["officer"] = "V. Fourth"
        row["payload"].update(reviewer="V. Fourth", verdict="upheld", key=told)
        rows.append(row)
        chained(rows, {})
        row["payload"]["ledger"] = heads(rows, row)
        row["payload"] = signed(row["payload"], sign)
        payload = signed({**told, "replaces": None, "statements": None, "ledger": heads(rows, row), "clock": {}}, sign)
        rows.append({**copy.deepcopy(row), "kind": "officer_key", "payload": payload})

    for where, said in (found_in_case(whole, change) | found_in_pack(whole, change)).items():
        assert any("the key came in afterwards" in sentence for sentence in said), (where, said)


def test_the_key_that_this_machine_has_of_an_officer_is_compared(whole: Case, tmp_path: Path) -> None:
    assert verify(whole.path, log=False).ok
    shutil.rmtree(tmp_path / "officers")
    assert verify(whole.path, log=False).ok  # another machine knows nobody
    make_key("R. Devi", SECRET)
    for path in (whole.path, tmp_path / "pack.zip"):
        found = verify(path, log=False)
        assert found.whole and not found.ok
        assert any(
            '"R. Devi" signs here with the key' in doubt and "on this machine" in doubt for doubt in found.doubts
        )


def test_a_rotated_key_signs_on_and_the_old_one_does_not(whole: Case, tmp_path: Path) -> None:
    old = unlock("R. Devi", SECRET)
    rotate_key("R. Devi", SECRET, SECRET)
    new = rotate_key("R. Devi", SECRET, SECRET)  # twice, and the one in between never signed here
    say = {"reviewer": "R. Devi", "verdict": "upheld", "counter_case": "Seen."}
    review(whole, RUN, **say, signer=unlock("R. Devi", SECRET))
    found = verify(whole.path, log=False)
    assert found.ok, found.differences
    assert KeyBook.of(whole.ledger.entries()).current["devi r"] == new.public_key
    with pytest.raises(ParameterError, match="was revoked or replaced in case small"):
        review(whole, RUN, **say, signer=old)

    def change(rows: list[Row], _: Manifests) -> None:
        the(rows, "officer_key", -1)["payload"]["statements"] = []

    forge_case(whole.path, change)
    assert any("did not sign that it is replaced" in one for one in verify(whole.path, log=False).differences)


def test_a_lost_key_is_ended_by_a_colleague_whom_it_vouches_for(whole: Case, tmp_path: Path) -> None:
    lost = read_key("R. Devi")
    assert lost is not None
    shutil.rmtree(lost.path)
    make_key("R. Devi", SECRET)
    say = {"reviewer": "R. Devi", "verdict": "upheld", "counter_case": "Seen."}
    with pytest.raises(ParameterError, match="spmc key revoke"):
        review(whole, RUN, **say, signer=unlock("R. Devi", SECRET))
    with pytest.raises(ParameterError, match="cannot end this one"):  # who was never seen by the key that ends
        revoke(whole, lost.public_key, "Lost.", unlock("S. Third", SECRET))
    with pytest.raises(ParameterError, match="needs a reason"):
        revoke(whole, lost.public_key, " ", unlock("Officer One", SECRET))
    revoke(whole, lost.public_key, "The disk broke.", unlock("Officer One", SECRET))
    review(whole, RUN, **say, signer=unlock("R. Devi", SECRET))
    shutil.rmtree(tmp_path / "officers")
    found = verify(whole.path, log=False)
    assert found.ok, found.differences
    assert any("was revoked on" in note for note in found.notes)


def test_nobody_ends_a_key_with_one_that_it_never_saw(whole: Case, tmp_path: Path) -> None:
    told, sign = mallory(tmp_path, "V. Fourth")
    devi = read_key("R. Devi")
    assert devi is not None

    def change(rows: list[Row], _: Manifests) -> None:
        last = rows[-1]
        enter = {**told, "replaces": None, "statements": None, "ledger": heads(rows, last), "clock": {}}
        rows.append({**last, "kind": "officer_key", "officer": "V. Fourth", "payload": signed(enter, sign)})
        end = {"public_key": devi.public_key, "fingerprint": devi.fingerprint, "reason": "x", "by": told,
               "ledger": heads(rows, last), "clock": {}}  # fmt: skip
        rows.append({**last, "kind": "key_revoked", "officer": "V. Fourth", "payload": signed(end, sign)})

    for where, said in (found_in_case(whole, change) | found_in_pack(whole, change)).items():
        assert any("revokes a key with one that it never signed over" in sentence for sentence in said), (where, said)


def test_two_persons_are_two_keys(whole: Case, tmp_path: Path) -> None:
    say = {"verdict": "upheld", "counter_case": "Seen."}
    with pytest.raises(
        ParameterError, match="a key of his own"
    ):  # the report is signed: a name alone is no second person
        review(whole, RUN, reviewer="V. Fourth", **say)
    with pytest.raises(ParameterError, match="signs in this case with the key"):
        review(whole, RUN, reviewer="R. Devi", **say)
    review(whole, NEXT, reviewer="V. Fourth", **say)  # nobody signed that one
    copied = tmp_path / "officers" / officer_keys._folder("V. Fourth").name
    shutil.copytree(officer_keys._folder("Officer One"), copied)
    public = json.loads((copied / "public.json").read_text())
    (copied / "public.json").write_text(json.dumps(public | {"officer": "V. Fourth"}))
    with pytest.raises(ParameterError, match=r"signs in case small under another name|signed with the same key"):
        review(whole, NEXT, reviewer="V. Fourth", **say, signer=unlock("V. Fourth", SECRET))


# -- packs ---------------------------------------------------------------------------------------------------------


def test_a_signed_pack_replaced(whole: Case, tmp_path: Path) -> None:
    """By one that nobody signed, by one signed with a key made in the packer's name, by one of another officer."""
    files = zip_contents(tmp_path / "pack.zip")
    files["innocence.html"] = b"nothing speaks for anybody"
    mine = {**files, "keys/0.json": json.dumps(mallory(tmp_path, "Officer One")[0]).encode()}
    told = {
        "unsigned": listed_anew(files),
        "made-up": listed_anew(mine, mallory(tmp_path, "Officer One")),
        "reviewer's": listed_anew(files, ({**key_of("R. Devi")[0], "officer": "Officer One"}, key_of("R. Devi")[1])),
        "unknown": listed_anew(files, mallory(tmp_path, "V. Fourth")),
    }
    by_other = json.loads(told["unsigned"]["pack.json"]) | {"made_by": "V. Fourth"}
    told["unsigned, by another"] = {**told["unsigned"], "pack.json": json.dumps(by_other).encode()}
    shutil.rmtree(tmp_path / "officers")
    says = {
        "unsigned": "so this one was put in its place", "unsigned, by another": "so this one was put in its place",
        "made-up": "nothing in between replaces it", "reviewer's": "another officer's",
        "unknown": "the key came in afterwards",
    }  # fmt: skip
    for name, forged in told.items():
        found = verify(zipped(tmp_path / "replaced.zip", forged))
        assert any(says[name] in sentence for sentence in found.differences), (name, found.differences)


# -- withdrawals, and what lies beside -----------------------------------------------------------------------------


def test_a_withdrawal_taken_back_is_seen_by_what_was_signed_later(
    whole: Case, as_notebook: Any, all_sections: Any
) -> None:
    withdraw(whole, NEXT, "A newsroom was named.")
    finished(whole, RUN[:-1] + "9", as_notebook, all_sections(whole), "Officer One")
    assert verify(whole.path, log=False).ok

    def change(rows: list[Row], _: Manifests) -> None:
        rows.remove(the(rows, "withdrawn"))

    forge_case(whole.path, change)
    (whole.path / "reports" / NEXT / "WITHDRAWN.txt").unlink()
    assert any("were written anew" in one or "cut off" in one for one in verify(whole.path, log=False).differences)


# -- the clock -----------------------------------------------------------------------------------------------------


def test_an_entry_dated_before_its_predecessor(whole: Case) -> None:
    def change(rows: list[Row], _: Manifests) -> None:
        rows[-1]["at"] = "2025-11-01T00:00:00.000000Z"

    forge_case(whole.path, change)
    for path in (whole.path, whole.path / "reports" / RUN):
        found = verify(path, log=False)
        assert not found.ok and found.whole and found.differences == ()
        assert "is dated" in found.doubts[0] and "before the entry before it" in found.doubts[0]


def test_a_clock_that_was_set_forward(whole: Case) -> None:
    rows = [dict(row) for row in map(dict, whole.ledger.entries())]
    if not isinstance(rows[-1]["payload"]["clock"].get("boot"), str):
        pytest.skip("this system does not say when it was started")

    def later(row: Row, days: float) -> None:
        at = datetime.fromisoformat(row["at"]) + timedelta(days=days)
        row["at"] = at.isoformat(timespec="microseconds").replace("+00:00", "Z")

    def change(rows: list[Row], _: Manifests) -> None:
        for row in rows[:-1]:
            later(row, -3)

    forge_case(whole.path, change)
    found = verify(whole.path, log=False)
    assert not found.ok and len(found.doubts) == 1 and "the clock was set forward by 3 days" in found.doubts[0]


@pytest.mark.parametrize("odd", [True, None, "x", 10**400, -(10**30), 1.5e308, []])
def test_odd_times_since_the_start_are_no_error(whole: Case, odd: object) -> None:
    def change(rows: list[Row], _: Manifests) -> None:
        for row in rows[-2:]:
            row["payload"]["clock"] = {"boot": "same", "uptime_s": odd if row is rows[-1] else 1.0}

    forge_case(whole.path, change)
    found = verify(whole.path, log=False)
    moved = isinstance(odd, (int, float)) and odd is not True
    assert any("the clock was set" in doubt for doubt in found.doubts) == moved


@pytest.mark.parametrize("name", ["original/\ud800", "original/\x00", "original/" + "x" * 300])
@pytest.mark.parametrize("which", ["inputs", "tables"])
def test_a_manifest_that_names_what_no_file_can_be_called(whole: Case, which: str, name: str) -> None:
    def change(_: list[Row], manifests: Manifests) -> None:
        item = manifests[RUN][which][0]
        item.update(path=name, **({"name": "x"} if which == "inputs" else {}))

    for where, told in found_in_case(whole, change).items():
        assert any("original/" in one or "no manifest that" in one for one in told), (where, told)


def test_an_entry_of_the_future(whole: Case) -> None:
    def change(rows: list[Row], _: Manifests) -> None:
        rows[-1]["at"] = "2999-01-01T00:00:00.000000Z"
        rows[-1]["payload"]["clock"] = {}

    forge_case(whole.path, change)
    assert any("has not reached" in one for one in verify(whole.path, log=False).doubts)


def test_a_payload_that_two_programs_read_differently(whole: Case) -> None:
    """A key that stands twice: some take the first, some the last."""
    from tests import forgery

    real = forgery.canonical

    def twice(value: object) -> bytes:
        text = real(value)
        if isinstance(value, dict) and value.get("verdict") == "not_upheld":
            return text[:-1] + b',"verdict":"upheld"}'
        return text

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(forgery, "canonical", twice)
        forge_case(whole.path, lambda rows, manifests: None)
    assert whole.ledger.check() is None
    found = verify(whole.path, log=False)
    assert any("is not written in the one form that entries have" in one for one in found.differences)
