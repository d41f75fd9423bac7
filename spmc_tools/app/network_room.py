"""The explorer of one case, held by the server: the picture in the browser, everything else as plain fields."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spmc_tools.errors import ParameterError
from spmc_tools.findings.pipeline.investigate import investigate
from spmc_tools.report.sections.groups.shown_groups import handles
from spmc_tools.report.words.wording import Wording
from spmc_tools.show.explorer.explorer import explore
from spmc_tools.show.pages.plain_form import PlainForm

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from spmc_tools.case.store.case import Case

__all__ = ["NetworkRoom"]

_TOLD = ("graph", "bins", "period", "selected", "edge", "folded", "color_by", "words", "facts", "names", "language")
_CHOSEN = {"period": int, "selected": str, "edge": str, "folded": int}
_MOST = 100_000
"""Items of one choice at most."""


class NetworkRoom:
    """The explorer and what the browser was told of it last.

    Parameters
    ----------
    case : Case
        Whose findings are kept already.
    language : {"en", "hi"}
        Of the page.
    """

    def __init__(self, case: Case, language: str) -> None:
        found = investigate(case, progress=lambda *_: None)
        self.explorer = explorer = explore(case, found, Wording, handles(case), language)
        beside = (explorer.evidence.posts, explorer.mark_form.widget)
        self.beside = PlainForm(beside)
        self.above = PlainForm([explorer.notice])
        below = (explorer.tables.widget, explorer.scope.filters, explorer.list_form.widget)
        # the head of the page has the language; tables are saved beside a notebook, and here is none
        self.below = PlainForm(below, self._rows, (explorer.scope.language, explorer.tables.save))
        self._told: dict[str, Any] = {}

    def _rows(self, table: Any) -> pd.DataFrame:
        tables = self.explorer.tables
        return tables.account_rows if table is tables.accounts else tables.cluster_rows

    def news(self) -> dict[str, Any]:
        """Return what the browser does not know yet: the changed values of the picture, and all fields."""
        view = self.explorer.network.view
        now = {} if view is None else {name: getattr(view, name) for name in _TOLD}
        changed = {name: value for name, value in now.items() if name not in self._told or self._told[name] != value}
        self._told = {name: list(value) if isinstance(value, list) else value for name, value in now.items()}
        parts = {"above": self.above, "beside": self.beside, "below": self.below}
        return {
            "view": changed,
            "fields": {name: str(form.html()) for name, form in parts.items()},
            "revisions": {name: form.revision for name, form in parts.items()},
        }

    def whole(self) -> dict[str, Any]:
        """Return everything, for a page that was opened now."""
        self._told = {}
        return self.news()

    def choose(self, key: str, value: object) -> None:
        """Take over what was chosen in the picture.

        Raises
        ------
        ParameterError
            Where it is none of the picture's choices.
        """
        view = self.explorer.network.view
        if key == "message":
            self.explorer.network.picture_saved(value)
        elif view is not None and key == "color_by" and value in {"cluster", "trace", "tier", "first"}:
            view.color_by = value
        elif view is not None and key in _CHOSEN and isinstance(value, list) and len(value) <= _MOST:
            if not all(type(one) is _CHOSEN[key] for one in value):
                raise ParameterError("The picture sent a choice of another form; load the page again.")
            setattr(view, key, value)
            self._told[key] = list(value)
        else:
            raise ParameterError("The picture sent a choice that is not known; load the page again.")

    def submit(self, part: str, revision: int, values: Mapping[int, str], press: int | None) -> None:
        """Take over fields of a part, then press a button of it.

        Raises
        ------
        ParameterError
            Where the fields were drawn anew meanwhile, or are none of the page's.
        """
        form = {"beside": self.beside, "below": self.below}.get(part)
        if form is None or form.revision != revision:
            raise ParameterError("The page was drawn anew meanwhile; load it again and repeat the last step.")
        form.change(values)
        if press is not None:
            form.press(press)
