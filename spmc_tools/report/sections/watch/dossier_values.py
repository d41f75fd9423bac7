"""What the dossier of an account holds: what it did, with whom in step, its posts, what officers said of it."""

from __future__ import annotations

from spmc_tools.report.sections.groups.card_values import Explanation
from spmc_tools.report.values.listed import Listed
from spmc_tools.report.values.privacy import (
    AccountId,
    Code,
    Count,
    FileName,
    Flag,
    Handle,
    Number,
    Quoted,
    Time,
    Wording,
)
from spmc_tools.report.values.section_values import section_values

__all__ = [
    "AccountEvent",
    "AccountGround",
    "Dossier",
    "DossierPost",
    "GroupOfAccount",
    "KindCount",
    "OfficerMark",
    "Partner",
]


@section_values
class KindCount:
    """How many records of this kind (post, repost, reply, …) an account has."""

    kind: Code
    n: Count


@section_values
class AccountGround:
    """What one trace says of the account.

    ``kind``: "pair" or "group" (it may name the account), or the basis "few" or "one", which lists it. ``partners``:
    accounts that it is linked with; ``occasions`` of the pair that met most, ``expected`` by chance (None: no model).
    """

    trace: Code
    kind: Code
    sources: Count
    partners: Count
    occasions: Count
    expected: Number | None


@section_values
class AccountEvent:
    """An event that speaks for the account: ``signed`` of its posts are among those that ``accounts`` posted together.

    ``q``: of so many by this account alone; None: not worked out.
    """

    trace: Code
    signed: Count
    accounts: Count
    first: Time | None
    last: Time | None
    q: Number | None


@section_values
class GroupOfAccount:
    """The group of a report that the account is in, by its place there: members, and those that may be named."""

    place: Count
    size: Count
    named: Count


@section_values
class Partner:
    """An account that was in step with the one of the dossier, in the trace and window that chance explains least.

    ``name``: its handle, or its id where it has none; ``n``: occasions, ``expected``: by chance.
    """

    name: AccountId
    trace: Code
    window_s: Number | None
    n: Count
    expected: Number
    p: Number


@section_values
class DossierPost:
    """A post behind the findings of an account; ``own``: it is from the account itself, else from one in step."""

    own: Flag
    name: Handle
    at: Time
    trace: Code
    text: Quoted
    file: FileName | None
    row: Count | None


@section_values
class OfficerMark:
    """A mark that an officer gave an account, when (outside the office the hour) and why; ``undone``: taken back."""

    mark: Code
    by: Wording
    at: Time
    reason: Wording
    undone: Flag


@section_values
class Dossier:
    """Everything that the findings hold of one account.

    ``tier`` None: nothing is found of it; ``kind``: as which it is registered; ``grounds, events, group`` (None: in
    none that the report shows): what the tier rests on; ``bursts``: its records in moments in which unusually many
    accounts acted, where these rank it, and ``sessions``: groups within hours that it is in; neither names.
    ``patterns``: ordinary patterns that explain a trace of it.
    """

    account: AccountId
    name: Handle | None
    tier: Code | None
    q: Number | None
    kind: Code | None
    records: Count
    first: Time | None
    last: Time | None
    kinds: tuple[KindCount, ...]
    grounds: tuple[AccountGround, ...]
    events: tuple[AccountEvent, ...]
    group: GroupOfAccount | None
    bursts: Count
    partners: Listed[Partner]
    posts: Listed[DossierPost]
    explanations: tuple[Explanation, ...]
    marks: tuple[OfficerMark, ...]
    sessions: Count = 0
    patterns: tuple[Code, ...] = ()

    def needed_texts(self) -> tuple[str, ...]:
        """Return the texts of the posts that the findings rest on."""
        return tuple(post.text for post in self.posts if post.text)
