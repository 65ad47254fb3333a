"""What people do with approvals, states and buttons of a record, by the verbs that everybody calls.

Scenarios and demo data say it by the record; the open task or the run that is meant is found here.
"""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from fieldstone.engine.records.transition import transition
from fieldstone.engine.transaction import Transaction
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


def act_on_flow(
    tx: Transaction,
    verb: str,
    entity: str,
    record_id: UUID,
    values: Mapping[str, Any],
    says: Mapping[str, Any],
) -> None:
    """Do something; `says` are the words of the document. Raises what the verbs raise, NothingOpen and AutomationFailed."""
    comment = str(says.get("comment", ""))
    match verb:
        case "submit":
            approvals.submit(tx, entity, record_id, says.get("workflow"), comment=comment)
        case "transition":
            transition(tx, entity, record_id, says["transition"], values, comment=comment)
        case "press":
            pressed = press(tx, entity, record_id, says["automation"])
            if pressed.error:
                raise AutomationFailed(str(pressed.error.get("message") or pressed.error))
        case "withdraw":
            run = next((run for run in runs(tx.as_system(), entity, record_id) if run["state"] in OPEN), None)
            if run is None:
                raise NothingOpen("There is no running approval of this record.")
            approvals.withdraw(tx, run["id"], comment)
        case _:
            body = {"comment": comment, "values": values, **({"to": says["to"]} if "to" in says else {})}
            approvals.act(tx, own_task(tx, entity, record_id), verb, body, confirmed=True)


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
