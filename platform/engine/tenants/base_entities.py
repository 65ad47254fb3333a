"""Brings the entities of the base layer up to date in tenants that an earlier version made.

Entities of packages change by publishing; those of the base layer change with the code, so what a new version adds to them
is added to every tenant when its database is prepared: tables, columns, indexes, foreign keys. Nothing is ever taken away.
"""

import logging
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

import psycopg

from fieldstone.engine.context import Tenant
from fieldstone.engine.models import BrokenRevision, ModelStore, package_sha
from fieldstone.engine.storage import ddl
from fieldstone.engine.storage.connection import Connection
from fieldstone.engine.storage.names import SCHEMA_MARK, table_name
from fieldstone.engine.storage.tables import field_columns, table_for
from fieldstone.metadata.compile import base_package, compile_model
from fieldstone.metadata.definitions import Entity, Model

log = logging.getLogger("fieldstone.tenants")
INDEX: Final = re.compile(r'CREATE (?:UNIQUE )?INDEX "([^"]+)"')


@dataclass(frozen=True, slots=True)
class Stored:
    """What a tenant's schema has: the columns of its tables by name, and the names of its indexes."""

    columns: Mapping[str, Collection[str]]
    indexes: Collection[str]


@cache
def base_sha() -> str:
    """The base layer of this version, as a hash."""
    return package_sha(base_package().to_json())


def add_what_is_missing(connection: Connection, tenants: Sequence[Tenant]) -> None:
    """Add to each tenant what its base entities lack. A tenant that lacks nothing costs no compile."""
    base = _base_model()
    asked = {
        "schemas": [each.schema for each in tenants],
        "tables": [table_name(name) for name in base.entities],
    }
    found: dict[str, dict[str, Collection[str]]] = {each.schema: {} for each in tenants}
    for schema, table, columns in connection.fetch(ddl.COLUMNS, asked):
        found[schema][table] = columns
    indexes: dict[str, Collection[str]] = {row[0]: row[1] for row in connection.fetch(ddl.INDEXES, asked)}
    models = ModelStore(size=8)
    for tenant in tenants:
        stored = Stored(found[tenant.schema], indexes.get(tenant.schema, ()))
        if not _complete(base, base.entities, stored):
            try:
                _complete_tenant(connection, tenant, models, stored)
            except BrokenRevision as error:
                log.error("the base entities of %s cannot be brought up to date: %s", tenant.name, error.data)


@cache
def _base_model() -> Model:
    compiled = compile_model([])
    if compiled.model is None:
        raise BrokenRevision("The base layer does not compile.", problems=compiled.problems)
    return compiled.model


def _complete(model: Model, names: Iterable[str], stored: Stored) -> bool:
    return not any(
        _tables(model, names, stored, "") or _columns(model, names, stored) or _indexes(model, names, stored)
    )


def _complete_tenant(connection: Connection, tenant: Tenant, models: ModelStore, stored: Stored) -> None:
    number, _ = models.current(connection, tenant)
    model = models.model(connection, tenant, number)
    names = [name for name in _base_model().entities if name in model.entities]
    structure = [*_tables(model, names, stored, tenant.role), *_columns(model, names, stored)]
    if structure:
        lock = f"SELECT pg_advisory_xact_lock({tenant.lock_key})"
        _run(connection, tenant, ["BEGIN", lock, *structure, "COMMIT"])
        log.info("base entities of %s: %d statements", tenant.name, len(structure))
    made = {found[1] for statement in structure if (found := INDEX.match(statement))}
    for name, statement in _indexes(model, names, stored):
        if name not in made:
            try:
                _run(connection, tenant, [statement])
            except psycopg.errors.UniqueViolation as error:
                log.error("the index %s of %s cannot be made: %s", name, tenant.name, error)


def _run(connection: Connection, tenant: Tenant, statements: Sequence[str]) -> None:
    connection.run([(each.replace(SCHEMA_MARK, tenant.schema), None) for each in statements])


def _tables(model: Model, names: Iterable[str], stored: Stored, role: str) -> list[str]:
    """Missing tables, then their foreign keys, which may lead to each other."""
    missing = [model.entities[name] for name in names if table_name(name) not in stored.columns]
    statements = [statement for entity in missing for statement in ddl.create_entity(entity, role)]
    return [*statements, *(statement for entity in missing for statement in ddl.foreign_keys(entity))]


def _columns(model: Model, names: Iterable[str], stored: Stored) -> list[str]:
    """Missing columns of tables that are there: of fields, with their defaults, and those beside the fields."""
    statements: list[str] = []
    for name in names:
        entity, found = model.entities[name], stored.columns.get(table_name(name))
        if found is None:
            continue
        built = table_for(entity)
        wanted = [field for field in entity.fields.values() if field.name in built.fields]
        missing = [field for field in wanted if built.fields[field.name].name not in found]
        for field in missing:
            statements += ddl.add_field(entity, field)
        added = {column.name for field in missing for column in field_columns(field)}
        statements += ddl.missing_columns(built.table, {*found, *added}, ddl.MARK)
    return statements


def _indexes(model: Model, names: Iterable[str], stored: Stored) -> list[tuple[str, str]]:
    """Missing indexes of tables that are there, by name."""
    return [
        (found[1], statement)
        for name in names
        if table_name(name) in stored.columns
        for statement in _of(model.entities[name])
        if (found := INDEX.match(statement)) and found[1] not in stored.indexes
    ]


def _of(entity: Entity) -> list[str]:
    return ddl.create_entity(entity, "")
