"""Which HTTP status says which kind of error: the API's only such table."""

from collections.abc import Mapping
from typing import Final

from fieldstone.problems import Kind

STATUS: Final[Mapping[Kind, int]] = {
    "malformed": 400, "unauthenticated": 401, "denied": 403, "not_found": 404, "conflict": 409, "stale": 412,
    "invalid": 422, "refused": 422, "limited": 429, "external": 502, "unavailable": 503, "internal": 500,
}  # fmt: skip

TITLES: Final[Mapping[int, str]] = {
    400: "The request cannot be read",
    401: "Sign in first",
    403: "Not allowed",
    404: "Not found",
    405: "Method not allowed",
    409: "Conflict with something that exists",
    412: "The record has changed",
    413: "Too large",
    415: "This media type is not accepted here",
    422: "The content is not acceptable",
    429: "Too many requests",
    500: "Something went wrong here",
    502: "Another system failed",
    503: "Not available just now",
}
