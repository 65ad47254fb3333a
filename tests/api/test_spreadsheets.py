"""A file becomes an entity over the API: propose, change, apply."""

from collections.abc import Iterator
from typing import Any

import pytest
from api_world import ApiWorld, api_world, problem

FILE = "label,size,since\none,12,2026-01-31\ntwo,13,2026-02-01\n"
PATH = "/metadata/from-spreadsheet"


@pytest.fixture(scope="module")
def world(postgres_url: str) -> Iterator[ApiWorld]:
    with api_world(postgres_url, "stock-sheets") as built:
        yield built


def start(api: ApiWorld, name: str, **more: Any) -> dict[str, Any]:
    answer = api.ask("POST", f"{PATH}?name={name}", data=FILE.encode(), content_type="text/csv", **more)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.get_json()
    assert answer.headers["Location"].endswith(f"{PATH}/{found['id']}")
    return found


def test_a_file_is_proposed_changed_and_made(world: ApiWorld) -> None:
    made = start(world, "bolts.csv")
    sheet = made["proposal"]["sheets"][0]
    assert (sheet["name"], [column["type"] for column in sheet["columns"]]) == (
        "bolts",
        ["text", "integer", "date"],
    )
    assert [change["op"] for change in made["plan"]["changes"]].count("add_entity") == 1
    sent = {
        "sheets": [{"sheet": "bolts", "title": "Bolts", "columns": [{"column": "size", "name": "length"}]}]
    }
    changed = world.ask("PATCH", f"{PATH}/{made['id']}", sent).get_json()
    assert changed["plan"]["plan"] != made["plan"]["plan"]
    stale = world.post(
        f"{PATH}/{made['id']}/apply", {"base": made["plan"]["base"], "plan": made["plan"]["plan"]}
    )
    problem(stale, 412)
    plan = {name: changed["plan"][name] for name in ("base", "plan")}
    answer = world.post(f"{PATH}/{made['id']}/apply", plan)
    assert answer.status_code == 200, answer.text
    assert [each["entity"] for each in answer.get_json()["imports"]] == ["bolts"]
    assert sorted(row["length"] for row in world.get("/bolts").get_json()["data"]) == [12, 13]
    again = world.get(f"{PATH}/{made['id']}").get_json()
    assert (again["state"], again["plan"], again["outcome"]["revision"]) == ("done", None, plan["base"] + 1)
    problem(world.post(f"{PATH}/{made['id']}/apply", plan), 409)


def test_what_stands_in_the_way_is_answered_with_the_proposal(world: ApiWorld) -> None:
    made = start(world, "nuts.csv")
    changed = world.ask(
        "PATCH", f"{PATH}/{made['id']}", {"sheets": [{"sheet": "nuts", "name": "asset"}]}
    ).get_json()
    assert changed["plan"] is None
    assert [each["code"] for each in changed["problems"]] == ["spreadsheet.name_taken"]
    problem(world.ask("PATCH", f"{PATH}/{made['id']}", {"sheets": [{"sheet": "none"}]}), 422)
    assert world.delete(f"{PATH}/{made['id']}").status_code == 204
    problem(world.get(f"{PATH}/{made['id']}"), 404)


def test_only_who_manages_definitions_may_and_only_tables_are_taken(world: ApiWorld) -> None:
    problem(world.ask("POST", PATH, data=FILE.encode(), content_type="text/csv", who="clerk"), 403)
    problem(world.ask("POST", PATH, data=b"{}", content_type="application/x-ndjson"), 415)
    problem(world.ask("POST", PATH, data=b"", content_type="text/csv"), 400)
    problem(world.get(f"{PATH}/nothing"), 404)
