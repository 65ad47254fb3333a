"""Several of several options."""

from collections.abc import Mapping
from typing import Any

from fieldstone.metadata.definitions import Field
from fieldstone.metadata.fields.base import INVALID, Check, Source, whole, without
from fieldstone.metadata.fields.lists import MOST, ListType, split_text
from fieldstone.metadata.fields.options import choice_schema, const_for, options_of, read_options
from fieldstone.metadata.fields.select import not_an_option
from fieldstone.metadata.fields.wording import wrong_type
from fieldstone.problems import Problem


class MultiSelect(ListType):
    id = "multi_select"
    title = "Several choices"
    description = (
        "Any number of different options, which stand in `items` as `oneOf` or `enum`; the order is kept."
    )

    def read(self, source: Source) -> dict[str, Any]:
        items = source.plain.get("items")
        choices = options_of(items) if isinstance(items, Mapping) else None
        if not choices:
            source.refuse(
                "items", "options", 'a multi_select needs its options in "items", as "enum" or "oneOf"'
            )
        options = read_options(choices or (), source)
        rest = without(source.plain, "type", "items", "uniqueItems")
        rest["maxItems"] = min(whole(rest.get("maxItems", MOST)) or 0, MOST)
        schema = {"type": "array", "items": choice_schema(options), "uniqueItems": True, **rest}
        return {"schema": schema, "options": options}

    def entry_check(self, definition: Field) -> Check:
        consts = {option.const: option.const for option in definition.options}

        def check(value: Any, path: str, problems: list[Problem]) -> Any:
            if type(value) is str and value in consts:
                return value
            wrong = (
                not_an_option(path, value, consts) if type(value) is str else wrong_type(path, value, "text")
            )
            problems.append(wrong)
            return INVALID

        return check

    def kind(self, definition: Field) -> dict[str, Any]:
        return {"kind": "tags", "options": [option.const for option in definition.options]}

    def parse_text(self, definition: Field, text: str) -> Any:
        entries = split_text(text, lambda whole_text: const_for(definition.options, whole_text))
        return [const_for(definition.options, entry) or entry for entry in entries]
