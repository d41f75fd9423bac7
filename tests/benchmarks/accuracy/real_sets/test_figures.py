"""Figures of columns of scores, their intervals, and the table on the page, on made-up tables."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks.accuracy import __main__ as command
from benchmarks.accuracy.measurement.scoring import average_precision, matched_average_precision
from benchmarks.accuracy.real_sets import measure, real_page
from benchmarks.accuracy.real_sets.figures import figures_of, on_common_days, print_figures
from benchmarks.accuracy.real_sets.measure import Row, best_peer, measured
from benchmarks.accuracy.real_sets.rankings import CHANCE, OURS, Tiers
from benchmarks.accuracy.real_sets.real_tables import RealTable, table_of
from benchmarks.accuracy.real_sets.resampled_accounts import Interval, interval_of, resampled

ROOT = Path(__file__).resolve().parents[4]
MEMBERS, OTHERS = 8, 20


def drawn_table(seed: int = 3) -> RealTable:
    """Eight labelled accounts that post in the same seconds as each other, twenty that do not; three days."""
    rng = np.random.default_rng(seed)
    rows = []
    for account in range(MEMBERS + OTHERS):
        label = int(account < MEMBERS)
        times = (
            np.arange(4 + account % 3) * 40_000 + 7 if label else np.sort(rng.integers(0, 240_000, rng.integers(1, 12)))
        )
        rows += [(f"a{account:02d}", label, int(t)) for t in times]
    frame = pd.DataFrame(rows, columns=["account_id", "label", "t"])
    at = pd.to_datetime(frame.pop("t") + 1_577_836_800, unit="s", utc=True)
    frame["created_at"] = at.astype("datetime64[us, UTC]")
    frame["record_id"] = [f"r{n}" for n in range(len(frame))]
    return table_of("demo", frame.assign(platform="x", time_precision_s=1.0, kind="post"))


@pytest.fixture(scope="module")
def table() -> RealTable:
    return drawn_table()


def columns_of(table: RealTable) -> pd.DataFrame:
    right = table.labelled.to_numpy(float)
    return pd.DataFrame(
        {"truth": right, "alike": 0.0, "posts": table.n_posts, "against": -right}, index=table.labelled.index
    )


def test_figures_of_columns(table: RealTable) -> None:
    columns = columns_of(table).sample(frac=1, random_state=1)  # the order of the rows is nothing
    truth, alike, posts, against = figures_of(table, columns, baseline="truth", draws=20)
    right, n_posts = table.labelled.to_numpy(), table.n_posts.to_numpy()
    assert [x.name for x in (truth, alike, posts, against)] == ["truth", "alike", "posts", "against"]
    assert (truth.matched, truth.overall, truth.ahead) == (1, 1, 0)
    assert posts.matched == matched_average_precision(n_posts, right, n_posts)
    assert posts.overall == average_precision(n_posts, right)
    assert posts.ahead == pytest.approx(1 - posts.matched)
    assert posts.ahead_interval.high == pytest.approx(1 - posts.interval.low)
    assert [x.constant for x in (truth, alike, posts, against)] == [False, True, False, False]
    assert against.matched == pytest.approx(alike.matched)  # who is last comes with all others
    assert alike.matched < 1
    assert np.isnan(truth.matched_common)


def test_an_account_without_a_score_is_below_all_others(table: RealTable) -> None:
    first = table.labelled.index[0]
    scores = pd.DataFrame({"x": np.arange(len(table.labelled)) - 5.0}, index=table.labelled.index)
    least = scores.assign(x=scores["x"].where(scores.index != first, -99.0))
    for given in (scores.drop(first), scores.assign(x=scores["x"].where(scores.index != first))):
        made, wanted = ([asdict(one) for one in figures_of(table, which, draws=3)] for which in (given, least))
        np.testing.assert_equal(made, wanted)  # NaN, too, where both have nothing to say


def test_draws_keep_each_half_octave_and_kind(table: RealTable) -> None:
    right, n_posts = table.labelled.to_numpy(), table.n_posts.to_numpy()
    alike = matched_average_precision(np.zeros(right.size), right, n_posts)
    scores = np.column_stack([right, np.zeros(right.size), n_posts])
    drawn = resampled(scores, right, n_posts, 40)
    assert drawn.shape == (40, 3)
    assert (drawn[:, 0] == 1).all()
    assert drawn[:, 1] == pytest.approx(alike)  # weights and shares stay, so what ranks nobody has no spread
    assert drawn[:, 2].std() > 0
    assert (drawn == resampled(scores, right, n_posts, 40)).all()


def test_draws_are_with_replacement() -> None:
    # one labelled account with score 1, among others of which each has its own score: half of them above it
    right = np.array([True] + [False] * 200)
    score = np.array([100.5, *range(200)])
    drawn = resampled(score[:, None], right, np.full(201, 4), 300)[:, 0]
    above = 1 / drawn - 1  # the others above it in a draw: binomial of 200 and a half, standard deviation 7.07
    assert above.mean() == pytest.approx(99, abs=2)
    assert above.std() == pytest.approx(7.07, abs=1)


def test_the_interval_is_the_middle_of_the_draws() -> None:
    assert interval_of(np.append(np.arange(201.0), np.nan)) == Interval(pytest.approx(5), pytest.approx(195))
    assert np.isnan(interval_of(np.array([np.nan])).low)


def test_common_days_are_scored_anew(table: RealTable) -> None:
    first = table.on_days(table.common_days()[:1]).records
    earlier = first[~first["account_id"].map(table.labelled).astype(bool)]
    earlier = earlier.assign(created_at=earlier["created_at"] - pd.Timedelta(days=9))
    late = RealTable("demo", pd.concat([table.records, earlier], ignore_index=True), table.labelled)
    asked = []

    def columns(of: RealTable) -> pd.DataFrame:
        asked.append(len(of.records))
        return columns_of(of)

    made = columns(late)
    part, scored = on_common_days(late, made, columns)
    assert asked == [len(late.records), len(table.records)] and len(part.records) == len(table.records)
    [*_, posts, _] = figures_of(late, made, common=(part, scored), draws=2)
    right, n_posts = table.labelled.to_numpy(), table.n_posts.to_numpy()
    assert posts.matched_common == matched_average_precision(n_posts, right, n_posts) != posts.matched
    assert on_common_days(table, made, columns) == (table, made) and len(asked) == 2


def test_the_figures_of_any_columns_are_printed(table: RealTable, capsys) -> None:
    print_figures(table, columns_of, baseline="truth")
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(" | ")[0].strip("| ") for line in lines[2:]] == ["truth", "alike", "posts", "against"]
    assert lines[2].count("1.000") == 6 and "nan" not in "".join(lines)
    print_figures(table, columns_of(table))
    assert capsys.readouterr().out.splitlines()[2] == "| truth | 1.000 [1.000, 1.000] | – | 1.000 | – | – |"


@pytest.fixture(scope="module")
def found(table: RealTable) -> measure.Measured:
    return measured(table)


def test_a_table_is_measured_whole(table: RealTable, found: measure.Measured) -> None:
    assert (found.labelled.n, found.others.n, found.n_records) == (MEMBERS, OTHERS, len(table.records))
    assert found.others.n_judged == (table.n_posts[~table.labelled] >= 3).sum()
    kinds = [row.kind for row in found.rows]
    assert kinds[0] == "ours" and sorted(set(kinds)) == ["chance", "ours", "peer", "shadow"]
    best = best_peer(found)
    assert best is not None and "2 s bins" in best.figures.name and best.figures.matched == 1
    octave = {name: (n * n).bit_length() for name, n in table.n_posts.items()}
    groups = [
        [own for name, own in table.labelled.items() if octave[name] == octave[who]] for who in table.labelled.index
    ]
    of_labelled = [np.mean(group) for group, own in zip(groups, table.labelled, strict=True) if own and not all(group)]
    chance = next(row.figures for row in found.rows if row.figures.name == CHANCE)
    assert chance.matched == pytest.approx(np.mean(of_labelled))


def test_the_page_leaves_out_and_counts_what_ranks_nobody(found: measure.Measured) -> None:
    lines = real_page.page_lines([found])
    rows = [line for line in lines if line.startswith("| `demo`")]
    constant = [row for row in found.rows if row.figures.constant]
    assert f"{sum(row.kind in ('peer', 'shadow') for row in constant)} rankings give everybody the same" in lines[-1]
    assert len(rows) == sum(row.kind in ("ours", "chance") or not row.figures.constant for row in found.rows)
    assert OURS in rows[0] and any("(**best peer**)" in row and "2 s bins" in row for row in rows)
    assert all(row.count("|") == lines[2].count("|") for row in rows)
    assert "nan" not in "".join(lines)


def test_of_two_sides_of_a_column_the_better_is_shown(found: measure.Measured) -> None:
    shadow = found.rows[-1]
    sides = [
        Row("shadow", replace(shadow.figures, name=f"share with {name}", matched=matched, constant=False))
        for name, matched in (("urls empty", 0.4), ("urls filled", 0.6), ("text empty", 0.5), ("text filled", 0.5))
    ]
    text = "\n".join(real_page.page_lines([replace(found, rows=(*found.rows[:1], *sides))]))
    assert "with urls filled" in text and "with urls empty" not in text
    assert text.count("share with text") == 1


def test_the_best_peer_is_no_shadow_and_has_a_figure(found: measure.Measured) -> None:
    some = found.rows[0].figures
    rows = [
        Row(kind, replace(some, name=name, matched=matched))
        for kind, name, matched in (
            ("ours", "a", 0.9), ("peer", "b", float("nan")), ("peer", "c", 0.4), ("peer", "d", 0.4),
            ("shadow", "e", 0.8),
        )
    ]  # fmt: skip
    best = best_peer(replace(found, rows=tuple(rows)))
    assert best is not None and best.figures.name == "c"


@pytest.mark.parametrize(("others", "shown"), [(0, "| –, 0 |"), (3, "| –, **3** |")])
def test_whoever_is_named_in_a_crowd_stands_out(others: int, shown: str, found: measure.Measured) -> None:
    crowd = replace(found, name="crowd", rows=(), tiers=Tiers(0, others, 0, 7))
    lines = real_page.page_lines([crowd])
    assert shown in lines[4] and lines[4].endswith("| –, 7 |") and best_peer(crowd) is None


def test_a_crowd_has_no_figures() -> None:
    table = drawn_table()
    crowd = RealTable("crowd", table.records, table.labelled & False)
    found = measured(crowd)
    assert found.rows == () and found.labelled.n == 0 and found.tiers.named_right == 0


def test_the_page_keeps_everything_outside_its_markers(found: measure.Measured) -> None:
    page = f"before\n{real_page.START}\nold\n{real_page.END}\nafter\n"
    new = real_page.filled(page, [found])
    assert new.startswith(f"before\n{real_page.START}\nCode ") and new.endswith(f"{real_page.END}\nafter\n")
    assert "old" not in new and real_page.filled(new, [found]) == new
    with pytest.raises(ValueError, match="0 parts"):
        real_page.filled("nothing", [found])


def test_the_document_has_the_real_table_first() -> None:
    text = (ROOT / "docs" / "measured" / "accuracy.md").read_text(encoding="utf-8")
    assert text.count(real_page.START) == text.count(real_page.END) == 1
    assert text.index(real_page.START) < text.index("\n|") < text.index(real_page.END) < text.index("<!-- measured:")


def test_the_command_measures_prints_and_writes(tmp_path, monkeypatch, capsys, table: RealTable) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "docs" / "measured").mkdir(parents=True)
    labelled = table.records.assign(label=table.records["account_id"].map(table.labelled).astype(int))
    for name in ("deleting_bots_300", "attributed_2015"):
        labelled.to_parquet(tmp_path / "real" / f"{name}.parquet")
    for name in ("crowd_demonetisation", "crowd_airline", "crowd_hk"):
        table.records.to_parquet(tmp_path / "real" / f"{name}.parquet")
    page = tmp_path / "docs" / "measured" / "accuracy.md"
    page.write_text(f"{real_page.START}\n{real_page.END}\n", encoding="utf-8")
    monkeypatch.setenv("SPMC_SHARED_DATA", str(tmp_path))
    monkeypatch.setattr(command, "ROOT", tmp_path)
    command.main(["--real", "--write"])
    printed = capsys.readouterr().out
    assert page.read_text(encoding="utf-8") == f"{real_page.START}\n{printed}{real_page.END}\n"
    for name in ("deleting_bots_300", "attributed_2015", "crowd_demonetisation", "crowd_airline", "crowd_hk"):
        assert f"| `{name}` |" in printed
