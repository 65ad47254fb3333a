"""What is wrong with a record, in the visitor's words: by code from the catalogue, rules by their own translation."""

from typing import Any

from fieldstone.metadata.definitions import Entity
from fieldstone.problems import FieldstoneError, Problem
from fieldstone.ui.visit import Visit


def told(visit: Visit, entity: Entity, error: FieldstoneError) -> list[dict[str, Any]]:
    """Each problem with its place. An error without places is one problem of the whole record."""
    problems = error.problems or (Problem("", error.code, error.message),)
    return [
        {
            "pointer": each.path,
            "code": each.code,
            "message": worded(visit, entity, each),
            **_mend(visit, each),
        }
        for each in problems
    ]


def _mend(visit: Visit, problem: Problem) -> dict[str, Any]:
    """A link to where the records are that stand in the way, for who may see them."""
    name = "exchange_rate" if problem.code == "rate.missing" else problem.data.get("mend")
    entity = visit.model.entities.get(str(name)) if name else None
    if entity is None or not visit.may(entity.name, "read"):
        return {}
    return {"mend": {"href": visit.urls.list(entity.name), "title": visit.labels.plural(entity)}}


def worded(visit: Visit, entity: Entity, problem: Problem) -> str:
    """The message of a problem."""
    if problem.code == "rule" and "rule" in problem.data:
        owner = _owner(visit, entity, problem.path)
        return str(visit.labels.rule(owner, str(problem.data["rule"]), problem.message))
    if problem.code == "transition.refused":
        return _refused(visit, entity, problem)
    limit = problem.data.get("limit")
    key = f"problem.{problem.code}"
    if problem.code == "format":
        key = f"problem.format.{limit}"
    if problem.code in ("type", "format", "pattern"):
        by_type = _by_type(visit, entity, problem)
        key = by_type if visit.texts.has(by_type) else key
    if not visit.texts.has(key):
        return problem.message[:1].upper() + problem.message[1:]
    text: str = visit.texts(key, limit=_limit(visit, limit))
    return text


def _refused(visit: Visit, entity: Entity, problem: Problem) -> str:
    """Why a state may not change so, and what can be done instead."""
    text: str = visit.texts(f"problem.transition.refused.{problem.data.get('why', 'none')}")
    field = entity.fields.get(problem.path.rpartition("/")[2])
    names = []
    for name in problem.data.get("allowed", ()):
        step = field.machine.transition(name) if field is not None and field.machine is not None else None
        if field is not None and step is not None:
            names.append(visit.labels.transition(entity, field, step))
        elif field is not None:
            names.append(visit.labels.option(entity, field, name))
    return f"{text} {visit.texts('problem.transition.possible', names=', '.join(names))}" if names else text


def _by_type(visit: Visit, entity: Entity, problem: Problem) -> str:
    """A value of the wrong kind is told by what the field wants."""
    owner = _owner(visit, entity, problem.path)
    field = owner.fields.get(problem.path.rpartition("/")[2])
    if field is None:
        return ""
    wanted = {
        "integer": "integer",
        "decimal": "number",
        "money": "number",
        "percent": "number",
        "number": "number",
    }
    return f"problem.{wanted.get(field.type, field.type)}"


def _owner(visit: Visit, entity: Entity, pointer: str) -> Entity:
    parts = pointer.split("/")
    field = entity.fields.get(parts[1]) if len(parts) > 3 else None
    return visit.model.entities[field.lines] if field is not None and field.lines else entity


def _limit(visit: Visit, limit: Any) -> str:
    if isinstance(limit, bool) or limit is None:
        return ""
    return visit.formats.number(limit) if isinstance(limit, int | float) else str(limit)
