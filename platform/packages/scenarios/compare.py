"""Compares what a step gave with what the scenario expects; each difference is one sentence."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from fieldstone.packages.scenarios.forms import FormState
from fieldstone.problems import FieldstoneError


def refusal_differences(then: Mapping[str, Any], error: FieldstoneError | None) -> Iterator[str]:
    """How a refusal, or its absence, differs from what is expected."""
    wanted = {"error", "rule", "field"} & then.keys()
    if error is None:
        if wanted:
            words = " ".join(f"{key} {then[key]!r}" for key in ("error", "rule", "field") if key in then)
            yield f"expected to be refused ({words}), but it was done"
        return
    if not wanted:
        yield f"was refused: {_said(error)}"
        return
    found = [
        problem
        for problem in error.problems
        if then.get("error") in (None, problem.code, error.code)
        and then.get("rule") in (None, problem.data.get("rule"))
        and then.get("field") in (None, problem.path.strip("/"))
    ]
    if not found and not ({"rule", "field"}.isdisjoint(then) and then["error"] == error.code):
        words = ", ".join(f"{key} {then[key]!r}" for key in ("error", "rule", "field") if key in then)
        yield f"expected {words}, but was refused with: {_said(error)}"


def _said(error: FieldstoneError) -> str:
    problems = [
        f"{problem.code}{' ' + str(problem.data['rule']) if 'rule' in problem.data else ''}"
        f"{' at ' + problem.path.strip('/') if problem.path else ''} ({problem.message})"
        for problem in error.problems
    ]
    return "; ".join(problems) or f"{error.code} ({error.message})"


def record_differences(then: Mapping[str, Any], record: Mapping[str, Any]) -> Iterator[str]:
    """How a record, as the actor got it, differs."""
    for name in then.get("hidden", ()):
        if name in record:
            yield f'"{name}" should be hidden, but is {shown(record[name])}'
    for name in then.get("shown", ()):
        if name not in record:
            yield f'"{name}" should be shown, but is hidden'
    for name, wanted in then.get("values", {}).items():
        if name not in record:
            yield f'"{name}" should be {shown(wanted)}, but is hidden'
        elif not same(wanted, record[name]):
            yield f'"{name}" should be {shown(wanted)}, but is {shown(record[name])}'


def form_differences(then: Mapping[str, Any], state: FormState) -> Iterator[str]:
    """How a form differs."""
    open_, optional = state.shown - state.locked, state.shown - state.required
    for keyword, there, word in (
        ("shown", state.shown, "shown"),
        ("locked", state.locked, "locked"),
        ("open", open_, "open to change"),
        ("required", state.required, "required"),
        ("optional", optional, "optional"),
    ):
        for name in then.get(keyword, ()):
            if name not in there:
                yield f'"{name}" should be {word}, but is {_standing(state, name)}'
    for name in then.get("hidden", ()):
        if name in state.shown:
            yield f'"{name}" should be hidden, but is {_standing(state, name)}'


def _standing(state: FormState, name: str) -> str:
    if name not in state.shown:
        return "not on the form"
    asked = "required" if name in state.required else "optional"
    return f"shown, {'locked' if name in state.locked else 'open'}, {asked}"


def list_differences(
    then: Mapping[str, Any], found: Mapping[str, UUID], named: Mapping[str, UUID]
) -> Iterator[str]:
    """How the records of a list differ. `found` and `named` are ids by `entity/name`, `found` those listed."""
    if "count" in then and then["count"] != len(found):
        yield f"expected {then['count']} records, found {len(found)}"
    if "found" in then:
        wanted, there = set(then["found"]), {name for name in found if name in named}
        if wanted - there:
            yield f"not found: {', '.join(sorted(wanted - there))}"
        if there - wanted:
            yield f"found, but should not be: {', '.join(sorted(there - wanted))}"


def same(wanted: Any, found: Any) -> bool:
    """Whether a found value is the expected one, written as JSON. Objects may hold more than is named."""
    if isinstance(wanted, Mapping):
        return isinstance(found, Mapping) and all(
            name in found and same(value, found[name]) for name, value in wanted.items()
        )
    if isinstance(wanted, list):
        return (
            isinstance(found, list | tuple)
            and len(wanted) == len(found)
            and all(same(one, other) for one, other in zip(wanted, found, strict=True))
        )
    if isinstance(wanted, bool) or isinstance(found, bool) or wanted is None or found is None:
        return wanted is found
    if isinstance(found, int | float | Decimal):
        try:
            return Decimal(str(wanted)) == Decimal(str(found))
        except InvalidOperation:
            return False
    return bool(wanted == plain(found))


def plain(value: Any) -> Any:
    """A value as JSON would carry it."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, UUID | Decimal) else value


def shown(value: Any) -> str:
    """A value in a sentence."""
    text = repr(plain(value))
    return text if len(text) <= 200 else f"{text[:200]}..."
