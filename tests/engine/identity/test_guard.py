"""Deciding about people is no way to rights that one lacks; what was decided stands in the audit log."""

from dataclasses import replace

import pytest
from identity_world import World

from fieldstone.engine.identity import entries, require_authority
from fieldstone.engine.permissions import Denied
from fieldstone.engine.records import create, delete, update
from fieldstone.problems import FieldstoneError


@pytest.fixture(scope="module")
def staffed(office: World) -> World:
    office.add_user("hr", ["people_manager"], password=None)
    office.add_user("jim", ["clerk"], password=None)
    return office


def test_who_manages_users_gives_and_takes_ordinary_roles(staffed: World) -> None:
    jim, hr = staffed.users["jim"], staffed.as_user("hr")
    made = staffed.engine.write(hr, lambda tx: create(tx, "role_grant", {"user": str(jim), "role": "chief"}))
    assert staffed.as_user("jim").actor.roles == {"clerk", "chief"}
    staffed.engine.write(hr, lambda tx: delete(tx, "role_grant", made["id"]))
    log = staffed.engine.read(staffed.system(), lambda tx: entries(tx, limit=2))
    assert [(each.event, each.subject, each.data["role"], each.actor) for each in log] == [
        ("role.taken", f"user/{jim}", "chief", staffed.users["hr"]),
        ("role.granted", f"user/{jim}", "chief", staffed.users["hr"]),
    ]


@pytest.mark.parametrize("user", ["hr", "jim", "admin"])
def test_who_manages_users_only_cannot_make_or_unmake_an_administrator(staffed: World, user: str) -> None:
    hr, target = staffed.as_user("hr"), staffed.users[user]
    with pytest.raises(Denied) as raised:
        staffed.engine.write(
            hr, lambda tx: create(tx, "role_grant", {"user": str(target), "role": "administrator"})
        )
    assert raised.value.code == "role.beyond"
    grant = staffed.grant_of("admin")
    with pytest.raises(Denied):
        staffed.engine.write(hr, lambda tx: delete(tx, "role_grant", grant))
    with pytest.raises(Denied):
        staffed.engine.write(hr, lambda tx: update(tx, "role_grant", grant, {"role": "clerk"}))


@pytest.mark.parametrize("change", [{"email": "hr@example.org"}, {"username": "boss"}, {"active": False}])
def test_nor_take_over_an_administrator_s_sign_in(staffed: World, change: dict[str, object]) -> None:
    hr = staffed.as_user("hr")
    with pytest.raises(Denied) as raised:
        staffed.engine.write(hr, lambda tx: update(tx, "user", staffed.users["admin"], change))
    assert raised.value.code == "user.beyond"
    with pytest.raises(Denied):
        staffed.engine.read(hr, lambda tx: require_authority(tx, staffed.users["admin"]))
    staffed.engine.read(hr, lambda tx: require_authority(tx, staffed.users["jim"]))


@pytest.mark.parametrize("change", [{"email": "me@example.org"}, {"username": "jimmy"}, {"active": False}])
def test_an_automation_changes_nobody_s_sign_in(staffed: World, change: dict[str, object]) -> None:
    """Its rights are the platform's, so who designs it could become anybody."""
    jim = staffed.users["jim"]
    with pytest.raises(Denied):
        staffed.engine.write(
            staffed.system(), lambda tx: update(replace(tx, cause="automation"), "user", jim, change)
        )


def test_nor_does_it_give_or_take_a_role(staffed: World) -> None:
    body, grant = {"user": str(staffed.users["jim"]), "role": "chief"}, staffed.grant_of("admin")
    for work in (
        lambda tx: create(replace(tx, cause="automation"), "role_grant", body),
        lambda tx: delete(replace(tx, cause="automation"), "role_grant", grant),
    ):
        with pytest.raises(Denied):
            staffed.engine.write(staffed.system(), work)


def test_one_has_authority_over_oneself_only(staffed: World) -> None:
    jim = staffed.as_user("jim")
    staffed.engine.read(jim, lambda tx: require_authority(tx, staffed.users["jim"]))
    with pytest.raises(Denied):
        staffed.engine.read(jim, lambda tx: require_authority(tx, staffed.users["hr"]))


def test_a_role_that_is_not_defined_cannot_be_given(staffed: World) -> None:
    jim = str(staffed.users["jim"])
    with pytest.raises(FieldstoneError, match='did you mean "clerk"') as raised:
        staffed.engine.write(
            staffed.system(), lambda tx: create(tx, "role_grant", {"user": jim, "role": "clark"})
        )
    assert raised.value.code == "role.unknown"
    assert raised.value.problems[0].path == "/role"


def test_user_names_differ_in_more_than_case(staffed: World) -> None:
    with pytest.raises(FieldstoneError) as raised:
        staffed.engine.write(
            staffed.system(), lambda tx: create(tx, "user", {"username": "JIM", "name": "Jim the other"})
        )
    assert raised.value.problems[0].path == "/username"
    staffed.engine.write(
        staffed.system(), lambda tx: update(tx, "user", staffed.users["jim"], {"username": "Jim"})
    )
