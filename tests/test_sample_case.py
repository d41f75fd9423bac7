"""The sample case from its files to its findings, compared with what was planted in it."""

from __future__ import annotations

import csv
import gzip
import json
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from spmc_tools.demo import sample_case, sample_facts
from spmc_tools.findings.pipeline.investigate import investigate
from spmc_tools.text.match_key import match_keys
from tests.findings.plain_cells import nested

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from spmc_tools.case.store.case import Case
    from spmc_tools.findings.pipeline.investigate import Findings
    from spmc_tools.importers.import_files import FileResult

SAMPLE = Path(__file__).resolve().parent.parent / "data" / "sample"
CAMPAIGNS = ("campaign_copy", "campaign_amplify")
VOLUNTARY = ("volunteer", "volunteer_leader")
FACTS = sample_facts()


class Sample(NamedTuple):
    case: Case
    files: list[FileResult]
    found: Findings
    accounts: pd.DataFrame


@pytest.fixture(scope="module")
def roles() -> dict[str, str]:
    with (SAMPLE / "truth.csv").open(encoding="utf-8", newline="") as file:
        return {row["account_id"]: row["role"] for row in csv.DictReader(file)}


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory, roles: dict[str, str]) -> Iterator[Sample]:
    """The case as the demonstration makes it: facts, registered accounts and three files of three formats."""
    folder = tmp_path_factory.mktemp("sample")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPMC_KEYS", str(folder / "keys"))
        case, files = sample_case(folder / "cases")
        found = investigate(case)
        yield Sample(case, files, found, found.accounts.assign(role=found.accounts["account_id"].map(roles)))


def test_every_row_is_kept_or_a_duplicate_or_refused(sample: Sample) -> None:
    counts = {file.name: (file.read, file.kept, file.duplicates, file.refused) for file in sample.files}
    lines = gzip.decompress((SAMPLE / "x_election_week.jsonl.gz").read_bytes()).count(b"\n")
    assert counts == {
        "x_election_week.jsonl.gz": (lines, lines - 44, 40, 4),
        "telegram_channels.jsonl.gz": (420, 420, 0, 0),
        "page_posts.csv": (320, 319, 0, 1),
        "inbox.csv": (1145, 1136, 5, 4),
        "claims.csv": (10, 10, 0, 0),
        "picture_claims.csv": (2, 2, 0, 0),
        "attachments.csv": (17, 17, 0, 0),
        "referrals.csv": (132, 132, 0, 0),
        "page_snapshots.csv": (336, 336, 0, 0),
        "page_metrics.csv": (158, 158, 0, 0),
        "x_content.csv": (260, 260, 0, 0),
        "facebook_posts.csv": (280, 280, 0, 0),
        "youtube_videos.csv": (25, 24, 0, 1),
        "campaigns.csv": (196, 196, 0, 0),
        "x_festival_week.jsonl.gz": (3082, 3082, 0, 0),
        "festival_claims.csv": (4, 4, 0, 0),
        "festival_inbox.csv": (48, 48, 0, 0),
    }
    assert {file.format for file in sample.files} == {
        "x_api_v2",
        "snscrape_jsonl",
        "mapped_table",
        "desk_sheet",
        "page_analytics",
    }


def test_every_account_that_posts_has_a_role(sample: Sample) -> None:
    assert len(sample.accounts) > 2_000
    assert sample.accounts["role"].notna().all()


def test_each_campaign_is_found(sample: Sample, roles: dict[str, str]) -> None:
    named = sample.accounts[sample.accounts["tier"].isin(["A", "B"])]
    for campaign in CAMPAIGNS:
        members = sum(role == campaign for role in roles.values())
        assert (named["role"] == campaign).sum() >= 0.9 * members, campaign


def test_nobody_of_the_crowds_may_be_named(sample: Sample) -> None:
    named = sample.accounts[sample.accounts["tier"].isin(["A", "B"])]
    others = named[~named["role"].isin([*CAMPAIGNS, *VOLUNTARY])]
    assert others[["account_id", "role", "tier"]].to_dict("records") == []


def test_each_campaign_is_one_cluster_of_its_own(sample: Sample, roles: dict[str, str]) -> None:
    homes = {}
    for row in sample.found.clusters.itertuples():
        for campaign in CAMPAIGNS:
            if sum(roles[account] == campaign for account in row.accounts) > 2:
                homes.setdefault(campaign, []).append(row)
    assert {campaign: len(rows) for campaign, rows in homes.items()} == dict.fromkeys(CAMPAIGNS, 1)
    assert homes["campaign_copy"][0].traces == ["copypasta"]
    assert homes["campaign_amplify"][0].traces == ["co_repost"]
    for campaign, (row,) in homes.items():
        assert {roles[account] for account in row.accounts} == {campaign}


def test_registered_newsrooms_are_shown_with_their_kind(sample: Sample, roles: dict[str, str]) -> None:
    registered = [entry["account_id"] for entry in FACTS["context"]]
    assert {roles[account] for account in registered} == {"newsroom"}
    assert len(registered) < sum(role == "newsroom" for role in roles.values())
    shown = sample.accounts.set_index("account_id").loc[registered]
    assert shown["context"].eq("newsroom").all() and shown["tier"].isin(["A", "B"]).sum() == 0
    clusters = sample.found.clusters
    shared = clusters[clusters["context"] == "newsroom"]["accounts"].map(
        lambda members: len({*registered} & {*members})
    )
    assert shared.max() > len(registered) / 2


def test_no_cell_of_a_public_table_is_a_dictionary(sample: Sample) -> None:
    found = sample.found
    for name in ("account_traces", "account_patterns", "cluster_patterns", "proven_groups", "group_members"):
        assert len(getattr(found, name)), name
    assert nested(found) == []


def test_newsrooms_with_nothing_of_their_own_have_no_newsroom_pattern(sample: Sample) -> None:
    """They print the wire and link to its pages, no more: only the register speaks for them, and the numbers say so."""
    newsrooms = sample.accounts.loc[sample.accounts["role"] == "newsroom", "account_id"]
    own = sample.found.account_patterns[sample.found.account_patterns["account_id"].isin(newsrooms)]
    assert len(own) == 8
    assert set(zip(own["n_own"], own["pattern"], own["site"], strict=True)) == {(0, False, "demo-wire.example")}
    assert sample.found.notes["benign_pattern"]["n_decided"] == 0
    assert sample.found.notes["benign_pattern"]["n_measured"] > 50


def test_evidence_leads_back_to_the_line_of_the_file(sample: Sample, roles: dict[str, str]) -> None:
    weeks = ("x_election_week.jsonl.gz", "x_festival_week.jsonl.gz")
    lines = {
        file.sha256: gzip.decompress((SAMPLE / file.name).read_bytes()).decode().splitlines()
        for file in sample.files
        if file.name in weeks
    }
    assert len(lines) == 2
    for cluster in sample.found.clusters.itertuples():
        if {roles[account] for account in cluster.accounts} & set(CAMPAIGNS):
            evidence = sample.found.evidence(cluster.cluster_id)
            assert len(evidence) >= cluster.size * 3
            for row in evidence.itertuples():
                line = json.loads(lines[row.source_sha256][row.source_row - 1])
                assert (line["id"], line["author_id"]) == (row.record_id, row.account_id)


def test_evidence_of_copied_texts_shows_texts_that_differ(sample: Sample, roles: dict[str, str]) -> None:
    clusters = sample.found.clusters
    of_copies = clusters[clusters["accounts"].map(lambda members: roles[members[0]] == "campaign_copy")]
    evidence = sample.found.evidence(of_copies["cluster_id"].iloc[0])
    wordings = evidence.groupby("object_id")["text"].agg(lambda texts: len(set(match_keys(texts))))
    assert len(wordings) == 14 + 2  # of the election week, and of the festival week
    assert (wordings > 1).sum() > 7
    assert set(evidence["trace"]) == {"copypasta"}


def words_of(page: str) -> dict[str, int]:
    """Return the words with a letter that a reader of a page sees, up to each stop of the tour and in it."""
    from lxml import html

    tree = html.fromstring(page)
    for folded in tree.xpath("//details[not(@open)]"):
        for part in folded.xpath("*[not(self::summary)]"):
            folded.remove(part)
    for apart in tree.xpath("//style | //script | //iframe | //*[@role='img']"):  # a chart is looked at
        apart.drop_tree()
    counts, stop = {"first": 0}, "first"
    parts = tree.xpath("//main/*")
    for part, following in zip(parts, [*parts[1:], None], strict=True):
        if part.get("class") == "stop":
            stop = following.get("id")
        words = " ".join(part.itertext()).split()
        counts[stop] = counts.get(stop, 0) + sum(any(letter.isalpha() for letter in word) for word in words)
    return counts


@pytest.mark.slow
def test_the_tour_is_read_in_fifteen_minutes_in_both_languages(sample: Sample, monkeypatch) -> None:
    import nbformat

    from spmc_tools.report.page.render import Run, page
    from spmc_tools.report.running.run import run_notebook
    from spmc_tools.report.sections.desks.tour import FIRST, SPEED, STOPS

    monkeypatch.setenv("SPMC_KEYS", str(sample.case.path.parents[1] / "keys"))
    done = run_notebook(sample.case, "tour", {}, language="en")
    assert done.status == "complete"
    notebook = nbformat.read(done.report.parent / "notebook.ipynb", as_version=4)
    minutes = {"first": FIRST, **{name: time for name, time, _ in STOPS}}
    assert round(sum(minutes.values()), 6) == 15
    run = Run(done.run_id, sample.case.id, "tour", "2026-11-10T06:30:00+00:00", "complete", "full", known_notebook=True)
    for language in ("en", "hi"):
        counts = words_of(page(notebook, run, language))
        assert list(counts) == list(minutes)
        assert {name: n for name, n in counts.items() if n / SPEED > minutes[name]} == {}, (language, counts)
