"""What became of a record's approvals, compared with what a scenario expects."""

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from fieldstone.engine.transaction import Transaction
from fieldstone.packages.acting import open_tasks, runs


def flow_differences(
    then: Mapping[str, Any], system: Transaction, entity: str, record_id: UUID, people: Mapping[UUID, str]
) -> Iterator[str]:
    """How a record's approvals differ from what is expected. `people` are the names of those who act."""
    if "asked" in then:
        holders = [task["holder"] or {} for task in open_tasks(system, entity, record_id)]
        found = sorted({people.get(each.get("id"), str(each.get("name"))) for each in holders})  # type: ignore[arg-type]
        if found != sorted(then["asked"]):
            yield f"{_list(then['asked'])} should be asked, but {_list(found)} is asked"
    if "approval" in then:
        trail = runs(system, entity, record_id)
        state = trail[0]["state"] if trail else None
        if state != then["approval"]:
            yield f"the approval should be {then['approval']}, but {f'it is {state}' if state else 'there is none'}"


def _list(names: Any) -> str:
    return ", ".join(sorted(names)) or "nobody"
