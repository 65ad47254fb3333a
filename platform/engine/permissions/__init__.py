"""Who may do what to which records and fields: the one place that reads roles.

`access` combines an actor's roles for one entity; its `predicate` goes into the WHERE of every read and
write, its `permits` judges a record that is not stored yet, `readable` and `writable` are the fields. What an
actor has no right to at all is answered exactly like what does not exist.

Contract of `predicate`: who asks is never a literal in the SQL. The actor's ids are the parameters named in
`actor_values(actor)`, so one compiled statement serves every actor with the same rights: key it by
`EntityAccess.key` and send `actor_values` with it. Only where `shareable(verb)` is False does a record rule
read the user or the clock, and the statement belongs to this request alone.

May import: metadata, expressions, engine.storage, engine.context. Public names are those below.
"""

from fieldstone.engine.permissions.access import (
    EntityAccess,
    absent,
    access,
    actor_values,
    need,
    visible_entities,
)
from fieldstone.engine.permissions.administrators import ADMINISTRATOR, check_after, check_model
from fieldstone.engine.permissions.areas import AREAS, covers, may_manage, require_manage
from fieldstone.engine.permissions.errors import Denied, LastAdministrator, NotFound
from fieldstone.engine.permissions.explain import Reason, explain
from fieldstone.engine.permissions.grants import check_grant
from fieldstone.engine.permissions.owners import owner_of, owner_team

__all__ = [
    "ADMINISTRATOR", "AREAS", "Denied", "EntityAccess", "LastAdministrator", "NotFound", "Reason",
    "absent", "access", "actor_values", "check_after", "check_grant", "check_model", "covers", "explain",
    "may_manage", "need", "owner_of", "owner_team", "require_manage", "visible_entities",
]  # fmt: skip
