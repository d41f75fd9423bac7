"""Tables of a page of the app, read back from its HTML."""

from __future__ import annotations

import re

__all__ = ["cells"]


def cells(text: str, title: str) -> list[list[str]]:
    """Return the rows of the table under a heading, each cell as it is written."""
    part = text.partition(f"<h2>{title}</h2>")[2].partition("</section>")[0]
    rows = re.findall(r"<tr><td.*?</tr>", part, re.DOTALL)
    return [re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL) for row in rows]
