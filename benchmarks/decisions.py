"""One decision over the API against a plain update of a record.

The decision is a whole one: load and lock the run, decide, store it with its events, ask the person of the next step, set
that one's timer, queue the notices, and answer with the task.
"""

from collections.abc import Callable, Iterator
from itertools import count
from uuid import UUID

from benchmarks.client import Client
from benchmarks.measure import Result, Work, in_turns
from benchmarks.rows import body
from benchmarks.world import World
from fieldstone.engine.identity import context_for_user, find_person
from fieldstone.engine.records import create
from fieldstone.engine.transaction import Transaction
from fieldstone.workflows import approvals

NAME = "a decision, to a plain update"
EACH = 20


def measure_decisions(
    world: World, ours: Client, rounds: int, wanted: Callable[[str], bool]
) -> Iterator[Result]:
    """Both sides are ours: the goal is how much more than an update a decision costs."""
    if not wanted(NAME):
        return
    tasks = open_tasks(world, (rounds + 1) * EACH)
    base = world.base.rpartition("/")[0]
    ready = iter(
        [ours.request("POST", f"{base}/tasks/{task}/approve", {"comment": "Fine"}) for task in tasks]
    )
    some = ours.json("GET", f"{world.base}?limit=200&fields=id&sort=id")["data"]
    numbers = count(1)

    def update() -> None:
        number = next(numbers)
        patch = {"people": number, "note": f"Seen, number {number}", **_some(number)}
        send(ours, ours.request("PATCH", f"{world.base}/{some[number % len(some)]['id']}", patch))

    decide: Work = lambda: send(ours, next(ready))  # noqa: E731
    yield Result(NAME, *in_turns(decide, update, rounds=rounds, each=EACH), 2.5)


def _some(number: int) -> dict[str, object]:
    whole = body(number, series="U")
    return {name: whole[name] for name in ("city", "grade") if name in whole}


def send(client: Client, request: bytes) -> None:
    status, content = client.send(request)
    if status != 200:
        raise RuntimeError(f"{status}: {content[:500]!r}")


def open_tasks(world: World, number: int) -> list[UUID]:
    """Tasks of as many new runs, for the key's user."""
    with world.engine.database.connection() as connection:
        admin = find_person(connection, world.made.tenant, "admin")
        assert admin is not None
        context = context_for_user(connection, world.made.tenant, admin.id)

    def submit(tx: Transaction) -> list[UUID]:
        for each in range(number):
            record = create(tx, "decision_record", {"label": f"Decision {each}", "amount": "100"})
            approvals.submit(tx, "decision_record", record["id"], "deciding")
        return []

    world.engine.write(context, submit)
    found: list[UUID] = []
    cursor = None
    while True:
        page = world.engine.read(context, lambda tx, at=cursor: approvals.tasks(tx, "waiting", 200, at))  # type: ignore[misc]
        found += [task["id"] for task in page.data]
        cursor = page.next
        if cursor is None:
            return found
