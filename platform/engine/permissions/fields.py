"""Which fields an actor may read, when what a field is computed from counts as well.

A formula, rollup or related field shows what it reads, so it is hidden wherever one of its sources is: a
hidden field of the same record, of its lines, or of a linked record, or an entity without the right to read.
Sub-fields of lines are named `items.price` in a grant; hiding `items` hides the whole line entity.
"""

from collections.abc import Collection, Iterable
from typing import Final

from fieldstone.engine.permissions.allowances import Allowance, allowances
from fieldstone.expressions import Checked
from fieldstone.metadata.definitions import SYSTEM_FIELDS, Entity, Field, Model

USER_LINKS: Final = frozenset({"created_by", "updated_by", "owner_id"})


def governing(model: Model, entity: Entity) -> tuple[Entity, str]:
    """The entity whose grants and rows decide over this one, and the path of lines fields that leads here."""
    path: list[str] = []
    while entity.parent is not None:
        above, field = entity.parent
        path.insert(0, field)
        entity = model.entities[above]
    return entity, ".".join(path)


def named(path: str, name: str, names: Collection[str]) -> bool:
    """Whether a grant's list of fields names this one or the lines it belongs to."""
    whole = f"{path}.{name}" if path else name
    parts = whole.split(".")
    return any(".".join(parts[:end]) in names for end in range(1, len(parts) + 1))


def system_fields(entity: Entity) -> tuple[str, ...]:
    return ("id",) if entity.parent else SYSTEM_FIELDS


class FieldRights:
    """The readable fields of any entity of a model, for one set of roles."""

    def __init__(self, model: Model, roles: Iterable[str]) -> None:
        self._model = model
        self._roles = tuple(roles)
        self._direct: dict[str, frozenset[str]] = {}
        self._shown: dict[tuple[str, str], bool] = {}

    def allowances(self, entity: Entity) -> tuple[Allowance, ...]:
        return allowances(self._model, self._roles, entity)

    def readable(self, entity: Entity) -> frozenset[str]:
        """Field names that may be read, system fields included; empty without the right to read."""
        direct = self.direct(entity)
        return frozenset(name for name in direct if self._is_shown(entity, name))

    def shows(self, entity: Entity, path: tuple[str, ...]) -> bool:
        """Whether everything on a path of an expression may be read."""
        return self._path_shown(entity, path)

    def direct(self, entity: Entity) -> frozenset[str]:
        """The same by grants alone: a field is hidden only if every role that grants read hides it."""
        found = self._direct.get(entity.name)
        if found is None:
            root, path = governing(self._model, entity)
            reading = [each for each in self.allowances(root) if each.reach("read") != "none"]
            names = [*system_fields(entity), *entity.fields] if reading else []
            found = self._direct[entity.name] = frozenset(
                name
                for name in names
                if name in SYSTEM_FIELDS or any(not named(path, name, each.hidden) for each in reading)
            )
        return found

    def _is_shown(self, entity: Entity, name: str) -> bool:
        key = (entity.name, name)
        if key not in self._shown:
            self._shown[key] = True  # a circle adds no source of its own
            field = entity.fields.get(name)
            self._shown[key] = name in self.direct(entity) and (
                field is None or self._sources_shown(entity, field)
            )
        return self._shown[key]

    def _sources_shown(self, entity: Entity, field: Field) -> bool:
        if field.related is not None and not self._path_shown(entity, field.related):
            return False
        if field.formula is not None and not self._all_shown(entity, field.formula):
            return False
        rollup = field.rollup
        if rollup is None:
            return True
        child = self._model.entities.get(rollup.child)
        if child is None or not self.direct(child):
            return False
        if "." not in rollup.of and not self._is_shown(entity, rollup.of):
            return False
        read = [expression for expression in (rollup.value, rollup.where) if expression is not None]
        return all(self._all_shown(child, expression) for expression in read)

    def _all_shown(self, entity: Entity, expression: Checked) -> bool:
        return all(self._path_shown(entity, path) for path in expression.deps)

    def _path_shown(self, entity: Entity, path: tuple[str, ...]) -> bool:
        if not path:
            return True
        if not self._is_shown(entity, entity.field_behind(path[0])):
            return False
        if len(path) == 1:
            return True
        field = entity.fields.get(path[0])
        name = "user" if path[0] in USER_LINKS else (field.lines or field.target if field else None)
        target = self._model.entities.get(name or "")
        return target is None or self._path_shown(target, path[1:])
