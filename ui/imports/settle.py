"""Values that stand for nothing known, each settled once: what was found, and what was decided about it."""

from collections.abc import Iterable
from dataclasses import dataclass

from fieldstone.engine.imports import Finding, ImportOptions
from fieldstone.engine.query.listing import list_records
from fieldstone.engine.query.request import ListRequest
from fieldstone.engine.transaction import Transaction
from fieldstone.metadata.definitions import Entity, Field
from fieldstone.ui.fields import field_of, target_of, title_of
from fieldstone.ui.visit import PageMissing, Visit

MOST = 12


@dataclass(frozen=True, slots=True)
class Settling:
    """One value of one field. `count` is None when it was settled before and did not turn up any more.

    `choice` is "" (undecided), near, other or blank. A choice field brings its `options`; a link is searched.
    """

    field: str
    title: str
    text: str
    count: int | None
    rows: tuple[int, ...]
    near: str
    choice: str
    other: str
    options: tuple[tuple[str, str], ...] = ()
    ambiguous: bool = False


def settlings(
    visit: Visit, entity: Entity, findings: Iterable[Finding], options: ImportOptions
) -> list[Settling]:
    """What is to be settled first, then what is settled already."""
    found = [_open(visit, entity, finding, options) for finding in findings]
    known = {(each.field, each.text) for each in found}
    for name, texts in options.values.items():
        for text, value in texts.items():
            if (name, text) not in known:
                found.append(_made(visit, entity, name, text, value))
    return found


def _open(visit: Visit, entity: Entity, finding: Finding, options: ImportOptions) -> Settling:
    decided = options.values.get(finding.field, {})
    other = str(decided.get(finding.value) or "")
    field = field_of(entity, finding.field)
    near = finding.suggestion or ""
    return Settling(
        field=finding.field,
        title=_title(visit, entity, finding.field),
        text=finding.value,
        count=finding.count,
        rows=tuple(finding.rows),
        near=near,
        choice="other" if other else "",
        other=other,
        options=_options(visit, entity, field),
        ambiguous=finding.code == "link.ambiguous",
    )


def _made(visit: Visit, entity: Entity, name: str, text: str, value: object) -> Settling:
    field = field_of(entity, name)
    choice = "blank" if value is None else "other"
    other = "" if value is None else str(value)
    options = _options(visit, entity, field)
    constant = next((const for const, title in options if other in (const, title)), other)
    return Settling(name, _title(visit, entity, name), text, None, (), "", choice, constant, options)


def _title(visit: Visit, entity: Entity, name: str) -> str:
    field = entity.fields.get(name)
    return visit.labels.field(entity, field) if field else visit.labels.system(name)


def _options(visit: Visit, entity: Entity, field: Field | None) -> tuple[tuple[str, str], ...]:
    if field is None:
        return ()
    return tuple((each.const, visit.labels.option(entity, field, each.const)) for each in field.options)


def lookup(visit: Visit, entity: Entity, name: str, q: str) -> list[tuple[str, str]]:
    """Records that a value of a link may stand for: what to write, and what tells two of a name apart.

    Where two have the same title, the id is written.
    """
    field = field_of(entity, name)
    target = target_of(visit.model, field) if field else None
    if target is None:
        raise PageMissing("There is no such link.", field=name)

    def work(tx: Transaction) -> list[tuple[str, str]]:
        page = list_records(tx, target.name, ListRequest(q=q or None, limit=MOST))
        titles = [title_of(target, record) for record in page.data]
        return [
            (str(record["id"]), title) if titles.count(title) > 1 else (title, "")
            for record, title in zip(page.data, titles, strict=True)
        ]

    return visit.read(work)
