"""Drafts that a person completes: notice to a platform, intimation, letter to a unit or district; as DOCX and HTML.

What the record holds is filled in; what only a person can say is left open; nothing is sent. Account and address stand
in a draft only where they were asked for: until a second officer has looked, a draft names the case's pseudonym, holds
no translation of a post, and numbers, handles, addresses and links are masked in what an officer wrote.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from spmc_tools.errors import ParameterError, quote
from spmc_tools.report.scope.exports_folder import exports_folder

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow as pa

    from spmc_tools.case.store.case import Case
    from spmc_tools.desks.referrals.referral import ReferralDesk
    from spmc_tools.report.words.wording import Wording

__all__ = ["KINDS", "account_drafts", "draft_of", "write_drafts"]

KINDS = ("platform_notice", "intimation", "referral_letter")

OPEN: dict[str, tuple[str, ...]] = {
    "platform_notice": ("nature", "sought", "preservation"),
    "intimation": ("authorisation", "nature", "sought", "preservation"),
    "referral_letter": ("nature", "innocent", "sought"),
}
"""What is left for a person in each kind of draft."""

TEXT = 2000
HIDDEN = frozenset({"complainant", "translation"})
"""What of the record stands beside names alone: who complained, and what a post says in another language."""


def draft_of(case: Case, row: dict[str, Any], kind: str, words: Wording, names: bool = False) -> dict[str, Any]:
    """Return one draft as values: ``title``, ``facts`` (label and value), ``posts``, ``open`` (labels), ``notes``.

    Parameters
    ----------
    case : Case
        For the posts, their hashes and attachments.
    row : dict
        Of :func:`spmc_tools.desks.referrals.referral.histories`.
    kind : str
        One of :data:`KINDS`.
    words : Wording
        One language.
    names : bool
        Whether account, handle and addresses stand in it.
    """
    if kind not in KINDS:
        raise ParameterError(f"There is no draft {quote(kind)}; drafts: {', '.join(KINDS)}.")
    return {
        "title": words.say(f"draft.title.{kind}").plain(),
        "stamp": words.say("draft.stamp").plain(),
        "facts": [(words.say(f"draft.fact.{name}").plain(), value) for name, value in _facts(case, row, words, names)],
        "posts_title": words.say("draft.posts").plain(),
        "posts": _posts(case, row, words, names),
        "open": [words.say(f"draft.open.{name}").plain() for name in OPEN[kind]],
        "signature": words.say("draft.signature").plain(),
        "notes": [words.say(f"draft.note.{name}").plain() for name in ("law", "truth", "sent")],
    }


def _facts(case: Case, row: dict[str, Any], words: Wording, names: bool) -> list[tuple[str, str]]:
    from spmc_tools.desks.referrals.law import categories
    from spmc_tools.desks.referrals.law_checks import provisions_of

    law = provisions_of(case).get(row["provision"])
    account = row["account_id"]
    shown = f"{row['handle'] or '–'} ({account or '–'})" if names else case.pseudonym(account) if account else "–"
    category = categories().get(row["category"], {})
    synthetic = words.say("draft.yes" if row["synthetic_media"] else "draft.no").plain()
    unchecked = words.say("draft.unchecked").plain()
    checked = "" if law and law.checked_on else f" ({unchecked})"
    found = [
        ("case", case.id), ("referral", row["referral_id"]), ("purpose", case.settings.purpose),
        ("basis", case.settings.legal_basis), ("platform", _platform(words, row["platform"])), ("account", shown),
        ("category", category.get(words.language, row["category"] or "–")),
        ("provision", f"{law.act} {law.section}, {law.title_in(words.language)}{checked}" if law else "–"),
        ("synthetic", synthetic if row["synthetic_media"] is not None else "–"),
        ("flagged", words.moment(row["flagged_at"].isoformat()).plain()),
        ("flagged_utc", row["flagged_at"].strftime("%Y-%m-%d %H:%M:%S UTC")),
        ("preparer", row["officer"] or "–"),
    ]  # fmt: skip
    found += [("ingredient", f"[   ] {element}") for element in (law.ingredients_in(words.language) if law else ())]
    return found + _record(row, words, names)


def _platform(words: Wording, name: str | None) -> str:
    """Return how a page says a platform; one that is not known as the register writes it."""
    from spmc_tools.report.words.wording import catalogue

    known = {message.id for message in catalogue("en")}
    return words.say(f"platform.{name}").plain() if f"platform.{name}" in known else name or "–"


def _record(row: dict[str, Any], words: Wording, names: bool) -> list[tuple[str, str]]:
    """Return the rest of the record and the answers to the checklist, as far as they were entered."""
    from spmc_tools.desks.referrals.law import CHECKLIST
    from spmc_tools.desks.referrals.referral import RECORD
    from spmc_tools.text.personal import MASK, masked

    record = row["record"]
    hidden = words.say("draft.hidden").plain()

    def written(value: Any) -> str:
        said = str(value).strip()
        for identifier in () if names else (row["account_id"], row["handle"]):
            said = said.replace(str(identifier), MASK) if identifier else said
        return (said if names else masked(said))[:TEXT]

    found = [
        (f"record.{name}", hidden if name in HIDDEN and not names else written(record[name]))
        for name in RECORD
        if record.get(name) not in {None, ""}
    ]
    answers = record.get("checklist")
    if isinstance(answers, dict):
        asked = [(name, written(answers[name])) for name in CHECKLIST if answers.get(name)]
        found += [("answer", f"{words.say(f'check.{name}').plain()} – {said}") for name, said in asked]
    return found


def _posts(case: Case, row: dict[str, Any], words: Wording, names: bool) -> list[list[tuple[str, str]]]:
    """Return of each post of the record its id, times, text and hash, as far as the case holds it."""
    wanted = list(row["record_ids"] if row["record_ids"] is not None else [])
    columns = ["platform", "record_id", "created_at", "url", "text", "source_sha256", "source_row"]
    known, captured = (
        {record["record_id"]: record for record in _named(table, wanted, row["platform"])}
        for table in (case.posts(columns, compared_only=False), case.table("attachments"))
    )
    found, hidden = [], words.say("draft.hidden").plain()
    for record_id in wanted:
        post, file = known.get(record_id), captured.get(record_id)
        facts = [("post", record_id if names else hidden)]
        if post is None:
            facts.append(("not_in_case", "–"))
        else:
            at = post["created_at"]
            facts += [
                ("at", words.moment(at.isoformat()).plain()), ("at_utc", at.strftime("%Y-%m-%d %H:%M:%S UTC")),
                ("url", (post["url"] or "–") if names else hidden),
                ("text", (post["text"] or "–")[:TEXT] if names else hidden),
                ("hash", f"{post['source_sha256']} / {post['source_row']}"),
            ]  # fmt: skip
        if file is not None:
            facts.append(("capture", f"{file['method']}, {file['officer']}, {file['attachment_sha256']}"))
        found.append([(words.say(f"draft.post.{name}").plain(), value) for name, value in facts])
    return found


def _named(table: pa.Table, wanted: list[str], platform: str | None) -> list[dict[str, Any]]:
    """Return the rows of these ids on a platform; None: on any."""
    import pyarrow as pa
    import pyarrow.compute as pc

    rows = table.filter(pc.is_in(table["record_id"], value_set=pa.array(wanted, pa.string()))).to_pylist()
    return [row for row in rows if platform is None or row["platform"] == platform]


def write_drafts(
    case: Case, desk: ReferralDesk | None, referral: str | None = None, names: bool = False, folder: Path | None = None
) -> list[str]:
    """Write the three drafts of some referrals in Hindi and English, each as DOCX and HTML.

    Parameters
    ----------
    case : Case
        Where the register lies.
    desk : ReferralDesk or None
        None: nothing is written.
    referral : str, optional
        The referral; None: the oldest that is verified and not yet sent.
    names : bool
        Whether account, posts and addresses stand in them.
    folder : Path, optional
        None: the exports of the run; where there is no run, nothing is written.

    Returns
    -------
    list of str
        Names of the files: of each referral the three kinds in Hindi, then English, as DOCX and as HTML.

    Raises
    ------
    ParameterError
        Where there is no such referral.
    """
    from spmc_tools.report.words.wording import Wording

    place = exports_folder(folder)
    if desk is None or place is None:
        return []
    rows = desk.referrals[desk.referrals["state"] == "verified"].sort_values(["verified_at", "referral_id"])[:1]
    if referral is not None:
        rows = desk.referrals[desk.referrals["referral_id"] == referral]
        if not len(rows):
            raise ParameterError(f"There is no referral {quote(referral)} in the register of case {case.id}.")
    written = []
    for row in rows.to_dict("records"):
        stem = re.sub(r"[^A-Za-z0-9-]+", "-", str(row["referral_id"]))[:40]
        for kind in KINDS:
            for language in ("hi", "en"):
                name = f"{stem}-{kind}-{language}"
                draft = draft_of(case, {str(k): v for k, v in row.items()}, kind, Wording(language), names)
                _docx(draft, language, place / f"{name}.docx")
                _html(case, draft, language, place / f"{name}.html")
                written += [f"{name}.docx", f"{name}.html"]
    return written


def account_drafts(case: Case, account: str | None, names: bool = False, folder: Path | None = None) -> list[str]:
    """Write the drafts for the newest open referral of an account, as :func:`write_drafts` does.

    Nothing is written where there is no account, or none of its referrals is open.
    """
    from spmc_tools.desks.referrals.referral import referral_desk
    from spmc_tools.desks.referrals.referral_flag import of_account

    desk = None if account is None else referral_desk(case)
    rows = [] if desk is None else [row for row in of_account(desk.referrals, str(account)) if not row["closed_as"]]
    if desk is None or not rows:
        return []
    return write_drafts(case, desk, referral=rows[0]["referral_id"], names=names, folder=folder)


def _html(case: Case, draft: dict[str, Any], language: str, path: Path) -> None:
    from spmc_tools.report.page.render import bare_page

    path.write_text(bare_page("draft.html.j2", {"case": case.id, **draft}, language), encoding="utf-8", newline="\n")
    path.chmod(0o600)


def _docx(draft: dict[str, Any], language: str, path: Path) -> None:
    """Write a draft as DOCX; control characters, which the format cannot hold, are left out."""
    from docx import Document
    from docx.oxml.ns import qn

    document = Document()
    style = document.styles["Normal"]
    style.font.name = "Noto Sans Devanagari" if language == "hi" else "Noto Sans"
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    fonts.set(qn("w:cs"), "Noto Sans Devanagari")
    about = document.core_properties
    about.author = about.comments = ""
    about.title = draft["title"]
    about.created = about.modified = datetime.now(UTC).replace(tzinfo=None)
    document.add_paragraph(draft["stamp"]).runs[0].bold = True
    document.add_heading(_plain(draft["title"]), level=1)
    _table(document, draft["facts"])
    document.add_heading(_plain(draft["posts_title"]), level=2)
    for post in draft["posts"]:
        _table(document, post)
        document.add_paragraph()
    for label in draft["open"]:
        document.add_heading(_plain(label), level=2)
        for _ in range(3):
            document.add_paragraph("_" * 60)
    document.add_paragraph(draft["signature"])
    document.add_paragraph("_" * 60)
    for note in draft["notes"]:
        document.add_paragraph(note).runs[0].italic = True
    document.save(str(path))


def _table(document: Any, rows: list[tuple[str, str]]) -> None:
    from docx.shared import Cm

    table = document.add_table(rows=0, cols=2)
    table.autofit = False
    for label, value in rows:
        cells = table.add_row().cells
        cells[0].width, cells[1].width = Cm(5), Cm(11)
        cells[0].text, cells[1].text = _plain(label), _plain(value)


def _plain(text: str) -> str:
    return re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]", "", text)
