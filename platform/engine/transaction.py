"""A transaction: one actor's unit of work in one tenant, against one revision's model.

It is the first argument of every record verb and query. It knows nothing of HTTP, and it is never kept after
`Engine.read` or `Engine.write` returned.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal, TypeVar
from uuid import UUID

import psycopg
from sqlalchemy.sql.elements import ClauseElement

from fieldstone.engine.context import SYSTEM, Context
from fieldstone.engine.storage.connection import Plan, Row, TenantConnection, compile_plan
from fieldstone.engine.storage.failures import RETRYABLE, REVISION_CHANGED, translate
from fieldstone.metadata.definitions import Model

if TYPE_CHECKING:
    from fieldstone.engine.service import Engine

T = TypeVar("T")


@dataclass(slots=True)
class Transaction:
    """What a verb needs: context, model, a connection in the tenant, and the engine's shared services.

    `after_commit` holds calls for when the transaction is stored (ringing the job queue's bell).
    `touched` collects the entities that were changed, so that checks over the result run once, at the end.
    `happened` holds changes that the engine's followers have not heard of yet, `steps` the transitions that were taken
    by (record, field) until the stage history has them. `states` says how far state machines bind: "free_start" for rows
    of a file, which may begin in any state; "free" for undoing, which puts back what was. `cause` is what a follower that
    writes in turn hands on to itself.
    """

    engine: "Engine"
    context: Context
    model: Model
    connection: TenantConnection
    after_commit: list[Callable[[], None]] = field(default_factory=list)
    solo: bool = False
    before_commit: dict[str, Callable[["Transaction"], None]] = field(default_factory=dict)
    happened: list[Any] = field(default_factory=list)
    steps: dict[tuple[UUID, str], Any] = field(default_factory=dict)
    states: Literal["bound", "free_start", "free"] = "bound"
    cause: Any = None
    approved: bool = False
    """Whether what is written was approved, so that values of approval-bound fields need not wait."""
    held: dict[UUID, Any] = field(default_factory=dict)
    """By record: values of approval-bound fields that were asked for and are not stored yet."""
    bound: tuple[Context, Any] | None = None
    """What the clock and the user are for expressions, and the context that it was made from."""

    def plan(self, key: tuple[Any, ...], build: Callable[[], ClauseElement]) -> Plan:
        """The compiled statement for a key that names everything its text depends on; built once."""
        plans = self.engine.plans
        found = plans.get(key)
        if found is None:
            found = plans.put(key, compile_plan(build()))
        return found

    def reading(self, key: tuple[Any, ...], build: Callable[[], tuple[ClauseElement, T]]) -> tuple[Plan, T]:
        """Like `plan`, with what is needed to understand its rows: kept together, so it must hold no transaction."""
        found = self.engine.readings.get(key)
        if found is None:
            statement, more = build()
            found = self.engine.readings.put(key, (compile_plan(statement), more))
        return found

    def fetch(self, plan: Plan, values: Mapping[str, Any] | None = None) -> list[Row]:
        return self.connection.fetch(plan, values)

    def fetch_all(
        self, plans: Iterable[tuple[Plan, Mapping[str, Any]]], *, last: bool = False
    ) -> list[list[Row]]:
        return self.connection.fetch_all(plans, last=last)

    def select(self, statement: ClauseElement, values: Mapping[str, Any] | None = None) -> list[Row]:
        """Rows of a statement that is compiled for this one use."""
        return self.connection.fetch(compile_plan(statement), values)

    def defer(self, plan: Plan, values: Mapping[str, Any] | None = None) -> None:
        self.connection.defer(plan, values)

    def settle(self) -> None:
        """Send what was deferred now; a violated constraint is raised as what it means."""
        try:
            self.connection.flush()
        except (*RETRYABLE, REVISION_CHANGED):
            raise
        except psycopg.Error as error:
            known = translate(error, self.model)
            if known is None:
                raise
            raise known from error

    def as_system(self) -> "Transaction":
        """The same transaction, acting as the platform: for what follows from an allowed change."""
        return replace(self, context=replace(self.context, actor=SYSTEM))

    def defer_statement(self, statement: ClauseElement, values: Mapping[str, Any] | None = None) -> None:
        self.connection.defer(compile_plan(statement), values)
