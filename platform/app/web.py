"""The web child of `fieldstone serve`: granian with several processes of the WSGI application.

`python -m fieldstone.app.web HOST PORT PARENT_PID`; everything else comes from the settings.
"""

import os
import signal
import sys

from flask import Flask
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

from fieldstone.app.lifeline import end_with_parent
from fieldstone.app.logs import server_logs
from fieldstone.app.settings import read_settings
from fieldstone.app.wsgi import create_app

DRAIN_SECONDS = 15
"""How long requests may go on after the signal to stop."""


def worker_app() -> Flask:
    """The application in one of granian's processes, which ends when granian's main process does."""
    end_with_parent(os.getppid(), signal.SIGKILL)
    return create_app()


def main(host: str, port: int, parent: int) -> None:
    end_with_parent(parent)
    settings = read_settings()
    Server(
        "fieldstone.app.web:worker_app",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        factory=True,
        workers=settings.web_processes,
        blocking_threads=settings.web_threads,
        respawn_failed_workers=True,
        respawn_interval=0.1,
        workers_kill_timeout=DRAIN_SECONDS,
        websockets=False,
        log_level=LogLevels.warning,
        log_dictconfig=server_logs(settings.log_level),
    ).serve()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
