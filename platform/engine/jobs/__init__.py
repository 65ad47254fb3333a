"""Jobs: queued work as rows, written in the transaction of the change that wants it.

The table is the truth. Redis is only told that there is something to do; if nobody hears it, a sweeper finds the row
when it is due. A job is run under a lease with a fence number: a worker that was away too long cannot finish a job that
another one has taken over meanwhile.

States: due (waits for its time), running (under a lease), done, dead (gave up after its attempts), stopped (by a person).

May import storage, context, transaction, service and the list of tenants. Public names are those below.
"""

from fieldstone.engine.jobs.enqueue import enqueue
from fieldstone.engine.jobs.leases import (
    Claim,
    Lost,
    claim,
    due_jobs,
    fail,
    finish,
    finishing,
    keeping,
    renew,
)
from fieldstone.engine.jobs.listing import (
    Job,
    JobCount,
    NoSuchJob,
    count_jobs,
    jobs_of,
    read_job,
    replay,
    replay_dead,
    stop,
    sweep_jobs,
)
from fieldstone.engine.jobs.refused import (
    RefusedEntry,
    note_refused,
    refused_entries,
    sweep_refused,
)

__all__ = [
    "Claim", "Job", "JobCount", "Lost", "NoSuchJob", "RefusedEntry", "claim", "count_jobs", "due_jobs", "enqueue", "fail",
    "finish", "finishing", "jobs_of", "keeping", "note_refused", "read_job", "refused_entries", "renew", "replay",
    "replay_dead", "stop", "sweep_jobs", "sweep_refused",
]  # fmt: skip
