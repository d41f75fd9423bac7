"""Every table of a case: its columns, their types, units and meaning.

A :class:`Table` is declared once, here. Importers write it, the store keeps it, detectors read it, the docs
list it. :func:`check` says what is wrong with a table and where.

There is no column for religion, caste, party, ethnicity or political opinion, and there never will be one:
``tests/schema/test_schema.py`` holds that.
"""

from spmc_tools.schema.desk_tables import (
    ATTACHMENTS,
    CAMPAIGNS,
    CLAIMS,
    DESK_TABLES,
    MESSAGES,
    PAGE_METRICS,
    PAGE_SNAPSHOTS,
    POST_METRICS,
    REFERRALS,
)
from spmc_tools.schema.posts_and_accounts import (
    ACCOUNTS,
    ACTIONS,
    GROUP_EVENT_KINDS,
    GROUP_EVENTS,
    KINDS,
    OBSERVATIONS,
    RECORDS,
    REFUSED,
)
from spmc_tools.schema.result_tables import (
    ACCOUNT_FINDINGS,
    ACCOUNT_SIGNALS,
    BURSTS,
    CLUSTERS,
    EDGES,
    EVENTS,
    EXCLUDED,
    REPLY_SWARMS,
    RESULTS,
    SESSIONS,
    SIGNED,
    TAG_SURGES,
)
from spmc_tools.schema.table import SCHEMA_VERSION, Column, Table
from spmc_tools.schema.table_check import TABLES, Problem, check, require

__all__ = [
    "ACCOUNTS",
    "ACCOUNT_FINDINGS",
    "ACCOUNT_SIGNALS",
    "ACTIONS",
    "ATTACHMENTS",
    "BURSTS",
    "CAMPAIGNS",
    "CLAIMS",
    "CLUSTERS",
    "DESK_TABLES",
    "EDGES",
    "EVENTS",
    "EXCLUDED",
    "GROUP_EVENTS",
    "GROUP_EVENT_KINDS",
    "KINDS",
    "MESSAGES",
    "OBSERVATIONS",
    "PAGE_METRICS",
    "PAGE_SNAPSHOTS",
    "POST_METRICS",
    "RECORDS",
    "REFERRALS",
    "REFUSED",
    "REPLY_SWARMS",
    "RESULTS",
    "SCHEMA_VERSION",
    "SESSIONS",
    "SIGNED",
    "TABLES",
    "TAG_SURGES",
    "Column",
    "Problem",
    "Table",
    "check",
    "require",
]
