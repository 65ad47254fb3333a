"""Sequence fields: numbers such as `A-2026-00042` from a pattern.

A plain sequence takes its number in a transaction of its own, so that writers never wait for each other and a refused
write leaves a gap. A gapless one takes it in the record's transaction: no gaps, one writer at a time.
Placeholders: {year} {month} {day} (tenant's time zone) and {n} or {n:05}; the counter starts again when the
date part changes.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from fieldstone.engine.query.gate import bindings
from fieldstone.engine.records.program import Program
from fieldstone.engine.storage import control
from fieldstone.engine.storage.connection import TenantConnection, compile_plan, text_plan
from fieldstone.engine.transaction import Transaction
from fieldstone.metadata.definitions import Field

_NUMBER = re.compile(r"\{n(?::0?(\d+))?\}")


def _next_statement() -> Any:
    table = control.counter
    fresh = insert(table).values(
        name=sa.bindparam("name", type_=sa.Text()), value=sa.bindparam("count", type_=sa.BigInteger())
    )
    return fresh.on_conflict_do_update(
        index_elements=[table.c.name], set_={"value": table.c.value + fresh.excluded.value}
    ).returning(table.c.value)


NEXT = compile_plan(_next_statement())

NO_WAIT = text_plan("SET LOCAL synchronous_commit = off")
"""A number need not reach the disk by itself: the record that carries it is flushed later, and this before it."""


@dataclass(slots=True)
class _Range:
    """Numbers of one field that are ours: from `next` up to `last`."""

    field: Field
    key: dict[str, Any]
    period: str
    next: int
    last: int
    gapless: bool


class Numbers:
    """Numbers for records that may yet be refused: given out in order, and given to another when taken back."""

    def __init__(self, ranges: Sequence[_Range]) -> None:
        self._ranges = ranges
        self._given: list[_Range] = []

    def put(self, values: dict[str, Any]) -> None:
        """Number a record in every sequence field that has no number yet."""
        self._given = []
        for each in self._ranges:
            if not values.get(each.field.name):
                values[each.field.name] = _fill(each.period, each.next)
                each.next += 1
                self._given.append(each)

    def take_back(self, values: dict[str, Any]) -> None:
        """The record that was numbered last is refused."""
        for each in self._given:
            each.next -= 1
            values[each.field.name] = None
        self._given = []

    def settle(self, tx: Transaction) -> None:
        """What is left of gapless ranges was never taken: the counter is ours until the transaction ends."""
        for each in self._ranges:
            if each.gapless and each.next <= each.last:
                tx.fetch(NEXT, {**each.key, "count": each.next - each.last - 1})


def reserve(tx: Transaction, program: Program, records: Sequence[Mapping[str, Any]]) -> Numbers:
    """Numbers for as many of these records as have none, in every sequence field."""
    ranges = []
    for field in program.sequences if records else ():
        sequence = field.sequence
        assert sequence is not None
        wanting = sum(1 for values in records if not values.get(field.name))
        if not wanting:
            continue
        today = bindings(tx).today
        assert today is not None
        period = sequence.pattern.format_map(_Dates(today))
        key = {"name": f"{program.entity.name}.{field.name}:{period}", "count": wanting}
        last = _take(tx, key, gapless=sequence.gapless)
        ranges.append(_Range(field, key, period, last - wanting + 1, last, sequence.gapless))
    return Numbers(ranges)


def _take(tx: Transaction, key: dict[str, Any], *, gapless: bool) -> int:
    if gapless:
        return int(tx.fetch(NEXT, key)[0][0])
    with tx.engine.database.connection() as connection:
        own = TenantConnection(connection, tx.context.tenant)
        own.defer(NO_WAIT)
        return int(own.fetch_all([(NEXT, key)], last=True)[0][0][0])


class _Dates(dict[str, Any]):
    """Fills in the date parts of a pattern and leaves `{n:05}` as it is."""

    def __init__(self, today: Any) -> None:
        super().__init__(year=f"{today.year:04}", month=f"{today.month:02}", day=f"{today.day:02}", n=_Kept())

    def __missing__(self, key: str) -> str:
        return "{" + key + "}"


class _Kept:
    def __format__(self, spec: str) -> str:
        return "{n:" + spec + "}" if spec else "{n}"


def _fill(period: str, number: int) -> str:
    return _NUMBER.sub(lambda found: str(number).zfill(int(found.group(1) or 0)), period)
