"""Time stamps of an outside authority, with a server on this machine that signs with OpenSSL."""

from __future__ import annotations

import datetime as dt
import subprocess

import nbformat
import pytest
from rfc3161_client import HashAlgorithm, TimestampRequestBuilder

from spmc_tools.custody.evidence_pack.evidence_pack import write_pack
from spmc_tools.custody.review.verify import verify
from spmc_tools.errors import CaseError, InputError, ParameterError, RunError
from spmc_tools.signing.manifest import STAMP, write_manifest
from spmc_tools.signing.time_stamp import read_stamp, stamp_run
from tests.custody.review.test_two_checkers import said_by_both
from tests.forgery import forge_case, forge_pack, sha, the, zip_contents, zipped


@pytest.fixture
def run(small_case):
    folder = small_case.run_dir("one")
    (folder / "report.html").write_text("<p>made up</p>")
    nbformat.write(nbformat.v4.new_notebook(), folder / "notebook.ipynb")
    write_manifest(small_case, folder, status="complete")
    return folder


def test_a_run_gets_the_time_of_an_authority_and_openssl_agrees(small_case, run, server, authority) -> None:
    stamp = stamp_run(small_case, "one", server[0], authority / "root.pem")
    assert stamp.trusted and abs(dt.datetime.fromisoformat(stamp.at) - dt.datetime.now(dt.UTC)) < dt.timedelta(
        minutes=5
    )
    # a second route: OpenSSL checks the same answer over the same file
    command = ["openssl", "ts", "-verify", "-in", run / STAMP, "-data", run / "manifest.json"]
    done = subprocess.run([*command, "-CAfile", authority / "root.pem"], capture_output=True, check=False)
    assert b"Verification: OK" in done.stdout + done.stderr
    (kind, question), *others = server[1]["asked"]
    assert kind == "application/timestamp-query" and not others
    assert b"small" not in question and len(question) < 120  # a hash, a number, and no word of the case


def test_the_check_reads_it_and_names_its_authority_only_where_given(small_case, run, server, authority) -> None:
    stamp = stamp_run(small_case, "one", server[0])
    assert stamp.trusted is None
    found = verify(run)
    assert found.ok and f"run one has a time stamp of {stamp.at}" in found.notes
    assert any("--authority" in what for what in found.not_checked)
    assert verify(run, authority=authority / "root.pem").ok
    wrong = verify(small_case.path, authority=authority / "other.pem")
    assert (
        wrong.first_difference
        == "reports/one/manifest.tsr: it is no time stamp signed under the authority that was given"
    )


def test_a_changed_lost_or_added_time_stamp_is_a_difference(small_case, run, server, authority) -> None:
    stamp_run(small_case, "one", server[0])
    kept = (run / STAMP).read_bytes()
    (run / STAMP).unlink()
    assert verify(run).first_difference == "manifest.tsr: it is missing"
    (run / STAMP).write_bytes(kept[:-1] + bytes([kept[-1] ^ 1]))
    assert "not the time stamp that the custody log tells of" in (verify(run).first_difference or "")
    (run / STAMP).write_bytes(kept)
    assert verify(run).ok
    later = small_case.run_dir("two")
    (later / "report.html").write_text("<p>other</p>")
    write_manifest(small_case, later, status="complete")
    (later / STAMP).write_bytes(kept)
    assert "not the time stamp that the custody log tells of" in (verify(later).first_difference or "")
    assert read_stamp(kept, (later / "manifest.json").read_bytes()) is None


def test_a_pack_carries_it(small_case, run, server, authority, tmp_path) -> None:
    stamp = stamp_run(small_case, "one", server[0])
    pack = write_pack(small_case, "one", tmp_path / "pack.zip")
    path = tmp_path / "pack.zip"
    assert path.is_file() and pack is not None
    found = verify(path, authority=authority / "root.pem")
    assert found.ok, found.differences
    assert f"run one has a time stamp of {stamp.at}" in found.notes
    assert not verify(path, authority=authority / "other.pem").ok


def test_a_time_stamp_of_another_digest_with_a_log_that_fits(small_case, run, server, authority, tmp_path) -> None:
    """A sound answer about other bytes, and an entry that tells of it: in the case, in a pack, for both checkers."""
    stamp_run(small_case, "one", server[0])
    pack = zip_contents(write_pack(small_case, "one", tmp_path / "pack.zip"))
    asked = TimestampRequestBuilder().data(b"other bytes").hash_algorithm(HashAlgorithm.SHA256)
    (authority / "q.tsq").write_bytes(asked.cert_request(cert_request=True).build().as_bytes())
    command = ["openssl", "ts", "-reply", "-config", "tsa.cnf", "-queryfile", "q.tsq", "-out", "a.tsr"]
    subprocess.run(command, cwd=authority, check=True, capture_output=True)
    answer = (authority / "a.tsr").read_bytes()

    def fits(rows, _manifests):
        the(rows, "time_stamp")["payload"]["answer_sha256"] = sha(answer)

    def another_time(rows, _manifests):
        the(rows, "time_stamp")["payload"]["stamped_at"] = "2020-01-01T00:00:00+00:00"

    path = zipped(tmp_path / "forged.zip", forge_pack({**pack, "run/manifest.tsr": answer}, fits))
    assert verify(path).first_difference == "run/manifest.tsr: it is no time stamp of manifest.json"
    assert said_by_both(path)[:2] == ("differs", "differs")
    path = zipped(tmp_path / "forged.zip", forge_pack({k: v for k, v in pack.items() if "tsr" not in k}, fits))
    assert "run/manifest.tsr: it is missing" in verify(path).differences
    assert said_by_both(path)[:2] == ("differs", "differs")
    assert said_by_both(zipped(tmp_path / "whole.zip", pack))[:2] == ("whole", "whole")
    forge_case(small_case.path, another_time)
    assert "ledger.sqlite: it tells of another time than manifest.tsr says" in verify(run, log=False).differences
    forge_case(small_case.path, fits)
    (run / STAMP).write_bytes(answer)
    for place in (small_case.path, run):
        assert "manifest.tsr: it is no time stamp of manifest.json" in str(verify(place, log=False).first_difference)


@pytest.mark.parametrize(
    ("answer", "code", "says"),
    [
        (b"", 200, "cannot be read"),
        (b"<html>proxy</html>", 200, "cannot be read"),
        (b"\x30\x82\xff\xff", 200, "cannot be read"),
        (b"no", 503, "HTTP 503"),
        (b"x" * ((1 << 20) + 1), 200, "too long"),
    ],
)
def test_a_server_that_fails_is_one_sentence_and_nothing_is_kept(small_case, run, server, answer, code, says) -> None:
    server[1].update(answer=answer, code=code)
    with pytest.raises(RunError, match=says):
        stamp_run(small_case, "one", server[0])
    assert not (run / STAMP).exists() and verify(run).ok
    assert "time_stamp" not in {entry["kind"] for entry in small_case.ledger.entries()}


def test_an_old_answer_is_not_taken_for_a_new_question(small_case, run, server) -> None:
    stamp_run(small_case, "one", server[0])
    server[1]["answer"] = (run / STAMP).read_bytes()
    (run / STAMP).unlink()
    with pytest.raises(RunError, match="for something else"):
        stamp_run(small_case, "one", server[0])


def test_another_authority_is_refused(small_case, run, server, authority) -> None:
    with pytest.raises(RunError, match="under another authority"):
        stamp_run(small_case, "one", server[0], authority / "other.pem")
    assert not (run / STAMP).exists()


def test_no_server_and_bad_words(small_case, run, tmp_path) -> None:
    with pytest.raises(RunError, match=r"does not answer .* can be tried again later"):
        stamp_run(small_case, "one", "http://127.0.0.1:1/")
    for server in ("", "tsa.example", "file:///etc/passwd", "ftp://a/", "http://", "http://me:pw@a/"):
        with pytest.raises(ParameterError, match="--server"):
            stamp_run(small_case, "one", server)
    with pytest.raises(CaseError):
        stamp_run(small_case, "absent", "http://127.0.0.1:1/")
    (tmp_path / "x.pem").write_text("no certificate")
    with pytest.raises(InputError, match=r"x\.pem"):
        stamp_run(small_case, "one", "http://127.0.0.1:1/", tmp_path / "x.pem")


def test_a_run_has_one_time_stamp(small_case, run, server) -> None:
    stamp_run(small_case, "one", server[0])
    with pytest.raises(CaseError, match="already"):
        stamp_run(small_case, "one", server[0])
