"""Acting as a person where only a person can: submitting for approval needs somebody who submits."""

from dataclasses import replace

from fieldstone.engine.identity import context_for_user
from fieldstone.engine.transaction import Transaction
from fieldstone.workflows.automations.performing import ActionFailed, Run
from fieldstone.workflows.automations.subject import Subject


def as_person(run: Run, subject: Subject) -> Transaction:
    """The transaction of whoever caused the run; without anybody, of the record's owner."""
    actor = run.tx.context.actor
    if actor.kind == "user":
        return replace(run.tx, cause=run.acting.cause)
    about = subject.around or subject
    who = run.actor or about.raw.get("owner_id")
    if who is None:
        raise ActionFailed("Nobody caused this, and the record has no owner who could submit it.")
    context = context_for_user(
        run.tx.connection.connection, run.tx.context.tenant, who, now=run.tx.context.now,
        request_id=run.tx.context.request_id,
    )  # fmt: skip
    return replace(run.tx, context=replace(run.tx.context, actor=context.actor), cause=run.acting.cause)
