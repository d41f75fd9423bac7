"""What WhatsApp itself writes into a chat, in the wordings of Android and iOS, English and Hindi.

Such a notice tells of an event of the group: who joined, was added, left, changed what. It is no message. On iOS it
stands behind a name, as a message does (``Asha: Asha joined using this group's invite link``); the mark U+200E before
its first letter is what tells it from a message, and where an export lost its marks, the name that the notice repeats.

The wordings were compared with the texts that WhatsApp Web and the iPhone's program show; Hindi ones are known by their
stems, since they changed from version to version. A notice in words not known here is an event of kind ``other``.
"""

from __future__ import annotations

import re
from typing import NamedTuple

__all__ = ["Attached", "Notice", "attached_of", "bare", "notice_of", "persons_of"]

_MARKS = "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2068\u2069\ufeff"
_STRIPPED = str.maketrans("", "", _MARKS)
_NOBODY = frozenset({"group creator", "a participant", "someone", "an admin", "a community admin"})
_SPLIT = re.compile(r",\s+|\s+(?:and|और|व|एवं|&)\s+")
_QUOTED = "[“\"'‘](?P<value>.{0,200})[”\"'’]"
_WHO = r"(?P<who>[^:\n]{1,100}?)"
_WHOM = r"(?P<whom>[^:\n]{1,2000}?)"
_NE = rf"{_WHO}(?: ने|ने)"


class Notice(NamedTuple):
    """One event: what, who did it, whom it concerns, and the new subject where one is quoted."""

    event: str
    actor: str | None = None
    affected: tuple[str, ...] = ()
    value: str | None = None


class Attached(NamedTuple):
    """A picture, film or file of a message: its name (None: left out of the export), and the caption below."""

    name: str | None
    caption: str


def _patterns(*pairs: tuple[str, str]) -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((event, re.compile(pattern)) for event, pattern in pairs)


_ABOUT_THE_GROUP = _patterns(
    # English
    ("encryption", r"Messages(?: and calls)? .*end-to-end encrypt.*"),
    ("encryption", r"Messages you send to this (?:group|chat) are now secured.*"),
    ("security_code", rf"(?:Your security code with )?{_WHO}(?:['’]s security code)? changed\. (?:Tap|Click) .*"),
    ("created", rf"{_WHO} created (?:this )?(?:group|community|announcement group)(?: {_QUOTED})?"),
    ("subject", rf"{_WHO} changed the (?:subject|group name|group subject)"
                rf"(?: from [“\"'‘].{{0,200}}?[”\"'’])? to {_QUOTED}"),
    ("icon", rf"{_WHO} (?:changed|deleted|removed) (?:this|the) (?:group|community)(?:['’]s)? (?:icon|picture|photo)"),
    ("description", rf"{_WHO} (?:changed|deleted|removed) the (?:group|community) description\b.*"),
    ("joined_by_link", rf"{_WHOM} joined (?:using|via|with|through) (?:this |the |a |an |your )?(?:group|community)?"
                       r"(?:['’]s)? ?(?:invite)? ?(?:link|invite)"),
    ("joined", rf"{_WHOM} joined(?: from the community| this group| the group| the community)?"),
    ("asked_to_join", rf"{_WHOM} (?:requested|asked) to join\b.*"),
    ("added", rf"{_WHO} added (?P<whom>you) to a group in the community.*"),
    ("added", rf"{_WHO} added {_WHOM}(?: to (?:this|the) (?:group|community))?"),
    ("added", rf"{_WHOM} (?:was|were) added(?: to (?:this|the) (?:group|community))?"),
    ("left", rf"{_WHOM} (?:has |have )?left(?: (?:this|the) (?:group|community))?"),
    ("removed", rf"{_WHO} removed {_WHOM}(?: from (?:this|the) (?:group|community))?"),
    ("removed", rf"{_WHOM} (?:was|were) removed(?: from (?:this|the) (?:group|community))?"),
    ("number_changed", rf"{_WHO} changed to (?P<whom>[^:\n“\"]{{1,100}})"),
    ("number_changed", rf"{_WHO} changed (?:their|his|her|your) phone number\b.*"),
    ("admin", rf"{_WHOM}(?:['’]re| is| are) (?:now|no longer) (?:an? )?(?:group |community )?admins?"),
    ("admin", rf"{_WHO} (?:made {_WHOM} an? (?:group |community )?admin|dismissed {_WHOM.replace('whom', 'wham')} as "
              r"(?:an? )?admin)"),
    ("settings", rf"{_WHO} changed (?:this|the) (?:group|community)(?:['’]s)? settings?\b.*"),
    ("settings", rf"{_WHO} (?:turned (?:on|off) admin approval|reset (?:this|the) group(?:['’]s)? (?:invite )?link|"
                 r"allowed|restricted)\b.*"),
    ("settings", r"(?:Only admins|All members|New members need|This group(?:['’]s settings have| has over)).*"),
    ("pinned", rf"{_WHO} (?:pinned|unpinned) a message"),
    ("disappearing", rf"{_WHO} (?:turned (?:on|off) disappearing messages|updated the message timer|"
                     r"(?:uses?|set|changed) (?:a|the) default (?:message )?timer)\b.*"),
    ("disappearing", r"(?:The message timer was updated|Disappearing messages (?:were|was|now)).*"),
    ("call", rf"{_WHO} (?:started|ended) a (?:group |voice |video |group voice |group video )?call"),
    # Hindi: by the stems of its verbs
    ("encryption", r"(?:मैसेज|संदेश|इस|आपके|आपकी|आप)[^:\n]*एन्?क्रिप्(?:टेड|ट|शन).*"),
    ("security_code", rf"{_WHO} (?:का|के साथ आपका) (?:सुरक्षा|सिक्योरिटी) कोड बदल.*"),
    ("created", rf"{_NE} (?:यह )?(?:ग्रुप|समूह)(?: {_QUOTED})? ?(?:को )?बनाया(?: है)?"),
    ("created", rf"{_NE} {_QUOTED} (?:ग्रुप|समूह) बनाया(?: है)?"),
    ("subject", rf"{_NE} (?:ग्रुप|समूह)? ?(?:का )?(?:विषय|नाम|सब्जेक्ट) [^:\n]*{_QUOTED}[^“”\"'‘’]*"),
    ("icon", rf"{_NE} (?:इस )?(?:ग्रुप|समूह) (?:का|की) (?:आइकन|आइकॉन|चित्र|फ़ोटो|फोटो) (?:बदल|हटा|डिलीट).*"),
    ("description", rf"{_NE} (?:इस )?(?:ग्रुप|समूह) (?:का|की) (?:विवरण|जानकारी|डिस्क्रिप्शन) (?:बदल|हटा|डिलीट).*"),
    ("joined_by_link", rf"{_WHOM}(?: ने)? (?:इस )?(?:ग्रुप|समूह|कम्युनिटी)?(?: के| की)? ?"
                       r"(?:आमंत्रण|इनवाइट|न्योता|ग्रुप)? ?(?:लिंक|इनवाइट) [^:\n]*(?:जुड़|शामिल|जॉइन|ज्वाइन).*"),
    ("joined", rf"{_WHOM}(?: ने)? (?:कम्युनिटी|समुदाय|ग्रुप|समूह) (?:से|में|को)? ?(?:जुड़|शामिल|जॉइन|ज्वाइन).*"),
    ("added", rf"{_NE} {_WHOM} को (?:(?:ग्रुप|समूह) में )?(?:जोड़|ऐड|शामिल).*"),
    ("added", rf"{_NE} (?P<whom>आपको) (?:(?:ग्रुप|समूह) में )?(?:जोड़|ऐड|शामिल).*"),
    ("added", r"(?P<whom>आपको|[^:\n]{1,2000}? को) (?:(?:ग्रुप|समूह) में )?(?:जोड़ा|ऐड किया|शामिल किया) गया.*"),
    ("removed", rf"{_NE} {_WHOM} को (?:(?:ग्रुप|समूह) से )?(?:हटा|निकाल|रिमूव).*"),
    ("removed", rf"{_NE} (?P<whom>आपको) (?:(?:ग्रुप|समूह) से )?(?:हटा|निकाल|रिमूव).*"),
    ("removed", r"(?P<whom>आपको|[^:\n]{1,2000}? को) (?:(?:ग्रुप|समूह) से )?(?:हटाया|निकाला|रिमूव किया|हटा दिया) गया.*"),
    ("left", rf"{_WHOM}(?: ने)? (?:(?:यह |इस )?(?:ग्रुप|समूह) (?:से )?)?(?:छोड़|बाहर|निकल|चले गए|चली गईं|लेफ़्ट).*"),
    ("number_changed", rf"{_WHO}(?: ने| का)? (?:अपना )?(?:फ़ोन नंबर|फोन नंबर|नंबर) [^:\n]*बदल.*"),
    ("admin", rf"{_WHOM} (?:अब )?(?:ग्रुप )?एडमिन (?:हैं|है|नहीं (?:हैं|है|रहे)|बन).*"),
    ("settings", rf"{_NE} (?:इस )?(?:ग्रुप|समूह) (?:की|का) (?:सेटिंग|लिंक).*"),
    ("pinned", rf"{_NE} (?:एक )?(?:मैसेज|संदेश) (?:को )?(?:पिन|अनपिन).*"),
    ("disappearing", rf"{_NE} [^:\n]*(?:गायब होने वाले|डिसअपीयरिंग|टाइमर).*"),
    ("call", rf"{_NE} [^:\n]*कॉल (?:शुरू|चालू).*"),
)  # fmt: skip
"""Of the group: without a name before it on Android, behind the group's or a person's on iOS."""

_BEHIND_A_NAME = _patterns(
    ("deleted_message", r"This message was deleted(?: by (?:an )?admin.*)?|You deleted this message(?: as admin)?"),
    ("deleted_message", r"(?:यह|आपने यह) (?:मैसेज|संदेश) (?:को )?(?:डिलीट|हटा).{0,40}"),
    ("deleted_message", r"आपने (?:इस )?(?:मैसेज|संदेश) को (?:डिलीट|हटा).{0,40}"),
    ("call", r"(?:Missed|Silenced|Declined) (?:group )?(?:voice|video) call(?:[.,] .{0,60})?"),
    ("call", r"(?:Group )?[Vv](?:oice|ideo) call[.,] .{0,60}"),
    ("call", r"(?:मिस्ड|मिस हुई|छूटी) .{0,20}कॉल.{0,60}"),
    ("not_shown", r"Waiting for this message\b.{0,60}|You received a view once .{0,120}"),
    ("not_shown", r"इस (?:मैसेज|संदेश) (?:का|के लिए) इंतज़ार.{0,80}"),
    ("encryption", r"Messages(?: and calls)? .*end-to-end encrypt.*|Messages you send to this .*end-to-end encrypt.*"),
    ("encryption", r"(?:मैसेज|संदेश|इस|आपके|आपकी|आप)[^:\n]*एंड-टू-एंड एन्?क्रिप्(?:टेड|ट|शन).*"),
)
"""Behind the name of the person it is about: a message that is not there, a call."""

_OMITTED = re.compile(
    r"<Media omitted>|<मीडिया[^<>\n]{1,40}>"
    r"|(?:image|video|video note|audio|voice message|sticker|GIF|document|Contact card|media) omitted"
    r"|<View once (?:voice message|photo|video|message) omitted>"
)
_OMITTED_MARKED = re.compile(
    r"[^\n]{1,200} (?:• [^\n]{1,40} )?document omitted|"
    r"(?:इमेज|चित्र|फ़ोटो|फोटो|वीडियो|वीडियो नोट|ऑडियो|वॉइस मैसेज|स्टिकर|GIF|डॉक्यूमेंट|दस्तावेज़|संपर्क कार्ड|कॉन्टैक्ट कार्ड) [^\n]{2,40}"
)
_NAMED = re.compile(
    r"<(?:attached|संलग्न|अटैच किया गया|अटैचमेंट|अटैच): (?P<ios>[^<>\n]{1,200})>"
    r"|(?P<android>[^\n<>]{1,200}?\.\w{2,5}) \((?:file attached|फ़ाइल[^()\n]{2,30}|फाइल[^()\n]{2,30}|अटैच[^()\n]{0,30})\)"
)


def bare(text: str) -> str:
    """Return a text without marks of direction and blanks around it."""
    return text.translate(_STRIPPED).strip()


def persons_of(names: str | None) -> tuple[str, ...]:
    """Return the single names of a list, as ``Asha, Ravi and Mina``; a name that holds “and” counts as two."""
    if names is None:
        return ()
    plain = names.removesuffix(" को").strip()
    return tuple(name for name in (part.strip() for part in _SPLIT.split(plain)) if name)


def notice_of(text: str, *, behind_a_name: bool) -> Notice | None:
    """Return the event that a notice tells of; None where its words are not known.

    Parameters
    ----------
    text : str
        The whole text, without marks of direction.
    behind_a_name : bool
        Whether it stands behind the name of a person: then only what WhatsApp writes there.
    """
    plain = text.strip()
    shorter = plain.removesuffix(".").removesuffix("।")
    for event, pattern in _BEHIND_A_NAME if behind_a_name else _ABOUT_THE_GROUP:
        if found := pattern.fullmatch(shorter) or pattern.fullmatch(plain):
            groups = found.groupdict()
            who = (groups.get("who") or "").strip()
            actor = who if who and who.casefold() not in _NOBODY else None
            affected = persons_of(groups.get("whom") or groups.get("wham"))
            return Notice(event, actor, affected, groups.get("value") or None)
    return None


def attached_of(text: str, *, marked: bool) -> Attached | None:
    """Return the picture, film or file of a message, by its first line; None where there is none.

    Parameters
    ----------
    text : str
        The text, without marks of direction.
    marked : bool
        Whether WhatsApp marked it as its own: then looser wordings are taken, too.
    """
    first, _, caption = text.partition("\n")
    first = first.strip()
    if found := _NAMED.match(first):
        rest = first[found.end() :].strip()
        return Attached(found["ios"] or found["android"], "\n".join(filter(None, [rest, caption.strip()])))
    if _OMITTED.fullmatch(first) or (marked and _OMITTED_MARKED.fullmatch(first)):
        return Attached(None, caption.strip())
    return None
