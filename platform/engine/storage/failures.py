"""PostgreSQL's errors as what they mean to a caller.

Constraints are named after table and column (`names.index_name`), so a violated one leads back to the property.
"""

import psycopg
from psycopg import errors as pg

from fieldstone.engine.storage.names import column_name, index_name, table_name
from fieldstone.metadata.definitions import Entity, Field, Model
from fieldstone.problems import FieldstoneError, Problem

RETRYABLE = (
    pg.FeatureNotSupported,  # 0A000: a cached plan must not change result type
    pg.DeadlockDetected,
    pg.SerializationFailure,
    pg.UndefinedColumn,  # a publish came between the revision check and the statement
    pg.UndefinedTable,
)
REVISION_CHANGED = pg.DivisionByZero


class Conflict(FieldstoneError):
    """A value that must be unique is taken, or a record is still linked to."""

    code = "conflict"
    kind = "conflict"


class KeyClaimed(FieldstoneError):
    """The idempotency key of this request was used before: `engine.idempotency` knows for what."""

    code = "idempotency.claimed"
    kind = "conflict"


class InvalidContent(FieldstoneError):
    """The record breaks rules; `problems` lists each with its place."""

    code = "invalid"
    kind = "invalid"


def translate(error: psycopg.Error, model: Model) -> FieldstoneError | None:
    """The caller's error for a violated constraint or a value out of range; None for what is our fault."""
    name = error.diag.constraint_name or ""
    if isinstance(error, pg.UniqueViolation):
        if name == "_idempotency_pkey":
            return KeyClaimed("This idempotency key was used before.")
        found = _find(model, "uq", name)
        if found is None:
            if error.diag.constraint_name and error.diag.constraint_name.endswith("_pkey"):
                return Conflict("A record with this id exists already.", code="unique")
            return None
        return taken(*found)
    if isinstance(error, pg.ForeignKeyViolation):
        found = _find(model, "fk", name)
        if found is None:
            return None
        _, field = found
        problem = Problem(f"/{field.name}", "link.unknown", f"{field.title}: there is no such record.")
        return InvalidContent(problem.message, problems=[problem])
    if isinstance(error, (pg.NumericValueOutOfRange, pg.DatetimeFieldOverflow)):
        return InvalidContent("A value is out of range.", code="range")
    if isinstance(error, pg.ProgramLimitExceeded):
        return InvalidContent("A value is too long to be kept in an index.", code="limit")
    return None


def taken(entity: Entity, field: Field) -> Conflict:
    """A value that must be unique is in use; by whom is not said."""
    problem = Problem(f"/{field.name}", "unique", f"{field.title} is already in use.")
    return Conflict(problem.message, code="unique", problems=[problem], entity=entity.name)


def _find(model: Model, kind: str, constraint: str) -> tuple[Entity, Field] | None:
    for entity in model.entities.values():
        table = table_name(entity.name)
        for field in entity.fields.values():
            if index_name(kind, table, column_name(field.name)) == constraint:
                return entity, field
    return None
