"""Every real file of the shared folder against a plain walk of its JSON, CSV or text: which rows are kept, and why not.

None of the files' text stands here: rows are compared by id, and reasons of refusal by their wording.
"""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from spmc_tools.errors import InputError
from spmc_tools.importers.import_files import import_files
from spmc_tools.importers.importer_catalogue import IMPORTERS
from spmc_tools.schema import check
from tests.importers.formats.real_rows import document, lines, table
from tests.written_pages import assert_written

if TYPE_CHECKING:
    from collections.abc import Callable


def events(path: Path) -> list[str]:
    return [f"at://{e['did']}/{e['commit']['collection']}/{e['commit']['rkey']}" for e in document(path)]


def taps(path: Path) -> list[str]:
    found = (e["record"] for e in document(path))
    return [f"at://{r['did']}/{r['collection']}/{r['rkey']}" for r in found]


def plausible(items: list[dict]) -> list[str]:
    """Posts with a time that can be one, and the reposts that brought some of them into a feed."""
    found = []
    for item in items:
        post = item.get("post", item)
        found += [post["uri"]] if post["record"]["createdAt"][:4] > "1990" else []
        if "reason" in item:
            found.append(item["reason"].get("uri") or f"{post['uri']}#reposted-by-{item['reason']['by']['did']}")
    return found


def nested(path: Path) -> list[dict]:
    return [post for found in document(path) for post in (found if isinstance(found, list) else [found])]


def epoch(rows: list[dict]) -> list[str]:
    return [r["uri"] for r in rows if float(r["timestamp_utc"]) > 0]


def facebook(path: Path) -> list[str]:
    """The page and the number are the last two numbers of the address."""
    found = (re.findall(r"\d{6,}|(?<=facebook\.com/)[^/]+", row["URL"]) for row in table(path))
    return ["_".join((parts[0], parts[-1])) for parts in found]


def telegram_page(path: Path) -> list[str]:
    text = path.read_text(encoding="utf-8")
    return [f"Test 2022/{n}" for n in re.findall(r'class="message default[^"]*" id="message(\d+)"', text)]


def chat(path: Path) -> list[str]:
    """What people wrote, in order, with the white space of its end taken off."""
    head = re.compile(r"^\[?\d[\d./-]+,? \d\d:\d\d(?::\d\d)?(?:\]| -) (?:[^:]*: )?", re.MULTILINE)
    text = path.read_text(encoding="utf-8")
    cuts = [*(m.start() for m in head.finditer(text)), len(text)]
    whole = [text[a:b] for a, b in pairwise(cuts)]
    said = [one for one in whole if ": " in one.split("\n")[0][15:] and "end-to-end encrypted. No one" not in one]
    return [head.sub("", one, count=1).rstrip() for one in said]


A, B, C = "bluesky/bluesky-", "telegram_simple_json/", "x_api_v1_v2_twitwi/"
ROUTES: dict[str, tuple[str, Callable[[Path], list[str]]]] = {
    f"{A}firehose-posts-export.csv": ("minet_bluesky", lambda p: epoch(table(p))),
    f"{A}firehose-posts.json": ("bluesky", events),
    f"{A}hydrated-firehose-posts.json": ("bluesky", lambda p: plausible(document(p))),
    f"{A}normalized-firehose-posts.json": ("minet_bluesky", lambda p: epoch(nested(p))),
    f"{A}normalized-posts.json": ("minet_bluesky", lambda p: epoch(nested(p))),
    f"{A}normalized-tap-posts.json": ("minet_bluesky", lambda p: epoch(nested(p))),
    f"{A}posts-export.csv": ("minet_bluesky", lambda p: epoch(table(p))),
    f"{A}posts.json": ("bluesky", lambda p: plausible(document(p))),
    f"{A}tap-posts.json": ("bluesky", taps),
    "crowdtangle/api_links_response_example.json": ("crowdtangle_api", lambda p: [document(p)["platformId"]]),
    "crowdtangle/db1_rows_with_genocide.csv": ("crowdtangle_csv", facebook),
    "crowdtangle/db2_rows_with_genocide.csv": ("crowdtangle_csv", facebook),
    "mastodon/statuses_api_test_instance.json": ("mastodon", lambda p: [s["id"] for s in document(p)]),
    "reddit_pushshift/reddit_comment_2022-10-09.json.gz": ("reddit", lambda p: [f"t1_{r['id']}" for r in lines(p)]),
    "reddit_pushshift/reddit_submission_2022-10-02.json.gz": ("reddit", lambda p: [f"t3_{r['id']}" for r in lines(p)]),
    "telegram_desktop/messages.html": ("telegram_html", telegram_page),
    "telegram_desktop/result.json": (
        "telegram_desktop",
        lambda p: [f"-123456789/{m['id']}" for m in document(p)["messages"] if m["type"] == "message"],
    ),
    f"{B}1001000724666_messages.json": (
        "telegram_channel", lambda p: [f"{m['sender_id']}/{m['message_id']}" for m in document(p)],
    ),
    f"{B}1001003313758_messages.json": (
        "telegram_channel", lambda p: [f"{m['sender_id']}/{m['message_id']}" for m in document(p)],
    ),
    "telegram_telethon/bloomberg_telethon_tojson.jsonl": (
        "telethon_jsonl", lambda p: [f"-100{m['peer_id']['channel_id']}/{m['id']}" for m in lines(p)],
    ),
    "tiktok_research_api/traktok_csv_200_pseudonymised.csv": ("tiktok_table", lambda p: [r["video"] for r in table(p)]),
    "twint/assamelection_twint.tsv": ("twint", lambda p: [r["id"] for r in table(p, "\t")]),
    "twint/bengal_twint.jsonl": ("twint", lambda p: [str(r["id"]) for r in lines(p)]),
    f"{C}normalization-payload-search.json": ("x_api_v1", lambda p: [document(p)["id_str"]]),
    f"{C}normalization-payload-show.json": ("x_api_v1", lambda p: [document(p)["id_str"]]),
    f"{C}normalization-payload-stream.json": ("x_api_v1", lambda p: [document(p)["id_str"]]),
    f"{C}payload-v2-tweet-retweet.json": ("x_api_v2", lambda p: [t["id"] for t in document(p)["data"]]),
    f"{C}payload-v2.json": ("x_api_v2", lambda p: [t["id"] for t in document(p)["data"]]),
    f"{C}tweet-export.csv": ("minet_x", lambda p: [r["id"] for r in table(p)]),
    f"{C}tweet-export.jsonl": ("gazouilloire_jsonl", lambda p: [r["_id"] for r in lines(p)]),
    "x_api_v2_academictwitteR/data_1323773543427348712.json": ("x_api_v2", lambda p: [t["id"] for t in document(p)]),
    "x_api_v2_academictwitteR/data_1356547760864521928.json": ("x_api_v2", lambda p: [t["id"] for t in document(p)]),
    "x_archive/tweets_redacted.js": (
        "x_archive", lambda p: re.findall(r'^      "id_str": "(\d+)"', p.read_text(encoding="utf-8"), re.MULTILINE),
    ),
    **{
        f"youtube/Youtube0{name}.csv": (
            "youtube_comments", lambda p: [r["COMMENT_ID"] for r in table(p) if r["DATE"].strip()],
        )
        for name in ("1-Psy", "2-KatyPerry", "3-LMFAO", "4-Eminem", "5-Shakira")
    },
}  # fmt: skip
ACCOUNTS: dict[str, tuple[str, Callable[[Path], list[str]]]] = {
    f"{A}normalized-partial-profiles.json": ("minet_bluesky_profiles", lambda p: [r["did"] for r in document(p)]),
    f"{A}normalized-profiles.json": ("minet_bluesky_profiles", lambda p: [r["did"] for r in document(p)]),
    f"{A}partial-profiles-export.csv": ("minet_bluesky_profiles", lambda p: [r["did"] for r in table(p)]),
    f"{A}partial-profiles.json": ("bluesky", lambda p: [r["did"] for r in document(p)]),
    f"{A}profiles-export.csv": ("minet_bluesky_profiles", lambda p: [r["did"] for r in table(p)]),
    f"{A}profiles.json": ("bluesky", lambda p: [r["did"] for r in document(p)]),
    "crowdtangle/media_outlets_with_fb_page_admin_in_palestine.csv": (
        "crowdtangle_pages", lambda p: [r["URL"].split("/")[3] for r in table(p)],
    ),
    f"{C}api-users-v1.json": ("x_api_v1", lambda p: [u["id_str"] for u in document(p)]),
    **{
        f"x_api_v2_academictwitteR/users_{name}.json": ("x_api_v2", lambda p: [u["id"] for u in document(p)["users"]])
        for name in ("1323773543427348712", "1356547760864521928")
    },
}  # fmt: skip
CHATS = ("lorem-2000.txt", "lorem-merge-part1.txt", "lorem-merge-part2.txt", "lorem.txt", "pokemon.txt")
NOTHING_KEPT = {
    "tiktok_research_api/example_query.json": (1, "a question to the API, not its answer"),
    "tiktok_research_api/example_request.json": (1, "a question to the API, not its answer"),
    "tiktok_research_api/example_resp_comments.json": (1, "the API names no account of a comment"),
    "tiktok_research_api/example_resp_q_user.json": (1, "does not repeat who was asked for"),
    "tiktok_research_api/example_resp_q_videos.json": (2, "the field username was not asked for"),
}
NO_DATA = (
    "4cat_csv_fields.txt", "crowdtangle/full_export_41_columns.txt", "whatsapp/header_format_support.json",
    "x_api_v2_academictwitteR/query",
)  # fmt: skip
HASHED = "bluesky/jetstream_posts_hashed.parquet"
EXPLAINED = (
    "a notice of Telegram itself", "the row has no time", "is a time before 1990",
    "createdAt is missing or no time with a zone",
)  # fmt: skip


def test_every_file_of_the_folder_is_named(shared_data):
    named = {*ROUTES, *ACCOUNTS, *NOTHING_KEPT, *NO_DATA, HASHED, *(f"whatsapp/{name}" for name in CHATS)}
    root = shared_data / "formats"
    there = {str(p.relative_to(root)) for p in root.rglob("*") if p.is_file()}
    assert {name for name in there if not name.startswith("x_api_v2_twarc/")} == named


def importing(case, path: Path) -> Any:
    [result] = import_files(case, [path], tz="Asia/Kolkata")
    for name in ("records", "accounts", "refused"):
        assert not check(case.table(name), name)
    assert result.read == result.kept + result.duplicates + result.refused
    for row in case.table("refused").to_pylist():
        assert any(reason in row["reason"] for reason in EXPLAINED), row["reason"]
    return result


def importing_both_ways(case, path: Path, format: str, route: Callable[[Path], list]) -> tuple[Any, list]:
    """What became of a file of this format, and what the second route finds in it."""
    wanted = route(path)
    result = importing(case, path)
    assert result.format == format
    return result, wanted


@pytest.mark.parametrize("name", ROUTES)
def test_posts_against_a_second_route(name, case, shared_data):
    result, wanted = importing_both_ways(case, shared_data / "formats" / name, *ROUTES[name])
    assert case.table("records")["record_id"].to_pylist() == list(dict.fromkeys(wanted))
    assert (result.kept, result.duplicates) == (len(set(wanted)), len(wanted) - len(set(wanted)))


@pytest.mark.parametrize("name", ACCOUNTS)
def test_accounts_against_a_second_route(name, case, shared_data):
    result, wanted = importing_both_ways(case, shared_data / "formats" / name, *ACCOUNTS[name])
    assert (result.read, result.refused) == (len(wanted), 0)
    assert set(case.table("accounts")["account_id"].to_pylist()) == set(wanted)
    assert case.table("records").num_rows == 0


@pytest.mark.parametrize("name", CHATS)
def test_chats_against_a_second_route(name, case, shared_data):
    path = shared_data / "formats" / "whatsapp" / name
    result = importing(case, path)
    said = [(text or "").rstrip() for text in case.table("records")["text"].to_pylist()]
    assert (result.format, result.duplicates) == ("whatsapp", 0)
    assert said == chat(path)
    times = case.table("records")["created_at"].to_pylist()
    assert times == sorted(times)


def test_the_hashed_table_against_a_second_route(case, shared_data):
    import duckdb

    path = shared_data / "formats" / HASHED
    result = importing(case, path)
    rows, accounts, total = duckdb.sql(
        f"SELECT count(*), count(DISTINCT did_hash), sum(time_us)::BIGINT FROM '{path}'"
    ).fetchall()[0]
    found = case.table("records")
    assert (result.kept, len(set(found["account_id"].to_pylist()))) == (rows, accounts)
    assert sum(found["created_at"].cast("int64").to_pylist()) == total


@pytest.mark.parametrize("name", NOTHING_KEPT)
def test_what_the_documentation_shows_is_refused_by_name(name, case, shared_data):
    count, reason = NOTHING_KEPT[name]
    [result] = import_files(case, [shared_data / "formats" / name])
    assert (result.read, result.refused) == (count, count)
    assert all(reason in row["reason"] for row in case.table("refused").to_pylist())


@pytest.mark.parametrize("name", NO_DATA)
def test_what_holds_no_data_is_no_format(name, case, shared_data):
    with pytest.raises(InputError):
        import_files(case, [shared_data / "formats" / name])


def test_the_declarations_say_how_many_rows_these_are(case, shared_data):
    root = shared_data / "formats"
    paths = sorted(p for p in root.rglob("*") if p.is_file() and str(p.relative_to(root)) not in NO_DATA)
    rows: Counter[str] = Counter()
    for result in import_files(case, paths, tz="Asia/Kolkata", dry_run=True):
        rows[result.format] += result.read
    assert {name: one.sample_rows for name, one in IMPORTERS.items() if one.sample_rows} == dict(rows)


DOCS = Path(__file__).resolve().parents[3] / "docs" / "reference" / "formats.md"
BEGIN, END = "<!-- real files: written by the test -->\n", "<!-- real files: end -->\n"


def test_the_docs_say_what_became_of_the_real_files(case, shared_data):
    """Run with ``SPMC_WRITE_DOCS=1`` after a change. One line per folder and format: counts, and reasons of refusal."""
    root = shared_data / "formats"
    paths = sorted(p for p in root.rglob("*") if p.is_file() and str(p.relative_to(root)) not in NO_DATA)
    sums: dict[tuple[str, str], Counter[str]] = {}
    reasons: dict[tuple[str, str], Counter[str]] = {}
    for path in paths:
        key = path.relative_to(root).parts[0]
        [one] = import_files(case, [path], tz="Asia/Kolkata")
        found = sums.setdefault((key, one.format), Counter())
        found.update(files=1, read=one.read, kept=one.kept, duplicates=one.duplicates, refused=one.refused)
        assert one.read == one.kept + one.duplicates + one.refused
        refused = case.table("refused", ["source_sha256", "reason"]).to_pylist()
        own = [re.sub('".*"', '"…"', row["reason"]) for row in refused if row["source_sha256"] == one.sha256]
        assert len(own) == one.refused
        reasons.setdefault((key, one.format), Counter()).update(own)
    head = "| Folder | Format | Files | Read | Kept | Duplicates | Refused | Why refused |\n"
    head += "|---|---|---|---|---|---|---|---|\n"
    written = head + "".join(
        f"| `{folder}` | `{format}` | "
        + " | ".join(f"{found[name]:,}" for name in ("files", "read", "kept", "duplicates", "refused"))
        + f" | {'; '.join(f'{n:,} × {why}' for why, n in sorted(reasons[folder, format].items()))} |\n"
        for (folder, format), found in sums.items()
    )
    assert_written(DOCS, written, BEGIN, END)
