"""One tenant with automations for all tests here."""

from collections.abc import Iterator

import pytest
from automation_documents import DOCUMENTS
from automation_world import Works
from record_world import package, record_world

from fieldstone.workflows import approvals
from fieldstone.workflows.automations import Automations, Ports, outside


@pytest.fixture(scope="package")
def works(postgres_url: str) -> Iterator[Works]:
    company = {"currency": "EUR", "time_zone": "Asia/Taipei"}
    with record_world(postgres_url, "automations", [package("works", DOCUMENTS)], company=company) as built:
        built.engine.submit = approvals.submit
        built.engine.followers = (
            Automations(Ports(notify=outside.notify, email=outside.email, webhook=outside.webhook)),
        )
        built.add_user("anna", "clerk")
        built.add_user("ben", "clerk")
        built.add_user("hal", "helper")
        yield Works(built.engine, built.tenant, built.users)
