"""The paths and components of one entity, as far as a caller's rights go."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from fieldstone.api.bodies import MERGE_PATCH
from fieldstone.api.openapi.acting import button_paths, state_paths
from fieldstone.api.openapi.alike import ASK, alike_paths
from fieldstone.api.openapi.approving import record_paths
from fieldstone.api.openapi.choices import Choices
from fieldstone.api.openapi.components import components
from fieldstone.api.openapi.operations import (
    ETAG,
    ID,
    LOCATION,
    Operations,
    answer,
    body_of,
    json_of,
    names,
    reading,
    ref,
    writing,
)
from fieldstone.api.openapi.shared import COUNT, MAYBE_TEXT, NUMBER, many, whole
from fieldstone.api.rights import Names
from fieldstone.engine.imports.saved import NAME
from fieldstone.engine.imports.sources import TYPES
from fieldstone.engine.permissions import EntityAccess
from fieldstone.engine.records.batch import MAX_OPERATIONS
from fieldstone.metadata.contract import Purpose, record_schema
from fieldstone.metadata.definitions import Entity, Model

VERB_OF: Final[Mapping[Purpose, str]] = {"create": "create", "patch": "update", "read": "read"}
ROW: Final = {"type": "object"}
MAPPING_NAME: Final = {
    "name": "name",
    "in": "path",
    "required": True,
    "schema": {"type": "string", "pattern": f"^{NAME}$"},
}


@dataclass(frozen=True, slots=True)
class EntityPaths:
    """What one caller may do with one entity, said in OpenAPI."""

    model: Model
    entity: Entity
    access: EntityAccess
    names: Names
    choices: Choices
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
                if purpose == "read":
                    self.expand(found[self.name(purpose)]["properties"])
        return found

    def expand(self, properties: dict[str, Any]) -> None:
        """Say that a link may be answered as the record it leads to."""
        for name in self.choices.expand:
            properties[name] = {"anyOf": [properties[name], {"type": "object"}]}

    def name(self, purpose: Purpose) -> str:
        return self.entity.name if purpose == "read" else f"{self.entity.name}_{purpose}"

    def paths(self) -> dict[str, Operations]:
        name = self.entity.name
        found = {
            f"/{name}": self.collection(),
            f"/{name}/batch": self.batch(),
            f"/{name}/bulk": self.bulk(),
            **{f"/{name}/bulk/{{id}}{path}": self.bulk_run(path) for path in ("", "/stop", "/undo")},
            f"/{name}/aggregate": self.aggregate(),
            f"/{name}/import": self.imports(),
            f"/{name}/import/mappings": self.mappings(),
            f"/{name}/import/mappings/{{name}}": self.mapping(),
            f"/{name}/schema.json": self.schema(),
            f"/{name}/{{id}}": self.record(),
            f"/{name}/{{id}}/restore": self.restore(),
            f"/{name}/{{id}}/history": self.history(),
            **self.alike(),
            **self.acting(),
            **self.approving(),
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

    def said(self, word: str, summary: str) -> tuple[str, str]:
        """Name and summary of an operation."""
        return f"{word}_{self.entity.name}", f"{self.entity.title}: {summary}"

    def answered(self, status: str = "200", **headers: Any) -> dict[str, Any]:
        """The record, where the caller may read it; partly, where fields were asked for."""
        schema = ref(self.name("read")) if self.access.allows("read") else {}
        return {status: answer("The record", json_of(schema), {**ETAG, **headers})}

    def shape(self) -> list[dict[str, Any]]:
        """The parameters that say how records are answered."""
        return [
            names("fields", self.choices.fields, "Only these fields; id and version are always there."),
            names("expand", self.choices.expand, "Links whose records stand in place of their ids."),
        ]

    def page(self) -> list[dict[str, Any] | str]:
        """The parameters of a list."""
        both = [sign + name for name in self.choices.sort for sign in ("", "-")]
        sort = names(
            "sort", both, "By these fields, `-` before one for descending; over links as in `place.name`."
        )
        if both:
            links = "|".join(name for name in self.choices.expand if name.isascii())
            over = [{"type": "string", "pattern": f"^-?({links})[.]"}] if links else []
            sort["schema"]["items"] = {"anyOf": [{"type": "string", "enum": both}, *over]}
        mine = {str(each["name"]): each for each in (sort, *self.shape())}
        return [mine.get(str(each["name"]), dict(each)) for each in self.parameters["list"]]

    def collection(self) -> Operations:
        found: Operations = {}
        if self.access.allows("read"):
            page = whole(data=many(ref(self.name("read"))), next=MAYBE_TEXT)
            page["properties"] |= {"count": COUNT, "count_is_exact": {"type": "boolean"}}
            found["get"] = reading(
                *self.said("list", "a page of a list"), {"200": answer("A page", json_of(page))}, (404,),
                parameters=self.page(),
            )  # fmt: skip
        if self.access.allows("create"):
            created = self.answered("201", **LOCATION)
            created["201"] |= self.links()
            found["post"] = writing(
                *self.said("create", "create"), created, (404,),
                parameters=[ASK, "Idempotency-Key"], requestBody=body_of(ref(self.name("create"))),
            )  # fmt: skip
        return found

    def links(self) -> dict[str, Any]:
        """Where to go from a new record."""
        words = {"read": ("read", "history"), "update": ("update",), "delete": ("delete",)}
        found = {
            word: {"operationId": f"{word}_{self.entity.name}", "parameters": {"id": "$response.body#/id"}}
            for verb, each in words.items()
            if self.access.allows(verb)
            for word in each
        }
        return {"links": found} if found else {}

    def record(self) -> Operations:
        found: Operations = {}
        both = ["If-Match", "Idempotency-Key"]
        if self.access.allows("read"):
            found["get"] = reading(
                *self.said("read", "read"), self.answered() | {"304": answer("Nothing changed", headers=ETAG)}, (404,),
                parameters=[*self.shape(), "If-None-Match"],
            )  # fmt: skip
        if self.access.allows("update"):
            found["patch"] = writing(
                *self.said("update", "change (merge patch: null clears)"), self.answered(), (404, 412),
                parameters=[ASK, *both], requestBody=body_of(ref(self.name("patch")), MERGE_PATCH),
            )  # fmt: skip
        if self.access.allows("delete"):
            found["delete"] = writing(
                *self.said("delete", "delete"), {"204": answer("Deleted; it can be restored")}, (404, 412), parameters=both
            )  # fmt: skip
        return found

    def batch(self) -> Operations:
        if not any(self.access.allows(verb) for verb in ("create", "update", "delete")):
            return {}
        result = whole(status=NUMBER, record={"type": ["object", "null"]})
        return {
            "post": writing(
                *self.said("batch", "several writes, all or nothing"),
                {"200": answer("All done", json_of(whole(results=many(result))))}, (404, 412),
                parameters=["Idempotency-Key"], requestBody=body_of(self.operations()),
            )
        }  # fmt: skip

    def bulk(self) -> Operations:
        if not any(self.access.allows(verb) for verb in ("update", "delete")):
            return {}
        return {
            "post": writing(
                *self.said("bulk", "one change to many records"), self.bulk_answers(), (404,),
                parameters=["Idempotency-Key"], requestBody=body_of(ref("Bulk")),
            )
        }  # fmt: skip

    def bulk_run(self, path: str) -> Operations:
        if not any(self.access.allows(verb) for verb in ("update", "delete")):
            return {}
        if path == "":
            told = self.said("bulk_read", "a bulk run as it stands")
            return {"get": reading(*told, {"200": answer("The run", json_of(ref("BulkRun")))}, (404,))}
        summary = {
            "/stop": "stop a bulk run; what is done stays",
            "/undo": "take a bulk run back; what was edited since is kept and listed",
        }
        told = self.said(f"bulk_{path[1:]}", summary[path])
        return {"post": writing(*told, self.bulk_answers(), (404,))}

    def bulk_answers(self) -> dict[str, Any]:
        run = json_of(ref("BulkRun"))
        return {"200": answer("The run", run), "202": answer("It goes on; ask its Location", run, LOCATION)}

    def operations(self) -> dict[str, Any]:
        """The body of a batch: each operation has what it needs and no more."""
        one, seen = {"type": "string", "format": "uuid"}, {"type": "integer", "minimum": 1}
        parts: dict[str, dict[str, Any]] = {
            "create": {"record": ref(self.name("create"))},
            "update": {"record": ref(self.name("patch")), "id": one, "if_match": seen},
            "delete": {"id": one, "if_match": seen},
        }
        choices = [
            {
                "type": "object",
                "required": ["op", *(name for name in each if name != "if_match")],
                "properties": {"op": {"const": op}, **each},
                "additionalProperties": False,
            }
            for op, each in parts.items()
            if self.access.allows(op)
        ]
        each = {"type": "array", "maxItems": MAX_OPERATIONS, "items": {"oneOf": choices}}
        return {**whole(operations=each), "additionalProperties": False}

    def aggregate(self) -> Operations:
        if not self.access.allows("read"):
            return {}
        return {
            "post": writing(
                *self.said("aggregate", "groups and figures"), {"200": answer("Rows", json_of(whole(data=many(ROW))))},
                (404,), requestBody=body_of(ref("Aggregate")),
            )
        }  # fmt: skip

    def imports(self) -> Operations:
        if not self.access.allows("import"):
            return {}
        outcome = json_of(ref("Import"))
        kinds = {kind: {"schema": {"type": "string"}} for kind in TYPES}
        return {
            "post": writing(
                *self.said("import", "rows of a file to records"),
                {"200": answer("What came of it", outcome), "202": answer("It goes on", outcome, LOCATION)}, (404,),
                parameters=[*self.parameters["import"], "Idempotency-Key"], requestBody={"required": True, "content": kinds},
            )
        }  # fmt: skip

    def mappings(self) -> Operations:
        if not self.access.allows("import"):
            return {}
        found = json_of(whole(data=many(ref("ImportMapping"))))
        return {
            "get": reading(
                *self.said("mappings", "saved mappings"), {"200": answer("By name", found)}, (404,)
            )
        }

    def mapping(self) -> Operations:
        if not self.access.allows("import"):
            return {}
        saved = {"200": answer("As it is kept", json_of(ref("ImportMapping")))}
        asked: dict[str, Any] = {
            "parameters": [MAPPING_NAME],
            "requestBody": body_of(ref("ImportMappingRequest")),
        }
        return {
            "put": writing(*self.said("put_mapping", "save a mapping"), saved, (404,), **asked),
            "delete": writing(
                *self.said("delete_mapping", "forget a mapping"), {"204": answer("Forgotten")}, (404,),
                parameters=[MAPPING_NAME],
            ),
        }  # fmt: skip

    def schema(self) -> Operations:
        purposes = [purpose for purpose, verb in VERB_OF.items() if self.access.allows(verb)]
        if not purposes:
            return {}
        asked: dict[str, Any] = {"name": "for", "in": "query", "required": "create" not in purposes}
        asked["schema"] = {"type": "string", "enum": purposes}
        content = {"application/schema+json": {"schema": {"type": "object"}}}
        return {
            "get": reading(
                *self.said("schema", "its JSON Schema"), {"200": answer("JSON Schema", content)}, (404,), parameters=[asked]
            )
        }  # fmt: skip

    def restore(self) -> Operations:
        if not self.access.allows("delete"):
            return {}
        return {
            "post": writing(
                *self.said("restore", "bring back a deleted record"), self.answered(), (404,), parameters=["Idempotency-Key"]
            )
        }  # fmt: skip

    def alike(self) -> dict[str, Operations]:
        """Duplicates, merging, conversions."""
        record = ref(self.name("read")) if self.access.allows("read") else ROW
        conversions = self.model.conversions.get(self.entity.name, ())
        return alike_paths(self.entity, self.access, conversions, record, self.parameters["duplicates"])

    def approving(self) -> dict[str, Operations]:
        """Approvals, where there are definitions for records of this entity."""
        known = any(each.entity == self.entity.name for each in self.model.workflows.values())
        return record_paths(self.entity, self.access) if known else {}

    def acting(self) -> dict[str, Operations]:
        """States and buttons, where there are any."""
        record = ref(self.name("read")) if self.access.allows("read") else ROW
        found = state_paths(self.entity, self.access, self.names.readable, record)
        pressed = any(
            each.trigger.on == "button" and each.entity == self.entity.name
            for each in self.model.automations.values()
        )
        return found | (button_paths(self.entity, self.access, record) if pressed else {})

    def history(self) -> Operations:
        if not self.access.allows("read"):
            return {}
        page = whole(data=many(ref("Change")), next=MAYBE_TEXT)
        return {
            "get": reading(
                *self.said("history", "its changes, newest first"), {"200": answer("A page", json_of(page))}, (404,),
                parameters=list(self.parameters["history"]),
            )
        }  # fmt: skip
