"""The synthetic sheets of the desks that measure, as a case holds them."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from spmc_tools.importers.import_files import import_files
from spmc_tools.resources import resource
from tests.plain_cases import plain_case

if TYPE_CHECKING:
    from pathlib import Path

    from spmc_tools.case.store.case import Case

SHEETS = (
    "page_snapshots.csv",
    "page_metrics.csv",
    "x_content.csv",
    "facebook_posts.csv",
    "youtube_videos.csv",
    "campaigns.csv",
)


def sheets_case(cases: Path, case_id: str, sheets: tuple[str, ...], **options: str) -> Case:
    """A case that holds these sheets of the sample case."""
    case = plain_case(case_id, cases=cases, legal_basis="none", date_from=date(2025, 11, 3), date_to=date(2025, 11, 12))
    import_files(case, [resource("data", "sample", name) for name in sheets], **options)
    return case


@pytest.fixture(scope="session")
def measures_case(tmp_path_factory):
    return sheets_case(tmp_path_factory.mktemp("measures"), "measures", SHEETS, tz="Asia/Kolkata")


@pytest.fixture(scope="session")
def sample_measures(measures_case):
    from spmc_tools.desks.reach.standing import standing

    return standing(measures_case)


@pytest.fixture(scope="session")
def desk_sheets_case(tmp_path_factory):
    """The synthetic inbox, register of rumours and register of referrals, as a case holds them."""
    return sheets_case(tmp_path_factory.mktemp("sheets"), "sheets", ("inbox.csv", "claims.csv", "referrals.csv"))
