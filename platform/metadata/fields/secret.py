"""A password or key of another system: it goes in and does not come out.

Nothing answers it: reads, history, exports and searches see only that it is set. It is stored encrypted (see
`engine/records/sealing.py`).
"""

from typing import Any, ClassVar, Final

from fieldstone.metadata.definitions import Field
from fieldstone.metadata.fields.base import INVALID, NATIVE, Check, FieldType, JsonSchema, Source
from fieldstone.metadata.fields.strings import UNSTORABLE, unstorable
from fieldstone.metadata.fields.wording import problem, wrong_type
from fieldstone.problems import Problem

SET: Final = {"set": True}
LONGEST: Final = 4000


class NewSecret(dict[str, bool]):
    """A secret that was just given. To everybody else it is what all secrets are: something that is set."""

    def __init__(self, plain: str, sealed: str | None = None) -> None:
        super().__init__(SET)
        self.plain = plain
        self.sealed = sealed

    def __eq__(self, other: object) -> bool:
        return isinstance(other, NewSecret) and other.plain == self.plain

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = None

    def __repr__(self) -> str:
        return "NewSecret(...)"


class Secret(FieldType):
    id = "secret"
    title = "Secret"
    description = (
        "A password or key of another system. It is stored encrypted and never answered: reads give "
        '`{"set": true}` or null. Sending `{"set": true}` leaves it as it is.'
    )
    json_types: ClassVar[tuple[str, ...]] = ("string", "object")
    native: ClassVar[frozenset[str]] = NATIVE | {"anyOf", "minLength", "maxLength"}
    python_type = dict
    operators = ("isEmpty",)
    indexable = False

    def wire_schema(self, source: Source) -> dict[str, Any]:
        if "__" in source.entity:
            source.refuse("field", "secret.in_lines", "lines hold no secrets; keep it in a record of its own")
        if source.ours.get("search"):
            source.refuse("search", "keyword.not_here", "a secret cannot be searched")
        rest = {key: value for key, value in super().wire_schema(source).items() if key != "type"}
        lengths: dict[str, Any] = {key: rest.pop(key) for key in ("minLength", "maxLength") if key in rest}
        text: dict[str, Any] = {"type": "string", "minLength": 1, "not": {"pattern": UNSTORABLE}, **lengths}
        text["maxLength"] = min(int(text.get("maxLength", LONGEST)), LONGEST)
        marker = {"type": "object", "required": ["set"], "properties": {"set": {"const": True}},
                  "additionalProperties": False}  # fmt: skip
        return {"type": list(self.json_types), "writeOnly": True, "anyOf": [text, marker], **rest}

    def read_schema(self, definition: Field) -> JsonSchema:
        return {"type": "object", "required": ["set"], "properties": {"set": {"const": True}}}

    def checker(self, definition: Field) -> Check:
        text = definition.schema["anyOf"][0]
        least, most = text["minLength"], text["maxLength"]

        def check(value: Any, path: str, problems: list[Problem]) -> Any:
            if isinstance(value, dict) and value == SET and value["set"] is True:
                return dict(SET)
            if type(value) is not str:
                problems.append(wrong_type(path, None if isinstance(value, str) else value, "text"))
                return INVALID
            wrong = unstorable(value, path)
            if wrong is None and not least <= len(value) <= most:
                code, limit = ("minLength", least) if len(value) < least else ("maxLength", most)
                wrong = problem(code, path, len(value), limit)
            if wrong is None:
                return NewSecret(value)
            problems.append(wrong)
            return INVALID

        return check

    def same(self, definition: Field, raw: Any, value: Any) -> bool:
        return isinstance(raw, dict) and raw == SET

    def to_wire(self, definition: Field, value: Any) -> Any:
        return dict(SET)

    def parse_text(self, definition: Field, text: str) -> Any:
        return dict(SET) if text == MARK else text

    def format_text(self, definition: Field, value: Any) -> str:
        return MARK


MARK: Final = "(set)"
"""What tables show of a secret; read back, it leaves it as it is."""
