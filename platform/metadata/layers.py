"""Merges the layers of a document per property, and remembers which layer each property came from.

A layer's document is a patch of what lies below it. Objects that the meta-schema describes merge member by
member; arrays of named objects merge element by element; all else is replaced as one value. Marks of a patch:

null                          removes the member
{"name": "x", "$remove": true}  removes the element of a keyed array
{"$replace": value}           puts the value as it is (an array in another order, a null that is meant)

The lowest layer of a document is taken as it is, so that a plain JSON Schema may say `"default": null`.
`diff` is the inverse: `merge_patch(below, diff(below, whole)) == whole`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from fieldstone.metadata.cache import Lru, content_hash
from fieldstone.metadata.definitions import Document
from fieldstone.metadata.json_source import escape
from fieldstone.metadata.meta_schemas import FOLDERS, REMOVE, REPLACE, Shape, shape_of

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Layer:
    """What one layer says: (folder, name) -> the document's patch, or None to remove the document."""

    name: str
    documents: Mapping[Key, Mapping[str, Any] | None]


class _Absent:
    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Final = _Absent()


@dataclass(slots=True)
class _Origin:
    """The layer of one place; `parts` holds the places inside that have an origin of their own."""

    layer: str
    parts: dict[str, "_Origin"]


def merge(layers: Iterable[Layer], kept: Lru[Document] | None = None) -> dict[Key, Document]:
    """The effective documents of layers, the lowest first, in the order in which they first appear.

    Documents of which every layer says the same as before are taken from `kept`.
    """
    patches: dict[Key, list[tuple[str, Mapping[str, Any]]]] = {}
    for layer in layers:
        for key, patch in layer.documents.items():
            if patch is None:
                patches.pop(key, None)
            else:
                patches.setdefault(key, []).append((layer.name, patch))
    kept = Lru(0) if kept is None else kept
    result = {}
    for key, said in patches.items():
        hash_ = content_hash(key, said)
        result[key] = kept.made(hash_, partial(_document, key, said, hash_))
    return result


def _document(key: Key, said: Sequence[tuple[str, Any]], hash_: str) -> Document:
    folder, name = key
    shape = shape_of(FOLDERS[folder])
    body: Any = said[0][1]
    origin = _Origin(said[0][0], {})
    for layer, patch in said[1:]:
        body, origin = _merge(shape, body, patch, layer, origin)
    provenance: dict[str, str] = {"": origin.layer}
    if origin.parts:
        _flatten(shape, body, origin, "", provenance)
    return Document(folder, name, body, provenance, hash_)


def layer_of(document: Document, pointer: str) -> str:
    """The layer that a place of the effective document came from."""
    while pointer not in document.provenance:
        pointer = pointer.rpartition("/")[0]
    return document.provenance[pointer]


def merge_patch(folder: str, below: Any, patch: Any) -> Any:
    """The document that results when a layer puts `patch` above `below` (ABSENT: nothing is there)."""
    if below is ABSENT:
        return patch
    return _merge(shape_of(FOLDERS[folder]), below, patch, "", _Origin("", {}))[0]


def diff(folder: str, below: Any, whole: Any) -> Any:
    """The smallest patch that turns `below` into `whole`; `{}` when they are equal."""
    if below is ABSENT:
        return whole
    if same(below, whole):
        return {}
    return _diff(shape_of(FOLDERS[folder]), below, whole)


def with_order(folder: str, below: Any, patch: Any) -> Any:
    """The patch with an explicit `order` for every field that it adds to an entity.

    To be called before a patch is stored in a JSONB column, which forgets the order of members.
    """
    if (
        folder != "entities"
        or not isinstance(patch, Mapping)
        or not isinstance(patch.get("properties"), Mapping)
    ):
        return patch
    known = below.get("properties", {}) if isinstance(below, Mapping) else {}
    at = len(known)
    properties = {}
    for name, schema in patch["properties"].items():
        if name not in known and isinstance(schema, Mapping) and not _is_replace(schema):
            at += 1
            schema = {**schema, "order": schema.get("order", at * 10)}
        properties[name] = schema
    return {**patch, "properties": properties}


def in_name_order(value: Any) -> Any:
    """The same JSON value with the members of objects by name, however it was stored meanwhile."""
    if isinstance(value, Mapping):
        return {name: in_name_order(value[name]) for name in sorted(value)}
    return [in_name_order(item) for item in value] if isinstance(value, list) else value


def _is_replace(value: Any) -> bool:
    return isinstance(value, Mapping) and len(value) == 1 and REPLACE in value


def _keys(shape: Shape, value: Any) -> list[str] | None:
    """The keys of a keyed array's elements; None when the value is not one (then it is one value)."""
    if not isinstance(value, list):
        return None
    keys = [item.get(shape.key) if isinstance(item, Mapping) else None for item in value]
    if any(not isinstance(key, str) for key in keys) or len(set(keys)) < len(keys):
        return None
    return [str(key) for key in keys]


def _merge(shape: Shape, below: Any, patch: Any, layer: str, origin: _Origin) -> tuple[Any, _Origin]:
    if _is_replace(patch):
        return patch[REPLACE], _Origin(layer, {})
    if shape.mode == "object" and isinstance(patch, Mapping):
        return _merge_object(shape, below if isinstance(below, Mapping) else ABSENT, patch, layer, origin)
    if shape.mode == "keyed":
        above = _keys(shape, patch)
        if above is not None:
            known = _keys(shape, below)
            return _merge_keyed(
                shape, below if known is not None else [], patch, layer, origin, known is None
            )
    return patch, _Origin(layer, {})


def _merge_object(
    shape: Shape, below: Any, patch: Mapping[str, Any], layer: str, origin: _Origin
) -> tuple[Any, _Origin]:
    fresh = below is ABSENT
    result: dict[str, Any] = {} if fresh else dict(below)
    made = _Origin(layer, {}) if fresh else _Origin(origin.layer, dict(origin.parts))
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
            made.parts.pop(name, None)
            continue
        inner = made.parts.get(name) or _Origin(made.layer, {})
        merged, from_ = _merge(shape.member(name), result.get(name, ABSENT), value, layer, inner)
        result[name] = merged
        _keep(made, name, from_)
    return result, made


def _merge_keyed(
    shape: Shape, below: list[Any], patch: list[Any], layer: str, origin: _Origin, fresh: bool
) -> tuple[Any, _Origin]:
    made = _Origin(layer, {}) if fresh else _Origin(origin.layer, dict(origin.parts))
    items = {item[shape.key]: item for item in below}
    for item in patch:
        key = item[shape.key]
        if item.get(REMOVE) is True:
            items.pop(key, None)
            made.parts.pop(key, None)
            continue
        inner = made.parts.get(key) or _Origin(made.layer, {})
        change = {name: value for name, value in item.items() if name != shape.key} if key in items else item
        items[key], from_ = _merge(shape.item or Shape(), items.get(key, ABSENT), change, layer, inner)
        _keep(made, key, from_)
    return list(items.values()), made


def _keep(parent: _Origin, name: str, part: _Origin) -> None:
    if part.layer == parent.layer and not part.parts:
        parent.parts.pop(name, None)
    else:
        parent.parts[name] = part


def _flatten(shape: Shape, body: Any, origin: _Origin, pointer: str, found: dict[str, str]) -> None:
    if shape.mode == "keyed" and isinstance(body, list):
        places = [(str(at), item[shape.key], shape.item or Shape(), item) for at, item in enumerate(body)]
    else:
        places = [(name, name, shape.member(name), body[name]) for name in origin.parts]
    for step, key, inner, value in places:
        part = origin.parts.get(key)
        if part is None:
            continue
        below = f"{pointer}/{escape(step)}"
        if part.layer != origin.layer:
            found[below] = part.layer
        if part.parts:
            _flatten(inner, value, part, below, found)


def _plain(shape: Shape, whole: Any) -> Any:
    """A patch that gives `whole` where nothing lies below."""
    if whole is None or _is_replace(whole):
        return {REPLACE: whole}
    if shape.mode == "object" and isinstance(whole, Mapping):
        return {name: _plain(shape.member(name), value) for name, value in whole.items()}
    if shape.mode == "keyed" and _keys(shape, whole) is not None:
        if any(REMOVE in item for item in whole):
            return {REPLACE: whole}
        patch = [_plain(shape.item or Shape(), item) for item in whole]
        return patch if _keys(shape, patch) is not None else {REPLACE: whole}
    return whole


def _diff(shape: Shape, below: Any, whole: Any) -> Any:
    """A patch from `below` to `whole`, which differ."""
    if shape.mode == "object" and isinstance(below, Mapping) and isinstance(whole, Mapping):
        patch: dict[str, Any] = {name: None for name in below if name not in whole}
        for name, value in whole.items():
            if name not in below:
                patch[name] = _plain(shape.member(name), value)
            elif not same(below[name], value):
                patch[name] = _diff(shape.member(name), below[name], value)
        return {REPLACE: whole} if _is_replace(patch) else patch
    if shape.mode == "keyed":
        before, after = _keys(shape, below), _keys(shape, whole)
        if before is not None and after is not None:
            return _diff_keyed(shape, below, whole, before, after)
    return _plain(shape, whole)


def _diff_keyed(
    shape: Shape, below: list[Any], whole: list[Any], before: Sequence[str], after: Sequence[str]
) -> Any:
    kept = [key for key in before if key in set(after)]
    added = [key for key in after if key not in set(before)]
    if [*kept, *added] != list(after) or any(REMOVE in item for item in whole):
        return {REPLACE: whole}
    patch: list[Any] = [{shape.key: key, REMOVE: True} for key in before if key not in set(after)]
    old = dict(zip(before, below, strict=True))
    for key, item in zip(after, whole, strict=True):
        if key not in old:
            patch.append(_plain(shape.item or Shape(), item))
        elif not same(old[key], item):
            change = _diff(shape.item or Shape(), old[key], item)
            if _is_replace(change):
                return {REPLACE: whole}
            patch.append({shape.key: key, **change})
    return patch if _keys(shape, patch) is not None else {REPLACE: whole}


def same(left: Any, right: Any) -> bool:
    """Equality of JSON values, where 1 and true, and 1 and 1.0, are not the same."""
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    return type(left) is type(right) and bool(left == right)
