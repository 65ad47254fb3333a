"""What expressions see of entities: every field's type, links resolved when they are followed.

Entities may link to each other in circles, so the fields of a record type are looked up one by one. The types
of formulas, rollups and related values follow from their expressions: the compiler gives a function that
finds them; for a finished model they are read from the definitions.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from fieldstone.expressions import (
    BOOLEAN,
    DATE,
    DATETIME,
    DECIMAL,
    INTEGER,
    JSON,
    NUMBER,
    SECONDS,
    Decimal_,
    Lines,
    Link,
    Parts,
    RecordType,
    Select,
    Tags,
    Text,
    Type,
)
from fieldstone.metadata.definitions import SYSTEM_FIELDS, Entity, Field, Model
from fieldstone.metadata.fields import expression_kind

_PLAIN: Final[Mapping[str, Type]] = {
    "boolean": BOOLEAN, "integer": INTEGER, "number": NUMBER, "date": DATE,
    "datetime": DATETIME, "json": JSON,
}  # fmt: skip
CURRENCY: Final = Text(3)
"""What a money field's companion `<name>_currency` is."""
_SYSTEM: Final[Mapping[str, Type | str]] = {
    "version": INTEGER, "created_at": DATETIME, "updated_at": DATETIME, "deleted_at": DATETIME,
    "created_by": "user", "updated_by": "user", "owner_id": "user",
}  # fmt: skip

Finder = Callable[[str, Field], Type]


class RecordTypes:
    """The record types of a set of entities. `find` gives the type of a computed field of a named entity."""

    def __init__(self, entities: Mapping[str, Entity], find: Finder | None = None) -> None:
        self.entities = entities
        self.find = find
        self._made: dict[str, RecordType] = {}

    def close(self, entities: Mapping[str, Entity]) -> None:
        """From now on the types are those of finished entities."""
        self.entities, self.find = entities, None

    def of(self, name: str) -> RecordType:
        """The record type of an entity; one without fields when there is no such entity."""
        if name not in self._made:
            self._made[name] = RecordType(name, _Fields(self, name))
        return self._made[name]

    def extended(self, name: str, given: Mapping[str, Type]) -> RecordType:
        """The record type of an entity with more names, which stand in front of its own."""
        return RecordType(name, _With(given, _Fields(self, name)))

    def anything(self) -> RecordType:
        """What every entity has: the system fields."""
        return RecordType("record", {name: self.system(name, "") for name in SYSTEM_FIELDS})

    def system(self, name: str, entity: str) -> Type:
        kind = _SYSTEM.get(name, entity)
        return self.link(kind) if isinstance(kind, str) else kind

    def link(self, target: str) -> Link:
        return Link(lambda: self.of(target))

    def field(self, entity: str, name: str) -> Type | None:
        """The type of one field, or None when the entity has none of that name."""
        definition = self.entities.get(entity)
        if definition is None:
            return None
        found = definition.fields.get(name)
        if found is not None:
            return self.type_of(entity, found)
        behind = definition.field_behind(name)
        if behind != name:
            return CURRENCY if name.endswith("_currency") else self.field(entity, behind)
        names = ("id",) if definition.parent else SYSTEM_FIELDS
        return self.system(name, entity) if name in names else None

    def type_of(self, entity: str, definition: Field) -> Type:
        if definition.type in ("formula", "rollup", "related") and self.find is not None:
            return self.find(entity, definition)
        if definition.formula is not None:
            return definition.formula.type
        return self.from_kind(expression_kind(definition))

    def from_kind(self, kind: Mapping[str, Any]) -> Type:
        """The type that plain data of `expression_kind` stands for."""
        match kind["kind"]:
            case "decimal":
                if kind.get("digits") is None or kind.get("places") is None:
                    return DECIMAL
                return Decimal_(kind["digits"], kind["places"])
            case "text":
                return Text(kind.get("max_length"))
            case "select":
                return Select(tuple(kind["options"]))
            case "tags":
                return Tags(None if kind.get("options") is None else tuple(kind["options"]))
            case "link":
                return self.link(kind["target"])
            case "integer" if kind.get("seconds"):
                return SECONDS
            case "parts":
                return Parts(
                    tuple((name, self.from_kind({"kind": part})) for name, part in kind["parts"].items())
                )
            case "lines":
                entity = kind["entity"]
                return Lines(lambda: self.of(entity))
            case other:
                return _PLAIN.get(other, JSON)


class _Fields(Mapping[str, Type]):
    """The fields of one entity, each type found when it is asked for."""

    def __init__(self, types: RecordTypes, entity: str) -> None:
        self.types = types
        self.entity = entity

    def __getitem__(self, name: str) -> Type:
        found = self.types.field(self.entity, name)
        if found is None:
            raise KeyError(name)
        return found

    def __iter__(self) -> Iterator[str]:
        definition = self.types.entities.get(self.entity)
        if definition is not None:
            yield from definition.fields
            for name, field in definition.fields.items():
                if field.type == "money":
                    yield from (f"{name}_currency", f"{name}_base")
            yield from ("id",) if definition.parent else SYSTEM_FIELDS

    def __len__(self) -> int:
        return sum(1 for _ in self)


class _With(Mapping[str, Type]):
    """Some names, then those of a record."""

    def __init__(self, given: Mapping[str, Type], fields: Mapping[str, Type]) -> None:
        self.given = given
        self.fields = fields

    def __getitem__(self, name: str) -> Type:
        return self.given[name] if name in self.given else self.fields[name]

    def __iter__(self) -> Iterator[str]:
        yield from self.given
        yield from (name for name in self.fields if name not in self.given)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def record_types(model: Model) -> RecordTypes:
    """The record types of a finished model; keep them as long as the model, they fill up as they are used."""
    return RecordTypes(model.entities)


def kind_of(type_: Type) -> dict[str, Any] | None:
    """Plain data for a type, as `expression_kind` gives it; None for null and for what cannot be kept."""
    match type_:
        case Decimal_():
            if type_.double:
                return {"kind": "number"}
            return {"kind": "decimal", "digits": type_.digits, "places": type_.places}
        case Text():
            return {"kind": "text", "max_length": type_.max_length}
        case Select():
            return {"kind": "select", "options": list(type_.constants)}
        case Tags():
            options = type_.constants
            return {"kind": "tags", "options": None if options is None else list(options)}
        case Link():
            record = type_.record()
            return {"kind": "link", "target": record.name} if record else None
        case Lines():
            return None
    return {"kind": type_.kind} if type_.kind in _PLAIN else None


def signature(type_: Type | None) -> str:
    """Two types with the same signature mean the same to a checked expression."""
    match type_:
        case Link() | Lines():
            record = type_.record()
            return f"{type_.kind}:{record.name if record else ''}"
        case _:
            return repr(type_)
