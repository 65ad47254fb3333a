"""Names in the database, derived from names in the metadata.

A property name is an API name verbatim (camelCase, CJK, reserved words); its column has the same name where
PostgreSQL can hold that (we always quote), else a hash of it. `__` separates what we derive (`price__currency`),
`_` begins what is ours (`_parent`): neither can come out of a property name.
"""

import re
from hashlib import blake2b

SCHEMA_MARK = "{tenant}"
"""Stands for the tenant's schema in compiled SQL; no name that we derive can contain a brace."""

_PLAIN = re.compile(r"[A-Za-z](?:_?[A-Za-z0-9])*_?")
_MAX_COLUMN = 40


def column_name(property_name: str) -> str:
    """The column of a property."""
    if (
        len(property_name) <= _MAX_COLUMN
        and _PLAIN.fullmatch(property_name)
        and not property_name.endswith("_")
    ):
        return property_name
    return "x__" + blake2b(property_name.encode("utf-8"), digest_size=10).hexdigest()


def table_name(entity_name: str) -> str:
    """The table of an entity; line entities (`order__items`) have theirs. At most 63 bytes."""
    if len(entity_name) <= 55 and re.fullmatch(r"[a-z][a-z0-9_]*", entity_name):
        return entity_name
    return "x__" + blake2b(entity_name.encode("utf-8"), digest_size=16).hexdigest()


def tenant_schema(tenant: str) -> str:
    """The schema of a tenant. `-` becomes `_`, which tenant names cannot contain."""
    return "t_" + tenant.replace("-", "_")


def tenant_role(tenant: str, database: str) -> str:
    """The database role of a tenant. Roles are shared by all databases of a server, hence the second part."""
    return f"t_{tenant.replace('-', '_')}_" + blake2b(database.encode(), digest_size=4).hexdigest()


def index_name(kind: str, table: str, column: str) -> str:
    """`uq`, `ix`, `fk` ... of a column: readable while it fits, and found again from its parts."""
    name = f"{kind}_{table}_{column}"
    if len(name) <= 60:
        return name
    return f"{kind}_{blake2b(name.encode(), digest_size=16).hexdigest()}"


def lock_key(tenant: str, database: str) -> int:
    """The tenant's advisory lock: a signed 64-bit number."""
    return int.from_bytes(
        blake2b(f"{database}/{tenant}".encode(), digest_size=8).digest(), "big", signed=True
    )
