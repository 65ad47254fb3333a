"""Writing once: a request that carries a key is done at most once within a day, however often it is sent.

The key is claimed by the first statement of the transaction that does the work, and its answer is stored by the last,
so there is nothing between "claimed" and "done" that a crash could leave behind, and a refused request frees its key.
The claim waits for nobody's answer: it travels with the work. A second request of the same key waits in PostgreSQL
until the first has ended; then it is given the stored answer, or a refusal when it asks for something else.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import sqlalchemy as sa
from psycopg.types.json import Jsonb

from fieldstone.engine.context import Context
from fieldstone.engine.service import Engine
from fieldstone.engine.storage import control
from fieldstone.engine.storage.connection import Connection, Plan, compile_plan
from fieldstone.engine.storage.failures import KeyClaimed
from fieldstone.engine.transaction import Transaction
from fieldstone.problems import FieldstoneError

KEPT: Final = timedelta(hours=24)
"""How long a key stands for its request; after that it may be used anew."""

Stored = dict[str, Any]
"""An answer as plain JSON; only the edge knows what is in it."""

_TABLE: Final = control.idempotency
_ACTOR: Final = sa.bindparam("by_actor", type_=sa.Uuid())
_KEY: Final = sa.bindparam("of_key", type_=sa.Text())
_ANSWER: Final = sa.bindparam("its_answer", type_=_TABLE.c.answer.type)
_AT: Final = sa.bindparam("its_time", type_=control.STAMP)
_MINE: Final = sa.and_(_TABLE.c.actor == _ACTOR, _TABLE.c.key == _KEY)
_CLAIM: Final = compile_plan(
    sa.insert(_TABLE).values(
        actor=_ACTOR, key=_KEY, body_hash=sa.bindparam("its_hash", type_=sa.LargeBinary()), at=_AT
    )
)
_KEEP: Final = compile_plan(sa.update(_TABLE).where(_MINE).values(answer=_ANSWER))
_FIND: Final = compile_plan(sa.select(_TABLE.c.body_hash, _TABLE.c.answer, _TABLE.c.at).where(_MINE))
_DROP: Final = compile_plan(sa.delete(_TABLE).where(_MINE, _TABLE.c.at < _AT))
_SWEEP: Final = compile_plan(sa.delete(_TABLE).where(_TABLE.c.at < _AT))


class KeyReused(FieldstoneError):
    """The key was used before for another request."""

    code = "idempotency.reused"
    kind = "invalid"


@dataclass(frozen=True, slots=True)
class Claim:
    """A caller's key, and the hash of everything that makes the request what it is."""

    key: str
    fingerprint: bytes


def write_once(
    engine: Engine,
    context: Context,
    claim: Claim,
    work: Callable[[Transaction], Stored],
    *,
    connection: Connection | None = None,
) -> tuple[Stored, bool]:
    """Run `work` like `engine.write`, or return what it returned when it was done before under this key.

    The second value says whether it was done before. Raises KeyReused, and whatever `work` raises.
    """
    mine = _mine(context, claim)

    def claimed(tx: Transaction) -> Stored:
        tx.defer(_CLAIM, {**mine, "its_hash": claim.fingerprint, "its_time": context.now})
        answer = work(tx)
        tx.defer(_KEEP, {**mine, "its_answer": Jsonb(answer)})
        return answer

    while True:
        try:
            return engine.write(context, claimed, connection=connection), False
        except FieldstoneError as error:
            if error.code != KeyClaimed.code:
                raise
        stored = kept(engine, context, claim, connection=connection)
        if stored is not None:
            return stored, True


def kept(
    engine: Engine, context: Context, claim: Claim, *, connection: Connection | None = None
) -> Stored | None:
    """What was answered under this key before. Raises KeyReused."""
    mine = _mine(context, claim)

    def found(tx: Transaction) -> Stored | None:
        tx.defer(_DROP, {**mine, "its_time": context.now - KEPT})
        rows = tx.fetch(_FIND, mine)
        if not rows:
            return None
        fingerprint, answer, _ = rows[0]
        if bytes(fingerprint) != claim.fingerprint:
            raise KeyReused("This Idempotency-Key was used for another request; take a new one.")
        assert isinstance(answer, dict)
        return answer

    return engine.write(context, found, connection=connection)


def keeping(context: Context, claim: Claim, answer: Stored) -> list[tuple[Plan, Mapping[str, Any]]]:
    """The statements that keep an answer: for verbs with a transaction of their own, such as publishing."""
    mine = _mine(context, claim)
    return [
        (_CLAIM, {**mine, "its_hash": claim.fingerprint, "its_time": context.now}),
        (_KEEP, {**mine, "its_answer": Jsonb(answer)}),
    ]


def _mine(context: Context, claim: Claim) -> dict[str, Any]:
    return {"by_actor": context.actor.id, "of_key": claim.key}


def sweep(tx: Transaction) -> None:
    """Forget the keys whose time is over."""
    tx.fetch(_SWEEP, {"its_time": tx.context.now - KEPT})
