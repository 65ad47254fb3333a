"""Reads role documents into definitions, and checks what they name."""

from types import MappingProxyType
from typing import Any

from fieldstone.expressions import BOOLEAN, FILTER
from fieldstone.metadata.checking import Checking
from fieldstone.metadata.definitions import SYSTEM_FIELDS, Document, Grant, RecordRule, Role
from fieldstone.metadata.documents import title_of
from fieldstone.metadata.layers import layer_of
from fieldstone.problems import Problem, did_you_mean

ANY_ENTITY = "*"


def read_role(document: Document, checking: Checking, problems: list[Problem]) -> Role:
    """The role of a document; what is wrong is appended to `problems`."""
    body = document.body
    grants = {}
    for at, entry in enumerate(body.get("entities", ())):
        grant = _grant(document, entry, f"/entities/{at}", checking, problems)
        grants[grant.entity] = grant
    return Role(
        name=document.name,
        title=body.get("title") or title_of(document.name),
        grants=MappingProxyType(grants),
        manages=frozenset(body.get("manages", ())),
        description=body.get("description", ""),
        layer=layer_of(document, ""),
    )


def _grant(
    document: Document, entry: dict[str, Any], pointer: str, checking: Checking, problems: list[Problem]
) -> Grant:
    name = entry["name"]
    entities = {name: draft.entity for name, draft in checking.drafts.items() if draft.entity.parent is None}
    entity = entities.get(name)
    if entity is None and name != ANY_ENTITY:
        message = f'"{name}" is no entity{did_you_mean(name, [*entities, ANY_ENTITY])}'
        problems.append(Problem(f"{pointer}/name", "entity.unknown", message))
        return Grant(name, MappingProxyType({}))
    fields = {*SYSTEM_FIELDS, *(entity.fields if entity else ())}
    for field in entity.fields.values() if entity else ():
        if field.lines is not None and field.lines in checking.drafts:
            fields |= {f"{field.name}.{inner}" for inner in checking.drafts[field.lines].entity.fields}
    for part in ("hidden", "locked"):
        for at, field in enumerate(entry.get(part, ())):
            if field not in fields:
                message = f'"{field}" is no field of "{name}"{did_you_mean(field, fields)}'
                problems.append(Problem(f"{pointer}/{part}/{at}", "field.unknown", message))
    rules = []
    for at, rule in enumerate(entry.get("recordRules", ())):
        place = f"{pointer}/recordRules/{at}"
        record = None if entity else checking.types.anything()
        before = len(checking.problems)
        when = checking.expression(name, rule["when"], f"{place}/when", FILTER, BOOLEAN, record)
        problems += [problem for _, problem in checking.problems[before:]]
        del checking.problems[before:]
        if when is not None:
            verbs = tuple(rule.get("verbs", ()))
            rules.append(RecordRule(rule["name"], when, verbs, layer_of(document, place)))
    return Grant(
        entity=name,
        verbs=MappingProxyType(dict(entry.get("verbs", {}))),
        hidden=frozenset(entry.get("hidden", ())),
        locked=frozenset(entry.get("locked", ())),
        record_rules=tuple(rules),
    )
