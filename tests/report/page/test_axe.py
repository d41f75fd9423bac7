"""axe-core finds nothing at all on our pages: readable by keyboard, screen reader and weak eyes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from spmc_tools.report.page.index import write_index
from spmc_tools.report.page.render import page
from spmc_tools.signing.manifest import write_manifest

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("edition", ["full", "redacted"])
@pytest.mark.parametrize("language", ["en", "hi"])
def test_nothing_on_a_report_and_in_its_frames(small_sections, as_notebook, a_run, barriers, language, edition) -> None:
    text = page(as_notebook(small_sections), replace(a_run, edition=edition), language)
    assert barriers(text) == [] and barriers(text, width=390) == []


def test_nothing_on_the_list_of_reports(small_case, barriers) -> None:
    for name, status in (
        ("20251113T000000Z-election_watch-0001", "complete"),
        ("20251114T000000Z-tour-0002", "failed"),
    ):
        folder = small_case.run_dir(name)
        (folder / "report.html").write_text("<p>made up</p>")
        write_manifest(small_case, folder, status=status)
    assert barriers(write_index(small_case).read_text(encoding="utf-8")) == []


def test_axe_is_able_to_find_something(pages, barriers) -> None:
    broken = pages["en"].replace("</main>", '<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw="></main>', 1)
    assert [one.split(":")[0] for one in barriers(broken)] == ["image-alt"]
