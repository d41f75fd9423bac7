"""The redacted edition: what a notebook left behind, with pseudonyms for accounts and nothing that leads to a post.

It is made of the values of the sections, before anything is drawn, so that page, figures and notebook hold the same.
Each field goes by its privacy class (:mod:`spmc_tools.report.values.privacy`): accounts get the pseudonyms of the case,
bystanders too; texts lose mentions, addresses, e-mail addresses, telephone numbers and every raw name of the case;
times are rounded down to the hour (IST); posts lose their ids, files their names, and display names go. Of the posts to
look at only those texts stay that an account of a finding wrote, as it wrote them, or that a group carries by its
reposts: what others wrote is needed by no finding. Reasons of refused rows lose what they quote of the row: no table of
the case holds it, and no check would know it. Whatever else a cell printed is left out, since nobody can say what it
holds.
:mod:`spmc_tools.report.redaction.leak_check` looks at the result.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import regex

from spmc_tools.report.page.sections import MIME, is_section, typed_payload
from spmc_tools.report.redaction.by_class import needed_in, redacted
from spmc_tools.report.redaction.text_check import Needed
from spmc_tools.report.sections.groups.shown_groups import handles
from spmc_tools.report.values.section_values import to_json
from spmc_tools.text.match_key import URL
from spmc_tools.text.personal import personal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nbformat import NotebookNode

    from spmc_tools.case.store.case import Case
    from spmc_tools.report.redaction.leak_check import RawNames
    from spmc_tools.report.words.wording import Wording

__all__ = ["Redaction"]

_MAIL = regex.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+")
_SITE = regex.compile(
    r"(?<![\w@./-])(?:[\w-]{1,63}\.){1,8}(?:com|org|net|in|info|news|tv|me|co|live|online|app|gov)(?!\w)"
)
_MENTION = regex.compile(r"[@＠][\w.\u200b-\u200f\u2060-\u2069-]*\w")
_PHONE = regex.compile(r"(?<![\w+])[+＋]?\d(?:[\s().-]{0,2}\d){9,14}(?!\w)")
_INJECTED = "injected-parameters"
"""The tag of the cell in which a run writes its parameters."""

_KINDS = {"address": "address", "mail": "mail", "number": "phone"}
"""What stands in place of what :func:`~spmc_tools.text.personal.personal` finds; handles have their pseudonyms."""


class Redaction:
    """What is shown in place of what, the same wherever it stands in one report.

    Parameters
    ----------
    case : Case
        Its key makes the pseudonyms.
    names : RawNames
        What must not leave.
    own_words : set of str
        Raw names that are also words of ours; they stay where nothing marks them as a name.
    words : Wording
        Of the page, for what stands in place of an address.
    needed : Needed, optional
        Gets what the findings need, as the notebook holds it before it is masked.
    """

    def __init__(
        self, case: Case, names: RawNames, own_words: set[str], words: Wording, needed: Needed | None = None
    ) -> None:
        self._needed = Needed() if needed is None else needed
        self._case = case
        self._names = names
        self._own = own_words
        kinds = ("address", "mail", "name", "phone", "post", "place")
        self._say = {kind: words.say(f"masked.{kind}").plain() for kind in kinds}
        self._words = words
        self._account_of: dict[str, str] = {}
        for account, handle in handles(case).items():  # the id alone comes before platform:id
            self._account_of.setdefault(handle.casefold(), account)
        self._pseudonyms: dict[str, str] = {}
        self._labels: dict[str, dict[str, str]] = {"file": {}, "thing": {}, "site": {}}
        self._by_number: dict[int, str] = {}

    # -- names ---------------------------------------------------------------------------------------------------

    def account(self, name: str) -> str:
        """Return the pseudonym of an account, given by its id or its handle."""
        account = self._account_of.get(name.lstrip("@").casefold(), name)
        if account not in self._pseudonyms:
            self._pseudonyms[account] = self._case.pseudonym(account)
        return self._pseudonyms[account]

    def numbered(self, number: int, name: str) -> str:
        """Return the pseudonym of the account with this number in the report, else of the one with this handle."""
        return self._by_number.get(number) or self.account(name)

    def label(self, what: str, key: str) -> str:
        """Return "file 1", "file 2", …: the same for the same thing."""
        known = self._labels[what]
        if key not in known:
            known[key] = self._words.say(f"masked.{what}", k=len(known) + 1).plain()
        return known[key]

    def text(self, text: str) -> str:
        """Return a text without mentions, addresses, e-mail addresses, telephone numbers and raw names."""
        spans: list[tuple[int, int, str]] = []
        for pattern, name in ((URL, "address"), (_MAIL, "mail"), (_SITE, "address"), (_PHONE, "phone")):
            spans += [(found.start(), found.end(), self._say[name]) for found in pattern.finditer(text)]
        spans += [(hit.start, hit.end, self._say[_KINDS[hit.kind]]) for hit in personal(text) if hit.kind in _KINDS]
        for found in _MENTION.finditer(text):
            spans.append((found.start(), found.end(), "@" + self.account(found[0][1:])))
        for hit in self._names.find(text):
            if hit.raw not in self._own:
                spans.append((hit.start, hit.end, self._instead(hit.kind, hit.raw)))
        out, place = [], 0
        for start, end, instead in sorted(spans, key=lambda span: (span[0], -span[1])):
            if start >= place:
                out += [text[place:start], instead]
            place = max(place, end)
        return "".join([*out, text[place:]])

    def _instead(self, kind: str, raw: str) -> str:
        if kind in {"account", "handle"}:
            return self.account(raw)
        return self._say[{"name": "name", "record": "post", "surface": "place"}.get(kind, "address")]

    # -- the notebook --------------------------------------------------------------------------------------------

    def notebook(self, node: NotebookNode) -> NotebookNode:
        """Change an executed notebook into what may leave: sections with masked values, errors by name alone."""
        for output in _outputs(node):
            payload = output.get("data", {}).get(MIME)
            values = _values_of(payload)
            if values is not None:
                self._note(values)
        for cell in node.cells:
            cell.metadata.pop("papermill", None)
            if cell.cell_type == "code":
                cell.outputs = [made for output in cell.outputs if (made := self._output(output)) is not None]
        for name in ("papermill", "widgets"):
            node.metadata.pop(name, None)
        return node

    def parameters(self, node: NotebookNode, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return what was typed for the parameters as it may leave, and write it so into the cell that holds it."""
        masked = {name: self._typed(value) for name, value in values.items()}
        for cell in node.cells:
            if _INJECTED in cell.metadata.get("tags", ()):
                for name, value in values.items():
                    if masked[name] != value:
                        cell.source = cell.source.replace(str(value), masked[name])
        return masked

    def _typed(self, value: Any) -> Any:
        """Return an account by its pseudonym, other words without raw names; what is no text stays."""
        if not isinstance(value, str):
            return value
        if value in self._accounts or value.lstrip("@").casefold() in self._account_of:
            return self.account(value)
        return self.text(value) if any(hit.raw not in self._own for hit in self._names.find(value)) else value

    @cached_property
    def _accounts(self) -> set[str]:
        """Ids of all accounts of the case."""
        return {
            str(account)
            for name in ("records", "accounts")
            for account in self._case.table(name, ["account_id"])["account_id"].unique().to_pylist()
        }

    def _note(self, values: Any) -> None:
        """Note the texts that a section shows of a finding, and which account a number of the report stands for."""
        self._needed.texts.update(needed_in(values))
        if hasattr(values, "accounts_by_number"):
            for number, account in values.accounts_by_number().items():
                self._by_number[number] = self.account(account)
                self._needed.accounts.add(account)

    def _output(self, output: NotebookNode) -> NotebookNode | None:
        if output.output_type == "error":
            output.evalue, output.traceback = "", [output.ename]
            return output
        payload = output.get("data", {}).get(MIME)
        if not is_section(payload):
            return None
        typed = typed_payload(payload)
        values = {} if typed["missing"] else to_json(redacted(typed["values"], self))
        output.data = {MIME: {**typed, "values": values}}
        output.metadata = {}
        return output


def _values_of(payload: Any) -> Any:
    """Return the values of a section as an object of their class; None where there are none, or they do not fit it."""
    if not is_section(payload):
        return None
    typed = typed_payload(payload)
    return None if typed["missing"] else typed["values"]


def _outputs(node: NotebookNode) -> list[NotebookNode]:
    return [output for cell in node.cells if cell.cell_type == "code" for output in cell.outputs]
