"""The bridge to the jsonschema library, which judges what a type's own check does not: composite and rare
keywords.

The library is used as it is, so that its verdict and ours agree; therefore numbers reach it as int and float.
Its errors become our problems: the code is the keyword, and for a missing or unknown property the pointer
names that property.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError, best_match
from jsonschema.validators import extend

from fieldstone.metadata.fields.base import INVALID, Check, escaped
from fieldstone.metadata.fields.patterns import SHORT, PatternTooSlow, extra_names, pattern_of
from fieldstone.metadata.fields.wording import (
    JSON_TYPES,
    SENTENCES,
    describe,
    problem,
    quoted,
    wrong_format,
    wrong_type,
)
from fieldstone.problems import Problem, did_you_mean

FORMAT_CHECKER: Final = Draft202012Validator.FORMAT_CHECKER
COMMON_URI: Final = re.compile(r"https?://[a-z0-9]+(?:[.-][a-z0-9]+)*(?:/[A-Za-z0-9._~-]*)*")
"""Addresses that are right without asking: those that most people write."""


def _pattern(validator: Any, text: str, instance: Any, schema: Any) -> Iterator[ValidationError]:
    if isinstance(instance, str) and not pattern_of(text).found_in(instance):
        yield ValidationError(f"{instance!r} does not match {text!r}")


def _pattern_properties(
    validator: Any, patterns: Any, instance: Any, schema: Any
) -> Iterator[ValidationError]:
    if isinstance(instance, Mapping):
        for text, inner in patterns.items():
            for name, value in instance.items():
                if pattern_of(text).found_in(name):
                    yield from validator.descend(value, inner, path=name, schema_path=text)


def _additional_properties(
    validator: Any, allowed: Any, instance: Any, schema: Any
) -> Iterator[ValidationError]:
    if not isinstance(instance, Mapping):
        return
    extras = extra_names(instance, schema)
    if isinstance(allowed, Mapping):
        for name in extras:
            yield from validator.descend(instance[name], allowed, path=name)
    elif not allowed and extras:
        named = ", ".join(map(repr, sorted(extras)))
        yield ValidationError(f"Additional properties are not allowed ({named} unexpected)")


def _unevaluated_properties(
    validator: Any, allowed: Any, instance: Any, schema: Any
) -> Iterator[ValidationError]:
    """The library's own, which asks `re`; so `refs.py` lets only simple patterns stand beside it, and names are short."""
    if isinstance(instance, Mapping) and any(len(name) > SHORT for name in instance):
        raise PatternTooSlow(f"The name of a property may have at most {SHORT:,} characters here.")
    yield from Draft202012Validator.VALIDATORS["unevaluatedProperties"](validator, allowed, instance, schema)


_Bounded: Final = extend(
    Draft202012Validator,
    {
        "pattern": _pattern,
        "patternProperties": _pattern_properties,
        "additionalProperties": _additional_properties,
        "unevaluatedProperties": _unevaluated_properties,
    },
)
"""jsonschema's validator, with every search for a pattern in bounded time."""


def schema_validator(schema: Mapping[str, Any] | bool) -> Draft202012Validator:
    """jsonschema's own validator for `schema`, with formats asserted."""
    found: Draft202012Validator = _Bounded(plain(schema), format_checker=FORMAT_CHECKER)
    return found


def conforms_to(name: str, text: str) -> bool:
    """Whether `text` has the format `name`, as jsonschema's checker says; unknown formats are not
    asserted."""
    if name == "uri" and COMMON_URI.fullmatch(text):
        return True
    return bool(FORMAT_CHECKER.conforms(text, name))


def plain(value: Any) -> Any:
    """A JSON value with its Decimals as int or float: what the library takes."""
    if isinstance(value, Decimal):
        if value.is_finite() and value.adjusted() < 30 and value == value.to_integral_value():
            return int(value)
        return float(value)
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value


def schema_check(schema: Mapping[str, Any] | bool, then: Check) -> Check:
    """A check that asks jsonschema first, and then `then`."""
    validator = schema_validator(schema)

    def check(value: Any, path: str, problems: list[Problem]) -> Any:
        instance = plain(value)
        try:
            if not validator.is_valid(instance):
                problems.extend(problems_of(validator, instance, path))
                return INVALID
        except PatternTooSlow as error:
            places = [replace(found, path=path + found.path) for found in error.problems]
            raise PatternTooSlow(error.message, problems=places) from error
        return then(value, path, problems)

    return check


def problems_of(validator: Draft202012Validator, instance: Any, path: str) -> list[Problem]:
    """What jsonschema finds wrong with `instance`, as our problems below the pointer `path`."""
    seen: dict[tuple[str, str], Problem] = {}
    for error in validator.iter_errors(instance):
        for found in translate(error, path):
            seen.setdefault((found.path, found.code), found)
    return list(seen.values())


def translate(error: ValidationError, base: str) -> Iterator[Problem]:
    """The problems that one error of the library stands for: one per property for missing and unknown
    ones."""
    path = base + "".join(f"/{escaped(str(part))}" for part in error.absolute_path)
    keyword, value, limit = error.validator, error.instance, error.validator_value
    if keyword is None:
        yield problem("false", path)
    elif keyword == "required":
        yield from (problem("required", f"{path}/{escaped(name)}") for name in limit if name not in value)
    elif keyword == "dependentRequired":
        for name in sorted(set(limit) & set(value)):
            for other in limit[name]:
                if other not in value:
                    yield problem("dependentRequired", f"{path}/{escaped(other)}", limit=name)
    elif keyword in ("additionalProperties", "unevaluatedProperties") and isinstance(value, Mapping):
        yield from unknown_properties(error, path)
    elif keyword == "type":
        names = limit if isinstance(limit, list) else [limit]
        yield wrong_type(path, value, " or ".join(JSON_TYPES.get(name, name) for name in names))
    elif keyword == "format":
        yield wrong_format(path, value, limit)
    elif keyword in ("anyOf", "oneOf"):
        yield problem(keyword, path, limit=nearest_form(error))
    elif keyword in ("enum", "const", "pattern", "multipleOf") or keyword.endswith(("inimum", "aximum")):
        shown = describe(value) if not isinstance(value, str) else quoted(value)
        yield problem(keyword, path, shown, describe(limit) if keyword == "const" else limit)
    elif keyword in SENTENCES:
        size = len(value) if isinstance(value, str | list | Mapping) else None
        yield problem(keyword, path, size, limit if isinstance(limit, int | float) else None)
    else:
        yield Problem(path, keyword, error.message)


def unknown_properties(error: ValidationError, path: str) -> Iterator[Problem]:
    known = error.schema.get("properties", {}) if isinstance(error.schema, Mapping) else {}
    named = [name for name in error.instance if name not in known and quoted_in(name, error.message)]
    for name in named or ["?"]:
        yield problem("additionalProperties", f"{path}/{escaped(name)}", limit=did_you_mean(name, known))


def quoted_in(name: str, message: str) -> bool:
    return repr(name) in message


def nearest_form(error: ValidationError) -> str:
    """`; nearest: ...` for the alternative that failed least, or nothing."""
    best = best_match(error.context or ())
    if best is None or best.validator is None:
        return ""
    text = (
        "; ".join(found.message for found in translate(best, ""))
        if best.validator in SENTENCES
        else best.message
    )
    return f" (nearest: {text})"


__all__ = ["conforms_to", "plain", "problems_of", "schema_check", "schema_validator"]
