"""Which process is a server of ours: asked of the kernel, never read from a file that a crash left behind."""

import os
import signal
import socket
import struct
import sys
import time
from contextlib import suppress
from pathlib import Path

import psutil


def listener(path: Path) -> int | None:
    """Pid of the process that listens on a Unix socket; None when nobody does; 0 when it cannot be told."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(5)
        try:
            connection.connect(str(path))
        except (FileNotFoundError, ConnectionRefusedError):
            return None
        except (TimeoutError, BlockingIOError):
            return 0
        if sys.platform != "linux":
            return 0
        credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
        return int(struct.unpack("3i", credentials)[0])


def programs_in(folder: Path, name: str) -> list[psutil.Process]:
    """Living processes called `name` whose working folder is `folder`, zombies left out."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.name() == name and Path(process.cwd()) == folder:
                found.append(process)
        except (psutil.Error, OSError):
            continue
    return found


def is_alive(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def end(pid: int, *steps: tuple[signal.Signals, float]) -> bool:
    """Send the signals of `steps` in turn, waiting the seconds of each; true when the process is gone.

    A zombie counts as gone: its parent may be another user of the same servers, who collects it later.
    """
    for number, seconds in steps:
        try:
            psutil.Process(pid).send_signal(number)
        except psutil.NoSuchProcess:
            return True
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            reap(pid)
            if not is_alive(pid):
                return True
            time.sleep(0.01)
    return False


def reap(pid: int) -> None:
    """Collect the exit status of `pid` if it is a dead child of ours, so that its number is free again."""
    with suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)
