"""Reads an effective entity document into definitions, with its expressions still as text.

What is read here depends on this one document only, so it is kept by the document's content and shared by
every tenant that has the same. `checking` then does what needs the other entities: expressions and types of
computed fields. A field of lines becomes an entity of its own, `<entity>__<field>`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import unquote

from fieldstone.metadata.definitions import PARENT_LINK, SYSTEM_FIELDS, Document, Entity, Field
from fieldstone.metadata.documents import title_of
from fieldstone.metadata.fields import localise, read_field
from fieldstone.metadata.fields.multi_link import row_schema
from fieldstone.metadata.json_source import escape
from fieldstone.metadata.layers import layer_of
from fieldstone.metadata.meta_schemas import NAME, dialect
from fieldstone.problems import Problem, did_you_mean

RESERVED: Final = (
    "me", "search", "tasks", "metadata", "imports", "files", "comments", "jobs", "approvals", "notifications", "webhooks",
    "automations", "hooks",
)  # fmt: skip
"""Entity names that would clash with addresses of the API."""

COMPOSITE: Final = (
    "allOf", "anyOf", "oneOf", "not", "if", "then", "else", "dependentRequired", "dependentSchemas",
    "minProperties", "maxProperties", "propertyNames", "patternProperties",
)  # fmt: skip
SETTINGS: Final = ("order", "renamedFrom")
TITLE_TYPES: Final = (
    "text",
    "email",
    "phone",
    "url",
    "person_name",
    "sequence",
    "formula",
    "related",
    "select",
)
MAX_NAME: Final = 60
MAX_FIELDS: Final = 500

Resolve = Callable[[str], Any]


@dataclass(frozen=True, slots=True)
class RuleText:
    """A rule whose condition is not checked yet; `pointer` is its place in the document."""

    name: str
    when: str
    message: str
    field: str | None
    pointer: str
    layer: str
    mend: str | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """An entity whose expressions are still text; `places` maps its fields to their JSON pointers."""

    entity: Entity
    rules: tuple[RuleText, ...]
    places: Mapping[str, str]
    lines: tuple["Draft", ...] = ()
    problems: tuple[Problem, ...] = field(default=(), compare=False)

    def all(self) -> tuple["Draft", ...]:
        """The entity and its line entities."""
        return (self, *self.lines)


def read_entity(document: Document) -> Draft:
    """The draft of an entity document that its meta-schema accepts."""
    return _Reading(document).entity()


def resolver(body: Mapping[str, Any]) -> Resolve:
    """What `$ref`s inside a document name: JSON pointers and anchors."""
    anchors: dict[str, Any] = {}

    def collect(value: Any) -> None:
        if isinstance(value, Mapping):
            if isinstance(value.get("$anchor"), str):
                anchors.setdefault(value["$anchor"], value)
            for inner in value.values():
                collect(inner)
        elif isinstance(value, list):
            for inner in value:
                collect(inner)

    collect(body)

    def resolve(ref: str) -> Any:
        name = ref.removeprefix("#")
        if not name.startswith("/"):
            return body if name == "" else anchors.get(name)
        at: Any = body
        for token in name[1:].split("/"):
            step = unquote(token).replace("~1", "/").replace("~0", "~")
            if isinstance(at, Mapping) and step in at:
                at = at[step]
            elif isinstance(at, list) and step.isdigit() and int(step) < len(at):
                at = at[int(step)]
            else:
                return None
        return at if isinstance(at, Mapping | bool) else None

    return resolve


def name_problem(name: str, known: Mapping[str, Any]) -> tuple[str, str] | None:
    """Code and message when a property may not have this name."""
    if name in SYSTEM_FIELDS:
        return "field.system", f'"{name}" is a system field that every entity has; choose another name'
    if name == PARENT_LINK:
        return "field.system", f'"{name}" is what ties a line to its record; choose another name'
    if not 1 <= len(name) <= MAX_NAME:
        return "field.name", f"a name has 1 to {MAX_NAME} characters, this one has {len(name)}"
    if name != name.strip():
        return "field.name", "a name has no space at its ends"
    bad = next((c for c in name if c in "`/~" or not c.isprintable()), None)
    if bad is not None:
        shown = bad if bad in "`/~" else f"U+{ord(bad):04X}"
        return "field.name", f"a name has no control character, backtick, / or ~; this one has {shown}"
    for suffix in ("_currency", "_base"):
        owner = known.get(name.removesuffix(suffix)) if name.endswith(suffix) else None
        if isinstance(owner, Mapping) and owner.get("field") == "money":
            first = name.removesuffix(suffix)
            return (
                "field.taken",
                f'the money field "{first}" has this name for its {suffix[1:]}; choose another name',
            )
    return None


class _Reading:
    """One pass over one entity document."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.body = document.body
        self.resolve = resolver(document.body)
        self.strict = dialect("entity", document.body)[0]
        self.problems: list[Problem] = []

    def problem(self, pointer: str, code: str, message: str) -> None:
        self.problems.append(Problem(pointer, code, message))

    def entity(self) -> Draft:
        name = self.document.name
        if name in RESERVED:
            self.problem(
                "/name", "entity.reserved", f'"{name}" is an address of the API; choose another name'
            )
        if not NAME.fullmatch(name) or "__" in name:
            message = (
                f'"{name}" is no entity name: a small letter, then small letters, digits and single '
                "underscores, at most 40 characters"
            )
            self.problem("/name", "entity.name", message)
        draft = self.read(name, self.body, "", None)
        lines = tuple(
            self.lines(name, field_name, definition, draft.places[field_name])
            for field_name, definition in draft.entity.fields.items()
            if definition.lines is not None
        )
        return replace(draft, lines=lines, problems=tuple(self.problems))

    def lines(self, entity: str, name: str, owner: Field, pointer: str) -> Draft:
        schema = self.body["properties"][name]
        while isinstance(schema, Mapping) and "properties" not in schema and "$ref" in schema:
            target = self.resolve(schema["$ref"]) if isinstance(schema["$ref"], str) else None
            if not isinstance(target, Mapping):
                break
            schema = {**target, **{key: value for key, value in schema.items() if key != "$ref"}}
        title = {"title": owner.title, "plural": owner.title, "description": owner.description}
        if owner.type == "multi_link":
            body = {**title, **row_schema(schema, owner.title, owner.on_delete)}
            return self.read(f"{entity}__{name}", body, pointer, (entity, name), "attributes")
        body = {
            **title,
            **{key: value for key, value in schema.items() if key not in ("title", "description")},
        }
        return self.read(f"{entity}__{name}", body, pointer, (entity, name))

    def read(
        self,
        name: str,
        body: Mapping[str, Any],
        pointer: str,
        parent: tuple[str, str] | None,
        members: str = "properties",
    ) -> Draft:
        """The draft of an entity, or of the rows of a field; `members` is where the document has their fields."""
        fields, places = self.fields(name, body, pointer, parent, members)
        composite, extras = self.composite(body, pointer, fields)
        self.required(body, pointer, fields, extras, composite)
        title = body.get("title") or title_of(name)
        settings = {key: body[key] for key in SETTINGS if key in body and parent is None}
        if members == "attributes":
            settings["joins"] = True
        entity = Entity(
            name=name,
            title=title,
            plural=body.get("plural") or plural_of(title),
            fields=MappingProxyType(fields),
            title_field=self.title_field(body, pointer, fields),
            hash=self.document.hash,
            description=body.get("description", ""),
            icon=body.get("icon", "database") if parent is None else "list",
            composite=MappingProxyType(composite),
            extras=extras,
            parent=parent,
            rate_date=self.rate_date(body, pointer, fields),
            settings=MappingProxyType(settings),
            layer=layer_of(self.document, pointer),
        )
        return Draft(entity, self.rules(body, pointer, fields), MappingProxyType(places))

    def fields(
        self,
        entity: str,
        body: Mapping[str, Any],
        pointer: str,
        parent: tuple[str, str] | None,
        members: str,
    ) -> tuple[dict[str, Field], dict[str, str]]:
        properties = body.get("properties", {})
        if len(properties) > MAX_FIELDS:
            self.problem(f"{pointer}/properties", "entity.size", f"more than {MAX_FIELDS} fields")
        required = frozenset(body.get("required", ()))
        fields: dict[str, Field] = {}
        places: dict[str, str] = {}
        for name, schema in in_order(properties):
            place = f"{pointer}/{members}/{escape(name)}"
            wrong = name_problem(name, properties)
            if wrong is not None:
                self.problem(place, *wrong)
                continue
            definition, problems = read_field(
                name, schema, entity=entity, pointer=place, resolve_ref=self.resolve,
                required=name in required, strict=self.strict,
            )  # fmt: skip
            self.problems += problems
            if parent is not None and definition.type in ("lines", "multi_link", "rollup"):
                message = f'a field of type "{definition.type}" cannot stand in lines'
                self.problem(place, "lines.nested", message)
            fields[name] = replace(definition, layer=layer_of(self.document, place))
            places[name] = place
        return fields, places

    def composite(
        self, body: Mapping[str, Any], pointer: str, fields: Mapping[str, Field]
    ) -> tuple[dict[str, Any], bool | Mapping[str, Any]]:
        """Keywords over the whole record, and what is allowed beyond the fields."""
        extras: bool | Mapping[str, Any] = body.get("additionalProperties", False)
        given = {key: body[key] for key in COMPOSITE if key in body}
        if isinstance(extras, Mapping):
            given["additionalProperties"] = extras
        if not given:
            return {}, extras
        composite, definitions, problems = localise(given, self.resolve, pointer)
        self.problems += problems
        if isinstance(extras, Mapping):
            extras = composite.pop("additionalProperties")
        if "patternProperties" in composite and not isinstance(extras, Mapping) and extras is False:
            extras = True
            composite["additionalProperties"] = False
            composite["properties"] = dict.fromkeys(writable_names(fields), True)
        if definitions:
            composite["$defs"] = definitions
        return composite, extras

    def required(
        self, body: Mapping[str, Any], pointer: str, fields: Mapping[str, Field],
        extras: bool | Mapping[str, Any], composite: dict[str, Any],
    ) -> None:  # fmt: skip
        beyond = []
        for at, name in enumerate(body.get("required", ())):
            if name in fields:
                continue
            if extras is False:
                message = f'"{name}" is required, but there is no such field{did_you_mean(name, fields)}'
                self.problem(f"{pointer}/required/{at}", "required.unknown", message)
            else:
                beyond.append(name)
        if beyond:
            composite["required"] = beyond

    def title_field(self, body: Mapping[str, Any], pointer: str, fields: Mapping[str, Field]) -> str | None:
        named = body.get("titleField")
        if named in fields:
            return str(named)
        if named is not None:
            message = f'"{named}" is no field{did_you_mean(named, fields)}'
            self.problem(f"{pointer}/titleField", "field.unknown", message)
        for name in ("name", "title", "label"):
            if name in fields and fields[name].type in TITLE_TYPES:
                return name
        texts = [field for field in fields.values() if field.type == "text"]
        return next((field.name for field in texts if field.required), texts[0].name if texts else None)

    def rate_date(self, body: Mapping[str, Any], pointer: str, fields: Mapping[str, Field]) -> str | None:
        named = body.get("rateDate")
        if named is None or (named in fields and fields[named].type in ("date", "datetime")):
            return named
        found = (
            f'"{named}" is a field of type "{fields[named].type}"'
            if named in fields
            else f'"{named}" is no field'
        )
        near = did_you_mean(named, [n for n, f in fields.items() if f.type in ("date", "datetime")])
        self.problem(f"{pointer}/rateDate", "field.unknown", f"{found}; rateDate names a date field{near}")
        return None

    def rules(
        self, body: Mapping[str, Any], pointer: str, fields: Mapping[str, Field]
    ) -> tuple[RuleText, ...]:
        result = []
        for at, rule in enumerate(body.get("rules", ())):
            place = f"{pointer}/rules/{at}"
            beside = rule.get("field")
            if beside is not None and beside not in fields:
                message = f'"{beside}" is no field{did_you_mean(beside, fields)}'
                self.problem(f"{place}/field", "field.unknown", message)
            layer = layer_of(self.document, place)
            text = RuleText(
                rule["name"], rule["when"], rule["message"], beside, place, layer, rule.get("mend")
            )
            result.append(text)
        return tuple(result)


def in_order(members: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Members by their `order`, which is their position times 10 when it is left out."""
    places = [
        (value.get("order", at * 10) if isinstance(value, Mapping) else at * 10, at, name, value)
        for at, (name, value) in enumerate(members.items(), 1)
    ]
    return [(name, value) for _, _, name, value in sorted(places, key=lambda place: place[:2])]


def writable_names(fields: Mapping[str, Field]) -> list[str]:
    """The names that a body may have: the fields', and the currencies of money."""
    return [*fields, *(f"{name}_currency" for name, field in fields.items() if field.type == "money")]


def plural_of(title: str) -> str:
    """An English plural, good enough until somebody writes `plural`; other scripts have none."""
    if not title[-1:].isascii() or not title[-1:].isalpha():
        return title
    if title.endswith(("s", "x", "z", "ch", "sh")):
        return f"{title}es"
    if title.endswith("y") and title[-2:-1] not in "aeiou":
        return f"{title[:-1]}ies"
    return f"{title}s"
