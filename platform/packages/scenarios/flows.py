"""Steps of scenarios about approvals, states and buttons: done by the verbs that everybody calls, and what became of them."""

from collections.abc import Iterator, Mapping
from typing import Any, Final
from uuid import UUID

from fieldstone.engine.records.transition import transition
from fieldstone.engine.transaction import Transaction
from fieldstone.packages.scenarios.definitions import Step
from fieldstone.problems import FieldstoneError
from fieldstone.workflows import approvals
from fieldstone.workflows.automations.buttons import press

OPEN: Final = ("running", "returned", "stuck")


class NothingOpen(FieldstoneError):
    """There is no approval of the record on which a step could act."""

    code = "approval.none"
    kind = "conflict"


class AutomationFailed(FieldstoneError):
    """An automation that a step started came to grief."""

    code = "automation.failed"
    kind = "refused"


def act_on_flow(tx: Transaction, step: Step, record_id: UUID, values: Mapping[str, Any]) -> None:
    """Do what a step says. Raises what the verbs raise, NothingOpen and AutomationFailed."""
    says, comment = step.says, str(step.says.get("comment", ""))
    match step.verb:
        case "submit":
            approvals.submit(tx, step.entity, record_id, says.get("workflow"), comment=comment)
        case "transition":
            transition(tx, step.entity, record_id, says["transition"], values, comment=comment)
        case "press":
            pressed = press(tx, step.entity, record_id, says["automation"])
            if pressed.error:
                raise AutomationFailed(str(pressed.error.get("message") or pressed.error))
        case "withdraw":
            run = next(
                (run for run in runs(tx.as_system(), step.entity, record_id) if run["state"] in OPEN), None
            )
            if run is None:
                raise NothingOpen("There is no running approval of this record.")
            approvals.withdraw(tx, run["id"], comment)
        case verb:
            body = {"comment": comment, "values": values, **({"to": says["to"]} if "to" in says else {})}
            approvals.act(tx, own_task(tx, step.entity, record_id), verb, body, confirmed=True)


def runs(system: Transaction, entity: str, record_id: UUID) -> list[dict[str, Any]]:
    """The trails of a record's approvals, newest first."""
    return approvals.runs_of(system, entity, record_id)


def open_tasks(system: Transaction, entity: str, record_id: UUID) -> list[dict[str, Any]]:
    """The tasks about a record that wait for somebody."""
    return [
        task
        for run in runs(system, entity, record_id)
        if run["state"] in OPEN
        for row in run["steps"]
        for task in row["tasks"]
        if task["state"] == "open"
    ]


def own_task(tx: Transaction, entity: str, record_id: UUID) -> UUID:
    """The open task of whoever acts; somebody else's where there is none, so that the verb refuses it."""
    found = open_tasks(tx.as_system(), entity, record_id)
    if not found:
        raise NothingOpen("Nobody is asked about this record now.")
    own = [task for task in found if (task["holder"] or {}).get("id") == tx.context.actor.id]
    return UUID(str((own or found)[0]["id"]))


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
