"""Which column goes to which field: as the person said, or suggested from names, titles and a look at the
cells.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from fieldstone.engine.imports.errors import BadImportOptions
from fieldstone.engine.imports.options import Target
from fieldstone.engine.imports.sources import ERROR_COLUMN, Row
from fieldstone.engine.permissions import EntityAccess
from fieldstone.engine.search import fold
from fieldstone.metadata.definitions import SYSTEM_FIELDS, Entity, Field, Model
from fieldstone.metadata.fields import FIELD_TYPES
from fieldstone.problems import Problem, nearest

PARTED: Final = ("address", "person_name")
_WORDS: Final = re.compile(r"[\W_]+")
_SPLIT: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_FOUR_DIGITS: Final = re.compile(r"(?:1[5-9]|20|21)\d\d(?:\.0)?")
_MANY_YEARS: Final = 0.95


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What a column probably holds. `ignored`: the column is known, but the platform writes it. `near`: a
    guess. `by_content`: the cells tell it, not the name (`content.suggest_by_content`).
    """

    column: str
    targets: tuple[Target, ...]
    ignored: bool = False
    near: str | None = None
    by_content: bool = False


def field_names(model: Model, entity: Entity, access: EntityAccess) -> dict[str, str]:
    """The field of each name that a column may have: names and titles in every language, normalised."""
    names: dict[str, str] = {}
    allowed = [field for field in entity.fields.values() if field.name in access.readable]
    for field in allowed:
        titles = [texts.get(f"field.{entity.name}.{field.name}") for texts in model.translations.values()]
        for title in (field.title, *titles):
            if title:
                names.setdefault(normal(title), field.name)
        if field.type == "money":
            names.setdefault(normal(f"{field.name}_currency"), f"{field.name}_currency")
            names.setdefault(normal(f"{field.name}_base"), f"{field.name}_base")
    if entity.title_field in access.readable:  # a column "book" of books holds what they are called
        for own in (entity.name, entity.title):
            names.setdefault(normal(own), entity.title_field or "")
    for name in (*SYSTEM_FIELDS, *(field.name for field in allowed)):
        names[normal(name)] = name
    return names


def normal(name: str) -> str:
    """A name without case, accents, width, punctuation and the seams of camelCase."""
    return _WORDS.sub("", fold(_SPLIT.sub(" ", name)))


def suggest_mapping(
    model: Model,
    entity: Entity,
    access: EntityAccess,
    headers: Sequence[str],
    sample: Sequence[Row] = (),
    keys: Sequence[str] = (),
) -> list[Suggestion]:
    """A suggestion per column, each field at most once. A column that fits nothing gets its nearest field,
    if any.
    """
    names = field_names(model, entity, access)
    taken: set[str] = set()
    found: list[Suggestion] = []
    for column in headers:
        if column == ERROR_COLUMN:
            found.append(Suggestion(column, (), ignored=True))
            continue
        target = _exact(entity, column, names)
        if target is None or target in taken:
            found.append(Suggestion(column, (), near=_near(column, names, taken)))
        elif not importable(entity, access, target) and target not in ("id", *keys):
            found.append(Suggestion(column, (), ignored=True))
        else:
            taken.add(target)
            parse = _parse_for(entity.fields.get(target), (row.cells.get(column) for row in sample))
            found.append(Suggestion(column, (Target(target, parse),)))
    return found


def importable(entity: Entity, access: EntityAccess, name: str) -> bool:
    """Whether an import may write a field."""
    base = base_name(entity, name)
    if base == "owner_id":
        return base in access.writable
    field = entity.fields.get(base)
    if field is None or (name.endswith("_base") and base != name):
        return False
    return (
        not field.computed
        and not field.read_only
        and base in access.writable
        and field.type not in ("file", "files", "image", "signature")
    )


def base_name(entity: Entity, name: str) -> str:
    """The field behind `address.city` and `price_currency`."""
    if name in entity.fields:
        return name
    head = name.partition(".")[0]
    if head in entity.fields:
        return head
    for suffix in ("_currency", "_base"):
        if name.endswith(suffix) and name.removesuffix(suffix) in entity.fields:
            return name.removesuffix(suffix)
    return name


def _exact(entity: Entity, column: str, names: Mapping[str, str]) -> str | None:
    if column in entity.fields and column in names.values():
        return column
    head, _, part = column.partition(".")
    if part and head in entity.fields and entity.fields[head].type in PARTED:
        return column
    return names.get(normal(column))


def _near(column: str, names: Mapping[str, str], taken: set[str]) -> str | None:
    free = {name: field for name, field in names.items() if field not in taken}
    guess = nearest(normal(column), free)
    return free[guess] if guess else None


def _parse_for(field: Field | None, cells: Iterable[Any]) -> str | None:
    """`year` where a date field gets nothing but years."""
    if field is None or field.type != "date":
        return None
    texts = [cell.strip() for cell in cells if isinstance(cell, str) and cell.strip()]
    years = sum(1 for text in texts if _FOUR_DIGITS.fullmatch(text))
    return "year" if texts and years >= _MANY_YEARS * len(texts) else None


def check_mapping(
    entity: Entity, access: EntityAccess, headers: Sequence[str], mapping: Mapping[str, Sequence[Target]]
) -> None:
    """Refuse a mapping that names columns or fields that are not there. Raises with every problem.

    A hidden field is worded as one that does not exist.
    """
    problems: list[Problem] = []
    seen: dict[str, str] = {}
    known = [name for name in (*entity.fields, "owner_id") if name in access.readable]
    for column, targets in mapping.items():
        path = f"/mapping/{column}"
        if column not in headers and any(target.const is None for target in targets):
            guess = nearest(column, headers)
            hint = f'; did you mean "{guess}"?' if guess else ""
            problems.append(Problem(path, "column.unknown", f'The file has no column "{column}"{hint}'))
        for target in targets:
            problem = _target_problem(entity, access, target, known, path)
            if problem is None and target.field in seen:
                message = (
                    f'"{target.field}" is filled from two columns, "{seen[target.field]}" and "{column}".'
                )
                problem = Problem(path, "mapping.twice", message)
            seen[target.field] = column
            if problem is not None:
                problems.append(problem)
    if problems:
        raise BadImportOptions(problems[0].message, problems=problems)


def _target_problem(
    entity: Entity, access: EntityAccess, target: Target, known: Sequence[str], path: str
) -> Problem | None:
    name = target.field
    base = base_name(entity, name)
    if name == "id":
        return None
    if base not in access.readable or (base not in entity.fields and base != "owner_id"):
        guess = nearest(name, known)
        hint = f'; did you mean "{guess}"?' if guess else ""
        return Problem(path, "field.unknown", f'{entity.title} has no field "{name}"{hint}')
    if "." in name and name not in entity.fields:
        parts: Mapping[str, str] = getattr(FIELD_TYPES[entity.fields[base].type], "parts", {})
        if name.partition(".")[2] not in parts:
            return Problem(path, "field.unknown", f'{entity.fields[base].title} has no part "{name}".')
    if not importable(entity, access, name):
        return Problem(path, "field.read_only", f'"{name}" cannot be set by an import.')
    return None
