"""What Facebook, Instagram and TikTok hand to an account that asks for its own data, as JSON.

Meta's files write the bytes of UTF-8 as if each were a letter, which is mended here. They name no account: whoever
imports the whole zip has the owner's name, and of a lone file the account is called ``archive-<hash>``. Lists of
friends, messages, searches, devices and addresses in such a download are no posts and are not read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from spmc_tools.errors import MappingError, quote
from spmc_tools.importers.engine.importer import Family, LeftOut, fields_of
from spmc_tools.importers.engine.json_rows import Beside, Empty, json_importer, no_post
from spmc_tools.importers.fields.rows import Account, Record
from spmc_tools.importers.fields.times import TimeRule, parse_epoch, read_time, zone_of
from spmc_tools.importers.fields.values import Json, count_of, dict_of, json_rows, list_of, media_of, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from spmc_tools.importers.engine.importer import Options, Sample
    from spmc_tools.importers.engine.json_rows import Item, Rows
    from spmc_tools.importers.files.read import Source

__all__ = ["META_DOWNLOAD", "TIKTOK_DOWNLOAD"]

_PROFILES = (
    "profile_information/profile_information.json",
    "personal_information/profile_information/profile_information.json",
)
_META = Family(
    zone="seconds since 1970, in UTC", precision="1 s",
    documentation="https://www.facebook.com/help/212802592074644; https://help.instagram.com/181231772500920",
    licence="names none",
)  # fmt: skip
_MENDED = "texts whose letters stood as bytes of UTF-8 are mended"


class _Said(NamedTuple):
    """What one post says: its text, whether that was mended, its links and pictures."""

    text: str | None
    mended: bool
    urls: Sequence[str] = ()
    media: Sequence[str | None] = ()


def _mended(value: object) -> tuple[str | None, bool]:
    """Return a text of Meta's download with its letters, and whether it had to be mended."""
    text = text_of(value)
    if text is None or text.isascii():
        return text, False
    try:
        return text.encode("latin-1").decode("utf-8"), True
    except (UnicodeEncodeError, UnicodeDecodeError):
        return text, False


def _is_facebook_post(row: Json) -> bool:
    return "timestamp" in row and isinstance(row.get("data"), list) and {"attachments", "title"} & row.keys() != set()


def _is_instagram_post(row: Json) -> bool:
    first = dict_of(next(iter(list_of(row.get("media"))), None))
    return {"uri", "creation_timestamp"} <= first.keys()


def _is_instagram_comment(row: Json) -> bool:
    return {"Comment", "Time"} <= dict_of(row.get("string_map_data")).keys()


def _is_meta(row: Json) -> bool:
    return (
        isinstance(row.get("comments_v2"), list)
        or _is_facebook_post(row)
        or _is_instagram_post(row)
        or _is_instagram_comment(row)
    )


class _Meta:
    """Reads the files of one download: a running number stands in for the ids that they lack."""

    def __init__(self, source: Source) -> None:
        self._mark = source.sha256[:8]
        self._n = 0
        self._owner, self._name = f"archive-{source.sha256[:12]}", None
        for name in _PROFILES:
            found = json_rows(source.beside(name) or b"", True)
            profile = dict_of(next(iter(found), {})) if not isinstance(found, str) else {}
            person = dict_of(dict_of(profile.get("profile_v2")).get("name"))
            self._name = self._name or _mended(person.get("full_name"))[0]

    def __call__(self, row: Json, number: int) -> Iterator[Item]:
        if isinstance(row.get("comments_v2"), list):
            for one in list_of(row.get("comments_v2")):
                yield from self._facebook_comment(dict_of(one), number)
        elif _is_instagram_post(row):
            yield from self._instagram_post(row, number)
        elif _is_instagram_comment(row):
            said = dict_of(row.get("string_map_data"))
            text = _Said(*_mended(dict_of(said.get("Comment")).get("value")))
            yield from self._one("instagram", "comment", dict_of(said.get("Time")).get("timestamp"), text, number)
        elif _is_facebook_post(row):
            yield from self._facebook_post(row, number)
        else:
            yield no_post(row)

    def _one(self, platform: str, kind: str, at: object, said: _Said, number: int) -> Iterator[Item]:
        self._n += 1
        us = parse_epoch(at)
        if us is None:
            yield f"timestamp is no time: {quote(at)}"
            return
        if said.mended:
            yield Empty(_MENDED)
        yield Record(
            f"own-{self._mark}-{self._n}", platform, self._owner, us, kind, number, 1.0, text=said.text,
            urls=list(said.urls) or None, media=media_of(said.media),
        )  # fmt: skip
        if self._name:
            yield Beside(Account(self._owner, platform, number, display_name=self._name))

    def _facebook_post(self, row: Json, number: int) -> Iterator[Item]:
        parts = [
            dict_of(part)
            for attachment in map(dict_of, list_of(row.get("attachments")))
            for part in list_of(attachment.get("data"))
        ]
        said = [dict_of(part).get("post") for part in list_of(row.get("data"))]
        media = [text_of(dict_of(part.get("media")).get("uri")) for part in parts if "media" in part]
        told = [dict_of(part.get("media")).get("description") for part in parts]
        text, mended = _mended(next(filter(None, map(text_of, [*said, *told])), None))
        urls = [url for part in parts if (url := text_of(dict_of(part.get("external_context")).get("url")))]
        if text is None and not media and not urls:
            yield no_post(row)
            return
        found = _Said(text, mended, urls, media)
        yield from self._one("facebook", "post", row.get("timestamp"), found, number)

    def _facebook_comment(self, row: Json, number: int) -> Iterator[Item]:
        said = next((dict_of(part).get("comment") for part in list_of(row.get("data"))), None)
        comment = dict_of(said)
        text = _Said(*_mended(comment.get("comment")))
        at = comment.get("timestamp") or row.get("timestamp")
        yield from self._one("facebook", "comment", at, text, number)

    def _instagram_post(self, row: Json, number: int) -> Iterator[Item]:
        pieces = list(map(dict_of, list_of(row.get("media"))))
        text, mended = _mended(next(filter(None, (text_of(one.get("title")) for one in [row, *pieces])), None))
        at = row.get("creation_timestamp") or pieces[0].get("creation_timestamp")
        media = [text_of(one.get("uri")) for one in pieces]
        yield from self._one("instagram", "post", at, _Said(text, mended, (), media), number)


def _meta_rows(source: Source, sample: Sample, options: Options) -> Rows:
    del sample, options
    return _Meta(source)


META_DOWNLOAD = json_importer(
    _meta_rows, _META, name="meta_download",
    title="posts and comments out of Facebook's and Instagram's “Download your information” (JSON)",
    tells=_is_meta,
    recognised_by="timestamp, data and attachments or title; comments_v2; media with uri and creation_timestamp; or "
    "string_map_data with Comment and Time",
    fields=fields_of(
        record_id=("(none)", "the download names none: own-<hash>-<number>"),
        account_id=("(none)", "archive-<hash>: the owner, whom the posts do not name"),
        created_at="timestamp, creation_timestamp, string_map_data.Time",
        kind=("comments_v2, string_map_data", "comment; else post"),
        text=("data[].post, attachments[].media.description, comment, title", "letters mended"),
        urls="attachments[].external_context.url",
        media=("attachments[].media.uri, media[].uri", "every picture of a carousel"),
        accounts=("profile_v2.name.full_name of the same zip", "display_name"),
    ),
    left_out=(
        LeftOut("title of a post, of a comment", "a sentence of Facebook that names other people"),
        LeftOut("string_map_data.Media Owner", "another person"),
        LeftOut("messages, friends, searches, logins, devices, addresses", "no posts; other files of the download"),
        LeftOut("media_metadata", "the address and camera of an upload"),
        LeftOut("update_timestamp", "says nothing of what was changed"),
    ),
)  # fmt: skip


_TIKTOK = Family(
    zone="named with --tz, never assumed (TikTok's own text form of the same download says UTC)", precision="1 s",
    documentation="https://support.tiktok.com/en/account-and-privacy/personalized-ads-and-data/requesting-your-data",
    licence="proprietary",
)  # fmt: skip


def _within(row: Json, *path: str) -> object:
    found: object = row
    for name in path:
        found = dict_of(found).get(name)
    return found


def _tiktok_lists(row: Json) -> list[tuple[str, list[object]]]:
    """Return the videos and comments of a download; its parts changed their names over the years."""
    videos = _within(row, "Video", "Videos", "VideoList") or _within(row, "Post", "Posts", "VideoList")
    comments = _within(row, "Comment", "Comments", "CommentsList")
    both = (("post", videos), ("comment", comments))
    return [(kind, found) for kind, found in both if isinstance(found, list)]


def _tiktok_rows(source: Source, sample: Sample, options: Options) -> Rows:
    del sample
    if options.tz is None:
        raise MappingError(f"{source.name}: its times name no zone; say which they are in, as in --tz UTC.")
    rule, mark = TimeRule(zone=zone_of(options.tz)), source.sha256

    def rows(row: Json, number: int) -> Iterator[Item]:
        about = dict_of(_within(row, "Profile", "Profile Information", "ProfileMap"))
        about = about or dict_of(_within(row, "Profile", "Profile Info", "ProfileMap"))
        name = text_of(about.get("userName"))
        owner = name or f"archive-{mark[:12]}"
        n = 0
        for kind, found in _tiktok_lists(row):
            for one in map(dict_of, found):
                n += 1
                at = read_time(text_of(one.get("Date"), one.get("date")) or "", rule)
                if isinstance(at, str):
                    yield at
                    continue
                said = text_of(one.get("Title"), one.get("comment"), one.get("Comment"))
                yield Record(
                    f"own-{mark[:8]}-{n}", "tiktok", owner, at[0], kind, number, at[1], text=said,
                    media=media_of([one.get("Link")] if kind == "post" else []), likes=_count(one.get("Likes")),
                )  # fmt: skip
        if name:
            yield Beside(
                Account(owner, "tiktok", number, handle=name, description=text_of(about.get("bioDescription")))
            )

    return rows


def _count(value: object) -> int | None:
    return int(value) if isinstance(value, str) and value.isascii() and value.isdecimal() else count_of(value)


TIKTOK_DOWNLOAD = json_importer(
    _tiktok_rows, _TIKTOK, name="tiktok_download",
    title="videos and comments out of TikTok's “Download your data” (JSON)",
    tells=_tiktok_lists, recognised_by="Video.Videos.VideoList, Post.Posts.VideoList or Comment.Comments.CommentsList",
    options=("--tz",),
    fields=fields_of(
        record_id=("(none)", "the download names none: own-<hash>-<number>"),
        account_id=("Profile Information.ProfileMap.userName", "else archive-<hash>"),
        created_at="Date, date",
        kind=("CommentsList, VideoList", "comment, post"), text="Title, comment",
        media=("Link", "where the video can be downloaded; never fetched"), metrics=("Likes", "likes"),
        accounts=("ProfileMap: userName, bioDescription", "handle, description"),
    ),
    left_out=(
        LeftOut("Activity, Direct Messages, App Settings, Ads and data", "no posts; private messages are not imported"),
        LeftOut("ProfileMap: emailAddress, telephoneNumber, birthDate", "of the person; no table holds them"),
        LeftOut("WhoCanView, Sound, Location", "no column for them"),
    ),
)  # fmt: skip
