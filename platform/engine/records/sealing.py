"""Values that the platform itself completes on their way into storage: secrets are encrypted, positions given.

The tenant, entity and field are bound into an encrypted secret, so that one copied to another place opens nothing.
"""

from collections.abc import Mapping
from typing import Any, Final

from fieldstone.engine.cache import LRU
from fieldstone.engine.context import Tenant
from fieldstone.engine.records.placing import placed
from fieldstone.engine.transaction import Transaction
from fieldstone.engine.vault import NoKey
from fieldstone.metadata.definitions import Entity, Field
from fieldstone.metadata.fields.position import Beside, last
from fieldstone.metadata.fields.secret import NewSecret

Fields = tuple[tuple[Field, ...], tuple[Field, ...]]
_FIELDS: Final[LRU[str, Fields]] = LRU(1024)


def place_of(tenant: Tenant, entity: Entity, field: Field) -> str:
    return f"{tenant.name}/{entity.name}/{field.name}"


def complete_values(
    tx: Transaction, entity: Entity, values: dict[str, Any], old: Mapping[str, Any] | None = None
) -> None:
    """Encrypt new secrets; put a new record at the end of every order. In place."""
    secrets, positions = _FIELDS.get_or(entity.hash, lambda: _fields(entity))
    for field in secrets:
        value = values.get(field.name)
        if isinstance(value, NewSecret):
            if tx.engine.vault is None:
                raise NoKey("This server has no key to store secrets with.")
            value.sealed = tx.engine.vault.seal(value.plain, place_of(tx.context.tenant, entity, field))
        elif value is not None and (old is None or old.get(field.name) is None):
            values[field.name] = None  # "leave it as it is", where nothing is
    for field in positions:
        value = values.get(field.name)
        if isinstance(value, Beside):
            values[field.name] = placed(tx, entity, field, value, values["id"])
        elif value is None and old is None:
            values[field.name] = last()


def completed(entity: Entity) -> bool:
    """Whether an entity has fields that `complete_values` has anything to do for."""
    return any(field.type in ("secret", "position") for field in entity.fields.values())


def _fields(entity: Entity) -> Fields:
    fields = entity.fields.values()
    return tuple(f for f in fields if f.type == "secret"), tuple(f for f in fields if f.type == "position")
