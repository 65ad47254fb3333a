from collections.abc import Iterator

import pytest
from approval_world import ApprovalWorld, approval_world


@pytest.fixture(scope="package")
def company(postgres_url: str) -> Iterator[ApprovalWorld]:
    with approval_world(postgres_url, "approvals") as built:
        yield built
