"""The traces that are looked for. A new one is one entry here, one list of cases in the test, one paragraph in docs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spmc_tools.coaction.traces.trace import Trace, read_actions
from spmc_tools.errors import ParameterError, quote

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

__all__ = ["TRACES", "actions_of", "named"]

_WRITTEN = ("post", "reply", "quote", "comment", "message")
"""What an account wrote itself: a repost passes on another's text, tags and addresses and would count them twice."""

_CO_REPOST = Trace(
    "co_repost",
    "Which accounts repost the same posts of different authors within minutes, again and again?",
    kinds=("repost",), object="referenced_record", source="author", windows_s=(60, 600),
    needs=("kind", "ref_record_id"),
    reference="Keller et al. 2020, Political Communication 37(2); Pacheco et al. 2021, ICWSM 15",
)  # fmt: skip

_CO_URL = Trace(
    "co_url",
    "Which accounts post the same addresses of different sites within minutes, again and again?",
    kinds=_WRITTEN, object="address", source="site", windows_s=(60, 600, 3600), needs=("kind", "urls|text"),
    reference="Giglietto et al. 2020, Information, Communication & Society 23(6)",
)  # fmt: skip

_ALL = (
    _CO_REPOST,
    _CO_URL,
    Trace(
        "co_hashtag_sequence",
        "Which accounts post the same three or more tags in the same order within minutes?",
        kinds=_WRITTEN, object="tag_sequence", source="itself", windows_s=(600,), untimed=True,
        needs=("kind", "hashtags|text"),
        reference="Pacheco et al. 2021, ICWSM 15; Burghardt et al. 2023, arXiv 2301.06774",
    ),
    Trace(
        "copypasta",
        "Which accounts post copies of the same texts as their own within minutes, again and again?",
        kinds=_WRITTEN, object="near_duplicate", source="itself", windows_s=(60, 600), untimed=True,
        needs=("kind", "text"),
        reference="Keller et al. 2020, Political Communication 37(2); Jakesch et al. 2021, CSCW 5",
    ),
    Trace(
        "co_reply",
        "Which accounts reply to the same posts of different authors within minutes, again and again?",
        kinds=("reply",), object="referenced_record", source="author", windows_s=(600,),
        needs=("kind", "ref_record_id"),
        reference="Graham et al., coordination-network-toolkit; Pote et al. 2025, ICWSM 19",
    ),
    Trace(
        "co_quote",
        "Which accounts quote the same posts of different authors within minutes, again and again?",
        kinds=("quote",), object="referenced_record", source="author", windows_s=(600,),
        needs=("kind", "ref_record_id"),
        reference="as co_reply, for quotes: Pote et al. 2025, ICWSM 19",
    ),
    Trace(
        "co_domain",
        "Which accounts post addresses of the same sites, several of them, within minutes, again and again?",
        kinds=_WRITTEN, object="domain", source="itself", windows_s=(600,), within=_CO_URL,
        needs=("kind", "urls|text"),
        reference="Giglietto et al. 2020, Information, Communication & Society 23(6)",
    ),
    Trace(
        "co_mention",
        "Which accounts mention the same two or more accounts within minutes, again and again?",
        kinds=_WRITTEN, object="mention_set", source="itself", windows_s=(600,), needs=("kind", "mentions"),
        reference="Weber and Neumann 2021, Social Network Analysis and Mining 11",
    ),
    Trace(
        "co_media",
        "Which accounts post the same pictures within minutes, again and again?",
        kinds=_WRITTEN, object="picture", source="itself", windows_s=(600,), untimed=True, needs=("kind", "media"),
        reference="Pacheco et al. 2021, ICWSM 15; Zannettou et al. 2018, IMC 18",
    ),
    Trace(
        "fast_repost",
        "Which accounts repost the same authors within a minute of their posts, and of each other?",
        kinds=("repost",), object="author_reached_fast", source="itself", windows_s=(60,), within=_CO_REPOST,
        needs=("kind", "ref_record_id", "ref_account_id"),
        reference="Luceri et al. 2024, WWW 24",
    ),
    Trace(
        "co_handle",
        "Which accounts had the same handles, one after the other?",
        kinds=(), object="handle", source="itself", windows_s=(), untimed=True, table="accounts",
        needs=("handle", "observed_at"),
        reference="Pacheco et al. 2021, ICWSM 15; Mariconti et al. 2017, WWW 17",
    ),
)  # fmt: skip

TRACES: dict[str, Trace] = {trace.name: trace for trace in _ALL}
"""All traces by name, in the order in which they are looked for."""


def named(name: str) -> Trace:
    """Return a trace of the catalogue.

    Raises
    ------
    ParameterError
        Where there is none of that name; the sentence lists those known.
    """
    if name not in TRACES:
        raise ParameterError(f"Unknown trace {quote(name)}; known traces: {', '.join(TRACES)}.")
    return TRACES[name]


def actions_of(records: pa.Table | pd.DataFrame, trace: Trace | str) -> pa.Table:
    """Return the actions that one trace reads from records; see :func:`~spmc_tools.coaction.traces.trace.read_actions`.

    Parameters
    ----------
    records : pyarrow.Table or pandas.DataFrame
        Columns of ``RECORDS``.
    trace : Trace or str
        A declaration, or a name of the catalogue.

    Raises
    ------
    TableError
        Where the records lack a column that the trace needs.
    ParameterError
        Where the catalogue has no trace of that name.
    """
    return read_actions(records, named(trace) if isinstance(trace, str) else trace)
