"""Answers: a status, headers and a body that is already bytes. The one serialiser of the API is here.

Decimals become strings, ids and dates text, times RFC 3339 with Z; nothing is converted before.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import msgspec

JSON: Final = "application/json"
PROBLEM: Final = "application/problem+json"

_ENCODER: Final = msgspec.json.Encoder()


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
    return _ENCODER.encode(value)


def json_answer(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    return Answer(status, _ENCODER.encode(value), headers or {})


def record_answer(
    record: Mapping[str, Any], status: int = 200, headers: Mapping[str, str] | None = None
) -> Answer:
    """A record, with its version as ETag."""
    return Answer(status, _ENCODER.encode(record), {"ETag": etag(record["version"]), **(headers or {})})


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
