"""Create a record."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from fieldstone.engine.ids import new_id
from fieldstone.engine.permissions import EntityAccess
from fieldstone.engine.records.answer import answer
from fieldstone.engine.records.check import rule_problems
from fieldstone.engine.records.compute import (
    apply_defaults,
    apply_line_defaults,
    compute,
    rollups_of_nothing,
    visible_values,
)
from fieldstone.engine.records.effects import after_change, before_change
from fieldstone.engine.records.errors import NotAllowed
from fieldstone.engine.records.line_links import unknown_links
from fieldstone.engine.records.linked import line_linked_records, linked_records
from fieldstone.engine.records.money import settle_money
from fieldstone.engine.records.numbering import number_records
from fieldstone.engine.records.program import Program
from fieldstone.engine.records.subject import readable_entity, refuse_unwritable, require_owner, reraise
from fieldstone.engine.records.write import insert_record
from fieldstone.engine.storage.tables import EXTRAS, POSITION
from fieldstone.engine.transaction import Transaction
from fieldstone.metadata.validation import validator_for
from fieldstone.problems import Problem


def create(
    tx: Transaction, entity: str, body: Mapping[str, Any], *, record_id: UUID | None = None
) -> dict[str, Any]:
    """Store a new record and return it in wire form.

    Raises NotFound for an entity that the actor may not know of, NotAllowed, and InvalidContent with every problem
    of the body. What clashes in the database (unique values) is raised when the transaction commits.
    """
    program, access = readable_entity(tx, entity)
    if access.reach("create") == "none":
        raise NotAllowed(f"You may not create {program.entity.plural}.", verb="create", entity=entity)
    values = prepare(tx, program, access, body, record_id=record_id)
    before_change(tx, program, "create", None, values, frozenset(values))
    insert_record(tx, program, values, creation(program, values))
    after_change(tx, program, None, values, frozenset(values))
    return answer(tx, program, values, access)


def prepare(
    tx: Transaction,
    program: Program,
    access: EntityAccess,
    body: Mapping[str, Any],
    *,
    record_id: UUID | None = None,
) -> dict[str, Any]:
    """All values of a new record: validated, completed, computed and checked. Raises with every problem."""
    refused = refuse_unwritable(tx, access, program.entity, body)
    validated = validator_for(program.entity, tx.model.entities).validate(refused.body, "create")
    problems: list[Problem] = [*refused.problems, *validated.problems]
    if problems:
        reraise(problems)
    values = dict(validated.values)
    stamp(tx, values, record_id)
    if validated.extras:
        values[EXTRAS] = validated.extras
    for field in program.lines:
        values[field.name] = new_lines(values.get(field.name) or [])
    apply_defaults(tx, program, values, validated.given)
    values.update(rollups_of_nothing(program))
    links = {field.name: values.get(field.name) for field in program.links}
    checked = [name for name, value in links.items() if value is not None]
    if "owner_id" in validated.given and values.get("owner_id") is not None:
        checked.append("owner_id")
    links["owner_id"] = values.get("owner_id")
    linked, problems = linked_records(tx, program, links, checked)
    problems += unknown_links(tx, program, values)
    line_linked = line_linked_records(tx, program, values)
    apply_defaults(tx, program, values, validated.given, linked)
    new = frozenset(line["id"] for field in program.lines for line in values[field.name])
    apply_line_defaults(tx, program, values, new, line_linked)
    narrowed = access.narrowed("create")
    if not narrowed:
        require_owner(tx, access, "create", values, linked)
    problems += settle_money(tx, program, values)
    if not problems:
        number_records(tx, program, [values])
        compute(tx, program, values, linked, line_linked)
        if narrowed:
            require_owner(tx, access, "create", values, linked)
        seen = visible_values(values, linked)
        changed = frozenset(values)
        problems = rule_problems(tx, program, seen, old=None, changed=changed, line_linked=line_linked)
        problems += missing_after_defaults(program, values)
    if problems:
        reraise(problems)
    return values


def stamp(tx: Transaction, values: dict[str, Any], record_id: UUID | None) -> None:
    """System fields of a new record. An owner that the body named stays."""
    context = tx.context
    values["id"] = record_id or new_id()
    values["version"] = 1
    values["created_at"] = values["updated_at"] = context.now
    values["created_by"] = values["updated_by"] = context.actor.id
    values.setdefault("owner_id", context.actor.id)
    values["deleted_at"] = None


def new_lines(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Lines with ids and positions; ids that the body made up are not taken."""
    return [{**line, "id": new_id(), POSITION: index} for index, line in enumerate(lines)]


def missing_after_defaults(program: Program, values: Mapping[str, Any]) -> list[Problem]:
    """Required fields whose default expression gave nothing."""
    problems = []
    for field in program.defaults:
        if field.required and values.get(field.name) is None:
            problems.append(
                Problem(f"/{field.name}", "required", f"{field.title} is required.", {"title": field.title})
            )
    return problems


def creation(program: Program, values: Mapping[str, Any]) -> dict[str, Any]:
    """The history of a creation: what is not null, as new."""
    changes = {}
    for name in program.entity.fields:
        value = values.get(name)
        if value is not None and value != []:
            changes[name] = {"old": None, "new": value}
    return changes
