"""How often a request asks the database: create at most three times, read twice, a list always as often."""

from collections.abc import Iterator
from typing import Any

import pytest
from api_world import ApiWorld, api_world, counted


@pytest.fixture(scope="module")
def world(postgres_url: str) -> Iterator[ApiWorld]:
    """A tenant whose plans are warm: the tenant is known, statements are compiled."""
    with api_world(postgres_url, "trips") as built:
        place = built.make("place", name="Berlin")
        first = built.make(serial="W-1")
        built.get(f"/asset/{first['id']}")
        built.get(f"/place/{place['id']}")
        yield built


def trips(world: ApiWorld, method: str, path: str, json: Any = None, status: int = 200) -> int:
    """Round trips of one request, after one like it has warmed what is kept."""
    with counted() as found:
        answer = world.ask(method, path, json)
    assert answer.status_code == status, answer.text
    return found[0]


def test_a_create_asks_for_the_key_and_commits(world: ApiWorld) -> None:
    assert trips(world, "POST", "/place", {"name": "Oslo"}, 201) == 2


def test_a_create_with_a_link_takes_three(world: ApiWorld) -> None:
    place = world.make("place", name="Rome")["id"]
    body = {"name": "Bolt", "home": place}
    world.post("/part", body)
    assert trips(world, "POST", "/part", body, 201) == 3


def test_a_read_takes_two(world: ApiWorld) -> None:
    place = world.make("place", name="Lima")["id"]
    assert trips(world, "GET", f"/place/{place}") == 2


def test_an_update_loads_and_stores(world: ApiWorld) -> None:
    place = world.make("place", name="Quito")["id"]
    assert trips(world, "PATCH", f"/place/{place}", {"name": "San Francisco de Quito"}) == 3


def test_an_aggregate_takes_two(world: ApiWorld) -> None:
    asked = {"group": ["status"], "measures": [{"fn": "count"}]}
    world.post("/asset/aggregate", asked)
    assert trips(world, "POST", "/asset/aggregate", asked) == 2


@pytest.mark.parametrize(
    ("query", "most"),
    [
        ("", 3),
        ("expand=place", 5),
        ("expand=place,parts", 5),
        ("expand=place,created_by,owner_id&count=true", 7),
    ],
    ids=["lines", "a link", "a link and lines", "three links"],
)
def test_a_list_takes_as_many_for_fifty_records_as_for_two(world: ApiWorld, query: str, most: int) -> None:
    while world.count() < 51:
        place = world.make("place", name=f"Place {world.count('place')}")["id"]
        world.make(place=place, parts=[{"name": "bolt", "qty": 1}, {"name": "nut", "qty": 2}])
    world.get(f"/asset?limit=2&{query}")
    world.get(f"/asset?limit=50&{query}")
    few = trips(world, "GET", f"/asset?limit=2&sort=-created_at&{query}")
    many = trips(world, "GET", f"/asset?limit=50&sort=-created_at&{query}")
    assert many == few <= most
