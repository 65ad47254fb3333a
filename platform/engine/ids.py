"""Record ids: UUID version 7 (RFC 9562 section 5.7), so that ids sort by the time of their creation."""

import secrets
import time
from uuid import UUID


def new_id() -> UUID:
    """A new id: 48 bits of milliseconds, 12 bits of the millisecond's fraction, 62 random bits."""
    ns = time.time_ns()
    millis, rest = divmod(ns, 1_000_000)
    fraction = rest * 4096 // 1_000_000
    value = (millis & (1 << 48) - 1) << 80 | 0x7 << 76 | fraction << 64 | 0b10 << 62 | secrets.randbits(62)
    return UUID(int=value)
