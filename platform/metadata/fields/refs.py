"""References inside a document: made to travel with the schema that uses them.

A property's schema leaves its document when it becomes a field, and the record schema that is exported has
another shape than the document. So every `$ref` is rewritten to `#/$defs/<name>`, and what it names is
carried along under that name. References to other documents are refused, as are loops that would never end
and patterns that do not compile: whatever comes out of here can be asked without an error.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import regex

from fieldstone.metadata.fields.base import escaped
from fieldstone.metadata.fields.keywords import REFUSED, STANDARD_KEYWORDS
from fieldstone.metadata.fields.patterns import may_be_slow, pattern_of
from fieldstone.problems import Problem

ResolveRef = Callable[[str], Mapping[str, Any] | bool | None]

OPTION: Final = frozenset(("color", "order", "when"))
"""Ours inside an option: how it is shown, where, and with what it goes."""
ONE: Final = ("additionalProperties", "items", "contains", "not", "if", "then", "else", "propertyNames",
              "unevaluatedItems", "unevaluatedProperties", "contentSchema")  # fmt: skip
MANY: Final = ("allOf", "anyOf", "oneOf", "prefixItems")
NAMED: Final = ("properties", "patternProperties", "dependentSchemas", "$defs")
IN_PLACE: Final = frozenset(("allOf", "anyOf", "oneOf", "not", "if", "then", "else", "dependentSchemas"))


def localise(
    schema: Mapping[str, Any] | bool, resolve_ref: ResolveRef, pointer: str = ""
) -> tuple[Any, dict[str, Any], list[Problem]]:
    """`schema` with its references pointing to `#/$defs/...`, those definitions by name, and what is
    wrong."""
    work = Localising(resolve_ref)
    local = work.walk(schema, pointer)
    for name in work.defs:
        if loops(name, work.defs):
            work.problems.append(
                Problem(pointer, "ref.loop", f'the reference "{name}" leads back to itself without end')
            )
            work.defs[name] = True
    if any("unevaluatedProperties" in each for each in inside([local, work.defs])):
        for each in inside([local, work.defs]):
            for text in each.get("patternProperties", ()):
                if may_be_slow(text):
                    message = (
                        f"beside unevaluatedProperties a pattern of names may repeat one thing only: {text!r}"
                    )
                    work.problems.append(Problem(pointer, "pattern.slow", message))
    return local, work.defs, work.problems


def inside(value: Any) -> Iterator[Mapping[str, Any]]:
    """Every object in a JSON value."""
    if isinstance(value, Mapping):
        yield value
        for each in value.values():
            yield from inside(each)
    elif isinstance(value, list):
        for each in value:
            yield from inside(each)


class Localising:
    """One run of `localise`: the definitions met so far and the problems found."""

    def __init__(self, resolve_ref: ResolveRef) -> None:
        self.resolve_ref = resolve_ref
        self.defs: dict[str, Any] = {}
        self.problems: list[Problem] = []

    def walk(self, schema: Any, pointer: str) -> Any:
        if not isinstance(schema, Mapping):
            return schema
        local: dict[str, Any] = {}
        for key, value in schema.items():
            below = f"{pointer}/{escaped(key)}"
            if key == "$ref":
                local[key] = self.refer(value, below)
            elif key in REFUSED:
                self.problems.append(
                    Problem(below, "keyword.refused", f'"{key}" is not supported inside a document')
                )
            elif key == "pattern" and not self.compiles(value, below):
                continue
            elif key in ONE:
                local[key] = self.walk(value, below)
            elif key in MANY and isinstance(value, list):
                local[key] = [self.walk(item, f"{below}/{index}") for index, item in enumerate(value)]
            elif key in NAMED and isinstance(value, Mapping):
                if key != "$defs":
                    local[key] = {
                        name: self.walk(item, f"{below}/{escaped(name)}")
                        for name, item in value.items()
                        if key != "patternProperties" or self.compiles(name, f"{below}/{escaped(name)}")
                    }
            elif (key in STANDARD_KEYWORDS and key != "$anchor") or (key in OPTION and "const" in schema):
                local[key] = value
        return local

    def compiles(self, pattern: Any, pointer: str) -> bool:
        """Whether Python can use a pattern, as it will when the schema is asked."""
        try:
            re.compile(pattern)
            pattern_of(pattern)
        except (re.error, regex.error, OverflowError, RecursionError, TypeError) as error:
            message = f"{str(pattern)[:80]!r} is no regular expression: {error}"
            self.problems.append(Problem(pointer, "pattern", message))
            return False
        return True

    def refer(self, ref: Any, pointer: str) -> str:
        if not isinstance(ref, str) or not ref.startswith("#"):
            message = f"a reference stays inside its document and starts with #, unlike {ref!r}"
            self.problems.append(Problem(pointer, "ref.outside", message))
            return self.define("any", True)
        target = self.resolve_ref(ref)
        if target is None:
            self.problems.append(
                Problem(pointer, "ref.unknown", f'there is nothing at "{ref}" in this document')
            )
            return self.define("any", True)
        name = name_of(ref)
        if name not in self.defs:
            self.defs[name] = True
            self.defs[name] = self.walk(target, pointer)
        return f"#/$defs/{escaped(name)}"

    def define(self, name: str, schema: Any) -> str:
        self.defs[name] = schema
        return f"#/$defs/{name}"


def name_of(ref: str) -> str:
    """A name under `$defs`: the last part of `#/$defs/part`, else the whole path with points."""
    path = ref.removeprefix("#").removeprefix("/$defs/")
    return path.strip("/").replace("/", ".").replace("~", "-").replace("%", "-") or "document"


def loops(name: str, defs: Mapping[str, Any]) -> bool:
    """Whether applying the definition leads back to it at the same place of the value."""
    seen: set[str] = set()
    todo = list(in_place_refs(defs[name]))
    while todo:
        at = todo.pop()
        if at == name:
            return True
        if at not in seen and at in defs:
            seen.add(at)
            todo.extend(in_place_refs(defs[at]))
    return False


def in_place_refs(schema: Any) -> list[str]:
    if not isinstance(schema, Mapping):
        return []
    found = [schema["$ref"].removeprefix("#/$defs/")] if isinstance(schema.get("$ref"), str) else []
    for key in IN_PLACE & set(schema):
        value = schema[key]
        parts = value if isinstance(value, list) else value.values() if key == "dependentSchemas" else [value]
        for part in parts:
            found.extend(in_place_refs(part))
    return found
