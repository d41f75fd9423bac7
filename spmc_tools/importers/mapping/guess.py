"""A mapping proposed by the names of a table's columns; it is always shown, and used only when it is confirmed."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from spmc_tools.importers.fields.post_links import platform_of
from spmc_tools.importers.files.cells import is_clock
from spmc_tools.importers.mapping.mapping import KindRule, Mapping, TimeSpec
from spmc_tools.importers.mapping.table_kind import can_be_account, can_be_time, is_numbering

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["OWN_TIME", "WEAK_ACCOUNT", "guess", "has_essentials", "plain_name"]

_RECORD_NAMES = {
    "record_id": (
        "recordid", "tweetid", "statusid", "postid", "messageid", "commentid", "contentid", "idstr", "idpost",
        "itemid", "videoid", "id", "uri", "posturi", "postno", "postnumber", "पोस्टआईडी", "पोस्टसंख्या",
        "ट्वीटआईडी", "क्रमांक", "postkiid", "sandeshid", "पोस्टक्रमांक", "संदेशआईडी", "आईडी",
    ),
    "account_id": (
        "accountid", "userid", "authorid", "useridstr", "fromid", "channelid", "authorchannelid", "ownerid",
        "pageid", "postownerid", "actorid", "authordid", "peerid", "pid", "userscreenname", "username",
        "screenname", "author", "authorname", "account", "user", "pagename", "channel", "channelname",
        "handle", "name", "userdid", "did", "didhash", "authorhandle", "userhandle", "accountusername",
        "accountname", "खाताआईडी", "यूजरआईडी", "उपयोगकर्ताआईडी", "पेजआईडी", "पृष्ठआईडी", "खाता", "खातानाम",
        "उपयोगकर्ता", "उपयोगकर्तानाम", "यूजरनेम", "यूज़रनेम", "यूज़र", "यूजर", "खातेकानाम", "प्रोफ़ाइल",
        "प्रोफाइल", "लेखक", "खाताधारककानाम", "खाताधारक", "यूजरकानाम", "यूज़रकानाम", "उपयोगकर्ताकानाम",
        "अकाउंट", "अकाउंटकानाम", "हैंडल", "प्रेषक", "भेजनेवाला", "लेखककानाम", "चैनलकानाम",
        "khatekanaam", "khatadharak", "khatadharakkanaam", "userkanaam", "accountkanaam", "pejkanaam", "profile",
        "profilename", "profilelink", "profileurl", "postedby", "sender", "sendername", "creator", "publisher",
        "पेज", "पेजकानाम", "khata", "khatakanaam", "khatenaam", "upyogkarta", "lekhak",
        "pej", "चैनल", "नाम",
    ),
    "created_at": (
        "createdat", "created", "createdutc", "creationtime", "timestampshare", "tweettime", "publishdate",
        "publishedat", "postcreated", "timestamputc", "localtime", "datetime", "timestamp", "date", "time",
        "createtime", "posteddate", "postedon", "postedat", "createddate", "postdate", "dateposted",
        "publisheddate", "datecreated",
        "dateandtime", "datetimeofpost", "dateofpost", "posttime", "दिनांकएवंसमय", "तिथिएवंसमय", "तारीखवसमय",
        "तिथिवसमय", "दिनांकतथासमय", "पोस्टकरनेकीतिथि", "पोस्टकीतिथि", "प्रकाशनतिथि", "dinankevamsamay",
        "tarikhaursamay", "postkitarikh", "postkisamay", "postkasamay", "publishtime", "timestampus", "timeus",
        "indexedat", "दिनांक", "तारीख", "तिथि", "समय", "दिनांकसमय", "दिनांकवसमय", "तिथिऔरसमय", "तारीखऔरसमय",
        "पोस्टकीतारीख", "पोस्टतिथि", "पोस्टकासमय", "dinank", "tarikh", "tareekh", "tithi", "samay",
        "dinankaursamay", "दिनांकऔरसमय", "पोस्टसमय", "प्रकाशनसमय", "प्रकाशितसमय",
    ),
    "text": (
        "text", "fulltext", "tweettext", "rawcontent", "content", "message", "tweet", "body", "caption",
        "videodescription", "posttext", "description", "संदेश", "पाठ", "पोस्ट", "टेक्स्ट", "विवरण",
        "पोस्टकापाठ", "संदेशकापाठ", "पोस्टकाविवरण", "पोस्टविवरण", "संदेशविवरण", "पोस्टसामग्री", "पोस्टकीसामग्री",
        "postkavivaran", "postkapaath", "postvivaran", "messagetext", "postcontent", "commenttext",
        "postmessage", "सामग्री", "कैप्शन", "ट्वीट", "sandesh", "paath", "vivaran", "samagri",
    ),
    "url": (
        "permalink", "tweeturl", "posturl", "postlink", "mclurl", "link", "url", "लिंक", "पोस्टलिंक",
        "पोस्टकालिंक", "पोस्टयूआरएल", "पोस्टकापता", "postkalink", "postkaurl", "linkofpost", "urlofpost",
        "पता", "यूआरएल", "kadi",
    ),
    "lang": ("lang", "tweetlanguage", "language", "भाषा"),
    "surface_id": ("surfaceid", "channelid", "groupid", "subreddit", "chatid", "facebookid"),
    "conversation_id": ("conversationid", "threadid"),
    "urls": ("urls", "links", "outlinks", "expandedurls"),
    "hashtags": ("hashtags", "hashtag", "tags", "hashtagnames", "हैशटैग"),
    "mentions": ("usermentions", "mentions", "mentionedusers"),
    "client": ("tweetclientname", "statussource", "source", "client", "sourcename"),
    "likes": (
        "likecount", "favoritecount", "likes", "likescount", "nlikes", "reactions", "पसंद", "लाइक", "लाइक्स",
        "लाइकसंख्या", "पसंदसंख्या", "like",
        "pasand",
    ),
    "reposts": (
        "retweetcount", "sharecount", "shares", "repostcount", "reposts", "retweetscount", "nretweets",
        "शेयर", "शेयरसंख्या", "share", "sheyar", "साझा", "रीट्वीट", "sajha",
    ),
    "replies": (
        "replycount", "commentcount", "comments", "replies", "repliescount", "nreplies", "टिप्पणी",
        "टिप्पणीसंख्या", "कमेंट",
        "कमेंट्स", "टिप्पणियां", "टिप्पणियाँ", "जवाब", "tippani",
    ),
    "views": ("viewcount", "views", "impressioncount", "impressions", "दृश्य", "व्यू"),
    "collected_at": ("collectedat", "collectiontime", "timestampcollected", "retrievedat"),
}  # fmt: skip

_ACCOUNT_NAMES = {
    "handle": ("userscreenname", "screenname", "username", "handle", "authorusername"),
    "display_name": ("userdisplayname", "displayname", "authorname", "authorfullname", "pagename", "name"),
    "created_at": ("accountcreationdate", "usercreatedat", "accountcreatedat"),
    "description": ("userprofiledescription", "userdescription", "authordescription", "bio"),
    "followers": ("followercount", "followers", "followerscount", "userfollowers", "userfollowerscount"),
    "following": ("followingcount", "following", "friendscount", "userfriendscount"),
    "posts": ("updates", "statusescount", "usertweets", "posts"),
    "location_text": ("userreportedlocation", "userlocation", "location"),
}

_REPOST_OF = (
    "retweettweetid",
    "retweetedid",
    "retweetid",
    "retweetedtweetid",
    "retweetstatusid",
    "sharedpostid",
    "retweetedstatusid",
    "retweetedstatusidstr",
    "repostid",
    "repostedid",
    "repostof",
    "repostofid",
    "retweetof",
    "rtof",
    "rtid",
    "sharedfrom",
    "forwardedfromid",
    "originalpostid",
    "originaltweetid",
    "रीपोस्टआईडी",
    "रीट्वीटआईडी",
    "objectid",
)
_REPLY_TO = (
    "inreplytotweetid",
    "inreplytostatusid",
    "replytosid",
    "inreplytoid",
    "isreplytoid",
    "parentid",
    "replytoid",
    "inreplytostatusidstr",
    "replyid",
    "inreplyto",
    "replyto",
    "replytotweetid",
    "replytopostid",
    "parentcommentid",
    "parentpostid",
    "उत्तरआईडी",
    "जवाबआईडी",
)
_QUOTE_OF = (
    "quotedtweettweetid", "quotedtweetid", "quotedid", "quotedstatusid", "quotedstatusidstr", "quoteid", "quoteof",
    "quotedpostid", "quotetweetid",
)  # fmt: skip
_REF_ACCOUNTS = (
    "retweetuserid", "retweeteduserid", "retweetedstatususerid", "repostuserid", "reposteduserid", "inreplytouserid",
    "inreplytouseridstr", "replytouid", "replyuserid", "quoteduserid", "quotedstatususerid", "touserid",
)  # fmt: skip
_REPOST_FLAGS = ("isretweet", "isrepost", "retweet")
_REPLY_FLAGS = ("isreply",)
_KIND_NAMES = (
    "kind",
    "recordkind",
    "posttype",
    "tweettype",
    "messagetype",
    "type",
    "प्रकार",
    "पोस्टकाप्रकार",
    "पोस्टप्रकार",
)
_KIND_WORDS = {
    "post": ("post", "tweet", "original"),
    "repost": ("repost", "reposted", "retweet", "retweeted"),
    "reply": ("reply", "replied_to"),
    "quote": ("quote", "quoted"),
    "comment": ("comment",),
    "message": ("message",),
}
_REF_RECORD = ("refrecordid", "refpostid", "reftweetid", "referencedtweetid", "referencedpostid")
_TRUE = ("true", "True", "TRUE", "1", "yes", "Yes")
_MISSING = ("NA", "NaN", "nan", "None", "null", "NULL", "absent", "\\N")
WEAK_ACCOUNT = frozenset({"name", "नाम", "channel", "चैनल"})
"""Names that can be an account's, and anything else's: of a dog, a television channel, a person in the picture."""

OWN_TIME = frozenset(
    {"date", "time", "datetime", "timestamp", "timestamputc", "localtime", "indexedat", "दिनांक", "तारीख", "तिथि", "समय"}
)
"""Names of times that need not be those of the posts: they can say when somebody collected them."""

_OF_ROWS = frozenset(
    {"id", "postno", "postnumber", "itemid", "क्रमांक", "पोस्टक्रमांक", "पोस्टसंख्या", "पोस्टआईडी", "आईडी", "recordid"}
)
"""Names of ids that the numbers of the rows go by, too: two sheets that both count from 1 hold no post twice."""

_CLIENT = re.compile(
    r"<a href=.*|.*(?:\bfor (?:iphone|ipad|android|mac|windows)|web app|tweetdeck|\bapp\b).*", re.IGNORECASE
)
_IN_INDIA = re.compile(r"(?:^|[^a-z])ist(?:$|[^a-z])|indian?[ _]?(?:standard)?[ _]?time|भारतीय समय", re.IGNORECASE)
_MOSTLY = 0.9
_IN_UTC = re.compile(r"(?:^|[^a-z])(?:utc|gmt)(?:$|[^a-z])", re.IGNORECASE)

_ANY_ZONE = re.compile(r"\(?\b(?:ist|utc|gmt)\b\)?|\(?भारतीय समय\)?", re.IGNORECASE)

_PLATFORM_MARKS = (
    ("x", ("tweet", "retweet")),
    ("facebook", ("facebook", "pagename")),
    ("youtube", ("authorchannelid", "videoid")),
    ("telegram", ("telegram",)),
    ("reddit", ("subreddit",)),
    ("bluesky", ("userdid", "authordid", "didhash")),
)


def plain_name(header: str) -> str:
    """Return a header in lower case, its letters and digits alone."""
    return re.sub(r"[^a-z0-9\u0900-\u097f]", "", unicodedata.normalize("NFKC", header).casefold())


class _Columns:
    """Headers by their plain name; each is given away once, and one that stands twice never."""

    def __init__(self, header: Sequence[str]) -> None:
        twice = {h for h in header if list(header).count(h) > 1}
        self.by_name: dict[str, str] = {}
        for name in header:
            if name not in twice and name:
                self.by_name.setdefault(plain_name(name), name)
                self.by_name.setdefault(plain_name(_ANY_ZONE.sub(" ", name.replace("_", " "))), name)

    def take(self, names: Sequence[str], fits: Callable[[str], bool] | None = None) -> str | None:
        for name in names:
            if name in self.by_name and (fits is None or fits(self.by_name[name])):
                header = self.by_name[name]
                self.by_name = {key: value for key, value in self.by_name.items() if value != header}
                return header
        return None

    def look(self, names: Sequence[str]) -> str | None:
        return next((self.by_name[name] for name in names if name in self.by_name), None)


def has_essentials(header: Sequence[str]) -> bool:
    """Whether a header names at least an account and a time."""
    columns = _Columns(header)
    return bool(columns.look(_RECORD_NAMES["account_id"]) and columns.look(_RECORD_NAMES["created_at"]))


def guess(header: Sequence[str], cells: dict[str, list[str]] | None = None) -> Mapping:
    """Return a mapping that fits the names of the columns.

    Parameters
    ----------
    header : sequence of str
        With an account and a time (:func:`has_essentials`).
    cells : dict, optional
        Some values per header, as text; they decide which words mean "missing".

    Notes
    -----
    A name can mislead: ``name`` may be a page or a person, ``date`` the day of collection. Hence nothing is imported
    by a guess that nobody confirmed.
    """
    columns = _Columns(header)
    known = cells or {}
    accounts: dict[str, tuple[str, ...]] = {}
    found: dict[str, tuple[str, ...]] = {}
    plain_names = set(columns.by_name)
    written = _written_kinds(columns, known)
    refs, kinds, default = _references(columns)
    if written:
        kinds, default = written, "post"
        if not refs and (column := columns.take(_REF_RECORD)):
            refs["ref_record_id"] = (column,)
    for field in ("record_id", "account_id", "created_at", "text"):
        if name := columns.take(_RECORD_NAMES[field], partial(_fits, field, known)):
            found[field] = (name,)
    for field, names in _ACCOUNT_NAMES.items():
        if name := columns.take(names):
            accounts[field] = (name,)
    for field, names in _RECORD_NAMES.items():
        if field not in found and (name := columns.take(names, partial(_fits, field, known))):
            found[field] = (name,)
    if "url" not in found and (name := _addresses(columns, known)):
        found["url"] = (name,)
    clock = _clock_beside(found, columns, known)
    if clock is not None:
        found["created_at"] = (*found["created_at"], clock)
    times = {
        field: TimeSpec(tz=zone) for field in ("created_at",) for name in found.get(field, ()) if (zone := _zone(name))
    }
    if clock is not None:
        times["created_at"] = replace(times.get("created_at", TimeSpec()), joined=True)
    mapping = Mapping(
        {**found, **refs}, accounts, {"platform": _platform(plain_names, found, known)}, times, default, kinds
    )
    return replace(mapping, missing=_missing(mapping, known))


def _clock_beside(found: dict[str, tuple[str, ...]], columns: _Columns, cells: dict[str, list[str]]) -> str | None:
    """Return a column of clocks beside the one of days that is the time of the posts."""
    days = [cell for name in found.get("created_at", ()) for cell in cells.get(name, ()) if cell.strip()]
    if not days or any(":" in day.replace("00:00:00", "") for day in days):
        return None
    for header in dict.fromkeys(columns.by_name.values()):
        values = [cell for cell in cells.get(header, ()) if cell.strip()]
        if values and all(map(is_clock, values)):
            return columns.take((plain_name(header),))
    return None


def _fits(field: str, cells: dict[str, list[str]], header: str) -> bool:
    """Whether the values of a column can be what its name says."""
    values = cells.get(header)
    if field == "record_id":
        return plain_name(header) not in _OF_ROWS or not is_numbering(values or ())
    if field == "account_id":
        return can_be_account(values)
    if field == "created_at":
        return can_be_time(values)
    if field == "text":
        filled = [value for value in values or () if value.strip()]
        return not filled or sum(platform_of(value) is not None for value in filled) * 2 < len(filled)
    if field == "client":
        filled = [value for value in values or () if value.strip()]
        return not filled or sum(_CLIENT.fullmatch(value) is not None for value in filled) * 2 > len(filled)
    return True


def _zone(header: str) -> str | None:
    """Return the zone that a header names."""
    text = header.replace("_", " ")
    return "Asia/Kolkata" if _IN_INDIA.search(text) else "UTC" if _IN_UTC.search(text) else None


def _references(columns: _Columns) -> tuple[dict[str, tuple[str, ...]], tuple[KindRule, ...], str]:
    """Return the columns a post's reference stands in, the rules for its kind, and the kind of all others."""
    refs: list[str] = []
    kinds: list[KindRule] = []
    default = "post"
    for kind, ids, flags in (
        ("repost", _REPOST_OF, _REPOST_FLAGS),
        ("reply", _REPLY_TO, _REPLY_FLAGS),
        ("quote", _QUOTE_OF, ()),
    ):
        flag, column = columns.take(flags), columns.take(ids)
        if column:
            refs.append(column)
        if column and plain_name(column) == "objectid":
            default = "repost"
        elif flag:
            kinds.append(KindRule(kind, flag, _TRUE))
        elif column:
            kinds.append(KindRule(kind, column))
    found: dict[str, tuple[str, ...]] = {"ref_record_id": tuple(refs)} if refs else {}
    people = [name for names in _REF_ACCOUNTS if (name := columns.take((names,)))]
    if people:
        found["ref_account_id"] = tuple(people)
    return found, tuple(kinds), default


def _written_kinds(columns: _Columns, cells: dict[str, list[str]]) -> tuple[KindRule, ...]:
    """Return the rules of a column that says in words what each row is, where it says nothing else."""
    words = {word: kind for kind, of_kind in _KIND_WORDS.items() for word in of_kind}

    def fits(header: str) -> bool:
        values = {value.strip().casefold() for value in cells.get(header, ())} - {""}
        return bool(values) and values <= words.keys()

    header = columns.take(_KIND_NAMES, fits)
    if header is None:
        return ()
    seen = sorted({value.strip() for value in cells[header]} - {""} - words.keys())
    return tuple(
        KindRule(kind, header, (*of_kind, *(word for word in seen if words[word.casefold()] == kind)))
        for kind, of_kind in _KIND_WORDS.items()
        if kind != "post"
    )


def _platform(plain_names: set[str], found: dict[str, tuple[str, ...]], cells: dict[str, list[str]]) -> str:
    """Return the platform that nine of ten addresses of the posts belong to, else the one that headers name."""
    addresses = [cell for name in found.get("url", ()) for cell in cells.get(name, ()) if cell.strip()]
    of = Counter(map(platform_of, addresses)).most_common(1)
    if of and of[0][0] is not None and of[0][1] >= _MOSTLY * len(addresses):
        return of[0][0]
    for platform, marks in _PLATFORM_MARKS:
        if any(mark in name for mark in marks for name in plain_names):
            return platform
    return "unknown"


def _addresses(columns: _Columns, cells: dict[str, list[str]]) -> str | None:
    """Return a column of addresses of posts, whatever it is called: ``Post``, ``Tweet``."""
    for header in dict.fromkeys(columns.by_name.values()):
        values = [cell for cell in cells.get(header, ()) if cell.strip()]
        if values and len(set(values)) == len(values) and all(map(platform_of, values)):
            return columns.take((plain_name(header),))
    return None


def _missing(mapping: Mapping, cells: dict[str, list[str]]) -> tuple[str, ...]:
    """Return the words for "missing" that stand in the first values of mapped columns, the text aside."""
    text = mapping.columns.get("text", ())
    seen = {cell for name in mapping.headers() if name not in text for cell in cells.get(name, ())}
    return tuple(word for word in _MISSING if word in seen)
