"""One decision on several tasks: each for itself, so that what is refused costs no other."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from fieldstone.engine.identity.confirming import confirm_password
from fieldstone.engine.transaction import Transaction
from fieldstone.problems import FieldstoneError
from fieldstone.workflows.approvals.acting import act

SAVEPOINT: Final = "decide_many"


def decide_many(
    tx: Transaction, tasks: Sequence[UUID], action: str, body: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """What came of each task, in order: `{"task", "done": true}` or `{"task", "done": false, "code", "message"}`."""
    confirmed = body.get("password") is not None and confirm_password(tx, str(body["password"]))
    results = []
    for task in tasks:
        told, bells = len(tx.happened), len(tx.after_commit)
        tx.connection.savepoint(SAVEPOINT)
        try:
            act(tx, task, action, {**body, "password": None}, confirmed=confirmed)
            tx.settle()
        except FieldstoneError as error:
            if error.kind in ("unavailable", "internal"):
                raise
            tx.connection.rollback_to(SAVEPOINT)
            del tx.happened[told:], tx.after_commit[bells:]
            results.append({"task": task, "done": False, "code": error.code, "message": error.message})
        else:
            results.append({"task": task, "done": True, "code": None, "message": None})
        tx.connection.release(SAVEPOINT)
    return results
