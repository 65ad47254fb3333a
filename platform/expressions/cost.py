"""How much work an expression can be for the database, in units of one column comparison.

Callers of the API send filters; `check(..., max_cost=FILTER_COST)` refuses those that would hurt others.
Lines cost as a loop of assumed length, so aggregates inside aggregates multiply.
"""

from fieldstone.expressions.typed import FieldRef, Listed, Op, Over, Typed

LINES_ASSUMED = 20
HOP = 5
TEXT_WORK = frozenset({"contains", "replace", "lower", "upper", "concat", "trim", "number", "substring"})


def cost_of(node: Typed) -> int:
    match node:
        case FieldRef(path=path):
            return 1 + HOP * (len(path) - 1)
        case Over(lines=lines, value=value, where=where):
            body = sum(cost_of(part) for part in (value, where) if part is not None)
            return HOP + cost_of(lines) + LINES_ASSUMED * (1 + body)
        case Op(op=op, args=args):
            return (5 if op in TEXT_WORK else 1) + sum(cost_of(a) for a in args)
        case Listed(items=items):
            return 1 + sum(cost_of(item) for item in items) // 4
        case _:
            return 1
