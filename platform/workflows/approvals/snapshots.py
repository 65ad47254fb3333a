"""The record as it was when it was submitted, kept with the run, and what has changed since."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from fieldstone.metadata.definitions import Entity
from fieldstone.workflows.approvals.facts import DatabaseFacts
from fieldstone.workflows.approvals.wire import plain, record_values

FORMAT: Final = 1


def snapshot(facts: DatabaseFacts, round: int, at: datetime, version: int) -> dict[str, Any]:
    """What is kept of the record at a submission."""
    record = facts.record
    values = record_values(facts.tx.model, record.entity, record.values)
    return {"format": FORMAT, "round": round, "at": plain(at), "version": version, "values": values}


def differences(
    entity: Entity, old: Mapping[str, Any] | None, new: Mapping[str, Any], shown: Collection[str]
) -> list[dict[str, Any]]:
    """By field: old and new value where they differ, in the order of the entity. `old` None: there was nothing."""
    found = []
    for field in entity.fields.values():
        if field.name not in shown or field.name not in new:
            continue
        names = [field.name, *([f"{field.name}_currency"] if field.type == "money" else ())]
        before = {name: (old or {}).get(name) for name in names}
        after = {name: new.get(name) for name in names}
        if before != after:
            entry = {
                "field": field.name,
                "title": field.title,
                "old": before[field.name],
                "new": after[field.name],
            }
            if field.type == "money":
                entry |= {"old_currency": before[names[1]], "new_currency": after[names[1]]}
            found.append(entry)
    return found


def base_of(
    seen: Sequence[Mapping[str, Any]], approved: Mapping[str, Any] | None
) -> Mapping[str, Any] | None:
    """What a round is compared with: the submission before it, else what was approved last."""
    if len(seen) > 1:
        found: Mapping[str, Any] = seen[-2]["values"]
        return found
    return approved
