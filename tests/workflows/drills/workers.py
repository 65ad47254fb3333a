"""Workers as real processes, to be killed: each is a fork of one process that has everything imported.

As a program: `python workers.py DATABASE_URL REDIS_URL LEASE`, then one line of JSON per worker on standard input, its pid
on standard output. `{"kill": [n, "before" or "after"]}` makes a worker kill itself around the n-th statement that it sends
to the database; `{"burst": true}` ends it when no job is due any more.
"""

import json
import os
import signal
import sys
import threading
import time
from datetime import timedelta
from typing import Any

from fieldstone.engine.query.listing import list_records
from fieldstone.engine.query.request import ListRequest
from fieldstone.engine.records import create
from fieldstone.engine.service import Engine
from fieldstone.engine.storage.connection import Connection, Database
from fieldstone.engine.transaction import Transaction
from fieldstone.metadata.cache import CompileCache
from fieldstone.metadata.compile import compile_model
from fieldstone.workflows import JobKind, JobRun, Runner, make_bell, work
from fieldstone.workflows.sweeping import sweep_forever

PARTS = 3
WARM = CompileCache()
"""What the process that forks has compiled already, so that its forks need not."""


def one(run: JobRun) -> None:
    """One record, in one commit with the end of the job."""
    run.commit(lambda tx: create(tx, "team", {"name": run.payload["name"]}))


def several(run: JobRun) -> None:
    """Some records in commits of their own, going on where an earlier worker ended."""
    name = run.payload["name"]

    def step(tx: Transaction) -> bool:
        page = list_records(tx, "team", ListRequest(filter=f"startsWith(name, '{name}/')", limit=10))
        if len(page.data) < PARTS:
            create(tx, "team", {"name": f"{name}/{len(page.data)}"})
        return len(page.data) + 1 < PARTS

    while run.engine.write(run.context, step):
        run.progress({"done": 1, "total": PARTS})
        time.sleep(float(run.payload.get("pause", 0)))


def worker(database_url: str, redis_url: str, lease: float, orders: dict[str, Any]) -> None:
    if "kill" in orders:
        die_at(*orders["kill"])
    database = Database(database_url, pool_size=4)
    kinds = {"one": JobKind(one, attempts=1000), "several": JobKind(several, attempts=1000)}
    engine = Engine(database)
    engine.models.cache = WARM
    runner = Runner(engine, kinds, lease=timedelta(seconds=lease))
    if orders.get("sweep", True):
        arguments = (database, make_bell(redis_url), threading.Event(), 0.2)
        threading.Thread(target=sweep_forever, args=arguments, daemon=True).start()
    work(redis_url, runner, burst=orders.get("burst", False))


def die_at(number: int, when: str) -> None:
    """SIGKILL ourselves before or after the n-th round trip to the database that a job makes."""
    run, left = Connection.run, [number]

    def counted(self: Connection, steps: Any) -> Any:
        if threading.current_thread() is not threading.main_thread():
            return run(self, steps)
        left[0] -= 1
        if left[0] == 0 and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        found = run(self, steps)
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return found

    Connection.run = counted  # type: ignore[method-assign]


def main(database_url: str, redis_url: str, lease: float) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    compile_model([], {}, WARM)
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            sys.stdin.close()
            try:
                worker(database_url, redis_url, lease, json.loads(line))
            finally:
                os._exit(0)
        print(pid, flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], float(sys.argv[3]))
