"""The engine: one database, the models of its tenants, and the one way to run a unit of work.

`write` and `read` run a function in one transaction and retry it once where that is safe: when a publish made
another revision current meanwhile, on a deadlock, or when PostgreSQL dropped a cached plan after DDL. The function
must therefore have no effects but those of its transaction.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from copy import copy
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final, Protocol, TypeVar
from uuid import UUID

import psycopg

from fieldstone.engine.cache import LRU
from fieldstone.engine.context import SYSTEM, Context, Tenant
from fieldstone.engine.models import ModelStore
from fieldstone.engine.storage.connection import Connection, Database, Plan, TenantConnection
from fieldstone.engine.storage.failures import RETRYABLE, REVISION_CHANGED, translate
from fieldstone.engine.transaction import Transaction
from fieldstone.engine.vault import Vault
from fieldstone.metadata.definitions import Model
from fieldstone.problems import FieldstoneError, Problem

T = TypeVar("T")
NO_TRANSITIONS: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Change:
    """What a verb is about to do to one record, shown to guards before it is done."""

    verb: str
    entity: str
    record_id: Any
    old: dict[str, Any] | None
    new: dict[str, Any] | None
    changed: frozenset[str]
    transitions: Mapping[str, str] = field(default_factory=lambda: NO_TRANSITIONS)
    """By state field: the name of the transition that was taken."""


class Guard(Protocol):
    """Refuses a change for reasons that lie outside the entity (locked while an approval runs)."""

    def before(self, tx: Transaction, change: Change) -> Sequence[Problem]: ...


class Follower(Protocol):
    """Acts on what was changed, in the same transaction, when the verb is through with its records.

    What it writes itself is followed in turn. An entity that no follower is concerned with costs nothing.
    """

    def concerned(self, tx: Transaction, entity: str) -> bool:
        """Whether changes of an entity's records are to be heard of; asked for every change, so it asks no database."""

    def after(self, tx: Transaction, changes: Sequence[Change]) -> None:
        """Hear of changes; many records at once where the verb writes many."""


class Submit(Protocol):
    """Submits a record for approval: what a transition with a workflow does instead of changing the state."""

    def __call__(
        self, tx: Transaction, entity: str, record_id: UUID, workflow: str, *, comment: str = ""
    ) -> Any: ...


@dataclass(frozen=True, slots=True)
class Seal:
    """A statement that ends every write of an engine, sent by the application right before the commit.

    It fails when the write must not be stored; `broken` tells that failure from others. A transaction in which nothing
    happens for `patience` seconds is taken back by the database.
    """

    plan: Plan
    values: Mapping[str, Any]
    broken: Callable[[psycopg.Error], FieldstoneError | None]
    patience: float


class Approvals(Protocol):
    """Starts the approval that a change of an approval-bound field waits for; says what who is asked may do meanwhile."""

    def fields(self, tx: Transaction, entity: str, record_id: UUID) -> Mapping[str, str]:
        """By field: hidden, read, write or required, as open tasks of the actor about this record say."""

    def hides(self, tx: Transaction, entity: str) -> bool:
        """Whether any step hides fields of the entity's records; asked for every read, so it asks no database."""

    def asked(
        self, tx: Transaction, entity: str, record_id: UUID, field: str, workflow: str, run: UUID
    ) -> None:
        """The value that was asked for is stored, as that of the run with this id."""


@dataclass(frozen=True, slots=True)
class LeftBehind:
    """Open runs by one definition of one revision that read what a new model lacks; `records` are some of theirs."""

    workflow: str
    revision: int
    entity: str
    count: int
    records: tuple[UUID, ...]
    missing: tuple[str, ...]


class Running(Protocol):
    """Knows the runs that go by definitions of earlier revisions."""

    def left_behind(self, tx: Transaction, new: Model) -> Sequence[LeftBehind]:
        """What runs would miss if the model were published."""


class Unavailable(FieldstoneError):
    """The database cannot answer now."""

    code = "unavailable"
    kind = "unavailable"


class Engine:
    """Everything that lives longer than a request. Safe to share between threads."""

    def __init__(
        self,
        database: Database,
        *,
        guards: Sequence[Guard] = (),
        followers: Sequence[Follower] = (),
        submit: Submit | None = None,
        approvals: Approvals | None = None,
        running: Running | None = None,
        bell: Callable[[UUID], None] | None = None,
        vault: Vault | None = None,
    ) -> None:
        """`bell` is rung with a job's id after the job's row was committed; without `vault` no secret can be stored."""
        self.vault = vault
        self.database = database
        self.bell = bell
        self.models = ModelStore()
        self.plans: LRU[tuple[Any, ...], Plan] = LRU(1500)
        self.readings: LRU[tuple[Any, ...], tuple[Plan, Any]] = LRU(1500)
        self.guards = tuple(guards)
        self.followers = tuple(followers)
        self.submit = submit
        self.approvals = approvals
        self.running = running
        self.seal: Seal | None = None

    def sealed(self, seal: Seal) -> "Engine":
        """The same engine (caches, connections), every write of which ends with a statement that must hold."""
        other = copy(self)
        other.seal = seal
        return other

    def system_context(self, tenant: Tenant, **changes: Any) -> Context:
        """A context in which the platform itself acts, at the revision that is current now."""
        with self.database.connection() as connection:
            number, company = self.models.current(connection, tenant)
        return Context(tenant=tenant, actor=SYSTEM, revision=number, company=company, **changes)

    def read(
        self,
        context: Context,
        work: Callable[[Transaction], T],
        *,
        solo: bool = False,
        connection: Connection | None = None,
    ) -> T:
        """Run a function that changes nothing.

        `solo` says that it is one verb and nothing else, which may then send the commit with its last statement.
        `connection` is one that the caller holds anyway (it opened the context); else one is taken from the pool.
        """
        return self._run(context, work, lock=False, solo=solo, held=connection)

    def write(
        self, context: Context, work: Callable[[Transaction], T], *, connection: Connection | None = None
    ) -> T:
        """Run a function that changes records, and commit when it returns."""
        return self._run(context, work, lock=True, held=connection)

    def _run(
        self,
        context: Context,
        work: Callable[[Transaction], T],
        *,
        lock: bool,
        solo: bool = False,
        held: Connection | None = None,
    ) -> T:
        for attempt in (1, 2, 3):
            with nullcontext(held) if held is not None else self.database.connection() as connection:
                model = self.models.model(connection, context.tenant, context.revision)
                seal = self.seal if lock else None
                scoped = TenantConnection(
                    connection,
                    context.tenant,
                    revision=context.revision,
                    lock=lock,
                    patience=seal.patience if seal else None,
                )
                tx = Transaction(self, context, model, scoped, solo=solo)
                try:
                    result = work(tx)
                    while tx.before_commit:
                        checks = tuple(tx.before_commit.values())
                        tx.before_commit.clear()
                        for check in checks:
                            check(tx)
                    if seal is not None:
                        scoped.seal(seal.plan, seal.values)
                    scoped.commit()
                except REVISION_CHANGED:
                    scoped.rollback()
                    context = self._now_current(connection, context)
                    continue
                except RETRYABLE as error:
                    scoped.rollback()
                    if attempt == 3:
                        raise
                    if isinstance(error, psycopg.errors.DeadlockDetected):
                        time.sleep(0.01 * attempt)
                    context = self._now_current(connection, context)
                    continue
                except psycopg.OperationalError as error:
                    raise Unavailable("The database cannot be reached just now; try again.") from error
                except psycopg.Error as error:
                    scoped.rollback()
                    known = (seal and seal.broken(error)) or translate(error, model)
                    if known is None:
                        raise
                    raise known from error
                except BaseException:
                    scoped.rollback()
                    raise
            for call in tx.after_commit:
                call()
            return result
        raise Unavailable("The definitions keep changing; try again.")

    def _now_current(self, connection: Connection, context: Context) -> Context:
        number, _ = self.models.current(connection, context.tenant)
        return context.at(number)
