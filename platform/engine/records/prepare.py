"""New records, made ready to be stored: validated, completed, linked, owned, computed, ruled, and numbered last.

For one body or for thousands by the same steps: what asks the database asks once for all of them, and what is wrong
with one costs none of the others. A number is taken only for a record that passed everything else, so that a gapless
sequence has no gap for one that was refused.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from fieldstone.engine.ids import new_id, new_ids
from fieldstone.engine.pending import hold_back, initial
from fieldstone.engine.permissions import EntityAccess
from fieldstone.engine.records.any_links import unknown_anywhere_of_many
from fieldstone.engine.records.check import rule_problems
from fieldstone.engine.records.compute import (
    NOTHING_LINKED,
    LineLinked,
    apply_defaults,
    apply_line_defaults,
    compute,
    rollups_of_nothing,
    visible_values,
)
from fieldstone.engine.records.errors import InvalidContent
from fieldstone.engine.records.file_links import unknown_files
from fieldstone.engine.records.line_links import unknown_links_of_many
from fieldstone.engine.records.linked import Links, Wanted, line_linked_of_many, linked_of_many
from fieldstone.engine.records.money import Rates, settle_money
from fieldstone.engine.records.numbering import Numbers, reserve
from fieldstone.engine.records.owning import OwnerCheck
from fieldstone.engine.records.program import Program
from fieldstone.engine.records.sealing import complete_values, completed
from fieldstone.engine.records.snapshots import take_snapshots
from fieldstone.engine.records.states import start_problems
from fieldstone.engine.records.subject import Refused, refuse_unwritable, reraise
from fieldstone.engine.storage.tables import EXTRAS, POSITION
from fieldstone.engine.transaction import Transaction
from fieldstone.metadata.validation import validator_for
from fieldstone.problems import FieldstoneError, Problem

Prepared = dict[str, Any] | FieldstoneError
"""All values of a new record, or why there will be none."""


@dataclass(slots=True)
class _Coming:
    """A record on its way."""

    place: int
    values: dict[str, Any]
    given: frozenset[str]
    linked: Links = field(default_factory=dict)
    line_linked: LineLinked = field(default_factory=lambda: NOTHING_LINKED)
    problems: list[Problem] = field(default_factory=list)


def prepare(
    tx: Transaction,
    program: Program,
    access: EntityAccess,
    body: Mapping[str, Any],
    *,
    record_id: UUID | None = None,
) -> dict[str, Any]:
    """All values of one new record. Raises with every problem."""
    found = prepare_many(tx, program, access, [body], record_id=record_id)[0]
    if isinstance(found, FieldstoneError):
        raise found
    return found


def prepare_many(
    tx: Transaction,
    program: Program,
    access: EntityAccess,
    bodies: Sequence[Mapping[str, Any]],
    *,
    record_id: UUID | None = None,
) -> list[Prepared]:
    """What each body comes to, in order. `record_id` is the id of the first; the others get new ones."""
    found: list[Prepared] = [{}] * len(bodies)
    coming = _validated(tx, program, access, bodies, found, record_id)
    _link(tx, program, coming)
    _own(tx, program, access, coming, found)
    _finish(tx, program, access, [each for each in coming if found[each.place] is each.values], found)
    return found


def _validated(
    tx: Transaction,
    program: Program,
    access: EntityAccess,
    bodies: Sequence[Mapping[str, Any]],
    found: list[Prepared],
    record_id: UUID | None,
) -> list[_Coming]:
    """The bodies that are right by themselves, as values with defaults; the others are refused."""
    refused: list[Refused] = []
    if not _free(program, access):
        refused = [refuse_unwritable(tx, access, program.entity, body) for body in bodies]
        bodies = [each.body for each in refused]
    coming = []
    nothing, completing = rollups_of_nothing(program), completed(program.entity)
    validator = validator_for(program.entity, tx.model.entities)
    ids = new_ids(len(bodies)) if record_id is None else [record_id, *new_ids(len(bodies) - 1)]
    for place, validated in enumerate(validator.create_many(bodies)):
        problems = [*refused[place].problems, *validated.problems] if refused else validated.problems
        if problems:
            found[place] = _refused(tx, access, problems)
            continue
        values = validated.values
        stamp(tx, values, ids[place])
        if validated.extras:
            values[EXTRAS] = validated.extras
        for lines in program.lines:
            values[lines.name] = new_lines(values.get(lines.name) or [])
        if program.defaults:
            apply_defaults(tx, program, values, validated.given)
        values.update(nothing)
        try:
            if completing:
                complete_values(tx, program.entity, values)
        except InvalidContent as error:
            found[place] = error
            continue
        found[place] = values
        coming.append(_Coming(place, values, validated.given))
    return coming


def _free(program: Program, access: EntityAccess) -> bool:
    """Whether nothing of the entity is hidden from the actor or locked, whatever a body names."""
    fields = program.entity.fields
    return not program.lines and access.readable.issuperset(fields) and access.writable.issuperset(fields)


def _link(tx: Transaction, program: Program, coming: Sequence[_Coming]) -> None:
    """Look up linked records, those of lines too; a link that leads nowhere is a problem."""
    wanted, linking = [], []
    names = [each.name for each in program.links]
    owner_read = "owner_id" in program.hops
    for each in coming:
        values = each.values
        links = {name: value for name in names if (value := values.get(name)) is not None}
        checked = list(links)
        if values.get("owner_id") is not None and "owner_id" in each.given:
            checked.append("owner_id")
        elif not links and not owner_read:
            continue
        links["owner_id"] = values.get("owner_id")
        wanted.append(Wanted(links, frozenset(checked)))
        linking.append(each)
    for each, (linked, problems) in zip(linking, linked_of_many(tx, program, wanted), strict=True):
        each.linked, each.problems = linked, problems
    records = [each.values for each in coming]
    if program.lines:
        line_linked = line_linked_of_many(tx, program, records)
        for each, problems in zip(coming, unknown_links_of_many(tx, program, records), strict=True):
            each.problems += problems
            each.line_linked = line_linked
    if program.anywhere or program.lines:
        for each, problems in zip(coming, unknown_anywhere_of_many(tx, program, records), strict=True):
            each.problems += problems
    for each in coming if program.files or program.lines else ():
        each.problems += unknown_files(tx, program, each.values)


def _own(
    tx: Transaction, program: Program, access: EntityAccess, coming: Sequence[_Coming], found: list[Prepared]
) -> None:
    """Defaults that read linked records, the owner where no record rule has to see all values, and money."""
    owners = None if access.narrowed("create") else OwnerCheck(tx, access, "create")
    rates: Rates = {}
    for each in coming:
        if program.defaults:
            apply_defaults(tx, program, each.values, each.given, each.linked)
        if program.lines:
            new = frozenset(line["id"] for lines in program.lines for line in each.values[lines.name])
            apply_line_defaults(tx, program, each.values, new, each.line_linked)
        try:
            if owners is not None:
                owners.require(each.values, each.linked)
        except FieldstoneError as error:
            found[each.place] = error
            continue
        if program.money or program.lines:
            each.problems += settle_money(tx, program, each.values, rates=rates)
        if each.problems:
            found[each.place] = _refused(tx, access, each.problems)


def _finish(
    tx: Transaction, program: Program, access: EntityAccess, coming: Sequence[_Coming], found: list[Prepared]
) -> None:
    """Number, compute, and apply the rules; the number of a refused record goes to the next one."""
    numbers: Numbers = reserve(tx, program, [each.values for each in coming])
    owners = OwnerCheck(tx, access, "create") if access.narrowed("create") else None
    for each in coming:
        values = each.values
        numbers.put(values)
        compute(tx, program, values, each.linked, each.line_linked)
        if program.snapshots:
            take_snapshots(tx, program, values, each.linked, visible_values(values, each.linked))
        try:
            if owners is not None:
                owners.require(values, each.linked)
            problems = missing_after_defaults(program, values)
            if program.machines:
                problems = [*start_problems(tx, program, values), *problems]
            if program.ruled:
                seen = visible_values(values, each.linked)
                problems = [
                    *rule_problems(
                        tx, program, seen, old=None, changed=frozenset(values), line_linked=each.line_linked
                    ),
                    *problems,
                ]
            if problems:
                raise _refused(tx, access, problems)
            if program.bound and hold_back(tx, program.entity, program.bound, initial(program), values):
                compute(tx, program, values, each.linked, each.line_linked)
        except FieldstoneError as error:
            found[each.place] = error
            numbers.take_back(values)
    numbers.settle(tx)


def _refused(tx: Transaction, access: EntityAccess, problems: Sequence[Problem]) -> FieldstoneError:
    try:
        reraise(tx, access, problems)
    except FieldstoneError as error:
        return error


def stamp(tx: Transaction, values: dict[str, Any], record_id: UUID) -> None:
    """System fields of a new record. An owner that the body named stays."""
    context = tx.context
    values["id"] = record_id
    values["version"] = 1
    values["created_at"] = values["updated_at"] = context.now
    values["created_by"] = values["updated_by"] = context.actor.id
    values.setdefault("owner_id", context.actor.id)
    values["deleted_at"] = None


def new_lines(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Lines with ids and positions; ids that the body made up are not taken."""
    return [{**line, "id": new_id(), POSITION: index} for index, line in enumerate(lines)]


def missing_after_defaults(program: Program, values: Mapping[str, Any]) -> list[Problem]:
    """Required fields whose default expression gave nothing."""
    problems = []
    for each in program.defaults:
        if each.required and values.get(each.name) is None:
            problems.append(
                Problem(f"/{each.name}", "required", f"{each.title} is required.", {"title": each.title})
            )
    return problems
