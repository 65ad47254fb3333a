"""Imports over the API: saved mappings, where in the file to look, and a revert that is a job."""

from collections.abc import Iterator

import pytest
from api_world import ApiWorld, api_world, pointers, problem

from fieldstone.app.job_kinds import JOB_KINDS
from fieldstone.engine.jobs import jobs_of
from fieldstone.workflows import Runner

CSV = "text/csv"


@pytest.fixture(scope="module")
def world(postgres_url: str) -> Iterator[ApiWorld]:
    with api_world(postgres_url, "stock-imports") as built:
        yield built


def test_a_saved_mapping_is_used_by_name(world: ApiWorld) -> None:
    sent = {"mapping": {"What": "label", "How many": "pieces"}}
    made = world.ask("PUT", "/asset/import/mappings/old shop", sent)
    assert made.status_code == 200, made.text
    listed = world.get("/asset/import/mappings").get_json()["data"]
    assert [(each["name"], each["mode"], each["mapping"]["What"]) for each in listed] == [
        ("old shop", "create", [{"field": "label"}])
    ]
    file = b"What,How many\nsaw,3\n"
    answer = world.ask("POST", "/asset/import?saved=old shop", data=file, content_type=CSV)
    assert answer.status_code == 200, answer.text
    assert answer.get_json()["created"] == 1
    assert world.get("/asset?filter=label == 'saw'").get_json()["data"][0]["pieces"] == 3
    assert world.ask("DELETE", "/asset/import/mappings/old shop").status_code == 204
    problem(world.ask("POST", "/asset/import?saved=old shop", data=file, content_type=CSV), 404)
    problem(world.ask("DELETE", "/asset/import/mappings/old shop"), 404)


def test_a_mapping_with_a_field_that_is_not_there_is_refused(world: ApiWorld) -> None:
    problem(world.ask("PUT", "/asset/import/mappings/x", {"mapping": {"What": "labl"}}), 400)
    assert pointers(world.ask("PUT", "/asset/import/mappings/x", {"mode": "merge", "mapping": {}})) == [
        ("/mode", "value")
    ]
    assert world.get("/asset/import/mappings").get_json()["data"] == []


def test_the_header_row_may_be_told(world: ApiWorld) -> None:
    file = b"List of May,,\nlabel,pieces,note\nhammer,2,heavy\n"
    told = world.ask("POST", "/asset/import?dry_run=true&header=2", data=file, content_type=CSV)
    assert (told.get_json()["created"], told.get_json()["errors"]) == (1, [])
    wrong = world.ask("POST", "/asset/import?dry_run=true&header=1", data=file, content_type=CSV)
    problem(wrong, 400)
    problem(world.ask("POST", "/asset/import?header=0", data=file, content_type=CSV), 400)


def test_a_revert_of_many_records_is_a_job(world: ApiWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fieldstone.api.handlers.imports.SYNCHRONOUS_ROWS", 2)
    file = b"label\n" + b"".join(b"many %d\n" % n for n in range(3))
    started = world.ask("POST", "/asset/import", data=file, content_type=CSV)
    assert started.status_code == 202, started.text
    run = started.get_json()["id"]
    assert started.headers["Location"].endswith(f"/imports/{run}")
    assert world.get(f"/imports/{run}").get_json()["state"] == "waiting"
    work(world)
    assert world.get(f"/imports/{run}").get_json()["created"] == 3

    asked = world.post(f"/imports/{run}/revert")
    assert asked.status_code == 202, asked.text
    assert asked.headers["Location"].endswith(f"/imports/{run}")
    assert (asked.get_json()["state"], asked.get_json()["id"]) == ("done", run)
    assert world.get("/asset?filter=startsWith(label, 'many')").get_json()["data"] != []
    work(world)
    told = world.get(f"/imports/{run}").get_json()
    assert (told["state"], told["reverting"]) == ("reverted", None)
    assert world.get("/asset?filter=startsWith(label, 'many')").get_json()["data"] == []


def work(world: ApiWorld) -> None:
    """Run the jobs that wait, as the worker does."""
    engine = world.services.engine
    runner = Runner(engine, JOB_KINDS)
    with engine.database.connection() as connection:
        waiting = [
            job.id
            for job in jobs_of(connection, world.made.tenant)
            if (job.kind, job.state) == ("import", "due")
        ]
    for job in waiting:
        assert runner.run(job)
