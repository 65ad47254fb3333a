"""An expression over the records of a query, with what it reads of the automation's own record filled in."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from fieldstone.expressions import Checked
from fieldstone.expressions.typed import Const, FieldRef, Listed, Op, Over, Typed


def with_source(expression: Checked, values: Mapping[str, Any]) -> Checked:
    """The expression with constants in place of what it reads of `source` and `payload`."""
    deps = frozenset(path for path in expression.deps if path[0] not in values)
    if deps == expression.deps:
        return expression
    return replace(expression, node=_filled(expression.node, values), deps=deps, immutable=False)


def _filled(node: Typed, values: Mapping[str, Any]) -> Typed:
    match node:
        case FieldRef(path=path) if path[0] in values:
            return Const(node.type, _at(values, path))
        case Op():
            return replace(node, args=tuple(_filled(each, values) for each in node.args))
        case Listed():
            return replace(node, items=tuple(_filled(each, values) for each in node.items))
        case Over():
            return replace(
                node,
                value=None if node.value is None else _filled(node.value, values),
                where=None if node.where is None else _filled(node.where, values),
            )
    return node


def _at(values: Mapping[str, Any], path: tuple[str, ...]) -> Any:
    found: Any = values
    for part in path:
        found = found.get(part) if isinstance(found, Mapping) else None
    if isinstance(found, Mapping):
        found = found.get("id")
    return str(found) if isinstance(found, UUID) else found
