"""`fieldstone serve`: embedded servers and all processes of the product under one supervisor.

The supervisor passes the servers' addresses to its children in their environment. SIGTERM and SIGINT stop
everything in order: web drains, then the other children, then the servers unless somebody else uses them.
"""

import logging
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Sequence
from types import FrameType
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

from fieldstone.app.embedded import Endpoints
from fieldstone.app.services import Services, embedded, make_services
from fieldstone.app.settings import Settings
from fieldstone.app.supervisor import Child, supervise
from fieldstone.engine.tenants.create import prepare_database
from fieldstone.problems import FieldstoneError

log = logging.getLogger("fieldstone.serve")

Prepare = Callable[[Services], Sequence[str]]
"""Work to do when the servers answer and before requests are; returns lines to print once it serves."""


class PortTaken(FieldstoneError):
    """The address to listen on cannot be used."""

    code = "serve.port"
    kind = "conflict"


def child_programs(host: str, port: int) -> dict[str, Sequence[str]]:
    """The children by name: a module and its arguments. They are stopped in this order."""
    return {
        "web": ("fieldstone.app.web", host, str(port)),
        "worker": ("fieldstone.app.worker",),
    }


def serve(
    settings: Settings, host: str, port: int, say: Callable[[str], None], prepare: Prepare | None = None
) -> None:
    """Serve until SIGTERM or SIGINT. `say` gets the lines for people; port 0 takes a free one."""
    stop = threading.Event()
    _stop_on_signals(stop)
    port = _free(host, port)
    own = embedded(settings)
    endpoints = own.open()
    try:
        lines = _prepare(settings, endpoints, prepare)
        if not stop.is_set():
            children = _children(settings, endpoints, host, port)
            greeting = threading.Thread(target=_greet, args=(_url(host, port), lines, say, stop), daemon=True)
            greeting.start()
            supervise(children, stop, each_second=[own.ensure])
    finally:
        own.close()


def _children(settings: Settings, endpoints: Endpoints, host: str, port: int) -> list[Child]:
    environment = os.environ | {
        "FIELDSTONE_HOME": str(settings.home),
        "FIELDSTONE_DATABASE_URL": endpoints.database_url,
        "FIELDSTONE_REDIS_URL": endpoints.redis_url,
    }
    parent = str(os.getpid())
    return [
        Child(name, [sys.executable, "-m", *program, parent], environment)
        for name, program in child_programs(host, port).items()
    ]


def _prepare(settings: Settings, endpoints: Endpoints, prepare: Prepare | None) -> Sequence[str]:
    services = make_services(settings, endpoints)
    try:
        prepare_database(services.engine.database)
        return prepare(services) if prepare is not None else ()
    finally:
        services.database.dispose()


def _stop_on_signals(stop: threading.Event) -> None:
    def handle(number: int, frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, handle)
    signal.signal(signal.SIGINT, handle)


def _free(host: str, port: int) -> int:
    """The port, or a free one for 0; refuses here, where the message can still say which address it is."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise PortTaken(f"cannot listen on {host} port {port}: {error.strerror or error}") from None
        return int(probe.getsockname()[1])


def _url(host: str, port: int) -> str:
    """Where a browser on this machine finds it."""
    reached = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)
    return f"http://{reached}:{port}"


def _greet(url: str, lines: Sequence[str], say: Callable[[str], None], stop: threading.Event) -> None:
    """Say where it is as soon as it answers."""
    opener = build_opener(ProxyHandler({}))
    while not stop.is_set():
        try:
            opener.open(f"{url}/healthz", timeout=2).close()
        except (URLError, OSError):
            time.sleep(0.1)
        else:
            say("\n".join([f"Fieldstone answers at {url}", *lines]))
            return
