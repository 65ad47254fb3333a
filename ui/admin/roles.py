"""What each role may do, and which layer says so: to look at. Roles are changed as documents."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from werkzeug.wrappers import Response

from fieldstone.engine.identity.roster import roster
from fieldstone.engine.permissions.allowances import EVERY, Allowance, allowances
from fieldstone.metadata.definitions import Document, Entity, Role
from fieldstone.metadata.layers import layer_of
from fieldstone.ui.admin.sections import admin_page, require
from fieldstone.ui.visit import PageMissing, Visit

VERBS: Final = ("read", "create", "update", "delete", "import", "export")
REACHES: Final = ("own", "team", "team_and_below", "all")


@dataclass(frozen=True, slots=True)
class Cell:
    """One verb of one entity: the reach, and the layer that set it where the role names it."""

    verb: str
    reach: str
    layer: str


@dataclass(frozen=True, slots=True)
class Line:
    """One entity in a role's matrix."""

    title: str
    icon: str
    cells: tuple[Cell, ...]
    hidden: tuple[str, ...]
    locked: tuple[str, ...]
    rules: tuple[tuple[str, str], ...]
    from_every: bool


def show(visit: Visit) -> Response:
    """All roles, and how many people hold each."""
    require(visit, "roles")
    with visit.services.engine.database.connection() as connection:
        people = roster(connection, visit.context.tenant)
    holders = {name: sum(name in each.roles for each in people) for name in visit.model.roles}
    roles = sorted(visit.model.roles.values(), key=lambda role: visit.labels.role(role.name).casefold())
    return admin_page(visit, "roles", "roles", roles=roles, holders=holders)


def show_one(visit: Visit, role: str) -> Response:
    """One role's rights, entity by entity."""
    require(visit, "roles")
    found = visit.model.roles.get(role)
    if found is None:
        raise PageMissing(f"There is no role {role}.")
    with visit.services.engine.database.connection() as connection:
        people = [each for each in roster(connection, visit.context.tenant) if role in each.roles]
    lines = [line for entity in _entities(visit) if (line := _line(visit, found, entity)) is not None]
    return admin_page(
        visit, "role", "roles", role=found, lines=lines, verbs=VERBS, people=people, reaches=REACHES,
        document=f"roles/{role}.json",
    )  # fmt: skip


def _entities(visit: Visit) -> list[Entity]:
    """Entities with records of their own, those of packages before those of the platform."""
    whole = [entity for entity in visit.model.entities.values() if entity.parent is None]
    return sorted(whole, key=lambda entity: (entity.layer == "base", visit.labels.plural(entity).casefold()))


def _line(visit: Visit, role: Role, entity: Entity) -> Line | None:
    each = next(
        (found for found in allowances(visit.model, [role.name], entity) if found.role == role.name), None
    )
    if each is None:
        return None
    document = visit.model.documents.get(("roles", role.name))
    cells = tuple(Cell(verb, each.reach(verb), _layer(document, each, verb)) for verb in VERBS)

    def titles(names: frozenset[str]) -> tuple[str, ...]:
        fields = [entity.fields[name] for name in sorted(names) if name in entity.fields]
        return tuple(visit.labels.field(entity, field) for field in fields)

    rules = tuple((rule.name, rule.when.source) for rule in each.rules)
    return Line(
        visit.labels.plural(entity),
        entity.icon,
        cells,
        titles(each.hidden),
        titles(each.locked),
        rules,
        each.source == EVERY,
    )


def _layer(document: Document | None, each: Allowance, verb: str) -> str:
    grants: list[Mapping[str, object]] = (
        list(document.body.get("entities", ())) if document is not None else []
    )
    for at, grant in enumerate(grants):
        if document is not None and grant.get("name") == each.source:
            return layer_of(document, f"/entities/{at}/verbs/{verb}")
    return each.layer
