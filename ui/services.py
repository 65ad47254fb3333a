"""What the screens need of the composition root: the engine, the registry that finds tenants, and the way out.

A Protocol, so that the screens name exactly what they use; `platform/app` provides it.
"""

from typing import Protocol

from fieldstone.engine.egress import Egress
from fieldstone.engine.service import Engine
from fieldstone.engine.tenants.registry import TenantRegistry


class Services(Protocol):
    """What `register` is given."""

    @property
    def engine(self) -> Engine: ...

    @property
    def tenants(self) -> TenantRegistry: ...

    @property
    def egress(self) -> Egress: ...
