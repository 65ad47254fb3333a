"""What the API needs of the composition root. A Protocol, so that it names exactly what it uses."""

from typing import Protocol

from fieldstone.engine.service import Engine
from fieldstone.engine.tenants.registry import TenantRegistry


class Services(Protocol):
    """What `register` is given."""

    @property
    def engine(self) -> Engine: ...

    @property
    def tenants(self) -> TenantRegistry: ...
