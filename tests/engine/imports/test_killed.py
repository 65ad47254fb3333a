"""A real process that is killed with SIGKILL: going on gives exactly the rows of a run that nobody broke off.

`DRILL_ROUNDS` (make drills) kills it that often in a row; the ordinary run kills it once.
"""

import os
import signal
import subprocess
import sys
from random import Random
from typing import Any

import pytest

from fieldstone.engine.imports import ImportOptions, continue_import, read_import, start_import

PROGRAM = """
import sys
from uuid import UUID
from fieldstone.engine.identity import context_for_user
from fieldstone.engine.imports import continue_import, run as running
from fieldstone.engine.service import Engine
from fieldstone.engine.storage.connection import Database
from fieldstone.engine.tenants.registry import need_tenant

url, tenant, user, run = sys.argv[1:]
running.BATCH = 40
engine = Engine(Database(url, pool_size=2))
with engine.database.connection() as connection:
    context = context_for_user(connection, need_tenant(connection, tenant), UUID(user))
continue_import(engine, context, UUID(run), progress=lambda done, total: print(done, flush=True))
"""
ROWS = 400
pytestmark = pytest.mark.drill
ROUNDS = int(os.environ.get("DRILL_ROUNDS", "1"))
SEED = 7


@pytest.mark.parametrize("partial", [True, False], ids=["partial", "all or nothing"])
def test_a_killed_process_leaves_what_can_be_gone_on_with(
    library: Any, postgres_url: str, partial: bool
) -> None:
    text = "label,isbn,pages\n" + "".join(f"b{n},{n},{n % 7}\n" for n in range(ROWS))
    good = sorted(n for n in range(ROWS) if n % 7 or not partial)
    if not partial:
        text = text.replace(",0\n", ",1\n")
    context = library.as_user("lib")
    options = ImportOptions.from_json({"partial": partial})
    run = start_import(library.engine, context, "book", text.encode(), "csv", options, name="b.csv")
    random = Random(SEED)
    for _ in range(min(ROUNDS, ROWS // 40 // 3) if partial else ROUNDS):
        command = [
            sys.executable,
            "-c",
            PROGRAM,
            postgres_url,
            library.tenant.name,
            str(library.users["lib"]),
            str(run),
        ]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        for _ in range(random.randrange(1, 4)):
            assert process.stdout.readline(), "the process ended by itself"
        process.send_signal(signal.SIGKILL)
        process.wait(30)
        process.stdout.close()
    assert read_import(library.engine, context, run).state == "running"
    result = continue_import(library.engine, context, run)
    assert (result.state, result.created, result.failed) == ("done", len(good), ROWS - len(good))
    seen: list[int] = []
    for start in range(0, ROWS, 200):
        found = library.records(
            "book",
            filter=f"pages >= 0 && isbn in [{', '.join(repr(str(n)) for n in range(start, start + 200))}]",
        )
        seen += [int(record["isbn"]) for record in found]
    assert sorted(seen) == good
