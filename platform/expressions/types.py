"""The types of the language and the records that names come from.

A type says what storage promises about a field; the SQL back end relies on it, so a type must never promise
more than the column enforces.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import ClassVar

from fieldstone.expressions.limits import INTEGER_FIELD_DIGITS, NUMBER_DIGITS, NUMBER_PLACES


@dataclass(frozen=True)
class Type:
    """A type of the language; `kind` is its name in messages and in JSON."""

    kind: ClassVar[str] = "unknown"

    @property
    def is_number(self) -> bool:
        return self.kind in ("integer", "decimal")

    @property
    def is_text(self) -> bool:
        return self.kind in ("text", "select")

    def __str__(self) -> str:
        return self.kind


@dataclass(frozen=True)
class Unknown(Type):
    """The type of what was already reported as wrong; it causes no second problem."""


@dataclass(frozen=True)
class Null(Type):
    kind: ClassVar[str] = "null"


@dataclass(frozen=True)
class Boolean(Type):
    kind: ClassVar[str] = "boolean"


@dataclass(frozen=True)
class Integer(Type):
    kind: ClassVar[str] = "integer"
    digits: int = INTEGER_FIELD_DIGITS
    seconds: bool = False
    """Travels as an ISO 8601 duration; enters as its number of seconds."""


@dataclass(frozen=True)
class Decimal_(Type):
    """An exact number: at most `digits` before the point and `places` behind it."""

    kind: ClassVar[str] = "decimal"
    digits: int = NUMBER_DIGITS
    places: int = NUMBER_PLACES
    double: bool = False
    """Stored as a binary double; enters as the decimal of its shortest text."""


@dataclass(frozen=True)
class Text(Type):
    kind: ClassVar[str] = "text"
    max_length: int | None = None


@dataclass(frozen=True)
class Select(Type):
    """A text that is one of `constants`; comparing it with another constant is a mistake."""

    kind: ClassVar[str] = "select"
    constants: tuple[str, ...] = ()


@dataclass(frozen=True)
class Tags(Type):
    """A list of texts, of `constants` when they are closed; a missing list is an empty one."""

    kind: ClassVar[str] = "tags"
    constants: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Date(Type):
    kind: ClassVar[str] = "date"


@dataclass(frozen=True)
class Datetime(Type):
    kind: ClassVar[str] = "datetime"


@dataclass(frozen=True)
class Json(Type):
    """Anything else: it can be tested for emptiness and for null, no more."""

    kind: ClassVar[str] = "json"


@dataclass(frozen=True)
class Parts(Json):
    """A value of named parts, each with a type: `rent.start`. The whole is like any other JSON."""

    parts: tuple[tuple[str, Type], ...] = ()

    def field(self, name: str) -> Type | None:
        return dict(self.parts).get(name)

    def all_fields(self) -> Mapping[str, Type]:
        return dict(self.parts)

    @property
    def name(self) -> str:
        return "this field"


@dataclass(frozen=True)
class Allowed:
    """What an expression may read besides the record: the user, the clock, the change being made."""

    user: bool = False
    clock: bool = False
    change: bool = False


FORMULA = Allowed(clock=True)
DEFAULT = FILTER = Allowed(user=True, clock=True)
RULE = Allowed(user=True, clock=True, change=True)


@dataclass(frozen=True, eq=False)
class RecordType:
    """The names of one kind of record, with their types.

    `fields` may be a function, called on first use: links may then form circles.
    """

    name: str
    fields: Mapping[str, Type] | Callable[[], Mapping[str, Type]]
    allowed: Allowed = FORMULA
    _resolved: list[Mapping[str, Type]] = field(default_factory=list, repr=False)

    def field(self, name: str) -> Type | None:
        return self.all_fields().get(name)

    def all_fields(self) -> Mapping[str, Type]:
        if not self._resolved:
            self._resolved.append(self.fields() if callable(self.fields) else self.fields)
        return self._resolved[0]

    def allowing(self, allowed: Allowed) -> "RecordType":
        """The same record as an environment that may also read `allowed`."""
        return replace(self, allowed=allowed)


@dataclass(frozen=True, eq=False)
class Link(Type):
    """A reference to a record; compares as its id, `link.name` reads a field of the target."""

    kind: ClassVar[str] = "link"
    target: "RecordType | Callable[[], RecordType] | None" = None

    def record(self) -> RecordType | None:
        return self.target if isinstance(self.target, RecordType) or self.target is None else self.target()


@dataclass(frozen=True, eq=False)
class Lines(Type):
    """Child records, read through `sum`, `count`, `avg`, `min`, `max`, `any` and `all`."""

    kind: ClassVar[str] = "lines"
    target: "RecordType | Callable[[], RecordType] | None" = None

    def record(self) -> RecordType | None:
        return self.target if isinstance(self.target, RecordType) or self.target is None else self.target()


UNKNOWN = Unknown()
NULL = Null()
BOOLEAN = Boolean()
INTEGER = Integer()
SECONDS = Integer(seconds=True)
DECIMAL = Decimal_()
NUMBER = Decimal_(double=True)
TEXT = Text()
TAGS = Tags()
DATE = Date()
DATETIME = Datetime()
JSON = Json()

BY_KIND: Mapping[str, Type] = {
    t.kind: t for t in (NULL, BOOLEAN, INTEGER, DECIMAL, TEXT, TAGS, DATE, DATETIME, JSON)
}
