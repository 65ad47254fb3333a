"""The exported contract of an entity: plain JSON Schema 2020-12 of what may be sent and of what is answered.

What the API accepts is valid here, and what is valid here the API accepts, but for what `x-server-checked`
names: checks that JSON Schema cannot say (unique values, link targets, rules, rights, bounds of decimals
sent as text) and keywords over the whole record, whose outcome can change when nulls are removed and
defaults are filled.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final, Literal

from fieldstone.metadata.composites import mentioned
from fieldstone.metadata.definitions import MISSING, Entity, Field, Model
from fieldstone.metadata.fields import FIELD_TYPES
from fieldstone.metadata.fields.base import without
from fieldstone.metadata.fields.computed import UUID_SCHEMA
from fieldstone.metadata.fields.currencies import currency_codes
from fieldstone.metadata.fields.decimal import Decimal
from fieldstone.metadata.fields.file import ONE_FILE
from fieldstone.metadata.fields.jsonschema_bridge import plain
from fieldstone.metadata.fields.multi_link import LINK, is_joining
from fieldstone.metadata.fields.numbers import BOUNDS, SAFE_INTEGER
from fieldstone.metadata.fields.parts import PartsType
from fieldstone.metadata.fields.strings import UNSTORABLE, StringType
from fieldstone.metadata.system_fields import WRITABLE, system_fields
from fieldstone.metadata.validation import base_field, demanded

Purpose = Literal["create", "patch", "read"]

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"

NO_TEXT: Final = {"type": "string", "pattern": UNSTORABLE}

OWN_DEFS: Final[Mapping[str, Any]] = {
    "_storable": {
        "description": "No U+0000 or half surrogate in any text; numbers that every reader can hold.",
        "not": NO_TEXT,
        "minimum": -SAFE_INTEGER,
        "maximum": SAFE_INTEGER,
        "propertyNames": {"not": NO_TEXT},
        "additionalProperties": {"$ref": "#/$defs/_storable"},
        "items": {"$ref": "#/$defs/_storable"},
    },
    "_currency": {"description": "An ISO 4217 code.", "enum": [*currency_codes(), None]},
}

STORABLE: Final = {"$ref": "#/$defs/_storable"}

READ_KEEPS: Final = frozenset(
    ("type", "format", "enum", "oneOf", "items", "properties", "additionalProperties", "title",
     "description", "examples", "deprecated", "anyOf", "required")
)  # fmt: skip
"""What an answer promises: not the bounds, since old records may break newer ones until they are repaired."""


def record_schema(
    model: Model,
    entity: Entity,
    purpose: Purpose,
    readable: Collection[str] | None = None,
    writable: Collection[str] | None = None,
) -> dict[str, Any]:
    """The schema of a body (`create`, `patch`) or of an answer (`read`).

    `readable` and `writable` name the fields that the caller may see or set, system fields included, those of lines
    as `items.price` (all of them when none is named); None: all."""
    allowed = readable if purpose == "read" else writable
    schema = Contract(model, purpose, allowed).object_schema(entity, allowed)
    defs = {**definitions_of(entity, model), **OWN_DEFS}
    used = used_definitions(schema, defs)
    checked = sorted(server_checked(model, entity, purpose, schema["properties"], allowed))
    whole = {"$schema": DIALECT, "title": entity.title, "description": entity.description, **schema}
    if not entity.description:
        del whole["description"]
    if used:
        whole["$defs"] = {name: defs[name] for name in sorted(used)}
    whole["x-server-checked"] = checked
    result = plain(whole)
    assert isinstance(result, dict)
    return result


def pending_schema(fields: Collection[str]) -> dict[str, Any]:
    """What waits for approval, by field; answers with one record have it, pages of a list have not."""
    waiting = {
        "type": "object",
        "properties": {
            "value": {}, "currency": {"type": "string"}, "requested_by": {"type": ["string", "null"], "format": "uuid"},
            "requested_at": {"type": "string", "format": "date-time"}, "run": {"type": ["string", "null"], "format": "uuid"},
        },
    }  # fmt: skip
    return {
        "type": ["object", "null"],
        "description": "Changes that wait for approval, by field; everybody reads the old values until then.",
        "properties": dict.fromkeys(sorted(fields), waiting),
        "additionalProperties": False,
        "readOnly": True,
    }


class Contract:
    """One export: the model it reads line entities from, and its purpose."""

    def __init__(self, model: Model, purpose: Purpose, allowed: Collection[str] | None) -> None:
        self.model = model
        self.purpose = purpose
        self.allowed = allowed

    def object_schema(self, entity: Entity, allowed: Collection[str] | None) -> dict[str, Any]:
        """An entity or line entity as an object schema."""
        properties = {
            name: schema
            for name, owner, schema in self.properties(entity)
            if allowed is None or name in allowed or owner in allowed
        }
        required = self.required(entity, properties)
        bound = [field.name for field in entity.fields.values() if field.approval is not None]
        if self.purpose == "read" and (bound := [name for name in bound if name in properties]):
            properties["_pending"] = pending_schema(bound)
        schema: dict[str, Any] = {"type": "object", "properties": properties}
        if required:
            schema["required"] = required
        schema["additionalProperties"] = self.additional(entity)
        if self.purpose != "read" and entity.extras is not False:
            schema["propertyNames"] = {"not": NO_TEXT}
        if self.purpose == "create":
            add_composite(schema, entity, None if allowed is None else frozenset(properties))
        if (
            self.purpose == "patch"
            and entity.parent is not None
            and not is_joining(entity)
            and (needed := self.needed(entity))
        ):
            schema["anyOf"] = [{"required": ["id"]}, {"required": needed}]
        return schema

    def properties(self, entity: Entity) -> Iterator[tuple[str, str, dict[str, Any]]]:
        """Name, the field that rights are about, and schema of every property."""
        if is_joining(entity):
            yield "id", "id", {**UUID_SCHEMA, "maxLength": 36, "description": "The linked record's id."}
        elif entity.parent is not None:
            yield "id", "id", {**UUID_SCHEMA, "description": "The line's id; left out for a new line."}
        else:
            for field in system_fields().values():
                if self.purpose == "create" and field.name != WRITABLE:
                    continue
                yield field.name, field.name, self.system_property(field)
        for field in entity.fields.values():
            if self.purpose == "create" and (field.computed or field.read_only):
                continue
            if field.name == LINK and is_joining(entity):
                continue
            yield field.name, field.name, self.property_schema(field)
            if field.type == "money":
                yield from self.money_companions(entity, field)

    def system_property(self, field: Field) -> dict[str, Any]:
        schema = told(field, dict(field.schema))
        if field.read_only:
            schema["readOnly"] = True
        return with_null(schema) if not field.required or self.purpose == "patch" else schema

    def money_companions(self, entity: Entity, field: Field) -> Iterator[tuple[str, str, dict[str, Any]]]:
        currency = f"{field.name}_currency"
        if currency not in entity.fields:
            yield currency, field.name, {"title": f"{field.title}: currency", "$ref": "#/$defs/_currency"}
        base = base_field(field)
        if self.purpose != "create" and base.name not in entity.fields:
            schema = told(base, {"type": ["string", "null"], "readOnly": True})
            yield base.name, field.name, schema

    def property_schema(self, field: Field) -> dict[str, Any]:
        """The schema of one property as this purpose has it."""
        kind = FIELD_TYPES[field.type]
        if field.lines is not None:
            schema = self.lines_schema(field)
        elif self.purpose == "read":
            schema = read_form(field)
        elif kind.computed or field.read_only:
            schema = {**read_form(field), "readOnly": True}
        else:
            schema = write_form(field)
            if self.purpose == "patch" and field.type == "json":
                schema = {"anyOf": [{"type": "object", **STORABLE}, schema]}
        schema = told(field, schema)
        if self.purpose == "create" and field.default is not MISSING:
            schema["default"] = field.default
        return with_null(schema) if self.may_be_null(field) else schema

    def may_be_null(self, field: Field) -> bool:
        if self.purpose == "read" or field.nullable or field.read_only or field.computed:
            return True
        return not (demanded(field) if self.purpose == "create" else field.required)

    def lines_schema(self, field: Field) -> dict[str, Any]:
        line = self.model.entities[field.lines or ""]
        bounds = {} if self.purpose == "read" else without(field.schema, "items")
        prefix = f"{field.name}."
        inner = {name.removeprefix(prefix) for name in self.allowed or () if name.startswith(prefix)}
        return {"type": "array", **bounds, "items": self.object_schema(line, inner or None)}

    def required(self, entity: Entity, properties: Mapping[str, Any]) -> list[str]:
        if is_joining(entity) and self.purpose != "read":
            needed = self.needed(entity) if self.purpose == "create" else []
            return ["id", *(name for name in needed if name in properties)]
        if self.purpose == "read":
            return ["id"] if entity.parent is not None else [n for n in ("id", "version") if n in properties]
        if self.purpose == "patch":
            return []
        return [name for name in self.needed(entity) if name in properties] + [
            name for name in entity.composite.get("required", ()) if name not in entity.fields
        ]

    def needed(self, entity: Entity) -> list[str]:
        return [field.name for field in entity.fields.values() if demanded(field)]

    def additional(self, entity: Entity) -> Any:
        extras = entity.extras
        if extras is False or entity.composite.get("additionalProperties") is False:
            return False
        if self.purpose == "read":
            return True
        schema: Any = STORABLE if extras is True else {"allOf": [extras, STORABLE]}
        return with_null(schema)


def told(field: Field, schema: dict[str, Any]) -> dict[str, Any]:
    """`schema` with the field's title and description."""
    words = {"title": field.title} | ({"description": field.description} if field.description else {})
    return {**words, **schema}


def write_form(field: Field) -> dict[str, Any]:
    """The schema of a value that may be sent: the field's own, less the characters that no text may hold."""
    schema = dict(field.schema)
    kind = FIELD_TYPES[field.type]
    if field.type == "json":
        return {"allOf": [schema, STORABLE]} if schema else dict(STORABLE)
    if isinstance(kind, StringType):
        return excluding(schema)
    if field.type == "tags":
        return {**schema, "items": excluding(schema["items"])}
    if isinstance(kind, PartsType):
        return {
            **schema,
            "properties": {name: excluding(part) for name, part in schema["properties"].items()},
        }
    return schema


def excluding(schema: Mapping[str, Any]) -> dict[str, Any]:
    if "not" in schema:
        return {**schema, "allOf": [*schema.get("allOf", ()), {"not": NO_TEXT}]}
    return {**schema, "not": NO_TEXT}


def read_form(field: Field) -> dict[str, Any]:
    """The schema of a value in an answer."""
    if field.type == "json":
        return {key: field.schema[key] for key in ("type", "examples", "deprecated") if key in field.schema}
    schema = FIELD_TYPES[field.type].read_schema(field)
    keeps = READ_KEEPS | {"pattern"} if isinstance(FIELD_TYPES[field.type], Decimal) else READ_KEEPS
    return {key: value for key, value in schema.items() if key in keeps}


def with_null(schema: Mapping[str, Any]) -> dict[str, Any]:
    """`schema`, or null."""
    simple = not {"anyOf", "allOf", "if", "const", "$ref"} & set(schema)
    types = schema.get("type")
    if types is None and not set(schema) - {
        "title",
        "description",
        "readOnly",
        "examples",
        "deprecated",
        "default",
    }:
        return dict(schema)
    if schema.get("$ref") == "#/$defs/_currency" or schema.get("$ref") == STORABLE["$ref"]:
        return dict(schema)
    if (
        types is not None
        and simple
        and schema.get("not", NO_TEXT) == NO_TEXT
        and titled(schema.get("oneOf", ()))
    ):
        names = [types] if isinstance(types, str) else list(types)
        found = {**schema, "type": [*names, *(["null"] if "null" not in names else [])]}
        if "enum" in schema and None not in schema["enum"]:
            found["enum"] = [*schema["enum"], None]
        if "oneOf" in schema:
            found["oneOf"] = [*schema["oneOf"], {"const": None}]
        return found
    outer = {key: schema[key] for key in ("title", "description", "default", "readOnly") if key in schema}
    return {**outer, "anyOf": [{"type": "null"}, without(schema, *outer)]}


def titled(choices: Any) -> bool:
    return all(isinstance(choice, Mapping) and "const" in choice for choice in choices)


def shown_composite(entity: Entity, visible: frozenset[str] | None) -> dict[str, Any]:
    """The entity's keywords over the whole record that speak of no hidden field; `visible` None: of any
    field."""
    defs = entity.composite.get("$defs", {})
    found = {}
    for key, value in entity.composite.items():
        if key in ("$defs", "properties", "additionalProperties", "required"):
            continue
        names = mentioned({key: value}, defs, frozenset())
        if visible is None or names is None or names <= visible:
            found[key] = value
    return found


def add_composite(schema: dict[str, Any], entity: Entity, visible: frozenset[str] | None) -> None:
    """Put the keywords over the whole record into the schema."""
    for key, value in shown_composite(entity, visible).items():
        if key == "propertyNames" and "propertyNames" in schema:
            value = {"allOf": [value, schema["propertyNames"]]}
        elif key == "patternProperties":
            value = {name: {"allOf": [below, STORABLE]} for name, below in value.items()}
            if schema["additionalProperties"] is False:
                schema["propertyNames"] = {"not": NO_TEXT}
        schema[key] = value


def definitions_of(entity: Entity, model: Model) -> dict[str, Any]:
    """Every `$defs` entry that the entity's, its fields' and its lines' schemas may refer to."""
    found: dict[str, Any] = dict(entity.composite.get("$defs", {}))
    for field in entity.fields.values():
        found.update(field.settings.get("$defs", {}))
        if field.lines is not None and field.lines in model.entities:
            found.update(definitions_of(model.entities[field.lines], model))
    return found


def used_definitions(schema: Any, defs: Mapping[str, Any]) -> set[str]:
    """The names of the definitions that `schema` needs, directly or by way of others."""
    used: set[str] = set()
    todo = list(references(schema))
    while todo:
        name = todo.pop()
        if name not in used and name in defs:
            used.add(name)
            todo.extend(references(defs[name]))
    return used


def references(schema: Any) -> Iterator[str]:
    if isinstance(schema, Mapping):
        ref = schema.get("$ref")
        if isinstance(ref, str) and ref.startswith("#/$defs/"):
            yield ref.removeprefix("#/$defs/").replace("~1", "/").replace("~0", "~")
        for value in schema.values():
            yield from references(value)
    elif isinstance(schema, list | tuple):
        for value in schema:
            yield from references(value)


def server_checked(
    model: Model,
    entity: Entity,
    purpose: Purpose,
    properties: Mapping[str, Any],
    allowed: Collection[str] | None,
) -> set[str]:
    """The names of what only the server can judge about these properties."""
    if purpose == "read":
        return set()
    found = {"rights"}
    if entity.rules:
        found.add("rules")
    if purpose == "patch":
        found |= {"readOnly", "required"}
    found |= set(shown_composite(entity, None if allowed is None else frozenset(properties)))
    for field in entity.fields.values():
        if field.name not in properties:
            continue
        found |= field_checks(field, purpose)
        if field.lines is not None and field.lines in model.entities:
            line = model.entities[field.lines]
            found |= server_checked(model, line, purpose, line.fields, None)
    return found


def field_checks(field: Field, purpose: Purpose) -> set[str]:
    kind = FIELD_TYPES[field.type]
    found = {"unique"} if field.unique else set()
    if field.target is not None or field.type == "files" or field.type in ONE_FILE:
        found.add("target")
    if field.type in ("region", "any_link"):
        found.add("target" if field.type == "any_link" else "region")
    if field.type == "dependent_select":
        found.add("dependsOn")
    if field.machine is not None:
        found.add("transitions")
    for name, value in (("requiredWhen", field.required_when), ("readOnlyWhen", field.read_only_when)):
        if value is not None:
            found.add(name)
    if field.default_expression is not None:
        found.add("defaultExpression")
    if field.type == "position":
        found.add("target")
    if field.type == "date_range":
        found.add("order of the days")
    if field.type == "barcode":
        found.add("check digit")
    if isinstance(kind, Decimal):
        found.add("scale")
        if set(field.schema) & (set(BOUNDS) | {"multipleOf"}):
            found.add("decimal bounds")
    if field.settings.get("rate_required"):
        found.add("rateRequired")
    if field.type == "number" and field.schema.get("multipleOf", 1) % 1:
        found.add("multipleOf")
    if field.type == "json" and purpose == "patch":
        found.add("merge patch")
    return found
