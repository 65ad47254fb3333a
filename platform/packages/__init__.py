"""Packages on tenants: creating a tenant from packages, and the records that packages bring along.

May import the engine and metadata. Public names are those below.
"""

from fieldstone.packages.adding import add_package, plan_adding
from fieldstone.packages.install import create_tenant_from
from fieldstone.packages.seeding import load_records, remove_demo

__all__ = ["add_package", "create_tenant_from", "load_records", "plan_adding", "remove_demo"]
