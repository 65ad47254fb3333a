"""The paths and components of one entity, as far as a caller's rights go."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from fieldstone.api.bodies import MERGE_PATCH
from fieldstone.api.openapi.components import components
from fieldstone.api.rights import Names
from fieldstone.engine.imports.sources import TYPES
from fieldstone.engine.permissions import EntityAccess
from fieldstone.metadata.contract import Purpose, record_schema
from fieldstone.metadata.definitions import Entity, Model

VERB_OF: Final[Mapping[Purpose, str]] = {"create": "create", "patch": "update", "read": "read"}
ID: Final = {"name": "id", "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}}
ETAG: Final = {"ETag": {"description": "The record's version", "schema": {"type": "string"}}}
Operations = dict[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class EntityPaths:
    """What one caller may do with one entity, said in OpenAPI."""

    model: Model
    entity: Entity
    access: EntityAccess
    names: Names
    parameters: Mapping[str, Sequence[Mapping[str, Any]]]

    def components(self) -> dict[str, dict[str, Any]]:
        """The schemas of what may be sent and of what is answered."""
        found: dict[str, dict[str, Any]] = {}
        for purpose, verb in VERB_OF.items():
            if self.access.allows(verb):
                schema = record_schema(
                    self.model, self.entity, purpose, self.names.readable, self.names.writable
                )
                found.update(components(self.name(purpose), schema))
        return found

    def name(self, purpose: Purpose) -> str:
        return self.entity.name if purpose == "read" else f"{self.entity.name}_{purpose}"

    def paths(self) -> dict[str, Operations]:
        name = self.entity.name
        found = {
            f"/{name}": self.collection(),
            f"/{name}/batch": self.batch(),
            f"/{name}/aggregate": self.aggregate(),
            f"/{name}/import": self.imports(),
            f"/{name}/schema.json": self.schema(),
            f"/{name}/{{id}}": self.record(),
            f"/{name}/{{id}}/restore": self.restore(),
            f"/{name}/{{id}}/history": self.history(),
        }
        return {
            path: {method: self.identified(path, each) for method, each in operations.items()}
            for path, operations in found.items()
            if operations
        }

    def identified(self, path: str, operation: dict[str, Any]) -> dict[str, Any]:
        if "{id}" in path:
            operation["parameters"] = [ID, *operation.get("parameters", ())]
        operation["tags"] = [self.entity.name]
        return operation

    def operation(
        self, word: str, summary: str, responses: dict[str, Any], errors: Sequence[int], **more: Any
    ) -> dict[str, Any]:
        refused = {str(n): {"$ref": f"#/components/responses/E{n}"} for n in (401, 403, 404, *errors)}
        whole = {"operationId": f"{word}_{self.entity.name}", "summary": f"{self.entity.title}: {summary}"}
        return {**whole, **more, "responses": {**responses, **refused}}

    def answered(self, status: str = "200", **more: Any) -> dict[str, Any]:
        """The record, where the caller may read it."""
        schema = {"$ref": f"#/components/schemas/{self.name('read')}"} if self.access.allows("read") else {}
        return {status: {"description": "The record", "headers": ETAG, "content": json_of(schema), **more}}

    def body(self, purpose: Purpose, *also: str) -> dict[str, Any]:
        schema = {"$ref": f"#/components/schemas/{self.name(purpose)}"}
        return {
            "required": True,
            "content": {kind: {"schema": schema} for kind in ("application/json", *also)},
        }

    def collection(self) -> Operations:
        found: Operations = {}
        if self.access.allows("read"):
            page = {
                "type": "object",
                "required": ["data", "next"],
                "properties": {
                    "data": {"type": "array", "items": {"$ref": f"#/components/schemas/{self.name('read')}"}},
                    "next": {"type": ["string", "null"], "description": "The cursor of the next page."},
                    "count": {"type": "integer"},
                    "count_is_exact": {"type": "boolean"},
                },
            }
            found["get"] = self.operation(
                "list", "a page of a list", {"200": {"description": "A page", "content": json_of(page)}}, (400,),
                parameters=list(self.parameters["list"]),
            )  # fmt: skip
        if self.access.allows("create"):
            found["post"] = self.operation(
                "create", "create", self.answered("201"), (400, 409, 413, 415, 422),
                parameters=["Idempotency-Key"], requestBody=self.body("create"),
            )  # fmt: skip
        return found

    def record(self) -> Operations:
        found: Operations = {}
        both = ["If-Match", "Idempotency-Key"]
        if self.access.allows("read"):
            parameters = list(self.parameters["shape"])
            found["get"] = self.operation("read", "read", self.answered(), (400,), parameters=parameters)
        if self.access.allows("update"):
            found["patch"] = self.operation(
                "update", "change (merge patch: null clears)", self.answered(), (400, 409, 412, 413, 415, 422),
                parameters=both, requestBody=self.body("patch", MERGE_PATCH),
            )  # fmt: skip
        if self.access.allows("delete"):
            done = {"204": {"description": "Deleted; it can be restored"}}
            found["delete"] = self.operation("delete", "delete", done, (409, 412, 422), parameters=both)
        return found

    def batch(self) -> Operations:
        if not any(self.access.allows(verb) for verb in ("create", "update", "delete")):
            return {}
        result = {
            "type": "object",
            "properties": {"status": {"type": "integer"}, "record": {"type": ["object", "null"]}},
        }
        results = {"type": "object", "properties": {"results": {"type": "array", "items": result}}}
        return {
            "post": self.operation(
                "batch", "several writes, all or nothing",
                {"200": {"description": "All done", "content": json_of(results)}}, (400, 409, 412, 413, 415, 422),
                parameters=["Idempotency-Key"],
                requestBody={"required": True, "content": json_of({"$ref": "#/components/schemas/Batch"})},
            )
        }  # fmt: skip

    def aggregate(self) -> Operations:
        if not self.access.allows("read"):
            return {}
        rows = {"type": "object", "properties": {"data": {"type": "array", "items": {"type": "object"}}}}
        return {
            "post": self.operation(
                "aggregate", "groups and figures", {"200": {"description": "Rows", "content": json_of(rows)}},
                (400, 415, 422),
                requestBody={"required": True, "content": json_of({"$ref": "#/components/schemas/Aggregate"})},
            )
        }  # fmt: skip

    def imports(self) -> Operations:
        if not self.access.allows("import"):
            return {}
        outcome = {
            "description": "What came of it",
            "content": json_of({"$ref": "#/components/schemas/Import"}),
        }
        names = {"mode": ["create", "update", "upsert"], "key": None, "dry_run": BOTH, "partial": BOTH}
        parameters = [
            {
                "name": n,
                "in": "query",
                "required": False,
                "schema": {"type": "string", **({"enum": e} if e else {})},
            }
            for n, e in names.items()
        ]
        kinds = {kind: {"schema": {"type": "string"}} for kind in TYPES}
        return {
            "post": self.operation(
                "import", "rows of a file to records", {"200": outcome}, (400, 413, 415, 422),
                parameters=parameters, requestBody={"required": True, "content": kinds},
            )
        }  # fmt: skip

    def schema(self) -> Operations:
        purposes = [purpose for purpose, verb in VERB_OF.items() if self.access.allows(verb)]
        if not purposes:
            return {}
        asked = {
            "name": "for",
            "in": "query",
            "required": False,
            "schema": {"type": "string", "enum": purposes},
        }
        content = {"application/schema+json": {"schema": {"type": "object"}}}
        return {
            "get": self.operation(
                "schema", "its JSON Schema", {"200": {"description": "JSON Schema", "content": content}}, (400,),
                parameters=[asked],
            )
        }  # fmt: skip

    def restore(self) -> Operations:
        if not self.access.allows("delete"):
            return {}
        return {"post": self.operation("restore", "bring back a deleted record", self.answered(), (409, 422))}

    def history(self) -> Operations:
        if not self.access.allows("read"):
            return {}
        changes = {"type": "array", "items": {"$ref": "#/components/schemas/Change"}}
        page = {"type": "object", "properties": {"data": changes, "next": {"type": ["string", "null"]}}}
        return {
            "get": self.operation(
                "history", "its changes, newest first", {"200": {"description": "A page", "content": json_of(page)}},
                (400,), parameters=list(self.parameters["history"]),
            )
        }  # fmt: skip


BOTH: Final = ["true", "false"]


def json_of(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": dict(schema)}}
