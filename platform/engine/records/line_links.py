"""Links inside lines: each must lead to a record that the actor can see."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from fieldstone.engine.permissions import actor_values
from fieldstone.engine.query.columns import EntityColumns
from fieldstone.engine.query.gate import gate_for, read_predicate
from fieldstone.engine.records.linked import OPEN_TARGETS
from fieldstone.engine.records.program import Program, program_for
from fieldstone.engine.storage.connection import Plan
from fieldstone.engine.transaction import Transaction
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
            for index, line in enumerate(values.get(field.name) or ()):
                value = line.get(link.name)
                if value is not None and value not in known:
                    wanted = places.setdefault(link.target or "", {})
                    wanted.setdefault(value, []).append((f"/{field.name}/{index}/{link.name}", link.title))
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


def visible_plan(tx: Transaction, target: str) -> Plan:
    """Which of some ids (`ids`) are records that the actor can see."""
    entity = tx.model.entities[target]
    gate = None if target in OPEN_TARGETS else gate_for(tx)

    def build() -> sa.Select[Any]:
        columns = EntityColumns(tx.model, entity, gate=gate)
        where = [
            columns.own("id") == sa.any_(sa.bindparam("ids", type_=ARRAY(sa.Uuid()))),
            columns.own("deleted_at").is_(None),
        ]
        predicate = None if gate is None else read_predicate(tx, columns)
        if predicate is not None:
            where.append(predicate)
        return sa.select(columns.own("id")).select_from(columns.source).where(*where)

    return tx.plan(("visible", entity.hash, gate and gate.key), build)
