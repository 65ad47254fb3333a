"""Answers: a status, headers and a body that is already bytes. The one serialiser of the API is here.

Decimals become strings, ids and dates text, times RFC 3339 with Z; nothing is converted before.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

import msgspec

JSON: Final = "application/json"
PROBLEM: Final = "application/problem+json"

_ENCODER: Final = msgspec.json.Encoder()
_DEEP: Final = frozenset({Decimal, dict, list})


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back to the caller."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    media_type: str = JSON

    def to_json(self) -> dict[str, Any]:
        """The answer as it is kept for an idempotency key; only for JSON bodies."""
        return {
            "status": self.status,
            "body": self.body.decode(),
            "headers": dict(self.headers),
            "type": self.media_type,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Answer":
        return cls(stored["status"], stored["body"].encode(), stored["headers"], stored["type"])


def json_bytes(value: Any) -> bytes:
    """The JSON text of plain values."""
    text = _ENCODER.encode(value)
    return _ENCODER.encode(plain(value)) if b"E-" in text or b"E+" in text else text


def plain(value: Any) -> Any:
    """The value with decimals that Python would write with an exponent (`1E-7`, `0E-10`) as plain text.

    Containers without any are returned as they are.
    """
    kind = type(value)
    if kind is Decimal:
        return format(value, "f") if value.adjusted() < -6 or value.as_tuple().exponent > 0 else value
    if kind is dict:
        changed = {k: new for k, v in value.items() if type(v) in _DEEP and (new := plain(v)) is not v}
        return {**value, **changed} if changed else value
    if kind is list:
        items = [plain(item) for item in value]
        return items if any(new is not old for new, old in zip(items, value, strict=True)) else value
    return value


def json_answer(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    return Answer(status, json_bytes(value), headers or {})


def record_answer(
    record: Mapping[str, Any], status: int = 200, headers: Mapping[str, str] | None = None
) -> Answer:
    """A record, with its version as ETag."""
    return Answer(status, json_bytes(record), {"ETag": etag(record["version"]), **(headers or {})})


def etag(version: int) -> str:
    return f'"{version}"'


def stamp(moment: datetime) -> str:
    """RFC 3339 in UTC, as the serialiser writes it."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def is_record_id(text: str) -> UUID | None:
    """The id that a path segment is, or None: the canonical form only."""
    if len(text) != 36 or text.count("-") != 4:
        return None
    try:
        found = UUID(text)
    except ValueError:
        return None
    return found if str(found) == text.lower() else None


def id_or_nil(text: str) -> UUID:
    """The id that a path segment is; for one that is none the nil id, which nothing has and which is answered alike."""
    found = is_record_id(text)
    return found if found is not None else UUID(int=0)
