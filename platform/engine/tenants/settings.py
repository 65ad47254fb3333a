"""Company settings: read with every context, changed by those who manage the company.

They are one JSON object in `_state`. Keys that this module does not know belong to others and stay as they are.
A change is noted in the audit log, key by key.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Final
from zoneinfo import available_timezones

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from fieldstone.engine.context import Company, Context
from fieldstone.engine.identity import audit_log
from fieldstone.engine.identity.together import together
from fieldstone.engine.models import CURRENT, company_from
from fieldstone.engine.permissions import require_manage
from fieldstone.engine.service import Engine
from fieldstone.engine.storage import control
from fieldstone.engine.storage.connection import compile_plan
from fieldstone.metadata.fields.currencies import currency_codes
from fieldstone.problems import FieldstoneError, Problem, did_you_mean

LANGUAGES: Final = ("en", "zh-Hans", "zh-Hant", "ja")
NAME_LENGTH: Final = 120

_CHANGE: Final = compile_plan(
    sa.update(control.state).values(
        company=control.state.c.company.op("||", return_type=JSONB())(sa.bindparam("changes", type_=JSONB()))
    )
)


class BadSettings(FieldstoneError):
    """Company settings that cannot be; `problems` names each."""

    code = "company.invalid"
    kind = "invalid"


def update_company(engine: Engine, context: Context, changes: Mapping[str, Any]) -> Company:
    """Change some company settings; all as they are now.

    Known keys: name, currency (ISO 4217), time_zone (IANA), languages (the first is the default),
    fiscal_year_start (month). Raises Denied and BadSettings.
    """
    engine.read(context, lambda tx: require_manage(tx, "company"))
    problems = [problem for key, value in changes.items() if (problem := _problem(key, value)) is not None]
    if problems:
        raise BadSettings("The company settings cannot be like this.", problems=problems)
    return store_company(engine, context, changes)


def store_company(engine: Engine, context: Context, changes: Mapping[str, Any]) -> Company:
    """Put checked settings beside the others and note what changed. Rights are the caller's to ask."""
    with engine.database.connection() as connection:
        stored = connection.fetch(CURRENT, schema=context.tenant.schema)[0][1]
        changed = {key: value for key, value in changes.items() if stored.get(key) != value}
        if changed:
            data = {key: {"old": stored.get(key), "new": value} for key, value in changed.items()}
            entry = audit_log.values(
                "company.changed", actor=context.actor.id, request_id=context.request_id, data=data
            )
            together(connection, context.tenant, [(_CHANGE, {"changes": changed}), (audit_log.INSERT, entry)])
        return company_from({**stored, **changed})


@lru_cache(maxsize=1)
def time_zones() -> tuple[str, ...]:
    """The names of time zones that somebody may live in."""
    known = available_timezones()
    return tuple(
        sorted(name for name in known if name == "UTC" or ("/" in name and not name.startswith("Etc/")))
    )


def _problem(key: str, value: Any) -> Problem | None:
    check = _CHECKS.get(key)
    if check is None:
        return Problem(
            f"/{key}", "company.unknown", f'There is no setting "{key}"{did_you_mean(key, _CHECKS)}.'
        )
    message = check(value)
    return Problem(f"/{key}", f"company.{key}", message) if message else None


def _name(value: Any) -> str | None:
    good = isinstance(value, str) and 0 < len(value.strip()) <= NAME_LENGTH and value.isprintable()
    return None if good else f"Give the company's name, of at most {NAME_LENGTH} characters."


def _currency(value: Any) -> str | None:
    return None if value in currency_codes() else "Choose a currency by its three-letter code (ISO 4217)."


def _time_zone(value: Any) -> str | None:
    return None if value in time_zones() else "Choose a time zone by its name, such as Asia/Taipei."


def _languages(value: Any) -> str | None:
    good = (
        isinstance(value, (list, tuple))
        and value
        and len(set(value)) == len(value)
        and set(value) <= set(LANGUAGES)
    )
    return None if good else f"Choose at least one language of {', '.join(LANGUAGES)}."


def _month(value: Any) -> str | None:
    good = isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 12
    return None if good else "Choose the month that the fiscal year starts with, 1 to 12."


_CHECKS: Final[Mapping[str, Callable[[Any], str | None]]] = {
    "name": _name, "currency": _currency, "time_zone": _time_zone, "languages": _languages, "fiscal_year_start": _month,
}  # fmt: skip
