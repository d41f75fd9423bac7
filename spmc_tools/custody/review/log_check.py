"""What the entries of a custody log say, held against each other: clock, keys, reviews, decisions, withdrawals.

The chain alone shows that nobody changed one entry. Here the log is read as somebody may have written it anew from its
first entry to its last, every hash made to fit: what officers signed then no longer fits to what stands around it.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from spmc_tools.case.acts.line_up_entries import ANSWERED, LINE_UP
from spmc_tools.case.acts.pattern_decisions import DECIDED, NAME, PatternDecisions
from spmc_tools.case.acts.review_entries import REVIEW, VERDICTS, WITHDRAWN
from spmc_tools.case.files.clock import MOST_APART_S, moved_by
from spmc_tools.case.files.officer_names import name_key, same_person
from spmc_tools.case.log.ledger import canonical_json
from spmc_tools.custody.lineup.line_up_check import LineUpCheck
from spmc_tools.custody.review.tally import shown, span
from spmc_tools.errors import quote
from spmc_tools.signing.automatic_stamps import LOG_STAMPED, read_log_stamp
from spmc_tools.signing.enrolment import ENROLLED, REVOKED, KeyBook, replaced, signature_of, told_key
from spmc_tools.signing.manifest import MANIFEST
from spmc_tools.signing.officer_keys import fingerprint, keys_here
from spmc_tools.signing.report_disposal import KIND as DISPOSED
from spmc_tools.signing.time_stamp import KIND as STAMPED
from spmc_tools.signing.time_stamp import differs_from_asked, unsound

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from spmc_tools.case.log.ledger import Entry
    from spmc_tools.custody.review.tally import Tally

    Manifests = Callable[[str], Mapping[str, Any] | None]

__all__ = ["LogCheck", "payload_problem"]

_STAMPED_AT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{6})?\+00:00")


def payload_problem(texts: Iterable[tuple[int, object]]) -> str | None:
    """Return the first entry, of (number, payload as stored), that two programs could read in two ways; None: none."""
    for seq, text in texts:
        try:
            value = json.loads(text) if isinstance(text, str) else None
            sound = isinstance(value, dict) and canonical_json(value) == text
        except (ValueError, TypeError, RecursionError):
            sound = False
        if not sound:
            return f"entry {seq} is not written in the one form that entries have: it was made by another program"
    return None


class LogCheck:
    """The check of one log.

    Parameters
    ----------
    tally : Tally
        What is found goes there.
    where : str
        Name of the log in messages.
    manifests : callable
        Gives the manifest of a run that lies here; None where it does not.
    """

    def __init__(self, tally: Tally, where: str, manifests: Manifests) -> None:
        self.tally, self.where, self._manifests = tally, where, manifests
        self.keys = KeyBook()
        self._heads: list[str] = []
        self._dates: list[str] = []
        self._stamps: list[tuple[int, str]] = []
        self._results: dict[tuple[str, str], tuple[int, object]] = {}
        self._reports: dict[str, Entry] = {}
        self._gone: dict[str, int] = {}
        self._signatures: dict[str, int] = {}
        self._read: dict[str, Mapping[str, Any] | None] = {}
        self._adopted: set[str] = set()
        self._names: dict[str, str] = {}
        self._decisions = PatternDecisions()
        self._line_ups = LineUpCheck(self._differs)

    def run(self, entries: Sequence[Entry]) -> None:
        """Go through the entries, oldest first."""
        _check_clock(self.tally, self.where, entries)
        checks = {
            ENROLLED: self._enrolled, REVOKED: self._revoked, "report": self._report, REVIEW: self._review,
            WITHDRAWN: self._withdrawn, STAMPED: self._stamped, DECIDED: self._decided,
            LINE_UP: self._line_up, ANSWERED: self._answer, LOG_STAMPED: self._log_stamped,
            "investigate": self._looked, DISPOSED: self._disposed,
        }  # fmt: skip
        for entry in entries:
            check = checks.get(entry["kind"])
            if check is not None:
                check(entry)
            self._heads.append(entry["hash"])
            self._dates.append(entry["at"])
            if check in {self._enrolled, self._revoked, self._report, self._review, self._answer, self._decided}:
                self.keys.add(entry)
        if self._stamps:
            length, at = self._stamps[-1]
            first = "" if len(self._stamps) == 1 else f"; the first one is of entry {self._stamps[0][0]}"
            self.tally.note(f"{len(self._stamps)} time stamps of the log; entry {length} was there at {at}{first}")
        if not self._stamps and not any(entry["kind"] == STAMPED for entry in entries):
            self.tally.lack("time_stamp")
        if not self.keys.owner:
            self.tally.lack("signature")
        for whose, public in self.keys.current.items():
            self._on_this_machine(self._names.get(public, whose), public)

    def _differs(self, entry: Entry, how: str) -> None:
        self.tally.differs(self.where, f"entry {entry['seq']} ({entry['kind']}) {how}")

    # -- keys --------------------------------------------------------------------------------------------------

    def signer(self, label: str, officer: str, public: str, *, bound: bool, seq: int) -> str | None:
        """Say what is wrong with a key that signed something as the log stood then; None: nothing.

        ``bound``: what was signed is of a form that only keys in the log sign.
        """
        book, whose = self.keys, name_key(officer)
        mark = fingerprint(public)
        if book.until.get(public, seq + 1) <= seq:
            return f"{label} is signed with the key {mark}, which entry {book.until[public]} revoked or replaced"
        if book.owner.get(public, whose) != whose:
            return f"{label} is signed in the name of {quote(officer)} with the key {mark}, which is another officer's"
        known = book.current.get(whose)
        if known is None and bound:
            return (
                f"{label} is signed with the key {mark}, which no entry before it enters as that of {quote(officer)}: "
                "the key came in afterwards"
            )
        if known not in (None, public):
            return (
                f"{label} is signed with the key {mark}, and {quote(officer)} signs here with "
                f"{fingerprint(str(known))} (entry {book.since[str(known)]}): nothing in between replaces it"
            )
        if known is None:
            self.tally.note(
                f"no entry of the log enters the key {mark} of {quote(officer)} before it signs: the report or review "
                "was made by an older version of the program, or the entry was taken out"
            )
            book.enter(public, whose, seq)
            self._adopted.add(public)
        self._names.setdefault(public, officer)
        return None

    def entered(self, officer: str) -> str | None:
        """Return the key that an entry of the log enters for an officer and that holds; None where there is none."""
        public = self.keys.current.get(name_key(officer))
        return None if public in self._adopted else public

    def _on_this_machine(self, officer: str, public: str) -> None:
        """Compare the key with which an officer signs now with the one that this machine has."""
        here = keys_here(officer)
        if not here:
            self.tally.lack("keys")
        if here and public not in here:
            self.tally.doubt(
                self.where,
                f"{quote(officer)} signs here with the key {fingerprint(public)}, and has {fingerprint(here[0])} on "
                "this machine: ask the officer which of the two was made by somebody else",
            )

    def _told(self, entry: Entry, key: object) -> tuple[str, str] | None:
        told = told_key(key)
        if told is None:
            self._differs(entry, "names no key as the program writes one: officer, key and fingerprint do not fit")
        return told

    def _place(self, entry: Entry) -> bool:
        """Whether what was signed tells of the log as it stands here."""
        place = entry["payload"].get("ledger")
        if place is None:
            return False
        length, head = (place.get("length"), place.get("head")) if isinstance(place, dict) else (None, None)
        sound = isinstance(length, int) and not isinstance(length, bool) and 1 <= length <= len(self._heads)
        if not sound or self._heads[int(str(length)) - 1] != head:
            self._differs(
                entry, f"was signed on another log: entries up to {shown(str(length)[:20])} were written anew since"
            )
        return True

    def _once(self, entry: Entry) -> None:
        signature = str(entry["payload"].get("signature"))
        first = self._signatures.setdefault(signature, entry["seq"])
        if first != entry["seq"]:
            self._differs(entry, f"carries the signature of entry {first}: it was put in once more")

    def _enrolled(self, entry: Entry) -> None:
        payload = entry["payload"]
        told = self._told(entry, payload)
        if told is None:
            return
        officer, public = told
        self._adopted.discard(public)
        if not signature_of(payload, public):
            self._differs(entry, "carries a signature that does not fit")
        self._once(entry)
        self._place(entry)
        if entry["officer"] != officer:
            self._differs(entry, "is not by the officer whose key it enters")
        before = self.keys.current.get(name_key(officer))
        if self.keys.owner.get(public, name_key(officer)) != name_key(officer):
            self._differs(entry, f"enters the key {fingerprint(public)}, which is another officer's")
        elif public in self.keys.until:
            self._differs(entry, f"enters the key {fingerprint(public)} again, which was revoked or replaced")
        elif before not in (None, public) and not replaced(payload.get("statements"), str(before), public):
            self._differs(
                entry, f"enters a new key of {quote(officer)}, and the one before it did not sign that it is replaced"
            )
        self._names.setdefault(public, officer)

    def _revoked(self, entry: Entry) -> None:
        payload = entry["payload"]
        told, public = self._told(entry, payload.get("by")), payload.get("public_key")
        if told is None:
            return
        if not signature_of(payload, told[1]):
            self._differs(entry, "carries a signature that does not fit")
        self._once(entry)
        self._place(entry)
        if not isinstance(public, str) or public not in self.keys.owner:
            self._differs(entry, "revokes a key that the log does not know")
        elif not self.keys.can_end(told[1], public):
            self._differs(entry, "revokes a key with one that it never signed over: anybody could have put that in")
        else:
            self.tally.note(
                f"the key {fingerprint(public)} was revoked on {entry['at'][:10]}; what it signed before stays"
            )

    # -- reports -----------------------------------------------------------------------------------------------

    def manifest(self, run_id: str) -> Mapping[str, Any] | None:
        """Return the manifest of a run that lies here."""
        if run_id not in self._read:
            self._read[run_id] = self._manifests(run_id)
        return self._read[run_id]

    def _report(self, entry: Entry) -> None:
        payload = entry["payload"]
        run_id = str(payload.get("run_id"))
        before = self._reports.get(run_id)
        if before is not None:
            self._differs(entry, f"tells of run {quote(run_id, 120)} once more, after entry {before['seq']}")
        self._reports[run_id] = entry
        public = payload.get("signed_by")
        manifest = self.manifest(run_id)
        if public is None:
            if self.entered(entry["officer"]) is not None:
                self.tally.note(
                    f"run {shown(run_id)} is not signed, though {quote(entry['officer'])} has a key in this case: the "
                    "key stayed locked, or the signature was taken away"
                )
            return
        told = told_key(None if manifest is None else manifest.get("signer"))
        if told is None or told[1] != public:  # the check of the run says so where its manifest lies here
            return
        problem = self.signer(
            f"the report of entry {entry['seq']}", told[0], told[1],
            bound=bool(manifest and manifest.get("keys_entered")), seq=entry["seq"],
        )  # fmt: skip
        if problem is not None:
            self.tally.differs(self.where, problem)

    def _of_report(self, entry: Entry) -> Entry | None:
        """Return the report that an entry is about, where it is about the one that stands in the log."""
        run_id = str(entry["payload"].get("run_id"))
        report = self._reports.get(run_id)
        if report is None:
            self._differs(entry, f"is about run {quote(run_id, 120)}, of which no entry before it tells")
        elif report["payload"].get("manifest_sha256") != entry["payload"].get("manifest_sha256"):
            self._differs(
                entry, f"names another {MANIFEST} than run {quote(run_id, 120)} has: it is about another report"
            )
        return report

    def _withdrawn(self, entry: Entry) -> None:
        self._of_report(entry)
        self._gone.setdefault(str(entry["payload"].get("run_id")), entry["seq"])

    def _disposed(self, entry: Entry) -> None:
        report, digest = self._reports.get(str(entry["payload"].get("run_id"))), entry["payload"].get("manifest_sha256")
        if report is not None and digest is not None and report["payload"].get("manifest_sha256") != digest:
            self._differs(entry, f"takes away a run with another {MANIFEST} than the report has")

    def _looked(self, entry: Entry) -> None:
        """Compare the tables of a look with those that an entry before it tells of the same look."""
        place, results = entry["payload"].get("derived"), entry["payload"].get("results")
        if not isinstance(place, str) or not isinstance(results, dict):
            return
        for name, digest in results.items():
            seq, first = self._results.setdefault((place, name), (entry["seq"], digest))
            if first != digest and name.endswith(".parquet"):
                self.tally.doubt(
                    self.where,
                    f"entry {entry['seq']} (investigate) tells of another {shown(name)} than entry {seq} did of the "
                    "same look: another version of a library, or somebody changed the table",
                )

    def _stamped(self, entry: Entry) -> None:
        report = self._of_report(entry)
        self._beside_clock(entry, None if report is None else report["at"])

    def _log_stamped(self, entry: Entry) -> None:
        """Check the answer of an authority about an entry of this log."""
        payload = entry["payload"]
        length = payload.get("length")
        if type(length) is not int or not 1 <= length < entry["seq"] or self._heads[length - 1] != payload.get("head"):
            self._differs(entry, "is a time stamp of another log: entries before it were written anew since")
            return
        self.tally.checked += 1
        stamp = read_log_stamp(payload, self.tally.roots)
        wrong = unsound(stamp, f"entry {length}")
        if stamp is None or wrong is not None:
            self._differs(entry, f"holds {wrong}")
            return
        if stamp.at != payload.get("stamped_at"):
            self._differs(entry, "tells of another time than its time stamp")
            return
        if (what := differs_from_asked(stamp, payload)) is not None:
            self._differs(entry, f"holds the answer to {what} than it tells of")
        if stamp.trusted is None:
            self.tally.lacking["authority"] = 1
            self.tally.skip("who signed the time stamps of the log: give the authority's certificate with --authority")
        self._stamps.append((length, stamp.at))
        self._beside_clock(entry, self._dates[length - 1])

    def _beside_clock(self, entry: Entry, stamped: str | None) -> None:
        """Compare the time of an authority with those of the entry that tells of it, and of what was stamped."""
        told = entry["payload"].get("stamped_at")
        if not isinstance(told, str) or not _STAMPED_AT.fullmatch(told):
            self._differs(entry, "tells of no time")
            return
        try:
            at = datetime.fromisoformat(told)
            apart = (datetime.fromisoformat(entry["at"]) - at).total_seconds()
            before = 0.0 if stamped is None else (datetime.fromisoformat(stamped) - at).total_seconds()
        except (ValueError, TypeError):  # of another date than a log has, which is told
            return
        name = f"entry {entry['seq']} ({shown(entry['kind'])})"
        if before > MOST_APART_S:
            self.tally.doubt(self.where, f"{name} tells of a time {span(before)} before what was stamped is dated")
        elif abs(apart) > MOST_APART_S:
            self.tally.doubt(self.where, f"{name} is dated {span(abs(apart))} from the authority's time that it tells")

    def _line_up(self, entry: Entry) -> None:
        report = self._of_report(entry)
        if report is not None and same_person(entry["officer"], report["officer"]):
            self._differs(entry, f"shows the line-up to {quote(entry['officer'])}, who prepared the report")
        self._line_ups.shown(entry)

    def _answer(self, entry: Entry) -> None:
        report = self._of_report(entry)
        self._line_ups.answered(entry)
        self._signed_by_officer(entry, entry["officer"], report)

    def _review(self, entry: Entry) -> None:
        self._line_ups.reviewed(entry, self.manifest(str(entry["payload"].get("run_id"))))
        payload = entry["payload"]
        run_id, reviewer = str(payload.get("run_id")), payload.get("reviewer")
        report = self._of_report(entry)
        if run_id in self._gone:
            self._differs(entry, f"reviews a run that entry {self._gone[run_id]} withdrew")
        said = isinstance(payload.get("counter_case"), str) and payload["counter_case"].strip()
        if payload.get("verdict") not in VERDICTS or not said:
            self._differs(entry, "has no verdict that the program knows, or no counter-case")
        if not isinstance(reviewer, str) or not name_key(reviewer) or entry["officer"] != reviewer:
            self._differs(entry, "does not name as reviewer the officer who wrote it")
            return
        if report is not None:
            self._of_results(entry, run_id)
            if same_person(reviewer, report["officer"]):
                self._differs(entry, f"is by {quote(reviewer)}, who prepared the report")
        self._signed_by_officer(entry, reviewer, report)

    def _signed_by_officer(self, entry: Entry, reviewer: str, report: Entry | None) -> None:
        """Hold the signature of a review, or of the answer before it, against who wrote it."""
        payload = entry["payload"]
        key, signature = payload.get("key"), payload.get("signature")
        if key is None and signature is None:
            self._unsigned(entry, reviewer, report)
            return
        told = self._told(entry, key)
        if told is None:
            return
        if report is not None and report["payload"].get("signed_by") == told[1]:
            self._differs(entry, "is signed with the key that signed the report: there was no second officer")
        self._signed(entry, told, reviewer)

    def _decided(self, entry: Entry) -> None:
        """Check a decision about a group that an ordinary pattern explains: of two who name, the second is another."""
        payload, by = entry["payload"], entry["payload"].get("by")
        self._decisions.add(entry)
        fault = self._decisions.faults.get(entry["seq"])
        if fault is not None:
            self._differs(entry, fault)
        if (newer := self._decisions.overtaken.get(entry["seq"])) is not None:
            self.tally.note(
                f"entry {entry['seq']} ({DECIDED}) does not count: its officer had not seen entry {newer} of its group"
            )
        if not isinstance(by, str) or entry["officer"] != by:
            self._differs(entry, "is not by the officer whom it names")
            return
        key, signature = payload.get("key"), payload.get("signature")
        if key is None and signature is None:
            if self._taken_away(entry, by):
                return
            if payload.get("decision") == NAME and self.keys.current:
                self._differs(entry, "names a group and is not signed, though officers sign in this case by key")
            elif payload.get("decision") == NAME:
                self.tally.note(
                    f"entry {entry['seq']} ({DECIDED}) is not signed: that {quote(by)} decided rests on the name alone"
                )
            return
        told = self._told(entry, key)
        if told is not None:
            self._signed(entry, told, by)

    def _signed(self, entry: Entry, told: tuple[str, str], by: str) -> None:
        """Check the signature of a review or a decision: sound, with the key of its officer, made on this log."""
        if not signature_of(entry["payload"], told[1]):
            self._differs(entry, "carries a signature that does not fit")
        if name_key(told[0]) != name_key(by):
            who = "its reviewer" if entry["kind"] == REVIEW else "its officer"
            self._differs(entry, f"is signed with the key of {quote(told[0])}, not with that of {who}")
        self._once(entry)
        bound = self._place(entry)
        label = f"entry {entry['seq']} ({entry['kind']})"
        problem = self.signer(label, told[0], told[1], bound=bound, seq=entry["seq"])
        if problem is not None:
            self.tally.differs(self.where, problem)

    def _of_results(self, entry: Entry, run_id: str) -> None:
        manifest = self.manifest(run_id)
        if manifest is None:
            return
        results = {str(file["path"]): str(file["sha256"]) for file in manifest.get("results", [])}
        if entry["payload"].get("results") != results:
            self._differs(entry, f"names other results than the {MANIFEST} of the report does")

    def _taken_away(self, entry: Entry, by: str) -> bool:
        """Say whether an entry without a signature is by an officer who signs with a key here; it differs then."""
        known = self.entered(by)
        if known is not None:
            self._differs(
                entry, f"is not signed, and {quote(by)} signs here with the key {fingerprint(known)} (entry "
                f"{self.keys.since[known]}): the signature was taken away, or somebody else wrote it"
            )  # fmt: skip
        return known is not None

    def _unsigned(self, entry: Entry, reviewer: str, report: Entry | None) -> None:
        if self._taken_away(entry, reviewer):
            return
        if report is not None and report["payload"].get("signed_by") is not None:
            self.tally.note(
                f"entry {entry['seq']} ({entry['kind']}) of a signed report is not signed: that {quote(reviewer)} is a "
                "second person rests on the name alone"
            )


def _check_clock(tally: Tally, where: str, entries: Sequence[Entry]) -> None:
    before: tuple[Entry, datetime] | None = None
    for entry in entries:
        name = f"entry {entry['seq']} ({shown(entry['kind'])})"
        try:
            at = datetime.fromisoformat(entry["at"])
            at = at if at.tzinfo else at.replace(tzinfo=UTC)
        except ValueError:
            tally.doubt(where, f"{name} is dated {quote(entry['at'], 60)}, which is no time")
            continue
        if before is not None:
            gap = (at - before[1]).total_seconds()
            if gap < 0:
                tally.doubt(where, f"{name} is dated {span(-gap)} before the entry before it")
            elif (apart := moved_by(before[0]["payload"].get("clock"), entry["payload"].get("clock"), gap)) is not None:
                how = "forward" if apart > 0 else "back"
                tally.doubt(
                    where, f"between {name} and the one before it the clock was set {how} by {span(abs(apart))}"
                )
        before = (entry, at)
    if before is not None and before[1] > datetime.now(UTC) + timedelta(days=1):
        tally.doubt(
            where, f"the last entry is dated {before[0]['at'][:10]}, which the clock of this machine has not reached"
        )
