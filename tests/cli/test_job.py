"""`fieldstone job`: what waits, what failed, running it again."""

import json
from collections.abc import Callable

from identity_world import World

from fieldstone.engine.jobs import claim, enqueue, fail, note_refused
from fieldstone.workflows.schedules import Schedule, set_schedules

Run = Callable[..., tuple[int, str, str]]


def dead(shop: World, kind: str) -> str:
    job_id = shop.engine.write(shop.system(), lambda tx: enqueue(tx, kind, {}))
    with shop.database.connection() as connection:
        job = claim(connection, job_id)
        assert job is not None
        fail(connection, job, "the paper was out\nand the ink", None)
    return str(job_id)


def test_jobs_are_listed_shown_run_again_and_stopped(run: Run, shop: World) -> None:
    job = dead(shop, "printing")
    code, out, err = run("job", "list", "--state", "dead", "--kind", "printing")
    assert (code, err) == (0, "")
    assert out.rstrip("\n").split("\t") == [job, "dead", "printing", "1", "-", "the paper was out"]
    assert json.loads(run("job", "list", "--kind", "printing", "--json")[1])[0]["error"].endswith("the ink")
    assert "state: dead" in run("job", "show", job)[1]
    assert run("job", "replay", job)[:2] == (0, f"job {job} runs again\n")
    assert run("job", "replay", job)[0] == 1, "it is not dead any more"
    assert json.loads(run("job", "stop", job, "--json")[1]) == {"stopped": job}
    assert run("job", "list", "--state", "dead")[1] == ""


def test_all_dead_jobs_of_a_kind_run_again(run: Run, shop: World) -> None:
    for kind in ("binding", "binding", "folding"):
        dead(shop, kind)
    assert json.loads(run("job", "replay", "--all", "--kind", "binding", "--json")[1]) == {"replayed": 2}
    assert run("job", "replay", "--all")[1] == "1 jobs run again\n"
    assert run("job", "replay")[0] == 2


def test_schedules_and_refused_entries_are_listed(run: Run, shop: World) -> None:
    shop.engine.write(
        shop.system(),
        lambda tx: set_schedules(tx, "automation/daily", [Schedule("morning", "note", "0 9 * * *")]),
    )
    found = json.loads(run("job", "schedules", "--json")[1])
    assert [(each["source"], each["name"], each["cron"]) for each in found] == [
        ("automation/daily", "morning", "0 9 * * *")
    ]
    assert "automation/daily\tmorning\t0 9 * * *\t-\t2" in run("job", "schedules")[1]
    with shop.database.connection() as connection:
        note_refused(connection, "a stranger\x1b[2J", "it cannot be read")
    assert "a stranger\N{REPLACEMENT CHARACTER}[2J\tit cannot be read" in run("job", "refused")[1]
