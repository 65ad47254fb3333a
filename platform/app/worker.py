"""The worker child of `fieldstone serve`, and `fieldstone worker`: takes jobs, sweeps for forgotten ones,
and keeps house.

`python -m fieldstone.app.worker PARENT_PID`; everything else comes from the settings.
"""

import sys
import threading

from fieldstone.app.job_kinds import JOB_KINDS
from fieldstone.app.lifeline import end_with_parent
from fieldstone.app.logs import configure_logs
from fieldstone.app.services import Services
from fieldstone.app.settings import read_settings
from fieldstone.app.wsgi import services_from_environment
from fieldstone.workflows import Runner, keep_house_forever, make_bell, sweep_forever, work


def run_worker(services: Services) -> None:
    """Work until SIGTERM or SIGINT."""
    stop = threading.Event()
    ring = make_bell(services.endpoints.redis_url)
    sweeper = threading.Thread(target=sweep_forever, args=(services.engine.database, ring, stop), daemon=True)
    sweeper.start()
    threading.Thread(target=keep_house_forever, args=(services.engine, stop), daemon=True).start()
    try:
        work(services.endpoints.redis_url, Runner(services.engine, JOB_KINDS))
    finally:
        stop.set()


def main(parent: int) -> None:
    end_with_parent(parent)
    settings = read_settings()
    configure_logs(settings.log_level)
    run_worker(services_from_environment(settings))


if __name__ == "__main__":
    main(int(sys.argv[1]))
