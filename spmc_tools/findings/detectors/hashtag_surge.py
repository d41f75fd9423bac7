r"""Tags that were used more than their own past expects, in bins of five minutes. It says nothing of any account.

With :math:`n_b` records with the tag in bin *b* and :math:`N_b` records at all (reposts never count), the past of a
bin are the 288 bins (24 hours) before it that lie in the data, at least 72 (6 hours):

.. math::
    \mu_b = \left(\bar n_{past} + \tfrac{1}{|past|}\right) \max\left(\frac{N_b + 1}{\bar N_{past} + 1}, 1\right), \qquad
    p_b = P(\mathrm{NB}(\mu_b, k) \ge n_b)

*k* is the size of the negative binomial (variance :math:`\mu + \mu^2 / k`), by moments over all tags and 2,000 evenly
spaced bins with a past, between .1 and 100. Benjamini-Hochberg over all bins with a past of all tags with at least 20
records. Bins with q < .01 and five records or more that lie at most three bins apart are one surge.

Notes
-----
Assumptions: bins depend on their past through its mean only. **Known false positives**: news, goals, speeches,
festivals: a surge is what tags are for. Beside it stand the shares that differ where a tag was pushed (accounts made
within 30 days, near-duplicate texts, Gini of authors, deletions): to be read together, with no limit of our own. A
new tag has no past and is a surge from its fifth record in five minutes on.

References
----------
Kleinberg (2003), Bursty and hierarchical structure in streams, Data Min. Knowl. Discov. 7. Elmas et al. (2021),
Ephemeral astroturfing attacks, EuroS&P 21 (deletions). Jakesch et al. (2021), Trend alert, CSCW 5.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy import stats

from spmc_tools.chance.statistics.false_discovery import adjusted
from spmc_tools.schema import TAG_SURGES
from spmc_tools.text.tags import tag_key, tags

if TYPE_CHECKING:
    import pandas as pd

    from spmc_tools.schema.arrays import Floats, Longs


__all__ = ["BIN_S", "gini", "hashtag_surge", "lacks"]

BIN_S = 300
_BIN_US = BIN_S * 1_000_000
FEWEST_RECORDS, FEWEST_IN_A_BIN, LEVEL = 20, 5, 0.01
_PAST, _LEAST_PAST, _APART, _NEW_DAYS = 288, 72, 3, 30
_MOST_TEXTS, _SAMPLED, _COARSEST_S = 5000, 2000, 150.0


def hashtag_surge(records: pa.Table, accounts: pa.Table | None = None) -> pd.DataFrame:
    """Return the surges of all tags in the columns of ``tag_surges``, by tag and time.

    Parameters
    ----------
    records : pyarrow.Table
        ``account_id, created_at``, ``hashtags`` or ``text``; where there are, ``kind`` (reposts do not count),
        ``deleted_seen_at`` and ``time_precision_s`` (coarser than 150 s is left out).
    accounts : pyarrow.Table, optional
        ``account_id, created_at``.
    """
    usable = _usable(records)
    uses, bins = _uses(usable)
    frequent = {tag: np.array(uses[tag]) for tag in sorted(uses) if len(uses[tag]) >= FEWEST_RECORDS}
    found: list[dict[str, Any]] = []
    described = _Described(usable, accounts)
    for tag, hits in _tested({tag: np.sort(bins[rows]) for tag, rows in frequent.items()}, np.sort(bins)).items():
        for part in np.split(np.arange(hits.bin.size), np.flatnonzero(np.diff(hits.bin) > _APART) + 1):
            low, high = int(hits.bin[part[0]]), int(hits.bin[part[-1]])
            rows = frequent[tag][(bins[frequent[tag]] >= low) & (bins[frequent[tag]] <= high)]
            found.append(
                {
                    "tag": f"#{tag}",
                    "first_t": low * _BIN_US,
                    "last_t": (high + 1) * _BIN_US,
                    "bin_s": float(BIN_S),
                    "n_records": len(rows),
                    "expected": float(hits.expected[part].mean() * (high - low + 1)),
                    "p": float(hits.p[part].min()),
                    "q": float(hits.q[part].min()),
                    **described.of(rows),
                }
            )
    frame: pd.DataFrame = pa.Table.from_pylist(found, schema=TAG_SURGES.schema).to_pandas()
    return frame


def lacks(records: pa.Table, accounts: pa.Table | None = None) -> str | None:
    """Say why it cannot be looked at: no tag is used often enough, or the data is too short for a past."""
    del accounts
    uses, bins = _uses(_usable(records))
    most = max((len(rows) for rows in uses.values()), default=0)
    if most < FEWEST_RECORDS:
        return f"The most used tag stands in {most} records with exact times; it takes {FEWEST_RECORDS}."
    if int(bins.max() - bins.min()) < _LEAST_PAST:
        return "The tags of less than six hours are there; a tag needs that much of a past."
    return None


def gini(counts: Floats) -> float:
    """Return the Gini coefficient of some counts: 0 where all are alike; 0 for a single one or none."""
    values = np.sort(np.asarray(counts, dtype=np.float64))
    total, n = float(values.sum()), values.size
    if n < 2 or total <= 0:
        return 0.0
    return float((2 * np.arange(1, n + 1) - n - 1) @ values / (n * total))


def _usable(records: pa.Table) -> pa.Table:
    keep = pa.array([True] * len(records), type=pa.bool_())
    if "kind" in records.column_names:
        keep = pc.and_(keep, pc.fill_null(pc.not_equal(records["kind"].combine_chunks(), "repost"), fill_value=True))
    if "time_precision_s" in records.column_names:
        fine = pc.less_equal(records["time_precision_s"].combine_chunks(), _COARSEST_S)
        keep = pc.and_(keep, pc.fill_null(fine, fill_value=True))
    return records.filter(keep).combine_chunks()


def _uses(records: pa.Table) -> tuple[dict[str, list[int]], Longs]:
    """Return the rows of each tag, and the bin of each row."""
    lists = records["hashtags"].to_pylist() if "hashtags" in records.column_names else [None] * len(records)
    texts = records["text"].to_pylist() if "text" in records.column_names else [None] * len(records)
    uses: dict[str, list[int]] = defaultdict(list)
    for row, (listed, text) in enumerate(zip(lists, texts, strict=True)):
        for key in sorted({tag_key(tag) for tag in (tags(text) if listed is None else listed) if tag} - {""}):
            uses[key].append(row)
    bins: Longs = records["created_at"].cast("int64").to_numpy() // _BIN_US
    return dict(uses), bins


@dataclass(frozen=True, slots=True)
class _Hits:
    """Bins of one tag with q below the level, ascending, and their numbers."""

    bin: Longs
    expected: Floats
    p: Floats
    q: Floats


def _expected(tag_bins: Longs, whole: Longs, at: Longs) -> Floats:
    """Return what a tag's past and the rhythm of the whole expect in some bins that have a past; bins are sorted."""
    size = np.minimum(at - whole[0], _PAST)

    def between(bins: Longs, low: Longs, high: Longs) -> Floats:
        return (np.searchsorted(bins, high) - np.searchsorted(bins, low)).astype(np.float64)

    now, before = between(whole, at, at + 1), between(whole, at - size, at) / size
    rhythm = np.maximum((now + 1) / (before + 1), 1.0)
    expected: Floats = (between(tag_bins, at - size, at) + 1) / size * rhythm
    return expected


def _tested(tags_in: dict[str, Longs], whole: Longs) -> dict[str, _Hits]:
    """Return the bins in which a tag surged; bins with fewer than five records count as p = 1."""
    if not tags_in or whole[-1] - whole[0] < _LEAST_PAST:
        return {}
    first, last = int(whole[0]) + _LEAST_PAST, int(whole[-1])
    sample = np.unique(np.linspace(first, last, _SAMPLED).astype(np.int64))
    over = under = 0.0
    for tag_bins in tags_in.values():
        mean = _expected(tag_bins, whole, sample)
        n = (np.searchsorted(tag_bins, sample + 1) - np.searchsorted(tag_bins, sample)).astype(np.float64)
        over += float(((n - mean) ** 2 - mean).sum())
        under += float((mean**2).sum())
    k = float(np.clip(under / over, 0.1, 100.0)) if over > 0 else 100.0
    bins: dict[str, Longs] = {}
    expected: dict[str, Floats] = {}
    p: dict[str, Floats] = {}
    for tag, tag_bins in tags_in.items():
        at, count = np.unique(tag_bins, return_counts=True)
        able = (at >= first) & (count >= FEWEST_IN_A_BIN)
        bins[tag] = at[able]
        expected[tag] = _expected(tag_bins, whole, bins[tag])
        tail = stats.nbinom.sf(count[able] - 1, k, k / (k + expected[tag]))
        p[tag] = np.maximum(tail, float(np.finfo(float).tiny))
    q = adjusted(np.concatenate([p[tag] for tag in tags_in]), (last - first + 1) * len(tags_in))
    found: dict[str, _Hits] = {}
    start = 0
    for tag in tags_in:
        own_q = q[start : start + p[tag].size]
        start += p[tag].size
        hit = own_q < LEVEL
        if hit.any():
            found[tag] = _Hits(bins[tag][hit], expected[tag][hit], p[tag][hit], own_q[hit])
    return found


class _Described:
    """What stands beside a surge: who wrote, how alike the texts are, what was seen to be gone."""

    def __init__(self, records: pa.Table, accounts: pa.Table | None) -> None:
        self.account = records["account_id"].to_pylist()
        self.t = records["created_at"].to_pylist()
        self.text = records["text"].to_pylist() if "text" in records.column_names else None
        gone = records["deleted_seen_at"] if "deleted_seen_at" in records.column_names else None
        looked = gone is not None and gone.null_count < len(gone)
        self.gone = gone.to_pylist() if gone is not None and looked else None
        self.made: dict[str, Any] = {}
        if accounts is not None and "created_at" in accounts.column_names:
            for account, made in zip(
                accounts["account_id"].to_pylist(), accounts["created_at"].to_pylist(), strict=True
            ):
                if made is not None:
                    self.made[account] = min(made, self.made.get(account, made))

    def of(self, rows: Longs) -> dict[str, Any]:
        """Return the numbers of one surge."""
        wrote = Counter(self.account[row] for row in rows.tolist())
        start = min(self.t[row] for row in rows.tolist())
        ages = [(start - self.made[account]).days for account in wrote if account in self.made]
        return {
            "n_accounts": len(wrote),
            "author_gini": gini(np.array(list(wrote.values()), dtype=np.float64)),
            "new_account_share": sum(age <= _NEW_DAYS for age in ages) / len(ages) if ages else None,
            "near_duplicate_share": self._alike(rows.tolist()),
            "deleted_share": sum(self.gone[row] is not None for row in rows.tolist()) / len(rows)
            if self.gone
            else None,
        }

    def _alike(self, rows: list[int]) -> float | None:
        from spmc_tools.text.near_duplicates import near_duplicates

        texts = [self.text[row] for row in rows[:_MOST_TEXTS] if self.text[row]] if self.text else []
        return float(near_duplicates(texts).notna().mean()) if texts else None
