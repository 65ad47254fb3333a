"""Who may give and take roles: the check before a role grant is written.

A right on `role_grant` alone would be a right to everything, so a grant must name a role that exists, and one
whose areas the actor manages.
"""

from collections.abc import Mapping
from typing import Any

from fieldstone.engine.permissions.access import Scope
from fieldstone.engine.permissions.areas import covers
from fieldstone.engine.permissions.errors import Denied
from fieldstone.problems import FieldstoneError, Problem, did_you_mean


class UnknownRole(FieldstoneError):
    """The role grant names a role that is not defined."""

    code = "role.unknown"
    kind = "invalid"


def check_grant(tx: Scope, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> None:
    """Raise unless the actor may replace the role grant `before` by `after` (None: created, deleted)."""
    if after is not None:
        role = after.get("role")
        if role not in tx.model.roles:
            message = f'There is no role "{role}"{did_you_mean(str(role), tx.model.roles)}.'
            raise UnknownRole(message, problems=[Problem("/role", "role.unknown", message)], role=role)
    for grant in (before, after):
        role = grant.get("role") if grant is not None else None
        if role is not None and not covers(tx.model, tx.context.actor, (role,)):
            raise Denied(
                f'Only who manages what the role "{role}" manages may give or take it.',
                code="role.beyond",
                role=role,
            )
