"""DDL of a tenant: its schema, its role, and the tables, columns and indexes of its entities.

Statements are returned as text with the schema mark, so that a plan can show them and a publish can send them
one by one. Every text column is `COLLATE "C"`; no column but the system ones is NOT NULL, because a new rule over
old records must never make them unreadable or stop a publish: rules are the verb's.
"""

from collections.abc import Collection, Iterable
from decimal import Decimal
from hashlib import sha256

import sqlalchemy as sa
from sqlalchemy.schema import CreateColumn, CreateIndex, CreateTable

from fieldstone.engine.columns import column_kind
from fieldstone.engine.storage import control
from fieldstone.engine.storage.connection import DIALECT, text_plan
from fieldstone.engine.storage.names import SCHEMA_MARK, column_name, index_name, table_name
from fieldstone.engine.storage.tables import MATCH, PARENT, SEARCH, field_columns, searched, table_for
from fieldstone.metadata.definitions import Entity, Field, Model
from fieldstone.metadata.fields.file import ONE_FILE

MARK = f'"{SCHEMA_MARK}"'
LINK_TYPES = ("link", "parent", "user", "team", *ONE_FILE)


def quote(name: str) -> str:
    """A quoted identifier."""
    return '"' + name.replace('"', '""') + '"'


def _text(statement: sa.sql.ClauseElement) -> str:
    return str(statement.compile(dialect=DIALECT)).strip()


def control_statements() -> list[str]:
    """Everything of the control schema, to be run once per database as its owner; safe to run again."""
    statements = [f"CREATE SCHEMA IF NOT EXISTS {control.CONTROL}"]
    for table in control.control.sorted_tables:
        statements.append(_text(CreateTable(table, if_not_exists=True)))
        statements += [
            _text(CreateIndex(index, if_not_exists=True)) for index in sorted(table.indexes, key=str)
        ]
    job = f"{control.CONTROL}.job"
    statements += [
        f"ALTER TABLE {job} ENABLE ROW LEVEL SECURITY",
        f"DROP POLICY IF EXISTS own_tenant ON {job}",
        f"CREATE POLICY own_tenant ON {job} USING (tenant_role = current_user) WITH CHECK (tenant_role = current_user)",
    ]
    return statements


def tenant_statements(role: str) -> list[str]:
    """The schema of a new tenant with its `_` tables and grants. The role exists already."""
    name = quote(role)
    statements = [f"CREATE SCHEMA {MARK}"]
    statements.append(f"GRANT USAGE ON SCHEMA {MARK}, {control.CONTROL} TO {name}")
    statements.append(f"GRANT INSERT, SELECT ON {control.CONTROL}.job TO {name}")
    for table in control.local.sorted_tables:
        statements += local_table(table, role)
    return statements


def local_table(table: sa.Table, role: str) -> list[str]:
    """One `_` table of a tenant, with its indexes and what the tenant's role may do with it."""
    rights = "SELECT, INSERT, UPDATE, DELETE"
    if table.name in control.APPEND_ONLY:
        rights = "SELECT, INSERT"
    elif table.name in control.READ_ONLY:
        rights = "SELECT"
    return [
        _text(CreateTable(table)),
        *(_text(CreateIndex(index)) for index in sorted(table.indexes, key=str)),
        f"GRANT {rights} ON {MARK}.{quote(table.name)} TO {quote(role)}",
    ]


STAMP = text_plan(f"SELECT obj_description(to_regnamespace('{control.CONTROL}'), 'pg_namespace')")
"""What the database was last prepared for, see `prepared_for`; null where it never was."""


def prepared_for(base: str) -> str:
    """What this version wants of a database, as a hash: control schema, tenants' `_` tables, and the base layer's hash."""
    tables = (_text(CreateTable(table)) for table in control.local.sorted_tables)
    wanted = [*control_statements(), *tables, base]
    return sha256("\n".join(wanted).encode()).hexdigest()


def stamp(wanted: str) -> str:
    """Note in the database what it is prepared for now."""
    return f"COMMENT ON SCHEMA {control.CONTROL} IS '{wanted}'"


COLUMNS = text_plan(
    "SELECT table_schema, table_name, array_agg(column_name::text) FROM information_schema.columns"
    " WHERE table_schema = ANY(%(schemas)s) AND table_name = ANY(%(tables)s) GROUP BY 1, 2"
)
"""The columns that some tables of some schemas have."""

INDEXES = text_plan(
    "SELECT schemaname, array_agg(indexname::text) FROM pg_indexes"
    " WHERE schemaname = ANY(%(schemas)s) AND tablename = ANY(%(tables)s) GROUP BY 1"
)
"""The names of the indexes that some tables of some schemas have."""


def missing_columns(table: sa.Table, found: Collection[str], place: str) -> list[str]:
    """What a table made by an earlier version lacks. A new column is nullable or has a default."""
    return [
        f"ALTER TABLE {place}.{quote(table.name)} ADD COLUMN {_text(CreateColumn(column))}"
        for column in table.columns
        if column.name not in found
    ]


def create_role(role: str) -> list[str]:
    """A role that the application may take with SET ROLE and that inherits nothing to it."""
    name = quote(role)
    return [
        f"CREATE ROLE {name} NOLOGIN NOINHERIT",
        f"GRANT {name} TO CURRENT_USER WITH INHERIT FALSE, SET TRUE",
    ]


ROLE_EXISTS = text_plan("SELECT 1 FROM pg_roles WHERE rolname = %(role)s")


def drop_role(role: str) -> list[str]:
    """Take a tenant's role away, after its schema went with all other grants."""
    name = quote(role)
    places = (f"SCHEMA {control.CONTROL}", f"{control.CONTROL}.job")
    return [*(f"REVOKE ALL ON {place} FROM {name}" for place in places), f"DROP ROLE {name}"]


def drop_schema(schema: str) -> str:
    """Drop a tenant's schema with everything in it."""
    return f"DROP SCHEMA IF EXISTS {quote(schema)} CASCADE"


def create_entity(entity: Entity, role: str) -> list[str]:
    """The table of an entity with its indexes, and the tenant role's rights on it. Foreign keys come later."""
    built = table_for(entity)
    statements = [_text(CreateTable(built.table))]
    table = f"{MARK}.{quote(built.table.name)}"
    statements.append(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {quote(role)}")
    if entity.parent:
        statements.append(
            f"CREATE INDEX {quote(index_name('ix', built.table.name, PARENT))} ON {table} ({quote(PARENT)})"
        )
    else:
        name = built.table.name
        statements.append(f"CREATE INDEX {quote(index_name('ix', name, 'owner_id'))} ON {table} (owner_id)")
        # Newest first is how most lists are read; ids are made in the order of time, so they break ties.
        statements.append(
            f"CREATE INDEX {quote(index_name('ix', name, 'created_at'))} ON {table} (created_at, id)"
        )
    if searched(entity):
        statements.append(create_search_index(entity))
    if entity.duplicates:
        statements.append(create_match_index(entity))
    for field in entity.fields.values():
        statements += field_indexes(entity, field)
    if entity.title_field:
        statements += title_indexes(entity)
    return statements


def create_search_index(entity: Entity) -> str:
    table = table_name(entity.name)
    return (
        f"CREATE INDEX {quote(index_name('fts', table, SEARCH))} ON {MARK}.{quote(table)} "
        f"USING gin ({quote(SEARCH)}) WITH (fastupdate = on)"
    )


def create_match_index(entity: Entity) -> str:
    """The index by which duplicates are found."""
    table = table_name(entity.name)
    return (
        f"CREATE INDEX {quote(index_name('dup', table, MATCH))} ON {MARK}.{quote(table)} "
        f"USING gin ({quote(MATCH)}) WITH (fastupdate = on)"
    )


def title_indexes(entity: Entity) -> list[str]:
    """The index that lists sorted by title use, for the default order of text."""
    field = entity.fields.get(entity.title_field or "")
    kind = column_kind(field) if field else None
    if field is None or kind is None or kind.order != "text" or entity.parent:
        return []
    table, column = table_name(entity.name), column_name(field.name)
    key = f"coalesce({quote(column + '__sort')}[1], lower({quote(column)}))"
    return [
        f"CREATE INDEX {quote(index_name('so', table, column))} ON {MARK}.{quote(table)} (({key}), id) "
        f"WHERE deleted_at IS NULL"
    ]


def field_indexes(entity: Entity, field: Field) -> list[str]:
    """Unique and plain indexes of one field. Unique is partial: what was deleted does not count."""
    if not field_columns(field):
        return []
    table, column = table_name(entity.name), column_name(field.name)
    place = f"{MARK}.{quote(table)}"
    statements = []
    if field.unique or field.type == "sequence":
        where = "" if entity.parent else " WHERE deleted_at IS NULL"
        statements.append(
            f"CREATE UNIQUE INDEX {quote(index_name('uq', table, column))} ON {place} ({quote(column)}){where}"
        )
    elif field.index or field.type in LINK_TYPES or field.type == "files":
        kind = column_kind(field)
        method = " USING gin" if kind is not None and kind.type.__class__.__name__ == "ARRAY" else ""
        statements.append(
            f"CREATE INDEX {quote(index_name('ix', table, column))} ON {place}{method} ({quote(column)})"
        )
    if field.type == "any_link":
        part = f"{column}__id"
        statements.append(f"CREATE INDEX {quote(index_name('ix', table, part))} ON {place} ({quote(part)})")
    return statements


def drop_field_indexes(entity: Entity, field: Field) -> list[str]:
    table, column = table_name(entity.name), column_name(field.name)
    names = [index_name(kind, table, column) for kind in ("uq", "ix", "so")]
    if field.type == "any_link":
        names.append(index_name("ix", table, f"{column}__id"))
    return [f"DROP INDEX IF EXISTS {MARK}.{quote(name)}" for name in names]


def foreign_keys(entity: Entity) -> list[str]:
    """Links as foreign keys: the last fence. What happens on delete is the verb's, since delete is soft."""
    statements = []
    if entity.parent:
        statements.append(
            _foreign_key(table_name(entity.name), PARENT, table_name(entity.parent[0]), "CASCADE")
        )
    for field in entity.fields.values():
        statements += field_foreign_key(entity, field)
    return statements


def field_foreign_key(entity: Entity, field: Field) -> list[str]:
    target = "_file" if field.type in ONE_FILE else field.target
    if field.type not in LINK_TYPES or not target:
        return []
    referenced = target if field.type in ONE_FILE else table_name(target)
    return [_foreign_key(table_name(entity.name), column_name(field.name), referenced, "NO ACTION")]


def _foreign_key(table: str, column: str, target: str, on_delete: str) -> str:
    return (
        f"ALTER TABLE {MARK}.{quote(table)} ADD CONSTRAINT {quote(index_name('fk', table, column))} "
        f"FOREIGN KEY ({quote(column)}) REFERENCES {MARK}.{quote(target)} (id) ON DELETE {on_delete}"
    )


def add_field(entity: Entity, field: Field) -> list[str]:
    """Columns of a new field, without rewriting the table.

    Old records get a static default at once: PostgreSQL keeps the one value for all old rows, and we drop the
    column's default again, because defaults of new records are the verb's.
    """
    place = f"{MARK}.{quote(table_name(entity.name))}"
    columns = [_text(sa.schema.CreateColumn(column)) for column in field_columns(field)]
    if not columns:
        return []
    default = static_default(field)
    statements = []
    if default is not None:
        columns[0] += f" DEFAULT {default}"
        statements.append(f"ALTER TABLE {place} ALTER COLUMN {quote(column_name(field.name))} DROP DEFAULT")
    added = ", ".join(f"ADD COLUMN {column}" for column in columns)
    return [
        f"ALTER TABLE {place} {added}", *statements, *field_indexes(entity, field), *field_foreign_key(entity, field)
    ]  # fmt: skip


def static_default(field: Field) -> str | None:
    """The SQL literal of a field's default, where one value in one column says it."""
    kind = column_kind(field)
    if (
        not isinstance(field.default, (str, int, float, Decimal, bool))
        or kind is None
        or kind.companions
        or field.computed
    ):
        return None
    if kind.to_db is not None or isinstance(kind.type, (sa.Uuid, sa.ARRAY)):
        return None
    written = sa.literal(field.default if isinstance(field.default, bool) else str(field.default))
    text = str(written.compile(dialect=DIALECT, compile_kwargs={"literal_binds": True})).replace("%%", "%")
    return f"CAST({text} AS {kind.type.compile(dialect=DIALECT).partition(' COLLATE')[0]})"


def drop_field(entity: Entity, field: Field) -> list[str]:
    place = f"{MARK}.{quote(table_name(entity.name))}"
    dropped = ", ".join(f"DROP COLUMN {quote(column.name)}" for column in field_columns(field))
    return [f"ALTER TABLE {place} {dropped}"] if dropped else []


def create_model(model: Model, role: str) -> Iterable[str]:
    """All tables of a model, then all foreign keys (links may be circular)."""
    for entity in model.entities.values():
        yield from create_entity(entity, role)
    for entity in model.entities.values():
        yield from foreign_keys(entity)
