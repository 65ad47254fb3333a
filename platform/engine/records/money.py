"""Money on its way into storage: its currency, its rounding and its amount in the tenant's currency.

An amount is rounded half away from zero to its currency's digits (ISO 4217). `<name>_base` is the amount at the
latest rate on or before the record's rate date; without a rate it is null, or the write is refused where the field
says `rateRequired`.
"""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any, Final

import sqlalchemy as sa

from fieldstone.engine.query.gate import bindings
from fieldstone.engine.records.program import Program, program_for
from fieldstone.engine.storage.tables import table_for
from fieldstone.engine.transaction import Transaction
from fieldstone.metadata.definitions import Field
from fieldstone.metadata.fields.currencies import currency_digits
from fieldstone.problems import Problem

_ONE: Final = Decimal(1)

Rates = dict[tuple[str, date], Decimal | None]
"""Exchange rates that were asked for already, by currency and day."""


def settle_money(
    tx: Transaction,
    program: Program,
    values: dict[str, Any],
    old: Mapping[str, Any] | None = None,
    rates: Rates | None = None,
) -> list[Problem]:
    """Fill in currencies and base amounts of a record and its lines, and round, in place.

    Amounts that are as they were in `old`, with the rate's date, keep what they were worth then, unless there was no
    rate. `rates` is handed on from record to record.
    """
    rates = {} if rates is None else rates
    on = _rate_date(tx, program, values)
    name = program.entity.rate_date
    if old is not None and name is not None and old.get(name) != values.get(name):
        old = None
    problems = _settle(tx, program, values, on, "", old, rates)
    for field in program.lines:
        child = program_for(tx.model, tx.model.entities[field.lines or ""])
        if child.money:
            before = {line["id"]: line for line in (old or {}).get(field.name) or ()}
            for index, line in enumerate(values.get(field.name) or ()):
                problems += _settle(
                    tx, child, line, on, f"/{field.name}/{index}", before.get(line["id"]), rates
                )
    return problems


def _rate_date(tx: Transaction, program: Program, values: Mapping[str, Any]) -> date:
    name = program.entity.rate_date
    value = values.get(name) if name else None
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else bindings(tx).today or tx.context.now.date()


def _settle(
    tx: Transaction,
    program: Program,
    values: dict[str, Any],
    on: date,
    pointer: str,
    old: Mapping[str, Any] | None,
    rates: Rates,
) -> list[Problem]:
    problems = []
    own = tx.context.company.currency
    for field in program.money:
        amount = values.get(field.name)
        if amount is None:
            values[f"{field.name}_currency"] = values[f"{field.name}_base"] = None
            continue
        same = old is not None and _same(field, values, old)
        if same and values.get(f"{field.name}_base") is not None:
            continue
        currency = values.get(f"{field.name}_currency") or field.settings.get("currency") or own
        amount = rounded(amount, currency)
        values[field.name], values[f"{field.name}_currency"] = amount, currency
        rate = _rate(tx, currency, on, rates)
        if rate is None and not same and field.settings.get("rate_required"):
            problems.append(_missing(field, currency, on, pointer))
        values[f"{field.name}_base"] = (
            None if rate is None else amount if currency == own else rounded(amount * rate, own)
        )
    return problems


def _rate(tx: Transaction, currency: str, on: date, rates: Rates) -> Decimal | None:
    if currency == tx.context.company.currency:
        return _ONE
    if (currency, on) not in rates:
        rates[currency, on] = find_rate(tx, currency, on)
    return rates[currency, on]


def _same(field: Field, values: Mapping[str, Any], old: Mapping[str, Any]) -> bool:
    return all(values.get(name) == old.get(name) for name in (field.name, f"{field.name}_currency"))


def _missing(field: Field, currency: str, on: date, pointer: str) -> Problem:
    message = f"{field.title}: there is no exchange rate for {currency} on or before {on.isoformat()}."
    data = {"currency": currency, "date": on.isoformat(), "title": field.title}
    return Problem(f"{pointer}/{field.name}", "rate.missing", message, data)


def rounded(amount: Decimal, currency: str) -> Decimal:
    """Half away from zero to the digits of the currency."""
    return amount.quantize(_unit(currency), ROUND_HALF_UP)


@lru_cache(maxsize=512)
def _unit(currency: str) -> Decimal:
    return _ONE.scaleb(-currency_digits(currency))


def find_rate(tx: Transaction, currency: str, on: date) -> Decimal | None:
    """The rate of a currency on a day: the latest one not after it."""
    entity = tx.model.entities.get("exchange_rate")
    if entity is None:
        return None
    built = table_for(entity)

    def build() -> sa.Select[Any]:
        fields = built.fields
        return (
            sa.select(fields["rate"])
            .where(
                fields["currency"] == sa.bindparam("currency", type_=sa.Text()),
                fields["date"] <= sa.bindparam("on", type_=sa.Date()),
                fields["deleted_at"].is_(None),
            )
            .order_by(fields["date"].desc())
            .limit(1)
        )

    rows = tx.fetch(tx.plan(("rate", entity.hash), build), {"currency": currency, "on": on})
    return rows[0][0] if rows else None


def rates_for(tx: Transaction, program: Program, values: Mapping[str, Any]) -> dict[str, Decimal]:
    """The exchange rates that hold on the rate date of a record, by currency: for a form that computes while typing."""
    entity = tx.model.entities.get("exchange_rate")
    if entity is None:
        return {}
    built = table_for(entity)

    def build() -> sa.Select[Any]:
        fields = built.fields
        return (
            sa.select(fields["currency"], fields["rate"])
            .distinct(fields["currency"])
            .where(fields["date"] <= sa.bindparam("on", type_=sa.Date()), fields["deleted_at"].is_(None))
            .order_by(fields["currency"], fields["date"].desc())
        )

    rows = tx.fetch(tx.plan(("rates", entity.hash), build), {"on": _rate_date(tx, program, values)})
    return {row[0]: row[1] for row in rows}
