"""Files that a record being written names: whether the actor may use them, and whether the field takes such files."""

from collections.abc import Mapping
from fnmatch import fnmatchcase
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from fieldstone.engine.files import may_read_file
from fieldstone.engine.records.program import Program
from fieldstone.engine.storage import control
from fieldstone.engine.storage.connection import Row
from fieldstone.engine.transaction import Transaction
from fieldstone.metadata.definitions import Field
from fieldstone.problems import Problem


def file_problems(tx: Transaction, program: Program, wanted: Mapping[str, UUID | None]) -> list[Problem]:
    """A problem per file that does not exist for the actor, is of a wrong type, or is too large for its field."""
    if not wanted:
        return []
    file = control.file

    def build() -> "sa.Select[tuple[UUID, str, int, UUID | None]]":
        ids = sa.bindparam("ids", type_=ARRAY(sa.Uuid()))
        return sa.select(file.c.id, file.c.type, file.c.size, file.c.created_by).where(
            file.c.id == sa.any_(ids)
        )

    rows = tx.fetch(tx.plan(("file", "facts"), build), {"ids": list(wanted.values())})
    found = {row[0]: row for row in rows}
    problems = []
    for name, file_id in wanted.items():
        field, row = program.entity.fields[name], found.get(file_id)
        if row is None or not (row[3] == tx.context.actor.id or may_read_file(tx, row[0])):
            problems.append(Problem(f"/{name}", "file.unknown", f"{field.title}: there is no such file."))
        else:
            problems += _unfit(field, row)
    return problems


def _unfit(field: Field, row: Row) -> list[Problem]:
    accept, most = field.settings.get("accept") or (), field.settings.get("max_size")
    if accept and not any(fnmatchcase(row[1], pattern) for pattern in accept):
        message = f"{field.title} takes only {', '.join(accept)}, not {row[1]}."
        return [Problem(f"/{field.name}", "accept", message, {"type": row[1]})]
    if most is not None and row[2] > most:
        message = f"{field.title}: the file has {row[2]:,} bytes; at most {most:,} are taken."
        return [Problem(f"/{field.name}", "maxSize", message, {"size": row[2]})]
    return []
