"""Who somebody is: passwords, sessions, API keys, invitations, and the context that each of them opens.

Secrets are random and stored only as SHA-256 hashes, passwords as Argon2id; both lie in the control schema,
which a tenant's database role cannot read. They are therefore looked up before that role is taken, in one
statement that also brings the actor's roles and teams and the tenant's revision: a request starts with one
round trip.

May import: engine.storage, engine.context, engine.permissions, engine.transaction. Public names are those
below.
"""

from fieldstone.engine.identity.actors import SignedIn, context_for_key, context_for_session, context_for_user
from fieldstone.engine.identity.attempts import TooManyAttempts
from fieldstone.engine.identity.audit_log import AuditEntry, audit, audit_outside, entries
from fieldstone.engine.identity.authority import require_authority
from fieldstone.engine.identity.errors import InvalidLink, Unauthenticated, UnknownUser
from fieldstone.engine.identity.guard import IdentityGuard
from fieldstone.engine.identity.keys import ApiKey, create_key, list_keys, revoke_key
from fieldstone.engine.identity.links import Link, issue_link, read_link, redeem_link, request_reset
from fieldstone.engine.identity.passwords import WeakPassword, new_password, password_problems
from fieldstone.engine.identity.people import Person, find_person, person
from fieldstone.engine.identity.sessions import (
    Session,
    SignIn,
    change_password,
    csrf_matches,
    end_sessions,
    list_sessions,
    revoke_session,
    set_password,
    sign_in,
    sign_out,
)

__all__ = [
    "ApiKey", "AuditEntry", "IdentityGuard", "InvalidLink", "Link", "Person", "Session", "SignIn",
    "SignedIn", "TooManyAttempts", "Unauthenticated", "UnknownUser", "WeakPassword", "audit",
    "audit_outside", "change_password", "context_for_key", "context_for_session", "context_for_user",
    "create_key", "csrf_matches", "end_sessions", "entries", "find_person", "issue_link", "list_keys",
    "list_sessions", "new_password", "password_problems", "person", "read_link", "redeem_link",
    "request_reset", "require_authority", "revoke_key", "revoke_session", "set_password", "sign_in",
    "sign_out",
]  # fmt: skip
