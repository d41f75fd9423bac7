"""Search by a form: words in any script, narrowed to an account, a kind, days or media; what was found as a table."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Any

from spmc_tools.app.acts.act_form import Act, ActField, Done, Ground, ShownTable, command_line
from spmc_tools.case.store.case_search import PostFilter
from spmc_tools.schema import KINDS
from spmc_tools.text.search.word_marks import excerpt, in_marks

if TYPE_CHECKING:
    import pandas as pd

    from spmc_tools.case.store.case_search import Order

__all__ = ["SEARCH_ACTS", "search_table"]

_MOST = 200
_KEPT = "search"
_OPTIONS = (("account", "--account"), ("post_kind", "--kind"), ("first_day", "--from"), ("last_day", "--to"))
_TICKS = (("with_media", ["--media"]), ("as_typed", ["--as-typed"]), ("rare_first", ["--order", "rarity"]))
_SHOWN = ("at", "account", "post_text", "found_how", "record", "file_row")
_PART = re.compile(r'-?"[^"]*"\*?|\S+')


def _search(ground: Ground, values: dict[str, Any]) -> Done:
    day = {name: date.fromisoformat(values[name]) if values[name] else None for name in ("first_day", "last_day")}
    only = PostFilter(values["account"], values["post_kind"], with_media=bool(values["with_media"]), **day)
    order: Order = "rarity" if values["rare_first"] else "time"
    hits = ground.opened.search(values["words"], _MOST, only=only, sound=not values["as_typed"], order=order)
    ground.kept[_KEPT] = (ground.opened.id, (values["words"], hits))
    return Done((_counted(ground, hits),))


def _last_words(ground: Ground) -> str:
    case_id, found = ground.kept.get(_KEPT, (None, None))
    return "" if ground.case is None or found is None or case_id != ground.case.id else str(found[0])


def _counted(ground: Ground, hits: pd.DataFrame) -> str:
    total, shown = hits.attrs["total"], len(hits)
    line = ground.say("app.search.found", n=total, count=ground.words.number(total))
    if total > shown:
        line += " " + ground.say("app.search.first", shown=ground.words.number(shown))
    for word, n in hits.attrs["left_out"].items():
        line += " " + ground.say("app.search.left_out", word=word, n=n, count=ground.words.number(n))
    return line


def _command(case: str, values: dict[str, Any]) -> str:
    options = [part for name, option in _OPTIONS if values[name] for part in (option, values[name])]
    ticks = [part for name, parts in _TICKS if values[name] for part in parts]
    words = _PART.findall(str(values["words"]))
    return command_line(
        "spmc", "search", case, options, ticks, ["--"] if any(word.startswith("-") for word in words) else [], words
    )


def search_table(ground: Ground) -> list[ShownTable]:
    """Return what the last search of this case found, each post with its words marked, and how they matched."""
    if ground.case is None or not _last_words(ground):
        return []
    words, hits = ground.kept[_KEPT][1]
    say = ground.say
    rows = [
        (
            str(ground.words.moment(hit["created_at"])),
            f"{hit['platform']}:{hit['account_id']}",
            in_marks(*excerpt(hit["text"] if isinstance(hit["text"], str) else "", hit["places"])),
            say(f"app.search.how.{hit['how']}"),
            str(hit["record_id"]),
            f"{hit['source_name']}, {hit['source_row']}",
        )
        for hit in hits.to_dict("records")
    ]
    header = tuple(
        say(f"app.field.{name}") for name in ("at", "account", "post_text", "found_how", "record", "file_row")
    )
    return [ShownTable("hits", say("app.table.hits", words=words), header, rows)]


SEARCH_ACTS = (
    Act(
        "search",
        (
            ActField("words", start=_last_words),
            ActField("account", needed=False),
            ActField(
                "post_kind",
                "choice",
                needed=False,
                options=lambda ground: [(kind, ground.say(f"dossier.kind.{kind}")) for kind in KINDS],
            ),
            ActField("first_day", "day", needed=False),
            ActField("last_day", "day", needed=False),
            ActField("with_media", "tick", needed=False),
            ActField("as_typed", "tick", needed=False),
            ActField("rare_first", "tick", needed=False),
        ),
        _search,
        _command,
        closed=lambda ground: "" if ground.case and ground.case.batches() else ground.say("app.no_import"),
    ),
)
