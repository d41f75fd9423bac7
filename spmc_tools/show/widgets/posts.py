"""Posts behind a finding, side by side in time order; every text is escaped, and what is invisible is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spmc_tools.errors import quote
from spmc_tools.show.widgets.safe_tables import rendered

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pandas as pd

__all__ = ["posts_html"]

BLOCKS, SIDE_BY_SIDE, TEXT = 20, 12, 600
"""At most so many things done together, so many posts of each, and so many characters of each post."""


def posts_html(posts: pd.DataFrame, name: Callable[[str], str], files: Mapping[str, str], words: Any) -> str:
    """Return the posts of a finding as HTML: what was shared together stands in one row, by time.

    Parameters
    ----------
    posts : pandas.DataFrame
        As ``found.evidence`` gives them.
    name : callable
        Account id -> the name to show.
    files : mapping
        SHA-256 -> the name under which a file was received.
    words : Wording
        The words of the page.
    """
    groups = list(posts.groupby(["trace", "object_id"], sort=False, dropna=False))
    blocks = []
    for (trace, _object), block_posts in groups[:BLOCKS]:
        said = words.say("explore.block", trace=words.say(f"trace.{trace}"), count=len(block_posts)) if trace else ""
        shown = [_post(row, name, files, words) for row in block_posts[:SIDE_BY_SIDE].to_dict("records")]
        more = len(block_posts) - len(shown)
        rest = words.say("explore.more_posts", count=more) if more else ""
        blocks.append({"what": f"{said} {rest}".strip(), "posts": shown})
    left = len(groups) - len(blocks)
    return rendered(
        "evidence.html.j2",
        said=str(words.say("explore.posts", count=len(posts))),
        blocks=blocks,
        more=str(words.say("explore.more_blocks", count=left)) if left else "",
    )


def _post(row: Mapping[Any, Any], name: Callable[[str], str], files: Mapping[str, str], words: Any) -> dict[str, str]:
    sha, number, text = str(row["source_sha256"]), row["source_row"], row.get("text")
    file = quote(files.get(sha, ""), 60)[1:-1]
    source = words.say("explore.source", file=file, row=int(number) if number == number else 0, sha=sha[:12])  # noqa: PLR0124
    return {
        "who": name(str(row["account_id"])),
        "when": str(words.clock(row["created_at"])),
        "text": _shown(text) if isinstance(text, str) else "",
        "source": str(source),
    }


def _shown(text: str) -> str:
    return "\n".join(quote(line, TEXT)[1:-1] for line in text[:TEXT].splitlines()) + ("…" if len(text) > TEXT else "")
