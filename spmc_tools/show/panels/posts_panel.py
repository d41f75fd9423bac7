"""The panel of the posts behind what is chosen, and of the code that gives the same posts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ipywidgets as widgets

from spmc_tools.show.panels.panel import Panel
from spmc_tools.show.selection.source import POSTS_OF
from spmc_tools.show.widgets.posts import posts_html
from spmc_tools.show.widgets.safe_tables import text_html

if TYPE_CHECKING:
    from spmc_tools.show.panels.panel import Page

__all__ = ["PostsPanel"]


class PostsPanel(Panel):
    """The posts side by side.

    Attributes
    ----------
    posts : ipywidgets.HTML
        The posts; or why there are none.
    code : ipywidgets.HTML
        The code that gives them.
    """

    def __init__(self, page: Page) -> None:
        super().__init__(page)
        self.posts, self.code = widgets.HTML(), widgets.HTML()

    def _draw(self) -> None:
        if not self._differs("posts", self.state.selected, self.state.filters):
            return
        call = self.source.call(self.state)
        self.code.value = text_html(call or self.words.say("explore.choose"), code=bool(call))
        self.show_posts()

    def show_posts(self) -> None:
        """Read the posts and show them; where they cannot be read that is said."""
        if self.source.call(self.state):
            self.posts.value = text_html(self.words.say("explore.working"))
        read = self._attempt(lambda: (self.source.posts(self.state), self.source.case.batches()), self.posts)
        if read is None:
            return
        posts, batches = read
        if posts is None:
            self.posts.value = text_html(self.words.say("explore.choose"))
            return
        if len(posts):
            files = {batch.source_sha256: batch.source_name for batch in batches}
            shown = posts_html(posts, self.source.name, files, self.words.wording)
        else:
            say, spans = self.words.say, self.source.spans(self.state)
            shown = text_html(say("explore.no_posts_between") if spans else say("explore.no_posts"))
        if asked := self._asked():
            shown = text_html(self.words.say("explore.posts_inside", choices="; ".join(asked))) + shown
        self.posts.value = self._of_first() + shown

    def _of_first(self) -> str:
        """Say that the posts are of the first accounts alone; nothing where they are of all."""
        selected = self.state.selected
        if selected.edge is not None or selected.cluster is not None or len(selected.accounts) <= POSTS_OF:
            return ""
        return text_html(self.words.say("explore.posts_of_first", count=POSTS_OF, all=len(selected.accounts)))

    def _asked(self) -> list[str]:
        """Return what the filters and the period ask for, in words."""
        filters, period, say = self.state.filters, self.state.selected.period, self.words.say
        asked = []
        if filters.trace is not None:
            asked.append(self.words.trace(filters.trace))
        if filters.window_s is not None:
            asked.append(say("explore.inside_window", lasting=self.words.wording.lasting(filters.window_s)))
        if filters.q is not None:
            asked.append(say("explore.inside_q", q=f"{filters.q:g}"))
        if filters.tier is not None:
            asked.append(say("explore.inside_tier", tier=filters.tier))
        if period is not None:
            asked.append(" – ".join(self.words.clock(end) for end in period))
        return asked
