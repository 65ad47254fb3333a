"""Update a record (RFC 7396 merge patch)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NoReturn
from uuid import UUID

from fieldstone.engine.duplicates import refuse_duplicates
from fieldstone.engine.pending import held_fields, hold_back, refuse_waiting, request_held
from fieldstone.engine.pending.granted import granted, needs_grant
from fieldstone.engine.permissions import EntityAccess
from fieldstone.engine.permissions import access as access_of
from fieldstone.engine.query.joins import as_told, visible_rows
from fieldstone.engine.records.answer import answer
from fieldstone.engine.records.any_links import unknown_anywhere
from fieldstone.engine.records.check import rule_problems
from fieldstone.engine.records.compute import (
    LineLinked,
    apply_line_defaults,
    compute,
    seen_lines,
    visible_values,
)
from fieldstone.engine.records.effects import after_change, before_change
from fieldstone.engine.records.errors import NotAllowed, Stale
from fieldstone.engine.records.file_links import unknown_files
from fieldstone.engine.records.following import follow
from fieldstone.engine.records.line_links import unknown_links
from fieldstone.engine.records.linked import (
    Links,
    Wanted,
    line_linked_records,
    linked_of_many,
    linked_records,
)
from fieldstone.engine.records.load import load_for_change
from fieldstone.engine.records.money import Rates, settle_money
from fieldstone.engine.records.prepare import new_lines
from fieldstone.engine.records.program import Program, program_for
from fieldstone.engine.records.read import read
from fieldstone.engine.records.sealing import complete_values
from fieldstone.engine.records.snapshots import take_snapshots
from fieldstone.engine.records.states import Wish, set_values, step_problems
from fieldstone.engine.records.subject import readable_entity, refuse_unwritable, require_owner, reraise
from fieldstone.engine.records.write import insert_lines, row_values, update_lines, update_record
from fieldstone.engine.storage.tables import EXTRAS, POSITION
from fieldstone.engine.transaction import Transaction
from fieldstone.metadata.definitions import Field
from fieldstone.metadata.fields.multi_link import LINK
from fieldstone.metadata.validation import validator_for
from fieldstone.problems import FieldstoneError, Problem


def update(
    tx: Transaction, entity: str, record_id: UUID, patch: Mapping[str, Any], *, if_match: int | None = None
) -> dict[str, Any]:
    """Change a record and return it in wire form.

    `if_match` is the version that the caller has seen. Raises UnknownRecord, NotAllowed, Stale and InvalidContent.
    A patch that changes nothing writes nothing.
    """
    program, access = readable_entity(tx, entity)
    old = load_for_change(tx, program, record_id, "update")
    by, rights = tx, access
    if old is None or needs_grant(access, patch):
        wider = granted(tx, access, record_id, patch)
        if wider is not None:
            by, rights = wider, access_of(wider, entity)
            old = load_for_change(by, program, record_id, "update")
    if old is None:
        refuse_invisible(tx, program, record_id, "update")
    if if_match is not None and old["version"] != if_match:
        raise Stale("Somebody changed this record since you read it.", version=old["version"])
    new, changed = prepare_update(by, program, rights, old, patch)
    if changed:
        refuse_duplicates(by, program.entity, new, changed)
        write_update(by, program, old, new, changed, "update")
        new = followed(by, program, new)
    else:
        new = old
        request_held(by, program.entity, record_id)
    return answer(tx, program, new, access)


def followed(tx: Transaction, program: Program, values: dict[str, Any]) -> dict[str, Any]:
    """Let the engine's followers act on what a verb changed; the record as they left it."""
    if not follow(tx):
        return values
    found = load_for_change(tx.as_system(), program, values["id"], "read", lock=False)
    if found is None:
        return values
    complete(tx, program, found)
    return found


def refuse_invisible(tx: Transaction, program: Program, record_id: UUID, verb: str) -> NoReturn:
    """Raise NotAllowed when the actor may read the record, UnknownRecord otherwise."""
    read(tx, program.entity.name, record_id)
    raise NotAllowed(f"You may not {verb} this record.", verb=verb, entity=program.entity.name)


Updated = tuple[dict[str, Any], frozenset[str]]
"""All values after a patch, and the names of the stored ones that changed."""


def prepare_update(
    tx: Transaction,
    program: Program,
    access: EntityAccess,
    old: dict[str, Any],
    patch: Mapping[str, Any],
    *,
    wish: Wish | None = None,
) -> Updated:
    """All values after the patch, and the names of the stored ones that changed. Raises with every problem.

    `wish` is a transition to take with it.
    """
    found = prepare_updates(tx, program, access, [(old, patch)], wish=wish)[0]
    if isinstance(found, FieldstoneError):
        raise found
    return found


@dataclass(slots=True)
class _Patched:
    """A record on its way from `old` to `new`; `given` are the values of the patch."""

    place: int
    old: dict[str, Any]
    new: dict[str, Any]
    given: Mapping[str, Any]
    problems: list[Problem]
    wish: Wish | None = None


def prepare_updates(
    tx: Transaction,
    program: Program,
    access: EntityAccess,
    patches: Sequence[tuple[dict[str, Any], Mapping[str, Any]]],
    *,
    wish: Wish | None = None,
) -> list[Updated | FieldstoneError]:
    """What each patch makes of its record (which comes first), or why it is refused.

    The records are completed by what is computed on reading, so that rules may compare them with what they become.
    """
    complete_many(tx, program, [old for old, _ in patches])
    found: list[Updated | FieldstoneError] = []
    rates: Rates = {}
    patched: list[_Patched] = []
    for place, (old, patch) in enumerate(patches):
        found.append((old, frozenset()))
        try:
            patched.append(_patch(tx, program, access, place, old, patch, rates, wish))
        except FieldstoneError as error:
            found[place] = error
    wanted = []
    for each in patched:
        links = {field.name: each.new.get(field.name) for field in program.links}
        links["owner_id"] = each.new.get("owner_id")
        relinked = [n for n, value in links.items() if value is not None and value != each.old.get(n)]
        wanted.append(Wanted(links, frozenset(relinked)))
    for each, (linked, unknown) in zip(patched, linked_of_many(tx, program, wanted), strict=True):
        each.problems += unknown
        try:
            found[each.place] = _settle(tx, program, access, each, linked)
        except FieldstoneError as error:
            found[each.place] = error
    return found


def _patch(
    tx: Transaction,
    program: Program,
    access: EntityAccess,
    place: int,
    old: dict[str, Any],
    patch: Mapping[str, Any],
    rates: Rates,
    wish: Wish | None,
) -> _Patched:
    """The record with the values of the patch. Raises with everything that is wrong with the patch by itself."""
    refused = refuse_unwritable(tx, access, program.entity, patch)
    validated = validator_for(program.entity, tx.model.entities).validate(refused.body, "patch", current=old)
    problems: list[Problem] = [*refused.problems, *validated.problems]
    if problems:
        reraise(tx, access, problems)
    new = {**old, **validated.values}
    if wish is not None:
        new[wish.field] = wish.transition.to
    complete_values(tx, program.entity, new, old)
    if validated.extras is not None:
        new[EXTRAS] = validated.extras
    for field in program.lines:
        if field.name in validated.values:
            merge = partial(merge_links, tx, field) if field.type == "multi_link" else merge_lines
            merged, found = merge(old.get(field.name) or [], validated.values[field.name] or [], field.name)
            new[field.name] = merged
            problems += found
    problems += settle_money(tx, program, new, old, rates)
    return _Patched(place, old, new, validated.values, problems, wish)


def _settle(
    tx: Transaction, program: Program, access: EntityAccess, patched: _Patched, linked: Links
) -> Updated:
    """The record with what is computed, checked by its rules."""
    old, new, problems = patched.old, patched.new, patched.problems
    problems += unknown_links(tx, program, new, known=linked_before(tx, program, old))
    problems += unknown_anywhere(tx, program, new, old)
    problems += unknown_files(tx, program, new, old)
    if problems:
        reraise(tx, access, problems)
    line_linked = line_linked_records(tx, program, new)
    fresh = frozenset(
        line["id"] for field in program.lines if field.name in patched.given for line in new[field.name]
    ) - frozenset(line["id"] for field in program.lines for line in old.get(field.name) or ())
    apply_line_defaults(tx, program, new, fresh, line_linked)
    compute(tx, program, new, linked, line_linked)
    if program.machines:
        linked = _step(tx, program, access, patched, linked, line_linked)
    if program.snapshots:
        take_snapshots(tx, program, new, linked, visible_values(new, linked))
    if new.get("owner_id") != old.get("owner_id"):
        require_owner(tx, access, "assign", new, linked)
    changed = differing(old, new)
    if changed:
        seen = visible_values(new, linked)
        problems = rule_problems(tx, program, seen, old=old, changed=changed, line_linked=line_linked)
    if problems:
        reraise(tx, access, problems)
    if program.bound and hold_back(tx, program.entity, program.bound, old, new):
        refuse_waiting(tx, program.entity, new["id"])
        changed = _without_held(tx, program, old, new, linked, line_linked)
    return new, changed - program.on_reading


def _without_held(
    tx: Transaction,
    program: Program,
    old: Mapping[str, Any],
    new: dict[str, Any],
    linked: Links,
    line_linked: LineLinked,
) -> frozenset[str]:
    """Compute the record anew, as it stays while changes of bound fields wait; the names that differ."""
    held = held_fields(tx, new["id"])
    links = {field.name: old.get(field.name) for field in program.links if field.name in held}
    if links:
        linked = {name: each for name, each in linked.items() if name not in links}
        linked |= linked_records(tx, program, links, ())[0]
        new |= {each.name: old.get(each.name) for each in program.snapshots if each.settings["of"] in links}
    compute(tx, program, new, linked, line_linked)
    return differing(old, new)


def complete(tx: Transaction, program: Program, values: dict[str, Any]) -> None:
    """Add what is computed on reading to a stored record, in place."""
    complete_many(tx, program, [values])


def _step(
    tx: Transaction,
    program: Program,
    access: EntityAccess,
    patched: _Patched,
    linked: Links,
    line_linked: LineLinked,
) -> Links:
    """Take the transitions that a change of states means, with what they store beside; the linked records then.

    Raises with every state that may not change so.
    """
    old, new = patched.old, patched.new
    changed = differing(old, new)
    if patched.wish is None and changed.isdisjoint(field.name for field in program.machines):
        return linked
    seen = visible_values(new, {**linked, **seen_lines(tx, program, new, line_linked)})
    taken, problems = step_problems(tx, program, old, seen, changed, patched.wish)
    more, wrong = set_values(tx, program, taken, patched.given, seen)
    if problems or wrong:
        reraise(tx, access, [*problems, *wrong])
    if more:
        new.update(more)
        problems = settle_money(tx, program, new, old)
        if program.links and any(field.name in more for field in program.links):
            wanted = {name: new.get(name) for name in (*program.hops, *more)}
            links = {field.name for field in program.links} | {"owner_id", "created_by", "updated_by"}
            linked, _ = linked_records(tx, program, {n: v for n, v in wanted.items() if n in links}, ())
        if problems:
            reraise(tx, access, problems)
        compute(tx, program, new, linked, line_linked)
    return linked


def complete_many(tx: Transaction, program: Program, records: Sequence[dict[str, Any]]) -> None:
    """`complete` for several records."""
    names = program.hops if program.on_reading else {}
    wanted = [Wanted({name: values.get(name) for name in names}, frozenset()) for values in records]
    for values, (linked, _) in zip(records, linked_of_many(tx, program, wanted), strict=True):
        compute(tx, program, values, linked, line_linked_records(tx, program, values), stored=False)


def recomputed(
    tx: Transaction, program: Program, old: dict[str, Any], changes: Mapping[str, Any]
) -> tuple[dict[str, Any], frozenset[str]]:
    """A record after changes that the platform makes, and the names of the stored values that differ."""
    complete(tx, program, old)
    new = {**old, **changes}
    linked, _ = linked_records(tx, program, {name: new.get(name) for name in program.hops}, ())
    compute(tx, program, new, linked, line_linked_records(tx, program, new))
    return new, differing(old, new) - program.on_reading


def differing(old: Mapping[str, Any], new: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(name for name in new if new[name] != old.get(name))


def linked_before(tx: Transaction, program: Program, old: Mapping[str, Any]) -> frozenset[UUID]:
    """Ids that the record's lines link to already: they stay allowed though hidden or deleted since."""
    found: set[UUID] = set()
    for field in program.lines:
        child = program_for(tx.model, tx.model.entities[field.lines or ""])
        for line in old.get(field.name) or ():
            found.update(line[link.name] for link in child.links if line.get(link.name) is not None)
    return frozenset(found)


def merge_lines(
    old: list[dict[str, Any]], given: list[dict[str, Any]], name: str
) -> tuple[list[dict[str, Any]], list[Problem]]:
    """The lines after a patch that replaces the array: known ids updated, new ones created, missing ones gone."""
    before = {line["id"]: line for line in old}
    merged = []
    problems = []
    for index, line in enumerate(given):
        line_id = line.get("id")
        if line_id is None:
            merged.append({**new_lines([line])[0], POSITION: index})
        elif line_id in before:
            merged.append({**before[line_id], **line, POSITION: index})
        else:
            problems.append(Problem(f"/{name}/{index}/id", "line.unknown", "This record has no such line."))
    return merged, problems


def merge_links(
    tx: Transaction, field: Field, old: list[dict[str, Any]], given: list[dict[str, Any]], name: str
) -> tuple[list[dict[str, Any]], list[Problem]]:
    """The rows of several links after a patch that replaces them; those that the actor cannot see stay, at the end."""
    met = {row["id"] for row in visible_rows(tx, [field], {name: old})[name]}
    hidden = [row for row in old if row["id"] not in met]
    unseen = {row[LINK] for row in hidden}
    problems = [
        Problem(
            f"/{name}/{index}/id",
            "link.unknown",
            f"{field.title}: there is no such record.",
            {"title": field.title},
        )
        for index, row in enumerate(given)
        if row.get(LINK) in unseen
    ]
    given = [row for row in given if row.get(LINK) not in unseen]
    merged, found = merge_lines([row for row in old if row["id"] in met], given, name)
    kept = [{**row, POSITION: len(merged) + index} for index, row in enumerate(hidden)]
    return [*merged, *kept], [*problems, *found]


def write_update(
    tx: Transaction,
    program: Program,
    old: dict[str, Any],
    new: dict[str, Any],
    changed: frozenset[str],
    verb: str,
) -> None:
    """Store what changed, with history and effects; the version goes up by one. `new` is completed in place."""
    before_change(tx, program, verb, old, new, changed)
    store_update(tx, program, old, new, changed, verb)
    after_change(tx, program, old, new, changed)
    request_held(tx, program.entity, new["id"])


def store_update(
    tx: Transaction,
    program: Program,
    old: dict[str, Any],
    new: dict[str, Any],
    changed: frozenset[str],
    verb: str,
) -> None:
    """Store what changed, with history, and nothing that follows from it."""
    new["version"] = old["version"] + 1
    new["updated_at"], new["updated_by"] = tx.context.now, tx.context.actor.id
    entity = program.entity
    touched = [field for field in entity.fields.values() if _touches(field.name, changed)]
    columns = row_values(program, new, touched)
    if EXTRAS in changed:
        columns[EXTRAS] = row_values(program, new)[EXTRAS]
    for name in ("version", "updated_at", "updated_by"):
        columns[name] = new[name]
    for name in ("owner_id", "deleted_at"):
        if name in changed:
            columns[name] = new[name]
    update_record(
        tx,
        program,
        new["id"],
        columns,
        verb=verb,
        version=new["version"],
        changes=differences(program, old, new, changed),
    )
    for field in program.lines:
        if field.name in changed:
            before, after = old.get(field.name) or [], new.get(field.name) or []
            update_lines(tx, field, before, after)
            known = {line["id"] for line in before}
            insert_lines(tx, field, new["id"], [line for line in after if line["id"] not in known])


def _touches(name: str, changed: frozenset[str]) -> bool:
    return name in changed or f"{name}_currency" in changed or f"{name}_base" in changed


def differences(
    program: Program, old: Mapping[str, Any], new: Mapping[str, Any], changed: frozenset[str]
) -> dict[str, Any]:
    """The history of a change: old and new value of each stored field that differs."""
    changes = {}
    for name in sorted(changed):
        if name in program.entity.fields or name in ("owner_id", "deleted_at") or name.endswith("_currency"):
            field = program.entity.fields.get(name)
            changes[name] = {"old": as_told(field, old.get(name)), "new": as_told(field, new.get(name))}
    if EXTRAS in changed:
        before, after = old.get(EXTRAS) or {}, new.get(EXTRAS) or {}
        for name in sorted({*before, *after}):
            if before.get(name) != after.get(name):
                changes[name] = {"old": before.get(name), "new": after.get(name)}
    return changes
