"""Which acts and tables stand on which page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from spmc_tools.app.acts.compare_acts import COMPARE_ACTS, compare_tables
from spmc_tools.app.acts.complaint_acts import COMPLAINT_ACTS, complaints_table
from spmc_tools.app.acts.custody_acts import CUSTODY_ACTS, imports_table
from spmc_tools.app.acts.key_acts import KEY_ACTS, keys_table
from spmc_tools.app.acts.pattern_acts import PATTERN_ACTS, patterns_table
from spmc_tools.app.acts.referral_acts import REFERRAL_ACTS, referrals_table
from spmc_tools.app.acts.review_acts import REVIEW_ACTS
from spmc_tools.app.acts.rumour_acts import RUMOUR_ACTS, claims_table
from spmc_tools.app.acts.saved_tables import NETWORK_ACTS
from spmc_tools.app.acts.search_acts import SEARCH_ACTS, search_table
from spmc_tools.app.acts.watch_acts import KNOWN_ACTS, WATCH_ACTS, known_table, watch_tables
from spmc_tools.app.beyond.collect_acts import COLLECT_ACTS, collections_table
from spmc_tools.app.beyond.outside_acts import OUTSIDE_ACTS, stamps_table
from spmc_tools.app.beyond.rates_acts import RATES_ACTS, rates_tables
from spmc_tools.app.beyond.restore_acts import RESTORE_ACTS
from spmc_tools.app.beyond.schedule_acts import SCHEDULE_ACTS, schedule_table

if TYPE_CHECKING:
    from collections.abc import Callable

    from spmc_tools.app.acts.act_form import Act, Ground, ShownTable

__all__ = ["ACTS", "ROOMS", "ActRoom"]


@dataclass(frozen=True, slots=True)
class ActRoom:
    """A page.

    Its acts, its tables, the command that lists the same; whether the forms stand above the tables, whether it says
    something where no case is chosen, and whether it tells of long work.
    """

    acts: tuple[Act, ...]
    tables: Callable[[Ground], list[ShownTable]]
    command: str = ""
    forms_first: bool = False
    caseless: bool = False
    works: bool = False


def _custody_tables(ground: Ground) -> list[ShownTable]:
    return [*imports_table(ground), *stamps_table(ground)]


ROOMS: dict[str, ActRoom] = {
    "collect": ActRoom(COLLECT_ACTS, collections_table, works=True),
    "search": ActRoom(SEARCH_ACTS, search_table, forms_first=True),
    "compare": ActRoom(COMPARE_ACTS, compare_tables, forms_first=True),
    "complaints": ActRoom(COMPLAINT_ACTS, complaints_table, "spmc report {case} response_desk"),
    "rumours": ActRoom(RUMOUR_ACTS, claims_table, "spmc report {case} rumour_desk"),
    "referrals": ActRoom(REFERRAL_ACTS, referrals_table, "spmc report {case} referral_register"),
    "watch": ActRoom(WATCH_ACTS, watch_tables, "spmc report {case} election_watch"),
    "known": ActRoom(KNOWN_ACTS, known_table),
    "patterns": ActRoom(PATTERN_ACTS, patterns_table, "spmc decide {case}"),
    "review": ActRoom(REVIEW_ACTS, lambda _ground: []),
    "custody": ActRoom((*CUSTODY_ACTS, *OUTSIDE_ACTS), _custody_tables, "spmc custody {case}"),
    "restore": ActRoom(RESTORE_ACTS, lambda _ground: [], caseless=True),
    "rates": ActRoom(RATES_ACTS, rates_tables, "spmc rates", caseless=True),
    "keys": ActRoom(KEY_ACTS, keys_table, "spmc key show --as NAME", caseless=True),
    "schedule": ActRoom(SCHEDULE_ACTS, schedule_table, "spmc schedule list schedule.toml", caseless=True, works=True),
}
"""By the name of the page, in the order of the left column."""

ACTS: dict[str, tuple[str, Act]] = {act.name: (page, act) for page, room in ROOMS.items() for act in room.acts} | {
    act.name: ("network", act) for act in NETWORK_ACTS
}
"""By its name: on which page it stands, and the act."""
