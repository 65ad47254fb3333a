"""Links inside lines: each must lead to a record that the actor can see."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from fieldstone.engine.query.joins import visible_ids
from fieldstone.engine.records.program import Program, program_for
from fieldstone.engine.transaction import Transaction
from fieldstone.metadata.fields.multi_link import LINK, is_joining
from fieldstone.problems import Problem


def unknown_links(
    tx: Transaction, program: Program, values: Mapping[str, Any], known: frozenset[UUID] = frozenset()
) -> list[Problem]:
    """A problem per line link that leads nowhere the actor can see. `known` ids were linked before."""
    return unknown_links_of_many(tx, program, [values], known)[0]


def unknown_links_of_many(
    tx: Transaction,
    program: Program,
    records: Sequence[Mapping[str, Any]],
    known: frozenset[UUID] = frozenset(),
) -> list[list[Problem]]:
    """`unknown_links` of several records, by one statement per target."""
    problems: list[list[Problem]] = [[] for _ in records]
    named = [each for each in _named(tx, program, records) if each.record_id not in known]
    wanted: dict[str, set[UUID]] = {}
    for each in named:
        wanted.setdefault(each.target, set()).add(each.record_id)
    found = visible_ids(tx, wanted)
    for each in named:
        if each.record_id not in found[each.target]:
            message = f"{each.title}: there is no such record."
            problems[each.place].append(Problem(each.path, "link.unknown", message, {"title": each.title}))
    return problems


@dataclass(frozen=True, slots=True)
class _Named:
    """A record that a line links to; `place` is that of the line's record among those that are looked at."""

    place: int
    path: str
    title: str
    target: str
    record_id: UUID


def _named(tx: Transaction, program: Program, records: Sequence[Mapping[str, Any]]) -> Iterator[_Named]:
    for field in program.lines:
        child = program_for(tx.model, tx.model.entities[field.lines or ""])
        for link in child.links:
            target = link.target or ""
            if target not in tx.model.entities:
                continue
            name = "id" if link.name == LINK and is_joining(child.entity) else link.name
            for place, values in enumerate(records):
                for index, line in enumerate(values.get(field.name) or ()):
                    if (value := line.get(link.name)) is not None:
                        yield _Named(place, f"/{field.name}/{index}/{name}", link.title, target, value)
