"""Values that the platform computes: defaults, sequences' periods aside, formulas, related values, rollups over lines.

Everything here works on plain values in Python. The expression language guarantees that SQL and the browser would
compute the same, so the answer of a write needs no read.
"""

from collections.abc import Mapping
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

from fieldstone.engine.query.gate import bindings
from fieldstone.engine.records.program import Program, program_for
from fieldstone.engine.transaction import Transaction
from fieldstone.expressions import Bindings, Checked, compile_python
from fieldstone.metadata.definitions import Field

LineLinked = Mapping[tuple[str, str], Mapping[Any, dict[str, Any]]]
"""Linked records of lines by id, for each line entity and link field."""

NOTHING_LINKED: LineLinked = MappingProxyType({})


LINKING: Final = ("link", "parent", "user", "team")
"""Types whose values are ids; an expression gives the user's as text."""

NO_LINES: Mapping[str, Any] = MappingProxyType({})


class Values(dict[str, Any]):
    """Own values with the linked records put in for their ids, as expressions see them."""


def visible_values(values: Mapping[str, Any], linked: Mapping[str, Any]) -> Values:
    return Values({**values, **linked})


def seen_lines(
    tx: Transaction, program: Program, values: Mapping[str, Any], line_linked: LineLinked
) -> dict[str, list[Values]]:
    """Lines as the record's own expressions see them, with linked records for ids; only those that have links read."""
    found = {}
    for field in program.lines:
        child = program_for(tx.model, tx.model.entities[field.lines or ""])
        if child.hops:
            lines = values.get(field.name) or ()
            found[field.name] = [visible_values(line, linked_of(child, line, line_linked)) for line in lines]
    return found


def compute(
    tx: Transaction,
    program: Program,
    values: dict[str, Any],
    linked: Mapping[str, Mapping[str, Any]],
    line_linked: LineLinked = NOTHING_LINKED,
    *,
    stored: bool = True,
) -> None:
    """Fill in every computed field of a record and of its lines, in dependency order, in place.

    With `stored` False only those that are computed on reading: to see a stored record as it stands.
    """
    context = bindings(tx)
    for field in program.lines:
        child = program_for(tx.model, tx.model.entities[field.lines or ""])
        for line in values.get(field.name) or ():
            _compute_own(child, line, linked_of(child, line, line_linked), context, stored)
    _compute_own(program, values, linked, context, stored, seen_lines(tx, program, values, line_linked))


def linked_of(child: Program, line: Mapping[str, Any], line_linked: LineLinked) -> dict[str, dict[str, Any]]:
    """The records that a line links to, by link field."""
    found = {}
    for link in child.hops:
        record = line_linked.get((child.entity.name, link), {}).get(line.get(link))
        if record is not None:
            found[link] = record
    return found


def _compute_own(
    program: Program,
    values: dict[str, Any],
    linked: Mapping[str, Mapping[str, Any]],
    context: Bindings,
    stored: bool,
    lines: Mapping[str, list[Values]] = NO_LINES,
) -> None:
    if not program.computed:
        return
    seen = visible_values(values, {**linked, **lines})
    for field in program.computed:
        if stored or field.name in program.on_reading:
            seen[field.name] = values[field.name] = computed_value(field, seen, context)


def computed_value(field: Field, seen: Values, context: Bindings) -> Any:
    if field.formula is not None:
        return compile_python(field.formula)(seen, bindings=context)
    if field.related is not None:
        value: Any = seen
        for part in field.related:
            value = value.get(part) if isinstance(value, Mapping) else None
        return value["id"] if isinstance(value, Mapping) and "id" in value else value
    return rollup_over(field, seen.get(field.rollup.of) or (), context) if field.rollup else None


def rollup_over(field: Field, lines: Any, context: Bindings) -> Any:
    """A rollup's value over child records held in memory: `sum` of nothing is 0, `avg`, `min`, `max` null."""
    rollup = field.rollup
    assert rollup is not None
    chosen = list(lines)
    if rollup.where is not None:
        where = compile_python(rollup.where)
        chosen = [line for line in chosen if where(line, bindings=context) is True]
    if rollup.fn == "count" and rollup.value is None:
        return len(chosen)
    assert rollup.value is not None
    value = compile_python(rollup.value)
    found = [v for v in (value(line, bindings=context) for line in chosen) if v is not None]
    match rollup.fn:
        case "count":
            return len(found)
        case "sum":
            return sum(found)
        case "min":
            return min(found, default=None)
        case "max":
            return max(found, default=None)
        case "avg":
            return average(found)
        case "any":
            return any(v is True for v in found)
        case "all":
            return all(v is True for v in found)
    raise ValueError(rollup.fn)


EMPTY = {"count": 0, "sum": 0, "any": False, "all": True}


def rollups_of_nothing(program: Program) -> dict[str, Any]:
    """Rollups over linking records as they are for a new record, which nothing links to yet."""
    return {
        field.name: EMPTY.get(field.rollup.fn)
        for field in program.entity.fields.values()
        if field.rollup is not None and "." in field.rollup.of
    }


def average(values: list[Any]) -> Decimal | None:
    """The mean, by the language's division: half up to 10 places."""
    if not values:
        return None
    total = sum((Decimal(value) for value in values), Decimal(0))
    sign = -1 if total < 0 else 1
    scaled = (abs(total) / len(values)).quantize(Decimal(10) ** -10, ROUND_HALF_UP)
    return sign * scaled


def apply_defaults(
    tx: Transaction,
    program: Program,
    values: dict[str, Any],
    given: frozenset[str],
    linked: Mapping[str, Mapping[str, Any]] | None = None,
) -> None:
    """Default expressions of fields that the body did not name.

    Those that read linked records wait until these are there (`linked`); the others come before, for they may give
    a link.
    """
    context = bindings(tx)
    for field in program.defaults:
        expression = field.default_expression
        if field.name in given or expression is None or reads_links(expression) is (linked is None):
            continue
        value = compile_python(expression)(visible_values(values, linked or {}), bindings=context)
        if value is not None:
            values[field.name] = UUID(value) if field.type in LINKING and isinstance(value, str) else value


def apply_line_defaults(
    tx: Transaction, program: Program, values: Mapping[str, Any], new: frozenset[Any], line_linked: LineLinked
) -> None:
    """Default expressions of lines that are new (by id), in place."""
    context = bindings(tx)
    for field in program.lines:
        child = program_for(tx.model, tx.model.entities[field.lines or ""])
        for line in values.get(field.name) or () if child.defaults else ():
            if line["id"] not in new:
                continue
            linked = linked_of(child, line, line_linked)
            for inner in child.defaults:
                if inner.name not in line and inner.default_expression is not None:
                    seen = visible_values(line, linked)
                    value = compile_python(inner.default_expression)(seen, bindings=context)
                    if value is not None:
                        line[inner.name] = value


def reads_links(expression: Checked) -> bool:
    return any(len(path) > 1 for path in expression.deps)


def rule_bindings(tx: Transaction, old: Mapping[str, Any] | None, changed: frozenset[str]) -> Bindings:
    """Bindings for rules: `old`, `isNew` and `changed(x)` too."""
    return replace(bindings(tx), old=old, is_new=old is None, changed=changed)
