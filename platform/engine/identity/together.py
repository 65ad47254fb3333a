"""Several statements on control and tenant tables as one transaction in one round trip, as the application
role.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from fieldstone.engine.context import Tenant
from fieldstone.engine.storage.connection import Connection, Plan, Row
from fieldstone.engine.storage.names import SCHEMA_MARK


def together(
    connection: Connection, tenant: Tenant, plans: Sequence[tuple[Plan, Mapping[str, Any]]]
) -> list[list[Row]]:
    """The rows of each statement. All are done, or none."""
    steps = [
        (plan.sql.replace(SCHEMA_MARK, tenant.schema), plan.bind(values) or None) for plan, values in plans
    ]
    cursors = connection.run([("BEGIN", None), *steps, ("COMMIT", None)])[1:-1]
    return [cursor.fetchall() if cursor.description else [] for cursor in cursors]
