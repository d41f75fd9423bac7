"""One dropdown per field of a record: which column fills it; what they say together is a mapping."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import ipywidgets as widgets

from spmc_tools.errors import quote
from spmc_tools.importers.mapping.mapping import ACCOUNT_FIELDS, RECORD_FIELDS, Mapping, TimeSpec
from spmc_tools.schema import KINDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from spmc_tools.importers.mapping.propose import Proposal

    Say = Callable[..., object]

__all__ = ["MappingFields"]

FIRST = ("record_id", "account_id", "created_at", "text", "url")
"""Fields that are always shown; the others lie folded below."""

_STYLE = {"description_width": "16em"}
_WIDE = widgets.Layout(width="40em")


class MappingFields:
    """The dropdowns of one table.

    Attributes
    ----------
    widget : ipywidgets.VBox
        What the form shows.
    records, accounts : dict
        The dropdown of each field; its value is a tuple of headers, () for none.
    platform : ipywidgets.Text
        For every row, where no column says it.
    account : ipywidgets.Text
        For every row, where no column says it.
    kind : ipywidgets.Dropdown
        What a row is, where no rule of the proposal says it; "" where its rules hold.
    doubts : dict
        A checkbox for each thing that names and values leave open: ``kind``, ``account``, ``time``.
    """

    def __init__(self, proposal: Proposal, say: Say, changed: Callable[[], None]) -> None:
        self._base = proposal.mapping
        self._header = proposal.header
        self._say = say
        self.records = {name: self._dropdown(name, self._base.columns.get(name, ())) for name in RECORD_FIELDS}
        self.accounts = {
            name: self._dropdown(f"account.{name}", self._base.accounts.get(name, ())) for name in ACCOUNT_FIELDS
        }
        self.platform = widgets.Text(
            value=self._base.constants.get("platform", ""),
            description=str(say("intake.platform")),
            layout=_WIDE,
            style=_STYLE,
        )
        self.account = widgets.Text(
            value=self._base.constants.get("account_id", ""),
            description=str(say("intake.account.all")),
            layout=_WIDE,
            style=_STYLE,
        )
        self.doubts = {
            name: widgets.Checkbox(
                value=False, description=str(say(f"intake.doubt.{name}")), indent=False, layout=_WIDE
            )
            for name in ("kind", "account", "time")
            if name in proposal.doubts
        }
        rules = [(str(say("intake.kind.rules")), "")] if self._base.kinds else []
        self.kind = widgets.Dropdown(
            options=[*rules, *((str(say(f"intake.kind.{kind}")), kind) for kind in KINDS)],
            value="" if rules else self._base.kind,
            description=str(say("intake.kind")),
            layout=_WIDE,
            style=_STYLE,
        )
        for field in (
            *self.records.values(),
            *self.accounts.values(),
            self.platform,
            self.account,
            self.kind,
            *self.doubts.values(),
        ):
            field.observe(lambda _change: changed(), names="value")
        rest = [box for name, box in self.records.items() if name not in FIRST]
        folded = widgets.Accordion(
            children=[widgets.VBox([*rest, *self.accounts.values()])], titles=(str(say("intake.more")),)
        )
        shown = [self.records[name] for name in FIRST]
        self.widget = widgets.VBox([*shown, self.account, self.platform, self.kind, folded, *self.doubts.values()])

    def open_doubts(self) -> tuple[str, ...]:
        """Return what nobody has looked at yet."""
        return tuple(name for name, box in self.doubts.items() if not box.value)

    def lacking(self) -> tuple[str, ...]:
        """Return the labels of what a mapping needs and nobody has chosen yet."""
        needed = (
            ("account_id", "intake.field.account_id", self.account.value.strip()),
            ("created_at", "intake.field.created_at", ""),
            ("platform", "intake.platform", self.platform.value.strip()),
        )
        return tuple(str(self._say(key)) for name, key, typed in needed if not (self.records[name].value or typed))

    def _dropdown(self, name: str, headers: tuple[str, ...]) -> widgets.Dropdown:
        none = str(self._say("intake.no_column"))
        once = [h for h in dict.fromkeys(self._header) if h and self._header.count(h) == 1]
        options = [(none, ()), *((quote(h, 80)[1:-1], (h,)) for h in once)]
        if len(headers) > 1:
            options.append((" / ".join(quote(h, 40)[1:-1] for h in headers), headers))
        there = {value for _, value in options}
        return widgets.Dropdown(
            options=options,
            value=headers if headers in there else (),
            description=str(self._say(f"intake.field.{name}")),
            layout=_WIDE,
            style=_STYLE,
        )

    def mapping(self, tz: str | None, date_order: str | None) -> Mapping:
        """Return what the dropdowns say, with the zone and the order of dates, so that a saved mapping holds them."""
        columns = {name: box.value for name, box in self.records.items() if box.value}
        accounts = {name: box.value for name, box in self.accounts.items() if box.value}
        constants = dict(self._base.constants)
        constants.pop("platform", None)
        constants.pop("account_id", None)
        if "account_id" not in columns and self.account.value.strip():
            constants["account_id"] = self.account.value.strip()
        if "platform" not in columns and self.platform.value.strip():
            constants["platform"] = self.platform.value.strip()
        times = {name: spec for name, spec in self._base.times.items() if name in columns}
        for name in ("created_at", "edited_at", "deleted_seen_at", "collected_at"):
            if name in columns and (tz or date_order):
                spec = times.get(name, TimeSpec())
                times[name] = replace(spec, tz=tz or spec.tz, order=date_order or spec.order)
        kinds = self._base.kinds if self.kind.value == "" else ()
        kind = self._base.kind if self.kind.value == "" else self.kind.value
        lists = {name: mark for name, mark in self._base.lists.items() if name in columns}
        return replace(
            self._base, columns=columns, accounts=accounts, constants=constants, times=times, kind=kind, kinds=kinds,
            lists=lists,
        )  # fmt: skip
