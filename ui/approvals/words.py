"""The words of approvals in the visitor's language: titles of workflows and steps, states, why somebody is asked."""

from collections.abc import Mapping
from typing import Any, Final

from fieldstone.ui.visit import Visit

COLORS: Final[Mapping[str, str]] = {
    "running": "blue", "returned": "orange", "approved": "green", "rejected": "red", "withdrawn": "gray", "ended": "gray",
    "stuck": "red", "open": "blue", "waiting": "gray", "done": "green", "cancelled": "gray", "skipped": "gray",
    "transferred": "gray",
}  # fmt: skip
ICONS: Final[Mapping[str, str]] = {
    "open": "clock", "waiting": "hourglass", "approved": "circle-check", "rejected": "circle-x", "returned": "arrow-back-up",
    "transferred": "arrow-right", "cancelled": "circle-minus", "skipped": "circle-minus",
}  # fmt: skip


def workflow(visit: Visit, name: str, title: str | None) -> str:
    return visit.labels.text(f"workflow.{name}", title or name)


def step(visit: Visit, workflow_name: str, name: str, title: str | None) -> str:
    return visit.labels.text(f"workflow.{workflow_name}.step.{name}", title or name)


def person(visit: Visit, who: Mapping[str, Any] | None) -> str:
    """A name; nobody is the platform."""
    if who is None:
        return visit.texts("history.system")
    return who.get("name") or visit.texts("history.unseen")


def incident(visit: Visit, said: str | None) -> str:
    """What keeps a step from going on; the kind stands before a colon."""
    kind = (said or "").partition(":")[0]
    key = f"approvals.incident.{kind}"
    return visit.texts(key) if visit.texts.has(key) else kind


def why(visit: Visit, facts: Mapping[str, Any], people: Mapping[str, str] | None = None) -> str:
    """Why somebody is asked, in a few words; nothing where the rule says no more than the name."""
    people = people or {}
    found = []
    rule = str(facts.get("rule") or "")
    values: dict[str, Any] = {
        "role": visit.labels.role(str(facts.get("role") or "")) if facts.get("role") else "",
        "level": facts.get("level") or 1,
        "table": facts.get("table") or "",
        "row": facts.get("row") or "",
    }
    key = f"approvals.why.{rule}"
    if visit.texts.has(key):
        found.append(visit.texts(key, **values))
    if facts.get("administrator"):
        found.append(visit.texts("approvals.why.administrator"))
    for name in ("instead_of", "delegated_by"):
        if facts.get(name):
            who = people.get(str(facts[name]))
            found.append(
                visit.texts(f"approvals.why.{name}", name=who)
                if who
                else visit.texts(f"approvals.why.{name}_somebody")
            )
    return " · ".join(found)
