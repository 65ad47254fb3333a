"""One of several options."""

from collections.abc import Mapping
from typing import Any, ClassVar

from fieldstone.metadata.definitions import Field
from fieldstone.metadata.fields.base import (
    INVALID,
    NATIVE,
    Check,
    FieldType,
    JsonSchema,
    Shortcut,
    Source,
    without,
)
from fieldstone.metadata.fields.options import choice_schema, const_for, options_of, read_options
from fieldstone.metadata.fields.wording import problem, quoted, wrong_type
from fieldstone.problems import Problem, did_you_mean

STATES: Mapping[str, JsonSchema] = {
    "transitions": {
        "type": "array",
        "description": "The changes of the value that are allowed, each with a name; it changes in no other way.",
    },
    "initial": {
        "type": "string",
        "description": "The value at which a new record begins; no other is taken.",
    },
}
"""Keywords of a choice that is a state; `entity.json` describes what a transition says."""


class Select(FieldType):
    id = "select"
    title = "Choice"
    description = (
        "One of the options in `oneOf` (`const` is stored, `title` is shown, `color` and `order` "
        "are optional) "
        "or `enum`. With `transitions` it is a state that changes only as they say."
    )
    vocabulary: ClassVar[Mapping[str, JsonSchema]] = STATES
    native = NATIVE | {"enum", "oneOf"}

    def read(self, source: Source) -> dict[str, Any]:
        choices = options_of(source.plain)
        if not choices:
            source.refuse(
                "", "options", 'a select needs its options, as "enum" or as "oneOf" with "const" and "title"'
            )
        options = read_options(choices or (), source)
        rest = without(source.plain, "type", "enum", "const", "oneOf")
        if options_of({"anyOf": rest.get("anyOf")}) and options_of(source.plain) is rest.get("anyOf"):
            rest = without(rest, "anyOf")
        stated = {key: source.ours[key] for key in self.vocabulary if key in STATES and key in source.ours}
        states = {"settings": stated} if stated else {}
        return {"schema": choice_schema(options) | rest, "options": options, **states}

    def checker(self, definition: Field) -> Check:
        consts = {option.const: option.const for option in definition.options}

        def check(value: Any, path: str, problems: list[Problem]) -> Any:
            if type(value) is not str:
                problems.append(wrong_type(path, value, "text"))
                return INVALID
            if value in consts:
                return value
            problems.append(not_an_option(path, value, consts))
            return INVALID

        return check

    def shortcut(self, definition: Field) -> Shortcut | None:
        return frozenset(option.const for option in definition.options).issuperset

    def kind(self, definition: Field) -> dict[str, Any]:
        return {"kind": "select", "options": [option.const for option in definition.options]}

    def parse_text(self, definition: Field, text: str) -> Any:
        const = const_for(definition.options, text)
        return text if const is None else const


def not_an_option(path: str, value: str, consts: dict[str, str]) -> Problem:
    wrong = problem("enum", path, quoted(value), list(consts))
    return Problem(path, wrong.code, wrong.message + did_you_mean(value, consts), wrong.data)
