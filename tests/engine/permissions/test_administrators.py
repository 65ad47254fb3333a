"""A tenant always keeps an active administrator, whoever does what at the same time."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier
from types import MappingProxyType
from uuid import UUID

import pytest
from identity_world import World, world

from fieldstone.engine.permissions import LastAdministrator, check_model
from fieldstone.engine.records import create, delete, update
from fieldstone.engine.transaction import Transaction
from fieldstone.metadata.definitions import Model, Role

RESET = """
UPDATE "{0}"."user" SET active = (username = 'admin'), deleted_at = NULL;
UPDATE "{0}".role_grant SET role = 'administrator', deleted_at = NULL WHERE id = '{1}';
UPDATE "{0}".role_grant SET deleted_at = now() WHERE id <> '{1}';
"""


@pytest.fixture(scope="module")
def company(postgres_url: str) -> Iterator[World]:
    with world(postgres_url, "lastadmin") as built:
        yield built


@pytest.fixture
def tenant(company: World) -> Iterator[World]:
    """A tenant with one active administrator, `admin`."""
    first = company.grant_of("admin")
    yield company
    with company.database.connection() as connection:
        connection.execute(RESET.format(company.tenant.schema, first))


def add_eve(tenant: World) -> UUID:
    """A second administrator."""
    name = f"eve{len(tenant.users)}"
    tenant.users["eve"] = tenant.add_user(name, ["administrator"], password=None)
    return tenant.users["eve"]


CHANGES = {
    "disabled": lambda tx, user, grant: update(tx, "user", user, {"active": False}),
    "deleted": lambda tx, user, grant: delete(tx, "user", user),
    "demoted": lambda tx, user, grant: update(tx, "role_grant", grant, {"role": "clerk"}),
    "deprived": lambda tx, user, grant: delete(tx, "role_grant", grant),
}


@pytest.mark.parametrize("how", CHANGES)
@pytest.mark.parametrize("by", ["admin", "system"])
def test_the_last_administrator_cannot_be(tenant: World, how: str, by: str) -> None:
    context = tenant.as_user("admin") if by == "admin" else tenant.system()
    grant = tenant.grant_of("admin")
    with pytest.raises(LastAdministrator) as raised:
        tenant.engine.write(context, lambda tx: CHANGES[how](tx, tenant.users["admin"], grant))
    assert (raised.value.code, raised.value.kind) == ("administrator.last", "refused")
    assert "administrator" in tenant.as_user("admin").actor.roles, "nothing was changed"
    add_eve(tenant)
    tenant.engine.write(context, lambda tx: CHANGES[how](tx, tenant.users["admin"], grant))


def test_a_disabled_administrator_does_not_count(tenant: World) -> None:
    eve = add_eve(tenant)
    tenant.engine.write(tenant.system(), lambda tx: update(tx, "user", eve, {"active": False}))
    with pytest.raises(LastAdministrator):
        tenant.engine.write(tenant.system(), lambda tx: delete(tx, "role_grant", tenant.grant_of("admin")))


def test_two_administrators_who_remove_each_other_at_once_do_not_both_succeed(tenant: World) -> None:
    add_eve(tenant)
    names = ("admin", "eve")
    for _ in range(5):
        start = Barrier(2)

        def remove(who: str, other: str, start: Barrier = start) -> bool:
            context = tenant.as_user(who)

            def work(tx: Transaction) -> None:
                update(tx, "user", tenant.users[other], {"active": False})
                tx.connection.flush()

            start.wait()
            try:
                tenant.engine.write(context, work)
            except LastAdministrator:
                return False
            return True

        with ThreadPoolExecutor(2) as pool:
            done = list(pool.map(remove, names, reversed(names)))
        assert done.count(True) == 1
        lost = names[1 - done.index(True)]
        tenant.engine.write(
            tenant.system(), lambda tx, u=lost: update(tx, "user", tenant.users[u], {"active": True})
        )


def test_other_changes_of_the_last_administrator_are_free(tenant: World) -> None:
    admin = tenant.users["admin"]
    tenant.engine.write(tenant.as_user("admin"), lambda tx: update(tx, "user", admin, {"name": "Ada"}))
    tenant.engine.write(
        tenant.system(), lambda tx: create(tx, "role_grant", {"user": str(admin), "role": "clerk"})
    )


def changed(model: Model, **roles: Role | None) -> Model:
    kept = {name: role for name, role in {**model.roles, **roles}.items() if role is not None}
    return replace(model, roles=MappingProxyType(kept))


def test_a_model_must_keep_a_working_administrator(tenant: World) -> None:
    model = tenant.engine.read(tenant.system(), lambda tx: tx.model)
    check_model(model)
    role = model.roles["administrator"]
    star = role.grants["*"]
    weak: dict[str, Role | None] = {
        "gone": None,
        "manages nothing": replace(role, manages=frozenset()),
        "reads only own": replace(
            role, grants=MappingProxyType({"*": replace(star, verbs={**star.verbs, "read": "own"})})
        ),
        "no right to grants": replace(
            role,
            grants=MappingProxyType({"*": star, "role_grant": replace(star, entity="role_grant", verbs={})}),
        ),
        "hidden field": replace(
            role,
            grants=MappingProxyType(
                {"*": star, "user": replace(star, entity="user", hidden=frozenset({"active"}))}
            ),
        ),
    }
    for administrator in weak.values():
        broken = changed(model, administrator=administrator)
        with pytest.raises(LastAdministrator):
            check_model(broken)
