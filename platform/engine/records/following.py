"""Changes told to the engine's followers, in the transaction that made them.

`note` remembers what a verb changed, `follow` tells it when the verb is through with its records: what a follower writes
then meets records that are stored and complete. A verb inside another follows by itself; what is left when the work ends
(a change that no verb followed) is told before the commit.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from fieldstone.engine.records.program import Program
from fieldstone.engine.service import Change
from fieldstone.engine.transaction import Transaction

Move = tuple[Mapping[str, Any] | None, Mapping[str, Any] | None]
LEFT: Final = "followers"
MAX_TURNS: Final = 100


def concerned(tx: Transaction, entity: str) -> bool:
    """Whether any follower wants to hear of an entity's changes."""
    return any(follower.concerned(tx, entity) for follower in tx.engine.followers)


def note(tx: Transaction, program: Program, moves: Sequence[Move], steps: Mapping[Any, Any]) -> None:
    """Remember changes until the verb is through; `steps` are the transitions taken, by (record, field)."""
    if not moves or not tx.engine.followers or not concerned(tx, program.entity.name):
        return
    for old, new in moves:
        whole = new or old or {}
        taken = {
            field.name: step.name
            for field in program.machines
            if (step := steps.get((whole["id"], field.name))) is not None
        }
        tx.happened.append(
            Change(_verb(old, new), program.entity.name, whole["id"], _copied(old), _copied(new), _differing(old, new), taken)
        )  # fmt: skip
    tx.before_commit[LEFT] = _follow_rest


def follow(tx: Transaction) -> bool:
    """Tell the followers what happened since they last heard; whether anything was told."""
    told = False
    for _ in range(MAX_TURNS):
        if not tx.happened:
            return told
        changes = tuple(tx.happened)
        tx.happened.clear()
        for follower in tx.engine.followers:
            heard = [each for each in changes if follower.concerned(tx, each.entity)]
            if heard:
                follower.after(tx, heard)
                told = True
    return told


def _follow_rest(tx: Transaction) -> None:
    follow(tx)


def _verb(old: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> str:
    if old is None:
        return "create" if new is not None and new.get("version") == 1 else "restore"
    if new is None or (new.get("deleted_at") is not None and old.get("deleted_at") is None):
        return "delete"
    return "update"


def _copied(values: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return None if values is None else dict(values)


def _differing(old: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> frozenset[str]:
    if old is None or new is None:
        return frozenset(new or old or {})
    return frozenset(name for name in new if new[name] != old.get(name))
