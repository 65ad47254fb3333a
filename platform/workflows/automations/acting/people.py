"""Giving a record to somebody: one after the other, or to who has least to do."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, insert

from fieldstone.engine.query.columns import EntityColumns
from fieldstone.engine.query.gate import bindings
from fieldstone.engine.storage import control
from fieldstone.engine.storage.connection import compile_plan
from fieldstone.expressions.sql import to_sql
from fieldstone.metadata.automation_rules import Action
from fieldstone.metadata.definitions import Entity
from fieldstone.workflows.automations.acting.sourced import with_source
from fieldstone.workflows.automations.acting.writing import target_of, update_record
from fieldstone.workflows.automations.people import people_of
from fieldstone.workflows.automations.performing import ActionFailed, Run
from fieldstone.workflows.automations.subject import Subject

_COUNTER = control.counter
_TURN = compile_plan(
    insert(_COUNTER)
    .values(name=sa.bindparam("turn", type_=_COUNTER.c.name.type), value=1)
    .on_conflict_do_update(index_elements=["name"], set_={"value": _COUNTER.c.value + 1})
    .returning(_COUNTER.c.value)
)


def assign(run: Run, action: Action, subject: Subject) -> dict[str, Any]:
    """Set a user field to the next of those who can get it. The turn is taken under a lock: two never get the same."""
    found = target_of(run, action.record, subject)
    if found is None:
        return {"state": "skipped", "info": {"empty": action.record}}
    entity, record_id = found
    among = people_of(run, action.among, subject)
    if not among:
        raise ActionFailed("There is nobody whom this could be assigned to.")
    turn: int = run.acting.fetch(_TURN, {"turn": f"automation:{run.automation.name}:{action.name}"})[0][0]
    field = action.field or "owner_id"
    if action.by == "least_busy":
        open_ones = loads(run, entity, field, action, subject, among)
        fewest = min(open_ones.get(each, 0) for each in among)
        among = [each for each in among if open_ones.get(each, 0) == fewest]
        chosen = among[0]
        info: dict[str, Any] = {"user": chosen, "open": fewest}
    else:
        chosen = among[(turn - 1) % len(among)]
        info = {"user": chosen, "turn": turn}
    return {**update_record(run, entity, record_id, {field: str(chosen)}), "info": info}


def loads(
    run: Run, entity: Entity, field: str, action: Action, subject: Subject, among: list[UUID]
) -> dict[UUID, int]:
    """How many records each has that count as open."""
    columns = EntityColumns(run.acting.model, entity, bindings=bindings(run.tx))
    holder = columns.own(field)
    where = [
        columns.own("deleted_at").is_(None),
        holder == sa.any_(sa.bindparam("among", type_=ARRAY(sa.Uuid()))),
    ]
    if action.busy is not None:
        where.append(to_sql(with_source(action.busy, {"source": subject.values}), columns, columns.bindings))
    statement = sa.select(holder, sa.func.count()).select_from(columns.source).where(*where).group_by(holder)
    return {row[0]: row[1] for row in run.acting.select(statement, {"among": among})}
