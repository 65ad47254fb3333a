"""The whole document: what every caller has, and the paths of each entity that this caller may use."""

from typing import Any, Final

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from apispec.ext.marshmallow.openapi import OpenAPIConverter
from marshmallow import fields

from fieldstone.api.answers import PROBLEM, json_bytes
from fieldstone.api.handlers.lists import AGGREGATE, BATCH, LIST, SEARCH
from fieldstone.api.handlers.records import HISTORY, SHAPE
from fieldstone.api.openapi.entities import EntityPaths
from fieldstone.api.rights import names_of
from fieldstone.api.statuses import TITLES
from fieldstone.engine.files import THUMBNAIL_TYPE
from fieldstone.engine.permissions import access, visible_entities
from fieldstone.engine.transaction import Transaction

VERSION: Final = "3.1.0"
PROBLEM_SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "description": "What is wrong (RFC 9457).",
    "required": ["type", "title", "status", "detail", "code", "request_id", "errors"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "For people."},
        "code": {"type": "string", "description": "Stable; for programs."},
        "request_id": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "code", "message"],
                "properties": {
                    "pointer": {
                        "type": "string",
                        "description": "JSON pointer into the body, or /parameter.",
                    },
                    "code": {"type": "string"},
                    "message": {"type": "string"},
                },
            },
        },
    },
}
FILE_SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["id", "name", "size", "type"],
    "properties": {
        "id": {"type": "string", "format": "uuid"},
        "name": {"type": "string"},
        "size": {"type": "integer"},
        "type": {"type": "string"},
    },
}
HIT_SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["entity", "id", "title"],
    "properties": {
        "entity": {"type": "string"},
        "id": {"type": "string", "format": "uuid"},
        "title": {"type": ["string", "null"]},
    },
}
CHANGE_SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["id", "at", "actor", "verb", "revision", "changes"],
    "properties": {
        "id": {"type": "string", "format": "uuid"},
        "at": {"type": "string", "format": "date-time"},
        "actor": {"type": ["string", "null"], "format": "uuid"},
        "verb": {"type": "string"},
        "revision": {"type": "integer"},
        "changes": {
            "type": "object",
            "additionalProperties": {"type": "object", "properties": {"old": {}, "new": {}}},
        },
    },
}
IMPORT_SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["id", "state", "rows", "created", "updated", "failed", "errors"],
    "properties": {
        "id": {"type": ["string", "null"], "format": "uuid"},
        "state": {"type": "string"},
        **{name: {"type": "integer"} for name in ("rows", "created", "updated", "failed")},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "row": {"type": "integer"},
                    **{n: {"type": ["string", "null"]} for n in ("column", "code", "message", "suggestion")},
                },
            },
        },
    },
}


class Converter(OpenAPIConverter):
    """Fields to JSON Schema; a default of None only means "left out" and is not said."""

    def field2default(self, field: Any, **more: Any) -> dict[str, Any]:
        found: dict[str, Any] = super().field2default(field, **more)
        return found if found.get("default") is not None else {}


class Plugin(MarshmallowPlugin):
    """apispec's plugin with our converter."""

    Converter = Converter


def build(tx: Transaction, base: str) -> bytes:
    """The document as JSON."""
    plugin = Plugin(schema_name_resolver=_schema_name)
    spec = APISpec(
        title=f"{tx.context.company.name or tx.context.tenant.name}: records",
        version=str(tx.context.revision),
        openapi_version=VERSION,
        plugins=[plugin],
        info={"description": "What this key or session may do here. Other callers may see another document."},
        servers=[{"url": base}],
        security=[{"key": []}, {"session": []}],
    )
    converter = plugin.converter
    assert converter is not None
    converter.add_attribute_function(_wire)  # type: ignore[no-untyped-call]
    _everybody(spec)
    parameters = {
        name: converter.schema2parameters(schema, location="query")
        for name, schema in {"list": LIST, "shape": SHAPE, "history": HISTORY, "search": SEARCH}.items()
    }
    spec.components.schema("Batch", schema=BATCH)
    spec.components.schema("Aggregate", schema=AGGREGATE)
    _common_paths(spec, parameters["search"])
    for name in sorted(visible_entities(tx.model, tx.context.actor)):
        rights = access(tx, name)
        paths = EntityPaths(tx.model, tx.model.entities[name], rights, names_of(tx, rights), parameters)
        for component, schema in paths.components().items():
            if component not in spec.components.schemas:
                spec.components.schema(component, schema)
        for path, operations in paths.paths().items():
            spec.path(path=path, operations=operations)
    return json_bytes(spec.to_dict())


def _schema_name(schema: Any) -> str:
    kind = schema if isinstance(schema, type) else type(schema)
    return str(kind.__name__).removesuffix("Envelope")


def _wire(_: Any, field: fields.Field[Any], **_more: Any) -> dict[str, Any]:
    return dict(getattr(field, "wire", {}))


def _everybody(spec: APISpec) -> None:
    for name, schema in {
        "Problem": PROBLEM_SCHEMA, "File": FILE_SCHEMA, "Hit": HIT_SCHEMA, "Change": CHANGE_SCHEMA,
        "Import": IMPORT_SCHEMA,
    }.items():  # fmt: skip
        spec.components.schema(name, schema)
    told = {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for status, title in TITLES.items():
        spec.components.response(f"E{status}", {"description": title, "content": told})
    spec.components.security_scheme("key", {"type": "http", "scheme": "bearer"})
    cookie = {"type": "apiKey", "in": "cookie", "name": "fieldstone_session"}
    spec.components.security_scheme("session", cookie)
    for name, description in {
        "If-Match": 'The version that was seen, such as `"3"`; another one is refused with 412.',
        "Idempotency-Key": "Makes the request happen once within 24 hours, however often it is sent.",
    }.items():
        header = {"name": name, "in": "header", "required": False, "schema": {"type": "string"}}
        spec.components.parameter(name, "header", {**header, "description": description})


def _common_paths(spec: APISpec, search: list[dict[str, Any]]) -> None:
    def answered(schema: dict[str, Any], status: str = "200", description: str = "Done") -> dict[str, Any]:
        return {
            status: {"description": description, "content": {"application/json": {"schema": schema}}},
            "401": {"$ref": "#/components/responses/E401"},
        }

    identity = {"type": "object", "properties": {"id": {"type": "string"}, "name": {"type": "string"}}}
    spec.path(
        path="/me",
        operations={"get": {"operationId": "me", "summary": "Who I am", "responses": answered(identity)}},
    )
    hits = {
        "type": "object",
        "properties": {"data": {"type": "array", "items": {"$ref": "#/components/schemas/Hit"}}},
    }
    spec.path(
        path="/search",
        operations={
            "get": {
                "operationId": "search",
                "summary": "Records of any entity that hold all the words",
                "parameters": search,
                "responses": answered(hits),
            }
        },
    )
    binary = {"type": "string", "contentMediaType": "application/octet-stream"}
    form = {"type": "object", "required": ["file"], "properties": {"file": binary}}
    spec.path(
        path="/files",
        operations={
            "post": {
                "operationId": "upload",
                "summary": "Store a file",
                "requestBody": {
                    "content": {"multipart/form-data": {"schema": form}, "*/*": {"schema": binary}}
                },
                "responses": answered({"$ref": "#/components/schemas/File"}, "201", "Stored"),
            }
        },
    )
    ident = {"name": "id", "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}}
    spec.path(
        path="/files/{id}",
        parameters=[ident],
        operations={
            "get": {
                "operationId": "download",
                "summary": "The content of a file",
                "responses": {
                    "200": {"description": "The content", "content": {"*/*": {"schema": binary}}},
                    "404": {"$ref": "#/components/responses/E404"},
                },
            }
        },
    )
    spec.path(
        path="/files/{id}/thumbnail",
        parameters=[ident],
        operations={
            "get": {
                "operationId": "thumbnail",
                "summary": "A picture, made small",
                "responses": {
                    "200": {"description": "The picture", "content": {THUMBNAIL_TYPE: {"schema": binary}}},
                    "404": {"$ref": "#/components/responses/E404"},
                },
            }
        },
    )
    spec.path(
        path="/imports/{id}",
        parameters=[ident],
        operations={
            "get": {
                "operationId": "read_import",
                "summary": "An import as it stands",
                "responses": answered({"$ref": "#/components/schemas/Import"}),
            }
        },
    )
