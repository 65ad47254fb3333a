"""Starting and stopping the embedded Valkey. It keeps nothing on disk: it is a doorbell, never the truth."""

import signal
import socket
import time
from pathlib import Path

from fieldstone.app.embedded.binaries import Binaries
from fieldstone.app.embedded.errors import ServerFailed, last_words
from fieldstone.app.embedded.folders import Folders
from fieldstone.app.embedded.passwords import Passwords
from fieldstone.app.embedded.private import write_private
from fieldstone.app.embedded.processes import end, listener

PATIENCE = 30.0


def ensure_valkey(folders: Folders, binaries: Binaries, passwords: Passwords) -> None:
    """Valkey answers when this returns."""
    path = folders.valkey_socket
    server = None
    log = folders.log("valkey")
    if listener(path) is None:
        config = folders.servers / "valkey.conf"
        write_private(config, _config(folders, passwords), (folders.account.uid, folders.account.gid))
        with log.open("wb") as output:
            server = folders.account.start([binaries.valkey, config], output)
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and (server is None or server.poll() is None):
        if _answers(path, passwords.valkey):
            return
        time.sleep(0.01)
    raise ServerFailed(f"Valkey does not answer.\nThe end of {log}:\n{last_words(log)}")


def stop_valkey(folders: Folders) -> None:
    pid = listener(folders.valkey_socket)
    if pid and not end(pid, (signal.SIGTERM, 10), (signal.SIGKILL, 5)):
        raise ServerFailed(f"Valkey (pid {pid}) did not stop; see {folders.log('valkey')}")


def _config(folders: Folders, passwords: Passwords) -> str:
    lines = {
        "port": "0",
        "unixsocket": f'"{folders.valkey_socket}"',
        "unixsocketperm": "700",
        "requirepass": passwords.valkey,
        "dir": f'"{folders.servers}"',
        "save": '""',
        "appendonly": "no",
        "daemonize": "no",
        "enable-protected-configs": "no",
    }
    return "".join(f"{name} {value}\n" for name, value in lines.items())


def _answers(path: Path, password: str) -> bool:
    """AUTH and PING spoken by hand: importing a client would cost each command a tenth of a second."""
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(5)
            connection.connect(str(path))
            connection.sendall(f"AUTH {password}\r\nPING\r\n".encode())
            received = b""
            while received.count(b"\r\n") < 2 and (part := connection.recv(200)):
                received += part
            return received.startswith(b"+OK") and b"+PONG" in received
    except OSError:
        return False
