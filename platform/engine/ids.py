"""Record ids: UUID version 7 (RFC 9562 section 5.7), so that ids sort by the time of their creation."""

import secrets
import struct
import time
from datetime import timedelta
from typing import Final
from uuid import UUID

_CHANCE: Final = (1 << 62) - 1


def new_id() -> UUID:
    """A new id: 48 bits of milliseconds, 12 bits of the millisecond's fraction, 62 random bits."""
    ns = time.time_ns()
    millis, rest = divmod(ns, 1_000_000)
    fraction = rest * 4096 // 1_000_000
    value = (millis & (1 << 48) - 1) << 80 | 0x7 << 76 | fraction << 64 | 0b10 << 62 | secrets.randbits(62)
    return UUID(int=value)


def id_before(made: UUID, by: timedelta) -> UUID:
    """An id that is lower than all that were made so long before this one, or later."""
    millis = (made.int >> 80) - by // timedelta(milliseconds=1)
    return UUID(int=max(0, millis) << 80)


def new_ids(count: int) -> list[UUID]:
    """Some new ids at once, in order: each is a fraction later than the one before it."""
    millis, rest = divmod(time.time_ns(), 1_000_000)
    first = (millis << 12) + rest * 4096 // 1_000_000
    found = []
    for at, chance in enumerate(struct.unpack(f"{count}Q", secrets.token_bytes(8 * count)), first):
        value = (at >> 12 & (1 << 48) - 1) << 80 | 0x7 << 76 | (at & 0xFFF) << 64 | 0b10 << 62
        found.append(UUID(int=value | chance & _CHANCE))
    return found
