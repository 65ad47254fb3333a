"""One POST to another host: what is sent, what is taken of the answer, and what is never reached."""

import socket
import threading
import time
from collections.abc import Iterator

import pytest
from web_sink import Sink, web_sink

from fieldstone.engine import egress as way_out
from fieldstone.engine.egress import Egress, EgressRefused, HostUnreachable
from fieldstone.engine.web_request import LARGEST, BadAddress, post, target


@pytest.fixture(scope="module")
def sink() -> Iterator[Sink]:
    with web_sink() as running:
        yield running


def test_a_body_arrives_with_its_headers(sink: Sink) -> None:
    answer = post(sink.egress, f"{sink.url}/a?b=c", b"hello", {"X-One": "1"})
    assert answer.good and answer.body == "ok"
    posted = sink.posts[-1]
    assert (posted.path, posted.body, posted.headers["x-one"]) == ("/a?b=c", b"hello", "1")
    assert posted.headers["host"] == f"127.0.0.1:{sink.port}"


def test_a_redirect_is_an_answer_like_any_other(sink: Sink) -> None:
    sink.answer = lambda posted: (307, {"Location": "http://169.254.169.254/"}, b"")
    count = len(sink.posts)
    assert post(sink.egress, sink.url, b"", {}).status == 307
    assert len(sink.posts) == count + 1
    sink.answer = lambda posted: (200, {}, b"ok")


def test_of_a_long_answer_the_beginning_is_taken(sink: Sink) -> None:
    sink.answer = lambda posted: (200, {}, b"x" * 1_000_000)
    assert len(post(sink.egress, sink.url, b"", {}).body) == LARGEST
    sink.answer = lambda posted: (200, {}, b"ok")


@pytest.mark.parametrize(
    "url",
    ["", "example.org", "ftp://example.org", "http://", "http://a b/", "http://u:p@example.org", "http://x:99999/",
     "http://example.org/\r\nHost: x", "http://example.org/#a", "http://[::1", "http://exämple.org", "http://x/" + "y" * 2000],
)  # fmt: skip
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(BadAddress):
        target(url)


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1/", "http://localhost/", "http://[::1]/", "http://10.1.2.3/", "http://169.254.169.254/latest",
     "http://0.0.0.0/", "http://[::ffff:127.0.0.1]/", "http://2130706433/", "http://0x7f.1/", "http://127.1/"],
)  # fmt: skip
def test_private_addresses_are_refused_however_they_are_written(url: str) -> None:
    with pytest.raises((EgressRefused, HostUnreachable)):
        post(Egress(), url, b"", {})


def test_a_name_that_changes_its_mind_gains_nothing(sink: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    """DNS rebinding: the first answer is public, later ones are ours; the connection goes to what was judged."""
    asked: list[str] = []
    dialled: list[str] = []

    def resolve(host: str, port: int, **more: object) -> object:
        asked.append(host)
        address = "93.184.216.34" if len(asked) == 1 else "127.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    def dial(place: tuple[str, int], timeout: float) -> socket.socket:
        dialled.append(place[0])
        raise OSError("not in tests")

    monkeypatch.setattr(way_out.socket, "getaddrinfo", resolve)
    monkeypatch.setattr(way_out.socket, "create_connection", dial)
    with pytest.raises(HostUnreachable):
        post(Egress(), "http://rebind.example.org/", b"", {})
    assert (asked, dialled) == (["rebind.example.org"], ["93.184.216.34"])


def test_who_answers_too_slowly_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """A byte now and then would keep a timeout per byte waiting for ever."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        stop = threading.Event()

        def drip() -> None:
            connection, _ = server.accept()
            with connection:
                for byte in b"HTTP/1.1 200 OK\r\nX: " + b"y" * 500:
                    if stop.wait(0.05):
                        return
                    try:
                        connection.sendall(bytes([byte]))
                    except OSError:
                        return

        thread = threading.Thread(target=drip, daemon=True)
        thread.start()
        began = time.monotonic()
        with pytest.raises(HostUnreachable, match="too long"):
            post(Egress(frozenset({("127.0.0.1", port)})), f"http://127.0.0.1:{port}/", b"", {}, seconds=0.5)
        assert time.monotonic() - began < 5
        stop.set()
        thread.join(5)


def test_the_time_also_ends_for_who_is_slow_to_take_the_connection(sink: Sink) -> None:
    """Else nothing would bound how long such a host may drip its answer afterwards."""

    class Slow(Egress):
        def connect(self, host: str, port: int, timeout: float = 10.0) -> socket.socket:
            time.sleep(0.2)
            return super().connect(host, port, timeout)

    count = len(sink.posts)
    with pytest.raises(HostUnreachable, match="too long"):
        post(Slow(sink.egress.allowed), sink.url, b"", {}, seconds=0.05)
    assert len(sink.posts) == count


def test_nobody_there_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(HostUnreachable):
        post(Egress(frozenset({("127.0.0.1", port)})), f"http://127.0.0.1:{port}/", b"", {})
