"""Jobs: queued work as rows, written in the transaction of the change that wants it.

The table is the truth. Redis is only told that there is something to do; if nobody hears it, a sweeper finds the row
when it is due. A job is run under a lease with a fence number: a worker that was away too long cannot finish a job that
another one has taken over meanwhile.

States: due (waits for its time), running (under a lease), done, dead (gave up after its attempts), stopped (by a person).

May import storage, context, transaction. Public names are those below.
"""

from fieldstone.engine.jobs.enqueue import enqueue
from fieldstone.engine.jobs.leases import Claim, Lost, claim, due_jobs, fail, finish, renew
from fieldstone.engine.jobs.listing import Job, jobs_of, replay, stop

__all__ = [
    "Claim", "Job", "Lost", "claim", "due_jobs", "enqueue", "fail", "finish", "jobs_of", "renew", "replay", "stop",
]  # fmt: skip
