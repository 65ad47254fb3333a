"""A country or a part of one, by its ISO 3166 code."""

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from fieldstone.metadata.definitions import Field
from fieldstone.metadata.fields.base import INVALID, NATIVE, Check, FieldType, JsonSchema, Source
from fieldstone.metadata.fields.region_names import code_of, countries, country_of, is_region
from fieldstone.metadata.fields.wording import quoted, wrong_type
from fieldstone.problems import Problem, did_you_mean

PATTERN: Final = "^[A-Z]{2}(-[A-Z0-9]{1,3})?$"


class Region(FieldType):
    id = "region"
    title = "Region"
    description = (
        "A country or a part of it (state, province, city, district, as far as ISO 3166-2 has them), as its code: `TW`, "
        "`TW-TPE`, `DE-BY`. Shown by name in the reader's language; a whole country is filtered by "
        '`startsWith(region, "DE")`. Tables may also write names.'
    )
    native = NATIVE | {"pattern", "maxLength"}
    vocabulary: ClassVar[Mapping[str, JsonSchema]] = {
        "level": {
            "enum": ["country", "subdivision"],
            "description": "How deep a value may go: `country` takes only countries; `subdivision`, if left out.",
        },
        "countries": {
            "type": "array",
            "items": {"type": "string", "pattern": "^[A-Z]{2}$"},
            "description": "The countries (ISO 3166-1 codes) that may be chosen; all if left out.",
        },
    }
    operators = ("==", "!=", "startsWith", "in", "isEmpty")

    def read(self, source: Source) -> dict[str, Any]:
        allowed = tuple(source.ours.get("countries") or ())
        for index, code in enumerate(allowed):
            if code not in countries():
                message = f'"{code}" is no country{did_you_mean(str(code), countries())}'
                source.refuse(f"countries/{index}", "region", message)
        level = "country" if source.ours.get("level") == "country" else "subdivision"
        return {"schema": self.wire_schema(source), "settings": {"level": level, "countries": allowed}}

    def wire_schema(self, source: Source) -> dict[str, Any]:
        return {**super().wire_schema(source), "pattern": PATTERN, "maxLength": 6}

    def checker(self, definition: Field) -> Check:
        allowed = frozenset(definition.settings.get("countries") or ())
        shallow = definition.settings.get("level") == "country"

        def check(value: Any, path: str, problems: list[Problem]) -> Any:
            if type(value) is not str:
                problems.append(wrong_type(path, value, "a region's code as text"))
                return INVALID
            if not is_region(value):
                message = f'must be an ISO 3166 code like "TW" or "TW-TPE", but is {quoted(value)}'
            elif shallow and "-" in value:
                message = f"must be a country, but is the part {quoted(value)} of one"
            elif allowed and country_of(value) not in allowed:
                message = f"must be in one of {', '.join(sorted(allowed))}, but is {quoted(value)}"
            else:
                return value
            problems.append(Problem(path, "region", message, {"found": quoted(value)}))
            return INVALID

        return check

    def kind(self, definition: Field) -> dict[str, Any]:
        return {"kind": "text", "max_length": 6}

    def parse_text(self, definition: Field, text: str) -> Any:
        return code_of(text) or text.strip()
