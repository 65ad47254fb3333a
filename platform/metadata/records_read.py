"""Checks what data and translations name: entities, fields, other records, texts.

The values themselves are checked when they are written, by the same validation as everything else.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from fieldstone.metadata.checking import Checking
from fieldstone.metadata.definitions import Document
from fieldstone.metadata.entities import writable_names
from fieldstone.metadata.json_source import escape
from fieldstone.problems import Problem, did_you_mean

RELATIVE: Final = ("$days", "$hours")
CLOCK: Final = re.compile(r"([01]\d|2[0-3]):[0-5]\d", re.ASCII)

KEYS: Final = {
    "entity": "entities", "field": "entities", "help": "entities", "option": "entities", "rule": "entities",
    "conversion": "entities", "duplicate": "entities", "transition": "entities", "workflow": "workflows",
    "table": "tables", "automation": "automations", "template": "templates",
    "form": "forms", "view": "views", "menu": "menus", "role": "roles",
}  # fmt: skip
"""First part of a key of texts -> the folder of the document that it is about."""

HELPED: Final = ("form", "view", "menu", "role", "workflow", "automation")
"""Kinds of documents whose own help texts have keys that begin with `help.<kind>.`."""


def check_data(document: Document, checking: Checking, problems: list[Problem]) -> None:
    """Whether records name known entities and fields; what is wrong is appended to `problems`."""
    body = document.body
    known = [name for name, draft in checking.drafts.items() if draft.entity.parent is None]
    if "entity" not in body:
        if "records" in body or "flows" not in body:
            problems.append(Problem("/entity", "required", '"entity" is missing'))
        return
    if body["entity"] not in known:
        message = f'"{body["entity"]}" is no entity{did_you_mean(body["entity"], known)}'
        problems.append(Problem("/entity", "entity.unknown", message))
        return
    entity = checking.drafts[body["entity"]].entity
    names = {*writable_names(entity.fields), "owner_id"}
    for at, record in enumerate(body.get("records", ())):
        pointer = f"/records/{at}/values"
        for name, value in record.get("values", {}).items():
            if name not in names and entity.extras is False:
                message = f'"{name}" is no field of "{entity.name}"{did_you_mean(name, names)}'
                problems.append(Problem(f"{pointer}/{escape(name)}", "field.unknown", message))
            problems += marks_problems(value, f"{pointer}/{escape(name)}", known)


def marks_problems(value: Any, pointer: str, entities: list[str]) -> Iterator[Problem]:
    """Problems of `$ref`, `$days` and `$hours` inside a value."""
    if isinstance(value, list):
        for at, item in enumerate(value):
            yield from marks_problems(item, f"{pointer}/{at}", entities)
    elif isinstance(value, Mapping):
        if set(value) == {"$ref"}:
            entity, _, name = str(value["$ref"]).partition("/")
            if entity not in entities or not name:
                message = f'"{value["$ref"]}" is no record; write entity/name{did_you_mean(entity, entities)}'
                yield Problem(pointer, "data.ref", message)
        elif set(value) == {"$days", "$time"} or (len(value) == 1 and next(iter(value)) in RELATIVE):
            if not CLOCK.fullmatch(str(value.get("$time", "00:00"))):
                yield Problem(
                    pointer, "data.relative", f"expected a time such as 09:30, found {value['$time']!r}"
                )
            amount = value.get("$days", value.get("$hours"))
            if isinstance(amount, bool) or not isinstance(amount, int) or abs(amount) > 1_000_000:
                yield Problem(
                    pointer, "data.relative", f"expected a whole number of days or hours, found {amount!r}"
                )
        else:
            for name, item in value.items():
                yield from marks_problems(item, f"{pointer}/{escape(name)}", entities)


def check_translations(
    document: Document, checking: Checking, documents: Mapping[tuple[str, str], Document]
) -> Iterator[Problem]:
    """Notes on keys that name nothing: their texts are never shown."""
    entities = checking.drafts
    for key in document.body.get("texts", {}):
        kind, _, rest = key.partition(".")
        parts = rest.split(".")
        if kind == "help" and len(parts) > 1 and parts[0] in HELPED:
            kind, parts = parts[0], parts[1:]
        if kind not in KEYS:
            continue
        folder = KEYS[kind]
        if folder == "entities":
            if parts[0] not in entities:
                yield _note(key, f'"{parts[0]}" is no entity{did_you_mean(parts[0], entities)}')
            elif kind in ("field", "help", "option", "transition") and len(parts) > 1:
                fields = entities[parts[0]].entity.fields
                rest = rest[len(parts[0]) + 1 :]
                if not any(rest == name or rest.startswith(f"{name}.") for name in fields):
                    yield _note(
                        key, f'"{parts[1]}" is no field of "{parts[0]}"{did_you_mean(parts[1], fields)}'
                    )
        elif (folder, parts[0]) not in documents:
            known = [name for where, name in documents if where == folder]
            yield _note(key, f'"{parts[0]}" is no {kind}{did_you_mean(parts[0], known)}')


def _note(key: str, message: str) -> Problem:
    return Problem(f"/texts/{escape(key)}", "translation.unknown", f"the text is never shown: {message}")
