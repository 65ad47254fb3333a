"""The process that stops the embedded servers when all their users were killed and nobody else can.

It sleeps on the users' lock, which the kernel hands over the moment the last user is gone.
"""

import signal
import sys
from pathlib import Path

from fieldstone.app.embedded.locks import Lock
from fieldstone.app.embedded.servers import stop_if_unused


def main(home: Path) -> int:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    run = home / "run"
    guardian = Lock(run, "guardian")
    if not guardian.try_take():
        return 0
    users = Lock(run, "users")
    while True:
        users.take()
        users.release()
        if stop_if_unused(home, guardian):
            return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
