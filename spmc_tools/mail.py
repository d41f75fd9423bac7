"""A mail through the centre's own server: where it goes, and one attempt to send it."""

from __future__ import annotations

import re
import threading

from pydantic import BaseModel, ConfigDict, Field, field_validator

from spmc_tools.errors import quote

__all__ = ["Mail", "sent"]


class Mail(BaseModel):
    """Where a message goes: a server of the centre's own network.

    Attributes
    ----------
    host, port
        Of the server.
    sender : str
        Address it comes from.
    to : list of str
        Addresses.
    starttls : bool
        Whether the connection is encrypted, with a certificate that this machine trusts, before anything is said.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    host: str = Field(min_length=1)
    port: int = Field(default=25, ge=1, le=65_535)
    sender: str = Field(min_length=3, pattern=r"^[^\s<>]+@[^\s<>]+$")
    to: list[str] = Field(min_length=1)
    starttls: bool = False

    @field_validator("to")
    @classmethod
    def _addresses(cls, value: list[str]) -> list[str]:
        for address in value:
            if not re.fullmatch(r"[^\s<>]+@[^\s<>]+", address):
                raise ValueError(f"{quote(address)} is no address")
        return value


def sent(mail: Mail, subject: str, text: str, wait_s: float, attached: dict[str, str] | None = None) -> str | None:
    """Send a mail; return None, or the sentence that says why it was not sent.

    A server that answers without an end is left after ``wait_s`` seconds, whatever it says meanwhile. ``attached``:
    name -> text of each file that goes with it.
    """
    said: list[str | None] = []
    arguments = (mail, subject, text, wait_s, attached or {})
    sender = threading.Thread(target=lambda: said.append(_attempt(*arguments)), daemon=True)
    sender.start()
    sender.join(wait_s)
    if not said:
        return f"The mail through {mail.host}:{mail.port} was not sent: the server took longer than {wait_s:g} s."
    return said[0]


def _attempt(mail: Mail, subject: str, text: str, wait_s: float, attached: dict[str, str]) -> str | None:
    import smtplib
    import ssl
    from email.message import EmailMessage

    message = EmailMessage()
    message["From"], message["To"] = mail.sender, ", ".join(mail.to)
    message["Subject"] = subject
    message.set_content(text)
    for name, content in attached.items():
        message.add_attachment(content, filename=name)
    try:
        with smtplib.SMTP(mail.host, mail.port, timeout=wait_s) as server:
            if mail.starttls:
                server.starttls(context=ssl.create_default_context())
            server.send_message(message)
    except (OSError, ValueError, smtplib.SMTPException) as error:
        return f"The mail through {mail.host}:{mail.port} was not sent: {error}."
    return None
