"""The redacted edition: what a notebook left behind, with pseudonyms for accounts and nothing that leads to a post.

It is made of the values of the sections, before anything is drawn, so that page, figures and notebook hold the same.
Accounts get the pseudonyms of the case, bystanders too. Texts lose mentions, addresses, e-mail addresses, telephone
numbers and every raw name of the case; times are rounded down to the hour
(IST); posts lose their ids, files their names. Of the posts to look at only those texts stay that an account of a
finding wrote, as it wrote them, or that a group carries by its reposts: what others wrote is needed by no finding.
Reasons of refused rows lose what they quote of the row: no table of the case holds it, and no check would know it.
Whatever else a cell printed is left out, since nobody can say what it holds.
:mod:`spmc_tools.report.redaction.leak_check` looks at the result.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Any

import regex

from spmc_tools.desks.base.calendar import IST
from spmc_tools.report.page.sections import MIME, SECTIONS
from spmc_tools.report.redaction.by_class import needed_in, redacted
from spmc_tools.report.redaction.text_check import Needed
from spmc_tools.report.sections.groups.shown_groups import handles
from spmc_tools.report.values.section_values import from_json, to_json
from spmc_tools.report.words.refusals import unquoted
from spmc_tools.report.words.text_differences import marked_copies
from spmc_tools.text.match_key import URL
from spmc_tools.text.personal import personal

if TYPE_CHECKING:
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
_KINDS = {"address": "address", "mail": "mail", "number": "phone"}
"""What stands in place of what :func:`~spmc_tools.text.personal.personal` finds; handles have their pseudonyms."""
_TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}.*")
_CODES = frozenset(
    {
        "accounts_seen", "at_report", "basis", "code", "columns", "format", "grounds", "head", "inputs", "kind",
        "lang", "language", "ledger_head", "derived", "main_trace", "platform", "platforms", "python", "run", "sha256",
        "side", "state", "step", "tiers", "trace", "traces", "version", "what", "why",
    }
)  # fmt: skip
"""Keys whose values are words of this program, or hashes; the leak check looks at them as well."""
_THING = re.compile(r"[0-9a-f]{12}")
"""A name of :func:`~spmc_tools.desks.watch.watch_terms.thing_id`: ten digits in a row in it are no telephone number."""
_HOURS = frozenset(
    {"at", "bin_start", "finding_times", "first", "first_seen", "last", "last_seen", "now", "start"}
)  # fmt: skip
_HOUR_S = 3600


class Redaction:
    """What is shown in place of what, the same wherever it stands in one report.

    Parameters
    ----------
    case : Case
        Its key makes the pseudonyms.
    names : RawNames
        What must not leave.
    own : set of str
        Raw names that are also words of ours; they stay where nothing marks them as a name.
    words : Wording
        Of the page, for what stands in place of an address.
    needed : Needed, optional
        Gets what the findings need, as the notebook holds it before it is masked.
    """

    def __init__(
        self, case: Case, names: RawNames, own: set[str], words: Wording, needed: Needed | None = None
    ) -> None:
        self._needed = Needed() if needed is None else needed
        self._case = case
        self._names = names
        self._own = own
        self._say = {
            name: words.say(f"masked.{name}").plain(" / ") for name in ("address", "mail", "phone", "post", "place")
        }
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
            known[key] = self._words.say(f"masked.{what}", k=len(known) + 1).plain(" / ")
        return known[key]

    def text(self, text: str) -> str:
        """Return a text without mentions, addresses, e-mail addresses, telephone numbers and raw names."""
        spans: list[tuple[int, int, str]] = []
        for pattern, name in ((URL, "address"), (_MAIL, "mail"), (_SITE, "address"), (_PHONE, "phone")):
            spans += [(found.start(), found.end(), self._say[name]) for found in pattern.finditer(text)]
        spans += [(one.start, one.end, self._say[_KINDS[one.kind]]) for one in personal(text) if one.kind in _KINDS]
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
        return self._say[{"record": "post", "surface": "place"}.get(kind, "address")]

    # -- values --------------------------------------------------------------------------------------------------

    def values(self, values: dict[str, Any]) -> dict[str, Any]:
        """Return the values of a section as they may leave."""
        made: dict[str, Any] = self._walk(values, "")
        return made

    def _walk(self, value: Any, key: str) -> Any:
        if isinstance(value, dict):
            return self._table(value)
        if isinstance(value, list):
            return [self.account(one) if key == "unmatched" else self._walk(one, key) for one in value]
        if not isinstance(value, str) or key in _CODES or (key == "thing" and _THING.fullmatch(value)):
            return value
        if key in _HOURS and _TIME.fullmatch(value):
            return datetime.fromisoformat(value).astimezone(IST).replace(minute=0, second=0, microsecond=0).isoformat()
        return value if _TIME.fullmatch(value) else self.text(value)

    def _table(self, row: dict[str, Any]) -> dict[str, Any]:
        row = self._stripped(row)
        made = {}
        for key, value in row.items():
            if key == "before" or (key == "parts" and row.get("masked")):
                made[key] = value  # run and time of an earlier report; a text that is masked already
            elif key == "bin_start" and (row.get("bin_s") or 0) >= _HOUR_S:
                made[key] = value  # a block of the calendar, which begins at half past in IST; no time of a post
            elif key in {"record", "record_id"}:
                made[key] = None
            elif key == "site" and isinstance(value, str):
                made[key] = self.label("site", value)
            elif key == "object_id" and value is not None:
                made[key] = self.label("thing", str(value))
            elif key == "file" and isinstance(value, str):
                made[key] = self.label("file", str(row.get("sha256")))
            elif key == "name" and isinstance(value, str):
                made[key] = self._name(value, row)
            elif key == "id" and isinstance(value, str):
                made[key] = self.account(value)
            elif key != "masked":
                made[key] = self._walk(value, key)
        if isinstance(row.get("id"), str) and "name" in row:
            made["name"] = None  # the pseudonym stands under id
        return made

    def _stripped(self, row: dict[str, Any]) -> dict[str, Any]:
        """Return a row with masked posts, the text that a finding needs, and no word of a refused row."""
        if "posts" in row and isinstance(row["posts"], list):
            row = {**row, "posts": self._posts(row["posts"])}
        if "named_text" in row:
            row = _of_findings(row)
        if "reason" in row and "others" in row and isinstance(row.get("values"), dict):
            reason = None if row.get("kind") else unquoted(row["reason"])  # a kind with its values says all of it
            row = {**row, "reason": reason, "values": unquoted(row["values"])}
        return row

    def _name(self, value: str, row: dict[str, Any]) -> str:
        if isinstance(row.get("n"), int):  # an account, with its number; posts have the hash of their file beside it
            return self._by_number.get(row["n"]) or self.account(value)
        if "sha256" in row:
            return self.label("file", str(row["sha256"]))
        return self.text(value)

    def _posts(self, posts: list[Any]) -> list[Any]:
        """Return posts with their texts masked and compared anew."""
        texts = [
            self.text("".join(str(part[0]) for part in one["parts"])) if one.get("parts") is not None else None
            for one in posts
        ]
        copies = marked_copies(texts)
        return [{**one, "parts": copies[place], "masked": True} for place, one in enumerate(posts)]

    # -- the notebook --------------------------------------------------------------------------------------------

    def notebook(self, node: NotebookNode) -> NotebookNode:
        """Change an executed notebook into what may leave: sections with masked values, errors by name alone."""
        for output in _outputs(node):
            payload = output.get("data", {}).get(MIME)
            typed = _typed(payload)
            if typed is not None:
                self._typed_needs(typed)
                continue
            self._numbers(payload)
            self._note(payload.get("values") if isinstance(payload, dict) else None)
        for cell in node.cells:
            cell.metadata.pop("papermill", None)
            if cell.cell_type == "code":
                cell.outputs = [made for output in cell.outputs if (made := self._output(output)) is not None]
        node.metadata.pop("papermill", None)
        return node

    def _numbers(self, payload: Any) -> None:
        """Note which account a number of the report stands for."""
        if isinstance(payload, dict) and payload.get("name") == "accounts":
            for row in payload.get("values", {}).get("rows", []):
                self._by_number[row["n"]] = self.account(row["id"])
                self._needed.accounts.add(row["id"])

    def _typed_needs(self, values: Any) -> None:
        """Note the texts that a section shows of a finding, and which account a number of the report stands for."""
        self._needed.texts.update(needed_in(values))
        if hasattr(values, "accounts_by_number"):
            for number, account in values.accounts_by_number().items():
                self._by_number[number] = self.account(account)
                self._needed.accounts.add(account)

    def _note(self, value: Any) -> None:
        """Note the texts that a finding shows: posts beside each other, and what its accounts wrote of a text."""
        if isinstance(value, list):
            for one in value:
                self._note(one)
        elif isinstance(value, dict):
            if value.get("named_text"):
                self._needed.texts.add(value["named_text"])
            for post in value["posts"] if isinstance(value.get("posts"), list) else ():
                written = "".join(str(part[0]) for part in post.get("parts") or ()) or post.get("text")
                self._needed.texts |= {written} if written else set()
            for one in value.values():
                self._note(one)

    def _output(self, output: NotebookNode) -> NotebookNode | None:
        if output.output_type == "error":
            output.evalue, output.traceback = "", [output.ename]
            return output
        payload = output.get("data", {}).get(MIME)
        if not isinstance(payload, dict) or not isinstance(payload.get("values"), dict):
            return None
        typed = _typed(payload)
        values = self.values(payload["values"]) if typed is None else to_json(redacted(typed, self))
        output.data = {MIME: {**payload, "values": values}}
        output.metadata = {}
        return output


def _typed(payload: Any) -> Any:
    """Return the values of a payload as an object of their class; None where the section is not typed, or missing."""
    if not isinstance(payload, dict) or payload.get("name") not in SECTIONS or payload.get("missing"):
        return None
    shape = SECTIONS[payload["name"]].shape
    return None if shape is None else from_json(shape, payload["values"])


def _of_findings(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row of the watch with the text that a finding needs; ``withheld`` where none needs it."""
    told = {key: value for key, value in row.items() if key != "named_text"}
    key = "label" if "label" in row else "text"
    if row[key] is not None and row.get("kind") != "tag":
        told |= {key: row["named_text"], "withheld": row["named_text"] is None}
    return told


def _outputs(node: NotebookNode) -> list[NotebookNode]:
    return [output for cell in node.cells if cell.cell_type == "code" for output in cell.outputs]
