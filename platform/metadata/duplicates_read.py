"""Reads the keyword `duplicates` of an entity, and checks what its rules name."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from fieldstone.expressions import BOOLEAN, Allowed
from fieldstone.metadata.definitions import Document, Entity
from fieldstone.metadata.documents import title_of
from fieldstone.metadata.duplicate_rules import DuplicateRule, MatchField
from fieldstone.metadata.layers import layer_of
from fieldstone.problems import Problem, did_you_mean

if TYPE_CHECKING:
    from fieldstone.metadata.checking import Checking

OWN_ONLY: Final = Allowed()
"""A rule's condition reads neither clock nor user: the answer is stored."""

TEXTS: Final = ("text", "multiline", "email", "phone", "url", "person_name", "code", "barcode")
EXACT: Final = (
    *TEXTS, "select", "radio", "dependent_select", "region", "integer", "number", "decimal", "percent", "money",
    "boolean", "date", "datetime", "time", "link", "parent", "user", "team", "rating",
)  # fmt: skip


def read_duplicates(document: Document, entity: Entity, checking: "Checking") -> tuple[DuplicateRule, ...]:
    """The rules of an entity's document; what is wrong is added to the compile's problems."""
    rules = []
    for at, body in enumerate(document.body.get("duplicates", ())):
        rules.append(_rule(document, entity, checking, body, f"/duplicates/{at}"))
    return tuple(rules)


def _rule(
    document: Document, entity: Entity, checking: "Checking", body: Mapping[str, Any], pointer: str
) -> DuplicateRule:
    fields = []
    for at, part in enumerate(body["fields"]):
        compare = part.get("compare", "text")
        allowed = EXACT if compare == "exact" else TEXTS
        for keyword, name in (("name", part["name"]), *(("also", name) for name in part.get("also", ()))):
            problem = _wrong(entity, name, compare, allowed)
            if problem:
                checking.problems.append(
                    (entity.name, Problem(f"{pointer}/fields/{at}/{keyword}", problem[0], problem[1]))
                )
        fields.append(MatchField(part["name"], compare, tuple(part.get("also", ()))))
    when = None
    if "when" in body:
        when = checking.expression(entity.name, body["when"], f"{pointer}/when", OWN_ONLY, BOOLEAN)
        for path in sorted(when.deps) if when is not None else ():
            field = entity.fields.get(path[0])
            if len(path) > 1 or field is None or field.computed or field.lines is not None:
                message = (
                    f'"{".".join(path)}" is no plain field of the record itself; the condition is judged when the '
                    "record is written, and may read only those"
                )
                checking.problems.append((entity.name, Problem(f"{pointer}/when", "duplicate.when", message)))
    return DuplicateRule(
        name=body["name"],
        title=body.get("title") or title_of(body["name"]),
        fields=tuple(fields),
        when=when,
        action=body.get("action", "warn"),
        reveal=body.get("reveal", ""),
        layer=layer_of(document, pointer),
    )


def _wrong(entity: Entity, name: str, compare: str, allowed: tuple[str, ...]) -> tuple[str, str] | None:
    field = entity.fields.get(name)
    if field is None:
        known = [each.name for each in entity.fields.values() if each.type in allowed]
        return "field.unknown", f'"{name}" is no field of "{entity.name}"{did_you_mean(name, known)}'
    if field.computed:
        return "duplicate.field", f'"{name}" is computed; a rule compares what people enter'
    if field.type not in allowed:
        kinds = ", ".join(allowed)
        return (
            "duplicate.field",
            f'"{name}" is of type "{field.type}", which "{compare}" cannot compare (it takes {kinds})',
        )
    return None
