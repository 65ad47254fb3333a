"""Whether an actor may have records under their owners: asked once per owner where that alone decides."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from fieldstone.engine.permissions import EntityAccess
from fieldstone.engine.permissions.owners import OWNER, TEAM
from fieldstone.engine.records.subject import require_owner
from fieldstone.engine.transaction import Transaction


class OwnerCheck:
    """`require_owner` for many records of one entity and one verb."""

    def __init__(self, tx: Transaction, access: EntityAccess, verb: str) -> None:
        self._tx, self._access, self._verb = tx, access, verb
        plain = not access.narrowed(verb)
        name = access.governing.name
        self._free = plain and access.reach(verb) == "all"
        self._by_owner = plain and name not in OWNER and name not in TEAM
        self._allowed: set[UUID | None] = set()

    def require(self, values: Mapping[str, Any], linked: Mapping[str, Mapping[str, Any]]) -> None:
        """Raises NotAllowed where `require_owner` does."""
        if self._free:
            return
        owner = values.get("owner_id")
        if self._by_owner and owner in self._allowed:
            return
        require_owner(self._tx, self._access, self._verb, values, linked)
        self._allowed.add(owner)
