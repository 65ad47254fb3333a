"""Packages on tenants: creating a tenant from packages, and the records that packages bring along.

May import the engine and metadata. Public names are those below.
"""

from fieldstone.packages.install import create_tenant_from
from fieldstone.packages.seeding import load_records, remove_demo

__all__ = ["create_tenant_from", "load_records", "remove_demo"]
