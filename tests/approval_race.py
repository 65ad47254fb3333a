"""What one process of a race over approval tasks does; other processes import it by name."""

from collections import Counter
from uuid import UUID

from approval_world import engine_for

from fieldstone.engine.identity import context_for_user
from fieldstone.engine.tenants.registry import need_tenant
from fieldstone.problems import FieldstoneError
from fieldstone.workflows import approvals

Work = tuple[str, str, list[tuple[str, str]]]
"""The database, the tenant, and (user, task) to be approved."""


def decide_all(work: Work) -> Counter[str]:
    """One process: tries to approve all tasks it is given; what came of them."""
    url, tenant_name, tasks = work
    engine = engine_for(url, tenant_name)
    with engine.database.connection() as connection:
        tenant = need_tenant(connection, tenant_name)
    found: Counter[str] = Counter()
    for user, task in tasks:
        with engine.database.connection() as connection:
            context = context_for_user(connection, tenant, UUID(user))
        try:
            engine.write(context, lambda tx, task=task: approvals.act(tx, UUID(task), "approve"))
            found["done"] += 1
        except FieldstoneError as error:
            found[error.code] += 1
    engine.database.dispose()
    return found
