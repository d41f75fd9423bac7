"""Tables that an investigation makes: accounts, edges, clusters, events and what stands behind them."""

from __future__ import annotations

import pyarrow as pa

from spmc_tools.schema.table import STRINGS, UTC, Column, Table

__all__ = [
    "ACCOUNT_EVENTS",
    "ACCOUNT_FINDINGS",
    "ACCOUNT_PATTERNS",
    "ACCOUNT_SIGNALS",
    "ACCOUNT_TRACES",
    "BURSTS",
    "CLUSTERS",
    "CLUSTER_PATTERNS",
    "EDGES",
    "EVENTS",
    "EXCLUDED",
    "GROUP_MEMBERS",
    "ORDINARY_PATTERNS",
    "PROVEN_GROUPS",
    "REPLY_SWARMS",
    "RESULTS",
    "SESSIONS",
    "SIGNED",
    "TAG_SURGES",
]

EDGES = Table(
    "edges",
    "two accounts with at least two occasions, and all their coactions, in one trace and window",
    (
        Column("trace", pa.string(), "which kind of action"),
        Column("account_a", pa.string(), "the smaller id of the two"),
        Column("account_b", pa.string(), "the larger id"),
        Column("n_objects", pa.int64(), "distinct objects that both acted on in time", "objects"),
        Column("n_pairs", pa.int64(), "pairs of one action each on one object within the window, inclusive", "pairs"),
        Column("n_actions_a", pa.int64(), "actions of a with at least one of b in the window", "actions"),
        Column("n_actions_b", pa.int64(), "the reverse", "actions"),
        Column("first_t", UTC, "earliest action in any of the pairs", "UTC"),
        Column("last_t", UTC, "latest", "UTC"),
        Column("mean_lag_s", pa.float64(), "mean distance in time over the pairs", "seconds"),
        Column("n_a_first", pa.int64(), "pairs in which a was first; empty in exports with pseudonyms", "pairs"),
        Column("window_s", pa.float64(), "the window; null: objects shared at any times, which only ranks", "seconds"),
        Column("n_occasions", pa.int64(), "times in step, each on another source and 6 h after the last", "occasions"),
        Column("n_sources", pa.int64(), "different sources of what both acted on in time", "sources"),
        Column("expected_degree", pa.float64(), "occasions by partner degree: how many different partners each met"),
        Column("expected_interest", pa.float64(), "occasions by slow interest: what each shares at other times"),
        Column("expected", pa.float64(), "the larger of the two (untimed: of degree and expected_shared)", "occasions"),
        Column("p", pa.float64(), "P(Poisson(expected) >= n_occasions)"),
        Column("q", pa.float64(), "the same after Benjamini-Hochberg over all pairs and windows of the trace"),
        Column("p_group", pa.float64(), "p of a weak edge inside a proven group, freed of what is tested; else 1"),
        Column("expected_shared", pa.float64(), "untimed rows: objects that chance lets the two share"),
        Column("n_retained", pa.int64(), "objects in step, first actions, without hot ones: n of the check", "objects"),
        Column("expected_degree_check", pa.float64(), "what the degree check expects of these", "objects"),
        Column("p_degree_check", pa.float64(), "degree check: the larger p of within strata and without"),
        Column("time_weight", pa.float64(), "W: sum of -ln(share of the object at that time) over n_retained", "nats"),
        Column("n_cotimed", pa.int64(), "pairs of one action each within the window, whatever the object", "pairs"),
        Column("p_time_local", pa.float64(), "time-local bound on p"),
        Column("n_habit", pa.int64(), "common objects with 12 accounts or more: n of the check of habits", "objects"),
        Column("expected_habit", pa.float64(), "in step of these by each one's habit of being early", "objects"),
        Column("p_habit", pa.float64(), "bound on p, given that both took part and each one's habit of being early"),
    ),
)

CLUSTERS = Table(
    "clusters",
    "accounts that hang together by edges that carry a finding (q < .05, or weak in a proven group) or by events",
    (
        Column("cluster_id", pa.int64(), "from 1, ranked"),
        Column("size", pa.int64(), "members", "accounts"),
        Column("kind", pa.string(), "what it rests on: edges, events, both"),
        Column("traces", STRINGS, "traces of the edges that carry it and of its events"),
        Column("score", pa.float64(), "median score of its members"),
        Column("stability", pa.float64(), "share of 50 resamples without a fifth of the objects that keep its edges"),
        Column("first_t", UTC, "earliest action of the edges that carry it, or signed record", "UTC"),
        Column("last_t", UTC, "latest", "UTC"),
        Column("accounts", STRINGS, "its members"),
        Column("context", pa.string(), "registered kind, where at least half of the members are registered"),
        Column("n_named", pa.int64(), "members in tier A or B", "accounts"),
        Column("n_context", pa.int64(), "members that are registered", "accounts"),
        Column("n_records", pa.int64(), "records of the edges that carry it, or that sign its events", "records"),
        Column("events", pa.list_(pa.int64()), "its events"),
        Column("n_signed", pa.int64(), "records of its members that sign these", "records"),
        Column("n_edges", pa.int64(), "pairs of accounts with an edge that carries it", "pairs"),
        Column("n_objects", pa.int64(), "distinct objects of these", "objects"),
        Column("n_sources", pa.int64(), "distinct sources of these", "sources"),
        Column("max_occasions", pa.int64(), "most occasions of one pair", "occasions"),
        Column("median_occasions", pa.float64(), "median over its pairs", "occasions"),
        Column("median_expected", pa.float64(), "median over its pairs of what chance expects", "occasions"),
        Column("max_q", pa.float64(), "largest q of its pairs, the best window of each"),
    ),
)

PROVEN_GROUPS = Table(
    "proven_groups",
    "a group in which no single pair need stand out, more than half of whose members a cluster holds",
    (
        Column("group_id", pa.int64(), "from 1, in the order of the clusters"),
        Column("cluster_id", pa.int64(), "the cluster"),
        Column("trace", pa.string(), "the trace in which it is proven"),
        Column("size", pa.int64(), "its members: s of docs/method.md", "accounts"),
        Column("n_broad", pa.int64(), "broad occasions: B", "occasions"),
        Column("n_broad_late", pa.int64(), "those of them that came late", "occasions"),
        Column("n_stretches", pa.int64(), "all broad stretches, counted from the largest down or not: K", "stretches"),
    ),
)

GROUP_MEMBERS = Table(
    "group_members",
    "a member of a proven group, with its occasions in company and what chance expects",
    (
        Column("group_id", pa.int64(), "the group"),
        Column("account_id", pa.string(), "the member"),
        Column("n_occasions", pa.int64(), "its occasions in company: o of docs/method.md", "occasions"),
        Column("company", pa.float64(), "mean company in these: c", "accounts"),
        Column("expected_pairs", pa.float64(), "pairs that chance expects of it in the group: Λ", "pairs"),
        Column("expected", pa.float64(), "occasions that chance expects: Λ/c", "occasions"),
        Column("p", pa.float64(), "how probable so many are by chance"),
        Column("q", pa.float64(), "the same after Benjamini-Hochberg over the members"),
        Column("found", pa.bool_(), "whether the group names it"),
    ),
)

CLUSTER_PATTERNS = Table(
    "cluster_patterns",
    "the newsroom pattern in a cluster; no row where no trace was run that it explains",
    (
        Column("cluster_id", pa.int64(), "the cluster"),
        Column(
            "decides",
            pa.bool_(),
            "members that have it have no tier for texts, links, tags and pictures in common",
        ),
        Column("n_members", pa.int64(), "members", "accounts"),
        Column("n_measured", pa.int64(), "members that were measured", "accounts"),
        Column("n_pattern", pa.int64(), "members that have it", "accounts"),
        Column("n_registered", pa.int64(), "members that an officer registered", "accounts"),
        Column("n_shared_texts", pa.int64(), "texts that two members or more wrote", "texts"),
        Column("shared_topics", pa.float64(), "effective number of topics of these"),
        Column("missing", STRINGS, "columns of the records for want of which nothing was measured"),
    ),
)

ACCOUNT_FINDINGS = Table(
    "account_findings",
    "one account of the records: what was found about it, or that nothing was",
    (
        Column("account_id", pa.string(), "the account"),
        Column(
            "tier",
            pa.string(),
            "A: several sources in two traces, or in one and an event, on different posts, or an event of tier A; "
            "B: several sources in one trace, or an event of tier B; C: a person may look; null: nothing",
        ),
        Column("basis", pa.string(), "on how many independent sources it rests: several, few, one, null"),
        Column("score", pa.float64(), "how unexpected its strongest five partners are; orders the table, no more"),
        Column("q", pa.float64(), "smallest q over its traces, times the number of traces"),
        Column("traces", STRINGS, "traces in which it has a basis or an event"),
        Column("cluster_id", pa.int64(), "its cluster; null where none, or where the cluster is not stable"),
        Column("n_records", pa.int64(), "its records", "records"),
        Column("first_seen", UTC, "its first record", "UTC"),
        Column("last_seen", UTC, "its last record", "UTC"),
        Column("context", pa.string(), "kind it is registered as; such an account is never named"),
        Column("n_sources", pa.int64(), "different sources of its edges that carry a finding", "sources"),
        Column(
            "q_corroborated", pa.float64(), "q of: at least two traces speak (second smallest times traces less one)"
        ),
        Column("event_tier", pa.string(), "tier by its events alone, whatever else is known of it: A, B, C, null"),
        Column("n_signed", pa.int64(), "its records that sign the events which speak for it", "records"),
        Column("fdp", pa.float64(), "smallest share of such accounts, over these events, that chance explains"),
        Column("n_bursts", pa.int64(), "its records in bins in which unusually many accounts acted at once", "records"),
        Column("burst_q", pa.float64(), "q of so many; null where bursts were not looked for; ranks, never names"),
        Column("sessions", pa.list_(pa.int64()), "groups within sessions that it is in; they rank, never name"),
    ),
)

ACCOUNT_TRACES = Table(
    "account_traces",
    "what speaks for one account in one trace, or only ranks it",
    (
        Column("account_id", pa.string(), "the account"),
        Column("trace", pa.string(), "the trace, or a detector"),
        Column("basis", pa.string(), "on how many independent sources it rests: several, few, one, null"),
        Column("q", pa.float64(), "of the account in this trace"),
        Column("n_sources", pa.int64(), "sources that it rests on", "sources"),
        Column("kind", pa.string(), "what several rests on: pair or group; of what only ranks: untimed, detector"),
        Column("n_partners", pa.int64(), "other accounts on these edges", "accounts"),
        Column("max_occasions", pa.int64(), "occasions of its best pair", "occasions"),
        Column("expected", pa.float64(), "what chance expects of that pair; null where there is no model", "occasions"),
    ),
)

ACCOUNT_EVENTS = Table(
    "account_events",
    "an event that speaks for one account",
    (
        Column("account_id", pa.string(), "the account"),
        Column("event_id", pa.int64(), "the event"),
        Column("trace", pa.string(), "its trace"),
        Column("n_signed", pa.int64(), "records of the account that sign it", "records"),
        Column("signature", STRINGS, "marks of the event below .05"),
        Column("fdp_once", pa.float64(), "share of the accounts with one such record that chance explains"),
        Column("fdp_twice", pa.float64(), "the same of those with two"),
        Column(
            "n_records", pa.int64(), "its records on the object that could have hit the time of the others", "records"
        ),
        Column("n_on_second", pa.int64(), "those of them that did: on their two seconds, or in the burst", "records"),
        Column("share_outside", pa.float64(), "what is there of other accounts' records; 1 on the full minute"),
        Column("p_time", pa.float64(), "how probable so many are by chance"),
        Column("p_again", pa.float64(), "how probable it is that an account posts one object in so many minutes"),
        Column("p_own", pa.float64(), "both joined by Fisher's rule"),
        Column("q_own", pa.float64(), "the same after Benjamini-Hochberg over the accounts of the event"),
    ),
)

ACCOUNT_PATTERNS = Table(
    "account_patterns",
    "the newsroom pattern of a member of a cluster, as docs/method.md explains it; no row: not measured",
    (
        Column("account_id", pa.string(), "the account"),
        Column(
            "decides",
            pa.bool_(),
            "it is why the account has no tier for texts, links, tags and pictures in common",
        ),
        Column("pattern", pa.bool_(), "whether the account has it"),
        Column("n_own", pa.int64(), "own originals", "texts"),
        Column("own_share", pa.float64(), "these, of all its records"),
        Column("site", pa.string(), "domain that most of its records with a link lead to; null: none"),
        Column("n_links", pa.int64(), "records with a link", "records"),
        Column("site_share", pa.float64(), "share of these that lead to the site"),
        Column("own_linked", pa.float64(), "share of its own originals that lead there"),
        Column("shared_linked", pa.float64(), "share of what it shares with other members that leads there"),
        Column("sole_share", pa.float64(), "its share of the cluster's records that lead there"),
        Column("topics", pa.float64(), "effective number of topics of its own originals"),
        Column("n_days", pa.int64(), "days with an own original", "days"),
        Column("day_share", pa.float64(), "these, of the days of the cluster"),
        Column("n_shared", pa.int64(), "records that have something in common with another member", "records"),
        Column("outside_share", pa.float64(), "share of own originals in hours without anything shared"),
        Column("n_readers", pa.int64(), "accounts outside the cluster that repost, quote or answer it", "accounts"),
    ),
)

ORDINARY_PATTERNS = Table(
    "ordinary_patterns",
    "a trace of an account that an ordinary pattern explains: it shows the account and does not name it",
    (
        Column("account_id", pa.string(), "the account"),
        Column("trace", pa.string(), "name of the catalogue"),
        Column("pattern", pa.string(), "appointment, daily_round, one_origin, followers or ready_made_alone"),
        Column("share", pa.float64(), "share of its posts in step that the pattern explains; null: not measured"),
        Column("of_group", pa.bool_(), "the share is that of the posts of its whole cluster"),
    ),
)

EVENTS = Table(
    "events",
    "an object that many accounts posted in one burst or at matching times (q < .01)",
    (
        Column("event_id", pa.int64(), "from 1, the least probable first"),
        Column("trace", pa.string(), "copypasta or co_repost"),
        Column("object_id", pa.string(), "the object: match key of the text, or id of the reposted record"),
        Column("cluster_id", pa.int64(), "its cluster; null where it names nobody"),
        Column("n_accounts", pa.int64(), "accounts on the object", "accounts"),
        Column("n_records", pa.int64(), "their records on it", "records"),
        Column("first_t", UTC, "the first of these", "UTC"),
        Column("last_t", UTC, "the last", "UTC"),
        Column("signature", STRINGS, "marks below .05: clock or burst, client, repeat"),
        Column("p", pa.float64(), "three times the smallest product of two marks, by Fisher's rule"),
        Column("q", pa.float64(), "the same after Benjamini-Hochberg over the objects of the trace on five accounts"),
        Column("p_time", pa.float64(), "twice the smaller of p_clock and p_burst"),
        Column("p_clock", pa.float64(), "as many on two seconds of the minute, times 60"),
        Column("clock_second", pa.int64(), "the first of these two seconds", "seconds"),
        Column("clock_seen", pa.int64(), "records on them", "records"),
        Column("clock_of", pa.int64(), "of so many, each in another minute, at most five of one account", "records"),
        Column("clock_share", pa.float64(), "share of these seconds outside the object"),
        Column("p_burst", pa.float64(), "as many accounts within 2 s, times the accounts near by"),
        Column("burst_seen", pa.int64(), "accounts within 2 s", "accounts"),
        Column("burst_of", pa.int64(), "accounts within 30 s of these", "accounts"),
        Column("burst_t", UTC, "start of the 2 s", "UTC"),
        Column("p_client", pa.float64(), "as many accounts on one client, times the clients"),
        Column("client", pa.string(), "the client; (sole user) for all that one account alone uses"),
        Column("client_seen", pa.int64(), "accounts on it", "accounts"),
        Column("client_of", pa.int64(), "of so many with a known client, in the time signature", "accounts"),
        Column("client_share", pa.float64(), "share of accounts that use it outside the object"),
        Column("p_repeat", pa.float64(), "as many accounts with two records or more on the object"),
        Column("repeat_seen", pa.int64(), "accounts with two records or more", "accounts"),
        Column("repeat_of", pa.int64(), "of so many", "accounts"),
        Column("repeat_share", pa.float64(), "share of such accounts on other objects"),
        Column("n_signed", pa.int64(), "records that carry the whole signature", "records"),
        Column("n_once", pa.int64(), "accounts with one of them or more", "accounts"),
        Column("n_twice", pa.int64(), "accounts with two or more", "accounts"),
        Column("expected_once", pa.float64(), "accounts with one or more by chance", "accounts"),
        Column("expected_twice", pa.float64(), "accounts with two or more by chance", "accounts"),
        Column("fdp_once", pa.float64(), "expected_once over n_once, at most 1"),
        Column("fdp_twice", pa.float64(), "expected_twice over n_twice, at most 1; 1 where there are none"),
        Column("n_named", pa.int64(), "accounts in tier A or B for which it speaks", "accounts"),
        Column("n_context", pa.int64(), "registered accounts with a signed record", "accounts"),
    ),
)

SIGNED = Table(
    "signed",
    "a record that carries the whole signature of an event",
    (
        Column("event_id", pa.int64(), "the event"),
        Column("trace", pa.string(), "its trace"),
        Column("account_id", pa.string(), "who posted it"),
        Column("record_id", pa.string(), "the record"),
        Column("created_at", UTC, "when", "UTC"),
    ),
)

BURSTS = Table(
    "bursts",
    "a bin of time in which more accounts acted than its neighbourhood and the second of the hour explain (q < .01)",
    (
        Column("bin_start", UTC, "start of the bin", "UTC"),
        Column("bin_s", pa.float64(), "its length: 1 or 5", "seconds"),
        Column("n_accounts", pa.int64(), "accounts that acted in it", "accounts"),
        Column("expected", pa.float64(), "accounts that chance expects", "accounts"),
        Column("p", pa.float64(), "P(negative binomial >= n_accounts)"),
        Column("q", pa.float64(), "the same after Benjamini-Hochberg over all bins of this length"),
    ),
)

SESSIONS = Table(
    "sessions",
    "a group of accounts that acted together within hours more than chance explains; it names nobody",
    (
        Column("session_id", pa.int64(), "from 1: trace by trace, the largest first"),
        Column("trace", pa.string(), "kind of action; moment: by time alone; rewritten: texts loosely alike, again"),
        Column("accounts", STRINGS, "its members"),
        Column("size", pa.int64(), "members", "accounts"),
        Column(
            "n_ties",
            pa.int64(),
            "pairs beyond chance; without p: that met rarely; 0: no pair counts",
            "pairs",
        ),
        Column("n_met", pa.int64(), "pairs of members' actions in step, in the window", "pairs"),
        Column("expected_met", pa.float64(), "as many by chance within the hours", "pairs"),
        Column("n_sources", pa.int64(), "different sources on which members were in step", "sources"),
        Column("window_s", pa.float64(), "the window of most ties; of a moment its length", "seconds"),
        Column(
            "objects",
            STRINGS,
            "of most members first, at most 50; moments: their start, rewritten: records",
        ),
        Column("n_objects", pa.int64(), "objects on which members were in step", "objects"),
        Column("n_stretches", pa.int64(), "times in step at least six hours apart; 1: a single session", "times"),
        Column("first_t", UTC, "first action in step", "UTC"),
        Column("last_t", UTC, "last", "UTC"),
        Column(
            "p",
            pa.float64(),
            "of the third partner, times accounts and windows, the largest; n_ties 0: of common strikes; null: none",
        ),
        Column("n_context", pa.int64(), "members that are registered", "accounts"),
        Column("kind", pa.string(), "registered kind, where at least half of the members are registered"),
        Column(
            "patterns",
            STRINGS,
            "of rewritten texts: ordinary patterns that fit the group; else null, see ordinary_patterns",
        ),
    ),
)

EXCLUDED = Table(
    "excluded",
    "an object that was set aside in one bin of time, because everybody shared it",
    (
        Column("trace", pa.string(), "which kind of action"),
        Column("object_id", pa.string(), "the object"),
        Column("bin_start", UTC, "start of the bin; null: the whole period, for rows without a window only", "UTC"),
        Column("bin_s", pa.float64(), "its length; null: the whole period", "seconds"),
        Column("n_actions", pa.int64(), "actions left out", "actions"),
        Column("share", pa.float64(), "their share of all actions of the trace in the bin"),
        Column("reason", pa.string(), "why"),
        Column("hot_for", pa.string(), "everybody, or circle: one group, in sessions; null for rows without a window"),
        Column("accounts", STRINGS, "all who acted on it in the bin; null for rows without a window"),
    ),
)

ACCOUNT_SIGNALS = Table(
    "account_signals",
    "what one detector of accounts saw of one account; it ranks or gives context, and never names",
    (
        Column("detector", pa.string(), "which detector"),
        Column("account_id", pa.string(), "the account"),
        Column("use", pa.string(), "rank: it may put the account on the list of tier C; context: it is only shown"),
        Column("p", pa.float64(), "how probable so much is by chance; null where the detector has no chance model"),
        Column("q", pa.float64(), "the same after Benjamini-Hochberg over the accounts looked at"),
        Column("measure", pa.string(), "what was counted"),
        Column("n_seen", pa.float64(), "how much of it"),
        Column("expected", pa.float64(), "what chance expects; null where there is no model"),
        Column("value", pa.string(), "what the accounts have in common: a day, a form of handles, a handle"),
        Column("n_partners", pa.int64(), "other accounts that share it", "accounts"),
        Column("partners", STRINGS, "at most 20 of them, by id"),
    ),
)

TAG_SURGES = Table(
    "tag_surges",
    "one tag in a time in which it was used more than its own past expects",
    (
        Column("tag", pa.string(), "the tag, as its match key"),
        Column("first_t", UTC, "start of the first bin", "UTC"),
        Column("last_t", UTC, "end of the last bin, exclusive", "UTC"),
        Column("bin_s", pa.float64(), "length of a bin", "seconds"),
        Column("n_records", pa.int64(), "records with the tag in that time", "records"),
        Column("expected", pa.float64(), "what its own past and the rhythm of the whole expect", "records"),
        Column("p", pa.float64(), "of its strongest bin: negative binomial"),
        Column("q", pa.float64(), "the same after Benjamini-Hochberg over all tags and bins"),
        Column("n_accounts", pa.int64(), "accounts that used it then", "accounts"),
        Column("author_gini", pa.float64(), "Gini of records over these accounts: 0 all alike, near 1 few wrote most"),
        Column("new_account_share", pa.float64(), "share of them made at most 30 days before; null where not known"),
        Column(
            "near_duplicate_share", pa.float64(), "share of the texts that have a copy among them; null without texts"
        ),
        Column("deleted_share", pa.float64(), "share of the records seen to be gone; null where nobody looked"),
    ),
)

REPLY_SWARMS = Table(
    "reply_swarms",
    "one post to which five accounts or more replied within ten minutes; context only",
    (
        Column("object_id", pa.string(), "the replied-to post"),
        Column("source_id", pa.string(), "its author; null where not known"),
        Column("first_t", UTC, "first reply of the ten minutes with the most accounts", "UTC"),
        Column("last_t", UTC, "last reply of these", "UTC"),
        Column("n_accounts", pa.int64(), "accounts that replied then", "accounts"),
        Column("n_accounts_ever", pa.int64(), "accounts that ever replied", "accounts"),
    ),
)

_RESULTS = (
    ACCOUNT_FINDINGS, ACCOUNT_TRACES, ACCOUNT_EVENTS, ACCOUNT_PATTERNS, ORDINARY_PATTERNS, EDGES, CLUSTERS,
    PROVEN_GROUPS, GROUP_MEMBERS,
    CLUSTER_PATTERNS, EVENTS, SIGNED, BURSTS, SESSIONS, EXCLUDED, ACCOUNT_SIGNALS, TAG_SURGES,
    REPLY_SWARMS,
)  # fmt: skip
RESULTS: dict[str, Table] = {t.name: t for t in _RESULTS}
"""Tables that an investigation makes, by name."""
