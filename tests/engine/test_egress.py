"""The way out: public addresses, and what the operator allows."""

import ipaddress
import socket
from collections.abc import Iterator

import pytest

from fieldstone.engine.egress import Egress, EgressRefused, HostUnreachable, is_public, read_allowed


@pytest.fixture
def listening() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.mark.parametrize(
    "text",
    ["127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
     "240.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fd00::1", "ff02::1", "::ffff:10.0.0.1",
     "2002:0a00:0001::1", "64:ff9b::a00:1", "2001:db8::1"],
)  # fmt: skip
def test_private_addresses_are_not_public_whatever_they_are_wrapped_in(text: str) -> None:
    assert not is_public(ipaddress.ip_address(text))


@pytest.mark.parametrize("text", ["93.184.216.34", "2606:4700::1111", "::ffff:93.184.216.34"])
def test_public_addresses_are(text: str) -> None:
    assert is_public(ipaddress.ip_address(text))


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0x7f000001", "2130706433", "127.1"])
def test_a_private_host_is_refused_however_it_is_written(host: str, listening: int) -> None:
    with pytest.raises((EgressRefused, HostUnreachable)):
        Egress().connect(host, listening)


def test_what_the_operator_lists_is_reached_and_no_other_port(listening: int) -> None:
    egress = Egress(read_allowed(f"LOCALHOST:{listening}"))
    egress.connect("localhost", listening).close()
    with pytest.raises(EgressRefused):
        egress.connect("localhost", listening + 1 if listening < 65535 else 1)


def test_a_name_with_a_private_address_among_public_ones_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    places = [(2, 1, 6, "", ("93.184.216.34", 25)), (2, 1, 6, "", ("10.0.0.1", 25))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_more: places)
    with pytest.raises(EgressRefused):
        Egress().connect("two-faced.example", 25)


def test_the_list_of_the_operator() -> None:
    assert read_allowed(" a.b:25, [fd00::1]:80,") == {("a.b", 25), ("fd00::1", 80)}
    for text in ("a.b", "a.b:0", "a.b:x", ":25", "a:70000"):
        with pytest.raises(ValueError, match="host:port"):
            read_allowed(text)
