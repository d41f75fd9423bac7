"""The synthetic sheets of the desks that measure, as a case holds them."""

from __future__ import annotations

from datetime import date

import pytest

from spmc_tools.case.store.case import create_case
from spmc_tools.importers.import_files import import_files
from spmc_tools.resources import resource

SHEETS = (
    "page_snapshots.csv",
    "page_metrics.csv",
    "x_content.csv",
    "facebook_posts.csv",
    "youtube_videos.csv",
    "campaigns.csv",
)


@pytest.fixture(scope="session")
def measures_case(tmp_path_factory):
    case = create_case(
        "measures",
        cases=tmp_path_factory.mktemp("measures"),
        title="t",
        purpose="p",
        legal_basis="none",
        date_from=date(2025, 11, 3),
        date_to=date(2025, 11, 12),
    )
    import_files(case, [resource("data", "sample", name) for name in SHEETS], tz="Asia/Kolkata")
    return case


@pytest.fixture(scope="session")
def sample_measures(measures_case):
    from spmc_tools.desks.reach.standing import standing

    return standing(measures_case)


@pytest.fixture(scope="session")
def desk_sheets_case(tmp_path_factory):
    """The synthetic inbox, register of rumours and register of referrals, as a case holds them."""
    case = create_case(
        "sheets",
        cases=tmp_path_factory.mktemp("sheets"),
        title="t",
        purpose="p",
        legal_basis="none",
        date_from=date(2025, 11, 3),
        date_to=date(2025, 11, 12),
    )
    import_files(case, [resource("data", "sample", name) for name in ("inbox.csv", "claims.csv", "referrals.csv")])
    return case
