"""A mail server for tests: enough SMTP to sign in and take letters, in a thread."""

import base64
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage

from fieldstone.engine.egress import Egress


@dataclass
class MailServer:
    """What it took. `egress` allows to reach it."""

    port: int = 0
    password: str = ""
    letters: list[EmailMessage] = field(default_factory=list)

    @property
    def egress(self) -> Egress:
        return Egress(frozenset({("127.0.0.1", self.port)}))


@contextmanager
def mail_server(password: str = "") -> Iterator[MailServer]:
    """A running server on a port of this machine; with a password, only who signs in may send."""
    state = MailServer(password=password)

    class Talk(socketserver.StreamRequestHandler):
        def say(self, line: str) -> None:
            self.wfile.write(line.encode() + b"\r\n")

        def handle(self) -> None:
            with suppress(ConnectionError):
                self.talk()

        def talk(self) -> None:
            self.say("220 test")
            known = not state.password
            while line := self.rfile.readline():
                word, _, rest = line.decode("latin-1").strip().partition(" ")
                word = word.upper()
                if word == "EHLO":
                    self.say("250-test")
                    self.say("250 AUTH PLAIN")
                elif word == "AUTH":
                    known = (
                        base64.b64decode(rest.removeprefix("PLAIN ")).split(b"\0")[-1]
                        == state.password.encode()
                    )
                    self.say("235 good" if known else "535 wrong user or password")
                elif word == "DATA" and known:
                    self.say("354 go on")
                    lines = []
                    while (part := self.rfile.readline()) != b".\r\n":
                        lines.append(part.removeprefix(b"."))
                    letter = message_from_bytes(b"".join(lines), policy=policy.default)
                    assert isinstance(letter, EmailMessage)
                    state.letters.append(letter)
                    self.say("250 taken")
                elif word == "QUIT":
                    self.say("221 bye")
                    return
                elif word in ("MAIL", "RCPT", "NOOP", "RSET"):
                    self.say("250 ok" if known else "530 sign in first")
                else:
                    self.say("500 what?")

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Talk) as server:
        server.daemon_threads = True
        state.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield state
        finally:
            server.shutdown()
