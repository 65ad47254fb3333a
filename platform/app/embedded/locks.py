"""The three file locks of a home. The kernel drops them when a process dies, however it dies.

start      exclusive, short: whoever starts or stops servers, or decides who shall
users      shared, long: everybody who uses the servers; whoever gets it exclusively knows there is nobody
guardian   exclusive, long: the process that stops the servers when their users were killed
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fieldstone.app.embedded.errors import ServerFailed


class Lock:
    """An open lock file. Not inherited by programs that we start."""

    def __init__(self, run: Path, name: str) -> None:
        self.path = run / f"{name}.lock"
        self._file = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        owner = run.stat()
        if os.geteuid() == 0 and os.fstat(self._file).st_uid != owner.st_uid:
            os.fchown(self._file, owner.st_uid, owner.st_gid)

    def share(self) -> None:
        fcntl.flock(self._file, fcntl.LOCK_SH)

    def take(self) -> None:
        fcntl.flock(self._file, fcntl.LOCK_EX)

    def try_take(self) -> bool:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def release(self) -> None:
        fcntl.flock(self._file, fcntl.LOCK_UN)

    def close(self) -> None:
        os.close(self._file)


@contextmanager
def start_lock(run: Path, patience: float = 180) -> Iterator[None]:
    """Be the only one who starts or stops the servers of a home."""
    lock = Lock(run, "start")
    try:
        deadline = time.monotonic() + patience
        while not lock.try_take():
            if time.monotonic() > deadline:
                raise ServerFailed(f"another process has been starting or stopping {run.parent} for too long")
            time.sleep(0.02)
        yield
    finally:
        lock.close()
