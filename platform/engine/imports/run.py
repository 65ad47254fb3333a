"""Running an import: at once or as a job, all rows or the good ones, or only to see what would happen.

All or nothing is one transaction: nothing is visible until everything is. `partial` commits batch by batch,
each with its position, so that a run that was killed or stopped goes on with the next row. A dry run does
all of it, rules and unique values included, and takes it back. States: waiting, running, done, failed
(nothing written), stopped, reverted.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from uuid import UUID

from fieldstone.engine.context import Context
from fieldstone.engine.imports import store
from fieldstone.engine.imports.ahead import Ahead, Batch
from fieldstone.engine.imports.batches import BATCH, import_batch
from fieldstone.engine.imports.errors import ImportBusy
from fieldstone.engine.imports.links import LinkResolver
from fieldstone.engine.imports.options import ImportOptions
from fieldstone.engine.imports.ordering import order_of
from fieldstone.engine.imports.plan import ImportPlan, plan_import
from fieldstone.engine.imports.reading import open_source
from fieldstone.engine.imports.repeats import Repeat, repeats_of
from fieldstone.engine.imports.result import ImportResult, State, Tally
from fieldstone.engine.imports.sources import Kind, Row, Source
from fieldstone.engine.service import Engine
from fieldstone.engine.transaction import Transaction
from fieldstone.problems import FieldstoneError

Progress = Callable[[int, int], None]
SYNCHRONOUS_ROWS = 1000
"""Imports of more rows than this are a job's."""


class _TakenBack(Exception):
    """Ends a transaction whose work shall not stay."""


class _Stopped(Exception):
    """Somebody asked the run to stop."""


def run_import(
    engine: Engine,
    context: Context,
    entity: str,
    content: bytes,
    kind: Kind,
    options: ImportOptions,
    *,
    name: str = "",
    progress: Progress | None = None,
) -> ImportResult:
    """Import a file now. Raises Denied, NotFound, UnreadableSource and BadImportOptions before a row is
    looked at.
    """
    source = open_source(content, kind, options)
    plan = engine.read(context, lambda tx: plan_import(tx, entity, source, options))
    if options.dry_run:
        return _Runner(engine, context, plan, source, None, progress, source.count()).dry()
    rows = source.count()
    run_id = engine.write(
        context, lambda tx: store.add_run(tx, entity, content, name, kind, plan.options, rows)
    )
    return continue_import(engine, context, run_id, progress=progress, source=source)


def start_import(
    engine: Engine,
    context: Context,
    entity: str,
    content: bytes,
    kind: Kind,
    options: ImportOptions,
    *,
    name: str = "",
) -> UUID:
    """Check and store an import that `continue_import` will run, in a job for instance; its id."""
    source = open_source(content, kind, options)
    rows = source.count()

    def work(tx: Transaction) -> UUID:
        plan = plan_import(tx, entity, source, options)
        return store.add_run(tx, entity, content, name, kind, plan.options, rows)

    return engine.write(context, work)


def continue_import(
    engine: Engine,
    context: Context,
    run_id: UUID,
    *,
    progress: Progress | None = None,
    source: Source | None = None,
) -> ImportResult:
    """Run a waiting, stopped or broken-off import to its end, or until it is stopped; the result as stored.

    `context` is the requester's: rights are those that the requester has now.
    """
    run = engine.read(context, lambda tx: store.load_run(tx, run_id))
    if run["state"] in ("done", "failed", "reverted"):
        return store.result_of(run)
    options = ImportOptions.from_json(run["options"])
    if source is None:
        content, kind, _ = engine.read(context, lambda tx: store.load_source(tx, run))
        source = open_source(content, kind, options)  # type: ignore[arg-type]
    own = replace(context, request_id=store.request_id(run_id))
    tally = store.tally_of(run) if options.partial else Tally()
    try:
        plan = engine.read(own, lambda tx: plan_import(tx, run["entity"], source, options))
        engine.write(own, lambda tx: store.set_state(tx, run_id, "running"))
        _Runner(engine, own, plan, source, run_id, progress, run["rows"]).run(tally)
    except FieldstoneError:
        if tally.position == 0:
            engine.write(own, lambda tx: store.set_state(tx, run_id, "failed"))
        raise
    stored = engine.read(context, lambda tx: store.load_run(tx, run_id))
    return replace(store.result_of(stored), notes=plan.notes)


def stop_import(engine: Engine, context: Context, run_id: UUID) -> ImportResult:
    """Ask a run to stop after its current batch. What partial runs have committed stays."""

    def work(tx: Transaction) -> None:
        run = store.load_run(tx, run_id)
        if run["state"] not in ("waiting", "running"):
            raise ImportBusy(f'The import is "{run["state"]}" and cannot be stopped.', state=run["state"])
        store.set_state(tx, run_id, "stopped")

    engine.write(context, work)
    return read_import(engine, context, run_id)


def read_import(engine: Engine, context: Context, run_id: UUID) -> ImportResult:
    """A run as it stands now. Raises UnknownImport."""
    return store.result_of(engine.read(context, lambda tx: store.load_run(tx, run_id)))


class _Runner:
    """One run in this process."""

    def __init__(
        self,
        engine: Engine,
        context: Context,
        plan: ImportPlan,
        source: Source,
        run_id: UUID | None,
        progress: Progress | None,
        total: int,
    ) -> None:
        self.engine, self.context, self.source = engine, context, source
        self.plan, self.entity, self.options = plan, plan.entity.name, plan.options
        self.run_id, self.progress, self.total = run_id, progress, total
        self.resolver = LinkResolver(plan.options.values)
        self.repeats: Mapping[int, Repeat] = repeats_of(source, plan)

    def dry(self) -> ImportResult:
        """What would happen; nothing stays."""
        tally = self._in_one(keep=False)
        state: State = "failed" if tally.failed and not self.options.partial else "done"
        return ImportResult(
            id=None,
            entity=self.entity,
            state=state,
            rows=self.total,
            created=tally.created,
            updated=tally.updated,
            failed=tally.failed,
            errors=tuple(tally.ordered_errors()),
            error_counts=dict(tally.counts),
            links=tuple(tally.ordered_findings()),
            dry_run=True,
            position=tally.position,
            mapping=self.options.to_json()["mapping"] or {},
            notes=self.plan.notes,
        )

    def run(self, tally: Tally) -> None:
        """Write, and store how it went."""
        try:
            if self.options.dry_run:
                self._trial()
            elif self.options.partial:
                self._in_batches(tally)
            else:
                self._all_or_nothing()
        except _Stopped:
            return

    def _in_one(self, *, keep: bool) -> Tally:
        """All batches in one transaction. It is taken back for a dry run, and when a row failed."""
        tally = Tally()

        def work(tx: Transaction) -> None:
            nonlocal tally
            tally = Tally()
            self.resolver = LinkResolver(self.options.values)
            plan = self._plan(tx)
            ahead = Ahead(self._batches(0), plan, self.repeats)
            tx.connection.meanwhile = ahead.work
            for batch in ahead:
                self._check_stop()
                import_batch(tx, plan, self.resolver, batch, tally, self.repeats)
                self._tell(tally.position)
            tx.settle()
            if not keep or tally.failed:
                raise _TakenBack
            if self.run_id is not None:
                store.save_run(tx, self.run_id, tally, "done", finished=tx.context.now)

        with suppress(_TakenBack):
            self.engine.write(self.context, work)
        return tally

    def _trial(self) -> None:
        """A dry run that is a run of its own, since it takes long: only its report stays."""
        assert self.run_id is not None
        run_id, tally = self.run_id, self._in_one(keep=False)
        self.engine.write(
            self.context, lambda tx: store.save_run(tx, run_id, tally, "done", finished=tx.context.now)
        )

    def _all_or_nothing(self) -> None:
        tally = self._in_one(keep=True)
        if tally.failed and self.run_id is not None:
            run_id = self.run_id
            tally.created = tally.updated = 0
            self.engine.write(
                self.context, lambda tx: store.save_run(tx, run_id, tally, "failed", finished=tx.context.now)
            )

    def _in_batches(self, tally: Tally) -> None:
        assert self.run_id is not None
        run_id = self.run_id
        ahead = Ahead(self._batches(tally.position), self.plan, self.repeats)
        for batch in ahead:
            self._check_stop()
            before = tally.report(), tally.position, tally.created, tally.updated, tally.failed

            def work(tx: Transaction, batch: Batch = batch, before: tuple = before) -> Tally:  # type: ignore[type-arg]
                report, position, created, updated, failed = before
                fresh = Tally.restored(
                    report, position=position, created=created, updated=updated, failed=failed
                )
                ahead.plan = self._plan(tx)
                tx.connection.meanwhile = ahead.work
                import_batch(tx, ahead.plan, self.resolver, batch, fresh, self.repeats)
                store.save_run(tx, run_id, fresh, "running")
                tx.settle()
                return fresh

            tally = self.engine.write(self.context, work)
            self._tell(tally.position)
        last = tally
        self.engine.write(
            self.context, lambda tx: store.save_run(tx, run_id, last, "done", finished=tx.context.now)
        )

    def _plan(self, tx: Transaction) -> ImportPlan:
        """The plan for the model of this transaction: a publish may have come in between."""
        if tx.model.entities.get(self.entity) is not self.plan.entity:
            self.plan = plan_import(tx, self.entity, self.source, self.options)
        return self.plan

    def _batches(self, position: int) -> Iterator[list[Row]]:
        order = order_of(self.source, self.plan)
        self.resolver.rows = order.rows
        return order.batches(self.source, position, BATCH)

    def _check_stop(self) -> None:
        if self.run_id is None:
            return
        run_id = self.run_id
        if self.engine.read(self.context, lambda tx: store.state_of(tx, run_id)) == "stopped":
            raise _Stopped

    def _tell(self, position: int) -> None:
        """Report progress: to the caller, and for runs in one transaction beside it."""
        if self.progress is not None:
            self.progress(position, self.total)
        beside = self.options.dry_run or not self.options.partial
        if self.run_id is not None and beside and position < self.total:
            run_id = self.run_id
            self.engine.write(self.context, lambda tx: store.set_position(tx, run_id, position))
