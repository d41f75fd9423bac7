"""Time stamps asked for by themselves: of a report, of the log once a day; while the server is away; forged."""

from __future__ import annotations

import base64
import re
import sqlite3
import subprocess
from contextlib import closing
from datetime import UTC, datetime, timedelta

import nbformat
import pytest

from spmc_tools.custody.evidence_pack.evidence_pack import write_pack
from spmc_tools.custody.review.verify import verify
from spmc_tools.report.running.run import run_notebook
from spmc_tools.schedule.schedule import run_due
from spmc_tools.schedule.schedule_file import Schedule
from spmc_tools.signing.automatic_stamps import LOG_STAMPED, stamp_heads
from spmc_tools.signing.manifest import write_manifest
from tests.custody.review.test_two_checkers import said_by_both
from tests.forgery import canonical, chained, forge_case, forge_pack, rows_of_case, sha, the, zip_contents, zipped


@pytest.fixture
def named(server, authority, tmp_path, monkeypatch):
    """The machine names a server and its certificate; what the server was told."""
    (tmp_path / "root.pem").write_bytes((authority / "root.pem").read_bytes())
    (tmp_path / "tsa.toml").write_text(f'server = "{server[0]}"\nauthority = "root.pem"\n')
    monkeypatch.setenv("SPMC_ANCHOR_TSA", str(tmp_path / "tsa.toml"))
    return server[1]


def kinds(case):
    """By SQL, from the log itself."""
    with closing(sqlite3.connect(case.path / "ledger.sqlite")) as log:
        return [kind for (kind,) in log.execute("SELECT kind FROM entries ORDER BY seq")]


def head(case):
    with closing(sqlite3.connect(case.path / "ledger.sqlite")) as log:
        return log.execute("SELECT seq, hash FROM entries ORDER BY seq DESC LIMIT 1").fetchone()


def one_run(case, name="one"):
    folder = case.run_dir(name)
    (folder / "report.html").write_text("<p>made up</p>")
    nbformat.write(nbformat.v4.new_notebook(), folder / "notebook.ipynb")
    write_manifest(case, folder, status="complete")
    return folder


def later(hours=2):
    return datetime.now(UTC) + timedelta(hours=hours)


def test_a_finished_report_is_stamped_by_itself(small_case, named, tmp_path) -> None:
    done = run_notebook(small_case, "10_intake", {})
    assert done.report.with_name("manifest.tsr").is_file() and kinds(small_case).count("time_stamp") == 1
    found = verify(small_case.path)  # the certificate that the machine names is used without being typed
    assert found.ok and not any("--authority" in what for what in found.not_checked), found
    named.update(code=503, answer=b"no")
    done = run_notebook(small_case, "10_intake", {})  # the report is whole without
    last = [row for row in rows_of_case(small_case.path) if row["kind"] == "anchor_failed"]
    assert [row["payload"]["run_id"] for row in last] == [done.run_id] and "HTTP 503" in last[0]["payload"]["reason"]
    assert not done.report.with_name("manifest.tsr").exists() and verify(small_case.path).ok
    named.update(code=200, answer=None)
    root = small_case.path.parent
    assert stamp_heads(root) == [] and not done.report.with_name("manifest.tsr").exists()  # an hour has not gone by
    assert stamp_heads(root, later()) == [] and done.report.with_name("manifest.tsr").is_file()
    assert verify(small_case.path).ok


def test_the_schedule_has_each_log_stamped_once_a_day(small_case, named, tmp_path, authority) -> None:
    length, hash_ = head(small_case)
    for _ in range(3):
        run_due(Schedule(tmp_path / "s.toml", (), None, None), small_case.path.parent)
    assert kinds(small_case).count(LOG_STAMPED) == 1
    payload = the(rows_of_case(small_case.path), LOG_STAMPED)["payload"]
    assert (payload["length"], payload["head"]) == (length, hash_)
    # a second route: OpenSSL reads the answer, and the digest is the hash of the entry
    (tmp_path / "x.tsr").write_bytes(base64.b64decode(payload["answer"]))
    command = ["openssl", "ts", "-verify", "-in", tmp_path / "x.tsr", "-digest", hash_]
    done = subprocess.run([*command, "-CAfile", authority / "root.pem"], capture_output=True, check=False)
    assert b"Verification: OK" in done.stdout + done.stderr
    assert all(b"small" not in question and len(question) < 120 for _, question in named["asked"])
    assert stamp_heads(small_case.path.parent, later(48)) == []  # nothing was added since
    assert kinds(small_case).count(LOG_STAMPED) == 1
    small_case.log("view", {})
    assert stamp_heads(small_case.path.parent, later(48)) == [] and kinds(small_case).count(LOG_STAMPED) == 2
    found = verify(small_case.path)
    assert found.ok and any("2 time stamps of the log; entry" in note for note in found.notes), found


def test_a_server_that_is_away_is_said_and_asked_again_after_an_hour(small_case, named, tmp_path) -> None:
    named.update(code=500, answer=b"x")
    (problem,) = stamp_heads(small_case.path.parent)
    assert problem.startswith("small: The time-stamp server") and "HTTP 500" in problem
    assert kinds(small_case)[-1] == "anchor_failed"
    named.update(code=200, answer=None)
    assert stamp_heads(small_case.path.parent) == [] and LOG_STAMPED not in kinds(small_case)
    assert stamp_heads(small_case.path.parent, later()) == [] and kinds(small_case)[-1] == LOG_STAMPED
    assert verify(small_case.path).ok


def test_an_answer_of_another_authority_is_not_kept(small_case, named, tmp_path, authority) -> None:
    (tmp_path / "root.pem").write_bytes((authority / "other.pem").read_bytes())
    assert "under another authority" in stamp_heads(small_case.path.parent)[0]
    assert LOG_STAMPED not in kinds(small_case)


@pytest.mark.parametrize("text", ["", "server = 1", "x", 'server = "http://a/"\nhost = "b"', None])
def test_a_spoilt_file_is_one_sentence_and_stops_no_report(small_case, tmp_path, monkeypatch, text) -> None:
    if text is not None:
        (tmp_path / "tsa.toml").write_text(text)
    monkeypatch.setenv("SPMC_ANCHOR_TSA", str(tmp_path / "tsa.toml"))
    (problem,) = stamp_heads(small_case.path.parent)
    assert problem.startswith("SPMC_ANCHOR_TSA: ") and problem.count("\n") == 0 and problem.endswith(".")
    assert verify(small_case.path).ok


def stamp_of(authority, content):
    """An answer of the authority about other bytes, without the server."""
    from rfc3161_client import HashAlgorithm, TimestampRequestBuilder

    asked = TimestampRequestBuilder().data(content).hash_algorithm(HashAlgorithm.SHA256)
    (authority / "q.tsq").write_bytes(asked.cert_request(cert_request=True).build().as_bytes())
    command = ["openssl", "ts", "-reply", "-config", "tsa.cnf", "-queryfile", "q.tsq", "-out", "a.tsr"]
    subprocess.run(command, cwd=authority, check=True, capture_output=True)
    return base64.b64encode((authority / "a.tsr").read_bytes()).decode()


def forgeries(authority):
    def stamped(rows):
        return the(rows, LOG_STAMPED)

    def before_it(rows, _):
        rows[1]["payload"]["note"] = "another"

    def number_too(rows, manifests):
        before_it(rows, manifests)
        chained(rows, {})
        payload = stamped(rows)["payload"]
        payload["head"] = rows[payload["length"] - 1]["hash"]

    def other_bytes(rows, _):
        stamped(rows)["payload"]["answer"] = stamp_of(authority, b"other bytes")

    def other_time(rows, _):
        stamped(rows)["payload"]["stamped_at"] = "2020-01-01T00:00:00+00:00"

    def set_back(rows, _):
        for row in rows:
            at = datetime.fromisoformat(row["at"]) - timedelta(days=3)
            row["at"] = at.isoformat(timespec="microseconds").replace("+00:00", "Z")
            row["payload"].pop("clock", None)
        number_too(rows, _)
        row = stamped(rows)
        told = rows[row["payload"]["length"] - 1]
        content = canonical({**{k: told[k] for k in ("seq", "at", "officer", "kind", "prev")},
                             "payload": canonical(told["payload"]).decode()})  # fmt: skip
        assert sha(content) == told["hash"]
        row["payload"]["answer"] = stamp_of(authority, content)
        dated = subprocess.run(
            ["openssl", "ts", "-reply", "-config", "tsa.cnf", "-in", "a.tsr", "-text"],
            cwd=authority, check=True, capture_output=True, text=True,
        ).stdout  # fmt: skip
        [at] = re.findall(r"^Time stamp: (.*) GMT$", dated, re.MULTILINE)
        row["payload"]["stamped_at"] = datetime.strptime(at, "%b %d %H:%M:%S %Y").replace(tzinfo=UTC).isoformat()

    return {
        before_it: "is a time stamp of another log", number_too: "holds no time stamp of entry",
        other_bytes: "holds no time stamp of entry", other_time: "tells of another time than its time stamp",
        set_back: "days from the authority's time",
    }  # fmt: skip


@pytest.mark.parametrize("which", range(5))
def test_a_log_written_anew_under_its_time_stamp(small_case, named, tmp_path, authority, which) -> None:
    """In the case, in the pack, by both checkers."""
    stamp_heads(small_case.path.parent)
    one_run(small_case)
    pack = zip_contents(write_pack(small_case, "one", tmp_path / "pack.zip"))
    assert said_by_both(zipped(tmp_path / "whole.zip", pack))[:2] == ("whole", "whole")
    change, says = list(forgeries(authority).items())[which]
    path = zipped(tmp_path / "forged.zip", forge_pack(pack, change))
    program, alone, why = said_by_both(path)
    assert (program, alone) == ("differs", "differs"), why
    assert any("time" in sentence for sentence in why[2]), why[2]
    forge_case(small_case.path, change)
    found = verify(small_case.path, log=False)
    assert any(says in sentence for sentence in (*found.differences, *found.doubts)), found


def test_odd_answers_are_differences_for_both_checkers(small_case, named, tmp_path) -> None:
    stamp_heads(small_case.path.parent)
    one_run(small_case)
    pack = zip_contents(write_pack(small_case, "one", tmp_path / "pack.zip"))
    good = base64.b64decode(the(rows_of_case(small_case.path), LOG_STAMPED)["payload"]["answer"])
    odd = [None, 1, "", "é", "====", "AAAA", base64.b64encode(good[:200]).decode(), [], {"a": 1}, "A" * 400_000]
    odd += [base64.b64encode(b"\x30\x84\xff\xff\xff\xff" + good).decode(), base64.b64encode(b"\x30\x80").decode()]
    for answer in odd:
        change = lambda rows, _, answer=answer: the(rows, LOG_STAMPED)["payload"].update(answer=answer)  # noqa: E731
        path = zipped(tmp_path / "odd.zip", forge_pack(pack, change))
        program, alone, why = said_by_both(path)
        assert (program, alone) == ("differs", "differs"), (answer, why)
