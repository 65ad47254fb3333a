"""How far a tenant has been set up, counted from what is there; nothing is ticked off by hand."""

from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from fieldstone.engine.storage import control
from fieldstone.engine.storage.base_tables import USER
from fieldstone.engine.storage.connection import compile_plan
from fieldstone.engine.transaction import Transaction

_DEMO: Final = sa.select(control.seeded.c.record_id).where(control.seeded.c.folder == "demo")
_COUNT: Final = compile_plan(
    sa.select(
        sa.select(sa.func.count())
        .select_from(USER)
        .where(USER.c.deleted_at.is_(None), USER.c.active.is_(True), USER.c.id.not_in(_DEMO))
        .scalar_subquery(),
        sa.select(sa.func.count())
        .select_from(control.seeded)
        .where(control.seeded.c.folder == "demo")
        .scalar_subquery(),
        sa.exists().where(control.import_run.c.state == "done"),
    )
)


@dataclass(frozen=True, slots=True)
class SetUp:
    """`people` are active users that did not come with the demo data; `demo` are demo records still known."""

    people: int
    demo: int
    imported: bool


def set_up(tx: Transaction) -> SetUp:
    """What is there, in one statement."""
    return SetUp(*tx.fetch(_COUNT)[0])
