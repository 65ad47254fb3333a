"""Finds the records that rules call duplicates of given ones, and tells of them what their reader may know.

A record that the actor may see is named with its owner; of another one, only the owner, where the rule reveals it; else it
is not mentioned. Rules that compare a field which the actor may not read tell nothing at all.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from fieldstone.engine.columns.kinds import TEXT
from fieldstone.engine.duplicates.keys import rule_keys
from fieldstone.engine.permissions import EntityAccess, access, actor_values
from fieldstone.engine.query.columns import EntityColumns
from fieldstone.engine.query.gate import bindings, gate_for, read_predicate
from fieldstone.engine.storage.tables import MATCH
from fieldstone.engine.transaction import Transaction
from fieldstone.metadata.definitions import Entity
from fieldstone.metadata.duplicate_rules import DuplicateRule
from fieldstone.metadata.validation import validator_for

MOST: Final = 5
"""So many records are named per rule and row."""

FETCHED: Final = 20_000
_KEYS: Final = sa.bindparam("keys", type_=ARRAY(TEXT))


@dataclass(frozen=True, slots=True)
class Found:
    """A record that is likely the same. `id` and `title` are None where only its owner may be told."""

    id: UUID | None
    title: str | None
    owner_id: UUID | None
    owner: str | None

    def to_json(self) -> dict[str, Any]:
        return {"id": self.id, "title": self.title, "owner_id": self.owner_id, "owner": self.owner}


@dataclass(frozen=True, slots=True)
class Match:
    """What one rule found for one row: stored records, and rows of the same file (by their place, from 0)."""

    rule: str
    title: str
    action: str
    fields: tuple[str, ...]
    records: tuple[Found, ...] = ()
    rows: tuple[int, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {
            "rule": self.rule, "title": self.title, "action": self.action, "fields": list(self.fields),
            "records": [each.to_json() for each in self.records], "rows": list(self.rows),
        }  # fmt: skip


@dataclass(slots=True)
class _Stored:
    """A stored record that has one of the keys."""

    id: UUID
    visible: bool
    found: Found
    keys: frozenset[str] = field(default_factory=frozenset)


def find(
    tx: Transaction, entity: str, values: Mapping[str, Any], *, record_id: UUID | None = None
) -> list[Match]:
    """What the rules say of one record that is being entered (not of the record `record_id` itself)."""
    return find_many(tx, entity, [values], record_ids=[record_id])[0]


def find_many(
    tx: Transaction,
    entity: str,
    rows: Sequence[Mapping[str, Any]],
    *,
    record_ids: Sequence[UUID | None] | None = None,
    among: bool = False,
) -> list[list[Match]]:
    """What the rules say of each of some rows, in one query. Values are Python values by API name, see `entered`.

    `record_ids` are the records that the rows are about to change, None for new ones. With `among` rows are compared with
    each other too: each with those before it.
    """
    definition = tx.model.entities[entity]
    rights = access(tx, entity)
    rules = [rule for rule in definition.duplicates if _readable(rights, rule)]
    if not rules:
        return [[] for _ in rows]
    keys = [{rule.name: rule_keys(rule, row) for rule in rules} for row in rows]
    wanted = sorted({key for each in keys for found in each.values() for key in found})
    holders = _holders(stored(tx, definition, wanted, rights)) if wanted else {}
    own = record_ids or [None] * len(rows)
    earlier: dict[str, list[int]] = {}
    answers: list[list[Match]] = []
    for at, each in enumerate(keys):
        matches = []
        for rule in rules:
            records = _told(rule, _of(holders, each[rule.name]), own[at])
            same = sorted({row for key in each[rule.name] for row in earlier.get(key, ())}) if among else []
            if records or same:
                names = tuple(dict.fromkeys(name for part in rule.fields for name in part.names))
                matches.append(
                    Match(rule.name, rule.title, rule.action, names, tuple(records), tuple(same[:MOST]))
                )
        answers.append(matches)
        for found in each.values():
            for key in found:
                earlier.setdefault(key, []).append(at)
    return answers


def entered(tx: Transaction, entity: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a body that is still being typed: what is wrong in it is left out."""
    definition = tx.model.entities[entity]
    names = {name for rule in definition.duplicates for name in rule.names}
    given = {name: value for name, value in body.items() if name in names}
    return dict(validator_for(definition, tx.model.entities).validate(given, "patch").values)


def _readable(rights: EntityAccess, rule: DuplicateRule) -> bool:
    return rule.names <= rights.readable


def _told(rule: DuplicateRule, holders: Iterable[_Stored], own: UUID | None) -> list[Found]:
    told: list[Found] = []
    for each in holders:
        if each.id == own:
            continue
        if each.visible:
            told.append(each.found)
        elif rule.reveal == "owner":
            hint = Found(None, None, each.found.owner_id, each.found.owner)
            if hint not in told:
                told.append(hint)
    told.sort(key=lambda found: found.id is None)
    return told[:MOST]


def _holders(found: Iterable[_Stored]) -> dict[str, list[_Stored]]:
    holders: dict[str, list[_Stored]] = {}
    for each in found:
        for key in each.keys:
            holders.setdefault(key, []).append(each)
    return holders


def _of(holders: Mapping[str, list[_Stored]], keys: Iterable[str]) -> list[_Stored]:
    return list({each.id: each for key in keys for each in holders.get(key, ())}.values())


def stored(tx: Transaction, entity: Entity, keys: Sequence[str], rights: EntityAccess) -> list[_Stored]:
    """Every record that has one of the keys, seen by the actor or not."""
    gate = gate_for(tx)
    title = entity.title_field if entity.title_field in rights.readable else None

    def build() -> sa.Select[Any]:
        columns = EntityColumns(tx.model, entity, bindings=bindings(tx), gate=gate)
        people = EntityColumns(tx.model, entity)
        named: sa.ColumnElement[Any] = sa.null()
        if title is not None:
            named = columns.column((title,))
        user = people.hop("owner_id").table
        owner = sa.select(user.c.name).where(user.c.id == columns.own("owner_id"))
        predicate = read_predicate(tx, columns)
        visible = sa.true() if predicate is None else sa.func.coalesce(predicate, sa.false())
        return (
            sa.select(
                columns.own("id").label("id"), visible.label("visible"), named.label("title"),
                columns.own("owner_id").label("owner_id"), owner.scalar_subquery().label("owner"),
                columns.raw(MATCH).label("keys"),
            )
            .select_from(columns.source)
            .where(columns.raw(MATCH).op("&&")(_KEYS), columns.own("deleted_at").is_(None))
            .order_by(columns.own("id"))
            .limit(FETCHED)
        )  # fmt: skip

    plan = tx.plan(("duplicates", gate.key, entity.name, title), build)
    rows = tx.fetch(plan, {"keys": list(keys), **actor_values(tx.context.actor)})
    return [
        _Stored(row[0], bool(row[1]), Found(row[0], shown(row[2]), row[3], row[4]), frozenset(row[5]))
        for row in rows
    ]


def shown(value: Any) -> str | None:
    """A title as text."""
    if value is None:
        return None
    if isinstance(value, Mapping):
        return " ".join(str(value[part]) for part in ("given", "family") if value.get(part)) or None
    return str(value)
