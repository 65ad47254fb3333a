"""Actions on the records of a query: one made for each, or each changed."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from fieldstone.engine.query.columns import EntityColumns
from fieldstone.engine.query.gate import bindings
from fieldstone.engine.records.create import create_many
from fieldstone.engine.records.update_many import Patch, update_many
from fieldstone.expressions.sql import to_sql
from fieldstone.metadata.automation_rules import Action
from fieldstone.metadata.definitions import Entity
from fieldstone.problems import FieldstoneError
from fieldstone.workflows.automations.acting.sourced import with_source
from fieldstone.workflows.automations.acting.writing import body_of, owned, refuse_protected
from fieldstone.workflows.automations.index import values_paths
from fieldstone.workflows.automations.performing import ActionFailed, Run
from fieldstone.workflows.automations.subject import Subject, load_subjects

CHUNK = 200


def create_from(run: Run, action: Action, subject: Subject) -> dict[str, Any]:
    """A record for every record of a query; with one that is refused, none is made."""
    goal = _entity(run, action.entity)
    refuse_protected(goal)
    count = 0
    for part in _found(run, _entity(run, action.of), action, subject):
        bodies = [owned(run, goal, body_of(run, goal, action.values, each)) for each in part]
        _require(create_many(run.acting, goal.name, bodies))
        run.acting.settle()
        count += len(bodies)
    return {"info": {"entity": goal.name, "count": count}}


def update_where(run: Run, action: Action, subject: Subject) -> dict[str, Any]:
    """Values for every record of a query; with one that is refused, none is changed."""
    goal = _entity(run, action.entity)
    refuse_protected(goal)
    count = 0
    for part in _found(run, goal, action, subject):
        patches = [
            Patch(each.record_id, body_of(run, goal, action.values, each)) for each in part if each.record_id
        ]
        _require(update_many(run.acting, goal.name, patches))
        run.acting.settle()
        count += len(patches)
    return {"info": {"entity": goal.name, "count": count}, "refresh": goal is subject.entity}


def _entity(run: Run, name: str | None) -> Entity:
    entity = run.acting.model.entities.get(name or "")
    if entity is None or entity.parent is not None:
        raise ActionFailed(f'There is no entity "{name}".')
    return entity


def _found(run: Run, entity: Entity, action: Action, subject: Subject) -> list[list[Subject]]:
    """The records of a query in parts, in the order of their creation, each with the subject as `source`."""
    ids = find(run, entity, action, subject)
    if len(ids) > action.limit:
        raise ActionFailed(
            f"More than {action.limit:,} records fit the condition; nothing was done.", limit=action.limit
        )
    parts = []
    for start in range(0, len(ids), CHUNK):
        chunk = ids[start : start + CHUNK]
        there = load_subjects(run.acting, entity, chunk, values_paths(action))
        around = subject if subject.entity is not None else Subject(None, None, payload=subject.payload)
        parts.append(
            [replace(there[each], around=around, payload=subject.payload) for each in chunk if each in there]
        )
    return parts


def find(run: Run, entity: Entity, action: Action, subject: Subject) -> list[UUID]:
    """The ids of up to one more record than the action's limit."""
    columns = EntityColumns(run.acting.model, entity, bindings=bindings(run.tx))
    where: list[sa.ColumnElement[bool]] = [columns.own("deleted_at").is_(None)]
    if action.where is not None:
        values = {"source": subject.values, "payload": subject.payload}
        where.append(to_sql(with_source(action.where, values), columns, columns.bindings))
    statement = (
        sa.select(columns.own("id"))
        .select_from(columns.source)
        .where(*where)
        .order_by(columns.own("id"))
        .limit(action.limit + 1)
    )
    return [row[0] for row in run.acting.select(statement)]


def _require(outcomes: list[UUID | FieldstoneError]) -> None:
    for each in outcomes:
        if isinstance(each, FieldstoneError):
            raise each
