"""Keeps what compiling made, by content, so that tenants with the same documents share the same objects.

One `CompileCache` per process is made by whoever compiles for many tenants and passed to `compile_model`; a
compile without one makes its own. What is kept is immutable, so a lost race only does work twice.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from hashlib import blake2b, sha256
from json import dumps
from threading import Lock
from types import NoneType
from typing import Any, Final, Generic, TypeVar

from fieldstone.expressions import Checked

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
    definitions  fields, roles, forms, views, menus and their parts; texts: translations of one locale
    """

    def __init__(self, entities: int = 500) -> None:
        self.documents: Lru[Any] = Lru(entities * 4)
        self.checks: Lru[Any] = Lru(entities * 4)
        self.drafts: Lru[Any] = Lru(entities)
        self.entities: Lru[Any] = Lru(entities)
        self.definitions: Lru[Any] = Lru(entities * 16)
        self.texts: Lru[Any] = Lru(entities)
        self.expressions: Lru[Any] = Lru(entities * 10)

    def shared(self, definition: Value) -> Value:
        """The same definition as was made before, where there is one."""
        kept: Value = self.definitions.keep(digest(definition), definition)
        return kept


_PLAIN: Final = frozenset({str, int, float, bool, NoneType})


def digest(definition: Any) -> bytes:
    """Equal for definitions that are the same. Checked expressions in them are shared objects, known by their identity."""
    return blake2b(repr(_told(definition)).encode(), digest_size=16).digest()


def _told(value: Any) -> Any:
    kind: Any = type(value)
    if kind in _PLAIN:
        return value
    if kind is Checked:
        return id(value)
    names = _parts(kind)
    if names:
        return (type(value).__name__, *[_told(getattr(value, name)) for name in names])
    if kind is tuple or kind is list:
        return [_told(part) for part in value]
    if isinstance(value, Mapping):
        return [(name, _told(part)) for name, part in value.items()]
    return value


@cache
def _parts(kind: Any) -> tuple[str, ...]:
    return tuple(part.name for part in fields(kind)) if is_dataclass(kind) else ()


def content_hash(*values: Any) -> str:
    """A hash of JSON values; the order of members counts, since it is the order of fields on screen."""
    text = dumps(values, ensure_ascii=False, separators=(",", ":"), default=_plain)
    return sha256(text.encode()).hexdigest()


def _plain(value: Any) -> Any:
    return float(value) if hasattr(value, "as_tuple") else dict(value)
