"""Invitations and resets: once, for a time, and only in exchange for a good password."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from identity_world import PASSWORD, World

from fieldstone.engine.identity import (
    InvalidLink,
    TooManyAttempts,
    Unauthenticated,
    WeakPassword,
    context_for_session,
    issue_link,
    read_link,
    redeem_link,
    request_reset,
    sign_in,
)
from fieldstone.engine.identity.attempts import LIMITS
from fieldstone.engine.identity.links import LIFE
from fieldstone.engine.records import update

NOW = datetime.now(UTC)
NEW = "silver teapot 7"


def issue(office: World, user: str, purpose: str = "invite") -> str:
    with office.database.connection() as connection:
        return issue_link(connection, office.tenant, office.users[user], purpose, now=NOW)  # type: ignore[arg-type]


def test_an_invitation_gives_the_first_password(office: World) -> None:
    amy = office.add_user("amy", password=None)
    secret = issue(office, "amy")
    with office.database.connection() as connection:
        link = read_link(connection, office.tenant, secret)
        assert (link.person.id, link.purpose) == (amy, "invite")
    with pytest.raises(WeakPassword):
        redeem_link(office.database, office.tenant, secret, "short")
    assert redeem_link(office.database, office.tenant, secret, NEW) == amy
    assert sign_in(office.database, office.tenant, "amy", NEW).user_id == amy
    with pytest.raises(InvalidLink):
        redeem_link(office.database, office.tenant, secret, "another teapot 8")


@pytest.mark.parametrize("purpose", ["invite", "reset"])
def test_links_expire(office: World, purpose: str) -> None:
    if "ben" not in office.users:
        office.add_user("ben")
    secret = issue(office, "ben", purpose)
    late = NOW + LIFE[purpose]
    with office.database.connection() as connection:
        assert read_link(connection, office.tenant, secret, now=late - timedelta(seconds=1))
        with pytest.raises(InvalidLink):
            read_link(connection, office.tenant, secret, now=late)
    with pytest.raises(InvalidLink):
        redeem_link(office.database, office.tenant, secret, NEW, now=late)


def test_a_newer_link_makes_the_older_one_void(office: World) -> None:
    office.add_user("cara")
    old, new = issue(office, "cara", "reset"), issue(office, "cara", "reset")
    with office.database.connection() as connection:
        with pytest.raises(InvalidLink):
            read_link(connection, office.tenant, old)
        assert read_link(connection, office.tenant, new)


def test_a_reset_ends_open_sessions(office: World) -> None:
    office.add_user("dora")
    token = sign_in(office.database, office.tenant, "dora", PASSWORD).token
    redeem_link(office.database, office.tenant, issue(office, "dora", "reset"), NEW)
    with office.database.connection() as connection, pytest.raises(Unauthenticated):
        context_for_session(connection, office.tenant, token)


def test_two_clicks_at_once_use_a_link_once(office: World) -> None:
    office.add_user("emil")
    secret = issue(office, "emil", "reset")

    def click(n: int) -> bool:
        try:
            redeem_link(office.database, office.tenant, secret, f"silver teapot {n}")
        except InvalidLink:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(click, range(4))).count(True) == 1


def test_asking_for_a_reset_tells_nothing_and_is_limited(office: World) -> None:
    office.add_user("fay")
    with office.database.connection() as connection:
        found = request_reset(connection, office.tenant, "FAY@example.org", "203.0.113.1")
        assert found is not None
        assert found[0].email == "fay@example.org"
        assert request_reset(connection, office.tenant, "nobody", "203.0.113.1") is None
        for _ in range(LIMITS["both"] - 1):
            request_reset(connection, office.tenant, "nobody", "203.0.113.1")
        with pytest.raises(TooManyAttempts):
            request_reset(connection, office.tenant, "nobody", "203.0.113.1")


def test_a_disabled_user_s_link_is_void(office: World) -> None:
    gil = office.add_user("gil")
    secret = issue(office, "gil", "reset")
    office.engine.write(office.system(), lambda tx: update(tx, "user", gil, {"active": False}))
    with pytest.raises(InvalidLink):
        redeem_link(office.database, office.tenant, secret, NEW)


def test_a_link_is_bound_to_its_tenant(office: World, rival: World) -> None:
    office.add_user("hana")
    secret = issue(office, "hana", "reset")
    with pytest.raises(InvalidLink):
        redeem_link(rival.database, rival.tenant, secret, NEW)
