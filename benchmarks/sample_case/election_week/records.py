"""A simulated week as records, with the words of its posts: what :func:`spmc_tools.investigate` takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from benchmarks.sample_case.election_week import wording
from benchmarks.sample_case.election_week.actions import account_ids
from benchmarks.sample_case.election_week.world import GENRES, ROLES

if TYPE_CHECKING:
    from benchmarks.sample_case.election_week.world import World

__all__ = ["records"]

_TOOL, _PHONE = "Demo Desk Scheduler", ("Demo for Phones", "Demo for Web", "Demo Lite")


def records(world: World) -> pd.DataFrame:
    """Return record_id, account_id, created_at, kind, text, urls, ref_record_id, ref_account_id, client.

    Times are known to the second. Headlines that a newsroom schedules come from one tool.
    """
    rng = np.random.default_rng([world.settings.seed, 2])
    ids, said = account_ids(world), wording.originals(world, np.random.default_rng(world.settings.seed))
    author = world.originals["author"]
    post_ids = np.array([f"o{n}" for n in range(author.size)])
    phone = np.array(_PHONE)[rng.choice(3, size=world.role.size, p=(0.6, 0.3, 0.1))]
    desk = (world.role[author] == ROLES.index("newsroom")) & (world.originals["genre"] == GENRES.index("news"))
    texts = pd.Series([one.text for one in said], dtype="str")
    originals = pd.DataFrame(
        {
            "record_id": post_ids,
            "account_id": ids[author],
            "created_at": world.originals["t_ms"],
            "kind": "post",
            "text": texts,
            "urls": [list(one.links.values()) for one in said],
            "ref_record_id": None,
            "ref_account_id": None,
            "client": np.where(desk & world.settings.scheduled, _TOOL, phone[author]),
        }
    )
    actor, ref, kind = (world.references[name] for name in ("actor", "ref", "kind"))
    answers = [
        texts[r] if k == 0 else wording.remark(rng, int(world.place[a])).text
        for a, r, k in zip(actor.tolist(), ref.tolist(), kind.tolist(), strict=True)
    ]
    references = pd.DataFrame(
        {
            "record_id": [f"r{n}" for n in range(actor.size)],
            "account_id": ids[actor],
            "created_at": world.references["t_ms"],
            "kind": np.array(["repost", "reply", "quote"])[kind],
            "text": answers,
            "urls": [[] for _ in answers],
            "ref_record_id": post_ids[ref],
            "ref_account_id": ids[author[ref]],
            "client": phone[actor],
        }
    )
    whole = pd.concat([originals, references], ignore_index=True)
    whole["created_at"] = pd.to_datetime(whole["created_at"], unit="ms", utc=True)
    return whole.assign(time_precision_s=1.0)
