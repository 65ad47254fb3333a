"""The paths of one entity that are about several records being one, or one becoming several."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from fieldstone.api.openapi.operations import ETAG, Operations, answer, body_of, json_of, reading, writing
from fieldstone.api.openapi.shared import COUNT, MAYBE_TEXT, MAYBE_UUID, TEXT, TIME, UUID, many, whole
from fieldstone.engine.permissions import EntityAccess
from fieldstone.metadata.conversion_maps import Conversion
from fieldstone.metadata.definitions import Entity

FOUND: Final = whole(id=MAYBE_UUID, title=MAYBE_TEXT, owner_id=MAYBE_UUID, owner=MAYBE_TEXT)
MATCH: Final = whole(
    rule=TEXT,
    title=TEXT,
    action={"type": "string", "enum": ["block", "warn"]},
    fields=many(TEXT),
    records=many(FOUND),
    rows=many(COUNT),
)
GROUP: Final = whole(
    rule=TEXT,
    title=TEXT,
    count=COUNT,
    records=many(
        whole(
            id=UUID, title=MAYBE_TEXT, owner_id=MAYBE_UUID, owner=MAYBE_TEXT, created_at=TIME, updated_at=TIME
        )
    ),
)
MADE: Final = whole(name=TEXT, entity=TEXT, id=UUID)
ASK: Final[dict[str, Any]] = {
    "name": "duplicates",
    "in": "query",
    "required": False,
    "description": "`ask` refuses, with 409 `duplicate.likely`, a record that is likely there already.",
    "schema": {"type": "string", "enum": ["ask", "allow"]},
}
"""The parameter of creating and changing."""

IDS: Final = {"type": "object", "additionalProperties": {"type": "string", "format": "uuid"}}


def alike_paths(
    entity: Entity,
    access: EntityAccess,
    conversions: Sequence[Conversion],
    record: Mapping[str, Any],
    page: Sequence[Mapping[str, Any]],
) -> dict[str, Operations]:
    """Paths by address; `record` is the schema of the entity's record, `page` the parameters of the report."""
    found: dict[str, Operations] = {}
    name, title = entity.name, entity.title
    if entity.duplicates and access.allows("read"):
        rules = [rule.name for rule in entity.duplicates if rule.names <= access.readable]
        groups = whole(data=many(GROUP), next=MAYBE_TEXT, building={"type": "boolean"})
        asked = {
            "type": "object",
            "required": ["values"],
            "properties": {"values": {"type": "object"}, "id": MAYBE_UUID},
            "additionalProperties": False,
        }
        found[f"/{name}/duplicates"] = {
            "get": reading(
                f"duplicates_{name}", f"{title}: groups of likely duplicates",
                {"200": answer("A page", json_of(groups))}, (404,), parameters=[_rule(each, rules) for each in page],
            ),
            "post": {
                **writing(
                    f"check_duplicates_{name}", f"{title}: what a record that is being entered is likely",
                    {"200": answer("What each rule found", json_of(whole(data=many(MATCH))))}, (404,),
                    requestBody=body_of(asked),
                ),
            },
        }  # fmt: skip
    if conversions and access.allows("update"):
        body = {
            "type": "object",
            "required": ["conversion"],
            "properties": {
                "conversion": {"type": "string", "enum": [each.name for each in conversions]},
                "values": {"type": "object", "additionalProperties": {"type": "object"}},
                "use": {"type": "object", "additionalProperties": MAYBE_UUID},
            },
            "additionalProperties": False,
        }
        done = answer(
            "What was made", json_of(whole(created=many(MADE), used=many(MADE), record=record)), ETAG
        )
        found[f"/{name}/{{id}}/convert"] = {
            "post": writing(
                f"convert_{name}", f"{title}: make others of it", {"201": done}, (404, 412),
                parameters=["If-Match", "Idempotency-Key"], requestBody=body_of(body),
            )
        }  # fmt: skip
    if entity.layer != "base" and access.allows("update") and access.allows("delete"):
        body = {
            "type": "object",
            "required": ["others"],
            "properties": {"others": {**many(UUID), "minItems": 1}, "choose": IDS},
            "additionalProperties": False,
        }
        merged = answer("The record that stays", json_of(whole(merge=UUID, moved=COUNT, record=record)), ETAG)
        kept = whole(entity=TEXT, id=UUID, field=TEXT)
        parted = answer(
            "What came back", json_of(whole(restored=many(UUID), kept=many(kept), record=record)), ETAG
        )
        undo = {**whole(merge=UUID), "additionalProperties": False}
        found[f"/{name}/{{id}}/merge"] = {
            "post": writing(
                f"merge_{name}", f"{title}: merge others into it", {"200": merged}, (404, 412),
                parameters=["If-Match", "Idempotency-Key"], requestBody=body_of(body),
            )
        }  # fmt: skip
        found[f"/{name}/{{id}}/unmerge"] = {
            "post": writing(
                f"unmerge_{name}", f"{title}: undo a merge", {"200": parted}, (404,),
                parameters=["Idempotency-Key"], requestBody=body_of(undo),
            )
        }  # fmt: skip
    return found


def _rule(parameter: Mapping[str, Any], rules: Sequence[str]) -> dict[str, Any]:
    """The parameters of the report, with the rules that there are."""
    if parameter["name"] != "rule":
        return dict(parameter)
    return {**parameter, "schema": {"type": "string", "enum": [*rules]} if rules else parameter["schema"]}
