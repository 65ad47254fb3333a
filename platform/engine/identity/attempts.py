"""How often a password may be tried: per account and address, per account, per address.

An attempt is counted before the password is looked at, in one statement, so that many at the same time do not
slip through. Accounts that do not exist are counted like those that do. The narrow limit (one account from
one address) stops guessing; the wide ones stop guessing from many addresses and trying many accounts, and are
wide enough that a stranger cannot easily lock a person out, nor one colleague the whole office.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from math import ceil
from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, insert

from fieldstone.engine.context import Tenant
from fieldstone.engine.identity.secret_text import storable
from fieldstone.engine.storage import control
from fieldstone.engine.storage.connection import Connection, compile_plan
from fieldstone.problems import FieldstoneError

WINDOW: Final = timedelta(minutes=15)
LIMITS: Final[Mapping[str, int]] = {"both": 10, "account": 100, "address": 100}

_TABLE: Final = control.attempt
_NOW: Final = sa.bindparam("now", type_=control.STAMP)
_OLD: Final = _TABLE.c.since < sa.bindparam("start", type_=control.STAMP)
_KEYS: Final = sa.bindparam("keys", type_=ARRAY(sa.Text()))
_COUNT: Final = compile_plan(
    insert(_TABLE)
    .from_select(["key", "count", "since"], sa.select(sa.func.unnest(_KEYS), sa.literal(1), _NOW))
    .on_conflict_do_update(
        index_elements=[_TABLE.c.key],
        set_={
            "count": sa.case((_OLD, 1), else_=_TABLE.c.count + 1),
            "since": sa.case((_OLD, _NOW), else_=_TABLE.c.since),
        },
    )
    .returning(_TABLE.c.key, _TABLE.c.count, _TABLE.c.since)
)
_FORGET: Final = compile_plan(sa.delete(_TABLE).where(_TABLE.c.key == sa.any_(_KEYS)))
_GIVE_BACK: Final = compile_plan(
    sa.update(_TABLE)
    .where(_TABLE.c.key == sa.any_(_KEYS))
    .values(count=sa.func.greatest(_TABLE.c.count - 1, 0))
)
_SWEEP: Final = compile_plan(sa.delete(_TABLE).where(_OLD))


class TooManyAttempts(FieldstoneError):
    """Too many attempts; `data["retry_after"]` is the number of seconds to wait."""

    code = "attempts.limit"
    kind = "limited"


def _keys(tenant: Tenant, account: str, address: str) -> dict[str, str]:
    """The counted keys by limit. Hashed: people type passwords into the field for names."""
    name = blake2b(
        f"{tenant.name}/{account.strip().lower()}".encode("utf-8", "surrogatepass"), digest_size=16
    )
    address = storable(address, 100)
    return {
        "both": f"both:{name.hexdigest()}:{address}",
        "account": f"account:{name.hexdigest()}",
        "address": f"address:{address}",
    }


def count_attempt(
    connection: Connection, tenant: Tenant, account: str, address: str, now: datetime | None = None
) -> None:
    """Count one attempt; raise TooManyAttempts when it is one too many. An attempt too many is counted as
    well, but does not make the wait longer.
    """
    now = now or datetime.now(UTC)
    keys = _keys(tenant, account, address)
    parameters = {"keys": sorted(keys.values()), "now": now, "start": now - WINDOW}
    counted = {key: (count, since) for key, count, since in connection.fetch(_COUNT, parameters)}
    waits = [
        ceil((counted[key][1] + WINDOW - now).total_seconds())
        for name, key in keys.items()
        if counted[key][0] > LIMITS[name]
    ]
    if waits:
        wait = max(1, *waits)
        raise TooManyAttempts(f"Too many attempts. Try again in {ceil(wait / 60)} minutes.", retry_after=wait)


def forget_attempts(connection: Connection, tenant: Tenant, account: str, address: str) -> None:
    """After a success: the account starts anew, and the address gets this attempt back."""
    keys = _keys(tenant, account, address)
    connection.fetch(_FORGET, {"keys": [keys["both"], keys["account"]]})
    connection.fetch(_GIVE_BACK, {"keys": [keys["address"]]})


def sweep_attempts(connection: Connection, now: datetime | None = None) -> None:
    """Delete counts whose time is over."""
    connection.fetch(_SWEEP, {"start": (now or datetime.now(UTC)) - WINDOW})
