"""Bulk runs: one change to many records, chosen by their ids or by a filter, with progress, stop and undo.

Each record goes through the same verb as by hand, with its rights and rules; what is refused is listed with the reason and
the rest goes on. The records are those that were chosen when the run was started, however they change meanwhile.

States: waiting, running, done, stopped (by a person; what is done stays), reverting, reverted.

May import records, query, permissions, storage. Public names are those below.
"""

from fieldstone.engine.bulk.request import AT_ONCE, MOST, BadBulk, BulkRequest, UnknownBulk
from fieldstone.engine.bulk.run import (
    BulkResult,
    add_bulk,
    continue_bulk,
    read_bulk,
    stop_bulk,
    undo_bulk,
)

__all__ = [
    "AT_ONCE", "MOST", "BadBulk", "BulkRequest", "BulkResult", "UnknownBulk", "add_bulk", "continue_bulk", "read_bulk",
    "stop_bulk", "undo_bulk",
]  # fmt: skip
