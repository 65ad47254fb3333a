"""Convert a record: make others of it as its entity's conversion says, in one transaction.

Everything goes through the verbs that people use, with the actor's rights; a field of a new record that the actor may not
write is left out of what the conversion fills in. Two who convert at the same moment wait for each other at the record.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from psycopg.types.json import Jsonb
from sqlalchemy.dialects.postgresql import ARRAY

from fieldstone.engine.ids import new_id
from fieldstone.engine.permissions import NotFound, access
from fieldstone.engine.records.answer import answer
from fieldstone.engine.records.converting import SourceValues, source_values
from fieldstone.engine.records.create import create
from fieldstone.engine.records.errors import InvalidContent, NotAllowed, Stale, UnknownRecord
from fieldstone.engine.records.load import load_for_change
from fieldstone.engine.records.program import Program, program_for
from fieldstone.engine.records.read import read
from fieldstone.engine.records.subject import readable_entity
from fieldstone.engine.records.update import followed, prepare_update, refuse_invisible, write_update
from fieldstone.engine.storage import control
from fieldstone.engine.storage.json_values import wire_dumps
from fieldstone.engine.transaction import Transaction
from fieldstone.metadata.conversion_maps import Conversion, Creation
from fieldstone.metadata.definitions import Entity
from fieldstone.metadata.fields.base import escaped
from fieldstone.problems import FieldstoneError, Problem, did_you_mean


class NotOffered(FieldstoneError):
    """The conversion's condition does not hold for the record."""

    code = "conversion.not_offered"
    kind = "refused"


class AlreadyConverted(FieldstoneError):
    """The record was converted this way before; `data` has `made`, what the actor may see of it."""

    code = "conversion.done"
    kind = "conflict"


class ConversionFailed(FieldstoneError):
    """A record that the conversion makes was refused; the problems say which, and why."""


@dataclass(frozen=True, slots=True)
class Made:
    """A record that a conversion made, or used."""

    name: str
    entity: str
    id: UUID

    def to_json(self) -> dict[str, Any]:
        return {"name": self.name, "entity": self.entity, "id": self.id}


@dataclass(frozen=True, slots=True)
class Converted:
    """What a conversion came to. `record` is the record that was converted, in wire form."""

    created: tuple[Made, ...]
    used: tuple[Made, ...]
    record: dict[str, Any]


def convert(
    tx: Transaction,
    entity: str,
    record_id: UUID,
    name: str,
    *,
    values: Mapping[str, Mapping[str, Any]] | None = None,
    use: Mapping[str, UUID | None] | None = None,
    if_match: int | None = None,
) -> Converted:
    """Run a conversion. `values` are wire values by name of the record to be made, over what the conversion fills in;
    `use` names records to use instead of new ones (None: a new one, though there is one to use).

    Raises UnknownRecord, NotAllowed, InvalidContent, NotOffered, AlreadyConverted, Stale, and ConversionFailed with the
    kind and code of what a new record was refused for.
    """
    program, rights = readable_entity(tx, entity)
    if rights.reach("update") == "none":
        read(tx, entity, record_id, fields=())
        raise NotAllowed(f"You may not change {program.entity.plural}.", verb="update", entity=entity)
    conversion = find_conversion(tx, entity, name)
    values, use = values or {}, use or {}
    _check_names(conversion, values, use)
    old = load_for_change(tx, program, record_id, "update")
    if old is None:
        refuse_invisible(tx, program, record_id, "update")
    if if_match is not None and old["version"] != if_match:
        raise Stale("Somebody changed this record since you read it.", version=old["version"])
    source = source_values(tx, program, old, [conversion])
    if not source.holds(conversion.when):
        raise NotOffered(f"{conversion.title} is not possible for this record now.", conversion=name)
    if conversion.once:
        refuse_twice(tx, conversion, record_id)
    made: dict[str, tuple[str, UUID] | None] = {}
    created, used = [], []
    for creation in conversion.creates:
        existing = _existing(tx, creation, source, use)
        if existing is not None:
            made[creation.name] = (creation.entity, existing)
            used.append(Made(creation.name, creation.entity, existing))
        elif source.holds(creation.when):
            body = {**filled(tx, creation, source, made), **values.get(creation.name, {})}
            fresh = _create(tx, creation, {n: v for n, v in body.items() if v is not None})
            made[creation.name] = (creation.entity, fresh)
            created.append(Made(creation.name, creation.entity, fresh))
        else:
            made[creation.name] = None
    record = _set(tx, program, conversion, record_id, source, made)
    _remember(tx, conversion, record_id, created, used)
    record = followed(tx, program, record)
    return Converted(tuple(created), tuple(used), answer(tx, program, record, rights))


def find_conversion(tx: Transaction, entity: str, name: str) -> Conversion:
    known = tx.model.conversions.get(entity, ())
    for each in known:
        if each.name == name:
            return each
    near = did_you_mean(name, [each.name for each in known])
    problem = Problem(
        "/conversion",
        "conversion.unknown",
        f'There is no conversion "{name}" here{near or "."}',
        {"name": name},
    )
    raise InvalidContent(problem.message, problems=[problem])


def _check_names(conversion: Conversion, values: Mapping[str, Any], use: Mapping[str, Any]) -> None:
    problems = []
    known = [each.name for each in conversion.creates]
    for member, given in (("values", values), ("use", use)):
        for name in given:
            creation = conversion.creation(name)
            place = f"/{member}/{escaped(name)}"
            if creation is None:
                message = f'The conversion makes no "{name}"{did_you_mean(name, known) or "."}'
                problems.append(Problem(place, "conversion.unknown_record", message, {"name": name}))
            elif member == "use" and not creation.offer and creation.existing is None:
                message = f'"{name}" is always a new record.'
                problems.append(Problem(place, "conversion.always_new", message, {"name": name}))
    if problems:
        raise InvalidContent(problems[0].message, problems=problems)


def _existing(
    tx: Transaction, creation: Creation, source: SourceValues, use: Mapping[str, UUID | None]
) -> UUID | None:
    """The record to use instead of a new one."""
    chosen = use.get(creation.name)
    linked = linked_existing(tx, creation, source)
    if chosen is not None and chosen != linked:
        problem = None
        if not creation.offer:
            message = f'"{creation.name}" is the record that is linked already, or a new one.'
            problem = Problem(f"/use/{creation.name}", "conversion.not_offered", message)
        elif not visible(tx, creation.entity, chosen):
            problem = Problem(f"/use/{creation.name}", "link.unknown", "There is no such record.")
        if problem is not None:
            raise InvalidContent(problem.message, problems=[problem])
        return chosen
    return chosen if creation.name in use else linked


def linked_existing(tx: Transaction, creation: Creation, source: SourceValues) -> UUID | None:
    """The record that the source links to already, if the actor can see it."""
    found = source.stored.get(creation.existing) if creation.existing else None
    return found if found is not None and visible(tx, creation.entity, found) else None


def visible(tx: Transaction, entity: str, record_id: UUID) -> bool:
    try:
        read(tx, entity, record_id, fields=())
    except (UnknownRecord, NotFound):
        return False
    return True


def filled(
    tx: Transaction, creation: Creation, source: SourceValues, made: Mapping[str, tuple[str, UUID] | None]
) -> dict[str, Any]:
    """What a conversion fills a new record with: only what the actor may write there."""
    target = tx.model.entities[creation.entity]
    body = _writable(tx, target, source.body(target, creation.values, made))
    for lines in creation.lines:
        child = tx.model.entities[target.fields[lines.name].lines or ""]
        carried = [
            _writable(tx, child, line.body(child, lines.values, made))
            for line in source.lines.get(lines.source, ())
            if line.holds(lines.where)
        ]
        if lines.name in access(tx, target.name).writable and carried:
            body[lines.name] = carried
    return body


def _writable(tx: Transaction, target: Entity, body: dict[str, Any]) -> dict[str, Any]:
    allowed = access(tx, target.name).writable
    return {
        name: value
        for name, value in body.items()
        if (name if name in target.fields else name.removesuffix("_currency")) in allowed
    }


def _create(tx: Transaction, creation: Creation, body: Mapping[str, Any]) -> UUID:
    try:
        record = create(tx, creation.entity, body)
        tx.settle()
    except NotFound as error:
        raise NotAllowed(
            "You may not make the records of this conversion.", verb="create", entity=creation.entity
        ) from error
    except FieldstoneError as error:
        if error.kind in ("denied", "stale", "unavailable", "internal"):
            raise
        raise _within(creation, error) from error
    found: UUID = record["id"]
    return found


def _within(creation: Creation, error: FieldstoneError) -> FieldstoneError:
    """The same error, its problems placed inside the request."""
    problems = [
        Problem(f"/values/{creation.name}{each.path}", each.code, each.message, each.data, layer=each.layer)
        for each in error.problems
    ] or [Problem(f"/values/{creation.name}", error.code, error.message)]
    return ConversionFailed(
        error.message, code=error.code, kind=error.kind, problems=problems, record=creation.name, **error.data
    )


def _set(
    tx: Transaction,
    program: Program,
    conversion: Conversion,
    record_id: UUID,
    source: SourceValues,
    made: Mapping[str, tuple[str, UUID] | None],
) -> dict[str, Any]:
    """Set values of the record itself, and note in its history that it was converted."""
    rights = access(tx, program.entity.name)
    old = load_for_change(tx, program, record_id, "update")  # what was made may have moved its rollups
    if old is None:
        raise UnknownRecord("There is no such record.")
    patch = {
        value.name: source.value(program.entity.fields.get(value.name), value, made)
        for value in conversion.set
        if value.created is None or made.get(value.created) is not None
    }
    try:
        new, changed = prepare_update(tx, program, rights, old, patch)
    except FieldstoneError as error:
        problems = [
            Problem(f"/set{p.path}", p.code, p.message, p.data, layer=p.layer) for p in error.problems
        ]
        raise ConversionFailed(
            error.message, code=error.code, kind=error.kind, problems=problems, **error.data
        ) from error
    write_update(tx, program, old, new, changed, "convert")
    return new


def refuse_twice(tx: Transaction, conversion: Conversion, record_id: UUID) -> None:
    before = made_before(tx, conversion.entity, record_id, conversion.name)
    if any(alive(tx, before)):
        seen = [each.to_json() for each in before if visible(tx, each.entity, each.id)]
        raise AlreadyConverted(
            f"{conversion.title}: this record was converted already.", conversion=conversion.name, made=seen
        )


def made_before(tx: Transaction, entity: str, record_id: UUID, name: str | None = None) -> list[Made]:
    """What conversions of a record made so far (not what they used), seen by the actor or not."""
    table = control.conversion

    def build() -> sa.Select[Any]:
        named = sa.bindparam("name", type_=sa.Text())
        return (
            sa.select(table.c.made)
            .where(
                table.c.record_id == sa.bindparam("record_id", type_=sa.Uuid()),
                table.c.entity == sa.bindparam("entity", type_=sa.Text()),
                sa.or_(named.is_(None), table.c.name == named),
            )
            .order_by(table.c.id)
        )

    rows = tx.fetch(
        tx.plan(("conversions", "made"), build), {"record_id": record_id, "entity": entity, "name": name}
    )
    return [
        Made(each["name"], each["entity"], UUID(each["id"]))
        for row in rows
        for each in row[0]
        if not each.get("used")
    ]


def alive(tx: Transaction, made: list[Made]) -> list[UUID]:
    """Those that are not deleted, whoever may see them."""
    found: list[UUID] = []
    for entity in sorted({each.entity for each in made}):
        definition = tx.model.entities.get(entity)
        if definition is None:
            continue
        fields = program_for(tx.model, definition).built.fields
        statement = sa.select(fields["id"]).where(
            fields["id"] == sa.any_(sa.bindparam("ids", type_=ARRAY(sa.Uuid()))),
            fields["deleted_at"].is_(None),
        )
        found += [row[0] for row in tx.select(statement, {"ids": [e.id for e in made if e.entity == entity]})]
    return found


def _remember(
    tx: Transaction, conversion: Conversion, record_id: UUID, created: list[Made], used: list[Made]
) -> None:
    table = control.conversion
    names = ("id", "entity", "record_id", "name", "at", "actor", "made")
    plan = tx.plan(
        ("conversions", "remember"),
        lambda: sa.insert(table).values({n: sa.bindparam(n, type_=table.c[n].type) for n in names}),
    )
    values = {
        "id": new_id(), "entity": conversion.entity, "record_id": record_id, "name": conversion.name,
        "at": tx.context.now, "actor": tx.context.actor.id,
        "made": Jsonb(
            [each.to_json() for each in created] + [{**each.to_json(), "used": True} for each in used], wire_dumps
        ),
    }  # fmt: skip
    tx.defer(plan, values)
