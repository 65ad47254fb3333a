"""Automations: what happens by itself when records change, at certain times, when a button is pressed or another system
calls.

`Automations` is a follower of the engine; the rest is called by API, screens and jobs. May import the engine, metadata and
approvals (for whom a rule names). What it tells the outside world goes through `Ports`, which the composition root fills.
Public names are those below.
"""

from fieldstone.workflows.automations import outside
from fieldstone.workflows.automations.buttons import Pressed, buttons, press
from fieldstone.workflows.automations.follower import Automations
from fieldstone.workflows.automations.incoming import Signed, new_secret, receive, secrets_set
from fieldstone.workflows.automations.jobs import automation_jobs
from fieldstone.workflows.automations.later import go_on, plan_dates, ring, run_schedule, try_again
from fieldstone.workflows.automations.performing import Ports
from fieldstone.workflows.automations.trace import Trace, clear_old, counts, run_of, runs

__all__ = [
    "Automations", "Ports", "Pressed", "Signed", "Trace", "automation_jobs", "buttons", "clear_old", "counts", "go_on", "new_secret", "outside",
    "plan_dates", "press", "receive", "ring", "run_of", "run_schedule", "runs", "secrets_set", "try_again",
]  # fmt: skip
