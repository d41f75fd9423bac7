"""The dossier of an account that is chosen from a list: in JupyterLab with the list, in a report without it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from spmc_tools.case.acts.marks import marks_of
from spmc_tools.case.files.lock_wait import waiting
from spmc_tools.errors import SpmcError, quote
from spmc_tools.show.widgets.safe_tables import text_html
from spmc_tools.show.widgets.sentences import sentence_of, waiting_in

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from spmc_tools.case.store.case import Case
    from spmc_tools.findings.result.findings import Findings

__all__ = ["AccountPage", "account_page"]

MOST = 2000
_TIERS = ("A", "B", "C")


class AccountPage:
    """The page; ``widget`` is what a notebook shows outside of a run.

    Attributes
    ----------
    account : str or None
        Whose dossier is shown.

    Parameters
    ----------
    listed : mapping
        What the list shows -> account id, in its order.
    account, dossier, words
        As :func:`account_page`.
    """

    def __init__(
        self, listed: Mapping[str, str], account: str | None, dossier: Callable[..., Any], *, words: Any
    ) -> None:
        self.account, self._ids, self._dossier, self._words = account, listed, dossier, words
        if not os.environ.get("SPMC_RUN"):  # a run would keep the list of all accounts in its notebook
            self._build()

    def _build(self) -> None:
        """Make the list and the page below it, and show the account to begin with."""
        import ipywidgets as widgets

        self.choice = widgets.Combobox(
            options=list(self._ids),
            placeholder=str(self._words.say("dossier.find")),
            description=str(self._words.say("dossier.account")),
            ensure_option=True,
            style={"description_width": "initial"},
            layout=widgets.Layout(width="40em"),
        )
        self.said = widgets.HTML()
        self.page = widgets.HTML()
        self.choice.observe(self._chosen, names="value")
        self.widget = widgets.VBox([self.choice, self.said, self.page])
        self.show(self.account)

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        if os.environ.get("SPMC_RUN"):
            return self._dossier(account=self.account)._repr_mimebundle_(**kwargs)
        return self.widget._repr_mimebundle_(**kwargs)

    def _chosen(self, change: Any) -> None:
        if change["new"] in self._ids:
            self.show(self._ids[change["new"]])

    def show(self, account: str | None) -> None:
        """Show the dossier of an account; what went wrong is a sentence."""
        if os.environ.get("SPMC_RUN"):
            return
        if account is None:
            self.said.value = text_html(str(self._words.say("dossier.nobody")))
            return
        self.said.value = text_html(str(self._words.say("dossier.working")))
        try:
            with waiting(waiting_in(self.said, self._words.say)):
                self.page.value = self._dossier(account=account)._repr_mimebundle_()["text/html"]
        except SpmcError as error:
            self.said.value = text_html(sentence_of(error, self._words.say))
            return
        self.account = account
        self.said.value = ""


def _listed(case: Case, found: Findings, names: Mapping[str, str]) -> dict[str, str]:
    """Return what the list offers -> account id: marked accounts first, then those with a tier, then others, by id."""
    standing = set(marks_of(case).standing())
    rows = found.accounts[["account_id", "tier"]].to_dict("records")
    order = sorted(
        (row["account_id"] not in standing, row["tier"] not in _TIERS, str(row["account_id"])) for row in rows
    )
    options: dict[str, str] = {}
    for *_, account in order[:MOST]:
        name = quote(names.get(account, ""), 60)[1:-1]
        options[f"{name} · {quote(account, 60)[1:-1]}" if name else quote(account, 60)[1:-1]] = account
    return options


def account_page(  # noqa: PLR0913 -- what it rests on
    case: Case,
    found: Findings,
    account: str | None,
    dossier: Callable[..., Any],
    *,
    words: Any,
    names: Mapping[str, str],
) -> AccountPage:
    """Return the dossier of an account, with a list to choose another one from.

    Parameters
    ----------
    case : Case
        Whose marks put accounts first.
    found : Findings
        Of this case.
    account : str or None
        To begin with.
    dossier : callable
        ``account`` -> section of a report.
    words : Wording
        As :class:`spmc_tools.report.words.wording.Wording` makes them.
    names : mapping
        Account id -> handle.

    Notes
    -----
    The list holds 2,000 accounts: first those with a mark, then those with a tier. In a run it is the section alone.
    """
    return AccountPage(_listed(case, found, names), account, dossier, words=words)
