"""What a running approval forbids, or what becomes of its votes, when its record is changed or deleted.

The definition names the material fields. Where they are locked, a change of one is refused while the run goes; where a
change voids votes, the steps begin anew. What the platform itself does (values set by a definition, an approved change
of a bound field) is not a change in this sense. A record cannot be deleted while it is being decided about.
"""

from collections.abc import Sequence
from uuid import uuid5

from fieldstone.engine.ids import new_id
from fieldstone.engine.service import Change
from fieldstone.engine.transaction import Transaction
from fieldstone.problems import Problem
from fieldstone.workflows.approvals import carry
from fieldstone.workflows.approvals.core import commands
from fieldstone.workflows.approvals.store import Stored, going_runs, load_run, load_runs


def has_approvals(tx: Transaction, entity: str) -> bool:
    """Whether there may be runs of an entity's records."""
    return any(definition.entity == entity for definition in tx.model.workflows.values())


class ApprovalGuard:
    """Refuses changes of records that are being decided about."""

    def before(self, tx: Transaction, change: Change) -> Sequence[Problem]:
        if change.verb == "create" or not has_approvals(tx, change.entity):
            return ()
        if change.verb != "delete" and (tx.context.actor.kind == "system" or not change.changed):
            return ()
        going = going_runs(tx, change.record_id)
        if not going:
            return ()
        problems: list[Problem] = []
        for stored in load_runs(tx, going).values():
            if stored.run.entity == change.entity:
                problems += self._of(tx, stored, change)
        return problems

    def _of(self, tx: Transaction, stored: Stored, change: Change) -> Sequence[Problem]:
        run, definition = stored.run, carry.definition_of(tx, stored.run)
        data = {"run": str(run.id), "workflow": definition.title}
        if change.verb == "delete":
            message = f"This record is being decided about ({definition.title}); withdraw or end that first."
            return [Problem("", "approval.running", message, data)]
        material = sorted(definition.material & change.changed)
        if not material or run.state == "returned" or _writes(tx, stored, material):
            return ()
        if definition.on_material_change == "void":
            self._void(tx, stored, tuple(material))
            return ()
        entity = tx.model.entities[change.entity]
        found = []
        for name in material:
            title = entity.fields[name].title if name in entity.fields else name
            message = f"{title} cannot be changed while {definition.title} is being decided."
            found.append(Problem(f"/{name}", "approval.locked", message, {**data, "title": title}))
        return found

    def _void(self, tx: Transaction, stored: Stored, fields: tuple[str, ...]) -> None:
        """The votes given so far do not count any more: once the change is stored."""
        run_id, command_id = stored.run.id, new_id()

        def later(tx: Transaction) -> None:
            current = load_run(tx, run_id, lock=True)
            if current.run.state == "running":
                given = commands.RecordChanged(
                    id=uuid5(command_id, str(run_id)), actor=tx.context.actor.id, at=tx.context.now, run=run_id,
                    fields=fields,
                )  # fmt: skip
                carry.carry_out(tx, current, given)

        tx.before_commit[f"void:{run_id}"] = later


def _writes(tx: Transaction, stored: Stored, fields: Sequence[str]) -> bool:
    """Whether the actor has an open task whose step lets its holder write all of these fields."""
    definition = carry.definition_of(tx, stored.run)
    for task in stored.run.tasks.values():
        if task.holder == tx.context.actor.id and task.state == "open":
            step = definition.step(stored.run.steps[task.step].name)
            allowed = (
                {each.name for each in step.fields if each.access in ("write", "required")} if step else set()
            )
            if allowed.issuperset(fields):
                return True
    return False
