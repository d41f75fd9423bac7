"""A small case whose two groups act together, and findings of it that are written by hand."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import networkx as nx
import pandas as pd
import pyarrow as pa
import pytest

from spmc_tools.case.store.case import Case, create_case
from spmc_tools.findings import stored_results as stored
from spmc_tools.schema import ACCOUNTS, RECORDS, REFUSED

START = datetime(2025, 11, 3, 4, 0, tzinfo=UTC)


@dataclass
class HandMade:
    """Findings with the attributes that a report reads, filled by hand."""

    accounts: pd.DataFrame
    edges: pd.DataFrame
    clusters: pd.DataFrame
    records: pd.DataFrame
    not_run: list[dict[str, Any]] = field(default_factory=list)
    excluded: pd.DataFrame = field(
        default_factory=lambda: pd.DataFrame(
            {name: [] for name in ("trace", "object_id", "bin_start", "bin_s", "n_actions", "share")}
        )
    )
    events: pd.DataFrame = field(default_factory=lambda: results("events"))
    account_traces: pd.DataFrame = field(default_factory=lambda: results("account_traces"))
    account_events: pd.DataFrame = field(default_factory=lambda: results("account_events"))
    account_patterns: pd.DataFrame = field(default_factory=lambda: results("account_patterns"))
    ordinary_patterns: pd.DataFrame = field(default_factory=lambda: results("ordinary_patterns"))
    proven_groups: pd.DataFrame = field(default_factory=lambda: results("proven_groups"))
    group_members: pd.DataFrame = field(default_factory=lambda: results("group_members"))
    sessions: pd.DataFrame = field(default_factory=lambda: results("sessions"))
    tag_surges: pd.DataFrame = field(default_factory=lambda: results("tag_surges"))
    notes: dict[str, Any] = field(default_factory=lambda: {"traces": {}})
    parameters: dict[str, Any] = field(default_factory=lambda: {"seed": 0, "traces": ["copypasta"]})
    derived: Path | None = field(default_factory=lambda: Path("derived", "0000", "investigate"))
    case: Case | None = None

    def read_records(self) -> pd.DataFrame:
        return self.records

    def evidence(self, of: int | str) -> pd.DataFrame:
        clusters = self.clusters.set_index("cluster_id")
        members = clusters["accounts"].iloc[0] if isinstance(of, str) else clusters.loc[of, "accounts"]
        own = self.records[self.records["account_id"].isin(members)].sort_values("created_at")
        return own.assign(
            trace="copypasta", object_id=own["conversation_id"], window_s=60.0, significant=True
        ).reset_index(drop=True)

    def trace_actions(self, trace: str) -> pa.Table:
        acts = self.records[["record_id", "account_id", "conversation_id", "created_at"]]
        return pa.Table.from_pandas(
            acts.rename(columns={"conversation_id": "object_id", "created_at": "t"}), preserve_index=False
        )

    def roles(self, cluster_id: int) -> pd.DataFrame:
        from spmc_tools.network.roles import roles

        acts = self.evidence(cluster_id).rename(columns={"created_at": "t"})
        members = self.clusters.set_index("cluster_id").loc[cluster_id, "accounts"]
        return roles(acts[["object_id", "account_id", "t"]], self.edges[["account_a", "account_b", "p"]], members)

    def network(self, cluster_id: int) -> nx.Graph:
        graph = nx.Graph()
        graph.add_nodes_from(self.clusters.set_index("cluster_id").loc[cluster_id, "accounts"])
        graph.add_edges_from(zip(self.edges["account_a"], self.edges["account_b"], strict=True))
        return graph


def rows(texts: list[str], members: list[str], sha256: str) -> list[dict[str, Any]]:
    """One record per text and member, texts six hours and more apart, members eight seconds apart."""
    made = []
    for place, text in enumerate(texts):
        for step, member in enumerate(members):
            made.append(
                {
                    "record_id": f"{place * 100 + step}",
                    "platform": "x",
                    "account_id": member,
                    "created_at": START + timedelta(hours=13 * place, seconds=8 * step),
                    "time_precision_s": 1.0,
                    "kind": "post",
                    "text": text,
                    "lang": "hi",
                    "conversation_id": f"object {place}",
                    "hashtags": ["चुनाव"],
                    "urls": None,
                    "source_sha256": sha256,
                    "source_row": len(made) + 1,
                }
            )
    return made


def results(name: str, rows: list[dict[str, Any]] | None = None) -> pd.DataFrame:
    """Rows in the form of one of the tables of results; a column that they lack is null."""
    return stored.framed(stored.table_of(rows or [], name))


def traces_of(accounts: list[str], kind: str | None, trace: str = "copypasta") -> pd.DataFrame:
    """What speaks for each of these accounts in one trace: *several* of this kind, or *few* where it is None."""
    facts = {"trace": trace, "basis": "few" if kind is None else "several", "kind": kind}
    return results("account_traces", [{"account_id": account, **facts} for account in accounts])


def findings_of(records: pd.DataFrame, members: list[str], tier: str | None = "B") -> HandMade:
    pairs = [(a, b) for place, a in enumerate(members) for b in members[place + 1 :]]
    times = records["created_at"]
    return HandMade(
        accounts=pd.DataFrame(
            {
                "account_id": members,
                "tier": [tier] * len(members),
                "basis": ["several" if tier in {"A", "B"} else "few"] * len(members),
                "score": [50.0 - n for n in range(len(members))],
                "q": [0.001] * len(members),
                "traces": [["copypasta"]] * len(members),
                "cluster_id": [1] * len(members),
                "event_tier": [None] * len(members),
                "n_signed": 0,
                "n_records": [7] * len(members),
                "first_seen": times.min(),
                "last_seen": times.max(),
            }
        ),
        edges=pd.DataFrame(
            {
                "trace": "copypasta",
                "account_a": [a for a, _ in pairs],
                "account_b": [b for _, b in pairs],
                "window_s": 60.0,
                "n_occasions": 6,
                "n_sources": 6,
                "expected": 0.25,
                "p": 2.7e-7,
                "q": 0.0004,
            }
        ),
        clusters=pd.DataFrame(
            {
                "cluster_id": [1],
                "size": [len(members)],
                "accounts": [members],
                "traces": [["copypasta"]],
                "score": [50.0],
                "stability": [1.0],
                "context": [None],
                "first_t": times.min(),
                "last_t": times.max(),
                "n_sources": [6],
                "n_objects": [6],
            }
        ),
        account_traces=traces_of(members, "pair" if tier in {"A", "B"} else None),
        records=records,
    )


def filled_case(folder: Path, texts: list[str], members: list[str], handles: list[str]) -> Case:
    """A case with one imported file: these texts by these members, one refused row."""
    case = create_case(
        "small",
        title="Small case",
        purpose="Test of the report",
        legal_basis="None: made-up data",
        date_from="2025-11-03",
        date_to="2025-11-12",
        event="bihar-assembly-2025",
        officer="Officer One",
    )
    source = folder / "received.jsonl"
    source.write_text("made up\n" * 3, encoding="utf-8")
    sha256 = hashlib.sha256(source.read_bytes()).hexdigest()
    records = rows(texts, members, sha256)
    accounts = [
        {"account_id": m, "platform": "x", "handle": h, "source_sha256": sha256, "source_row": n}
        for n, (m, h) in enumerate(zip(members, handles, strict=True), start=1)
    ]
    refused = [{"source_sha256": sha256, "source_row": 99, "reason": "no time", "raw": "x"}]
    with case.new_batch(source, sha256) as batch:
        batch.write(
            records=pa.Table.from_pylist(records, schema=RECORDS.schema),
            accounts=pa.Table.from_pylist(accounts, schema=ACCOUNTS.schema),
            refused=pa.Table.from_pylist(refused, schema=REFUSED.schema),
        )
        batch.commit(format="made_up", read=len(records) + 1, duplicates=0)
    return case


def tried_out() -> dict[str, Any]:
    """What the method check works out, written by hand: nobody named in the copies, one size shown, one not."""
    from spmc_tools.findings.robustness.power import COLUMNS, Power

    rows = [
        ("co_repost", 600.0, 5, "not_shown", 20, 2, 10, 0.2, 0.03, 0.56),
        ("co_repost", 600.0, 12, "shown", 8, 9, 10, 0.9, 0.55, 1.0),
        ("co_repost", 600.0, 20, "shown", 6, 8, 10, 0.8, 0.44, 0.97),
        ("copypasta", 600.0, 12, "too_short", None, None, None, None, None, None),
    ]
    notes = {"effort": "quick", "share": 0.8, "takes_part": 0.7, "members": "own", "seed": 0, "n_assessments": 30}
    counts = [{"limit": 0.01, "expected": 1200.0, "seen": 3}]
    line = {"n_tests": 120_000, "points": [(5.4, 2.1), (4.9, 1.7)], "counts": counts}
    kind = {
        "draws": 10, "accounts": 3000, "named": 0, "low": 0.0, "high": 0.0012,
        "copies": 0, "copies_low": 0.0, "copies_high": 0.31,
    }  # fmt: skip
    return {
        "power": Power(pd.DataFrame(rows, columns=list(COLUMNS)).convert_dtypes(), pd.DataFrame(), notes),
        "resampled": {
            "left_out": {"named": 5, "accounts": 5},
            "rest": {"accounts": 300, "named": 0},
            "draws": 10,
            "traces": [
                {"trace": "co_repost", "n_accounts": 300, "n_actions": 4000, "state": "looked_at", "named": 0},
                {"trace": "copypasta", "n_accounts": 12, "n_actions": 30, "state": "insufficient", "named": None},
            ],
            "kinds": [{"kind": "days", **kind}, {"kind": "swaps", **kind}],
            "lines": [{"line": name, **line} for name in ("case", "rest", "days", "swaps")],
        },
        "variants": {
            "findings": [{"cluster_id": 1, "named": 5}],
            "rows": [
                {"window_s": None, "strata": "learned", "traces": ["copypasta"], "stay": [5], "named": 5, "new": 0},
                {"window_s": None, "strata": "none", "traces": ["copypasta"], "stay": [4], "named": 6, "new": 2},
                {"window_s": 60.0, "strata": "learned", "traces": [], "stay": [0], "named": 0, "new": 0},
                {"window_s": 600.0, "strata": "learned", "traces": ["copypasta"], "stay": [3], "named": 3, "new": 0},
            ],
        },
    }


MEMBERS = [f"acct{n}" for n in range(1, 6)]
TEXTS = [f"पोलिंग बूथ {n} पर मतदान रोक दिया गया है" for n in range(6)]


@pytest.fixture
def small_case(tmp_path: Path) -> Case:
    return filled_case(tmp_path, TEXTS, MEMBERS, [f"handle_{n}" for n in range(1, 6)])


@pytest.fixture
def make_case(tmp_path: Path):
    return lambda texts, members, handles: filled_case(tmp_path, texts, members, handles)


@pytest.fixture(scope="session")
def make_findings():
    return findings_of


def of_groups(sections) -> list[str]:
    """Names of the sections of a report about groups: those of the desks need tables of their own."""
    apart = {"desk", "ranking", "reached", "board"}
    return [
        name
        for name, one in sections.items()
        if apart.isdisjoint(one.needs) and name not in {"referral_limits", "tour"}
    ]


@pytest.fixture(scope="session")
def as_notebook():
    """Sections as the outputs of an executed notebook."""
    from nbformat import v4

    from spmc_tools.report.page.sections import MIME, SECTIONS

    def build(sections, declared=None):
        cells = [
            v4.new_code_cell("section()", outputs=[v4.new_output("display_data", {MIME: one.payload()})])
            for one in sections
        ]
        return v4.new_notebook(cells=cells, metadata={"spmc": {"sections": declared or of_groups(SECTIONS)}})

    return build


@pytest.fixture(scope="session")
def shown_alone():
    """One section as JupyterLab shows it, in a language."""
    from spmc_tools.report.page.drawing import fragment

    return lambda one, language: fragment({**one.payload(), "values": one.values}, language)


@pytest.fixture
def made_up_checks():
    """What the method check works out, by the name of the argument of a section."""
    return tried_out()


@pytest.fixture(scope="session")
def all_sections(make_findings):
    """Every section of a case with hand-made findings."""
    from spmc_tools.report.page.sections import SECTIONS, section
    from spmc_tools.report.scope.scope import in_period

    def build(case, members=None, tier="B"):
        scope = in_period(case)
        found = make_findings(scope.records, members or sorted(set(scope.records["account_id"])), tier)
        given = {
            "case": case,
            "scope": scope,
            "found": found,
            "account": found.accounts["account_id"].iloc[0],
            **tried_out(),
        }
        return [section(name, **{need: given[need] for need in SECTIONS[name].needs}) for name in of_groups(SECTIONS)]

    return build


@pytest.fixture(scope="session")
def a_run():
    from spmc_tools.report.page.render import Run

    return Run(
        "20251113T034000Z-election_watch-0000",
        "small",
        "election_watch",
        "2025-11-13T03:40:00+00:00",
        "complete",
        "full",
        0,
        True,
    )


class Drawn:
    """Pages of one notebook, each drawn where it is first asked for and only once."""

    def __init__(self, notebook, run) -> None:
        self.notebook, self.run = notebook, run
        self._pages: dict[str, str] = {}

    def __getitem__(self, language: str) -> str:
        from spmc_tools.report.page.render import page

        if language not in self._pages:
            self._pages[language] = page(self.notebook, self.run, language)
        return self._pages[language]

    def values(self) -> list[str]:
        return [self[language] for language in ("en", "hi")]

    def items(self) -> list[tuple[str, str]]:
        return [(language, self[language]) for language in ("en", "hi")]


@pytest.fixture(scope="session")
def drawn_case(tmp_path_factory):
    """A function that makes a case in folders of its own and returns it with the notebook of its sections."""

    def build(texts, members, handles, all_sections, as_notebook, **settings):
        folder = tmp_path_factory.mktemp("drawn")
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("SPMC_CASES", str(folder / "cases"))
            patch.setenv("SPMC_KEYS", str(folder / "keys"))
            case = filled_case(folder, texts, members, handles)
            if settings:
                case.change_settings("test", **settings)
            sections = all_sections(case)
        return case, sections, as_notebook(sections)

    return build


@pytest.fixture(scope="session")
def small_sections(drawn_case, all_sections, as_notebook):
    """The sections of the small case; tests change copies of them, never these."""
    return drawn_case(TEXTS, MEMBERS, [f"handle_{n}" for n in range(1, 6)], all_sections, as_notebook)[1]


@pytest.fixture(scope="session")
def pages(small_sections, as_notebook, a_run):
    """The report of the small case in each language."""
    return Drawn(as_notebook(small_sections), a_run)


@pytest.fixture(scope="module")
def browser_flags():
    """What the system's Chromium is started with; a file that needs other flags has a fixture of this name."""
    return ("--disable-gpu",)


@pytest.fixture(scope="module")
def browser(start_chromium, browser_flags):
    """The system's Chromium."""
    with start_chromium(*browser_flags) as chromium:
        yield chromium


@pytest.fixture
def look(browser, tmp_path):
    """Open a page of its own; return the tab with what it asked for, said and opened."""
    opened = []

    def open_(text, width=1000, **more):
        path = tmp_path / f"page{len(opened)}.html"
        path.write_bytes(text.encode("utf-8", "backslashreplace") if isinstance(text, str) else text)
        tab = browser.new_page(viewport={"width": width, "height": 900}, **more)
        opened.append(tab)
        seen = {"requests": [], "dialogs": [], "console": []}
        tab.on("request", lambda request: seen["requests"].append(request.url))
        tab.on("dialog", lambda dialog: (seen["dialogs"].append(dialog.message), dialog.dismiss()))
        tab.on("console", lambda message: "GL Driver" in message.text or seen["console"].append(message.text))
        tab.goto(path.as_uri())
        tab.wait_for_timeout(400)
        seen["outside"] = [url for url in seen["requests"] if not url.startswith("data:") and url != path.as_uri()]
        return tab, seen

    yield open_
    for tab in opened:
        tab.close()


@pytest.fixture
def barriers(browser, tmp_path):
    """What axe-core finds on a page and in its frames, with what is folded opened: rule, where and why."""
    bundled = pytest.importorskip("axe_playwright_python", reason="axe-playwright-python is not installed")
    script = (Path(bundled.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
    rules = "['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'wcag2aaa', 'best-practice']"
    unfold = "document.querySelectorAll('details').forEach(one => one.open = true)"

    def find(text: str, width: int = 1280) -> list[str]:
        path = tmp_path / "axe.html"
        path.write_text(text, encoding="utf-8")
        context = browser.new_context(bypass_csp=True, viewport={"width": width, "height": 900})
        found: list[str] = []
        try:
            tab = context.new_page()
            tab.goto(path.as_uri())
            tab.evaluate(unfold)
            for frame in tab.locator("iframe").all():
                frame.scroll_into_view_if_needed()
                tab.wait_for_timeout(400)
            for frame in tab.frames:
                frame.evaluate(script)
                asked = f"{{iframes: false, runOnly: {rules}, resultTypes: ['violations']}}"
                told = frame.evaluate(f"axe.run(document, {asked})")
                assert len(told["passes"]) > 5
                found += [
                    f"{one['id']}: {one['nodes'][0]['html'][:200]}: {one['nodes'][0]['failureSummary']}"
                    for one in told["violations"]
                ]
        finally:
            context.close()
        return found

    return find
