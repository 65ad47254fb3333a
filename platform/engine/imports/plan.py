"""How the rows of a file become bodies of an entity: mapping and readers for one model and actor."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from fieldstone.engine.imports.cells import (
    CHOICES,
    IMMUTABLE,
    LINKS,
    Reader,
    as_text,
    as_they_are,
    option_names,
    reader,
)
from fieldstone.engine.imports.content import suggest_by_content
from fieldstone.engine.imports.errors import BadImportOptions
from fieldstone.engine.imports.mapping import (
    Suggestion,
    base_name,
    check_mapping,
    importable,
    suggest_mapping,
)
from fieldstone.engine.imports.options import ImportOptions, Target
from fieldstone.engine.imports.result import RowError
from fieldstone.engine.imports.sources import Row, Source
from fieldstone.engine.permissions import EntityAccess, need
from fieldstone.engine.records.errors import NotAllowed
from fieldstone.engine.transaction import Transaction
from fieldstone.metadata.definitions import Entity, Field, Model
from fieldstone.problems import Problem, did_you_mean

FEW: Final = 20
OWNER: Final = Field("owner_id", "user", "Owner", {"type": "string"}, target="user")
ID: Final = Field("id", "text", "Id", {"type": "string"})


@dataclass(frozen=True, slots=True)
class Step:
    """One target of one column."""

    column: str
    target: Target
    field: Field
    part: str | None
    read: Reader
    only_key: bool


@dataclass(slots=True)
class Draft:
    """A row on its way to a record. `links` are texts that still have to be resolved: field, text."""

    row: int
    body: dict[str, Any]
    key: dict[str, Any] = field(default_factory=dict)
    links: list[tuple[Field, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """Everything that turns rows into drafts. `columns` names, per field, the column that a problem is
    shown at.
    """

    entity: Entity
    access: EntityAccess
    options: ImportOptions
    key: tuple[str, ...]
    steps: tuple[Step, ...]
    mapping: Mapping[str, tuple[Target, ...]]
    columns: Mapping[str, str]
    titles: Mapping[str, Mapping[str, str]]
    textual: bool
    ignored: frozenset[str]
    notes: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()

    def in_order(self, errors: list[RowError]) -> list[RowError]:
        """The errors of a row in the order of the file's columns."""
        places = {column: place for place, column in enumerate(self.headers)}
        return sorted(errors, key=lambda error: places.get(error.column or "", len(places)))

    def draft(self, row: Row) -> Draft:
        """The body that a row says."""
        return self.drafts([row])[0]

    def drafts(self, rows: Sequence[Row]) -> list[Draft]:
        """The bodies of some rows."""
        found = [Draft(row.number, {}) for row in rows]
        for _ in self.fill(rows, found):
            pass
        return found

    def fill(self, rows: Sequence[Row], found: Sequence[Draft]) -> Iterator[None]:
        """Fill the drafts of some rows, a column at a time: the cells of most columns repeat themselves."""
        bodies = [draft.body for draft in found]
        cells = [row.cells for row in rows]
        for step in self.steps:
            yield
            name, plain, put = step.target.field, self._plain(step), self._put(step)
            const = step.target.const
            if const is not None:
                for draft in found:
                    put(draft, step.read(const) if isinstance(const, str) else const)
                continue
            column, read = step.column, step.read
            met: dict[str, Any] | None = {} if len(rows) > FEW else None
            said = [each.get(column) for each in cells]
            if plain and met is not None and self.textual and self._texts(step, said):
                for raw, body in zip(said, bodies, strict=True):
                    if raw:
                        body[name] = raw
                continue
            for raw, all_cells, draft in zip(said, cells, found, strict=True):
                if raw.__class__ is not str:
                    if raw is not None or column in all_cells:
                        put(draft, raw)
                    continue
                if not raw and self.textual:
                    value = None
                elif met is None:
                    value = read(raw)
                elif (value := met.get(raw)) is None:
                    value = read(raw)
                    if value.__class__ in IMMUTABLE:
                        met[raw] = value
                if not plain:
                    put(draft, value)
                elif value is not None:
                    draft.body[name] = value
        if not self.textual:
            known = {step.column for step in self.steps} | self.ignored
            for row, draft in zip(rows, found, strict=True):
                for name, value in row.cells.items():
                    if name not in known:
                        draft.body[name] = value

    @staticmethod
    def _texts(step: Step, said: Sequence[Any]) -> bool:
        """Whether the cells of a column are nothing but the texts that the field's values are."""
        return step.read is as_text and set(map(type, said)) == {str} and as_they_are(said)

    def _put(self, step: Step) -> Callable[[Draft, Any], None]:
        """How the value of a step enters a draft."""
        name, part = step.target.field, step.part
        is_key, only_key = name in self.key, step.only_key
        clears = self.options.clear_blanks and self.options.mode != "create"
        is_link = step.field.type in LINKS and name == step.field.name
        several = step.field.type == "multi_link"

        def put(draft: Draft, value: Any) -> None:
            if is_key:
                draft.key[name] = value
            if only_key or (value is None and not clears):
                return
            if is_link and isinstance(value, str):
                draft.links.append((step.field, value))
            elif several and isinstance(value, list):
                draft.body[name] = value
                texts = [row.get("id") for row in value if isinstance(row, Mapping)]
                draft.links += [(step.field, text) for text in texts if isinstance(text, str)]
            elif part is not None:
                draft.body.setdefault(step.field.name, {})[part] = value
            else:
                draft.body[name] = value

        return put

    def _plain(self, step: Step) -> bool:
        """Whether the value of a step is simply one of the body, unless it is blank."""
        clears = self.options.clear_blanks and self.options.mode != "create"
        is_key, is_link = step.target.field in self.key, step.field.type in (*LINKS, "multi_link")
        return not (is_key or step.only_key or clears or is_link or step.part is not None)

    def self_links(self) -> tuple[str, ...]:
        """Fields that link to records of the entity itself."""
        return tuple({s.field.name: None for s in self.steps if s.field.target == self.entity.name})


def plan_import(tx: Transaction, entity: str, source: Source, options: ImportOptions) -> ImportPlan:
    """Check permission and mapping, and compile them. Raises Denied, NotFound and BadImportOptions."""
    access = need(tx, entity, "import")
    definition = tx.model.entities[entity]
    if definition.parent is not None:
        raise NotAllowed(f"{definition.plural} are imported with the records that own them.")
    for verb in {"create": ("create",), "update": ("update",), "upsert": ("create", "update")}[options.mode]:
        need(tx, entity, verb)
    options, ignored, notes = _with_mapping(tx, definition, access, source, options)
    mapping = options.mapping or {}
    writable = {c: tuple(t for t in ts if t.field not in options.key) for c, ts in mapping.items()}
    check_mapping(definition, access, source.headers, writable)
    key = _key(definition, access, options, mapping)
    steps = tuple(
        _step(tx.model, definition, access, column, target, options, key, source.textual)
        for column, targets in mapping.items()
        for target in targets
    )
    _check_values(options, steps)
    titles = {
        step.field.name: option_names(tx.model, definition, step.field)
        for step in steps
        if step.field.type in CHOICES
    }
    columns: dict[str, str] = {}
    for step in steps:
        columns.setdefault(step.field.name, step.column)
    return ImportPlan(
        definition, access, options, key, steps, mapping, columns, titles, source.textual, ignored,
        (*source.notes, *notes),
        source.headers,
    )  # fmt: skip


def _with_mapping(
    tx: Transaction, entity: Entity, access: EntityAccess, source: Source, options: ImportOptions
) -> tuple[ImportOptions, frozenset[str], list[str]]:
    """The options with a mapping: the given one, or one suggested from the column names.

    Without a mapping every column must be understood: what is not is refused, never silently left out.
    """
    if options.mapping is not None and source.textual:
        return options, frozenset(), []
    sample = source.sample() if source.textual else ()
    suggested = suggest_mapping(tx.model, entity, access, source.headers, sample, options.key)
    ignored = frozenset(each.column for each in suggested if each.ignored)
    notes = [
        f'The column "{each.column}" is left out: the platform fills it.'
        for each in suggested
        if each.ignored
    ]
    given = dict(options.mapping or {})
    if not source.textual:
        named = {each.column: each.targets for each in suggested if each.targets and each.column not in given}
        exact = {column: targets for column, targets in named.items() if targets[0].field == column}
        dropped = frozenset(column for column, targets in given.items() if not targets)
        return replace(options, mapping=exact | given), ignored | dropped, notes
    if any(not each.targets and not each.ignored for each in suggested):
        problems = _unknown(entity, suggest_by_content(tx, entity.name, access, sample, suggested), suggested)
        raise BadImportOptions(problems[0].message, code="column.unknown", problems=problems)
    by_id = options.mode != "create" and (not options.key or "id" in options.key)
    mapping = {each.column: each.targets for each in suggested}
    if not by_id:
        mapping = {c: tuple(t for t in ts if t.field != "id") for c, ts in mapping.items()}
    return replace(options, mapping=mapping), ignored, notes


def _unknown(entity: Entity, looked: Sequence[Suggestion], suggested: Sequence[Suggestion]) -> list[Problem]:
    """A problem per column that no field has the name of, with what its name or its cells come nearest to."""
    problems = []
    for each, named in zip(looked, suggested, strict=True):
        if named.targets or named.ignored:
            continue
        near = named.near
        hint = f'; did you mean "{near}"?' if near else ""
        if near is None and each.by_content:
            near = each.targets[0].field
            hint = f'; its values look like those of "{near}".'
        message = f'{entity.title} has no field for the column "{each.column}"{hint}'
        problems.append(Problem(f"/mapping/{each.column}", "column.unknown", message, {"suggestion": near}))
    return problems


def _key(
    entity: Entity, access: EntityAccess, options: ImportOptions, mapping: Mapping[str, tuple[Target, ...]]
) -> tuple[str, ...]:
    """The key fields: as named, else the id, the first unique field, the title that the file fills."""
    if options.mode == "create":
        return ()
    mapped = {target.field for targets in mapping.values() for target in targets}
    if options.key:
        known = [name for name in ("id", *entity.fields, "owner_id") if name in access.readable]
        for name in options.key:
            if name not in known:
                message = f'{entity.title} has no field "{name}"{did_you_mean(name, known)}'
                raise BadImportOptions(
                    message, code="field.unknown", problems=[Problem("/key", "field.unknown", message)]
                )
            if name not in mapped:
                message = f'The key "{name}" is filled from no column.'
                raise BadImportOptions(
                    message, code="key.unmapped", problems=[Problem("/key", "key.unmapped", message)]
                )
        return options.key
    unique = [field.name for field in entity.fields.values() if field.unique or field.type == "sequence"]
    for name in ("id", *unique, entity.title_field or ""):
        if name in mapped and name in access.readable:
            return (name,)
    raise BadImportOptions(
        f'Name the key by which rows find their records (mode "{options.mode}").', code="key.missing"
    )


def _step(
    model: Model,
    entity: Entity,
    access: EntityAccess,
    column: str,
    target: Target,
    options: ImportOptions,
    key: tuple[str, ...],
    textual: bool,
) -> Step:
    name = target.field
    if name == "id":
        return Step(column, target, ID, None, _stripped, True)
    base = base_name(entity, name)
    field = OWNER if base == "owner_id" else entity.fields[base]
    part = name.partition(".")[2] if "." in name and name not in entity.fields else None
    only_key = name in key and not importable(entity, access, name)
    values = options.values.get(field.name, {})
    whole = part is None and name == field.name
    read: Reader
    if not whole or field.computed:
        read = _stripped
    elif not textual and not target.parse and not values and field.type not in LINKS | CHOICES:
        read = _as_is
    else:
        read = reader(model, entity, field, target, values)
    return Step(column, target, field, part, read, only_key)


def _check_values(options: ImportOptions, steps: tuple[Step, ...]) -> None:
    known = {step.field.name for step in steps}
    for name in options.values:
        if name not in known:
            message = (
                f'The value map names "{name}", which is filled from no column{did_you_mean(name, known)}'
            )
            raise BadImportOptions(
                message, code="values.unknown", problems=[Problem("/values", "values.unknown", message)]
            )


def _stripped(text: str) -> Any:
    return text.strip() or None


def _as_is(text: str) -> Any:
    return text
