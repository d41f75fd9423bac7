"""Groups of two looks matched by hand."""

from __future__ import annotations

from spmc_tools.findings.clusters.matched_groups import matched


def test_groups_come_in_the_order_of_the_later_look_those_that_share_most_first() -> None:
    """The second and third of the earlier look come back as first and second; of a group that split one half is new."""
    found = matched(["abcd", "efghij", "klm"], ["efgh", "klm", "ij", "a"])
    assert found.same == ((1, 0), (2, 1))
    assert found.gone == (0,) and found.new == (2, 3)
