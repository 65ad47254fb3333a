"""The server's time for a page of the screens, asked over HTTP with a session."""

from collections.abc import Callable, Iterator
from statistics import median

from benchmarks.client import Client
from benchmarks.measure import Result, timed
from benchmarks.world import ENTITY, World
from fieldstone.engine.identity import sign_in

CALLS = 40


def measure_pages(world: World, port: int, wanted: Callable[[str], bool]) -> Iterator[Result]:
    """A list page of 50 records, and a record's page."""
    if not (wanted("page: list") or wanted("page: record")):
        return
    tenant = world.made.tenant
    opened = sign_in(world.engine.database, tenant, "admin", world.made.password, "127.0.0.1", "bench")
    client = Client(port, {"Cookie": f"fieldstone_session={opened.token}", "Accept": "text/html"})
    api = Client(port, {"Authorization": f"Bearer {world.key}"})
    some = api.json("GET", f"{world.base}?limit=1")["data"][0]["id"]
    pages = {
        "page: list": f"/t/{tenant.name}/e/{ENTITY}",
        "page: record": f"/t/{tenant.name}/e/{ENTITY}/{some}",
    }
    for name, path in pages.items():
        request = client.request("GET", path)
        status, content = client.send(request)
        if status != 200 or b"</html>" not in content:
            print(f"  {name}: no such page ({status})")
            continue
        times = [timed(lambda request=request: client.send(request)) for _ in range(CALLS)]
        yield Result(name, median(times), None, 0.030, note=f"{len(content) / 1000:,.0f} kB")
    client.close()
    api.close()
