"""Signing in: the right person gets in, everybody else gets one and the same answer."""

from datetime import UTC, datetime, timedelta

import pytest
from identity_world import PASSWORD, World

from fieldstone.engine.identity import (
    TooManyAttempts,
    Unauthenticated,
    WeakPassword,
    change_password,
    context_for_session,
    csrf_matches,
    end_sessions,
    list_sessions,
    revoke_session,
    set_password,
    sign_in,
    sign_out,
)
from fieldstone.engine.identity.actors import IDLE
from fieldstone.engine.identity.attempts import LIMITS, WINDOW
from fieldstone.engine.identity.sessions import ABSOLUTE, SignIn, UnknownSession, sweep_sessions
from fieldstone.engine.records import update
from fieldstone.engine.storage import control
from fieldstone.engine.storage.connection import text_plan

NOW = datetime.now(UTC)


def enter(
    office: World, user: str, password: str = PASSWORD, address: str = "203.0.113.9", **more: object
) -> SignIn:
    return sign_in(office.database, office.tenant, user, password, address, "browser", **more)  # type: ignore[arg-type]


def who(office: World, token: str, now: datetime | None = None) -> str:
    with office.database.connection() as connection:
        return context_for_session(connection, office.tenant, token, now=now).context.actor.name


def test_the_password_of_a_new_tenant_opens_it(office: World) -> None:
    signed_in = enter(office, "admin", office.admin_password)
    with office.database.connection() as connection:
        opened = context_for_session(connection, office.tenant, signed_in.token)
    assert opened.context.actor.id == office.users["admin"] == signed_in.user_id
    assert opened.context.actor.roles == {"administrator"}
    assert opened.context.revision == 1
    assert opened.csrf == signed_in.csrf
    assert not opened.must_change


@pytest.mark.parametrize("name", ["Mia", "MIA", "mia", "mia@example.org", "Mia@Example.ORG"])
def test_user_name_or_address_in_any_case(office: World, name: str) -> None:
    if "mia" not in office.users:
        office.add_user("mia")
    assert enter(office, name, address=name).user_id == office.users["mia"]


def test_every_failure_sounds_the_same(office: World) -> None:
    office.add_user("vera")
    office.add_user("wim", password=None)
    asleep = office.add_user("zoe")
    office.engine.write(office.system(), lambda tx: update(tx, "user", asleep, {"active": False}))
    answers = set()
    for user, password in [
        ("vera", "wrong"), ("nobody-here", PASSWORD), ("wim", ""), ("wim", PASSWORD), ("zoe", PASSWORD),
        ("", ""), ("vera' OR true --", "x"), ("v\udce4ra", "\udce4"), ("%", PASSWORD),
    ]:  # fmt: skip
        with pytest.raises(Unauthenticated) as raised:
            enter(office, user, password, address=f"a/{user!r}")
        answers.add((raised.value.message, raised.value.code, raised.value.kind, str(raised.value.data)))
    assert len(answers) == 1


def test_the_token_is_stored_only_as_a_hash(office: World) -> None:
    token = enter(office, "admin", office.admin_password).token
    with office.database.connection() as connection:
        rows = connection.fetch(text_plan(f"SELECT to_jsonb(s)::text FROM {control.CONTROL}.session s"))
    assert not any(token[4:] in row[0] for row in rows)


def test_a_new_sign_in_ends_the_session_that_the_browser_sent(office: World) -> None:
    office.add_user("rolf")
    first = enter(office, "rolf").token
    second = enter(office, "rolf", replaces=first).token
    assert first != second
    with pytest.raises(Unauthenticated):
        who(office, first)
    assert who(office, second) == "Rolf"


def test_sessions_end_by_sign_out_idleness_and_age(office: World) -> None:
    office.add_user("otto")
    token = enter(office, "otto", now=NOW).token
    assert who(office, token, NOW + IDLE - timedelta(seconds=1)) == "Otto"
    step = IDLE - timedelta(minutes=2)
    with pytest.raises(Unauthenticated):
        who(office, token, NOW + IDLE - timedelta(seconds=1) + IDLE)
    at = NOW + IDLE
    while at < NOW + ABSOLUTE:
        assert who(office, token, at) == "Otto", "use keeps it open"
        at += step
    with pytest.raises(Unauthenticated):
        who(office, token, NOW + ABSOLUTE)
    other = enter(office, "otto").token
    with office.database.connection() as connection:
        sign_out(connection, office.tenant, other)
        sign_out(connection, office.tenant, other)
        sweep_sessions(connection, NOW + 2 * ABSOLUTE)
    with pytest.raises(Unauthenticated):
        who(office, other)


@pytest.mark.parametrize("token", ["", "x", "fss_" + "a" * 43, "\x00", "\udcff"])
def test_forged_tokens_open_nothing(office: World, token: str) -> None:
    with pytest.raises(Unauthenticated):
        who(office, token)


def test_sessions_are_listed_and_revoked(office: World) -> None:
    iris = office.add_user("iris")
    here, there = enter(office, "iris", address="192.0.2.1"), enter(office, "iris", address="192.0.2.2")
    with office.database.connection() as connection:
        listed = list_sessions(connection, office.tenant, iris)
        assert {(each.id, each.address, each.agent) for each in listed} == {
            (here.session, "192.0.2.1", "browser"),
            (there.session, "192.0.2.2", "browser"),
        }
        with pytest.raises(UnknownSession):
            revoke_session(connection, office.tenant, office.users["admin"], here.session)
        revoke_session(connection, office.tenant, iris, here.session)
    with pytest.raises(Unauthenticated):
        who(office, here.token)
    assert who(office, there.token) == "Iris"
    with office.database.connection() as connection:
        assert end_sessions(connection, office.tenant, iris) == 1


def test_disabling_a_user_ends_sessions_for_good(office: World) -> None:
    kai = office.add_user("kai")
    token = enter(office, "kai").token
    office.engine.write(office.system(), lambda tx: update(tx, "user", kai, {"active": False}))
    with pytest.raises(Unauthenticated):
        who(office, token)
    office.engine.write(office.system(), lambda tx: update(tx, "user", kai, {"active": True}))
    with pytest.raises(Unauthenticated):
        who(office, token)
    assert who(office, enter(office, "kai").token) == "Kai"


def test_a_new_password_ends_all_other_sessions(office: World) -> None:
    lea = office.add_user("lea")
    old = enter(office, "lea").token
    renewed = change_password(office.database, office.tenant, lea, PASSWORD, "silver teapot 7")
    with pytest.raises(Unauthenticated):
        who(office, old)
    assert who(office, renewed.token) == "Lea"
    with pytest.raises(Unauthenticated):
        enter(office, "lea")
    assert enter(office, "lea", "silver teapot 7")


@pytest.mark.parametrize(
    ("old", "new", "error"),
    [
        ("wrong", "silver teapot 7", Unauthenticated),
        (PASSWORD, "short", WeakPassword),
        (PASSWORD, PASSWORD, WeakPassword),
        (PASSWORD, "hello-gustav-1", WeakPassword),
    ],
)
def test_a_password_that_may_not_be_taken(office: World, old: str, new: str, error: type[Exception]) -> None:
    if "gustav" not in office.users:
        office.add_user("gustav")
    with pytest.raises(error):
        change_password(office.database, office.tenant, office.users["gustav"], old, new)
    assert enter(office, "gustav")


def test_a_password_given_by_somebody_else_must_be_changed(office: World) -> None:
    finn = office.add_user("finn")
    with office.database.connection() as connection:
        set_password(connection, office.tenant, finn, "given to finch 1", must_change=True)
        signed_in = enter(office, "finn", "given to finch 1")
        assert signed_in.must_change
        assert context_for_session(connection, office.tenant, signed_in.token).must_change
        renewed = change_password(office.database, office.tenant, finn, "given to finch 1", "silver teapot 7")
        assert not context_for_session(connection, office.tenant, renewed.token).must_change


def test_guessing_one_account_is_limited(office: World) -> None:
    office.add_user("paul")
    for _ in range(LIMITS["both"]):
        with pytest.raises(Unauthenticated):
            enter(office, "paul", "guess", address="198.51.100.1", now=NOW)
    with pytest.raises(TooManyAttempts) as raised:
        enter(office, "Paul ", PASSWORD, address="198.51.100.1", now=NOW + timedelta(minutes=5))
    assert raised.value.kind == "limited"
    assert raised.value.data["retry_after"] == 600
    assert enter(office, "paul", address="198.51.100.2", now=NOW), "from elsewhere the person still gets in"
    assert enter(office, "paul", address="198.51.100.1", now=NOW + WINDOW + timedelta(seconds=1))


def test_accounts_that_do_not_exist_are_limited_alike(office: World) -> None:
    for _ in range(LIMITS["both"]):
        with pytest.raises(Unauthenticated):
            enter(office, "ghost", "guess", address="198.51.100.3")
    with pytest.raises(TooManyAttempts):
        enter(office, "ghost", "guess", address="198.51.100.3")


def test_trying_many_accounts_from_one_address_is_limited(office: World) -> None:
    from fieldstone.engine.identity.attempts import count_attempt

    with office.database.connection() as connection:
        for n in range(LIMITS["address"]):
            count_attempt(connection, office.tenant, f"account {n}", "198.51.100.4")
    with pytest.raises(TooManyAttempts):
        enter(office, "admin", office.admin_password, address="198.51.100.4")


def test_success_gives_attempts_back(office: World) -> None:
    office.add_user("ruth")
    for _ in range(3):
        for _ in range(LIMITS["both"] - 1):
            with pytest.raises(Unauthenticated):
                enter(office, "ruth", "guess", address="198.51.100.5")
        assert enter(office, "ruth", address="198.51.100.5")


def test_csrf_tokens_are_compared_whole() -> None:
    assert csrf_matches("abc", "abc")
    for sent in ("abd", "ab", "", None, "\udcff"):
        assert not csrf_matches("abc", sent)
    assert not csrf_matches("", "")


def test_a_session_is_bound_to_its_tenant(office: World, rival: World) -> None:
    token = enter(office, "admin", office.admin_password).token
    with rival.database.connection() as connection, pytest.raises(Unauthenticated):
        context_for_session(connection, rival.tenant, token)
