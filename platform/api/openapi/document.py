"""The whole document: what every caller has, and the paths of each entity that this caller may use."""

from collections.abc import Mapping
from typing import Any, Final

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from apispec.ext.marshmallow.openapi import OpenAPIConverter
from marshmallow import Schema, fields

from fieldstone.api.answers import json_bytes
from fieldstone.api.handlers.approvals import RUNS as STUCK
from fieldstone.api.handlers.automations import RUNS
from fieldstone.api.handlers.bulk import BULK
from fieldstone.api.handlers.chat_channels import CHANGE as CHANGE_CHANNEL
from fieldstone.api.handlers.chat_channels import CREATE as CREATE_CHANNEL
from fieldstone.api.handlers.duplicates import REPORT
from fieldstone.api.handlers.files import UPLOAD
from fieldstone.api.handlers.imports import IMPORT, MAPPING
from fieldstone.api.handlers.jobs import JOBS, REPLAY
from fieldstone.api.handlers.lists import AGGREGATE, LIST, SEARCH
from fieldstone.api.handlers.metadata import DRAFT, MANY, PART, PLAN, PUBLISH, ROLLBACK
from fieldstone.api.handlers.notifications import PAGE as NOTICES
from fieldstone.api.handlers.records import HISTORY
from fieldstone.api.handlers.spreadsheets import APPLY
from fieldstone.api.handlers.spreadsheets import PARAMETERS as SPREADSHEET
from fieldstone.api.handlers.tasks import PAGE as BOX
from fieldstone.api.handlers.webhooks import CHANGE as CHANGE_WEBHOOK
from fieldstone.api.handlers.webhooks import CREATE as CREATE_WEBHOOK
from fieldstone.api.handlers.webhooks import EVENTS
from fieldstone.api.openapi.acting import SCHEMAS as AUTOMATION_SCHEMAS
from fieldstone.api.openapi.acting import automation_paths
from fieldstone.api.openapi.approving import SCHEMAS as APPROVAL_SCHEMAS
from fieldstone.api.openapi.approving import mending_paths, task_paths
from fieldstone.api.openapi.choices import choices_of
from fieldstone.api.openapi.common import common_paths
from fieldstone.api.openapi.entities import EntityPaths
from fieldstone.api.openapi.importing import COLUMNS, MEANINGS
from fieldstone.api.openapi.jobs import SCHEMAS as JOB_SCHEMAS
from fieldstone.api.openapi.jobs import job_paths
from fieldstone.api.openapi.metadata import SCHEMAS as METADATA_SCHEMAS
from fieldstone.api.openapi.metadata import metadata_paths
from fieldstone.api.openapi.operations import Operations
from fieldstone.api.openapi.shared import add_shared
from fieldstone.api.openapi.telling import SCHEMAS as TELLING_SCHEMAS
from fieldstone.api.openapi.telling import integration_paths, notification_paths
from fieldstone.api.rights import names_of
from fieldstone.engine.permissions import access, may_manage, visible_entities
from fieldstone.engine.transaction import Transaction

VERSION: Final = "3.1.0"
NONE: Final = {"type": "null"}
FILLED: Final = {"type": "string", "minLength": 1}
PARAMETERS: Final[Mapping[str, Schema]] = {
    "list": LIST, "history": HISTORY, "search": SEARCH, "upload": UPLOAD, "import": IMPORT,
    "duplicates": REPORT, "draft": DRAFT, "part": PART, "revisions": MANY,
    "spreadsheet": SPREADSHEET, "jobs": JOBS, "runs": RUNS, "box": BOX, "stuck": STUCK,
    "notices": NOTICES, "events": EVENTS,
}  # fmt: skip
ENVELOPES: Final[Mapping[str, Schema]] = {
    "PlanRequest": PLAN, "PublishRequest": PUBLISH, "RollbackRequest": ROLLBACK,
    "ApplyRequest": APPLY,
}  # fmt: skip

INTEGRATION: Final[Mapping[str, Schema]] = {
    "CreateWebhook": CREATE_WEBHOOK, "ChangeWebhook": CHANGE_WEBHOOK,
    "CreateChatChannel": CREATE_CHANNEL, "ChangeChatChannel": CHANGE_CHANNEL,
}  # fmt: skip


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
    parameters = {
        name: converter.schema2parameters(schema, location="query") for name, schema in PARAMETERS.items()
    }
    add_shared(spec)
    _add(spec, common_paths(parameters))
    for name, schema in APPROVAL_SCHEMAS.items():
        spec.components.schema(name, schema)
    _add(spec, task_paths(parameters["box"]))
    for name, schema in TELLING_SCHEMAS.items():
        spec.components.schema(name, schema)
    _add(spec, notification_paths(parameters["notices"]))
    if may_manage(tx, "company"):
        for name, envelope in INTEGRATION.items():
            spec.components.schema(name, schema=envelope)
        _add(spec, integration_paths(parameters["events"]))
    if may_manage(tx, "metadata"):
        for name, schema in METADATA_SCHEMAS.items():
            spec.components.schema(name, schema)
        for name, envelope in ENVELOPES.items():
            spec.components.schema(name, schema=envelope)
        _add(spec, metadata_paths(parameters))
        for name, schema in AUTOMATION_SCHEMAS.items():
            spec.components.schema(name, schema)
        _add(spec, automation_paths(parameters["runs"]))
        _add(spec, mending_paths(parameters["stuck"]))
    if may_manage(tx, "jobs"):
        for name, schema in JOB_SCHEMAS.items():
            spec.components.schema(name, schema)
        spec.components.schema("ReplayRequest", schema=REPLAY)
        _add(spec, job_paths(parameters))
    visible = sorted(visible_entities(tx.model, tx.context.actor))
    if visible:
        spec.components.schema("Bulk", schema=BULK)
        spec.components.schemas["Bulk"]["oneOf"] = [
            {
                "required": ["ids"],
                "properties": {"ids": {"type": "array", "minItems": 1}, "filter": NONE, "q": NONE},
            },
            {"required": ["filter"], "properties": {"filter": FILLED, "ids": NONE}},
            {"required": ["q"], "properties": {"q": FILLED, "ids": NONE, "filter": NONE}},
        ]
        spec.components.schemas["Bulk"]["anyOf"] = [
            {"properties": {"op": {"const": "delete"}}},
            {"required": ["values"], "properties": {"values": {"type": "object", "minProperties": 1}}},
        ]
        spec.components.schema("ImportMappingRequest", schema=MAPPING)
        spec.components.schemas["ImportMappingRequest"]["properties"] |= {
            "mapping": COLUMNS,
            "values": MEANINGS,
        }
        spec.components.schema("Aggregate", schema=AGGREGATE)
        spec.components.schemas["Aggregate"]["anyOf"] = [
            {"required": [name], "properties": {name: {"type": "array", "minItems": 1}}}
            for name in ("group", "measures")
        ]
    for entity in visible:
        rights = access(tx, entity)
        paths = EntityPaths(
            tx.model,
            tx.model.entities[entity],
            rights,
            names_of(tx, rights),
            choices_of(tx, rights),
            parameters,
        )
        for component, schema in paths.components().items():
            if component not in spec.components.schemas:
                spec.components.schema(component, schema)
        _add(spec, paths.paths())
    return json_bytes(spec.to_dict())


def _schema_name(schema: Any) -> str:
    kind = schema if isinstance(schema, type) else type(schema)
    return str(kind.__name__).removesuffix("Envelope")


def _wire(_: Any, field: fields.Field[Any], **_more: Any) -> dict[str, Any]:
    found = dict(getattr(field, "wire", {}))
    if field.allow_none and "type" in found and not type(field).__name__.startswith("Parameter"):
        found["type"] = [found["type"], "null"]
    return found


def _add(spec: APISpec, paths: Mapping[str, Operations]) -> None:
    for path, operations in paths.items():
        spec.path(path=path, operations=operations)
