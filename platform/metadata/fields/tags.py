"""Free keywords."""

from typing import Any, Final

from fieldstone.metadata.definitions import Field
from fieldstone.metadata.fields.base import INVALID, Check, Source, whole, without
from fieldstone.metadata.fields.lists import MOST, ListType
from fieldstone.metadata.fields.strings import unstorable
from fieldstone.metadata.fields.wording import problem, wrong_type
from fieldstone.problems import Problem

LONGEST: Final = 100


class Tags(ListType):
    id = "tags"
    title = "Tags"
    description = "Any number of different keywords that people make up, each 1 to 100 characters long."

    def wire_schema(self, source: Source) -> dict[str, Any]:
        rest = without(source.plain, "type", "uniqueItems", "items")
        rest["maxItems"] = min(whole(rest.get("maxItems", MOST)) or 0, MOST)
        items = {"type": "string", "minLength": 1, "maxLength": LONGEST}
        if source.plain.get("items", {"type": "string"}) not in ({"type": "string"}, items):
            source.refuse(
                "items",
                "items",
                f"tags are texts of 1 to {LONGEST} characters; nothing else can be said of them",
            )
        return {"type": "array", "items": items, "uniqueItems": True, **rest}

    def entry_check(self, definition: Field) -> Check:
        def check(value: Any, path: str, problems: list[Problem]) -> Any:
            if type(value) is not str:
                wrong: Problem | None = wrong_type(path, value, "text")
            elif not 1 <= len(value) <= LONGEST:
                code, limit = ("maxLength", LONGEST) if value else ("minLength", 1)
                wrong = problem(code, path, len(value), limit)
            else:
                wrong = unstorable(value, path)
            if wrong is None:
                return value
            problems.append(wrong)
            return INVALID

        return check

    def kind(self, definition: Field) -> dict[str, Any]:
        return {"kind": "tags", "options": None}
