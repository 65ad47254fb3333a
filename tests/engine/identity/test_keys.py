"""API keys, and the one statement that turns a key into a context."""

from datetime import UTC, datetime, timedelta

import pytest
from identity_world import World

from fieldstone.engine.identity import (
    Unauthenticated,
    context_for_key,
    context_for_user,
    create_key,
    list_keys,
    revoke_key,
)
from fieldstone.engine.identity.keys import UnknownKey
from fieldstone.engine.records import delete, update

NOW = datetime.now(UTC)


def key_of(office: World, user: str, **more: datetime) -> tuple[object, str]:
    with office.database.connection() as connection:
        return create_key(connection, office.tenant, office.users[user], "test", **more)  # type: ignore[arg-type]


def opens(office: World, key: str, **more: datetime) -> bool:
    with office.database.connection() as connection:
        try:
            context_for_key(connection, office.tenant, key, **more)  # type: ignore[arg-type]
        except Unauthenticated:
            return False
    return True


def test_a_key_brings_roles_teams_and_company_in_one_round_trip(office: World) -> None:
    user = office.add_user("nina", ["clerk", "chief"], "north", password=None)
    office.engine.write(
        office.system(), lambda tx: update(tx, "team", office.teams["south"], {"manager": str(user)})
    )
    _, key = key_of(office, "nina")
    assert key.startswith("fs_")
    assert opens(office, key)
    with office.database.connection() as connection:
        before = connection.round_trips
        context = context_for_key(connection, office.tenant, key, request_id="r-1")
        assert connection.round_trips - before == 1
    actor = context.actor
    assert (actor.id, actor.name, actor.kind) == (user, "Nina", "user")
    assert actor.roles == {"clerk", "chief"}
    assert actor.teams == {office.teams["north"], office.teams["south"]}, "the own team and those one manages"
    assert actor.teams_below == {office.teams[name] for name in ("north", "harbour", "south")}
    assert (actor.locale, context.locale, actor.time_zone) == ("en", "en", "UTC")
    assert (context.revision, context.request_id, context.company.name) == (1, "r-1", "office")


def test_own_language_wins_over_the_company_s(office: World) -> None:
    user = office.add_user("yuki", password=None)
    office.engine.write(
        office.system(), lambda tx: update(tx, "user", user, {"locale": "ja", "time_zone": "Asia/Tokyo"})
    )
    context = office.as_user("yuki")
    assert (context.locale, context.actor.time_zone) == ("ja", "Asia/Tokyo")


def test_a_key_is_listed_without_its_secret_and_revoked_at_once(office: World) -> None:
    user = office.add_user("ole", password=None)
    key_id, key = key_of(office, "ole")
    assert opens(office, key)
    with office.database.connection() as connection:
        (listed,) = list_keys(connection, office.tenant, user)
        assert (listed.id, listed.name, listed.revoked_at) == (key_id, "test", None)
        assert listed.last_used_at is not None
        assert key.endswith(listed.hint)
        assert key not in repr(listed)
        revoke_key(connection, office.tenant, listed.id)
        with pytest.raises(UnknownKey):
            revoke_key(connection, office.tenant, listed.id)
    assert not opens(office, key)


def test_last_use_is_noted_at_most_once_a_minute(office: World) -> None:
    user = office.add_user("pia", password=None)
    _, key = key_of(office, "pia")

    def used() -> datetime | None:
        with office.database.connection() as connection:
            return list_keys(connection, office.tenant, user)[0].last_used_at

    assert opens(office, key, now=NOW)
    assert used() == NOW
    assert opens(office, key, now=NOW + timedelta(seconds=59))
    assert used() == NOW
    assert opens(office, key, now=NOW + timedelta(seconds=61))
    assert used() == NOW + timedelta(seconds=61)


def test_an_expired_key_opens_nothing(office: World) -> None:
    office.add_user("quin", password=None)
    _, key = key_of(office, "quin", expires_at=NOW + timedelta(hours=1))
    assert opens(office, key, now=NOW)
    assert not opens(office, key, now=NOW + timedelta(hours=1))


def test_a_disabled_or_deleted_user_s_key_stops_at_once(office: World) -> None:
    user = office.add_user("sven", password=None)
    _, key = key_of(office, "sven")
    office.engine.write(office.system(), lambda tx: update(tx, "user", user, {"active": False}))
    assert not opens(office, key)
    with office.database.connection() as connection, pytest.raises(Unauthenticated):
        context_for_user(connection, office.tenant, user)
    office.engine.write(office.system(), lambda tx: update(tx, "user", user, {"active": True}))
    assert opens(office, key)
    office.engine.write(office.system(), lambda tx: delete(tx, "user", user))
    assert not opens(office, key)


def test_a_role_taken_away_is_gone_at_the_next_request(office: World) -> None:
    office.add_user("tom", ["clerk"], password=None)
    grant = office.grant_of("tom", "clerk")
    assert office.as_user("tom").actor.roles == {"clerk"}
    office.engine.write(office.system(), lambda tx: delete(tx, "role_grant", grant))
    assert office.as_user("tom").actor.roles == frozenset()


def test_a_key_is_bound_to_its_tenant(office: World, rival: World) -> None:
    office.add_user("uwe", password=None)
    _, key = key_of(office, "uwe")
    assert opens(office, key)
    assert not opens(rival, key)


@pytest.mark.parametrize("key", ["", "fs_", "fs_" + "a" * 43, "' OR true", "\x00", "\udcff", "x" * 100_000])
def test_forged_keys_open_nothing(office: World, key: str) -> None:
    assert not opens(office, key)
