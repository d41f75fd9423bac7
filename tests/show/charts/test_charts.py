"""Charts: letters of both scripts are there and joined, the same values give the same picture, dots lie right."""

from __future__ import annotations

import re
import warnings
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

import pytest
from matplotlib import font_manager
from matplotlib.ft2font import FT2Font, LoadFlags

from spmc_tools.show.charts import charts, time_axis

START = datetime(2025, 11, 2, 18, 30, tzinfo=UTC)
VALUES = {"start": START.isoformat(), "step_s": 3600, "counts": [3, 0, 12, 5] * 24}
BANDS = [
    ("silence", "मौन अवधि, चरण 1", START + timedelta(hours=20), START + timedelta(hours=68)),
    ("poll", "मतदान, चरण 1", START + timedelta(hours=48), START + timedelta(hours=72)),
    ("festival", "छठ पर्व / Chhath", START - timedelta(hours=9), START + timedelta(hours=5)),
]
PAIRS = [{"label": f"1 – {n}", "seen": 9 - n, "expected": 0.2, "low": 0, "high": 2} for n in range(2, 8)]
NETWORK = {
    "nodes": [{"x": n / 9, "y": (n * 7 % 10) / 9, "n": n + 1 if n < 8 else None} for n in range(10)],
    "lines": [[0, n] for n in range(1, 10)],
}


@pytest.fixture(autouse=True)
def missing_glyphs_are_errors():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def drawings() -> dict[str, str]:
    finding = [0] * 96
    finding[5] = 2
    say = {"all": "प्रति घंटा पोस्ट / posts per hour", "finding": "समूहों की पोस्ट"}
    return {
        "wide": charts.volume(VALUES, finding, BANDS, say, lambda day: f"{day.day} नवंबर"),
        "narrow": charts.volume(VALUES, finding, BANDS, say, lambda day: f"{day.day} Nov", charts.NARROW),
        "pairs": charts.pairs(PAIRS),
        "network": charts.network(NETWORK),
    }


def test_charts_are_svg_without_a_missing_glyph() -> None:
    for text in drawings().values():
        root = ElementTree.fromstring(text)
        assert root.tag.endswith("svg")
        assert not root.findall(".//{*}text") and not root.findall(".//{*}script")
        assert not re.search(r'href="(?!#)', text)


def test_the_same_values_give_the_same_picture() -> None:
    assert drawings() == drawings()


def test_a_missing_glyph_would_be_an_error() -> None:
    with pytest.raises(UserWarning, match="Glyph"):
        charts.volume(VALUES, [0] * 96, [], {"all": "\U0001f6a8", "finding": "x"}, lambda day: str(day.day))


def test_devanagari_is_joined() -> None:
    charts._fonts()
    font = FT2Font(font_manager.findfont("Noto Sans Devanagari", fallback_to_default=False))
    shapes = {
        text: [item.glyph_index for item in font._layout(text, LoadFlags.NO_HINTING)] for text in ("क्ष", "प्र", "कष")
    }
    assert len(shapes["क्ष"]) < 3 and len(shapes["प्र"]) < 3  # one joined letter in place of consonant, virama, consonant
    assert len(shapes["कष"]) == 2


def test_orange_stands_only_where_the_finding_is() -> None:
    nothing = charts.volume(VALUES, [0] * 96, [], {"all": "x", "finding": "y"}, lambda day: str(day.day))
    assert charts.FINDING.lower() not in nothing.lower()
    assert charts.FINDING.lower() in drawings()["wide"].lower()


def test_observed_lies_right_of_what_chance_gives() -> None:
    text = charts.pairs([{"label": "1 – 2", "seen": 7, "expected": 0.2, "low": 0, "high": 2}])
    dot = re.search(r'x="([\d.]+)" y="[\d.]+" style="fill:#d55e00', text, re.IGNORECASE)
    grey = re.search(r'd="m([\d.]+) [\d.]+h([\d.]+)"[^>]*stroke:#c9d1da', text)
    assert dot and grey
    assert float(dot[1]) > float(grey[1]) + float(grey[2]) > float(grey[1])


def test_nobody_in_the_network_is_picked_out() -> None:
    text = drawings()["network"]
    fills = {fill.lower() for fill in re.findall(r"fill:(#[0-9a-fA-F]{3,6})", text)}
    assert fills and fills <= {charts.FINDING.lower(), "#9aa4af", "#fff"}


def test_labels_of_bands_stand_in_their_order() -> None:
    """The wide and the narrow chart name what the calendar marks from left to right."""
    from matplotlib.figure import Figure

    for width in (charts.WIDE, charts.NARROW):
        axes = Figure(figsize=(width, 3)).add_subplot()
        axes.set_xlim(time_axis.number(START), time_axis.number(START + timedelta(days=10)))
        bands = [
            (kind, f"{kind}, phase {phase}", START + timedelta(hours=at), START + timedelta(hours=at + long))
            for phase, day in ((1, 1), (2, 6))
            for kind, at, long in (("silence", 24 * day, 48), ("poll", 24 * day + 30, 24))
        ]
        time_axis.mark(axes, bands, top=1 / charts.TOP, labelled=True)
        at = {text.get_text(): text.get_position() for text in axes.texts}
        assert len(at) == 4
        assert at["silence, phase 1"][0] < at["silence, phase 2"][0] and at["poll, phase 1"][0] < at["poll, phase 2"][0]
        for one in bands:
            left, right = time_axis.number(one[2]), time_axis.number(one[3])
            assert left <= at[one[1]][0] <= right


def test_sizes_suit_a_card() -> None:
    assert len(charts.pairs(PAIRS)) < 20_000
    members = [{"x": n % 10 / 9, "y": n // 10 / 9, "n": n + 1} for n in range(40)]
    assert len(charts.network({"nodes": members, "lines": [[a, b] for a in range(40) for b in range(a)]})) < 40_000
    small = {"nodes": members[:20], "lines": [[a, b] for a in range(20) for b in range(a)]}
    assert len(charts.network(small)) < 25_000


def test_charts_of_the_method_check_hold_what_they_are_given() -> None:
    """One mark for each point, one bar for each share; the same figures, the same drawing."""
    lines = [
        ("case", "the case", [(6.0, 20.0), (5.0, 9.0)]),
        ("days", "days moved", []),
        ("rest", "rest", [(5.5, 4.0)]),
    ]
    said = {"x": "expected", "y": "seen", "diagonal": "as by chance"}
    drawn = charts.quantiles(lines, said, charts.WIDE)
    assert drawn == charts.quantiles(lines, said, charts.WIDE) and drawn.startswith("<svg")
    assert drawn != charts.quantiles([lines[0], lines[1], ("rest", "rest", [(5.5, 4.5)])], said, charts.WIDE)
    rows = [("Hindi", 0.02, 0.01, 0.03, False), ("English", 0.2, 0.1, 0.3, True)]
    shares = charts.shares(rows, 0.02, {"x": "% of accounts", "all": "all"}, charts.NARROW)
    assert charts.FINDING.lower() in shares.lower() and charts.NAVY in shares
    assert charts.FINDING.lower() not in charts.shares(rows[:1], 0.02, {"x": "", "all": "all"}, charts.NARROW).lower()
    needed = charts.frontier([("reposts", [(5, 10), (12, 8)])], {"x": "accounts", "y": "posts"}, charts.WIDE)
    assert needed.startswith("<svg") and charts.NAVY in needed
