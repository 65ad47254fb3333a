"""What was typed on a form of an earlier revision, brought to the definitions of now.

A renamed field's value goes to its new name (`renamedFrom`), in lines too. A removed field's value cannot be stored: its
name is reported, and the browser offers the text to be copied.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fieldstone.metadata.definitions import Entity, Model
from fieldstone.ui.fields import field_of

COMPANION = "_currency"


@dataclass(frozen=True, slots=True)
class Moved:
    """`renamed` maps old to new names and `removed` lists names; those inside lines are written `parts.qty`."""

    values: dict[str, Any]
    renamed: dict[str, str] = field(default_factory=dict)
    removed: list[str] = field(default_factory=list)


def moved(model: Model, entity: Entity, sent: Mapping[str, Any]) -> Moved:
    """The values under the names of now."""
    return _moved(model, entity, sent, "")


def _moved(model: Model, entity: Entity, sent: Mapping[str, Any], prefix: str) -> Moved:
    result = Moved({})
    former = {f.renamed_from: f.name for f in entity.fields.values() if f.renamed_from}
    for name, value in sent.items():
        now = _name_now(entity, former, name)
        if now is None:
            result.removed.append(prefix + name)
            continue
        if now != name:
            result.renamed[prefix + name] = prefix + now
        known = entity.fields.get(now)
        if known is not None and known.lines and isinstance(value, list):
            value = _moved_lines(model, model.entities[known.lines], value, f"{prefix}{now}.", result)
        result.values[now] = value
    return result


def _name_now(entity: Entity, former: Mapping[str, str], name: str) -> str | None:
    if name == "id" or field_of(entity, name) is not None:
        return name
    if name in former:
        return former[name]
    base = name.removesuffix(COMPANION)
    if base != name and (base in entity.fields or base in former):
        return former.get(base, base) + COMPANION
    return None


def _moved_lines(model: Model, child: Entity, lines: list[Any], prefix: str, result: Moved) -> list[Any]:
    done = []
    for line in lines:
        if not isinstance(line, Mapping):
            done.append(line)
            continue
        inner = _moved(model, child, line, prefix)
        result.renamed.update(inner.renamed)
        result.removed.extend(name for name in inner.removed if name not in result.removed)
        done.append(inner.values)
    return done
