"""What a verb is about: the entity, the actor's access to it, and the part of a body that the actor may write."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NoReturn

from fieldstone.engine.permissions import EntityAccess, absent, access, owner_team
from fieldstone.engine.query.gate import bindings
from fieldstone.engine.records.errors import InvalidContent, NotAllowed
from fieldstone.engine.records.program import Program, program_for
from fieldstone.engine.transaction import Transaction
from fieldstone.metadata.definitions import SYSTEM_FIELDS, Entity, Field
from fieldstone.metadata.fields.base import escaped, unescaped
from fieldstone.metadata.fields.wording import problem
from fieldstone.problems import Problem, did_you_mean


def readable_entity(tx: Transaction, entity: str) -> tuple[Program, EntityAccess]:
    """The program of an entity with records of its own; NotFound also for line entities and hidden ones."""
    found = access(tx, entity)
    definition = tx.model.entities[entity]
    if definition.parent is not None:
        raise absent(tx, entity)
    return program_for(tx.model, definition), found


@dataclass(frozen=True, slots=True)
class Refused:
    """A body without the properties that the actor may not write, and a problem for each of them."""

    body: Mapping[str, Any]
    problems: Sequence[Problem]


def refuse_unwritable(
    tx: Transaction, access: EntityAccess, entity: Entity, body: Mapping[str, Any]
) -> Refused:
    """Hidden fields are unknown properties, those of lines too; locked ones are read-only.

    For an actor who has hidden fields, names that do not exist are refused here as well, so that both are said alike
    and no suggestion names what is hidden.
    """
    if not isinstance(body, Mapping):
        return Refused(body, [])
    if _unrestricted(access, entity, body):
        return Refused(body, [])
    return _refuse(tx, access, entity, body, "")


def _unrestricted(access: EntityAccess, entity: Entity, body: Mapping[str, Any]) -> bool:
    """Whether nothing in the body can be hidden or locked for the actor."""
    return (
        access.readable.issuperset(entity.fields)
        and access.writable.issuperset(entity.fields)
        and not any(entity.fields[name].lines is not None for name in body if name in entity.fields)
    )


def _refuse(
    tx: Transaction, access: EntityAccess, entity: Entity, body: Mapping[str, Any], path: str
) -> Refused:
    problems = []
    kept = {}
    known = [field for field in entity.fields if field in access.readable]
    writes_blindly = not access.readable
    strict = len(known) < len(entity.fields) and not writes_blindly and _closed(entity)
    for name, value in body.items():
        pointer = f"{path}/{escaped(name)}"
        base = name if name in entity.fields else money_name(entity, name)
        if base is None:
            if strict and name not in SYSTEM_FIELDS:
                problems.append(unknown_property(name, pointer, known))
            else:
                kept[name] = value
        elif base not in access.readable and not (writes_blindly and base in access.writable):
            problems.append(unknown_property(name, pointer, known))
        elif (
            base not in access.writable
            and not entity.fields[base].computed
            and not entity.fields[base].read_only
        ):
            title = entity.fields[base].title
            problems.append(Problem(pointer, "readOnly", f"You may not change {title}.", {"title": title}))
        elif entity.fields[base].lines is not None:
            kept[name] = _refuse_in_lines(tx, entity.fields[base], value, pointer, problems)
        else:
            kept[name] = value
    return Refused(kept, problems)


def _refuse_in_lines(tx: Transaction, field: Field, value: Any, path: str, problems: list[Problem]) -> Any:
    child = tx.model.entities[field.lines or ""]
    rights = access(tx, child.name)
    if not isinstance(value, list) or (
        rights.readable.issuperset(child.fields) and rights.writable.issuperset(child.fields)
    ):
        return value
    lines = []
    for index, line in enumerate(value):
        if isinstance(line, Mapping):
            refused = _refuse(tx, rights, child, line, f"{path}/{index}")
            problems += refused.problems
            line = refused.body
        lines.append(line)
    return lines


def _closed(entity: Entity) -> bool:
    return entity.extras is False and "patternProperties" not in entity.composite


def unknown_property(name: str, pointer: str, known: Sequence[str]) -> Problem:
    """The problem of a property that does not exist; worded as validation words it."""
    return problem("additionalProperties", pointer, limit=did_you_mean(name, known))


def money_name(entity: Entity, name: str) -> str | None:
    """The money field that a companion belongs to: `price` for `price_currency`."""
    for suffix in ("_currency", "_base"):
        base = name.removesuffix(suffix)
        if base != name and base in entity.fields and entity.fields[base].type == "money":
            return base
    return None


def reraise(tx: Transaction, access: EntityAccess, problems: Sequence[Problem]) -> NoReturn:
    """Refuse a body with everything that is wrong with it; what is wrong with hidden fields is not named."""
    problems = _concealed(tx, access, problems)
    first = problems[0]
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    raise InvalidContent(f"{first.message}{more}", problems=problems)


def _concealed(tx: Transaction, access: EntityAccess, problems: Sequence[Problem]) -> Sequence[Problem]:
    """The problems without places in fields that the actor can neither read nor write.

    Several of them become one: how many there are says something, too. The message of a rule is its author's.
    """
    shown: list[Problem] = []
    for each in problems:
        if each.code == "additionalProperties" or not _is_concealed(tx, access, each.path):
            shown.append(each)
        elif each.code == "rule":
            shown.append(replace(each, path=""))
        elif all(other.code != "concealed" for other in shown):
            message = "Something that your rights do not let you enter is missing or does not fit."
            shown.append(Problem("", "concealed", message))
    return shown


def _is_concealed(tx: Transaction, rights: EntityAccess, path: str) -> bool:
    parts = [unescaped(part) for part in path.split("/")[1:]]
    for name, index in zip(parts[::2], [*parts[1::2], ""], strict=False):
        name = money_name(rights.entity, name) or name
        field = rights.entity.fields.get(name)
        if field is None:
            return False
        if name not in rights.readable and name not in rights.writable:
            return True
        if field.lines is None or not index:
            return False
        rights = access(tx, field.lines)
    return False


def require_owner(
    tx: Transaction,
    access: EntityAccess,
    verb: str,
    values: Mapping[str, Any],
    linked: Mapping[str, Mapping[str, Any]],
) -> None:
    """Refuse a record that the actor may not have under this owner (`create`), or hand over (`assign`).

    Record rules read computed values and linked records too, as they do in lists.
    """
    actor = tx.context.actor
    team = owner_team(tx, values.get("owner_id")) if access.needs_owner_team(verb, values, actor) else None
    if not access.permits(verb, values, actor, team, bindings(tx), {**values, **linked}):
        raise NotAllowed(
            "You may not have this record belong to that owner.", verb=verb, entity=access.entity.name
        )
