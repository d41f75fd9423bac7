"""What may explain acting together, as values: sentences for and against, and members that look like newsrooms."""

from __future__ import annotations

from spmc_tools.report.values.privacy import Code, Count, Number, Site
from spmc_tools.report.values.section_values import section_values

__all__ = ["Explanation", "Newsroom"]


@section_values
class Explanation:
    """A sentence for an ordinary explanation or against it: the key of its words, and the numbers in them."""

    side: Code
    what: Code
    values: dict[Code, Number]


@section_values
class Newsroom:
    """A member that looks like a newsroom by what it posts, as :func:`.benign.pattern_rows` measures it."""

    site: Site | None
    n_own: Count | None
    own_share: Number | None
    topics: Number | None
    n_days: Count | None
    shared_linked: Number | None
    sole_share: Number | None
    n_readers: Count | None
