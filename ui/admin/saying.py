"""What is said when something is refused: in the visitor's language where there is a text for the code."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from fieldstone.engine.transaction import Transaction
from fieldstone.problems import FieldstoneError
from fieldstone.ui.visit import Visit

TOLD: Final = frozenset(
    {"malformed", "conflict", "invalid", "refused", "limited", "external", "stale", "denied"}
)
"""Kinds of errors that are told on the page itself, beside what was typed; others are pages of their own."""


def attempt(visit: Visit, work: Callable[[], Any]) -> str | None:
    """Do something; what to tell the visitor when it was refused."""
    try:
        work()
    except FieldstoneError as error:
        if error.kind not in TOLD:
            raise
        return said(visit, error)
    return None


def attempt_write(visit: Visit, work: Callable[[Transaction], Any]) -> str | None:
    """The same for one transaction."""
    return attempt(visit, lambda: visit.write(work))


def said(visit: Visit, error: FieldstoneError) -> str:
    """The message of an error, or those of its problems, each once."""
    found = [_text(visit, each.code, each.message, each.path, each.data) for each in error.problems]
    return " ".join(dict.fromkeys(found)) if found else _text(visit, error.code, error.message, "", {})


def _text(visit: Visit, code: str, message: str, path: str, data: Mapping[str, Any]) -> str:
    name = code.replace(".", "_").lower()
    if visit.texts.has(f"problem.{name}"):
        return visit.texts(f"problem.{name}", **data)
    place = path.removeprefix("/")
    entity = visit.model.entities["user"]
    if code == "unique" and place in entity.fields:
        return visit.texts("problem.in_use", title=visit.labels.field(entity, entity.fields[place]))
    return message
