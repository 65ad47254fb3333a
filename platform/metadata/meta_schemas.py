"""The meta-schemas: which kind of document stands in which folder, what it may say and how its parts merge.

`schemas/<kind>.json` are JSON Schemas that `jsonschema` checks documents by. Their keyword `x-merge` says how
layers merge an array: by `name`, by `const`, or as one `value`; what is described as an object merges member
by member; all else is one value. `x-expression` marks texts that hold an expression.

Documents of one layer may be a patch of what lies below, so `check_document(whole=False)` asks neither for
required members nor for the absence of the marks of patches (null, `$remove`, `$replace`).
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from fieldstone.metadata.json_source import escape
from fieldstone.problems import Problem, did_you_mean

FOLDERS: Final[Mapping[str, str]] = {
    "entities": "entity",
    "forms": "form",
    "views": "view",
    "menus": "menu",
    "roles": "role",
    "workflows": "workflow",
    "tables": "table",
    "automations": "automation",
    "templates": "template",
    "sequences": "sequence",
    "translations": "translation",
    "data": "data",
    "demo": "data",
    "tests": "test",
}
"""Folder of a package -> kind of its documents."""

LATER_FOLDERS: Final = ("reports", "dashboards")
"""Folders of the package format that this version reads past, with a note."""

NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
DIALECT: Final = "https://fieldstone.dev/schemas/{kind}-1.json"
REMOVE: Final = "$remove"
REPLACE: Final = "$replace"

_FOREIGN: Final = re.compile(r"https?://json-schema\.org/(draft/(2020-12|2019-09)|draft-0[67])/schema#?")
_HERE: Final = Path(__file__).parent / "schemas"


@dataclass(slots=True, eq=False)
class Shape:
    """How one place of a document merges; built once per meta-schema and never changed afterwards.

    object   member by member; members that are not described follow `rest`
    keyed    an array of objects, element by element, known by `key`
    value    as a whole
    """

    mode: str = "value"
    members: dict[str, "Shape"] = field(default_factory=dict)
    rest: "Shape | None" = None
    key: str = ""
    item: "Shape | None" = None

    def member(self, name: str) -> "Shape":
        return self.members.get(name) or self.rest or VALUE


VALUE: Final = Shape()


@cache
def meta_schema(kind: str) -> Mapping[str, Any]:
    schema: Mapping[str, Any] = json.loads((_HERE / f"{kind}.json").read_text("utf-8"))
    return schema


@cache
def shape_of(kind: str) -> Shape:
    """How documents of a kind merge."""
    schema = meta_schema(kind)
    return _shape(schema, schema, {})


def _shape(schema: Any, root: Mapping[str, Any], known: dict[str, Shape]) -> Shape:
    ref = schema.get("$ref", "") if isinstance(schema, Mapping) else ""
    if ref:
        if ref not in known:
            known[ref] = Shape()
            made = _shape(root["$defs"][ref.removeprefix("#/$defs/")], root, known)
            for name in ("mode", "members", "rest", "key", "item"):
                setattr(known[ref], name, getattr(made, name))
        return known[ref]
    if not isinstance(schema, Mapping) or schema.get("x-merge") == "value":
        return VALUE
    if "x-merge" in schema:
        return Shape("keyed", key=schema["x-merge"], item=_shape(schema["items"], root, known))
    rest = schema.get("additionalProperties")
    if "properties" not in schema and not isinstance(rest, Mapping) and rest is not True:
        return VALUE
    members = {name: _shape(inner, root, known) for name, inner in schema.get("properties", {}).items()}
    return Shape("object", members, _shape(rest, root, known) if isinstance(rest, Mapping) else VALUE)


def dialect(kind: str, body: Mapping[str, Any]) -> tuple[bool, Problem | None]:
    """Whether unknown keywords are errors, and a problem when `$schema` names nothing known."""
    ours, named = DIALECT.format(kind=kind), body.get("$schema")
    if kind != "entity":
        return True, None
    if named is None or (isinstance(named, str) and _FOREIGN.fullmatch(named)):
        return False, None
    if named == ours:
        return True, None
    known = [ours, "https://json-schema.org/draft/2020-12/schema"]
    message = f'"$schema" is "{named}", which is no dialect known here{did_you_mean(str(named), known)}'
    return False, Problem("/$schema", "schema.dialect", f"{message} (known: {', '.join(known)})")


@cache
def _validator(kind: str) -> Draft202012Validator:
    return Draft202012Validator(dict(meta_schema(kind)))


def check_document(kind: str, body: Any, *, whole: bool) -> tuple[list[Problem], list[Problem]]:
    """Problems and notes of one document by its meta-schema."""
    if not isinstance(body, Mapping):
        return [Problem("", "type", f"expected an object, found {describe(body)}")], []
    strict, wrong = dialect(kind, body)
    problems: list[Problem] = [wrong] if wrong else []
    notes: list[Problem] = []
    for error in _validator(kind).iter_errors(body):
        for problem in _problems_of(error):
            if problem.code == "keyword.unknown":
                if not whole and problem.data["found"] in (REMOVE, REPLACE):
                    continue
                (problems if strict else notes).append(problem)
            elif whole or not _is_patch_mark(error):
                problems.append(problem)
    return problems, notes


def _is_patch_mark(error: ValidationError) -> bool:
    if error.validator == "required":
        return True
    instance = error.instance
    return instance is None or (isinstance(instance, Mapping) and set(instance) == {REPLACE})


def _problems_of(error: ValidationError) -> Iterator[Problem]:
    pointer = "".join(f"/{escape(part)}" for part in error.absolute_path)
    instance, wanted = error.instance, error.validator_value
    match error.validator:
        case "additionalProperties":
            known = error.schema["properties"]
            for name in instance:
                if name not in known:
                    message = f'unknown keyword "{name}"{did_you_mean(name, known)}'
                    yield Problem(f"{pointer}/{escape(name)}", "keyword.unknown", message, {"found": name})
        case "required":
            for name in wanted:
                if name not in instance:
                    yield Problem(f"{pointer}/{escape(name)}", "required", f'"{name}" is missing')
        case "type":
            words = " or ".join([wanted] if isinstance(wanted, str) else wanted)
            yield Problem(pointer, "type", f"expected {words}, found {describe(instance)}")
        case "enum":
            near = did_you_mean(instance, wanted) if isinstance(instance, str) else ""
            choice = ", ".join(map(str, wanted))
            yield Problem(pointer, "enum", f"{describe(instance)} is none of {choice}{near}")
        case "const":
            yield Problem(pointer, "const", f"expected {wanted!r}, found {describe(instance)}")
        case _:
            yield Problem(pointer, str(error.validator), error.message[:300])


def describe(value: Any) -> str:
    """A value in a message: short, in JSON's words."""
    if isinstance(value, Mapping):
        return "an object"
    if isinstance(value, list):
        return "a list"
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else f"{text[:57]}..."
