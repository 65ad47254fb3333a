"""marshmallow fields that take what JSON says and nothing that only looks like it.

marshmallow's own Boolean, Integer and their like convert ("yes" is true, "36" is 36, True is 1); these refuse. A test
bans the stock ones from the platform.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from marshmallow import ValidationError, fields

from fieldstone.api.answers import is_record_id
from fieldstone.problems import did_you_mean

Data = Mapping[str, Any] | None
Wire = dict[str, Any]
"""What a field takes, as JSON Schema; the OpenAPI document is made of it."""

UNSTORABLE: Final = "\0"
STORABLE: Final = r"^[^\u0000]*$"
"""Text without that, as a pattern."""


class StrictBoolean(fields.Field[bool]):
    """true or false."""

    @property
    def wire(self) -> Wire:
        return {"type": "boolean"}

    def _deserialize(self, value: Any, attr: str | None, data: Data, **kwargs: Any) -> bool:
        if value is not True and value is not False:
            raise ValidationError("Must be true or false.")
        return value


class StrictInteger(fields.Field[int]):
    """A whole number: 36 and 36.0, not "36" and not true."""

    def __init__(self, least: int | None = None, most: int | None = None, **more: Any) -> None:
        super().__init__(**more)
        self.least = least
        self.most = most

    @property
    def wire(self) -> Wire:
        return bounded({"type": "integer"}, self.least, self.most)

    def _deserialize(self, value: Any, attr: str | None, data: Data, **kwargs: Any) -> int:
        if isinstance(value, Decimal) and abs(value) < 2**53 and value == value.to_integral_value():
            value = int(value)
        if type(value) is not int:
            raise ValidationError("Must be a whole number.")
        return within(value, self.least, self.most)


class StrictText(fields.Field[str]):
    """Text, without U+0000, which no database column can hold."""

    def __init__(self, longest: int = 4000, **more: Any) -> None:
        super().__init__(**more)
        self.longest = longest

    @property
    def wire(self) -> Wire:
        return {"type": "string", "maxLength": self.longest, "pattern": STORABLE}

    def _deserialize(self, value: Any, attr: str | None, data: Data, **kwargs: Any) -> str:
        if type(value) is not str:
            raise ValidationError("Must be text.")
        return checked_text(value, self.longest)


class StrictId(fields.Field[Any]):
    """A record's id in its canonical form."""

    @property
    def wire(self) -> Wire:
        return {"type": "string", "format": "uuid"}

    def _deserialize(self, value: Any, attr: str | None, data: Data, **kwargs: Any) -> Any:
        found = is_record_id(value) if type(value) is str else None
        if found is None:
            raise ValidationError("Must be an id.")
        return found


class StrictObject(fields.Field[dict[str, Any]]):
    """A JSON object, taken as it is: a record body, which the entity's own validation reads."""

    @property
    def wire(self) -> Wire:
        return {"type": "object"}

    def _deserialize(self, value: Any, attr: str | None, data: Data, **kwargs: Any) -> dict[str, Any]:
        if type(value) is not dict:
            raise ValidationError("Must be an object.")
        return value


class StrictChoice(fields.Field[str]):
    """One of some words."""

    def __init__(self, *choices: str, **more: Any) -> None:
        super().__init__(**more)
        self.choices = choices

    @property
    def wire(self) -> Wire:
        return {"type": "string", "enum": list(self.choices)}

    def _deserialize(self, value: Any, attr: str | None, data: Data, **kwargs: Any) -> str:
        if type(value) is not str or value not in self.choices:
            suggestion = did_you_mean(value, self.choices) if type(value) is str else ""
            raise ValidationError(f"Must be one of {', '.join(self.choices)}{suggestion or '.'}")
        return value


class ParameterInteger(fields.Field[int]):
    """A whole number in a query string: ASCII digits."""

    def __init__(self, least: int, most: int, **more: Any) -> None:
        super().__init__(**more)
        self.least = least
        self.most = most

    @property
    def wire(self) -> Wire:
        return bounded({"type": "integer"}, self.least, self.most)

    def _deserialize(self, value: Any, attr: str | None, data: Data, **kwargs: Any) -> int:
        if not value.isascii() or not value.isdecimal() or len(value) > 9:
            raise ValidationError(f"Must be a whole number between {self.least} and {self.most}.")
        return within(int(value), self.least, self.most)


class ParameterText(fields.Field[str | None]):
    """Text in a query string; empty counts as left out."""

    def __init__(self, longest: int = 4000, **more: Any) -> None:
        super().__init__(**more)
        self.longest = longest

    @property
    def wire(self) -> Wire:
        return {"type": "string", "maxLength": self.longest, "pattern": STORABLE}

    def _deserialize(self, value: Any, attr: str | None, data: Data, **kwargs: Any) -> str | None:
        return checked_text(value, self.longest) or None


class ParameterNames(fields.Field[tuple[str, ...] | None]):
    """Names separated by commas in a query string; empty counts as left out."""

    @property
    def wire(self) -> Wire:
        return {"type": "string", "pattern": STORABLE, "description": "Names, separated by commas."}

    def _deserialize(self, value: Any, attr: str | None, data: Data, **kwargs: Any) -> tuple[str, ...] | None:
        if not value:
            return None
        names = tuple(name.strip() for name in checked_text(value, 4000).split(","))
        if "" in names:
            raise ValidationError("Must be names with one comma between two.")
        if len(set(names)) != len(names):
            raise ValidationError("Names a thing twice.")
        return names


class ParameterChoice(StrictChoice):
    """One of some words, in a query string."""


def bounded(wire: Wire, least: int | None, most: int | None) -> Wire:
    if least is not None:
        wire["minimum"] = least
    if most is not None:
        wire["maximum"] = most
    return wire


def within(value: int, least: int | None, most: int | None) -> int:
    if (least is not None and value < least) or (most is not None and value > most):
        raise ValidationError(f"Must be between {least} and {most}.")
    return value


def checked_text(value: str, longest: int) -> str:
    if UNSTORABLE in value:
        raise ValidationError("U+0000 is not accepted.")
    if len(value) > longest:
        raise ValidationError(f"Must have at most {longest:,} characters.")
    return value
