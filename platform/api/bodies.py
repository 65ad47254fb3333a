"""Bodies: how much is read, what kind it must be, and JSON read strictly."""

from collections.abc import Mapping
from typing import Any, Final

from flask import Request
from marshmallow import Schema

from fieldstone.api.problems import HttpError
from fieldstone.api.schemas import load
from fieldstone.metadata.json_text import parse_json
from fieldstone.problems import FieldstoneError, Problem

JSON_LIMIT: Final = 5_000_000
MERGE_PATCH: Final = "application/merge-patch+json"


class NotAnObject(FieldstoneError):
    """A body that is JSON, but no object."""

    code = "body.type"
    kind = "invalid"


def read_body(request: Request, limit: int) -> bytes:
    """The whole body. Raises HttpError 413 beyond the limit, before it is read where the length is told."""
    if request.content_length is not None and request.content_length > limit:
        raise too_large(limit)
    request.max_content_length = limit
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise HttpError(415, "body.encoding", "Send the body as it is, without Content-Encoding.")
    return request.get_data(cache=False)


def too_large(limit: int) -> HttpError:
    return HttpError(413, "body.size", f"The body may have at most {limit:,} bytes.")


def json_body(request: Request, raw: bytes, *also: str) -> Any:
    """The value of a JSON body. Raises HttpError 415 and MalformedJson."""
    sent = request.mimetype
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    if sent != "application/json" and sent not in also:
        accepted = " or ".join(("application/json", *also))
        found = f"not {sent}" if sent else "and say so in Content-Type"
        raise HttpError(
            415, "body.type", f"Send {accepted}, {found}.", Accept=", ".join(("application/json", *also))
        )
    if charset not in ("utf-8", "utf8"):
        raise HttpError(415, "body.charset", "Send JSON in UTF-8.")
    return parse_json(raw)


def envelope(schema: Schema, value: Any) -> dict[str, Any]:
    """The checked content of an envelope (batch, aggregate). Raises InvalidRequest with every problem."""
    if not isinstance(value, Mapping):
        problem = Problem("", "type", "The body must be an object.")
        raise NotAnObject(problem.message, problems=[problem])
    return load(schema, value, kind="invalid")
