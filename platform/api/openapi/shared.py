"""The components that every document has: what problems, files, hits, changes and imports look like; headers; credentials."""

from typing import Any, Final, get_args

from apispec import APISpec

from fieldstone.api.answers import PROBLEM
from fieldstone.api.openapi.operations import header, ref
from fieldstone.api.statuses import TITLES
from fieldstone.engine.imports.result import State

UUID: Final = {"type": "string", "format": "uuid"}
MAYBE_UUID: Final = {"type": ["string", "null"], "format": "uuid"}
TEXT: Final = {"type": "string"}
MAYBE_TEXT: Final = {"type": ["string", "null"]}
NUMBER: Final = {"type": "integer"}
COUNT: Final = {"type": "integer", "minimum": 0}
TIME: Final = {"type": "string", "format": "date-time"}
MAYBE_TIME: Final = {"type": ["string", "null"], "format": "date-time"}
BOOLEAN: Final = {"type": "boolean"}

TAG: Final = r'^(\*|"[!#-~]*")$'
"""An entity tag (RFC 9110, 8.8.3); ours are versions, and others are none that a record has."""


def whole(**properties: Any) -> dict[str, Any]:
    """An object that has all of these."""
    return {"type": "object", "required": sorted(properties), "properties": properties}


def many(items: Any) -> dict[str, Any]:
    return {"type": "array", "items": items}


SCHEMAS: Final[dict[str, dict[str, Any]]] = {
    "Problem": {
        **whole(
            type={"type": "string", "format": "uri"},
            title=TEXT,
            status=NUMBER,
            detail={"type": "string", "description": "For people."},
            code={"type": "string", "description": "Stable; for programs."},
            request_id=TEXT,
            errors=many(
                whole(
                    pointer={"type": "string", "description": "JSON pointer into the body, or /parameter."},
                    code=TEXT,
                    message=TEXT,
                )
            ),
        ),
        "description": "What is wrong (RFC 9457).",
    },
    "File": whole(id=UUID, name=TEXT, size=COUNT, type=TEXT),
    "Hit": whole(entity=TEXT, id=UUID, title=MAYBE_TEXT),
    "Change": whole(
        id=UUID,
        at=TIME,
        actor=MAYBE_UUID,
        verb=TEXT,
        revision=NUMBER,
        changes={"type": "object", "additionalProperties": whole(old={}, new={})},
    ),
    "Import": whole(
        id=MAYBE_UUID,
        entity=TEXT,
        state={"type": "string", "enum": sorted(get_args(State))},
        dry_run={"type": "boolean"},
        rows=COUNT,
        position=COUNT,
        created=COUNT,
        updated=COUNT,
        failed=COUNT,
        errors=many(whole(row=NUMBER, column=MAYBE_TEXT, code=TEXT, message=TEXT, suggestion=MAYBE_TEXT)),
        error_counts={"type": "object", "additionalProperties": COUNT},
        links=many(
            whole(
                field=TEXT,
                column=MAYBE_TEXT,
                value=TEXT,
                code=TEXT,
                count=COUNT,
                rows=many(NUMBER),
                suggestion=MAYBE_TEXT,
                suggestion_id=MAYBE_TEXT,
            )
        ),
        mapping={"type": "object"},
        notes=many(TEXT),
        reverting={"anyOf": [{"type": "null"}, whole(done=COUNT, total=COUNT)]},
    ),
    "ImportMapping": whole(
        name=TEXT,
        mode=TEXT,
        key=many(TEXT),
        mapping={"type": "object"},
        values={"type": "object"},
        clear_blanks={"type": "boolean"},
        saved_at=TIME,
        saved_by=MAYBE_UUID,
    ),
    "BulkRun": {
        **whole(
            id=UUID,
            entity=TEXT,
            op={"type": "string", "enum": ["update", "delete"]},
            values={"type": "object"},
            state={
                "type": "string",
                "enum": ["waiting", "running", "done", "stopped", "reverting", "reverted"],
            },
            rows=COUNT,
            position=COUNT,
            done=COUNT,
            failed=COUNT,
            errors=many(whole(id=UUID, code=TEXT, message=TEXT)),
        ),
        "description": "One change to many records. After an undo also `reverted` and `kept`.",
    },
    "Reverted": whole(reverted=COUNT, kept=many({"type": "object"})),
    "Me": whole(
        id=MAYBE_UUID,
        name=TEXT,
        roles=many(TEXT),
        teams=many(UUID),
        locale=MAYBE_TEXT,
        time_zone=MAYBE_TEXT,
        tenant=TEXT,
        revision=NUMBER,
        company=whole(
            name=MAYBE_TEXT, currency=TEXT, time_zone=TEXT, languages=many(TEXT), fiscal_year_start=NUMBER
        ),
    ),
}
CREDENTIALS: Final[dict[str, dict[str, str]]] = {
    "key": {"type": "http", "scheme": "bearer", "description": "A key: all that its user may do."},
    "session": {"type": "apiKey", "in": "cookie", "name": "fieldstone_session"},
    "csrf": {
        "type": "apiKey",
        "in": "header",
        "name": "X-CSRF-Token",
        "description": "The session's token, which a change needs beside its cookie.",
    },
}
HEADERS: Final[dict[str, tuple[dict[str, Any], str]]] = {
    "If-Match": (
        {"type": "string", "pattern": TAG, "examples": ["*", '"3"']},
        'The version that was seen, such as `"3"`; another one is refused with 412. `*` is any.',
    ),
    "If-None-Match": (
        {"type": "string", "pattern": TAG, "examples": ['"3"']},
        "The version that is known already; the answer is then 304 where nothing changed.",
    ),
    "Idempotency-Key": (
        {"type": "string", "pattern": r"^[!-~]([ -~]{0,253}[!-~])?$"},
        "Makes the request happen once within 24 hours, however often it is sent.",
    ),
}
RETRY: Final = {"Retry-After": header("Seconds to wait", pattern="^[0-9]+$")}


def add_shared(spec: APISpec) -> None:
    """Put them into the document."""
    for name, schema in SCHEMAS.items():
        spec.components.schema(name, schema)
    told = {PROBLEM: {"schema": ref("Problem")}}
    for status, title in TITLES.items():
        response: dict[str, Any] = {"description": title, "content": told}
        if status == 401:
            response["headers"] = {"WWW-Authenticate": header("How to sign in")}
        if status in (429, 503):
            response["headers"] = RETRY
        spec.components.response(f"E{status}", response)
    for name, scheme in CREDENTIALS.items():
        spec.components.security_scheme(name, scheme)
    for name, (schema, description) in HEADERS.items():
        found = {"name": name, "in": "header", "required": False, "schema": schema}
        spec.components.parameter(name, "header", {**found, "description": description})
