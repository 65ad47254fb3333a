"""Where scenarios run: in a tenant made for the purpose, or inside a publish before it commits."""

import secrets
from collections.abc import Callable, Collection, Sequence
from pathlib import Path

from fieldstone.engine.context import Context
from fieldstone.engine.service import Engine
from fieldstone.engine.storage.connection import Connection, TenantConnection
from fieldstone.engine.tenants.create import delete_tenant
from fieldstone.engine.transaction import Transaction
from fieldstone.metadata.definitions import Model
from fieldstone.metadata.documents import read_package
from fieldstone.packages.install import create_tenant_from
from fieldstone.packages.scenarios.definitions import scenarios_of
from fieldstone.packages.scenarios.run import Outcome, run_scenarios
from fieldstone.problems import FieldstoneError, Problem


class ScenariosFailed(FieldstoneError):
    """Scenarios of a package do not hold for the definitions that were about to go live."""

    code = "package.scenarios"
    kind = "refused"


def check_package(
    engine: Engine, path: str | Path, others: Sequence[str | Path] = (), only: Collection[str] = ()
) -> list[Outcome]:
    """Run a package's scenarios in a tenant of their own, which is gone afterwards.

    `others` are folders of packages that it needs; `only` are names of documents or scenarios. Raises PackageError.
    """
    package = read_package(path)
    name = f"scratch-{secrets.token_hex(6)}"
    tenant = create_tenant_from(engine, name, [*others, path]).tenant
    try:
        context = engine.system_context(tenant)

        def work(tx: Transaction) -> list[Outcome]:
            chosen = [
                scenario
                for scenario in scenarios_of(tx.model, [package.name])
                if not only or scenario.document in only or scenario.name in only
            ]
            return run_scenarios(tx, chosen)

        return engine.write(context, work)
    finally:
        delete_tenant(engine, name)


def scenarios_hold(
    engine: Engine, context: Context, layers: Collection[str] | None = None
) -> Callable[[Connection, Model], None]:
    """For `publish(before_commit=...)`: refuses with ScenariosFailed when a scenario does not hold.

    The scenarios see the definitions and the records as they are about to be, and leave nothing behind.
    """

    def check(connection: Connection, model: Model) -> None:
        connection.execute("SAVEPOINT scenarios")
        try:
            scoped = TenantConnection(connection, context.tenant, inside=True)
            outcomes = run_scenarios(Transaction(engine, context, model, scoped), scenarios_of(model, layers))
        finally:
            connection.execute("ROLLBACK TO SAVEPOINT scenarios")
        failed = [outcome for outcome in outcomes if not outcome.passed]
        if failed:
            problems = [
                Problem(f"/{each.scenario}", "scenario.failed", problem, file=f"tests/{each.document}.json")
                for each in failed
                for problem in each.problems
            ]
            message = f"{len(failed)} of {len(outcomes)} scenarios do not hold; nothing was changed."
            raise ScenariosFailed(message, problems=problems)

    return check
