"""Adding a package to a tenant that is in use: a plan like any publish, with the packages as target."""

from collections.abc import Collection
from pathlib import Path

from fieldstone.engine.context import Context
from fieldstone.engine.publish import PublishPlan, PublishResult, apply_plan, plan_for
from fieldstone.engine.publish.apply import check_plan
from fieldstone.engine.service import Engine
from fieldstone.engine.transaction import Transaction
from fieldstone.metadata.definitions import Model
from fieldstone.metadata.documents import Package, read_package
from fieldstone.metadata.requirements import in_dependency_order
from fieldstone.packages.seeding import load_records
from fieldstone.problems import FieldstoneError


class AlreadyInstalled(FieldstoneError):
    """The tenant has a package of this name."""

    code = "package.installed"
    kind = "conflict"


def plan_adding(engine: Engine, context: Context, path: str | Path) -> PublishPlan:
    """What adding the package in a folder would do. Raises PackageError with every problem of its files."""
    package = read_package(path)
    return engine.read(context, lambda tx: _plan(tx, package))


def add_package(
    engine: Engine, context: Context, path: str | Path, sealed: str, consent: Collection[str] = ()
) -> PublishResult:
    """Add the package as it was planned, and load its `data/` records."""
    package = read_package(path)

    def prepare(tx: Transaction) -> tuple[PublishPlan, Model]:
        plan = _plan(tx, package)
        check_plan(plan, plan.base, sealed, consent)
        return plan, tx.model

    plan, model = engine.read(context, prepare)
    result = apply_plan(
        engine, context, model, plan, kind="install", note=f"{package.name} {package.version}"
    )
    load_records(engine, context.tenant, "data")
    return result


def _plan(tx: Transaction, package: Package) -> PublishPlan:
    installed, patches = tx.engine.models.layers(
        tx.connection.connection, tx.context.tenant, tx.context.revision
    )
    if any(each.name == package.name for each in installed):
        raise AlreadyInstalled(f'The tenant has the package "{package.name}" already.', package=package.name)
    ordered, _ = in_dependency_order([*installed, package])
    return plan_for(tx, ordered, patches)
