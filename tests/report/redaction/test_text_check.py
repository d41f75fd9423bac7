"""Words of accounts that are in no finding: which six words in a row count, and in whose mouth."""

from __future__ import annotations

from types import SimpleNamespace

import pyarrow as pa
import pytest

from spmc_tools.report.redaction.text_check import Needed, TextCheck

SIX = "the bridge is closed since noon"


def case(*records, inbox=()):
    """Records as (account, text), and the ids of those that are messages of citizens."""
    ids = [str(n) for n in range(len(records))]
    accounts, texts = ([record[place] for record in records] for place in (0, 1))
    columns = {"record_id": ids, "account_id": accounts, "text": pa.array(texts, pa.string())}
    tables = {"records": pa.table(columns), "messages": pa.table({"record_id": pa.array(inbox, pa.string())})}
    return SimpleNamespace(table=lambda name, _: tables[name])


def found(held, *seen, needed=None, own=()):
    check = TextCheck()
    for place, text in enumerate(seen, start=1):
        check.see(text, f"place {place}")
    return check.found(held, needed or Needed(), own), check.looked_for, check.too_short


def test_six_words_of_an_account_outside_the_findings_are_a_leak():
    held = case(("quiet", SIX + " says she"), ("other", "is closed"), ("third", None))
    assert found(held, "nothing", f"she wrote: {SIX} today") == ({SIX: "place 2"}, 1, 1)
    assert found(held, SIX, SIX)[0] == {SIX: "place 1"}  # the first place
    assert found(held, SIX.rsplit(" ", 1)[0]) == ({}, 1, 1)  # five of the words
    assert found(held, "bridge is closed since noon says")[0] == {"bridge is closed since noon says": "place 1"}


def test_what_a_finding_needs_or_we_wrote_ourselves_is_none():
    held = case(("quiet", SIX), ("named", f"{SIX} today"))
    assert found(held, SIX)[0] == {SIX: "place 1"}
    assert found(held, SIX, needed=Needed(accounts={"named"})) == ({}, 1, 0)
    assert found(held, SIX, needed=Needed(texts={SIX}))[0] == {}
    assert found(held, SIX, own=[f"A claim: {SIX}"])[0] == {}


def test_a_message_of_a_citizen_is_not_looked_for():
    assert found(case(("citizen", SIX), inbox=["0"]), SIX) == ({}, 0, 0)


@pytest.mark.parametrize("masked", ["@ravi", "x.example/a", "8", "8th", "mailto:ravi"])
def test_a_word_that_may_have_been_masked_divides_the_rest(masked):
    words = SIX.split()
    text = " ".join([*words[:3], masked, *words[3:]])
    assert found(case(("quiet", text)), text) == ({}, 0, 1)
    whole = f"{SIX} {masked} {SIX}"
    assert found(case(("quiet", whole)), SIX) == ({SIX: "place 1"}, 1, 0)
