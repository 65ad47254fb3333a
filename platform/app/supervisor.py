"""Keeping child processes alive: started, restarted with back-off, stopped in order.

A child that ran well for a minute and dies is restarted at once; one that keeps dying waits longer each
time, up to half a minute, so that a broken one does not eat the machine.
"""

import logging
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

log = logging.getLogger("fieldstone.supervisor")

FIRST_DELAY = 0.5
LONGEST_DELAY = 30.0
HEALTHY_AFTER = 60.0
BEAT = 0.2


@dataclass
class Child:
    """A program that shall run as long as we do. `patience` is how long it may take to stop, in seconds."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    patience: float = 20.0
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)
    started: float = field(default=0.0, init=False)
    delay: float = field(default=0.0, init=False)
    due: float = field(default=0.0, init=False)

    def look(self, now: float) -> None:
        """Start it if it is due, and note its death if it died. `now` is monotonic."""
        if self.process is None:
            if now >= self.due:
                self._start(now)
        elif (code := self.process.poll()) is not None:
            self.process = None
            lived = now - self.started
            longer = min(LONGEST_DELAY, max(FIRST_DELAY, self.delay * 2))
            self.delay = 0.0 if lived >= HEALTHY_AFTER else longer
            self.due = now + self.delay
            log.error("%s ended with %s after %.1f s; again in %.1f s", self.name, code, lived, self.delay)

    def stop(self) -> None:
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(self.patience)
        except subprocess.TimeoutExpired:
            log.warning("%s did not stop in %.0f s; killed", self.name, self.patience)
            self.process.kill()
            self.process.wait()
        self.process = None

    def _start(self, now: float) -> None:
        self.process = subprocess.Popen(
            list(self.command), env=dict(self.environment), stdin=subprocess.DEVNULL, start_new_session=True
        )
        self.started = now


def supervise(
    children: Sequence[Child], stop: threading.Event, each_second: Sequence[Callable[[], object]] = ()
) -> None:
    """Run `children` until `stop` is set, then stop them in the order given.

    `each_second` is called about once a second; an error in it is logged and tried again.
    """
    next_second = 0.0
    try:
        while not stop.is_set():
            now = time.monotonic()
            for child in children:
                child.look(now)
            if now >= next_second:
                next_second = now + 1.0
                for call in each_second:
                    try:
                        call()
                    except Exception as error:
                        log.error("%s", error)
            stop.wait(BEAT)
    finally:
        for child in children:
            child.stop()
