"""What the browser is told about a form besides its layout: fields, rules, formulas, defaults, who and when.

Expressions travel as their checked tree, never as source to be parsed; a formula that reads behind a link has what it
reads in `linked`. The browser's answers are a courtesy to the one who types: the server decides when saving.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, Final

from fieldstone.engine.permissions import access
from fieldstone.engine.permissions.fields import FieldRights
from fieldstone.engine.query.gate import bindings
from fieldstone.engine.records.program import program_for
from fieldstone.engine.transaction import Transaction
from fieldstone.expressions import Checked, compile_python, to_json
from fieldstone.metadata.definitions import MISSING, Entity, Field, Rollup
from fieldstone.metadata.fields.currencies import currency_codes, currency_digits
from fieldstone.ui.fields import field_of, shown_as
from fieldstone.ui.forms.layout import Item, Laid
from fieldstone.ui.forms.masked import masked
from fieldstone.ui.visit import Visit

Tell = Callable[[Checked], dict[str, Any]]

TEXTS: Final = (
    "action.cancel", "action.copied", "action.copy", "action.undo", "form.draft", "form.draft_discard",
    "form.error_summary", "form.find_none", "form.here_failed", "form.line_number", "form.line_removed", "form.lost",
    "form.moved", "form.moved_removed", "form.not_picture", "form.other_user", "form.required", "form.saved_before",
    "form.stale_before", "form.stale_mine", "form.stale_now", "form.stale_save", "form.stale_text",
    "form.tag_remove", "form.unseen", "form.upload_failed", "value.empty", "value.no", "value.yes",
)  # fmt: skip


def described(tx: Transaction, visit: Visit, laid: Laid) -> dict[str, Any]:
    """Everything about the form that does not depend on the record."""
    entity = laid.entity
    context = tx.context
    bound = bindings(tx)
    rights = FieldRights(tx.model, context.actor.roles)
    tell = to_json if context.actor.kind == "system" else partial(masked, rights, tx.model, entity)
    return {
        "entity": entity.name,
        "form": laid.layout.form.name,
        "revision": context.revision,
        "user": {
            "id": str(context.actor.id),
            "teams": [str(team) for team in context.actor.teams],
            "roles": sorted(context.actor.roles),
            "locale": context.locale,
        },
        "now": context.now,
        "today": bound.today,
        "locale": visit.texts.locale,
        "zone": str(visit.formats.zone),
        "currency": context.company.currency,
        "digits": {code: currency_digits(code) for code in currency_codes() if currency_digits(code) != 2},
        "symbols": visit.formats.symbols,
        "texts": {key: visit.texts(key) for key in TEXTS},
        "fields": {name: _field(tx, visit, entity, name, laid) for name in _names(tx, entity, laid)},
        "former": former(tx, entity),
        "computed": _computed(tx, entity),
        "conditions": _conditions(laid, tell),
        "parts": {
            "tabs": _parts(laid.tabs, tell),
            "sections": _parts((section for tab in laid.tabs for section in tab.sections), tell),
        },
    }


def _names(tx: Transaction, entity: Entity, laid: Laid) -> list[str]:
    readable = access(tx, entity.name).readable
    return list(
        dict.fromkeys(
            [*(name for name in entity.fields if name in readable), *(item.name for item in laid.items)]
        )
    )


def _field(tx: Transaction, visit: Visit, entity: Entity, name: str, laid: Laid) -> dict[str, Any]:
    field = field_of(entity, name)
    assert field is not None
    item = next((each for each in laid.items if each.name == name), None)
    told = plain_field(tx, visit, entity, field)
    if item is not None:
        told["title"] = item.title
        told["edited"] = item.kind == "control"
    if field.lines:
        child = tx.model.entities[field.lines]
        rights = access(tx, child.name)
        told["edited"] = (
            item is not None and not item.locked and any(each.html is not None for each in item.columns)
        )
        told["fields"] = {
            inner: {
                **plain_field(tx, visit, child, child.fields[inner]),
                "edited": inner in rights.writable
                and not (child.fields[inner].computed or child.fields[inner].read_only),
            }
            for inner in child.fields
            if inner in rights.readable
        }
        told["computed"] = _computed(tx, child)
        told["defaults"] = defaults(tx, child)
        told["former"] = former(tx, child)
    return told


def former(tx: Transaction, entity: Entity) -> dict[str, str]:
    """Former names of fields, with those of now."""
    readable = access(tx, entity.name).readable
    fields = [field for field in entity.fields.values() if field.name in readable]
    return {field.renamed_from: field.name for field in fields if field.renamed_from}


def _computed(tx: Transaction, entity: Entity) -> list[str]:
    """What can be computed, in the order in which it must be."""
    readable = access(tx, entity.name).readable
    return [field.name for field in program_for(tx.model, entity).computed if field.name in readable]


def plain_field(tx: Transaction, visit: Visit, entity: Entity, field: Field) -> dict[str, Any]:
    """A field: its type, its titles, and what computes it."""
    owner, shown = shown_as(tx.model, entity, field)
    told: dict[str, Any] = {"type": field.type, "title": visit.labels.field(entity, field), "edited": False}
    if shown.type != field.type:
        told["shown"] = shown.type
    if shown.options:
        told["options"] = {
            option.const: visit.labels.option(owner, shown, option.const) for option in shown.options
        }
    if field.required:
        told["required"] = True
    if field.type == "dependent_select":
        told["dependsOn"] = field.settings["depends_on"]
        told["when"] = {option.const: option.when for option in field.options if option.when is not None}
    if field.type == "money":
        told["currency"] = field.settings.get("currency") or tx.context.company.currency
    formula = _formula(field)
    if formula is not None:
        told["formula"] = formula
    return told


def _formula(field: Field) -> dict[str, Any] | None:
    """What the browser evaluates for a computed field; None where only the server can."""
    if field.formula is not None:
        return to_json(field.formula)
    kind = field.settings.get("kind", {}).get("kind", "json")
    if field.related is not None:
        return _expression({"field": list(field.related), "type": kind}, kind, [list(field.related)])
    if field.rollup is not None and "." not in field.rollup.of:
        return _expression(_over(field.rollup, kind), kind, [[field.rollup.of]])
    return None


def _over(rollup: Rollup, kind: str) -> dict[str, Any]:
    node: dict[str, Any] = {"over": rollup.fn, "lines": {"field": [rollup.of], "type": "lines"}, "type": kind}
    if rollup.value is not None:
        node["value"] = to_json(rollup.value)["node"]
    if rollup.where is not None:
        node["where"] = to_json(rollup.where)["node"]
    return node


def _expression(node: Mapping[str, Any], kind: str, deps: list[list[str]]) -> dict[str, Any]:
    return {"format": 1, "source": "", "type": kind, "deps": deps, "node": node}


def _conditions(laid: Laid, tell: Tell) -> dict[str, dict[str, Any]]:
    """By item: when it is visible, required, read-only."""
    found = {}
    for each in laid.items:
        rules = rules_of(each)
        if rules:
            found[each.name] = {name: [tell(rule) for rule in given] for name, given in rules.items()}
    return found


def rules_of(each: Item) -> dict[str, list[Checked]]:
    """The conditional rules of an item: the form's, and the field's own.

    `locked` is judged by the record as it was stored, as the engine does.
    """
    item, field = each.item, each.field
    given = {
        "visible": [item.visible_when],
        "required": [item.required_when, field.required_when],
        "readOnly": [item.read_only_when],
        "locked": [field.read_only_when],
    }
    return {name: [rule for rule in rules if rule] for name, rules in given.items() if any(rules)}


def _parts(parts: Iterable[Any], tell: Tell) -> dict[str, Any]:
    return {part.name: tell(part.visible_when) for part in parts if part.visible_when is not None}


def paths_read(tx: Transaction, entity: Entity, laid: Laid) -> list[tuple[str, ...]]:
    """Every path that an expression of the form reads; those over lines begin with the lines field."""
    expressions: list[Checked | None] = [tab.visible_when for tab in laid.tabs]
    expressions += [section.visible_when for tab in laid.tabs for section in tab.sections]
    for each in laid.items:
        expressions += [rule for rules in rules_of(each).values() for rule in rules]
    paths = [path for expression in expressions if expression for path in expression.deps]
    paths += _computed_paths(entity, ())
    for field in entity.fields.values():
        if field.lines:
            paths += _computed_paths(tx.model.entities[field.lines], (field.name,))
    return paths


def _computed_paths(entity: Entity, prefix: tuple[str, ...]) -> list[tuple[str, ...]]:
    paths: list[tuple[str, ...]] = []
    for field in entity.fields.values():
        if field.formula is not None:
            paths += [(*prefix, *path) for path in field.formula.deps]
        elif field.related is not None:
            paths.append((*prefix, *field.related))
        elif field.rollup is not None and "." not in field.rollup.of:
            read = [each for each in (field.rollup.value, field.rollup.where) if each]
            paths += [(field.rollup.of, *path) for each in read for path in each.deps]
    return paths


def defaults(tx: Transaction, entity: Entity) -> dict[str, Any]:
    """What a new record (or line) begins with, as far as the visitor may see it."""
    readable = access(tx, entity.name).readable
    values: dict[str, Any] = {
        field.name: field.default
        for field in entity.fields.values()
        if field.default is not MISSING and field.name in readable
    }
    for field in entity.fields.values():
        if field.default_expression is not None and field.name in readable:
            values[field.name] = compile_python(field.default_expression)(values, bindings=bindings(tx))
    return values
