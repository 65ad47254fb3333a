"""Temporary access: single records that a user may read, or change too, until a moment, beyond what his roles reach.

The rows are those of the base entity `temporary_access`. They widen the reach of a role that may do the verb with some
records of the entity; they never show an entity, a field or a verb that no role of the user grants. They are looked up
once for a statement, not once for a row: the indexes of owner and id go on serving.
"""

from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from fieldstone.engine.permissions.owners import ACTOR, Columns
from fieldstone.engine.storage.base_tables import TEMPORARY_ACCESS as GIVEN

VERBS: Final = ("read", "update")


def given_condition(entity: str, verb: str, columns: Columns) -> sa.ColumnElement[bool] | None:
    """The rows of an entity that were given to the actor for a time; None where the verb cannot be given."""
    if verb not in VERBS:
        return None
    given = sa.select(sa.cast(GIVEN.c.record, sa.Uuid())).where(
        GIVEN.c.user == ACTOR,
        GIVEN.c.entity == entity,
        GIVEN.c.until > sa.func.now(),
        GIVEN.c.deleted_at.is_(None),
    )
    if verb == "update":
        given = given.where(GIVEN.c.can_update)
    return columns.column(("id",)) == sa.any_(sa.func.array(given.scalar_subquery(), type_=ARRAY(sa.Uuid())))
