"""Fields of a format, declared by the column they fill."""

from __future__ import annotations

from spmc_tools.importers.engine.importer import Field, fields_of


def test_fields_stand_in_the_order_of_the_declaration_with_their_remarks():
    assert fields_of(text=("body", "as HTML"), record_id="id", created_at="at") == (
        Field("body", "text", "as HTML"),
        Field("id", "record_id"),
        Field("at", "created_at, time_precision_s"),
    )


def test_the_time_of_collection_is_that_of_observation_where_there_are_accounts():
    assert fields_of(collected_at="seen") == (Field("seen", "collected_at"),)
    both = fields_of(collected_at="seen", accounts=("user", "handle"))
    assert both == (Field("seen", "collected_at; accounts.observed_at"), Field("user", "accounts", "handle"))
