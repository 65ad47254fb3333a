"""What the screens need of the composition root: the engine, and the registry that finds tenants.

A Protocol, so that the screens name exactly what they use; `platform/app` provides it.
"""

from typing import Protocol

from fieldstone.engine.service import Engine
from fieldstone.engine.tenants.registry import TenantRegistry


class Services(Protocol):
    """What `register` is given."""

    @property
    def engine(self) -> Engine: ...

    @property
    def tenants(self) -> TenantRegistry: ...
