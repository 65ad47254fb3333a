"""Approvals: a pure core that decides (`core/`) and a thin shell that reads and writes rows.

Whoever submits, decides, lists or mends calls the names below and nothing else. Every verb works in the caller's
transaction: run, steps, tasks, record, events, jobs and notices are stored together or not at all. May import the
engine, metadata and `workflows.notifications`.
"""

from fieldstone.workflows.approvals.acting import ACTIONS, act, comment, copy_to, urge, withdraw
from fieldstone.workflows.approvals.bound import AutomaticRuns, BoundFields
from fieldstone.workflows.approvals.boxes import BOXES, TaskPage, task, tasks, waiting_count
from fieldstone.workflows.approvals.carry import RING, ring
from fieldstone.workflows.approvals.departing import leave, leaving_plan
from fieldstone.workflows.approvals.guard import ApprovalGuard
from fieldstone.workflows.approvals.leaving import RunningApprovals
from fieldstone.workflows.approvals.links import (
    LinkOver,
    TaskLink,
    decide_by_link,
    known_link,
    link_path,
    task_link,
    task_of_link,
)
from fieldstone.workflows.approvals.many import decide_many
from fieldstone.workflows.approvals.mending import intervene, stuck
from fieldstone.workflows.approvals.moving import move, moving_plan, older_runs
from fieldstone.workflows.approvals.simulating import simulate
from fieldstone.workflows.approvals.store import UnknownRun, UnknownTask
from fieldstone.workflows.approvals.submitting import offers, preview, submit
from fieldstone.workflows.approvals.trail import diff_for, run_of, runs_of

__all__ = [
    "ACTIONS", "BOXES", "RING", "ApprovalGuard", "AutomaticRuns", "BoundFields", "LinkOver", "RunningApprovals", "TaskLink", "TaskPage",
    "UnknownRun", "UnknownTask", "act", "comment", "copy_to", "decide_by_link", "decide_many", "diff_for", "intervene",
    "known_link", "leave", "leaving_plan", "link_path", "move", "moving_plan", "offers", "older_runs", "preview", "ring", "run_of", "runs_of",
    "simulate", "stuck", "submit", "task", "task_link", "task_of_link", "tasks", "urge", "waiting_count", "withdraw",
]  # fmt: skip
