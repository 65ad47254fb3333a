"""Jobs over the API: listed, read, run again and stopped by those who manage jobs, each act in the audit log."""

from typing import Any
from uuid import UUID

from api_world import ApiWorld, problem

from fieldstone.engine.identity.audit_log import entries
from fieldstone.engine.jobs import claim, enqueue, fail

NOBODYS = "01900000-0000-7000-8000-000000000000"


def queued(api: ApiWorld, kind: str, *, dead: bool = False) -> str:
    engine = api.services.engine
    job_id: UUID = engine.write(engine.system_context(api.made.tenant), lambda tx: enqueue(tx, kind, {}))
    if dead:
        with engine.database.connection() as connection:
            job = claim(connection, job_id)
            assert job is not None
            fail(connection, job, "the paper was out", None)
    return str(job_id)


def events(api: ApiWorld, event: str) -> list[tuple[Any, ...]]:
    engine = api.services.engine
    context = engine.system_context(api.made.tenant)
    return [
        (each.subject, dict(each.data)) for each in engine.read(context, lambda tx: entries(tx, event=event))
    ]


def test_jobs_are_listed_by_state_and_kind_page_by_page(api: ApiWorld) -> None:
    ids = [queued(api, "printing", dead=True) for _ in range(3)]
    queued(api, "reading")
    asked = "/jobs?kind=printing&state=dead&limit=2"
    first = api.get(asked).get_json()
    assert [each["id"] for each in first["data"]] == ids[:0:-1]
    rest = api.get(f"{asked}&cursor={first['next']}").get_json()
    assert [each["id"] for each in rest["data"]] == ids[:1] and rest["next"] is None
    one = api.get(f"/jobs/{ids[0]}").get_json()
    assert one == rest["data"][0]
    assert (one["state"], one["error"], one["attempts"], one["due_at"]) == (
        "dead",
        "the paper was out",
        1,
        None,
    )


def test_a_dead_job_is_run_again_and_a_waiting_one_stopped(api: ApiWorld) -> None:
    job = queued(api, "printing", dead=True)
    assert api.post(f"/jobs/{job}/replay").get_json()["state"] == "due"
    problem(api.post(f"/jobs/{job}/replay"), 404)
    assert api.post(f"/jobs/{job}/stop").get_json()["state"] == "stopped"
    assert events(api, "job.replayed")[0] == (f"job/{job}", {"kind": "printing"})
    assert events(api, "job.stopped")[0] == (f"job/{job}", {"kind": "printing"})


def test_all_dead_jobs_of_a_kind_are_run_again_once_under_one_key(api: ApiWorld) -> None:
    api.post("/jobs/replay", {})
    for kind in ("binding", "binding", "folding"):
        queued(api, kind, dead=True)
    key = {"headers": {"Idempotency-Key": "again"}}
    for _ in range(2):
        assert api.post("/jobs/replay", {"kind": "binding"}, **key).get_json() == {"replayed": 2}
    assert api.post("/jobs/replay", {}).get_json() == {"replayed": 1}


def test_what_is_asked_wrongly_is_refused(api: ApiWorld) -> None:
    assert problem(api.get("/jobs?state=lost"), 400)["errors"][0]["pointer"] == "/state"
    assert problem(api.get("/jobs?cursor=x"), 400)["errors"][0]["pointer"] == "/cursor"
    problem(api.get(f"/jobs/{NOBODYS}"), 404)
    problem(api.get("/jobs/x"), 404)
    problem(api.post("/jobs/replay", {"kinds": "x"}), 422)


def test_jobs_are_for_those_who_manage_them(api: ApiWorld) -> None:
    job = queued(api, "printing")
    for method, path in (("GET", "/jobs"), ("GET", f"/jobs/{job}"), ("POST", f"/jobs/{job}/stop")):
        assert problem(api.ask(method, path, who="reader"), 403)["code"] == "manage.denied"
    assert "/jobs" not in api.get("/openapi.json", who="reader").get_json()["paths"]
    assert "/jobs/{id}/replay" in api.get("/openapi.json").get_json()["paths"]
