"""The areas of administration: parts of the product that a role may manage, and who may manage whom.

company    company settings, mail, languages, exchange rates
users      people, teams, role grants, invitations
roles      role grants
metadata   definitions: entities, forms, workflows, roles; drafts and publishing
imports    import runs of others
jobs       jobs, the dead-letter list
audit      the audit log
keys       sessions and API keys of others
packages   installing, upgrading and removing packages

Deciding about people must not be a way to rights that one lacks: whoever manages users may give, and touch
the credentials of people who hold, only roles whose areas they manage themselves.
"""

from collections.abc import Iterable
from typing import Final

from fieldstone.engine.context import Actor
from fieldstone.engine.permissions.access import Scope
from fieldstone.engine.permissions.errors import Denied
from fieldstone.metadata.definitions import Model

AREAS: Final = ("company", "users", "roles", "metadata", "imports", "jobs", "audit", "keys", "packages")


def managed(model: Model, roles: Iterable[str]) -> frozenset[str]:
    """The areas that a set of roles manages. Roles that the model does not know manage nothing."""
    areas: set[str] = set()
    for name in roles:
        role = model.roles.get(name)
        areas |= role.manages if role is not None else frozenset()
    return frozenset(areas)


def may_manage(tx: Scope, area: str) -> bool:
    """Whether the actor may administer an area."""
    if area not in AREAS:
        raise ValueError(f"{area!r} is no area of administration")
    actor = tx.context.actor
    return actor.kind == "system" or area in managed(tx.model, actor.roles)


def require_manage(tx: Scope, area: str) -> None:
    """Raise Denied unless the actor may administer the area."""
    if not may_manage(tx, area):
        raise Denied(f"This is for those who manage {area}.", code="manage.denied", area=area)


def covers(model: Model, actor: Actor, roles: Iterable[str]) -> bool:
    """Whether the actor manages every area that these roles manage."""
    return actor.kind == "system" or managed(model, roles) <= managed(model, actor.roles)
