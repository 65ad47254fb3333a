"""Cursors: where a page ended. Opaque to callers, and bound to the list's filter, sort, search and language."""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from hashlib import blake2b
from math import isfinite
from typing import Any
from uuid import UUID

from fieldstone.engine.query.errors import BadRequest

_ENCODE: dict[type, tuple[str, Callable[[Any], str]]] = {
    Decimal: ("n", str), int: ("i", str), float: ("f", repr), str: ("s", str), bool: ("b", lambda v: "1" if v else "0"),
    UUID: ("u", str), datetime: ("t", datetime.isoformat), date: ("d", date.isoformat), time: ("c", time.isoformat),
}  # fmt: skip
_DECODE: dict[str, Callable[[str], Any]] = {
    "n": Decimal, "i": int, "f": float, "s": str, "b": lambda v: v == "1", "u": UUID,
    "t": datetime.fromisoformat, "d": date.fromisoformat, "c": time.fromisoformat,
}  # fmt: skip


MAX_EXPONENT = 500
"""Decimal digits before or behind the point: more than any stored number has."""


def fingerprint(*parts: Any) -> str:
    """What a cursor is bound to."""
    return blake2b(json.dumps(parts, default=str).encode(), digest_size=9).hexdigest()


def encode(bound_to: str, values: Sequence[Any]) -> str:
    """A cursor for the last row's sort keys and id."""
    packed = [_pack(value) for value in values]
    return base64.urlsafe_b64encode(json.dumps([bound_to, packed]).encode()).decode().rstrip("=")


def _pack(value: Any) -> list[str] | None:
    if value is None:
        return None
    kind, write = _ENCODE[type(value)]
    return [kind, write(value)]


def _unpack(item: Any) -> Any:
    """A value that storage can compare with; ValueError for what no cursor of ours holds."""
    if item is None:
        return None
    kind, text = item
    if not isinstance(text, str):
        raise ValueError(text)
    value = _DECODE[kind](text)
    if isinstance(value, str):
        value.encode()
        if "\0" in value:
            raise ValueError(value)
    elif isinstance(value, bool):
        pass
    elif isinstance(value, int):
        if not -(2**63) <= value < 2**63:
            raise ValueError(value)
    elif isinstance(value, Decimal):
        if not value.is_finite() or abs(value.adjusted()) > MAX_EXPONENT:
            raise ValueError(value)
    elif isinstance(value, float):
        if not isfinite(value):
            raise ValueError(value)
    elif isinstance(value, datetime):
        value = value.astimezone(UTC)
    return value


def decode(cursor: str, bound_to: str, kinds: Sequence[type]) -> list[Any]:
    """The values of a cursor. `kinds` are the Python types that the sort keys have; anything else is forged."""
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        found, packed = json.loads(raw)
        values = [_unpack(item) for item in packed]
    except (
        ValueError,
        TypeError,
        KeyError,
        IndexError,
        InvalidOperation,
        binascii.Error,
        RecursionError,
        OverflowError,
    ) as error:
        raise BadRequest(
            "The cursor cannot be read; start again without it.", code="cursor.malformed"
        ) from error
    if found != bound_to:
        raise BadRequest(
            "The cursor belongs to another list (filter, sort or search differ).", code="cursor.other_list"
        )
    if len(values) != len(kinds) or any(
        v is not None and type(v) is not kind for v, kind in zip(values, kinds, strict=True)
    ):
        raise BadRequest("The cursor cannot be read; start again without it.", code="cursor.malformed")
    return values
