"""Simple JSON of Telegram channels: per message an object with ``message_id``, ``sender_id``, ``text``, ``date``."""

from __future__ import annotations

import re
from typing import Any

from spmc_tools.importers.engine.importer import Family, LeftOut
from spmc_tools.importers.mapping.known_tables import Known, Made, columns, known_importer
from spmc_tools.importers.mapping.mapping import Mapping

__all__ = ["TELEGRAM_CHANNEL"]

_WHOLE = re.compile(r"(-?\d{1,15})\.0")


def _exact(cell: Any) -> str:
    """Return a number without the ``.0`` that tables write behind the ids of channels, which are below 0."""
    found = _WHOLE.fullmatch(text := str(cell))
    return found[1] if found else text


def _post_id(channel: Any, number: Any) -> str | None:
    return f"{_exact(channel)}/{_exact(number)}" if channel not in (None, "") and number not in (None, "") else None


TELEGRAM_CHANNEL = known_importer(
    Known(
        needs=(("message_id", "sender_id", "text", "date", "channel"),),
        made=(Made("(post)", ("sender_id", "message_id"), _post_id), Made("(sender)", ("sender_id",), _exact)),
        mapping=Mapping(
            columns(record_id="(post)", account_id="(sender)", surface_id="(sender)", created_at="date", text="text"),
            accounts=columns(display_name="channel"), constants={"platform": "telegram"},
        ),
    ),
    Family(
        zone="each date carries its offset", precision="1 s", documentation="the files themselves: no tool is named",
    ),
    name="telegram_channel", title="messages of a Telegram channel as simple JSON or table", sample_rows=300,
    remarks={
        "record_id": "-100…/number, as the other importers of Telegram make it",
        "account_id": "Telegram's marked id: -100… for channels",
    },
    left_out=(LeftOut("category", "somebody's label of the channel"),),
)  # fmt: skip
