"""Links to a record of any of several entities: whether it is one that the actor can see."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from fieldstone.engine.query.joins import visible_ids
from fieldstone.engine.records.program import Program, program_for
from fieldstone.engine.transaction import Transaction
from fieldstone.metadata.definitions import Field
from fieldstone.problems import Problem

Named = tuple[str, Field, str, UUID]
"""Where a link stands, its field, and the entity and id that it names."""


def unknown_anywhere(
    tx: Transaction, program: Program, values: Mapping[str, Any], old: Mapping[str, Any] | None = None
) -> list[Problem]:
    """A problem per link that leads nowhere the actor can see; links that were there before stay allowed."""
    before = {(entity, record) for _, _, entity, record in _named(tx, program, old)} if old else frozenset()
    return _unknown(tx, [[each for each in _named(tx, program, values) if each[2:] not in before]])[0]


def unknown_anywhere_of_many(
    tx: Transaction, program: Program, records: Sequence[Mapping[str, Any]]
) -> list[list[Problem]]:
    """`unknown_anywhere` of several new records, by one statement per entity."""
    return _unknown(tx, [list(_named(tx, program, values)) for values in records])


def _unknown(tx: Transaction, found: Sequence[Sequence[Named]]) -> list[list[Problem]]:
    wanted: dict[str, set[UUID]] = {}
    for each in found:
        for _, _, entity, record in each:
            wanted.setdefault(entity, set()).add(record)
    seen = visible_ids(tx, wanted)
    return [
        [
            Problem(
                f"{path}/id",
                "link.unknown",
                f"{field.title}: there is no such record.",
                {"title": field.title},
            )
            for path, field, entity, record in each
            if record not in seen.get(entity, ())
        ]
        for each in found
    ]


def _named(tx: Transaction, program: Program, values: Mapping[str, Any], at: str = "") -> Iterator[Named]:
    for field in program.anywhere:
        if (value := values.get(field.name)) is not None:
            yield f"{at}/{field.name}", field, value["entity"], UUID(value["id"])
    for lines in program.lines:
        child = program_for(tx.model, tx.model.entities[lines.lines or ""])
        for index, line in enumerate((values.get(lines.name) or ()) if child.anywhere else ()):
            yield from _named(tx, child, line, f"{at}/{lines.name}/{index}")
