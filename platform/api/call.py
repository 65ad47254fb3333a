"""A call: one request of one caller, with what a handler needs to answer it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, TypeVar

from flask import Request
from marshmallow import Schema

from fieldstone.api.answers import Answer
from fieldstone.api.bodies import envelope, json_body
from fieldstone.api.router import Route
from fieldstone.api.schemas import parameters
from fieldstone.engine.cache import LRU
from fieldstone.engine.context import Context, Tenant
from fieldstone.engine.idempotency import Claim, keeping, kept, write_once
from fieldstone.engine.publish import PublishResult
from fieldstone.engine.publish.apply import Also
from fieldstone.engine.service import Engine
from fieldstone.engine.storage.connection import Connection
from fieldstone.engine.transaction import Transaction
from fieldstone.problems import FieldstoneError

T = TypeVar("T")
LONGEST_KEY = 255


class BadKey(FieldstoneError):
    """An Idempotency-Key that is empty, too long or not printable ASCII."""

    code = "idempotency.malformed"
    kind = "malformed"


@dataclass(frozen=True, slots=True)
class Call:
    """Who asks for what. `connection` is the one that opened the context; the work goes on in it.

    `base` is the address that paths are answered under; `kept` holds what is made once per model and roles.
    """

    engine: Engine
    tenant: Tenant
    context: Context
    connection: Connection
    request: Request
    route: Route
    base: str
    raw: bytes
    kept: LRU[tuple[Any, ...], Any]

    def parameters(self, schema: Schema) -> dict[str, Any]:
        """The checked query parameters."""
        return parameters(schema, self.request.args)

    def json(self, *also: str) -> Any:
        """The body's value: JSON of any type."""
        return json_body(self.request, self.raw, *also)

    def envelope(self, schema: Schema) -> dict[str, Any]:
        return envelope(schema, self.json())

    def read(self, work: Callable[[Transaction], T], *, solo: bool = False) -> T:
        """Run a reading function. `solo`: it is one verb, whose last statement may carry the commit."""
        return self.engine.read(self.context, work, solo=solo, connection=self.connection)

    def write(self, work: Callable[[Transaction], Answer]) -> Answer:
        """Run a changing function; at most once when the request has an Idempotency-Key."""
        key = self.request.headers.get("Idempotency-Key")
        if key is None:
            return self.engine.write(self.context, work, connection=self.connection)
        claim = Claim(checked_key(key), self.fingerprint())
        stored, before = write_once(
            self.engine, self.context, claim, lambda tx: work(tx).to_json(), connection=self.connection
        )
        return replayed(stored) if before else Answer.from_json(stored)

    def publish(
        self, work: Callable[[Also | None], PublishResult], told: Callable[[PublishResult], Answer]
    ) -> Answer:
        """Run a verb that has a transaction of its own, into which the answer under an Idempotency-Key goes."""
        key = self.request.headers.get("Idempotency-Key")
        if key is None:
            return told(work(None))
        claim = Claim(checked_key(key), self.fingerprint())
        stored = kept(self.engine, self.context, claim, connection=self.connection)
        if stored is None:
            try:
                return told(work(lambda result: keeping(self.context, claim, told(result).to_json())))
            except FieldstoneError:  # perhaps because the same request was quicker
                stored = kept(self.engine, self.context, claim, connection=self.connection)
                if stored is None:
                    raise
        return replayed(stored)

    def apart(self, work: Callable[[], Answer]) -> Answer:
        """Run a verb that has transactions of its own; not again when an Idempotency-Key has its answer already.

        `write` would claim the key only at its commit, when such a verb has long been done.
        """
        key = self.request.headers.get("Idempotency-Key")
        if key is None:
            return work()
        claim = Claim(checked_key(key), self.fingerprint())
        stored = kept(self.engine, self.context, claim, connection=self.connection)
        if stored is not None:
            return replayed(stored)
        answer = work()
        stored, before = write_once(
            self.engine, self.context, claim, lambda _: answer.to_json(), connection=self.connection
        )
        return replayed(stored) if before else answer

    def fingerprint(self) -> bytes:
        """A hash of what makes the request what it is."""
        parts = (self.request.method, self.request.full_path, self.request.headers.get("If-Match", ""))
        return sha256("\n".join(parts).encode(errors="surrogateescape") + b"\n\n" + self.raw).digest()


def replayed(stored: Mapping[str, Any]) -> Answer:
    answer = Answer.from_json(stored)
    headers = {**answer.headers, "Idempotency-Replayed": "true"}
    return Answer(answer.status, answer.body, headers, answer.media_type)


def checked_key(key: str) -> str:
    """The key without the quotes of a structured header."""
    if len(key) >= 2 and key[0] == key[-1] == '"':
        key = key[1:-1]
    if not key or len(key) > LONGEST_KEY or not all(" " <= char <= "~" for char in key):
        raise BadKey(f"Idempotency-Key must be 1 to {LONGEST_KEY} printable ASCII characters.")
    return key
