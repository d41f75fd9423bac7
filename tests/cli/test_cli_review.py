"""Keys, review, withdrawal, packs as their users type them."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
import pytest
from nbformat import v4

from spmc_tools.signing.manifest import write_manifest
from tests.plain_cases import plain_case

RUN = "20251113T034000Z-election_watch-ab12"


@pytest.fixture
def spmc(command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SPMC_OFFICER_KEYS", str(tmp_path / "officers"))
    monkeypatch.setenv("SPMC_KEY_PASSPHRASE", "correct horse battery")
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    case = plain_case("gaya", date_from="2025-11-03", date_to="2025-11-12", officer="A. Officer")
    folder = case.run_dir(RUN)
    (folder / "report.html").write_text("<!doctype html><title>x</title>")
    nbformat.write(v4.new_notebook(), folder / "notebook.ipynb")
    write_manifest(case, folder, edition="full")

    return command


def reviewed(spmc, name: str = "R. Devi", *more: str) -> tuple[int, str, str]:
    return spmc(
        "review", "gaya", RUN, "--as", name, "--verdict", "upheld", "--counter-case", "Volunteers share lists.", *more
    )


def test_from_a_key_to_a_checked_pack(spmc, tmp_path: Path) -> None:
    code, out, _ = spmc("key", "new", "--as", "R. Devi", "--json")
    made = json.loads(out)
    assert code == 0 and {"officer", "public_key", "fingerprint"} <= made.keys() and made["passphrase"] == "weak"
    code, out, _ = spmc("key", "show", "--as", "r devi")
    assert code == 0 and made["fingerprint"] in out
    code, out, _ = reviewed(spmc, "R. Devi", "--json")
    told = json.loads(out)
    assert code == 0 and told["run_id"] == RUN
    assert [(one["reviewer"], one["authenticated"]) for one in told["reviews"]] == [("R. Devi", True)]
    path = tmp_path / "gaya.zip"
    code, out, _ = spmc("pack", "gaya", RUN, "--out", path, "--json")
    assert code == 0 and json.loads(out)["pack"] == str(path)
    code, out, _ = spmc("verify", path, "--json")
    checked = json.loads(out)
    assert code == 0 and checked["ok"] and checked["first_difference"] is None and checked["notes"]
    content = bytearray(path.read_bytes())
    content[200] ^= 1
    path.write_bytes(bytes(content))
    code, out, _ = spmc("verify", path, "--json")
    assert code == 1 and json.loads(out)["first_difference"].startswith("README.en.txt: ")
    code, out, _ = spmc("withdraw", "gaya", RUN, "--reason", "A newsroom was named", "--json")
    assert code == 0 and Path(json.loads(out)["notice"]).is_file()
    code, out, _ = spmc("verify", "gaya")
    assert code == 0 and "was withdrawn on" in out


def test_what_is_wrong_is_one_sentence(spmc, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    spmc("key", "new", "--as", "R. Devi")
    wrong = [
        (reviewed(spmc, "a OFFICER"), "second officer"),
        (spmc("key", "new", "--as", "R. Devi"), "has a key already"),
        (spmc("key", "show", "--as", "Nobody"), "has no key here"),
        (spmc("withdraw", "gaya", "none", "--reason", "x"), "has no report"),
        (spmc("pack", "gaya", RUN, "--out", tmp_path / "x.tar"), "ends in .zip"),
    ]
    monkeypatch.setenv("SPMC_KEY_PASSPHRASE", "wrong horse battery")
    wrong.append((reviewed(spmc), "does not open the key"))
    monkeypatch.delenv("SPMC_KEY_PASSPHRASE")
    wrong.append((reviewed(spmc), "set SPMC_KEY_PASSPHRASE"))
    for (code, out, err), says in wrong:
        assert code == 2 and out == "" and says in err and err.strip().count("\n") == 0, err
    code, out, _ = reviewed(spmc, "B. Khan")
    assert code == 0 and "not authenticated" in out


def test_a_locked_key_signs_nothing_and_says_so(spmc, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    spmc("key", "new", "--as", "A. Officer")
    monkeypatch.delenv("SPMC_KEY_PASSPHRASE")
    code, _, err = spmc("pack", "gaya", RUN, "--out", tmp_path / "gaya.zip")
    assert code == 0 and "nothing is signed" in err
    code, out, _ = spmc("verify", tmp_path / "gaya.zip")
    assert code == 0 and "not signed" in out


def test_a_lost_key_is_revoked_and_anchors_are_compared(spmc, tmp_path: Path) -> None:
    import shutil

    from spmc_tools.case.store.case import open_case
    from spmc_tools.signing.officer_keys import read_key

    for name in ("R. Devi", "S. Third"):
        spmc("key", "new", "--as", name)
    assert reviewed(spmc, "S. Third")[0] == 0 and reviewed(spmc, "R. Devi")[0] == 0
    lost = read_key("R. Devi")
    assert lost is not None
    shutil.rmtree(lost.path)
    spmc("key", "new", "--as", "R. Devi")
    code, _, err = reviewed(spmc, "R. Devi")
    assert code == 2 and "spmc key revoke" in err
    ends = ("key", "revoke", "gaya", "--reason", "The disk broke", "--as", "S. Third", "--of")
    code, _, err = spmc(*ends, "Nobody")
    assert code == 2 and "has no key that signs there; nothing was revoked" in err
    code, out, _ = spmc(*ends, "R. Devi", "--json")
    assert code == 0 and json.loads(out)["fingerprint"] == lost.fingerprint
    assert reviewed(spmc, "R. Devi")[0] == 0
    code, out, _ = spmc("custody", "gaya", "--json")
    told = json.loads(out)
    length, head = open_case("gaya").ledger.head()
    assert (code, told["length"], told["head"]) == (0, length, head)
    code, out, _ = spmc("verify", "gaya", "--anchor", f"{length} {told['words']}")
    assert code == 0 and "nothing differs" in out and "the log was written anew as a whole" not in out
    code, out, _ = spmc("verify", "gaya", "--anchor", f"{length}:{'0' * 16}")
    assert code == 1 and f"entry {length} is not the one that was noted" in out
    code, out, _ = spmc("verify", "gaya", "--json")
    assert code == 0 and any("no anchor was given" in what for what in json.loads(out)["not_checked"])
    code, _, err = spmc("verify", "gaya", "--anchor", "no such thing")
    assert code == 2 and "wanted a file of anchors" in err


def test_the_last_line_says_which_folder_was_checked_and_what_was_not_shown(spmc, monkeypatch, tmp_path: Path) -> None:
    """With no key, no anchor and no time stamp; then with what can be had."""
    assert Path(json.loads(spmc("verify", "gaya", "--json")[1])["path"]).name == "gaya"
    last = spmc("verify", "gaya")[1].splitlines()[-1]
    assert 'gaya": nothing differs. Not shown: whether the log is the one that was written (no anchor); ' in last
    assert "when it was written, by an outside authority (no time stamp); who wrote it (nobody signed)." in last
    monkeypatch.setenv("SPMC_ANCHORS", str(tmp_path / "anchors.jsonl"))
    spmc("key", "new", "--as", "R. Devi")
    assert reviewed(spmc)[0] == 0
    told = json.loads(spmc("verify", "gaya", "--json")[1])
    assert told["lacks"] == {"time_stamp": 1} and told["after_anchor"] == 0
    monkeypatch.setenv("SPMC_OFFICER_KEYS", str(tmp_path / "elsewhere"))
    last = spmc("verify", "gaya")[1].splitlines()[-1]
    assert (
        "Not shown: the 1 entries after the last anchor; when it was written, by an outside authority (no time" in last
    )
    assert "whose keys signed (1 of which this machine has none: compare the fingerprints)." in last


def test_one_clears_a_group_with_an_ordinary_pattern_and_two_name_it(spmc, tmp_path: Path) -> None:
    from tests.findings.clusters.test_ordinary_patterns import ANY_HOUR, branches
    from tests.findings.made_up_cases import case_of

    rows = branches(origin="office", hours=ANY_HOUR).assign(platform="x")
    case_of(rows.assign(source_row=range(1, len(rows) + 1)), tmp_path, "school")
    code, out, _ = spmc("decide", "school", "--json")
    (group,) = json.loads(out)["groups"]
    assert (
        code == 0 and group["state"] == "open" and group["patterns"] == ["one_origin"] and len(group["accounts"]) == 21
    )
    short = group["group"][:12]
    code, out, _ = spmc("decide", "school")
    assert code == 0 and f"{short}  21 of 21 accounts" in out and "shown without names" in out

    def decide(decision: str, name: str, *more: str) -> tuple[int, str, str]:
        return spmc(
            "decide", "school", short, "--decision", decision, "--as", name, "--reason", "Seen in the diary", *more
        )

    code, out, err = decide("name", "R. Devi")
    assert code == 0 and "a second one is missing" in out and "not authenticated" in out, err
    for (code, _, err), says in (
        (decide("name", "devi, r"), "takes two officers"),
        (decide("guilty", "S. Third"), "wanted one of clear, name, withdraw"),
        (spmc("decide", "school", short, "--decision", "name"), "needs --as, --reason as well"),
        (spmc("decide", "school", "--as", "R. Devi"), "needs the GROUP"),
        (spmc("decide", "school", "zzzzzzz", "--decision", "clear", "--as", "R", "--reason", "r"), "no group"),
    ):
        assert code == 2 and says in err and err.strip().count("\n") == 0, err
    spmc("key", "new", "--as", "S. Third")
    code, _, err = decide("name", "S. Third")
    assert code == 2 and "not both signed" in err
    code, out, _ = decide("withdraw", "S. Third")
    assert code == 0 and f"Group {short}: shown without names." in out
    spmc("key", "new", "--as", "R. Devi")
    assert decide("name", "S. Third")[0] == 0 and decide("name", "R. Devi", "--json")[0] == 0
    code, out, _ = spmc("decide", "school")
    assert "named by two officers" in out and out.count("Seen in the diary") == 2
    code, out, _ = spmc("investigate", "school")
    assert code == 0 and "21 accounts in tier A or B" in out
    assert spmc("verify", "school")[0] == 0
    code, out, _ = decide("clear", "B. Khan")
    assert code == 0 and "cleared by an officer" in out
    assert "0 accounts in tier A or B" in spmc("investigate", "school")[1]
