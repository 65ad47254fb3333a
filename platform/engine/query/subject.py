"""What a read is about: an entity with records of its own that the actor may read."""

from fieldstone.engine.permissions import EntityAccess, absent
from fieldstone.engine.query.gate import readable
from fieldstone.engine.transaction import Transaction
from fieldstone.metadata.definitions import Entity


def listable(tx: Transaction, entity: str) -> tuple[Entity, EntityAccess]:
    """The entity and the actor's access; NotFound for line entities, hidden ones and unknown ones alike."""
    access = readable(tx, entity)
    definition = tx.model.entities[entity]
    if definition.parent is not None:
        raise absent(tx, entity)
    return definition, access
