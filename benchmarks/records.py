"""Records over HTTP: create, update, read, list, aggregate, against the hand-written routes."""

from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

from benchmarks.client import Client
from benchmarks.measure import Result, Work, in_turns
from benchmarks.rows import body
from benchmarks.world import ENTITY, World

REFERENCE = f"/{ENTITY}"
GROUPS = {
    "filter": "status == 'active'",
    "group": ["grade", {"field": "founded", "by": "year"}],
    "measures": [{"fn": "count", "as": "count"}, {"fn": "sum", "field": "ceiling", "as": "total"}],
    "sort": ["grade", "founded_year"],
}


def measure_records(
    world: World, ours: Client, other: Client, rounds: int, wanted: Callable[[str], bool]
) -> Iterator[Result]:
    """One result per verb."""
    mine, theirs = world.base, REFERENCE
    some = ours.json("GET", f"{mine}?limit=200&fields=id&sort=id")["data"]
    ids = [row["id"] for row in some]

    def row(
        name: str, goal: float | None, make: Callable[[Client, str], Work], each: int, note: str = ""
    ) -> Iterator[Result]:
        if wanted(name):
            times = in_turns(make(ours, mine), make(other, theirs), rounds=rounds, each=each)
            yield Result(name, *times, goal, note=note)

    yield from row("create", 1.8, lambda c, p: _creating(c, p, "C"), 40)
    yield from row("create, with a link", None, lambda c, p: _creating(c, p, "D", {"above": ids[0]}), 40)
    yield from row("update", 1.8, lambda c, p: _updating(c, p, ids), 40)
    yield from row("read", 1.5, lambda c, p: _reading(c, p, ids), 60)
    by_number = (
        "?filter=status%20%3D%3D%20%22active%22%20%26%26%20ceiling%20%3E%20500000&sort=-ceiling",
        "ceiling",
    )
    yield from row("list 50, filtered, by a number", 1.5, lambda c, p: _listing(c, p, *by_number), 5)
    by_day = (
        "?filter=status%20%3D%3D%20%22active%22%20%26%26%20ceiling%20%3E%20500000&sort=-founded",
        "founded",
    )
    yield from row("list 50, filtered, by a date", 1.5, lambda c, p: _listing(c, p, *by_day), 5)
    yield from row("aggregate", 1.4, _grouping, 3)


def _sender(client: Client, make: Callable[[], bytes], expect: int) -> Work:
    def work() -> None:
        status, content = client.send(make())
        if status != expect:
            raise RuntimeError(f"{status}: {content[:500]!r}")

    return work


def _creating(client: Client, path: str, series: str, more: dict[str, Any] | None = None) -> Work:
    ready = (client.request("POST", path, {**body(n, series=series), **(more or {})}) for n in count())
    pool = [next(ready) for _ in range(2000)]
    return _sender(client, pool.pop, 201)


def _updating(client: Client, path: str, ids: list[str]) -> Work:
    numbers = count(1)

    def make() -> bytes:
        number = next(numbers)
        patch = {
            "city": f"Town {number}", "people": number, "used": f"{number}.50", "grade": "ABCD"[number % 4],
            "note": f"Seen again, number {number}",
        }  # fmt: skip
        return client.request("PATCH", f"{path}/{ids[number % len(ids)]}", patch)

    return _sender(client, make, 200)


def _reading(client: Client, path: str, ids: list[str]) -> Work:
    numbers = count()
    return _sender(client, lambda: client.request("GET", f"{path}/{ids[next(numbers) % len(ids)]}"), 200)


def _listing(client: Client, path: str, query: str, sort: str) -> Work:
    if path == REFERENCE:
        query = f"?status=active&above=500000&sort={sort}"
    request = client.request("GET", path + query)
    return _sender(client, lambda: request, 200)


def _grouping(client: Client, path: str) -> Work:
    request = client.request("POST", f"{path}/aggregate", None if path == REFERENCE else GROUPS)
    return _sender(client, lambda: request, 200)
