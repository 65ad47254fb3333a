"""What is said when something is refused: in the visitor's language where there is a text for the code."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from fieldstone.engine.transaction import Transaction
from fieldstone.metadata.definitions import Entity
from fieldstone.problems import FieldstoneError, Problem
from fieldstone.ui.forms.problems import worded
from fieldstone.ui.visit import Visit

TOLD: Final = frozenset(
    {"malformed", "conflict", "invalid", "refused", "limited", "external", "stale", "denied"}
)
"""Kinds of errors that are told on the page itself, beside what was typed; others are pages of their own."""


def attempt(visit: Visit, work: Callable[[], Any], entity: str = "user") -> str | None:
    """Do something; what to tell the visitor when it was refused. `entity` is whose fields problems point to."""
    try:
        work()
    except FieldstoneError as error:
        if error.kind not in TOLD:
            raise
        return said(visit, error, entity)
    return None


def attempt_write(visit: Visit, work: Callable[[Transaction], Any], entity: str = "user") -> str | None:
    """The same for one transaction."""
    return attempt(visit, lambda: visit.write(work), entity)


def said(visit: Visit, error: FieldstoneError, entity: str = "user") -> str:
    """The message of an error, or those of its problems, each once."""
    found = [_problem(visit, each, visit.model.entities[entity]) for each in error.problems]
    return " ".join(dict.fromkeys(found)) or _refusal(visit, error.code, {}) or error.message


def _problem(visit: Visit, problem: Problem, entity: Entity) -> str:
    refusal = _refusal(visit, problem.code, problem.data)
    if refusal is not None:
        return refusal
    text = worded(visit, entity, problem)
    field = entity.fields.get(problem.path.removeprefix("/"))
    return visit.texts("refusal.field", title=visit.labels.field(entity, field), text=text) if field else text


def _refusal(visit: Visit, code: str, data: Mapping[str, Any]) -> str | None:
    name = code.replace(".", "_").lower()
    return visit.texts(f"refusal.{name}", **data) if visit.texts.has(f"refusal.{name}") else None
