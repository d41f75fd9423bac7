"""Frames of a report in a real browser: tables are sorted, searched and saved, the network answers, print is whole."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from types import SimpleNamespace

import pytest

from spmc_tools.report.figures.frames import MOST_LINES, _network_script, graph_of, hash_of
from spmc_tools.report.page.render import bare_page, page
from spmc_tools.report.sections.groups.card_values import Member, NetworkNode, NetworkPicture
from spmc_tools.resources import resource


def card(nodes, lines, counts, members=()):
    """What the network frame reads of a card."""
    drawn = NetworkPicture(
        nodes=tuple(NetworkNode(x=x, y=y, n=n) for x, y, n in nodes), lines=tuple(lines), counts=tuple(counts)
    )
    return SimpleNamespace(members=tuple(Member(n=n, name=name) for n, name in members), network=drawn)


def test_the_graph_of_two_groups_is_numbered_through() -> None:
    one = card([(0, 0, 1), (1, 0.5, None)], [(0, 1)], [7], [(1, "a\u202eb")])
    two = card([(0.25, 1, 2), (0, 0, 3)], [(0, 1)], [1], [(2, None), (3, "c")])
    made = graph_of([one, two])
    assert made["label"] == ["1", "", "2", "3"] and made["group"] == [1, 1, 2, 2]
    assert made["cluster"] == [1, 0, 2, 2]  # who is not named has no colour of a group
    assert (made["x"], made["y"]) == ([0, 10000, 2500, 0], [0, 5000, 10000, 0])
    assert (made["a"], made["b"], made["n"]) == ([0, 2], [1, 3], [7, 1])
    assert "\u202e" not in "".join(made["note"]) and made["note"][3] == "c"
    assert len(set(made["id"])) == 4


def test_of_many_links_the_most_frequent_stay() -> None:
    pairs = [(a, b) for a in range(200) for b in range(a + 1, 200)]
    counts = [1 + (a * b) % 50 for a, b in pairs]
    made = graph_of([card([(0, 0, n) for n in range(200)], pairs, counts)])
    assert len(made["n"]) == MOST_LINES and sorted(made["n"]) == sorted(counts)[-MOST_LINES:]


def test_a_page_without_the_bundle_has_the_pictures_alone(pages, monkeypatch) -> None:
    from spmc_tools.report.figures import frames

    monkeypatch.setattr(frames, "_network_script", lambda: None)
    text = page(pages.notebook, pages.run, "en")
    assert 'iframe class="inside network"' not in text and 'class="drawn course wide"' in text


def open_tables(look, text, **more):
    tab, seen = look(text, 1280, **more)
    tab.locator("details.annex:has(#accounts) > summary").click()
    tab.locator("iframe.tables").scroll_into_view_if_needed()
    frame = tab.frame_locator("iframe.tables")
    frame.locator("body.running").wait_for()
    return tab, frame, seen


def column(frame, name, place):
    cells = frame.locator(f"#{name} tbody tr:not([hidden]) td:nth-child({place})")
    return [text.strip() for text in cells.all_inner_texts()]


@pytest.mark.browser
def test_a_click_on_a_heading_sorts_by_value_and_a_second_one_turns_it_round(look, pages) -> None:
    _, frame, _ = open_tables(look, pages["en"])
    heads = frame.locator("#accounts th")
    before = column(frame, "accounts", 3)
    heads.nth(2).locator("button").click()
    assert column(frame, "accounts", 3) == sorted(before)
    assert heads.nth(2).get_attribute("aria-sort") == "ascending"
    heads.nth(2).locator("button").press("Enter")  # by keyboard, too
    assert column(frame, "accounts", 3) == sorted(before, reverse=True)
    assert heads.nth(2).get_attribute("aria-sort") == "descending"
    heads.nth(0).locator("button").click()
    assert column(frame, "accounts", 1) == ["1", "2", "3", "4", "5"]
    assert heads.nth(2).get_attribute("aria-sort") is None


@pytest.mark.browser
def test_words_leave_the_rows_that_hold_them_all(look, pages) -> None:
    _, frame, _ = open_tables(look, pages["hi"])
    frame.locator("#accounts input").fill("HANDLE_3 acct3")
    assert column(frame, "accounts", 1) == ["3"]
    assert frame.locator("#accounts [role=status]").inner_text() == "5 में से 1 पंक्तियाँ"
    frame.locator("#accounts input").fill("handle_3 acct4")
    assert column(frame, "accounts", 1) == []


@pytest.mark.browser
@pytest.mark.parametrize(("language", "count"), [("en", "5 of 5 rows"), ("hi", "5 में से 5 पंक्तियाँ")])
def test_the_count_of_rows_is_said_in_the_language_of_the_page(look, pages, language, count) -> None:
    _, frame, _ = open_tables(look, pages[language])
    assert frame.locator("#accounts [role=status]").inner_text() == count


@pytest.mark.browser
def test_pairs_are_a_table_of_their_own_and_no_figure_puts_persons_in_order(look, pages) -> None:
    _, frame, _ = open_tables(look, pages["en"])
    frame.locator("#which").select_option("pairs")
    assert not frame.locator("#accounts").is_visible() and frame.locator("#pairs").is_visible()
    assert len(column(frame, "pairs", 2)) == 10  # five accounts, each with each
    for name, sorting in (("accounts", [0, 1, 2, 3, 4, 5, 9]), ("pairs", [0, 1, 2, 3])):  # others: figures of accounts
        heads = frame.locator(f"#{name} th")
        assert [n for n in range(heads.count()) if heads.nth(n).locator("button").count()] == sorting
    assert set(column(frame, "pairs", 7)) == {"2.7\u00a0·\u00a010⁻⁷"}


def saved(tab, frame, tmp_path, name="accounts"):
    with tab.expect_download() as told:
        frame.locator(f"#{name} .tools button").click()
    path = tmp_path / told.value.suggested_filename
    told.value.save_as(path)
    return path


@pytest.mark.browser
def test_a_saved_table_holds_pseudonyms_until_the_review(look, pages, tmp_path) -> None:
    tab, frame, _ = open_tables(look, pages["en"], accept_downloads=True)
    path = saved(tab, frame, tmp_path)
    text = path.read_text(encoding="utf-8-sig")
    assert path.name == "accounts.csv" and "acct1" not in text and "handle_1" not in text
    rows = list(csv.reader(io.StringIO(text)))
    assert len(rows) == 6 and all(re.fullmatch(r"A-[0-9A-Z]{8}", row[1]) for row in rows[1:])
    upheld = {"verdict": "upheld", "reviewer": "Two", "at": "2025-11-14T00:00:00+00:00", "counter_case": "–"}
    reviewed = replace(pages.run, reviews=({**upheld, "run": "r", "fingerprint": "ab12"},))
    tab, frame, _ = open_tables(look, page(pages.notebook, reviewed, "en"), accept_downloads=True)
    assert "handle_1" in saved(tab, frame, tmp_path).read_text(encoding="utf-8-sig")


@pytest.mark.browser
def test_no_cell_of_a_saved_table_is_a_formula(look, drawn_case, all_sections, as_notebook, a_run, tmp_path) -> None:
    handles = ["=1+1", "@SUM(A1)", "\u200b+2", "＝3", "plain"]
    texts = [f"text {n} of six that are long enough to be compared" for n in range(6)]
    _, _, notebook = drawn_case(texts, [f"-{n}" for n in range(1, 6)], handles, all_sections, as_notebook)
    upheld = {"verdict": "upheld", "reviewer": "Two", "at": "2025-11-14T00:00:00+00:00", "counter_case": "–"}
    run = replace(a_run, reviews=({**upheld, "run": "r", "fingerprint": "ab12"},))
    tab, frame, _ = open_tables(look, page(notebook, run, "en"), accept_downloads=True)
    rows = list(csv.reader(io.StringIO(saved(tab, frame, tmp_path).read_text(encoding="utf-8-sig"))))
    cells = [cell for row in rows for cell in row]
    assert not [cell for cell in cells if re.match(r"[\s\u200b]*[=+\-@＝]", cell)]
    assert "'=1+1" in cells and "'-1" in cells and "plain" in cells


@pytest.mark.browser
def test_the_network_shows_one_group_and_lists_the_links_of_an_account(look, pages) -> None:
    if _network_script() is None:
        pytest.skip("the network view is not built; type: python js/build.py")
    tab, seen = look(pages["en"], 1280)
    tab.locator("iframe.network").scroll_into_view_if_needed()
    frame = tab.frame_locator("iframe.network")
    frame.locator("body.running").wait_for()
    assert frame.locator("select option").all_inner_texts() == ["all groups", "group 1"]
    frame.locator("select").select_option("1")
    frame.locator("input[type=search]").fill("handle_4")
    frame.locator(".spmc-found button").first.click()
    links = frame.locator(".spmc-edges button").all_inner_texts()
    assert sorted(links) == ["4 – 1: 1", "4 – 2: 1", "4 – 3: 1", "4 – 5: 1"]
    assert seen["console"] == [] and seen["outside"] == []


@pytest.mark.browser
def test_print_and_a_browser_without_scripts_have_all_of_it(look, pages) -> None:
    tab, _ = look(pages["en"], 1280, java_script_enabled=False)
    tab.locator("details.annex:has(#accounts) > summary").click()
    assert "handle_5" in tab.locator("#accounts table.named").inner_text()
    tab.locator("iframe.tables").scroll_into_view_if_needed()
    assert "needs JavaScript" in tab.frame_locator("iframe.tables").locator("p.off").inner_text()
    tab, _ = look(pages["en"], 1280)
    tab.emulate_media(media="print")
    assert not tab.locator("#accounts table.named").is_visible() and tab.locator("#findings .card").is_visible()
    tab.emulate_media(media="screen")
    tab.locator("details.annex:has(#accounts) > summary").click()
    tab.emulate_media(media="print")  # what was opened before is printed, and no frame
    assert tab.locator("#accounts table.named").is_visible() and not tab.locator("iframe").first.is_visible()


@pytest.mark.browser
def test_the_list_of_reports_is_sorted_and_searched_in_place(look) -> None:
    rows = [
        {
            "run": f"2025110{n}T000000Z-election_watch-000{n}", "at": f"2025-11-0{n}T00:00:00+00:00",
            "notebook": "election_watch", "status": status, "edition": "full", "there": True,
            "reports": [{"language": "en", "file": "report.html", "bytes": 612_345}],
            "superseded": "2025-11-03T00:00:00+00:00" if n == 1 else None,
            "outcome": {"groups": n, "accounts": 9 - n, "changes": None, "stopped": None, "lacks": []},
            "reason": None, "reviews": [],
        }
        for n, status in ((1, "complete"), (3, "failed"), (2, "partial"))
    ]  # fmt: skip
    values = {"case": "small", "title": "</script><script>document.title='owned'</script>", "rows": rows}
    text = bare_page("reports.html.j2", values, "en", sortable=True)
    script = resource("templates", "frames", "tables.js").read_text(encoding="utf-8")
    assert f"script-src &#39;{hash_of(script)}&#39;;" in text
    tab, seen = look(text)
    runs = "[...document.querySelectorAll('tbody tr:not([hidden]) .mono')].map(e => e.innerText.slice(7, 8))"
    assert tab.evaluate(runs) == ["1", "3", "2"]
    tab.locator("th button").first.click()
    assert tab.evaluate(runs) == ["1", "2", "3"]
    tab.locator("input").fill("failed")
    assert tab.evaluate(runs) == ["3"] and tab.title() != "owned"
    assert seen["console"] == [] and seen["outside"] == []
    assert tab.locator("tbody a").first.get_attribute("href").endswith("/report.html")
