"""Telling people: rows and one job, written with the change that they are told of.

Nothing is read and nothing is waited for here, since an approval or an import pays for it. In which words, whether the
receiver may see the record, and by which ways they hear of it is found out by the job, or when they look.
"""

from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from psycopg.types.json import Jsonb
from sqlalchemy.dialects.postgresql import ARRAY, insert

from fieldstone.engine.ids import new_id
from fieldstone.engine.jobs import enqueue
from fieldstone.engine.storage import control
from fieldstone.engine.storage.connection import compile_plan
from fieldstone.engine.storage.json_values import dumps
from fieldstone.engine.transaction import Transaction
from fieldstone.problems import FieldstoneError
from fieldstone.workflows.notifications.notice import Notice

TABLE: Final = control.notification
JOB: Final = "notice"
MOST_RECEIVERS: Final = 10_000
LARGEST: Final = 64_000
"""Characters of a notice's data as JSON."""

_SAME: Final = (
    "notice", "kind", "template", "data", "entity", "record_id", "link", "key", "actor", "created_at",
)  # fmt: skip
_WHO: Final = (
    sa.func.unnest(
        sa.bindparam("ids", type_=ARRAY(sa.Uuid())), sa.bindparam("receivers", type_=ARRAY(sa.Uuid()))
    )
    .table_valued(sa.column("id", sa.Uuid()), sa.column("receiver", sa.Uuid()), name="who")
    .render_derived()
)
_INSERT: Final = compile_plan(
    insert(TABLE)
    .from_select(
        ["id", "receiver", *_SAME],
        sa.select(
            _WHO.c.id, _WHO.c.receiver, *(sa.bindparam(name, type_=TABLE.c[name].type) for name in _SAME)
        ),
    )
    .on_conflict_do_nothing(index_elements=["receiver", "key"])
)


class BadNotice(FieldstoneError):
    """A notice that cannot be told: the fault of who wrote it."""

    code = "notice.invalid"
    kind = "invalid"


def notify(tx: Transaction, notice: Notice) -> UUID | None:
    """Tell people, once this transaction is committed; the id of the notice, None where nobody is to be told.

    The same key tells nobody twice. Raises BadNotice.
    """
    receivers = list(dict.fromkeys(notice.receivers))
    if not receivers:
        return None
    if len(receivers) > MOST_RECEIVERS:
        raise BadNotice(f"A notice goes to at most {MOST_RECEIVERS:,} people, not {len(receivers):,}.")
    data = dict(notice.data)
    if len(dumps(data)) > LARGEST:
        raise BadNotice(f"The data of a notice have at most {LARGEST:,} characters.")
    notice_id = new_id()
    values: dict[str, Any] = {
        "ids": [new_id() for _ in receivers],
        "receivers": receivers,
        "notice": notice_id,
        "kind": notice.kind,
        "template": notice.template,
        "data": Jsonb(data, dumps),
        "entity": notice.entity,
        "record_id": notice.record,
        "link": notice.link,
        "key": notice.key,
        "actor": tx.context.actor.id,
        "created_at": tx.context.now,
    }
    tx.defer(_INSERT, values)
    enqueue(tx.as_system(), JOB, {"notice": str(notice_id)}, key=str(notice_id))
    return notice_id
