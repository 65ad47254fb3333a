"""A host that belongs to a tenant: its API stands at /api/v1 there, and nowhere else."""

from collections.abc import Iterator

import pytest
from api_world import ApiWorld, api_world, problem

from fieldstone.engine.tenants.hosts import HostName, HostTaken, map_host
from fieldstone.engine.tenants.registry import TenantRegistry, UnknownTenant, find_host

HOST = "records.example.org"


@pytest.fixture(scope="module")
def world(postgres_url: str) -> Iterator[ApiWorld]:
    with api_world(postgres_url, "hosted") as built:
        mapped(built, HOST)
        yield built


def mapped(api: ApiWorld, host: str | None, name: str = "hosted") -> str | None:
    with api.services.engine.database.connection() as connection:
        found = map_host(connection, name, host)
    api.services.tenants = TenantRegistry()
    return found


def at(
    api: ApiWorld, path: str, method: str = "GET", host: str = HOST, who: str | None = "admin", **more: object
):  # type: ignore[no-untyped-def]
    headers = {"Authorization": f"Bearer {api.keys[who]}"} if who else {}
    return api.app.test_client().open(path, method=method, base_url=f"http://{host}", headers=headers, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("host", [HOST, f"{HOST}:8000", HOST.upper()])
def test_a_host_of_its_own_needs_no_name_in_the_address(world: ApiWorld, host: str) -> None:
    assert at(world, "/api/v1/me", host=host).get_json()["tenant"] == "hosted"


def test_records_are_written_and_found_at_the_host(world: ApiWorld) -> None:
    made = at(world, "/api/v1/asset", "POST", json={"label": "Hosted"})
    assert made.status_code == 201
    where = made.headers["Location"]
    assert where == f"/api/v1/asset/{made.get_json()['id']}"
    assert at(world, where).get_json()["label"] == "Hosted"
    assert world.get(f"/asset/{made.get_json()['id']}").get_json()["label"] == "Hosted"
    assert at(world, "/api/v1/openapi.json").get_json()["servers"] == [{"url": "/api/v1"}]


def test_at_the_host_a_credential_is_needed_and_elsewhere_there_is_nothing(world: ApiWorld) -> None:
    assert problem(at(world, "/api/v1/me", who=None), 401)
    for host in ("localhost", "other.example.org", f"x{HOST}", "bad_host", "[::1]"):
        assert problem(at(world, "/api/v1/me", host=host), 404)["code"] == "address.unknown", host
        assert problem(at(world, "/api/v1/me", host=host, who=None), 404)["code"] == "address.unknown"
    assert problem(at(world, "/api/v1/nosuch/at/all/x"), 404)


def test_the_address_with_the_name_stays(world: ApiWorld) -> None:
    assert at(world, "/t/hosted/api/v1/me").get_json()["tenant"] == "hosted"


def test_a_key_of_another_tenant_opens_nothing_at_the_host(world: ApiWorld, api: ApiWorld) -> None:
    headers = {"Authorization": f"Bearer {api.keys['admin']}"}
    answer = world.app.test_client().get("/api/v1/me", base_url=f"http://{HOST}", headers=headers)
    problem(answer, 401)


def test_a_host_belongs_to_one_tenant(world: ApiWorld, api: ApiWorld) -> None:
    with pytest.raises(HostTaken):
        mapped(api, HOST, api.made.tenant.name)
    with pytest.raises(UnknownTenant):
        mapped(world, "elsewhere.example.org", "nosuch")


@pytest.mark.parametrize(
    "host", ["", "a b", "-x.org", "x..org", "http://x.org", "x.org:80", "x" * 64 + ".org", "例.org"]
)
def test_only_host_names_are_hosts(world: ApiWorld, host: str) -> None:
    with pytest.raises(HostName):
        mapped(world, host)


def test_a_host_is_given_and_taken_away(world: ApiWorld) -> None:
    assert mapped(world, "Second.Example.ORG.") == "second.example.org"
    with world.services.engine.database.connection() as connection:
        assert find_host(connection, HOST) is None
    assert at(world, "/api/v1/me", host="second.example.org").status_code == 200
    assert mapped(world, None) is None
    assert at(world, "/api/v1/me", host="second.example.org").status_code == 404
    mapped(world, HOST)
