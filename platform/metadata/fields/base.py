"""The base of field types: what a type must say, and the words its methods share.

A type is stateless: `FIELD_TYPES` holds one object of each. Everything about one field is in its `Field`.
The checks that a type makes are closures, compiled once per field: `check(value, pointer, problems)` gives
the Python value, or INVALID after it has appended what is wrong. Null never reaches a check.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final

from fieldstone.metadata.definitions import EMPTY, Field
from fieldstone.problems import Problem

JsonSchema = Mapping[str, Any]
Check = Callable[[Any, str, list[Problem]], Any]
Shortcut = Callable[[Sequence[str]], bool]


class Invalid:
    """What a check gives instead of a value, after it has said what is wrong."""

    def __repr__(self) -> str:
        return "INVALID"


INVALID: Final = Invalid()

NATIVE: Final = frozenset(("type",))


@dataclass(slots=True)
class Source:
    """A property on its way to a field: `plain` is its JSON Schema, `ours` our keywords beside it."""

    name: str
    entity: str
    pointer: str
    plain: dict[str, Any]
    ours: Mapping[str, Any]
    problems: list[Problem] = field(default_factory=list)

    def refuse(self, keyword: str, code: str, message: str, **data: Any) -> None:
        pointer = f"{self.pointer}/{keyword}" if keyword else self.pointer
        self.problems.append(Problem(pointer, code, message, data))


class FieldType:
    """A field type: from property schema to field, from JSON to value, from text to JSON and back.

    `title` and `description` are for the manual. `json_types` lists what a value may be on the wire; `native`
    the JSON Schema keywords that `checker` asserts itself (all others are left to jsonschema). `vocabulary`
    holds our keywords that only this type understands. `operators` are those of a filter.
    `sortable`: whether lists sort by it; None says the same as `indexable`.
    """

    id: ClassVar[str]
    title: ClassVar[str]
    description: ClassVar[str]
    json_types: ClassVar[tuple[str, ...]] = ("string",)
    native: ClassVar[frozenset[str]] = NATIVE
    vocabulary: ClassVar[Mapping[str, JsonSchema]] = EMPTY
    python_type: ClassVar[type] = str
    operators: ClassVar[tuple[str, ...]] = ("==", "!=", "in", "isEmpty")
    computed: ClassVar[bool] = False
    indexable: ClassVar[bool] = True
    sortable: ClassVar[bool | None] = None

    def read(self, source: Source) -> dict[str, Any]:
        """The attributes of the Field that follow from `source`; at least `schema`."""
        return {"schema": self.wire_schema(source)}

    def wire_schema(self, source: Source) -> dict[str, Any]:
        """The plain JSON Schema of a value on the wire, null left out."""
        types = list(self.json_types)
        return {"type": types[0] if len(types) == 1 else types, **without(source.plain, "type")}

    def read_schema(self, definition: Field) -> JsonSchema:
        """The schema of the value as answers carry it, where that differs from what is written."""
        return definition.schema

    def checker(self, definition: Field) -> Check:
        """The check of one field's JSON values."""
        raise NotImplementedError

    def shortcut(self, definition: Field) -> Shortcut | None:
        """Tells of many texts at once that the check would give each back as it is; False says nothing."""
        return None

    def to_wire(self, definition: Field, value: Any) -> Any:
        """The JSON value of a Python value."""
        return value

    def same(self, definition: Field, raw: Any, value: Any) -> bool:
        """Whether the JSON value `raw` means the Python value `value`; for values that may no longer be
        legal."""
        return bool(raw == self.to_wire(definition, value))

    def kind(self, definition: Field) -> dict[str, Any]:
        """What an expression sees: plain data, see README.md."""
        return {"kind": "json"}

    def parse_text(self, definition: Field, text: str) -> Any:
        """The JSON value that a cell of a table means; what cannot be read stays text, for `validate` to
        refuse."""
        return text

    def format_text(self, definition: Field, value: Any) -> str:
        """The text of a value, which `parse_text` reads back as the same value."""
        return str(value)


def without(mapping: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """`mapping` less some keys."""
    return {key: value for key, value in mapping.items() if key not in names}


def whole(value: Any) -> int | None:
    """A JSON Schema count as an int: `2.0` is a legal way to write 2."""
    return None if value is None else int(value)


def escaped(name: str) -> str:
    """One token of a JSON pointer."""
    return name.replace("~", "~0").replace("/", "~1")


def unescaped(token: str) -> str:
    """The name that a token of a JSON pointer stands for."""
    return token.replace("~1", "/").replace("~0", "~")


def join(items: Sequence[str]) -> str:
    return ", ".join(f'"{item}"' for item in items)
