"""Notices of WhatsApp: events in every wording, never messages, and who only joined is no account."""

from __future__ import annotations

import pytest

from spmc_tools.importers.formats.chats.group_notices import Attached, attached_of, notice_of, persons_of

DAY = "13/01/2024, "

ABOUT_THE_GROUP = [
    # the line, the event, who, whom, the new name: as WhatsApp shows them on Android and iOS
    ("Messages and calls are end-to-end encrypted. No one outside of this chat, not even WhatsApp, can read or "
     "listen to them. Tap to learn more.", "encryption", None, (), None),
    ("Messages to this group are now secured with end-to-end encryption. Tap for more info.", "encryption", None, (),
     None),
    ("Your security code with Asha changed. Tap to learn more.", "security_code", "Asha", (), None),
    ("Asha's security code changed. Tap for more info.", "security_code", "Asha", (), None),
    ('Asha created group "Booth 7: team"', "created", "Asha", (), "Booth 7: team"),
    ("Group creator created group “Booth 7”", "created", None, (), "Booth 7"),
    ("You created this group", "created", "You", (), None),
    ('Asha changed the subject from "A" to "B: new"', "subject", "Asha", (), "B: new"),
    ("A participant changed the subject to “B”", "subject", None, (), "B"),
    ('Asha changed the group name from "A" to "B"', "subject", "Asha", (), "B"),
    ("Asha changed this group's icon", "icon", "Asha", (), None),
    ("You deleted this group’s icon", "icon", "You", (), None),
    ("Asha changed the group description", "description", "Asha", (), None),
    ("A participant changed the group description. Tap to view.", "description", None, (), None),
    ("+91 98765 43210 joined using this group's invite link", "joined_by_link", None, ("+91 98765 43210",), None),
    ("Asha joined using a group link.", "joined_by_link", None, ("Asha",), None),
    ("Asha joined using your invite", "joined_by_link", None, ("Asha",), None),
    ("You joined using an invite link", "joined_by_link", None, ("You",), None),
    ("Asha joined from the community", "joined", None, ("Asha",), None),
    ("Asha requested to join.", "asked_to_join", None, ("Asha",), None),
    ("Ravi added Asha, Mina and +91 98765 43210", "added", "Ravi", ("Asha", "Mina", "+91 98765 43210"), None),
    ("Ravi added you", "added", "Ravi", ("you",), None),
    ("Ravi added you to a group in the community: Booths", "added", "Ravi", ("you",), None),
    ("Asha was added", "added", None, ("Asha",), None),
    ("Asha left", "left", None, ("Asha",), None),
    ("Ravi removed Asha", "removed", "Ravi", ("Asha",), None),
    ("Asha was removed", "removed", None, ("Asha",), None),
    ("+91 98765 43210 changed to +91 98765 43211", "number_changed", "+91 98765 43210", ("+91 98765 43211",), None),
    ("+91 98765 43210 changed their phone number to a new number. Tap to message or add the new number.",
     "number_changed", "+91 98765 43210", (), None),
    ("You're now an admin", "admin", None, ("You",), None),
    ("Asha is no longer an admin", "admin", None, ("Asha",), None),
    ("Asha changed this group's settings to allow only admins to send messages to this group", "settings", "Asha", (),
     None),
    ("Asha turned on admin approval to join this group. Tap to change.", "settings", "Asha", (), None),
    ("Only admins can message this group.", "settings", None, (), None),
    ("Asha pinned a message", "pinned", "Asha", (), None),
    ("Asha turned on disappearing messages. All new messages will disappear from this chat 24 hours after they’re "
     "sent.", "disappearing", "Asha", (), None),
    ("You updated the message timer. New messages will disappear from this chat 7 days after they're sent, except when "
     "kept.", "disappearing", "You", (), None),
    ("Asha started a video call", "call", "Asha", (), None),
    ("मैसेज और कॉल एंड-टू-एंड एन्क्रिप्टेड हैं। अधिक जानने के लिए टैप करें।", "encryption", None, (), None),
    ("आशा ने ग्रुप “बूथ 7: टीम” बनाया", "created", "आशा", (), "बूथ 7: टीम"),
    ("आशा ने ग्रुप का नाम “क” से बदलकर “ख” कर दिया", "subject", "आशा", (), "ख"),
    ("आशा ने इस ग्रुप का आइकन बदला", "icon", "आशा", (), None),
    ("आशा ने ग्रुप का विवरण बदल दिया", "description", "आशा", (), None),
    ("आशा इस ग्रुप के इनवाइट लिंक के ज़रिए जुड़े", "joined_by_link", None, ("आशा",), None),
    ("+91 98765 43210 इस ग्रुप के आमंत्रण लिंक का इस्तेमाल करके शामिल हुए", "joined_by_link", None,
     ("+91 98765 43210",), None),
    ("रवि ने आशा, मीना और +91 98765 43210 को जोड़ा", "added", "रवि", ("आशा", "मीना", "+91 98765 43210"), None),
    ("रवि ने आपको जोड़ा", "added", "रवि", ("आपको",), None),
    ("आशा को जोड़ा गया", "added", None, ("आशा",), None),
    ("रवि ने आशा को हटाया", "removed", "रवि", ("आशा",), None),
    ("आशा ने ग्रुप छोड़ दिया", "left", None, ("आशा",), None),
    ("आशा ने एक मैसेज पिन किया", "pinned", "आशा", (), None),
    ("आशा ने गायब होने वाले मैसेज चालू किए", "disappearing", "आशा", (), None),
    ("आशा अब एडमिन हैं", "admin", None, ("आशा",), None),
]  # fmt: skip

BEHIND_A_NAME = [
    ("This message was deleted", "deleted_message"), ("This message was deleted by admin Ravi.", "deleted_message"),
    ("You deleted this message", "deleted_message"), ("यह मैसेज डिलीट कर दिया गया है", "deleted_message"),
    ("Missed voice call", "call"), ("Missed group video call, Tap to call back", "call"),
    ("Voice call, 5 min", "call"), ("Video call. No answer", "call"), ("मिस्ड वॉइस कॉल", "call"),
    ("Waiting for this message. This may take a while.", "not_shown"),
    ("Messages and calls are end-to-end encrypted. Only people in this chat can read them.", "encryption"),
]  # fmt: skip

MESSAGES = [
    "I left", "voice call me", "please add Asha", "missed your call", "this message was deleted by whom?", "joined",
    "यह एन्क्रिप्टेड है क्या?", "मेरा नंबर बदल गया", "all members: come at five",
]  # fmt: skip


@pytest.mark.parametrize(("text", "event", "actor", "affected", "value"), ABOUT_THE_GROUP)
def test_an_event_of_the_group(text, event, actor, affected, value, bring):
    found = notice_of(text, behind_a_name=False)
    assert found is not None and tuple(found) == (event, actor, affected, value)
    brought = bring("WhatsApp Chat with G.txt", f"{DAY}10:00 - {text}\n{DAY}10:01 - B: x\n", tz="UTC")
    assert brought.result.group_events == {event: 1}
    assert [row["account_id"] for row in brought.accounts] == [row["account_id"] for row in brought.records] == ["B"]


@pytest.mark.parametrize(("text", "event"), BEHIND_A_NAME)
@pytest.mark.parametrize(
    "form", ["[13/01/2024, 10:00:0{n}] {who}: {mark}{text}\n", "13/01/2024, 10:0{n} - {who}: {text}\n"]
)
def test_a_message_that_is_not_there_is_an_event(text, event, form, bring, case):
    lines = [form.format(n=0, who="A", mark="\u200e", text=text), form.format(n=1, who="B", mark="", text="x")]
    brought = bring("c.txt", "".join(lines), tz="UTC")
    assert brought.result.group_events == {event: 1}
    [row] = case.table("group_events").to_pylist()
    assert row["actor"] == (None if event == "encryption" else "A") and row["text"] == text
    assert [row["account_id"] for row in brought.accounts] == ["B"]


@pytest.mark.parametrize("text", MESSAGES)
@pytest.mark.parametrize("form", ["[13/01/2024, 10:00:00] {who}: {text}\n", "13/01/2024, 10:00 - {who}: {text}\n"])
@pytest.mark.parametrize("who", ["A", "Asha Devi", "आशा देवी"])
def test_what_a_person_writes_stays_a_message(text, form, who, bring):
    brought = bring("c.txt", form.format(who=who, text=text), tz="UTC")
    assert [(row["account_id"], row["text"]) for row in brought.records] == [(who, text)]
    assert brought.result.group_events == {}


IPHONE = (
    "[13/01/2024, 9:00:00 AM] Booth 7: team: \u200eMessages and calls are end-to-end encrypted.\n"
    "[13/01/2024, 9:00:01 AM] Booth 7: team: \u200eAsha was added\n"
    "[13/01/2024, 9:00:02 AM] Asha: \u200eAsha joined using this group's invite link\n"
    "[13/01/2024, 9:00:03 AM] Ravi: IT: \u200eRavi: IT joined using this group's invite link\n"
    "[13/01/2024, 9:00:04 AM] \u202a+91 98765 43210\u202c: \u200e\u202a+91 98765 43210\u202c left\n"
    "[13/01/2024, 9:00:05 AM] Mina: Asha joined using this group's invite link\n"
    "[13/01/2024, 9:00:06 AM] \u202a+91 98765 43211\u202c: hello\n"
    "[13/02/2024, 9:00:07 AM] Someone: \u200eकुछ ऐसा जो यहाँ ज्ञात नहीं\n"
    "[13/02/2024, 9:00:08 AM] Mina: \u200eवही\n"
)


def test_an_iphone_s_notices_stand_behind_names_and_are_no_messages(bring, case):
    """By hand: two persons wrote (Mina twice, one number); the mark decides, not the words."""
    brought = bring("_chat.txt", IPHONE, tz="Asia/Kolkata")
    assert [(r["account_id"], r["source_row"]) for r in brought.records] == [
        ("Mina", 6), ("+91 98765 43211", 7), ("Mina", 9),
    ]  # fmt: skip
    assert [a["account_id"] for a in brought.accounts] == ["Mina", "+91 98765 43211"]
    events = case.table("group_events").to_pylist()
    assert [(e["event"], e["actor"], e["affected"], e["source_row"]) for e in events] == [
        ("encryption", None, None, 1), ("added", None, ["Asha"], 2), ("joined_by_link", None, ["Asha"], 3),
        ("joined_by_link", None, ["Ravi: IT"], 4), ("left", None, ["+91 98765 43210"], 5), ("other", None, None, 8),
    ]  # fmt: skip
    assert brought.result.growth == (("2024-01", 3, 1),)
    assert "3 persons only came or went and are no accounts" in brought.result.note


def test_an_iphone_s_export_without_marks_is_told_by_the_name_that_is_repeated(bring):
    text = (
        "[13/01/2024, 9:00:02 AM] Asha: Asha joined using this group's invite link\n"
        "[13/01/2024, 9:00:05 AM] Mina: Asha joined using this group's invite link\n"
    )
    brought = bring("_chat.txt", text, tz="Asia/Kolkata")
    assert [r["account_id"] for r in brought.records] == ["Mina"]
    assert brought.result.group_events == {"joined_by_link": 1}


def test_a_later_export_knows_the_events_and_the_case_s_search_does_not(bring, case):
    lines = [
        f"{DAY}10:00 - Zubeda joined using this group's invite link\n", f"{DAY}10:00 - Zubeda left\n",
        f"{DAY}10:01 - B: नमस्ते\n",
    ]  # fmt: skip
    first = bring("WhatsApp Chat with G.txt", "".join(lines), tz="UTC")
    assert (first.result.read, first.result.kept, first.result.accounts) == (3, 3, 1)
    later = bring("WhatsApp Chat with G.txt", "".join([*lines, f"{DAY}10:02 - Zubeda left\n"]), tz="UTC")
    assert (later.result.kept, later.result.duplicates, later.result.group_events) == (1, 3, {"left": 1})
    assert case.table("group_events").num_rows == 3
    assert len(case.search("Zubeda")) == 0
    assert {row["account_id"] for row in case.table("accounts").to_pylist()} == {"B"}
    assert case.batches()[0].details["group_events"] == {"joined_by_link": 1, "left": 1}


@pytest.mark.parametrize(
    ("text", "marked", "wanted"),
    [
        ("IMG-20240113-WA0001.jpg (file attached)", False, Attached("IMG-20240113-WA0001.jpg", "")),
        ("IMG-20240113-WA0001.jpg (file attached)\nमतदान", False, Attached("IMG-20240113-WA0001.jpg", "मतदान")),
        ("Final list 2024.pdf (file attached)", False, Attached("Final list 2024.pdf", "")),
        ("IMG-1.jpg (फ़ाइल अटैच की गई)", False, Attached("IMG-1.jpg", "")),
        ("<attached: 00001-PHOTO.jpg>", True, Attached("00001-PHOTO.jpg", "")),
        ("<संलग्न: 00001-PHOTO.jpg>", True, Attached("00001-PHOTO.jpg", "")),
        ("<Media omitted>", False, Attached(None, "")), ("<मीडिया के बिना>", False, Attached(None, "")),
        ("image omitted", True, Attached(None, "")), ("Contact card omitted", True, Attached(None, "")),
        ("list.pdf • 3 pages document omitted", True, Attached(None, "")),
        ("फ़ोटो छोड़ी गई", True, Attached(None, "")),
        ("फ़ोटो छोड़ी गई", False, None), ("see list.pdf (important)", False, None), ("<b>omitted</b>", False, None),
    ],
)  # fmt: skip
def test_pictures_and_films_in_every_wording(text, marked, wanted):
    assert attached_of(text, marked=marked) == wanted


def test_a_text_keeps_what_the_person_wrote_and_media_the_rest(bring):
    text = (
        "[13/01/2024, 9:00:02 AM] A: \u200eimage omitted\n"
        "[13/01/2024, 9:00:03 AM] A: देखो \u200e<attached: 0002-PHOTO.jpg>\n"
        "[13/01/2024, 9:00:04 AM] A: ठीक \u200e<This message was edited>\n"
    )
    found = bring("_chat.txt", text, tz="UTC")
    assert [(r.get("text"), r.get("media")) for r in found.records] == [
        (None, [{"url": None, "sha256": None, "phash": None}]),
        ("देखो", [{"url": "0002-PHOTO.jpg", "sha256": None, "phash": None}]),
        ("ठीक", None),
    ]  # fmt: skip


def test_names_of_a_list():
    assert persons_of("Asha, Ravi and Mina") == ("Asha", "Ravi", "Mina")
    assert persons_of("आशा और रवि को") == ("आशा", "रवि") and persons_of(None) == ()
