from collections.abc import Iterator

import pytest
from record_world import RecordWorld, package, record_world
from stock_documents import DOCUMENTS


@pytest.fixture(scope="package")
def stock(postgres_url: str) -> Iterator[RecordWorld]:
    """Assets in places, with parts; the company counts in EUR and lives in Taipei."""
    company = {"currency": "EUR", "time_zone": "Asia/Taipei"}
    with record_world(postgres_url, "records", [package("stock", DOCUMENTS)], company=company) as built:
        built.add_user("clerk", "clerk")
        yield built
