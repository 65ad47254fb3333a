"""Keeps what compiling made, by content, so that tenants with the same documents share the same objects.

One `CompileCache` per process is made by whoever compiles for many tenants and passed to `compile_model`; a
compile without one makes its own. What is kept is immutable, so a lost race only does work twice.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from hashlib import sha256
from json import dumps
from threading import Lock
from typing import Any, Generic, TypeVar

Value = TypeVar("Value")


class Lru(Generic[Value]):
    """The `size` values that were used last."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._values: OrderedDict[Hashable, Value] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable) -> Value | None:
        with self._lock:
            if key not in self._values:
                return None
            self._values.move_to_end(key)
            return self._values[key]

    def keep(self, key: Hashable, value: Value) -> Value:
        """Keeps the value, or gives the one that is already there."""
        with self._lock:
            kept = self._values.setdefault(key, value)
            self._values.move_to_end(key)
            while len(self._values) > self.size:
                self._values.popitem(last=False)
            return kept

    def replace(self, key: Hashable, value: Value) -> None:
        with self._lock:
            self._values[key] = value
            self._values.move_to_end(key)
            while len(self._values) > self.size:
                self._values.popitem(last=False)

    def made(self, key: Hashable, make: Callable[[], Value]) -> Value:
        found = self.get(key)
        return found if found is not None else self.keep(key, make())


class CompileCache:
    """What compiling made, each by the content that it was made from.

    documents    merged documents; checks: what their meta-schema says of them
    drafts       entities before their expressions are checked; entities: the finished ones
    expressions  checked expressions, with what they read
    definitions  roles, forms, views and menus; texts: translations of one locale
    """

    def __init__(self, entities: int = 4000) -> None:
        self.documents: Lru[Any] = Lru(entities * 4)
        self.checks: Lru[Any] = Lru(entities * 4)
        self.drafts: Lru[Any] = Lru(entities)
        self.entities: Lru[Any] = Lru(entities)
        self.definitions: Lru[Any] = Lru(entities * 4)
        self.texts: Lru[Any] = Lru(entities)
        self.expressions: Lru[Any] = Lru(entities * 10)


def content_hash(*values: Any) -> str:
    """A hash of JSON values; the order of members counts, since it is the order of fields on screen."""
    text = dumps(values, ensure_ascii=False, separators=(",", ":"), default=_plain)
    return sha256(text.encode()).hexdigest()


def _plain(value: Any) -> Any:
    return float(value) if hasattr(value, "as_tuple") else dict(value)
