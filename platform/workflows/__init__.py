"""Runs: what happens outside of a request. Now: jobs, run by RQ workers.

May import the engine and metadata; the composition root registers the kinds of jobs. Public names are those below.
"""

from fieldstone.workflows.bell import make_bell
from fieldstone.workflows.housekeeping import keep_house, keep_house_forever
from fieldstone.workflows.running import JobKind, JobRun, Runner
from fieldstone.workflows.sweeping import sweep_forever
from fieldstone.workflows.worker import work

__all__ = [
    "JobKind", "JobRun", "Runner", "keep_house", "keep_house_forever", "make_bell", "sweep_forever", "work",
]  # fmt: skip
