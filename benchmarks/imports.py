"""Import of a CSV file, with validation, links of rules and history, against raw COPY into the same table."""

import csv
import io
import json
from collections.abc import Callable, Iterator
from statistics import median
from typing import Any

from benchmarks.measure import Result, timed
from benchmarks.rows import bodies
from benchmarks.world import ENTITY, World, copy_rows, table_rows
from fieldstone.engine.identity import context_for_user, find_person
from fieldstone.engine.imports import ImportOptions, run_import

ROUNDS = 3


def measure_imports(world: World, rows: int, wanted: Callable[[str], bool]) -> Iterator[Result]:
    """Seconds for the same number of rows, in turns."""
    name = f"import of {rows:,} rows"
    if not wanted(name):
        return
    with world.engine.database.connection() as connection:
        admin = find_person(connection, world.made.tenant, "admin")
        assert admin is not None
        context = context_for_user(connection, world.made.tenant, admin.id)
    ours, other = [], []
    with world.sql() as plain:
        for number in range(ROUNDS):
            content = csv_file(rows, f"I{number}")
            done: list[Any] = []
            ours.append(
                timed(
                    lambda content=content, done=done: done.append(
                        run_import(world.engine, context, ENTITY, content, "csv", ImportOptions())
                    )
                )
            )
            if done[0].created != rows:
                raise RuntimeError(f"{done[0].created} of {rows} rows were imported: {done[0].errors[:3]}")
            names, lines = table_rows(world.model(), rows, admin.id, series=f"K{number}")
            ready = list(lines)
            other.append(
                timed(lambda names=names, ready=ready: copy_rows(plain, world.copy, names, iter(ready)))
            )
    yield Result(name, median(ours), median(other), 5.0, "s", f"{rows / median(ours):,.0f} rows/s")


def csv_file(rows: int, series: str) -> bytes:
    """A file with a heading, as people export it."""
    text = io.StringIO()
    writer = None
    for body in bodies(rows, series=series):
        line = {**body, "place": json.dumps(body["place"]), "tags": ", ".join(body["tags"])}
        if writer is None:
            writer = csv.DictWriter(text, list(line))
            writer.writeheader()
        writer.writerow(line)
    return text.getvalue().encode()
