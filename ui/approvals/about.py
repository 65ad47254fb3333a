"""What the pages of a task tell alike, behind a session or behind the link of a mail."""

from collections.abc import Mapping
from typing import Any, Final

from fieldstone.metadata.definitions import Entity
from fieldstone.ui.approvals import words
from fieldstone.ui.approvals.values import Shower
from fieldstone.ui.visit import Visit

VERDICTS: Final = ("approve", "reject")


def named(visit: Visit, entity: Entity, task: Mapping[str, Any]) -> dict[str, Any]:
    """Which record, which approval, which step."""
    return {
        "title": task["title"] or visit.labels.entity(entity),
        "workflow": words.workflow(visit, task["workflow"], task["workflow_title"]),
        "step": words.step(visit, task["workflow"], task["step"], task["step_title"]),
    }


def told(visit: Visit, shower: Shower, task: Mapping[str, Any]) -> dict[str, Any]:
    """Everything that one looks at before deciding, and what was typed of a comment."""
    return {
        **named(visit, shower.entity, task),
        "task": task,
        "kind": visit.labels.entity(shower.entity),
        "why": words.why(visit, task["why"]),
        "values": [
            shower.shown(each["field"], each["value"], each.get("currency")) for each in task["values"]
        ],
        "figures": [
            shower.shown(each["path"], each["value"], each.get("currency")) for each in task["figures"]
        ],
        "changes": shower.changes(task["changes"]),
        "comments": task["comments"],
        "needs_comment": ", ".join(
            visit.texts(f"approvals.{name}") for name in task["comment_required"] if name in VERDICTS
        ),
        "comment": visit.request.form.get("comment", ""),
        "now_": visit.context.now,
    }
