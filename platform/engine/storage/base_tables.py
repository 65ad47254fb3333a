"""The few columns of the base entities `user`, `team`, `role_grant` and `temporary_access` that the engine itself reads.

Who may act, and whose record is whose, is asked before a tenant's model is known, so these are written down
here; a test compares them with the base package. Like all tables they carry the schema mark, not a tenant.
"""

import sqlalchemy as sa

from fieldstone.engine.columns.kinds import TEXT
from fieldstone.engine.storage.names import SCHEMA_MARK


def _uuid(name: str) -> "sa.ColumnClause[object]":
    return sa.column(name, sa.Uuid())


def _deleted() -> "sa.ColumnClause[object]":
    return sa.column("deleted_at", sa.DateTime(timezone=True))


USER = sa.table(
    "user", _uuid("id"), _deleted(), _uuid("team"), sa.column("username", TEXT), sa.column("name", TEXT),
    sa.column("email", TEXT), sa.column("active", sa.Boolean()), sa.column("locale", TEXT),
    sa.column("time_zone", TEXT), schema=SCHEMA_MARK,
)  # fmt: skip

TEAM = sa.table(
    "team", _uuid("id"), _deleted(), _uuid("parent"), _uuid("manager"), sa.column("name", TEXT),
    schema=SCHEMA_MARK,
)  # fmt: skip

ROLE_GRANT = sa.table(
    "role_grant", _uuid("id"), _deleted(), _uuid("user"), sa.column("role", TEXT), schema=SCHEMA_MARK
)

TEMPORARY_ACCESS = sa.table(
    "temporary_access", _uuid("id"), _deleted(), _uuid("user"), sa.column("entity", TEXT),
    sa.column("record", TEXT), sa.column("until", sa.DateTime(timezone=True)), sa.column("can_update", sa.Boolean()),
    schema=SCHEMA_MARK,
)  # fmt: skip
