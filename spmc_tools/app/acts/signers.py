"""The key with which an act of a form is signed: unlocked with a passphrase that is held for the act alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spmc_tools.app.acts.act_form import ActField, Ground
from spmc_tools.case.files.officer_names import name_key
from spmc_tools.signing.officer_keys import read_key, unlock

if TYPE_CHECKING:
    from spmc_tools.signing.officer_keys import Signer

__all__ = ["PASSPHRASE", "WHO", "needs_passphrase", "signer_of"]

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
