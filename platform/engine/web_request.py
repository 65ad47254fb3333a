"""One POST to another host, through the one way out: what web hooks and chat tools are told by.

Redirects are not followed: the address was checked, where it would lead was not. The answer is read up to a bound and for
a bounded time, whatever the other side does.
"""

import http.client
import socket
import ssl
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from fieldstone.engine.egress import Egress, HostUnreachable
from fieldstone.problems import FieldstoneError

SECONDS: Final = 10.0
LARGEST: Final = 16_384
LONGEST_ADDRESS: Final = 2_000


class BadAddress(FieldstoneError):
    """No address that anything can be sent to."""

    code = "address.invalid"
    kind = "invalid"


@dataclass(frozen=True, slots=True)
class Response:
    """What the other side answered; `body` is its beginning."""

    status: int
    body: str

    @property
    def good(self) -> bool:
        return 200 <= self.status < 300


@dataclass(frozen=True, slots=True)
class Target:
    """A checked address."""

    scheme: str
    host: str
    port: int
    path: str
    shown: str
    """The Host header: as it was written."""


def target(url: str) -> Target:
    """The parts of an http or https address. Raises BadAddress."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise BadAddress("This is no address.") from error
    good = (
        len(url) <= LONGEST_ADDRESS
        and url.isascii()
        and url.isprintable()
        and " " not in url
        and parts.scheme in ("http", "https")
        and bool(parts.hostname)
        and parts.username is None
        and parts.password is None
        and not parts.fragment
    )
    if not good:
        raise BadAddress("Give an address such as https://example.org/hooks, without user name or fragment.")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    default = 443 if parts.scheme == "https" else 80
    return Target(parts.scheme, parts.hostname or "", port or default, path, parts.netloc)


def post(
    egress: Egress, url: str, body: bytes, headers: Mapping[str, str], *, seconds: float = SECONDS
) -> Response:
    """Send a body. Raises BadAddress, EgressRefused and HostUnreachable; a refusal is a Response like any other."""
    place = target(url)
    connection = _Connection(place, egress, seconds)
    watch = threading.Timer(seconds, connection.cut)
    watch.daemon = True
    watch.start()
    try:
        connection.putrequest("POST", place.path, skip_host=True, skip_accept_encoding=True)
        sent = {"Host": place.shown, "Content-Length": str(len(body)), "Connection": "close", **headers}
        for name, value in sent.items():
            connection.putheader(name, value)
        connection.endheaders(body)
        response = connection.getresponse()
        return Response(response.status, _read(response))
    except (OSError, ValueError, http.client.HTTPException) as error:
        said = "it took too long" if connection.was_cut else str(error) or type(error).__name__
        raise HostUnreachable(
            f"{place.host}:{place.port} did not answer as it should: {said}"[:300],
            host=place.host, port=place.port,
        ) from error  # fmt: skip
    finally:
        watch.cancel()
        connection.close()


def _read(response: http.client.HTTPResponse) -> str:
    """The beginning of the answer; what comes too slowly is left."""
    found = b""
    while len(found) < LARGEST:
        try:
            part = response.read1(LARGEST - len(found))
        except (OSError, http.client.HTTPException):
            break
        if not part:
            break
        found += part
    return found.decode("utf-8", "replace").replace("\0", "")


class _Connection(http.client.HTTPConnection):
    """A connection that is opened by `Egress` alone, and that ends when its time is over, wherever it is."""

    def __init__(self, place: Target, egress: Egress, seconds: float) -> None:
        super().__init__(place.host, place.port, timeout=seconds)
        self._place = place
        self._egress = egress
        self._seconds = seconds
        self._raw: socket.socket | None = None
        self.was_cut = False

    def connect(self) -> None:
        self._raw = self._egress.connect(self._place.host, self._place.port, self._seconds)
        self.sock = self._raw
        if self._place.scheme == "https":
            context = ssl.create_default_context()
            self.sock = self._raw = context.wrap_socket(self._raw, server_hostname=self._place.host)
        if self.was_cut:  # the time ended while there was no socket to cut yet
            raise TimeoutError

    def cut(self) -> None:
        self.was_cut = True
        if self._raw is not None:
            with suppress(OSError):
                socket.socket.shutdown(self._raw, socket.SHUT_RDWR)
