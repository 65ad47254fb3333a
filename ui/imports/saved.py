"""Saved mappings on the import page: decisions taken over from a name, kept under one, and forgotten."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from werkzeug.wrappers import Response

from fieldstone.engine.imports import (
    BadImportOptions,
    ImportOptions,
    Target,
    delete_mapping,
    open_source,
    save_mapping,
    saved_mapping,
    saved_mappings,
    with_saved,
)
from fieldstone.engine.imports.errors import TooManyMappings
from fieldstone.metadata.definitions import Entity
from fieldstone.ui.imports.begin import draft_of, importing
from fieldstone.ui.imports.sent import FIXED, options_of
from fieldstone.ui.visit import Visit


@dataclass(frozen=True, slots=True)
class Offer:
    """A saved mapping; it can be used when the file lacks no column that it reads."""

    name: str
    missing: tuple[str, ...]


def offers(visit: Visit, entity: str, headers: Sequence[str]) -> tuple[Offer, ...]:
    """The saved mappings of an entity, those that fit a file with these columns first."""
    there = set(headers)
    found = visit.read(lambda tx: saved_mappings(tx, entity))
    offered = [Offer(each.name, tuple(sorted(each.columns - there))) for each in found]
    return tuple(sorted(offered, key=lambda each: (len(each.missing) > 0, each.name)))


def used(visit: Visit, entity: str, name: str, options: ImportOptions) -> ImportOptions:
    """The decisions of a saved mapping over how the file is laid out. Raises UnknownMapping."""
    found = with_saved(options, visit.read(lambda tx: saved_mapping(tx, entity, name)))
    mapping: dict[str, tuple[Target, ...]] = {}
    for column, targets in (found.mapping or {}).items():
        read = tuple(target for target in targets if target.const is None)
        if read or not targets:
            mapping[column] = read
        mapping |= {f"{FIXED}{each.field}": (each,) for each in targets if each.const is not None}
    return replace(found, mapping=mapping)


def keep(visit: Visit, entity: str, run_id: UUID) -> Response:
    """Keep the decisions of the form under a name; one that is taken only when that was said."""
    definition = importing(visit, entity)
    form = visit.request.form
    name = form.get("mapping_name", "").strip()
    known = {each.name for each in visit.read(lambda tx: saved_mappings(tx, entity))}
    if name in known and name not in (form.get("mapping_used"), form.get("replace")):
        return _part(visit, definition, run_id, ask=name)
    try:
        options = options_of(form)
        visit.write(lambda tx: save_mapping(tx, entity, name, options))
    except (BadImportOptions, TooManyMappings) as error:
        return visit.partial(
            "imports/problem.html", status=422,
            headers={"HX-Reswap": "innerHTML", "HX-Retarget": "#saved-problem"},
            text=error.message, problems=error.problems,
        )  # fmt: skip
    return _part(visit, definition, run_id, using=name, said=visit.texts("import.saved_kept", name=name))


def forget(visit: Visit, entity: str, run_id: UUID) -> Response:
    """Delete a saved mapping."""
    definition = importing(visit, entity)
    name = visit.request.form.get("forget", "")
    visit.write(lambda tx: delete_mapping(tx, entity, name))
    return _part(visit, definition, run_id, said=visit.texts("import.saved_forgotten", name=name))


def _part(
    visit: Visit, entity: Entity, run_id: UUID, *, using: str = "", ask: str = "", said: str = ""
) -> Response:
    """The part of the page; `ask` is a name that is taken, `said` what was done."""
    stored = draft_of(visit, entity.name, run_id)
    source = open_source(stored.content, stored.kind, options_of(visit.request.form))
    saved = offers(visit, entity.name, source.headers)
    return visit.partial(
        "imports/saved.html", entity=entity, draft=stored, saved=saved, using=using, ask=ask, said=said
    )
