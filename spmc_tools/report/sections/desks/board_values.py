"""Values of the watch board."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from spmc_tools.desks.watch.board import Board

__all__ = ["watch_board"]


def watch_board(board: Board) -> dict[str, Any]:
    """Return the board, with the sums of its daily return and what is next."""
    from spmc_tools.desks.watch.board import STATES

    returns = board.returns or []
    return {
        **asdict(board),
        "running": sum(row["state"] == "running" for row in board.cases),
        "expired": sum(row["state"] == "expired" for row in board.cases),
        "sums": {state: sum(row[state] for row in returns) for state in STATES},
        "watched": returns[-1]["watched"] if returns else None,
        "next": next((row for row in board.coming if row["in_days"] > 0), None),
        "now": [row for row in board.coming if row["in_days"] == 0],
    }
