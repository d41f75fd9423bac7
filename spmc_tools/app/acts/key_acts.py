"""Officers' keys: forms to make, replace and end one, and the key that signs an act, opened for that act alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spmc_tools.app.acts.act_form import Act, ActField, Done, Ground, ShownTable, command_line
from spmc_tools.case.files.officer_names import name_key
from spmc_tools.errors import ParameterError, quote
from spmc_tools.signing.enrolment import KeyBook, revoke
from spmc_tools.signing.officer_keys import fingerprint, make_key, read_key, rotate_key, unlock
from spmc_tools.signing.passphrases import passphrase_quality

if TYPE_CHECKING:
    from spmc_tools.signing.officer_keys import OfficerKey, Signer

__all__ = ["KEY_ACTS", "PASSPHRASE", "WHO", "keys_table", "needs_passphrase", "signer_of"]

WHO = ActField("as", start=lambda ground: "" if ground.case is None else ground.case.officer)
"""Who does it."""

PASSPHRASE = ActField("passphrase", "passphrase", needed=False)
"""Of the key of who does it; a person without a key leaves it empty."""


def signer_of(name: str, passphrase: str) -> Signer | None:
    """Return the unlocked key of an officer; None where there is none on this machine."""
    return unlock(name, passphrase) if name_key(name) and read_key(name) is not None else None


def needs_passphrase(ground: Ground, values: dict[str, Any]) -> dict[str, str]:
    """Say that the passphrase is missing, where the officer has a key on this machine."""
    name = str(values["as"])
    if not name_key(name) or values["passphrase"] or read_key(name) is None:
        return {}
    return {"passphrase": ground.say("app.empty.passphrase")}


OFFICER = ActField("as")


def _same(ground: Ground, values: dict[str, Any], first: str = "passphrase") -> dict[str, str]:
    same = values[first] == values["passphrase_again"]
    return {} if same else {"passphrase_again": ground.say("app.passphrase_differs")}


def _new_check(ground: Ground, values: dict[str, Any]) -> dict[str, str]:
    known = name_key(values["as"]) and read_key(values["as"]) is not None
    return _same(ground, values) | ({"as": ground.say("app.key_there")} if known else {})


def _new(ground: Ground, values: dict[str, Any]) -> Done:
    key = make_key(values["as"], values["passphrase"])
    return Done((_made(ground, key), _quality(ground, values["passphrase"], key.officer)))


def _rotate(ground: Ground, values: dict[str, Any]) -> Done:
    key = rotate_key(values["as"], values["passphrase"], values["passphrase_new"])
    return Done((_made(ground, key), _quality(ground, values["passphrase_new"], key.officer)))


def _made(ground: Ground, key: OfficerKey) -> str:
    return ground.say("app.key_done", officer=key.officer, fingerprint=key.fingerprint)


def _quality(ground: Ground, passphrase: str, officer: str) -> str:
    """Return what a passphrase is worth, as a sentence."""
    sentences = {
        "weak": ground.say("app.passphrase_weak"),
        "fair": ground.say("app.passphrase_fair"),
        "good": ground.say("app.passphrase_good"),
    }
    return sentences[passphrase_quality(passphrase, officer)]


def _revoke(ground: Ground, values: dict[str, Any]) -> Done:
    case = ground.opened
    signer = signer_of(values["as"], values["passphrase"])
    public = KeyBook.of(case.ledger.entries()).current.get(name_key(values["of"]))
    if signer is None or public is None:
        who = values["as"] if signer is None else values["of"]
        raise ParameterError(ground.say("app.key_none", officer=quote(who)))
    revoke(case, public, values["reason"], signer)
    return Done((ground.say("app.revoke_done", officer=values["of"], fingerprint=fingerprint(public)),))


KEY_ACTS = (
    Act(
        "key_new",
        (OFFICER, ActField("passphrase", "passphrase"), ActField("passphrase_again", "passphrase")),
        _new,
        lambda _case, v: command_line("spmc", "key", "new", "--as", v["as"]),
        check=_new_check, caseless=True,
    ),
    Act(
        "key_rotate",
        (
            OFFICER, ActField("passphrase", "passphrase"), ActField("passphrase_new", "passphrase"),
            ActField("passphrase_again", "passphrase"),
        ),
        _rotate,
        lambda _case, v: command_line("spmc", "key", "rotate", "--as", v["as"]),
        check=lambda ground, values: _same(ground, values, "passphrase_new"), caseless=True,
    ),
    Act(
        "key_revoke",
        (ActField("of"), ActField("reason"), OFFICER, ActField("passphrase", "passphrase")),
        _revoke,
        lambda case, v: command_line(
            "spmc", "key", "revoke", case, "--of", v["of"], "--as", v["as"], "--reason", v["reason"]
        ),
        check=needs_passphrase,
    ),
)  # fmt: skip


def keys_table(ground: Ground) -> list[ShownTable]:
    """Return the keys that are known here: of officers whom the case's log names, on this machine or in the case."""
    if ground.case is None:
        return []
    say, entries = ground.say, ground.case.ledger.entries()
    names = {ground.case.officer, *(str(entry["officer"]) for entry in entries)}
    current = KeyBook.of(entries).current
    rows = []
    for name in sorted(names):
        key = read_key(name) if name_key(name) else None
        public = current.get(name_key(name))
        rows.append((name, "–" if key is None else key.fingerprint, "–" if public is None else fingerprint(public)))
    header = tuple(say(f"app.field.{name}") for name in ("officer", "key_here", "key_in_case"))
    return [ShownTable("keys", say("app.table.keys"), header, rows)]
