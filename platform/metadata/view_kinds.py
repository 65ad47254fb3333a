"""What a board, a calendar and a tree say beyond a list, read and checked: their fields and the types these need."""

from collections.abc import Collection, Mapping
from typing import Any, Final

from fieldstone.expressions.types import Type
from fieldstone.metadata.definitions import SYSTEM_FIELDS, Entity, ViewGroup, ViewSum
from fieldstone.metadata.document_reading import Reading, ordered
from fieldstone.problems import Problem

GROUPED: Final = ("select", "radio", "boolean", "link", "parent", "user", "team")
"""Field types whose values can be the columns of a board."""

SUMMED: Final = ("integer", "number", "decimal")
PAGE_SIZES: Final[Mapping[str, int]] = {"kanban": 20}
KEYWORDS: Final[Mapping[str, tuple[str, ...]]] = {
    "list": (),
    "kanban": ("groupBy", "groups", "sums"),
    "calendar": ("start", "end", "color", "span"),
    "tree": ("parent",),
}
NEEDED: Final[Mapping[str, str]] = {"kanban": "groupBy", "calendar": "start", "tree": "parent"}
MOMENTS: Final = ("created_at", "updated_at")


def kind_of_view(reading: Reading, entity: Entity | None, kind: str) -> dict[str, Any]:
    """The members of `View` that only its kind has; what is wrong is appended to the reading's problems."""
    body = reading.body
    needed = NEEDED.get(kind)
    if needed is not None and needed not in body:
        message = f'a view of kind "{kind}" needs "{needed}"'
        reading.problems.append(Problem("/kind", "view.incomplete", message))
    for other, words in KEYWORDS.items():
        for word in words:
            if other != kind and word in body:
                message = f'"{word}" is for views of kind "{other}"; this one is a "{kind}"'
                reading.problems.append(Problem(f"/{word}", "view.keyword", message))
    if entity is None:
        return {}
    match kind:
        case "kanban":
            return _board(reading, entity)
        case "calendar":
            return _calendar(reading, entity)
        case "tree":
            return _tree(reading, entity)
    return {}


def _board(reading: Reading, entity: Entity) -> dict[str, Any]:
    body = reading.body
    name = body.get("groupBy")
    if name is not None and name != "owner_id":
        _typed(reading, entity, "/groupBy", name, GROUPED)
    field = entity.fields.get(name) if name else None
    consts = [option.const for option in field.options] if field else []
    groups = []
    for at, group in enumerate(body.get("groups", ())):
        if consts and group["name"] and group["name"] not in consts:
            reading.unknown(
                f"/groups/{at}/name", "option.unknown", group["name"], f'value of "{name}"', consts
            )
        groups.append(ViewGroup(group["name"], group.get("order"), group.get("hidden", False)))
    sums = []
    for order, at, each in ordered(body.get("sums", ())):
        if _kind(reading, entity, f"/sums/{at}/name", each["name"]) not in (None, *SUMMED):
            message = f'"{each["name"]}" is no number, so it has no {each.get("fn", "sum")}'
            reading.problems.append(Problem(f"/sums/{at}/name", "view.number", message))
        sums.append(ViewSum(each["name"], each.get("fn", "sum"), order))
    return {"group_by": name, "groups": tuple(groups), "sums": tuple(sums)}


def _calendar(reading: Reading, entity: Entity) -> dict[str, Any]:
    body = reading.body
    start, end, color = body.get("start"), body.get("end"), body.get("color")
    if start is not None and start not in MOMENTS:
        _typed(reading, entity, "/start", start, ("date", "datetime"))
    if end is not None and start is not None and end not in MOMENTS:
        first = entity.fields.get(start)
        _typed(reading, entity, "/end", end, (first.type,) if first else ("date", "datetime"))
    if color is not None:
        _typed(reading, entity, "/color", color, ("select", "radio"))
    return {"start": start, "end": end, "color": color, "span": body.get("span", "month")}


def _tree(reading: Reading, entity: Entity) -> dict[str, Any]:
    name = reading.body.get("parent")
    if name is not None and _typed(reading, entity, "/parent", name, ("parent", "link")):
        target = entity.fields[name].target
        if target != entity.name:
            message = f'"{name}" leads to "{target}"; a tree needs a link to "{entity.name}" itself'
            reading.problems.append(Problem("/parent", "view.tree", message))
    return {"parent": name}


def _typed(reading: Reading, entity: Entity, pointer: str, name: str, types: Collection[str]) -> bool:
    """Whether an own field of one of some types has this name; else that is a problem."""
    field = entity.fields.get(name)
    if field is None:
        fitting = [each.name for each in entity.fields.values() if each.type in types]
        reading.unknown(pointer, "field.unknown", name, f'field of "{entity.name}"', fitting)
        return False
    if field.type not in types:
        message = f'"{name}" is of type {field.type}; this needs one of {", ".join(types)}'
        reading.problems.append(Problem(pointer, "view.type", message))
        return False
    return True


def _kind(reading: Reading, entity: Entity, pointer: str, name: str) -> str | None:
    """The kind of value that a field has in expressions; None (and a problem) when there is no such field."""
    type_: Type | None = reading.checking.types.field(entity.name, name)
    if type_ is None or name in SYSTEM_FIELDS:
        reading.unknown(pointer, "field.unknown", name, f'field of "{entity.name}"', list(entity.fields))
        return None
    return type_.kind


__all__ = ["GROUPED", "PAGE_SIZES", "kind_of_view"]
