"""Reads the keyword `conversions` of an entity, and checks it against all entities.

What can be known beforehand is refused here: unknown names, types that do not fit, values of a select that the other
one lacks, required fields that nobody fills or is asked for, records that refer to each other in a circle.
"""

from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from types import MappingProxyType
from typing import Any, Final

from fieldstone.expressions import BOOLEAN, DEFAULT, Checked, Type
from fieldstone.metadata.checking import LINK_TYPES, Checking
from fieldstone.metadata.conversion_maps import Conversion, Creation, LinesFrom, ValueFrom
from fieldstone.metadata.definitions import MISSING, SYSTEM_FIELDS, Document, Entity, Field
from fieldstone.metadata.document_reading import Reading, ordered
from fieldstone.metadata.documents import title_of
from fieldstone.metadata.entities import writable_names
from fieldstone.metadata.json_source import escape
from fieldstone.problems import Problem, did_you_mean

LINKING: Final = (*LINK_TYPES, "multi_link", "any_link")
TEXTS: Final = ("text", "multiline", "email", "phone", "url", "code", "markdown", "barcode")
NUMBERS: Final = ("integer", "number", "decimal", "percent", "money", "rating")
CHOICES: Final = ("select", "radio", "multi_select")


def read_conversions(
    document: Document, checking: Checking, problems: list[Problem]
) -> tuple[Conversion, ...]:
    """The conversions of an entity's document in effective order; what is wrong is appended to `problems`."""
    reading = _Reading(document, checking, (), problems)
    found = []
    for order, at, body in ordered(document.body.get("conversions", ())):
        found.append(reading.conversion(body, f"/conversions/{at}", order))
    return tuple(found)


class _Reading(Reading):
    """One document's conversions being read."""

    def conversion(self, body: Mapping[str, Any], pointer: str, order: float) -> Conversion:
        source = self.entities[self.document.name]
        made = {part["name"]: part["entity"] for part in body["creates"]}
        creates = [
            self.creation(source, part, f"{pointer}/creates/{at}", place, made)
            for place, at, part in ordered(body["creates"])
        ]
        return Conversion(
            name=body["name"],
            entity=source.name,
            title=body.get("title") or title_of(body["name"]),
            when=self.condition(source.name, body, "when", pointer),
            once=body.get("once", False),
            creates=self.in_dependency_order(creates, pointer),
            set=self.values(source, source, body.get("set", {}), f"{pointer}/set", made),
            icon=body.get("icon", "transform"),
            description=body.get("description", ""),
            order=order,
            layer=self.layer(pointer),
        )

    def creation(
        self, source: Entity, body: Mapping[str, Any], pointer: str, order: float, made: Mapping[str, str]
    ) -> Creation:
        target = self.entity(f"{pointer}/entity", body["entity"])
        existing = body.get("existing", {})
        values: tuple[ValueFrom, ...] = ()
        lines: tuple[LinesFrom, ...] = ()
        if target is not None:
            values = self.values(source, target, body.get("values", {}), f"{pointer}/values", made)
            lines = tuple(
                self.lines(source, target, part, f"{pointer}/lines/{at}", made)
                for at, part in enumerate(body.get("lines", ()))
            )
            for at, name in enumerate(body.get("ask", ())):
                self.writable(target, name, f"{pointer}/ask/{at}")
            filled = {*(value.name for value in values), *(each.name for each in lines), *body.get("ask", ())}
            self.required(target, filled, f"{pointer}/values", "fill it in `values` or name it in `ask`")
            if "from" in existing:
                self.existing(source, target, existing["from"], f"{pointer}/existing/from")
        return Creation(
            name=body["name"],
            entity=body["entity"],
            title=body.get("title"),
            when=self.condition(source.name, body, "when", pointer),
            existing=existing.get("from"),
            offer=existing.get("offer", False),
            values=values,
            lines=lines,
            ask=tuple(body.get("ask", ())),
            order=order,
            layer=self.layer(pointer),
        )

    def lines(
        self, source: Entity, target: Entity, body: Mapping[str, Any], pointer: str, made: Mapping[str, str]
    ) -> LinesFrom:
        known = [field.name for field in target.fields.values() if field.lines]
        if body["name"] not in known:
            self.unknown(
                f"{pointer}/name", "field.unknown", body["name"], f'field of lines of "{target.name}"', known
            )
        own = [field.name for field in source.fields.values() if field.lines]
        if body["from"] not in own:
            self.unknown(
                f"{pointer}/from", "field.unknown", body["from"], f'field of lines of "{source.name}"', own
            )
        where: Checked | None = None
        values: tuple[ValueFrom, ...] = ()
        if body["name"] in known and body["from"] in own:
            drafts = self.checking.drafts
            line = drafts[source.fields[body["from"]].lines or ""].entity
            child = drafts[target.fields[body["name"]].lines or ""].entity
            where = self.condition(line.name, body, "where", pointer)
            values = self.values(line, child, body.get("values", {}), f"{pointer}/values", made)
            filled = {value.name for value in values}
            self.required(child, filled, f"{pointer}/values", "fill it in `values`")
        return LinesFrom(body["name"], body["from"], where, values)

    # Values

    def values(
        self, source: Entity, target: Entity, body: Mapping[str, Any], pointer: str, made: Mapping[str, str]
    ) -> tuple[ValueFrom, ...]:
        found = []
        for name, given in body.items():
            place = f"{pointer}/{escape(name)}"
            field = self.writable(target, name, place)
            if isinstance(given, str):
                expect = self.wanted(target, name, field)
                checked = self.checked(source.name, given, place, expect) if field is not False else None
                found.append(ValueFrom(name, expression=checked))
            elif ("created" in given) == ("from" in given):
                message = 'a value is an expression, or has either "from" or "created"'
                self.problems.append(Problem(place, "conversion.value", message))
            elif "created" in given:
                self.created(field, given["created"], f"{place}/created", made)
                found.append(ValueFrom(name, created=given["created"]))
            else:
                translate = MappingProxyType(dict(given.get("map", {})))
                self.copied(source, field, given["from"], translate, place)
                found.append(ValueFrom(name, source=given["from"], translate=translate))
        return tuple(found)

    def writable(self, target: Entity, name: str, pointer: str) -> Field | bool | None:
        """The field of a name that a body may have; None for a currency or the owner, False when it may not."""
        field = target.fields.get(name)
        if field is None:
            names = [*writable_names(target.fields), *(() if target.parent else ("owner_id",))]
            if name in names:
                return None
            self.unknown(pointer, "field.unknown", name, f'field of "{target.name}"', names)
            return False
        if field.computed or field.read_only:
            what = "computed" if field.computed else "read-only"
            self.problems.append(
                Problem(pointer, "conversion.read_only", f'"{name}" of "{target.name}" is {what}')
            )
            return False
        if field.lines is not None:
            message = f'"{name}" of "{target.name}" holds lines; carry them over in `lines`'
            self.problems.append(Problem(pointer, "conversion.lines", message))
            return False
        return field

    def wanted(self, target: Entity, name: str, field: Field | bool | None) -> Type | None:
        if isinstance(field, Field):
            return self.checking.types.type_of(target.name, field)
        return self.checking.types.field(target.name, name) if name in SYSTEM_FIELDS else None

    def created(self, field: Field | bool | None, name: str, pointer: str, made: Mapping[str, str]) -> None:
        if name not in made:
            self.unknown(pointer, "conversion.unknown", name, "record of this conversion", list(made))
        elif isinstance(field, Field) and field.type not in LINKING:
            message = f'"{field.name}" is of type "{field.type}", which cannot link to a record'
            self.problems.append(Problem(pointer, "conversion.type", message))
        elif isinstance(field, Field) and made[name] not in goals(field):
            message = f'"{field.name}" links to {", ".join(goals(field))}, but "{name}" is a record of "{made[name]}"'
            self.problems.append(Problem(pointer, "conversion.type", message))

    def copied(
        self, source: Entity, field: Field | bool | None, name: str, translate: Mapping[str, Any], place: str
    ) -> None:
        """Whether the field `name` of the source can be put into `field` as it stands."""
        given = source.fields.get(name)
        system = name in SYSTEM_FIELDS and not source.parent
        if given is None and name not in writable_names(source.fields) and not system:
            known = [*writable_names(source.fields), *SYSTEM_FIELDS]
            self.unknown(f"{place}/from", "field.unknown", name, f'field of "{source.name}"', known)
            return
        if not isinstance(field, Field):
            return
        if given is None:
            if not self.system_fits(source, name, field):
                self.misfit(field, f"{place}/from", name, "a system field" if system else "a currency")
            return
        if not fits(given, field):
            self.misfit(field, f"{place}/from", name, f'of type "{given.type}"')
        elif field.type in CHOICES and field.options:
            known = [option.const for option in field.options]
            wrong = [o.const for o in given.options if translate.get(o.const, o.const) not in known]
            if wrong:
                words = ", ".join(f'"{value}"' for value in wrong[:5])
                message = (
                    f'"{field.name}" has no value {words}; give another one for it in `map`'
                    f"{did_you_mean(wrong[0], known)}"
                )
                self.problems.append(Problem(place, "conversion.option", message))

    def system_fits(self, source: Entity, name: str, field: Field) -> bool:
        if name == "id":
            return field.type in LINKING and source.name in goals(field)
        if name in ("owner_id", "created_by", "updated_by"):
            return field.type in LINKING and "user" in goals(field)
        if name in ("created_at", "updated_at", "deleted_at"):
            return field.type == "datetime"
        return field.type in (NUMBERS if name == "version" else TEXTS)

    def misfit(self, field: Field, pointer: str, name: str, what: str) -> None:
        message = f'"{name}" is {what}, which does not fit "{field.name}" of type "{field.type}"; an expression can change it'
        self.problems.append(Problem(pointer, "conversion.type", message))

    def existing(self, source: Entity, target: Entity, name: str, pointer: str) -> None:
        field = source.fields.get(name)
        if field is None or field.type not in LINK_TYPES or field.target != target.name:
            known = [
                f.name for f in source.fields.values() if f.type in LINK_TYPES and f.target == target.name
            ]
            self.unknown(pointer, "field.unknown", name, f'link of "{source.name}" to "{target.name}"', known)

    def required(self, target: Entity, filled: set[str], pointer: str, advice: str) -> None:
        for field in target.fields.values():
            supplied = field.computed or field.default is not MISSING or field.default_expression is not None
            expressions = field.settings.get("expressions", {})
            supplied = supplied or "defaultExpression" in expressions or field.name in filled
            if field.required and not supplied:
                message = f'"{target.name}" needs "{field.name}", which nothing fills; {advice}'
                self.problems.append(Problem(pointer, "conversion.required", message))

    # Expressions

    def condition(self, entity: str, body: Mapping[str, Any], keyword: str, pointer: str) -> Checked | None:
        if keyword not in body:
            return None
        return self.checked(entity, body[keyword], f"{pointer}/{keyword}", BOOLEAN)

    def checked(self, entity: str, text: str, pointer: str, expect: Type | None) -> Checked | None:
        found = self.checking.problems
        before = len(found)
        checked = self.checking.expression(entity, text, pointer, DEFAULT, expect)
        self.problems += [problem for _, problem in found[before:]]
        del found[before:]
        return checked

    # Order

    def in_dependency_order(self, creates: list[Creation], pointer: str) -> tuple[Creation, ...]:
        by_name = {each.name: each for each in creates}
        graph = {each.name: [n for n in references(each) if n in by_name] for each in creates}
        try:
            return tuple(by_name[name] for name in TopologicalSorter(graph).static_order())
        except CycleError as error:
            circle = " -> ".join(error.args[1])
            message = f"these records refer to each other in a circle, so none can be made first: {circle}"
            self.problems.append(Problem(f"{pointer}/creates", "conversion.circle", message))
            return tuple(creates)


def references(creation: Creation) -> Iterator[str]:
    """The records that one is made after."""
    for value in (*creation.values, *(value for lines in creation.lines for value in lines.values)):
        if value.created is not None:
            yield value.created


def goals(field: Field) -> tuple[str, ...]:
    """The entities that a link field can lead to."""
    return tuple(field.settings.get("targets", ())) if field.type == "any_link" else (field.target or "",)


def fits(given: Field, field: Field) -> bool:
    """Whether a value of one field is a value of the other, as far as types say."""
    if given.type in ("formula", "rollup", "related", "lines", "secret"):
        return False
    if given.type == "sequence":
        return field.type in TEXTS
    if field.type in LINKING or given.type in LINKING:
        return given.type in LINKING and (
            (
                given.target == field.target
                and (given.type == field.type or {given.type, field.type} <= {*LINK_TYPES})
            )
            or (given.type == field.type == "any_link")
        )
    if given.type == field.type:
        return True
    if given.type in TEXTS:
        return field.type in TEXTS
    if given.type == "integer":
        return field.type in NUMBERS
    if given.type in ("select", "radio"):
        return field.type in ("select", "radio", *TEXTS)
    return given.type in ("decimal", "percent", "money", "number") and field.type in (
        "decimal",
        "percent",
        "money",
    )
