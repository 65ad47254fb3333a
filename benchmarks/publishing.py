"""Adding a field to a table that is full: plain, with a default, and a formula. Planned and published like by people."""

from collections.abc import Callable, Iterator
from typing import Any

from benchmarks.measure import Result, timed
from benchmarks.world import ENTITY, World, copy_rows, table_rows
from fieldstone.engine.publish import make_plan, publish, put_draft

FIELDS: dict[str, dict[str, Any]] = {
    "plain": {"type": "string", "maxLength": 50},
    "default": {"type": "integer", "default": 7},
    "formula": {"field": "formula", "formula": "ceiling * 2 - used"},
}


def measure_publishing(world: World, rows: int, wanted: Callable[[str], bool]) -> Iterator[Result]:
    """Plan and publish, each field in a revision of its own."""
    names = {kind: f"add a field ({kind}) at {rows:,} rows" for kind in FIELDS}
    if not any(map(wanted, names.values())):
        return
    engine, tenant = world.engine, world.made.tenant
    if rows > world.rows:
        columns, lines = table_rows(world.model(), rows - world.rows, None, series="M")
        with world.sql() as connection:
            copy_rows(connection, world.table, columns, lines)
            connection.execute(f"ANALYZE {world.table}")
    added: dict[str, Any] = {}
    for kind, schema in FIELDS.items():
        if not wanted(names[kind]):
            continue

        added[f"extra_{kind}"] = schema

        def add() -> None:
            context = engine.system_context(tenant)
            patch = {"properties": dict(added)}
            engine.write(context, lambda tx: put_draft(tx, "entities", ENTITY, patch))
            plan = engine.read(context, make_plan)
            publish(engine, context, plan.base, plan.hash)

        yield Result(names[kind], timed(add), None, 1.0, "s")
