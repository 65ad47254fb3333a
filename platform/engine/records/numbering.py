"""Sequence fields: numbers such as `A-2026-00042` from a pattern.

A plain sequence takes its number in a transaction of its own, so that writers never wait for each other and a refused
write leaves a gap. A gapless one takes it in the record's transaction: no gaps, one writer at a time.
Placeholders: {year} {month} {day} (tenant's time zone) and {n} or {n:05}; the counter starts again when the
date part changes.
"""

import re
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from fieldstone.engine.query.gate import bindings
from fieldstone.engine.records.program import Program
from fieldstone.engine.storage import control
from fieldstone.engine.storage.connection import TenantConnection, compile_plan, text_plan
from fieldstone.engine.transaction import Transaction

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


def number_records(tx: Transaction, program: Program, records: list[dict[str, Any]]) -> None:
    """Give each record its number in every sequence field that has none yet, in place."""
    today = bindings(tx).today
    assert today is not None
    for field in program.sequences:
        sequence = field.sequence
        assert sequence is not None
        wanting = [values for values in records if not values.get(field.name)]
        if not wanting:
            continue
        period = sequence.pattern.format_map(_Dates(today))
        key = {"name": f"{program.entity.name}.{field.name}:{period}", "count": len(wanting)}
        last = _take(tx, key, gapless=sequence.gapless)
        for offset, values in enumerate(wanting):
            values[field.name] = _fill(period, last - len(wanting) + 1 + offset)


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
