"""What the screens need of the composition root: the engine and the functions that know who is asking.

A Protocol, so that the screens name exactly what they use; `platform/app` provides it.
"""

from dataclasses import dataclass
from typing import Protocol

from fieldstone.engine.context import Actor, Company, Tenant
from fieldstone.engine.service import Engine


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in visitor: who, with which right to change things from this browser, at which revision."""

    actor: Actor
    csrf_token: str
    revision: int
    company: Company
    title: str = ""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A new session: the value of its cookie, and the token that changing requests must carry."""

    cookie: str
    csrf_token: str
    max_age: int | None = None


class Identity(Protocol):
    """Who is asking. Unknown tenant, unknown user and wrong password are one and the same refusal."""

    def tenant(self, name: str) -> Tenant | None:
        """The tenant of this name."""

    def sign_in(self, tenant: Tenant | None, username: str, password: str, *, address: str) -> SignedIn:
        """A session for a correct user name and password; FieldstoneError (unauthenticated, limited) otherwise."""

    def session(self, tenant: Tenant, cookie: str) -> Session | None:
        """The session that a cookie stands for, while it lasts."""

    def sign_out(self, tenant: Tenant, cookie: str) -> None:
        """End the session."""


class Services(Protocol):
    """What `register` is given."""

    @property
    def engine(self) -> Engine: ...

    @property
    def identity(self) -> Identity: ...
