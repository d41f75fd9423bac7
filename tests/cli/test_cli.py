"""The command line as its users type it: keys of --json, exit codes, one sentence for each mistake, nothing changed."""

from __future__ import annotations

import gzip
import hashlib
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from spmc_tools.cli import main

NEW = [
    "new", "gaya", "--title", "T", "--purpose", "P", "--legal-basis", "L", "--from", "2025-11-03", "--to", "2025-11-12",
    "--officer", "A. Officer",
]  # fmt: skip


class Spmc:
    """Runs ``spmc`` in this process and keeps what it said."""

    def __init__(self, capfd: pytest.CaptureFixture[str]) -> None:
        self.capfd = capfd

    def __call__(self, *arguments: str | Path) -> tuple[int, str, str]:
        self.capfd.readouterr()
        with pytest.raises(SystemExit) as left:
            main([str(a) for a in arguments])
        out, err = self.capfd.readouterr()
        return int(left.value.code or 0), out, err

    def json(self, *arguments: str | Path) -> dict:
        code, out, err = self(*arguments, "--json")
        assert code == 0, err
        assert out.count("\n") == 1
        return json.loads(out)


@pytest.fixture
def spmc(capfd: pytest.CaptureFixture[str]) -> Spmc:
    return Spmc(capfd)


@pytest.mark.parametrize("group", [[], ["key"], ["schedule"]])
def test_no_line_of_the_list_of_commands_is_cut(spmc: Spmc, group: list[str], monkeypatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    code, out, _ = spmc(*group, "--help")
    listed = out.partition("Commands:")[2].strip().splitlines()
    assert code == 0 and len(listed) >= 3
    assert [line for line in listed if not line.endswith(".") or line.endswith("...")] == []


def tweet(number: int, **changes: object) -> dict:
    made = {
        "id": str(10**18 + number), "author_id": str(500 + number % 7), "text": f"सड़क संख्या {number} पर जाम है",
        "created_at": f"2025-11-06T10:{number % 60:02d}:00.000Z", "edit_history_tweet_ids": [str(10**18 + number)],
        "public_metrics": {"retweet_count": 0, "reply_count": 0, "like_count": 1, "quote_count": 0},
        "conversation_id": str(10**18 + number), "lang": "hi",
    }  # fmt: skip
    return made | changes


def jsonl(path: Path, rows: list[object]) -> Path:
    path.write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in rows), encoding="utf-8")
    return path


def snapshot(folder: Path) -> dict[str, str]:
    """Every file of a case by hash; of the ledger its rows, since SQLite may rewrite pages at will."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.name.startswith("ledger.sqlite"):
            continue
        found[str(path.relative_to(folder))] = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
    with closing(sqlite3.connect(folder / "ledger.sqlite")) as ledger:
        for (table,) in ledger.execute("select name from sqlite_master where type = 'table'").fetchall():
            found[f"ledger:{table}"] = repr(ledger.execute(f'select * from "{table}"').fetchall())
    return found


def test_a_case_that_expired_before_it_was_made_says_so(spmc: Spmc) -> None:
    code, out, _ = spmc(*NEW, "--expires", "2025-12-31")
    assert code == 0 and "spmc import" not in out
    assert "It expired on 2025-12-31, so nothing comes into it before it is extended: spmc extend gaya --to" in out


def test_a_look_at_nothing_says_that_and_no_column_that_lacks(spmc: Spmc) -> None:
    spmc.json(*NEW)
    code, out, _ = spmc("investigate", "gaya")
    assert code == 0 and "Nothing was run: there is no post that could be compared with others." in out
    assert "Not run:" not in out and "lack" not in out


def test_new_import_investigate_keys(spmc: Spmc, tmp_path: Path) -> None:
    made = spmc.json(*NEW)
    assert made == {"case": "gaya", "path": str(tmp_path / "cases" / "gaya")}
    rows = [tweet(n) for n in range(40)]
    path = jsonl(tmp_path / "tweets.jsonl", [*rows, tweet(3), {"id": "x"}])
    (one,) = spmc.json("import", "gaya", path)["files"]
    assert {k: one[k] for k in ("name", "read", "kept", "duplicates", "refused")} == {
        "name": "tweets.jsonl", "read": 42, "kept": 40, "duplicates": 1, "refused": 1,
    }  # fmt: skip
    assert one["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert set(one) >= {"name", "sha256", "format", "read", "kept", "duplicates", "refused", "accounts"}
    again = spmc.json("import", "gaya", path)["files"][0]
    assert again["kept"] == 0 and again["read"] == again["duplicates"] + again["refused"]
    found = spmc.json("investigate", "gaya", "--seed", "1")
    assert set(found) >= {"accounts", "edges", "clusters", "not_run", "derived"}
    assert found["accounts"] == 7 and found["edges"] == 0 and found["clusters"] == 0
    checked = spmc.json("verify", made["path"])
    assert checked["ok"] is True and checked["first_difference"] is None and checked["checked"] > 3


def test_context_is_registered_with_a_reason(spmc: Spmc) -> None:
    case = Path(spmc.json(*NEW)["path"])
    code, _, err = spmc("context", "gaya", "newsroom", "501")
    assert code == 2 and "--reason" in err
    before = snapshot(case)
    code, _, err = spmc("context", "gaya", "newsroom", "501", "--reason", " ")
    assert code == 2 and "reason" in err
    assert snapshot(case) == before
    done = spmc.json("context", "gaya", "newsroom", "501", "502", "--reason", "Registered dailies")
    assert done == {"case": "gaya", "registered": 2, "context": 2}
    code, _, err = spmc("context", "gaya", "newsroom", "503", "501", "--reason", "Registered dailies")
    assert code == 2 and "501" in err
    with closing(sqlite3.connect(case / "ledger.sqlite")) as ledger:
        logged = ledger.execute("select payload from entries where kind = 'settings_changed'").fetchall()
    assert len(logged) == 1 and "Registered dailies" in logged[0][0]


def test_cases_option_before_and_after_the_command(spmc: Spmc, tmp_path: Path) -> None:
    assert spmc.json("--cases", tmp_path / "one", *NEW)["path"] == str(tmp_path / "one" / "gaya")
    assert spmc.json(*NEW, "--cases", tmp_path / "two")["path"] == str(tmp_path / "two" / "gaya")
    code, out, _ = spmc("--json", "--cases", tmp_path / "three", *NEW)
    assert code == 0 and json.loads(out)["case"] == "gaya"


def test_verify_takes_the_name_of_a_case_too(spmc: Spmc) -> None:
    spmc.json(*NEW)
    assert spmc.json("verify", "gaya")["ok"] is True
    code, _, err = spmc("verify", "gayaa")
    assert code == 2 and "gayaa" in err


def test_verify_takes_the_folder_that_the_page_names_from_anywhere(spmc: Spmc, tmp_path: Path, monkeypatch) -> None:
    case = Path(spmc.json(*NEW)["path"])
    run = case / "reports" / "20251113T034000Z-intake-ab12"
    run.mkdir()
    monkeypatch.chdir(tmp_path.parent)
    named = f"gaya/reports/{run.name}"
    told = [spmc("verify", path, "--json") for path in (named, run)]
    first, second = [json.loads(out)["differences"] for _, out, _ in told]
    assert [code for code, _, _ in told] == [1, 1] and first == second and "manifest.json" in first[0]
    code, _, err = spmc("verify", f"gaya/../gaya/reports/{run.name}")
    assert code == 2 and "There is no folder" in err


def test_verify_says_what_differs(spmc: Spmc, tmp_path: Path) -> None:
    case = Path(spmc.json(*NEW)["path"])
    spmc.json("import", "gaya", jsonl(tmp_path / "t.jsonl", [tweet(1)]))
    (table,) = case.glob("tables/records/*.parquet")
    table.chmod(0o600)
    data = bytearray(table.read_bytes())
    data[len(data) // 2] ^= 1
    table.write_bytes(data)
    code, out, _ = spmc("verify", case, "--json")
    assert code == 1
    found = json.loads(out)
    assert found["ok"] is False and table.name in found["first_difference"]
    code, out, _ = spmc("verify", tmp_path / "nowhere")
    assert code == 2


def broken_files(folder: Path) -> dict[str, Path]:
    """One file for each way in which a file can be unusable."""
    folder.mkdir()
    files = {name: folder / name for name in (
        "empty.jsonl", "unknown.jsonl", "page.json", "picture.csv", "cut.jsonl.gz", "latin.jsonl", "untimed.csv",
        "gone.csv", "scientific.xlsx",
    )}  # fmt: skip
    files["empty.jsonl"].write_bytes(b"")
    jsonl(files["unknown.jsonl"], [{"colour": "blue", "shape": "round"}])
    files["page.json"].write_text("<!doctype html><html><title>Log in</title></html>")
    files["picture.csv"].write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20)
    whole = gzip.compress("".join(json.dumps(tweet(n)) + "\n" for n in range(500)).encode())
    files["cut.jsonl.gz"].write_bytes(whole[: len(whole) // 2])
    files["latin.jsonl"].write_bytes(json.dumps(tweet(1) | {"text": "x"}).encode("utf-16-le")[1:] * 3)
    files["untimed.csv"].write_text("post,who,when\n1,a,yesterday\n2,b,soon\n")
    files["scientific.xlsx"].write_bytes(b"not a workbook")
    return files


@pytest.mark.parametrize(
    "name",
    [
        "empty.jsonl", "unknown.jsonl", "page.json", "picture.csv", "cut.jsonl.gz", "latin.jsonl", "untimed.csv",
        "gone.csv", "scientific.xlsx",
    ],
)  # fmt: skip
def test_an_unusable_file_is_one_sentence_and_changes_nothing(spmc: Spmc, tmp_path: Path, name: str) -> None:
    case = Path(spmc.json(*NEW)["path"])
    spmc.json("import", "gaya", jsonl(tmp_path / "good.jsonl", [tweet(1)]))
    before = snapshot(case)
    code, out, err = spmc("import", "gaya", broken_files(tmp_path / "in")[name])
    assert code == 2, (out, err)
    assert out == ""
    assert name in err
    assert "Traceback" not in err and err.count("\n") <= (30 if name == "untimed.csv" else 1), err
    assert snapshot(case) == before


def test_a_mapping_that_lacks_its_column_or_time_is_refused(spmc: Spmc, tmp_path: Path) -> None:
    case = Path(spmc.json(*NEW)["path"])
    before = snapshot(case)
    table = tmp_path / "posts.csv"
    table.write_text("post,who,when\n1,a,2025-11-06 10:00:00\n")
    mapping = tmp_path / "map.toml"
    head = 'kind = "post"\n[constants]\nplatform = "x"\n[columns]\nrecord_id = "post"\n'
    mapping.write_text(f'{head}account_id = "author"\n')
    code, _, err = spmc("import", "gaya", table, "--map", mapping)
    assert code == 2 and err.strip().count("\n") == 0 and ("author" in err or "created_at" in err)
    assert snapshot(case) == before
    mapping.write_text(f'{head}account_id = "who"\ncreated_at = "when"\n')
    code, _, err = spmc("import", "gaya", table, "--map", mapping)
    assert code == 2 and "--tz" in err
    (one,) = spmc.json("import", "gaya", table, "--map", mapping, "--tz", "Asia/Kolkata", "--dry-run")["files"]
    assert (one["read"], one["kept"]) == (1, 1)
    assert snapshot(case) == before


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["investigate", "nowhere"], "nowhere"),
        (["investigate", "../etc"], "../etc"),
        (["report", "gaya", "no_such_notebook"], "no_such_notebook"),
        (["report", "gaya", "election_watch", "-p", "colour=blue"], "colour"),
        (["report", "gaya", "election_watch", "-p", "seed=soon"], "seed"),
        (["report", "gaya", "election_watch", "-p", "seed"], "seed"),
        (["report", "gaya", "election_watch", "-p", "seed=1", "-p", "seed=2"], "seed"),
        (["report", "gaya", "election_watch", "--lang", "fr"], "fr"),
        (["report", "gaya", "election_watch", "--edition", "secret"], "secret"),
        (["report", "gaya", "election_watch", "-p", "date_from=2025-11-12", "-p", "date_to=2025-11-01"], "date"),
        (["import", "gaya", "x.csv", "--tz", "Mars/Olympus"], "Mars/Olympus"),
        (["import", "gaya", "x.csv", "--date-order", "ydm"], "ydm"),
        (["import", "gaya", "x.csv", "--format", "facebok"], "facebok"),
        (["import", "gaya"], "FILE"),
        (["new", "Bad Id", *NEW[2:]], "Bad Id"),
        (["new", "gaya", *NEW[2:]], "gaya"),
        (["new", "other", *NEW[2:10], "--from", "2025-13-01", "--to", "2025-11-12"], "2025-13-01"),
        (["new", "other", "--title", "", *NEW[4:]], "title"),
        (["new", "other", *NEW[2:], "--language", "fr"], "fr"),
        (["verify"], "PATH"),
        (["attach", "gaya", "1", "x.csv", "--method", "photo", "--tool", "T"], "photo"),
        (["attach", "gaya", "1", "x.csv", "--method", "print", "--tool", "T"], "no post"),
        (["set-aside", "gaya", "1", "--reason", "R"], "no batch"),
        (["handover", "gaya", "--to", " ", "--reason", "R"], "--to"),
        (["search", "gaya", "!!"], "nothing to search for"),
        (["search", "gaya", "word", "--limit", "0"], "--limit"),
        (["backup", "gaya", "--out", "b.rar"], ".tar.zst"),
        (["restore", "absent.zip"], "absent.zip"),
        (["restore", "x.csv", "--as", "Bad Id"], "Bad Id"),
        (["dispose", "gaya", "--reason", "R", "--confirm", "other"], "other"),
        (["custody", "nowhere"], "nowhere"),
        (["import", "gaya", "x.csv", "--obtained", "found"], "found"),
    ],
)
def test_a_mistake_is_one_sentence(spmc: Spmc, tmp_path: Path, arguments: list[str], word: str) -> None:
    case = Path(spmc.json(*NEW)["path"])
    (tmp_path / "x.csv").write_text("a,b\n1,2\n")
    before = snapshot(case)
    arguments = [str(tmp_path / a) if a == "x.csv" else a for a in arguments]
    code, out, err = spmc(*arguments)
    assert code == 2, (out, err)
    assert out == ""
    assert word in err
    assert err.strip().count("\n") == 0 and "Traceback" not in err, err
    assert snapshot(case) == before
    assert sorted(p.name for p in case.parent.iterdir() if not p.name.startswith(".")) == ["gaya"]


def test_custody_from_import_to_disposal(spmc: Spmc, tmp_path: Path) -> None:
    spmc.json(*NEW)
    spmc.json("import", "gaya", jsonl(tmp_path / "a.jsonl", [tweet(n) for n in range(4)]),
              "--obtained", "notice", "--from", "Platform, answer 114")  # fmt: skip
    second = spmc.json("import", "gaya", jsonl(tmp_path / "b.jsonl", [tweet(3), tweet(9)]))
    assert second["files"][0]["duplicates"] == 1
    shot = tmp_path / "shot.png"
    shot.write_bytes(b"picture")
    post = f"x:{10**18}"
    done = spmc.json("attach", "gaya", post, shot, "--method", "screenshot", "--tool", "Firefox")
    assert done["record"] == str(10**18) and done["files"][0]["batch"] == "000003"
    hits = spmc.json("search", "gaya", "सडक", "३")
    assert (hits["total"], hits["hits"][0]["record_id"]) == (1, str(10**18 + 3))
    assert hits["hits"][0]["time_ist"].endswith("+05:30") and hits["hits"][0]["source_name"] == "a.jsonl"
    assert spmc.json("set-aside", "gaya", "1", "--reason", "mistake")["set_aside"] == ["000001"]
    assert spmc.json("search", "gaya", "सडक", "3")["hits"][0]["source_name"] == "b.jsonl"
    assert spmc.json("set-aside", "gaya", "1", "--reason", "no mistake", "--undo")["set_aside"] == []
    given = spmc.json("handover", "gaya", "--to", "SHO", "--reason", "sealed disk")
    out = tmp_path / "chain.jsonl"
    listed = spmc.json("custody", "gaya", "--out", out)
    assert [b["obtained"] for b in listed["batches"]] == ["notice", None, None]
    assert listed["written"] == [str(out), str(out.with_suffix(".html"))]
    assert given["hash"] in {json.loads(line)["hash"] for line in out.read_text().splitlines()}
    assert spmc.json("verify", "gaya")["ok"]
    saved = spmc.json("backup", "gaya", "--out", tmp_path / "g.tar.zst")
    assert saved["sha256"] == hashlib.sha256((tmp_path / "g.tar.zst").read_bytes()).hexdigest()
    again = spmc.json("restore", tmp_path / "g.tar.zst", "--as", "copy")
    assert again["case"] == "copy" and again["key"] is True
    code, _, err = spmc("dispose", "copy", "--reason", "only a copy")
    assert code == 2 and "--confirm" in err and err.strip().count("\n") == 0
    told = spmc.json("dispose", "copy", "--reason", "only a copy", "--confirm", "copy")
    assert Path(told["certificate"]).is_file() and Path(told["page"]).is_file()
    assert not (Path(again["path"])).exists()
    for command in ("backup", "custody"):
        code, said, _ = spmc(command, "gaya", "--out", tmp_path / f"{command}.zip")
        assert code == 0 and said.strip()


def test_context_is_taken_back(spmc: Spmc) -> None:
    spmc.json(*NEW)
    spmc.json("context", "gaya", "newsroom", "1", "2", "--reason", "press cards")
    code, _, err = spmc("context", "gaya", "official", "1", "--reason", "wrong", "--remove")
    assert code == 2 and "as newsroom" in err
    code, _, err = spmc("context", "gaya", "newsroom", "1", "9", "--reason", "wrong", "--remove")
    assert code == 2 and "not at all" in err
    done = spmc.json("context", "gaya", "newsroom", "1", "--reason", "no newsroom", "--remove")
    assert (done["removed"], done["context"]) == (1, 1)
    assert spmc.json("verify", "gaya")["ok"]


def test_doctor_tells_of_a_changed_log_beside_the_cases(spmc: Spmc, tmp_path: Path) -> None:
    case = Path(spmc.json(*NEW)["path"])
    page = tmp_path / "page.json"
    page.write_text("<html>")
    for _ in range(2):
        assert spmc("import", "gaya", page)[0] == 2
    log = case.parent / ".attempts.jsonl"
    assert not any("refused files" in p["what"] for p in spmc.json("doctor")["problems"])
    log.write_text(log.read_text().replace("page.json", "pago.json", 1))
    assert any("line 1 was changed" in p["what"] for p in spmc.json("doctor")["problems"])


def test_doctor_tells_of_cases_that_others_may_read_on_windows(
    spmc: Spmc, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def told() -> bool:
        return any("outside your own folder" in note["what"] for note in spmc.json("doctor")["notes"])

    assert not told()
    monkeypatch.setattr("spmc_tools.doctor.WINDOWS", True)
    monkeypatch.setattr("spmc_tools.doctor.Path.home", lambda: tmp_path / "elsewhere")
    assert told()
    monkeypatch.setattr("spmc_tools.doctor.Path.home", lambda: tmp_path)
    assert not told()


def test_doctor_lists_problems(spmc: Spmc) -> None:
    assert isinstance(spmc.json("doctor")["problems"], list)
    spmc.json(*NEW, "--expires", "2025-12-01")
    expired = [p["what"] for p in spmc.json("doctor")["problems"]]
    assert any("gaya" in what and "2025-12-01" in what for what in expired)


def test_a_case_past_its_last_day_takes_nothing_in_until_it_is_extended(spmc: Spmc, tmp_path: Path) -> None:
    spmc.json(*NEW, "--expires", "2025-12-01")
    path = tmp_path / "tweets.jsonl"
    path.write_text(json.dumps(tweet(1)) + "\n", encoding="utf-8")
    code, _, err = spmc("import", "gaya", path)
    assert code == 2 and "expired on 2025-12-01" in err and "spmc extend gaya --to DATE" in err
    code, _, err = spmc("extend", "gaya", "--to", "2025-12-02", "--reason", "order 3")
    assert code == 2 and "wanted a day from today on" in err
    assert spmc.json("extend", "gaya", "--to", "2199-12-31", "--reason", "order 3") == {
        "case": "gaya", "before": "2025-12-01", "expires": "2199-12-31",
    }  # fmt: skip
    assert spmc.json("import", "gaya", path)["files"][0]["kept"] == 1


def test_what_a_search_gives_is_plain_json_and_an_empty_text_is_empty(spmc: Spmc, tmp_path: Path) -> None:
    spmc.json(*NEW)
    spmc.json("import", "gaya", jsonl(tmp_path / "tweets.jsonl", [tweet(1, text="one")]))
    mapping = tmp_path / "m.toml"
    mapping.write_text(
        '[columns]\nrecord_id="i"\naccount_id="w"\ncreated_at="t"\ntext="x"\n[constants]\nplatform="x"\n',
        encoding="utf-8",
    )
    table = tmp_path / "t.csv"
    table.write_text("i,w,t,x\n7,asha,2025-11-06T10:00:00Z,one\n8,uma,2025-11-06T10:00:00Z,\n", encoding="utf-8")
    spmc.json("import", "gaya", table, "--map", mapping)
    for words, urls in (("one", [True, False]), ("uma", [False])):
        code, out, _ = spmc("search", "gaya", words, "--json")
        hits = json.loads(out, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))["hits"]
        assert code == 0 and sorted((hit["url"] is not None for hit in hits), reverse=True) == urls
    assert spmc("search", "gaya", "uma")[1].splitlines()[1].strip() == ""


def test_duplicates_that_differ_are_said(spmc: Spmc, tmp_path: Path) -> None:
    spmc.json(*NEW)
    path = tmp_path / "tweets.jsonl"
    again = [tweet(1), {**tweet(1), "author_id": "99"}, {**tweet(1), "text": "another"}]
    path.write_text("".join(json.dumps(one) + "\n" for one in again), encoding="utf-8")
    for more in (["--dry-run"], []):
        code, out, _ = spmc("import", "gaya", path, *more)
        assert code == 0
        assert "  1 duplicate names another account than the post that was received first\n" in out
        assert "  1 duplicate holds another text than the post that was received first\n" in out
    assert "; duplicates with other account: 1; duplicates with other text: 1" in spmc("custody", "gaya")[1]
    (batch,) = spmc.json("custody", "gaya")["batches"]
    assert (batch["other_account"], batch["other_text"]) == (1, 1)


def test_doctor_shows_where_the_time_of_an_investigation_went(spmc: Spmc, tmp_path: Path) -> None:
    spmc.json(*NEW)
    assert spmc.json("doctor", "--profile", "gaya")["profile"] == []
    path = tmp_path / "tweets.jsonl"
    path.write_text("".join(json.dumps(tweet(i)) + "\n" for i in range(1, 4)), encoding="utf-8")
    spmc.json("import", "gaya", str(path))
    spmc.json("investigate", "gaya")
    spmc.json("investigate", "gaya")  # read from the case: nothing computed, nothing to show
    stages = spmc.json("doctor", "--profile", "gaya")["profile"]
    assert [stage["stage"] for stage in stages][:1] == ["records"]
    assert {"co_repost", "clusters"} <= {stage["stage"] for stage in stages}
    assert all(stage["cpu_s"] >= 0 and stage["wall_s"] >= 0 and stage["peak_mb"] > 10 for stage in stages)
    code, out, _ = spmc("doctor", "--profile", "gaya")
    assert code == 0 and "records: " in out and " s of processor" in out
    assert spmc("doctor", "--profile", "nowhere")[0] == 2


def test_an_error_nobody_foresaw_leaves_no_traceback(spmc: Spmc, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_where: object) -> None:
        raise ZeroDivisionError("secret")

    monkeypatch.setattr("spmc_tools.doctor.examine", fail)
    code, out, err = spmc("doctor")
    assert code == 1 and out == ""
    assert err.strip().count("\n") == 0 and "ZeroDivisionError" in err and "Traceback" not in err
    log = Path(err.split(" in ")[-1].strip().rstrip("."))
    assert "secret" in log.read_text()
    log.unlink()


def test_import_keeps_good_rows_around_bad_ones(spmc: Spmc, tmp_path: Path) -> None:
    case = Path(spmc.json(*NEW)["path"])
    lines = [
        json.dumps(tweet(1)),
        '{"id": "2", "text": ',
        json.dumps(tweet(3, created_at="soon")),
        json.dumps(tweet(4)),
    ]
    path = tmp_path / "mixed.jsonl"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    (one,) = spmc.json("import", "gaya", path)["files"]
    assert (one["read"], one["kept"], one["refused"]) == (4, 2, 2)
    import pyarrow.parquet as pq

    (table,) = case.glob("tables/refused/*.parquet")
    refused = pq.read_table(table).to_pylist()
    assert [r["source_row"] for r in refused] == [2, 3]
    assert all(r["reason"] for r in refused)
