"""Trees: moving a record around, and what would make a circle of it."""

from collections.abc import Iterator
from threading import Barrier, Thread

import pytest
from identity_world import World
from identity_world import world as open_world

from fieldstone.engine.records import update
from fieldstone.engine.records.tree import TreeGuard
from fieldstone.problems import FieldstoneError


@pytest.fixture(scope="module")
def world(postgres_url: str) -> Iterator[World]:
    with open_world(postgres_url, "trees") as made:
        made.engine.guards = (*made.engine.guards, TreeGuard())
        for name, above in (("a", None), ("b", "a"), ("c", "b"), ("d", None)):
            made.add_team(name, **({"parent": str(made.teams[above])} if above else {}))
        yield made


def move(world: World, name: str, above: str | None) -> None:
    body = {"parent": str(world.teams[above]) if above else None}
    world.engine.write(world.system(), lambda tx: update(tx, "team", world.teams[name], body))


@pytest.mark.parametrize(("name", "above"), [("a", "a"), ("a", "b"), ("a", "c"), ("b", "c")])
def test_nothing_hangs_below_itself(world: World, name: str, above: str) -> None:
    with pytest.raises(FieldstoneError) as raised:
        move(world, name, above)
    assert [(each.path, each.code) for each in raised.value.problems] == [("/parent", "parent.circle")]


def test_everything_else_moves(world: World) -> None:
    for name, above in (("c", "d"), ("a", "c"), ("a", None), ("c", "b")):
        move(world, name, above)


def test_two_moves_at_once_make_no_circle(world: World) -> None:
    for _ in range(5):
        move(world, "a", None)
        move(world, "d", None)
        start, refused = Barrier(2), []

        def go(name: str, above: str, start: Barrier = start, refused: list[str] = refused) -> None:
            start.wait()
            try:
                move(world, name, above)
            except FieldstoneError:
                refused.append(name)

        threads = [Thread(target=go, args=pair) for pair in (("a", "d"), ("d", "a"))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(refused) == 1
