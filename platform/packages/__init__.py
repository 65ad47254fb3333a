"""Packages on tenants: creating a tenant from packages, the records that packages bring along, their scenarios.

May import the engine and metadata. Public names are those below.
"""

from fieldstone.packages.adding import add_package, plan_adding
from fieldstone.packages.demo import load_demo, remove_demo
from fieldstone.packages.install import create_tenant_from
from fieldstone.packages.scenarios import check_package, run_scenarios, scenarios_hold
from fieldstone.packages.seeding import load_records

__all__ = [
    "add_package", "check_package", "create_tenant_from", "load_demo", "load_records", "plan_adding", "remove_demo",
    "run_scenarios", "scenarios_hold",
]  # fmt: skip
