"""How long a tenant takes to create."""

from collections.abc import Callable, Iterator
from statistics import median

from benchmarks.measure import Result, timed
from benchmarks.world import World
from fieldstone.engine.tenants.create import create_tenant, delete_tenant

ROUNDS = 5


def measure_tenants(world: World, wanted: Callable[[str], bool]) -> Iterator[Result]:
    """Schema, role, tables, first revision and administrator."""
    if not wanted("tenant creation"):
        return
    found = []
    for number in range(ROUNDS):
        name = f"made-{number}"
        found.append(timed(lambda name=name: create_tenant(world.engine, name, [world.package])))
        delete_tenant(world.engine, name)
    yield Result("tenant creation", median(found), None, 2.0, "s")
