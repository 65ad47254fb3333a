"""Reading what marshmallow describes: query strings and envelopes, with errors as problems that have a pointer."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, Literal
from uuid import UUID

from marshmallow import RAISE, Schema, ValidationError
from werkzeug.datastructures import MultiDict

from fieldstone.api.answers import is_record_id
from fieldstone.problems import FieldstoneError, Kind, Problem, did_you_mean


class Strict(Schema):
    """A schema in which every name must be known."""

    class Meta:
        unknown = RAISE
        ordered = True


class InvalidRequest(FieldstoneError):
    """Parameters or an envelope that break their schema; `problems` lists each place."""

    code = "request.invalid"
    kind: Kind = "invalid"


class BadParameter(InvalidRequest):
    """Query parameters that cannot be read."""

    code = "parameter"
    kind = "malformed"


def load(schema: Schema, value: Mapping[str, Any], kind: Literal["invalid", "malformed"]) -> dict[str, Any]:
    """The loaded values. Raises InvalidRequest (or BadParameter) with every problem."""
    try:
        found = schema.load(value)
        assert isinstance(found, dict)
        return found
    except ValidationError as error:
        problems = list(_problems(schema, error.messages, ""))
        first = problems[0]
        where = f"{first.path[1:]}: " if first.path else ""
        raise (InvalidRequest if kind == "invalid" else BadParameter)(
            f"{where}{first.message}", problems=problems
        ) from error


def parameters(schema: Schema, sent: "MultiDict[str, str]") -> dict[str, Any]:
    """The parameters of a query string. Raises BadParameter."""
    if not sent:
        return dict(_defaults(schema))
    twice = [name for name, values in sent.lists() if len(values) > 1]
    if twice:
        problem = Problem(f"/{escape(twice[0])}", "twice", f'The parameter "{twice[0]}" stands twice.')
        raise BadParameter(problem.message, problems=[problem])
    return load(schema, sent.to_dict(), "malformed")


@lru_cache(maxsize=100)
def _defaults(schema: Schema) -> Mapping[str, Any]:
    """What a request without parameters asks for; our schemas are as many as there are kinds of requests."""
    return load(schema, {}, "malformed")


def page_cursor(text: str | None) -> UUID | None:
    """The id that a page begins after, of lists that go on by id. Raises BadParameter."""
    if text is None:
        return None
    found = is_record_id(text)
    if found is None:
        problem = Problem("/cursor", "cursor", "This is no cursor of this list.")
        raise BadParameter(problem.message, problems=[problem])
    return found


def escape(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def _problems(schema: Schema | None, messages: Any, path: str) -> Iterator[Problem]:
    if isinstance(messages, Mapping):
        for name, below in messages.items():
            if name == "_schema":
                yield from _problems(schema, below, path)
            else:
                yield from _of_name(schema, str(name), below, path)
    elif isinstance(messages, list):
        for message in messages:
            yield Problem(path, "value", str(message))
    else:
        yield Problem(path, "value", str(messages))


def _of_name(schema: Schema | None, name: str, below: Any, path: str) -> Iterator[Problem]:
    place = f"{path}/{escape(name)}"
    field = schema.fields.get(name) if schema is not None else None
    if field is None and schema is not None and not name.isdecimal():
        keys = [field.data_key or key for key, field in schema.fields.items()]
        field = next((f for key, f in schema.fields.items() if (f.data_key or key) == name), None)
        if field is None:
            yield Problem(
                place,
                "unknown",
                f'There is no "{name}" here{did_you_mean(name, keys) or "."}',
                {"name": name},
            )
            return
    if below == ["Missing data for required field."]:
        yield Problem(place, "required", f'"{name}" is required.')
        return
    inner = getattr(field, "schema", None)
    if inner is None:
        inner = getattr(getattr(field, "inner", None), "schema", None)
    yield from _problems(inner if inner is not None else schema if name.isdecimal() else None, below, place)
