"""Documents of their own inside a page, in sandboxed frames: tables to sort and filter, and the network to ask.

A page itself runs nothing. Each frame may run one script of ours, allowed by its hash; it has no origin, so it reaches
neither the page nor a network. Print shows the tables and pictures that stand beside it, and so does a browser without
scripts.
"""

from __future__ import annotations

import base64
import hashlib
import re
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from spmc_tools.errors import SpmcError, quote
from spmc_tools.report.words.fonts import faces
from spmc_tools.resources import resource

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from jinja2 import Environment

    from spmc_tools.report.sections.groups.card_values import Card
    from spmc_tools.report.words.wording import Wording

__all__ = ["MOST_LINES", "Frames", "graph_of", "hash_of", "own_scripts", "table_script"]

MOST_LINES = 12_000
"""Links of all groups together that the network frame holds, the most frequent of each group first."""

SIDE = 10_000
NAME = 60
_VIEW = (
    "title", "search", "focus", "lasso", "fold", "fit", "larger", "smaller", "png", "svg", "color", "by_cluster",
    "none", "timeline", "not_found", "nothing",
)  # fmt: skip


def hash_of(text: str) -> str:
    """Return what a Content-Security-Policy allows a script or style sheet of this text by."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii")


def table_script() -> str:
    """Return the script that sorts and filters tables, as it stands between its tags."""
    return resource("templates", "frames", "tables.js").read_text(encoding="utf-8")


def _network_script() -> str | None:
    """Return the built script of the network view; None where it was not built."""
    try:
        return resource("js", "dist", "network_frame.js").read_text(encoding="utf-8")
    except SpmcError:
        return None


def own_scripts() -> list[str]:
    """Return the scripts that a page of ours may hold."""
    return [table_script(), *([network] if (network := _network_script()) else [])]


class Frames:
    """The frames of one page; ``scripts`` and ``styles`` are the hashes that its policy must allow.

    Parameters
    ----------
    pages : jinja2.Environment
        Renders the templates in ``templates/frames/``, every value escaped.
    words : Wording
        Of the page.
    """

    def __init__(self, pages: Environment, words: Wording) -> None:
        self._pages = pages
        self._words = words
        self.scripts: list[str] = []
        self.styles: list[str] = []

    def tables(self, **values: Any) -> str:
        """Return the document with the accounts and linked pairs of a report."""
        return self._document("tables", table_script(), values)

    def network(self, cards: Sequence[Card], run: Any) -> str | None:
        """Return the document with the network of all groups; None where its script was not built or no one is linked.

        Pictures that are saved out of it show numbers and no names.
        """
        script = _network_script()
        graph = graph_of(cards)
        if script is None or not graph["a"]:
            return None
        return self._document("network", script, {"graph": {"graph": graph, "words": self._view(run)}}, module=True)

    def _view(self, run: Any) -> dict[str, str]:
        say = self._words.say
        words = {key: say(f"explore.view.{key}").plain() for key in _VIEW}
        words["group"] = say("explore.view.group", group="{group}", count="{count}").plain()
        words["stage"] = say("explore.view.stage", count="{count}", all="{all}").plain()
        for key in ("shown", "shown_accounts", "of"):
            words[key] = say(f"explore.view.{key}", count="{count}", all="{all}").plain()
        words["stamp"] = f"{run.case} · {say(run.mark).plain()}"
        words |= {"which": say("frame.group").plain(), "every": say("frame.every").plain()}
        return words

    def _document(self, name: str, script: str, values: Mapping[str, Any], *, module: bool = False) -> str:
        body = self._pages.get_template(f"frames/{name}.html.j2").render(**values)
        css = self._pages.get_template("frames/frame.css.j2").render(faces=faces(re.sub(r"<[^>]*>", "", body), 400))
        # as the browser hears it: a script ends where its closing tag begins
        if "</script" in script.lower():
            raise SpmcError(f"The script of the frame {quote(name)} cannot stand in a page: it holds a closing tag.")
        allowed, dressed = hash_of(script), hash_of(css)
        self.scripts.append(allowed)
        self.styles.append(dressed)
        policy = (
            f"default-src 'none'; script-src '{allowed}'; style-src '{dressed}'; font-src data:; base-uri 'none'; "
            "form-action 'none'"
        )
        return self._pages.get_template("frames/document.html.j2").render(
            lang=self._words.language,
            policy=policy,
            title=self._words.say(f"frame.title.{name}").plain(),
            css=Markup(css),  # noqa: S704 -- our own style sheet; nothing of the data is in it
            body=Markup(body),  # noqa: S704 -- rendered by autoescaping templates
            script=Markup(script),  # noqa: S704 -- our own script, a file of the tree
            module=module,
        )


def graph_of(cards: Sequence[Card]) -> dict[str, Any]:
    """Return the groups of a report as columns, as ``js/src/model.js`` reads them; only numbers stand in ``label``.

    ``group`` is the place of a card, from 1; ``cluster`` the same, and 0 for who is not named. Of each group at most
    an equal part of :data:`MOST_LINES` links.
    """
    columns = ("id", "label", "note", "x", "y", "cluster", "tier", "mark", "group", "a", "b", "n")
    made: dict[str, Any] = {"groups": len(cards), **{name: [] for name in columns}}
    most = max(100, MOST_LINES // max(1, len(cards)))
    for place, card in enumerate(cards, start=1):
        names = {member.n: member.name for member in card.members}
        network, first = card.network, len(made["id"])
        for number, node in enumerate(network.nodes):
            n = node.n
            name = quote("" if n is None else names.get(n) or "", NAME)[1:-1]
            made["id"].append(f"{n} {name}" if n is not None else f"{place}.{number}")
            made["label"].append("" if n is None else str(n))
            made["note"].append(name)
            made["x"].append(round(SIDE * node.x))
            made["y"].append(round(SIDE * node.y))
            made["cluster"].append(place if n is not None else 0)
            made["group"].append(place)
            made["tier"].append("")
            made["mark"].append("")
        lines = sorted(zip(network.lines, network.counts, strict=True), key=lambda pair: (-pair[1], pair[0]))[:most]
        for (a, b), n in lines:
            made["a"].append(first + a)
            made["b"].append(first + b)
            made["n"].append(n)
    return made
