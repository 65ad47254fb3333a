"""The match keys of a record: one text per rule and value, the same for records that the rule calls alike.

They are a column of the record's table, written with it, so that looking for duplicates is one indexed query.
"""

from collections.abc import Collection, Iterable, Mapping
from hashlib import blake2b
from itertools import product
from typing import Any, Final

from fieldstone.engine.duplicates.comparing import comparable
from fieldstone.expressions import Bindings, compile_python
from fieldstone.metadata.definitions import Entity
from fieldstone.metadata.duplicate_rules import DuplicateRule

LONGEST: Final = 120
_NOTHING: Final = Bindings()


def match_keys(entity: Entity, values: Mapping[str, Any]) -> list[str]:
    """All keys of a record, whose values are given by API name."""
    return [key for rule in entity.duplicates for key in rule_keys(rule, values)]


def rule_keys(rule: DuplicateRule, values: Mapping[str, Any]) -> list[str]:
    """The keys of one rule: none when a field is empty or the rule's condition does not hold."""
    if rule.when is not None and compile_python(rule.when)(values, bindings=_NOTHING) is not True:
        return []
    choices = []
    for field in rule.fields:
        found = {comparable(field.compare, values.get(name)) for name in field.names} - {""}
        if not found:
            return []
        choices.append(sorted(found))
    return [_key(rule.name, parts) for parts in product(*choices)]


def _key(rule: str, parts: Iterable[str]) -> str:
    joined = "\x1f".join(parts)
    if len(joined) > LONGEST:
        joined = "\x1d" + blake2b(joined.encode(), digest_size=20).hexdigest()
    return f"{rule}:{joined.replace(chr(0), '')}"


def rule_of(key: str) -> str:
    return key.partition(":")[0]


def touched(entity: Entity, names: Collection[str]) -> bool:
    """Whether a change of some fields can change a record's keys."""
    return any(not rule.names.isdisjoint(names) for rule in entity.duplicates)
