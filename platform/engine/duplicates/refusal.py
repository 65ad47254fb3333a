"""Rules that block: no second record with the same keys, on any path, by two writers at once either.

Writers of the same keys wait for each other on an advisory lock, so that the second one sees what the first one stored.
Keys share a fixed number of locks: a long import must not need one per row.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID
from zlib import crc32

import sqlalchemy as sa

from fieldstone.engine.duplicates.errors import Duplicate, LikelyDuplicate
from fieldstone.engine.duplicates.keys import rule_keys
from fieldstone.engine.duplicates.lookup import Match, find, stored
from fieldstone.engine.permissions import access
from fieldstone.engine.transaction import Transaction
from fieldstone.metadata.definitions import Entity
from fieldstone.metadata.duplicate_rules import DuplicateRule
from fieldstone.problems import Problem

BUCKETS: Final = 128


def refuse_duplicates(
    tx: Transaction, entity: Entity, values: Mapping[str, Any], changed: frozenset[str] | None = None
) -> None:
    """Raise Duplicate when a rule that blocks finds another record. `changed` limits it to rules that read those fields."""
    error = blocked(tx, entity, [values], changed)[0]
    if error is not None:
        raise error


def blocked(
    tx: Transaction,
    entity: Entity,
    rows: Sequence[Mapping[str, Any]],
    changed: frozenset[str] | None = None,
) -> list[Duplicate | None]:
    """Why each of some records about to be written is refused: by a stored record, or by an earlier row that is not."""
    rules = [
        rule
        for rule in entity.duplicates
        if rule.action == "block" and (changed is None or not rule.names.isdisjoint(changed))
    ]
    nothing: list[Duplicate | None] = [None] * len(rows)
    if not rules:
        return nothing
    keys = [{rule.name: rule_keys(rule, row) for rule in rules} for row in rows]
    wanted = sorted({key for each in keys for found in each.values() for key in found})
    if not wanted:
        return nothing
    _lock(tx, entity, wanted)
    holders: dict[str, set[Any]] = {}
    for each in stored(tx, entity, wanted, access(tx, entity.name)):
        for key in each.keys:
            holders.setdefault(key, set()).add(each.id)
    answers: list[Duplicate | None] = []
    for at, (row, own) in enumerate(zip(rows, keys, strict=True)):
        broken = [
            rule for rule in rules if any(holders.get(key, set()) - {row.get("id")} for key in own[rule.name])
        ]
        answers.append(_refusal(tx, entity, broken, row) if broken else None)
        if not broken:
            for found in own.values():
                for key in found:
                    holders.setdefault(key, set()).add(row.get("id") or ("row", at))
    return answers


def _refusal(
    tx: Transaction, entity: Entity, broken: Sequence[DuplicateRule], row: Mapping[str, Any]
) -> Duplicate:
    told = find(tx, entity.name, row, record_id=row.get("id"))
    problems = [_problem(entity, rule, told) for rule in broken]
    return Duplicate(problems[0].message, problems=problems, duplicates=[match.to_json() for match in told])


def ask_about_duplicates(
    tx: Transaction, entity: str, values: Mapping[str, Any], record_id: UUID | None = None
) -> None:
    """Raise LikelyDuplicate when there is something that the actor should look at before storing."""
    told = find(tx, entity, values, record_id=record_id)
    if told:
        definition = tx.model.entities[entity]
        by_name = {rule.name: rule for rule in definition.duplicates}
        problems = [
            Problem(
                f"/{by_name[match.rule].fields[0].name}", "duplicate.likely", _message(match), _data(match)
            )
            for match in told
        ]
        raise LikelyDuplicate(
            problems[0].message,
            problems=problems,
            duplicates=[match.to_json() for match in told],
            matches=told,
        )


def _problem(entity: Entity, rule: DuplicateRule, told: list[Match]) -> Problem:
    match = next((match for match in told if match.rule == rule.name), None)
    message = f"{rule.title}: there is such a record already." if match is None else _message(match)
    return Problem(
        f"/{rule.fields[0].name}", "duplicate.blocked", message, {"rule": rule.name, "title": rule.title},
        layer=rule.layer or None,
    )  # fmt: skip


def _message(match: Match) -> str:
    if not match.records:
        return f"{match.title}: there is such a record already."
    first = match.records[0]
    name = f'"{first.title}"' if first.title else "a record"
    owner = f" of {first.owner}" if first.owner else ""
    return f"{match.title}: there is {name}{owner} already."


def _data(match: Match) -> dict[str, Any]:
    return {"rule": match.rule, "title": match.title}


def _lock(tx: Transaction, entity: Entity, keys: list[str]) -> None:
    place = crc32(f"{tx.context.tenant.schema}.{entity.name}".encode()) - 2**31
    number = sa.bindparam("bucket", type_=sa.Integer())
    plan = tx.plan(
        ("duplicates", "lock"),
        lambda: sa.select(sa.func.pg_advisory_xact_lock(sa.bindparam("place", type_=sa.Integer()), number)),
    )
    for bucket in sorted({crc32(key.encode()) % BUCKETS for key in keys}):
        tx.defer(plan, {"place": place, "bucket": bucket})
