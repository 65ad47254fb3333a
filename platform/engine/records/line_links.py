"""Links inside lines: each must lead to a record that the actor can see."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from fieldstone.engine.permissions import actor_values
from fieldstone.engine.query.joins import visible_plan
from fieldstone.engine.records.program import Program, program_for
from fieldstone.engine.transaction import Transaction
from fieldstone.metadata.fields.multi_link import LINK, is_joining
from fieldstone.problems import Problem


def unknown_links(
    tx: Transaction, program: Program, values: Mapping[str, Any], known: frozenset[UUID] = frozenset()
) -> list[Problem]:
    """A problem per line link that leads nowhere the actor can see. `known` ids were linked before."""
    places: dict[str, dict[UUID, list[tuple[str, str]]]] = {}
    for field in program.lines:
        child = program_for(tx.model, tx.model.entities[field.lines or ""])
        for link in child.links:
            if link.target not in tx.model.entities:
                continue
            name = "id" if link.name == LINK and is_joining(child.entity) else link.name
            for index, line in enumerate(values.get(field.name) or ()):
                value = line.get(link.name)
                if value is not None and value not in known:
                    wanted = places.setdefault(link.target or "", {})
                    wanted.setdefault(value, []).append((f"/{field.name}/{index}/{name}", link.title))
    if not places:
        return []
    plans = [
        (visible_plan(tx, target), {"ids": list(ids), **actor_values(tx.context.actor)})
        for target, ids in places.items()
    ]
    problems = []
    for ids, rows in zip(places.values(), tx.fetch_all(plans), strict=True):
        found = {row[0] for row in rows}
        for value, pointers in ids.items():
            if value not in found:
                problems += [
                    Problem(path, "link.unknown", f"{title}: there is no such record.", {"title": title})
                    for path, title in pointers
                ]
    return problems
