"""`fieldstone user` and `fieldstone apikey`, on a real tenant."""

import json
from collections.abc import Callable

import pytest
from identity_world import World

from fieldstone.cli.command_line import main
from fieldstone.engine.identity import Unauthenticated, context_for_key, sign_in
from fieldstone.engine.storage.connection import text_plan

Run = Callable[..., tuple[int, str, str]]


def opens(shop: World, key: str) -> bool:
    with shop.database.connection() as connection:
        try:
            context_for_key(connection, shop.tenant, key)
        except Unauthenticated:
            return False
    return True


def test_apikey_create_prints_only_the_key_and_revoke_ends_it(run: Run, shop: World) -> None:
    for word in ("the key", "its id"):
        code, out, err = run("apikey", "create", "--user", "admin")
        assert (code, err) == (0, "")
        key = out.removesuffix("\n")
        assert key.startswith("fs_")
        assert key.split() == [key]
        assert opens(shop, key)
        listed = json.loads(run("apikey", "list", "--json")[1])
        assert [each["username"] for each in listed] == ["admin"]
        assert key not in str(listed)
        assert run("apikey", "revoke", key if word == "the key" else listed[0]["id"])[0] == 0
        assert not opens(shop, key)
        assert run("apikey", "revoke", key)[0] == 1
    assert run("apikey", "list")[1] == ""


@pytest.mark.parametrize("key", ["fs_nothing", "nonsense", "0d1f4f6e-8f43-7d3e-9d7a-5f1d2c3b4a59"])
def test_revoking_an_unknown_key_is_refused(run: Run, key: str) -> None:
    code, out, err = run("apikey", "revoke", key)
    assert (code, out) == (1, "")
    assert "no such key" in err


def test_a_user_is_created_listed_and_signs_in_with_the_printed_password(run: Run, shop: World) -> None:
    code, out, err = run(
        "user", "create", "--user", "ida", "--name", "Ida Lund", "--email", "ida@example.org",
        "--team", "north", "--role", "clerk", "--role", "chief", "--json",
    )  # fmt: skip
    assert code == 0, err
    made = json.loads(out)
    signed_in = sign_in(shop.database, shop.tenant, "ida", made["password"])
    assert str(signed_in.user_id) == made["id"]
    assert signed_in.must_change
    assert "ida\tIda Lund\tnorth\tchief,clerk" in run("user", "list")[1].splitlines()
    rows = json.loads(run("user", "list", "--json")[1])
    assert {"username": "ida", "team": "north", "roles": ["chief", "clerk"], "active": True}.items() <= next(
        row for row in rows if row["username"] == "ida"
    ).items()


def test_a_password_can_be_given_on_standard_input(run: Run, shop: World) -> None:
    code, out, _ = run("user", "create", "--user", "jo", "--password-stdin", stdin="brass lantern 5\n")
    assert (code, out) == (0, "user jo\n")
    assert not sign_in(shop.database, shop.tenant, "jo", "brass lantern 5").must_change


@pytest.mark.parametrize(
    ("words", "stdin", "said"),
    [
        pytest.param(["--user", "admin"], "", "already in use", id="taken name"),
        pytest.param(["--user", "kim", "--role", "clark"], "", 'did you mean "clerk"', id="unknown role"),
        pytest.param(["--user", "kim", "--team", "nord"], "", 'did you mean "north"', id="unknown team"),
        pytest.param(["--user", "kim", "--password-stdin"], "short\n", "at least", id="weak password"),
        pytest.param(["--user", "kim", "--email", "kim"], "", "mail", id="no e-mail address"),
    ],
)
def test_a_refused_user_leaves_nothing_behind(run: Run, words: list[str], stdin: str, said: str) -> None:
    before = run("user", "list")[1]
    code, out, err = run("user", "create", *words, stdin=stdin)
    assert (code, out) == (1, "")
    assert said in err
    assert run("user", "list")[1] == before


def test_roles_are_given_and_taken(run: Run) -> None:
    run("user", "create", "--user", "lou")
    assert run("user", "grant", "--user", "lou", "--role", "clerk")[:2] == (0, "user lou: clerk\n")
    assert run("user", "grant", "--user", "LOU", "--role", "clerk")[:2] == (0, "user lou: clerk\n")
    assert run("user", "grant", "--user", "lou", "--role", "clerk", "--remove")[:2] == (
        0,
        "user lou: no role\n",
    )
    code, _, err = run("user", "grant", "--user", "lou", "--role", "clerk", "--remove")
    assert (code, "does not have" in err) == (1, True)
    code, _, err = run("user", "grant", "--user", "lu", "--role", "clerk")
    assert (code, 'did you mean "lou"' in err) == (1, True)
    assert run("user", "grant", "--user", "lou", "--role", "clerk", "--repair")[0] == 2


def test_disable_stops_keys_and_enable_lets_them_work_again(run: Run, shop: World) -> None:
    run("user", "create", "--user", "max")
    key = run("apikey", "create", "--user", "max")[1].strip()
    assert opens(shop, key)
    assert run("user", "disable", "--user", "max")[0] == 0
    assert not opens(shop, key)
    assert run("user", "enable", "--user", "max")[0] == 0
    assert opens(shop, key)


def test_the_last_administrator_is_safe_from_the_command_line_too(run: Run) -> None:
    for words in (
        ["disable", "--user", "admin"],
        ["grant", "--user", "admin", "--role", "administrator", "--remove"],
    ):
        code, _, err = run("user", *words)
        assert (code, "Nobody could administer" in err) == (1, True)


@pytest.mark.parametrize("damage", ["active = false", "deleted_at = now()"])
def test_repair_opens_a_locked_tenant(run: Run, shop: World, damage: str) -> None:
    schema = shop.tenant.schema
    with shop.database.connection() as connection:
        connection.fetch(text_plan(f'UPDATE "{schema}"."user" SET {damage} WHERE username = \'admin\''))
        connection.fetch(
            text_plan(f"UPDATE \"{schema}\".role_grant SET deleted_at = now() WHERE role = 'administrator'")
        )
    code, out, err = run("user", "grant", "--user", "admin", "--role", "administrator", "--repair", "--json")
    assert code == 0, err
    signed_in = sign_in(shop.database, shop.tenant, "admin", json.loads(out)["password"])
    assert signed_in.must_change
    assert shop.as_user("admin").actor.roles == {"administrator"}


def test_an_unknown_tenant_is_refused(run: Run) -> None:
    assert main(["user", "list", "--tenant", "nowhere"]) == 1
