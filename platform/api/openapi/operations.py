"""What operations have in common: their answers, their refusals, who is asking, and that a write happens once."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

ALWAYS: Final = (400, 401, 403, 429, 503)
"""Refusals of every address: parameters are strict, a credential is needed, a database may be away."""

WRITING: Final = (409, 413, 415, 422)
KEY: Final[Mapping[str, Any]] = {"key": []}
BY_KEY_OR_SESSION: Final[tuple[Mapping[str, Any], ...]] = ({"key": []}, {"session": [], "csrf": []})
"""A session's cookie is sent by browsers on their own, so a change needs the session's token as well."""

ID: Final = {"name": "id", "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}}
Operations = dict[str, dict[str, Any]]


def json_of(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": dict(schema)}}


def ref(name: str) -> dict[str, Any]:
    """A component's schema."""
    return {"$ref": f"#/components/schemas/{name}"}


def tagged(found: Mapping[str, Operations], tag: str) -> dict[str, Operations]:
    """The paths, with one tag on every operation."""
    return {
        path: {method: {**each, "tags": [tag]} for method, each in operations.items()}
        for path, operations in found.items()
    }


def header(description: str, **schema: Any) -> dict[str, Any]:
    """A header that is always there."""
    return {"description": description, "required": True, "schema": {"type": "string", **schema}}


ETAG: Final = {"ETag": header("The version", pattern='^"[0-9]+"$')}
LOCATION: Final = {"Location": header("Where it is", format="uri-reference")}


def answer(
    description: str, content: Mapping[str, Any] | None = None, headers: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    found: dict[str, Any] = {"description": description}
    if headers:
        found["headers"] = dict(headers)
    if content is not None:
        found["content"] = dict(content)
    return found


def reading(
    name: str, summary: str, responses: Mapping[str, Any], refusals: Sequence[int] = (), **more: Any
) -> dict[str, Any]:
    """An operation that changes nothing."""
    whole = {"operationId": name, "summary": summary, **more}
    return {**whole, "responses": {**responses, **refused(*ALWAYS, *refusals)}}


def writing(
    name: str, summary: str, responses: Mapping[str, Any], refusals: Sequence[int] = (), **more: Any
) -> dict[str, Any]:
    """An operation that changes something."""
    found = reading(name, summary, responses, (*WRITING, *refusals), **more)
    return {**found, "security": [dict(each) for each in BY_KEY_OR_SESSION]}


def refused(*statuses: int) -> dict[str, Any]:
    return {str(n): {"$ref": f"#/components/responses/E{n}"} for n in sorted(set(statuses))}


def body_of(schema: Mapping[str, Any], *also: str) -> dict[str, Any]:
    """A body that must be sent, as JSON."""
    return {
        "required": True,
        "content": {kind: {"schema": dict(schema)} for kind in ("application/json", *also)},
    }


def names(parameter: str, choices: Sequence[str], description: str) -> dict[str, Any]:
    """A parameter of names separated by commas."""
    items = {"type": "string", "enum": sorted(choices)} if choices else False
    return {
        "name": parameter,
        "in": "query",
        "required": False,
        "description": description,
        "style": "form",
        "explode": False,
        "schema": {"type": "array", "items": items, "uniqueItems": True},
    }
