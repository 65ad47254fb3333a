"""Asking somebody who is signed in for the password once more, before something that deserves it."""

from fieldstone.engine.identity.attempts import count_attempt, forget_attempts
from fieldstone.engine.identity.passwords import verify
from fieldstone.engine.identity.people import person
from fieldstone.engine.transaction import Transaction
from fieldstone.problems import FieldstoneError, Problem


class PasswordWrong(FieldstoneError):
    """The password that should confirm something is not the actor's."""

    code = "password.wrong"
    kind = "invalid"


def confirm_password(tx: Transaction, password: str) -> bool:
    """True when it is the actor's password. Raises PasswordWrong and TooManyAttempts.

    On a connection of its own, since the tenant's role may not read credentials; call it before anything is locked.
    """
    user, tenant = tx.context.actor.id, tx.context.tenant
    with tx.engine.database.connection() as connection:
        found = person(connection, tenant, user) if user is not None else None
        if found is not None:
            count_attempt(connection, tenant, found.username, "confirm", tx.context.now)
    if found is None or not found.active or not verify(found.password_hash, password):
        message = "This is not your password."
        raise PasswordWrong(message, problems=[Problem("/password", "password.wrong", message)])
    with tx.engine.database.connection() as connection:
        forget_attempts(connection, tenant, found.username, "confirm")
    return True
