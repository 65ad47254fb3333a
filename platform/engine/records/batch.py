"""Several writes in one transaction: all of them or none."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import UUID

from fieldstone.engine.records.create import create
from fieldstone.engine.records.delete import delete
from fieldstone.engine.records.update import update
from fieldstone.engine.transaction import Transaction
from fieldstone.problems import FieldstoneError, Problem

MAX_OPERATIONS = 1000


@dataclass(frozen=True, slots=True)
class Operation:
    """One write of a batch."""

    op: Literal["create", "update", "delete"]
    record_id: UUID | None = None
    body: Mapping[str, Any] = field(default_factory=dict)
    if_match: int | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one operation: the record (None when deleted)."""

    op: str
    record: dict[str, Any] | None


class BatchFailed(FieldstoneError):
    """An operation was refused, so nothing was written; problems' paths begin with `/operations/<index>`."""

    code = "batch.failed"
    kind = "invalid"


def batch(tx: Transaction, entity: str, operations: Sequence[Operation]) -> list[Outcome]:
    """Run operations in order. The first refusal refuses them all, and says which one it was."""
    outcomes = []
    for index, operation in enumerate(operations):
        try:
            outcomes.append(_run(tx, entity, operation))
            tx.settle()
        except FieldstoneError as error:
            raise at_operation(error, index) from error
    return outcomes


def at_operation(error: FieldstoneError, index: int) -> FieldstoneError:
    """The same error, its problems placed inside the batch."""
    problems = [
        Problem(f"/operations/{index}{p.path}", p.code, p.message, p.data, layer=p.layer)
        for p in error.problems
    ] or [Problem(f"/operations/{index}", error.code, error.message)]
    kind = error.kind
    return BatchFailed(
        f"Operation {index + 1}: {error.message}", code=error.code, kind=kind, problems=problems, **error.data
    )


def _run(tx: Transaction, entity: str, operation: Operation) -> Outcome:
    if operation.op == "create":
        return Outcome("create", create(tx, entity, operation.body))
    assert operation.record_id is not None
    if operation.op == "update":
        record = update(tx, entity, operation.record_id, operation.body, if_match=operation.if_match)
        return Outcome("update", record)
    delete(tx, entity, operation.record_id, if_match=operation.if_match)
    return Outcome("delete", None)
