"""What a caller asks of a bulk run, and what it is refused with before any record is touched."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal
from uuid import UUID

from fieldstone.engine.permissions import need
from fieldstone.engine.query.listing import matching_ids
from fieldstone.engine.transaction import Transaction
from fieldstone.problems import FieldstoneError, Problem, did_you_mean

Op = Literal["update", "delete"]
MOST: Final = 500_000
"""Records of one run."""

AT_ONCE: Final = 200
"""A run of so many records is done in the request; one of more is a job's."""


class BadBulk(FieldstoneError):
    """The selection is empty or too large, or the values name what cannot be set."""

    code = "bulk.invalid"
    kind = "invalid"


class UnknownBulk(FieldstoneError):
    """There is no such run, or it is not the actor's to see."""

    code = "bulk.unknown"
    kind = "not_found"


class BulkBusy(FieldstoneError):
    """The run is in a state in which this cannot be done."""

    code = "bulk.state"
    kind = "conflict"


@dataclass(frozen=True, slots=True)
class BulkRequest:
    """`op` on the records `ids`, or, when that is None, on all that match `filter` and `q`.

    `values` is the patch of an update.
    """

    op: Op
    ids: tuple[UUID, ...] | None = None
    filter: str | None = None
    q: str | None = None
    values: Mapping[str, Any] = field(default_factory=dict)


def chosen(tx: Transaction, entity: str, request: BulkRequest) -> list[UUID]:
    """The records of a run. Raises Denied, NotFound and BadBulk."""
    access = need(tx, entity, request.op)
    problems = []
    if request.op == "update" and not request.values:
        problems.append(Problem("/values", "required", "Say which values to set."))
    if request.op == "delete" and request.values:
        problems.append(Problem("/values", "bulk.values", "Deleting takes no values."))
    for name in request.values:
        base = name.removesuffix("_currency")
        if name not in access.writable and base not in access.writable:
            message = (
                f'There is no field "{name}" that you may set{did_you_mean(name, access.writable) or "."}'
            )
            problems.append(Problem(f"/values/{name}", "field.unknown", message))
    if problems:
        raise BadBulk(problems[0].message, problems=problems)
    if request.ids is not None:
        ids = list(dict.fromkeys(request.ids))
    else:
        ids = matching_ids(tx, entity, filter=request.filter, q=request.q, limit=MOST + 1)
    if not ids:
        raise BadBulk("There is no record to change.", code="bulk.empty")
    if len(ids) > MOST:
        raise BadBulk(f"These are more than {MOST:,} records; narrow the filter.", code="bulk.many")
    return ids
