"""Many tenants in one web process, each with the default CRM and a field of its own: time to make, memory, requests."""

import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

from benchmarks.client import Client
from benchmarks.measure import Result, timed
from benchmarks.world import World, surroundings, web_process
from fieldstone.engine.identity import create_key, find_person
from fieldstone.engine.publish import make_plan, publish, put_draft
from fieldstone.engine.records import create
from fieldstone.engine.tenants.create import create_tenant
from fieldstone.engine.tenants.registry import need_tenant
from fieldstone.metadata.documents import Package, read_package

PACKAGE = Path(__file__).parents[1] / "apps" / "default_crm"
PACKAGE_ENTITY = "customer"
APP = "fieldstone.app.wsgi:create_app"


def measure_many_tenants(world: World, count: int, wanted: Callable[[str], bool]) -> Iterator[Result]:
    """Every tenant adds a field of another name, so that no two have the same definition of that entity."""
    name = f"{count:,} tenants"
    if not count or not wanted(name):
        return
    made, customised, keys = [], [], {}
    package = read_package(PACKAGE)
    for number in range(count):
        tenant = f"one-of-many-{number}"
        made.append(timed(lambda tenant=tenant: keys.update({tenant: _make(world, tenant, package)})))
        customised.append(timed(lambda tenant=tenant, number=number: _customise(world, tenant, number)))
        if number % 100 == 99:
            print(f"  {number + 1:,} tenants", file=sys.stderr)
    yield Result(
        f"{name}: creating one", median(made), None, 2.0, "s", note=f"last 50: {median(made[-50:]):.2f} s"
    )
    yield Result(f"{name}: customising one", median(customised), None, None, "s")
    with web_process(APP, surroundings(world)) as (port, process):
        clients = {
            tenant: Client(port, {"Authorization": f"Bearer {key}"}) for tenant, key in list(keys.items())[:1]
        }
        first = next(iter(keys))
        one = clients[first].request("GET", _path(first))
        empty = memory_of(process.pid)
        alone = [timed(lambda: clients[first].send(one)) for _ in range(300)][100:]
        before = memory_of(process.pid)
        cold = _ask_all(port, keys)
        warm = _ask_all(port, keys)
        after = memory_of(process.pid)
        clients[first].close()
    yield Result(f"{name}: request, first of its tenant", median(cold), None, None)
    yield Result(
        f"{name}: request, all in turn", median(warm), median(alone), None, note="reference: one tenant"
    )
    note = f"{empty:.0f} MB before, {before:.0f} MB with one tenant"
    yield Result(f"{name}: memory of the web process", after, None, 200.0, "MB", note=note)


def _path(tenant: str) -> str:
    return f"/t/{tenant}/api/v1/{PACKAGE_ENTITY}?limit=50&sort=-created_at"


def _ask_all(port: int, keys: dict[str, str]) -> list[float]:
    times = []
    for tenant, key in keys.items():
        client = Client(port, {"Authorization": f"Bearer {key}"})
        request = client.request("GET", _path(tenant))
        answer: list[bytes] = []

        def ask(client: Client = client, request: bytes = request, answer: list[bytes] = answer) -> None:
            status, content = client.send(request)
            assert status == 200, content[:300]
            answer.append(content)

        times.append(timed(ask))
        client.close()
        assert len(json.loads(answer[0])["data"]) == 1
    return times


def _make(world: World, tenant: str, package: Package) -> str:
    made = create_tenant(world.engine, tenant, [package])
    context = world.engine.system_context(made.tenant)
    world.engine.write(context, lambda tx: create(tx, PACKAGE_ENTITY, {"name": f"Of {tenant}"}))
    with world.engine.database.connection() as connection:
        admin = find_person(connection, made.tenant, "admin")
        assert admin is not None
        return str(create_key(connection, made.tenant, admin.id)[1])


def _customise(world: World, tenant: str, number: int) -> None:
    engine = world.engine
    with engine.database.connection() as connection:
        context = engine.system_context(need_tenant(connection, tenant))
    patch = {"properties": {f"own_{number}": {"type": "string", "maxLength": 50}}}
    engine.write(context, lambda tx: put_draft(tx, "entities", PACKAGE_ENTITY, patch))
    plan = engine.read(context, make_plan)
    publish(engine, context, plan.base, plan.hash)


def memory_of(pid: int) -> float:
    """Megabytes held by a process and its children, shared pages counted in part (PSS)."""
    whole = 0
    for each in (pid, *_children(pid)):
        for text in Path(f"/proc/{each}/smaps_rollup").read_text().splitlines():
            if text.startswith("Pss:"):
                whole += int(text.split()[1])
    return whole / 1024


def _children(pid: int) -> Iterator[int]:
    for task in os.listdir(f"/proc/{pid}/task"):
        for child in Path(f"/proc/{pid}/task/{task}/children").read_text().split():
            yield int(child)
            yield from _children(int(child))
