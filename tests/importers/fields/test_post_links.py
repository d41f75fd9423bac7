"""Ids of posts out of their addresses, and what is no address of a post."""

from __future__ import annotations

import pytest

from spmc_tools.importers.fields.post_links import post_id_of


@pytest.mark.parametrize(
    ("address", "wanted"),
    [
        ("https://twitter.com/asha/status/829123456789012345", "829123456789012345"),
        ("https://x.com/asha/status/829123456789012345?s=20", "829123456789012345"),
        (" https://mobile.twitter.com/a/statuses/12345/photo/1 ", "12345"),
        ("https://www.facebook.com/page/posts/1234567890", "1234567890"),
        ("https://m.facebook.com/story.php?story_fbid=12345&id=9", "12345"),
        ("https://www.instagram.com/p/CuX_a-1b2/", "CuX_a-1b2"),
        ("https://www.instagram.com/asha/reel/CuX12/", "CuX12"),
        ("https://www.youtube.com/watch?v=dQw4w9WgXcQ&t=1", "dQw4w9WgXcQ"),
        ("https://youtu.be/dQw4w9WgXcQ", "dQw4w9WgXcQ"),
        ("https://t.me/patnanews/77", "patnanews/77"), ("https://t.me/s/patnanews/77?single", "patnanews/77"),
        ("https://x.com/asha", None), ("https://example.org/status/12345", None), ("", None), (None, None),
        ("https://evil.org/?u=https://x.com/a/status/12345", None), ("https://x.com/a/status/8.29E+17", None),
    ],
)  # fmt: skip
def test_ids_out_of_addresses(address, wanted):
    assert post_id_of(address) == wanted


def test_a_table_with_links_alone(bring, write):
    mapping = write(
        "m.toml",
        '[columns]\naccount_id = "who"\ncreated_at = "at"\nurl = "Link"\ntext = "text"\n[constants]\nplatform = "x"\n',
    )
    rows = "who,at,Link,text\na,2025-11-06T10:00:00Z,https://x.com/a/status/12345,x\nb,2025-11-06T10:00:00Z,,y\n"
    found = bring("t.csv", rows, mapping=mapping)
    assert [r["record_id"] for r in found.records] == ["12345", f"row-{found.result.sha256[:8]}-3"]
    assert "1 × id of a post taken out of its address" in found.result.note
