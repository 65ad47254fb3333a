"""Yes or no."""

from typing import Any, Final

from fieldstone.metadata.definitions import Field
from fieldstone.metadata.fields.base import INVALID, Check, FieldType
from fieldstone.metadata.fields.wording import wrong_type
from fieldstone.problems import Problem

WORDS: Final = {
    True: ("true", "yes", "y", "t", "1", "on", "是", "对", "對", "有", "はい", "✓", "✔", "x", "○", "◯"),
    False: ("false", "no", "n", "f", "0", "off", "否", "不是", "无", "無", "いいえ", "✗", "×", "✕"),
}


class Boolean(FieldType):
    id = "boolean"
    title = "Yes or no"
    description = "True or false. Tables may say yes, no, 是, 否 and the like."
    json_types = ("boolean",)
    python_type = bool
    operators = ("==", "!=", "isEmpty")

    def checker(self, definition: Field) -> Check:
        def check(value: Any, path: str, problems: list[Problem]) -> Any:
            if value is True or value is False:
                return value
            problems.append(wrong_type(path, value, "true or false"))
            return INVALID

        return check

    def kind(self, definition: Field) -> dict[str, Any]:
        return {"kind": "boolean"}

    def parse_text(self, definition: Field, text: str) -> Any:
        word = text.strip().casefold()
        return next((value for value, words in WORDS.items() if word in words), text)

    def format_text(self, definition: Field, value: Any) -> str:
        return "true" if value else "false"
