"""Sending: what reaches the mail server, and what is said when it does not."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from mail_server import MailServer, mail_server

from fieldstone.engine.egress import Egress, EgressRefused, HostUnreachable
from fieldstone.engine.mail import MailFailed, MailSettings, Message, send

LETTER = Message("ada@example.org", "您好 Hello", "One line.\n二行目\n", "王小明")


@pytest.fixture
def server() -> Iterator[MailServer]:
    with mail_server(password="right one") as running:
        yield running


def settings(server: MailServer, **changes: object) -> MailSettings:
    base = MailSettings(
        "127.0.0.1", server.port, "none", "post", "right one", "crm@example.org", "Works", "https://x"
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def test_a_message_arrives_as_it_was_written(server: MailServer) -> None:
    send(settings(server), LETTER, server.egress)
    letter = server.letters[0]
    assert str(letter["Subject"]) == "您好 Hello"
    assert letter["To"].addresses[0].display_name == "王小明"
    assert letter.get_content().splitlines() == ["One line.", "二行目"]


def test_a_private_mail_server_needs_the_operators_word(server: MailServer) -> None:
    with pytest.raises(EgressRefused):
        send(settings(server), LETTER, Egress())
    assert not server.letters


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"password": "wrong"}, "535"),
        ({"security": "starttls"}, "STARTTLS"),
        ({"security": "tls"}, "cannot be used"),
    ],
    ids=["password", "no starttls", "no tls"],
)
def test_what_fails_is_said_and_nothing_is_sent(
    server: MailServer, changes: dict[str, str], words: str
) -> None:
    with pytest.raises(MailFailed, match=words):
        send(settings(server, **changes), LETTER, server.egress)
    assert not server.letters


@pytest.mark.parametrize("to", ["ada@example.org\nBcc: all@example.org", "nobody", "", "a b@example.org"])
def test_an_address_cannot_smuggle_headers(server: MailServer, to: str) -> None:
    with pytest.raises(MailFailed):
        send(settings(server), replace(LETTER, to=to), server.egress)
    assert not server.letters


def test_a_subject_is_one_line(server: MailServer) -> None:
    send(settings(server), replace(LETTER, subject="a\r\nBcc: b@example.org"), server.egress)
    assert str(server.letters[0]["Subject"]) == "a Bcc: b@example.org"
    assert server.letters[0]["Bcc"] is None


def test_a_silent_host_is_unreachable(server: MailServer) -> None:
    gone = settings(server, port=1)
    with pytest.raises(HostUnreachable):
        send(gone, LETTER, Egress(frozenset({("127.0.0.1", 1)})))
