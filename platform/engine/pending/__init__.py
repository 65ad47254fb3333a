"""Approval-bound fields: a change of one waits until it is approved, whatever path it comes by.

The record keeps the old value, and everybody goes on reading it. What was asked for is a row beside the record, at most one
for a field at a time. The engine knows that a value waits and for which run; who decides, and how, is for `workflows` to
know: see `Approvals` in `engine.service`. The verbs of records use the names below; `taking`, which uses the update verb
in turn, is for whoever decides.
"""

from fieldstone.engine.pending.asking import (
    PendingExists,
    apart,
    held_fields,
    hold_back,
    initial,
    refuse_waiting,
    request_held,
)
from fieldstone.engine.pending.rows import Pending, open_values, pending_of, pending_values

__all__ = [
    "Pending", "PendingExists", "apart", "held_fields", "hold_back", "initial", "open_values", "pending_of",
    "pending_values", "refuse_waiting", "request_held",
]  # fmt: skip
