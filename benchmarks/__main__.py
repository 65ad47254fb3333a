"""`python -m benchmarks`: measure, print one table, and with --strict fail when a goal is missed."""

import argparse
import os
import sys
import time
from collections.abc import Iterator

from benchmarks.client import Client
from benchmarks.decisions import measure_decisions
from benchmarks.imports import measure_imports
from benchmarks.jobs import measure_jobs
from benchmarks.many_tenants import measure_many_tenants
from benchmarks.measure import HEADING, Result, line
from benchmarks.pages import measure_pages
from benchmarks.publishing import measure_publishing
from benchmarks.records import measure_records
from benchmarks.tenants import measure_tenants
from benchmarks.world import World, both, world


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000, help="records in the table (default: 100,000)")
    parser.add_argument(
        "--field-rows", type=int, default=0, help="records when fields are added (default: --rows)"
    )
    parser.add_argument("--import-rows", type=int, default=10_000, help="rows of the imported file")
    parser.add_argument("--rounds", type=int, default=15, help="rounds in turns per row of the table")
    parser.add_argument(
        "--tenants", type=int, default=1000, help="tenants in one process (default: 1,000; 0: none)"
    )
    parser.add_argument("--only", default="", help="only rows whose name contains one of these, by commas")
    parser.add_argument("--strict", action="store_true", help="exit with 1 when a goal is missed")
    asked = parser.parse_args()
    for name in [name for name in os.environ if name.startswith("FIELDSTONE_")]:
        del os.environ[name]
    begin = time.monotonic()
    results = []
    print(f"loading {asked.rows:,} records ...", file=sys.stderr)
    with world(asked.rows) as built:
        print(HEADING, flush=True)
        for result in _all(built, asked):
            results.append(result)
            print(line(result), flush=True)
    print(f"\n{asked.rows:,} records, {os.cpu_count()} cores, {time.monotonic() - begin:.0f} s")
    return 1 if asked.strict and any(result.met is False for result in results) else 0


def _all(built: World, asked: argparse.Namespace) -> Iterator[Result]:
    words = [word for word in asked.only.split(",") if word]

    def wanted(name: str) -> bool:
        return not words or any(word in name for word in words)

    with both(built) as (mine, other):
        headers = {"Authorization": f"Bearer {built.key}"}
        ours, theirs = Client(mine, headers), Client(other, headers)
        yield from measure_records(built, ours, theirs, asked.rounds, wanted)
        yield from measure_decisions(built, ours, asked.rounds, wanted)
        yield from measure_pages(built, mine, wanted)
    yield from measure_imports(built, asked.import_rows, wanted)
    yield from measure_tenants(built, wanted)
    yield from measure_publishing(built, asked.field_rows or asked.rows, wanted)
    yield from measure_jobs(built, wanted)
    yield from measure_many_tenants(built, asked.tenants, wanted)


if __name__ == "__main__":
    sys.exit(main())
