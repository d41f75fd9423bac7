"""As much of SMTP as it takes to receive mails, on this machine."""

from __future__ import annotations

import email
import socket
import threading
from email import policy
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from email.message import EmailMessage
    from typing import TextIO


class MailServer(threading.Thread):
    """Keeps each mail in ``mails``; ``refuses``: it takes none."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.mails: list[EmailMessage] = []
        self.refuses = False

    def run(self) -> None:
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            with connection, connection.makefile("rw", newline="\r\n", encoding="utf-8") as stream:
                self._talk(stream)

    def close(self) -> None:
        """Take no more connections."""
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        self.join(timeout=10)

    def _talk(self, stream: TextIO) -> None:
        def say(line: str) -> None:
            stream.write(line + "\n")
            stream.flush()

        say("220 ready")
        for line in stream:
            verb = line.split()[0].upper()
            if verb == "DATA":
                say("354 go on")
                lines: list[str] = []
                for text in stream:
                    if text.rstrip("\r\n") == ".":
                        break
                    lines.append(text)
                self.mails.append(email.message_from_string("".join(lines), policy=policy.default))
            say("451 not now" if verb == "MAIL" and self.refuses else "221 bye" if verb == "QUIT" else "250 ok")
            if verb == "QUIT":
                return
