"""What everybody may change of their own account, whatever their roles say about users: language and time zone."""

from dataclasses import replace
from typing import Any, Final

from fieldstone.engine.records import read, update
from fieldstone.engine.transaction import Transaction
from fieldstone.problems import FieldstoneError

OWN_FIELDS: Final = ("locale", "time_zone")


def own_account(tx: Transaction) -> dict[str, Any]:
    """One's own user record, in full."""
    return dict(read(_allowed(tx), "user", _own_id(tx)))


def set_preferences(tx: Transaction, locale: str | None, time_zone: str | None) -> None:
    """Set one's own language and time zone; None means the company's."""
    update(_allowed(tx), "user", _own_id(tx), {"locale": locale, "time_zone": time_zone})


def _own_id(tx: Transaction) -> Any:
    if tx.context.actor.id is None:
        raise FieldstoneError("Only people have an account.", code="account.none", kind="refused")
    return tx.context.actor.id


def _allowed(tx: Transaction) -> Transaction:
    """The same person with the platform's rights, so that history names who did it."""
    return replace(tx, context=replace(tx.context, actor=replace(tx.context.actor, kind="system")))
