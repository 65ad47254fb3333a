"""A new tenant from package folders."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from fieldstone.engine.service import Engine
from fieldstone.engine.tenants.create import Created, create_tenant, delete_tenant
from fieldstone.metadata.documents import read_package
from fieldstone.packages.demo import load_demo
from fieldstone.packages.seeding import load_records


def create_tenant_from(
    engine: Engine,
    name: str,
    paths: Sequence[str | Path],
    *,
    demo: bool = False,
    company: Mapping[str, Any] | None = None,
) -> Created:
    """Create a tenant with the packages in some folders, their `data/` records, and its demo data when asked for.

    Raises PackageError with every problem. When records cannot be loaded no tenant is left behind.
    """
    packages = [read_package(path) for path in paths]
    created = create_tenant(engine, name, packages, company=company)
    try:
        load_records(engine, created.tenant, "data")
        if demo:
            load_demo(engine, created.tenant)
    except BaseException:
        delete_tenant(engine, name)
        raise
    return created
