"""The options of a select: read from `enum`, `const` or `oneOf` of titled constants, and found again by
title."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from fieldstone.metadata.definitions import Option
from fieldstone.metadata.fields.base import JsonSchema, Source
from fieldstone.metadata.fields.jsonschema_bridge import plain

OPTION_KEYWORDS: Final[Mapping[str, JsonSchema]] = {
    "color": {"type": "string", "description": "The colour in which the option is shown."},
    "order": {
        "type": "number",
        "description": "Where the option stands in lists; 10, 20, 30 ... when left out.",
    },
    "when": {
        "type": "array",
        "items": {"type": "string"},
        "description": "The values of the field in `dependsOn` with which the option goes; all when left out.",
    },
}

LONGEST: Final = 255


def options_of(schema: Mapping[str, Any]) -> list[Any] | None:
    """The constants that `schema` allows, as option objects, or None when it is no choice."""
    if "enum" in schema:
        return [{"const": const} for const in schema["enum"]] if isinstance(schema["enum"], list) else None
    if "const" in schema:
        return [{"const": schema["const"]}]
    choices = schema.get("oneOf", schema.get("anyOf"))
    if isinstance(choices, list) and choices and all(is_option(choice) for choice in choices):
        return choices
    return None


def is_option(choice: Any) -> bool:
    """Whether a member of `oneOf` is a constant with a title and nothing that could refuse it."""
    known = {"const", "title", "description", "color", "order", "when", "deprecated", "$comment", "type"}
    return isinstance(choice, Mapping) and "const" in choice and set(choice) <= known


def is_text_choice(schema: Mapping[str, Any]) -> bool:
    """Whether `schema` is a choice between texts (and null), so that it makes a select."""
    options = options_of(schema)
    if not options:
        return False
    consts = [option["const"] for option in options]
    texts = [const for const in consts if isinstance(const, str)]
    if not texts or any(len(text) > LONGEST for text in texts):
        return False
    both = sum(name in schema for name in ("enum", "const", "oneOf", "anyOf"))
    return (
        both == 1
        and all(const is None or isinstance(const, str) for const in consts)
        and len(set(consts)) == len(consts)
    )


def read_options(options: Iterable[Mapping[str, Any]], source: Source) -> tuple[Option, ...]:
    """Option values in their order; null is left out, since `nullable` says it."""
    ordered = sorted(enumerate(options), key=lambda pair: (pair[1].get("order", (pair[0] + 1) * 10), pair[0]))
    found: dict[str, Option] = {}
    for _, option in ordered:
        const = option["const"]
        if const is None:
            continue
        if not isinstance(const, str) or len(const) > LONGEST or "\x00" in const:
            source.refuse(
                "", "option", f"an option is a text of up to {LONGEST} characters, not {plain(const)!r}"
            )
        elif const in found:
            source.refuse("", "option.twice", f'the option "{const}" stands here twice')
        else:
            when = option.get("when")
            if when is not None and source.ours.get("field") != "dependent_select":
                source.refuse(
                    "", "option.when", f'the option "{const}" has "when", which is for dependent choices'
                )
            kept = None if when is None else tuple(map(str, when))
            found[const] = Option(const, str(option.get("title", const)), option.get("color"), kept)
    return tuple(found.values())


def choice_schema(options: Iterable[Option]) -> dict[str, Any]:
    """The plain JSON Schema of a choice: titles are given where they say more than the constants."""
    options = tuple(options)
    if all(option.title == option.const for option in options):
        return {"type": "string", "enum": [option.const for option in options]}
    return {"type": "string", "oneOf": [{"const": option.const, "title": option.title} for option in options]}


def const_for(options: Iterable[Option], text: str) -> str | None:
    """The constant that a person means by `text`: itself, or its title in any case."""
    short = text.strip()
    consts = [option.const for option in options]
    if text in consts:
        return text
    if short in consts:
        return short
    folded = short.casefold()
    titled = {option.title.strip().casefold(): option.const for option in reversed(tuple(options))}
    return titled.get(folded) or next((const for const in consts if const.casefold() == folded), None)
