"""Bodies to values: the one check of what a caller sends for a record, whichever door it comes through.

A validator is compiled once per content hash of its entity. Null and defaults come first, as the contract
says: null of an optional property means absent, and what is absent gets its default. A PATCH is refused
only for problems that involve a property it changes: a value that was already wrong may be sent back
unchanged.
"""

from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from itertools import chain
from types import NoneType
from typing import Any, Final, Literal
from uuid import UUID

from fieldstone.metadata.composites import Unit, unit_problems, units_of
from fieldstone.metadata.definitions import EMPTY, MISSING, Entity, Field
from fieldstone.metadata.fields import FIELD_TYPES, INVALID, Check, Shortcut, compile_check, compile_shortcut
from fieldstone.metadata.fields.base import escaped
from fieldstone.metadata.fields.currencies import currency_codes
from fieldstone.metadata.fields.json import storable
from fieldstone.metadata.fields.jsonschema_bridge import plain, schema_check
from fieldstone.metadata.fields.link import uuid_check
from fieldstone.metadata.fields.multi_link import LINK, as_wire, is_joining
from fieldstone.metadata.fields.patterns import pattern_of
from fieldstone.metadata.fields.registry import wire_type
from fieldstone.metadata.fields.strings import unstorable
from fieldstone.metadata.fields.wording import describe, problem, wrong_type
from fieldstone.metadata.system_fields import WRITABLE, system_fields
from fieldstone.problems import Problem, did_you_mean

Mode = Literal["create", "patch"]
Body = Mapping[str, Any]
Record = Mapping[str, Any]

EXTRAS: Final = "_extras"
"""Where a stored record keeps its additional properties; no property may have this name."""

MERGED: Final = frozenset(("json", "address", "person_name", "date_range", "geo_point"))
"""Types whose objects a PATCH merges (RFC 7396) instead of replacing them."""


@dataclass(frozen=True, slots=True)
class Validated:
    """What a body comes to.

    `values` is what to write, by name; `given` all names that the body has; `extras` the complete new
    additional properties, or None when the body does not touch them.
    """

    values: dict[str, Any]
    given: frozenset[str]
    problems: list[Problem]
    extras: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Slot:
    """One property that a body may set, ready to be checked."""

    field: Field
    check: Check
    pointer: str
    null_ok: bool
    null_kept: bool
    merged: bool
    shortcut: Shortcut | None = None


def validator_for(entity: Entity, entities: Mapping[str, Entity] = EMPTY) -> "EntityValidator":
    """The compiled validator of `entity`; `entities` is where its line entities are."""
    lines = tuple(
        (field.name, entities[field.lines])
        for field in entity.fields.values()
        if field.lines is not None and field.lines in entities
    )
    return compiled(Compilable(entity, lines))


class Compilable:
    """An entity with its line entities: equal when the content is."""

    __slots__ = ("entity", "key", "lines")

    def __init__(self, entity: Entity, lines: tuple[tuple[str, Entity], ...]) -> None:
        self.entity = entity
        self.lines = lines
        self.key = (entity.hash, *(line.hash for _, line in lines))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Compilable) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)


@lru_cache(maxsize=400)
def compiled(what: Compilable) -> "EntityValidator":
    return EntityValidator(what.entity, {name: EntityValidator(line, {}) for name, line in what.lines})


class EntityValidator:
    """Checks bodies for one entity. Immutable once made, so that all threads share it."""

    def __init__(self, entity: Entity, lines: Mapping[str, "EntityValidator"]) -> None:
        self.entity = entity
        self.lines = dict(lines)
        self.is_line = entity.parent is not None
        self.read_only = read_only_fields(entity)
        self.slots = slots_of(entity, self.lines)
        self.defaults = defaults_of(entity, self.slots)
        self.required = tuple(
            (field.name, f"/{escaped(field.name)}") for field in entity.fields.values() if demanded(field)
        )
        self.names = frozenset(entity.fields)
        self.units: tuple[Unit, ...] = units_of(entity.composite, self.names) if entity.composite else ()
        self.extra_check = extra_check(entity)
        self.patterns = pattern_units(entity)

    def validate(self, body: Any, mode: Mode, *, current: Record | None = None, path: str = "") -> Validated:
        """The values of a body, and everything that is wrong with it. `current`: the record as it is
        (PATCH)."""
        if not isinstance(body, Mapping):
            return Validated({}, frozenset(), [wrong_type(path, body, "an object")])
        if mode == "create":
            return self.create(body, path)
        return self.patch(body, current, path)

    def create(self, body: Body, path: str) -> Validated:
        return self.create_many([body], path)[0]

    def create_many(self, bodies: Sequence[Any], path: str = "") -> list[Validated]:
        """What new records' bodies come to: a property at a time, since in many bodies the same texts come again."""
        found = [
            Validated({}, frozenset(body), [])
            if isinstance(body, Mapping)
            else Validated({}, frozenset(), [wrong_type(path, body, "an object")])
            for body in bodies
        ]
        places = [place for place, body in enumerate(bodies) if isinstance(body, Mapping)]
        pairs = [(bodies[place], found[place]) for place in places]
        taking = [(body, each.values, each.problems) for body, each in pairs]
        extras: dict[int, dict[str, Any]] = {}
        for name in dict.fromkeys(chain.from_iterable(body for body, _ in pairs)):
            slot = self.slots.get(name)
            if slot is not None:
                take_slot(name, slot, path + slot.pointer, taking)
                continue
            for place, (body, each) in zip(places, pairs, strict=True):
                if name in body and self.take_other(name, body[name], path, each):
                    extras.setdefault(place, {})[name] = storable(body[name], "", [])
        self.complete(pairs, path)
        for place, more in extras.items():
            found[place] = replace(found[place], extras=more)
        return found

    def take_other(self, name: str, raw: Any, path: str, found: Validated) -> bool:
        """Check a property that has no slot. Whether it is one of the additional properties, and to be kept."""
        if name in self.lines:
            self.take_lines(name, raw, None, path, found.values, found.problems)
        elif self.is_line and name == "id":
            self.take_id(raw, path, found.values, found.problems)
        elif name in self.read_only:
            found.problems.append(self.read_only_problem(name, path))
        else:
            return self.take_extra(name, raw, path, found.problems) and raw is not None
        return False

    def complete(self, pairs: Iterable[tuple[Body, Validated]], path: str) -> None:
        """Defaults, then what is required, then what concerns several properties together."""
        for body, found in pairs:
            values, problems = found.values, found.problems
            for name, default, mutable in self.defaults:
                if name not in values and body.get(name) is None:
                    values[name] = deepcopy(default) if mutable else default
            for name, pointer in self.required:
                if name not in values and name not in body:
                    problems.append(problem("required", path + pointer))
            if self.units:
                problems += self.composite_problems(self.instance(body, values, None), None, problems, path)

    def patch(self, body: Body, current: Record | None, path: str) -> Validated:
        values: dict[str, Any] = {}
        problems: list[Problem] = []
        old = EMPTY if current is None else current
        extras: dict[str, Any] | None = None
        for name, raw in body.items():
            slot = self.slots.get(name)
            if slot is None:
                if name in self.lines:
                    self.take_lines(name, raw, old.get(name) or [], path, values, problems)
                elif self.is_line and name == "id":
                    self.take_id(raw, path, values, problems)
                elif name in self.read_only:
                    if current is None or not self.unchanged(self.read_only[name], raw, old.get(name)):
                        problems.append(self.read_only_problem(name, path))
                elif self.take_extra(name, raw, path, problems):
                    extras = self.extras_in(old) if extras is None else extras
                    extras.pop(name, None)
                    if raw is not None:
                        extras[name] = storable(raw, "", [])
            elif raw is None:
                if (slot.null_ok and not slot.field.required) or slot.field.nullable:
                    values[name] = None
                elif current is None or old.get(name) is not None:
                    problems.append(problem("null", path + slot.pointer))
            else:
                before = len(problems)
                value = self.patched(slot, raw, old, path, problems)
                if value is not INVALID:
                    values[name] = value
                elif current is not None and self.unchanged(slot.field, raw, old.get(name)):
                    del problems[before:]
        if self.units and current is not None:
            changed = frozenset(
                name
                for name in {*values, *(body.keys() if extras is not None else ())}
                if name not in values or values[name] != old.get(name)
            )
            problems += self.composite_problems(self.instance(body, values, old), changed, problems, path)
        return Validated(values, frozenset(body), problems, extras)

    def patched(self, slot: Slot, raw: Any, old: Record, path: str, problems: list[Problem]) -> Any:
        """The new value of a property; objects are merged into what is there."""
        if slot.merged and isinstance(raw, Mapping):
            there = old.get(slot.field.name)
            raw = merge_patch(
                FIELD_TYPES[slot.field.type].to_wire(slot.field, there) if there is not None else None, raw
            )
        return slot.check(raw, path + slot.pointer, problems)

    def take_lines(
        self,
        name: str,
        raw: Any,
        old: list[Record] | None,
        path: str,
        values: dict[str, Any],
        problems: list[Problem],
    ) -> None:
        """Check the items of a lines field: those whose id is known as a change, the others as new."""
        field = self.entity.fields[name]
        path = f"{path}/{escaped(name)}"
        if raw is None:
            if field.required:
                problems.append(problem("null", path))
            elif old is not None:
                values[name] = []
            return
        if not isinstance(raw, list):
            problems.append(wrong_type(path, raw, "a list of objects"))
            return
        schema = field.schema
        if not schema.get("minItems", 0) <= len(raw) <= schema["maxItems"]:
            code = "minItems" if len(raw) < schema.get("minItems", 0) else "maxItems"
            problems.append(problem(code, path, len(raw), schema[code]))
            return
        validator, items, seen = self.lines[name], [], set()
        joining = is_joining(validator.entity)
        known = {str(line[LINK] if joining else line["id"]): line for line in old or () if "id" in line}
        for index, item in enumerate(raw):
            at = f"{path}/{index}"
            key = item.get("id") if isinstance(item, Mapping) else None
            there = known.get(key.lower()) if isinstance(key, str) else None
            if isinstance(key, str) and key.lower() in seen:
                problems.append(problem("uniqueItems", f"{at}/id"))
            seen.add(key.lower() if isinstance(key, str) else None)
            if joining:
                item = joined(item)
            result = validator.validate(item, "create" if there is None else "patch", current=there, path=at)
            problems += [at_id(each, at) for each in result.problems] if joining else result.problems
            if joining and there is not None:
                result.values["id"] = there["id"]
            items.append({**result.values, **(result.extras or {})})
        values[name] = items

    def take_id(self, raw: Any, path: str, values: dict[str, Any], problems: list[Problem]) -> None:
        value = None if raw is None else uuid_check(raw, f"{path}/id", problems)
        if isinstance(value, UUID):
            values["id"] = value

    def take_extra(self, name: str, raw: Any, path: str, problems: list[Problem]) -> bool:
        """Whether an additional property is allowed and its value legal; what is wrong is appended."""
        pointer = f"{path}/{escaped(name)}"
        fitting = [check for pattern, check in self.patterns if pattern.found_in(name)]
        if not fitting and self.extra_check is None:
            known = [*self.slots, *self.lines]
            problems.append(problem("additionalProperties", pointer, limit=did_you_mean(name, known)))
            return False
        if wrong := unstorable(name, pointer):
            problems.append(wrong)
            return False
        if raw is None:
            return True
        checks = fitting or [self.extra_check] if self.extra_check else fitting
        before = len(problems)
        for check in checks:
            check(raw, pointer, problems)
        return len(problems) == before

    def extras_in(self, record: Record) -> dict[str, Any]:
        """The additional properties of a record, as it is stored or as it is read."""
        if isinstance(record.get(EXTRAS), Mapping):
            return dict(record[EXTRAS])
        known = {*self.names, *self.slots, *self.read_only, *self.lines, *system_fields()}
        return {name: value for name, value in record.items() if name not in known and value is not None}

    def read_only_problem(self, name: str, path: str) -> Problem:
        field = self.read_only[name]
        why = f"the platform computes it ({field.type})" if field.computed else "it is read-only"
        return problem("readOnly", f"{path}/{escaped(name)}", limit=why)

    def unchanged(self, field: Field, raw: Any, value: Any) -> bool:
        """Whether what was sent is what is there already."""
        if raw is None or value is None:
            return raw is value
        kind = wire_type(field)
        return kind is not None and kind.same(field, raw, value)

    def instance(self, body: Body, values: Mapping[str, Any], old: Record | None) -> dict[str, Any]:
        """The whole body as the composite keywords see it: plain JSON, nulls left out, defaults and old
        values in."""
        found: dict[str, Any] = {}
        if old is not None:
            found = {**self.wire(old), **self.extras_in(old)}
        for name, raw in body.items():
            if name in self.read_only or (self.is_line and name == "id"):
                continue
            slot = self.slots.get(name)
            if raw is None and not (slot and slot.null_kept):
                found.pop(name, None)
            elif slot and slot.merged and old is not None and name in values:
                found[name] = FIELD_TYPES[slot.field.type].to_wire(slot.field, values[name])
            else:
                found[name] = plain(raw)
        for name, _, _ in self.defaults:
            if name not in found and name in values:
                found[name] = plain(self.entity.fields[name].default)
        return found

    def wire(self, record: Record) -> dict[str, Any]:
        """A record's writable values as plain JSON."""
        found: dict[str, Any] = {}
        for name, slot in self.slots.items():
            if (value := record.get(name)) is not None and name in self.entity.fields:
                found[name] = FIELD_TYPES[slot.field.type].to_wire(slot.field, value)
        for name, validator in self.lines.items():
            lines = [validator.wire(line) for line in record.get(name) or ()]
            found[name] = [as_wire(line) for line in lines] if is_joining(validator.entity) else lines
        return found

    def composite_problems(
        self, instance: Mapping[str, Any], changed: frozenset[str] | None, before: list[Problem], path: str
    ) -> list[Problem]:
        """What the object-level keywords say; those about a property that is wrong by itself are not
        asked."""
        wrong = frozenset(
            p.path[len(path) + 1 :].split("/")[0].replace("~1", "/").replace("~0", "~") for p in before
        )
        found: list[Problem] = []
        for unit in self.units:
            if (wrong and unit.concerns(wrong)) or (changed is not None and not unit.concerns(changed)):
                continue
            for one in unit_problems(unit, instance, path):
                named = one.path[len(path) + 1 :].split("/")[0]
                if unit.mentions is None and changed is not None and named and named not in changed:
                    continue
                if one not in found:
                    found.append(one)
        return found


def joined(item: Any) -> Any:
    """An entry of several links as the row that keeps it: the id is what it links to."""
    if not isinstance(item, Mapping):
        return item
    row = {name: value for name, value in item.items() if name != "id"}
    if LINK in row:
        row[f"{LINK} "] = row.pop(LINK)  # no such attribute: the message says so
    return {**row, LINK: item["id"]} if "id" in item else row


def at_id(problem: Problem, at: str) -> Problem:
    """A problem of a row's link is one of the entry's id."""
    if problem.path == f"{at}/{LINK}":
        return replace(problem, path=f"{at}/id")
    return replace(problem, path=problem.path.removesuffix(" "))


def read_only_fields(entity: Entity) -> dict[str, Field]:
    """The names that a body may only repeat."""
    found = {
        name: field
        for name, field in system_fields().items()
        if name != WRITABLE or entity.parent is not None
    }
    if entity.parent is not None:
        del found["id"]
    for field in entity.fields.values():
        if field.computed or field.read_only:
            found[field.name] = field
        if field.type == "money" and f"{field.name}_base" not in entity.fields:
            found[f"{field.name}_base"] = base_field(field)
    return found


def base_field(money: Field) -> Field:
    """The read-only companion of a money field: its amount in the company's currency."""
    return Field(
        f"{money.name}_base", "decimal", f"{money.title} (company currency)", {"type": "string"},
        read_only=True, settings={"scale": 10},
    )  # fmt: skip


def slots_of(entity: Entity, lines: Mapping[str, EntityValidator]) -> dict[str, Slot]:
    """The properties that a body may set, with their compiled checks."""
    found: dict[str, Slot] = {}
    for field in entity.fields.values():
        if field.computed or field.read_only or field.name in lines:
            continue
        check = unknown_lines if field.lines else compile_check(field)
        kept = field.nullable and demanded(field)
        null_ok = kept or not demanded(field)
        pointer = f"/{escaped(field.name)}"
        shortcut = None if field.lines else compile_shortcut(field)
        found[field.name] = Slot(field, check, pointer, null_ok, kept, field.type in MERGED, shortcut)
        companion = f"{field.name}_currency"
        if field.type == "money" and companion not in entity.fields:
            found[companion] = Slot(
                currency_field(field), currency_check, f"/{escaped(companion)}", True, False, False
            )
    if entity.parent is None and WRITABLE not in found:
        found[WRITABLE] = Slot(system_fields()[WRITABLE], uuid_check, f"/{WRITABLE}", True, False, False)
    return found


Taking = tuple[Body, dict[str, Any], list[Problem]]
"""The body of a new record, with the values and the problems that it comes to."""


def take_slot(name: str, slot: Slot, pointer: str, taking: Sequence[Taking]) -> None:
    """Check one property of new records. A text that was found right is not checked again."""
    check, many = slot.check, len(taking) > FEW
    known: dict[str, Any] | None = {} if many else None
    sent = [body.get(name) for body, _, _ in taking]
    right = many and all_right(slot, sent)
    for raw, (body, values, problems) in zip(sent, taking, strict=True):
        if raw is not None:
            if right:
                value = raw
            elif known is None or raw.__class__ is not str:
                value = check(raw, pointer, problems)
            elif (value := known.get(raw)) is None:
                before = len(problems)
                value = check(raw, pointer, problems)
                if value.__class__ in IMMUTABLE and len(problems) == before:
                    known[raw] = value
            if value is not INVALID:
                values[name] = value
        elif name in body:
            if not slot.null_ok:
                problems.append(problem("null", pointer))
            elif slot.null_kept:
                values[name] = None


def all_right(slot: Slot, sent: Sequence[Any]) -> bool:
    """Whether a look at all values together says that each is right as it is; null stands beside them."""
    if slot.shortcut is None:
        return False
    kinds = set(map(type, sent))
    texts = sent if kinds == {str} else [each for each in sent if each is not None]
    return kinds <= {str, NoneType} and bool(texts) and slot.shortcut(texts)


FEW: Final = 20
"""Up to so many bodies are checked without remembering what was checked before."""

IMMUTABLE: Final = frozenset((str, int, Decimal, date, datetime, UUID))


def unknown_lines(value: Any, path: str, problems: list[Problem]) -> Any:
    raise TypeError(f"{path}: the line entity was not given to validator_for")


def currency_field(money: Field) -> Field:
    """The companion of a money field that names its currency."""
    return Field(
        f"{money.name}_currency", "text", f"{money.title}: currency", {"type": "string", "maxLength": 3}
    )


def currency_check(value: Any, path: str, problems: list[Problem]) -> Any:
    if type(value) is str and value in CURRENCIES:
        return value
    problems.append(problem("enum", path, describe(value), "the ISO 4217 currency codes, such as EUR or TWD"))
    return INVALID


CURRENCIES: Final = frozenset(currency_codes())


def demanded(field: Field) -> bool:
    """Whether a new record's body must have the property: what has a default of some kind need not be
    sent."""
    return (
        field.required
        and not field.computed
        and not field.read_only
        and field.default is MISSING
        and field.default_expression is None
    )


def defaults_of(entity: Entity, slots: Mapping[str, Slot]) -> tuple[tuple[str, Any, bool], ...]:
    """Name, value and whether it must be copied, of each default."""
    found = []
    for field in entity.fields.values():
        if field.default is MISSING or field.computed:
            continue
        check = slots[field.name].check if field.name in slots else compile_check(field)
        value = check(field.default, "", [])
        if value is not INVALID:
            found.append((field.name, value, isinstance(value, list | dict)))
    return tuple(found)


def extra_check(entity: Entity) -> Check | None:
    """The check of additional properties; None when there may be none."""
    if entity.extras is False:
        return None
    if entity.extras is True:
        return storable
    return extra_schema_check(entity.extras, entity)


def extra_schema_check(schema: Any, entity: Entity) -> Check:
    defs = entity.composite.get("$defs")
    if isinstance(schema, Mapping) and defs:
        schema = {**schema, "$defs": defs}
    ask = schema_check(schema, lambda value, path, problems: value)

    def check(value: Any, path: str, problems: list[Problem]) -> Any:
        kept = storable(value, path, problems)
        return INVALID if kept is INVALID or ask(value, path, problems) is INVALID else kept

    return check


def pattern_units(entity: Entity) -> tuple[tuple[Any, Check], ...]:
    """`patternProperties`: names that are allowed besides the declared ones, with the check of their
    values."""
    patterns = entity.composite.get("patternProperties", {})
    return tuple((pattern_of(text), extra_schema_check(schema, entity)) for text, schema in patterns.items())


def merge_patch(target: Any, patch: Any) -> Any:
    """RFC 7396."""
    if not isinstance(patch, Mapping):
        return patch
    merged = dict(target) if isinstance(target, Mapping) else {}
    for key, value in patch.items():
        if value is None:
            merged.pop(key, None)
        else:
            merged[key] = merge_patch(merged.get(key), value)
    return merged
