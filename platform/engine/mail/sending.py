"""Sending one message by SMTP, as plain text and perhaps HTML. What the mail server answers is told: it is what helps.

The connection is opened by `Egress`, so no tenant can use the mail settings to look around in our network.
"""

import smtplib
import socket
import ssl
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import Any, Final

from fieldstone.engine.egress import Egress
from fieldstone.engine.mail.settings import MailSettings
from fieldstone.problems import FieldstoneError

TIMEOUT: Final = 15.0


class MailFailed(FieldstoneError):
    """The mail server did not take the message."""

    code = "mail.failed"
    kind = "external"


@dataclass(frozen=True, slots=True)
class Message:
    """A message to one person.

    `message_id` is its id where another attempt must be known as the same message; `unsubscribe` is an https address
    that a POST ends such mails at (RFC 8058).
    """

    to: str
    subject: str
    text: str
    to_name: str = ""
    html: str = ""
    message_id: str = ""
    unsubscribe: str = ""


def send(settings: MailSettings, message: Message, egress: Egress) -> None:
    """Hand a message to the mail server. Raises MailFailed, EgressRefused, HostUnreachable."""
    letter = compose(settings, message)
    try:
        with _connected(settings, egress) as server:
            server.ehlo_or_helo_if_needed()
            if settings.security == "starttls":
                server.starttls(context=ssl.create_default_context())
            if settings.username:
                server.login(settings.username, settings.password)
            server.send_message(letter)
    except smtplib.SMTPResponseException as error:
        said = (
            error.smtp_error.decode("utf-8", "replace")
            if isinstance(error.smtp_error, bytes)
            else error.smtp_error
        )
        raise MailFailed(f"The mail server answered: {error.smtp_code} {said}"[:500]) from error
    except smtplib.SMTPRecipientsRefused as error:
        raise MailFailed(f"The mail server does not take mail for {message.to}.") from error
    except (smtplib.SMTPException, OSError, ValueError) as error:
        raise MailFailed(f"The mail server cannot be used: {error or type(error).__name__}"[:500]) from error


def compose(settings: MailSettings, message: Message) -> EmailMessage:
    """The message as it is sent. Header injection is impossible: the parts are set as addresses."""
    letter = EmailMessage()
    try:
        letter["From"] = Address(_line(settings.sender_name), addr_spec=settings.sender)
        letter["To"] = Address(_line(message.to_name), addr_spec=message.to)
    except (ValueError, IndexError) as error:
        raise MailFailed(f"{message.to} is no address that mail can be sent to.") from error
    letter["Subject"] = _line(message.subject)
    letter["Date"] = formatdate()
    domain = settings.sender.rpartition("@")[2]
    letter["Message-ID"] = (
        f"<{message.message_id}@{domain}>" if message.message_id else make_msgid(domain=domain)
    )
    letter["Auto-Submitted"] = "auto-generated"
    if message.unsubscribe:
        letter["List-Unsubscribe"] = f"<{message.unsubscribe}>"
        letter["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    letter.set_content(message.text)
    if message.html:
        letter.add_alternative(message.html, subtype="html")
    return letter


def _line(text: str) -> str:
    return " ".join(text.split())


def _connected(settings: MailSettings, egress: Egress) -> smtplib.SMTP:
    kind = _TlsServer if settings.security == "tls" else _PlainServer
    return kind(settings.host, settings.port, egress)


class _PlainServer(smtplib.SMTP):
    def __init__(self, host: str, port: int, egress: Egress) -> None:
        self._egress = egress
        super().__init__(host, port, timeout=TIMEOUT)

    def _get_socket(self, host: str, port: int, timeout: Any) -> socket.socket:
        return self._egress.connect(host, port, timeout)


class _TlsServer(_PlainServer):
    def _get_socket(self, host: str, port: int, timeout: Any) -> socket.socket:
        plain = super()._get_socket(host, port, timeout)
        return ssl.create_default_context().wrap_socket(plain, server_hostname=host)
