"""Expressions as the browser gets them: what a visitor may not read is null in them, and not named.

The server evaluates a form's rules on records without the hidden fields, where these are null as well, so that both
still agree.
"""

from collections.abc import Mapping
from typing import Any

from fieldstone.engine.permissions.fields import FieldRights
from fieldstone.expressions import Checked, to_json
from fieldstone.metadata.definitions import Entity, Model


def masked(rights: FieldRights, model: Model, entity: Entity, expression: Checked) -> dict[str, Any]:
    """The stored form of an expression of the entity, hidden fields replaced by null."""
    if all(rights.shows(entity, path) for path in expression.deps):
        return to_json(expression)
    whole = to_json(expression)
    return {
        "format": whole["format"],
        "source": "",
        "type": whole["type"],
        "deps": [list(path) for path in sorted(expression.deps) if rights.shows(entity, path)],
        "node": _masked(rights, model, (entity,), whole["node"]),
    }


def _masked(rights: FieldRights, model: Model, scopes: tuple[Entity, ...], node: Any) -> Any:
    if isinstance(node, list):
        return [_masked(rights, model, scopes, each) for each in node]
    if not isinstance(node, Mapping):
        return node
    kind = node.get("type")
    if "field" in node and not rights.shows(scopes[-1 - node.get("up", 0)], tuple(node["field"])):
        return {"const": None, "type": kind}
    if "old" in node and not rights.shows(scopes[0], tuple(node["old"])):
        return {"const": None, "type": kind}
    if "changed" in node and not rights.shows(scopes[0], (node["changed"],)):
        return {"const": False, "type": kind}
    if "over" in node:
        lines = node["lines"]
        at = scopes[-1 - lines.get("up", 0)]
        field = at.fields.get(lines["field"][-1])
        if not rights.shows(at, tuple(lines["field"])) or field is None or field.lines is None:
            return {"const": None, "type": kind}
        inner = (*scopes, model.entities[field.lines])
        return {
            name: each if name in ("over", "lines", "type") else _masked(rights, model, inner, each)
            for name, each in node.items()
        }
    return {name: _masked(rights, model, scopes, each) for name, each in node.items()}
