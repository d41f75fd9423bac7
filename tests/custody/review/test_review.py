"""Review by a second officer, withdrawal, keys of officers: nothing of a report is edited, everything is logged."""

from __future__ import annotations

import hashlib
import json
import stat
import time
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from nbformat.v4 import new_code_cell, new_notebook, new_output

from spmc_tools.case.acts.review_entries import results_at, standing, upheld
from spmc_tools.custody.review.review import review, withdraw
from spmc_tools.custody.review.verify import verify
from spmc_tools.errors import CaseError, IntegrityError, ParameterError
from spmc_tools.findings.result.exports import reviewed
from spmc_tools.report.page.index import compared_with, index_rows, write_index
from spmc_tools.report.page.render import Run, page
from spmc_tools.report.words.notebook_file import MIME
from spmc_tools.signing import officer_keys
from spmc_tools.signing.citations import authenticated, citations
from spmc_tools.signing.cited_reports import cited_in
from spmc_tools.signing.manifest import write_manifest
from spmc_tools.signing.officer_keys import make_key, read_key, ready_signer, rotate_key, signed_by, unlock
from spmc_tools.signing.passphrases import passphrase_bits, passphrase_quality

RUN, NEXT = "20251113T034000Z-election_watch-ab12", "20251114T034000Z-election_watch-cd34"
PLACE = f"derived/{'0' * 32}/investigate"
SECRET = "correct horse battery"


def looked(case, run, digest="a" * 64) -> None:
    case.log("investigate", {"run": run, "derived": PLACE, "results": {"accounts.parquet": digest}, "parameters": {}})


def made_run(case, run=RUN, digest="a" * 64, signer=None, status="complete", edition="full", **facts):
    folder = case.run_dir(run)
    (folder / "report.html").write_text("<!doctype html><title>x</title>")
    (folder / "notebook.ipynb").write_text("{}")
    looked(case, run, digest)
    write_manifest(case, folder, status=status, signer=signer, edition=edition, language="en", **facts)
    return folder


def say(case, name="R. Devi", verdict="upheld", text="Volunteers share lists.", run=RUN, signer=None):
    return review(case, run, reviewer=name, verdict=verdict, counter_case=text, signer=signer)


@pytest.fixture(autouse=True)
def officers(tmp_path, monkeypatch):
    monkeypatch.setenv("SPMC_OFFICER_KEYS", str(tmp_path / "officers"))
    monkeypatch.delenv("SPMC_KEY_PASSPHRASE", raising=False)


# -- keys ----------------------------------------------------------------------------------------------------------


def by_hand(content: bytes, secret: str = SECRET) -> tuple[bytes, bytes]:
    """The PEM in a key's file, and what it is encrypted with."""
    head, pem = content.split(b"\n", 1)
    told = dict(word.split("=") for word in head.decode().split()[1:])
    cost, block, lanes = (int(told[name]) for name in "nrp")
    key = hashlib.scrypt(
        secret.encode(), salt=bytes.fromhex(told["salt"]), n=cost, r=block, p=lanes, maxmem=1 << 30, dklen=32
    )
    return pem, key.hex().encode()


def test_a_guess_takes_half_a_second(monkeypatch) -> None:
    monkeypatch.undo()  # as officers' keys are locked, not as tests lock them
    began = time.process_time()
    hashlib.scrypt(b"x", salt=b"y" * 16, n=officer_keys._COST, r=8, p=1, maxmem=1 << 30)
    assert time.process_time() - began > 0.25 and officer_keys._COST * 8 * 128 >= 128 << 20


@pytest.mark.parametrize(
    ("passphrase", "officer", "quality"),
    [
        ("password123", "", "weak"), ("1234567890", "", "weak"), ("qwertyuiop1", "", "weak"),
        ("R. Devi 2024!", "R. Devi", "weak"), ("jaihind@1947", "", "weak"), ("aaaaabbbbbcc", "", "weak"),
        ("correct horse battery", "", "weak"), ("kq7zpw3mtx", "", "fair"), ("xK9#mQ2$vL7p", "", "good"),
        ("orbit tulip canyon velvet anchor mosaic", "", "good"), ("गंगा के पार पुराना नीला पुल", "", "good"),
    ],
)  # fmt: skip
def test_what_a_passphrase_is_worth_is_said(passphrase: str, officer: str, quality: str) -> None:
    assert passphrase_quality(passphrase, officer) == quality
    bits = passphrase_bits(passphrase, officer)
    assert bits <= len(passphrase) * 7.5 and passphrase_bits(passphrase + passphrase[-1] * 5, officer) < bits + 8


def test_a_key_of_an_older_version_is_locked_anew(tmp_path) -> None:
    key = make_key("Officer One", SECRET)
    file = key.path / "key.pem"
    private = serialization.load_pem_private_key(*by_hand(file.read_bytes()))
    old = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(SECRET.encode()),
    )  # fmt: skip
    file.write_bytes(old)
    with pytest.raises(ParameterError, match="does not open"):
        unlock("Officer One", "another passphrase")
    assert file.read_bytes() == old
    signature = unlock("Officer One", SECRET).sign(b"x")
    assert file.read_bytes().startswith(b"scrypt n=") and stat.S_IMODE(file.stat().st_mode) == 0o600
    assert serialization.load_pem_private_key(*by_hand(file.read_bytes())).sign(b"x").hex() == signature
    assert unlock("Officer One", SECRET).sign(b"x") == signature
    pem = by_hand(file.read_bytes())[0]
    for harm in (b"scrypt n=99999999 r=99 p=9 salt=", b"scrypt n=3 r=8 p=1 salt="):  # more memory than it may take
        file.write_bytes(harm + b"0" * 32 + b"\n" + pem)
        with pytest.raises(ParameterError, match="does not open"):
            unlock("Officer One", SECRET)


def test_a_key_is_locked_private_and_signs(tmp_path) -> None:
    key = make_key("Officer One", SECRET)
    file = key.path / "key.pem"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert b"ENCRYPTED" in file.read_bytes()
    assert key.path.is_relative_to(tmp_path / "officers")
    signature = unlock("officer  ONE", SECRET).sign(b"these bytes")
    # second route: the library itself, from the file and from the public half
    private = serialization.load_pem_private_key(*by_hand(file.read_bytes()))
    assert private.sign(b"these bytes").hex() == signature
    Ed25519PublicKey.from_public_bytes(bytes.fromhex(key.public_key)).verify(bytes.fromhex(signature), b"these bytes")
    assert signed_by(key.public_key, signature, b"these bytes")
    assert not signed_by(key.public_key, signature, b"these bytez") and not signed_by("zz", signature, b"these bytes")


@pytest.mark.parametrize("wrong", ["", "correct horse batterz", "नहीं पता किसी को"])
def test_a_wrong_passphrase_is_one_sentence(wrong) -> None:
    make_key("Officer One", SECRET)
    with pytest.raises(ParameterError, match="does not open the key") as caught:
        unlock("Officer One", wrong)
    assert "\n" not in str(caught.value) and "Traceback" not in str(caught.value)


def test_what_is_wrong_with_a_key_is_said() -> None:
    with pytest.raises(ParameterError, match="at least 10"):
        make_key("Officer One", "short")
    with pytest.raises(ParameterError, match="5 different characters"):
        make_key("Officer One", "abababababab")
    assert read_key("Officer One") is None
    with pytest.raises(ParameterError, match="has no key here"):
        unlock("Officer One", SECRET)
    key = make_key("Officer One", SECRET)
    with pytest.raises(ParameterError, match="has a key already"):
        make_key("OFFICER one", SECRET)
    (key.path / "key.pem").chmod(0o644)
    with pytest.raises(IntegrityError, match="0600"):
        unlock("Officer One", SECRET)
    (key.path / "key.pem").chmod(0o600)
    (key.path / "public.json").write_text("{}")
    with pytest.raises(IntegrityError, match="missing or damaged"):
        unlock("Officer One", SECRET)


def test_rotation_keeps_the_old_public_key_with_a_signed_statement() -> None:
    old = make_key("Officer One", SECRET)
    with pytest.raises(ParameterError, match="does not open"):
        rotate_key("Officer One", "wrong wrong wrong", "a new passphrase")
    assert read_key("Officer One") == old
    new = rotate_key("Officer One", SECRET, "a new passphrase")
    assert new.public_key != old.public_key and unlock("Officer One", "a new passphrase").key == read_key("Officer One")
    told = json.loads(next(old.path.glob("old-*.json")).read_text())
    said = json.dumps({k: v for k, v in told.items() if k != "signature"}, sort_keys=True, separators=(",", ":"))
    assert told["replaced"]["public_key"] == old.public_key and told["by"]["public_key"] == new.public_key
    assert signed_by(old.public_key, told["signature"], said.encode())


def test_a_run_is_signed_where_the_passphrase_is_known(monkeypatch) -> None:
    assert ready_signer("Officer One") is None
    make_key("Officer One", SECRET)
    assert ready_signer("Officer One") is None
    monkeypatch.setenv(officer_keys.PASSPHRASE, SECRET)
    assert ready_signer("Officer One").key.officer == "Officer One"
    monkeypatch.setenv(officer_keys.PASSPHRASE, "another one here")
    with pytest.raises(ParameterError, match="does not open"):
        ready_signer("Officer One")


def test_a_signed_run_and_what_was_done_to_it(small_case) -> None:
    make_key("Officer One", SECRET)
    folder = made_run(small_case, signer=unlock("Officer One", SECRET))
    assert verify(folder).ok and verify(small_case.path).ok
    signature = folder / "manifest.sig"
    good = signature.read_bytes()
    told = json.loads(good)
    Ed25519PublicKey.from_public_bytes(bytes.fromhex(told["public_key"])).verify(
        bytes.fromhex(told["signature"]), (folder / "manifest.json").read_bytes()
    )
    for bad in (
        b"{}",
        b"",
        good.replace(told["signature"][:8].encode(), b"00000000"),
        good.replace(b"Ed25519", b"none"),
        good.replace(b"Officer One", b"Officer Two"),
        good.replace(told["signature"].encode(), told["signature"].upper().encode()),
        good.replace(told["signature"][:2].encode(), told["signature"][:2].encode() + b" ", 1),
        good.replace(told["fingerprint"][:4].encode(), b"0000"),
        good + b"\n",
        good.replace(b"{", b'{"algorithm": "none",', 1),
    ):
        assert bad != good
        signature.write_bytes(bad)
        assert str(verify(folder, log=False).first_difference).startswith("manifest.sig: ")
    signature.unlink()
    assert verify(folder, log=False).first_difference == "manifest.sig: it is missing"
    unsigned = made_run(small_case, NEXT)
    (unsigned / "manifest.sig").write_bytes(good)
    assert "added afterwards" in str(verify(unsigned, log=False).first_difference)


# -- reviews -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["Officer One", "officer one", " OFFICER   ONE", "One, Officer", "Оfficer Оne", "Officer\u200cOne"]
)
def test_the_preparer_cannot_review(small_case, name) -> None:
    made_run(small_case)
    with pytest.raises(ParameterError, match="second officer"):
        say(small_case, name)
    assert not [e for e in small_case.ledger.entries() if e["kind"] == "review"]


def test_a_new_officer_of_the_case_does_not_make_the_preparer_another_person(small_case) -> None:
    made_run(small_case)
    small_case.change_settings("handed over", officer="S. Third")
    for name in ("Officer One", "S. Third"):
        with pytest.raises(ParameterError, match="second officer"):
            say(small_case, name)
    assert len(say(small_case)) == 1


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"text": " \n\u200b–."}, "counter-case is empty"),
        ({"text": "x" * 20_001}, "longer than"),
        ({"verdict": "yes"}, "upheld, not_upheld, needs_more"),
        ({"name": " "}, "name is empty"),
        ({"name": "R.\nDevi"}, "one line"),
        ({"run": "no-such"}, "has no report"),
        ({"run": "../x"}, "has no report"),
    ],
)
def test_what_does_not_fit_is_one_sentence(small_case, changed, says) -> None:
    made_run(small_case)
    with pytest.raises((ParameterError, CaseError), match=says) as caught:
        say(small_case, **changed)
    assert "\n" not in str(caught.value)


def test_a_failed_or_changed_run_is_not_reviewed(small_case) -> None:
    made_run(small_case, NEXT, status="failed")
    with pytest.raises(CaseError, match="failed"):
        say(small_case, run=NEXT)
    folder = made_run(small_case)
    (folder / "report.html").write_text("another")
    with pytest.raises(IntegrityError, match=r"report\.html"):
        say(small_case)


def test_a_review_edits_nothing_and_stands_for_the_same_results_alone(small_case) -> None:
    folder = made_run(small_case)
    before = {p.name: p.read_bytes() for p in folder.iterdir()}
    results = small_case.path / PLACE
    assert not reviewed(results, small_case)
    assert not authenticated(say(small_case)[-1])
    assert {p.name: p.read_bytes() for p in folder.iterdir()} == before and verify(small_case.path).ok
    entry = [e for e in small_case.ledger.entries() if e["kind"] == "review"][-1]
    assert entry["officer"] == "R. Devi" and entry["payload"]["counter_case"] == "Volunteers share lists."
    assert reviewed(results, small_case)
    looked(small_case, NEXT)
    assert [one["run"] for one in citations(small_case, NEXT)] == [RUN]
    looked(small_case, "third", "b" * 64)  # computed anew: other results
    assert citations(small_case, "third") == [] and not reviewed(results, small_case)
    assert not reviewed(None, small_case)


def test_the_last_word_of_every_reviewer_counts(small_case) -> None:
    made_run(small_case)
    say(small_case)
    say(small_case, "A. Khan", "not_upheld")
    results = results_at(small_case.ledger.entries(), small_case.path / PLACE)
    told = standing(small_case.ledger.entries(), results)
    assert [one.verdict for one in told] == ["upheld", "not_upheld"] and not upheld(told)
    say(small_case, "a khan", "upheld")
    told = standing(small_case.ledger.entries(), results)
    assert [one.verdict for one in told] == ["upheld", "upheld"] and upheld(told)
    assert not upheld([])


def test_a_reviewer_signs_with_a_key_of_his_own(small_case) -> None:
    make_key("Officer One", SECRET)
    own = make_key("R. Devi", SECRET)
    preparer = unlock("Officer One", SECRET)
    made_run(small_case, signer=preparer)
    with pytest.raises(ParameterError, match="key of his own"):
        say(small_case, signer=preparer)
    made = say(small_case, signer=unlock("R. Devi", SECRET))[-1]
    assert authenticated(made)
    told = {key: value for key, value in made.payload.items() if key != "signature"}
    text = json.dumps(told, sort_keys=True, separators=(",", ":"))
    Ed25519PublicKey.from_public_bytes(bytes.fromhex(own.public_key)).verify(
        bytes.fromhex(made.payload["signature"]), text.encode()
    )
    looked(small_case, NEXT)
    assert citations(small_case, NEXT)[0]["fingerprint"] == own.fingerprint


def test_the_next_page_cites_the_review(small_case, all_sections, as_notebook) -> None:
    made_run(small_case)
    say(small_case, text="<b>Volunteers</b> of \u202eone leader")
    looked(small_case, NEXT)
    at = datetime(2025, 11, 14, tzinfo=UTC).isoformat()
    run = Run(NEXT, "small", "election_watch", at, "complete", "full", 0, True, tuple(citations(small_case, NEXT)))
    text = page(as_notebook(all_sections(small_case)), run, "en")
    assert (
        "Entered as reviewed and upheld; the identity of the reviewer is not proven." in text
        and RUN in text
        and "Reviewed: upheld." not in text
    )
    assert "No officer whose identity is proven by a key has upheld these results yet." in text
    assert "&lt;b&gt;Volunteers&lt;/b&gt;" in text and "<b>Volunteers" not in text
    assert "NOT REVIEWED" in text and "Not reviewed yet" not in text and "handle_1" in text
    proven = {**citations(small_case, NEXT)[0], "fingerprint": "ab12"}
    typed = {**proven, "fingerprint": None}
    text = page(as_notebook(all_sections(small_case)), replace(run, reviews=(typed, proven)), "en")
    assert "Reviewed: upheld." in text and "NOT REVIEWED" not in text and "Names may be used" in text
    against = {**typed, "verdict": "not_upheld"}
    text = page(as_notebook(all_sections(small_case)), replace(run, reviews=(proven, against)), "en")
    assert "NOT REVIEWED" in text and "The review does not uphold these results." in text
    run = Run(NEXT, "small", "election_watch", at, "complete", "full", 0, True)
    assert "NOT REVIEWED" in page(as_notebook(all_sections(small_case)), run, "en")


# -- withdrawal ----------------------------------------------------------------------------------------------------


def test_a_withdrawn_report_stays_and_everybody_is_told(small_case) -> None:
    folder = made_run(small_case)
    write_index(small_case)
    say(small_case)
    before = {p.name: p.read_bytes() for p in folder.iterdir()}
    with pytest.raises(ParameterError, match="reason is empty"):
        withdraw(small_case, RUN, " ")
    notice = withdraw(small_case, RUN, "A <newsroom> was named.")
    assert {n: (folder / n).read_bytes() for n in before} == before
    assert "WITHDRAWN" in notice.read_text() and "A <newsroom> was named." in notice.read_text()
    assert index_rows(small_case)[0]["status"] == "withdrawn"
    listed = (small_case.path / "reports" / "index.html").read_text()
    assert "WITHDRAWN" in listed and "A &lt;newsroom&gt; was named." in listed
    result = verify(small_case.path)
    assert result.ok and any("withdrawn" in note for note in result.notes)
    assert not reviewed(small_case.path / PLACE, small_case)
    with pytest.raises(CaseError, match="withdrawn already"):
        withdraw(small_case, RUN, "again")
    with pytest.raises(CaseError, match="withdrawn"):
        say(small_case)
    notice.write_text("all is well")
    assert f"reports/{RUN}/WITHDRAWN.txt" in str(verify(small_case.path, log=False).first_difference)
    notice.unlink()
    assert "WITHDRAWN.txt: it is missing" in str(verify(small_case.path, log=False).first_difference)
    assert (
        "A <newsroom>" in withdraw(small_case, RUN, "A <newsroom> was named.").read_text()
    )  # finished by the next call
    assert verify(small_case.path).ok


def test_a_report_that_cites_a_withdrawn_one_is_marked_and_so_is_a_review_of_it(small_case, a_run) -> None:
    made_run(small_case)
    say(small_case)
    citing = made_run(small_case, run=NEXT, cites=[RUN])
    say(small_case, name="Third Officer", run=NEXT)
    page_before = (citing / "report.html").read_bytes()
    assert [one["withdrawn"] for one in citations(small_case, NEXT)] == [[], []]
    withdraw(small_case, RUN, "A <newsroom> was named.")

    notice = (citing / "CITES_WITHDRAWN.txt").read_text()
    assert RUN in notice and NEXT in notice and "A <newsroom> was named." in notice and small_case.officer in notice
    assert (citing / "report.html").read_bytes() == page_before
    newest, oldest = index_rows(small_case)
    assert (newest["run"], newest["status"], oldest["status"]) == (NEXT, "complete", "withdrawn")
    [told] = newest["cites_withdrawn"]
    assert (told["run"], told["reason"], told["officer"]) == (RUN, "A <newsroom> was named.", small_case.officer)
    assert oldest["cites_withdrawn"] == []
    listed = (small_case.path / "reports" / "index.html").read_text()
    assert "It cites a report that was withdrawn on" in listed and "A &lt;newsroom&gt; was named." in listed

    # the next report shows the review of the citing one, and says what that one cites
    [shown] = citations(small_case, NEXT)
    assert shown["run"] == NEXT and [one["run"] for one in shown["withdrawn"]] == [RUN]
    text = page(new_notebook(), replace(a_run, reviews=(shown,)), "en")
    assert "The reviewed report cites a report that was withdrawn on" in text
    assert "A &lt;newsroom&gt; was named." in text

    found = verify(small_case.path)
    assert found.ok and any("cites a report that was withdrawn" in note for note in found.notes)
    (citing / "CITES_WITHDRAWN.txt").write_text("all is well")
    assert f"reports/{NEXT}/CITES_WITHDRAWN.txt" in str(verify(small_case.path, log=False).first_difference)


def test_no_notice_beside_a_redacted_report_names_an_account(small_case) -> None:
    """The folder of a redacted run may be handed over, and its notices are written after its leak check."""
    folder, full, told = made_run(small_case, edition="redacted"), "20251114T034000Z-election_watch-0002", "handle_1"
    citing = made_run(small_case, run=NEXT, cites=[RUN], edition="redacted")
    made_run(small_case, run=full, cites=[RUN])
    withdraw(small_case, RUN, f"{told} is a newsroom, see https://site.example/p/1")
    for notice in (folder / "WITHDRAWN.txt", citing / "CITES_WITHDRAWN.txt"):
        text = notice.read_text()
        assert "is a newsroom, see [address" in text and small_case.pseudonym("acct1") in text
        assert told not in text and "site.example" not in text
    kept = small_case.path / "reports" / full / "CITES_WITHDRAWN.txt"
    assert f"Reason: “{told} is a newsroom, see https://site.example/p/1”. This report" in kept.read_text()
    assert verify(small_case.path).ok


def test_a_report_without_the_list_of_what_it_cites_is_known_by_the_reviews_that_stood(small_case) -> None:
    made_run(small_case)
    say(small_case)
    other = made_run(small_case, run=NEXT)
    third = made_run(small_case, run=NEXT.replace("cd34", "ef56"), digest="b" * 64)
    withdraw(small_case, RUN, "Wrong file.")
    assert (other / "CITES_WITHDRAWN.txt").is_file()
    assert not (third / "CITES_WITHDRAWN.txt").exists()
    assert verify(small_case.path).whole  # that the look of the third gave another table is a doubt


def test_what_a_page_cites() -> None:
    """Of an executed notebook: its reviews first, each run once, and those that the section *changes* names."""
    nothing = {name: [] for name in ("new", "gone", "grown", "smaller", "withdrawn")}
    counts = dict.fromkeys(("new", "grown", "smaller", "gone", "same"), 0)
    alone = {**nothing, "lost": False, "part": False, "same": 0, "look": None, "before": None, "queue": None}
    both = {
        **alone,
        "before": {"run": "b", "at": "2025-11-13T03:40:00Z"},
        "queue": {"run": "a", "made_at": "2025-11-13T03:40:00Z", **counts, "rows": []},
    }
    told = [
        compared_with(_notebook_of(values, missing)) for values, missing in ((both, []), (alone, []), ({}, ["found"]))
    ]
    assert told == [("b", "a"), (), ()] and compared_with(new_notebook()) == ()
    assert cited_in([{"run": "a"}, {"run": "c"}], told[0]) == ["a", "c", "b"]
    assert cited_in([], told[1]) == []


def _notebook_of(values: dict, missing: list[str]):
    payload = {"name": "changes", "values": values, "missing": missing}
    return new_notebook(cells=[new_code_cell("x", outputs=[new_output("display_data", {MIME: payload})])])


def test_a_notice_that_nobody_logged_is_a_difference(small_case) -> None:
    folder = made_run(small_case)
    (folder / "WITHDRAWN.txt").write_text("WITHDRAWN")
    assert "does not know that this report was withdrawn" in str(verify(folder).first_difference)


def test_a_review_of_another_manifest_does_not_stand(small_case) -> None:
    made_run(small_case)
    results = {f"{PLACE}/accounts.parquet": "a" * 64}
    say(small_case)
    entries = small_case.ledger.entries()
    assert len(standing(entries, results)) == 1
    (report,) = [entry for entry in entries if entry["kind"] == "report"]
    other = {**report, "payload": {**report["payload"], "manifest_sha256": "0" * 64}}
    assert standing([other if entry is report else entry for entry in entries], results) == []
