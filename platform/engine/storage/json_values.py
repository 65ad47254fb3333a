"""JSON in and out of JSONB columns: numbers stay exact (Decimal), dates and ids become text."""

import json
from decimal import Decimal
from typing import Any

import msgspec

_ENCODER = msgspec.json.Encoder(decimal_format="number")


def dumps(value: Any) -> bytes:
    """JSON text of a plain value; a Decimal is written as a number."""
    return _ENCODER.encode(value)


def loads(text: str | bytes) -> Any:
    """A plain value; numbers with a fraction are Decimals."""
    return json.loads(text, parse_float=Decimal)


def wire_dumps(value: Any) -> bytes:
    """JSON text as it goes over the wire: a Decimal is a string. History keeps values in this form."""
    return msgspec.json.encode(value)
