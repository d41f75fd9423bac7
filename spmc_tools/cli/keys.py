"""Commands on officers' keys, and the unlocked key with which other commands sign."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import typer

from spmc_tools.cli.options import Json, Officer
from spmc_tools.cli.output import say
from spmc_tools.errors import ParameterError, quote

if TYPE_CHECKING:
    from spmc_tools.signing.officer_keys import OfficerKey, Signer

__all__ = ["key_new", "key_rotate", "key_show", "signer_of"]


def key_new(context: typer.Context, name: Officer, as_json: Json = False) -> None:
    """Make an officer's key. The passphrase is asked for, or read from SPMC_KEY_PASSPHRASE."""
    from spmc_tools.signing.officer_keys import make_key

    chosen = _passphrase(f"New passphrase for the key of {name}", twice=True)
    _say_key(context, as_json, make_key(name, chosen), chosen)


def key_show(context: typer.Context, name: Officer, as_json: Json = False) -> None:
    """Say the fingerprint of an officer's public key. Others compare it."""
    from spmc_tools.signing.officer_keys import read_key

    found = read_key(name)
    if found is None:
        raise ParameterError(f"{quote(name)} has no key here; type spmc key new --as NAME to make one.")
    _say_key(context, as_json, found)


def key_rotate(context: typer.Context, name: Officer, as_json: Json = False) -> None:
    """Replace an officer's key. The new passphrase is asked for, or read from SPMC_NEW_KEY_PASSPHRASE."""
    from spmc_tools.signing.officer_keys import rotate_key

    old = _passphrase(f"Passphrase of the key of {name}")
    new = _passphrase("Passphrase of the new key", twice=True, variable="SPMC_NEW_KEY_PASSPHRASE")
    _say_key(context, as_json, rotate_key(name, old, new), new)


_QUALITY = {
    "weak": "The passphrase is weak: whoever takes the key file can guess it. Draw six words by dice; spmc key rotate.",
    "fair": "The passphrase is fair. Six words drawn by dice hold longer.",
    "good": "The passphrase is good, where nobody can know it from you or your papers.",
}


def _say_key(context: typer.Context, as_json: bool, key: OfficerKey, chosen: str | None = None) -> None:
    from spmc_tools.signing.passphrases import passphrase_quality

    result = {**key.told(), "made_at": key.made_at, "path": str(key.path)}
    lines = [f"{key.officer}: {key.fingerprint}", f"Public key {key.public_key}", str(key.path)]
    if chosen is not None:
        result["passphrase"] = passphrase_quality(chosen, key.officer)
        lines.append(_QUALITY[result["passphrase"]])
    say(context, as_json, result, lines)


def _passphrase(what: str, twice: bool = False, variable: str = "SPMC_KEY_PASSPHRASE") -> str:
    """Return a passphrase from the environment, or ask for it on the terminal."""
    passphrase = os.environ.get(variable)
    if passphrase:
        return passphrase
    if not sys.stdin.isatty():
        raise ParameterError(f"A passphrase is needed and nobody can be asked; set {variable}.")
    return str(typer.prompt(what, hide_input=True, confirmation_prompt=twice, err=True))


def signer_of(name: str, needed: bool = False) -> Signer | None:
    """Return an officer's unlocked key; None where there is none, or, unless needed, nobody can be asked."""
    from spmc_tools.case.files.officer_names import name_key
    from spmc_tools.signing.officer_keys import PASSPHRASE, read_key, unlock

    if not name_key(name) or read_key(name) is None:
        return None
    if not needed and not os.environ.get(PASSPHRASE) and not sys.stdin.isatty():
        typer.echo(
            f"Note: the key of {quote(name)} is locked and {PASSPHRASE} is not set, so nothing is signed.", err=True
        )
        return None
    return unlock(name, _passphrase(f"Passphrase of the key of {name}"))
