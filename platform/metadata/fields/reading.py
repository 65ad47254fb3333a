"""From a property of an entity document to a Field, or to everything that is wrong with it.

The property's JSON Schema is made self-contained, our keywords are taken out and checked, the type is named
or inferred, and the type makes of it what it understands. There is always a Field, so that one wrong
property does not hide the problems of the others.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from types import MappingProxyType
from typing import Any, Final

from jsonschema import Draft202012Validator

from fieldstone.metadata.definitions import Field
from fieldstone.metadata.fields.base import (
    INVALID,
    Check,
    FieldType,
    JsonSchema,
    Shortcut,
    Source,
    escaped,
    join,
)
from fieldstone.metadata.fields.computed import kind_schema
from fieldstone.metadata.fields.inference import TEXT_LIMIT, infer, single_types
from fieldstone.metadata.fields.jsonschema_bridge import problems_of, schema_check, schema_validator
from fieldstone.metadata.fields.keywords import (
    ANNOTATIONS,
    ASSERTIONS,
    COMMON,
    EXPRESSIONS,
    STANDARD_KEYWORDS,
)
from fieldstone.metadata.fields.legal import plainly_legal
from fieldstone.metadata.fields.refs import ResolveRef, localise
from fieldstone.metadata.fields.registry import FIELD_TYPES
from fieldstone.problems import Problem, did_you_mean

META: Final = Draft202012Validator(Draft202012Validator.META_SCHEMA)

KEPT_ANNOTATIONS: Final = frozenset(("examples", "deprecated", "$comment"))

FLAGS: Final = ("unique", "index", "search", "sensitive")


def read_field(
    name: str,
    schema: JsonSchema | bool,
    *,
    entity: str,
    pointer: str,
    resolve_ref: ResolveRef,
    required: bool = False,
    strict: bool = True,
) -> tuple[Field, list[Problem]]:
    """The field that a property schema defines; see README.md for what is left to the compiler."""
    problems: list[Problem] = []
    whole = expand(schema, resolve_ref, pointer, problems)
    plain = {key: value for key, value in whole.items() if key in STANDARD_KEYWORDS or key.startswith("$")}
    ours = {key: value for key, value in whole.items() if key not in plain}
    standard = without_lines(plain, ours)
    if wrong := [] if plainly_legal(standard) else list(META.iter_errors(standard)):
        for error in wrong:
            at = pointer + "".join(f"/{escaped(str(part))}" for part in error.absolute_path)
            problems.append(Problem(at, "keyword.value", f"not a legal JSON Schema: {error.message[:300]}"))
        plain = {key: plain[key] for key in ("title", "description") if isinstance(plain.get(key), str)}
    kind = field_type(plain, ours, pointer, problems)
    check_vocabulary(kind, ours, pointer, problems, strict)
    lined = plain if kind.id in ("lines", "multi_link") else None
    local, defs, found = localise({} if lined else plain, resolve_ref, pointer)
    problems += found
    source = Source(name, entity, pointer, without_told(lined or local), ours)
    attributes = kind.read(source)
    problems += source.problems
    settings = attributes.pop("settings", {})
    if defs:
        settings["$defs"] = defs
    if expressions := {key: ours[key] for key in EXPRESSIONS if isinstance(ours.get(key), str)}:
        settings["expressions"] = expressions
    flags: dict[str, Any] = {flag: ours.get(flag) is True for flag in FLAGS}
    attributes.setdefault("read_only", plain.get("readOnly") is True)
    field = Field(
        name=name,
        type=kind.id,
        title=plain.get("title") or title_of(name),
        description=plain.get("description", ""),
        required=required,
        nullable=not kind.computed and lined is None and allows_null(kind.id, local, defs),
        renamed_from=ours.get("renamedFrom"),
        approval=ours["approval"] if isinstance(ours.get("approval"), str) else None,
        settings=MappingProxyType(settings),
        **flags,
        **attributes,
    )
    problems += index_problems(kind, field, pointer)
    if "default" in plain:
        field = with_default(field, plain["default"], pointer, problems)
    return field, problems


def expand(schema: Any, resolve_ref: ResolveRef, pointer: str, problems: list[Problem]) -> dict[str, Any]:
    """The property with a reference at its top replaced by what it names: so a shared definition can be a
    column."""
    whole = {} if schema is True else {"not": {}} if schema is False else dict(schema)
    seen: set[str] = set()
    while isinstance(ref := whole.get("$ref"), str) and ref.startswith("#") and ref not in seen:
        target = resolve_ref(ref)
        if not isinstance(target, Mapping):
            break
        seen.add(ref)
        del whole["$ref"]
        clash = {k for k in set(target) & set(whole) & ASSERTIONS if target[k] != whole[k]}
        above = [{key: target[key]} for key in sorted(clash)]
        whole = {**target, **whole}
        if above:
            whole["allOf"] = [*whole.get("allOf", ()), *above]
    if whole.get("$ref") in seen:
        problems.append(
            Problem(
                f"{pointer}/$ref", "ref.loop", f'the reference "{whole.pop("$ref")}" leads back to itself'
            )
        )
    return whole


def field_type(plain: JsonSchema, ours: JsonSchema, pointer: str, problems: list[Problem]) -> FieldType:
    """The type that `field` names, or that the schema says."""
    named = ours.get("field")
    if named is None:
        return FIELD_TYPES[infer(plain)]
    if not isinstance(named, str) or named not in FIELD_TYPES:
        message = f"there is no field type {named!r}{did_you_mean(str(named), FIELD_TYPES)}"
        problems.append(Problem(f"{pointer}/field", "field.type_unknown", message))
        return FIELD_TYPES["json"]
    kind = FIELD_TYPES[named]
    types = single_types(plain)
    allowed = {*kind.json_types, *(("integer",) if "number" in kind.json_types else ())}
    if types and not kind.computed and not set(types) <= allowed:
        message = f'a field of type "{named}" has the JSON type {join(kind.json_types)}, not {join(types)}'
        problems.append(Problem(f"{pointer}/type", "type", message))
    return kind


def check_vocabulary(
    kind: FieldType, ours: JsonSchema, pointer: str, problems: list[Problem], strict: bool
) -> None:
    known = {**COMMON, **kind.vocabulary}
    for key, value in ours.items():
        at = f"{pointer}/{escaped(key)}"
        if key in known:
            problems += [
                Problem(p.path, "keyword.value", p.message, p.data)
                for p in problems_of(keyword_check(kind.id, key), value, at)
            ]
        elif strict and (others := [other.id for other in FIELD_TYPES.values() if key in other.vocabulary]):
            message = f'"{key}" is for fields of type {join(others)}, but this one is of type "{kind.id}"'
            problems.append(Problem(at, "keyword.not_here", message))
        elif strict:
            near = did_you_mean(key, [*known, *STANDARD_KEYWORDS])
            problems.append(Problem(at, "keyword.unknown", f'there is no keyword "{key}" here{near}'))


@cache
def keyword_check(kind: str, keyword: str) -> Draft202012Validator:
    return schema_validator({**COMMON, **FIELD_TYPES[kind].vocabulary}[keyword])


def without_lines(plain: JsonSchema, ours: JsonSchema) -> JsonSchema:
    """Columns of lines are read as properties of their own entity; our keywords in them are not looked at
    here."""
    return {k: v for k, v in plain.items() if k != "properties"} if ours.get("field") == "lines" else plain


def without_told(plain: JsonSchema) -> dict[str, Any]:
    """The schema less what the Field says itself."""
    return {key: value for key, value in plain.items() if key in KEPT_ANNOTATIONS or key not in ANNOTATIONS}


def allows_null(kind: str, local: JsonSchema, defs: JsonSchema) -> bool:
    """Whether the schema says that null is a value; a type of ours that says no JSON type does not."""
    if isinstance(local.get("type"), str):
        return bool(local["type"] == "null")
    if "type" not in local and kind not in ("json", "select", "radio"):
        return False
    asserting = {key: value for key, value in local.items() if key in ASSERTIONS}
    if not asserting:
        return kind == "json"
    return bool(schema_validator({**asserting, "$defs": defs}).is_valid(None))


def index_problems(kind: FieldType, field: Field, pointer: str) -> list[Problem]:
    found = []
    for flag in ("unique", "index"):
        if not getattr(field, flag):
            continue
        length = field.schema.get("maxLength", 0)
        if not kind.indexable:
            found.append(
                Problem(
                    f"{pointer}/{flag}",
                    "index.type",
                    f'a field of type "{kind.id}" cannot be {flag_word(flag)}',
                )
            )
        elif length > TEXT_LIMIT:
            message = (
                f"only text up to {TEXT_LIMIT} characters can be {flag_word(flag)}; its maxLength is {length}"
            )
            found.append(Problem(f"{pointer}/{flag}", "index.length", message))
    return found


def flag_word(flag: str) -> str:
    return "unique" if flag == "unique" else "indexed"


def with_default(field: Field, default: Any, pointer: str, problems: list[Problem]) -> Field:
    """The field with its default, when that is a legal value; null is no default."""
    if default is None:
        return field
    if field.computed or field.lines or field.type == "secret":
        problems.append(
            Problem(f"{pointer}/default", "default", f'a field of type "{field.type}" has no default')
        )
        return field
    found: list[Problem] = []
    if problems or compile_check(field)(default, f"{pointer}/default", found) is not INVALID:
        return replace(field, default=default)
    problems += [
        Problem(p.path, "default", f"the default is not legal here: {p.message}", p.data) for p in found
    ]
    return field


def compile_check(field: Field) -> Check:
    """The whole check of one field: its type's own, and jsonschema for keywords that the type leaves to
    it."""
    kind = FIELD_TYPES[field.type]
    native = kind.checker(field)
    rest = left_to_jsonschema(field)
    if not rest or kind.computed:
        return native
    if "$defs" in field.settings:
        rest["$defs"] = field.settings["$defs"]
    return native_first(native, rest)


def compile_shortcut(field: Field) -> Shortcut | None:
    """What tells of many texts at once that the whole check of a field would change none of them, if there is one."""
    return None if left_to_jsonschema(field) else FIELD_TYPES[field.type].shortcut(field)


def left_to_jsonschema(field: Field) -> dict[str, Any]:
    """The keywords of a field's schema that its type does not assert itself."""
    native = FIELD_TYPES[field.type].native
    return {key: value for key, value in field.schema.items() if key in ASSERTIONS and key not in native}


def native_first(native: Check, rest: JsonSchema) -> Check:
    """First the type's own check, which bounds what jsonschema gets to see; its value is what counts."""
    ask = schema_check(rest, lambda value, path, problems: value)

    def check(value: Any, path: str, problems: list[Problem]) -> Any:
        kept = native(value, path, problems)
        if kept is INVALID or ask(value, path, problems) is INVALID:
            return INVALID
        return kept

    return check


def computed_field(field: Field, kind: Mapping[str, Any]) -> Field:
    """A formula, rollup or related field once the kind of its result is known."""
    settings = MappingProxyType({**field.settings, "kind": dict(kind)})
    return replace(field, schema=kind_schema(kind), settings=settings)


def expression_kind(field: Field) -> dict[str, Any]:
    """What an expression sees of this field: plain data, see README.md."""
    return FIELD_TYPES[field.type].kind(field)


def field_vocabulary() -> dict[str, JsonSchema]:
    """Every keyword of ours that some property may have, with its described JSON Schema."""
    found: dict[str, JsonSchema] = dict(COMMON)
    for kind in FIELD_TYPES.values():
        found.update(kind.vocabulary)
    return found


def title_of(name: str) -> str:
    """A title for people from a property name: `unit_price` and `unitPrice` give `Unit price`."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name).replace("_", " ").strip()
    return words[:1].upper() + words[1:].lower() if words.isascii() and not words.isupper() else words or name
