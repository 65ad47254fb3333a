"""Real processes decide at the same time: every step advances exactly once, every vote counts exactly once.

The whole drill (`-m drill`) is 300 runs with eight processes; the ordinary run takes a sample of it.
"""

import multiprocessing
from collections import Counter
from typing import Any
from uuid import UUID

import pytest
from approval_race import decide_all
from approval_world import CHECKERS, ApprovalWorld
from rounds import ROUNDS

from fieldstone.workflows import approvals

PROCESSES = 8


def race(
    company: ApprovalWorld, url: str, workflow: str, runs: int, processes: int
) -> tuple[Any, Counter[str]]:
    """Submit `runs` records, and let all checkers' tasks be decided by all processes at once."""
    made = []
    for _ in range(runs):
        asset = company.asset()
        made.append(company.submit(asset, workflow)["id"])
    wanted = set(made)
    tasks = [
        (str(company.users[who]), str(task["id"]))
        for who in CHECKERS
        for task in _open(company, who)
        if task["run"] in wanted
    ]
    assert len(tasks) == runs * len(CHECKERS)
    context = multiprocessing.get_context("fork")  # each makes its own connections
    with context.Pool(processes) as pool:
        work = [(url, company.tenant.name, tasks[n::2] + tasks[(n + 1) % 2 :: 2]) for n in range(processes)]
        total: Counter[str] = Counter()
        for found in pool.map(decide_all, work):
            total += found
    return made, total


def _open(company: ApprovalWorld, who: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    cursor = None
    while True:
        page = company.look(lambda tx, at=cursor: approvals.tasks(tx, "waiting", 200, at), who)  # type: ignore[misc]
        found += page.data
        cursor = page.next
        if cursor is None:
            return found


def check(company: ApprovalWorld, made: list[UUID], needed: int) -> None:
    for run_id in made:
        run = company.look(lambda tx, which=run_id: approvals.run_of(tx, which))  # type: ignore[misc]
        kinds = Counter(event["kind"] for event in run["events"])
        assert run["state"] == "approved" and len(run["steps"]) == 1
        assert run["steps"][0]["approvals"] == needed
        states = Counter(task["state"] for task in run["steps"][0]["tasks"])
        assert states["approved"] == needed and kinds["submitted"] == 1
        assert [event["number"] for event in run["events"]] == list(range(1, len(run["events"]) + 1))


@pytest.mark.parametrize(("workflow", "needed"), [("any_sign", 1), ("quorum", 2)])
def test_decided_by_several_processes_at_once(
    company: ApprovalWorld, postgres_url: str, workflow: str, needed: int
) -> None:
    made, total = race(company, postgres_url, workflow, runs=4, processes=2)
    assert total["done"] == 4 * needed, total
    check(company, made, needed)


if ROUNDS:

    @pytest.mark.drill
    @pytest.mark.parametrize(("workflow", "needed"), [("any_sign", 1), ("quorum", 2)])
    def test_300_runs_advance_exactly_300_times(
        company: ApprovalWorld, postgres_url: str, workflow: str, needed: int
    ) -> None:
        made, total = race(company, postgres_url, workflow, runs=max(ROUNDS, 300), processes=PROCESSES)
        assert total["done"] == len(made) * needed, total
        check(company, made, needed)
