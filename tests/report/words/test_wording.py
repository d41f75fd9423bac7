"""The catalogues: complete in both languages, nothing unused, every term rendered, numbers in the reader's form."""

from __future__ import annotations

import re
import string

import pytest
from babel.messages.pofile import read_po

from spmc_tools.app.beyond.schedule_acts import AROUND, OFTEN
from spmc_tools.app.job_process import COLLECT, INVESTIGATE, REPORT, SCHEDULE
from spmc_tools.app.new_case import FIELDS
from spmc_tools.app.pages.act_rooms import ACTS, ROOMS
from spmc_tools.app.pages.secure_handler import PAGES
from spmc_tools.app.work_queue import DONE, FAILED, QUEUED, RUNNING, STOPPED
from spmc_tools.case.acts.line_up_entries import REASONS, WHY_NONE
from spmc_tools.case.acts.marks import MARKS
from spmc_tools.case.acts.pattern_decisions import DECISIONS as DECISIONS_OF_PATTERNS
from spmc_tools.case.acts.provenance import OBTAINED
from spmc_tools.case.log.settings import CONTEXT_KINDS
from spmc_tools.coaction.traces.trace_catalogue import TRACES
from spmc_tools.collect.routes import COLLECTED
from spmc_tools.custody.evidence_pack.evidence_pack import README
from spmc_tools.desks.complaints.response import BY
from spmc_tools.desks.reach.awareness import BY as ASPECTS
from spmc_tools.desks.reach.standing import ADDED, NEVER_ADDED
from spmc_tools.desks.referrals.law import CHECKLIST
from spmc_tools.desks.referrals.referral import RECORD, RETURN, STATES
from spmc_tools.desks.rumours.rumour import STATUS
from spmc_tools.desks.watch.board import STATES as RETURNED
from spmc_tools.desks.watch.festival_subjects import SUBJECTS
from spmc_tools.errors import ParameterError, SpmcError
from spmc_tools.findings.clusters.ordinary_patterns import PATTERNS
from spmc_tools.findings.detectors.detector_catalogue import DETECTORS
from spmc_tools.findings.sessions.moments import MOMENT
from spmc_tools.findings.sessions.rewritten import REWRITTEN
from spmc_tools.findings.tiers.scores import BASES
from spmc_tools.importers.files.other_files import OTHER_FILES
from spmc_tools.importers.mapping.mapping import ACCOUNT_FIELDS, RECORD_FIELDS
from spmc_tools.importers.mapping.table_kind import DOUBTS, TABLE_KINDS
from spmc_tools.report.page.custody_page import SENTENCES
from spmc_tools.report.page.drafts import KINDS, OPEN
from spmc_tools.report.page.index import _COUNTED
from spmc_tools.report.page.sections import SECTIONS
from spmc_tools.report.running.run import known_notebooks
from spmc_tools.report.sections.desks.tour import STOPS
from spmc_tools.report.sections.groups.base_rates import measured
from spmc_tools.report.sections.story.post_figures import FIGURES
from spmc_tools.report.sections.story.sureness import STEPS
from spmc_tools.report.words.wording import LANGUAGES, Wording, catalogue, glossary, number_in
from spmc_tools.resources import resource
from spmc_tools.schema import GROUP_EVENT_KINDS
from spmc_tools.show.panels.network_panel import VIEW_WORDS
from spmc_tools.text.scripts import SCRIPTS

NEEDS = [
    *(need for one in (*TRACES.values(), *DETECTORS.values()) for need in one.needs),
    *(need for one in DETECTORS.values() for need in one.needs_accounts),
]
COLUMNS = {name for need in NEEDS for name in need.split("|")}

# keys that templates and modules put together from a name; the test below holds each family to its list
FAMILIES = {
    "rumour.reworded.": {"carries", "denies", "asks"},
    "app.": set(PAGES),
    "app.about.": set(ROOMS),
    "app.act.": set(ACTS),
    "app.empty.": {"line", "text", "list", "choice", "moment", "day", "file", "passphrase"},
    "app.decide.": {"clear", "name", "withdraw"},
    "app.pattern.": {"open", "cleared", "one_officer", "named", "lapsed"},
    "app.method.": {"screenshot", "print", "archive", "download"},
    "app.near.": set(AROUND),
    "app.often.": {one.replace(" ", "_") for one in OFTEN},
    "app.ran.": {"running", "complete", "partial", "failed", "refused", "killed"},
    "app.field.": {
        *(one.name for _, act in ACTS.values() for one in act.fields if not one.label), "claim_text",
        "passphrase_preparer", "reviewer", "law_officer",
        "entered_by", "at", "account", "handle", "post_text", "posts", "why_here", "asked_at", "platform",
        "subject", "district", "answered", "members", "traces", "pattern", "file_name", "format", "read", "kept",
        "duplicates", "refused", "obtained", "received_from", "is_aside", "officer", "key_here", "key_in_case", "job",
        "case", "notebook", "when", "due", "last_run", "ended_as", "found_how", "file_row", "stamped_at", "most_posts",
    },
    "app.platform.": set(COLLECTED),
    "app.collect.ended.": {"complete", "period", "posts", "requests"},
    "app.search.how.": {"typed", "sound", "other"},
    "app.state.": {QUEUED, RUNNING, DONE, FAILED, STOPPED},
    "app.work.": {COLLECT, INVESTIGATE, REPORT, SCHEDULE},
    "index.desk.": set(_COUNTED),
    "twin.hash.": set(LANGUAGES),
    "frame.title.": {"tables", "network"},
    "headline.one.": {*TRACES, "several"},
    "trace.": {*TRACES, *DETECTORS, MOMENT, REWRITTEN},
    "first.sure.": {*(name for name, _ in STEPS), "unknown"},
    "first.pattern.": set(PATTERNS),
    "first.pattern.means.": set(PATTERNS),
    "pattern.state.": {"cleared", "one_officer", "named", "lapsed"},
    "pattern.decision.": {"clear", "name", "unsigned"},
    "first.claim.": {"refuted", "confirmed", "answered"},
    "card.did.": {*TRACES, "other"},
    "posts.block.": {*TRACES, "other"},
    "section.": {*SECTIONS, "stray"},
    "posts.figures.": {*FIGURES, "at"},
    "watch.subject.": {"claim", "group", "asked", "narrative", "other", "counts", "shown"},
    # held to what the importers write by test_refusals.py
    "refusal.": {str(one.id).removeprefix("refusal.") for one in catalogue("en") if "refusal." in str(one.id)},
    "watch.state.": {"no_event", "no_days", "no_others"},
    "custody.did.": set(SENTENCES),
    "custody.pattern.": set(DECISIONS_OF_PATTERNS),
    "line_up.reason.": set(REASONS),
    "line_up.none.": set(WHY_NONE),
    "own_rates.rests.": {"pairs", "group", "events", "none"},
    "review.typed.": {"upheld", "not_upheld", "needs_more"},
    "data.table.": {"messages", "referrals", "page_snapshots", "page_metrics", "post_metrics", "campaigns"},
    "dossier.ground.": {"pair", "group", *BASES[1:]},
    "festival.subject.": set(SUBJECTS),
    "dossier.kind.": {"post", "repost", "reply", "quote", "comment", "message"},
    "changes.queue.is.": {"new", "grown", "smaller", "gone"},
    "watch.reason.": {"rising", "wide", "term", "claim", "finding", "complaint"},
    "watch.doubt.": {"moon", "sources"},
    "watch.decision.": {"refer", "rebut", "clear", "wait"},
    "index.review.": {"upheld", "not_upheld", "needs_more"},
    "index.status.": {"complete", "partial", "failed", "withdrawn", "disposed", "missing"},
    "missing.": {"not_drawn", "not_reached", "section", *(need for one in SECTIONS.values() for need in one.needs)},
    "explore.": {
        *(f"mark.{one}" for one in MARKS), *(f"view.{one}" for one in (*VIEW_WORDS, "stamp", "stamp_reviewed")),
        "keep", "undo", "redo", "kept", "was_undone", "was_redone",
        *(f"column.{one}" for one in (
            "account", "name", "tier", "group", "posts", "links", "mark", "members", "named", "traces", "first", "last",
            "pattern", "together",
        )),
    },
    "compare.": {
        "note", "before", "after", "now", "look", "working", "links", "accounts", "same", "more",
        "column.group_before", "column.group_after", "column.joined", "column.left", "column.tier_before",
        "column.tier_after", "column.links_before", "column.links_after",
    },
    "start.field.": set(FIELDS),
    "check.title.": {"held", "named", "insufficient"},
    "copies.line.": {"case", "rest", "days", "swaps"},
    "copies.about.": {"days", "swaps"},
    "copies.axis.": {"x", "y", "diagonal"},
    "power.state.": {"insufficient", "too_short", "too_large", "no_kind"},
    "power.axis.": {"x", "y"},
    "rates.axis.": {"x", "all"},
    "rates.differs.": {"higher", "lower", "no", "few"},
    "script.": set(SCRIPTS),
    "like.set.": {one["name"] for one in measured()["sets"]},
    "like.role.": {
        "newsroom", "wire", "fan", "organic", "greeting", "match", "office", "volunteer",
        "campaign_copy", "campaign_amplify",
    },
    "notebook.": set(known_notebooks()),
    "page.edition.": {"full.names", "full.posts", "full.office", "redacted"},
    "page.running": {"", ".redacted", ".reviewed", ".posts", ".office"},
    "masked.": {"address", "mail", "name", "phone", "post", "place", "file", "thing", "site"},
    "certificate.": {
        "device.colour", "device.imei", "device.make", "device.serial", "draft", "draft.note", "file", "hashes",
        "hashes.note", "held.maintained", "held.managed", "held.operated", "held.owned", "host", "host.machine",
        "host.made", "host.name", "host.system", "part_a", "part_a.by", "part_b", "part_b.by", "person.address",
        "person.designation", "person.name", "person.parent", "recital", "sign.date", "sign.place", "sign.signature",
        "sign.time", "source", "source.cloud", "source.computer", "source.disc", "source.dvr", "source.flash",
        "source.mobile", "source.other", "source.server",
    },
    "pack.": set(README),
    "innocence.": {"no_results", "lost"},
    "review.verdict.": {"upheld", "not_upheld", "needs_more"},
    "course.caption.": {"hour", "day", "week"},
    "course.from.": {"hour", "day", "week"},
    "parts.is.": {"early", "bridge"},
    "volume.title.": {"hour", "day"},
    "volume.all.": {"hour", "day"},
    "volume.own.": {"hour", "day"},
    "platform.": {"x", "telegram", "facebook", "instagram", "youtube", "whatsapp", "signal"},
    "kind.": set(CONTEXT_KINDS),
    "column.": {"or", *COLUMNS},
    "exports.": {"note", "named", "no_run", "period"},
    "not_run.": {
        "lacks_column", "nothing_to_look_at", "one_account", "clock_too_coarse", "needs_accounts", "too_little",
        "too_large", "no_posts", "no_authors",
        "events_without_client", "events_without_second", "events_not_run",
    },
    "band.": {"poll", "count", "silence", "poll.phase", "silence.phase"},
    "desk.banner.": {"response", "rumour", "referral"},
    "weekday.": set("0123456"),
    "response.by.": {*BY, "note", "compare"},
    "said.channel.": {"direct", "comment", "mention"},
    "said.language.": {"hi", "en", "ur"},
    "said.subject.": {
        "traffic", "cyber_fraud", "safety_of_women", "polling", "theft", "suggestion", "festival", "post",
    },
    "said.receiver.": {"platform", "unit", "district"},
    "said.shift.": {"morning", "evening", "night"},
    "said.form.": {"reels", "videos", "links", "photos"},
    "queue.state.": {"overdue", "soon", "later"},
    "odd.": {
        "title", "without_record", "after", "no_question", "before_question", "worded_as_program",
        "worded_as_automatic", "two_at_once", "edited", "deleted", "resolved_before_asked",
    },
    "rumour.status.": set(STATUS),
    "referral.state.": set(STATES),
    "referral.odd.": {"closed_again", "skipped", "backwards"},
    "return.": {*RETURN, "watched_now", "note", "day", "months", "month", "open", "median"},
    "check.": set(CHECKLIST),
    "draft.title.": set(KINDS),
    "draft.fact.": {
        "case", "referral", "purpose", "basis", "platform", "account", "category", "provision", "synthetic", "flagged",
        "flagged_utc", "preparer", "ingredient", "answer", *(f"record.{name}" for name in RECORD),
    },
    "draft.post.": {"post", "not_in_case", "at", "at_utc", "url", "text", "hash", "capture"},
    "draft.open.": {name for names in OPEN.values() for name in names},
    "draft.note.": {"law", "truth", "sent"},
    "time.": {"second", "minute", "hour", "day"},
    "explain.": {
        "for", "against", "no_check", "unseen", "nothing_more",
        "ready_text", "hashtags", "links", "other_life", "little_else", "many_days",
        "few_days", "many_sources", "few_sources", "many_things", "few_things", "follow_many", "fresh", "stale",
        "handed_round", "festival",
    },
    "intake.field.": {*RECORD_FIELDS, *(f"account.{name}" for name in ACCOUNT_FIELDS)},
    "intake.obtained.": {*OBTAINED, "unsaid", "first"},
    "group_event.": set(GROUP_EVENT_KINDS),
    "intake.group.": {"head", "event", "count", "month", "came", "went", "members", "only"},
    "intake.other_file.": set(OTHER_FILES),
    "intake.table.": set(TABLE_KINDS),
    "intake.doubt.": {*DOUBTS, "open"},
    "intake.kind.": {"post", "repost", "reply", "quote", "comment", "message", "rules"},
    "intake.order.": {"by_column", "dmy", "mdy", "ymd"},
    "intake.error.": {"CaseError", "FormatError", "IntegrityError", "MappingError", "ParameterError", "other"},
    "intake.ask.": {"zone", "order"},
    "intake.mapping.": {"proposed", "saved", "kept"},
    "live.": {"off", "reading", "takes", "on", "stopping", "refused", "problem", "broken"},
    "live.file.": {"name", "outcome", "read", "kept", "duplicates", "refused", "said"},
    "live.outcome.": {"imported", "known", "refused", "stopped"},
    "measure.banner.": {"standing", "awareness", "watch_board", "tour"},
    "measure.weekday.": set("0123456"),
    "metric.": {*ADDED, *NEVER_ADDED},
    "standing.limit.": {
        "apart", "lost", "contradict", "no_shot", "hidden", "revised", "people", "quality", "chosen", "from",
    },
    "awareness.by.": {*ASPECTS, "how"},
    "awareness.limit.": {
        "outside", "no_base", "small", "no_time", "not_found", "cause", "reach", "platforms", "understood",
        "no_engagement", "no_log", "twice",
    },
    "banner.holds.": {"names", "posts"},
    "board.kind.": {"code", "poll", "count", "silence", "season"},
    "board.state.": {"running", "coming", "over", "expired"},
    "board.return.": {*RETURNED, "watched"},
    "tree.state.": {"same", "set_aside", "gone"},
    "tour.what.": {name for name, _, _ in STOPS},
    "progress.": {"records", "clusters", "done"},
    "error.": {
        "busy", "setting_empty", "setting_no_day", "setting_day", "setting_long", "setting_lines", "setting_invisible",
        "setting_expires",
        "setting_order", "case_id", "case_no_id", "case_exists", "mark_taken", "mark_changed", "mark_covered",
        "list_long", "list_entry", "mark_reason", "answer_no_thread", "answer_none", "answer_early",
        "search_nothing", "search_only_not", "search_or_not", "search_many", "search_days", "restore_there",
        "review_preparer", "review_same_key", "review_key_elsewhere", "review_needs_key", "review_no_group",
        "review_withdrawn", "line_up_none_left", "line_up_preparer", "line_up_reviewed", "line_up_not_shown",
        "line_up_done", "line_up_first", "line_up_no_skip", "key_not_opened", "passphrase_short", "passphrase_alike",
        "stamp_there", "stamp_other", "stamp_unread", "stamp_address", "stamp_silent", "stamp_refused",
        "stamp_no_certificate", "collect_no_basis", "collect_platforms", "collect_stopped", "case_expired",
    },
    "start.step.": {"notebook", "page", "manifest"},
    "limits.": {
        "slow", "small", "collection", "deleted", "short", "few_accounts", "coarse", "gaps", "not_run", "refused",
        "last_look",
    },
}  # fmt: skip


def messages(language: str) -> dict[str, tuple[str, ...]]:
    found = {}
    for message in catalogue(language):
        if message.id:
            key = message.id if isinstance(message.id, str) else message.id[0]
            found[key] = (message.string,) if isinstance(message.string, str) else tuple(message.string)
    return found


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def sources() -> str:
    paths = [*resource("templates").rglob("*.j2"), *(resource("templates").parent / "spmc_tools").rglob("*.py")]
    return "\n".join(path.read_text(encoding="utf-8") for path in paths)


def templates() -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in resource("templates").rglob("*.j2"))


def test_both_languages_say_everything() -> None:
    english, hindi = messages("en"), messages("hi")
    assert english.keys() == hindi.keys()
    for key in english:
        assert all(english[key]) and all(hindi[key]), key
        assert len(english[key]) == len(hindi[key]), f"{key}: plural in one language only"
    assert all(not message.fuzzy for language in ("en", "hi") for message in catalogue(language))


def test_hindi_is_hindi() -> None:
    same = {key for key, words in messages("hi").items() if not any(re.search(r"[\u0900-\u097f]", w) for w in words)}
    assert not same


def test_placeholders_agree() -> None:
    english, hindi = messages("en"), messages("hi")
    for key in english:
        wanted = set().union(*map(fields, english[key]))
        assert set().union(*map(fields, hindi[key])) == wanted, key


def test_no_markup_in_words() -> None:
    for language in ("en", "hi"):
        for key, words in messages(language).items():
            assert not any(re.search(r"<[a-zA-Z/!]|&\w+;|javascript:", w) for w in words), key


def test_the_english_beside_the_hindi_is_the_english() -> None:
    english = messages("en")
    with resource("templates", "wording", "hi.po").open("rb") as file:
        for message in read_po(file, locale="hi"):
            if message.id:
                key = message.id if isinstance(message.id, str) else message.id[0]
                assert message.auto_comments == list(dict.fromkeys(english[key])), key


def test_every_key_is_used_and_every_used_key_is_there() -> None:
    known, text = set(messages("en")), sources()
    said = set(re.findall(r"""\b(?:t|say|_words|_fill)\(\s*(?:one, )?"([a-z0-9_.]+[a-z0-9_])"\s*[,)]""", text))
    said |= {
        "draft.yes",
        "draft.no",
        "number.lakh",
        "number.crore",
        "intake.would",
        "intake.done",
        "intake.no_column",
        "lead.accounts",
    }
    said |= headings_of_tables()
    said |= {f"data.{name}" for name in ("read", "kept", "duplicates", "refused")}
    built = {prefix + name for prefix, names in FAMILIES.items() for name in names}
    assert sorted((said | built) - known) == []
    assert sorted(known - said - built) == []
    for prefix, names in FAMILIES.items():
        if prefix not in {"time.", "explain.", "missing.", "exports.", "page.edition."}:
            assert {key.removeprefix(prefix) for key in known if key.startswith(prefix)} >= names


def test_every_key_of_an_error_is_in_the_catalogues() -> None:
    """Keys stand in the code as texts; those of one form are the family above, neither more nor less."""
    named = set(re.findall(r'\bkey="(\w+)"', sources()))
    named |= set(
        re.findall(
            r'"(stamp_(?:other|unread)|setting_\w+|case_(?:no_)?id|case_exists|mark_(?:taken|reason|c\w+)|list_(?:long|entry)|busy|answer_(?:no_thread|none|early)|'
            r'search_(?:nothing|only_not|or_not|many|days))"',
            sources(),
        )
    )
    assert named - {"case_id"} == FAMILIES["error."] - {"case_id"}


def test_what_is_said_of_a_number_has_a_plural() -> None:
    english = messages("en")
    counted = set(re.findall(r"""\bt\("([a-z0-9_.]+)", n=""", sources()))
    assert len(counted) > 30
    assert sorted(key for key in counted & set(english) if len(english[key]) < 2) == []


def filled(key: str, language: str, **more: object) -> str:
    """Say a message with a value for every name in it but n."""
    names = set().union(*map(fields, messages(language)[key])) - {"n"}
    return Wording(language).say(key, **dict.fromkeys(names, "…"), **more).plain()


@pytest.mark.parametrize("language", ["en", "hi"])
def test_a_number_n_is_given_where_there_are_plural_forms_and_nowhere_else(language: str) -> None:
    for key, forms in messages(language).items():
        if len(forms) == 1:
            with pytest.raises(SpmcError, match=re.escape(f'"{key}": it has no plural forms')):
                filled(key, language, n=2)
            assert "n" not in fields(forms[0]) or key in {"number.lakh", "number.crore"}, key
        else:
            with pytest.raises(SpmcError, match=re.escape(f'"{key}": it has plural forms, and no n chooses one')):
                filled(key, language)
            with pytest.raises(SpmcError, match="it has plural forms"):
                filled(key, language, n=None)
            for n, form in zip((1, 2), forms, strict=True):
                wanted = re.escape(form).replace(r"\{n\}", str(n))
                assert re.fullmatch(re.sub(r"\\{\w+\\}", "…", wanted), filled(key, language, n=n)), key


def calls_of_templates() -> list[tuple[str, str, bool]]:
    """Return the key, or the start of one that is put together, of every t(…), and whether n is given."""
    from jinja2 import nodes

    from spmc_tools.report.page.drawing import ReportExporter

    parse, found = ReportExporter(Wording("en")).pages.parse, []
    for path in resource("templates").rglob("*.j2"):
        for call in parse(path.read_text(encoding="utf-8")).find_all(nodes.Call):
            if getattr(call.node, "name", None) != "t" or not call.args:
                continue
            key, built = call.args[0], False
            if isinstance(key, nodes.Concat):
                key, built = key.nodes[0], True
            if isinstance(key, nodes.Const):
                with_n = len(call.args) > 1 or any(one.key == "n" for one in call.kwargs)
                found.append((str(key.value), "…" if built else "", with_n))
    return found


def headings_of_tables() -> set[str]:
    """Return the keys by which templates name the columns of their tables: styles hold no point."""
    from jinja2 import nodes

    from spmc_tools.report.page.drawing import ReportExporter

    parse, found = ReportExporter(Wording("en")).pages.parse, set()
    for path in resource("templates").rglob("*.j2"):
        page = parse(path.read_text(encoding="utf-8"))
        tables = (call for call in page.find_all(nodes.Call) if getattr(call.node, "attr", None) == "table")
        named = (given.node for given in page.find_all(nodes.Assign) if getattr(given.target, "name", "") == "columns")
        for columns in [*(call.args[1] for call in tables if len(call.args) > 1), *named]:
            keys = (str(one.value).partition("|")[0] for one in columns.find_all(nodes.Const))
            found |= {key for key in keys if re.fullmatch(r"\w+(\.\w+)+", key)}
    return found


def test_templates_give_n_to_messages_with_plural_forms_and_to_no_others() -> None:
    english, wrong, n_built = messages("en"), [], 0
    calls = calls_of_templates()
    for key, built, with_n in calls:
        n_built += bool(built)
        forms = [len(forms) for name, forms in english.items() if (name.startswith(key) if built else name == key)]
        if (2 if with_n else 1) not in forms:
            wrong.append(key + built)
    assert wrong == []
    assert len(calls) > 700 and n_built > 30 and sum(with_n for *_, with_n in calls) > 100


def test_every_glossary_term_is_rendered() -> None:
    hindi = messages("hi")
    seen, lacking = set(), []
    for key, words in messages("en").items():
        plain = [re.sub(r"\{\w+\}", "", w) for w in words]
        for term in glossary():
            if any(re.search(term["match"], w, re.IGNORECASE) for w in plain):
                seen.add(term["term"])
                if not any(stem in w for w in hindi[key] for stem in term["stems"]):
                    lacking.append(f"{key}: {term['term']}")
    assert lacking == []
    assert seen == {term["term"] for term in glossary()}


@pytest.mark.parametrize("word", ["प्रतिपक्ष", "विपक्ष", "कदम", "आयात", "तैयारकर्ता", "निष्कर्ष", "साक्ष्य के रूप में"])
def test_hindi_words_that_mislead_in_a_police_office_are_not_said(word: str) -> None:
    for key, words in messages("hi").items():
        assert not any(word in w for w in words), key
    assert not any(word in term["hi"] + term.get("means", {"hi": ""})["hi"] for term in glossary())


def test_one_word_for_one_thing() -> None:
    shunned = [(term["term"], word) for term in glossary() for word in term.get("never", ())]
    assert ("platform", "मंच") in shunned
    explained = [words for term in glossary() for words in term.get("means", {}).values()]
    for key, words in [*messages("hi").items(), ("glossary", explained)]:
        assert [word for _, word in shunned if any(word in w for w in words)] == [], key


def test_an_account_is_listed_as_known_and_never_lodged() -> None:
    for key, words in messages("hi").items():
        assert not any(re.search("दर्ज(?!ा)", w) for w in words), key
    assert "ज्ञात खातों की सूची" in messages("hi")["ask.explain"][0]


@pytest.mark.parametrize(
    "word", ["bot", "bots", "fake", "guilty", "guilt", "inauthentic", "suspect", "suspects", "coordinated"]
)
def test_words_that_judge_are_not_said(word: str) -> None:
    for key, words in messages("en").items():
        assert not any(re.search(rf"\b{word}\b", w, re.IGNORECASE) for w in words), key


def test_numbers() -> None:
    english, hindi = Wording("en"), Wording("hi")
    assert english.lakh(665_000).plain() == "6.65 lakh" and hindi.lakh(665_000).plain() == "6.65 लाख"
    assert english.lakh(12_700_000).plain() == "1.27 crore" and hindi.lakh(99_999).plain() == "99,999"
    assert number_in("en", 123456) == number_in("hi", 123456) == "1,23,456"
    assert number_in("en", 0.05) == "0.05" and number_in("en", 9.7) == "9.7" and number_in("en", 0.2, 2) == "0.20"
    assert english.exact(0.0463219).plain() == "0.0463219" and hindi.exact(12.345678).plain() == "12.3457"
    assert english.about(0.04648).plain() == "0.05" and hindi.about(1.26).plain() == "1.3"
    assert [english.about(one).plain() for one in (0.962, 0.996, 1, 0.94)] == ["0.96", "0.996", "1", "0.9"]


def test_no_probability_of_the_far_tail_is_a_number() -> None:
    english, hindi = Wording("en"), Wording("hi")
    assert english.tiny(2.7e-8).plain() == "2.7\u00a0·\u00a010⁻⁸" and english.tiny(0.0131).plain() == "0.013"
    assert hindi.tiny(1e-9).plain() == "1\u00a0·\u00a010⁻⁹" and hindi.tiny(None).plain() == "–"
    for p in (9.9e-10, 2.7e-18, 1e-320, 0.0):
        assert english.tiny(p).plain() == "below 10⁻⁹" and hindi.tiny(p).plain() == "10⁻⁹ से कम"
    assert english.limit(1e-12).plain() == "1\u00a0·\u00a010⁻¹²"  # a limit is no probability of anything


def test_times_are_ist_and_days_are_spelled() -> None:
    english, hindi = Wording("en"), Wording("hi")
    assert english.moment("2025-11-05T20:00:00+00:00").plain() == "6 November 2025 01:30"
    assert hindi.moment("2025-11-05T20:00:00+00:00").plain() == "6 नवंबर 2025 01:30"
    assert hindi.day("2025-11-06").plain() == "6 नवंबर 2025"
    assert english.clock("2025-11-06T13:32:11+00:00").plain() == "6 Nov 19:02:11"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (1, "1 second"),
        (60, "60 seconds"),
        (600, "10 minutes"),
        (3600, "1 hour"),
        (21600, "6 hours"),
        (172800, "2 days"),
        (582, "10 minutes"),
        (150, "2.5 minutes"),
    ],
)
def test_lengths_of_time(seconds: float, said: str) -> None:
    assert Wording("en").lasting(seconds).plain() == said


def test_plural_of_hindi_and_english() -> None:
    said = {n: [Wording(language).say("days", n=n).plain() for language in ("en", "hi")] for n in (1, 2)}
    assert said == {1: ["1 day", "1 दिन"], 2: ["2 days", "2 दिनों"]}


def test_values_are_escaped_and_words_too() -> None:
    said = Wording("en").say("volume.event_unknown", name="<script>alert(1)</script>")
    assert "<script>" not in str(said.__html__()) and "&lt;script&gt;" in str(said.__html__())
    assert "<script>" in said.plain()


def test_what_is_unknown_is_refused() -> None:
    with pytest.raises(ParameterError, match=r"wanted one of en, hi\.$"):
        Wording("fr")
    with pytest.raises(ParameterError, match="wanted one of en, hi; spmc report --lang both writes two files"):
        Wording("both")
    with pytest.raises(SpmcError, match="no words for"):
        Wording("en").say("no.such.key")
    with pytest.raises(SpmcError, match="is not given"):
        Wording("en").say("volume.event_unknown")


def test_what_the_data_lacks_is_said_in_words() -> None:
    """Names of columns are the program's; a page says what they hold."""
    from spmc_tools.report.page.drawing import fragment
    from spmc_tools.report.page.sections import typed_payload

    row = {"trace": "co_media", "window_s": None, "reason": "", "code": "lacks_column", "time_precision_s": None}
    told = {
        "not_run": [row | {"columns": ["media", "urls or text"]}], "groups": [], "hot": [], "cleared": {},
        "benign_missing": ["text", "odd_one"], "unmatched": [], "hot_objects": 0, "hot_actions": 0,
    }  # fmt: skip
    for language, words in (
        ("en", "the data lacks pictures and videos, links or the text of posts."),
        ("hi", "डेटा में यह जानकारी नहीं है: चित्र और वीडियो, लिंक या पोस्टों का पाठ।"),
    ):
        text = fragment(typed_payload({"name": "aside", "values": told, "missing": []}), language)
        assert words in text and "odd_one" in text


def test_no_hindi_word_means_something_else_in_a_police_office() -> None:
    """A cell of a table is no cell of a lock-up, and the occasion of a case is no incident."""
    with resource("templates", "wording", "hi.po").open("rb") as file:
        said = {one.id: str(one.string) for one in read_po(file) if one.id}
    assert [name for name, text in said.items() if "कोठरी" in text] == []
    assert "घटना" not in said["purpose.event"] and said["purpose.event"]
