"""axe-core finds nothing serious on our pages: readable by keyboard, screen reader and weak eyes."""

from __future__ import annotations

import pytest

from spmc_tools.report.page.index import write_index
from spmc_tools.signing.manifest import write_manifest

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("language", ["en", "hi"])
def test_nothing_serious_on_a_report_and_in_its_frames(pages, serious, language) -> None:
    assert serious(pages[language]) == []


def test_nothing_serious_on_the_list_of_reports(small_case, serious) -> None:
    for name, status in (
        ("20251113T000000Z-election_watch-0001", "complete"),
        ("20251114T000000Z-tour-0002", "failed"),
    ):
        folder = small_case.run_dir(name)
        (folder / "report.html").write_text("<p>made up</p>")
        write_manifest(small_case, folder, status=status)
    assert serious(write_index(small_case).read_text(encoding="utf-8")) == []


def test_axe_is_able_to_find_something(pages, serious) -> None:
    broken = pages["en"].replace("</main>", '<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw="></main>', 1)
    assert [one.split(":")[0] for one in serious(broken)] == ["image-alt"]
