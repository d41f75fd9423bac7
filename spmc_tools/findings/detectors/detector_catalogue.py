"""The detectors of accounts and tags that are looked for. A new one is one entry here and one module beside it."""

from __future__ import annotations

from spmc_tools.findings.detectors import account_cohort, clock_lockstep, compressed_repertoire, hashtag_surge
from spmc_tools.findings.detectors.detector import AccountDetector

__all__ = ["DETECTORS"]

_ALL = (
    AccountDetector(
        "clock_lockstep",
        "Which accounts are active in the same minutes as another, day after day, beyond their common hours?",
        takes=("records",), detect=clock_lockstep.clock_lockstep, lacks=clock_lockstep.lacks, use="rank",
        reference="Chavoshi et al. 2016, ICDM 16",
    ),
    AccountDetector(
        "compressed_repertoire",
        "Which accounts are often, and on many sources, on what travels unusually fast?",
        takes=("actions",), detect=compressed_repertoire.compressed_repertoire, lacks=compressed_repertoire.lacks,
        use="rank", of_traces=("co_repost", "copypasta"), needs=("kind", "ref_record_id|text"),
        reference="Vargas et al. 2020, WebSci 20; the statistic is this project's own",
    ),
    AccountDetector(
        "account_cohort",
        "Which accounts were made on one day, or have handles of one form, like descriptions or one handle?",
        takes=("accounts",), detect=account_cohort.account_cohort, lacks=account_cohort.lacks, use="context",
        needs_accounts=("created_at|handle|description",),
        reference="Ng and Carley 2022, arXiv 2201.10707; Beskow and Carley 2019, Comput. Math. Organ. Theory 25",
    ),
    AccountDetector(
        "hashtag_surge",
        "Which tags were used more than their own past expects, by whom, and how alike?",
        takes=("records", "accounts"), detect=hashtag_surge.hashtag_surge, lacks=hashtag_surge.lacks, use="tags",
        needs=("hashtags|text",),
        reference="Elmas et al. 2021, EuroS&P 21; Jakesch et al. 2021, CSCW 5",
    ),
)  # fmt: skip

DETECTORS: dict[str, AccountDetector] = {detector.name: detector for detector in _ALL}
"""All detectors by name, in the order in which they are run."""
