"""Reposts that do not name the post they repeat: a key of author and beginning stands in, and is marked."""

from __future__ import annotations

import pytest

from spmc_tools.importers.engine.repost_key import begins_as_repost, repost_keys
from spmc_tools.importers.fields.rows import Record

TEXT = "आज सुबह दस बजे मतदान केंद्र सात पर शांति है"


def repost(text: str | None, **more) -> Record:
    return Record("1", "x", "11", 0, "repost", 1, text=text)._replace(**more)


def key(text: str, **more) -> str | None:
    records = [repost(text, **more)]
    repost_keys(records)
    return records[0].ref_record_id


@pytest.mark.parametrize(
    "other",
    [
        f"RT @Asha: {TEXT}", f"RT @asha: {TEXT[:40]}  {TEXT[40:]}".replace("  ", ""), f"RT @asha: {TEXT}… https://t.co/a",
        f"RT @asha: {TEXT} https://t.co/cut…", f"RT @asha:\n{TEXT}",
    ],
)  # fmt: skip
def test_one_post_has_one_key(other):
    assert key(other) == key(f"RT @asha: {TEXT}") and key(other).startswith("derived-")


@pytest.mark.parametrize(
    "other",
    [f"RT @ravi: {TEXT}", f"RT @asha: कल {TEXT}", f"RT @asha: {TEXT[:30]}", "RT @asha: छोटा", TEXT, f"rt {TEXT}"],
)
def test_another_author_or_text_has_another_or_none(other):
    assert key(other) != key(f"RT @asha: {TEXT}")


def test_an_id_that_is_given_stays_and_the_author_is_filled():
    records = [repost(f"RT @asha: {TEXT}", ref_record_id="5"), repost("RT @asha: x"), repost(f"RT @asha: {TEXT}",
               ref_account_id="12"), repost(f"RT @asha: {TEXT}", kind="post"), repost(None)]  # fmt: skip
    assert repost_keys(records) == 1
    assert [r.ref_record_id is not None for r in records] == [True, False, True, False, False]
    assert [r.ref_account_id for r in records] == [None, "asha", "12", None, None]
    assert records[0].ref_record_id == "5"


def test_who_is_reposted():
    assert begins_as_repost("RT @asha: x") == "asha"
    assert begins_as_repost("see RT @asha: x") is begins_as_repost(None) is begins_as_repost("RT @asha") is None


MAP = """
[columns]
record_id = "id"
account_id = "user"
created_at = "at"
text = "text"
[constants]
platform = "{platform}"
"""
ROWS = "id,user,at,text\n" + "".join(
    f"{n},{n},2025-11-06T10:00:0{n}Z,{text}\n"
    for n, text in enumerate((f"RT @asha: {TEXT}", f"RT @asha: {TEXT}", "RT @ravi: अच्छा", "अपना", "my RT @asha: x"))
)


def test_a_table_without_any_column_of_reposts(bring, write, case):
    found = bring("t.csv", ROWS, mapping=write("m.toml", MAP.format(platform="x")))
    assert [(r["kind"], r.get("ref_account_id")) for r in found.records] == [
        ("repost", "asha"), ("repost", "asha"), ("repost", "ravi"), ("post", None), ("post", None),
    ]  # fmt: skip
    refs = [r.get("ref_record_id") for r in found.records]
    assert refs[0] == refs[1] and refs[0].startswith("derived-") and refs[2:] == [None, None, None]
    assert "3 posts begin with RT @name: and are reposts of that account" in found.result.note
    assert "2 reposts do not name the post that is repeated" in found.result.note
    assert case.batches()[0].details["derived_reposts"] == 2


def test_not_where_the_table_tells_reposts_itself_or_on_another_platform(bring, write):
    told = MAP.format(platform="x") + '[kind]\ndefault = "post"\nrepost = {column = "id", equals = ["9"]}\n'
    assert {r["kind"] for r in bring("a.csv", ROWS, mapping=write("m.toml", told)).records} == {"post"}
    other = bring("b.csv", ROWS + "\n", mapping=write("n.toml", MAP.format(platform="telegram")))
    assert {r["kind"] for r in other.records} == {"post"}


def test_common_reposts_are_found_with_derived_keys(bring, write, case):
    """By hand: two accounts repost the same two posts within seconds; without keys there is no pair."""
    from spmc_tools.coaction.engines.coactions import coactions

    other = "कल दोपहर तीन बजे रैली का मार्ग बदला गया है ध्यान दें"
    rows = "id,user,at,text\n" + "".join(
        f"{n},{who},2025-11-06T10:0{n // 2}:0{n % 2}Z,RT @asha: {text}\n"
        for n, (who, text) in enumerate([("a", TEXT), ("b", TEXT), ("a", other), ("b", other)])
    )
    bring("t.csv", rows, mapping=write("m.toml", MAP.format(platform="x")))
    records = case.records(["account_id", "ref_record_id", "created_at"])
    actions = records.rename(columns={"ref_record_id": "object_id", "created_at": "t"})
    pairs = coactions(actions, window_s=60, min_objects=2)
    assert len(pairs) == 1 and actions["object_id"].nunique() == 2
