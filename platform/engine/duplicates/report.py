"""The batch report: groups of stored records that a rule calls alike, page by page.

Only records that the reader may see are grouped, and only rules over fields that the reader may read.
"""

import base64
import binascii
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from fieldstone.engine.columns.kinds import TEXT
from fieldstone.engine.duplicates.keys import rule_of
from fieldstone.engine.duplicates.lookup import shown
from fieldstone.engine.permissions import access, actor_values
from fieldstone.engine.query.columns import EntityColumns
from fieldstone.engine.query.errors import BadRequest
from fieldstone.engine.query.gate import bindings, gate_for, read_predicate, readable
from fieldstone.engine.storage import control
from fieldstone.engine.storage.tables import MATCH
from fieldstone.engine.transaction import Transaction
from fieldstone.metadata.definitions import Entity

LARGEST_GROUP: Final = 20


@dataclass(frozen=True, slots=True)
class Group:
    """Records that agree by one rule, oldest first. `count` may be more than the `records` that are listed."""

    rule: str
    title: str
    count: int
    records: tuple[dict[str, Any], ...]

    def to_json(self) -> dict[str, Any]:
        return {"rule": self.rule, "title": self.title, "count": self.count, "records": list(self.records)}


@dataclass(frozen=True, slots=True)
class Report:
    """A page of groups. `building` tells that old records are still being read."""

    groups: tuple[Group, ...]
    next: str | None
    building: bool


def duplicate_groups(
    tx: Transaction, entity: str, *, rule: str | None = None, cursor: str | None = None, limit: int = 25
) -> Report:
    """A page of groups, in the order of their keys. Raises NotFound, and BadRequest for an unknown rule or cursor."""
    rights = readable(tx, entity)
    definition = tx.model.entities[entity]
    rules = {each.name: each for each in definition.duplicates if each.names <= rights.readable}
    if rule is not None and rule not in rules:
        raise BadRequest(f'There is no rule "{rule}" about duplicates here.', code="duplicates.rule")
    wanted = [rule] if rule is not None else list(rules)
    if not wanted:
        return Report((), None, False)
    after = _decoded(cursor)
    found = _keys(tx, definition, wanted, after, limit + 1)
    page = found[:limit]
    records = _records(tx, definition, sorted({id_ for _, _, ids in page for id_ in ids}))
    groups = tuple(
        Group(
            rule_of(key),
            rules[rule_of(key)].title,
            count,
            tuple(records[id_] for id_ in ids if id_ in records),
        )
        for key, count, ids in page
    )
    following = _encoded(page[-1][0]) if len(found) > limit else None
    return Report(groups, following, _building(tx, entity))


def _keys(
    tx: Transaction, entity: Entity, rules: list[str], after: str, limit: int
) -> list[tuple[str, int, list[UUID]]]:
    gate = gate_for(tx)

    def build() -> sa.Select[Any]:
        columns = EntityColumns(tx.model, entity, bindings=bindings(tx), gate=gate)
        predicate = read_predicate(tx, columns)
        key = sa.func.unnest(columns.raw(MATCH)).label("key")
        inner = (
            sa.select(columns.own("id").label("id"), key)
            .select_from(columns.source)
            .where(columns.own("deleted_at").is_(None), columns.raw(MATCH).is_not(None))
        )
        if predicate is not None:
            inner = inner.where(predicate)
        each = inner.subquery("each")
        value = sa.collate(each.c.key, "C")
        names = sa.bindparam("rules", type_=ARRAY(TEXT))
        ids = sa.func.array_agg(sa.cast(each.c.id, sa.Uuid()))
        return (
            sa.select(each.c.key, sa.func.count(), ids)
            .where(
                sa.func.split_part(each.c.key, ":", 1) == sa.any_(names),
                value > sa.bindparam("after", type_=TEXT),
            )
            .group_by(each.c.key)
            .having(sa.func.count() > 1)
            .order_by(value)
            .limit(sa.bindparam("most", type_=sa.Integer()))
        )

    plan = tx.plan(("duplicates", "report", gate.key, entity.name), build)
    rows = tx.fetch(plan, {"rules": rules, "after": after, "most": limit, **actor_values(tx.context.actor)})
    return [(row[0], row[1], sorted(row[2])[:LARGEST_GROUP]) for row in rows]


def _records(tx: Transaction, entity: Entity, ids: list[UUID]) -> dict[UUID, dict[str, Any]]:
    if not ids:
        return {}
    rights = access(tx, entity.name)
    title = entity.title_field if entity.title_field in rights.readable else None
    gate = gate_for(tx)

    def build() -> sa.Select[Any]:
        columns = EntityColumns(tx.model, entity, bindings=bindings(tx), gate=gate)
        named: sa.ColumnElement[Any] = columns.column((title,)) if title is not None else sa.null()
        user = EntityColumns(tx.model, entity).hop("owner_id").table
        owner = sa.select(user.c.name).where(user.c.id == columns.own("owner_id")).scalar_subquery()
        statement = (
            sa.select(
                columns.own("id"), named.label("title"), columns.own("owner_id"), owner.label("owner"),
                columns.own("created_at"), columns.own("updated_at"),
            )
            .select_from(columns.source)
            .where(columns.own("id") == sa.any_(sa.bindparam("ids", type_=ARRAY(sa.Uuid()))))
        )  # fmt: skip
        predicate = read_predicate(tx, columns)
        return statement if predicate is None else statement.where(predicate)

    plan = tx.plan(("duplicates", "records", gate.key, entity.name, title), build)
    rows = tx.fetch(plan, {"ids": ids, **actor_values(tx.context.actor)})
    return {
        row[0]: {
            "id": row[0], "title": shown(row[1]), "owner_id": row[2], "owner": row[3],
            "created_at": row[4], "updated_at": row[5],
        }
        for row in rows
    }  # fmt: skip


def _building(tx: Transaction, entity: str) -> bool:
    table = control.build
    plan = tx.plan(
        ("duplicates", "building"),
        lambda: sa.select(table.c.id).where(
            table.c.entity == sa.bindparam("entity", type_=sa.Text()),
            table.c.kind == "match",
            table.c.state == "building",
        ),
    )
    return bool(tx.fetch(plan, {"entity": entity}))


def _encoded(key: str) -> str:
    return base64.urlsafe_b64encode(key.encode()).decode().rstrip("=")


def _decoded(cursor: str | None) -> str:
    if not cursor:
        return ""
    try:
        found = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError) as error:
        raise BadRequest(
            "The cursor cannot be read; start again without it.", code="cursor.malformed"
        ) from error
    if "\0" in found:
        raise BadRequest("The cursor cannot be read; start again without it.", code="cursor.malformed")
    return found
