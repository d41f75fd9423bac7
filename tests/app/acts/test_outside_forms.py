"""A time stamp by a form as OpenSSL reads it; the log held against what was noted of it; posts led back to rows."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import nbformat
import pytest
from nbformat import v4

from spmc_tools.case.store.case import open_case
from spmc_tools.signing.manifest import write_manifest
from tests.plain_cases import plain_case
from tests.signing.conftest import authority, server  # noqa: F401 -- fixtures
from tests.written_tables import cells

if TYPE_CHECKING:
    from pathlib import Path

RUN = "20251113T034000Z-election_watch-ab12"


def reported(case_id: str = "gaya"):
    """A case with a report."""
    case = plain_case(case_id, officer="A. Officer")
    folder = case.run_dir(RUN)
    (folder / "report.html").write_text("<!doctype html><title>x</title>")
    nbformat.write(v4.new_notebook(), folder / "notebook.ipynb")
    write_manifest(case, folder, edition="full")
    return case


def openssl_verifies(folder: Path, root: Path) -> bool:
    command = ["openssl", "ts", "-verify", "-data", "manifest.json", "-in", "manifest.tsr", "-CAfile", str(root)]
    return subprocess.run(command, cwd=folder, capture_output=True, check=False).returncode == 0


def test_the_stamp_is_one_that_openssl_reads(forms, authority, server) -> None:  # noqa: F811
    case = reported()
    forms.post("/language", {"language": "hi", "back": "custody"})
    forms.post("/case", {"act": "choose", "id": "gaya"})
    address, told = server
    pem = {"authority": ("root.pem", (authority / "root.pem").read_bytes())}
    answer = forms.act("time_stamp", {"authority": ("x.pem", b"no certificate")}, run="", server="tsa")
    assert answer.wrong() == {"run"}
    answer = forms.act("time_stamp", {"authority": ("x.pem", b"no certificate")}, run=RUN, server="tsa")
    assert answer.wrong() == {"server", "authority"} and "सर्वर का पता चाहिए" in answer.plain
    other = {"authority": ("other.pem", (authority / "other.pem").read_bytes())}
    assert "भिन्न किसी के हस्ताक्षर" in forms.act("time_stamp", other, run=RUN, server=address).plain
    told["code"] = 503
    assert "ने मना किया (HTTP 503)" in forms.act("time_stamp", pem, run=RUN, server=address).plain
    told["code"] = 200
    assert "उत्तर नहीं दे रहा" in forms.act("time_stamp", pem, run=RUN, server="http://127.0.0.1:9/").plain
    assert not (case.path / "reports" / RUN / "manifest.tsr").exists()
    answer = forms.act("time_stamp", pem, run=RUN, server=address)
    assert "प्राधिकरण का समय" in answer.done() and f"spmc time-stamp gaya {RUN} --server {address}" in answer.done()
    assert openssl_verifies(case.path / "reports" / RUN, authority / "root.pem")
    assert not openssl_verifies(case.path / "reports" / RUN, authority / "other.pem")
    assert [row[::2] for row in cells(answer.text, "समय-मुहरें")] == [[RUN, address]]
    answer = forms.act("time_stamp", pem, run=RUN, server=address)
    assert answer.status == 422 and "प्रत्येक प्रतिवेदन पर समय-मुहर लगी है" in answer.plain
    answer = forms.act("verify", pem)
    assert "कोई अंतर नहीं" in answer.done() and "--authority root.pem" in answer.done(), answer.plain
    answer = forms.act("verify", other)
    assert "कुछ अलग या संदिग्ध है" in answer.done()


def test_the_log_is_held_against_what_was_noted(forms, tmp_path: Path) -> None:
    from spmc_tools.case.log.anchors import head_words

    case = reported()
    forms.post("/case", {"act": "choose", "id": "gaya"})
    entry = case.ledger.entries()[1]
    for noted in (f"2:{entry['hash']}", f"2 {head_words(entry['hash'])}"):
        answer = forms.act("verify", noted=noted)
        assert "nothing differs" in answer.done() and "no anchor" not in answer.done(), answer.plain
        assert "--anchor" in answer.done()
    answer = forms.act("verify", noted=f"1:{entry['hash']}")
    assert "something differs" in answer.done() and "entry 1 is not the one that was noted" in answer.done()
    (tmp_path / "secret.txt").write_text("1:" + "0" * 64)
    for noted in (str(tmp_path / "secret.txt"), "two:abc"):  # no file of this machine is read by a name that is typed
        assert forms.act("verify", noted=noted).wrong() == {"noted"}
    kept = (case.path / "reports" / RUN / "report.html").read_bytes()
    assert forms.act("verify", {"anchors": ("r.html", kept)}).wrong() == {"anchors"}
    line = f'<span class="mono long" data-entry="2">{entry["hash"]}</span>'
    assert "nothing differs" in forms.act("verify", {"anchors": ("r.html", f"x\n{line}\n".encode())}).done()
    two = forms.act("verify", {"anchors": ("r.html", f"x\n{line}\n".encode())}, noted=f"2:{entry['hash']}")
    assert two.wrong() == {"anchors"}


def test_a_report_without_posts_has_its_page_of_provenance(forms) -> None:
    reported()
    forms.post("/case", {"act": "choose", "id": "gaya"})
    answer = forms.act("provenance", run=RUN)
    assert "Posts shown: 0; found at their rows: 0." in answer.done() and f"spmc provenance gaya {RUN}" in answer.done()
    assert f"/made/gaya/provenance-{RUN}.html" in answer.text
    assert forms.get(f"/made/gaya/provenance-{RUN}.html").status == 200
    last = open_case("gaya").ledger.entries()[-1]
    assert (last["kind"], last["payload"]["what"], last["payload"]["rows"]) == ("export", "provenance", 0)


@pytest.mark.browser
@pytest.mark.slow
def test_a_stamp_and_a_check_in_a_browser(forms, walked, authority, server) -> None:  # noqa: F811
    address, _ = server
    for page, language, say in walked():
        case = reported(f"case-{language}")
        forms.post("/case", {"act": "choose", "id": f"case-{language}"})
        page.get_by_role("link", name=say("app.custody"), exact=True).click()
        form = page.locator("#act-time_stamp")
        form.locator("summary").first.click()
        form.locator("[name=run]").select_option(RUN)
        form.locator("[name=server]").fill(address)
        form.locator("[name=authority]").set_input_files(str(authority / "root.pem"))
        form.get_by_role("button", name=say("app.act.time_stamp"), exact=True).click()
        page.locator("section", has_text=say("app.table.stamps")).locator("tbody tr", has_text=address).wait_for()
        assert openssl_verifies(case.path / "reports" / RUN, authority / "root.pem")
        check = page.locator("#act-verify")
        check.locator("summary").first.click()
        check.locator("[name=noted]").fill(f"1:{case.ledger.entries()[0]['hash']}")
        check.locator("[name=authority]").set_input_files(str(authority / "root.pem"))
        check.get_by_role("button", name=say("app.act.verify"), exact=True).click()
        page.locator(".done", has_text=say("app.verify_after_anchor")).wait_for()
        walked.seen(page, f"custody-{language}")
