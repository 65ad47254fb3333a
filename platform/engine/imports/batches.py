"""One batch of rows in one transaction: drafts, links, keys, verbs, and the tally of what came of it."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

from fieldstone.engine.imports.ahead import Batch
from fieldstone.engine.imports.alike import note_duplicates
from fieldstone.engine.imports.collecting import uncollected
from fieldstone.engine.imports.keys import Key, find_by_key, key_value
from fieldstone.engine.imports.links import LinkResolver, is_id
from fieldstone.engine.imports.plan import Draft, ImportPlan
from fieldstone.engine.imports.repeats import Repeat
from fieldstone.engine.imports.result import Finding, RowError, Tally
from fieldstone.engine.records.many import Write, Written, write_many
from fieldstone.engine.search import fold, plain
from fieldstone.engine.transaction import Transaction
from fieldstone.metadata.definitions import Field
from fieldstone.metadata.validation import validator_for
from fieldstone.problems import FieldstoneError, Problem, nearest

BATCH: Final = 1000
LONGEST: Final = 500
"""Characters of a text that is worth a finding of its own, and a suggestion."""

NOTHING: Final[Mapping[int, Repeat]] = MappingProxyType({})


def import_batch(
    tx: Transaction,
    plan: ImportPlan,
    resolver: LinkResolver,
    batch: Batch,
    tally: Tally,
    repeats: Mapping[int, Repeat] = NOTHING,
) -> None:
    """Write a batch. What is wrong with a row is in the tally; only what stops the import is raised.

    `repeats` are the rows that contradict an earlier one of the same key, and that row.
    """
    with uncollected():
        _import_batch(tx, plan, resolver, batch, tally, repeats)


def _import_batch(
    tx: Transaction,
    plan: ImportPlan,
    resolver: LinkResolver,
    batch: Batch,
    tally: Tally,
    repeats: Mapping[int, Repeat],
) -> None:
    for row in batch.rows:
        if row.wrong:
            tally.fail(row.number, [RowError(row.number, row.column, row.code, row.wrong)])
        elif row.number in repeats:
            tally.fail(row.number, [_repeated(plan, row.number, repeats[row.number])])
    drafts = _link(tx, plan, resolver, batch.drafts(plan), tally)
    while drafts:
        now, drafts = _first_of_each_key(plan, drafts)
        _write(tx, plan, now, tally)
    tally.position += len(batch.rows)


def _repeated(plan: ImportPlan, row: int, repeat: Repeat) -> RowError:
    column = plan.columns.get(repeat.field, repeat.field)
    message = f"Row {repeat.first} has the same {' and '.join(plan.key)}, but says something else here."
    return RowError(row, column, "key.repeated", message)


def _link(
    tx: Transaction, plan: ImportPlan, resolver: LinkResolver, drafts: list[Draft], tally: Tally
) -> list[Draft]:
    """Put ids for texts. Rows with a text that means nothing are failed, and left out."""
    settled: dict[int, list[tuple[Field, str, str | None]]] = {}
    wanted: dict[str, set[str]] = {}
    for draft in drafts:
        for field, text in draft.links:
            _, value = resolver.settled(field.name, text)
            settled.setdefault(draft.row, []).append((field, text, value))
            if value is not None and not is_id(value):
                wanted.setdefault(field.target or "", set()).add(value)
    resolver.learn(tx, wanted)
    good = []
    for draft in drafts:
        errors = []
        for field, text, value in settled.get(draft.row, ()):
            error = _put_link(plan, resolver, draft, field, text, value, tally)
            if error is not None:
                errors.append(error)
        if errors:
            tally.fail(draft.row, plan.in_order(errors + _other_errors(tx, plan, draft, tally)))
        else:
            good.append(draft)
    return good


def _other_errors(tx: Transaction, plan: ImportPlan, draft: Draft, tally: Tally) -> list[RowError]:
    """What else is wrong with a row whose links are, so that one dry run shows everything."""
    links = {field.name for field, _ in draft.links}
    validated = validator_for(plan.entity, tx.model.entities).validate(
        draft.body, "create" if plan.options.mode == "create" else "patch"
    )
    problems = [
        each for each in validated.problems if each.path.split("/")[1:2] != [] and each.path[1:] not in links
    ]
    return [_row_error(plan, draft, problem, tally) for problem in problems]


def _put_link(
    plan: ImportPlan,
    resolver: LinkResolver,
    draft: Draft,
    field: Field,
    text: str,
    value: str | None,
    tally: Tally,
) -> RowError | None:
    if value is None or is_id(value):
        _set(plan, draft, field, text, value)
        return None
    meaning = resolver.meaning(field.target or "", value)
    if len(meaning.ids) == 1:
        _set(plan, draft, field, text, meaning.ids[0])
        return None
    column = plan.columns.get(field.name)
    if not meaning.ids and field.target == plan.entity.name and plain(value).strip() in resolver.rows:
        row = resolver.rows[plain(value).strip()]
        return RowError(
            draft.row, column, "link.row_failed", f'{field.title}: row {row}, "{value}", was refused.'
        )
    near, near_id = meaning.near or (None, None)
    if meaning.ids:
        code, message = (
            "link.ambiguous",
            f'{field.title}: "{value[:LONGEST]}" names {len(meaning.ids)} records.',
        )
    else:
        hint = f'; did you mean "{near}"?' if near else "."
        code, message = "link.unknown", f'{field.title}: there is no "{value[:LONGEST]}"{hint}'
    if len(text) <= LONGEST:
        finding = Finding(field.name, column, text, code, suggestion=near, suggestion_id=near_id)
        tally.finding((field.name, text), finding, draft.row)
    return RowError(draft.row, column, code, message, near)


def _put_one(draft: Draft, field: Field, text: str, value: str | None) -> None:
    """Put the id for one of several links' texts; a text that was settled as nothing goes."""
    rows = [
        {**row, "id": value} if row.get("id") == text else row for row in draft.body.get(field.name) or ()
    ]
    draft.body[field.name] = [row for row in rows if row.get("id") is not None]


def _set(plan: ImportPlan, draft: Draft, field: Field, text: str, value: str | None) -> None:
    if field.type == "multi_link":
        _put_one(draft, field, text, value)
        return
    if field.name in plan.key:
        draft.key[field.name] = value
    if value is not None or (plan.options.clear_blanks and plan.options.mode != "create"):
        draft.body[field.name] = value


def _key_of(plan: ImportPlan, draft: Draft) -> Key | None:
    """The values by which the row finds its record; None when one is blank."""
    values = tuple(key_value(plan.entity, name, draft.key.get(name)) for name in plan.key)
    return None if any(value is None for value in values) or not values else values


def _first_of_each_key(plan: ImportPlan, drafts: list[Draft]) -> tuple[list[Draft], list[Draft]]:
    """Rows that can be looked up together; a second row of one key must see what the first did."""
    if not plan.key:
        return drafts, []
    now: list[Draft] = []
    later: list[Draft] = []
    seen: set[Key] = set()
    for draft in drafts:
        key = _key_of(plan, draft)
        (later if key is not None and key in seen else now).append(draft)
        if key is not None:
            seen.add(key)
    return now, later


def _write(tx: Transaction, plan: ImportPlan, drafts: list[Draft], tally: Tally) -> None:
    writes: list[tuple[Draft, Write]] = []
    if not plan.key:
        writes = [(draft, Write(draft.body)) for draft in drafts]
    else:
        keys = {draft.row: _key_of(plan, draft) for draft in drafts}
        found = find_by_key(
            tx, plan.entity, plan.key, list({key for key in keys.values() if key is not None})
        )
        for draft in drafts:
            matches = found.get(keys[draft.row] or (), [])
            error = _no_match(plan, draft, keys[draft.row], matches)
            if error is not None:
                tally.fail(draft.row, [error])
            else:
                writes.append((draft, _write_of(plan, draft, matches)))
    note_duplicates(tx, plan, writes, tally)
    outcomes = write_many(replace(tx, states="free_start"), plan.entity.name, [write for _, write in writes])
    for (draft, write), outcome in zip(writes, outcomes, strict=True):
        _count(plan, draft, write, outcome, tally)


def _no_match(plan: ImportPlan, draft: Draft, key: Key | None, matches: list[UUID]) -> RowError | None:
    column = plan.columns.get(plan.key[0])
    names = " and ".join(plan.key)
    if len(matches) > 1:
        return RowError(draft.row, column, "key.ambiguous", f"{len(matches)} records have this {names}.")
    if matches or plan.options.mode == "upsert":
        return None
    if key is None:
        return RowError(draft.row, column, "key.blank", f"The row has no {names} to find its record by.")
    return RowError(draft.row, column, "key.unknown", f"There is no record with this {names}.")


def _write_of(plan: ImportPlan, draft: Draft, matches: list[UUID]) -> Write:
    if not matches:
        return Write({name: value for name, value in draft.body.items() if value is not None})
    return Write(draft.body, matches[0])


def _count(plan: ImportPlan, draft: Draft, write: Write, outcome: Written, tally: Tally) -> None:
    if outcome.error is not None:
        tally.fail(draft.row, row_errors(plan, draft, outcome.error, tally))
    elif write.record_id is None:
        tally.created += 1
    else:
        tally.updated += 1


def row_errors(plan: ImportPlan, draft: Draft, error: FieldstoneError, tally: Tally) -> list[RowError]:
    """A verb's refusal as errors of the row, at the columns that their fields come from."""
    if not error.problems:
        return [RowError(draft.row, None, error.code, error.message)]
    return plan.in_order([_row_error(plan, draft, problem, tally) for problem in error.problems])


def _row_error(plan: ImportPlan, draft: Draft, problem: Problem, tally: Tally) -> RowError:
    name = problem.path.split("/")[1] if "/" in problem.path else ""
    name = name.replace("~1", "/").replace("~0", "~")
    column = plan.columns.get(name, name or None)
    field = plan.entity.fields.get(name)
    suggestion = None
    if field is not None and problem.code == "enum":
        value = draft.body.get(name)
        suggestion = _nearest_option(plan, field, value)
        if isinstance(value, str) and len(value) <= LONGEST:
            finding = Finding(name, column, value, "option.unknown", suggestion=suggestion)
            tally.finding((name, value), finding, draft.row)
    return RowError(draft.row, column, problem.code, problem.message, suggestion)


def _nearest_option(plan: ImportPlan, field: Field, value: Any) -> str | None:
    if not isinstance(value, str) or len(value) > LONGEST:
        return None
    names = plan.titles.get(field.name, {})
    guess = nearest(fold(value).strip(), names)
    titles = {option.const: option.title for option in field.options}
    return titles.get(names[guess]) if guess else None
