"""Rules of an entity, applied to one record about to be written.

A rule is enforced when the write touches a field that it reads. A record that broke a new rule before it was published
therefore stays editable in its other fields, and touching a field of the rule enforces it: the same on every path.
"""

from collections.abc import Mapping
from typing import Any

from fieldstone.engine.records.compute import (
    NOTHING_LINKED,
    LineLinked,
    Values,
    linked_of,
    rule_bindings,
    seen_lines,
    visible_values,
)
from fieldstone.engine.records.program import Program, program_for
from fieldstone.engine.transaction import Transaction
from fieldstone.expressions import Checked, compile_python
from fieldstone.metadata.fields.dependent_select import fits
from fieldstone.problems import Problem


def rule_problems(
    tx: Transaction,
    program: Program,
    seen: Values,
    *,
    old: Mapping[str, Any] | None,
    changed: frozenset[str],
    line_linked: LineLinked = NOTHING_LINKED,
) -> list[Problem]:
    """Every rule that the record breaks: entity rules, and fields that are required or read-only just now.

    `changed` names the fields whose value differs from before, computed ones included; `old` is None on create.
    Lines are checked each for itself, those that changed.
    """
    whole = Values({**seen, **seen_lines(tx, program, seen, line_linked)}) if program.lines else seen
    problems = _own_problems(tx, program, whole, old, changed, "")
    for field in program.lines:
        child = program_for(tx.model, tx.model.entities[field.lines or ""])
        if field.name not in changed or not (child.entity.rules or child.conditional or child.dependent):
            continue
        before = {line["id"]: line for line in (old or {}).get(field.name) or ()}
        for index, line in enumerate(seen.get(field.name) or ()):
            was = before.get(line["id"])
            touched = frozenset(name for name in line if was is None or line[name] != was.get(name))
            whole = visible_values(line, linked_of(child, line, line_linked))
            problems += _own_problems(tx, child, whole, was, touched, f"/{field.name}/{index}")
    return problems


def _own_problems(
    tx: Transaction,
    program: Program,
    seen: Values,
    old: Mapping[str, Any] | None,
    changed: frozenset[str],
    at: str,
) -> list[Problem]:
    entity = program.entity
    context = rule_bindings(tx, old, changed)
    problems = []
    for rule in entity.rules:
        if _concerned(rule.when, changed, old) and compile_python(rule.when)(seen, bindings=context) is True:
            path = f"{at}/{rule.field}" if rule.field else at
            data = {"rule": rule.name} | ({"mend": rule.mend} if rule.mend else {})
            problems.append(Problem(path, "rule", rule.message, data, layer=rule.layer or None))
    problems += _choices(program, seen, old, changed, at)
    for field in program.conditional:
        if field.required_when is not None and _absent(seen.get(field.name)):
            concerned = field.name in changed or _concerned(field.required_when, changed, old)
            if concerned and compile_python(field.required_when)(seen, bindings=context) is True:
                message = f"{field.title} is required here."
                problems.append(
                    Problem(
                        f"{at}/{field.name}", "required", message, {"title": field.title}, layer=field.layer
                    )
                )
        if field.read_only_when is not None and field.name in changed and old is not None:
            before = Values(old)
            if compile_python(field.read_only_when)(before, bindings=context) is True:
                message = f"{field.title} cannot be changed now."
                problems.append(
                    Problem(
                        f"{at}/{field.name}", "readOnly", message, {"title": field.title}, layer=field.layer
                    )
                )
    return problems


def _choices(
    program: Program, seen: Values, old: Mapping[str, Any] | None, changed: frozenset[str], at: str
) -> list[Problem]:
    """Choices that do not go with the value of the field on which they depend."""
    problems = []
    for field in program.dependent:
        above = field.settings["depends_on"]
        if old is not None and not {field.name, above} & changed:
            continue
        value = seen.get(field.name)
        if value is not None and not fits(field, value, seen.get(above)):
            titles = {"title": field.title, "above": program.entity.fields[above].title, "found": value}
            message = f"{field.title}: this choice does not go with {titles['above']}."
            problems.append(
                Problem(f"{at}/{field.name}", "dependsOn", message, titles, layer=field.layer or None)
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
