"""The one way out: a connection to another host, never to one of our own network.

A tenant's administrator may name any host (a mail server, later a web hook), so it must not lead to what only this
machine can reach. The name is resolved once, every address it has is judged, and the connection goes to the address
that was judged: a name that changes its mind afterwards gains nothing. Each hop of a redirect is a new call.

The operator, never a tenant, may allow `host:port` pairs (FIELDSTONE_EGRESS_ALLOW).
"""

import ipaddress
import socket
from dataclasses import dataclass
from typing import Final

from fieldstone.problems import FieldstoneError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

NAT64: Final = ipaddress.ip_network("64:ff9b::/96")


class EgressRefused(FieldstoneError):
    """The host leads into a private network."""

    code = "egress.private"
    kind = "refused"


class HostUnreachable(FieldstoneError):
    """The host has no address, or does not answer."""

    code = "egress.unreachable"
    kind = "external"


@dataclass(frozen=True, slots=True)
class Egress:
    """Who may be reached besides public hosts."""

    allowed: frozenset[tuple[str, int]] = frozenset()

    def connect(self, host: str, port: int, timeout: float = 10.0) -> socket.socket:
        """A TCP connection to a host. Raises EgressRefused or HostUnreachable."""
        addresses = _resolve(host, port)
        if (host.lower().rstrip("."), port) not in self.allowed:
            private = [str(address) for address in addresses if not is_public(address)]
            if private or not addresses:
                raise EgressRefused(
                    f"{host} leads to a private address, which is not allowed. "
                    "The operator can allow it with FIELDSTONE_EGRESS_ALLOW.",
                    host=host, port=port,
                )  # fmt: skip
        failure: OSError | None = None
        for address in addresses:
            try:
                return socket.create_connection((str(address), port), timeout)
            except OSError as error:
                failure = error
        raise HostUnreachable(f"{host}:{port} does not answer.", host=host, port=port) from failure


def read_allowed(text: str) -> frozenset[tuple[str, int]]:
    """`mail.internal:25, [fd00::1]:8080` as pairs. ValueError says which part is wrong."""
    pairs = set()
    for part in text.split(","):
        host, colon, port = part.strip().rpartition(":")
        if not part.strip():
            continue
        if not colon or not host or not port.isdigit() or not 0 < int(port) < 65536:
            raise ValueError(f"{part.strip()!r} is not host:port")
        pairs.add((host.strip("[]").lower(), int(port)))
    return frozenset(pairs)


def is_public(address: Address) -> bool:
    """Whether an address lies in the public Internet; one that wraps an IPv4 address counts as that."""
    if isinstance(address, ipaddress.IPv6Address):
        if address in NAT64:
            return is_public(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
        if inner is not None:
            return is_public(inner)
    return address.is_global and not address.is_multicast and not address.is_reserved


def _resolve(host: str, port: int) -> list[Address]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise HostUnreachable(f"There is no host {host}.", host=host, port=port) from error
    texts = dict.fromkeys(str(place[0]).partition("%")[0] for *_, place in found)
    return [ipaddress.ip_address(text) for text in texts]
