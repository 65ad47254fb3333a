"""A tenant with automations: `automation_documents`, and what ran."""

from typing import Any

from record_world import RecordWorld

from fieldstone.workflows.automations import runs


class Works(RecordWorld):
    """`trace` gives the runs of an automation, newest first."""

    def trace(self, automation: str | None = None, **more: Any) -> list[Any]:
        return self.look(lambda tx: runs(tx, automation=automation, **more))[0]
