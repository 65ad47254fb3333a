"""The pure core of approvals: no SQL, no clock, no network. `decide` says what follows from a command, `evolve` what an
event makes of a state; a state is what its events made of it and nothing else.

Imports `fieldstone.problems`, `fieldstone.expressions` and the definitions in `fieldstone.metadata` only. Public names:
those below; commands, effects, facts, refusals and the state in the modules of these names.
"""

from fieldstone.workflows.approvals.core.allowed import allowed, targets
from fieldstone.workflows.approvals.core.decide import decide
from fieldstone.workflows.approvals.core.decision import Decision, Event
from fieldstone.workflows.approvals.core.evolve import evolve, replay
from fieldstone.workflows.approvals.core.moving import obstacles
from fieldstone.workflows.approvals.core.path import PathPerson, PathStep, path, submittable, upcoming

__all__ = [
    "Decision",
    "Event",
    "PathPerson",
    "PathStep",
    "allowed",
    "decide",
    "evolve",
    "obstacles",
    "path",
    "replay",
    "submittable",
    "targets",
    "upcoming",
]
