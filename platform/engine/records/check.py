"""Rules of an entity, applied to one record about to be written.

A rule is enforced when the write touches a field that it reads. A record that broke a new rule before it was published
therefore stays editable in its other fields, and touching a field of the rule enforces it: the same on every path.
"""

from collections.abc import Mapping
from typing import Any

from fieldstone.engine.records.compute import Values, rule_bindings
from fieldstone.engine.records.program import Program
from fieldstone.engine.transaction import Transaction
from fieldstone.expressions import Checked, compile_python
from fieldstone.problems import Problem


def rule_problems(
    tx: Transaction,
    program: Program,
    seen: Values,
    *,
    old: Mapping[str, Any] | None,
    changed: frozenset[str],
) -> list[Problem]:
    """Every rule that the record breaks: entity rules, and fields that are required or read-only just now.

    `changed` names the fields whose value differs from before, computed ones included; `old` is None on create.
    """
    entity = program.entity
    context = rule_bindings(tx, old, changed)
    problems = []
    for rule in entity.rules:
        if _concerned(rule.when, changed, old) and compile_python(rule.when)(seen, bindings=context) is True:
            path = f"/{rule.field}" if rule.field else ""
            problems.append(
                Problem(path, "rule", rule.message, {"rule": rule.name}, layer=rule.layer or None)
            )
    for field in program.conditional:
        if field.required_when is not None and _absent(seen.get(field.name)):
            concerned = field.name in changed or _concerned(field.required_when, changed, old)
            if concerned and compile_python(field.required_when)(seen, bindings=context) is True:
                message = f"{field.title} is required here."
                problems.append(
                    Problem(f"/{field.name}", "required", message, {"title": field.title}, layer=field.layer)
                )
        if field.read_only_when is not None and field.name in changed and old is not None:
            before = Values(old)
            if compile_python(field.read_only_when)(before, bindings=context) is True:
                message = f"{field.title} cannot be changed now."
                problems.append(
                    Problem(f"/{field.name}", "readOnly", message, {"title": field.title}, layer=field.layer)
                )
    return problems


def _concerned(expression: Checked, changed: frozenset[str], old: Mapping[str, Any] | None) -> bool:
    if old is None:
        return True
    if not expression.deps:
        return True
    return any(path[0] in changed for path in expression.deps)


def _absent(value: Any) -> bool:
    return value is None or value == "" or value == []
