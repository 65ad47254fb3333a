"""Files that a record being written names: whether the actor may use them, and whether the field takes such files.

Own fields and those of lines alike. Files that the record named before stay allowed.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from fieldstone.engine.files import may_read_file
from fieldstone.engine.files.pictures import thumbnail_id
from fieldstone.engine.records.program import Program, program_for
from fieldstone.engine.storage import control
from fieldstone.engine.storage.connection import Row
from fieldstone.engine.transaction import Transaction
from fieldstone.metadata.definitions import Field
from fieldstone.metadata.fields.image import PICTURES
from fieldstone.problems import Problem


@dataclass(frozen=True, slots=True)
class Named:
    """A file that a field names, and where in the body."""

    path: str
    field: Field
    file_id: UUID


def unknown_files(
    tx: Transaction, program: Program, values: Mapping[str, Any], old: Mapping[str, Any] | None = None
) -> list[Problem]:
    """A problem per file that does not exist for the actor, is of a wrong type, or is too large for its field."""
    before = {each.file_id for each in _named(tx, program, old)} if old else frozenset()
    wanted = [each for each in _named(tx, program, values) if each.file_id not in before]
    if not wanted:
        return []
    file = control.file

    def build() -> "sa.Select[tuple[UUID, str, int, UUID | None]]":
        ids = sa.bindparam("ids", type_=ARRAY(sa.Uuid()))
        return sa.select(file.c.id, file.c.type, file.c.size, file.c.created_by).where(
            file.c.id == sa.any_(ids)
        )

    ids = {each.file_id for each in wanted}
    ids |= {thumbnail_id(each.file_id) for each in wanted if _pictured(each.field)}
    found = {row[0]: row for row in tx.fetch(tx.plan(("file", "facts"), build), {"ids": list(ids)})}
    problems = []
    for each in wanted:
        row = found.get(each.file_id)
        if row is None or not (row[3] == tx.context.actor.id or may_read_file(tx, row[0])):
            message = f"{each.field.title}: there is no such file."
            problems.append(Problem(each.path, "file.unknown", message, {"title": each.field.title}))
        else:
            problems += _unfit(each, row, thumbnail_id(each.file_id) in found)
    return problems


def _named(tx: Transaction, program: Program, values: Mapping[str, Any], at: str = "") -> Iterator[Named]:
    for field in program.files:
        value = values.get(field.name)
        if isinstance(value, list):
            for index, file_id in enumerate(value):
                yield Named(f"{at}/{field.name}/{index}", field, file_id)
        elif value is not None:
            yield Named(f"{at}/{field.name}", field, value)
    for field in program.lines:
        child = program_for(tx.model, tx.model.entities[field.lines or ""])
        for index, line in enumerate((values.get(field.name) or ()) if child.files else ()):
            yield from _named(tx, child, line, f"{at}/{field.name}/{index}")


def _pictured(field: Field) -> bool:
    return field.type in ("image", "signature")


def _unfit(named: Named, row: Row, drawn: bool) -> list[Problem]:
    field = named.field
    accept, most = field.settings.get("accept") or (), field.settings.get("max_size")
    if accept and not any(fnmatchcase(row[1], pattern) for pattern in accept):
        message = f"{field.title} takes only {', '.join(accept)}, not {row[1]}."
        return [Problem(named.path, "accept", message, {"type": row[1]})]
    if _pictured(field) and not (drawn and row[1] in PICTURES):
        message = f"{field.title}: the file is no picture that can be shown."
        return [Problem(named.path, "picture", message, {"title": field.title})]
    if most is not None and row[2] > most:
        message = f"{field.title}: the file has {row[2]:,} bytes; at most {most:,} are taken."
        return [Problem(named.path, "maxSize", message, {"size": row[2]})]
    return []
